//! Why a text is not a name of its kind, in words that can stand in a diagnostic.

use std::fmt;

/// Why a text is not the name that it was taken for: lower case, no full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError(Box<str>);

impl NameError {
    pub(crate) fn new(message: impl Into<Box<str>>) -> NameError {
        NameError(message.into())
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}
