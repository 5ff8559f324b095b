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
use cofferdam_policy::matching::action_matches;

use super::Document;

/// One real action for each way in which the documents, and the actions asked about, match.
pub(super) fn actions(documents: &[Document<'_>], only: &[ActionPattern]) -> Vec<ActionName> {
    let mut lists: Vec<&[ActionPattern]> = documents
        .iter()
        .flat_map(|document| lists(document))
        .collect();
    lists.push(only);
    let mut kinds: BTreeMap<Vec<u64>, Action> = BTreeMap::new();
    for service in mentioned(&lists) {
        let here: Vec<Vec<&ActionPattern>> = lists
            .iter()
            .map(|list| of_service(list, &service))
            .collect();
        let read: Vec<&str> = data_actions(&service, Class::Read)
            .map(|data| data.name())
            .collect();
        let liking = |action: &Action| liking(action, &read);
        for action in actions_of(&service) {
            if !only.is_empty() && !matches(only, &action) {
                continue;
            }
            let kind = signature(&here, &action);
            match kinds.get_mut(&kind) {
                Some(known) if liking(&action) < liking(known) => *known = action,
                Some(_) => {}
                None => {
                    kinds.insert(kind, action);
                }
            }
        }
    }
    kinds
        .into_values()
        .filter_map(|action| {
            ActionName::parse(&format!("{}:{}", action.service(), action.name())).ok()
        })
        .collect()
}

/// Which of several like actions a person would rather read in a witness: the smallest. Reading
/// data comes first, then reading anything, then short names. `read` names the service's actions
/// that read data.
fn liking(action: &Action, read: &[&str]) -> (bool, bool, usize) {
    (
        !read.contains(&action.name()),
        action.access() != Access::Read,
        action.name().len(),
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

fn of_service<'p>(list: &'p [ActionPattern], service: &str) -> Vec<&'p ActionPattern> {
    let here = |pattern: &&ActionPattern| match pattern {
        ActionPattern::Every => true,
        ActionPattern::Of { service: of, .. } => **of == *service,
        ActionPattern::Nothing(_) => false,
    };
    list.iter().filter(here).collect()
}

fn matches(patterns: &[ActionPattern], action: &Action) -> bool {
    patterns
        .iter()
        .any(|pattern| action_matches(pattern, action.service(), action.name()))
}

/// Which lists match, one bit each.
fn signature(lists: &[Vec<&ActionPattern>], action: &Action) -> Vec<u64> {
    let matched = |list: &Vec<&ActionPattern>| {
        list.iter()
            .any(|pattern| action_matches(pattern, action.service(), action.name()))
    };
    lists
        .chunks(u64::BITS as usize)
        .map(|chunk| {
            chunk
                .iter()
                .fold(0, |bits, list| bits << 1 | u64::from(matched(list)))
        })
        .collect()
}
