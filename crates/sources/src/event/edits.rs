//! What calls do to single attributes, and to single elements of lists: IAM, KMS grants and the
//! organization's tree.
//!
//! `written` knows the calls that write the whole policy of a resource. Here are those of which the
//! record says less, or more: which policy of a role, and what must have been there before for the call
//! to succeed (each call's page in the IAM, AWS KMS and AWS Organizations API references: DetachRolePolicy
//! fails for what is not attached, AttachRolePolicy succeeds for what is attached already).

use cofferdam_org::change::{Edit, object};
use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Member, Node, Origin, Value};

use crate::sink::{self, Sink};
use crate::written::{at, partition, text};

/// How the edits of a call are read; none of them: nothing that is in force changed; `None`: the record
/// does not say.
type Read = fn(&mut Sink, &Node) -> Option<Vec<Edit>>;

/// What has policies of its own, and the parameter that names it.
const ROLE: (Kind, &str, &str) = (Kind::Role, "role/", "roleName");
const USER: (Kind, &str, &str) = (Kind::User, "user/", "userName");
const GROUP: (Kind, &str, &str) = (Kind::Group, "group/", "groupName");

type Holder = (Kind, &'static str, &'static str);

/// The calls.
const ROWS: [(&str, &str, Read); 28] = [
    ("iam", "PutRolePolicy", |sink, event| {
        inline(sink, event, ROLE)
    }),
    ("iam", "PutUserPolicy", |sink, event| {
        inline(sink, event, USER)
    }),
    ("iam", "PutGroupPolicy", |sink, event| {
        inline(sink, event, GROUP)
    }),
    ("iam", "DeleteRolePolicy", |_, event| no_inline(event, ROLE)),
    ("iam", "DeleteUserPolicy", |_, event| no_inline(event, USER)),
    ("iam", "DeleteGroupPolicy", |_, event| {
        no_inline(event, GROUP)
    }),
    ("iam", "AttachRolePolicy", |_, event| attached(event, ROLE)),
    ("iam", "AttachUserPolicy", |_, event| attached(event, USER)),
    ("iam", "AttachGroupPolicy", |_, event| {
        attached(event, GROUP)
    }),
    ("iam", "DetachRolePolicy", |_, event| detached(event, ROLE)),
    ("iam", "DetachUserPolicy", |_, event| detached(event, USER)),
    ("iam", "DetachGroupPolicy", |_, event| {
        detached(event, GROUP)
    }),
    ("iam", "PutRolePermissionsBoundary", |_, event| {
        boundary(event, ROLE)
    }),
    ("iam", "PutUserPermissionsBoundary", |_, event| {
        boundary(event, USER)
    }),
    ("iam", "DeleteRolePermissionsBoundary", |_, event| {
        no_boundary(event, ROLE)
    }),
    ("iam", "DeleteUserPermissionsBoundary", |_, event| {
        no_boundary(event, USER)
    }),
    ("iam", "UpdateAssumeRolePolicy", trust),
    ("iam", "AddUserToGroup", |_, event| member(event, true)),
    ("iam", "RemoveUserFromGroup", |_, event| {
        member(event, false)
    }),
    ("iam", "CreatePolicyVersion", version),
    ("iam", "SetDefaultPolicyVersion", |_, event| {
        other_version(event)
    }),
    ("iam", "CreateRole", role),
    ("kms", "CreateGrant", |_, event| grant(event)),
    ("kms", "RevokeGrant", |_, event| no_grant(event)),
    ("kms", "RetireGrant", |_, event| no_grant(event)),
    ("organizations", "AttachPolicy", |_, event| {
        control(event, true)
    }),
    ("organizations", "DetachPolicy", |_, event| {
        control(event, false)
    }),
    ("organizations", "MoveAccount", |_, event| moved(event)),
];

/// What a call of the table did.
pub(super) fn edits(sink: &mut Sink, event: &Node) -> Option<Vec<Edit>> {
    let service = text(event, "eventSource")?.strip_suffix(".amazonaws.com")?;
    let name = text(event, "eventName")?;
    let of = |(own, call, _): &&(&str, &str, Read)| *own == service && *call == name;
    let (_, _, read) = ROWS.iter().find(of)?;
    read(sink, event)
}

/// One edit in the making.
struct Of {
    entity: Entity,
    attribute: Attribute,
    origin: Origin,
}

impl Of {
    /// The whole value.
    fn is(self, after: Known<Node>, before: Option<Known<Node>>) -> Edit {
        self.edit(None, after, before)
    }

    /// One element.
    fn has(self, element: &str, after: Known<Node>, before: Option<Known<Node>>) -> Edit {
        self.edit(Some(element.into()), after, before)
    }

