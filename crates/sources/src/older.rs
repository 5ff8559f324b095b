//! What is said of facts that an earlier source knows and a later one does not.
//!
//! A live read that was refused does not undo what AWS Config recorded. The earlier value counts,
//! and its age is said, since something may have changed since.

use std::path::Path;

use cofferdam_org::fact::{Attribute, Entity};
use cofferdam_text::{Diagnostic, Severity};

use crate::written::Ages;

/// Facts that are named; the others are counted.
const SAID_MAX: usize = 3;

/// The notice about facts that were kept under a later source; none if there are none.
pub(crate) fn said(
    later: &Path,
    kept: &[(Entity, Attribute)],
    ages: &Ages,
    captured_at: Option<&str>,
) -> Option<Diagnostic> {
    let named = kept.iter().take(SAID_MAX);
    let named: Vec<String> = named
        .map(|fact| match ages.get(fact) {
            Some(at) => format!("{:?} of {}, written at {at}", fact.1, fact.0.id),
            None => format!("{:?} of {}", fact.1, fact.0.id),
        })
        .collect();
    if named.is_empty() {
        return None;
    }
    let more = match kept.len().saturating_sub(SAID_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let age = captured_at.map_or(String::new(), |at| format!(" of {at}"));
    let named = named.join("; ");
    let message = format!(
        "this source does not know {named}{more}: what the earlier source{age} says counts"
    );
    let mut diagnostic = Diagnostic::in_file(later.display().to_string(), message);
    diagnostic.severity = Severity::Warning;
    Some(diagnostic)
}
