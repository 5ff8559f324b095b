//! Times as other formats count them: milliseconds since 1970.
//!
//! The only time in an answer is the one at which its snapshot was taken, as the source wrote it.

/// Milliseconds since 1970 of a time or day in ISO 8601, such as `2026-11-22T08:00:00Z`; seconds are
/// enough, and a fraction is left out.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let separators = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let days = days(number(0..4)?, number(5..7)?, number(8..10)?);
    let clock = match (text.len(), text.get(10..11)) {
        (10, _) => 0,
        (_, Some("T" | " ")) => number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?,
        _ => return None,
    };
    separators.then_some((days? * 86_400 + clock) * 1_000)
}

/// Days from 1970 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_month = (153 * month + 2) / 5;
    Some(year * 365 + leap_days + before_month + day - 1 - DAYS_TO_1970)
}

/// Days from March of the year 0 to 1970.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_from_1970() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("2000-03-01", Some(951_868_800_000)),
            ("2026-11-22T08:00:00Z", Some(1_795_334_400_000)),
            ("2024-02-29T23:59:59.5Z", Some(1_709_251_199_000)),
            ("2024-13-01", None),
            ("yesterday", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
