//! What a proof is made of: each question that was put, about whom, and why it has no answer.
//!
//! A finding is proved by many small questions, one for each class of principals and group of
//! requests. Who checks a proof must see each of them, and that together they leave nobody out; so
//! a question keeps whom it stands for. Nothing here is made unless somebody wants certificates.

use cofferdam_authz::caller::{CallerKind, Crowd};
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::search::Search;
use cofferdam_authz::symbolic::{Interval, Wanted};
use cofferdam_logic::Certificate;

use crate::cast::{Cast, known_as};
use crate::path::{HopInfo, Path};

/// A question without an answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// For whom it was asked.
    pub who: Class,
    /// The requests of the data path, in words.
    pub requests: Vec<String>,
    /// Why nothing comes of it.
    pub refutation: Refutation,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refutation {
    /// No request is possible; this shows it.
    Written(Certificate),
    /// No request is possible, but that could not be written out, with the reason.
    Missing(String),
    /// Nothing was asked: the boundary declares it.
    Declared,
}

/// How much of an account some questions cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Every principal, existing or yet to be made.
    Everyone,
    /// Every principal that the sources state, by a question of its own or a declaration.
    Existing,
    /// Some of them.
    Partly,
    /// The finding does not ask about it.
    NotAsked,
}

impl Coverage {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Coverage::Everyone => "everyone",
            Coverage::Existing => "existing",
            Coverage::Partly => "partly",
            Coverage::NotAsked => "not asked",
        }
    }
}

/// How much of each account the questions cover, with the principals that the sources state.
pub fn coverage<'m>(
    members: &'m [(String, Vec<String>)],
    proofs: &[Proof],
) -> Vec<(&'m str, (Coverage, &'m [String]))> {
    let of_account = |(account, names): &'m (String, Vec<String>)| {
        let whole = proofs.iter().any(|proof| match &proof.who {
            Class::Accounts(accounts) => accounts.contains(account),
            _ => false,
        });
        let is_asked = |name: &&String| proofs.iter().any(|proof| proof.who.is(name));
        let coverage = match names.iter().filter(is_asked).count() {
            _ if whole => Coverage::Everyone,
            0 => Coverage::NotAsked,
            all if all == names.len() => Coverage::Existing,
            _ => Coverage::Partly,
        };
        (account.as_str(), (coverage, names.as_slice()))
    };
    members.iter().map(of_account).collect()
}

/// The principals that a question stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Every principal of these accounts, existing or yet to be made.
    Accounts(Vec<String>),
    /// Every principal of any account but these.
    OtherAccounts(Vec<String>),
    /// This user, role, root user or service, or `anonymous`.
    One(String),
    /// Whoever it is: the question is about the events that this trail keeps.
    Events(String),
}

impl Class {
    /// Whether it is this principal alone.
    fn is(&self, name: &str) -> bool {
        matches!(self, Class::One(own) if own == name)
    }

    /// The class that a party is.
    pub fn of(party: &Party<'_>) -> Class {
        let names = |accounts: &[cofferdam_names::AccountId]| {
            accounts.iter().map(ToString::to_string).collect()
        };
        match &party.caller.kind {
            CallerKind::Anyone(Crowd::Within(accounts)) => Class::Accounts(names(accounts)),
            CallerKind::Anyone(Crowd::OutsideOf(accounts)) => Class::OtherAccounts(names(accounts)),
            _ => Class::One(known_as(party)),
        }
    }
}

/// The principals that the sources state, by account: what the classes of a proof must cover.
pub fn members(cast: &Cast<'_>) -> Vec<(String, Vec<String>)> {
    let mut accounts: Vec<(String, Vec<String>)> = Vec::new();
    for party in cast.existing() {
        let account = party.caller.account.map(|account| account.to_string());
        let account = account.unwrap_or_default();
        match accounts.iter_mut().find(|(known, _)| *known == account) {
            Some((_, members)) => members.push(known_as(party)),
            None => accounts.push((account, vec![known_as(party)])),
        }
    }
    accounts.sort();
    accounts
}

/// The proof that a search found, if somebody wants it.
pub(crate) fn found(path: &Path<'_>, search: &Search<'_, '_>) -> Option<Proof> {
    path.cast.certify.then(|| proof(path, search.certificate()))
}

/// The proof that no search was needed for: the question is false as it was built.
pub(crate) fn plain(path: &Path<'_>, goal: Interval) -> Option<Proof> {
    path.cast
        .certify
        .then(|| proof(path, Search::new(&path.query, goal).certificate()))
}

fn proof(path: &Path<'_>, certificate: Result<Certificate, String>) -> Proof {
    // The path is named after who moves the data: requests that set it up may be made by others.
    let data = path
        .hops
        .iter()
        .find(|hop| is_always(hop))
        .or(path.hops.first());
    Proof {
        who: data.map_or_else(|| Class::One(String::new()), |hop| Class::of(hop.party)),
        requests: path.hops.iter().map(|hop| request(path, hop)).collect(),
        refutation: certificate.map_or_else(Refutation::Missing, Refutation::Written),
    }
}

/// The proof that no event of some requests escapes a trail.
pub(crate) fn kept(trail: String, request: String, found: Result<Certificate, String>) -> Proof {
    Proof {
        who: Class::Events(trail),
        requests: vec![request],
        refutation: found.map_or_else(Refutation::Missing, Refutation::Written),
    }
}

/// That a party was not asked about because the boundary declares what it does.
pub(crate) fn declared(cast: &Cast<'_>, party: &Party<'_>) -> Option<Proof> {
    cast.certify.then(|| Proof {
        who: Class::of(party),
        requests: Vec::new(),
        refutation: Refutation::Declared,
    })
}

fn is_always(hop: &HopInfo<'_>) -> bool {
    hop.taken == cofferdam_logic::Formula::TRUE
}

/// Actions that are named before they are only counted: the formula lists all.
const ACTIONS_NAMED: usize = 3;

fn request(path: &Path<'_>, hop: &HopInfo<'_>) -> String {
    let Some(asked) = path.query.asked(hop.number) else {
        return String::new();
    };
    let named: Vec<String> = asked
        .actions
        .iter()
        .take(ACTIONS_NAMED)
        .map(ToString::to_string)
        .collect();
    let actions = match asked.actions.len() {
        0 => "any action".to_owned(),
        count if count > ACTIONS_NAMED => {
            format!(
                "{} and {} more actions",
                named.join(", "),
                count - ACTIONS_NAMED
            )
        }
        _ => named.join(", "),
    };
    let via = asked
        .situation
        .forwarded_by
        .map(|host| format!(" through {host}"));
    format!(
        "{} asks for {actions} on {}{}",
        hop.party.caller.display(),
        resource(&asked.wanted, &hop.thing),
        via.unwrap_or_default()
    )
}

fn resource(wanted: &Wanted, thing: &Thing<'_>) -> String {
    match wanted {
        Wanted::Exactly(arn) | Wanted::Like(arn) => arn.clone(),
        Wanted::Under(beginning) => format!("{beginning}*"),
        Wanted::Anything => match thing {
            Thing::Resource(resource) => resource.arn.to_string(),
            Thing::Role(role) => role.arn.to_string(),
            _ => "any resource".to_owned(),
        },
    }
}
