//! Rows of a table, read where they lie.
//!
//! The tables are a few megabytes of text inside the binary, and most runs touch a handful of rows.
//! So nothing is parsed at start: a table is sorted by its lower-cased lines, and a lookup is a
//! binary search over byte offsets of that text. The tests of `tables` check the order.

use std::cmp::Ordering;
use std::iter;

/// A whole table file: header lines that start with `#`, then one row a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows(&'static str);

/// One line of a table, its columns divided by tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row(&'static str);

impl Rows {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The value of the header line `# name: value`.
    pub(crate) fn header(self, name: &str) -> Option<&'static str> {
        let lines = self.0.lines().map_while(|line| line.strip_prefix("# "));
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, v)| v)
    }

    /// The rows without the header, as text.
    pub(crate) fn body(self) -> &'static str {
        let mut rest = self.0;
        while rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        }
        rest
    }

    pub(crate) fn all(self) -> impl Iterator<Item = Row> {
        self.body().lines().map(Row)
    }

    /// The rows whose first columns are `key`, whatever their case, in the table's order.
    pub(crate) fn starting(self, key: &[&str]) -> impl Iterator<Item = Row> + use<> {
        let from = self.from(key);
        let after = near_tail(from, |line| compare(line, key).is_eq());
        from.get(..from.len() - after.len())
            .unwrap_or("")
            .lines()
            .map(Row)
    }

    pub(crate) fn find(self, key: &[&str]) -> Option<Row> {
        let first = self.from(key).lines().next()?;
        compare(first, key).is_eq().then_some(Row(first))
    }

    /// The body from the first row on that does not sort before `key`.
    fn from(self, key: &[&str]) -> &'static str {
        tail(self.body(), |line| compare(line, key).is_lt())
    }
}

impl Row {
    /// The text of a column; empty where the table writes `-`.
    pub(crate) fn column(self, index: usize) -> &'static str {
        let mut rest = self.0;
        for _ in 0..index {
            rest = first_column(rest).1;
        }
        Some(first_column(rest).0)
            .filter(|text| *text != "-")
            .unwrap_or("")
    }

    /// The items of a column that holds a list.
    pub(crate) fn list(self, index: usize) -> impl Iterator<Item = &'static str> {
        self.column(index)
            .split(',')
            .filter(|item| !item.is_empty())
    }
}

/// The first column of a line, and the line after it. Most columns are a few bytes, for which a
/// plain loop is faster than a search.
fn first_column(line: &str) -> (&str, &str) {
    let end = line.bytes().position(|byte| byte == b'\t');
    end.and_then(|end| Some((line.get(..end)?, line.get(end + 1..)?)))
        .unwrap_or((line, ""))
}

/// The part of `body` from the first line of which `before` does not hold, given that it holds of
/// all lines up to some place and of none from there on.
fn tail(body: &'static str, before: impl Fn(&str) -> bool) -> &'static str {
    let (mut low, mut high) = (0, body.len());
    while low < high {
        let (start, end) = line_around(body, low + (high - low) / 2);
        if before(body.get(start..end).unwrap_or("").trim_end()) {
            low = end;
        } else {
            high = start;
        }
    }
    body.get(low..).unwrap_or("")
}

/// [`tail`], for a place that is near the beginning: looks at ever longer beginnings.
fn near_tail(body: &'static str, before: impl Fn(&str) -> bool) -> &'static str {
    let (mut low, mut step) = (0, 1);
    let high = loop {
        let at = low + step - 1;
        if at >= body.len() {
            break body.len();
        }
        let (start, end) = line_around(body, at);
        if !before(body.get(start..end).unwrap_or("").trim_end()) {
            break start;
        }
        low = end;
        step *= 2;
    };
    let left = tail(body.get(low..high).unwrap_or(""), before).len();
    body.get(high - left..).unwrap_or("")
}

/// Where the line that holds byte `at` starts, and where the next one does.
fn line_around(body: &str, at: usize) -> (usize, usize) {
    let before = body.get(..at).and_then(|text| text.rfind('\n'));
    let after = body.get(at..).and_then(|text| text.find('\n'));
    (
        before.map_or(0, |i| i + 1),
        after.map_or(body.len(), |i| at + i + 1),
    )
}

/// How a line's first columns sort against `key`: equal if they are it.
fn compare(line: &str, key: &[&str]) -> Ordering {
    let mut line = line
        .bytes()
        .chain(iter::once(b'\t'))
        .map(|byte| byte.to_ascii_lowercase());
    let key = key
        .iter()
        .flat_map(|part| part.bytes().chain(iter::once(b'\t')));
    for wanted in key.map(|byte| byte.to_ascii_lowercase()) {
        match line.next().map_or(Ordering::Less, |have| have.cmp(&wanted)) {
            Ordering::Equal => {}
            different => return different,
        }
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: Rows =
        Rows::new("# table: t\n# as of: 2026-01-02\na\tOne\tx,y\na\ttwo\t-\nab\tz\n");

    #[track_caller]
    fn check(key: &[&str], expected: &[&str]) {
        let found: Vec<&str> = ROWS.starting(key).map(|row| row.0).collect();
        assert_eq!(found, expected, "rows starting with {key:?}");
    }

    #[test]
    fn lookups_by_prefix_of_columns() {
        check(&["a"], &["a\tOne\tx,y", "a\ttwo\t-"]);
        check(&["A", "one"], &["a\tOne\tx,y"]);
        check(&["ab"], &["ab\tz"]);
        check(&["a", "t"], &[]);
        check(&["0"], &[]);
        check(&["b"], &[]);
        check(&[], &["a\tOne\tx,y", "a\ttwo\t-", "ab\tz"]);
    }

    #[test]
    fn headers_and_columns() {
        assert_eq!(ROWS.header("as of"), Some("2026-01-02"));
        assert_eq!(ROWS.header("a"), None);
        let row = ROWS.find(&["a", "one"]).unwrap();
        assert_eq!(row.list(2).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(ROWS.find(&["a", "two"]).unwrap().column(2), "");
    }
}
