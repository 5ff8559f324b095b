//! Depths, minimal sets, pairs of layers and survival, from their definitions.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId, Trail};

use super::act::close;
use super::data::{leaks, leaks_by, put_out, records};
use super::decide::Truth;
use super::world::{Change, Decided, World};
use crate::case::Case;

/// What one set of faults comes to.
#[derive(Clone, Debug, Default)]
struct Outcome {
    leak: bool,
    breach: bool,
    silent: bool,
    layers: BTreeSet<&'static str>,
    /// Pairs of layers that are controlled together.
    pairs: BTreeSet<(&'static str, &'static str)>,
    evidence: &'static str,
}

/// What becomes of evidence, the worst last.
const FATES: [&str; 4] = ["survives", "altered", "stopped", "never_recorded"];

impl Outcome {
    /// The attacker may do the one or the other.
    fn or(&mut self, other: Outcome) {
        self.leak |= other.leak;
        self.breach |= other.breach;
        self.silent |= other.silent;
        self.layers.extend(other.layers);
        self.pairs.extend(other.pairs);
        let place = |fate: &str| FATES.iter().position(|one| *one == fate);
        if place(other.evidence) > place(self.evidence) {
            self.evidence = other.evidence;
        }
    }
}

/// What the definitions say of a case. Depths are [may, must].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub depths: BTreeMap<&'static str, [Option<usize>; 2]>,
    /// Minimal sets by what they open and whether they are certain.
    pub cuts: BTreeSet<(&'static str, bool, Vec<String>)>,
    pub pairs: BTreeMap<(&'static str, &'static str), [Option<usize>; 2]>,
    /// For each single fault: whether it leaks (certainly, possibly), layers, evidence.
    pub survival: BTreeMap<String, (bool, bool, Vec<&'static str>, &'static str)>,
    pub if_management_falls: Option<usize>,
}

pub const LAYERS: [&str; 6] = [
    "organization",
    "identity",
    "resource",
    "network",
    "encryption",
    "audit",
];

/// Sets of up to this size are tried.
pub const UP_TO: usize = 3;

/// The answer by brute force.
pub fn told(org: &Organization, case: &Case) -> Told {
    let mut told = Told::default();
    let management = management(org);
    let faults: Vec<String> = org
        .principals
        .iter()
        .filter(|one| one.account != management)
        .map(|one| one.arn.to_string())
        .collect();
    let mut found = Found::default();
    let mut by_size = BTreeMap::new();
    for (at, mode) in [(0, Truth::Possible), (1, Truth::Certain)] {
        let outcomes: Vec<(Vec<String>, Outcome)> = sets(&faults)
            .into_iter()
            .map(|set| {
                let outcome = outcome(org, case, mode, &mut found, |world| {
                    world.who.extend(set.iter().cloned());
                });
                (set, outcome)
            })
            .collect();
        depths(&mut told, at, &outcomes);
        pairs(&mut told, at, &outcomes);
        by_size.insert(at, outcomes);
    }
    for (certain, at) in [(true, 1), (false, 0)] {
        let sets = by_size.get(&at).into_iter().flatten();
        minimal(&mut told, certain, sets.cloned().collect());
    }
    for (sure, may) in by_size[&1].iter().zip(&by_size[&0]) {
        if let ([fault], sure, may) = (sure.0.as_slice(), &sure.1, &may.1) {
            let layers = LAYERS.into_iter().filter(|one| sure.layers.contains(one));
            let row = (sure.leak, may.leak, layers.collect(), sure.evidence);
            told.survival.insert(fault.clone(), row);
        }
    }
    let fallen = outcome(org, case, Truth::Certain, &mut found, |world| {
        world.whole(management);
    });
    told.if_management_falls = fallen.breach.then_some(1);
    told
}

fn management(org: &Organization) -> AccountId {
    let identity = org.identity.as_ref().unwrap();
    *identity.management.present().unwrap()
}

/// Every set of up to three, the smaller ones first.
fn sets(faults: &[String]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for bits in 1_u32..(1 << faults.len()) {
        if bits.count_ones() as usize <= UP_TO {
            let chosen = faults.iter().enumerate();
            let chosen = chosen.filter(|(at, _)| bits & (1 << at) != 0);
            all.push(chosen.map(|(_, fault)| fault.clone()).collect());
        }
    }
    all.sort_by_key(Vec::len);
    all
}

