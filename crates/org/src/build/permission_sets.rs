//! Identity Center permission sets.

use cofferdam_text::Node;

use super::access::{Builder, field};
use super::units::account_id;
use crate::fact::{Attribute, Entity, Kind};
use crate::model::{Assignment, PermissionSet};

/// Every permission set, in the order of the ARNs.
pub(super) fn permission_sets(builder: &mut Builder) -> Vec<PermissionSet> {
    let entities = builder.existing(Kind::PermissionSet);
    entities
        .into_iter()
        .map(|entity| permission_set(builder, entity))
        .collect()
}

fn permission_set(builder: &mut Builder, entity: &Entity) -> PermissionSet {
    PermissionSet {
        arn: entity.id.clone(),
        name: builder
            .text(entity, Attribute::Name)
            .present()
            .cloned()
            .unwrap_or_default(),
        assignments: builder.every(entity, Attribute::Assignments, "an assignment", assignment),
        origin: builder.origin(entity),
    }
}

fn assignment(node: &Node) -> Option<Assignment> {
    Some(Assignment {
        account: account_id(node.get("AccountId")?)?,
        principal_type: field(node, "PrincipalType")?,
        principal: field(node, "PrincipalId")?,
    })
}
