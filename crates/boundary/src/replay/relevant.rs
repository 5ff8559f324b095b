//! Which changes of the configuration can matter to one call.
//!
//! A change that cannot matter must not make a decision unsure, or nothing of a busy organization
//! could be replayed; one that may matter always counts.

use cofferdam_authz::call::{Call, needed};
use cofferdam_names::{AccountId, Arn};
use cofferdam_org::change::{Change, Timeline, Touches};
use cofferdam_org::model::Organization;

/// The changes that matter to the calls of one class, by their places in the timeline.
#[derive(Clone, Debug, Default)]
pub struct Relevant {
    places: Vec<usize>,
}

/// What is known of the configuration at the time of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// It was that of the sources.
    AsRead,
    /// It was as after so many changes of the timeline.
    Moved(usize),
    /// It is not known, with the reason.
    Unknown(String),
}

/// How long a change may take to be in force everywhere ("Troubleshoot IAM", changes that are not
/// always immediately visible). AWS gives no number; most take seconds.
const SETTLING_SECONDS: i64 = 60;

impl Relevant {
    /// Finds them for a call.
    pub fn of(org: &Organization, call: &Call, timeline: &Timeline) -> Relevant {
        if timeline.changes().is_empty() {
            return Relevant::default();
        }
        let about = About::of(org, call);
        let all = timeline.changes().iter().enumerate();
        let matters = all.filter(|(_, change)| about.matters(change));
        Relevant {
            places: matters.map(|(place, _)| place).collect(),
        }
    }

    /// What is known of the configuration at a time.
    pub fn then(&self, timeline: &Timeline, at: i64) -> Then {
        let of = |place: &usize| timeline.changes().get(*place);
        let all = || self.places.iter().filter_map(of);
        if let Some(near) = all().find(|change| (0..=SETTLING_SECONDS).contains(&(at - change.at)))
        {
            return Then::Unknown(format!(
                "{} changed the configuration less than {SETTLING_SECONDS} seconds before",
                near.call
            ));
        }
        let between: Vec<&Change> = all()
            .filter(|change| timeline.is_between(change, at))
            .collect();
        match between.iter().find(|change| change.edits.is_empty()) {
            Some(change) => Then::Unknown(format!(
                "the configuration at that time is unknown: {} changed it since",
                change.call
            )),
            None if between.is_empty() => Then::AsRead,
            None => Then::Moved(timeline.until(at)),
        }
    }

    /// The first change between a time and the sources, in words.
    pub fn since(&self, timeline: &Timeline, at: i64) -> Option<String> {
        let of = |place: &usize| timeline.changes().get(*place);
        let mut all = self.places.iter().filter_map(of);
        let between = all.find(|change| timeline.is_between(change, at))?;
        Some(format!(
            "{} at {} changed {}",
            between.call,
            between.time,
            super::in_words(&between.touches)
        ))
    }
}

/// What a call is about.
struct About {
    account: Option<AccountId>,
    principal: Option<Arn>,
    resources: Vec<String>,
    owners: Vec<AccountId>,
    keys: Vec<String>,
    endpoint: Option<String>,
    /// It may have come through any endpoint.
    by_any_endpoint: bool,
}

impl About {
    fn of(org: &Organization, call: &Call) -> About {
        let principal = Arn::parse(&call.principal).ok();
        let account = principal.as_ref().and_then(Arn::account_id);
        let requests = needed(call, account).requests;
        let resources: Vec<String> = requests
            .into_iter()
            .filter_map(|one| one.resource)
            .collect();
        let known = resources.iter().filter_map(|arn| org.resource(arn));
        let known: Vec<_> = known.collect();
        let keys = known.iter().filter_map(|resource| org.key_of(resource));
        let stated = |name: &str| {
            let found = call.context.iter().find(|(key, _)| key.folded() == name);
            found.and_then(|(_, values)| values.first())
        };
        let owners = known.iter().map(|resource| resource.account);
        let named = resources
            .iter()
            .filter_map(|arn| Arn::parse(arn).ok()?.account_id());
        About {
            account,
            principal,
            owners: owners.chain(named).collect(),
            keys: keys.map(|key| key.arn.to_string()).collect(),
            endpoint: stated("aws:sourcevpce").map(|id| id.to_string()),
            by_any_endpoint: stated("aws:sourceip").is_none() && call.forwarded_by.is_none(),
            resources,
        }
    }

    fn matters(&self, change: &Change) -> bool {
        match &change.touches {
            Touches::Organization => true,
            Touches::Account(account) => {
                self.account == Some(*account) || self.owners.contains(account)
            }
            Touches::Role(account, name) => {
                self.is_principal(*account, name) || self.asks_for(*account, "role/", name)
            }
            Touches::User(account, name) => {
                self.is_principal(*account, name) || self.asks_for(*account, "user/", name)
            }
            Touches::Resource(arn) => {
                self.is_about(arn) || self.keys.iter().any(|key| **key == **arn)
            }
            Touches::Endpoint(id) => match &self.endpoint {
                Some(own) => id.is_empty() || **own == **id,
                None => self.by_any_endpoint,
            },
        }
    }

    /// Whether the caller is the role or user of that name, or a session of it.
    fn is_principal(&self, account: AccountId, name: &str) -> bool {
        let Some(principal) = &self.principal else {
            return false;
        };
        let resource = principal.resource();
        let own = match resource.strip_prefix("assumed-role/") {
            Some(session) => session.split('/').next(),
            None => resource.rsplit('/').next(),
        };
        self.account == Some(account) && own == Some(name)
    }

    fn asks_for(&self, account: AccountId, kind: &str, name: &str) -> bool {
        let of = |arn: &String| {
            let arn = Arn::parse(arn).ok()?;
            let is_kind = arn.resource().starts_with(kind);
            let is_named = arn.resource().rsplit('/').next() == Some(name);
            Some(arn.account_id() == Some(account) && is_kind && is_named)
        };
        self.resources.iter().any(|arn| of(arn) == Some(true))
    }

    fn is_about(&self, changed: &str) -> bool {
        self.resources.iter().any(|arn| {
            let rest = arn.strip_prefix(changed);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
        })
    }
}
