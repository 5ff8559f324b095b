//! The whole answer: what principals lead to, and what faults do to each dataset.
//!
//! What a single fault leads to is found once and serves every dataset. Both are asked twice: by
//! what is certain, and by what is possible.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cofferdam_boundary::check::side_by_side;
use cofferdam_boundary::scope::Scope;
use cofferdam_findings::depths::Bounds;
use cofferdam_findings::faults::{
    AttackStep, CutSet, Depth, Depths, Evidence, Faults, Hardening, Independence, Leak, Survival,
};
use cofferdam_names::{AccountId, NameError};

use crate::catalogue::{Edge, edges};
use crate::causes::{Group, common as come_together, groups};
use crate::certificate::{self, Source};
use crate::closure::{Closure, Mode};
use crate::control::{LAYERS, Points};
use crate::cuts::{Cut, Cuts, Effect, Target, worst};
use crate::decide::{Decider, Truth};
use crate::delegates::are_known;
use crate::evidence::Sinks;
use crate::fault::{Fault, Universe};
use crate::harden::{Of, harden};
use crate::leak::{Leaks, Reads};
use crate::left::left;
use crate::management::Management;
use crate::power::{Power, State};
use crate::reached::reached;
use crate::setting::{Actor, Setting};
use crate::story::Teller;

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Principals by ARN, and accounts by their number, whose reach is told; none: nobody's.
    pub from: Vec<String>,
    /// Whether the reach of every principal is told.
    pub from_all: bool,
    /// Which faults are counted.
    pub universe: Universe,
    /// Sets of up to this size are tried; 0: no dataset is asked about.
    pub search_to: u32,
    /// Whether it is asked on which layers the proofs rest.
    pub weigh: bool,
    /// Whether changes are looked for that raise the depth; each costs the whole search again, more
    /// than once.
    pub harden: bool,
    /// Whether nothing is asked or told that obligations do not need: no common causes, nothing about
    /// the management account, no attacks that leave evidence.
    pub brief: bool,
    /// Edges beside the catalogue's.
    pub edges: Vec<Edge>,
    /// How many threads may work; the answer is the same whatever their number.
    pub threads: usize,
}

/// Something that listens to how far the work is: how many of how many.
pub type Progress<'p> = &'p (dyn Fn(usize, usize) + Sync);

/// Every question, asked.
///
/// # Errors
/// If the name of an action is not understood, which would be a defect.
pub fn answer(
    setting: &Setting<'_>,
    scopes: &[Scope<'_>],
    options: &Options,
    progress: Progress<'_>,
) -> Result<Faults, NameError> {
    Ok(certified(setting, scopes, options, progress, false)?.0)
}

/// The same, and bounds of the depths that somebody else can check, if they are wanted.
///
/// # Errors
/// If the name of an action is not understood, which would be a defect.
pub fn certified(
    setting: &Setting<'_>,
    scopes: &[Scope<'_>],
    options: &Options,
    progress: Progress<'_>,
    wanted: bool,
) -> Result<(Faults, Vec<Bounds>), NameError> {
    let all: Vec<Edge> = edges().iter().chain(&options.edges).cloned().collect();
    let whole = Whole {
        setting,
        scopes,
        options,
        edges: &all,
        progress,
        management: Management::default(),
        is_certified: wanted,
    };
    let told = whole.datasets()?;
    let (datasets, bounds): (Vec<Depths>, Vec<Option<Bounds>>) = told.into_iter().unzip();
    let faults = Faults {
        universe: options.universe.words(),
        principals: whole.work(|work| Ok(work.principals(scopes)))?,
        datasets,
        assumptions: assumptions(setting, options.brief),
    };
    Ok((faults, bounds.into_iter().flatten().collect()))
}

/// What all threads share.
struct Whole<'w, 'a> {
    setting: &'w Setting<'a>,
    scopes: &'w [Scope<'a>],
    options: &'w Options,
    edges: &'w [Edge],
    progress: Progress<'w>,
    management: Management,
    /// Whether bounds are kept that somebody else can check.
    is_certified: bool,
}

/// What one thread works with.
struct Work<'w, 's, 'a> {
    closure: &'w Closure<'w, 's, 'a>,
    teller: Teller<'w, 's, 'a>,
    options: &'w Options,
    management: &'w Management,
    is_certified: bool,
}

