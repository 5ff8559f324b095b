//! Resources that add to lists: policies of principals, grants, aliases, statements, attachments.

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::{Member, Node, Origin, Value};

use super::document::{self, Found};
use super::facts::Reading;
use super::overlay::{Change, Edit, Unsaid};
use super::parts;
use super::resolve::{Rule, Settled, is_open};
use super::rows::Adds;
use crate::sink::{list, object, text, truth};

const NAME: &str = "PolicyName";
const ARN: &str = "PolicyArn";

/// Takes in one resource.
pub(super) fn add(reading: &mut Reading, (at, there): (usize, bool), entity: &Entity, adds: Adds) {
    let one = One { at, entity, there };
    match adds {
        Adds::Nothing => {}
        Adds::Inline(attribute) => inline(reading, &one, attribute),
        Adds::Attached(attribute) => attached(reading, &one, attribute),
        Adds::AttachedToAll => attached_to_all(reading, &one),
        Adds::OnlyInline => only(
            reading,
            &one,
            Attribute::InlinePolicies,
            NAME,
            "policy_names",
        ),
        Adds::OnlyAttached => only(
            reading,
            &one,
            Attribute::AttachedPolicies,
            ARN,
            "policy_arns",
        ),
        Adds::Groups(attribute) => groups(reading, &one, attribute),
        Adds::Members => members(reading, &one),
        Adds::Target => target(reading, &one),
        Adds::Alias => alias(reading, &one),
        Adds::Grant => grant(reading, &one),
        Adds::Permission => permission(reading, &one),
        Adds::Assignment => assignment(reading, &one),
        Adds::Service => service(reading, &one),
    }
}

/// The resource at hand.
struct One<'e> {
    at: usize,
    entity: &'e Entity,
    /// Whether it is there after the change.
    there: bool,
}

impl One<'_> {
    /// The text of an attribute, as it was before for what goes away.
    fn text(&self, reading: &Reading, attribute: &str) -> Option<Settled> {
        if self.there {
            return reading.resolver.text(self.at, attribute);
        }
        let before = reading
            .resolver
            .plan
            .instance(self.at)?
            .before?
            .get(attribute)?;
        let (text, origin) = (before.text()?.to_owned(), before.origin);
        Some(Settled {
            text,
            origin,
            rule: Rule::Stated,
        })
    }

    /// The value of an attribute, likewise.
    fn value(&self, reading: &Reading, attribute: &str) -> Option<Node> {
        let instance = reading.resolver.plan.instance(self.at)?;
        let values = if self.there {
            Some(&instance.values)
        } else {
            instance.before
        };
        values?
            .get(attribute)
            .filter(|node| !node.is_null())
            .cloned()
    }

    fn origin(&self, reading: &Reading) -> Option<Origin> {
        Some(reading.resolver.plan.instance(self.at)?.origin())
    }

    fn edit(
        &self,
        reading: &mut Reading,
        attribute: Attribute,
        member: Option<&'static str>,
        what: Change,
    ) {
        let entity = self.entity.clone();
        reading.overlay.edits.push(Edit {
            entity,
            attribute,
            member,
            what,
        });
    }

    /// Puts an element, or takes the one of that name away.
    fn put(
        &self,
        reading: &mut Reading,
        attribute: Attribute,
        member: Option<&'static str>,
        name: &str,
        node: Node,
    ) {
        let what = if self.there {
            Change::Put(node)
        } else {
            Change::Drop(name.to_owned())
        };
        self.edit(reading, attribute, member, what);
    }
}

fn inline(reading: &mut Reading, one: &One, attribute: &str) {
    let Some(name) = one.text(reading, "name").or_else(|| unnamed(reading, one)) else {
        return;
    };
    let mut parts = vec![(NAME, Some(text(&name.text, name.origin)))];
    if one.there
        && let Found::Said(value, rule) =
            document::policy(reading.resolver, reading.sink.documents, one.at, attribute)
    {
        reading.note(one.at, attribute, rule);
        parts.push(document_of(value, name.origin));
    }
    let item = object(parts, name.origin);
    one.put(
        reading,
        Attribute::InlinePolicies,
        Some(NAME),
        &name.text,
        item,
    );
}

