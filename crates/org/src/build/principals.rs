//! Users and roles, with everything that their identity policies come from.
//!
//! A list of policies that could not be read stands as one policy with an unknown document beside
//! those that could, so that a known Deny still counts. Only if nothing is known of a principal's
//! policies is the whole list unknown.

use std::collections::BTreeMap;

use cofferdam_names::Arn;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::Node;

use super::access::{Builder, field};
use super::managed;
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::{PolicyId, Principal, PrincipalKind};

/// Path of roles that AWS services own ("Using service-linked roles").
const SERVICE_LINKED_PATH: &str = "role/aws-service-role/";

/// Path of roles that Identity Center makes, and the prefix of their names
/// ("Referencing permission sets in resource policies", IAM Identity Center user guide).
const PERMISSION_SET_PATH: &str = "role/aws-reserved/sso.amazonaws.com/";
const PERMISSION_SET_PREFIX: &str = "AWSReservedSSO_";

/// Every user and role, in the order of their ARNs.
pub(super) fn principals(builder: &mut Builder) -> Vec<Principal> {
    let groups = Groups::read(builder);
    let entities = [builder.existing(Kind::Role), builder.existing(Kind::User)].concat();
    let mut found: Vec<_> = entities
        .into_iter()
        .filter_map(|entity| principal(builder, &groups, entity))
        .collect();
    found.sort_by(|a, b| a.arn.as_str().cmp(b.arn.as_str()));
    found
}

fn principal(builder: &mut Builder, groups: &Groups, entity: &Entity) -> Option<Principal> {
    let arn = builder.arn(entity)?;
    let account = builder.account(entity, Some(&arn))?;
    let (identity, of_groups) = identity(builder, groups, entity, &arn);
    Some(Principal {
        account,
        kind: kind(entity, &arn),
        unique_id: builder.text(entity, Attribute::UniqueId),
        tags: builder.tags(entity),
        identity,
        of_groups,
        boundary: boundary(builder, entity),
        trust: trust(builder, entity, &arn),
        permission_set: permission_set(&arn),
        origin: builder.origin(entity),
        arn,
    })
}

fn kind(entity: &Entity, arn: &Arn) -> PrincipalKind {
    match entity.kind {
        Kind::User => PrincipalKind::User,
        _ if arn.resource().starts_with(SERVICE_LINKED_PATH) => PrincipalKind::ServiceLinkedRole,
        _ => PrincipalKind::Role,
    }
}

fn boundary(builder: &mut Builder, entity: &Entity) -> Known<PolicyId> {
    builder
        .text(entity, Attribute::Boundary)
        .map(|arn| managed::managed(builder, &arn))
}

fn trust(builder: &mut Builder, entity: &Entity, arn: &Arn) -> Known<PolicyId> {
    if entity.kind == Kind::User {
        return Known::Absent;
    }
    let name = format!("trust policy of {}", arn.resource());
    builder.policy(entity, Attribute::Trust, PolicyKind::Trust, &name)
}

fn permission_set(arn: &Arn) -> Option<Box<str>> {
    let below = arn.resource().strip_prefix(PERMISSION_SET_PATH)?;
    let name = below
        .rsplit('/')
        .next()?
        .strip_prefix(PERMISSION_SET_PREFIX)?;
    let (set, _hash) = name.rsplit_once('_')?;
    Some(set.into())
}

/// All identity policies, and those of them that come of groups.
fn identity(
    builder: &mut Builder,
    groups: &Groups,
    entity: &Entity,
    arn: &Arn,
) -> (Known<Vec<PolicyId>>, Vec<PolicyId>) {
    let own = own(builder, entity, arn.resource());
    if entity.kind != Kind::User {
        return (own, Vec::new());
    }
    let of_groups = of_groups(builder, groups, entity, arn);
    let shared = of_groups.present().cloned().unwrap_or_default();
    (together(builder, own, of_groups, arn), shared)
}

fn together(
    builder: &mut Builder,
    own: Known<Vec<PolicyId>>,
    of_groups: Known<Vec<PolicyId>>,
    arn: &Arn,
) -> Known<Vec<PolicyId>> {
    match (own, of_groups) {
        (Known::Present(mut own), Known::Present(more)) => {
            own.extend(more);
            Known::Present(own)
        }
        (own, Known::Absent) => own,
        (Known::Absent, more) => more,
        (Known::Present(own), Known::Unknown(why)) => Known::Present(with(builder, own, arn, &why)),
        (Known::Unknown(why), Known::Present(more)) => {
            Known::Present(with(builder, more, arn, &why))
        }
        (Known::Unknown(why), Known::Unknown(_)) => Known::Unknown(why),
    }
}

