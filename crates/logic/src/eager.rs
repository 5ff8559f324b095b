//! Lemmas given to the Boolean search before it starts.
//!
//! Left to conflicts alone, the search would learn the implications between atoms of an attribute
//! one model at a time. A small attribute gets all its pairwise implications, a partition all its
//! cells, and long lists of written-out strings get an encoding of size n log n: at most one of
//! them is the value, and a wildcard holds of the listed strings it accepts.

use crate::cells::Cell;
use crate::graph::AtomId;
use crate::problem::{Atom, Attribute, Domain, PatternId, Problem};
use crate::sat::{Literal, Sat};
use crate::search::Searcher;
use crate::slice::{Fixed, is_compared};
use crate::theory::Theory;

/// Product states per pair of patterns; pairs that take longer are left to conflicts.
const STATES_EACH: u32 = 1_000;

/// Implications of long lists kept for certificates.
const LISTED: usize = 100_000;

/// Clauses over atoms that hold in the theory.
pub(crate) type AtomClause = Vec<(AtomId, bool)>;

/// Gives the search what is known of each attribute up front, and returns the implications among
/// atoms for the record. `literal` maps an atom to its variable.
pub(crate) struct Eager<'a, S, L> {
    pub problem: &'a Problem,
    pub sat: &'a mut S,
    pub literal: L,
    pub eager_atoms: usize,
    pub eager_cells: usize,
    /// Atoms that the goal itself states.
    pub forced: &'a Fixed,
    pub lemmas: Vec<AtomClause>,
    /// Which listed strings wildcards accept, as implications, as far as [`LISTED`] reaches: without
    /// them a certificate would have to find them one by one.
    pub listed: Vec<AtomClause>,
}