/// The document of an inline policy, or why it is not known, as a member.
pub(super) fn document_of(value: Known<Node>, at: Origin) -> (&'static str, Option<Node>) {
    match value {
        Known::Present(node) => ("PolicyDocument", Some(node)),
        Known::Absent => ("PolicyDocument", None),
        Known::Unknown(why) => ("Unknown", Some(text(&why, at))),
    }
}

/// A policy that the provider names.
fn unnamed(reading: &Reading, one: &One) -> Option<Settled> {
    let instance = reading.resolver.plan.instance(one.at)?;
    let (text, origin) = (instance.address.to_owned(), instance.origin());
    Some(Settled {
        text,
        origin,
        rule: Rule::Stated,
    })
}

fn attached(reading: &mut Reading, one: &One, attribute: &str) {
    let Some(arn) = one.text(reading, attribute) else {
        return;
    };
    reading.note(one.at, attribute, arn.rule);
    let item = object(vec![(ARN, Some(text(&arn.text, arn.origin)))], arn.origin);
    one.put(
        reading,
        Attribute::AttachedPolicies,
        Some(ARN),
        &arn.text,
        item,
    );
}

/// One policy attached to lists of users, roles and groups.
fn attached_to_all(reading: &mut Reading, one: &One) {
    let Some(arn) = one.text(reading, "policy_arn") else {
        return;
    };
    let item = object(vec![(ARN, Some(text(&arn.text, arn.origin)))], arn.origin);
    for (attribute, kind) in [
        ("roles", Kind::Role),
        ("users", Kind::User),
        ("groups", Kind::Group),
    ] {
        let names = one
            .value(reading, attribute)
            .map(|node| node.items().to_vec());
        for name in names.unwrap_or_default() {
            match name.as_str().filter(|_| !is_open(&name)) {
                Some(name) => {
                    let entity = reading.by_text(one.at, name, kind);
                    let one = One {
                        entity: &entity,
                        ..*one
                    };
                    one.put(
                        reading,
                        Attribute::AttachedPolicies,
                        Some(ARN),
                        &arn.text,
                        item.clone(),
                    );
                }
                None => somebody(reading, one, kind),
            }
        }
    }
}

/// Somebody of a kind is changed, and nobody knows who.
fn somebody(reading: &mut Reading, one: &One, kind: Kind) {
    let Some(instance) = reading.resolver.plan.instance(one.at) else {
        return;
    };
    let why = format!(
        "which {} {} configures is known only after apply",
        super::facts::words(kind),
        instance.address
    );
    let account = reading.resolver.places.of(one.at).account.clone();
    reading.sink.facts.unlisted(&account, kind, why);
}

/// A resource that manages all policies of a principal removes every other one.
fn only(reading: &mut Reading, one: &One, attribute: Attribute, member: &'static str, names: &str) {
    if !one.there {
        return;
    }
    let Some(value) = one.value(reading, names) else {
        return;
    };
    let open = value
        .items()
        .iter()
        .find(|item| is_open(item))
        .and_then(Node::as_str);
    let what = match open {
        Some(open) => Change::Doubt(parts::later(open)),
        None => Change::Only(
            value
                .items()
                .iter()
                .filter_map(|item| item.text().map(str::to_owned))
                .collect(),
        ),
    };
    one.edit(reading, attribute, Some(member), what);
}

fn groups(reading: &mut Reading, one: &One, attribute: &str) {
    let Some(groups) = one.value(reading, attribute) else {
        return;
    };
    for group in groups.items() {
        match group.text().filter(|_| !is_open(group)) {
            Some(name) => one.put(reading, Attribute::Groups, None, name, group.clone()),
            None => {
                let why = parts::later(group.as_str().unwrap_or_default());
                one.edit(reading, Attribute::Groups, None, Change::Doubt(why));
            }
        }
    }
}

