//! Covers: few closed states in which all sets of a size start.
//!
//! Faults are put together as long as nothing leaves, the more the better: one state in which half
//! of the faults have happened covers all sets among them at once.

use std::collections::BTreeSet;

use cofferdam_findings::depths::{Closed, Cover, Of};

use super::names::Names;
use super::verify::{Inside, uncovered};
use super::{MAY, Source};
use crate::power::State;

/// How many states a cover may have: each is checked edge by edge.
const STATES_MAX: usize = 500;

/// The cover that shows that a depth is at least this.
///
/// # Errors
/// If it would be too large.
pub fn cover(source: &Source<'_, '_, '_>, of: Of, depth: usize) -> Result<Cover, String> {
    let count = source.counted.len();
    let size = (depth - 1).min(count);
    let names = Names::of(source.target.closure.decider.setting, source.teller.edges);
    let covering = Covering { source, of };
    let (mut states, mut inside) = (Vec::new(), Vec::new());
    let told = |why: &str| format!("that the {} depth is at least {depth}: {why}", of.word());
    while let Some(set) = uncovered(&inside, count, size).map_err(|why| told(&why))? {
        if states.len() == STATES_MAX {
            return Err(told("it takes too many states"));
        }
        let state = covering.around(&set).map_err(|why| told(&why))?;
        let mut held = Inside::none(count);
        let faults: BTreeSet<usize> = (0..count)
            .filter(|at| covering.starts(*at, &state))
            .collect();
        faults.iter().for_each(|at| held.add(*at));
        inside.push(held);
        let setting = source.target.closure.decider.setting;
        let called = faults.iter().filter_map(|at| source.counted.get(*at));
        states.push(Closed {
            faults: called.map(|(fault, _)| fault.name(setting)).collect(),
            holds: state.powers().map(|power| names.power(power)).collect(),
            at: None,
        });
    }
    Ok(Cover {
        of,
        at_least: u32::try_from(depth).unwrap_or(u32::MAX),
        states,
        at: None,
    })
}

struct Covering<'c, 's, 'a> {
    source: &'c Source<'c, 's, 'a>,
    of: Of,
}

impl Covering<'_, '_, '_> {
    /// A large harmless state in which a set of faults starts.
    fn around(&self, set: &[usize]) -> Result<State, String> {
        let state = self.with(&State::default(), set);
        let mut state = self
            .harmless(state)
            .ok_or("data leaves in a set that was taken to be harmless")?;
        let rest: Vec<usize> = (0..self.source.counted.len())
            .filter(|at| !set.contains(at))
            .collect();
        self.extend(&mut state, &rest);
        Ok(state)
    }

    /// Puts as many faults in as it bears.
    fn extend(&self, state: &mut State, faults: &[usize]) {
        if faults.iter().all(|at| self.starts(*at, state)) {
            return;
        }
        if let Some(more) = self.harmless(self.with(state, faults)) {
            *state = more;
            return;
        }
        if let (true, (first, second)) = (faults.len() > 1, faults.split_at(faults.len() / 2)) {
            self.extend(state, first);
            self.extend(state, second);
        }
    }

    fn with(&self, state: &State, faults: &[usize]) -> State {
        let target = self.source.target;
        let singles = faults.iter().filter_map(|at| self.source.counted.get(*at));
        let singles: Vec<&State> = singles
            .map(|(_, [_, possible])| possible.as_ref())
            .collect();
        let mut all = state.clone();
        for single in &singles {
            all.join(target.closure.decider.setting, single);
        }
        let closed: Vec<&State> = [state].into_iter().chain(singles).collect();
        target.closure.close_on(&mut all, MAY, &closed);
        all
    }

    fn harmless(&self, state: State) -> Option<State> {
        let effect = self.source.target.effect(&state, MAY);
        let harmless = match self.of {
            Of::Leak => effect.leak.is_none(),
            Of::Breach => effect.breach.is_none(),
        };
        harmless.then_some(state)
    }

    fn starts(&self, fault: usize, state: &State) -> bool {
        let setting = self.source.target.closure.decider.setting;
        let fault = self.source.counted.get(fault);
        fault.is_some_and(|(fault, _)| {
            let begins = fault.start(setting);
            begins.powers().all(|power| state.holds(power))
        })
    }
}
