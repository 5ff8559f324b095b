//! What a policy says that its writer can hardly mean, and what its kind does not allow.
//!
//! Reading already reports what it cannot understand. These are the policies that AWS and this
//! crate understand well, and that say something else than they seem to: each lint is a function
//! of one statement, and [`RULES`] is all of them. A lint knows no organization; what exists in one
//! reaches it as names.

mod actions;
mod conditions;
mod elements;
mod grammar;
mod keys;
mod missing;
mod names;
mod size;

use std::collections::BTreeSet;

use cofferdam_catalog::Grammar;
use cofferdam_text::{Diagnostic, Node, Origin};

use crate::ast::{Policy, Statement};
use crate::kind::PolicyKind;

/// A policy, and what lints may look at beside it.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// The document that it was read from, in which lints find what to underline.
    pub tree: &'a Node,
    /// Its kind.
    pub kind: PolicyKind,
    /// The document as stored, which quotas count; without it they are not checked.
    pub text: Option<&'a str>,
    /// Of a resource policy, the prefix of the service that stores it, which has quotas of its own.
    pub service: Option<&'a str>,
    /// What exists.
    pub known: &'a Known,
}

/// Names of what exists, as far as a source lists them.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Ids of all VPC endpoints, and of the VPCs that have one; `None` if no source lists them all.
    pub endpoints: Option<BTreeSet<Box<str>>>,
}

/// What a lint has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rule's name, one of [`RULES`].
    pub rule: &'static str,
    /// The statement, counted from zero; `None` for the whole document.
    pub statement: Option<u32>,
    /// What is wrong, where, and what to do. An error is what AWS refuses.
    pub diagnostic: Diagnostic,
}

/// One lint.
pub struct Rule {
    /// Its name, for filters and documentation.
    pub name: &'static str,
    look: fn(&Statement, &Setting<'_>) -> Vec<Diagnostic>,
}

const fn rule(name: &'static str, look: fn(&Statement, &Setting<'_>) -> Vec<Diagnostic>) -> Rule {
    Rule { name, look }
}

/// The rules about single statements, in the order in which they look at one.
pub const RULES: [Rule; 22] = [
    rule("effect", grammar::effect_of_kind),
    rule("principal", grammar::principal_of_kind),
    rule("every-action", grammar::every_action),
    rule("sid", grammar::plain_sid),
    rule("repeated-sid", grammar::repeated_sid),
    rule("negated-element", elements::negated_element),
    rule("not-principal", elements::negated_principal),
    rule("for-all-values", conditions::vacuous_for_all),
    rule("old-variables", conditions::old_variables),
    rule("tag-case", conditions::tags_by_case),
    rule("cardinality", conditions::cardinality),
    rule("sensitive-wildcard", conditions::sensitive_wildcards),
    rule("unknown-action", actions::unknown_actions),
    rule("unknown-service", names::unknown_services),
    rule("uncovered-service", actions::uncovered_services),
    rule("unknown-key", keys::unknown_keys),
    rule("key-not-sent", keys::unsent_keys),
    rule("service-key", missing::service_keys),
    rule("long-term-keys", missing::long_term_keys),
    rule("network-key", missing::network_keys),
    rule("unknown-endpoint", names::unknown_endpoints),
    rule("creatable-name", names::creatable_names),
];

/// The rules about whole documents: their size and their characters.
pub const DOCUMENT_RULES: [&str; 2] = ["size", "characters"];

/// What every lint may look at beside the statement.
struct Setting<'a> {
    subject: Subject<'a>,
    grammar: &'static Grammar,
}

impl Setting<'_> {
    /// Where a statement has that value in one of these elements; else the first element that is
    /// there, else the statement.
    fn at(&self, statement: &Statement, elements: [&str; 2], value: &str) -> Origin {
        let node = self.node(statement);
        let mut there = elements.iter().filter_map(|name| node?.get(name));
        let exact = there.clone().find_map(|element| item(element, value));
        let found = exact.or_else(|| there.next());
        found.map_or(statement.origin, |node| node.origin)
    }

    /// Where a statement names that service as a principal.
    fn service(&self, statement: &Statement, name: &str) -> Origin {
        let node = self.node(statement);
        let elements = PRINCIPALS
            .iter()
            .filter_map(|element| node?.get(element)?.get("Service"));
        let found = elements.filter_map(|element| item(element, name)).next();
        found.map_or(statement.origin, |node| node.origin)
    }

    fn node(&self, statement: &Statement) -> Option<&Node> {
        let list = self.subject.tree.get("Statement").map(Node::items)?;
        list.get(usize::try_from(statement.index).ok()?)
    }
}

/// The item of a list that is this text, whatever its case.
fn item<'n>(list: &'n Node, text: &str) -> Option<&'n Node> {
    let is = |item: &&Node| {
        item.as_str()
            .is_some_and(|own| own.eq_ignore_ascii_case(text))
    };
    list.items().iter().find(is)
}

/// The elements that name actions.
const ACTIONS: [&str; 2] = ["Action", "NotAction"];

/// The elements that name principals.
const PRINCIPALS: [&str; 2] = ["Principal", "NotPrincipal"];

/// Looks for silent changes of meaning and for what the kind forbids, in the order of the document.
pub fn lint(subject: &Subject<'_>) -> Vec<Remark> {
    let setting = Setting {
        subject: *subject,
        grammar: subject.kind.grammar(),
    };
    let mut found = size::of_document(&setting);
    let mut last = None;
    for statement in &subject.policy.statements {
        // A statement without a readable effect stands twice, and is spoken of once.
        if last.replace(statement.index) == Some(statement.index) {
            continue;
        }
        for rule in &RULES {
            let said = (rule.look)(statement, &setting).into_iter();
            found.extend(said.map(|diagnostic| Remark {
                rule: rule.name,
                statement: Some(statement.index),
                diagnostic,
            }));
        }
    }
    found
}
