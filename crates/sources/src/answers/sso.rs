//! IAM Identity Center: permission sets and where they are assigned.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::{About, Row};
use crate::sink::{Call, Sink, truth};

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "sso-admin.list-permission-sets",
        about: About::List {
            kinds: &[Kind::PermissionSet],
            whole: true,
        },
        read: permission_sets,
    },
    Row {
        operation: "sso-admin.describe-permission-set",
        about: About::One {
            kind: Kind::PermissionSet,
            attributes: &[Attribute::Name],
            entity: asked,
        },
        read: permission_set,
    },
    Row {
        operation: "sso-admin.list-account-assignments",
        about: About::Part {
            attributes: &[Attribute::Assignments],
        },
        read: assignments,
    },
];

fn asked(call: &Call) -> Option<Entity> {
    call.asked("PermissionSetArn")
        .map(|arn| Entity::new(Kind::PermissionSet, arn))
}

fn permission_sets(sink: &mut Sink, _: &Call, answer: &Node) {
    for node in sink.list(answer, "PermissionSets") {
        match node.as_str() {
            Some(arn) => {
                let entity = Entity::new(Kind::PermissionSet, arn);
                sink.present(&entity, Attribute::Exists, truth(node.origin));
            }
            None => sink.misshapen(node, "the ARN of a permission set"),
        }
    }
}

fn permission_set(sink: &mut Sink, _: &Call, answer: &Node) {
    let Some(node) = answer.get("PermissionSet") else {
        return sink.misshapen(answer, "a `PermissionSet`");
    };
    if let Some(arn) = sink.need(node, "PermissionSetArn") {
        let entity = Entity::new(Kind::PermissionSet, arn);
        sink.put(&entity, Attribute::Name, node.get("Name"));
    }
}

fn assignments(sink: &mut Sink, _: &Call, answer: &Node) {
    for node in sink.list(answer, "AccountAssignments") {
        if let Some(arn) = sink.need(node, "PermissionSetArn") {
            let entity = Entity::new(Kind::PermissionSet, arn);
            sink.gather(entity, Attribute::Assignments, node.clone());
        }
    }
}
