//! How each call of the table is made and how its answer is written.
//!
//! The table of operations says what is asked; this data says it in the words of AWS's protocols:
//! which host and path, how a parameter is spelled, which elements of an answer are lists, where
//! the next page begins. It is generated from botocore's service models (`cargo xtask shapes`), so
//! that no shape is typed by hand, and holds only what the table needs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

const DATA: &str = include_str!("../data/shapes.json");

/// Everything that is known of how to call.
#[derive(Debug, Default)]
pub struct Shapes {
    /// Where the data comes from, in words.
    pub source: String,
    /// The day at which it held.
    pub as_of: String,
    services: BTreeMap<Box<str>, Service>,
    calls: BTreeMap<Box<str>, Call>,
    /// What the models call sensitive in an answer, as paths of the table's column `remove`.
    pub sensitive: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// One service of AWS.
#[derive(Debug)]
pub struct Service {
    /// How requests and answers are written.
    pub protocol: Protocol,
    /// The version of the API, which the query protocols name.
    pub version: Box<str>,
    /// The first part of the host name.
    pub prefix: Box<str>,
    /// What the signature calls the service.
    pub signing: Box<str>,
    /// What stands before the operation in the header `X-Amz-Target`.
    pub target: Box<str>,
    /// The version of the JSON protocol.
    pub json: Box<str>,
    /// The host and signing Region of a service that has one for all Regions, by partition.
    pub global: BTreeMap<Box<str>, (Box<str>, Box<str>)>,
    /// Shapes of answers, by name.
    pub shapes: BTreeMap<Box<str>, Shape>,
}

/// The ways in which AWS's services write requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Parameters in a form, the answer in XML.
    Query,
    /// As [`Protocol::Query`], with lists written flat.
    Ec2,
    /// Paths and headers, the answer in XML.
    RestXml,
    /// JSON both ways, the operation in a header.
    Json,
    /// Paths and headers, the answer in JSON.
    RestJson,
}

/// One operation of a service.
#[derive(Debug)]
pub struct Call {
    /// The service, by the name of the SDKs.
    pub service: Box<str>,
    /// `ListKeys`.
    pub name: Box<str>,
    /// `GET` or `POST`.
    pub method: Box<str>,
    /// The path with `{Parameter}` in it, and a fixed query.
    pub uri: Box<str>,
    /// What is put before the host name, with `{Parameter}` in it.
    pub host_prefix: Box<str>,
    /// How the parameters are written.
    pub input: BTreeMap<Box<str>, Input>,
    /// How the answer is read; `None` where it passes as it is.
    pub output: Kind,
    /// The element of an XML answer that holds it.
    pub wrapper: Option<Box<str>>,
    /// How further pages are asked for.
    pub pages: Option<Pages>,
}

/// How a parameter is written.
#[derive(Debug)]
pub struct Input {
    /// Where it goes.
    pub place: Place,
    /// What it is called there.
    pub name: Option<Box<str>>,
    /// The element of a list; empty where the list is flat.
    pub list: Option<Box<str>>,
}

/// Where a part of a request or an answer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the body.
    Body,
    /// In the path.
    Uri,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In an attribute of the element around it.
    Attribute,
    /// The status code, or headers that share a prefix; no answer of the table needs them.
    Elsewhere,
}

/// How a list that comes in pages goes on.
#[derive(Debug)]
pub struct Pages {
    /// Parameters that ask for the next page.
    pub into: Vec<Box<str>>,
    /// Where the answer says what they are.
    pub out: Vec<Box<str>>,
    /// Where the answer says whether there is more, if it says so apart.
    pub more: Option<Box<str>>,
    /// The lists that are joined.
    pub results: Vec<Box<str>>,
}

/// What stands at a place of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing is to be done with it.
    AsIs,
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Float,
    /// Bytes in base64.
    Blob,
    /// A moment.
    Moment,
    /// A policy, percent-encoded, which the CLI prints as JSON.
    Policy,
    /// A shape of the service.
    Shape(Box<str>),
}

