//! Resources that add to what others make: policies of principals, aliases, statements, targets.

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Node, Origin};

use super::eval::is_open;
use super::facts::{One, Reading, why_untold};
use super::parts::{Made, below, untold};
use super::policy;
use super::rows::{self, Adds};
use crate::sink::{list, object, text};
use crate::terraform::overlay::{Change, Edit, Unsaid};

const NAME: &str = "PolicyName";
const ARN: &str = "PolicyArn";

/// Takes in what one resource adds.
pub(super) fn add(reading: &mut Reading, one: &One) {
    let made = match rows::id(reading.eval, one.scope, one.at) {
        Some(id) => reading.made(one, &id),
        None => reading.made(one, ""),
    };
    let itself = Entity::new(one.row.kind, made.id.as_str());
    match one.row.adds {
        Adds::Nothing => {}
        Adds::Own => own(reading, one, &made, &itself),
        Adds::Managed => attached_to_all(reading, one, &made),
        Adds::InlineToAll => {
            for (property, kind) in PRINCIPALS {
                let entities = reading.named(one, &made, property, *kind);
                inline(reading, one, &made, &made.properties, entities);
            }
        }
        Adds::Inline(property) => {
            let entities = reading.named(one, &made, property, one.row.kind);
            inline(reading, one, &made, &made.properties, entities);
        }
        Adds::Members => members(reading, one, &made),
        Adds::Alias => alias(reading, one, &made),
        Adds::Permission => permission(reading, one, &made),
        Adds::Targets => targets(reading, one, &made),
        Adds::Assignment => assignment(reading, one, &made),
    }
}

const PRINCIPALS: &[(&str, Kind)] = &[
    ("Roles", Kind::Role),
    ("Users", Kind::User),
    ("Groups", Kind::Group),
];

