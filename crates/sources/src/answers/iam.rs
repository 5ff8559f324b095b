//! IAM: one answer holds all users, groups, roles and managed policies of an account.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::{Member, Node, Value};

use super::{About, Row};
use crate::sink::{Call, Sink, list, text};

const ALL: &[Kind] = &[
    Kind::Role,
    Kind::User,
    Kind::Group,
    Kind::ManagedPolicy,
    Kind::InstanceProfile,
];
const PROVIDERS: About = About::List {
    kinds: &[Kind::Provider],
    whole: false,
};

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "iam.get-account-authorization-details",
        about: About::List {
            kinds: ALL,
            whole: false,
        },
        read: details,
    },
    Row {
        operation: "iam.list-open-id-connect-providers",
        about: PROVIDERS,
        read: oidc,
    },
    Row {
        operation: "iam.list-saml-providers",
        about: PROVIDERS,
        read: saml,
    },
];

fn details(sink: &mut Sink, call: &Call, answer: &Node) {
    sink.list(answer, "RoleDetailList")
        .iter()
        .for_each(|node| role(sink, call, node));
    sink.list(answer, "UserDetailList")
        .iter()
        .for_each(|node| user(sink, call, node));
    sink.list(answer, "GroupDetailList")
        .iter()
        .for_each(|node| group(sink, call, node));
    sink.list(answer, "Policies")
        .iter()
        .for_each(|node| managed(sink, call, node));
}

fn role(sink: &mut Sink, call: &Call, node: &Node) {
    let Some(entity) = principal(sink, call, Kind::Role, node) else {
        return;
    };
    sink.put(&entity, Attribute::UniqueId, node.get("RoleId"));
    sink.policy(
        &entity,
        Attribute::Trust,
        node.get("AssumeRolePolicyDocument"),
    );
    policies(sink, &entity, node, "RolePolicyList");
    profiles(sink, call, &entity, node);
}

/// An instance profile holds one role at most, and one without a role passes nothing on ("Use
/// instance profiles").
fn profiles(sink: &mut Sink, call: &Call, role: &Entity, node: &Node) {
    if node.get("InstanceProfileList").is_none() {
        let why = format!(
            "the answer does not list the instance profiles of {}",
            role.id
        );
        return sink
            .facts
            .unlisted(call.account, Kind::InstanceProfile, why);
    }
    for profile in sink.list(node, "InstanceProfileList") {
        if let Some(arn) = sink.need(profile, "Arn") {
            let entity = sink.exists(call, Kind::InstanceProfile, arn, profile);
            let holds = list(vec![text(&role.id, profile.origin)], profile.origin);
            sink.present(&entity, Attribute::Roles, holds);
        }
    }
}

fn user(sink: &mut Sink, call: &Call, node: &Node) {
    let Some(entity) = principal(sink, call, Kind::User, node) else {
        return;
    };
    sink.put(&entity, Attribute::UniqueId, node.get("UserId"));
    sink.put(&entity, Attribute::Groups, node.get("GroupList"));
    policies(sink, &entity, node, "UserPolicyList");
}

fn group(sink: &mut Sink, call: &Call, node: &Node) {
    let Some(arn) = sink.need(node, "Arn") else {
        return;
    };
    let entity = sink.exists(call, Kind::Group, arn, node);
    policies(sink, &entity, node, "GroupPolicyList");
}

fn principal(sink: &mut Sink, call: &Call, kind: Kind, node: &Node) -> Option<Entity> {
    let arn = sink.need(node, "Arn")?;
    let entity = sink.exists(call, kind, arn, node);
    let boundary = node.get("PermissionsBoundary");
    sink.put(
        &entity,
        Attribute::Boundary,
        boundary.and_then(|node| node.get("PermissionsBoundaryArn")),
    );
    sink.put(&entity, Attribute::Tags, node.get("Tags"));
    Some(entity)
}

fn policies(sink: &mut Sink, entity: &Entity, node: &Node, inline: &str) {
    sink.put(
        entity,
        Attribute::AttachedPolicies,
        node.get("AttachedManagedPolicies"),
    );
    let Some(found) = node.get(inline) else {
        return sink.absent(entity, Attribute::InlinePolicies);
    };
    let items = sink
        .list(node, inline)
        .iter()
        .map(|item| opened(sink, item))
        .collect();
    sink.present(entity, Attribute::InlinePolicies, list(items, found.origin));
}

/// An inline policy whose document is text, with the document read; null where it is no JSON.
fn opened(sink: &mut Sink, item: &Node) -> Node {
    let document = item.get("PolicyDocument");
    let members = item.as_object().unwrap_or_default();
    if document.is_none_or(|document| document.as_str().is_none()) {
        return item.clone();
    }
    Node {
        value: Value::Object(members.iter().map(|member| open(sink, member)).collect()),
        origin: item.origin,
    }
}

fn open(sink: &mut Sink, member: &Member) -> Member {
    let mut member = member.clone();
    if &*member.key == "PolicyDocument" {
        let origin = member.value.origin;
        let value = Value::Null;
        member.value = sink.opened(&member.value).unwrap_or(Node { value, origin });
    }
    member
}

/// Of a managed policy only the default version is in force.
fn managed(sink: &mut Sink, call: &Call, node: &Node) {
    let Some(arn) = sink.need(node, "Arn") else {
        return;
    };
    let entity = sink.exists(call, Kind::ManagedPolicy, arn, node);
    sink.put(&entity, Attribute::Name, node.get("PolicyName"));
    let versions = sink.list(node, "PolicyVersionList");
    let default =
        |version: &&Node| version.get("IsDefaultVersion").and_then(Node::as_bool) == Some(true);
    match versions
        .iter()
        .find(default)
        .and_then(|version| version.get("Document"))
    {
        Some(document) => sink.policy(&entity, Attribute::Document, Some(document)),
        None => super::unknown(
            sink,
            &entity,
            &[Attribute::Document],
            "no default version is stated",
        ),
    }
}

fn oidc(sink: &mut Sink, call: &Call, answer: &Node) {
    providers(sink, call, answer, "OpenIDConnectProviderList");
}

fn saml(sink: &mut Sink, call: &Call, answer: &Node) {
    providers(sink, call, answer, "SAMLProviderList");
}

fn providers(sink: &mut Sink, call: &Call, answer: &Node, key: &str) {
    for node in sink.list(answer, key) {
        if let Some(arn) = sink.need(node, "Arn") {
            sink.exists(call, Kind::Provider, arn, node);
        }
    }
}