/// How a composite part of an answer is read.
#[derive(Debug)]
pub enum Shape {
    /// Named members.
    Structure {
        /// In the order of the model.
        members: Vec<Member>,
        /// The member that is the whole body.
        payload: Option<Box<str>>,
    },
    /// A list, whose elements have a name in XML.
    List {
        /// What the elements are.
        inner: Kind,
        /// The name of their elements.
        name: Box<str>,
    },
    /// A map, whose entries have names in XML.
    Map {
        /// What the values are.
        inner: Kind,
        /// The element of the key.
        key: Box<str>,
        /// The element of the value.
        value: Box<str>,
    },
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// As the CLI prints it.
    pub name: Box<str>,
    /// As the service writes it.
    pub location: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// Whether a list or map stands without an element around it.
    pub flattened: bool,
    /// Where it stands.
    pub place: Place,
}

/// The shapes, read once.
pub fn shapes() -> &'static Shapes {
    static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
        // Our own data; a test notices what cannot be read.
        let root: Value = serde_json::from_str(DATA).unwrap_or_default();
        read(&root)
    });
    &SHAPES
}

impl Shapes {
    /// The call of an operation of the table.
    pub fn call(&self, operation: &str) -> Option<(&Service, &Call)> {
        let call = self.calls.get(operation)?;
        Some((self.services.get(&call.service)?, call))
    }
}

fn read(root: &Value) -> Shapes {
    let mut services: BTreeMap<Box<str>, Service> = entries(root, "services")
        .filter_map(|(name, value)| Some((name.as_str().into(), service(value)?)))
        .collect();
    for (name, shapes) in entries(root, "shapes") {
        if let Some(service) = services.get_mut(name.as_str()) {
            service.shapes = members(shapes)
                .filter_map(|(name, value)| Some((name.as_str().into(), shape(value)?)))
                .collect();
        }
    }
    Shapes {
        source: text(root, "source").into(),
        as_of: text(root, "as_of").into(),
        services,
        calls: entries(root, "operations")
            .filter_map(|(name, value)| Some((name.as_str().into(), call(value)?)))
            .collect(),
        sensitive: entries(root, "sensitive")
            .map(|(name, paths)| (name.as_str().into(), texts(Some(paths))))
            .collect(),
    }
}

fn service(value: &Value) -> Option<Service> {
    let global = entries(value, "global");
    Some(Service {
        protocol: protocol(&text(value, "protocol"))?,
        version: text(value, "version"),
        prefix: text(value, "prefix"),
        signing: text(value, "signing"),
        target: text(value, "target"),
        json: text(value, "json"),
        global: global
            .filter_map(|(partition, host)| {
                let host = |at: usize| Some(host.get(at)?.as_str()?.into());
                Some((partition.as_str().into(), (host(0)?, host(1)?)))
            })
            .collect(),
        shapes: BTreeMap::new(),
    })
}

fn protocol(text: &str) -> Option<Protocol> {
    match text {
        "query" => Some(Protocol::Query),
        "ec2" => Some(Protocol::Ec2),
        "rest-xml" => Some(Protocol::RestXml),
        "json" => Some(Protocol::Json),
        "rest-json" => Some(Protocol::RestJson),
        _ => None,
    }
}

fn call(value: &Value) -> Option<Call> {
    let http = text(value, "http");
    let (method, uri) = http.split_once(' ')?;
    let inputs = entries(value, "input");
    Some(Call {
        service: text(value, "service"),
        name: text(value, "name"),
        method: method.into(),
        uri: uri.into(),
        host_prefix: text(value, "host_prefix"),
        input: inputs
            .map(|(name, value)| (name.as_str().into(), input(value)))
            .collect(),
        output: value
            .get("output")
            .and_then(Value::as_str)
            .map_or(Kind::AsIs, kind),
        wrapper: optional(value, "wrapper"),
        pages: value.get("pages").map(pages),
    })
}

fn input(value: &Value) -> Input {
    Input {
        place: optional(value, "in").map_or(Place::Body, |word| place(&word)),
        name: optional(value, "name"),
        list: optional(value, "list"),
    }
}

fn place(word: &str) -> Place {
    match word {
        "uri" => Place::Uri,
        "querystring" => Place::Query,
        "header" => Place::Header,
        "attribute" => Place::Attribute,
        _ => Place::Elsewhere,
    }
}

fn pages(value: &Value) -> Pages {
    Pages {
        into: texts(value.get("in")),
        out: texts(value.get("out")),
        more: optional(value, "more"),
        results: texts(value.get("results")),
    }
}

