//! The Boolean search behind a trait, so that the rest of the crate does not know which solver
//! runs, and a recorder or another solver can stand in its place.

use batsat::{Callbacks, ClauseKind, Lit, SolverInterface, Var, lbool};

/// A Boolean variable of the search or its negation.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Literal(u32);

impl Literal {
    /// The variable by number, not negated.
    pub fn positive(variable: u32) -> Self {
        Self(variable << 1)
    }

    /// The number of the variable.
    pub fn variable(self) -> u32 {
        self.0 >> 1
    }

    /// Whether it is the negation.
    pub fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    pub(crate) fn negated_if(self, negate: bool) -> Self {
        Self(self.0 ^ u32::from(negate))
    }
}

impl std::ops::Not for Literal {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// What a Boolean search came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    /// There is an assignment; ask [`Sat::value`].
    Satisfiable,
    /// There is none under these of the assumptions.
    Unsatisfiable(Vec<Literal>),
    /// The budget was used up.
    OverBudget,
}

/// An incremental Boolean solver with assumptions.
pub(crate) trait Sat {
    /// A new variable, as its positive literal.
    fn fresh(&mut self) -> Literal;
    /// Adds a clause for good.
    fn clause(&mut self, literals: &[Literal]);
    /// Searches, with so many conflicts at most.
    fn solve(&mut self, assumptions: &[Literal], conflicts: u64) -> Answer;
    /// The literal's value in the last assignment found.
    fn value(&self, literal: Literal) -> bool;
}

/// Stops the search after a number of learnt clauses: a step count, so runs repeat exactly. Keeps
/// so many of them as there is room for.
#[derive(Default)]
struct Meter {
    left: u64,
    room: usize,
    learnt: Vec<Vec<Literal>>,
}

impl Callbacks for Meter {
    fn on_new_clause(&mut self, clause: &[Lit], kind: ClauseKind) {
        if kind != ClauseKind::Learnt {
            return;
        }
        self.left = self.left.saturating_sub(1);
        if self.learnt.len() < self.room {
            self.learnt
                .push(clause.iter().copied().map(inner).collect());
        }
    }

    fn stop(&self) -> bool {
        self.left == 0
    }
}

/// The default search.
pub(crate) struct Batsat {
    solver: batsat::Solver<Meter>,
    variables: u32,
}

impl Batsat {
    pub fn new() -> Self {
        Self::recording(0)
    }

    /// A solver that keeps this many of the clauses it learns.
    pub fn recording(room: usize) -> Self {
        let meter = Meter {
            room,
            ..Meter::default()
        };
        let solver = batsat::Solver::new(batsat::SolverOpts::default(), meter);
        Self {
            solver,
            variables: 0,
        }
    }

    /// Adds variables until there are so many.
    pub fn room_for(&mut self, variables: u32) {
        while self.variables < variables {
            self.fresh();
        }
    }

    /// The clauses learnt, in order: each follows from the ones before it by unit propagation.
    pub fn learnt(self) -> Vec<Vec<Literal>> {
        self.solver.cb().learnt.clone()
    }
}

fn outer(literal: Literal) -> Lit {
    let variable = Var::unsafe_from_idx(literal.variable());
    Lit::new(variable, !literal.is_negated())
}

fn inner(literal: Lit) -> Literal {
    Literal::positive(literal.var().idx()).negated_if(!literal.sign())
}

impl Sat for Batsat {
    fn fresh(&mut self) -> Literal {
        self.solver.new_var_default();
        self.variables += 1;
        Literal::positive(self.variables - 1)
    }

    fn clause(&mut self, literals: &[Literal]) {
        let mut clause: Vec<Lit> = literals.iter().copied().map(outer).collect();
        self.solver.add_clause_reuse(&mut clause);
    }

    fn solve(&mut self, assumptions: &[Literal], conflicts: u64) -> Answer {
        self.solver.cb_mut().left = conflicts;
        let outer_assumptions: Vec<Lit> = assumptions.iter().copied().map(outer).collect();
        let result = self.solver.solve_limited(&outer_assumptions);
        if result == lbool::TRUE {
            return Answer::Satisfiable;
        }
        if result != lbool::FALSE {
            return Answer::OverBudget;
        }
        let used = |literal: &Literal| self.solver.unsat_core_contains_var(outer(*literal).var());
        Answer::Unsatisfiable(assumptions.iter().copied().filter(used).collect())
    }

    fn value(&self, literal: Literal) -> bool {
        self.solver.value_lit(outer(literal)) == lbool::TRUE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_subsets_of_assumptions() {
        let mut sat = Batsat::new();
        let [a, b, c] = [(); 3].map(|()| sat.fresh());
        sat.clause(&[!a, !b]);
        assert_eq!(
            sat.solve(&[a, b, c], 100),
            Answer::Unsatisfiable(vec![a, b])
        );
        assert_eq!(sat.solve(&[a, c], 100), Answer::Satisfiable);
        assert!(sat.value(a) && !sat.value(b) && sat.value(c));
        sat.clause(&[!a]);
        assert_eq!(sat.solve(&[a, b], 100), Answer::Unsatisfiable(vec![a]));
        sat.clause(&[!b]);
        sat.clause(&[b]);
        assert_eq!(sat.solve(&[c], 100), Answer::Unsatisfiable(vec![]));
    }
}
