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

/// Picks out of lists of choices tried for one element; policies list a handful of values.
const PICK_LIMIT: usize = 512;

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

/// What binds every element of a set.
pub(crate) struct Universal<'t> {
    /// Tests that each element passes.
    pub tests: &'t [Test],
    /// Lists of tests of which each element passes one.
    pub choices: &'t [Vec<Test>],
}

/// Finds elements for the tests: each list in `exists` needs one that passes all of it.
pub(crate) fn check_set(
    searcher: &mut Searcher,
    shapes: &[PatternId],
    exists: &[Vec<Test>],
    binding: &Universal<'_>,
) -> Checked<Vec<String>> {
    let (mut elements, mut conflicts, mut stuck) = (Vec::new(), Vec::new(), false);
    for one in exists {
        match check_element(searcher, shapes, one, binding) {
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

/// Finds one element. A conflict of every pick out of the choices is one of the choices.
fn check_element(
    searcher: &mut Searcher,
    shapes: &[PatternId],
    one: &[Test],
    binding: &Universal<'_>,
) -> Checked<String> {
    let fixed: Vec<Test> = one.iter().chain(binding.tests).copied().collect();
    let picks: usize = binding
        .choices
        .iter()
        .fold(1, |picks, tests| picks.saturating_mul(tests.len()));
    if picks > PICK_LIMIT {
        return Checked::OverBudget;
    }
    let (mut together, mut stuck): (Vec<Test>, bool) = (Vec::new(), false);
    for number in 0..picks {
        let picked = pick(number, binding.choices);
        let tests: Vec<Test> = fixed.iter().copied().chain(picked.clone()).collect();
        match check_string(searcher, shapes, &tests) {
            Checked::Values(word) => return Checked::Values(word),
            Checked::OverBudget => stuck = true,
            Checked::Conflicts(cores) => {
                let without_picks =
                    |core: &&Vec<Test>| core.iter().all(|test| fixed.contains(test));
                if picks == 1 || cores.iter().any(|core| without_picks(&core)) {
                    let apart = cores
                        .iter()
                        .filter(|core| picks == 1 || without_picks(core));
                    return Checked::Conflicts(apart.cloned().collect());
                }
                together.extend(cores.into_iter().next().unwrap_or_default());
            }
        }
    }
    if stuck {
        return Checked::OverBudget;
    }
    together.sort_unstable_by_key(|test| test.atom);
    together.dedup_by_key(|test| test.atom);
    Checked::Conflicts(vec![together])
}

/// The pick with this number, one test of each list.
fn pick(mut number: usize, choices: &[Vec<Test>]) -> Vec<Test> {
    let mut picked = Vec::with_capacity(choices.len());
    for tests in choices {
        picked.extend(tests.get(number % tests.len().max(1)));
        number /= tests.len().max(1);
    }
    picked
}

/// A conflict over an element presumes that there is one.
fn with(mut core: Vec<Test>, one: &[Test]) -> Vec<Test> {
    let there = core
        .iter()
        .any(|test| one.iter().any(|own| own.atom == test.atom));
    if !there {
        core.extend(one.first());
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
