//! Changes that a plan makes to what other sources state.
//!
//! A fact of a later source replaces that of an earlier one. Two things need more: an entity that is
//! made anew keeps nothing of an older one of the same name, and a resource that adds one policy to
//! a role's list must leave the rest of the list, which only an earlier source may know.

use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_text::{Member, Node, Origin, Value};

use crate::finish::policy_type;
use crate::sink::{list, object, text};

/// One change of a list.
#[derive(Debug)]
pub(crate) struct Edit {
    pub entity: Entity,
    pub attribute: Attribute,
    /// The member by which elements are compared; none if they are texts.
    pub member: Option<&'static str>,
    pub what: Change,
}

/// What becomes of the list.
#[derive(Debug)]
pub(crate) enum Change {
    /// The element is there, in place of one of the same name.
    Put(Node),
    /// The element of this name is not there.
    Drop(String),
    /// No element is there that has all members of this one.
    Without(Node),
    /// No others are there than those of these names.
    Only(Vec<String>),
    /// It cannot be told any more.
    Doubt(String),
}

/// What an attribute is that a source of things to come does not speak of.
#[derive(Debug)]
pub(crate) struct Unsaid {
    pub entity: Entity,
    pub attribute: Attribute,
    /// If the thing is new.
    pub made: Known<Node>,
    /// If the thing is there, and nothing configures the attribute; none where what an earlier
    /// source states of it stands.
    pub removed: Option<Known<Node>>,
}

/// Everything beyond plain facts.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    /// Entities of which earlier sources may speak, and which are made anew.
    pub fresh: Vec<Entity>,
    pub edits: Vec<Edit>,
    /// Policies attached to a unit or an account: target, policy, whether it is there.
    pub attachments: Vec<(Entity, String, bool, Origin)>,
    /// Attributes of things that may be new.
    pub unsaid: Vec<Unsaid>,
}

impl Overlay {
    /// Makes room for the facts of this source.
    pub fn before(&self, facts: &mut Facts) {
        self.fresh.iter().for_each(|entity| facts.delete(entity));
        for one in &self.unsaid {
            if let Some(value) = unsaid(facts, one) {
                facts.state(one.entity.clone(), one.attribute, value);
            }
        }
    }

    /// Changes lists, once the facts of this source are there.
    pub fn after(self, facts: &mut Facts) {
        for (target, policy, put, origin) in self.attachments {
            let attribute = match policy_type(facts, &policy).as_deref() {
                Some("SERVICE_CONTROL_POLICY") => Attribute::ServiceControlPolicies,
                Some("RESOURCE_CONTROL_POLICY") => Attribute::ResourceControlPolicies,
                Some(_) => continue,
                None => {
                    doubt(facts, &target, &policy);
                    continue;
                }
            };
            let what = match put {
                true => Change::Put(text(&policy, origin)),
                false => Change::Drop(policy),
            };
            edit(
                facts,
                Edit {
                    entity: target,
                    attribute,
                    member: None,
                    what,
                },
            );
        }
        self.edits.into_iter().for_each(|one| edit(facts, one));
    }
}

/// A thing that is there may owe an attribute to the source, which then takes it away by not
/// speaking of it, or to somebody else.
fn unsaid(facts: &Facts, one: &Unsaid) -> Option<Known<Node>> {
    if facts
        .get(&one.entity, Attribute::Exists)
        .present()
        .is_none()
    {
        return Some(one.made.clone());
    }
    let removed = one.removed.as_ref()?;
    let shown = |known: Known<&Node>| known.map(Node::to_json);
    let current = facts.get(&one.entity, one.attribute);
    if current.unknown().is_some() || shown(current) == shown(removed.as_ref()) {
        return None;
    }
    let why = format!(
        "{:?} is configured now, and whether it stays so is not said",
        one.attribute
    );
    Some(Known::Unknown(why.into()))
}

fn doubt(facts: &mut Facts, target: &Entity, policy: &str) {
    let why = format!("the type of {policy}, which is attached or detached, is not known");
    for attribute in [
        Attribute::ServiceControlPolicies,
        Attribute::ResourceControlPolicies,
    ] {
        facts.state(
            target.clone(),
            attribute,
            Known::Unknown(why.as_str().into()),
        );
    }
}

