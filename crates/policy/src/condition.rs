//! Reading `Condition` ("IAM JSON policy elements: Condition").
//!
//! A condition that cannot be read is left out and the statement marked: leaving it out lets the
//! statement match more requests, and the mark lets it match them at most "perhaps".

use cofferdam_names::ContextKey;
use cofferdam_text::{Member, Node};

use crate::ast::{Condition, Operator, Test, Version};
use crate::notes::Notes;
use crate::operand::{Operand, Part, Template};
use crate::operand_parse::operand;
use crate::operator::{Comparand, Spelled, operator};
use crate::values;

/// All conditions of the element, in the order of the document.
pub(crate) fn conditions(node: &Node, version: Version, notes: &mut Notes) -> Vec<Condition> {
    let Some(operators) = node.as_object() else {
        notes.refuse(
            node.origin,
            format!("a condition must be an object, found {}", node.kind()),
        );
        return Vec::new();
    };
    operators
        .iter()
        .flat_map(|member| of_operator(member, version, notes))
        .collect()
}

fn of_operator(member: &Member, version: Version, notes: &mut Notes) -> Vec<Condition> {
    let Some(spelled) = operator(&member.key) else {
        notes.refuse(
            member.key_origin,
            format!("\"{}\" is not a condition operator", member.key),
        );
        return Vec::new();
    };
    if !spelled.canonical {
        notes.warn(
            member.key_origin,
            format!(
                "the operator \"{}\" is read without regard to case",
                member.key
            ),
        );
    }
    let Some(keys) = member.value.as_object() else {
        let message = format!(
            "{} must hold an object of condition keys, found {}",
            member.key,
            member.value.kind()
        );
        notes.refuse(member.value.origin, message);
        return Vec::new();
    };
    keys.iter()
        .filter_map(|key| of_key(key, spelled, version, notes))
        .collect()
}

fn of_key(
    member: &Member,
    spelled: Spelled,
    version: Version,
    notes: &mut Notes,
) -> Option<Condition> {
    let key = match ContextKey::parse(&member.key) {
        Ok(key) => key,
        Err(why) => {
            notes.doubt(
                member.key_origin,
                format!("\"{}\" is not a condition key: {why}", member.key),
            );
            return None;
        }
    };
    let texts = texts(member, notes)?;
    let (operator, operands) = match spelled.comparand {
        Comparand::Null => (null(member, &texts, spelled.operator, notes)?, Vec::new()),
        comparand => (
            spelled.operator,
            operands(member, &texts, comparand, version, notes),
        ),
    };
    Some(Condition {
        operator,
        key,
        operands,
        origin: member.key_origin,
    })
}

fn texts<'t>(member: &'t Member, notes: &mut Notes) -> Option<Vec<&'t str>> {
    let items = member.value.items();
    if items.is_empty() {
        notes.refuse(
            member.value.origin,
            format!("the condition key {} has no values", member.key),
        );
        return None;
    }
    if let Some(wrong) = items.iter().find(|item| item.text().is_none()) {
        notes.refuse(
            wrong.origin,
            format!("a condition value must be a string, found {}", wrong.kind()),
        );
        return None;
    }
    Some(items.iter().filter_map(Node::text).collect())
}

/// `Null` with both values asks for nothing, which AWS does not document.
fn null(
    member: &Member,
    texts: &[&str],
    operator: Operator,
    notes: &mut Notes,
) -> Option<Operator> {
    let mut wanted = texts.iter().map(|text| values::boolean(text));
    let first = wanted.next().flatten();
    match first {
        Some(absent) if wanted.all(|each| each == first) => Some(Operator {
            test: Test::Null { absent },
            ..operator
        }),
        _ => {
            let message = format!(
                "Null of {} must be \"true\" (absent) or \"false\" (present)",
                member.key
            );
            notes.refuse(member.value.origin, message);
            None
        }
    }
}

fn operands(
    member: &Member,
    texts: &[&str],
    comparand: Comparand,
    version: Version,
    notes: &mut Notes,
) -> Vec<Operand> {
    let operands: Vec<_> = texts
        .iter()
        .map(|text| operand(comparand, text, version))
        .collect();
    for (operand, item) in operands.iter().zip(member.value.items()) {
        if let Some(doubt) = doubt(comparand, operand, &member.key) {
            notes.warn(item.origin, doubt);
        }
    }
    operands
}

/// What a value can hardly be meant to say.
fn doubt(comparand: Comparand, operand: &Operand, key: &str) -> Option<String> {
    let literal_star = |template: &Template| {
        let starred = |part: &Part| matches!(part, Part::Literal(text) if text.contains('*'));
        template.parts.iter().any(starred)
    };
    match (comparand, operand) {
        (_, Operand::Unclear(why)) => Some(format!(
            "what this value of {key} means is not documented: {why}"
        )),
        (_, Operand::Nothing(text)) => Some(format!(
            "\"{text}\" is not an ARN, so it matches no value of {key}"
        )),
        (
            Comparand::Text {
                wildcards: false, ..
            },
            Operand::Text { template, .. },
        ) if literal_star(template) => Some(format!(
            "this operator compares * as text: use StringLike if any value of {key} is meant"
        )),
        _ => None,
    }
}
