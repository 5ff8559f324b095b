//! The denied and approved paths that a boundary implies, decided one by one.

use crate::finding::Step;

/// One probe: a request with the answer that the boundary expects.
#[derive(Clone, Debug)]
pub struct Probe {
    /// A name that says what is tried: `customer-records: an account outside the organization reads`.
    pub name: String,
    /// The dataset.
    pub dataset: String,
    /// The requests of the data path.
    pub steps: Vec<Step>,
    /// Whether it must be refused or must work.
    pub expected: Expected,
    /// What was decided for the whole path.
    pub decision: &'static str,
    /// Every layer that refuses it by itself, were all others out of the way.
    pub refused_by: Vec<&'static str>,
    /// Whether the decision is the expected one.
    pub as_expected: bool,
    /// The decision case of contracts section 1, one JSON document a step, to be kept and run again.
    pub cases: Vec<String>,
}

/// What the boundary expects of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A denied path.
    Refused,
    /// An approved path.
    Allowed,
}
