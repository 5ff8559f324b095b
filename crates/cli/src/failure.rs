//! Why a verb cannot answer at all: the command line or its sources are at fault.

use std::path::Path;

use cofferdam_text::{Diagnostic, Documents, Severity};

/// What is wrong, with file and line where there is one, and what to do about it.
#[derive(Debug)]
pub struct Failure(pub Vec<Diagnostic>);

impl Failure {
    /// Something about the command line.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure(vec![Diagnostic {
            severity: Severity::Error,
            origin: None,
            file: None,
            line: None,
            message: message.into(),
            help: Some(help.into()),
        }])
    }

    /// Something about a file as a whole.
    pub fn file(path: &Path, message: impl Into<String>, help: impl Into<String>) -> Failure {
        let name = path.display().to_string();
        Failure(vec![Diagnostic::in_file(name, message).with_help(help)])
    }

    /// Something at a place in `documents`, which need not be kept to show it.
    pub fn at(diagnostic: Diagnostic, documents: &Documents) -> Failure {
        Failure(vec![Diagnostic {
            origin: None,
            ..documents.locate(diagnostic)
        }])
    }
}