/// What was found out of one organization, so that nothing is found out twice.
#[derive(Default)]
struct Found {
    decided: Rc<RefCell<Decided>>,
    played: Played,
}

fn outcome(
    org: &Organization,
    case: &Case,
    mode: Truth,
    found: &mut Found,
    start: impl FnOnce(&mut World),
) -> Outcome {
    let mut world = World::new(org);
    world.decided = Rc::clone(&found.decided);
    start(&mut world);
    played(org, case, mode, world, [false, false], &mut found.played)
}

/// What has come of worlds in which nothing is left to do but to delete, by mode, by whom the
/// attacker is, by what was changed, and by whether data has left, seen or unseen.
type Played = BTreeMap<(Truth, BTreeSet<String>, BTreeSet<Change>, [bool; 2]), Outcome>;

/// What comes of a world in which the attacker has not yet done all it can. What deletes a document
/// loses what that granted; so it is tried in every order, after all else was done. What has leaked
/// has leaked.
fn played(
    org: &Organization,
    case: &Case,
    mode: Truth,
    mut world: World,
    [leaked, unseen]: [bool; 2],
    known: &mut Played,
) -> Outcome {
    close(&mut world, case, mode);
    let before = (
        mode,
        world.who.clone(),
        world.changed.clone(),
        [leaked, unseen],
    );
    if let Some(outcome) = known.get(&before) {
        return outcome.clone();
    }
    let leaked = leaked || leaks(&world, case) >= mode;
    let unrecorded = leaks_by(&world, case, |recorded| match mode {
        Truth::Certain => recorded == Truth::No,
        _ => recorded != Truth::Certain,
    });
    let unseen = unseen || unrecorded >= mode;
    let mut outcome = reached(org, case, mode, &world, [leaked, unseen]);
    for poorer in world.poorer() {
        outcome.or(played(org, case, mode, poorer, [leaked, unseen], known));
    }
    known.insert(before, outcome.clone());
    outcome
}

/// What has come of a world so far.
fn reached(
    org: &Organization,
    case: &Case,
    mode: Truth,
    world: &World,
    [leak, unseen]: [bool; 2],
) -> Outcome {
    let untouched = World::new(org);
    let trails: Vec<(&Trail, [Truth; 2])> = world
        .org
        .trails
        .iter()
        .map(|trail| (trail, records(&untouched, case, trail)))
        .collect();
    // What certainly happens must happen whether or not a trail that may record does; what
    // possibly happens may count on its not recording.
    let counts = |truth: Truth| match mode {
        Truth::Certain => truth != Truth::No,
        _ => truth == Truth::Certain,
    };
    let witnesses: Vec<&Trail> = trails
        .iter()
        .filter(|(_, [_, any])| counts(*any))
        .map(|(trail, _)| *trail)
        .collect();
    let out = witnesses.iter().map(|trail| put_out(world, case, trail));
    let fates: Vec<&'static str> = out.clone().flatten().collect();
    let all_out = out.clone().all(|fate| fate.is_some());
    let evidence = match () {
        () if trails.iter().all(|(_, [sure, _])| *sure == Truth::No) => "never_recorded",
        () if unseen => "never_recorded",
        () if all_out && fates.contains(&"stopped") => "stopped",
        () if all_out => "altered",
        () => "survives",
    };
    let layers = layers(org, case, world, &trails);
    Outcome {
        leak,
        breach: leak && (unseen || all_out),
        silent: leak && (unseen || witnesses.is_empty()),
        pairs: both_of(&layers),
        layers,
        evidence,
    }
}

fn both_of(layers: &BTreeSet<&'static str>) -> BTreeSet<(&'static str, &'static str)> {
    let all = layers.iter();
    all.flat_map(|one| layers.iter().map(|other| (*one, *other)))
        .collect()
}

fn depths(told: &mut Told, at: usize, outcomes: &[(Vec<String>, Outcome)]) {
    let smallest = |such: fn(&Outcome) -> bool| {
        let hits = outcomes.iter().filter(|(_, outcome)| such(outcome));
        hits.map(|(set, _)| set.len()).min()
    };
    for (what, found) in [
        ("leak", smallest(|one| one.leak)),
        ("breach", smallest(|one| one.breach)),
        ("silent", smallest(|one| one.silent)),
    ] {
        told.depths.entry(what).or_insert([None; 2])[at] = found;
    }
}

