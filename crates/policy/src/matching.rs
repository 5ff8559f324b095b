//! Whether a concrete value matches a pattern, without allocating.
//!
//! Letter case is compared as ASCII: names, ARNs and the values that AWS documents as insensitive
//! are ASCII.

use std::cmp::Ordering;

use cofferdam_names::ContextKey;

use crate::ast::ActionPattern;
use crate::glob::{LAST_FIELD, Token, Walk};
use crate::operand::{Case, Comparison, Operand, Part, Template};
use crate::values;

/// Whether a value matches, where the values of variables may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It does not match.
    No,
    /// It matches.
    Yes,
    /// It depends on a value that is not known, or AWS does not document it.
    Unknown,
}

/// What a policy variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'v> {
    /// The key's single value.
    Value(&'v str),
    /// The key has no value: its default is used, and without one the whole text matches nothing
    /// ("IAM policy elements: Variables and tags").
    None,
    /// The value is not known, or the key has several.
    Unknown,
}

/// What kind of pattern a resource template is ("IAM JSON policy elements: Resource").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceShape {
    /// `*`.
    Everything,
    /// An ARN, from which this many fields at the end were left out.
    Arn {
        /// Fields that are completed with `*`.
        missing: u8,
    },
    /// An ARN with a wildcard in its service, which matches nothing.
    WildService,
    /// Anything else; it matches nothing.
    NotAnArn,
}

/// One piece of a resource pattern, with what a wildcard in that place may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceToken<'t> {
    /// This text.
    Literal(&'t str),
    /// `?`: one character.
    One {
        /// Whether that may be a colon.
        colon: bool,
    },
    /// `*`: a run of characters.
    Many {
        /// Whether it may hold colons: in the sixth field, and as last character of a field.
        colon: bool,
    },
    /// A policy variable.
    Variable {
        /// The key whose single value is put here, literally.
        key: &'t ContextKey,
        /// What is put here if the key has no value.
        default: Option<&'t str>,
    },
}

/// The field that holds the service.
const SERVICE_FIELD: usize = 2;

/// Whether the pattern names the action; upper and lower case are equal.
pub fn action_matches(pattern: &ActionPattern, service: &str, name: &str) -> bool {
    match pattern {
        ActionPattern::Every => true,
        ActionPattern::Of {
            service: of,
            name: glob,
        } => of.eq_ignore_ascii_case(service) && name_matches(glob, name),
        ActionPattern::Nothing(_) => false,
    }
}

/// Whether a pattern of names such as `Get*` matches a name; upper and lower case are equal.
pub fn name_matches(glob: &str, name: &str) -> bool {
    let (glob, name) = (glob.as_bytes(), name.as_bytes());
    let (mut here, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (glob.get(here), name.get(at)) {
            (Some(b'*'), _) => {
                star = Some((here + 1, at));
                here += 1;
            }
            (Some(sign), Some(byte)) if *sign == b'?' || sign.eq_ignore_ascii_case(byte) => {
                here += 1;
                at += 1;
            }
            (None, None) => return true,
            _ => {
                let Some((after, from)) = star.filter(|(_, from)| *from < name.len()) else {
                    return false;
                };
                star = Some((after, from + 1));
                (here, at) = (after, from + 1);
            }
        }
    }
}

/// Whether the template accepts the value. Wildcards cross colons, as in `StringLike`.
pub fn template_matches<'v>(
    template: &Template,
    value: &str,
    case: Case,
    lookup: &impl Fn(&ContextKey) -> Lookup<'v>,
) -> Match {
    let parts = &template.parts;
    if let [Part::Literal(text)] = parts.as_slice() {
        return certain(case.equal(text, value));
    }
    settle(parts, lookup, || {
        Walk::new(value, case, false, |place| token(parts.get(place)?, lookup)).run()
    })
}

