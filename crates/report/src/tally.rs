//! How many of what: the numbers that text and JSON must agree on.

use cofferdam_findings::finding::{Answer, Finding, Verdict};

/// Findings by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) proved: usize,
    /// Violations that no exception covers.
    pub(crate) violated: usize,
    /// Violations that a valid exception covers.
    pub(crate) excepted: usize,
    pub(crate) undecided: usize,
}

impl Tally {
    pub(crate) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Tally {
        let mut tally = Tally::default();
        for finding in findings {
            *match (finding.verdict, is_excepted(finding)) {
                (Verdict::Proved, _) => &mut tally.proved,
                (Verdict::Violated, false) => &mut tally.violated,
                (Verdict::Violated, true) => &mut tally.excepted,
                (Verdict::Undecided, _) => &mut tally.undecided,
            } += 1;
        }
        tally
    }

    pub(crate) fn asked(self) -> usize {
        self.proved + self.violated + self.excepted + self.undecided
    }
}

pub(crate) fn is_excepted(finding: &Finding) -> bool {
    finding.excepted_by.is_some()
}

/// The findings of one verdict, excepted violations apart.
pub(crate) fn select(answer: &Answer, verdict: Verdict, excepted: bool) -> Vec<&Finding> {
    let wanted = |finding: &&Finding| {
        finding.verdict == verdict
            && (verdict != Verdict::Violated || is_excepted(finding) == excepted)
    };
    answer.findings.iter().filter(wanted).collect()
}