fn kind(word: &str) -> Kind {
    match word {
        "" => Kind::AsIs,
        "s" => Kind::Text,
        "b" => Kind::Boolean,
        "i" => Kind::Integer,
        "f" => Kind::Float,
        "x" => Kind::Blob,
        "p" => Kind::Policy,
        "t" => Kind::Moment,
        word if word.starts_with("t:") => Kind::Moment,
        word => Kind::Shape(word.into()),
    }
}

fn shape(value: &Value) -> Option<Shape> {
    if let Some(found) = value.get("s") {
        return Some(Shape::Structure {
            members: members(found)
                .map(|(name, value)| member(name, value))
                .collect(),
            payload: optional(value, "payload"),
        });
    }
    if let Some(inner) = value.get("l") {
        return Some(Shape::List {
            inner: inner.as_str().map_or(Kind::AsIs, kind),
            name: text(value, "n"),
        });
    }
    let inner = value.get("m")?;
    Some(Shape::Map {
        inner: inner.as_str().map_or(Kind::AsIs, kind),
        key: text(value, "k"),
        value: text(value, "v"),
    })
}

/// A member is written as its kind alone where it has no other particulars.
fn member(name: &str, value: &Value) -> Member {
    let mut words = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => vec![other.as_str().unwrap_or_default(), name],
    }
    .into_iter();
    let kind = kind(words.next().unwrap_or_default());
    let location = words.next().unwrap_or(name).into();
    let flags: Vec<&str> = words.collect();
    Member {
        name: name.into(),
        location,
        kind,
        flattened: flags.contains(&"flattened"),
        place: flags
            .iter()
            .find(|flag| **flag != "flattened")
            .map_or(Place::Body, |flag| place(flag)),
    }
}

fn entries<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value.get(key).into_iter().flat_map(members)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value, key: &str) -> Box<str> {
    optional(value, key).unwrap_or_default()
}

fn optional(value: &Value, key: &str) -> Option<Box<str>> {
    Some(value.get(key)?.as_str()?.into())
}

fn texts(value: Option<&Value>) -> Vec<Box<str>> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(Into::into))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use cofferdam_sources::operations;

    fn check(what: &str, wrong: &[String]) {
        assert!(
            wrong.is_empty(),
            "{what} (`cargo xtask shapes` makes the data anew): {wrong:#?}"
        );
    }

    #[test]
    fn the_table_and_the_shapes_agree() {
        let known = shapes();
        let mut wrong = Vec::new();
        for row in operations() {
            let Some((_, call)) = known.call(&row.operation) else {
                wrong.push(format!("{} has no shape", row.operation));
                continue;
            };
            if *call.service != *row.service {
                wrong.push(format!("{} is a call of {}", row.operation, call.service));
            }
            let fixed = row.parameters.iter().chain(&row.parameters_each);
            let mut given: BTreeSet<&str> = fixed.map(|(name, _)| &**name).collect();
            for source in &row.for_each {
                given.insert(source.parameter.trim_end_matches("[]"));
                given.extend(source.carry.iter().map(|name| &**name));
            }
            for name in given.iter().filter(|name| !call.input.contains_key(**name)) {
                wrong.push(format!("{} takes no {name}", row.operation));
            }
        }
        check("each row has its shape", &wrong);
        assert_eq!(known.calls.len(), operations().len() + 2, "sts has two");
    }

    #[test]
    fn every_shape_that_is_named_is_there() {
        let known = shapes();
        let mut wrong = Vec::new();
        for (operation, call) in &known.calls {
            let service = &known.services[&call.service];
            let mut kinds = vec![&call.output];
            let mut seen = BTreeSet::new();
            while let Some(kind) = kinds.pop() {
                let Kind::Shape(name) = kind else { continue };
                if !seen.insert(name) {
                    continue;
                }
                match service.shapes.get(name) {
                    None => wrong.push(format!("{operation}: {name}")),
                    Some(Shape::Structure { members, .. }) => {
                        kinds.extend(members.iter().map(|member| &member.kind));
                    }
                    Some(Shape::List { inner, .. } | Shape::Map { inner, .. }) => kinds.push(inner),
                }
            }
        }
        check("a shape is missing", &wrong);
    }
}
