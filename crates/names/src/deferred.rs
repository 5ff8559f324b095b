//! Parts of names that are known only later, such as the id of a key that a plan will create.
//!
//! A source writes a *hole* into the text in place of what it cannot know yet:
//! `arn:aws:kms:eu-west-1:111122223333:key/⟨ａｗｓ＿ｋｍｓ＿ｋｅｙ．ｍａｉｎ⟩`. The name between the brackets says whose
//! value it is, in full-width letters, which no name of AWS holds: no pattern that somebody wrote
//! can match inside of it by accident, and two holes are equal exactly if they stand for the same
//! value. Everything that only compares names needs to know nothing of holes. What a pattern with
//! wildcards says of a name with a hole is for the policy language to tell.
//!
//! There are two sorts. What AWS or the provider makes up ([`generated`]: ids, random suffixes) is
//! new, and so different from every name that is known today. A value that merely is not known
//! ([`open`]) may turn out to equal a known one.

use std::borrow::Cow;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text as it is.
    Plain(&'t str),
    /// A value that will be made up anew; the hole as it is written, with its brackets.
    Generated(&'t str),
    /// A value that is not known; the hole as it is written, with its brackets.
    Open(&'t str),
}

const GENERATED: [char; 2] = ['⟨', '⟩'];
const OPEN: [char; 2] = ['⟪', '⟫'];

/// From ASCII to the full-width letter of the same look (Unicode block "Halfwidth and Fullwidth
/// Forms": U+FF01 to U+FF5E for 0x21 to 0x7E).
const TO_FULL_WIDTH: u32 = 0xFF01 - 0x21;

/// The hole of a value that will be made up anew, by whose value it is.
pub fn generated(of: &str) -> String {
    hole(GENERATED, of)
}

/// The hole of a value that is not known, and may equal one that is.
pub fn open(of: &str) -> String {
    hole(OPEN, of)
}

fn hole([before, after]: [char; 2], of: &str) -> String {
    let inner: String = of.chars().map(wide).collect();
    format!("{before}{inner}{after}")
}

fn wide(sign: char) -> char {
    match sign {
        '!'..='~' => char::from_u32(u32::from(sign) + TO_FULL_WIDTH).unwrap_or('\u{3000}'),
        '⟨' | '⟩' | '⟪' | '⟫' => '\u{3000}',
        sign if sign.is_ascii() => '\u{3000}',
        other => other,
    }
}

fn narrow(sign: char) -> char {
    match sign {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(sign) - TO_FULL_WIDTH).unwrap_or(' '),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// Whether a text has a hole.
pub fn has_hole(text: &str) -> bool {
    // Most text is ASCII, and no hole is.
    !text.is_ascii() && text.contains([GENERATED[0], OPEN[0]])
}

/// Whose value it is, if the whole text is one hole.
pub fn whole(text: &str) -> Option<String> {
    match pieces(text).as_slice() {
        [Piece::Generated(hole) | Piece::Open(hole)] => Some(of(hole)),
        _ => None,
    }
}

/// Whose value a hole stands for.
pub fn of(hole: &str) -> String {
    let inner = hole.trim_matches(['⟨', '⟩', '⟪', '⟫']);
    inner.chars().map(narrow).collect()
}

/// The text in pieces. A bracket without its partner is plain text.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((at, end, is_open)) = next(rest) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let (hole, after) = from.split_at_checked(end - at).unwrap_or((from, ""));
        if !before.is_empty() {
            found.push(Piece::Plain(before));
        }
        found.push(if is_open {
            Piece::Open(hole)
        } else {
            Piece::Generated(hole)
        });
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Plain(rest));
    }
    found
}

/// Begin and end of the first hole, and whether it is an open one.
fn next(text: &str) -> Option<(usize, usize, bool)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find([GENERATED[0], OPEN[0]]) {
        let at = from + found;
        let is_open = text.get(at..)?.starts_with(OPEN[0]);
        let end = if is_open { OPEN[1] } else { GENERATED[1] };
        if let Some(length) = text.get(at..)?.find(end) {
            return Some((at, at + length + end.len_utf8(), is_open));
        }
        from = at + GENERATED[0].len_utf8();
    }
    None
}

/// The text as people read it: `…:key/(aws_kms_key.main, known after apply)`. A hole that was broken
/// over two lines is on one again.
pub fn shown(text: &str) -> Cow<'_, str> {
    told(text, |name| name)
}

/// The same within a text of JSON.
pub fn shown_in_json(text: &str) -> Cow<'_, str> {
    told(text, |name| name.replace('\\', "\\\\").replace('"', "\\\""))
}

fn told(text: &str, write: impl Fn(String) -> String) -> Cow<'_, str> {
    if !has_hole(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => out.push_str(plain),
            Piece::Generated(hole) | Piece::Open(hole) => {
                // What a line break put in: no hole holds a space of ASCII.
                let hole = hole.replace(|sign: char| sign.is_ascii_whitespace(), "");
                let name = of(&hole);
                out.push_str(&format!("({}, known after apply)", write(name)));
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_is_read_as_it_was_written() {
        let key = generated("aws_kms_key.main[\"a b\"]");
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{key}");
        assert_eq!(of(&key), "aws_kms_key.main[\"a b\"]");
        assert_eq!(
            pieces(&arn),
            [
                Piece::Plain("arn:aws:kms:eu-west-1:111122223333:key/"),
                Piece::Generated(&key)
            ]
        );
        assert_eq!(
            shown(&arn),
            "arn:aws:kms:eu-west-1:111122223333:key/(aws_kms_key.main[\"a b\"], known after apply)"
        );
        assert_eq!(whole(&open("x.y")).as_deref(), Some("x.y"));
        assert_eq!(whole(&arn), None);
    }

    #[test]
    fn a_hole_in_json_stays_json() {
        let text = format!("{{\"key\": \"{}\"}}", generated("a[\"b\"]"));
        assert_eq!(
            shown_in_json(&text),
            r#"{"key": "(a[\"b\"], known after apply)"}"#
        );
    }

    #[test]
    fn a_bracket_alone_is_text() {
        assert_eq!(pieces("a⟨b⟪c"), [Piece::Plain("a⟨b⟪c")]);
        assert!(!has_hole("arn:aws:s3:::plain"));
    }

    #[test]
    fn no_letter_of_a_name_stands_in_a_hole() {
        let hole = generated("aws_kms_key.main:*?/${x}");
        assert!(hole.chars().all(|sign| !sign.is_ascii()), "{hole}");
    }
}
