//! Condition keys that a service does not send with an action.
//!
//! A condition on such a key is decided before anybody asks: a negated operator holds, a positive
//! one fails, and the statement denies or allows everything or nothing.

use cofferdam_catalog::{
    Action, Key, Presence, key, sends_endpoint_key_for, services, services_sending,
};
use cofferdam_text::Diagnostic;

use super::Setting;
use super::actions::{meant, patterns};
use crate::ast::{ActionPattern, Actions, Condition, Effect, Quantifier, Statement, Test};

/// What a condition makes of its statement for requests that lack its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lacking {
    /// A Deny applies to them.
    DeniesAll,
    /// A Deny does not.
    DeniesNone,
    /// An Allow applies to them, as far as this condition goes.
    AllowsAll,
    /// An Allow does not.
    AllowsNone,
}

/// `None` if the statement asks for the key with `Null`, so that its writer has thought of it.
pub(super) fn lacking(statement: &Statement, condition: &Condition) -> Option<Lacking> {
    let guards = |other: &Condition| {
        other.operator.test == Test::Null { absent: false } && other.key == condition.key
    };
    if statement.conditions.iter().any(guards) {
        return None;
    }
    let operator = condition.operator;
    let holds = match (operator.test, operator.quantifier) {
        (Test::Null { absent }, _) => absent,
        _ if operator.if_exists => true,
        (Test::Values, Quantifier::All) => true,
        (Test::Values, Quantifier::Any) => false,
        (Test::Values, Quantifier::One) => operator.negated,
    };
    Some(match (statement.effect, holds) {
        (Effect::Deny, true) => Lacking::DeniesAll,
        (Effect::Deny, false) => Lacking::DeniesNone,
        (Effect::Allow, true) => Lacking::AllowsAll,
        (Effect::Allow, false) => Lacking::AllowsNone,
    })
}

impl Lacking {
    fn words(self) -> &'static str {
        match self {
            Lacking::DeniesAll => "this Deny refuses all of that",
            Lacking::DeniesNone => "this Deny refuses none of that",
            Lacking::AllowsAll => "this condition does not limit that",
            Lacking::AllowsNone => "this Allow allows none of that",
        }
    }
}

/// A misspelled key is one that no request has.
pub(super) fn unknown_keys(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let has_list = |prefix: &str| prefix == "aws" || services().any(|service| service == prefix);
    let unknown = statement
        .conditions
        .iter()
        .filter(|each| has_list(each.key.prefix()) && key(each.key.as_str()).is_none());
    unknown
        .map(|each| {
            let message = format!(
                "{} is not a condition key that the catalogue knows",
                each.key
            );
            let help = "check its spelling: no request has a key that does not exist";
            Diagnostic::warning(each.origin, message).with_help(help)
        })
        .collect()
}

/// "AWS global condition context keys"; "Actions, resources, and condition keys for AWS services".
pub(super) fn unsent_keys(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let look = |condition: &Condition| {
        let known = key(condition.key.as_str())?;
        let lacking = lacking(statement, condition)?;
        let unsent = unsent(statement, &known, lacking);
        if unsent.is_empty() {
            return None;
        }
        let message = format!(
            "{} does not come with {}: {}",
            condition.key,
            some_of(&unsent),
            lacking.words()
        );
        Some(Diagnostic::warning(condition.origin, message).with_help(help(condition, lacking)))
    };
    statement.conditions.iter().filter_map(look).collect()
}

fn help(condition: &Condition, lacking: Lacking) -> String {
    match lacking {
        Lacking::DeniesAll => format!(
            "add \"Null\": {{\"{}\": \"false\"}}, or leave these actions out and deny them by another key",
            condition.key
        ),
        _ => {
            "give these actions a statement of their own, with a key that they come with".to_owned()
        }
    }
}

/// Patterns shown by name before the rest are only counted.
const SHOWN: usize = 3;

fn some_of(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What the statement names and the key does not come with, in words.
fn unsent(statement: &Statement, known: &Key, lacking: Lacking) -> Vec<String> {
    let of_endpoint = known.presence == Presence::EndpointOfService;
    if matches!(statement.actions, Actions::Except(_)) {
        return match of_endpoint && lacking == Lacking::DeniesAll {
            true => vec![unsent_service(known)],
            false => Vec::new(),
        };
    }
    let one = |pattern: &ActionPattern| match pattern {
        ActionPattern::Every if of_endpoint && lacking == Lacking::DeniesAll => {
            Some(unsent_service(known))
        }
        ActionPattern::Of { .. } => of_pattern(pattern, known, lacking),
        _ => None,
    };
    patterns(statement).iter().filter_map(one).collect()
}

fn unsent_service(known: &Key) -> String {
    let sending = services_sending(known.name).count();
    format!("services beside the {sending} that send it")
}

fn of_pattern(pattern: &ActionPattern, known: &Key, lacking: Lacking) -> Option<String> {
    let meant = meant(pattern);
    let without = || {
        meant
            .iter()
            .filter(|action| sent(known, action) == Some(false))
    };
    let (all, none) = (meant.len(), without().count());
    let first = without().next()?;
    let first = format!("{}:{}", first.service(), first.name());
    let wild = matches!(pattern, ActionPattern::Of { name, .. } if name.contains(['*', '?']));
    match wild {
        false => Some(first),
        true if none == all => Some(format!("any action of {}", printed(pattern))),
        true if lacking == Lacking::DeniesAll => Some(format!(
            "{none} of the {all} actions of {} (such as {first})",
            printed(pattern)
        )),
        true => None,
    }
}

fn printed(pattern: &ActionPattern) -> String {
    match pattern {
        ActionPattern::Every => "*".to_owned(),
        ActionPattern::Of { service, name } => format!("{service}:{name}"),
        ActionPattern::Nothing(text) => text.to_string(),
    }
}

/// Whether requests of an action can have a key; `None` where AWS's lists do not settle it.
fn sent(known: &Key, action: &Action) -> Option<bool> {
    let listed = || {
        let names = action.condition_keys();
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(known.name))
    };
    let (prefix, _) = known.name.split_once(':')?;
    match known.presence {
        Presence::EndpointOfService => Some(sends_endpoint_key_for(
            known.name,
            action.service(),
            action.name(),
        )),
        _ if matches!(known.name, "aws:RequestTag/" | "aws:TagKeys") => Some(listed()),
        _ if prefix == "aws" || prefix.contains(['.', '*']) => None,
        Presence::SessionKind => None,
        _ => Some(listed()),
    }
}
