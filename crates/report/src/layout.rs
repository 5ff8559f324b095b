//! Lines on a page: wrapping, indenting, and the few shapes that every report is made of.

use crate::style::{Style, Tone};

/// Text that grows line by line.
pub(crate) struct Page {
    pub(crate) style: Style,
    text: String,
}

impl Page {
    pub(crate) fn new(style: Style) -> Page {
        Page {
            style,
            text: String::new(),
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// An empty line, but never two and never one at the start.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A line to copy, behind the sign of a shell.
    pub(crate) fn command(&mut self, indent: usize, text: &str) {
        let text = self.style.paint(Tone::Literal, &tame(text));
        self.block(indent, &format!("$ {text}"));
    }

    /// Lines that are laid out already, each moved in.
    pub(crate) fn block(&mut self, indent: usize, lines: &str) {
        for line in lines.lines() {
            let margin = if line.is_empty() { 0 } else { indent };
            self.text.push_str(&" ".repeat(margin));
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// A paragraph, wrapped.
    pub(crate) fn prose(&mut self, indent: usize, tone: Tone, text: &str) {
        self.hanging(indent, "", tone, text);
    }

    /// A paragraph behind a mark or a label, its further lines under its first word.
    pub(crate) fn hanging(&mut self, indent: usize, mark: &str, tone: Tone, text: &str) {
        let margin = indent + mark.chars().count();
        for (number, line) in self.wrapped(margin, text).iter().enumerate() {
            let lead = if number == 0 {
                mark
            } else {
                &" ".repeat(margin - indent)
            };
            let line = format!("{lead}{}", self.style.paint(tone, line));
            self.block(indent, &line);
        }
    }

    /// A word over what follows.
    pub(crate) fn label(&mut self, indent: usize, text: &str) {
        let text = self.style.paint(Tone::Strong, &tame(text));
        self.block(indent, &text);
    }

    fn wrapped(&self, margin: usize, text: &str) -> Vec<String> {
        wrap(text, self.style.width.saturating_sub(margin).max(NARROW))
    }
}

/// Columns that a paragraph gets at least, however deep it is indented.
const NARROW: usize = 24;

/// `text` in lines of at most `width` characters, broken at spaces; a longer word stands alone, so
/// that an ARN can still be copied in one piece.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace().map(tame) {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && length(line) + 1 + length(&word) > width {
            lines.push(word);
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines
}

/// Columns that `text` takes.
pub(crate) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Words of a finding as a sentence: a capital in front, a full stop behind. A name in front stays.
pub(crate) fn as_sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_word = first
        .chars()
        .all(|character| character.is_ascii_lowercase() || character == ',');
    let mut characters = text.trim_end_matches('.').chars();
    match characters.next() {
        Some(letter) if is_word => {
            format!("{}{}.", letter.to_ascii_uppercase(), characters.as_str())
        }
        Some(_) => format!("{}.", text.trim_end_matches('.')),
        None => String::new(),
    }
}

/// `1 cause`, `2 causes`, `1,204 principals`.
pub(crate) fn count(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `a, b and 3 more`, from the first `shown` of `names`.
pub(crate) fn some_of(names: &[String], shown: usize) -> String {
    let mut text = names
        .iter()
        .take(shown)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = names.len().checked_sub(shown).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A name as one line: control characters of hostile input become visible escapes, so that a role's
/// tag cannot move a cursor or forge a verdict.
pub(crate) fn tame(text: &str) -> String {
    let keep = |character: char| !character.is_control() && !REORDERS.contains(&character);
    if text.chars().all(keep) {
        return text.to_owned();
    }
    let shown = |character: char| match keep(character) {
        true => character.to_string(),
        false => character.escape_unicode().to_string(),
    };
    text.chars().map(shown).collect()
}

/// Characters that change how others are shown: zero width, and marks and overrides of direction
/// (Unicode Standard Annex 9).
const REORDERS: [char; 15] = [
    '\u{200b}', '\u{200c}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_keeps_long_words_whole() {
        assert_eq!(wrap("a bb ccccccccc d", 4), ["a bb", "ccccccccc", "d"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn findings_read_as_sentences() {
        assert_eq!(as_sentence("narrow statement 2"), "Narrow statement 2.");
        assert_eq!(
            as_sentence("s3:GetObject is open."),
            "s3:GetObject is open."
        );
        assert_eq!(as_sentence(""), "");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(count(1, "cause", "causes"), "1 cause");
        assert_eq!(count(1_204_000, "cause", "causes"), "1,204,000 causes");
    }

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        assert_eq!(tame("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\u{a}");
    }
}
