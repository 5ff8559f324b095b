//! The answer to one decision case, as data for printing (contracts, section 1).
//!
//! How a request is decided is another room's knowledge. These types say only what a reader is told,
//! so that this room need not know how the decision was made.

/// The answer to one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The case's name.
    pub name: String,
    /// What was decided, or why the case could not be read.
    pub outcome: Result<Decision, CaseError>,
}

/// One decision with everything that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// `allowed`, `implicitly_denied`, `explicitly_denied` or `undecided`.
    pub decision: &'static str,
    /// Each layer that applies, in the order of evaluation.
    pub layers: Vec<LayerOutcome>,
    /// The statements that made the decision.
    pub determining: Vec<Determining>,
    /// What would settle it.
    pub missing: Vec<MissingFact>,
    /// The condition that is left, in words.
    pub residual: Option<String>,
    /// One concrete resource for each answer, where a resource with wildcards has several.
    pub split: Vec<Split>,
    /// What the case expects.
    pub expected: Option<String>,
}

/// What one layer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOutcome {
    /// A layer id of the contracts.
    pub layer: &'static str,
    /// The root, unit or account that an organization policy is attached to.
    pub target: Option<String>,
    /// `allows`, `does_not_allow`, `denies`, `not_applicable` or `undecided`.
    pub outcome: &'static str,
}

/// A statement that made the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determining {
    /// A layer id of the contracts.
    pub layer: &'static str,
    /// What the case calls the policy.
    pub policy: String,
    /// Position of the statement in its policy.
    pub statement: Option<u32>,
    /// Its name.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// JSON pointer in the case.
    pub pointer: String,
    /// Line in the file of the case, counted from 1.
    pub line: Option<u32>,
}

/// A fact that the case does not give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFact {
    /// A context key, or what else is missing.
    pub key: String,
    /// Why it is not known.
    pub why: String,
}

/// One answer of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// A concrete resource.
    pub resource: String,
    /// What is decided for it.
    pub decision: &'static str,
}

/// Why a case could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseError {
    /// The file as the user wrote it.
    pub file: Option<String>,
    /// The line in it, counted from 1.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
}

impl Decision {
    /// Whether the decision is the expected one; `None` where the case expects nothing.
    pub fn as_expected(&self) -> Option<bool> {
        self.expected
            .as_ref()
            .map(|expected| expected == self.decision)
    }
}
