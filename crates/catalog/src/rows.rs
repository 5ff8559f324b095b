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
        let from = tail(self.body(), |line| compare(line, key).is_lt());
        let after = tail(from, |line| compare(line, key).is_eq());
        from.get(..from.len() - after.len())
            .unwrap_or("")
            .lines()
            .map(Row)
    }

    pub(crate) fn find(self, key: &[&str]) -> Option<Row> {
        self.starting(key).next()
    }
}

impl Row {
    /// The text of a column; empty where the table writes `-`.
    pub(crate) fn column(self, index: usize) -> &'static str {
        self.0
            .split('\t')
            .nth(index)
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