fn edit(facts: &mut Facts, edit: Edit) {
    let Edit {
        mut entity,
        attribute,
        member,
        what,
    } = edit;
    if facts.get(&entity, Attribute::Exists).present().is_none() {
        match by_name(facts, &entity) {
            Some(found) => entity = found,
            None => return,
        }
    }
    if let Change::Doubt(why) = what {
        return facts.state(entity, attribute, Known::Unknown(why.into()));
    }
    let current = facts.get(&entity, attribute).map(Node::clone);
    let changed = match (attribute, current) {
        (Attribute::ResourcePolicy, current) => statements(current, what),
        (_, Known::Unknown(_)) => return,
        (_, Known::Present(node)) => elements(&node, member, what),
        (_, Known::Absent) => match what {
            Change::Put(node) => Some(list(vec![node.clone()], node.origin)),
            Change::Drop(_) | Change::Without(_) | Change::Only(_) | Change::Doubt(_) => None,
        },
    };
    if let Some(changed) = changed {
        facts.state(entity, attribute, Known::Present(changed));
    }
}

/// A principal that is named without its path.
fn by_name(facts: &Facts, entity: &Entity) -> Option<Entity> {
    if !matches!(entity.kind, Kind::Role | Kind::User | Kind::Group) {
        return None;
    }
    let (before, name) = entity.id.rsplit_once('/')?;
    let end = format!("/{name}");
    let mut all = facts.of_kind(entity.kind);
    all.find(|one| one.id.starts_with(before) && one.id.ends_with(&end))
        .cloned()
}

fn named<'n>(node: &'n Node, member: Option<&str>) -> Option<&'n str> {
    match member {
        Some(member) => node.get(member)?.text(),
        None => node.text(),
    }
}

fn elements(current: &Node, member: Option<&str>, what: Change) -> Option<Node> {
    let mut items = current.as_array()?.to_vec();
    match what {
        Change::Put(node) => {
            let name = named(&node, member).map(str::to_owned);
            match items
                .iter_mut()
                .find(|item| named(item, member) == name.as_deref())
            {
                Some(there) if name.is_some() => *there = node,
                _ => items.push(node),
            }
        }
        Change::Drop(name) => items.retain(|item| named(item, member) != Some(&name)),
        Change::Without(node) => items.retain(|item| !has_all(item, &node)),
        Change::Only(names) => items.retain(|item| {
            named(item, member).is_some_and(|name| names.iter().any(|kept| kept == name))
        }),
        Change::Doubt(_) => return None,
    }
    Some(list(items, current.origin))
}

/// Whether an element has every member of another one.
fn has_all(item: &Node, node: &Node) -> bool {
    let members = node.as_object().unwrap_or_default();
    members.iter().all(|member| {
        let found = item.get(&member.key).and_then(Node::text);
        found.is_some() && found == member.value.text()
    })
}

/// The statements of a policy that is made of single permissions.
fn statements(current: Known<Node>, what: Change) -> Option<Node> {
    let policy = match current {
        Known::Present(policy) => policy,
        Known::Absent => {
            let Change::Put(statement) = &what else {
                return None;
            };
            let origin = statement.origin;
            let version = text("2012-10-17", origin);
            object(
                vec![
                    ("Version", Some(version)),
                    ("Statement", Some(list(Vec::new(), origin))),
                ],
                origin,
            )
        }
        Known::Unknown(_) => return None,
    };
    let origin = policy.origin;
    let there = policy
        .get("Statement")
        .map(|node| list(node.items().to_vec(), node.origin));
    let changed = elements(
        &there.unwrap_or_else(|| list(Vec::new(), origin)),
        Some("Sid"),
        what,
    )?;
    let mut members: Vec<Member> = policy.as_object()?.to_vec();
    members.retain(|member| &*member.key != "Statement");
    members.push(Member {
        key: "Statement".into(),
        key_origin: changed.origin,
        value: changed,
    });
    Some(Node {
        value: Value::Object(members.into()),
        origin,
    })
}
