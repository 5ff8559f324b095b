//! What an earlier answer already said, so that a report can show what is new.
//!
//! Causes are compared by fingerprint, not by message or line: those change when somebody edits a
//! comment, and a finding that comes back under another name is the first thing people mute.

use std::collections::BTreeSet;

use cofferdam_findings::finding::{Answer, Cause, Finding, Verdict};
use cofferdam_text::Node;

use crate::tally::is_excepted;

/// The violations of an earlier answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Finding id and fingerprint of each cause.
    known: BTreeSet<(String, String)>,
}

impl Baseline {
    /// The violations in what `check --format json` wrote.
    ///
    /// # Errors
    /// In words, when the tree is not such an answer.
    pub fn read(answer: &Node) -> Result<Baseline, String> {
        let findings = answer.get("findings").and_then(Node::as_array);
        let findings =
            findings.ok_or("it has no list `findings`: give what `check --format json` wrote")?;
        Ok(Baseline {
            known: findings.iter().flat_map(causes).collect(),
        })
    }

    /// Whether this cause of this finding was not there before.
    pub fn is_new(&self, finding: &Finding, cause: &Cause) -> bool {
        !self
            .known
            .contains(&(finding.id.clone(), cause.fingerprint.clone()))
    }

    /// Whether a violation that counts was not there before.
    pub fn has_new(&self, answer: &Answer) -> bool {
        let counts =
            |finding: &&Finding| finding.verdict == Verdict::Violated && !is_excepted(finding);
        answer
            .findings
            .iter()
            .filter(counts)
            .any(|finding| self.is_news(finding))
    }

    /// Whether a finding has a cause that was not there before; one without causes goes by its id.
    pub(crate) fn is_news(&self, finding: &Finding) -> bool {
        if finding.causes.is_empty() {
            return !self.known.iter().any(|(id, _)| *id == finding.id);
        }
        finding
            .causes
            .iter()
            .any(|cause| self.is_new(finding, cause))
    }
}

fn causes(finding: &Node) -> Vec<(String, String)> {
    let text = |node: &Node, key| node.get(key).and_then(Node::as_str).map(str::to_owned);
    let (Some(id), Some("violated")) = (
        text(finding, "id"),
        finding.get("verdict").and_then(Node::as_str),
    ) else {
        return Vec::new();
    };
    let causes = finding
        .get("causes")
        .and_then(Node::as_array)
        .unwrap_or_default();
    let mut known: Vec<_> = causes
        .iter()
        .filter_map(|cause| Some((id.clone(), text(cause, "fingerprint")?)))
        .collect();
    if known.is_empty() {
        known.push((id, String::new()));
    }
    known
}
