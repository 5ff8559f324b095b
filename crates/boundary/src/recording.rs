//! Whether a trail records an action, for every event that the action can give.
//!
//! A selector is a test on an event, and an action on a store gives many events: any object, under
//! any of several event names, by anybody. So the selectors become a formula over those, and the
//! question is whether some event escapes it. What AWS's pages do not settle is unknown, which is
//! neither recorded nor missed.

mod selectors;

use std::fmt;

use cofferdam_catalog::EventCategory;
use cofferdam_logic::Certificate;
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Organization, Trail};

use crate::scope::Store;

/// Whether a trail records what an action does to a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Every event of it.
    Yes,
    /// No event of it, with the reason.
    No(String),
    /// Some events, but not this one.
    Partly(Missed),
    /// It cannot be told, with the reason.
    Unknown(String),
}

/// An event that a trail does not record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missed {
    /// Its `eventName`.
    pub event: String,
    /// Its `resources.ARN`; `None` for a management event.
    pub resource: Option<String>,
    /// Its `userIdentity.arn`, where a selector looks at it.
    pub by: Option<String>,
}

impl fmt::Display for Missed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.event)?;
        if let Some(resource) = &self.resource {
            write!(out, " of {resource}")?;
        }
        self.by
            .as_ref()
            .map_or(Ok(()), |by| write!(out, " by {by}"))
    }
}

/// The events of one action, as selectors see them.
#[derive(Clone, Debug)]
pub struct Events {
    /// The values of `eventName`.
    pub names: Vec<&'static str>,
    /// `eventSource`.
    pub source: &'static str,
    /// Management or data.
    pub category: EventCategory,
    /// `resources.type`; `None` for management events.
    pub resource_type: Option<&'static str>,
    /// `resources.ARN`; `None` for management events.
    pub resource: Option<Arns>,
    /// `readOnly`; `None` if AWS's pages do not settle it.
    pub read_only: Option<bool>,
    /// The account in whose trails they are looked for.
    pub account: AccountId,
    /// The Region in which they happen.
    pub region: Known<Box<str>>,
}

/// The ARNs that the events of one action carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arns {
    /// Always this one.
    Exactly(String),
    /// Any that goes on after this.
    Under(String),
}

/// Whether `trail` records what `action` does to `store`, looking in the trails of `account`: those
/// of the owner of the store get every data event on it ("Amazon S3 CloudTrail events").
pub fn recorded(
    org: &Organization,
    trail: &Trail,
    store: &Store<'_>,
    action: &ActionName,
    account: AccountId,
) -> Recorded {
    let region = store.resource.region.clone();
    match Events::of(action, store.resource.arn.as_str(), account, region.clone()) {
        Ok(events) => events.recorded_by(org, trail),
        // Whatever the event would be, a trail that does not look here records none.
        Err(instead) => scopes(org, trail, account, &region)
            .iter()
            .find_map(Scope::refused)
            .unwrap_or(instead),
    }
}

/// Why no event escapes the selectors of a trail of which [`recorded`] says that it records all of
/// them. That it logs, in this account and Region, is a fact and part of no formula.
///
/// # Errors
/// Why the refutation cannot be written out.
pub fn refutation(
    trail: &Trail,
    store: &Store<'_>,
    action: &ActionName,
    account: AccountId,
) -> Result<Certificate, String> {
    let region = store.resource.region.clone();
    let events = Events::of(action, store.resource.arn.as_str(), account, region)
        .map_err(|_| format!("{action} has no events to ask about"))?;
    let selectors = match &trail.selectors {
        Known::Present(selectors) => Some(selectors),
        Known::Absent | Known::Unknown(_) => None,
    };
    selectors::refutation(selectors, &events)
}

/// Whether AWS's pages settle what CloudTrail records of an action, and the catalogue holds it.
pub fn is_settled(action: &ActionName) -> bool {
    cofferdam_catalog::recording(action.service(), action.name())
        .is_some_and(|known| known.category() != EventCategory::Unknown)
}

impl Events {
    /// The events of an action on the thing with this ARN, or the answer if CloudTrail has none or
    /// the catalogue does not know.
    ///
    /// # Errors
    /// [`Recorded::No`] and [`Recorded::Unknown`].
    pub fn of(
        action: &ActionName,
        arn: &str,
        account: AccountId,
        region: Known<Box<str>>,
    ) -> Result<Events, Recorded> {
        let Some(known) = cofferdam_catalog::recording(action.service(), action.name()) else {
            let why = format!("what CloudTrail records of {action} is not in the catalogue");
            return Err(Recorded::Unknown(why));
        };
        match known.category() {
            EventCategory::Unrecorded => {
                return Err(Recorded::No(format!(
                    "CloudTrail has no event for {action}"
                )));
            }
            EventCategory::Unknown => {
                let why = format!("AWS's pages do not settle what CloudTrail records of {action}");
                return Err(Recorded::Unknown(why));
            }
            EventCategory::Management | EventCategory::Data => {}
        }
        Ok(Events {
            names: known.event_names().collect(),
            source: known.source(),
            category: known.category(),
            resource_type: known.resource_type(),
            resource: known.resource_arn().map(|shape| Arns::of(shape, arn)),
            read_only: known.read_only(),
            account,
            region,
        })
    }

