//! Typed condition values as text: numbers, instants, addresses, bytes, truth values.
//!
//! One parser serves the operand and the value of the request, so that both sides of a comparison
//! are read alike: a date against epoch seconds, two spellings of one address. A text that AWS does
//! not document is `None`, which callers take as unknown, never as zero.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::operand::{Decimal, Network};

/// Digits after the point that [`Decimal`] keeps exactly.
const FRACTION_DIGITS: usize = 9;
/// Digits before the point: far more than any key has, and far from the edge of 128 bits.
const INTEGER_DIGITS: usize = 24;
const MILLISECONDS: i64 = 1_000;
const DAY: i64 = 86_400;
/// The instants that a date with a year of four digits can name, in seconds since 1970.
const SECONDS: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// `"true"` or `"false"`, in any case ("IAM JSON policy elements: Condition operators").
pub fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
}

/// An integer or decimal number, exactly; `None` for exponents and for more digits than are kept.
pub fn decimal(text: &str) -> Option<Decimal> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (digits, ""),
    };
    if whole.is_empty() || whole.len() > INTEGER_DIGITS || fraction.len() > FRACTION_DIGITS {
        return None;
    }
    let all = whole.bytes().chain(fraction.bytes());
    let padding = std::iter::repeat_n(b'0', FRACTION_DIGITS - fraction.len());
    let size = number(all.chain(padding))?;
    Some(Decimal {
        billionths: if negative { -size } else { size },
    })
}

fn number(digits: impl Iterator<Item = u8>) -> Option<i128> {
    let mut number: i128 = 0;
    for digit in digits {
        let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    Some(number)
}

/// The number as AWS writes it: no exponent, no trailing zeros.
pub fn print_decimal(number: Decimal) -> String {
    let size = number.billionths.unsigned_abs();
    let sign = if number.billionths < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:09}", size / 1_000_000_000, size % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An instant in milliseconds since 1970, from a W3C form of ISO 8601 or from epoch seconds.
///
/// `None` for a bare number of four digits, which is a year in one form and seconds in the other,
/// for a time without a zone, and for more than three digits of a fraction.
pub fn instant(text: &str) -> Option<i64> {
    if is_number(text) {
        return epoch(text);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let day = days(date, time.is_some())?;
    let millisecond = match time {
        Some(time) => time_of_day(time)?,
        None => 0,
    };
    in_range(day * DAY * MILLISECONDS + millisecond)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn epoch(text: &str) -> Option<i64> {
    let year_like = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = decimal(text).filter(|_| !year_like)?;
    let exact = number.billionths % 1_000_000 == 0;
    let milliseconds = i64::try_from(number.billionths / 1_000_000).ok()?;
    in_range(milliseconds).filter(|_| exact)
}

fn in_range(milliseconds: i64) -> Option<i64> {
    SECONDS
        .contains(&milliseconds.div_euclid(MILLISECONDS))
        .then_some(milliseconds)
}

/// A number of exactly `width` digits.
fn fixed(text: &str, width: usize) -> Option<i64> {
    if text.len() != width {
        return None;
    }
    i64::try_from(number(text.bytes())?).ok()
}

/// Days since 1970 of `YYYY-MM` or `YYYY-MM-DD`; only the latter can have a time.
fn days(date: &str, whole: bool) -> Option<i64> {
    let mut fields = date.split('-');
    let year = fixed(fields.next()?, 4)?;
    let month = fixed(fields.next()?, 2)?;
    let day = match fields.next() {
        Some(day) => fixed(day, 2)?,
        None if whole => return None,
        None => 1,
    };
    let real = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
    (real && fields.next().is_none()).then(|| days_from_civil(year, month, day))
}

fn month_length(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that
/// the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    shifted * 365 + leap_days + day_of_year - 719_468
}

/// Milliseconds since midnight UTC of `hh:mm[:ss[.fff]]` with its zone.
fn time_of_day(text: &str) -> Option<i64> {
    let split = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(split)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut fields = clock.split(':');
    let hour = fixed(fields.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = fixed(fields.next()?, 2).filter(|minute| *minute < 60)?;
    let second = match fields.next() {
        Some(second) => fixed(second, 2).filter(|second| *second < 60)?,
        None if fraction != "0" => return None,
        None => 0,
    };
    if fields.next().is_some() || fraction.is_empty() || fraction.len() > 3 {
        return None;
    }
    let padded = format!("{fraction:0<3}");
    let seconds = (hour * 60 + minute) * 60 + second - zone_seconds(zone)?;
    Some(seconds * MILLISECONDS + fixed(&padded, 3)?)
}

fn zone_seconds(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let hours = fixed(hours, 2).filter(|hours| *hours < 24)?;
    let minutes = fixed(minutes, 2).filter(|minutes| *minutes < 60)?;
    Some(sign * (hours * 60 + minutes) * 60)
}

/// The instant as a date with time in UTC.
pub fn print_instant(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(MILLISECONDS);
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    let fraction = match milliseconds.rem_euclid(MILLISECONDS) {
        0 => String::new(),
        rest => format!(".{rest:03}"),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// An address of a request; `None` too for an IPv4 address mapped into IPv6, of which AWS does not
/// say which family it belongs to.
pub fn address(text: &str) -> Option<IpAddr> {
    match text.parse().ok()? {
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => None,
        address => Some(address),
    }
}

/// A CIDR block, or a bare IPv4 address as /32; bits beyond the prefix are cleared.
pub fn network(text: &str) -> Option<Network> {
    let (first, prefix) = match text.split_once('/') {
        Some((first, prefix)) => (address(first)?, prefix_length(prefix)?),
        None => (address(text).filter(IpAddr::is_ipv4)?, 32),
    };
    let prefix = Some(prefix).filter(|prefix| *prefix <= width(first))?;
    Some(Network {
        address: masked(first, prefix),
        prefix,
    })
}

fn prefix_length(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    text.parse().ok().filter(|_| plain && canonical)
}

/// Whether the address lies in the block; the two families never meet.
pub fn contains(network: Network, address: IpAddr) -> bool {
    network.address.is_ipv4() == address.is_ipv4()
        && masked(address, network.prefix) == network.address
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes of base-64 text with its padding; `None` if it is not such text, or not the canonical
/// one for its bytes.
pub fn base64(text: &str) -> Option<Box<[u8]>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let body = text.trim_end_matches('=');
    for quad in body.as_bytes().chunks(4) {
        let mut word: u32 = 0;
        for digit in quad {
            let place = ALPHABET.iter().position(|each| each == digit)?;
            word = word << 6 | u32::try_from(place).ok()?;
        }
        let missing = 4 - quad.len();
        let [_, first, second, third] = (word << (6 * missing)).to_be_bytes();
        bytes.extend(
            [first, second, third]
                .iter()
                .take(3_usize.saturating_sub(missing)),
        );
    }
    let bytes = bytes.into_boxed_slice();
    (print_base64(&bytes) == text).then_some(bytes)
}

/// The bytes as base-64 text with padding.
pub fn print_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for triple in bytes.chunks(3) {
        let word = triple
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - triple.len()));
        for place in 0..4 {
            let digit = word >> (18 - 6 * place) & 63;
            let letter = ALPHABET.get(digit as usize).copied().unwrap_or(b'=');
            text.push(if place <= triple.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}
