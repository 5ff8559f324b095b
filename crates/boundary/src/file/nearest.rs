//! The known word that a misspelled one most likely stands for.
//!
//! Suggestions are only given when they are close, since a wrong one costs more than none.

/// Words longer than this get no suggestion: comparing two words costs the product of their
/// lengths, and no field or name that people write by hand is longer.
const WORD_BYTES_MAX: usize = 64;

/// Candidates beyond this many are not compared, so that a misspelled name in every one of many
/// thousand places costs no more than the places themselves.
const CANDIDATES_MAX: usize = 500;

/// A word of at least this many bytes suggests what it begins.
const BEGINNING_BYTES_MIN: usize = 4;

/// The candidate closest to `word`, if one is close or begins with it; of equal ones, the first.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    let wanted = normal(word)?;
    candidates
        .into_iter()
        .take(CANDIDATES_MAX)
        .filter_map(|candidate| Some((remoteness(&wanted, &normal(candidate)?)?, candidate)))
        .min_by_key(|(remoteness, _)| *remoteness)
        .map(|(_, candidate)| candidate)
}

fn remoteness(wanted: &[u8], candidate: &[u8]) -> Option<usize> {
    let near = 1 + wanted.len() / 4;
    let begins = wanted.len() >= BEGINNING_BYTES_MIN && candidate.starts_with(wanted);
    let distance = distance(wanted, candidate);
    (begins || distance <= near).then_some(distance)
}

/// Lower case with hyphens, as all fields are written.
fn normal(word: &str) -> Option<Vec<u8>> {
    let plain = |byte: u8| {
        if byte == b'_' || byte == b' ' {
            b'-'
        } else {
            byte.to_ascii_lowercase()
        }
    };
    (word.len() <= WORD_BYTES_MAX).then(|| word.bytes().map(plain).collect())
}

/// How many insertions, deletions and replacements of bytes lie between two words.
fn distance(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, byte) in from.iter().enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        let mut next = vec![left];
        for (other, above) in to.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(byte != other);
            left = replaced.min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        let fields = ["endpoints", "vpcs", "cidrs", "source-ips", "exclusive"];
        assert_eq!(nearest(word, fields), expected, "{word}");
    }

    #[test]
    fn close_words_are_suggested() {
        check("endpoint", Some("endpoints"));
        check("source_ips", Some("source-ips"));
        check("sourceIps", Some("source-ips"));
        check("Exclusiv", Some("exclusive"));
        check("cidr", Some("cidrs"));
        check("excl", Some("exclusive"));
        check("colour", None);
        check(&"x".repeat(100), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b""), 3);
        assert_eq!(distance(b"abc", b"abc"), 0);
    }
}