fn members(reading: &mut Reading, one: &One) {
    let Some(group) = one.entity.id.rsplit('/').next().map(str::to_owned) else {
        return;
    };
    let (Some(users), Some(origin)) = (one.value(reading, "users"), one.origin(reading)) else {
        return;
    };
    for user in users.items() {
        match user.text().filter(|_| !is_open(user)) {
            Some(name) => {
                let entity = reading.by_text(one.at, name, Kind::User);
                let one = One {
                    entity: &entity,
                    ..*one
                };
                one.put(
                    reading,
                    Attribute::Groups,
                    None,
                    &group,
                    text(&group, origin),
                );
            }
            None => somebody(reading, one, Kind::User),
        }
    }
}

/// An SCP or RCP at a unit or an account.
fn target(reading: &mut Reading, one: &One) {
    let (Some(id), Some(origin)) = (one.text(reading, "target_id"), one.origin(reading)) else {
        return;
    };
    let account = Kind::Account;
    let kind = match id.text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => account,
        false if id.text.starts_with("ou-") || id.text.starts_with("r-") => Kind::Unit,
        false => match reading.named((one.at, one.there), "target_id", account) {
            Some((entity, Rule::Reference)) => entity.kind,
            _ => Kind::Unit,
        },
    };
    let policy = one.entity.id.to_string();
    let target = Entity::new(kind, id.text);
    reading
        .overlay
        .attachments
        .push((target, policy, one.there, origin));
}

fn alias(reading: &mut Reading, one: &One) {
    if let Some(name) = one.text(reading, "name") {
        one.put(
            reading,
            Attribute::Aliases,
            None,
            &name.text,
            text(&name.text, name.origin),
        );
    }
}

fn grant(reading: &mut Reading, one: &One) {
    let Some(instance) = reading.resolver.plan.instance(one.at) else {
        return;
    };
    let (address, origin) = (instance.address, instance.origin());
    let id = one.text(reading, "grant_id").filter(|id| !id.is_open());
    let id = id.map_or_else(|| address.to_owned(), |id| id.text);
    let named = |name: &str| {
        let settled = one
            .text(reading, name)
            .filter(|text| !text.text.is_empty())?;
        Some(text(&settled.text, settled.origin))
    };
    let grantee = named("grantee_principal");
    let parts = vec![
        ("GrantId", Some(text(&id, origin))),
        ("GranteePrincipal", grantee),
        ("RetiringPrincipal", named("retiring_principal")),
        ("Operations", one.value(reading, "operations")),
        (
            "Constraints",
            constraints(one.value(reading, "constraints")),
        ),
    ];
    let item = object(parts, origin);
    one.put(reading, Attribute::Grants, Some("GrantId"), &id, item);
}

fn constraints(blocks: Option<Node>) -> Option<Node> {
    let blocks = blocks?;
    let block = blocks.items().first()?;
    let part = |name: &str| block.get(name).filter(|node| !node.is_null()).cloned();
    let parts = vec![
        ("EncryptionContextEquals", part("encryption_context_equals")),
        ("EncryptionContextSubset", part("encryption_context_subset")),
    ];
    Some(object(parts, block.origin))
}

