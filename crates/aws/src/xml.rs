//! Answers in XML, read by the shapes of the service models.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use crate::answer::{moment, policy};
use crate::failure::Failure;
use crate::shapes::{Call, Kind, Member, Place, Service, Shape};

/// An answer is one page of at most a thousand things; a document beyond this is no answer.
const NODES_MAX: u32 = 4_000_000;
/// The shapes themselves are less than twenty levels deep.
const DEPTH_MAX: usize = 64;

/// Reads a document; entities of its own are refused, so that none can grow.
pub(crate) fn document(text: &str) -> Result<Document<'_>, Failure> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES_MAX,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options)
        .map_err(|error| Failure::malformed(&format!("the answer is no XML: {error}")))
}

/// Reads the answer of a call.
pub(crate) fn answer(service: &Service, call: &Call, body: &str) -> Result<Value, Failure> {
    let payload = payload(service, call);
    if let Some(member) = payload.filter(|member| member.kind == Kind::Text) {
        return Ok(one(member, Value::String(body.to_owned())));
    }
    if body.trim().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let document = document(body)?;
    let root = document.root_element();
    let reader = Reader { service };
    if let Some(member) = payload {
        return Ok(one(member, reader.value(&member.kind, root, DEPTH_MAX)));
    }
    if let Some(member) = named_as_root(service, call, root) {
        let text = text(root);
        let value = Some(text).filter(|text| !text.is_empty());
        return Ok(one(member, value.map_or(Value::Null, Value::String)));
    }
    let inner = call.wrapper.as_deref().and_then(|name| child(root, name));
    Ok(match &call.output {
        Kind::AsIs => Value::Object(Map::new()),
        kind => reader.value(kind, inner.unwrap_or(root), DEPTH_MAX),
    })
}

fn one(member: &Member, value: Value) -> Value {
    Value::Object(Map::from_iter([(member.name.to_string(), value)]))
}

fn structure<'s>(service: &'s Service, kind: &Kind) -> Option<(&'s [Member], Option<&'s str>)> {
    let Kind::Shape(name) = kind else { return None };
    match service.shapes.get(name)? {
        Shape::Structure { members, payload } => Some((members, payload.as_deref())),
        _ => None,
    }
}

fn payload<'s>(service: &'s Service, call: &Call) -> Option<&'s Member> {
    let (members, payload) = structure(service, &call.output)?;
    let payload = payload?;
    members.iter().find(|member| *member.name == *payload)
}

/// The location of a bucket is the one answer whose root is a member of it ("GetBucketLocation",
/// Amazon S3 API Reference).
fn named_as_root<'s>(service: &'s Service, call: &Call, root: Node) -> Option<&'s Member> {
    let (members, _) = structure(service, &call.output)?;
    let [member] = members else { return None };
    let same = *member.location == *root.tag_name().name() && member.kind == Kind::Text;
    (same && !root.children().any(|node| node.is_element())).then_some(member)
}

struct Reader<'s> {
    service: &'s Service,
}

impl Reader<'_> {
    fn value(&self, kind: &Kind, node: Node, depth: usize) -> Value {
        let text = || text(node);
        match kind {
            Kind::Shape(name) => self.shape(name, node, depth),
            Kind::Boolean => Value::Bool(text() == "true"),
            Kind::Integer => text()
                .parse::<i64>()
                .map_or_else(|_| text().into(), Value::from),
            Kind::Float => text()
                .parse::<f64>()
                .map_or_else(|_| text().into(), Value::from),
            Kind::Moment => moment(&Value::String(text())),
            Kind::Policy => policy(&text()),
            Kind::Text | Kind::Blob | Kind::AsIs => Value::String(text()),
        }
    }

    fn shape(&self, name: &str, node: Node, depth: usize) -> Value {
        let Some(depth) = depth.checked_sub(1) else {
            return Value::Null;
        };
        match self.service.shapes.get(name) {
            Some(Shape::Structure { members, .. }) => self.structure(members, node, depth),
            Some(Shape::List { inner, .. }) => elements(node)
                .map(|item| self.value(inner, item, depth))
                .collect(),
            Some(Shape::Map { inner, key, value }) => {
                self.map((inner, key, value), elements(node), depth)
            }
            None => Value::String(text(node)),
        }
    }

    fn structure(&self, members: &[Member], node: Node, depth: usize) -> Value {
        let mut out = Map::new();
        for member in members {
            let found = match member.place {
                Place::Body if member.flattened => self.flat(member, node, depth),
                Place::Body => child(node, &member.location)
                    .map(|inner| self.value(&member.kind, inner, depth)),
                Place::Attribute => attribute(node, &member.location),
                Place::Uri | Place::Query | Place::Header | Place::Elsewhere => None,
            };
            if let Some(value) = found {
                out.insert(member.name.to_string(), value);
            }
        }
        Value::Object(out)
    }

    /// A list or a map without an element around it; none where nothing is there.
    fn flat(&self, member: &Member, node: Node, depth: usize) -> Option<Value> {
        let Kind::Shape(name) = &member.kind else {
            return None;
        };
        let called = |wanted: &str| {
            let wanted = wanted.to_owned();
            elements(node).filter(move |item| item.tag_name().name() == wanted)
        };
        let value = match self.service.shapes.get(name)? {
            Shape::List { inner, name } => {
                // The elements go by their own name where the model gives them one.
                let own = Some(&**name).filter(|name| *name != "member");
                called(own.unwrap_or(&member.location))
                    .map(|item| self.value(inner, item, depth))
                    .collect()
            }
            Shape::Map { inner, key, value } => {
                self.map((inner, key, value), called(&member.location), depth)
            }
            Shape::Structure { .. } => return None,
        };
        let empty = value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(Map::is_empty);
        (!empty).then_some(value)
    }

    fn map<'a, 'i: 'a>(
        &self,
        (inner, key, value): (&Kind, &str, &str),
        entries: impl Iterator<Item = Node<'a, 'i>>,
        depth: usize,
    ) -> Value {
        let entry = |entry: Node| {
            let name = text(child(entry, key)?);
            Some((name, self.value(inner, child(entry, value)?, depth)))
        };
        Value::Object(entries.filter_map(entry).collect())
    }
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// The first element of a name below another.
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    elements(node).find(|inner| inner.tag_name().name() == name)
}

/// The text of an element.
pub(crate) fn text(node: Node) -> String {
    node.children()
        .filter_map(|inner| inner.text().filter(|_| inner.is_text()))
        .collect()
}

/// An attribute, by its name without the prefix of its namespace.
fn attribute(node: Node, location: &str) -> Option<Value> {
    let name = location.rsplit(':').next().unwrap_or(location);
    let found = node.attributes().find(|one| one.name() == name)?;
    Some(Value::String(found.value().to_owned()))
}