/// Puts an element into a list; if the template does not tell whether the resource exists, the whole
/// list is in doubt.
fn put(
    reading: &mut Reading,
    one: &One,
    entity: &Entity,
    (attribute, member): (Attribute, Option<&'static str>),
    node: Node,
) {
    let what = match one.there {
        Some(_) => Change::Put(node),
        None => Change::Doubt(why_untold(one)),
    };
    reading.overlay.edits.push(Edit {
        entity: entity.clone(),
        attribute,
        member,
        what,
    });
}

fn doubt(reading: &mut Reading, entity: &Entity, attribute: Attribute, why: String) {
    reading.overlay.edits.push(Edit {
        entity: entity.clone(),
        attribute,
        member: None,
        what: Change::Doubt(why),
    });
}

/// The policies and groups in a principal's own properties.
fn own(reading: &mut Reading, one: &One, made: &Made, itself: &Entity) {
    let lists = [Attribute::InlinePolicies, Attribute::AttachedPolicies];
    let groups = (itself.kind == Kind::User).then_some(Attribute::Groups);
    for attribute in lists.into_iter().chain(groups) {
        reading.overlay.unsaid.push(Unsaid {
            entity: itself.clone(),
            attribute,
            made: Known::Present(list(Vec::new(), made.origin)),
            removed: None,
        });
    }
    let there = One {
        there: Some(true),
        ..*one
    };
    if let Some(policies) = told(reading, itself, Attribute::InlinePolicies, made, "Policies") {
        for item in &policies {
            inline(reading, &there, made, item, vec![itself.clone()]);
        }
    }
    let arns = told(
        reading,
        itself,
        Attribute::AttachedPolicies,
        made,
        "ManagedPolicyArns",
    );
    for arn in arns.unwrap_or_default() {
        attached(reading, &there, itself, &arn);
    }
    if groups.is_some() {
        let groups = told(reading, itself, Attribute::Groups, made, "Groups");
        for group in groups.unwrap_or_default() {
            put(reading, &there, itself, (Attribute::Groups, None), group);
        }
    }
}

/// The elements of a list of properties; if it is not told, the attribute is in doubt.
fn told(
    reading: &mut Reading,
    entity: &Entity,
    attribute: Attribute,
    made: &Made,
    path: &str,
) -> Option<Vec<Node>> {
    let node = below(&made.properties, path)?;
    let open = node.items().iter().find(|item| is_open(item));
    if let Some(hole) = open.and_then(Node::as_str) {
        doubt(reading, entity, attribute, untold(hole));
        return None;
    }
    Some(node.items().to_vec())
}

/// `{"PolicyName", "PolicyDocument"}` for each of the principals.
fn inline(reading: &mut Reading, one: &One, made: &Made, from: &Node, entities: Vec<Entity>) {
    let origin = from.origin;
    let name = from.get(NAME).cloned();
    let name = name.unwrap_or_else(|| text(&one.resource.logical, origin));
    let document = match (from.get("PolicyDocument"), one.there) {
        (_, None) => ("Unknown", Some(text(&why_untold(one), origin))),
        (Some(node), _) => match policy::opened(reading.sink.documents, node) {
            Known::Present(node) => ("PolicyDocument", Some(node)),
            Known::Absent => ("PolicyDocument", None),
            Known::Unknown(why) => ("Unknown", Some(text(&why, origin))),
        },
        (None, _) => ("PolicyDocument", None),
    };
    let item = object(vec![(NAME, Some(name)), document], origin);
    for entity in entities {
        reading.overlay.edits.push(Edit {
            entity,
            attribute: Attribute::InlinePolicies,
            member: Some(NAME),
            what: Change::Put(item.clone()),
        });
    }
    let _ = made;
}

fn attached(reading: &mut Reading, one: &One, entity: &Entity, arn: &Node) {
    let item = object(vec![(ARN, Some(arn.clone()))], arn.origin);
    put(
        reading,
        one,
        entity,
        (Attribute::AttachedPolicies, Some(ARN)),
        item,
    );
}

/// A managed policy names its roles, users and groups.
fn attached_to_all(reading: &mut Reading, one: &One, made: &Made) {
    let arn = text(&made.id, made.origin);
    for (property, kind) in PRINCIPALS {
        for entity in reading.named(one, made, property, *kind) {
            attached(reading, one, &entity, &arn);
        }
    }
}

fn members(reading: &mut Reading, one: &One, made: &Made) {
    let Some(group) = below(&made.properties, "GroupName").cloned() else {
        return;
    };
    for user in reading.named(one, made, "Users", Kind::User) {
        if is_open(&group) {
            let why = untold(group.as_str().unwrap_or_default());
            doubt(reading, &user, Attribute::Groups, why);
        } else {
            put(
                reading,
                one,
                &user,
                (Attribute::Groups, None),
                group.clone(),
            );
        }
    }
}

fn alias(reading: &mut Reading, one: &One, made: &Made) {
    let Some(name) = below(&made.properties, "AliasName").cloned() else {
        return;
    };
    for key in reading.named(one, made, "TargetKeyId", Kind::Key) {
        put(reading, one, &key, (Attribute::Aliases, None), name.clone());
    }
}

/// What the properties of a permission become ("AddPermission", Lambda API reference).
const CONDITIONS: &[(&str, &str, &str)] = &[
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    (
        "EventSourceToken",
        "StringEquals",
        "lambda:EventSourceToken",
    ),
    (
        "FunctionUrlAuthType",
        "StringEquals",
        "lambda:FunctionUrlAuthType",
    ),
];

/// A statement that `AddPermission` writes into a function's policy.
fn permission(reading: &mut Reading, one: &One, made: &Made) {
    let (at, part) = (made.origin, |name| below(&made.properties, name).cloned());
    for function in reading.named(one, made, "FunctionName", Kind::Function) {
        let parts = vec![
            ("Sid", Some(text(&one.resource.logical, at))),
            ("Effect", Some(text("Allow", at))),
            ("Principal", part("Principal").map(|node| principal(&node))),
            ("Action", part("Action")),
            ("Resource", Some(text(&function.id, at))),
            ("Condition", condition(made)),
        ];
        let statement = object(parts, at);
        let list = (Attribute::ResourcePolicy, Some("Sid"));
        put(reading, one, &function, list, statement);
    }
}

fn condition(made: &Made) -> Option<Node> {
    let operators = ["ArnLike", "StringEquals"];
    let tests = operators.iter().filter_map(|operator| {
        let of_test = CONDITIONS.iter().filter(|(_, test, _)| test == operator);
        let keys: Vec<(&str, Option<Node>)> = of_test
            .filter_map(|(name, _, key)| Some((*key, Some(below(&made.properties, name)?.clone()))))
            .collect();
        (!keys.is_empty()).then(|| (*operator, Some(object(keys, made.origin))))
    });
    let tests: Vec<_> = tests.collect();
    (!tests.is_empty()).then(|| object(tests, made.origin))
}

fn principal(node: &Node) -> Node {
    let kind = match node.text() {
        Some("*") => return node.clone(),
        Some(name) if name.contains(".amazonaws.com") => "Service",
        _ => "AWS",
    };
    object(vec![(kind, Some(node.clone()))], node.origin)
}

/// An organization policy at the units and accounts that it names.
fn targets(reading: &mut Reading, one: &One, made: &Made) {
    let Some(named) = below(&made.properties, "TargetIds").cloned() else {
        return;
    };
    for target in named.items() {
        let Some(id) = target.text().filter(|_| !is_open(target)) else {
            for kind in [Kind::Unit, Kind::Account] {
                let why = untold(target.as_str().unwrap_or_default());
                reading.sink.facts.unlisted("", kind, why);
            }
            continue;
        };
        let unit = id.starts_with("ou-") || id.starts_with("r-");
        let target = Entity::new(if unit { Kind::Unit } else { Kind::Account }, id);
        match one.there {
            Some(_) => {
                reading
                    .overlay
                    .attachments
                    .push((target, made.id.clone(), true, made.origin))
            }
            None => {
                let both = [
                    Attribute::ServiceControlPolicies,
                    Attribute::ResourceControlPolicies,
                ];
                for attribute in both {
                    doubt(reading, &target, attribute, why_untold(one));
                }
            }
        }
    }
}

fn assignment(reading: &mut Reading, one: &One, made: &Made) {
    let part = |name| below(&made.properties, name).cloned();
    let parts = |origin: Origin| {
        object(
            vec![
                ("AccountId", part("TargetId")),
                ("PrincipalType", part("PrincipalType")),
                ("PrincipalId", part("PrincipalId")),
            ],
            origin,
        )
    };
    let item = parts(made.origin);
    for set in reading.named(one, made, "PermissionSetArn", Kind::PermissionSet) {
        // An assignment is the same if all of it is: no member names it.
        put(
            reading,
            one,
            &set,
            (Attribute::Assignments, Some("")),
            item.clone(),
        );
    }
}
