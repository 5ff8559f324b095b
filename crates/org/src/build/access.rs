//! Attributes read as typed values.
//!
//! Each reader gives present, absent or unknown. A value of the wrong shape is unknown and a
//! diagnostic at the value; nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_names::{AccountId, Arn};
use cofferdam_policy::deferred::Holes;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse_among;
use cofferdam_text::{Diagnostic, Node, Origin, Severity};

use crate::fact::{Attribute, Entity, Facts, Kind, Known};
use crate::model::{NamedPolicy, Policies, PolicyId};

/// Tags by key.
pub(super) type Tags = BTreeMap<Box<str>, Box<str>>;

/// What the themes share while an organization is built.
pub(super) struct Builder<'f> {
    pub facts: &'f Facts,
    /// Names that are known only later, of which policies may speak.
    holes: Holes,
    pub policies: Policies,
    pub managed: BTreeMap<Box<str>, PolicyId>,
    pub dated: BTreeSet<PolicyId>,
    pub organization_policies: BTreeMap<Box<str>, PolicyId>,
    pub gaps: Vec<(Box<str>, Kind, Box<str>)>,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'f> Builder<'f> {
    pub fn new(facts: &'f Facts) -> Self {
        Builder {
            facts,
            holes: holes(facts),
            policies: Policies::default(),
            managed: BTreeMap::new(),
            dated: BTreeSet::new(),
            organization_policies: BTreeMap::new(),
            gaps: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Entities of a kind, without those that a later source states to be deleted.
    pub fn existing(&self, kind: Kind) -> Vec<&'f Entity> {
        let facts = self.facts;
        let deleted =
            |entity: &Entity| matches!(facts.get(entity, Attribute::Exists), Known::Absent);
        facts
            .of_kind(kind)
            .filter(|entity| !deleted(entity))
            .collect()
    }

    pub fn get(&self, entity: &Entity, attribute: Attribute) -> Known<&'f Node> {
        self.facts.get(entity, attribute)
    }

    /// Where the entity is first spoken of.
    pub fn origin(&self, entity: &Entity) -> Option<Origin> {
        self.facts
            .about(entity)
            .find_map(|(_, value)| value.present().map(|node| node.origin))
    }

    /// The entity's ARN; an id that is none is a diagnostic, and the entity is left out.
    pub fn arn(&mut self, entity: &Entity) -> Option<Arn> {
        match Arn::parse(&entity.id) {
            Ok(arn) => Some(arn),
            Err(error) => {
                self.complain(entity, &format!("`{}` is not an ARN: {error}", entity.id));
                None
            }
        }
    }

    /// The owning account: stated, or the one in the ARN.
    pub fn account(&mut self, entity: &Entity, arn: Option<&Arn>) -> Option<AccountId> {
        let stated = self.text(entity, Attribute::Account);
        let found = match stated.present() {
            Some(text) => text.parse().ok(),
            None => arn.and_then(Arn::account_id),
        };
        if found.is_none() {
            self.complain(
                entity,
                &format!("the account that owns `{}` is not known", entity.id),
            );
            self.gaps.push((
                "".into(),
                entity.kind,
                format!("owner of {} unknown", entity.id).into(),
            ));
        }
        found
    }

    pub fn text(&mut self, entity: &Entity, attribute: Attribute) -> Known<Box<str>> {
        self.shaped(entity, attribute, "a string", |node| {
            node.text().map(Into::into)
        })
    }

    pub fn flag(&mut self, entity: &Entity, attribute: Attribute) -> Known<bool> {
        self.shaped(entity, attribute, "true or false", truth)
    }

    pub fn list(&mut self, entity: &Entity, attribute: Attribute) -> Known<&'f [Node]> {
        self.shaped(entity, attribute, "a list", Node::as_array)
    }

    pub fn texts(&mut self, entity: &Entity, attribute: Attribute) -> Known<Vec<Box<str>>> {
        self.every(entity, attribute, "a string", |item| {
            item.text().map(Into::into)
        })
    }

    pub fn tags(&mut self, entity: &Entity) -> Known<Tags> {
        let tags = self.every(entity, Attribute::Tags, "a tag with `Key` and `Value`", tag);
        tags.map(|tags| tags.into_iter().collect())
    }

    /// Every element of a list. Each one that cannot be read is a diagnostic, and makes the list
    /// unknown: a grant or a tag that was left out would pass for one that is not there.
    pub fn every<T>(
        &mut self,
        entity: &Entity,
        attribute: Attribute,
        expected: &str,
        read: impl Fn(&'f Node) -> Option<T>,
    ) -> Known<Vec<T>> {
        self.list(entity, attribute).and_then(|items| {
            let found: Vec<_> = items
                .iter()
                .filter_map(|item| self.element(item, expected, &read))
                .collect();
            if found.len() == items.len() {
                return Known::Present(found);
            }
            let why = format!("a part of {attribute:?} of {} could not be read", entity.id);
            Known::Unknown(why.into())
        })
    }

    fn element<T>(
        &mut self,
        item: &'f Node,
        expected: &str,
        read: impl Fn(&'f Node) -> Option<T>,
    ) -> Option<T> {
        let found = read(item);
        if found.is_none() {
            self.misshapen(item, expected);
        }
        found
    }

    /// One attribute through a reader; unknown if the reader refuses it.
    pub fn shaped<T>(
        &mut self,
        entity: &Entity,
        attribute: Attribute,
        expected: &str,
        read: impl FnOnce(&'f Node) -> Option<T>,
    ) -> Known<T> {
        self.get(entity, attribute)
            .and_then(|node| match read(node) {
                Some(value) => Known::Present(value),
                None => {
                    self.misshapen(node, expected);
                    Known::Unknown(
                        format!("{attribute:?} of {} could not be read", entity.id).into(),
                    )
                }
            })
    }

    /// The policy in an attribute, under the name that people know it by.
    pub fn policy(
        &mut self,
        entity: &Entity,
        attribute: Attribute,
        kind: PolicyKind,
        name: &str,
    ) -> Known<PolicyId> {
        self.get(entity, attribute)
            .map(|node| self.document(node, kind, name))
    }

    /// Adds the policy in a node; one that is no JSON object is kept as unknown.
    pub fn document(&mut self, node: &'f Node, kind: PolicyKind, name: &str) -> PolicyId {
        let document = self.parsed(node, kind, name);
        self.policies.add(NamedPolicy {
            name: name.into(),
            document,
            origin: Some(node.origin),
        })
    }

    fn parsed(
        &mut self,
        node: &Node,
        kind: PolicyKind,
        name: &str,
    ) -> Known<cofferdam_policy::ast::Policy> {
        if node.as_object().is_none() {
            self.misshapen(node, "a policy document");
            return Known::Unknown(format!("{name} could not be read as a policy").into());
        }
        let (policy, diagnostics) = parse_among(node, kind, &self.holes);
        self.diagnostics.extend(diagnostics);
        Known::Present(policy)
    }

    /// A policy that is known to be there, or may be there, but whose text is not known.
    pub fn unread(&mut self, name: &str, why: &str, origin: Option<Origin>) -> PolicyId {
        let document = Known::Unknown(why.into());
        self.policies.add(NamedPolicy {
            name: name.into(),
            document,
            origin,
        })
    }

    pub fn misshapen(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.kind());
        self.diagnostics
            .push(Diagnostic::error(node.origin, message));
    }

    fn complain(&mut self, entity: &Entity, message: &str) {
        let origin = self.origin(entity);
        let severity = Severity::Error;
        let message = message.to_owned();
        self.diagnostics.push(Diagnostic {
            severity,
            origin,
            file: None,
            line: None,
            message,
            help: None,
        });
    }
}

/// Names with holes: of entities, and of what condition keys tell of them.
fn holes(facts: &Facts) -> Holes {
    const TOLD: &[(Kind, Attribute)] = &[
        (Kind::Role, Attribute::UniqueId),
        (Kind::User, Attribute::UniqueId),
        (Kind::Endpoint, Attribute::Vpc),
        (Kind::AccessPoint, Attribute::Vpc),
    ];
    let told = TOLD.iter().flat_map(|(kind, attribute)| {
        let of_kind = facts.of_kind(*kind);
        of_kind.filter_map(|entity| match facts.get(entity, *attribute) {
            Known::Present(node) => node.text(),
            Known::Absent | Known::Unknown(_) => None,
        })
    });
    let ids = facts.entities().map(|entity| &*entity.id);
    Holes::among(ids.chain(told))
}

/// A boolean, or its text: SQS and SNS print booleans as strings.
pub(super) fn truth(node: &Node) -> Option<bool> {
    match node.text()? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// A whole number that is not negative.
pub(super) fn count(node: &Node) -> Option<u32> {
    node.text()?.parse().ok()
}

/// The text under a key of an object.
pub(super) fn field(node: &Node, key: &str) -> Option<Box<str>> {
    node.get(key)?.text().map(Into::into)
}

/// The texts of a list under a key; empty where the key is not there, none if one is no text.
pub(super) fn fields(node: &Node, key: &str) -> Option<Vec<Box<str>>> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items
        .iter()
        .map(|item| item.text().map(Into::into))
        .collect()
}

fn tag(node: &Node) -> Option<(Box<str>, Box<str>)> {
    Some((field(node, "Key")?, field(node, "Value")?))
}
