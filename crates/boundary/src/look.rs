//! One resource, without any boundary: every way in.
//!
//! Keys are looked at too. A key is used directly or by a service that repeats the request as its
//! caller, and policies tell the two apart, so each service is a way of its own.

use cofferdam_authz::gather::Door;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_catalog::{KeyCheck, all_data_actions};
use cofferdam_findings::inventory::Row;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Kind;
use cofferdam_org::model::{Organization, Resource};

use crate::cast::Cast;
use crate::inventory::{row, row_of_way};
use crate::path::host_of;
use crate::reach::Question;
use crate::scope::{ClassedAction, Group, Store};
use crate::who_can::behind_point;

/// The row of the resource that an ARN names; none if no source states it, or if it neither holds
/// data nor guards any.
pub fn look(org: &Organization, arn: &str, cast: &Cast<'_>) -> Vec<Row> {
    let question = Question {
        org,
        cast,
        approval: None,
    };
    let Some(resource) = org.resource(arn) else {
        return through(&question, arn);
    };
    match (Store::of(resource), resource.kind) {
        (Some(store), _) => {
            let doors = store.doors(org);
            let rows = doors.iter();
            rows.filter_map(|store| row_of_way(&question, store))
                .collect()
        }
        (None, Kind::Key) => vec![row(&question, &key(resource), &vias())],
        (None, _) => Vec::new(),
    }
}

/// The row of an access point.
fn through(question: &Question<'_>, arn: &str) -> Vec<Row> {
    let behind = behind_point(question.org, arn);
    let doors = behind
        .and_then(|(_, bucket, _)| Store::of(bucket))
        .map(|store| store.doors(question.org))
        .unwrap_or_default();
    let itself = |store: &&Store<'_>| matches!(store.door, Some(Door::Point(point)) if point.arn.as_str() == arn);
    let rows = doors.iter().filter(itself);
    rows.filter_map(|store| row_of_way(question, store))
        .collect()
}

/// Services that use a key as the caller of theirs.
const USERS: [&str; 5] = ["s3", "dynamodb", "secretsmanager", "sns", "sqs"];

pub(crate) fn vias() -> Vec<Option<&'static str>> {
    let services = USERS.iter().map(|service| Some(host_of(service)));
    [None].into_iter().chain(services).collect()
}

/// The prefix of the service of keys, and its name for a key in the service authorization
/// reference.
const KMS: (&str, &str) = ("kms", "key");

/// A key as something with actions on it.
pub(crate) fn key(resource: &Resource) -> Store<'_> {
    let (service, itself) = KMS;
    let on_keys = all_data_actions(service).filter(|action| action.on().any(|on| on == itself));
    let actions = on_keys.filter_map(|action| {
        let name = ActionName::parse(&format!("{service}:{}", action.name())).ok()?;
        Some(ClassedAction {
            name,
            classes: action.classes().collect(),
        })
    });
    let group = Group {
        wanted: Wanted::Exactly(resource.arn.to_string()),
        key_actions: Vec::new(),
        key_check: KeyCheck::Unused,
        actions: actions.collect(),
    };
    Store {
        resource,
        door: None,
        service,
        groups: vec![group],
    }
}
