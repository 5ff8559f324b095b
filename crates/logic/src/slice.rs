//! Slicing: what the forced literals of a goal already decide is taken out before any search.
//!
//! A goal is mostly a conjunction whose literals pin the interesting attributes down (this action,
//! that resource). Every other atom on those attributes that is disjoint from, or implied by, what
//! is forced becomes a constant. Without this the search learns the same disjointness one pair at a
//! time.

use crate::cells::Cells;
use crate::graph::{AtomId, Formula, Graph};
use crate::import::import;
use crate::problem::{Atom, Attribute, Domain, PatternId, Problem};
use crate::search::Searcher;
use std::collections::BTreeMap;

/// Rounds of slicing; each needs a literal that the round before forced.
const ROUNDS: usize = 6;

/// Forced negative patterns considered per attribute, as a product with the atoms to decide; more
/// are left to the lemmas.
const NEGATIVE_WORK: usize = 100_000;

/// Product states per atom decided; the search proper settles what takes longer.
const STATES_EACH: u32 = 2_000;

/// The truth of atoms as a goal forces or implies it.
pub(crate) type Fixed = BTreeMap<AtomId, bool>;

/// A goal without what its own literals decide.
pub(crate) struct Slice {
    pub graph: Graph,
    pub goal: Formula,
    /// The atoms decided: forced ones, and those that follow in the theory.
    pub fixed: Fixed,
    /// Which of them the goal states itself; they stay part of the goal.
    pub forced: Fixed,
}

/// Slices a goal of the problem.
pub(crate) fn slice(problem: &Problem, searcher: &mut Searcher, goal: Formula) -> Slice {
    let mut sliced = Slice {
        graph: Graph::new(),
        goal: Formula::TRUE,
        fixed: Fixed::new(),
        forced: Fixed::new(),
    };
    sliced.goal = first(import(&problem.graph, &[goal], &mut sliced.graph, |_| None));
    for _ in 0..ROUNDS {
        let forced = forced(&sliced.graph, sliced.goal);
        if forced.len() == sliced.forced.len() {
            break;
        }
        sliced.forced = forced;
        sliced.fixed = searcher.limited(STATES_EACH, |s| decided(problem, s, &sliced));
        sliced.rebuild();
    }
    sliced
}

impl Slice {
    /// Puts the decided atoms into everything but the forced literals themselves.
    fn rebuild(&mut self) {
        let (graph, fixed) = (&self.graph, &self.fixed);
        let parts = graph
            .conjuncts(self.goal)
            .unwrap_or(std::slice::from_ref(&self.goal));
        let rest: Vec<Formula> = parts
            .iter()
            .copied()
            .filter(|part| graph.literal(*part).is_none())
            .collect();
        let mut target = Graph::new();
        let mut parts = import(graph, &rest, &mut target, |atom| fixed.get(&atom).copied());
        for (atom, sign) in &self.forced {
            parts.push(target.leaf(*atom).negated_if(!sign));
        }
        self.goal = target.all(parts);
        self.graph = target;
    }
}

fn first(formulas: Vec<Formula>) -> Formula {
    formulas.first().copied().unwrap_or(Formula::TRUE)
}

fn forced(graph: &Graph, goal: Formula) -> Fixed {
    let parts = graph.conjuncts(goal).unwrap_or(std::slice::from_ref(&goal));
    parts
        .iter()
        .filter_map(|part| graph.literal(*part))
        .collect()
}

/// The forced atoms and what follows from them, attribute by attribute.
fn decided(problem: &Problem, searcher: &mut Searcher, slice: &Slice) -> Fixed {
    let mut by_attribute: BTreeMap<Attribute, Fixed> = BTreeMap::new();
    for (atom, sign) in &slice.forced {
        if let Some(a) = problem.atom_of(*atom).and_then(Atom::attribute) {
            by_attribute.entry(a).or_default().insert(*atom, *sign);
        }
    }
    let mut open: BTreeMap<Attribute, Vec<AtomId>> = BTreeMap::new();
    for atom in slice.graph.leaves(slice.goal) {
        let attribute = problem.atom_of(atom).and_then(Atom::attribute);
        if let Some(a) = attribute.filter(|_| !slice.fixed.contains_key(&atom)) {
            open.entry(a).or_default().push(atom);
        }
    }
    let mut fixed = slice.fixed.clone();
    fixed.extend(slice.forced.iter().map(|(atom, sign)| (*atom, *sign)));
    for (a, forced) in by_attribute {
        let open: Vec<AtomId> = open.remove(&a).unwrap_or_default();
        let open: Vec<AtomId> = open
            .into_iter()
            .filter(|atom| !forced.contains_key(atom))
            .collect();
        fixed.extend(follows(problem, searcher, a, &forced, &open));
    }
    fixed
}

