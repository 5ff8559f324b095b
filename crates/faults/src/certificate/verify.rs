//! Whether certificates hold, checked against the sources.
//!
//! Nothing is searched for. An attack is replayed request by request through the decision of one
//! concrete request. Of a cover it is seen that every set of faults starts inside a state, that no
//! edge leads out of a state, and that none lets data leave. What is trusted is the decision, the
//! catalogue of edges, and what the boundary and the model say; nothing of the search is.

mod closed;
mod exit;
mod leaving;
mod replay;
mod sets;

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_boundary::check::side_by_side;
use cofferdam_boundary::scope::Scope;
use cofferdam_findings::depths::{Bounds, Certificate, Closed, Cover, Of};
use cofferdam_names::NameError;
use cofferdam_text::Origin;

use super::names::Names;
use super::rules::Rules;
use crate::catalogue::Edge;
use crate::control::Points;
use crate::decide::Decider;
use crate::evidence::Sinks;
use crate::fault::{Fault, Universe, start};
use crate::leak::Leaks;
use crate::power::{Power, State};
use crate::setting::Setting;
pub(in crate::certificate) use closed::attaches;
pub(in crate::certificate) use sets::{Inside, uncovered};

/// Why a certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The part that fails.
    pub at: Option<Origin>,
    /// Why.
    pub what: String,
}

/// What a part of a certificate shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// These many faults suffice.
    AtMost(usize),
    /// No fewer than these many do; with how many states it takes.
    AtLeast(u32, usize),
}

/// What became of one attack or cover.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The dataset.
    pub dataset: String,
    /// Of what it bounds the depth.
    pub of: Of,
    /// What it shows if it holds.
    pub shows: Shows,
    /// Whether it does.
    pub result: Result<(), Refused>,
}

/// Checks the parts of a certificate.
#[derive(Clone, Copy)]
pub struct Checker<'c, 's, 'a> {
    /// Decides requests.
    pub decider: &'c Decider<'s, 'a>,
    /// The edges that an attacker may take.
    pub edges: &'c [Edge],
    /// What everything is called.
    pub names: &'c Names,
    /// States of which it is known already whether somebody leaves them.
    pub known: &'c Leaving,
}

/// Whether somebody leaves a state, by all that is held in it; why, if so.
pub type Leaving = BTreeMap<Vec<Power>, Result<(), String>>;

/// What a dataset's bounds are checked against.
#[derive(Clone, Copy)]
pub struct Dataset<'c, 's, 'a> {
    /// Its reads.
    pub leaks: &'c Leaks<'c, 's, 'a>,
    /// Its trails.
    pub sinks: &'c Sinks,
    /// The faults that are counted.
    pub faults: &'c [&'c Fault],
}

