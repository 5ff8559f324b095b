//! Where answers put their facts.
//!
//! The sink keeps what one answer alone cannot state (which policies are attached to a target,
//! which aliases a key has) until every answer was read, and remembers whether an answer had
//! something that could not be read, so that its list counts as not read in full.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_text::{Diagnostic, Documents, Member, Node, Origin, Value};

use crate::answers::Row;

/// One call of an operation: where, and with which parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub account: &'a str,
    /// Empty for global operations.
    pub region: &'a str,
    pub partition: &'a str,
    pub request: Option<&'a Node>,
}

impl<'a> Call<'a> {
    /// The text of a parameter.
    pub fn asked(&self, parameter: &str) -> Option<&'a str> {
        self.request?.get(parameter)?.text()
    }

    /// The ARN of a resource where the call was made; an ARN stays as it is.
    pub fn arn(&self, service: &str, prefix: &str, id: &str) -> String {
        if id.starts_with("arn:") {
            return id.to_owned();
        }
        format!(
            "arn:{}:{service}:{}:{}:{prefix}{id}",
            self.partition, self.region, self.account
        )
    }
}

/// Values that several answers state together, by entity.
type Gathered = BTreeMap<(Entity, Attribute), Vec<Node>>;

/// Lists that were read: account (empty: organization-wide) and kind.
pub(crate) type Listed = BTreeSet<(Box<str>, Kind)>;

/// An answer that could not be read: what it would have stated.
pub(crate) struct Unread {
    pub row: &'static Row,
    pub account: Box<str>,
    pub region: Box<str>,
    pub why: Box<str>,
}

