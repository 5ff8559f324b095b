//! What only KMS keys have, and how stores name their key.
//!
//! A store names its key by ARN, by id or by alias, with or without the account. After building,
//! every name that can be told is the key's ARN, so that no later room compares names.

use std::collections::BTreeMap;

use cofferdam_names::Arn;
use cofferdam_text::{Member, Node};

use super::access::{Builder, field, fields};
use crate::fact::{Attribute, Entity, Known};
use crate::model::{Details, Grant, KeyDetails, Resource};

/// The key's state, manager, grants, aliases and replicas.
pub(super) fn details(builder: &mut Builder, entity: &Entity, arn: &Arn) -> KeyDetails {
    KeyDetails {
        aws_managed: builder
            .text(entity, Attribute::KeyManager)
            .map(|manager| &*manager == "AWS"),
        state: builder.text(entity, Attribute::Status),
        grants: grants(builder, entity),
        rotation: builder.flag(entity, Attribute::Rotation),
        aliases: builder
            .texts(entity, Attribute::Aliases)
            .present()
            .cloned()
            .unwrap_or_default(),
        replicas: replicas(builder, entity, arn),
    }
}

fn grants(builder: &mut Builder, entity: &Entity) -> Known<Vec<Grant>> {
    builder.every(
        entity,
        Attribute::Grants,
        "a grant with principal, operations and known constraints",
        grant,
    )
}

fn grant(node: &Node) -> Option<Grant> {
    let constraints = node.get("Constraints").filter(|node| !node.is_null());
    constraints.map_or(Some(()), understood)?;
    Some(Grant {
        id: field(node, "GrantId").unwrap_or_default(),
        grantee: field(node, "GranteePrincipal")?,
        retiring: field(node, "RetiringPrincipal"),
        operations: fields(node, "Operations")?,
        context_equals: pairs(constraints, CONTEXT_EQUALS)?,
        context_subset: pairs(constraints, CONTEXT_SUBSET)?,
        origin: Some(node.origin),
    })
}

const CONTEXT_EQUALS: &str = "EncryptionContextEquals";
const CONTEXT_SUBSET: &str = "EncryptionContextSubset";

/// A constraint of another kind would make the grant narrower than it seems.
fn understood(constraints: &Node) -> Option<()> {
    let mut members = constraints.as_object()?.iter();
    members
        .all(|member| [CONTEXT_EQUALS, CONTEXT_SUBSET].contains(&&*member.key))
        .then_some(())
}

fn pairs(constraints: Option<&Node>, key: &str) -> Option<Vec<(Box<str>, Box<str>)>> {
    let Some(context) = constraints.and_then(|node| node.get(key)) else {
        return Some(Vec::new());
    };
    let pair = |member: &Member| Some((member.key.clone(), member.value.text()?.into()));
    context.as_object()?.iter().map(pair).collect()
}

fn replicas(builder: &mut Builder, entity: &Entity, arn: &Arn) -> Vec<Box<str>> {
    let Known::Present(node) = builder.get(entity, Attribute::MultiRegion) else {
        return Vec::new();
    };
    let replicas = node.get("ReplicaKeys").map(Node::items).unwrap_or_default();
    let all = node.get("PrimaryKey").into_iter().chain(replicas);
    let mut arns: Vec<_> = all.filter_map(|key| field(key, "Arn")).collect();
    arns.retain(|found| **found != *arn.as_str());
    arns.sort();
    arns
}

/// Replaces key ids and aliases of stores by ARNs, where they can be told.
pub(super) fn resolve(resources: &mut [Resource]) {
    let aliases = aliases(resources);
    for resource in resources {
        let Known::Present(encryption) = &mut resource.encryption else {
            continue;
        };
        let Some(stated) = encryption.key.take() else {
            continue;
        };
        let region = resource.region.present().map_or("", |region| &**region);
        let place = format!(
            "arn:{}:kms:{region}:{}:",
            resource.arn.partition(),
            resource.account
        );
        encryption.key = Some(key_arn(&stated, &place, &aliases));
    }
}

fn key_arn(stated: &str, place: &str, aliases: &BTreeMap<String, Box<str>>) -> Box<str> {
    let full = match stated {
        _ if stated.starts_with("arn:") => stated.to_owned(),
        _ if stated.starts_with("alias/") || stated.starts_with("key/") => {
            format!("{place}{stated}")
        }
        _ => format!("{place}key/{stated}"),
    };
    aliases.get(&full).cloned().unwrap_or_else(|| full.into())
}

/// Alias ARNs to key ARNs.
fn aliases(resources: &[Resource]) -> BTreeMap<String, Box<str>> {
    let mut found = BTreeMap::new();
    for resource in resources {
        if let Details::Key(key) = &resource.details {
            let region = resource.arn.region();
            let place = format!(
                "arn:{}:kms:{region}:{}:",
                resource.arn.partition(),
                resource.account
            );
            let arn = resource.arn.as_str();
            found.extend(
                key.aliases
                    .iter()
                    .map(|alias| (format!("{place}{alias}"), arn.into())),
            );
        }
    }
    found
}
