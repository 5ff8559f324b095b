//! Findings and their evidence.

use cofferdam_text::{Diagnostic, Origin};

/// The answer of one check.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Organization id, if it is one.
    pub organization: Option<String>,
    /// When the snapshot was taken.
    pub captured_at: Option<String>,
    /// The date that exceptions were judged by.
    pub as_of: Option<String>,
    /// What was read.
    pub sources: Vec<String>,
    /// Parts that could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// One finding per obligation and dataset, in the order of dataset and obligation.
    pub findings: Vec<Finding>,
    /// Reserved obligations that this version does not ask.
    pub not_yet_asked: Vec<&'static str>,
    /// What seed question "which principals, networks, keys, policies, evidence" gets answered with.
    pub inventory: Vec<crate::inventory::Row>,
}

/// One obligation asked of one dataset.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `identity.outside-organization:customer-records:read`.
    pub id: String,
    /// `identity.outside-organization`.
    pub obligation: &'static str,
    /// The dataset, where the obligation is about one.
    pub dataset: Option<String>,
    /// Who owns the dataset.
    pub owner: Option<String>,
    /// The layer of the obligation (first part of its id).
    pub layer: &'static str,
    /// The verdict.
    pub verdict: Verdict,
    /// How bad a violation is.
    pub severity: Severity,
    /// One sentence in plain words.
    pub message: String,
    /// The id of the exception that covers every cause.
    pub excepted_by: Option<String>,
    /// The layer that alone holds a proof (`encryption`: only the key stops the data request).
    pub held_by: Option<&'static str>,
    /// All causes of a violation, or the undecided candidates.
    pub causes: Vec<Cause>,
    /// Whether the list of causes is complete.
    pub causes_complete: bool,
    /// What the verdict takes for granted.
    pub assumptions: Vec<String>,
    /// Dated facts it rests on.
    pub facts: Vec<DatedFact>,
    /// Facts that would settle an undecided verdict.
    pub missing: Vec<Missing>,
    /// Whether the proof says nothing: no request of that kind is possible at all.
    pub vacuous: bool,
    /// Statements and controls that carry a proof.
    pub carried_by: Vec<Reason>,
    /// Whether it was kept from an earlier run: nothing has changed that its question can read.
    pub kept: bool,
}

/// Proved, violated or undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// No request violates it.
    Proved,
    /// A request violates it; the witness was replayed.
    Violated,
    /// Two completions of the unknown facts differ, or a limit was reached.
    Undecided,
}

impl Verdict {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Proved => "proved",
            Verdict::Violated => "violated",
            Verdict::Undecided => "undecided",
        }
    }
}

/// How bad a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Data can leave.
    Critical,
    /// A layer does not hold.
    High,
    /// Evidence or depth is weaker than declared.
    Medium,
    /// Worth knowing.
    Low,
}

impl Severity {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }
}

/// A minimal set of permitting statements, with one witness.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Stays the same between runs as long as the cause does.
    pub fingerprint: String,
    /// What the statements have in common: one bucket policy, one permission set.
    pub origin: String,
    /// The statements responsible.
    pub because: Vec<Reason>,
    /// A data path that was replayed.
    pub witness: Witness,
    /// How many principals this cause lets through.
    pub principals: u64,
    /// Some of them.
    pub sample: Vec<String>,
    /// What would close it, in plain words.
    pub would_fix: String,
    /// The exception that covers it.
    pub excepted_by: Option<String>,
}

/// A statement, or another deployed thing, that made a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// What people call the document: `bucket policy of acme-records`.
    pub document: String,
    /// A layer id of the contracts.
    pub layer: &'static str,
    /// The statement's position, where it is one.
    pub statement: Option<u32>,
    /// The statement's name.
    pub sid: Option<String>,
    /// `Allow` or `Deny`, where it is a statement; else what it is in words.
    pub effect: String,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// A data path, one request a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// The requests in their order.
    pub steps: Vec<Step>,
}

/// One request of a data path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// ARN, service host or `anonymous`.
    pub principal: String,
    /// `s3:GetObject`.
    pub action: String,
    /// ARN or `*`.
    pub resource: String,
    /// Context keys with their values, in the order of their names.
    pub context: Vec<(String, Vec<String>)>,
    /// `allowed`, as replayed.
    pub decision: &'static str,
    /// In words, what happens in this step (`made by Amazon S3 on the caller's behalf`).
    pub note: Option<String>,
    /// The command of the AWS CLI that sends it, where a person can.
    pub command: Option<String>,
}

/// A dated fact of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DatedFact {
    /// What it says: `services covered by RCPs`.
    pub fact: String,
    /// The date of its table.
    pub as_of: String,
}

/// A fact that would settle an undecided verdict.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Missing {
    /// The key, document or attribute.
    pub key: String,
    /// Why it is not known.
    pub why: String,
    /// Where it is spoken of.
    pub origin: Option<Origin>,
}
