//! Minimal sets of faults that together open a dataset, by size.
//!
//! What a set of faults leads to is the closure of what each leads to. Closures grow with their
//! start, so a set that holds a smaller one that already opens the data says nothing new; and a
//! fault that could do nothing even if every other one had happened belongs to no minimal set.
//! Both are left out, and nothing else, so the sets found are all there are up to the size that
//! was searched.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_findings::faults::Evidence;

use crate::closure::{Closure, Mode};
use crate::control::Points;
use crate::decide::Truth;
use crate::evidence::{Defeat, Sinks};
use crate::leak::{Leaks, Reader, Reads, Way};
use crate::power::{Power, State};
use crate::setting::Actor;

/// How many sets of one size are tried for one dataset; beyond that the search stops at the size
/// before, and says so.
pub const SETS_MAX: usize = 40_000;

/// Everything that the effect of faults on one dataset is looked up in.
pub struct Target<'t, 's, 'a> {
    /// Takes edges.
    pub closure: &'t Closure<'t, 's, 'a>,
    /// Reads of the dataset.
    pub leaks: &'t Leaks<'t, 's, 'a>,
    /// Its trails.
    pub sinks: &'t Sinks,
    /// Its control points.
    pub points: &'t Points,
}

/// What an attacker can do to a dataset.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// How data leaves.
    pub leak: Option<Way>,
    /// How it leaves without evidence that lasts.
    pub breach: Option<Breach>,
    /// The same, with no trace of the tampering.
    pub silent: bool,
    /// Layers under control, each with one power.
    pub layers: BTreeMap<usize, Power>,
}

/// Data that leaves unrecorded.
#[derive(Clone, Debug)]
pub struct Breach {
    /// How it leaves.
    pub way: Way,
    /// Which reads.
    pub reads: Reads,
    /// How each trail is put out; none if none records.
    pub defeats: Vec<Defeat>,
}

impl Breach {
    /// What becomes of the evidence.
    pub fn evidence(&self) -> Evidence {
        worst(&self.defeats).unwrap_or(Evidence::NeverRecorded)
    }
}

/// Of several trails that are put out, what is worst.
pub fn worst(defeats: &[Defeat]) -> Option<Evidence> {
    defeats.iter().map(|defeat| defeat.evidence).max()
}

/// A set of faults with what it does.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The faults, by their places.
    pub faults: Vec<usize>,
    /// Everything that the attacker comes to hold.
    pub state: State,
    /// What that does.
    pub effect: Effect,
}

/// The sets of one mode.
#[derive(Clone, Debug, Default)]
pub struct Cuts {
    /// Minimal sets by which data leaves.
    pub leak: Vec<Cut>,
    /// Minimal sets by which it leaves unrecorded.
    pub breach: Vec<Cut>,
    /// The size of the smallest set by which it leaves unrecorded without a trace.
    pub silent: Option<u32>,
    /// Of pairs of layers, the smallest set that controls both.
    pub pairs: BTreeMap<(usize, usize), Cut>,
    /// Sets of up to this size were tried.
    pub searched_to: u32,
}

