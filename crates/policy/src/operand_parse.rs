//! Reading one condition value with its operator in hand.
//!
//! A value that AWS refuses when the policy is saved is unclear rather than false: the same value
//! under a negated operator would otherwise become true.

use std::net::{IpAddr, Ipv6Addr};

use crate::ast::Version;
use crate::operand::{Case, Operand, Part, Template};
use crate::operator::Comparand;
use crate::template::Signs;
use crate::values;

/// The longest value that is read: AWS has no policy document of more characters ("CloudWatch Logs
/// quotas"), and matching costs grow with it.
pub const VALUE_BYTES_MAX: usize = 51_200;

/// What the text accepts under that comparison.
pub(crate) fn operand(comparand: Comparand, text: &str, version: Version) -> Operand {
    if text.len() > VALUE_BYTES_MAX {
        return Operand::Unclear("the value is longer than any policy".into());
    }
    let typed = match comparand {
        Comparand::Text { case, wildcards } => return string(text, case, wildcards, version),
        Comparand::Arn => return arn(text, version),
        Comparand::Number(relation) => {
            values::decimal(text).map(|number| Operand::Number(relation, number))
        }
        Comparand::Instant(relation) => {
            values::instant(text).map(|instant| Operand::Instant(relation, instant))
        }
        Comparand::Bool => values::boolean(text).map(Operand::Bool),
        Comparand::Binary => values::base64(text).map(Operand::Binary),
        Comparand::Address => address(text),
        Comparand::Null => None,
    };
    typed.unwrap_or_else(|| Operand::Unclear(reason(comparand, text).into()))
}

fn reason(comparand: Comparand, text: &str) -> String {
    let wanted = match comparand {
        Comparand::Number(_) => "an integer or decimal number",
        Comparand::Instant(_) => "a date with time and zone, or seconds since 1970",
        Comparand::Bool | Comparand::Null => "true or false",
        Comparand::Binary => "base-64 text",
        Comparand::Address => "an address or a CIDR block",
        Comparand::Text { .. } | Comparand::Arn => "text",
    };
    if text.contains("${") {
        return format!(
            "\"{text}\": whether a variable works here is not documented; write {wanted}"
        );
    }
    format!("\"{text}\" is not {wanted}")
}

fn string(text: &str, case: Case, wildcards: bool, version: Version) -> Operand {
    let signs = Signs {
        wildcards,
        variables: version == Version::V2012,
    };
    match Template::parse(text, signs) {
        Ok(template) => Operand::Text { template, case },
        Err(why) => Operand::Unclear(why.into()),
    }
}

/// Six fields; fewer are a malformed ARN, which matches nothing ("Condition operators"). Fewer with
/// a wildcard or a variable are unclear, since that page does not say whether they are malformed.
fn arn(text: &str, version: Version) -> Operand {
    let signs = Signs {
        wildcards: true,
        variables: version == Version::V2012,
    };
    let whole = match Template::parse(text, signs) {
        Ok(template) => template,
        Err(why) => return Operand::Unclear(why.into()),
    };
    let plain = whole.is_exact() && !whole.has_variable();
    match fields(whole) {
        Some(fields) => Operand::Arn(Box::new(fields)),
        None if plain => Operand::Nothing(text.into()),
        None => Operand::Unclear(
            format!(
                "\"{text}\" has fewer than the six fields of an ARN, with a wildcard or a variable"
            )
            .into(),
        ),
    }
}

/// Splits at the first five colons of the literal text.
fn fields(whole: Template) -> Option<[Template; 6]> {
    let mut fields: Vec<Template> = vec![Template { parts: Vec::new() }];
    for part in whole.parts {
        match part {
            Part::Literal(text) => split_literal(&text, &mut fields),
            sign => push(sign, &mut fields),
        }
    }
    fields.try_into().ok()
}

fn split_literal(text: &str, fields: &mut Vec<Template>) {
    let left = 6_usize.saturating_sub(fields.len());
    for (place, piece) in text.splitn(left + 1, ':').enumerate() {
        if place > 0 {
            fields.push(Template { parts: Vec::new() });
        }
        if !piece.is_empty() {
            push(Part::Literal(piece.into()), fields);
        }
    }
}

fn push(part: Part, fields: &mut [Template]) {
    if let Some(field) = fields.last_mut() {
        field.parts.push(part);
    }
}

fn address(text: &str) -> Option<Operand> {
    let bare: Option<Ipv6Addr> = match values::address(text) {
        Some(IpAddr::V6(address)) => Some(address),
        _ => None,
    };
    bare.map(Operand::BareAddress)
        .or_else(|| values::network(text).map(Operand::Address))
}
