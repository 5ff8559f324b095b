//! The inventory: for each resource of each dataset who reaches it, from where, with which key,
//! under which policy, and what is recorded of it.
//!
//! A row is made from the same data paths that obligations are asked of, so that the two cannot
//! say different things. What is missing or weak in any column is a gap, one sentence each.

mod coverage;
mod gaps;

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::gather::{Door, layer_of};
use cofferdam_authz::layers::LayerId;
use cofferdam_catalog::{Class, KeyCheck};
use cofferdam_findings::finding::Reason;
use cofferdam_findings::inventory::{Access, Row};
use cofferdam_names::Arn;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId, Resource};

use crate::cast::Cast;
use crate::file::{Boundary, Dataset, Date};
use crate::obligations::{Approval, Context};
use crate::reach::{PlaceName, Question, Way, Ways};
use crate::scope::{Scope, Store};

/// The rows of every dataset, in the order of the boundary. Where no file declares a boundary,
/// nothing is approved or unapproved.
pub fn inventory(
    org: &Organization,
    boundary: &Boundary,
    cast: &Cast<'_>,
    as_of: Option<Date>,
) -> Vec<Row> {
    let context = Context {
        org,
        boundary,
        cast,
        as_of,
    };
    boundary
        .datasets
        .iter()
        .flat_map(|dataset| of_dataset(&context, dataset))
        .collect()
}

fn of_dataset(context: &Context<'_>, dataset: &Dataset) -> Vec<Row> {
    let scope = Scope::of(context.org, dataset);
    let approval = Approval {
        context: *context,
        dataset,
    };
    let is_declared = context.boundary.origin.is_some();
    let question = Question {
        org: context.org,
        cast: context.cast,
        approval: is_declared.then_some(approval),
    };
    let rows = scope.stores.iter();
    let rows = rows.filter_map(|store| row_of_way(&question, store));
    let found = rows.map(|row| Row {
        dataset: dataset.name.clone(),
        ..row
    });
    let missing = scope.not_found.iter().map(|arn| not_found(dataset, arn));
    found.chain(missing).collect()
}

fn not_found(dataset: &Dataset, arn: &str) -> Row {
    Row {
        dataset: dataset.name.clone(),
        resource: arn.to_owned(),
        encryption_key_checked_against: KeyCheck::Unused.word(),
        gaps: vec!["no source states this resource, so nothing is known of it".to_owned()],
        ..Row::default()
    }
}

/// The row of a store by one of its ways. Access points of others are shown only if somebody may
/// get in by one.
pub(crate) fn row_of_way<'a>(question: &Question<'a>, store: &Store<'a>) -> Option<Row> {
    let found = row(question, store, &[None]);
    match store.door {
        None | Some(Door::Own) => Some(found),
        Some(Door::Point(point)) => Some(Row {
            resource: point.arn.to_string(),
            resource_policy: policy_of(question.org, LayerId::AccessPoint, &point.policy),
            ..found
        }),
        Some(Door::Unread) => (!found.principals.is_empty()).then(|| Row {
            resource: format!("{} {}", found.resource, store.way().unwrap_or_default()),
            ..found
        }),
    }
}

/// The row of one store.
pub(crate) fn row<'a>(
    question: &Question<'a>,
    store: &Store<'a>,
    vias: &[Option<&'static str>],
) -> Row {
    let ways = question.ways(store, vias);
    let mut row = Row {
        dataset: String::new(),
        resource: store.resource.arn.to_string(),
        principals: principals(&ways),
        networks: networks(&ways),
        endpoints: endpoints(&ways),
        keys: keys(question.org, store.resource),
        resource_policy: resource_policy(question.org, store.resource),
        data_events: coverage::data_events(question.org, store).0,
        encryption_key_checked_against: key_check(store),
        gaps: Vec::new(),
    };
    row.gaps = gaps::gaps(question, store, &ways, &row);
    if row.principals.len() > PRINCIPALS_ONE_BY_ONE {
        row.principals = by_account(row.principals);
    }
    row
}

