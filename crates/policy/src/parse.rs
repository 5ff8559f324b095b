//! A policy document into statements ("Grammar of the IAM JSON policy language").
//!
//! Nothing that was written is dropped: what is not understood leaves its statement in place,
//! widened to everything it could speak of and marked unreadable, so that it matches at most
//! "perhaps". A dropped Deny would fail open, a dropped Allow would prove too much. Where not even
//! the effect or the list of statements is known, a perhaps-Allow and a perhaps-Deny stand for it.

use cofferdam_catalog::{Element, Grammar};
use cofferdam_text::{Diagnostic, Member, Node, Origin, Value};

use crate::ast::{
    ActionPattern, Actions, Effect, Policy, Principals, Resources, Statement, Version,
};
use crate::condition;
use crate::deferred::{self, Holes};
use crate::kind::PolicyKind;
use crate::notes::Notes;
use crate::{pattern, principal};

/// The largest document that is read, in bytes of keys and strings: twenty times the longest that
/// AWS stores ("CloudWatch Logs quotas": 51,200 characters).
pub const POLICY_BYTES_MAX: usize = 1024 * 1024;

/// Reads a policy document of that kind. Errors are what AWS would refuse, warnings what it would
/// take in a way that the writer can hardly want; the policy stands for the document either way.
pub fn parse(node: &Node, kind: PolicyKind) -> (Policy, Vec<Diagnostic>) {
    parse_among(node, kind, &Holes::default())
}

/// Reads a policy document, as [`parse`] does, among things of which some have names that are known
/// only later.
pub fn parse_among(node: &Node, kind: PolicyKind, holes: &Holes) -> (Policy, Vec<Diagnostic>) {
    let mut notes = Notes::default();
    let policy = document(node, kind, holes, &mut notes).unwrap_or_else(|| {
        let why = notes
            .unreadable
            .take()
            .unwrap_or_else(|| "the policy cannot be read".into());
        opaque(node.origin, &why)
    });
    (policy, notes.diagnostics)
}

/// A policy of which nothing is known: it may allow and may deny everything.
fn opaque(origin: Origin, why: &str) -> Policy {
    let statements = [Effect::Allow, Effect::Deny].map(|effect| Statement {
        index: 0,
        sid: None,
        effect,
        principals: Principals::NotGiven,
        actions: Actions::Only(vec![ActionPattern::Every]),
        resources: Resources::NotGiven,
        conditions: Vec::new(),
        unreadable: Some(why.into()),
        origin,
    });
    let statements = Vec::from(statements).into();
    Policy {
        version: Version::V2012,
        statements,
        origin,
    }
}

/// The policy, unless not even its statements can be told apart; then the notes say why.
fn document(node: &Node, kind: PolicyKind, holes: &Holes, notes: &mut Notes) -> Option<Policy> {
    let Some(members) = node.as_object() else {
        notes.refuse(
            node.origin,
            format!("a policy must be an object, found {}", node.kind()),
        );
        return None;
    };
    if weight(node) > POLICY_BYTES_MAX {
        notes.refuse(
            node.origin,
            format!("a policy of more than {POLICY_BYTES_MAX} bytes: AWS stores none so long"),
        );
        return None;
    }
    let strange = top_level(members, notes)?;
    let version = version(node, notes)?;
    let Some(list) = node.get("Statement") else {
        notes.refuse(node.origin, "a policy must have a Statement".to_owned());
        return None;
    };
    if list.items().is_empty() {
        notes.warn(list.origin, "the policy has no statements".to_owned());
    }
    let mut statements = Vec::with_capacity(list.items().len());
    for (index, each) in list.items().iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let mut own = Notes {
            unreadable: strange.clone(),
            ..Notes::default()
        };
        let read = statement(each, index, version, kind, &mut own);
        statements.extend(read.into_iter().flat_map(|one| deferred::split(one, holes)));
        notes.diagnostics.append(&mut own.diagnostics);
    }
    Some(Policy {
        version,
        statements: statements.into(),
        origin: node.origin,
    })
}

/// Bytes of text in the tree. The reader of trees bounds its depth.
fn weight(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(text) | Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(weight).sum::<usize>() + 2,
        Value::Object(members) => {
            members
                .iter()
                .map(|member| member.key.len() + weight(&member.value))
                .sum::<usize>()
                + 2
        }
    }
}