    fn edit(
        self,
        element: Option<Box<str>>,
        after: Known<Node>,
        before: Option<Known<Node>>,
    ) -> Edit {
        Edit {
            entity: self.entity,
            attribute: self.attribute,
            element,
            after,
            before,
            origin: self.origin,
        }
    }
}

/// What was there, or nobody could have taken it away.
fn something() -> Option<Known<Node>> {
    Some(Known::Unknown("what it said is not recorded".into()))
}

fn parameter<'n>(event: &'n Node, name: &str) -> Option<&'n Node> {
    at(event, "requestParameters").and_then(|parameters| at(parameters, name))
}

fn given<'n>(event: &'n Node, name: &str) -> Option<&'n str> {
    parameter(event, name)?.text()
}

/// A role, user or group by its name: its path is looked up later.
fn holder(event: &Node, (kind, word, name): Holder, attribute: Attribute) -> Option<Of> {
    let account = text(event, "recipientAccountId")?;
    let arn = format!(
        "arn:{}:iam::{account}:{word}{}",
        partition(event),
        given(event, name)?
    );
    Some(Of {
        entity: Entity::new(kind, arn),
        attribute,
        origin: event.origin,
    })
}

fn policy_of(sink: &mut Sink, text: Option<&Node>) -> Known<Node> {
    match text.and_then(|text| sink.opened(text)) {
        Some(document) => Known::Present(document),
        None => Known::Unknown("the policy that was written is no JSON".into()),
    }
}

fn inline(sink: &mut Sink, event: &Node, holder_of: Holder) -> Option<Vec<Edit>> {
    let name = given(event, "policyName")?;
    let of = holder(event, holder_of, Attribute::InlinePolicies)?;
    let document = policy_of(sink, parameter(event, "policyDocument"));
    let after = document.map(|document| {
        let name = sink::text(name, event.origin);
        let parts = vec![
            ("PolicyName", Some(name)),
            ("PolicyDocument", Some(document)),
        ];
        sink::object(parts, event.origin)
    });
    Some(vec![of.has(name, after, None)])
}

fn no_inline(event: &Node, holder_of: Holder) -> Option<Vec<Edit>> {
    let name = given(event, "policyName")?;
    let of = holder(event, holder_of, Attribute::InlinePolicies)?;
    Some(vec![of.has(name, Known::Absent, something())])
}

/// An attachment, and the ARN by which it is told.
fn attachment(event: &Node) -> Option<(&str, Node)> {
    let arn = given(event, "policyArn")?;
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let node = object(&[("PolicyName", name), ("PolicyArn", arn)], event.origin);
    Some((arn, node))
}

fn attached(event: &Node, holder_of: Holder) -> Option<Vec<Edit>> {
    let (arn, node) = attachment(event)?;
    let of = holder(event, holder_of, Attribute::AttachedPolicies)?;
    Some(vec![of.has(arn, Known::Present(node), None)])
}

fn detached(event: &Node, holder_of: Holder) -> Option<Vec<Edit>> {
    let (arn, node) = attachment(event)?;
    let of = holder(event, holder_of, Attribute::AttachedPolicies)?;
    Some(vec![of.has(arn, Known::Absent, Some(Known::Present(node)))])
}

fn boundary(event: &Node, holder_of: Holder) -> Option<Vec<Edit>> {
    let of = holder(event, holder_of, Attribute::Boundary)?;
    let arn = parameter(event, "permissionsBoundary")?.clone();
    Some(vec![of.is(Known::Present(arn), None)])
}

fn no_boundary(event: &Node, holder_of: Holder) -> Option<Vec<Edit>> {
    let of = holder(event, holder_of, Attribute::Boundary)?;
    Some(vec![of.is(Known::Absent, None)])
}

fn trust(sink: &mut Sink, event: &Node) -> Option<Vec<Edit>> {
    let of = holder(event, ROLE, Attribute::Trust)?;
    let after = policy_of(sink, parameter(event, "policyDocument"));
    Some(vec![of.is(after, None)])
}

fn member(event: &Node, is_added: bool) -> Option<Vec<Edit>> {
    let group = parameter(event, "groupName")?;
    let of = holder(event, USER, Attribute::Groups)?;
    let after = match is_added {
        true => Known::Present(group.clone()),
        false => Known::Absent,
    };
    Some(vec![of.has(group.text()?, after, None)])
}

fn managed(event: &Node) -> Option<Of> {
    Some(Of {
        entity: Entity::new(Kind::ManagedPolicy, given(event, "policyArn")?),
        attribute: Attribute::Document,
        origin: event.origin,
    })
}

/// Only the default version is in force.
fn version(sink: &mut Sink, event: &Node) -> Option<Vec<Edit>> {
    if given(event, "setAsDefault") != Some("true") {
        return Some(Vec::new());
    }
    let after = policy_of(sink, parameter(event, "policyDocument"));
    Some(vec![managed(event)?.is(after, None)])
}

