//! A calendar date, since exceptions end on a day and not at an instant.
//!
//! The boundary has no clock: whoever asks gives the date to judge by (`--as-of`).

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar; earlier days are less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// The year, 0 to 9999.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, counted from 1.
    pub day: u8,
}

impl FromStr for Date {
    type Err = &'static str;

    /// Reads `YYYY-MM-DD` and nothing else; a day that does not exist is an error.
    fn from_str(text: &str) -> Result<Date, &'static str> {
        let date = split(text).ok_or("a date is written YYYY-MM-DD")?;
        if !(1..=12).contains(&date.month) {
            return Err("the month is between 01 and 12");
        }
        if date.day == 0 || date.day > days_of(date.year, date.month) {
            return Err("that month has no such day");
        }
        Ok(date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Date {
    /// Whether something that counts up to `expires` still counts on this day, which is the last.
    ///
    /// What has no end always counts. Without a day to judge by, what has an end does not: an
    /// exception must not hold because nobody knows the date.
    pub fn within(as_of: Option<Date>, expires: Option<Date>) -> bool {
        match (as_of, expires) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(today), Some(last)) => today <= last,
        }
    }
}

fn split(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let year = digits(year, 4)?;
    Some(Date {
        year,
        month: digits(month, 2)? as u8,
        day: digits(day, 2)? as u8,
    })
}

/// A number of exactly `count` digits, at most four.
fn digits(text: &str, count: usize) -> Option<u16> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn days_of(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let found = text.parse::<Date>().map(|date| date.to_string());
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{text}");
    }

    #[test]
    fn dates_are_days_that_exist() {
        check("2027-03-31", Ok("2027-03-31"));
        check("2024-02-29", Ok("2024-02-29"));
        check("2000-02-29", Ok("2000-02-29"));
        check("1900-02-29", Err("that month has no such day"));
        check("2027-02-29", Err("that month has no such day"));
        check("2027-04-31", Err("that month has no such day"));
        check("2027-04-00", Err("that month has no such day"));
        check("2027-13-01", Err("the month is between 01 and 12"));
        for text in [
            "2027-3-31",
            "27-03-31",
            "2027-03-31T00:00:00Z",
            "31.03.2027",
            "",
            "+027-03-31",
        ] {
            check(text, Err("a date is written YYYY-MM-DD"));
        }
    }

    #[test]
    fn the_last_day_counts() {
        let day = |text: &str| text.parse::<Date>().ok();
        assert!(Date::within(day("2027-03-31"), day("2027-03-31")));
        assert!(!Date::within(day("2027-04-01"), day("2027-03-31")));
        assert!(Date::within(day("2027-04-01"), None));
        assert!(
            !Date::within(None, day("2027-03-31")),
            "an unknown day proves nothing valid"
        );
    }
}
