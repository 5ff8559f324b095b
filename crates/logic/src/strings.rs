//! Consistency of pattern literals over one string, and over the elements of a set.
//!
//! Literals over a string are consistent iff the shape, the patterns that must match and the
//! complements of those that must not have a string in common. A set is a small model: every
//! existential literal needs an element of its own, which must obey all universal ones; nothing
//! else ties elements together, so each existential is one search and the encoding is exact.

use crate::graph::AtomId;
use crate::problem::PatternId;
use crate::search::{Found, Searcher};

/// Conflicts reported at once; each becomes a lemma, and a few at a time prevent many rounds.
const CORES_AT_ONCE: usize = 64;

/// Pairs looked at for conflicts before falling back to deletion.
const PAIR_LIMIT: usize = 4_096;

/// One literal over a string: its atom, the atom's sign, and the pattern that must match or not.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Test {
    pub atom: AtomId,
    pub sign: bool,
    pub pattern: PatternId,
    pub matches: bool,
}

/// What became of a set of tests.
pub(crate) enum Checked<T> {
    /// They are consistent, with these values.
    Values(T),
    /// They are not; each list is inconsistent by itself.
    Conflicts(Vec<Vec<Test>>),
    /// The search gave up.
    OverBudget,
}

/// Finds a string for the tests.
pub(crate) fn check_string(
    searcher: &mut Searcher,
    shapes: &[PatternId],
    tests: &[Test],
) -> Checked<String> {
    let (positive, negative) = sides(tests);
    match searcher.find(shapes, &positive, &negative) {
        Found::Word(word) => Checked::Values(word),
        Found::OverBudget => Checked::OverBudget,
        Found::Nothing => Checked::Conflicts(cores(searcher, shapes, tests)),
    }
}

/// Finds elements for the tests: `exists` each need one, `all` bind every one.
pub(crate) fn check_set(
    searcher: &mut Searcher,
    shapes: &[PatternId],
    exists: &[Test],
    all: &[Test],
) -> Checked<Vec<String>> {
    let (mut elements, mut conflicts, mut stuck) = (Vec::new(), Vec::new(), false);
    for &one in exists {
        let tests: Vec<Test> = std::iter::once(one).chain(all.iter().copied()).collect();
        match check_string(searcher, shapes, &tests) {
            Checked::Values(word) => elements.push(word),
            Checked::OverBudget => stuck = true,
            Checked::Conflicts(cores) => {
                conflicts.extend(cores.into_iter().map(|core| with(core, one)))
            }
        }
    }
    elements.sort();
    elements.dedup();
    match (conflicts.is_empty(), stuck) {
        (false, _) => Checked::Conflicts(conflicts),
        (true, true) => Checked::OverBudget,
        (true, false) => Checked::Values(elements),
    }
}

/// A conflict over an element presumes that there is one.
fn with(mut core: Vec<Test>, one: Test) -> Vec<Test> {
    if !core.contains(&one) {
        core.push(one);
    }
    core
}

/// The patterns that must match and those that must not.
fn sides(tests: &[Test]) -> (Vec<PatternId>, Vec<PatternId>) {
    let side = |matches: bool| tests.iter().filter(move |test| test.matches == matches);
    let ids = |matches: bool| side(matches).map(|test| test.pattern).collect();
    (ids(true), ids(false))
}

fn is_impossible(searcher: &mut Searcher, shapes: &[PatternId], tests: &[Test]) -> bool {
    let (positive, negative) = sides(tests);
    searcher.is_impossible(shapes, &positive, &negative)
}

/// Small inconsistent subsets: all singles and pairs with a positive, or else one by deletion.
fn cores(searcher: &mut Searcher, shapes: &[PatternId], tests: &[Test]) -> Vec<Vec<Test>> {
    let mut cores = small_cores(searcher, shapes, tests);
    if cores.is_empty() {
        cores.push(deletion_core(searcher, shapes, tests));
    }
    cores
}

fn small_cores(searcher: &mut Searcher, shapes: &[PatternId], tests: &[Test]) -> Vec<Vec<Test>> {
    let mut cores = Vec::new();
    let mut looked_at = 0;
    for (place, first) in tests.iter().enumerate() {
        let pairs = tests
            .iter()
            .skip(place + 1)
            .filter(|second| first.matches || second.matches);
        let singles = std::iter::once(vec![*first]);
        for candidate in singles.chain(pairs.map(|second| vec![*first, *second])) {
            looked_at += 1;
            if looked_at > PAIR_LIMIT || cores.len() >= CORES_AT_ONCE {
                return cores;
            }
            if is_impossible(searcher, shapes, &candidate) {
                let single = candidate.len() == 1;
                cores.push(candidate);
                if single {
                    break;
                }
            }
        }
    }
    cores
}

/// Leaves out chunks, halving, while what is left stays inconsistent.
fn deletion_core(searcher: &mut Searcher, shapes: &[PatternId], tests: &[Test]) -> Vec<Test> {
    let mut core = tests.to_vec();
    let mut chunk = core.len().div_ceil(2);
    while chunk >= 1 {
        let mut place = 0;
        while place < core.len() {
            let mut rest = core.clone();
            rest.drain(place..(place + chunk).min(core.len()));
            if is_impossible(searcher, shapes, &rest) {
                core = rest;
            } else {
                place += chunk;
            }
        }
        chunk /= 2;
    }
    core
}
