//! Picks, from an assignment, the few literals that make the roots true.
//!
//! An assignment fixes every atom; the theory need only agree with those that matter. Fewer
//! literals mean fewer conflicts, smaller lemmas and shorter witnesses.

use crate::clauses::Encoder;
use crate::graph::{AtomId, Formula, Graph, Node};
use crate::problem::{Atom, Problem};
use crate::sat::Sat;
use std::collections::BTreeMap;

/// The literals chosen, by atom.
pub(crate) type Implicant = BTreeMap<AtomId, bool>;

/// Literals of the assignment that together imply every root.
pub(crate) fn implicant(
    problem: &Problem,
    graph: &Graph,
    encoder: &Encoder,
    sat: &impl Sat,
    roots: &[Formula],
) -> Implicant {
    let mut chooser = Chooser {
        problem,
        graph,
        encoder,
        sat,
        visited: vec![false; graph.len()],
    };
    let mut chosen = Implicant::new();
    let mut open = roots.to_vec();
    let mut choices = Vec::new();
    while !open.is_empty() || !choices.is_empty() {
        while let Some(formula) = open.pop() {
            chooser.visit(formula, &mut chosen, &mut open, &mut choices);
        }
        if let Some(denied) = choices.pop() {
            open.extend(chooser.choose(denied));
        }
    }
    chosen
}

struct Chooser<'a, S> {
    problem: &'a Problem,
    graph: &'a Graph,
    encoder: &'a Encoder,
    sat: &'a S,
    visited: Vec<bool>,
}

impl<'a, S: Sat> Chooser<'a, S> {
    fn visit(
        &mut self,
        formula: Formula,
        chosen: &mut Implicant,
        open: &mut Vec<Formula>,
        choices: &mut Vec<&'a [Formula]>,
    ) {
        match self.visited.get_mut(formula.index()) {
            Some(done) if !*done => *done = true,
            _ => return,
        }
        match self.graph.node(formula.index()) {
            Node::True => {}
            Node::Leaf(atom) => {
                chosen.insert(*atom, !formula.is_negated());
            }
            Node::All(parts) if formula.is_negated() => choices.push(parts),
            Node::All(parts) => open.extend_from_slice(parts),
        }
    }

    /// The cheapest false part of a conjunction that must be false, negated.
    fn choose(&self, denied: &[Formula]) -> Option<Formula> {
        let holds = |part: &Formula| {
            self.encoder
                .known(!*part)
                .is_some_and(|literal| self.sat.value(literal))
        };
        let candidates = denied.iter().copied().filter(holds);
        candidates
            .min_by_key(|part| self.cost(*part))
            .map(|part| !part)
    }

    fn cost(&self, part: Formula) -> u32 {
        if self.visited.get(part.index()).copied().unwrap_or(false) {
            return 0;
        }
        let Some((atom, sign)) = self.graph.literal(part) else {
            return 4;
        };
        match self.problem.atom_of(atom) {
            Some(Atom::Flag(_)) => 1,
            Some(Atom::Joined(..)) => 5,
            _ if sign => 2,
            _ => 3,
        }
    }
}