/// Whether an ARN pattern of a condition accepts the value: six fields compared apart. A value that
/// is not an ARN does not match ("IAM JSON policy elements: Condition operators").
pub fn arn_matches<'v>(
    fields: &[Template; 6],
    value: &str,
    lookup: &impl Fn(&ContextKey) -> Lookup<'v>,
) -> Match {
    if value.bytes().filter(|byte| *byte == b':').count() < LAST_FIELD {
        return Match::No;
    }
    let mut matched = Match::Yes;
    for (field, part) in fields.iter().zip(value.splitn(LAST_FIELD + 1, ':')) {
        match template_matches(field, part, Case::Sensitive, lookup) {
            Match::No => return Match::No,
            Match::Unknown => matched = Match::Unknown,
            Match::Yes => {}
        }
    }
    matched
}

/// Whether a `Resource` pattern accepts the resource, an ARN or `*` for an action without one.
///
/// A wildcard stays within its field, except that a `*` at the end of a field may go on beyond the
/// colon; fields left out at the end are any ("IAM JSON policy elements: Resource").
pub fn resource_accepts<'v>(
    template: &Template,
    resource: &str,
    lookup: &impl Fn(&ContextKey) -> Lookup<'v>,
) -> Match {
    if !may_begin(template, resource) {
        return Match::No;
    }
    let missing = match resource_shape(template) {
        ResourceShape::Everything => return Match::Yes,
        ResourceShape::WildService | ResourceShape::NotAnArn => return Match::No,
        ResourceShape::Arn { missing } => missing,
    };
    let parts = &template.parts;
    let walk = |padding: usize| {
        let token = |place: usize| match parts.get(place) {
            Some(part) => token(part, lookup),
            None => padded(place - parts.len(), padding),
        };
        Walk::new(resource, Case::Sensitive, true, token).run()
    };
    settle(parts, lookup, || {
        walk(0) || missing > 0 && walk(usize::from(missing))
    })
}

/// Whether the resource begins with the text that the template begins with, without which it cannot
/// match: most templates end here.
fn may_begin(template: &Template, resource: &str) -> bool {
    match template.parts.first() {
        Some(Part::Literal(text)) => resource.starts_with(&**text),
        _ => true,
    }
}

/// The tokens `:*` that complete an ARN, twice as many as fields are missing.
fn padded<'t>(place: usize, missing: usize) -> Option<Token<'t>> {
    (place < 2 * missing).then_some(if place.is_multiple_of(2) {
        Token::Text(":")
    } else {
        Token::Many
    })
}

/// What kind of pattern a resource template is.
pub fn resource_shape(template: &Template) -> ResourceShape {
    if matches!(template.parts.as_slice(), [Part::Many]) {
        return ResourceShape::Everything;
    }
    let Some(Part::Literal(first)) = template.parts.first() else {
        return ResourceShape::NotAnArn;
    };
    let (mut field, mut wild) = (0, false);
    for part in &template.parts {
        match part {
            Part::Literal(text) => field += text.matches(':').count(),
            Part::One | Part::Many => wild |= field == SERVICE_FIELD,
            Part::Variable { .. } => {}
        }
    }
    match field {
        _ if !first.starts_with("arn:") || field < SERVICE_FIELD => ResourceShape::NotAnArn,
        _ if wild => ResourceShape::WildService,
        _ => ResourceShape::Arn {
            missing: u8::try_from(LAST_FIELD.saturating_sub(field)).unwrap_or(0),
        },
    }
}

/// The patterns that a resource template stands for, any of which suffices: none if it matches
/// nothing, two if fields were left out at its end, which may also be taken as written.
pub fn resource_tokens(template: &Template) -> Vec<Vec<ResourceToken<'_>>> {
    let missing = match resource_shape(template) {
        ResourceShape::Everything => return vec![vec![ResourceToken::Many { colon: true }]],
        ResourceShape::WildService | ResourceShape::NotAnArn => return Vec::new(),
        ResourceShape::Arn { missing } => missing,
    };
    let as_written = described(&template.parts, 0);
    match missing {
        0 => vec![as_written],
        missing => vec![as_written, described(&template.parts, missing)],
    }
}

