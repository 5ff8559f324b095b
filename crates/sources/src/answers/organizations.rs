//! AWS Organizations: units, accounts, policies and what they are attached to.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::{About, Row};
use crate::sink::{Call, Sink, list};

/// An organization-wide list.
const fn whole(kinds: &'static [Kind]) -> About {
    About::List { kinds, whole: true }
}

const ATTACHMENTS: &[Attribute] = &[
    Attribute::ServiceControlPolicies,
    Attribute::ResourceControlPolicies,
];

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "organizations.describe-organization",
        about: whole(&[Kind::Organization]),
        read: organization,
    },
    Row {
        operation: "organizations.list-roots",
        about: whole(&[Kind::Unit]),
        read: roots,
    },
    Row {
        operation: "organizations.list-organizational-units-for-parent",
        about: whole(&[Kind::Unit]),
        read: units,
    },
    Row {
        operation: "organizations.list-accounts",
        about: whole(&[Kind::Account]),
        read: accounts,
    },
    Row {
        operation: "organizations.list-accounts-for-parent",
        about: whole(&[Kind::Account]),
        read: accounts,
    },
    Row {
        operation: "organizations.list-parents",
        about: About::One {
            kind: Kind::Account,
            attributes: &[Attribute::Parent],
            entity: child,
        },
        read: parents,
    },
    Row {
        operation: "organizations.list-children",
        about: About::Part { attributes: &[] },
        read: children,
    },
    Row {
        operation: "organizations.list-policies",
        about: whole(&[Kind::OrganizationPolicy]),
        read: policies,
    },
    Row {
        operation: "organizations.describe-policy",
        about: About::One {
            kind: Kind::OrganizationPolicy,
            attributes: &[Attribute::Document],
            entity: asked_policy,
        },
        read: policy,
    },
    Row {
        operation: "organizations.list-targets-for-policy",
        about: About::Part {
            attributes: ATTACHMENTS,
        },
        read: targets,
    },
    Row {
        operation: "organizations.list-policies-for-target",
        about: About::One {
            kind: Kind::Account,
            attributes: ATTACHMENTS,
            entity: asked_target,
        },
        read: policies_for_target,
    },
    Row {
        operation: "organizations.list-delegated-administrators",
        about: whole(&[Kind::DelegatedAdministrator]),
        read: delegates,
    },
    Row {
        operation: "organizations.list-delegated-services-for-account",
        about: About::One {
            kind: Kind::DelegatedAdministrator,
            attributes: &[Attribute::AdministeredServices],
            entity: asked_delegate,
        },
        read: services,
    },
    Row {
        operation: "organizations.describe-resource-policy",
        about: About::Part {
            attributes: &[Attribute::ResourcePolicy],
        },
        read: delegation,
    },
    Row {
        operation: "organizations.list-tags-for-resource",
        about: About::One {
            kind: Kind::Account,
            attributes: &[Attribute::Tags],
            entity: tagged_account,
        },
        read: tags,
    },
];

fn organization(sink: &mut Sink, _: &Call, answer: &Node) {
    let Some(node) = answer.get("Organization") else {
        return sink.misshapen(answer, "an `Organization`");
    };
    let Some(id) = sink.need(node, "Id") else {
        return;
    };
    let entity = Entity::new(Kind::Organization, id);
    sink.present(&entity, Attribute::Exists, crate::sink::truth(node.origin));
    let management = node
        .get("MasterAccountId")
        .or_else(|| node.get("ManagementAccountId"));
    sink.put(&entity, Attribute::Management, management);
}

fn roots(sink: &mut Sink, _: &Call, answer: &Node) {
    for root in sink.list(answer, "Roots") {
        let Some(entity) = unit(sink, root) else {
            continue;
        };
        sink.absent(&entity, Attribute::Parent);
        let types = sink.list(root, "PolicyTypes").iter();
        let enabled =
            types.filter(|kind| kind.get("Status").and_then(Node::text) == Some("ENABLED"));
        let names = enabled
            .filter_map(|kind| kind.get("Type").cloned())
            .collect();
        sink.present(&entity, Attribute::PolicyTypes, list(names, root.origin));
    }
}

fn units(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "OrganizationalUnits") {
        let Some(entity) = unit(sink, node) else {
            continue;
        };
        if let Some(parent) = call.request.and_then(|request| request.get("ParentId")) {
            sink.present(&entity, Attribute::Parent, parent.clone());
        }
    }
}

fn unit(sink: &mut Sink, node: &Node) -> Option<Entity> {
    let entity = Entity::new(Kind::Unit, sink.need(node, "Id")?);
    sink.present(&entity, Attribute::Exists, crate::sink::truth(node.origin));
    sink.put(&entity, Attribute::Name, node.get("Name"));
    Some(entity)
}

fn accounts(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "Accounts") {
        let Some(id) = sink.need(node, "Id") else {
            continue;
        };
        let entity = Entity::new(Kind::Account, id);
        sink.present(&entity, Attribute::Exists, crate::sink::truth(node.origin));
        sink.put(&entity, Attribute::Name, node.get("Name"));
        sink.put(&entity, Attribute::Status, node.get("Status"));
        if let Some(parent) = call.request.and_then(|request| request.get("ParentId")) {
            sink.present(&entity, Attribute::Parent, parent.clone());
        }
    }
}

/// A child is an account or a unit by the form of its id.
fn node_of(id: &str) -> Entity {
    let digits = id.bytes().all(|byte| byte.is_ascii_digit());
    Entity::new(if digits { Kind::Account } else { Kind::Unit }, id)
}