/// A statement that `AddPermission` writes into a function's policy.
fn permission(reading: &mut Reading, one: &One) {
    let Some(origin) = one.origin(reading) else {
        return;
    };
    let address = reading
        .resolver
        .plan
        .instance(one.at)
        .map_or("", |one| one.address)
        .to_owned();
    let sid = one
        .text(reading, "statement_id")
        .filter(|sid| !sid.is_open() && !sid.text.is_empty());
    let sid = sid.map_or(address, |sid| sid.text);
    let part = |name: &str| {
        one.text(reading, name)
            .filter(|settled| !settled.text.is_empty())
    };
    let principal = part("principal").map(|settled| principal(&settled));
    let qualifier = part("qualifier")
        .map(|text| format!(":{}", text.text))
        .unwrap_or_default();
    let resource = format!("{}{qualifier}", one.entity.id);
    let conditions: Vec<(&str, &str, Settled)> = CONDITIONS
        .iter()
        .filter_map(|(attribute, operator, key)| Some((*operator, *key, part(attribute)?)))
        .collect();
    let parts = vec![
        ("Sid", Some(text(&sid, origin))),
        ("Effect", Some(text("Allow", origin))),
        ("Principal", principal),
        (
            "Action",
            part("action").map(|settled| text(&settled.text, settled.origin)),
        ),
        ("Resource", Some(text(&resource, origin))),
        ("Condition", condition(&conditions, origin)),
    ];
    let item = object(parts, origin);
    one.put(reading, Attribute::ResourcePolicy, Some("Sid"), &sid, item);
}

/// What the arguments of a permission become ("AddPermission", Lambda API reference).
const CONDITIONS: &[(&str, &str, &str)] = &[
    ("source_arn", "ArnLike", "AWS:SourceArn"),
    ("source_account", "StringEquals", "AWS:SourceAccount"),
    ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    (
        "event_source_token",
        "StringEquals",
        "lambda:EventSourceToken",
    ),
    (
        "function_url_auth_type",
        "StringEquals",
        "lambda:FunctionUrlAuthType",
    ),
];

fn condition(found: &[(&str, &str, Settled)], origin: Origin) -> Option<Node> {
    if found.is_empty() {
        return None;
    }
    let tests = ["ArnLike", "StringEquals"].iter().filter_map(|operator| {
        let of_test = found.iter().filter(|(test, ..)| test == operator);
        let keys: Vec<(&str, Option<Node>)> = of_test
            .map(|(_, key, value)| (*key, Some(text(&value.text, value.origin))))
            .collect();
        (!keys.is_empty()).then(|| (*operator, Some(object(keys, origin))))
    });
    Some(object(tests.collect(), origin))
}

fn principal(settled: &Settled) -> Node {
    let (value, origin) = (settled.text.as_str(), settled.origin);
    let kind = match value {
        "*" => return text("*", origin),
        value if value.ends_with(".amazonaws.com") => "Service",
        _ => "AWS",
    };
    let member = Member {
        key: kind.into(),
        key_origin: origin,
        value: text(value, origin),
    };
    Node {
        value: Value::Object([member].into()),
        origin,
    }
}

/// A service that an account is registered for; the account may be registered for others.
fn service(reading: &mut Reading, one: &One) {
    let Some(service) = one.text(reading, "service_principal") else {
        return;
    };
    let attribute = Attribute::AdministeredServices;
    if one.there {
        let entity = one.entity.clone();
        let nothing = list(Vec::new(), service.origin);
        reading.overlay.unsaid.push(Unsaid {
            entity: entity.clone(),
            attribute,
            made: Known::Present(nothing),
            removed: None,
        });
        let sink = &mut *reading.sink;
        sink.present(&entity, Attribute::Exists, truth(service.origin));
    }
    let node = text(&service.text, service.origin);
    one.put(reading, attribute, None, &service.text, node);
}

fn assignment(reading: &mut Reading, one: &One) {
    let Some(origin) = one.origin(reading) else {
        return;
    };
    let part = |name: &str| {
        let settled = one.text(reading, name)?;
        Some(text(&settled.text, settled.origin))
    };
    let parts = vec![
        ("AccountId", part("target_id")),
        ("PrincipalType", part("principal_type")),
        ("PrincipalId", part("principal_id")),
    ];
    let item = object(parts, origin);
    // Assignments have no name of their own: the whole is compared.
    let what = match one.there {
        true => Change::Put(item),
        false => Change::Without(item),
    };
    one.edit(
        reading,
        Attribute::Assignments,
        Some("PrincipalId and the rest"),
        what,
    );
}
