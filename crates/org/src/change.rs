//! Changes of the configuration, each with its time, and the facts as they were at another time.
//!
//! A snapshot is one moment, and requests were decided at others. Between the two lie the calls that
//! changed something. Of some it is known what they wrote, and perhaps what was there before, so facts
//! can be moved over them; of others only that they changed something, so that nothing is known of it
//! on their far side.

mod edit;

use std::collections::BTreeMap;

use cofferdam_names::AccountId;
use cofferdam_text::Node;

use crate::fact::{Attribute, Entity, Facts, Kind, Known};

pub use edit::{Edit, object};

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// When it was made, in seconds since 1970.
    pub at: i64,
    /// The same as its record writes it.
    pub time: Box<str>,
    /// What was called: `s3:PutBucketPolicy`.
    pub call: Box<str>,
    /// The id of its record.
    pub event: Box<str>,
    /// What it changed.
    pub touches: Touches,
    /// What it did; nothing: only that something changed is known.
    pub edits: Vec<Edit>,
}

impl Change {
    /// The texts of policies that it wrote.
    pub fn documents(&self) -> impl Iterator<Item = &Node> {
        let written = self.edits.iter().filter_map(|edit| edit.after.present());
        written.map(|node| edit::document(node).unwrap_or(node))
    }
}

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touches {
    /// A role of an account, by its name alone: calls do not say its path.
    Role(AccountId, Box<str>),
    /// A user of an account, by name.
    User(AccountId, Box<str>),
    /// Something that may concern any principal or resource of an account.
    Account(AccountId),
    /// A resource and what lies below it, by ARN.
    Resource(Box<str>),
    /// Something that may concern every account.
    Organization,
    /// An endpoint, by its id; empty: one that is not named.
    Endpoint(Box<str>),
}

/// Changes in the order of their times.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    changes: Vec<Change>,
    /// When the facts were read; `None`: after every change.
    read_at: Option<i64>,
}

impl Timeline {
    /// Puts changes in order around the time at which the facts were read. Calls name roles without
    /// their paths and policies without their types; both are looked up in the facts.
    pub fn new(mut changes: Vec<Change>, read_at: Option<i64>, facts: &Facts) -> Timeline {
        changes.sort_by(|one, other| (one.at, &one.event).cmp(&(other.at, &other.event)));
        let names = Names::of(facts);
        changes.retain_mut(|change| located(change, facts, &names));
        Timeline { changes, read_at }
    }

    /// All of them.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// When the facts were read.
    pub fn read_at(&self) -> i64 {
        self.read_at.unwrap_or(i64::MAX)
    }

    /// Whether a change lies between the facts and a time.
    pub fn is_between(&self, change: &Change, at: i64) -> bool {
        let (early, late) = (at.min(self.read_at()), at.max(self.read_at()));
        early < change.at && change.at <= late
    }

    /// How many changes were made until a time: what tells one configuration from the next.
    pub fn until(&self, at: i64) -> usize {
        self.changes.partition_point(|change| change.at <= at)
    }

    /// The changes that, before the facts were read, were the last to write something, and left something
    /// else than what was read: a later change is not among these.
    pub fn unlike(&self, facts: &Facts) -> Vec<&Change> {
        let past = self.until(self.read_at());
        let mut last: BTreeMap<(&Entity, Attribute, Option<&str>), (usize, &Edit)> =
            BTreeMap::new();
        for (place, change) in self.changes.iter().take(past).enumerate() {
            for edit in &change.edits {
                let key = (&edit.entity, edit.attribute, edit.element.as_deref());
                last.insert(key, (place, edit));
            }
        }
        let differs = |(_, edit): &&(usize, &Edit)| {
            edit::differs(&read(facts, &edit.entity, edit.attribute), edit)
        };
        let mut unlike: Vec<usize> = last
            .values()
            .filter(differs)
            .map(|(place, _)| *place)
            .collect();
        unlike.sort_unstable();
        unlike.dedup();
        let of = |place: usize| self.changes.get(place);
        unlike.into_iter().filter_map(of).collect()
    }

