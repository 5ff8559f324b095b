//! One configuration item, whichever way its fields are spelled.
//!
//! Files in Config's bucket and answers of its API name the same fields differently, and either may
//! hold an object where the other holds it as text ("Components of a configuration item", AWS Config
//! developer guide; `ConfigurationItem` and `BaseConfigurationItem`, API reference). Letter case of
//! member names differs between the older types and those made from CloudFormation's schemas, so it
//! is never looked at.

use cofferdam_text::{Member, Node, Value};

use super::time::Time;
use crate::sink::{self, Sink};

/// Texts within texts: a policy in a member in an item in an answer is three.
const OPENED_MAX: usize = 3;

/// What an item says of its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It is there, as described.
    Described,
    /// It was deleted.
    Deleted,
    /// Config stopped to record it.
    NotRecorded,
}

/// An item with its parts opened.
pub(super) struct Item {
    /// The whole item.
    pub node: Node,
    pub resource: Box<str>,
    pub account: Box<str>,
    pub region: Box<str>,
    pub arn: Box<str>,
    pub id: Box<str>,
    pub status: Status,
    pub captured: Option<Time>,
    /// What describes the resource, if the item holds it.
    pub configuration: Option<Node>,
    /// What Config reads with further calls, if the item holds it.
    pub supplementary: Option<Node>,
    /// Whether the item holds only what a query selected.
    pub selected: bool,
}

impl Item {
    /// Takes an item apart. `None` if it does not say what it is about.
    pub fn of(sink: &mut Sink, node: Node, selected: bool) -> Option<Item> {
        let text = |names: &[&str]| field(&node, names).map(Box::from);
        let resource = text(&["resourceType"])?;
        let open = |sink: &mut Sink, name| {
            let found = member(&node, name).filter(|part| !part.is_null())?;
            opened(sink, found)
        };
        Some(Item {
            account: text(&["awsAccountId", "accountId"]).unwrap_or_default(),
            region: text(&["awsRegion"]).unwrap_or_default(),
            arn: text(&["arn"]).unwrap_or_default(),
            id: text(&["resourceId"])?,
            status: status(field(&node, &["configurationItemStatus"]).unwrap_or_default()),
            captured: field(&node, &["configurationItemCaptureTime"]).and_then(Time::parse),
            configuration: open(sink, "configuration"),
            supplementary: open(sink, "supplementaryConfiguration"),
            resource,
            selected,
            node,
        })
    }

    /// Tags as `[{"Key", "Value"}]`. Config writes a map in files and in most answers, a list in
    /// queries; the configuration of some types has a list of its own.
    pub fn tags(&self) -> Option<Node> {
        let own = self
            .configuration
            .as_ref()
            .and_then(|node| member(node, "tags"));
        let found = member(&self.node, "tags").filter(|tags| !is_empty(tags));
        let found = found.or(own).or_else(|| member(&self.node, "tags"))?;
        let items = match &found.value {
            Value::Object(members) => members.iter().map(pair).collect(),
            Value::Array(items) => items.iter().map(tag).collect::<Option<Vec<_>>>()?,
            _ => return None,
        };
        Some(sink::list(items, found.origin))
    }
}

fn is_empty(node: &Node) -> bool {
    node.as_object().is_some_and(<[Member]>::is_empty) || node.items().is_empty()
}

fn pair(member: &Member) -> Node {
    let key = sink::text(&member.key, member.key_origin);
    let parts = vec![("Key", Some(key)), ("Value", Some(member.value.clone()))];
    sink::object(parts, member.key_origin)
}

fn tag(node: &Node) -> Option<Node> {
    let part = |name| member(node, name).cloned();
    let (key, value) = (part("key").or_else(|| part("tagKey"))?, part("value"));
    let value = value.or_else(|| part("tagValue"));
    Some(sink::object(
        vec![("Key", Some(key)), ("Value", value)],
        node.origin,
    ))
}

/// The status of an item; what is new or left out describes the resource.
fn status(text: &str) -> Status {
    match text {
        "ResourceDeleted" | "ResourceDeletedNotRecorded" => Status::Deleted,
        "ResourceNotRecorded" => Status::NotRecorded,
        _ => Status::Described,
    }
}

/// A member by its name in any case.
pub(super) fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let members = node.as_object()?.iter();
    let mut named = members.filter(|member| member.key.eq_ignore_ascii_case(name));
    named.next().map(|member| &member.value)
}

fn field<'n>(node: &'n Node, names: &[&str]) -> Option<&'n str> {
    names.iter().find_map(|name| member(node, name)?.text())
}

/// The document in a node: the node itself, or what its text holds, or what the text in that text
/// holds. `None` with a diagnostic if a text is no JSON.
pub(super) fn opened(sink: &mut Sink, node: &Node) -> Option<Node> {
    let mut found = node.clone();
    for _ in 0..OPENED_MAX {
        if found.as_str().is_none() {
            return Some(found);
        }
        found = sink.opened(&found)?;
    }
    Some(found)
}
