//! How many of what: the numbers that text and JSON must agree on.

use cofferdam_findings::finding::{Answer, Finding, Verdict};

use crate::layout::count;

/// Findings by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) proved: usize,
    /// Violations that no exception covers.
    pub(crate) violated: usize,
    /// Violations that a valid exception covers.
    pub(crate) excepted: usize,
    pub(crate) undecided: usize,
    /// Of all these, those kept from an earlier run.
    pub(crate) kept: usize,
}

impl Tally {
    pub(crate) fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Tally {
        let mut tally = Tally::default();
        findings.into_iter().for_each(|finding| tally.add(finding));
        tally
    }

    pub(crate) fn add(&mut self, finding: &Finding) {
        self.kept += usize::from(finding.kept);
        *match (finding.verdict, is_excepted(finding)) {
            (Verdict::Proved, _) => &mut self.proved,
            (Verdict::Violated, false) => &mut self.violated,
            (Verdict::Violated, true) => &mut self.excepted,
            (Verdict::Undecided, _) => &mut self.undecided,
        } += 1;
    }

    /// `97 obligations asked: 77 proved, 19 violated, 1 undecided`.
    pub(crate) fn sentence(self) -> String {
        format!(
            "{} asked: {} proved, {} violated, {} undecided",
            count(self.asked() as u64, "obligation", "obligations"),
            self.proved,
            self.violated,
            self.undecided
        )
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