impl<S: Sat, L: Fn(AtomId) -> Option<Literal>> Eager<'_, S, L> {
    /// Adds the clauses for every attribute that the theory knows.
    pub fn run(&mut self, theory: &mut Theory<'_>) {
        for (a, atoms) in theory.atoms().collect::<Vec<_>>() {
            match self.problem.domain(a) {
                Some(Domain::Text {
                    shapes,
                    many: false,
                    ..
                }) => {
                    self.text(&mut theory.searcher, shapes, &atoms);
                }
                Some(Domain::Text { .. }) | None => {}
                Some(_) => self.cells(theory, a, &atoms),
            }
        }
    }

    /// One variable per cell: some cell is the value, and a cell settles every atom. Cells that
    /// the goal's own atoms exclude are left out.
    fn cells(&mut self, theory: &mut Theory<'_>, a: Attribute, atoms: &[AtomId]) {
        let cells = theory.cells(a);
        let open = atoms.iter().filter(|atom| !self.forced.contains_key(atom));
        let open: Vec<AtomId> = open.copied().collect();
        let stated: Vec<(AtomId, bool)> = atoms
            .iter()
            .filter_map(|atom| Some((*atom, *self.forced.get(atom)?)))
            .collect();
        let agrees = |cell: &&Cell| {
            stated
                .iter()
                .all(|(atom, sign)| cells.holds(cell, *atom) == Some(*sign))
        };
        let allowed: Vec<&Cell> = cells.cells.iter().filter(agrees).collect();
        if allowed.len().saturating_mul(open.len()) > self.eager_cells {
            return;
        }
        let mut some_cell = Vec::with_capacity(allowed.len());
        for cell in allowed {
            let own = self.sat.fresh();
            some_cell.push(own);
            for atom in &open {
                let holds = cells.holds(cell, *atom);
                if let Some((literal, holds)) = (self.literal)(*atom).zip(holds) {
                    self.sat.clause(&[!own, literal.negated_if(!holds)]);
                }
            }
        }
        self.sat.clause(&some_cell);
    }

    fn text(&mut self, searcher: &mut Searcher, shapes: &[PatternId], atoms: &[AtomId]) {
        let matched = |atom: &AtomId| Some((*atom, matched(self.problem, *atom)?));
        let tests: Vec<(AtomId, PatternId)> = atoms.iter().filter_map(matched).collect();
        let mut open = tests.clone();
        open.retain(|(atom, _)| !self.forced.contains_key(atom));
        if open.len() <= self.eager_atoms && is_compared(tests.len(), open.len()) {
            searcher.limited(STATES_EACH, |searcher| self.pairs(searcher, shapes, &open));
        } else {
            self.listed(searcher, &tests);
        }
    }

    fn pairs(
        &mut self,
        searcher: &mut Searcher,
        shapes: &[PatternId],
        tests: &[(AtomId, PatternId)],
    ) {
        for (place, &(first, p)) in tests.iter().enumerate() {
            if searcher.is_impossible(shapes, &[p], &[]) {
                self.lemma(vec![(first, false)]);
            }
            if searcher.is_impossible(shapes, &[], &[p]) {
                self.lemma(vec![(first, true)]);
            }
            for &(second, q) in tests.iter().skip(place + 1) {
                self.pair(searcher, shapes, (first, p), (second, q));
            }
        }
    }

    /// What two patterns have to do with each other.
    fn pair(
        &mut self,
        searcher: &mut Searcher,
        shapes: &[PatternId],
        (first, p): (AtomId, PatternId),
        (second, q): (AtomId, PatternId),
    ) {
        let clear = searcher.clearly_disjoint(p, q);
        if clear || searcher.is_impossible(shapes, &[p, q], &[]) {
            return self.lemma(vec![(first, false), (second, false)]);
        }
        if searcher.is_impossible(shapes, &[p], &[q]) {
            self.lemma(vec![(first, false), (second, true)]);
        }
        if searcher.is_impossible(shapes, &[q], &[p]) {
            self.lemma(vec![(second, false), (first, true)]);
        }
    }

    fn lemma(&mut self, clause: AtomClause) {
        let literal =
            |(atom, sign): &(AtomId, bool)| Some((self.literal)(*atom)?.negated_if(!sign));
        if let Some(literals) = clause.iter().map(literal).collect::<Option<Vec<Literal>>>() {
            self.sat.clause(&literals);
            self.lemmas.push(clause);
        }
    }

    /// The encoding for long lists of written-out strings.
    fn listed(&mut self, searcher: &mut Searcher, tests: &[(AtomId, PatternId)]) {
        let mut listed: Vec<(String, AtomId)> = Vec::new();
        let mut wild: Vec<(AtomId, PatternId)> = Vec::new();
        for &(atom, pattern) in tests {
            match searcher.literal(pattern) {
                Some(text) => listed.push((text.to_owned(), atom)),
                None => wild.push((atom, pattern)),
            }
        }
        listed.sort();
        let is_listed = self.at_most_one(&listed);
        for (atom, pattern) in wild {
            self.accepted(searcher, is_listed, &listed, atom, pattern);
        }
    }

    /// Each string implies the bits of its place, so two of them contradict each other. Returns a
    /// variable that holds iff the value is listed.
    fn at_most_one(&mut self, listed: &[(String, AtomId)]) -> Literal {
        let width = usize::BITS - listed.len().leading_zeros();
        let bits: Vec<Literal> = (0..width).map(|_| self.sat.fresh()).collect();
        let is_listed = self.sat.fresh();
        let mut some = vec![!is_listed];
        for (place, (_, atom)) in listed.iter().enumerate() {
            let Some(own) = (self.literal)(*atom) else {
                continue;
            };
            for (index, bit) in bits.iter().enumerate() {
                self.sat
                    .clause(&[!own, bit.negated_if(place >> index & 1 == 0)]);
            }
            self.sat.clause(&[!own, is_listed]);
            some.push(own);
        }
        self.sat.clause(&some);
        is_listed
    }

    /// A wildcard holds of the listed strings it accepts and of no other listed string.
    fn accepted(
        &mut self,
        searcher: &Searcher,
        is_listed: Literal,
        listed: &[(String, AtomId)],
        atom: AtomId,
        pattern: PatternId,
    ) {
        let Some(wild) = (self.literal)(atom) else {
            return;
        };
        let prefix = searcher
            .pattern(pattern)
            .map(|p| p.literal_prefix())
            .unwrap_or_default();
        let from = listed.partition_point(|(text, _)| *text < prefix);
        let range = listed
            .iter()
            .skip(from)
            .take_while(|(text, _)| text.starts_with(&prefix));
        let mut clause = vec![!wild, !is_listed];
        for (_, listed) in range.filter(|(text, _)| searcher.accepts(pattern, text)) {
            let Some(own) = (self.literal)(*listed) else {
                continue;
            };
            self.sat.clause(&[!own, wild]);
            clause.push(own);
            if self.listed.len() < LISTED {
                self.listed.push(vec![(*listed, false), (atom, true)]);
            }
        }
        self.sat.clause(&clause);
    }
}

fn matched(problem: &Problem, atom: AtomId) -> Option<PatternId> {
    match problem.atom_of(atom)? {
        Atom::Match(_, pattern) => Some(*pattern),
        _ => None,
    }
}