    /// Whether a trail records all of them.
    pub fn recorded_by(&self, org: &Organization, trail: &Trail) -> Recorded {
        let scopes = scopes(org, trail, self.account, &self.region);
        if let Some(refused) = scopes.iter().find_map(Scope::refused) {
            return refused;
        }
        let selected = match &trail.selectors {
            Known::Present(found) => selectors::select(found, self),
            Known::Absent => selectors::select_by_default(self),
            Known::Unknown(why) => Recorded::Unknown(why.to_string()),
        };
        let doubt = scopes.into_iter().find_map(|scope| match scope {
            Scope::Unknown(why) => Some(why),
            Scope::Yes | Scope::No(_) => None,
        });
        match (selected, doubt) {
            (Recorded::Yes, Some(why)) => Recorded::Unknown(why),
            (selected, _) => selected,
        }
    }
}

impl Arns {
    /// The ARNs of a shape of the catalogue, for the store with this ARN: what the shape says after
    /// the store's own name.
    fn of(shape: &str, store: &str) -> Arns {
        let named = STORE_NAMES.iter().find_map(|name| shape.split_once(name));
        let below = named.map(|(_, below)| below).unwrap_or_default();
        match below.split_once("${") {
            Some((fixed, _)) => Arns::Under(format!("{store}{fixed}")),
            None => Arns::Exactly(format!("{store}{below}")),
        }
    }
}

/// What stands for the store itself in the shapes of the service authorization reference.
const STORE_NAMES: [&str; 5] = [
    "${BucketName}",
    "${TableName}",
    "${FunctionName}",
    "${TopicName}",
    "${QueueName}",
];

/// Whether a trail looks at an event at all.
enum Scope {
    Yes,
    No(String),
    Unknown(String),
}

impl Scope {
    fn refused(&self) -> Option<Recorded> {
        match self {
            Scope::No(why) => Some(Recorded::No(why.clone())),
            Scope::Yes | Scope::Unknown(_) => None,
        }
    }
}

/// Whether a trail looks at events of an account and Region, by each of what decides it.
fn scopes(
    org: &Organization,
    trail: &Trail,
    account: AccountId,
    region: &Known<Box<str>>,
) -> [Scope; 3] {
    [
        logs(trail),
        in_account(org, trail, account),
        in_region(trail, region),
    ]
}

/// A trail of the organization records every account of it ("Creating a trail for an
/// organization").
fn in_account(org: &Organization, trail: &Trail, account: AccountId) -> Scope {
    if trail.account == account {
        return Scope::Yes;
    }
    let other = || format!("trail {} does not record account {account}", trail.name);
    match &trail.organization {
        Known::Present(false) | Known::Absent => Scope::No(other()),
        Known::Unknown(why) => Scope::Unknown(why.to_string()),
        Known::Present(true) if org.is_member(account) => Scope::Yes,
        Known::Present(true) => match org.gap(account, Kind::Account) {
            Some(why) => Scope::Unknown(why.to_owned()),
            None => Scope::No(other()),
        },
    }
}

/// "Understanding multi-Region trails and opt-in Regions".
fn in_region(trail: &Trail, region: &Known<Box<str>>) -> Scope {
    if trail.multi_region == Known::Present(true) {
        return Scope::Yes;
    }
    match (region, &trail.home_region, &trail.multi_region) {
        (Known::Present(here), Known::Present(home), _) if here == home => Scope::Yes,
        (_, _, Known::Unknown(why)) | (Known::Unknown(why), _, _) => {
            Scope::Unknown(why.to_string())
        }
        (Known::Present(here), Known::Present(home), _) => Scope::No(format!(
            "trail {} records {home} only, not {here}",
            trail.name
        )),
        _ => Scope::Unknown(format!(
            "the home Region of trail {} was not read",
            trail.name
        )),
    }
}

fn logs(trail: &Trail) -> Scope {
    match &trail.logging {
        Known::Present(true) => Scope::Yes,
        Known::Present(false) | Known::Absent => {
            Scope::No(format!("trail {} does not log now", trail.name))
        }
        Known::Unknown(why) => Scope::Unknown(why.to_string()),
    }
}

#[cfg(test)]
mod tests;