impl<'a> Whole<'_, 'a> {
    /// Lets one thread work.
    fn work<T>(
        &self,
        run: impl FnOnce(&Work<'_, '_, 'a>) -> Result<T, NameError>,
    ) -> Result<T, NameError> {
        let decider = Decider::new(self.setting, self.edges)?;
        let closure = Closure::new(&decider, self.edges);
        run(&Work {
            closure: &closure,
            teller: Teller {
                decider: &decider,
                edges: self.edges,
            },
            options: self.options,
            management: &self.management,
            is_certified: self.is_certified,
        })
    }

    fn datasets(&self) -> Result<Vec<Answered>, NameError> {
        if self.options.search_to == 0 {
            return Ok(Vec::new());
        }
        let common = self.options.universe.faults(self.setting);
        let total = common.len() + self.scopes.len();
        let done = AtomicUsize::new(0);
        let step = |more: usize| {
            let before = done.fetch_add(more, Ordering::Relaxed);
            (self.progress)(before + more, total);
        };
        let singles = self.singles(&common, &step)?;
        let threads = self.options.threads.max(1);
        let parts: Vec<&[Scope<'a>]> = self
            .scopes
            .chunks(self.scopes.len().div_ceil(threads).max(1))
            .collect();
        let told = side_by_side(&parts, threads, |_, scopes| {
            self.work(|work| {
                if common.len() > TOGETHER_MAX {
                    work.remember(&common, &singles);
                }
                let each = scopes.iter().map(|scope| {
                    let one = work.dataset(scope, &common, &singles);
                    step(1);
                    one
                });
                each.collect::<Result<Vec<Answered>, NameError>>()
            })
        });
        let told: Vec<Vec<Answered>> = told.into_iter().collect::<Result<_, _>>()?;
        Ok(told.into_iter().flatten().collect())
    }

    /// What single faults lead to, account by account: what was found of one principal serves those
    /// of its account that come to act as it, and nobody holds on to what was decided on the way.
    fn singles(
        &self,
        faults: &[Fault],
        step: &(dyn Fn(usize) + Sync),
    ) -> Result<Singles, NameError> {
        let account = |fault: &Fault| match fault {
            Fault::Compromise(place) => self.setting.account(Actor::Existing(*place)),
            Fault::Account(_) | Fault::Misconfigure(..) => None,
        };
        let parts: Vec<&[Fault]> = faults
            .chunk_by(|one, other| account(one) == account(other))
            .collect();
        let states = side_by_side(&parts, self.options.threads, |_, faults| {
            let states = self.work(|work| Ok(work.states(faults)));
            step(faults.len());
            states
        });
        let states = states.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        let mut index = Index::default();
        for (fault, [_, possible]) in states.iter().enumerate() {
            index.add(self.setting, fault, possible);
        }
        Ok(Singles { states, index })
    }
}

/// How many faults are tried together: of more, each is tried alone.
pub const TOGETHER_MAX: usize = 400;

/// How many principals' reach is told where nobody is asked about by name: more than a page of
/// them nobody reads, and each is a story of hundreds of steps.
pub const TOLD_MAX: usize = 400;

/// What a fault leads to, for certain and perhaps.
type Both = [Arc<State>; 2];

/// What is told of a dataset, and its bounds if they are wanted.
type Answered = (Depths, Option<Bounds>);

/// What single faults lead to.
struct Singles {
    states: Vec<Both>,
    index: Index,
}

/// The faults that lead to something, so that a dataset need not look at all of them.
#[derive(Default)]
struct Index {
    to_power: BTreeMap<Power, Vec<usize>>,
    to_account: BTreeMap<AccountId, Vec<usize>>,
    to_place: BTreeMap<usize, Vec<usize>>,
}

impl Index {
    fn add(&mut self, setting: &Setting<'_>, fault: usize, state: &State) {
        let mut accounts = BTreeSet::new();
        for power in state.powers() {
            match power {
                Power::Is(actor) => {
                    accounts.extend(setting.account(actor));
                    if let Actor::Existing(place) = actor {
                        self.to_place.entry(place).or_default().push(fault);
                    }
                }
                power => self.to_power.entry(power).or_default().push(fault),
            }
        }
        for account in accounts {
            self.to_account.entry(account).or_default().push(fault);
        }
    }

    /// Faults that come near the stores of a dataset or its control points; `None`: all may.
    fn near(
        &self,
        setting: &Setting<'_>,
        scope: &Scope<'_>,
        points: &Points,
    ) -> Option<Vec<usize>> {
        let mut near: BTreeSet<usize> = BTreeSet::new();
        for store in &scope.stores {
            let named = setting.named_from_elsewhere(store.resource)?;
            let by_name = named.iter().filter_map(|place| self.to_place.get(place));
            let by_account = self.to_account.get(&store.resource.account);
            near.extend(by_name.chain(by_account).flatten());
            let copy = setting.place_of(store.resource).map(Power::Copy);
            near.extend(
                copy.and_then(|copy| self.to_power.get(&copy))
                    .into_iter()
                    .flatten(),
            );
        }
        let powers = points
            .powers()
            .filter_map(|(power, _)| self.to_power.get(&power));
        near.extend(powers.flatten());
        Some(near.into_iter().collect())
    }
}

impl<'a> Work<'_, '_, 'a> {
    fn setting(&self) -> &Setting<'a> {
        self.closure.decider.setting
    }

    fn closed(&self, mut state: State, mode: Mode) -> State {
        self.closure.close(&mut state, mode);
        state
    }

    fn principals(&self, scopes: &[Scope<'a>]) -> Vec<cofferdam_findings::faults::Reached> {
        let setting = self.setting();
        let count = setting.context.org.principals.len();
        let all = self.options.from_all && count <= TOLD_MAX;
        let wanted = |place: &usize| {
            let actor = Actor::Existing(*place);
            let name = setting.name(actor);
            setting.can_be_used(*place) && (all || self.options.from.contains(&name))
        };
        let accounts = setting.context.org.accounts.keys().copied();
        let accounts = accounts.filter(|account| self.options.from.contains(&account.to_string()));
        let principals = (0..count).filter(wanted).map(Fault::Compromise);
        let faults: Vec<Fault> = principals.chain(accounts.map(Fault::Account)).collect();
        let told = faults.iter().map(|fault| {
            let from = fault.start(setting);
            let certain = self.closed(from.clone(), Mode::Certain);
            let possible = self.closed(from, Mode::Possible);
            let mut one = reached(&self.teller, fault, &certain, &possible);
            one.leaks = self.leaks(scopes, &certain, &possible);
            one.left = left(setting, self.teller.edges, &certain, &possible);
            one
        });
        told.collect()
    }

    fn leaks(&self, scopes: &[Scope<'a>], certain: &State, possible: &State) -> Vec<Leak> {
        let mut found = Vec::new();
        for scope in scopes {
            let leaks = Leaks::new(self.closure.decider, scope, Vec::new());
            let sure = leaks
                .way(certain, Reads::All, Truth::Certain)
                .filter(|way| way.truth == Truth::Certain);
            let (state, way) = match sure {
                Some(way) => (certain, Some(way)),
                None => (possible, leaks.way(possible, Reads::All, Truth::Possible)),
            };
            found.extend(way.map(|way| Leak {
                dataset: scope.dataset.name.to_string(),
                possible: sure.is_none(),
                steps: self.teller.leak(&leaks, state, &way, Reads::All),
            }));
        }
        found
    }

    /// The faults that can do anything to a dataset, and how large sets of them are tried. Where
    /// there are many, only those alone that come near the data or have power over a guard of it.
    fn relevant(
        &self,
        scope: &Scope<'a>,
        points: &Points,
        faults: &[Fault],
        singles: &Singles,
    ) -> (Vec<usize>, u32) {
        let all = faults.len();
        if all <= TOGETHER_MAX {
            return ((0..all).collect(), self.options.search_to);
        }
        let near = singles.index.near(self.setting(), scope, points);
        let relevant = near.unwrap_or_else(|| (0..all).collect());
        (relevant, self.options.search_to.min(1))
    }

    fn hardening(&self, scope: &Scope<'a>) -> Result<Vec<Hardening>, NameError> {
        if !self.options.harden {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for of in [Of::Leak, Of::Breach] {
            let context = &self.setting().context;
            let (options, edges) = (self.options, self.closure.edges);
            found.extend(harden(context, scope.dataset, options, edges, of)?);
        }
        Ok(found)
    }

    /// What each of some faults leads to, certainly and possibly.
    fn states(&self, faults: &[Fault]) -> Vec<Both> {
        let each = faults.iter().map(|fault| {
            let from = fault.start(self.setting());
            let certain = self.single(fault, from.clone(), Mode::Certain);
            [certain, self.single(fault, from, Mode::Possible)]
        });
        each.collect()
    }

    fn single(&self, fault: &Fault, from: State, mode: Mode) -> Arc<State> {
        let state = Arc::new(self.closed(from, mode));
        if let Fault::Compromise(place) = fault {
            let actor = Actor::Existing(*place);
            self.closure.remember(mode, actor, &state);
        }
        state
    }

    /// Remembers what was found of all.
    fn remember(&self, faults: &[Fault], singles: &Singles) {
        for (fault, [certain, _]) in faults.iter().zip(&singles.states) {
            if let Fault::Compromise(place) = fault {
                let actor = Actor::Existing(*place);
                self.closure.remember(Mode::Certain, actor, certain);
            }
        }
    }

    /// Faults that come together. Where each is tried alone, none are tried together.
    fn together(&self, singles: &Singles, faults: &[&Fault]) -> Vec<Group> {
        match self.options.brief || singles.states.len() > TOGETHER_MAX {
            true => Vec::new(),
            false => groups(self.setting(), faults),
        }
    }

    fn dataset(
        &self,
        scope: &Scope<'a>,
        common: &[Fault],
        singles: &Singles,
    ) -> Result<Answered, NameError> {
        let setting = self.setting();
        let sinks = Sinks::of(setting, scope);
        let mut points = Points::of(setting, scope, &sinks);
        if self.options.weigh {
            points.weigh(setting, scope);
        }
        let own = self.options.universe.of_dataset(&points);
        let more = self.states(&own);
        let (relevant, search_to) = self.relevant(scope, &points, common, singles);
        let counted = common.iter().chain(&own);
        let counted: Vec<(&Fault, &Both)> =
            counted.zip(singles.states.iter().chain(&more)).collect();
        let common = relevant.iter().filter_map(|at| common.get(*at));
        let faults: Vec<&Fault> = common.chain(&own).collect();
        let common = relevant.iter().filter_map(|at| singles.states.get(*at));
        let states = common.chain(&more);
        let (certain, possible): (Vec<&State>, Vec<&State>) = states
            .map(|[certain, possible]| (certain.as_ref(), possible.as_ref()))
            .unzip();
        let leaks = Leaks::new(self.closure.decider, scope, sinks.reads.clone());
        let target = Target {
            closure: self.closure,
            leaks: &leaks,
            sinks: &sinks,
            points: &points,
        };
        let sure = target.cuts(&certain, Mode::Certain, search_to);
        let perhaps = target.cuts(&possible, Mode::Possible, search_to);
        let source = Source {
            target: &target,
            teller: self.teller,
            counted: &counted,
            tried: &faults,
        };
        let bounds = (self.is_certified).then(|| certificate::bounds(&source, &sure, &perhaps));
        let one = Told {
            work: self,
            target: &target,
            faults: &faults,
        };
        let ((leak_must, breach_must), (leak_may, breach_may)) = (sure.depths(), perhaps.depths());
        let depth = |may, must| Depth { may, must };
        let depths = Depths {
            dataset: scope.dataset.name.to_string(),
            leak_depth: depth(leak_may, leak_must),
            breach_depth: depth(breach_may, breach_must),
            silent_depth: depth(perhaps.silent, sure.silent),
            searched_to: sure.searched_to.min(perhaps.searched_to),
            depth_if_management_falls: one.if_management_falls(),
            cut_sets: one.cut_sets(&sure, &perhaps),
            independence: one.independence(&sure, &perhaps),
            survival: one.survival(&certain, &possible),
            layers: points.layers(),
            common_causes: come_together(
                &target,
                self.together(singles, &faults),
                [&certain, &possible],
                [&sure, &perhaps],
                |fault| one.name(fault),
            ),
            hardening: self.hardening(scope)?,
        };
        Ok((depths, bounds))
    }
}

/// What is told about one dataset.
struct Told<'o, 'w, 's, 'a> {
    work: &'o Work<'w, 's, 'a>,
    target: &'o Target<'o, 's, 'a>,
    faults: &'o [&'o Fault],
}

impl Told<'_, '_, '_, '_> {
    fn name(&self, fault: usize) -> String {
        let fault = self.faults.get(fault);
        fault
            .map(|fault| fault.name(self.work.setting()))
            .unwrap_or_default()
    }

    fn names(&self, cut: &Cut) -> Vec<String> {
        cut.faults.iter().map(|fault| self.name(*fault)).collect()
    }

    /// One fault more: everything that the management account holds.
    fn if_management_falls(&self) -> Option<u32> {
        let wanted = !self.work.options.brief;
        let opens = wanted.then(|| self.work.management.opens(self.target))??;
        opens.then_some(1)
    }

    fn cut_sets(&self, sure: &Cuts, perhaps: &Cuts) -> Vec<CutSet> {
        let mut told = Vec::new();
        for (cuts, possible) in [(sure, false), (perhaps, true)] {
            let known = |opens: &str, cut: &Cut| {
                let sets = if opens == "leak" {
                    &sure.leak
                } else {
                    &sure.breach
                };
                possible && sets.iter().any(|other| other.faults == cut.faults)
            };
            for cut in cuts.leak.iter().filter(|cut| !known("leak", cut)) {
                told.push(self.cut_set(cut, "leak", possible));
            }
            for cut in cuts.breach.iter().filter(|cut| !known("breach", cut)) {
                told.push(self.cut_set(cut, "breach", possible));
            }
        }
        told.sort_by_key(|cut| (cut.faults.len(), cut.possible));
        told
    }

    fn cut_set(&self, cut: &Cut, opens: &'static str, possible: bool) -> CutSet {
        CutSet {
            faults: self.names(cut),
            opens,
            possible,
            steps: self.attack(cut, opens),
        }
    }

    fn attack(&self, cut: &Cut, opens: &str) -> Vec<AttackStep> {
        let (teller, leaks) = (&self.work.teller, self.target.leaks);
        match (&cut.effect.breach, &cut.effect.leak) {
            (Some(breach), _) if opens == "breach" => teller.breach(leaks, cut, breach),
            (_, Some(way)) if !self.work.options.brief => {
                teller.leak(leaks, &cut.state, way, Reads::All)
            }
            _ => Vec::new(),
        }
    }

    fn independence(&self, sure: &Cuts, perhaps: &Cuts) -> Vec<Independence> {
        let size = |cut: Option<&Cut>| cut.and_then(|cut| u32::try_from(cut.faults.len()).ok());
        let mut told = Vec::new();
        for (first, one) in LAYERS.iter().enumerate() {
            for (second, other) in LAYERS.iter().enumerate().skip(first + 1) {
                let must = sure.pairs.get(&(first, second));
                let may = perhaps.pairs.get(&(first, second));
                let shown = must.or(may);
                told.push(Independence {
                    layers: (one, other),
                    depth: Depth {
                        may: size(may),
                        must: size(must),
                    },
                    cut_set: shown.map(|cut| self.names(cut)).unwrap_or_default(),
                    steps: shown
                        .map(|cut| self.control(cut, [first, second]))
                        .unwrap_or_default(),
                });
            }
        }
        told
    }

    fn control(&self, cut: &Cut, layers: [usize; 2]) -> Vec<AttackStep> {
        let powers = layers
            .iter()
            .filter_map(|layer| cut.effect.layers.get(layer).copied());
        let powers: Vec<_> = powers.collect();
        self.work.teller.ways_to(&cut.state, &powers)
    }

    fn survival(&self, certain: &[&State], possible: &[&State]) -> Vec<Survival> {
        let states = certain.iter().zip(possible).enumerate();
        states
            .map(|(fault, (sure, perhaps))| self.survives(fault, sure, perhaps))
            .collect()
    }

    fn survives(&self, fault: usize, sure: &State, perhaps: &State) -> Survival {
        let effect = self.target.effect(sure, Mode::Certain);
        let may = self.target.effect(perhaps, Mode::Possible);
        let (evidence, why) = self.evidence(sure, &effect);
        let open = evidence == Evidence::Survives && self.may_be_lost(perhaps);
        let steps = match effect.leak.filter(|_| !self.work.options.brief) {
            Some(way) => self
                .work
                .teller
                .leak(self.target.leaks, sure, &way, Reads::All),
            None => Vec::new(),
        };
        Survival {
            fault: self.name(fault),
            leaks: effect.leak.is_some(),
            leaks_possible: may.leak.is_some(),
            layers: effect
                .layers
                .keys()
                .filter_map(|at| LAYERS.get(*at).copied())
                .collect(),
            evidence,
            evidence_open: open,
            why: match open {
                true => format!("{why}; depending on what is not known it is lost"),
                false => why,
            },
            steps,
        }
    }

    /// What becomes of the evidence of reads, and why.
    fn evidence(&self, sure: &State, effect: &Effect) -> (Evidence, String) {
        let setting = self.work.setting();
        let sinks = self.target.sinks;
        if sinks.records() == Truth::No {
            let why = "no trail that was read records reads of this dataset";
            return (Evidence::NeverRecorded, why.to_owned());
        }
        if let Some(breach) = &effect.breach
            && breach.defeats.is_empty()
        {
            let why = "some read of this dataset is recorded by no trail";
            return (Evidence::NeverRecorded, why.to_owned());
        }
        let defeats = sinks.defeated(setting, sure, Mode::Certain);
        if let Some(worst) = defeats.as_deref().and_then(worst) {
            let by = defeats.iter().flatten().map(|one| one.by);
            let how: Vec<String> = by.map(|by| crate::story::gained(setting, by)).collect();
            return (worst, format!("the attacker {}", how.join(" and ")));
        }
        let left: Vec<String> = sinks
            .witnesses()
            .filter(|trail| sinks.defeat(setting, sure, *trail).is_none())
            .filter_map(|trail| Some(setting.trail(trail)?.name.to_string()))
            .collect();
        let records = match sinks.records() {
            Truth::Certain => "keeps recording",
            _ => "perhaps records, and if so",
        };
        let why = format!("{} {records} out of reach", left.join(" and "));
        (Evidence::Survives, why)
    }

    /// Whether the fault may put out what certainly records.
    fn may_be_lost(&self, perhaps: &State) -> bool {
        let setting = self.work.setting();
        let sinks = self.target.sinks;
        let defeats = sinks.defeated(setting, perhaps, Mode::Possible);
        defeats.is_some_and(|defeats| !defeats.is_empty())
    }
}

/// What every answer takes for granted.
fn assumptions(setting: &Setting<'_>, brief: bool) -> Vec<String> {
    let mut assumptions = vec![
        "sessions carry no tags but those of their role and those that an attacker can set".to_owned(),
        "evidence is delivered before it can be tampered with, or is stopped before the read".to_owned(),
        "links that only their owner knows (pipelines, repositories, credentials in stores) exist where they are declared".to_owned(),
    ];
    if setting.management().is_some() {
        if !are_known(setting) {
            assumptions.push("which member accounts administer services for the organization is not told: what only such an account can do is possible for every member".to_owned());
        }
        let but = match brief {
            true => "",
            false => ", but for the depth that says otherwise",
        };
        assumptions.push(format!("the management account is sound{but}"));
    }
    assumptions
}
