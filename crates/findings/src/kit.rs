//! Probes that somebody sends to AWS with roles of his own, and what AWS answered.
//!
//! Cofferdam sends nothing. It says what to send, as whom and from where, and compares the answers
//! with what it decided; an answer that contradicts a decision is worth more than any proof.

use crate::probe::Expected;

/// One probe as it can be sent, or why it cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Stays the same while what is tried does.
    pub id: String,
    /// What is tried, in words.
    pub name: String,
    /// The dataset.
    pub dataset: String,
    /// Who sends it.
    pub caller: Sender,
    /// From where, in words.
    pub vantage: String,
    /// `s3:GetObject`.
    pub action: String,
    /// The arguments of the AWS CLI, or why it is not sent.
    pub sent: Result<Vec<String>, String>,
    /// What the boundary asks for.
    pub expected: Expected,
    /// What was decided of what is sent: `allowed`, `explicitly_denied`, `implicitly_denied`.
    pub decision: &'static str,
    /// Every layer that refuses it by itself; none where they are not known.
    pub refused_by: Vec<&'static str>,
}

/// Whom a probe is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// A session of a role, by account and name.
    Role(String, String),
    /// A user, by ARN.
    User(String),
    /// Anybody of an account that is not of the organization.
    Outside,
    /// Nobody: a request without a signature.
    Anonymous,
    /// An AWS service; nobody can send as one.
    Service(String),
}

/// A line of results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The probe.
    pub id: String,
    /// Who sent it, as `GetCallerIdentity` answered; `anonymous` without a signature.
    pub caller: String,
    /// When, as the sender's machine said.
    pub at: String,
    /// The exit code of the AWS CLI.
    pub exit: i64,
    /// AWS's error code; empty without an error.
    pub code: String,
    /// AWS's message; empty without an error.
    pub message: String,
}

/// What a probe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// AWS answered otherwise than was decided.
    Contradicts,
    /// The line is of somebody whom the probe is not for.
    WrongCaller,
    /// The answer is none about permission.
    CouldNotRun,
    /// There is no line of it.
    NotRun,
    /// It cannot be sent safely.
    NotProbed,
    /// AWS answered what was decided.
    AsExpected,
}

impl Standing {
    /// As it is printed.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Contradicts => "contradicts",
            Standing::WrongCaller => "wrong_caller",
            Standing::CouldNotRun => "could_not_run",
            Standing::NotRun => "not_run",
            Standing::NotProbed => "not_probed",
            Standing::AsExpected => "as_expected",
        }
    }
}

/// A probe with what AWS answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The probe.
    pub planned: Planned,
    /// What it came to.
    pub standing: Standing,
    /// The line that says so, if there is one.
    pub answer: Option<Answer>,
    /// The layer that AWS's message names, in our words.
    pub named: Option<&'static str>,
    /// What is to be said of it.
    pub note: Option<String>,
}
