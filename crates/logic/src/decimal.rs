//! Exact decimal numbers for numeric and date attributes.
//!
//! Comparisons must agree with a concrete evaluator to the last digit, so values are scaled
//! integers and never floating point; one fixed scale keeps ordering a plain integer comparison.

use std::fmt;
use std::str::FromStr;

/// Digits kept after the decimal point. Eighteen leaves a range of more than 10^20 in an `i128`,
/// which holds every 64-bit integer and every instant in epoch seconds.
pub const FRACTION_DIGITS: u32 = 18;

const UNIT: i128 = 1_000_000_000_000_000_000;

/// An exact decimal number with [`FRACTION_DIGITS`] digits after the point.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Decimal(i128);

/// How a number attribute is compared with a constant.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Comparison {
    /// The value is less than the constant.
    Less,
    /// The value is less than or equal to the constant.
    LessOrEqual,
    /// The value equals the constant.
    Equal,
    /// The value differs from the constant.
    NotEqual,
    /// The value is greater than or equal to the constant.
    GreaterOrEqual,
    /// The value is greater than the constant.
    Greater,
}

impl Comparison {
    /// Whether `left` stands in this relation to `right`.
    pub fn holds(self, left: Decimal, right: Decimal) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }

    /// The usual mathematical sign.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::GreaterOrEqual => ">=",
            Self::Greater => ">",
        }
    }
}

/// How many billionths are one.
const BILLION: i128 = 1_000_000_000;

impl Decimal {
    /// The smallest number that can be written.
    pub const MIN: Self = Self(i128::MIN);
    /// The largest number that can be written.
    pub const MAX: Self = Self(i128::MAX);

    /// A whole number.
    pub fn from_integer(value: i64) -> Self {
        Self(i128::from(value) * UNIT)
    }

    /// A number of billionths; beyond the range it is the nearest that can be written.
    pub fn from_billionths(billionths: i128) -> Self {
        Self(billionths.saturating_mul(UNIT / BILLION))
    }

    /// The next larger number that can be written, if there is one.
    pub(crate) fn next_up(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The number in units of the last place.
    pub(crate) fn units(self) -> i128 {
        self.0
    }

    /// A number halfway to another.
    pub(crate) fn halfway(self, other: Self) -> Self {
        Self(self.0.midpoint(other.0))
    }

    /// The next smaller number that can be written, if there is one.
    pub(crate) fn next_down(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }

    /// The whole number below, as a nicer witness than a value one unit in the last place away.
    pub(crate) fn whole_below(self) -> Option<Self> {
        let floor = self.0.div_euclid(UNIT).checked_mul(UNIT)?;
        if floor < self.0 {
            Some(Self(floor))
        } else {
            floor.checked_sub(UNIT).map(Self)
        }
    }

    /// The whole number above.
    pub(crate) fn whole_above(self) -> Option<Self> {
        self.0
            .div_euclid(UNIT)
            .checked_add(1)?
            .checked_mul(UNIT)
            .map(Self)
    }
}

/// Why a text is not a [`Decimal`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DecimalError {
    /// Something other than digits with an optional sign, point and exponent.
    NotANumber,
    /// More digits than the fixed scale can hold exactly.
    OutOfRange,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotANumber => "not a number: write digits with an optional sign and point",
            Self::OutOfRange => {
                "number out of range: at most 20 digits before the point and 18 after it"
            }
        })
    }
}

impl std::error::Error for DecimalError {}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads `-12`, `+0.5`, `1.5e3`.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let value = scaled(whole, fraction, exponent)?;
        Ok(Self(if negative { -value } else { value }))
    }
}

fn parse_exponent(text: &str) -> Result<i32, DecimalError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    text.parse().map_err(|_| DecimalError::OutOfRange)
}

/// `whole.fraction` times ten to the exponent, in units of the last place.
fn scaled(whole: &str, fraction: &str, exponent: i32) -> Result<i128, DecimalError> {
    let empty = whole.is_empty() && fraction.is_empty();
    if empty
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
    {
        return Err(DecimalError::NotANumber);
    }
    let fraction = fraction.trim_end_matches('0');
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(i128::from(digit - b'0')))
            .ok_or(DecimalError::OutOfRange)?;
    }
    let places = i32::try_from(fraction.len()).map_err(|_| DecimalError::OutOfRange)?;
    let shift = i64::from(exponent) + i64::from(FRACTION_DIGITS) - i64::from(places);
    shift_digits(value, shift)
}

fn shift_digits(value: i128, shift: i64) -> Result<i128, DecimalError> {
    if value == 0 {
        return Ok(0);
    }
    let power = u32::try_from(shift.unsigned_abs())
        .ok()
        .and_then(|p| 10i128.checked_pow(p))
        .ok_or(DecimalError::OutOfRange)?;
    if shift >= 0 {
        return value.checked_mul(power).ok_or(DecimalError::OutOfRange);
    }
    if value % power == 0 {
        Ok(value / power)
    } else {
        Err(DecimalError::OutOfRange)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (
            magnitude / UNIT.unsigned_abs(),
            magnitude % UNIT.unsigned_abs(),
        );
        if fraction == 0 {
            return write!(out, "{sign}{whole}");
        }
        let digits = format!("{fraction:018}");
        write!(out, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let printed = match text.parse::<Decimal>() {
            Ok(value) => value.to_string(),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(printed, expected, "{text}");
    }

    #[test]
    fn numbers_are_read_exactly_or_refused() {
        check("0", "0");
        check("-0", "0");
        check("007", "7");
        check("1.50", "1.5");
        check("-3.25", "-3.25");
        check("1.5e3", "1500");
        check("15e-1", "1.5");
        check("0.000000000000000001", "0.000000000000000001");
        check("0.0000000000000000001", "OutOfRange");
        check("18446744073709551615", "18446744073709551615");
        check("1e40", "OutOfRange");
        check("", "NotANumber");
        check(".", "NotANumber");
        check("1x", "NotANumber");
        check("1e", "NotANumber");
        check("--1", "NotANumber");
    }
}
