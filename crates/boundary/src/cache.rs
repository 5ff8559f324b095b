//! Verdicts kept from earlier runs.
//!
//! A verdict is a function of what its question reads, so it holds again wherever that is the same.
//! The name of a question is therefore a hash over all of it: the program with its catalogue and
//! rules, the day, the declaration, and every fact that the question can reach, with the places
//! that a finding can cite. [`key`] says which those are. What is kept is the whole finding, so
//! that a violation comes with its request and its causes, as if it were asked anew.
//!
//! Where verdicts are kept is no matter of this room. Proofs that are written out never come from
//! here.

mod digest;
mod key;

use cofferdam_findings::finding::Finding;
use cofferdam_text::StablePlaces;

pub use digest::Key;
pub(crate) use key::Keys;
pub use key::of_everything;

/// Where verdicts are kept.
pub trait Verdicts: Sync {
    /// The findings of a question, if it was answered before.
    fn get(&self, question: &Key) -> Option<Vec<Finding>>;
    /// Keeps the findings of a question.
    fn put(&self, question: Key, findings: &[Finding]);
}

/// What a check needs to remember.
#[derive(Clone, Copy)]
pub struct Memory<'m> {
    /// Where verdicts are kept.
    pub verdicts: &'m dyn Verdicts,
    /// The places of what was read.
    pub places: &'m StablePlaces<'m>,
    /// What tells this program, its catalogue and its rules from every other.
    pub program: Key,
}
