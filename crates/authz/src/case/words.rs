//! The condition that is left of an undecided case, in words, where one statement alone decides.

use cofferdam_policy::ast::{Condition, Effect, Operator, Quantifier, Statement, Test};
use cofferdam_policy::operand::{Operand, Part, Template};
use cofferdam_policy::reading;

use super::told::Question;
use crate::combine::Deciding;
use crate::concrete::{Concrete, Ternary};
use crate::decide::Decision;
use crate::held::Keys;
use crate::layers::{IdentitySide, Layers, Sheet};
use crate::trace::Determining;
use cofferdam_org::fact::Known;

/// The residual condition under which the request is allowed; `None` unless exactly one statement
/// is in doubt, and only through conditions that can be said plainly.
pub(super) fn residual(question: &Question<'_>, decision: &Decision) -> Option<String> {
    if decision.refused {
        return None;
    }
    let mut doubtful = decision.trace.statements.iter().filter(|one| !one.certain);
    let (one, None) = (doubtful.next()?, doubtful.next()) else {
        return None;
    };
    let statement = find(question.layers, one)?;
    let asked = question.asked(&question.case.request.resource);
    let keys = Keys::default();
    let mut concrete = Concrete::new(&asked, question.situation, &keys);
    if !only_conditions_doubtful(&mut concrete, statement) {
        return None;
    }
    let open: Vec<&Condition> = statement
        .conditions
        .iter()
        .filter(|condition| reading::condition(&mut concrete, condition) == Ternary::Unknown)
        .collect();
    match (statement.effect, open.as_slice()) {
        (_, []) => None,
        (Effect::Allow, open) => {
            let words: Option<Vec<String>> = open.iter().map(|each| say(each, false)).collect();
            Some(words?.join(" and "))
        }
        (Effect::Deny, open) => {
            let words: Option<Vec<String>> = open.iter().map(|each| say(each, true)).collect();
            Some(words?.join(" or "))
        }
    }
}

fn only_conditions_doubtful(concrete: &mut Concrete<'_>, statement: &Statement) -> bool {
    let mut bare = statement.clone();
    bare.conditions.clear();
    reading::apart_from_principal(concrete, &bare) == Ternary::True
        && statement.unreadable.is_none()
        && !matches!(concrete.caller().kind, crate::caller::CallerKind::Anyone(_))
        && reading::principals(concrete, &statement.principals) != Ternary::Unknown
}

fn find<'a>(layers: &'a Layers<'_>, wanted: &Determining) -> Option<&'a Statement> {
    let mut sheets: Vec<&Sheet<'_>> = Vec::new();
    if let IdentitySide::Policies(Known::Present(identity)) = &layers.identity {
        sheets.extend(identity);
    }
    for levels in [&layers.service_control, &layers.resource_control] {
        if let Some(Known::Present(levels)) = levels {
            let of_levels = levels.iter().filter_map(|level| level.sheets.present());
            sheets.extend(of_levels.flatten());
        }
    }
    sheets.extend(layers.session.iter().flatten());
    sheets.extend(layers.boundary.present());
    sheets.extend(layers.resource.present());
    sheets.extend(
        layers
            .endpoints
            .iter()
            .filter_map(|endpoint| endpoint.policy.present()),
    );
    let documents = sheets
        .into_iter()
        .filter_map(|sheet| sheet.policy.document.present());
    documents
        .flat_map(|document| &document.statements)
        .find(|statement| Some(statement.origin) == wanted.origin)
}

/// A condition, or its opposite. Presence is left out where the words say it: "k is v".
fn say(condition: &Condition, opposite: bool) -> Option<String> {
    let Condition {
        operator,
        key,
        operands,
        ..
    } = condition;
    if let Test::Null { absent } = operator.test {
        let word = if absent != opposite {
            "absent"
        } else {
            "present"
        };
        return Some(format!("{key} is {word}"));
    }
    let Operator {
        quantifier: Quantifier::One,
        negated,
        if_exists,
        ..
    } = *operator
    else {
        return None;
    };
    let values: Option<Vec<String>> = operands.iter().map(operand).collect();
    let values = values?.join(" or ");
    let holds_when_absent = negated || if_exists;
    Some(match (negated != opposite, holds_when_absent != opposite) {
        (false, false) => format!("{key} is {values}"),
        (false, true) => format!("{key} is {values}, or absent"),
        (true, true) => format!("{key} is not {values}, or absent"),
        (true, false) => format!("{key} is present and not {values}"),
    })
}

fn operand(operand: &Operand) -> Option<String> {
    match operand {
        Operand::Text { template, .. } => text(template),
        Operand::Arn(fields) => {
            let fields: Option<Vec<String>> = fields.iter().map(text).collect();
            Some(fields?.join(":"))
        }
        Operand::Bool(truth) => Some(truth.to_string()),
        Operand::Address(network) => Some(format!("in {}/{}", network.address, network.prefix)),
        _ => None,
    }
}

fn text(template: &Template) -> Option<String> {
    let part = |part: &Part| match part {
        Part::Literal(text) => Some(text.to_string()),
        Part::One => Some("?".to_owned()),
        Part::Many => Some("*".to_owned()),
        Part::Variable { .. } => None,
    };
    template.parts.iter().map(part).collect()
}
