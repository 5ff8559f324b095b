//! What is wrong with policies as documents: what AWS refuses, and what says something else than it
//! seems to.

use cofferdam_text::{Diagnostic, Origin, Severity};

use crate::finding::Missing;

/// The answer of a lint.
#[derive(Clone, Debug, Default)]
pub struct Lints {
    /// Every policy that was read, in the order of the command line or by name.
    pub policies: Vec<Linted>,
    /// Policies that could not be read, and why.
    pub unread: Vec<Missing>,
    /// Policies of AWS itself that a source holds: nobody can change them.
    pub left_out: usize,
}

/// One policy.
#[derive(Clone, Debug)]
pub struct Linted {
    /// What people call it.
    pub name: String,
    /// Its kind, in the words of the command line.
    pub kind: &'static str,
    /// Whether the kind was guessed from its elements.
    pub guessed: bool,
    /// Where it lies.
    pub origin: Origin,
    /// What is wrong with it, in the order of the document.
    pub remarks: Vec<Remark>,
}

/// One thing that is wrong with a policy.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The rule's name.
    pub rule: &'static str,
    /// The statement, counted from zero; `None` for the whole document.
    pub statement: Option<u32>,
    /// What is wrong and what to do. An error is what AWS refuses.
    pub diagnostic: Diagnostic,
}

impl Lints {
    /// How many remarks are of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        let remarks = self.policies.iter().flat_map(|policy| &policy.remarks);
        remarks
            .filter(|remark| remark.diagnostic.severity == severity)
            .count()
    }
}
