//! KMS: keys, their policies, grants and aliases.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::{About, Row};
use crate::sink::{Call, Sink};

/// A row about one key.
const fn key(attributes: &'static [Attribute]) -> About {
    About::One {
        kind: Kind::Key,
        attributes,
        entity: asked,
    }
}

const DESCRIBED: &[Attribute] = &[
    Attribute::Status,
    Attribute::KeyManager,
    Attribute::MultiRegion,
];

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "kms.list-keys",
        about: About::List {
            kinds: &[Kind::Key],
            whole: false,
        },
        read: keys,
    },
    Row {
        operation: "kms.describe-key",
        about: key(DESCRIBED),
        read: describe,
    },
    Row {
        operation: "kms.get-key-policy",
        about: key(&[Attribute::ResourcePolicy]),
        read: policy,
    },
    Row {
        operation: "kms.list-grants",
        about: key(&[Attribute::Grants]),
        read: grants,
    },
    Row {
        operation: "kms.get-key-rotation-status",
        about: key(&[Attribute::Rotation]),
        read: rotation,
    },
    Row {
        operation: "kms.list-resource-tags",
        about: key(&[Attribute::Tags]),
        read: tags,
    },
    Row {
        operation: "kms.list-aliases",
        about: About::Part {
            attributes: &[Attribute::Aliases],
        },
        read: aliases,
    },
];

fn asked(call: &Call) -> Option<Entity> {
    call.asked("KeyId").map(|id| entity(call, id))
}

fn entity(call: &Call, id: &str) -> Entity {
    Entity::new(Kind::Key, call.arn("kms", "key/", id))
}

fn keys(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "Keys") {
        if let Some(arn) = sink.need(node, "KeyArn") {
            sink.exists(call, Kind::Key, arn, node);
        }
    }
}

fn with_key(sink: &mut Sink, call: &Call, answer: &Node) -> Option<Entity> {
    let found = asked(call);
    if found.is_none() {
        sink.misshapen(answer, "a call with `KeyId`");
    }
    found
}

fn describe(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(node) = answer.get("KeyMetadata") else {
        return sink.misshapen(answer, "`KeyMetadata`");
    };
    let Some(arn) = sink.need(node, "Arn") else {
        return;
    };
    let entity = sink.exists(call, Kind::Key, arn, node);
    sink.put(&entity, Attribute::Status, node.get("KeyState"));
    sink.put(&entity, Attribute::KeyManager, node.get("KeyManager"));
    sink.put(
        &entity,
        Attribute::MultiRegion,
        node.get("MultiRegionConfiguration"),
    );
}

fn policy(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = with_key(sink, call, answer) {
        sink.policy(&entity, Attribute::ResourcePolicy, answer.get("Policy"));
    }
}

fn grants(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = with_key(sink, call, answer) {
        sink.put(&entity, Attribute::Grants, answer.get("Grants"));
    }
}

fn rotation(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = with_key(sink, call, answer) {
        sink.put(
            &entity,
            Attribute::Rotation,
            answer.get("KeyRotationEnabled"),
        );
    }
}

fn tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = with_key(sink, call, answer) {
        let tags = super::tags(answer.get("Tags"), "TagKey", "TagValue");
        sink.put(&entity, Attribute::Tags, tags.as_ref());
    }
}

/// An alias without a target stands for an AWS managed key that was not made yet.
fn aliases(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "Aliases") {
        let target = node.get("TargetKeyId").and_then(Node::text);
        if let (Some(target), Some(name)) = (target, node.get("AliasName")) {
            sink.gather(entity(call, target), Attribute::Aliases, name.clone());
        }
    }
}