/// Looks for elements that are none. One that differs from an element only in case leaves the whole
/// document in doubt; any other leaves each statement in doubt, with the reason that is returned.
fn top_level(members: &[Member], notes: &mut Notes) -> Option<Option<Box<str>>> {
    let mut strange = None;
    for member in members {
        if matches!(&*member.key, "Version" | "Id" | "Statement") {
            continue;
        }
        let message = format!("a policy has no element \"{}\"", member.key);
        strange.get_or_insert_with(|| message.clone().into());
        notes.refuse(member.key_origin, message);
        if ["Version", "Statement"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&member.key))
        {
            return None;
        }
    }
    Some(strange)
}

fn version(node: &Node, notes: &mut Notes) -> Option<Version> {
    let Some(version) = node.get("Version") else {
        return Some(Version::V2008);
    };
    match version.as_str() {
        Some("2008-10-17") => Some(Version::V2008),
        Some("2012-10-17") => Some(Version::V2012),
        _ => {
            notes.refuse(
                version.origin,
                "the Version must be \"2012-10-17\" or \"2008-10-17\"".to_owned(),
            );
            None
        }
    }
}

/// The statement, twice if its effect is not known.
fn statement(
    node: &Node,
    index: u32,
    version: Version,
    kind: PolicyKind,
    notes: &mut Notes,
) -> Vec<Statement> {
    let Some(members) = node.as_object() else {
        notes.refuse(
            node.origin,
            format!("a statement must be an object, found {}", node.kind()),
        );
        let why = notes.unreadable.take().unwrap_or_default();
        let both = opaque(node.origin, &why).statements.into_iter();
        return both.map(|each| Statement { index, ..each }).collect();
    };
    unknown_elements(members, notes);
    let reader = Reader {
        node,
        version,
        grammar: kind.grammar(),
        kind,
    };
    let effects = reader.effects(notes);
    let whole = Statement {
        index,
        sid: reader.sid(notes),
        effect: Effect::Deny,
        principals: reader.principals(&effects, notes),
        actions: reader.actions(notes),
        resources: reader.resources(notes),
        conditions: reader.conditions(notes),
        unreadable: None,
        origin: node.origin,
    };
    let unreadable = notes.unreadable.take();
    let read = |effect: &Effect| Statement {
        effect: *effect,
        unreadable: unreadable.clone(),
        ..whole.clone()
    };
    effects.iter().map(read).collect()
}

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

fn unknown_elements(members: &[Member], notes: &mut Notes) {
    for member in members {
        if ELEMENTS.contains(&&*member.key) {
            continue;
        }
        let meant = ELEMENTS
            .iter()
            .find(|name| name.eq_ignore_ascii_case(&member.key));
        let message = match meant {
            Some(name) => format!(
                "\"{}\" is not an element of a statement: write {name}",
                member.key
            ),
            None => format!("\"{}\" is not an element of a statement", member.key),
        };
        notes.refuse(member.key_origin, message);
    }
}

/// One statement while it is read.
struct Reader<'n> {
    node: &'n Node,
    version: Version,
    grammar: &'static Grammar,
    kind: PolicyKind,
}