    /// Moves facts to where the first `until` changes have been made.
    pub fn moved(&self, facts: &Facts, until: usize) -> Facts {
        let mut moved = facts.clone();
        let seen = self.until(self.read_at());
        for ((entity, attribute), edits) in self.edits() {
            let split = |place: usize| edits.partition_point(|(of, _)| *of < place);
            let part = |from: usize, to: usize| -> Vec<edit::Told<'_>> {
                let part = edits.get(from..to).unwrap_or_default().iter();
                part.filter_map(|(place, edit)| Some((*edit, self.changes.get(*place)?)))
                    .collect()
            };
            let was = read(facts, entity, attribute);
            let (here, there) = (split(until), split(seen));
            let value = match here < there {
                true => edit::backwards(was, &part(0, here), &part(here, there)),
                false => edit::forwards(was, &part(there, here)),
            };
            moved.state(entity.clone(), attribute, value);
        }
        moved
    }

    /// The edits of each attribute in their order, with the places of their changes.
    fn edits(&self) -> BTreeMap<(&Entity, Attribute), Vec<(usize, &Edit)>> {
        let mut all: BTreeMap<(&Entity, Attribute), Vec<(usize, &Edit)>> = BTreeMap::new();
        for (place, change) in self.changes.iter().enumerate() {
            for edit in &change.edits {
                let of = all.entry((&edit.entity, edit.attribute)).or_default();
                of.push((place, edit));
            }
        }
        all
    }
}

/// ARNs of roles, users and groups by kind, account and name: no two of an account have one name.
struct Names<'f>(BTreeMap<(Kind, &'f str, &'f str), &'f Entity>);

impl<'f> Names<'f> {
    fn of(facts: &'f Facts) -> Names<'f> {
        let kinds = [Kind::Role, Kind::User, Kind::Group];
        let all = kinds.into_iter().flat_map(|kind| facts.of_kind(kind));
        Names(all.filter_map(|one| Some((named(one)?, one))).collect())
    }
}

fn named(entity: &Entity) -> Option<(Kind, &str, &str)> {
    let mut parts = entity.id.splitn(6, ':').skip(4);
    let (account, path) = (parts.next()?, parts.next()?);
    Some((entity.kind, account, path.rsplit('/').next()?))
}

/// Completes what a change says by what the facts know; whether it matters at all.
fn located(change: &mut Change, facts: &Facts, names: &Names<'_>) -> bool {
    for edit in &mut change.edits {
        let found = named(&edit.entity).and_then(|name| names.0.get(&name));
        if let Some(known) = found {
            edit.entity = (*known).clone();
        }
    }
    let attached = change.edits.iter().find_map(|edit| match edit.attribute {
        Attribute::ServiceControlPolicies => edit.element.clone(),
        _ => None,
    });
    let Some(policy) = attached else { return true };
    let policy = Entity::new(Kind::OrganizationPolicy, policy);
    match facts.get(&policy, Attribute::PolicyType) {
        Known::Present(kind) => of_type(change, kind.text().unwrap_or_default()),
        // Which of the two lists it went into is not known.
        _ => {
            change.edits.clear();
            true
        }
    }
}

/// The list that policies of a type go into; other types decide nothing.
fn of_type(change: &mut Change, kind: &str) -> bool {
    let attribute = match kind {
        "SERVICE_CONTROL_POLICY" => Attribute::ServiceControlPolicies,
        "RESOURCE_CONTROL_POLICY" => Attribute::ResourceControlPolicies,
        _ => return false,
    };
    for edit in &mut change.edits {
        edit.attribute = attribute;
    }
    true
}

/// What was read of a fact.
fn read(facts: &Facts, entity: &Entity, attribute: Attribute) -> Known<Node> {
    facts.get(entity, attribute).map(Clone::clone)
}

#[cfg(test)]
mod tests;