impl Target<'_, '_, '_> {
    /// What an attacker who holds this can do.
    pub fn effect(&self, state: &State, mode: Mode) -> Effect {
        let enough = match mode {
            Mode::Certain => Truth::Certain,
            Mode::Possible => Truth::Possible,
        };
        let accepted = |way: &Way| way.truth >= enough;
        let leak = self.leaks.way(state, Reads::All, enough).filter(accepted);
        let breach = leak.and_then(|way| self.breach(state, mode, enough, way));
        Effect {
            leak,
            silent: breach
                .as_ref()
                .is_some_and(|breach| breach.defeats.is_empty()),
            breach,
            layers: self.points.controlled(state),
        }
    }

    fn breach(&self, state: &State, mode: Mode, enough: Truth, leak: Way) -> Option<Breach> {
        let reads = match mode {
            Mode::Certain => Reads::Unrecorded,
            Mode::Possible => Reads::PerhapsUnrecorded,
        };
        let way = self.leaks.way(state, reads, enough);
        if let Some(way) = way.filter(|way| way.truth >= enough) {
            return Some(Breach {
                way,
                reads,
                defeats: Vec::new(),
            });
        }
        let setting = self.closure.decider.setting;
        let defeats = self.sinks.defeated(setting, state, mode)?;
        Some(Breach {
            way: leak,
            reads: Reads::All,
            defeats,
        })
    }

    /// All minimal sets of up to some size, from what each single fault leads to.
    pub fn cuts(&self, singles: &[&State], mode: Mode, search_to: u32) -> Cuts {
        let mut cuts = Cuts::default();
        let nothing = self.cut(Vec::new(), State::default(), mode);
        cuts.keep(nothing);
        for (fault, state) in singles.iter().enumerate() {
            let cut = self.cut(vec![fault], State::clone(state), mode);
            cuts.keep(cut);
        }
        cuts.searched_to = 1.min(search_to);
        if search_to < 2 {
            return cuts;
        }
        let useful = self.useful(singles);
        for size in 2..=search_to {
            if choose(useful.len(), size) > SETS_MAX {
                return cuts;
            }
            for set in sets(&useful, size) {
                if cuts.is_settled(&set) {
                    continue;
                }
                let state = self.joined(singles, &set, mode);
                let cut = self.cut(set, state, mode);
                cuts.keep(cut);
            }
            cuts.searched_to = size;
        }
        cuts
    }

    fn cut(&self, faults: Vec<usize>, mut state: State, mode: Mode) -> Cut {
        if faults.is_empty() {
            state = State::default();
        }
        let effect = self.effect(&state, mode);
        Cut {
            faults,
            state,
            effect,
        }
    }

    fn joined(&self, singles: &[&State], set: &[usize], mode: Mode) -> State {
        let setting = self.closure.decider.setting;
        let mut state = State::default();
        let each: Vec<&State> = set
            .iter()
            .filter_map(|fault| singles.get(*fault).copied())
            .collect();
        for single in &each {
            state.join(setting, single);
        }
        self.closure.close_on(&mut state, mode, &each);
        state
    }

    /// What several faults lead to that come together.
    pub fn together(&self, singles: &[&State], faults: &[usize], mode: Mode) -> State {
        self.joined(singles, faults, mode)
    }

    /// The fewest faults by which data leaves unrecorded if some come as one: that one alone, or
    /// with one other; else as many as were known before.
    pub fn breach_with(
        &self,
        together: &State,
        singles: &[&State],
        mode: Mode,
        before: Option<u32>,
    ) -> Option<u32> {
        let setting = self.closure.decider.setting;
        if before.is_some_and(|before| before < 2) {
            return before;
        }
        if self.effect(together, mode).breach.is_some() {
            return Some(1);
        }
        if before == Some(2) {
            return before;
        }
        let opens = |single: &State| {
            let mut state = together.clone();
            state.join(setting, single);
            self.closure.close_on(&mut state, mode, &[together, single]);
            self.effect(&state, mode).breach.is_some()
        };
        match singles.iter().copied().any(opens) {
            true => Some(2),
            false => before,
        }
    }

    /// Faults that could do something if every other one had happened.
    fn useful(&self, singles: &[&State]) -> Vec<usize> {
        let setting = self.closure.decider.setting;
        let mut all = State::default();
        for single in singles {
            all.join(setting, single);
        }
        self.closure.close_on(&mut all, Mode::Possible, singles);
        let useful = singles.iter().enumerate().filter(|(_, single)| {
            let alone = single.under(&all);
            let mut further = alone.clone();
            self.closure.close(&mut further, Mode::Possible);
            let gains = further.powers().any(|power| !matches!(power, Power::Is(_)))
                || further.actors().count() > 1;
            let reads = |actor: Actor| self.leaks.can_read(&further, Reader::Actor(actor));
            let copies = |actor: Actor| self.leaks.can_copy(&further, actor);
            gains || further.actors().any(reads) || further.actors().any(copies)
        });
        useful.map(|(fault, _)| fault).collect()
    }
}

impl Cuts {
    /// The size of the smallest set by which data leaves, and of the smallest by which it leaves
    /// unrecorded.
    pub fn depths(&self) -> (Option<u32>, Option<u32>) {
        let smallest = |cuts: &[Cut]| {
            let sizes = cuts.iter().map(|cut| cut.faults.len());
            sizes.min().and_then(|size| u32::try_from(size).ok())
        };
        (smallest(&self.leak), smallest(&self.breach))
    }

    /// Whether a larger set can say nothing new: of leaks, of tampering without a trace, of layers.
    fn is_settled(&self, set: &[usize]) -> bool {
        let holds = |cut: &Cut| cut.faults.iter().all(|fault| set.contains(fault));
        let all_pairs = crate::control::LAYERS.len() * (crate::control::LAYERS.len() - 1) / 2;
        self.breach.iter().any(holds) && self.silent.is_some() && self.pairs.len() == all_pairs
    }

    fn keep(&mut self, cut: Cut) {
        let size = u32::try_from(cut.faults.len()).unwrap_or(u32::MAX);
        let within = |known: &[Cut]| {
            let holds = |other: &Cut| other.faults.iter().all(|fault| cut.faults.contains(fault));
            known.iter().any(holds)
        };
        if cut.effect.silent && self.silent.is_none_or(|silent| size < silent) {
            self.silent = Some(size);
        }
        for (first, second) in pairs(&cut.effect.layers) {
            self.pairs
                .entry((first, second))
                .or_insert_with(|| cut.clone());
        }
        let new_leak = cut.effect.leak.is_some() && !within(&self.leak);
        let new_breach = cut.effect.breach.is_some() && !within(&self.breach);
        if new_leak {
            self.leak.push(cut.clone());
        }
        if new_breach {
            self.breach.push(cut);
        }
    }
}

fn pairs(layers: &BTreeMap<usize, Power>) -> BTreeSet<(usize, usize)> {
    let mut pairs = BTreeSet::new();
    for first in layers.keys() {
        for second in layers.keys().filter(|second| *second > first) {
            pairs.insert((*first, *second));
        }
    }
    pairs
}

/// How many sets of a size there are, if that is a number worth knowing.
fn choose(of: usize, size: u32) -> usize {
    let mut sets: usize = 1;
    for step in 0..size as usize {
        let Some(rest) = of.checked_sub(step) else {
            return 0;
        };
        sets = sets.saturating_mul(rest) / (step + 1);
    }
    sets
}

/// All sets of a size, in a fixed order.
fn sets(of: &[usize], size: u32) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let longer = found.iter().flat_map(|set| {
            let last = set.last().copied();
            let rest = of
                .iter()
                .filter(move |next| last.is_none_or(|last| **next > last));
            rest.map(move |next| {
                let mut set = set.clone();
                set.push(*next);
                set
            })
        });
        found = longer.collect();
    }
    found
}
