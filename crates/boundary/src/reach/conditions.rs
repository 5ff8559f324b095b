//! What an allowed request hangs on, beside who makes it, what it does and where it comes from.
//!
//! Found by trying: each key of the request is taken away or given another value, and the request
//! is decided again. If that changes the answer, the key is a condition. So the list holds what
//! decides and nothing that policies merely mention.

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::gather::Thing;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_authz::witness::{Request, replay};
use cofferdam_catalog::KeyType;
use cofferdam_logic::Model;
use cofferdam_names::ContextKey;

use super::Asking;
use crate::cast::known_as;
use crate::path::{HopInfo, Path};

/// Keys that say who asks or where a request comes from, which stand in columns of their own.
const TOLD_ELSEWHERE: [&str; 9] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:userid",
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// How many reasons for doubt are told; a request that hangs on more is said to hang on the first.
const REASONS_MAX: usize = 2;

/// The conditions of the data path of a model, in words and in a stable order.
pub(super) fn conditions(asking: &Asking<'_, '_>, model: &Model<'_>) -> Vec<String> {
    let mut words = Vec::new();
    for hop in asking.path.hops.iter().filter(|hop| model.holds(hop.taken)) {
        let Some(request) = asking.path.query.request(hop.number, model) else {
            continue;
        };
        let is_asked = hop.number == asking.data.data.hop;
        if matches!(hop.thing, Thing::Role(_)) && !is_asked {
            words.push(format!("{} sets the session's tags", known_as(hop.party)));
            continue;
        }
        let tried = Tried::of(&asking.path, hop, request);
        words.extend(tried.keys());
        if is_asked {
            words.extend(tried.resource(&asking.group.wanted));
            words.extend(tried.caller());
        }
        words.extend(tried.doubts());
    }
    let mut seen = std::collections::BTreeSet::new();
    words.retain(|word| seen.insert(word.clone()));
    words
}

/// One request of the path, with what was decided.
struct Tried<'t, 'a> {
    path: &'t Path<'a>,
    hop: &'t HopInfo<'a>,
    request: Request,
    rank: u8,
}

impl<'t, 'a> Tried<'t, 'a> {
    fn of(path: &'t Path<'a>, hop: &'t HopInfo<'a>, request: Request) -> Tried<'t, 'a> {
        let mut tried = Tried {
            path,
            hop,
            request,
            rank: 0,
        };
        tried.rank = tried.rank_of(&tried.request);
        tried
    }

    fn rank_of(&self, request: &Request) -> u8 {
        match replay(self.path.org, request, self.hop.thing, self.hop.party).outcome {
            Outcome::Allowed => 2,
            Outcome::Undecided => 1,
            Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied => 0,
        }
    }

    fn worse(&self, change: impl FnOnce(&mut Request)) -> bool {
        let mut changed = self.request.clone();
        change(&mut changed);
        self.rank_of(&changed) < self.rank
    }

    fn keys(&self) -> Vec<String> {
        let open = self.path.query.open_keys(self.hop.number, "");
        let told = |key: &ContextKey| TOLD_ELSEWHERE.contains(&key.folded());
        let stated = self.request.context.iter().filter(|(key, _)| !told(key));
        stated
            .filter_map(|(key, values)| self.key(key, values, open.contains(key)))
            .collect()
    }

    fn key(&self, key: &ContextKey, values: &[Box<str>], is_open: bool) -> Option<String> {
        let name = key.to_string();
        let kind = cofferdam_catalog::key(&name).map_or(KeyType::Text, |key| key.kind);
        let value = values.first().map(|value| &**value).unwrap_or_default();
        let others = others(kind, value, is_open);
        let put = |other: &&str| {
            self.worse(|request| {
                request.context.insert(key.clone(), vec![(*other).into()]);
            })
        };
        let optional = matches!(kind, KeyType::Text | KeyType::Arn | KeyType::Binary);
        let gone = optional
            && self.worse(|request| {
                request.context.remove(key);
            });
        let hangs = gone || others.iter().any(put);
        let word = if kind == KeyType::Bool {
            "is"
        } else {
            "such as"
        };
        hangs.then(|| format!("{name} {word} {}", join(values)))
    }

    /// Objects are told by prefix often enough that some may be open and others not.
    fn resource(&self, wanted: &Wanted) -> Option<String> {
        let Wanted::Under(beginning) = wanted else {
            return None;
        };
        let other = format!("{beginning}another-name");
        let worse = self.worse(|request| request.resource = other);
        worse.then(|| format!("only some resources, such as {}", self.request.resource))
    }

    /// Of a crowd maybe only some.
    fn caller(&self) -> Option<String> {
        if !matches!(self.hop.party.caller.kind, CallerKind::Anyone(_)) {
            return None;
        }
        let worse = OTHER_CALLERS.iter().any(|other| {
            self.worse(|request| {
                request.principal = (*other).to_owned();
                request
                    .context
                    .retain(|key, _| key.folded() != "aws:principalarn");
            })
        });
        let stated = self
            .request
            .context
            .iter()
            .find(|(key, _)| key.folded() == "aws:principalarn");
        let arn = stated
            .and_then(|(_, values)| values.first())
            .map(ToString::to_string);
        let name = arn.unwrap_or_else(|| self.request.principal.clone());
        worse.then(|| format!("only some, such as {name}"))
    }

    /// Why it is not certain.
    fn doubts(&self) -> Vec<String> {
        if self.rank != 1 {
            return Vec::new();
        }
        let decision = replay(self.path.org, &self.request, self.hop.thing, self.hop.party);
        decision
            .reasons
            .iter()
            .take(REASONS_MAX)
            .map(|why| format!("unknown: {why}"))
            .collect()
    }
}

/// Callers that no policy names: AWS's documentation keeps these account ids for examples.
const OTHER_CALLERS: [&str; 2] = [
    "arn:aws:iam::123456789012:user/someone",
    "arn:aws:iam::210987654321:user/someone",
];

/// Values to try instead: of each kind some that lie far apart.
fn others(kind: KeyType, value: &str, is_open: bool) -> &'static [&'static str] {
    match kind {
        KeyType::Bool if value == "true" => &["false"],
        KeyType::Bool => &["true"],
        KeyType::Number => &["0", "1000000000"],
        KeyType::Date => &["1970-01-02T00:00:00Z", "2999-01-01T00:00:00Z"],
        KeyType::Address => &["192.0.2.1", "10.255.255.1"],
        KeyType::Text | KeyType::Arn | KeyType::Binary if is_open => &["another-value"],
        KeyType::Text | KeyType::Arn | KeyType::Binary => &[],
    }
}

fn join(values: &[Box<str>]) -> String {
    values
        .iter()
        .map(|value| &**value)
        .collect::<Vec<_>>()
        .join(", ")
}
