//! Actions that documents can tell apart: one real action for each way in which their patterns
//! match.
//!
//! AWS has tens of thousands of actions and a document knows a few patterns, so that most actions
//! are alike to it. One of each kind is asked, which is exact and small.

use std::collections::BTreeMap;

use cofferdam_catalog::{Access, Action, Class, actions_of, data_actions, services};
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{ActionPattern, Actions};
use cofferdam_policy::matching::name_matches;

use super::Document;

/// One real action for each way in which the documents, and the actions asked about, match.
pub(super) fn actions(documents: &[Document<'_>], only: &[ActionPattern]) -> Vec<ActionName> {
    let mut lists: Vec<&[ActionPattern]> = documents
        .iter()
        .flat_map(|document| lists(document))
        .collect();
    lists.push(only);
    let mut kinds = Kinds::new();
    for service in mentioned(&lists) {
        sort_out(&service, &lists, !only.is_empty(), &mut kinds);
    }
    let names = kinds.into_values().map(|(_, action)| action);
    names
        .filter_map(|action| {
            ActionName::parse(&format!("{}:{}", action.service(), action.name())).ok()
        })
        .collect()
}

/// For each way to match the lists, the action that is liked best and how much.
type Kinds = BTreeMap<Vec<u64>, (Liking, Action)>;

/// Puts each action of a service to its kind; with `asked`, only those that the last list matches.
fn sort_out(service: &str, lists: &[&[ActionPattern]], asked: bool, kinds: &mut Kinds) {
    let here: Vec<Said<'_>> = lists.iter().map(|list| Said::of(list, service)).collect();
    let read: Vec<&str> = data_actions(service, Class::Read)
        .map(|data| data.name())
        .collect();
    let mut kind = Vec::new();
    for action in actions_of(service) {
        let name = action.name();
        if asked && !here.last().is_some_and(|said| said.matches(name)) {
            continue;
        }
        signature(&here, name, &mut kind);
        let liking = liking(&action, name, &read);
        match kinds.get_mut(kind.as_slice()) {
            Some(known) if liking < known.0 => *known = (liking, action),
            Some(_) => {}
            None => {
                kinds.insert(kind.clone(), (liking, action));
            }
        }
    }
}

/// The smaller, the better; see [`liking`].
type Liking = (bool, bool, usize);

/// Which of several like actions a person would rather read in a witness: the smallest. Reading
/// data comes first, then reading anything, then short names. `read` names the service's actions
/// that read data.
fn liking(action: &Action, name: &str, read: &[&str]) -> Liking {
    (
        !read.contains(&name),
        action.access() != Access::Read,
        name.len(),
    )
}

fn lists<'d>(document: &Document<'d>) -> Vec<&'d [ActionPattern]> {
    let Known::Present(policy) = &document.policy.document else {
        return Vec::new();
    };
    let of = |actions: &'d Actions| match actions {
        Actions::Only(patterns) | Actions::Except(patterns) => patterns.as_slice(),
    };
    policy
        .statements
        .iter()
        .map(|statement| of(&statement.actions))
        .collect()
}

/// Services that some pattern names, and one that none names.
fn mentioned(lists: &[&[ActionPattern]]) -> Vec<String> {
    let mut named: Vec<String> = lists
        .iter()
        .flat_map(|list| list.iter())
        .filter_map(|pattern| match pattern {
            ActionPattern::Of { service, .. } => Some(service.to_string()),
            _ => None,
        })
        .collect();
    named.sort();
    named.dedup();
    let well_known = ["s3", "ec2", "sqs"].into_iter();
    let other = well_known
        .chain(services())
        .find(|service| !named.iter().any(|known| known == service));
    named.extend(other.map(str::to_owned));
    named
}

/// What a list says of one service.
enum Said<'p> {
    /// That it means all of its actions, or none.
    Same(bool),
    /// That it means those whose names these patterns match.
    Names(Vec<&'p str>),
}

impl<'p> Said<'p> {
    fn of(list: &'p [ActionPattern], service: &str) -> Said<'p> {
        let mut here = Vec::new();
        for pattern in list {
            match pattern {
                ActionPattern::Every => return Said::Same(true),
                ActionPattern::Of { service: of, name } if **of == *service => {
                    if &**name == "*" {
                        return Said::Same(true);
                    }
                    here.push(&**name);
                }
                ActionPattern::Of { .. } | ActionPattern::Nothing(_) => {}
            }
        }
        match here.is_empty() {
            true => Said::Same(false),
            false => Said::Names(here),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Said::Same(same) => *same,
            Said::Names(patterns) => patterns.iter().any(|pattern| name_matches(pattern, name)),
        }
    }
}

/// Which lists match, one bit each.
fn signature(lists: &[Said<'_>], name: &str, bits: &mut Vec<u64>) {
    bits.clear();
    let chunks = lists.chunks(u64::BITS as usize);
    bits.extend(chunks.map(|chunk| {
        chunk
            .iter()
            .fold(0, |bits, said| bits << 1 | u64::from(said.matches(name)))
    }));
}
