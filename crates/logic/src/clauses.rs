//! Formulas into clauses (Plaisted and Greenbaum: each node only in the directions it is used).
//!
//! Definitions are added once and stay, so later assertions and assumptions share them.

use crate::graph::{Formula, Graph, Node};
use crate::sat::{Literal, Sat};

/// Which nodes have a variable, and which directions of their definitions are in the solver.
#[derive(Default)]
pub(crate) struct Encoder {
    literals: Vec<Option<Literal>>,
    defined: Vec<[bool; 2]>,
}

impl Encoder {
    /// A literal that, when true, makes the formula true.
    pub fn encode(&mut self, graph: &Graph, root: Formula, sat: &mut impl Sat) -> Literal {
        self.literals.resize(graph.len(), None);
        self.defined.resize(graph.len(), [false; 2]);
        let mut work = vec![root];
        while let Some(formula) = work.pop() {
            if self.mark(formula) {
                self.define(graph, formula, sat, &mut work);
            }
        }
        self.literal(root, sat)
    }

    /// The variable of a formula that was encoded before.
    pub fn known(&self, formula: Formula) -> Option<Literal> {
        let literal = self.literals.get(formula.index()).copied().flatten()?;
        Some(literal.negated_if(formula.is_negated()))
    }

    /// Whether this direction was still open.
    fn mark(&mut self, formula: Formula) -> bool {
        let directions = self.defined.get_mut(formula.index());
        let slot = directions.and_then(|both| both.get_mut(usize::from(formula.is_negated())));
        slot.is_some_and(|done| !std::mem::replace(done, true))
    }

    fn literal(&mut self, formula: Formula, sat: &mut impl Sat) -> Literal {
        let literal = match self.literals.get_mut(formula.index()) {
            Some(slot) => *slot.get_or_insert_with(|| sat.fresh()),
            None => sat.fresh(),
        };
        literal.negated_if(formula.is_negated())
    }

    /// The clauses that say: if this literal is true, so is what it stands for.
    fn define(
        &mut self,
        graph: &Graph,
        formula: Formula,
        sat: &mut impl Sat,
        work: &mut Vec<Formula>,
    ) {
        let own = self.literal(formula, sat);
        match graph.node(formula.index()) {
            Node::Leaf(_) => {}
            Node::True if formula.is_negated() => sat.clause(&[!own]),
            Node::True => sat.clause(&[own]),
            Node::All(parts) if formula.is_negated() => {
                let mut clause = vec![!own];
                for &part in parts {
                    clause.push(self.literal(!part, sat));
                    work.push(!part);
                }
                sat.clause(&clause);
            }
            Node::All(parts) => {
                for &part in parts {
                    let part_literal = self.literal(part, sat);
                    sat.clause(&[!own, part_literal]);
                    work.push(part);
                }
            }
        }
    }
}
