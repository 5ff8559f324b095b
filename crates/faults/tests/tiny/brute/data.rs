//! Whether data leaves, and whether any trail still tells.

use cofferdam_authz::gather::Thing;
use cofferdam_catalog::{Forward, forwarded_from};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{FieldSelector, Resource, Selectors, Trail};

use super::act::tags;
use super::decide::{From, Question, Truth, Who, allowed_from, origins};
use super::world::{Change, World};
use crate::case::Case;

/// How the content of a store is read, how CloudTrail calls those events, and which service uses
/// the store's key for them.
fn reading(store: &Resource) -> (&'static [&'static str], &'static str, &'static str) {
    let (actions, kind, service): (&[&str], _, _) = match store.kind {
        Kind::Bucket => (OBJECT, "AWS::S3::Object", "s3"),
        Kind::Table => (
            &["dynamodb:GetItem", "dynamodb:Query"],
            "AWS::DynamoDB::Table",
            "dynamodb",
        ),
        Kind::Queue => (&["sqs:ReceiveMessage"], "AWS::SQS::Queue", "sqs"),
        Kind::Secret => (&["secretsmanager:GetSecretValue"], "", "secretsmanager"),
        _ => panic!("{} is no store of these cases", store.arn),
    };
    (actions, kind, service)
}

/// An object, one of its versions, and both by torrent, each of which is a right of its own.
const OBJECT: &[&str] = &[
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:GetObjectTorrent",
    "s3:GetObjectVersionTorrent",
];

/// Reads of which no page says whether CloudTrail tells of them, each with how sure it is for whoever
/// is allowed it: by some AWS replicates, and nobody calls them.
fn unsure(store: &Resource) -> &'static [(&'static str, Truth)] {
    match store.kind {
        Kind::Bucket => &[("s3:GetObjectVersionForReplication", Truth::Possible)],
        Kind::Table => &[
            (REPLICATED, Truth::Possible),
            ("dynamodb:SearchVectors", Truth::Certain),
        ],
        _ => &[],
    }
}

/// DynamoDB itself makes replicas, and uses the key for that, whoever the key lets in.
const REPLICATED: &str = "dynamodb:ReadDataForReplication";

/// Whether data leaves by reads that count, as far as it can be told.
pub fn leaks_by(world: &World, case: &Case, counts: impl Fn(Truth) -> bool) -> Truth {
    let mut best = Truth::No;
    for arn in &case.data {
        let store = world.org.resource(arn).expect("a store that was read");
        let trails = world.org.trails.iter();
        let sure = trails.map(|trail| records_reads_of(trail, store)).max();
        let sure = sure.unwrap_or(Truth::No);
        if counts(sure) {
            for action in reading(store).0 {
                best = best.max(read(world, case, store, action));
            }
        }
        let trails = world.org.trails.iter();
        let perhaps = trails.map(|trail| perhaps_records(trail, store)).max();
        if counts(perhaps.unwrap_or(Truth::No)) {
            for (action, sure) in unsure(store) {
                best = best.max(read(world, case, store, action).min(*sure));
            }
        }
    }
    best
}

/// Whether data leaves, as far as it can be told.
pub fn leaks(world: &World, case: &Case) -> Truth {
    let stores = case
        .data
        .iter()
        .map(|arn| world.org.resource(arn).expect("a store that was read"));
    let each = stores.map(|store| copied(world, case, store));
    let copied = each.max().unwrap_or(Truth::No);
    copied.max(leaks_by(world, case, |_| true))
}

/// Under a key a copy takes somebody who may use the key, and who uses it for the copy is not known.
fn copied(world: &World, case: &Case, store: &Resource) -> Truth {
    let copy = Change::Copy(store.arn.to_string());
    if !world.changed.contains(&copy) {
        return Truth::No;
    }
    if store.encryption.unknown().is_some() {
        return Truth::Possible;
    }
    let Some(key) = world.org.key_of(store) else {
        return Truth::Certain;
    };
    let (_, _, service) = reading(store);
    let may = |arn: &String| {
        let who = Who::Named(arn);
        uses(world, case, key, service, &who) != Truth::No
    };
    let own = Change::Own(key.arn.to_string());
    match world.changed.contains(&own) || world.who.iter().any(may) {
        true => Truth::Possible,
        false => Truth::No,
    }
}

