//! What the reader has to say about one statement while it reads it.
//!
//! The first thing that was not understood becomes the statement's reason for being unreadable;
//! every one of them becomes a diagnostic with its place.

use cofferdam_text::{Diagnostic, Origin};

/// Diagnostics of one statement, and why it is not wholly understood.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) unreadable: Option<Box<str>>,
}

impl Notes {
    /// AWS would refuse this: an error, and the statement matches at most "perhaps".
    pub(crate) fn refuse(&mut self, origin: Origin, message: String) {
        self.mark(&message);
        self.diagnostics.push(Diagnostic::error(origin, message));
    }

    /// AWS does not document what this means: a warning, and the statement matches at most
    /// "perhaps".
    pub(crate) fn doubt(&mut self, origin: Origin, message: String) {
        self.mark(&message);
        self.diagnostics.push(Diagnostic::warning(origin, message));
    }

    /// Understood, but hardly what the writer meant.
    pub(crate) fn warn(&mut self, origin: Origin, message: String) {
        self.diagnostics.push(Diagnostic::warning(origin, message));
    }

    fn mark(&mut self, message: &str) {
        self.unreadable.get_or_insert_with(|| message.into());
    }
}
