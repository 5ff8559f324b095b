//! The answer of `check` as workflow commands of GitHub Actions, which put a note at the line of a
//! change ("Workflow commands for GitHub Actions").
//!
//! A violation is an error, a question that stays open a warning, and what an exception covers or the
//! baseline knows is left out: a note that the author of a change cannot act on is noise.

use cofferdam_findings::finding::Answer;
use cofferdam_text::Documents;

use crate::baseline::Baseline;
use crate::issue::{Issue, issues};

/// One line an issue; empty if there is none.
pub fn check(answer: &Answer, documents: &Documents, baseline: Option<&Baseline>) -> String {
    let issues = issues(answer, documents, baseline);
    let shown = issues.iter().filter(|issue| issue.excepted.is_none());
    shown
        .filter(|issue| issue.new != Some(false))
        .map(annotation)
        .collect()
}

fn annotation(issue: &Issue<'_>) -> String {
    let command = if issue.counts() { "error" } else { "warning" };
    let mut properties = vec![format!("title={}", property(&issue.finding.id))];
    if let Some((_, place)) = issue.places.first() {
        let file = place.file.trim_start_matches("./");
        properties.push(format!("file={}", property(file)));
        properties.push(format!("line={}", place.line.max(1)));
        properties.push(format!("col={}", place.column.max(1)));
    }
    format!(
        "::{command} {}::{}\n",
        properties.join(","),
        message(&issue.story())
    )
}

/// Text of a message: line breaks would end the command.
fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Text of a property, which a comma or colon would end.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
