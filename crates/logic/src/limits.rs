//! Budgets of the solver, counted in steps and never in time, so that the same question has the
//! same answer on every machine.

use std::fmt;

/// How much work one [`Solver`](crate::Solver) may do before it gives up with a [`Reason`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Rounds of solving and checking per question. Real questions need a handful; each round
    /// adds at least one lemma, so this bounds lemma storms.
    pub rounds: u32,
    /// Conflicts of the Boolean search per question.
    pub conflicts: u64,
    /// Product states of one search for a string. Twelve conjoined infix globs need about 100,000.
    pub product_states: u32,
    /// Product states of all searches of one solver together.
    pub total_product_states: u64,
    /// Lemmas kept per solver.
    pub lemmas: u32,
    /// Attributes with at most this many atoms get their pairwise implications up front.
    pub eager_atoms: u32,
    /// Class-times-atom pairs up to which a finite, address or number attribute is encoded whole.
    pub eager_cells: u32,
    /// Values tried for the attributes that relational atoms join, per round.
    pub relation_tries: u32,
    /// Extra questions spent on making a core smaller.
    pub core_questions: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rounds: 5_000,
            conflicts: 1_000_000,
            product_states: 150_000,
            total_product_states: 3_000_000,
            lemmas: 200_000,
            eager_atoms: 64,
            eager_cells: 20_000,
            relation_tries: 200,
            core_questions: 64,
        }
    }
}

/// Why a question stayed undecided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// More rounds than [`Limits::rounds`].
    Rounds,
    /// More conflicts than [`Limits::conflicts`].
    Conflicts,
    /// A search for a string went past its limit.
    ProductStates,
    /// More lemmas than [`Limits::lemmas`].
    Lemmas,
    /// What remained hangs on relational atoms for which neither values nor a refutation was found.
    Relation,
    /// The model did not satisfy the question when evaluated; a defect of the solver.
    InternalDisagreement,
    /// The problem tests an attribute in a way that its kind does not have; the text says which.
    Misuse(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rounds => out.write_str("too many rounds of solving and checking"),
            Self::Conflicts => out.write_str("too many conflicts in the Boolean search"),
            Self::ProductStates => out.write_str("too many states while looking for a string"),
            Self::Lemmas => out.write_str("too many lemmas"),
            Self::Relation => out.write_str("values joined by policy variables were not settled"),
            Self::InternalDisagreement => out.write_str("the solver disagreed with its own model"),
            Self::Misuse(what) => out.write_str(what),
        }
    }
}