/// Whether somebody may have a service decrypt with a key.
fn uses(world: &World, case: &Case, key: &Resource, service: &str, who: &Who<'_>) -> Truth {
    let host = format!("{service}.eu-west-1.amazonaws.com");
    let asked = Question {
        who: who.clone(),
        action: "kms:Decrypt",
        thing: Thing::Resource(key),
        resource: key.arn.as_str(),
        stated: Vec::new(),
        forwarded_by: Some(&host),
    };
    allowed_from(world, case, &asked, &From::Internet)
}

fn read(world: &World, case: &Case, store: &Resource, action: &str) -> Truth {
    let named = world.who.iter().map(|arn| Who::Named(arn));
    let readers = [Who::Outsider, Who::Anonymous].into_iter().chain(named);
    let each = readers.map(|who| by(world, case, store, &who, action));
    each.max().unwrap_or(Truth::No)
}

fn by(world: &World, case: &Case, store: &Resource, who: &Who<'_>, action: &str) -> Truth {
    let outside = |from: &From| match who {
        Who::Named(arn) => !is_approved(case, arn, from),
        _ => true,
    };
    let mut worlds = vec![world.clone()];
    if let Who::Named(arn) = who {
        worlds.extend(world.tagged(arn, &tags(case)));
    }
    let mut best = Truth::No;
    for world in &worlds {
        let store = world.org.resource(store.arn.as_str()).unwrap();
        for from in origins(world, case).iter().filter(|from| outside(from)) {
            best = best.max(path(world, case, (store, action), who, (from, None)));
            for forward in services_that_repeat(action) {
                let started = starts(world, case, who, forward, from);
                let host = forward.called_via;
                let data = path(world, case, (store, action), who, (from, host));
                best = best.max(started.min(data));
            }
        }
    }
    best
}

/// The addresses that cases name, beside all of them.
const OFFICE: &str = "198.51.100.0/24";

/// Whether the read of this principal from there is what was approved. A case approves all
/// addresses, or some that are not the attacker's.
fn is_approved(case: &Case, arn: &str, from: &From) -> bool {
    let mut rows = case.approved.iter().filter(|(who, _)| who == arn);
    rows.any(|(_, network)| match (network, from) {
        (None, _) => false,
        (Some(network), From::Endpoint(id)) => network == id,
        (Some(network), From::Address(_)) => network == "0.0.0.0/0" || network == OFFICE,
        (Some(network), From::Internet) => network == "0.0.0.0/0",
    })
}

/// Services that make a request again as whoever asked them to.
fn services_that_repeat(action: &str) -> impl Iterator<Item = Forward> {
    let (service, name) = action.split_once(':').unwrap();
    let forwards = forwarded_from(service, name);
    forwards.filter(move |forward| forward.called_via.is_some() && forward.service != service)
}

/// Whether somebody may have such a service do it. What an outsider does at home nobody governs.
fn starts(world: &World, case: &Case, who: &Who<'_>, forward: Forward, from: &From) -> Truth {
    let account = match who {
        Who::Named(arn) => arn.split(':').nth(4).unwrap(),
        Who::Outsider => return Truth::Certain,
        _ => return Truth::No,
    };
    let kind = match forward.service {
        "athena" => "workgroup/primary",
        "cloudformation" => "stack/any/1",
        _ => "table/any",
    };
    let asked = Question {
        who: who.clone(),
        action: &format!("{}:{}", forward.service, forward.action),
        thing: Thing::Nothing,
        resource: &format!("arn:aws:{}:eu-west-1:{account}:{kind}", forward.service),
        stated: Vec::new(),
        forwarded_by: None,
    };
    allowed_from(world, case, &asked, from)
}

/// The read, and the use of the key that it causes.
fn path(
    world: &World,
    case: &Case,
    (store, action): (&Resource, &str),
    who: &Who<'_>,
    (from, forwarded_by): (&From, Option<&str>),
) -> Truth {
    let (_, _, service) = reading(store);
    let resource = match store.kind {
        Kind::Bucket => format!("{}/some/object", store.arn),
        _ => store.arn.to_string(),
    };
    let asked = Question {
        who: who.clone(),
        action,
        thing: Thing::Resource(store),
        resource: &resource,
        stated: Vec::new(),
        forwarded_by,
    };
    let data = allowed_from(world, case, &asked, from);
    let Some(key) = world.org.key_of(store).filter(|_| action != REPLICATED) else {
        return data;
    };
    data.min(uses(world, case, key, service, who))
}