/// Facts and diagnostics of one source while it is read.
pub(crate) struct Sink<'d> {
    pub facts: Facts,
    pub documents: &'d mut Documents,
    pub gathered: Gathered,
    pub unread: Vec<Unread>,
    /// What [`Sink::gathered`] lacks: attributes of which some answer is missing, by account.
    pub incomplete: BTreeMap<(Attribute, Box<str>), Box<str>>,
    /// Attributes that [`Sink::gathered`] was asked for, by account.
    pub asked: BTreeSet<(Attribute, Box<str>)>,
    pub listed: Listed,
    /// Files among the answers that hold items of AWS Config, which stand behind all other answers.
    pub items: Vec<PathBuf>,
    /// Whether the answer at hand had something that could not be read.
    pub misread: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'d> Sink<'d> {
    pub fn new(documents: &'d mut Documents) -> Self {
        Sink {
            facts: Facts::new(),
            documents,
            gathered: Gathered::new(),
            unread: Vec::new(),
            incomplete: BTreeMap::new(),
            asked: BTreeSet::new(),
            listed: BTreeSet::new(),
            items: Vec::new(),
            misread: false,
            diagnostics: Vec::new(),
        }
    }

    pub fn into_parts(self) -> (Facts, Vec<Diagnostic>, Listed) {
        (self.facts, self.diagnostics, self.listed)
    }

    /// Keeps a diagnostic, with its file and line.
    pub fn complain(&mut self, diagnostic: Diagnostic) {
        let located = self.documents.locate(diagnostic);
        self.diagnostics.push(located);
    }

    /// States that a thing exists in the account and Region of the call.
    pub fn exists(
        &mut self,
        call: &Call,
        kind: Kind,
        id: impl Into<Box<str>>,
        at: &Node,
    ) -> Entity {
        let entity = Entity::new(kind, id);
        self.present(&entity, Attribute::Exists, truth(at.origin));
        if !call.account.is_empty() {
            self.weak(&entity, Attribute::Account, text(call.account, at.origin));
        }
        if !call.region.is_empty() {
            self.weak(&entity, Attribute::Region, text(call.region, at.origin));
        }
        entity
    }

    pub fn present(&mut self, entity: &Entity, attribute: Attribute, node: Node) {
        self.facts
            .state(entity.clone(), attribute, Known::Present(node));
    }

    pub fn absent(&mut self, entity: &Entity, attribute: Attribute) {
        self.facts.state(entity.clone(), attribute, Known::Absent);
    }

    /// States an attribute that nothing stated yet.
    pub fn weak(&mut self, entity: &Entity, attribute: Attribute, node: Node) {
        if !self.stated(entity, attribute) {
            self.present(entity, attribute, node);
        }
    }

    pub fn stated(&self, entity: &Entity, attribute: Attribute) -> bool {
        self.facts
            .about(entity)
            .any(|(stated, _)| stated == attribute)
    }

    /// A member of an answer: absent where the answer leaves it out, is null or empty text.
    pub fn put(&mut self, entity: &Entity, attribute: Attribute, node: Option<&Node>) {
        match node.filter(|node| !is_empty(node)) {
            Some(node) => self.present(entity, attribute, node.clone()),
            None => self.absent(entity, attribute),
        }
    }

    /// A policy, as an object or as text.
    pub fn policy(&mut self, entity: &Entity, attribute: Attribute, node: Option<&Node>) {
        let Some(node) = node.filter(|node| !is_empty(node)) else {
            return self.absent(entity, attribute);
        };
        let value = match self.opened(node) {
            Some(document) => Known::Present(document),
            None => Known::Unknown(format!("{attribute:?} of {} is not JSON", entity.id).into()),
        };
        self.facts.state(entity.clone(), attribute, value);
    }

    /// The document in a node that holds it as an object or as text; a diagnostic if it is no JSON.
    pub fn opened(&mut self, node: &Node) -> Option<Node> {
        if node.as_str().is_none() {
            return Some(node.clone());
        }
        match self.documents.read_embedded(node) {
            Ok(document) => Some(document),
            Err(diagnostic) => {
                self.complain(diagnostic);
                None
            }
        }
    }

    /// The elements under a key; an answer leaves out a list that is empty.
    pub fn list<'n>(&mut self, answer: &'n Node, key: &str) -> &'n [Node] {
        match answer.get(key) {
            None => &[],
            Some(node) => match node.as_array() {
                Some(items) => items,
                None => {
                    self.misshapen(node, &format!("a list under `{key}`"));
                    &[]
                }
            },
        }
    }

    /// The text under a key that must be there.
    pub fn need<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        let found = node.get(key).and_then(Node::text);
        if found.is_none() {
            self.misshapen(node, &format!("an object with `{key}`"));
        }
        found
    }

    /// Says that something in the answer at hand is not what AWS prints.
    pub fn misshapen(&mut self, node: &Node, expected: &str) {
        self.misread = true;
        let message = format!("expected {expected}, found {}", node.kind());
        self.complain(Diagnostic::error(node.origin, message));
    }

    /// Adds one value to a list that several answers state together.
    pub fn gather(&mut self, entity: Entity, attribute: Attribute, value: Node) {
        self.gathered
            .entry((entity, attribute))
            .or_default()
            .push(value);
    }
}

fn is_empty(node: &Node) -> bool {
    node.is_null() || node.as_str() == Some("")
}

/// Text with the place of what it was made from.
pub(crate) fn text(value: &str, origin: Origin) -> Node {
    Node {
        value: Value::String(value.into()),
        origin,
    }
}

/// `true`, with the place of what shows it.
pub(crate) fn truth(origin: Origin) -> Node {
    Node {
        value: Value::Bool(true),
        origin,
    }
}

/// A list with the place of what it was made from.
pub(crate) fn list(items: Vec<Node>, origin: Origin) -> Node {
    Node {
        value: Value::Array(items.into()),
        origin,
    }
}

/// An object of the parts that are there.
pub(crate) fn object(parts: Vec<(&str, Option<Node>)>, origin: Origin) -> Node {
    let member = |(key, value): (&str, Option<Node>)| {
        Some(Member {
            key: key.into(),
            key_origin: origin,
            value: value?,
        })
    };
    Node {
        value: Value::Object(parts.into_iter().filter_map(member).collect()),
        origin,
    }
}
