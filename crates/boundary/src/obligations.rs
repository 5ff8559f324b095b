//! The obligations: what a boundary asks of all requests, one file for each theme.
//!
//! Each obligation is one row of [`OBLIGATIONS`]: its id, how bad a violation is, and the function
//! that asks it of one dataset. `docs/check.md` and the order of findings follow this table.

mod approval;
pub(crate) mod archive;
mod becomes;
mod by_class;
mod deputy;
pub mod engines;
mod everyone;
pub mod forbidden;
pub(crate) mod keys;
mod names;
mod outbound;
mod outside;
mod public;
mod recorded;
mod source;
mod unapproved;
mod works;

use cofferdam_catalog::Class;
use cofferdam_findings::finding::Severity;
use cofferdam_org::model::Organization;

use crate::ask::Answers;
use crate::cast::Cast;
use crate::file::{Boundary, Date};
use crate::scope::Scope;

pub use approval::{Approval, covered};

/// What every obligation may look at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The organization.
    pub org: &'a Organization,
    /// The declaration.
    pub boundary: &'a Boundary,
    /// Everybody.
    pub cast: &'a Cast<'a>,
    /// The day by which approvals and exceptions are judged.
    pub as_of: Option<Date>,
}

/// One obligation.
pub struct Obligation {
    /// `layer.property`.
    pub id: &'static str,
    /// How bad a violation is.
    pub severity: Severity,
    /// Asks it of a dataset: one part for each finding.
    pub ask: for<'a> fn(&Context<'a>, &'a Scope<'a>) -> Vec<Part>,
    /// Tables of the catalogue that the answer rests on.
    pub facts: &'static [&'static str],
}

impl Obligation {
    /// What a finding says of it.
    pub fn about(&self) -> About {
        About {
            id: self.id,
            severity: self.severity,
            facts: self.facts,
        }
    }
}

/// What a finding says of the obligation that it is about.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// `layer.property`.
    pub id: &'static str,
    /// How bad a violation is.
    pub severity: Severity,
    /// Tables of the catalogue that the answer rests on.
    pub facts: &'static [&'static str],
}

/// What one finding is made of.
#[derive(Debug, Default)]
pub struct Part {
    /// The class of actions, where findings come by class.
    pub class: Option<Class>,
    /// The sentence if it holds, and if it does not.
    pub holds: String,
    /// What is wrong if it does not hold.
    pub broken: String,
    /// What the questions came to.
    pub answers: Answers,
    /// What is taken for granted.
    pub assumptions: Vec<String>,
    /// The layer that alone holds it.
    pub held_by: Option<&'static str>,
}

/// Every obligation, in the order of findings.
pub const OBLIGATIONS: [Obligation; 14] = [
    Obligation {
        id: "resource.public",
        severity: Severity::Critical,
        ask: public::ask,
        facts: DATA,
    },
    Obligation {
        id: "identity.outside-organization",
        severity: Severity::Critical,
        ask: outside::ask,
        facts: DATA,
    },
    Obligation {
        id: "identity.unapproved-principal",
        severity: Severity::High,
        ask: unapproved::ask,
        facts: DATA,
    },
    Obligation {
        id: "identity.who-becomes",
        severity: Severity::High,
        ask: becomes::ask,
        facts: &[],
    },
    Obligation {
        id: "identity.reserved-names",
        severity: Severity::High,
        ask: names::ask,
        facts: &[],
    },
    Obligation {
        id: "identity.confused-deputy",
        severity: Severity::High,
        ask: deputy::ask,
        facts: DATA,
    },
    Obligation {
        id: "network.unexpected-source",
        severity: Severity::High,
        ask: source::ask,
        facts: PATHS,
    },
    Obligation {
        id: "network.outbound",
        severity: Severity::High,
        ask: outbound::ask,
        facts: DATA,
    },
    Obligation {
        id: "encryption.second-plane",
        severity: Severity::Medium,
        ask: keys::second_plane,
        facts: DATA,
    },
    Obligation {
        id: "encryption.unapproved-key-use",
        severity: Severity::High,
        ask: keys::unapproved_use,
        facts: DATA,
    },
    Obligation {
        id: "encryption.separate-administration",
        severity: Severity::High,
        ask: keys::separate_administration,
        facts: DATA,
    },
    Obligation {
        id: "audit.recorded",
        severity: Severity::Medium,
        ask: recorded::ask,
        facts: AUDIT,
    },
    Obligation {
        id: "audit.archive-immutable",
        severity: Severity::High,
        ask: archive::ask,
        facts: DATA,
    },
    Obligation {
        id: "access.approved-works",
        severity: Severity::Low,
        ask: works::ask,
        facts: DATA,
    },
];

const DATA: &[&str] = &["data_actions", "rcp_services"];
const PATHS: &[&str] = &["data_actions", "rcp_services", "forwarded"];
const AUDIT: &[&str] = &["data_actions", "recording"];

/// Classes that identity obligations are asked by.
pub const CLASSES: [Class; 5] = [
    Class::Read,
    Class::Write,
    Class::Delete,
    Class::List,
    Class::Administer,
];

/// A class as a verb in a sentence.
pub fn verb(class: Class) -> &'static str {
    match class {
        Class::Read => "read",
        Class::Write => "write to",
        Class::Delete => "delete from",
        Class::List => "list",
        Class::Administer => "change the guards of",
    }
}
