//! Which data events on a store the trails record.
//!
//! Every trail counts, declared or not: the inventory says what is there, and the obligation
//! `audit.recorded` whether it is what was declared.

use std::collections::BTreeSet;

use cofferdam_catalog::{Class, EventCategory};
use cofferdam_findings::inventory::DataEvents;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, Trail};

use crate::recording::{Recorded, is_settled, recorded};
use crate::scope::Store;

/// Why an action is not recorded, or may not be.
pub(super) struct Missing {
    /// The action.
    pub action: ActionName,
    /// Why; certain, or in doubt.
    pub recorded: Recorded,
}

/// Coverage of reads (with listings) and writes (with deletions), and every action that misses.
/// Where a side has data events, only those count for it: a secret is read by a management event,
/// while of a bucket those are changes to its settings.
/// Actions that AWS's pages leave open count for neither: a row names them if somebody may take
/// them.
pub(super) fn data_events(org: &Organization, store: &Store<'_>) -> (DataEvents, Vec<Missing>) {
    let mut by: BTreeSet<&str> = BTreeSet::new();
    let mut missing = Vec::new();
    let mut sides = [None, None];
    for (side, classes) in sides.iter_mut().zip(SIDES) {
        let mut all = Some(true);
        let actions = actions(store, classes);
        let has_data = actions.iter().any(is_data_event);
        for action in actions {
            let (best, trails) = best(org, store, &action);
            if is_data_event(&action) == has_data {
                by.extend(trails.iter().map(|trail| trail.arn.as_str()));
                all = worse(all, &best);
            }
            if best != Recorded::Yes {
                missing.push(Missing {
                    action,
                    recorded: best,
                });
            }
        }
        *side = all;
    }
    missing.sort_by(|left, right| left.action.cmp(&right.action));
    missing.dedup_by(|left, right| left.action == right.action);
    let trails = || {
        org.trails
            .iter()
            .filter(|trail| by.contains(trail.arn.as_str()))
    };
    let archives: BTreeSet<&str> = trails()
        .filter_map(|trail| trail.bucket.present().map(|name| &**name))
        .collect();
    let [read, write] = sides;
    let events = DataEvents {
        read,
        write,
        trails: trails().map(|trail| trail.name.to_string()).collect(),
        archives: archives
            .into_iter()
            .map(|name| format!("arn:aws:s3:::{name}"))
            .collect(),
    };
    (events, missing)
}

/// What counts as reading and what as writing.
const SIDES: [&[Class]; 2] = [&[Class::Read, Class::List], &[Class::Write, Class::Delete]];

fn actions(store: &Store<'_>, classes: &[Class]) -> BTreeSet<ActionName> {
    let of_class = classes.iter().flat_map(|class| store.actions(*class));
    of_class.filter(is_settled).collect()
}

fn is_data_event(action: &ActionName) -> bool {
    let known = cofferdam_catalog::recording(action.service(), action.name());
    known.is_some_and(|known| known.category() == EventCategory::Data)
}

/// One unrecorded action makes a side unrecorded; one in doubt leaves it open.
fn worse(all: Option<bool>, one: &Recorded) -> Option<bool> {
    match one {
        Recorded::Yes => all,
        Recorded::No(_) | Recorded::Partly(_) => Some(false),
        Recorded::Unknown(_) => all.filter(|recorded| !recorded),
    }
}

/// What the best trail records of an action, and the trails that record anything of it.
fn best<'a>(
    org: &'a Organization,
    store: &Store<'_>,
    action: &ActionName,
) -> (Recorded, Vec<&'a Trail>) {
    let mut best = Recorded::No("no trail was read".to_owned());
    let mut by = Vec::new();
    for trail in &org.trails {
        let one = recorded(org, trail, store, action, store.resource.account);
        if matches!(one, Recorded::Yes | Recorded::Partly(_)) {
            by.push(trail);
        }
        if rank(&one) >= rank(&best) {
            best = one;
        }
    }
    (best, by)
}

fn rank(recorded: &Recorded) -> u8 {
    match recorded {
        Recorded::No(_) => 0,
        Recorded::Partly(_) => 1,
        Recorded::Unknown(_) => 2,
        Recorded::Yes => 3,
    }
}

/// Whether a trail delivers to a bucket; `None` if that was not read.
pub(super) fn delivers_to(trail: &Trail, bucket: &str) -> Option<bool> {
    match &trail.bucket {
        Known::Present(name) => Some(&**name == bucket),
        Known::Absent => Some(false),
        Known::Unknown(_) => None,
    }
}