/// Every attack and cover of a certificate, checked; `edges` are all that an attacker may take, and
/// so many threads may work.
///
/// # Errors
/// If the name of an action is not understood, which would be a defect.
pub fn verify(
    setting: &Setting<'_>,
    scopes: &[Scope<'_>],
    edges: &[Edge],
    certificate: &Certificate,
    threads: usize,
) -> Result<Vec<Result<Outcome, Refused>>, NameError> {
    let decider = Decider::new(setting, edges)?;
    let names = Names::of(setting, edges);
    let known = leaving(setting, edges, &names, certificate, threads)?;
    let checker = Checker {
        decider: &decider,
        edges,
        names: &names,
        known: &known,
    };
    let mut outcomes = Vec::new();
    for bounds in &certificate.datasets {
        let scope = scopes
            .iter()
            .find(|scope| *scope.dataset.name == *bounds.dataset);
        match (scope, universe(&certificate.faults)) {
            (Some(scope), Some(universe)) => {
                let checked = checker.bounds(scope, universe, bounds);
                outcomes.extend(checked.into_iter().map(Ok));
            }
            (None, _) => outcomes.push(Err(Refused {
                at: bounds.at,
                what: format!("the boundary declares no dataset `{}`", bounds.dataset),
            })),
            (_, None) => outcomes.push(Err(Refused {
                at: None,
                what: "`faults` names a kind of fault that there is not".to_owned(),
            })),
        }
    }
    Ok(outcomes)
}

/// Looks at each state once, however many datasets it stands for: what leaves is another question
/// for each of them, who gains something is not.
fn leaving(
    setting: &Setting<'_>,
    edges: &[Edge],
    names: &Names,
    certificate: &Certificate,
    threads: usize,
) -> Result<Leaving, NameError> {
    let covers = certificate.datasets.iter().flat_map(|one| &one.lower);
    let states = covers.flat_map(|cover| &cover.states);
    let powers = |closed: &Closed| -> Option<Vec<Power>> {
        let held: Option<BTreeSet<Power>> = closed
            .holds
            .iter()
            .map(|text| names.read_power(text))
            .collect();
        held.map(|held| held.into_iter().collect())
    };
    let states: BTreeSet<Vec<Power>> = states.filter_map(powers).collect();
    let states: Vec<Vec<Power>> = states.into_iter().collect();
    let nothing = Leaving::new();
    let looked = side_by_side(&states, threads, |_, powers| {
        let decider = Decider::new(setting, edges)?;
        let checker = Checker {
            decider: &decider,
            edges,
            names,
            known: &nothing,
        };
        Ok(checker.closed(&start(setting, powers)))
    });
    let looked: Vec<Result<(), String>> = looked.into_iter().collect::<Result<_, _>>()?;
    Ok(states.into_iter().zip(looked).collect())
}

/// The kinds of faults that are counted, by their words.
fn universe(words: &[String]) -> Option<Universe> {
    let has = |word: &str| words.iter().any(|one| one == word);
    let known = ["compromise", "account", "misconfigure"];
    let all = words.iter().all(|word| known.contains(&&**word));
    all.then(|| Universe {
        compromise: has("compromise"),
        account: has("account"),
        misconfigure: has("misconfigure"),
    })
}

impl<'a> Checker<'_, '_, 'a> {
    fn setting(&self) -> &Setting<'a> {
        self.decider.setting
    }

    fn rules(&self) -> Rules<'_, '_, 'a> {
        Rules {
            decider: self.decider,
        }
    }

    fn bounds(&self, scope: &Scope<'a>, universe: Universe, bounds: &Bounds) -> Vec<Outcome> {
        let setting = self.setting();
        let sinks = Sinks::of(setting, scope);
        let points = Points::of(setting, scope, &sinks);
        let mut faults = universe.faults(setting);
        faults.extend(universe.of_dataset(&points));
        let faults: Vec<&Fault> = faults.iter().collect();
        let leaks = Leaks::new(self.decider, scope, sinks.reads.clone());
        let dataset = Dataset {
            leaks: &leaks,
            sinks: &sinks,
            faults: &faults,
        };
        let outcome = |of: Of, shows: Shows, result: Result<(), Refused>| Outcome {
            dataset: bounds.dataset.clone(),
            of,
            shows,
            result,
        };
        let upper = bounds.upper.iter().map(|attack| {
            let shows = Shows::AtMost(attack.faults.len());
            outcome(attack.of, shows, self.attack(&dataset, attack))
        });
        let lower = bounds.lower.iter().map(|cover| {
            let shows = Shows::AtLeast(cover.at_least, cover.states.len());
            outcome(cover.of, shows, self.cover(&dataset, cover))
        });
        upper.chain(lower).collect()
    }

    /// The fault of a name.
    fn fault<'f>(&self, dataset: &Dataset<'f, '_, 'a>, name: &str) -> Option<(usize, &'f Fault)> {
        let faults = dataset.faults.iter().copied().enumerate();
        let mut such = faults.filter(|(_, fault)| fault.name(self.setting()) == name);
        such.next()
    }

    /// What an attacker holds with a fault before its first step.
    fn begins(&self, fault: &Fault) -> Vec<Power> {
        match fault {
            Fault::Account(account) => self.rules().everybody(*account),
            _ => fault.start(self.setting()).powers().collect(),
        }
    }

    /// That no smaller set of faults suffices.
    pub fn cover(&self, dataset: &Dataset<'_, '_, 'a>, cover: &Cover) -> Result<(), Refused> {
        let Some(size) = cover.at_least.checked_sub(1) else {
            return Err(Refused {
                at: cover.at,
                what: "a bound of 0 says nothing".to_owned(),
            });
        };
        let count = dataset.faults.len();
        let mut inside = Vec::new();
        for closed in &cover.states {
            let (state, faults) = self.state(dataset, closed)?;
            let refused = |what: String| Refused {
                at: closed.at,
                what,
            };
            self.is_closed(&state).map_err(refused)?;
            self.harmless(dataset, &state, cover.of).map_err(refused)?;
            inside.push(faults);
        }
        match uncovered(&inside, count, (size as usize).min(count)) {
            Ok(None) => Ok(()),
            Ok(Some(set)) => {
                let name = |at: &usize| dataset.faults.get(*at).map(|one| one.name(self.setting()));
                let names: Vec<String> = set.iter().filter_map(name).collect();
                let what = match names.is_empty() {
                    true => "there is no state of an attacker who has nothing".to_owned(),
                    false => format!("{} starts inside no state", names.join(" and ")),
                };
                Err(Refused { at: cover.at, what })
            }
            Err(what) => Err(Refused { at: cover.at, what }),
        }
    }

    fn is_closed(&self, state: &State) -> Result<(), String> {
        let powers: Vec<Power> = state.powers().collect();
        match self.known.get(&powers) {
            Some(known) => known.clone(),
            None => self.closed(state),
        }
    }

    /// A state, and the faults that start inside it, each of which was looked at.
    fn state(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        closed: &Closed,
    ) -> Result<(State, Inside), Refused> {
        let refused = |what: String| Refused {
            at: closed.at,
            what,
        };
        let mut powers = Vec::with_capacity(closed.holds.len());
        for text in &closed.holds {
            let power = self.names.read_power(text);
            powers.push(power.ok_or_else(|| refused(format!("there is no power `{text}`")))?);
        }
        let state = start(self.setting(), &powers);
        let mut inside = Inside::none(dataset.faults.len());
        for name in &closed.faults {
            let found = self.fault(dataset, name);
            let (at, fault) =
                found.ok_or_else(|| refused(format!("`{name}` is not counted as a fault")))?;
            let mut begins = self.begins(fault).into_iter();
            if let Some(power) = begins.find(|power| !state.holds(*power)) {
                let power = self.names.power(power);
                return Err(refused(format!(
                    "{name} starts with `{power}`, which this state does not hold"
                )));
            }
            inside.add(at);
        }
        Ok((state, inside))
    }
}
