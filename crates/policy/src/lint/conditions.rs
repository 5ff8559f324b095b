//! Operators that do something else than they seem to: on sets, on variables, on names of tags.

use cofferdam_catalog::key;
use cofferdam_names::ContextKey;
use cofferdam_text::Diagnostic;

use super::Setting;
use crate::ast::{Condition, Effect, Quantifier, Resources, Statement, Test, Version};
use crate::operand::{Operand, Part, Template};

/// `ForAllValues` holds for a key that is missing or empty, so an Allow by it is open to requests
/// without the key, unless `Null` asks for a value ("Condition operators").
pub(super) fn vacuous_for_all(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let demanded = |key: &ContextKey| {
        let demands = |each: &Condition| {
            each.operator.test == Test::Null { absent: false } && each.key == *key
        };
        statement.conditions.iter().any(demands)
    };
    let vacuous = |each: &&Condition| {
        statement.effect == Effect::Allow
            && each.operator.quantifier == Quantifier::All
            && !demanded(&each.key)
    };
    let report = |each: &Condition| {
        let message = format!(
            "ForAllValues also allows every request without {}",
            each.key
        );
        let help = format!("add \"Null\": {{\"{}\": \"false\"}}", each.key);
        Diagnostic::warning(each.origin, message).with_help(help)
    };
    statement
        .conditions
        .iter()
        .filter(vacuous)
        .map(report)
        .collect()
}

/// Without Version 2012-10-17 a variable is literal text, so that what it guards matches nothing.
pub(super) fn old_variables(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let literal = |part: &Part| matches!(part, Part::Literal(text) if text.contains("${"));
    let looks_variable = |template: &Template| template.parts.iter().any(literal);
    let resources = match &statement.resources {
        Resources::NotGiven => false,
        Resources::Only(list) | Resources::Except(list) => list.iter().any(looks_variable),
    };
    let in_operand = |operand: &Operand| match operand {
        Operand::Text { template, .. } => looks_variable(template),
        Operand::Arn(fields) => fields.iter().any(looks_variable),
        _ => false,
    };
    let conditions = statement
        .conditions
        .iter()
        .flat_map(|each| &each.operands)
        .any(in_operand);
    match setting.subject.policy.version == Version::V2008 && (resources || conditions) {
        true => {
            let message =
                "${…} is plain text here: policy variables need \"Version\": \"2012-10-17\"";
            let help = "write the Version, once every statement means what it then says";
            vec![Diagnostic::warning(statement.origin, message).with_help(help)]
        }
        false => Vec::new(),
    }
}

/// Of two tags whose keys differ only in case one is matched, and AWS does not say which ("AWS
/// global condition context keys").
pub(super) fn tags_by_case(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let conditions = &statement.conditions;
    let same_tag = |one: &Condition, other: &Condition| {
        one.key == other.key && one.key.tag().is_some() && one.key.tag() != other.key.tag()
    };
    let report = |(place, each): (usize, &Condition)| {
        let first = conditions
            .iter()
            .take(place)
            .find(|other| same_tag(each, other))?;
        let message = format!(
            "{} and {} are the same key: case does not count",
            first.key, each.key
        );
        let help = "keep one of them, spelled as the tag is";
        Some(Diagnostic::warning(each.origin, message).with_help(help))
    };
    conditions.iter().enumerate().filter_map(report).collect()
}

/// Set operators are for keys with several values, and only for them ("Single-valued vs.
/// multivalued context keys").
pub(super) fn cardinality(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |each: &Condition| {
        let known = key(each.key.as_str()).filter(|_| each.operator.test == Test::Values)?;
        let (message, help) = match (known.multivalued, each.operator.quantifier) {
            (true, Quantifier::One) => (
                "may have several values: AWS does not say what it compares without ForAnyValue or ForAllValues",
                "put ForAnyValue: or ForAllValues: before the operator",
            ),
            (false, Quantifier::Any | Quantifier::All) => (
                "has one value: a set operator only changes what happens without it",
                "use the operator without ForAnyValue: or ForAllValues:",
            ),
            _ => return None,
        };
        let message = format!("{} {message}", each.key);
        Some(Diagnostic::warning(each.origin, message).with_help(help))
    };
    statement.conditions.iter().filter_map(report).collect()
}

/// Keys that name one account, organization or network, of which a part is no owner ("AWS IAM
/// Access Analyzer policy check reference": sensitive condition keys).
const SENSITIVE: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

/// A wildcard in the id of an account, an organization or an endpoint also means ids of others.
pub(super) fn sensitive_wildcards(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let wild = |part: &Part| matches!(part, Part::One | Part::Many);
    let has_wildcard = |operand: &Operand| match operand {
        Operand::Text { template, .. } => template.parts.iter().any(wild),
        _ => false,
    };
    let found = statement.conditions.iter().filter(|each| {
        SENSITIVE.contains(&each.key.folded()) && each.operands.iter().any(has_wildcard)
    });
    found
        .map(|each| {
            let message = format!(
                "a wildcard in {} also means accounts, organizations or endpoints of others",
                each.key
            );
            Diagnostic::warning(each.origin, message).with_help("write each id in full")
        })
        .collect()
}
