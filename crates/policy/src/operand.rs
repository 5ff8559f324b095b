//! What a condition value, or a resource pattern, accepts.
//!
//! An operand is parsed with its operator in hand, so that a decision never asks again what type
//! a comparison has. Policy variables stay as parts of a template: only a reading knows the
//! values that they stand for, and substituted text is literal.

use cofferdam_names::ContextKey;

/// One value of a condition, with the comparison that its operator makes.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Operand {
    /// `StringEquals`, `StringLike` and their forms without case.
    Text {
        /// What the value must look like.
        template: Template,
        /// Whether upper and lower case differ.
        case: Case,
    },
    /// `ArnEquals`, `ArnLike`: six fields compared apart, so that no wildcard crosses a colon
    /// except within the sixth.
    Arn(Box<[Template; 6]>),
    /// `Numeric…`.
    Number(Comparison, Decimal),
    /// `Date…`: an instant, in milliseconds since 1970.
    Instant(Comparison, i64),
    /// `Bool`.
    Bool(bool),
    /// `BinaryEquals`: the bytes that the base-64 text stands for.
    Binary(Box<[u8]>),
    /// `IpAddress`.
    Address(Network),
    /// `IpAddress` with an IPv6 address and no prefix: true for that address, false for every
    /// IPv4 address, unknown for other IPv6 addresses, because "Condition operators" names a
    /// default prefix only for IPv4.
    BareAddress(std::net::Ipv6Addr),
    /// A value that no request can match, as a malformed ARN: positive false, negated true.
    Nothing(Box<str>),
    /// AWS's behaviour for this value is not documented: unknown, with the reason.
    Unclear(Box<str>),
}

/// Whether upper and lower case differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They do not.
    Insensitive,
}

impl Case {
    /// Whether two texts are equal.
    pub fn equal(self, one: &str, other: &str) -> bool {
        match self {
            Case::Sensitive => one == other,
            Case::Insensitive => one.eq_ignore_ascii_case(other),
        }
    }
}

/// An order relation between the key's value (left) and the operand (right).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Strictly less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Strictly greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

/// An exact decimal number: `units / 10^9`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    /// Billionths.
    pub billionths: i128,
}

/// A CIDR block; IPv4 and IPv6 never meet ("Condition operators").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The first address.
    pub address: std::net::IpAddr,
    /// How many leading bits count.
    pub prefix: u8,
}

/// Text with wildcards and policy variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// The parts in order.
    pub parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// This text.
    Literal(Box<str>),
    /// `?`: any one character.
    One,
    /// `*`: any run of characters.
    Many,
    /// `${key}` or `${key, 'default'}`.
    Variable {
        /// The key whose single value is put here, literally.
        key: ContextKey,
        /// What is put here if the key has no value.
        default: Option<Box<str>>,
    },
}