fn pairs(told: &mut Told, at: usize, outcomes: &[(Vec<String>, Outcome)]) {
    for (place, first) in LAYERS.into_iter().enumerate() {
        for second in LAYERS.into_iter().skip(place + 1) {
            let both = |outcome: &Outcome| outcome.pairs.contains(&(first, second));
            let hits = outcomes.iter().filter(|(_, outcome)| both(outcome));
            let least = hits.map(|(set, _)| set.len()).min();
            told.pairs.entry((first, second)).or_insert([None; 2])[at] = least;
        }
    }
}

/// What a set is asked for.
type Such = fn(&Outcome) -> bool;

/// Sets of which no part does the same. What is certain is not told again as possible.
fn minimal(told: &mut Told, certain: bool, outcomes: Vec<(Vec<String>, Outcome)>) {
    let kinds: [(&'static str, Such); 2] = [("leak", |one| one.leak), ("breach", |one| one.breach)];
    for (what, such) in kinds {
        let hits: Vec<&Vec<String>> = outcomes
            .iter()
            .filter(|(_, outcome)| such(outcome))
            .map(|(set, _)| set)
            .collect();
        for set in &hits {
            let part = |other: &&Vec<String>| {
                other.len() < set.len() && other.iter().all(|fault| set.contains(fault))
            };
            let known = !certain && told.cuts.contains(&(what, true, (*set).clone()));
            if !hits.iter().copied().any(|other| part(&other)) && !known {
                told.cuts.insert((what, certain, (*set).clone()));
            }
        }
    }
}

/// The layers of which something is changed that guards the dataset.
fn layers(
    org: &Organization,
    case: &Case,
    world: &World,
    trails: &[(&Trail, [Truth; 2])],
) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut guard = |layer: &'static str, changes: Vec<Change>| {
        if changes.iter().any(|change| world.changed.contains(change)) {
            found.insert(layer);
        }
    };
    for arn in &case.data {
        let store = org.resource(arn).unwrap();
        let key = org.key_of(store);
        let accounts = [Some(store.account), key.map(|key| key.account)];
        for account in accounts.into_iter().flatten() {
            let texts = attached(org, account).into_iter().map(Change::Text);
            guard("organization", texts.collect());
            guard("organization", vec![Change::Guardrails(account)]);
        }
        guard(
            "resource",
            vec![
                Change::Own(arn.clone()),
                Change::Deletable(arn.clone()),
                Change::Floor(arn.clone()),
                Change::Public(store.account),
            ],
        );
        if let Some(key) = key {
            guard("encryption", vec![Change::Own(key.arn.to_string())]);
        }
    }
    for (who, from) in &case.approved {
        let of = [
            Change::Identity,
            Change::Boundary,
            Change::Tags,
            Change::Trust,
        ];
        guard("identity", of.map(|change| change(who.clone())).to_vec());
        let endpoints = org.endpoints.iter();
        for one in endpoints.filter(|one| from.as_deref() == Some(&one.id)) {
            let changes = vec![
                Change::Endpoint(one.id.to_string()),
                Change::Net(one.account),
            ];
            guard("network", changes);
        }
    }
    let mut recording = trails.iter().filter(|(_, [sure, _])| *sure != Truth::No);
    let mut stores = case.data.iter().map(|arn| org.resource(arn).unwrap());
    let gone = stores.any(|store| world.holds(&Change::Left(store.account)));
    let own = |trail: &Trail| {
        let mut stores = case.data.iter().map(|arn| org.resource(arn).unwrap());
        stores.any(|store| store.account == trail.account)
    };
    if recording.any(|(trail, _)| {
        let of_others = trail.organization == Known::Present(true) && !own(trail);
        put_out(world, case, trail).is_some() || gone && of_others
    }) {
        found.insert("audit");
    }
    found
}

/// The organization policies attached above an account.
fn attached(org: &Organization, account: AccountId) -> Vec<PolicyId> {
    let Known::Present(levels) = org.levels(account) else {
        return Vec::new();
    };
    let lists = levels
        .iter()
        .flat_map(|(_, at)| [&at.service_control, &at.resource_control]);
    let lists = lists.filter_map(Known::present);
    lists.flatten().copied().collect()
}
