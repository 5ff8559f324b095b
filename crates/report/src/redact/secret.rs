//! Where a text writes an external id: in a policy, in the context of a request, in a command or in
//! a boundary.

use std::ops::Range;

/// An id this long stands for nothing else, and is replaced wherever it occurs; `prod` is not.
pub(super) const LENGTH_DISTINCT: usize = 8;

/// What introduces one.
const NAMES: [&str; 2] = ["ExternalId", "external-id"];

/// The values after each name, in the order of the text.
pub(super) fn written_ids(text: &str) -> Vec<Range<usize>> {
    let mut names: Vec<usize> = NAMES
        .iter()
        .flat_map(|name| text.match_indices(name).map(|(at, name)| at + name.len()))
        .collect();
    names.sort_unstable();
    let mut ids: Vec<Range<usize>> = Vec::new();
    for end in names {
        let values = values(text, end);
        ids.extend(values.into_iter().filter(|one| !one.is_empty()));
    }
    ids.dedup_by(|later, earlier| later.start < earlier.end);
    ids
}

/// One value, or those of a list.
fn values(text: &str, from: usize) -> Vec<Range<usize>> {
    let from = from
        + text
            .get(from..)
            .map_or(0, |tail| tail.len() - tail.trim_start_matches('"').len());
    let start = skip(text, from, |character| " :=".contains(character));
    let tail = text.get(start..).unwrap_or_default();
    match tail.chars().next() {
        Some('[') => listed(text, start + 1),
        Some(quote @ ('"' | '\'')) => vec![until(text, start + 1, |character| character == quote)],
        _ if start == from => Vec::new(),
        _ => vec![until(text, start, |character| {
            " ,}\n\"".contains(character)
        })],
    }
}

/// The quoted strings up to the bracket; lines of an excerpt begin with a number and a rule.
fn listed(text: &str, from: usize) -> Vec<Range<usize>> {
    let tail = text.get(from..).unwrap_or_default();
    let list = tail.split(']').next().unwrap_or_default();
    let quotes: Vec<usize> = list.match_indices('"').map(|(at, _)| from + at).collect();
    let pairs = quotes.as_chunks::<2>().0;
    if pairs.is_empty() {
        return std::iter::once(from..from + list.len()).collect();
    }
    pairs.iter().map(|[open, close]| open + 1..*close).collect()
}

fn skip(text: &str, from: usize, passes: impl Fn(char) -> bool) -> usize {
    until(text, from, |character| !passes(character)).end
}

fn until(text: &str, from: usize, stops: impl Fn(char) -> bool) -> Range<usize> {
    let tail = text.get(from..).unwrap_or_default();
    from..from + tail.find(stops).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let ids: Vec<&str> = written_ids(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(ids, expected, "{text}");
    }

    #[test]
    fn ids_are_found_however_they_are_written() {
        check(
            r#"{"sts:ExternalId": "a b", "aws:SourceIp": "c"}"#,
            &["a b"],
        );
        check(
            "\"sts:ExternalId\": [\n 12 │ ┃ \"a\",\n 13 │ ┃ \"b\"\n ], \"c\"",
            &["a", "b"],
        );
        check(
            "with sts:ExternalId = warehouse\n  is allowed",
            &["warehouse"],
        );
        check("sts:ExternalId = [a, b]", &["a, b"]);
        check("--external-id 'x y' --tags", &["x y"]);
        check(
            "{partner: warehouse, external-id: orders-2026}",
            &["orders-2026"],
        );
        check("sts:ExternalId: not given", &["not"]);
        check("the key sts:ExternalId, absent", &[]);
        check("ExternalId", &[]);
    }
}