fn other_version(event: &Node) -> Option<Vec<Edit>> {
    let why = "another version of the policy was put in force, and its text is not in the record";
    Some(vec![managed(event)?.is(Known::Unknown(why.into()), None)])
}

/// A new role has nothing but what it was made with.
fn role(sink: &mut Sink, event: &Node) -> Option<Vec<Edit>> {
    let arn = at(event, "responseElements.role.arn")?.text()?;
    let of = |attribute| Of {
        entity: Entity::new(Kind::Role, arn),
        attribute,
        origin: event.origin,
    };
    let trust = policy_of(sink, parameter(event, "assumeRolePolicyDocument"));
    let boundary = parameter(event, "permissionsBoundary").filter(|node| !node.is_null());
    let boundary = boundary.cloned().map_or(Known::Absent, Known::Present);
    Some(vec![
        of(Attribute::Trust).is(trust, None),
        of(Attribute::InlinePolicies).is(Known::Absent, None),
        of(Attribute::AttachedPolicies).is(Known::Absent, None),
        of(Attribute::Boundary).is(boundary, None),
    ])
}

/// The key of a call about grants; a grant token names none.
fn key(event: &Node) -> Option<Of> {
    let listed = at(event, "resources").map(Node::items).unwrap_or_default();
    let listed = listed.iter().find_map(|one| one.get("ARN")?.text());
    let arn = given(event, "keyId").filter(|id| id.starts_with("arn:") && id.contains(":key/"));
    Some(Of {
        entity: Entity::new(Kind::Key, arn.or(listed)?),
        attribute: Attribute::Grants,
        origin: event.origin,
    })
}

/// Parameters of a grant, as they are called and as lists of grants call them.
const OF_GRANT: [(&str, &str); 4] = [
    ("granteePrincipal", "GranteePrincipal"),
    ("retiringPrincipal", "RetiringPrincipal"),
    ("operations", "Operations"),
    ("name", "Name"),
];

/// Making a grant again under its name makes none, so that only one without a name is certainly new.
fn grant(event: &Node) -> Option<Vec<Edit>> {
    let id = at(event, "responseElements.grantId")?;
    let mut parts: Vec<(&str, Option<Node>)> = vec![("GrantId", Some(id.clone()))];
    for (name, listed) in OF_GRANT {
        let value = parameter(event, name).filter(|node| !node.is_null());
        parts.push((listed, value.cloned()));
    }
    let constraints = parameter(event, "constraints").filter(|node| !node.is_null());
    parts.push(("Constraints", constraints.map(capitals)));
    let after = Known::Present(sink::object(parts, event.origin));
    let before = given(event, "name").is_none().then_some(Known::Absent);
    Some(vec![key(event)?.has(id.text()?, after, before)])
}

/// The members with a large first letter, as lists of grants have them.
fn capitals(constraints: &Node) -> Node {
    let members = constraints.as_object().unwrap_or_default();
    let large = |member: &Member| {
        let mut letters = member.key.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        let key: String = first.into_iter().chain(letters).collect();
        Member {
            key: key.into(),
            ..member.clone()
        }
    };
    Node {
        value: Value::Object(members.iter().map(large).collect()),
        origin: constraints.origin,
    }
}

fn no_grant(event: &Node) -> Option<Vec<Edit>> {
    let id = given(event, "grantId").or_else(|| text(event, "additionalEventData.grantId"))?;
    Some(vec![key(event)?.has(id, Known::Absent, something())])
}

/// Attaching what is attached fails, and so does detaching what is not. The list that the policy goes
/// into follows from its type, which the organization knows.
fn control(event: &Node, is_attached: bool) -> Option<Vec<Edit>> {
    let policy = parameter(event, "policyId")?;
    let of = node_of(
        given(event, "targetId")?,
        Attribute::ServiceControlPolicies,
        event,
    );
    let there = Known::Present(policy.clone());
    let (after, before) = match is_attached {
        true => (there, Known::Absent),
        false => (Known::Absent, there),
    };
    Some(vec![of.has(policy.text()?, after, Some(before))])
}

/// An account, a unit or the root, by its id.
fn node_of(id: &str, attribute: Attribute, event: &Node) -> Of {
    let is_account = id.bytes().all(|byte| byte.is_ascii_digit());
    Of {
        entity: Entity::new(
            if is_account {
                Kind::Account
            } else {
                Kind::Unit
            },
            id,
        ),
        attribute,
        origin: event.origin,
    }
}

fn moved(event: &Node) -> Option<Vec<Edit>> {
    let from = parameter(event, "sourceParentId")?.clone();
    let to = parameter(event, "destinationParentId")?.clone();
    let of = node_of(given(event, "accountId")?, Attribute::Parent, event);
    Some(vec![of.is(Known::Present(to), Some(Known::Present(from)))])
}
