//! The condition operators of AWS as a table of names and meanings ("IAM JSON policy elements:
//! Condition operators").
//!
//! `ArnEquals` and `ArnLike` are one operator with two names. Names are compared without case:
//! AWS either refuses a name in other letters, so that no such policy exists, or takes it so.

use crate::ast::{Operator, Quantifier, Test};
use crate::operand::{Case, Comparison};

/// What an operator compares, which decides how its values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Comparand {
    Text { case: Case, wildcards: bool },
    Arn,
    Number(Comparison),
    Instant(Comparison),
    Bool,
    Binary,
    Address,
    Null,
}

/// One operator without its set operator and `IfExists`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) comparand: Comparand,
    pub(crate) negated: bool,
}

const fn row(name: &'static str, comparand: Comparand, negated: bool) -> Row {
    Row {
        name,
        comparand,
        negated,
    }
}

const EXACT: Comparand = Comparand::Text {
    case: Case::Sensitive,
    wildcards: false,
};
const CASELESS: Comparand = Comparand::Text {
    case: Case::Insensitive,
    wildcards: false,
};
const LIKE: Comparand = Comparand::Text {
    case: Case::Sensitive,
    wildcards: true,
};

/// Every operator; where several can say the same, printing prefers the first.
pub(crate) const OPERATORS: [Row; 27] = [
    row("StringEquals", EXACT, false),
    row("StringNotEquals", EXACT, true),
    row("StringEqualsIgnoreCase", CASELESS, false),
    row("StringNotEqualsIgnoreCase", CASELESS, true),
    row("StringLike", LIKE, false),
    row("StringNotLike", LIKE, true),
    row("NumericEquals", Comparand::Number(Comparison::Equal), false),
    row(
        "NumericNotEquals",
        Comparand::Number(Comparison::Equal),
        true,
    ),
    row(
        "NumericLessThan",
        Comparand::Number(Comparison::Less),
        false,
    ),
    row(
        "NumericLessThanEquals",
        Comparand::Number(Comparison::LessOrEqual),
        false,
    ),
    row(
        "NumericGreaterThan",
        Comparand::Number(Comparison::Greater),
        false,
    ),
    row(
        "NumericGreaterThanEquals",
        Comparand::Number(Comparison::GreaterOrEqual),
        false,
    ),
    row("DateEquals", Comparand::Instant(Comparison::Equal), false),
    row("DateNotEquals", Comparand::Instant(Comparison::Equal), true),
    row("DateLessThan", Comparand::Instant(Comparison::Less), false),
    row(
        "DateLessThanEquals",
        Comparand::Instant(Comparison::LessOrEqual),
        false,
    ),
    row(
        "DateGreaterThan",
        Comparand::Instant(Comparison::Greater),
        false,
    ),
    row(
        "DateGreaterThanEquals",
        Comparand::Instant(Comparison::GreaterOrEqual),
        false,
    ),
    row("Bool", Comparand::Bool, false),
    row("BinaryEquals", Comparand::Binary, false),
    row("IpAddress", Comparand::Address, false),
    row("NotIpAddress", Comparand::Address, true),
    row("ArnLike", Comparand::Arn, false),
    row("ArnNotLike", Comparand::Arn, true),
    row("ArnEquals", Comparand::Arn, false),
    row("ArnNotEquals", Comparand::Arn, true),
    row("Null", Comparand::Null, false),
];

const ANY: &str = "ForAnyValue:";
const ALL: &str = "ForAllValues:";
const IF_EXISTS: &str = "IfExists";

/// An operator as written, split into its parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelled {
    pub(crate) operator: Operator,
    pub(crate) comparand: Comparand,
    /// Whether the letters are those that AWS documents.
    pub(crate) canonical: bool,
}

/// The operator of that name; `None` if there is none, as for `Null` with `IfExists` or with a set
/// operator.
pub(crate) fn operator(name: &str) -> Option<Spelled> {
    let (quantifier, rest) = quantified(name);
    let (base, if_exists) = match strip_suffix(rest, IF_EXISTS) {
        Some(base) => (base, true),
        None => (rest, false),
    };
    let row = OPERATORS
        .iter()
        .find(|row| row.name.eq_ignore_ascii_case(base))?;
    if row.comparand == Comparand::Null && (if_exists || quantifier != Quantifier::One) {
        return None;
    }
    let operator = Operator {
        quantifier,
        test: Test::Values,
        negated: row.negated,
        if_exists,
    };
    let canonical = print(&operator, row) == name;
    Some(Spelled {
        operator,
        comparand: row.comparand,
        canonical,
    })
}

/// The operator's name with this row as its middle.
pub(crate) fn print(operator: &Operator, row: &Row) -> String {
    let prefix = match operator.quantifier {
        Quantifier::One => "",
        Quantifier::Any => ANY,
        Quantifier::All => ALL,
    };
    let suffix = if operator.if_exists { IF_EXISTS } else { "" };
    format!("{prefix}{}{suffix}", row.name)
}

fn quantified(name: &str) -> (Quantifier, &str) {
    for (prefix, quantifier) in [(ANY, Quantifier::Any), (ALL, Quantifier::All)] {
        if let Some(rest) = strip_prefix(name, prefix) {
            return (quantifier, rest);
        }
    }
    (Quantifier::One, name)
}

fn strip_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

fn strip_suffix<'t>(text: &'t str, suffix: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}
