//! One change of one attribute, and what the attribute was at another time.
//!
//! A call writes a whole value, or puts one element into a list or takes it out. Of most calls the
//! record tells what holds since, of some also what held before: nobody detaches what is not attached.
//! So a list is moved element by element, and what cannot be told of one says nothing about the others.

use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_policy::print::print;
use cofferdam_text::{Member, Node, Origin, Value};

use super::Change;
use crate::fact::{Attribute, Entity, Known};

/// What a change did to one attribute.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Of what.
    pub entity: Entity,
    /// Which attribute.
    pub attribute: Attribute,
    /// The element of a list, by what tells elements apart (the name of an inline policy, the ARN of an
    /// attached one, the id of a grant, the text itself); `None`: the whole value.
    pub element: Option<Box<str>>,
    /// What holds since; an element that is absent is not in the list.
    pub after: Known<Node>,
    /// What held before, where the call tells it; an unknown element was there.
    pub before: Option<Known<Node>>,
    /// Where it is recorded.
    pub origin: Origin,
}

/// An edit with the change that it is of.
pub(super) type Told<'e> = (&'e Edit, &'e Change);

/// The value after some edits.
pub(super) fn forwards(read: Known<Node>, done: &[Told<'_>]) -> Known<Node> {
    done.iter()
        .fold(read, |value, (edit, change)| match &edit.element {
            None => edit.after.clone(),
            Some(key) => with(value, (edit, change), key, &edit.after),
        })
}

/// The value between edits that were done before and edits that were done after, of which the read
/// value has seen all.
pub(super) fn backwards(read: Known<Node>, done: &[Told<'_>], later: &[Told<'_>]) -> Known<Node> {
    if later.is_empty() {
        return read;
    }
    let is_whole = |(edit, _): &Told<'_>| edit.element.is_none();
    if let Some(last) = done.iter().rposition(is_whole) {
        let rest = done.get(last..).unwrap_or_default();
        return forwards(Known::Absent, rest);
    }
    if let Some(first) = later.iter().find(|one| is_whole(one)) {
        return held_before(*first);
    }
    let mut value = read;
    for (place, one) in later.iter().enumerate() {
        let Some(key) = &one.0.element else { continue };
        let same = |(other, _): &&Told<'_>| other.element.as_ref() == Some(key);
        if later.iter().take(place).any(|earlier| same(&earlier)) {
            continue;
        }
        let state = match done.iter().rev().find(same) {
            Some((before, _)) => before.after.clone(),
            None => held_before(*one),
        };
        value = with(value, *one, key, &state);
    }
    value
}

fn held_before((edit, change): Told<'_>) -> Known<Node> {
    match &edit.before {
        Some(Known::Unknown(_)) | None => Known::Unknown(why(change)),
        Some(known) => known.clone(),
    }
}

/// Why nothing is known of what was there before.
fn why(change: &Change) -> Box<str> {
    format!(
        "the configuration at that time is not known: {} wrote it at {}, and nothing before among the \
         events",
        change.call, change.time
    )
    .into()
}

/// A list with one element as it is told.
fn with(
    list: Known<Node>,
    (edit, change): Told<'_>,
    key: &str,
    state: &Known<Node>,
) -> Known<Node> {
    let attribute = edit.attribute;
    let (items, origin) = match &list {
        Known::Unknown(_) => return list,
        Known::Absent => (Vec::new(), edit.origin),
        Known::Present(node) => (node.items().to_vec(), node.origin),
    };
    let others = items.into_iter();
    let mut items: Vec<Node> = others
        .filter(|item| key_of(attribute, item) != Some(key))
        .collect();
    match state {
        Known::Absent => {}
        Known::Present(element) => items.push(element.clone()),
        Known::Unknown(reason) => match unsure(edit, key, reason) {
            Some(element) => items.push(element),
            None => return Known::Unknown(why(change)),
        },
    }
    Known::Present(Node {
        value: Value::Array(items.into()),
        origin,
    })
}

/// What tells the elements of a list apart.
fn key_of(attribute: Attribute, item: &Node) -> Option<&str> {
    let member = match attribute {
        Attribute::InlinePolicies => "PolicyName",
        Attribute::AttachedPolicies => "PolicyArn",
        Attribute::Grants => "GrantId",
        _ => return item.text(),
    };
    item.get(member)?.text()
}

/// An element that may be there, or be another: policies of which the text is not known. Other lists
/// have none such, and are unknown as a whole.
fn unsure(edit: &Edit, key: &str, why: &str) -> Option<Node> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let members: &[(&str, &str)] = match edit.attribute {
        Attribute::InlinePolicies => &[("PolicyName", key), ("Unknown", why)],
        Attribute::AttachedPolicies => {
            &[("PolicyName", name), ("PolicyArn", key), ("Unknown", why)]
        }
        _ => return None,
    };
    Some(object(members, edit.origin))
}

/// An object of texts, made from what lies at a place.
pub fn object(members: &[(&str, &str)], origin: Origin) -> Node {
    let member = |(key, text): &(&str, &str)| Member {
        key: (*key).into(),
        key_origin: origin,
        value: Node {
            value: Value::String((*text).into()),
            origin,
        },
    };
    Node {
        value: Value::Object(members.iter().map(member).collect()),
        origin,
    }
}

/// Whether what was read is certainly not what an edit left.
pub(super) fn differs(read: &Known<Node>, edit: &Edit) -> bool {
    let Some(key) = &edit.element else {
        return unlike(read, &edit.after);
    };
    let found = match read {
        Known::Unknown(_) => return false,
        Known::Absent => None,
        Known::Present(list) => {
            let mut items = list.items().iter();
            items.find(|item| key_of(edit.attribute, item) == Some(key))
        }
    };
    match (found, &edit.after) {
        (Some(_), Known::Absent) | (None, Known::Present(_)) => true,
        (Some(found), Known::Present(element)) => match document(found).zip(document(element)) {
            Some((read, written)) => said(read) != said(written),
            None => false,
        },
        (_, Known::Unknown(_)) | (None, Known::Absent) => false,
    }
}

/// The text of an inline policy.
pub(super) fn document(item: &Node) -> Option<&Node> {
    item.get("PolicyDocument").filter(|node| !node.is_null())
}

/// Whether both are known and not the same.
fn unlike(read: &Known<Node>, written: &Known<Node>) -> bool {
    match (read, written) {
        (Known::Present(read), Known::Present(written)) => said(read) != said(written),
        (Known::Present(_), Known::Absent) | (Known::Absent, Known::Present(_)) => true,
        _ => false,
    }
}

/// A policy in its canonical form, since AWS may give it back spelled otherwise than it was written.
fn said(node: &Node) -> String {
    let (policy, _) = parse(node, PolicyKind::Resource);
    match policy.statements.is_empty() {
        true => node.to_json(),
        false => print(&policy).unwrap_or_else(|_| node.to_json()),
    }
}
