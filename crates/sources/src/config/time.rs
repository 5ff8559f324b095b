//! The time of a capture, in every way that Config's files and answers write one.
//!
//! Files write ISO 8601, answers of the API seconds since 1970 with a fraction, older notifications
//! milliseconds. The newest capture of a resource counts, so they must compare as times.

/// Milliseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i64);

/// Seconds of a year before this are taken for what they are; a larger number is in milliseconds.
const SECONDS_MAX: f64 = 1e11;

/// Years beyond this are no times of captures, and would not fit the arithmetic.
const YEAR_MAX: i64 = 9999;

const DAY: i64 = 86_400_000;

impl Time {
    /// Reads a time; none if the text is none.
    pub fn parse(text: &str) -> Option<Time> {
        match text.parse::<f64>() {
            Ok(number) => number_of(number),
            Err(_) => iso(text),
        }
    }

    /// From seconds since 1970.
    pub fn of_seconds(seconds: i64) -> Time {
        Time(seconds.saturating_mul(1000))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// `2026-11-22T00:00:00Z`.
    pub fn to_iso(self) -> String {
        let (days, rest) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY) / 1000);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[allow(clippy::cast_possible_truncation)] // the range was looked at
fn number_of(number: f64) -> Option<Time> {
    let millis = if number < SECONDS_MAX {
        number * 1000.0
    } else {
        number
    };
    (0.0..1e15).contains(&millis).then_some(Time(millis as i64))
}

/// `YYYY-MM-DDThh:mm:ss[.fff](Z|±hh:mm)`.
fn iso(text: &str) -> Option<Time> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let rest = text.get(19..)?;
    let digits = rest.strip_prefix('.').unwrap_or_default();
    let digits = digits.trim_end_matches(|c: char| !c.is_ascii_digit());
    let fraction = digits.get(..3).and_then(|three| three.parse().ok());
    let offset = offset(rest)?;
    Some(Time(
        days * DAY + seconds * 1000 + fraction.unwrap_or(0) - offset,
    ))
}

/// Milliseconds that the time is ahead of UTC; a time without a zone is in UTC.
fn offset(rest: &str) -> Option<i64> {
    let Some(at) = rest.find(['+', '-']) else {
        return Some(0);
    };
    let digits: String = rest
        .get(at + 1..)?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).unwrap_or("0").parse().ok()?;
    let ahead = (hours * 60 + minutes) * 60_000;
    Some(if rest.get(at..)?.starts_with('-') {
        -ahead
    } else {
        ahead
    })
}

/// Days from 1970 to a date of the Gregorian calendar, counting years from March so that the leap
/// day comes last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let valid = (1970..=YEAR_MAX).contains(&year) && (1..=12).contains(&month);
    if !valid || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The date of a day since 1970: the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, iso: Option<&str>) {
        let found = Time::parse(text).map(Time::to_iso);
        assert_eq!(found.as_deref(), iso, "{text}");
    }

    #[test]
    fn every_way_of_writing_a_time() {
        check("2026-11-22T10:20:30.456Z", Some("2026-11-22T10:20:30Z"));
        check("2024-02-29T23:59:59Z", Some("2024-02-29T23:59:59Z"));
        check(
            "2026-03-01T01:30:00.123000+02:00",
            Some("2026-02-28T23:30:00Z"),
        );
        check("1511480000.0", Some("2017-11-23T23:33:20Z"));
        check("1511480000123", Some("2017-11-23T23:33:20Z"));
        check("yesterday", None);
        check("2026-13-01T00:00:00Z", None);
        check("", None);
        check("2026-11-22", None);
    }

    #[test]
    fn times_compare_across_spellings() {
        let file = Time::parse("2017-11-23T23:33:20.500Z");
        assert!(file > Time::parse("1511480000.4"));
        assert!(file < Time::parse("1511480000.6"));
    }
}
