//! What one document, or two side by side, came to (contracts, sections 2 and 3).

use std::collections::BTreeSet;

use crate::finding::{Reason, Step, Verdict};

/// The answer to a property asked of one document.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Proved: there is no such request.
    pub verdict: Verdict,
    /// A request that the document allows and the question excludes.
    pub witness: Option<Step>,
    /// The statements that allow it.
    pub because: Vec<Reason>,
    /// Whether the document allows no request at all.
    pub vacuous: bool,
    /// What the verdict takes for granted.
    pub assumptions: Vec<String>,
    /// Why nothing could be settled.
    pub missing: Vec<String>,
    /// Microseconds spent on the question itself.
    pub elapsed_us: u64,
}

/// What each of two documents allows beyond the other.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// A request that only the new one allows.
    pub only_new: Difference,
    /// A request that only the old one allows.
    pub only_old: Difference,
    /// Microseconds spent on the question itself.
    pub elapsed_us: u64,
}

/// One direction of a comparison.
#[derive(Clone, Debug)]
pub enum Difference {
    /// There is no such request.
    None,
    /// Here is one; whether only an action that AWS may add later shows it; the statements.
    Some(Box<Step>, bool, Vec<Reason>),
    /// Not settled, with the reasons.
    Undecided(Vec<String>),
}

impl Comparison {
    /// The relation of the new document to the old one, in the words of the contracts.
    pub fn relation(&self) -> &'static str {
        match (&self.only_new, &self.only_old) {
            (Difference::Undecided(_), _) | (_, Difference::Undecided(_)) => "undecided",
            (Difference::None, Difference::None) => "equivalent",
            (Difference::None, Difference::Some(..)) => "narrower",
            (Difference::Some(..), Difference::None) => "wider",
            (Difference::Some(..), Difference::Some(..)) => "incomparable",
        }
    }

    /// Whether the new document allows anything that the old one does not.
    pub fn is_wider(&self) -> bool {
        matches!(self.only_new, Difference::Some(..))
    }

    /// Why something could not be settled; a reason of both directions once.
    pub fn missing(&self) -> BTreeSet<&str> {
        [&self.only_new, &self.only_old]
            .into_iter()
            .filter_map(|difference| match difference {
                Difference::Undecided(reasons) => Some(reasons),
                _ => None,
            })
            .flatten()
            .map(String::as_str)
            .collect()
    }
}
