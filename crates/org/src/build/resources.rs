//! Stores, keys and functions: one table row per kind, one reader for all.

use cofferdam_names::Arn;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::Node;

use super::access::{Builder, field};
use super::{buckets, keys};
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::{Details, Encryption, Resource};

/// How one kind of resource is read.
struct Row {
    kind: Kind,
    /// What people call its policy.
    policy: &'static str,
    grammar: PolicyKind,
}

const ROWS: &[Row] = &[
    Row {
        kind: Kind::Bucket,
        policy: "bucket policy",
        grammar: PolicyKind::Resource,
    },
    Row {
        kind: Kind::Key,
        policy: "key policy",
        grammar: PolicyKind::Key,
    },
    Row {
        kind: Kind::Queue,
        policy: "queue policy",
        grammar: PolicyKind::Resource,
    },
    Row {
        kind: Kind::Topic,
        policy: "topic policy",
        grammar: PolicyKind::Resource,
    },
    Row {
        kind: Kind::Secret,
        policy: "secret policy",
        grammar: PolicyKind::Resource,
    },
    Row {
        kind: Kind::Table,
        policy: "table policy",
        grammar: PolicyKind::Resource,
    },
    Row {
        kind: Kind::Function,
        policy: "function policy",
        grammar: PolicyKind::Resource,
    },
    Row {
        kind: Kind::Repository,
        policy: "repository policy",
        grammar: PolicyKind::Resource,
    },
];

/// Every resource, in the order of the ARNs.
pub(super) fn resources(builder: &mut Builder) -> Vec<Resource> {
    let mut found = Vec::new();
    for row in ROWS {
        let entities = builder.existing(row.kind);
        found.extend(
            entities
                .into_iter()
                .filter_map(|entity| resource(builder, row, entity)),
        );
    }
    found.sort_by(|a: &Resource, b: &Resource| a.arn.as_str().cmp(b.arn.as_str()));
    found
}

fn resource(builder: &mut Builder, row: &Row, entity: &Entity) -> Option<Resource> {
    let arn = builder.arn(entity)?;
    let account = builder.account(entity, Some(&arn))?;
    let name = format!("{} of {}", row.policy, arn.resource());
    Some(Resource {
        kind: row.kind,
        account,
        region: region(builder, entity, &arn),
        policy: builder.policy(entity, Attribute::ResourcePolicy, row.grammar, &name),
        tags: builder.tags(entity),
        encryption: encryption(builder, entity),
        details: details(builder, entity, &arn),
        origin: builder.origin(entity),
        arn,
    })
}

/// The Region in the ARN, else the one that is stated.
fn region(builder: &mut Builder, entity: &Entity, arn: &Arn) -> Known<Box<str>> {
    match arn.region() {
        "" => builder.text(entity, Attribute::Region),
        region => Known::Present(region.into()),
    }
}

fn encryption(builder: &mut Builder, entity: &Entity) -> Known<Encryption> {
    if entity.kind == Kind::Key {
        return Known::Absent;
    }
    let stated = builder.shaped(
        entity,
        Attribute::Encryption,
        "an encryption setting",
        with_key,
    );
    stated.and_then(|setting| setting.map_or(Known::Absent, Known::Present))
}

/// The inner `None`: a key that AWS owns, which no policy of ours governs.
fn with_key(node: &Node) -> Option<Option<Encryption>> {
    let algorithm = field(node, "Algorithm")?;
    let key = field(node, "KeyId").filter(|key| !key.is_empty() && !names_managed_key(key));
    let governed = algorithm.starts_with("aws:kms");
    Some(governed.then_some(Encryption {
        key,
        origin: Some(node.origin),
    }))
}

/// Aliases below `alias/aws/` are AWS managed keys ("AWS managed keys", KMS developer guide).
fn names_managed_key(key: &str) -> bool {
    key.starts_with("alias/aws/") || key.contains(":alias/aws/")
}

fn details(builder: &mut Builder, entity: &Entity, arn: &Arn) -> Details {
    match entity.kind {
        Kind::Bucket => Details::Bucket(buckets::details(builder, entity)),
        Kind::Key => Details::Key(keys::details(builder, entity, arn)),
        _ => Details::Plain,
    }
}
