//! What a change makes worse: an answer about what will be, held against one about what is.
//!
//! Causes are compared by fingerprint, as an earlier answer is ([`cofferdam_report::baseline`]), so
//! that a violation that was there before is not blamed on the change, even if the change moved the
//! policy that causes it.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_findings::finding::{Answer, Finding, Verdict};

/// What was known of one finding before.
struct Before<'a> {
    verdict: Verdict,
    causes: BTreeSet<&'a str>,
    excepted: bool,
}

/// How much the change makes worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worse {
    /// Findings that are violated, or violated in a new way.
    pub violated: usize,
    /// Findings that were proved and are undecided.
    pub undecided: usize,
    /// Violations that were there before and are gone.
    pub mended: usize,
    /// Violations that were there before and stay.
    pub left: usize,
}

impl Worse {
    /// One sentence for the pull request.
    pub fn sentence(self) -> String {
        let more = match (self.violated, self.undecided) {
            (0, 0) => "The change makes nothing worse".to_owned(),
            (violated, 0) => format!("The change opens {}", findings(violated)),
            (0, undecided) => format!("The change leaves {} undecided", findings(undecided)),
            (violated, undecided) => format!(
                "The change opens {} and leaves {undecided} undecided",
                findings(violated)
            ),
        };
        let mended = match self.mended {
            0 => String::new(),
            mended => format!("; it mends {}", findings(mended)),
        };
        let left = match self.left {
            0 => String::new(),
            left => format!("; {} violated before and after", are(left)),
        };
        format!("{more}{mended}{left}.")
    }
}

fn findings(count: usize) -> String {
    match count {
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    }
}

fn are(count: usize) -> String {
    match count {
        1 => "1 finding was".to_owned(),
        count => format!("{count} findings were"),
    }
}

/// Keeps of `after` what is worse than `before`.
pub fn keep_worse(after: &mut Answer, before: &Answer) -> Worse {
    let known: BTreeMap<&str, Before> = before
        .findings
        .iter()
        .map(|one| (one.id.as_str(), known(one)))
        .collect();
    let mut worse = Worse::default();
    let violated = |one: &Finding| one.verdict == Verdict::Violated && one.excepted_by.is_none();
    let still: BTreeSet<&str> = after
        .findings
        .iter()
        .filter(|one| violated(one))
        .map(|one| one.id.as_str())
        .collect();
    let was = before.findings.iter().filter(|one| violated(one));
    for one in was {
        match still.contains(one.id.as_str()) {
            true => worse.left += 1,
            false => worse.mended += 1,
        }
    }
    after
        .findings
        .retain_mut(|one| is_worse(one, known.get(one.id.as_str())));
    for one in &after.findings {
        match one.verdict {
            Verdict::Violated => worse.violated += 1,
            Verdict::Undecided => worse.undecided += 1,
            Verdict::Proved => {}
        }
    }
    worse.left = worse.left.saturating_sub(opened_before(after, &known));
    worse
}

/// Findings that are shown although they were violated before: they have a new cause.
fn opened_before(after: &Answer, known: &BTreeMap<&str, Before>) -> usize {
    let was = |one: &&Finding| {
        let before = known.get(one.id.as_str());
        before.is_some_and(|before| before.verdict == Verdict::Violated && !before.excepted)
    };
    let violated = after
        .findings
        .iter()
        .filter(|one| one.verdict == Verdict::Violated);
    violated.filter(was).count()
}

fn known(finding: &Finding) -> Before<'_> {
    Before {
        verdict: finding.verdict,
        causes: finding
            .causes
            .iter()
            .map(|cause| cause.fingerprint.as_str())
            .collect(),
        excepted: finding.excepted_by.is_some(),
    }
}

/// Whether a finding is worse, with only those causes left that are new.
fn is_worse(finding: &mut Finding, before: Option<&Before>) -> bool {
    match (finding.verdict, before) {
        (Verdict::Proved, _) => false,
        (_, None) => true,
        (Verdict::Undecided, Some(before)) => before.verdict == Verdict::Proved,
        (Verdict::Violated, Some(before)) if before.verdict != Verdict::Violated => true,
        (Verdict::Violated, Some(before)) if before.excepted && finding.excepted_by.is_none() => {
            true
        }
        (Verdict::Violated, Some(before)) => {
            let all = finding.causes.len();
            finding
                .causes
                .retain(|cause| !before.causes.contains(cause.fingerprint.as_str()));
            all > 0 && !finding.causes.is_empty()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_what_is_worse_and_what_was_before() {
        let worse = |violated, undecided, mended, left| {
            Worse {
                violated,
                undecided,
                mended,
                left,
            }
            .sentence()
        };
        assert_eq!(worse(0, 0, 0, 0), "The change makes nothing worse.");
        assert_eq!(
            worse(1, 2, 1, 3),
            "The change opens 1 finding and leaves 2 undecided; it mends 1 finding; 3 findings were violated before and after."
        );
    }
}