/// Ways that differ only in class or place, as one entry a principal.
pub(crate) fn principals(ways: &Ways) -> Vec<Access> {
    let mut places: BTreeMap<(&Whose<'_>, Class), BTreeSet<&PlaceName>> = BTreeMap::new();
    let whose: Vec<(Whose<'_>, &Way)> = ways.ways.iter().map(|way| (Whose::of(way), way)).collect();
    for (whose, way) in &whose {
        places
            .entry((whose, way.class))
            .or_default()
            .insert(&way.from);
    }
    let mut classes: BTreeMap<(&Whose<'_>, BTreeSet<&PlaceName>), Vec<Class>> = BTreeMap::new();
    for ((whose, class), from) in places {
        classes.entry((whose, from)).or_default().push(class);
    }
    let access = classes.into_iter().map(|((whose, from), can)| Access {
        principal: whose.principal.to_owned(),
        can: can.iter().map(|class| class.word().to_owned()).collect(),
        from: from_words(&from, &ways.places),
        approved: whose.approved,
        certain: whose.certain,
        conditions: whose.conditions.to_vec(),
    });
    access.collect()
}

/// What ways of one entry have in common.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Whose<'w> {
    principal: &'w str,
    approved: Option<bool>,
    certain: bool,
    conditions: &'w [String],
}

impl<'w> Whose<'w> {
    fn of(way: &'w Way) -> Whose<'w> {
        Whose {
            principal: &way.principal,
            approved: way.approved,
            certain: way.certain,
            conditions: &way.conditions,
        }
    }
}

/// The words for every place that there is.
const ANY_NETWORK: &str = "any network";

fn from_words(from: &BTreeSet<&PlaceName>, all: &BTreeSet<PlaceName>) -> Vec<String> {
    let several = all.len() > 1;
    if several && all.iter().all(|place| from.contains(place)) {
        return vec![ANY_NETWORK.to_owned()];
    }
    let words: BTreeSet<&str> = from.iter().map(|place| &*place.words).collect();
    words.into_iter().map(str::to_owned).collect()
}

fn networks(ways: &Ways) -> Vec<String> {
    let words: BTreeSet<&str> = ways.ways.iter().map(|way| &*way.from.words).collect();
    words.into_iter().map(str::to_owned).collect()
}

fn endpoints(ways: &Ways) -> Vec<String> {
    let ids: BTreeSet<&str> = ways
        .ways
        .iter()
        .filter_map(|way| way.from.endpoint.as_deref())
        .collect();
    ids.into_iter().map(str::to_owned).collect()
}

/// The key as an ARN where it was read, else as the resource names it.
fn keys(org: &Organization, resource: &Resource) -> Vec<String> {
    let Known::Present(encryption) = &resource.encryption else {
        return Vec::new();
    };
    let named = encryption.key.as_deref().map(str::to_owned);
    let found = org.key_of(resource).map(|key| key.arn.to_string());
    found.or(named).into_iter().collect()
}

fn resource_policy(org: &Organization, resource: &Resource) -> Option<Reason> {
    policy_of(org, layer_of(resource), &resource.policy)
}

fn policy_of(org: &Organization, layer: LayerId, policy: &Known<PolicyId>) -> Option<Reason> {
    let policy = org.policies.get(*policy.present()?);
    Some(Reason {
        document: policy.name.to_string(),
        layer: layer.id(),
        statement: None,
        sid: None,
        effect: "policy".to_owned(),
        origin: policy.origin,
    })
}

/// Against whom the service checks the key when content is read; the weakest answer of several.
fn key_check(store: &Store<'_>) -> &'static str {
    let reads = store.groups.iter().filter(|group| {
        group
            .actions
            .iter()
            .any(|action| action.classes.first() == Some(&Class::Read))
    });
    let checks: Vec<KeyCheck> = reads.map(|group| group.key_check).collect();
    let customers = matches!(&store.resource.encryption,
        Known::Present(encryption) if encryption.key.is_some());
    let has = |check| customers && checks.contains(&check);
    match (has(KeyCheck::Service), has(KeyCheck::Caller)) {
        (true, _) => KeyCheck::Service.word(),
        (false, true) => KeyCheck::Caller.word(),
        (false, false) => KeyCheck::Unused.word(),
    }
}

/// Up to how many entries a row names every principal: a page can show so many.
pub(crate) const PRINCIPALS_ONE_BY_ONE: usize = 30;

/// What principals of one account must share to be one entry.
type Alike = (
    String,
    Vec<String>,
    Vec<String>,
    Option<bool>,
    bool,
    Vec<String>,
);

/// Principals of one account with the same answer as one entry, the first of them by name.
pub(crate) fn by_account(principals: Vec<Access>) -> Vec<Access> {
    let mut groups: BTreeMap<Alike, Vec<Access>> = BTreeMap::new();
    for access in principals {
        let account = Arn::parse(&access.principal).map(|arn| arn.account().to_owned());
        let owner = account.unwrap_or_else(|_| access.principal.clone());
        let Access {
            can,
            from,
            approved,
            certain,
            conditions,
            ..
        } = access.clone();
        groups
            .entry((owner, can, from, approved, certain, conditions))
            .or_default()
            .push(access);
    }
    let one = |((owner, ..), members): (Alike, Vec<Access>)| {
        let count = members.len();
        let first = members.into_iter().next()?;
        let principal = match count {
            1 => first.principal.clone(),
            _ => format!(
                "{count} principals of account {owner}, such as {}",
                first.principal
            ),
        };
        Some(Access { principal, ..first })
    };
    groups.into_iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests;
