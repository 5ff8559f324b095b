//! What a list of problems says of an answer: one entry for each way to break the boundary, and one
//! for each question that stays open.
//!
//! Formats for other programs differ in their fields and not in what there is to tell, so each of
//! them is a function of these entries.

use cofferdam_findings::finding::{Answer, Cause, Finding, Reason, Step, Verdict};
use cofferdam_text::{Documents, Place};

use crate::baseline::Baseline;
use crate::layout::{as_sentence, count};
use crate::text::{sentence, spaced};

/// One way to break an obligation, or an obligation that is undecided.
pub(crate) struct Issue<'a> {
    pub finding: &'a Finding,
    /// The way in; of an undecided finding there may be none.
    pub cause: Option<&'a Cause>,
    /// The statements that permit it with where they lie; of an undecided finding without any, what
    /// would settle it.
    pub places: Vec<(String, Place)>,
    /// The exception that covers it.
    pub excepted: Option<&'a str>,
    /// Whether the baseline does not know it; none without a baseline.
    pub new: Option<bool>,
}

/// The entries of an answer in the order of its findings.
pub(crate) fn issues<'a>(
    answer: &'a Answer,
    documents: &Documents,
    baseline: Option<&Baseline>,
) -> Vec<Issue<'a>> {
    let all = by_finding(answer, documents, baseline);
    all.flat_map(|(_, issues)| issues).collect()
}

/// Every finding of an answer with its entries, none of what is proved.
pub(crate) fn by_finding<'a>(
    answer: &'a Answer,
    documents: &Documents,
    baseline: Option<&Baseline>,
) -> impl Iterator<Item = (&'a Finding, Vec<Issue<'a>>)> {
    answer.findings.iter().map(move |finding| {
        let issues = match finding.verdict {
            Verdict::Proved => Vec::new(),
            _ => of_finding(finding, documents, baseline),
        };
        (finding, issues)
    })
}

fn of_finding<'a>(
    finding: &'a Finding,
    documents: &Documents,
    baseline: Option<&Baseline>,
) -> Vec<Issue<'a>> {
    let whole = finding.excepted_by.as_deref();
    let issue = |cause: Option<&'a Cause>| Issue {
        finding,
        cause,
        places: places(finding, cause, documents),
        excepted: cause
            .and_then(|cause| cause.excepted_by.as_deref())
            .or(whole),
        new: baseline.map(|baseline| match cause {
            Some(cause) => baseline.is_new(finding, cause),
            None => baseline.is_news(finding),
        }),
    };
    match (finding.verdict, finding.causes.as_slice()) {
        (Verdict::Violated, [_, ..]) => finding.causes.iter().map(Some).map(issue).collect(),
        _ => vec![issue(None)],
    }
}

fn places(finding: &Finding, cause: Option<&Cause>, documents: &Documents) -> Vec<(String, Place)> {
    let said = |reason: &Reason| Some((sentence(reason), documents.place(reason.origin?)));
    if let Some(cause) = cause {
        return cause.because.iter().filter_map(said).collect();
    }
    let missing = finding.missing.iter().filter_map(|missing| {
        let place = documents.place(missing.origin?);
        Some((format!("{}: {}", missing.key, missing.why), place))
    });
    let because = finding.causes.iter().flat_map(|cause| &cause.because);
    missing.chain(because.filter_map(said)).collect()
}

impl Issue<'_> {
    /// Whether it counts: it is violated, and no exception covers it.
    pub fn counts(&self) -> bool {
        self.finding.verdict == Verdict::Violated && self.excepted.is_none()
    }

    /// What identifies it between runs: the fingerprint of its cause, or the id of its finding.
    pub fn fingerprint(&self) -> &str {
        self.cause
            .map_or(&self.finding.id, |cause| &cause.fingerprint)
    }

    /// The finding in one sentence.
    pub fn sentence(&self) -> String {
        as_sentence(&self.finding.message)
    }

    /// What permits it, in words; empty if nothing is known to.
    pub fn because(&self) -> String {
        let reasons = self.cause.map(|cause| cause.because.as_slice());
        let reasons: Vec<String> = reasons.unwrap_or_default().iter().map(sentence).collect();
        reasons.join(", ")
    }

    /// What to do about it, as a sentence: the fix, or what to find out.
    pub fn advice(&self) -> String {
        match self.cause {
            Some(cause) => as_sentence(&cause.would_fix),
            None => {
                let missing = self.finding.missing.iter();
                let missing: Vec<String> = missing
                    .take(MISSING_MAX)
                    .map(|missing| format!("{}: {}", missing.key, missing.why))
                    .collect();
                match missing.as_slice() {
                    [] => String::new(),
                    _ => as_sentence(&format!("To settle it, find out {}", missing.join("; "))),
                }
            }
        }
    }

    /// The requests, one a line.
    pub fn path(&self) -> Vec<String> {
        let steps = self.cause.map(|cause| cause.witness.steps.as_slice());
        steps.unwrap_or_default().iter().map(request).collect()
    }

    /// Everything in running text.
    pub fn story(&self) -> String {
        let mut parts = vec![self.sentence()];
        parts.extend(self.path().iter().map(|line| as_sentence(line)));
        let because = self.because();
        if !because.is_empty() {
            parts.push(as_sentence(&format!("This is because of {because}")));
        }
        if let Some(cause) = self.cause.filter(|cause| cause.principals > 1) {
            let principals = count(cause.principals, "principal", "principals");
            parts.push(format!("It lets {principals} through."));
        }
        parts.push(self.advice());
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }
}

/// Facts named that would settle an open question; the rest are in the JSON answer.
const MISSING_MAX: usize = 5;

/// One request of a data path, in a line.
pub(crate) fn request(step: &Step) -> String {
    let context = step
        .context
        .iter()
        .map(|(key, values)| match values.as_slice() {
            [one] => format!("{key} = {one}"),
            many => format!("{key} = [{}]", many.join(", ")),
        });
    let context: Vec<String> = context.collect();
    let with = match context.as_slice() {
        [] => String::new(),
        some => format!(" with {}", some.join(", ")),
    };
    let note = step
        .note
        .as_ref()
        .map(|note| format!(" ({note})"))
        .unwrap_or_default();
    format!(
        "{} calls {} on {}{with}: {}{note}",
        step.principal,
        step.action,
        step.resource,
        spaced(step.decision)
    )
}