/// How far a trail records reads of the dataset, when nobody has touched it: those that every reader
/// makes, and any at all.
pub fn records(world: &World, case: &Case, trail: &Trail) -> [Truth; 2] {
    let stores = case.data.iter().map(|arn| world.org.resource(arn).unwrap());
    let each = stores.clone().map(|store| records_reads_of(trail, store));
    let sure = each.max().unwrap_or(Truth::No);
    let each = stores
        .filter(|store| !unsure(store).is_empty())
        .map(|store| perhaps_records(trail, store));
    [sure, each.fold(sure, Truth::max)]
}

/// What nobody knows to be recorded may be, by a trail that looks.
fn perhaps_records(trail: &Trail, store: &Resource) -> Truth {
    looks(trail, store).min(Truth::Possible)
}

/// Whether a trail is on, and for the account of a store.
fn looks(trail: &Trail, store: &Resource) -> Truth {
    if trail.account != store.account && trail.organization != Known::Present(true) {
        return Truth::No;
    }
    match &trail.logging {
        Known::Present(true) => Truth::Certain,
        Known::Unknown(_) => Truth::Possible,
        _ => Truth::No,
    }
}

fn records_reads_of(trail: &Trail, store: &Resource) -> Truth {
    let (_, kind, _) = reading(store);
    let kept = match &trail.selectors {
        Known::Unknown(_) => Truth::Possible,
        // Without selectors a trail keeps management events, of which GetSecretValue is one.
        Known::Absent => yes(kind.is_empty()),
        Known::Present(Selectors::Basic(_)) => yes(kind.is_empty()),
        Known::Present(Selectors::Advanced(any)) => yes(any.iter().any(|all| {
            all.fields.iter().all(|field| match &*field.field {
                "eventCategory" if kind.is_empty() => is(field, "Management"),
                "eventCategory" => is(field, "Data"),
                "resources.type" => is(field, kind),
                "readOnly" => is(field, "true"),
                other => panic!("no case selects by {other}"),
            })
        })),
    };
    looks(trail, store).min(kept)
}

fn is(field: &FieldSelector, value: &str) -> bool {
    field.equals.iter().any(|equal| &**equal == value)
}

fn yes(holds: bool) -> Truth {
    match holds {
        true => Truth::Certain,
        false => Truth::No,
    }
}

/// What becomes of what a trail records, in the words of the contracts.
pub fn put_out(world: &World, case: &Case, trail: &Trail) -> Option<&'static str> {
    let has = |change: Change| world.changed.contains(&change);
    let bucket = trail
        .bucket
        .present()
        .map(|name| format!("arn:aws:s3:::{name}"));
    let archive = bucket.as_deref().and_then(|arn| world.org.resource(arn));
    let own = trail.key.present().and_then(|key| world.org.resource(key));
    let under = archive.and_then(|archive| world.org.key_of(archive));
    let keys: Vec<String> = [own, under]
        .into_iter()
        .flatten()
        .map(|key| key.arn.to_string())
        .collect();
    let bucket = bucket.filter(|_| archive.is_some());
    let stopped = has(Change::Blind(trail.arn.to_string()));
    let altered = bucket.iter().any(|bucket| {
        has(Change::Evidence(bucket.clone())) || has(Change::Destroy(bucket.clone()))
    });
    let kept_out = bucket
        .iter()
        .any(|bucket| has(Change::Own(bucket.clone())) || has(Change::Deleted(bucket.clone())))
        || keys.iter().any(|key| has(Change::Own(key.clone())));
    let unreadable = keys.iter().any(|key| has(Change::Unkey(key.clone())));
    // A trail of the organization records who is in it, and whoever has it records itself.
    let mut stores = case.data.iter().map(|arn| world.org.resource(arn).unwrap());
    let gone = trail.organization == Known::Present(true)
        && stores.all(|store| store.account != trail.account && has(Change::Left(store.account)));
    match () {
        () if stopped => Some("stopped"),
        () if altered => Some("altered"),
        () if kept_out => Some("stopped"),
        () if unreadable => Some("altered"),
        () if gone => Some("stopped"),
        () => None,
    }
}