fn described(parts: &[Part], missing: u8) -> Vec<ResourceToken<'_>> {
    let mut field = 0;
    let mut tokens = Vec::with_capacity(parts.len() + 2 * usize::from(missing));
    for (place, part) in parts.iter().enumerate() {
        let last = field >= LAST_FIELD;
        tokens.push(match part {
            Part::Literal(text) => {
                field += text.matches(':').count();
                ResourceToken::Literal(text)
            }
            Part::One => ResourceToken::One { colon: last },
            Part::Many => ResourceToken::Many {
                colon: last || ends_field(parts.get(place + 1)),
            },
            Part::Variable { key, default } => ResourceToken::Variable {
                key,
                default: default.as_deref(),
            },
        });
    }
    for _ in 0..missing {
        tokens.extend([
            ResourceToken::Literal(":"),
            ResourceToken::Many { colon: true },
        ]);
    }
    tokens
}

fn ends_field(next: Option<&Part>) -> bool {
    match next {
        None => true,
        Some(Part::Literal(text)) => text.starts_with(':'),
        Some(_) => false,
    }
}

/// Whether an operand accepts one value of a key.
pub fn operand_matches<'v>(
    operand: &Operand,
    value: &str,
    lookup: &impl Fn(&ContextKey) -> Lookup<'v>,
) -> Match {
    match operand {
        Operand::Text { template, case } => template_matches(template, value, *case, lookup),
        Operand::Arn(fields) => arn_matches(fields, value, lookup),
        Operand::Number(relation, number) => read(values::decimal(value), |value| {
            holds(*relation, value.cmp(number))
        }),
        Operand::Instant(relation, instant) => read(values::instant(value), |value| {
            holds(*relation, value.cmp(instant))
        }),
        Operand::Bool(truth) => read(values::boolean(value), |value| value == *truth),
        Operand::Binary(bytes) => read(values::base64(value), |value| value == *bytes),
        Operand::Address(network) => read(values::address(value), |value| {
            values::contains(*network, value)
        }),
        Operand::BareAddress(address) => match values::address(value) {
            Some(std::net::IpAddr::V4(_)) => Match::No,
            Some(std::net::IpAddr::V6(value)) if value == *address => Match::Yes,
            _ => Match::Unknown,
        },
        Operand::Nothing(_) => Match::No,
        Operand::Unclear(_) => Match::Unknown,
    }
}

fn certain(matched: bool) -> Match {
    if matched { Match::Yes } else { Match::No }
}

/// A value that is not of the operator's type: AWS does not say how it compares.
fn read<T>(value: Option<T>, test: impl FnOnce(T) -> bool) -> Match {
    value.map(test).map_or(Match::Unknown, certain)
}

fn holds(relation: Comparison, order: Ordering) -> bool {
    match relation {
        Comparison::Equal => order.is_eq(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

/// Matches with every unknown variable standing for any text: if even that fails, nothing matches.
fn settle<'v>(
    parts: &[Part],
    lookup: &impl Fn(&ContextKey) -> Lookup<'v>,
    matched: impl FnOnce() -> bool,
) -> Match {
    let mut unknown = false;
    for part in parts {
        if let Part::Variable { key, default } = part {
            match lookup(key) {
                Lookup::Value(_) => {}
                Lookup::None if default.is_some() => {}
                Lookup::None => return Match::No,
                Lookup::Unknown => unknown = true,
            }
        }
    }
    match (matched(), unknown) {
        (false, _) => Match::No,
        (true, false) => Match::Yes,
        (true, true) => Match::Unknown,
    }
}

fn token<'t, 'v: 't>(
    part: &'t Part,
    lookup: &impl Fn(&ContextKey) -> Lookup<'v>,
) -> Option<Token<'t>> {
    Some(match part {
        Part::Literal(text) => Token::Text(text),
        Part::One => Token::One,
        Part::Many => Token::Many,
        Part::Variable { key, default } => match (lookup(key), default) {
            (Lookup::Value(text), _) => Token::Text(text),
            (Lookup::None, Some(default)) => Token::Text(default),
            _ => Token::Any,
        },
    })
}