fn child(call: &Call) -> Option<Entity> {
    call.asked("ChildId").map(node_of)
}

fn parents(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(entity) = child(call) else {
        return sink.misshapen(answer, "a call with `ChildId`");
    };
    if let Some(parent) = sink.list(answer, "Parents").first() {
        sink.put(&entity, Attribute::Parent, parent.get("Id"));
        below(sink, &entity, answer);
        if let Some(id) = sink.need(parent, "Id") {
            below(sink, &node_of(id), answer);
        }
    }
}

/// Only what belongs to the organization has a place in it: for everything else AWS answers that
/// there is no such child or target ("ListParents", AWS Organizations API Reference).
fn below(sink: &mut Sink, entity: &Entity, at: &Node) {
    sink.weak(entity, Attribute::Exists, crate::sink::truth(at.origin));
}

fn children(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(parent) = call.request.and_then(|request| request.get("ParentId")) else {
        return;
    };
    for node in sink.list(answer, "Children") {
        if let Some(id) = sink.need(node, "Id") {
            sink.present(&node_of(id), Attribute::Parent, parent.clone());
        }
    }
}

fn policies(sink: &mut Sink, _: &Call, answer: &Node) {
    for node in sink.list(answer, "Policies") {
        summary(sink, node);
    }
}

fn summary(sink: &mut Sink, node: &Node) -> Option<Entity> {
    let entity = Entity::new(Kind::OrganizationPolicy, sink.need(node, "Id")?);
    sink.present(&entity, Attribute::Exists, crate::sink::truth(node.origin));
    sink.put(&entity, Attribute::Name, node.get("Name"));
    sink.put(&entity, Attribute::PolicyType, node.get("Type"));
    Some(entity)
}

fn asked_policy(call: &Call) -> Option<Entity> {
    call.asked("PolicyId")
        .map(|id| Entity::new(Kind::OrganizationPolicy, id))
}

fn policy(sink: &mut Sink, _: &Call, answer: &Node) {
    let Some(policy) = answer.get("Policy") else {
        return sink.misshapen(answer, "a `Policy`");
    };
    let Some(described) = policy.get("PolicySummary") else {
        return sink.misshapen(policy, "a `PolicySummary`");
    };
    if let Some(entity) = summary(sink, described) {
        sink.policy(&entity, Attribute::Document, policy.get("Content"));
    }
}

/// Which attachments are service and which are resource control policies is known only when
/// every policy was read; see [`crate::finish`].
fn targets(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(policy) = call.request.and_then(|request| request.get("PolicyId")) else {
        return sink.misshapen(answer, "a call with `PolicyId`");
    };
    for target in sink.list(answer, "Targets") {
        if let Some(id) = sink.need(target, "TargetId") {
            sink.gather(
                node_of(id),
                Attribute::ServiceControlPolicies,
                policy.clone(),
            );
        }
    }
}

fn asked_target(call: &Call) -> Option<Entity> {
    call.asked("TargetId").map(node_of)
}

fn policies_for_target(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(entity) = asked_target(call) else {
        return sink.misshapen(answer, "a call with `TargetId`");
    };
    let attribute = match call.asked("Filter") {
        Some("SERVICE_CONTROL_POLICY") => Attribute::ServiceControlPolicies,
        Some("RESOURCE_CONTROL_POLICY") => Attribute::ResourceControlPolicies,
        _ => return,
    };
    let items = sink.list(answer, "Policies");
    items.iter().for_each(|item| drop(summary(sink, item)));
    let ids = items
        .iter()
        .filter_map(|item| item.get("Id").cloned())
        .collect();
    sink.present(&entity, attribute, list(ids, answer.origin));
    below(sink, &entity, answer);
}

fn tagged_account(call: &Call) -> Option<Entity> {
    call.asked("ResourceId")
        .map(node_of)
        .filter(|entity| entity.kind == Kind::Account)
}

fn tags(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = tagged_account(call) {
        sink.put(&entity, Attribute::Tags, answer.get("Tags"));
    }
}

fn delegates(sink: &mut Sink, _: &Call, answer: &Node) {
    for node in sink.list(answer, "DelegatedAdministrators") {
        if let Some(id) = sink.need(node, "Id") {
            let entity = Entity::new(Kind::DelegatedAdministrator, id);
            sink.present(&entity, Attribute::Exists, crate::sink::truth(node.origin));
        }
    }
}

fn asked_delegate(call: &Call) -> Option<Entity> {
    call.asked("AccountId")
        .map(|id| Entity::new(Kind::DelegatedAdministrator, id))
}

fn services(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(entity) = asked_delegate(call) else {
        return sink.misshapen(answer, "a call with `AccountId`");
    };
    let services = sink.list(answer, "DelegatedServices");
    let names = services
        .iter()
        .filter_map(|node| Some((sink.need(node, "ServicePrincipal")?, node.origin)))
        .map(|(name, origin)| crate::sink::text(name, origin))
        .collect();
    let names = list(names, answer.origin);
    sink.present(&entity, Attribute::AdministeredServices, names);
}

/// The answer does not say whose policy it is; see [`crate::finish`].
fn delegation(sink: &mut Sink, _: &Call, answer: &Node) {
    let Some(policy) = answer.get("ResourcePolicy") else {
        return;
    };
    match policy.get("Content") {
        Some(content) => {
            let nobody = Entity::new(Kind::Organization, "");
            sink.gather(nobody, Attribute::ResourcePolicy, content.clone());
        }
        None => sink.misshapen(policy, "a policy with `Content`"),
    }
}