/// Which of an element and its negation is there.
enum Given<'n> {
    Neither,
    Only(&'n Node),
    Except(&'n Node),
    Both,
}

impl<'n> Reader<'n> {
    fn effects(&self, notes: &mut Notes) -> Vec<Effect> {
        let effect = self.node.get("Effect");
        match effect.and_then(Node::as_str) {
            Some("Allow") => return vec![Effect::Allow],
            Some("Deny") => return vec![Effect::Deny],
            _ => {}
        }
        let (origin, message) = match effect {
            Some(effect) => (effect.origin, "the Effect must be \"Allow\" or \"Deny\""),
            None => (self.node.origin, "a statement must have an Effect"),
        };
        notes.refuse(origin, message.to_owned());
        vec![Effect::Allow, Effect::Deny]
    }

    fn sid(&self, notes: &mut Notes) -> Option<Box<str>> {
        let sid = self.node.get("Sid")?;
        let text = sid.as_str();
        if text.is_none() {
            notes.refuse(
                sid.origin,
                format!("a Sid must be a string, found {}", sid.kind()),
            );
        }
        text.map(Into::into)
    }

    fn given(&self, name: &str, negation: &str, notes: &mut Notes) -> Given<'n> {
        match (self.node.get(name), self.node.get(negation)) {
            (None, None) => Given::Neither,
            (Some(node), None) => Given::Only(node),
            (None, Some(node)) => Given::Except(node),
            (Some(_), Some(node)) => {
                notes.refuse(
                    node.origin,
                    format!("a statement must not have both {name} and {negation}"),
                );
                Given::Both
            }
        }
    }

    /// Whether the element may be read; otherwise it counts as speaking of everything.
    fn presence(
        &self,
        name: &str,
        presence: Element,
        given: &Given<'_>,
        notes: &mut Notes,
    ) -> bool {
        match (presence, given) {
            (Element::Forbidden, Given::Only(node) | Given::Except(node)) => {
                notes.refuse(
                    node.origin,
                    format!(
                        "{} must not have the element {name} ({})",
                        self.grammar.name, self.grammar.page
                    ),
                );
                false
            }
            (Element::Required, Given::Neither) => {
                let message = format!(
                    "a statement of {} must have the element {name} ({})",
                    self.grammar.name, self.grammar.page
                );
                notes.refuse(self.node.origin, message);
                false
            }
            _ => true,
        }
    }

    fn principals(&self, effects: &[Effect], notes: &mut Notes) -> Principals {
        let given = self.given("Principal", "NotPrincipal", notes);
        if !self.presence("Principal", self.grammar.principal, &given, notes) {
            return Principals::NotGiven;
        }
        let read = match given {
            Given::Only(node) => principal::patterns(node, notes).map(Principals::Only),
            Given::Except(node) => {
                self.negated_principal(node, effects, notes);
                principal::patterns(node, notes).map(Principals::Except)
            }
            Given::Neither | Given::Both => None,
        };
        read.unwrap_or(Principals::NotGiven)
    }

    fn negated_principal(&self, node: &Node, effects: &[Effect], notes: &mut Notes) {
        let page = "AWS JSON policy elements: NotPrincipal";
        let name = self.grammar.name;
        if !self.grammar.not_principal {
            notes.refuse(
                node.origin,
                format!("{name} must not have the element NotPrincipal ({page})"),
            );
        } else if effects == [Effect::Allow] {
            notes.refuse(
                node.origin,
                format!("NotPrincipal is not supported with Allow ({page})"),
            );
        }
    }

    fn actions(&self, notes: &mut Notes) -> Actions {
        let given = self.given("Action", "NotAction", notes);
        if self.ineffective("Action", &given, notes) {
            return Actions::Only(Vec::new());
        }
        let every = || Actions::Only(vec![ActionPattern::Every]);
        if !self.presence("Action", Element::Required, &given, notes) {
            return every();
        }
        let read = match given {
            Given::Only(node) => pattern::actions(node, notes).map(Actions::Only),
            Given::Except(node) => {
                if !self.grammar.not_action {
                    notes.refuse(
                        node.origin,
                        format!(
                            "{} must not have the element NotAction ({})",
                            self.grammar.name, self.grammar.page
                        ),
                    );
                }
                pattern::actions(node, notes).map(Actions::Except)
            }
            Given::Neither | Given::Both => None,
        };
        read.unwrap_or_else(every)
    }

    fn resources(&self, notes: &mut Notes) -> Resources {
        let given = self.given("Resource", "NotResource", notes);
        if self.ineffective("Resource", &given, notes) {
            return Resources::Only(Vec::new());
        }
        if !self.presence("Resource", self.grammar.resource, &given, notes) {
            return Resources::NotGiven;
        }
        let read = match given {
            Given::Only(node) => pattern::resources(node, self.version, notes).map(Resources::Only),
            Given::Except(node) => {
                pattern::resources(node, self.version, notes).map(Resources::Except)
            }
            Given::Neither | Given::Both => None,
        };
        read.unwrap_or(Resources::NotGiven)
    }

    /// A statement of a key policy without Action or Resource is stored and has no effect (KMS API
    /// "PutKeyPolicy").
    fn ineffective(&self, name: &str, given: &Given<'_>, notes: &mut Notes) -> bool {
        let ineffective = self.kind == PolicyKind::Key && matches!(given, Given::Neither);
        if ineffective {
            notes.warn(
                self.node.origin,
                format!("a statement of a key policy without {name} has no effect"),
            );
        }
        ineffective
    }

    fn conditions(&self, notes: &mut Notes) -> Vec<crate::ast::Condition> {
        match self.node.get("Condition") {
            Some(node) => condition::conditions(node, self.version, notes),
            None => Vec::new(),
        }
    }
}
