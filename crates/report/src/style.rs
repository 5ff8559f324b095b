//! How text may look: how wide it is, and whether colours are allowed.
//!
//! A colour never carries meaning: every painted word also says it, with a symbol before it where
//! it is a verdict. So whoever reads a log, a pipe or a screen without colours loses nothing.

/// What the place where text will be shown can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Columns of a line, in characters.
    pub width: usize,
    /// Whether ANSI colour codes are written.
    pub color: bool,
}

/// Columns of a line where nobody says otherwise: what fits beside an editor.
pub const WIDTH: usize = 100;

impl Style {
    /// Without colours, at the usual width: for files, pipes and tests.
    pub const PLAIN: Style = Style {
        width: WIDTH,
        color: false,
    };

    /// `text` in the colour of `tone`, if colours are allowed.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        match tone.code() {
            Some(code) if self.color && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }
}

/// What a piece of text is, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Running text.
    Plain,
    /// Headings and names.
    Strong,
    /// What can be skipped.
    Faint,
    /// Proved, allowed as approved.
    Good,
    /// Violated.
    Bad,
    /// Undecided, warnings.
    Doubt,
    /// What can be copied: commands and places.
    Literal,
}

impl Tone {
    fn code(self) -> Option<&'static str> {
        match self {
            Tone::Plain => None,
            Tone::Strong => Some("1"),
            Tone::Faint => Some("2"),
            Tone::Good => Some("32"),
            Tone::Bad => Some("1;31"),
            Tone::Doubt => Some("1;33"),
            Tone::Literal => Some("36"),
        }
    }
}
