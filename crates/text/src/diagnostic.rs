//! What is wrong with an input, and where.
//!
//! A part that cannot be read is no reason to stop: readers return diagnostics beside what they
//! could read. A diagnostic names its place by origin where there is a text, and by file where
//! there is none, so that it can be made in rooms that hold no texts.

use crate::origin::Origin;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something could not be read; what depends on it is unknown.
    Error,
    /// It was read, and is probably not what was meant.
    Warning,
}

/// One thing that is wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The place, where a text was read.
    pub origin: Option<Origin>,
    /// The file as the user would write it.
    pub file: Option<String>,
    /// The line in that file, counted from 1.
    pub line: Option<u32>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place; [`Documents::locate`](crate::Documents::locate) adds file and line.
    pub fn error(origin: Origin, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, Some(origin), None, message.into())
    }

    /// A warning at a place; [`Documents::locate`](crate::Documents::locate) adds file and line.
    pub fn warning(origin: Origin, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, Some(origin), None, message.into())
    }

    /// An error about a file as a whole.
    pub fn in_file(file: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, None, Some(file.into()), message.into())
    }

    /// The same with advice; it replaces earlier advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    fn new(
        severity: Severity,
        origin: Option<Origin>,
        file: Option<String>,
        message: String,
    ) -> Diagnostic {
        Diagnostic {
            severity,
            origin,
            file,
            line: None,
            message,
            help: None,
        }
    }
}
