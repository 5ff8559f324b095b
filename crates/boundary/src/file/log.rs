//! Diagnostics of one reading, counted, so that a reader can tell whether a part went wrong.

use std::collections::BTreeMap;

use cofferdam_text::{Diagnostic, Node, Origin, Severity};

use super::nearest::nearest;

/// Diagnostics that are kept; the rest are counted in one more. A file of another kind would
/// otherwise give one for each of its members.
pub(super) const DIAGNOSTICS_MAX: usize = 1000;

/// What was wrong so far.
#[derive(Default)]
pub(super) struct Log {
    diagnostics: Vec<Diagnostic>,
    errors: usize,
    dropped: usize,
}

/// Names of one kind with the places that declare them.
pub(super) struct Names {
    kind: &'static str,
    places: BTreeMap<String, Origin>,
}

impl Log {
    /// How many errors there are: a part is whole if reading it adds none.
    pub(super) fn errors(&self) -> usize {
        self.errors
    }

    pub(super) fn add(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn error(
        &mut self,
        at: Origin,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Diagnostic::error(at, message).with_help(help));
    }

    pub(super) fn warning(
        &mut self,
        at: Origin,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(Diagnostic::warning(at, message).with_help(help));
    }

    /// `what` is not of the kind that is expected there.
    pub(super) fn expected(
        &mut self,
        node: &Node,
        what: &str,
        expected: &str,
        help: impl Into<String>,
    ) {
        self.error(
            node.origin,
            format!("{what} must be {expected}, not {}", node.kind()),
            help,
        );
    }

    /// `word` is none of the words that are known there.
    pub(super) fn unknown_word<'c>(
        &mut self,
        at: Origin,
        what: &str,
        word: &str,
        known: impl IntoIterator<Item = &'c str> + Clone,
    ) {
        let help = self
            .suggestion(word, known.clone())
            .unwrap_or_else(|| listing(known));
        self.error(at, format!("{what} `{}` is not known", shown(word)), help);
    }

    /// The known word that is meant, while anybody will read it: comparing words takes time.
    pub(super) fn suggestion<'c>(
        &self,
        word: &str,
        known: impl IntoIterator<Item = &'c str>,
    ) -> Option<String> {
        let read = self.diagnostics.len() < DIAGNOSTICS_MAX;
        let near = read.then(|| nearest(word, known)).flatten()?;
        Some(format!("did you mean `{near}`?"))
    }

    /// Every diagnostic, in the order of their places.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics;
        diagnostics.sort_by_key(|diagnostic| diagnostic.origin);
        let last = diagnostics.last().and_then(|last| last.origin);
        if let (Some(origin), 1..) = (last, self.dropped) {
            let message = format!("{} more messages are not shown", self.dropped);
            diagnostics
                .push(Diagnostic::error(origin, message).with_help("correct those above first"));
        }
        diagnostics
    }
}

impl Names {
    pub(super) fn of(kind: &'static str) -> Names {
        Names {
            kind,
            places: BTreeMap::new(),
        }
    }

    /// Declares a name; if it is taken, both places are marked and the answer is false.
    pub(super) fn claim(&mut self, log: &mut Log, name: &str, at: Origin) -> bool {
        let Some(first) = self.places.get(name) else {
            self.places.insert(name.to_owned(), at);
            return true;
        };
        let kind = self.kind;
        let name = shown(name);
        let help = "the first declaration counts: rename this one, or join the two";
        log.error(at, format!("{kind} `{name}` is declared twice"), help);
        let help = "this declaration counts; the other one is marked too";
        log.warning(
            *first,
            format!("{kind} `{name}` is declared here and again"),
            help,
        );
        false
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Whether a name that is referred to is declared; if not, that is an error.
    pub(super) fn check(&self, log: &mut Log, name: &str, at: Origin) -> bool {
        if !self.holds(name) {
            log.unknown_word(at, self.kind, name, self.places.keys().map(String::as_str));
        }
        self.holds(name)
    }
}

/// At most this many words are listed when none is close.
const LISTED_MAX: usize = 12;

fn listing<'c>(known: impl IntoIterator<Item = &'c str>) -> String {
    let mut words: Vec<&str> = known.into_iter().take(LISTED_MAX + 1).collect();
    if words.is_empty() {
        return "none is declared; declare it first".to_owned();
    }
    if words.len() > LISTED_MAX {
        words.pop();
        words.push("…");
    }
    format!("write one of: {}", words.join(", "))
}

/// Characters of the user's own text that a message repeats.
const SHOWN_MAX: usize = 80;

/// The user's own text, safe to repeat in a message.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN_MAX)
        .map(|char| if char.is_control() { '\u{fffd}' } else { char })
        .collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        shown.push('…');
    }
    shown
}