fn with(builder: &mut Builder, mut known: Vec<PolicyId>, arn: &Arn, why: &str) -> Vec<PolicyId> {
    known.push(builder.unread(&format!("other policies of {}", arn.resource()), why, None));
    known
}

/// Inline and attached policies of a role, a user or a group.
fn own(builder: &mut Builder, entity: &Entity, of: &str) -> Known<Vec<PolicyId>> {
    let inline = builder.list(entity, Attribute::InlinePolicies);
    let attached = builder.list(entity, Attribute::AttachedPolicies);
    if let (Known::Unknown(why), Known::Unknown(_)) = (&inline, &attached) {
        return Known::Unknown(why.clone());
    }
    let mut ids = Vec::new();
    match inline {
        Known::Present(items) => {
            ids.extend(items.iter().map(|item| inline_policy(builder, item, of)))
        }
        Known::Absent => {}
        Known::Unknown(why) => {
            ids.push(builder.unread(&format!("inline policies of {of}"), &why, None))
        }
    }
    match attached {
        Known::Present(items) => {
            ids.extend(items.iter().map(|item| attached_policy(builder, item, of)))
        }
        Known::Absent => {}
        Known::Unknown(why) => {
            ids.push(builder.unread(&format!("attached policies of {of}"), &why, None))
        }
    }
    Known::Present(ids)
}

/// In place of the document of an inline policy that a source cannot tell, or beside an attached policy
/// that may be there: why it is not known.
const UNKNOWN: &str = "Unknown";

fn inline_policy<'f>(builder: &mut Builder<'f>, item: &'f Node, of: &str) -> PolicyId {
    let name = format!(
        "inline policy {} of {of}",
        field(item, "PolicyName").unwrap_or_default()
    );
    match item.get("PolicyDocument") {
        Some(document) if !document.is_null() => {
            builder.document(document, PolicyKind::Identity, &name)
        }
        _ => {
            let why = field(item, UNKNOWN)
                .unwrap_or_else(|| format!("the document of {name} could not be read").into());
            builder.unread(&name, &why, Some(item.origin))
        }
    }
}

fn attached_policy(builder: &mut Builder, item: &Node, of: &str) -> PolicyId {
    if let Some(why) = field(item, UNKNOWN) {
        let name = field(item, "PolicyName").unwrap_or_default();
        let name = format!("attached policy {name} of {of}");
        return builder.unread(&name, &why, Some(item.origin));
    }
    match field(item, "PolicyArn") {
        Some(arn) => managed::managed(builder, &arn),
        None => {
            builder.misshapen(item, "an attached policy with `PolicyArn`");
            let why = "an attachment could not be read";
            builder.unread(&format!("attached policy of {of}"), why, Some(item.origin))
        }
    }
}

/// Policies of groups by account and group name, which is how users name their groups.
struct Groups(BTreeMap<GroupName, Known<Vec<PolicyId>>>);

/// Account and name.
type GroupName = (Box<str>, Box<str>);

impl Groups {
    fn read(builder: &mut Builder) -> Groups {
        let mut groups = Groups(BTreeMap::new());
        for entity in builder.existing(Kind::Group) {
            if let Some(arn) = builder.arn(entity) {
                let name = arn.resource().rsplit('/').next().unwrap_or_default();
                let policies = own(builder, entity, arn.resource());
                groups
                    .0
                    .insert((arn.account().into(), name.into()), policies);
            }
        }
        groups
    }
}

fn of_groups(
    builder: &mut Builder,
    groups: &Groups,
    entity: &Entity,
    arn: &Arn,
) -> Known<Vec<PolicyId>> {
    let names = builder.texts(entity, Attribute::Groups);
    names.map(|names| {
        let mut ids = Vec::new();
        for name in names {
            let key = (Box::from(arn.account()), name);
            match groups.0.get(&key) {
                Some(Known::Present(policies)) => ids.extend(policies),
                Some(Known::Absent) => {}
                Some(Known::Unknown(why)) => ids.push(group_unread(builder, &key.1, why)),
                None => ids.push(group_unread(
                    builder,
                    &key.1,
                    "the group is not in the source",
                )),
            }
        }
        ids
    })
}

fn group_unread(builder: &mut Builder, name: &str, why: &str) -> PolicyId {
    builder.unread(&format!("policies of group {name}"), why, None)
}
