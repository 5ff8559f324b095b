//! How the plain evaluator compares values: text by signs, addresses, instants, numbers.

use std::net::IpAddr;

use super::Three;

/// In lower case; variables are not generated under operators without case.
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

pub fn ordered(relation: &str, value: f64, wanted: f64) -> bool {
    match relation {
        "Equals" => value == wanted,
        "LessThan" => value < wanted,
        "LessThanEquals" => value <= wanted,
        "GreaterThan" => value > wanted,
        _ => value >= wanted,
    }
}

/// Seconds since 1970, of the few forms that are generated: seconds, or a day at midnight.
pub fn instant(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let date = text.strip_suffix("T00:00:00Z")?;
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let mut days = 0;
    for year in 1970..parts[0] {
        days += if is_leap(year) { 366 } else { 365 };
    }
    let february = if is_leap(parts[0]) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += months[..usize::try_from(parts[1] - 1).unwrap()]
        .iter()
        .sum::<i64>()
        + parts[2]
        - 1;
    Some((days * 86_400) as f64)
}

pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn within(value: &str, network: &str) -> Three {
    let value: IpAddr = value.parse().ok()?;
    let (address, prefix) = match network.split_once('/') {
        Some((address, prefix)) => (address, prefix.parse::<u32>().ok()),
        None => (network, None),
    };
    match (value, address.parse::<IpAddr>().ok()?) {
        (IpAddr::V4(value), IpAddr::V4(first)) => {
            let shift = 32 - prefix.unwrap_or(32);
            let bits = |address: std::net::Ipv4Addr| u64::from(u32::from(address)) >> shift;
            Some(bits(value) == bits(first))
        }
        (IpAddr::V6(value), _) if value.to_ipv4_mapped().is_some() => None,
        (IpAddr::V6(value), IpAddr::V6(first)) => match prefix {
            None if value == first => Some(true),
            None => None,
            Some(0) => Some(true),
            Some(prefix) => {
                Some(u128::from(value) >> (128 - prefix) == u128::from(first) >> (128 - prefix))
            }
        },
        _ => Some(false),
    }
}

pub enum Sign {
    Letter(char),
    Any,
    Star,
}

pub enum Step {
    Letter(char),
    /// One character; whether a colon too.
    One(bool),
    /// A run of characters; whether with colons.
    Run(bool),
}

pub fn steps_match(steps: &[Step], text: &[char]) -> bool {
    match (steps.first(), text.first()) {
        (None, first) => first.is_none(),
        (Some(Step::Letter(letter)), Some(first)) if letter == first => {
            steps_match(&steps[1..], &text[1..])
        }
        (Some(Step::One(colon)), Some(first)) if *colon || *first != ':' => {
            steps_match(&steps[1..], &text[1..])
        }
        (Some(Step::Run(colon)), first) => {
            let goes_on = first.is_some_and(|first| *colon || *first != ':');
            steps_match(&steps[1..], text) || goes_on && steps_match(steps, &text[1..])
        }
        _ => false,
    }
}

pub fn like(pattern: &str, text: &str) -> bool {
    let step = |letter| match letter {
        '*' => Step::Run(true),
        '?' => Step::One(true),
        other => Step::Letter(other),
    };
    let steps: Vec<Step> = pattern.chars().map(step).collect();
    steps_match(&steps, &text.chars().collect::<Vec<_>>())
}