fn follows(
    problem: &Problem,
    searcher: &mut Searcher,
    a: Attribute,
    forced: &Fixed,
    open: &[AtomId],
) -> Fixed {
    match problem.domain(a) {
        Some(Domain::Text { shapes, many, .. }) => {
            let known = Known::new(problem, shapes, *many, forced, open.len());
            let value = |atom: &AtomId| Some((*atom, known.decides(problem, searcher, *atom)?));
            open.iter().filter_map(value).collect()
        }
        _ => cells_follow(problem, a, forced, open),
    }
}

/// Atoms that are constant on the cells that the forced literals leave.
fn cells_follow(problem: &Problem, a: Attribute, forced: &Fixed, open: &[AtomId]) -> Fixed {
    let atoms: Vec<AtomId> = forced.keys().chain(open).copied().collect();
    let cells = Cells::new(problem, a, atoms);
    let left = cells.cells.iter().filter(|cell| {
        forced
            .iter()
            .all(|(atom, sign)| cells.holds(cell, *atom) == Some(*sign))
    });
    let left: Vec<_> = left.collect();
    let constant = |atom: &AtomId| {
        let mut values = left.iter().filter_map(|cell| cells.holds(cell, *atom));
        let first = values.next()?;
        values.all(|value| value == first).then_some((*atom, first))
    };
    open.iter().filter_map(constant).collect()
}

/// Whether slicing compares so many forced patterns with so many open ones.
pub(crate) fn is_compared(forced: usize, open: usize) -> bool {
    forced.saturating_mul(open) <= NEGATIVE_WORK
}

/// What the forced literals say of a string, or of every element of a set.
struct Known<'s> {
    shapes: &'s [PatternId],
    many: bool,
    positive: Vec<PatternId>,
    negative: Vec<PatternId>,
}

impl<'s> Known<'s> {
    fn new(
        problem: &Problem,
        shapes: &'s [PatternId],
        many: bool,
        forced: &Fixed,
        open: usize,
    ) -> Self {
        let mut known = Self {
            shapes,
            many,
            positive: Vec::new(),
            negative: Vec::new(),
        };
        for (atom, sign) in forced {
            match (problem.atom_of(*atom), sign) {
                (Some(Atom::Match(_, p) | Atom::Every(_, p)), true) => known.positive.push(*p),
                (Some(Atom::Match(_, p)), false) | (Some(Atom::Some(_, p)), false) => {
                    known.negative.push(*p);
                }
                _ => {}
            }
        }
        if !is_compared(known.negative.len(), open) {
            known.negative.clear();
        }
        known
    }

    /// The truth of an atom if the forced literals leave only one.
    fn decides(&self, problem: &Problem, searcher: &mut Searcher, atom: AtomId) -> Option<bool> {
        match problem.atom_of(atom)? {
            Atom::Match(_, p) if !self.many => {
                if self.excludes(searcher, *p) {
                    Some(false)
                } else {
                    self.implies(searcher, *p).then_some(true)
                }
            }
            Atom::Some(_, p) => self.excludes(searcher, *p).then_some(false),
            Atom::Every(_, p) => self.implies(searcher, *p).then_some(true),
            _ => None,
        }
    }

    fn excludes(&self, searcher: &mut Searcher, pattern: PatternId) -> bool {
        let mut positive = self.positive.clone();
        positive.push(pattern);
        searcher.is_impossible(self.shapes, &positive, &self.negative)
    }

    fn implies(&self, searcher: &mut Searcher, pattern: PatternId) -> bool {
        let mut negative = self.negative.clone();
        negative.push(pattern);
        searcher.is_impossible(self.shapes, &self.positive, &negative)
    }
}
