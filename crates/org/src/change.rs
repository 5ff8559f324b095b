//! Changes of the configuration, each with its time, and the facts as they were at another time.
//!
//! A snapshot is one moment, and requests were decided at others. Between the two lie the calls that
//! changed something. Of some the new value is known, so facts can be moved to any time after the
//! first of them; of others only that they changed something, so that nothing is known of it on
//! their far side.

use cofferdam_names::AccountId;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_policy::print::print;
use cofferdam_text::Node;

use crate::fact::{Attribute, Entity, Facts, Known};

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
    /// What holds since; `None`: only that something changed is known.
    pub fact: Option<(Entity, Attribute, Known<Node>)>,
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
    /// Puts changes in order around the time at which the facts were read.
    pub fn new(mut changes: Vec<Change>, read_at: Option<i64>) -> Timeline {
        changes.sort_by(|one, other| (one.at, &one.event).cmp(&(other.at, &other.event)));
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

    /// The facts of which the last writing before the facts were read left something else than what was
    /// read: a later change is not among these.
    pub fn unlike<'t>(&'t self, facts: &Facts) -> Vec<&'t Change> {
        let mut seen: Vec<(&Entity, Attribute)> = Vec::new();
        let mut unlike = Vec::new();
        let past = self.until(self.read_at());
        for change in self.changes.iter().take(past).rev() {
            let Some((entity, attribute, value)) = &change.fact else {
                continue;
            };
            if seen.contains(&(entity, *attribute)) {
                continue;
            }
            seen.push((entity, *attribute));
            if differ(&read(facts, entity, *attribute), value) {
                unlike.push(change);
            }
        }
        unlike.reverse();
        unlike
    }

    /// Moves facts to where the first `until` changes have been made. What was written only later,
    /// and before the facts were read, is not known then.
    pub fn moved(&self, facts: &Facts, until: usize) -> Facts {
        let mut moved = facts.clone();
        for (place, change) in self.changes.iter().enumerate().rev() {
            let Some((entity, attribute, _)) = &change.fact else {
                continue;
            };
            let is_past = place < until;
            if !is_past && change.at <= self.read_at() {
                let why = format!(
                    "the configuration at that time is not known: {} wrote it at {}, and nothing before \
                     among the events",
                    change.call, change.time
                );
                moved.state(entity.clone(), *attribute, Known::Unknown(why.into()));
            } else if !is_past {
                moved.state(entity.clone(), *attribute, read(facts, entity, *attribute));
            }
        }
        for change in self.changes.iter().take(until) {
            if let Some((entity, attribute, value)) = &change.fact {
                moved.state(entity.clone(), *attribute, value.clone());
            }
        }
        moved
    }
}

/// Whether both are known and not the same.
fn differ(read: &Known<Node>, written: &Known<Node>) -> bool {
    match (read, written) {
        (Known::Present(read), Known::Present(written)) => said(read) != said(written),
        (Known::Present(_), Known::Absent) | (Known::Absent, Known::Present(_)) => true,
        _ => false,
    }
}

/// A policy in its canonical form, since AWS may give it back spelled otherwise than it was written.
fn said(node: &Node) -> String {
    let (policy, _) = parse(node, PolicyKind::Resource);
    match policy.statements.is_empty() {
        true => node.to_json(),
        false => print(&policy).unwrap_or_else(|_| node.to_json()),
    }
}

/// What was read of a fact.
fn read(facts: &Facts, entity: &Entity, attribute: Attribute) -> Known<Node> {
    facts.get(entity, attribute).map(Clone::clone)
}

#[cfg(test)]
mod tests {
    use cofferdam_text::Documents;

    use super::*;
    use crate::fact::Kind;

    fn node(text: &str) -> Node {
        let mut documents = Documents::new();
        documents.read_json("x", text.into()).unwrap()
    }

    fn bucket() -> Entity {
        Entity::new(Kind::Bucket, "arn:aws:s3:::b")
    }

    fn change(at: i64, value: &str) -> Change {
        Change {
            at,
            time: at.to_string().into(),
            call: "s3:PutBucketPolicy".into(),
            event: at.to_string().into(),
            touches: Touches::Resource("arn:aws:s3:::b".into()),
            fact: Some((
                bucket(),
                Attribute::ResourcePolicy,
                Known::Present(node(value)),
            )),
        }
    }

    /// The policy of the bucket at a time, of a snapshot read at 100 that says `0`.
    #[track_caller]
    fn check(changes: &[(i64, &str)], at: i64, expected: &str) {
        let mut facts = Facts::new();
        facts.state(
            bucket(),
            Attribute::ResourcePolicy,
            Known::Present(node("0")),
        );
        let changes = changes.iter().map(|(at, value)| change(*at, value));
        let timeline = Timeline::new(changes.collect(), Some(100));
        let moved = timeline.moved(&facts, timeline.until(at));
        let found = match moved.get(&bucket(), Attribute::ResourcePolicy) {
            Known::Present(node) => node.to_json(),
            Known::Absent => "absent".to_owned(),
            Known::Unknown(_) => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "at {at}");
    }

    #[test]
    fn backwards_and_forwards() {
        check(&[], 50, "0");
        check(&[(60, "1")], 50, "unknown");
        check(&[(40, "1"), (60, "0")], 50, "1");
        check(&[(40, "1")], 30, "unknown");
        check(&[(110, "2")], 120, "2");
        check(&[(110, "2")], 105, "0");
        check(&[(40, "1"), (110, "2")], 130, "2");
    }

    #[test]
    fn what_was_written_last_and_read_otherwise() {
        let mut facts = Facts::new();
        facts.state(
            bucket(),
            Attribute::ResourcePolicy,
            Known::Present(node("0")),
        );
        let unlike = |changes: Vec<Change>| {
            let timeline = Timeline::new(changes, Some(100));
            timeline.unlike(&facts).len()
        };
        assert_eq!(unlike(vec![change(40, "1"), change(60, "0")]), 0);
        assert_eq!(unlike(vec![change(40, "0"), change(60, "1")]), 1);
        assert_eq!(unlike(vec![change(60, "0"), change(120, "1")]), 0);
    }

    #[test]
    fn what_lies_between() {
        let timeline = Timeline::new(vec![change(60, "1")], Some(100));
        let between = |at| timeline.is_between(&timeline.changes()[0], at);
        assert!(between(50) && !between(60) && !between(70) && !between(200));
    }
}
