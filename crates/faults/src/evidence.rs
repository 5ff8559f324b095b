//! What becomes of the evidence of a read once an attacker holds something.
//!
//! A trail is a witness of a read if it records it and what it wrote stays readable. It is lost if
//! somebody stops it, changes what it keeps, keeps CloudTrail from writing to its bucket or using
//! its key, or alters what lies there. The event history of 90 days holds no reads of data ("What
//! is AWS CloudTrail?"), so it is no witness of one.

use std::collections::BTreeSet;

use cofferdam_boundary::recording::{Recorded, is_settled, recorded};
use cofferdam_boundary::scope::{Group, Scope, Store};
use cofferdam_findings::faults::Evidence;
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::Known;
use cofferdam_org::model::Trail;

use crate::closure::Mode;
use crate::decide::Truth;
use crate::leak::contents;
use crate::power::{Power, State};
use crate::setting::Setting;

/// The trails that record the reads of one dataset.
#[derive(Clone, Debug, Default)]
pub struct Sinks {
    /// Trails, in the order of their places.
    trails: Vec<Sink>,
    /// The accounts that hold the data.
    accounts: BTreeSet<AccountId>,
    /// For each store, how far each read of it is recorded by any trail.
    pub reads: Vec<Vec<(ActionName, Truth)>>,
}

/// How far one trail records reads of a dataset.
#[derive(Clone, Copy, Debug)]
struct Sink {
    /// Those of which AWS's pages settle what CloudTrail records.
    settled: Truth,
    /// Any at all.
    any: Truth,
}

/// A trail that an attacker has put out, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defeat {
    /// The trail.
    pub trail: usize,
    /// What becomes of its evidence.
    pub evidence: Evidence,
    /// By which power.
    pub by: Power,
}

impl Sinks {
    /// The trails of an organization, as far as they record reads of a dataset.
    pub fn of(setting: &Setting<'_>, scope: &Scope<'_>) -> Sinks {
        let trails = setting.context.org.trails.iter();
        let stores = &scope.stores;
        let each: Vec<Vec<Vec<(ActionName, Truth)>>> = trails
            .map(|trail| {
                stores
                    .iter()
                    .map(|store| reads(setting, trail, store))
                    .collect()
            })
            .collect();
        Sinks {
            trails: each.iter().map(|of| sink(of)).collect(),
            accounts: stores.iter().map(|store| store.resource.account).collect(),
            reads: (0..stores.len())
                .map(|at| best_of(&each, at, stores))
                .collect(),
        }
    }

    /// Whether every trail that records the reads is put out; with how, if it is. In the certain
    /// mode a trail that may record is a witness, in the possible mode only one that certainly
    /// does.
    pub fn defeated(
        &self,
        setting: &Setting<'_>,
        state: &State,
        mode: Mode,
    ) -> Option<Vec<Defeat>> {
        let counts = |truth: Truth| match mode {
            Mode::Certain => truth != Truth::No,
            Mode::Possible => truth == Truth::Certain,
        };
        let trails = self.trails.iter().enumerate();
        trails
            .filter(|(_, sink)| counts(sink.any))
            .map(|(trail, _)| self.defeat(setting, state, trail))
            .collect()
    }

    /// How a trail is put out, if it is.
    pub fn defeat(&self, setting: &Setting<'_>, state: &State, trail: usize) -> Option<Defeat> {
        let left = || {
            let left = self.leaving(setting, trail);
            let by = *left.first()?;
            left.iter().all(|one| state.holds(*one)).then_some(Defeat {
                trail,
                evidence: Evidence::Stopped,
                by,
            })
        };
        defeat(setting, state, trail).or_else(left)
    }

    /// What takes the data from under a trail of the organization: each account that holds some
    /// leaves, and the trail records it no longer ("Creating a trail for an organization").
    pub fn leaving(&self, setting: &Setting<'_>, trail: usize) -> Vec<Power> {
        let Some(at) = setting.trail(trail) else {
            return Vec::new();
        };
        let own = self.accounts.contains(&at.account);
        match &at.organization {
            Known::Present(true) if !own => {
                self.accounts.iter().copied().map(Power::Left).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether any trail records the reads, as far as it can be told. A read of which no page says
    /// whether CloudTrail has an event makes nobody's reads recorded.
    pub fn records(&self) -> Truth {
        let each = self.trails.iter().map(|sink| sink.settled);
        each.max().unwrap_or(Truth::No)
    }

    /// Trails that may be witnesses.
    pub fn witnesses(&self) -> impl Iterator<Item = usize> + '_ {
        let trails = self.trails.iter().enumerate();
        trails
            .filter(|(_, sink)| sink.settled != Truth::No)
            .map(|(trail, _)| trail)
    }
}

fn sink(of: &[Vec<(ActionName, Truth)>]) -> Sink {
    let best = |counts: &dyn Fn(&ActionName) -> bool| {
        let reads = of.iter().flatten();
        let reads = reads.filter(|(action, _)| counts(action));
        reads.map(|(_, truth)| *truth).max().unwrap_or(Truth::No)
    };
    Sink {
        settled: best(&is_settled),
        any: best(&|_| true),
    }
}

/// How far the trail records each read of a store.
fn reads(setting: &Setting<'_>, trail: &Trail, store: &Store<'_>) -> Vec<(ActionName, Truth)> {
    let account = store.resource.account;
    let actions = names(store).into_iter();
    actions
        .map(|action| {
            let truth = match recorded(setting.context.org, trail, store, &action, account) {
                Recorded::Yes => Truth::Certain,
                Recorded::No(_) => Truth::No,
                Recorded::Partly(_) | Recorded::Unknown(_) => Truth::Possible,
            };
            (action, truth)
        })
        .collect()
}

/// The reads that give what a store holds.
fn names(store: &Store<'_>) -> Vec<ActionName> {
    contents(store).iter().flat_map(Group::names).collect()
}

/// Of each read of a store, how far some trail records it.
fn best_of(
    each: &[Vec<Vec<(ActionName, Truth)>>],
    store: usize,
    stores: &[Store<'_>],
) -> Vec<(ActionName, Truth)> {
    let Some(at) = stores.get(store) else {
        return Vec::new();
    };
    let of = |action: &ActionName| {
        let rows = each.iter().filter_map(|trail| trail.get(store)).flatten();
        let truths = rows
            .filter(|(name, _)| name == action)
            .map(|(_, truth)| *truth);
        truths.max().unwrap_or(Truth::No)
    };
    let actions = names(at).into_iter();
    actions
        .map(|action| {
            let truth = of(&action);
            (action, truth)
        })
        .collect()
}

/// How a trail is put out, if it is.
fn defeat(setting: &Setting<'_>, state: &State, trail: usize) -> Option<Defeat> {
    let mut ways = ways(setting, trail)?.into_iter();
    ways.find(|way| state.holds(way.by))
}

/// Everything that puts out a trail, the simplest first.
pub fn ways(setting: &Setting<'_>, trail: usize) -> Option<Vec<Defeat>> {
    let row = |evidence: Evidence, by: Power| Defeat {
        trail,
        evidence,
        by,
    };
    let mut ways = vec![row(Evidence::Stopped, Power::Blind(trail))];
    let at = setting.trail(trail)?;
    if let Some(archive) = archive(setting, at) {
        ways.push(row(Evidence::Altered, Power::Evidence(archive)));
        ways.push(row(Evidence::Altered, Power::Destroy(archive)));
        ways.push(row(Evidence::Stopped, Power::Own(archive)));
        // CloudTrail writes by that policy ("Amazon S3 bucket policy for CloudTrail").
        ways.push(row(Evidence::Stopped, Power::Bare(archive)));
    }
    for key in keys(setting, at) {
        ways.push(row(Evidence::Stopped, Power::Own(key)));
        ways.push(row(Evidence::Altered, Power::Unkey(key)));
    }
    Some(ways)
}

/// The bucket that a trail delivers to, if it was read.
pub fn archive(setting: &Setting<'_>, trail: &Trail) -> Option<usize> {
    let bucket = trail.bucket.present()?;
    let org = setting.context.org;
    let found = org.resource(&format!("arn:aws:s3:::{bucket}"))?;
    setting.place_of(found)
}

/// The keys that a trail writes with and that its bucket is under.
pub fn keys(setting: &Setting<'_>, trail: &Trail) -> Vec<usize> {
    let org = setting.context.org;
    let own = trail.key.present().and_then(|key| org.resource(key));
    let bucket = archive(setting, trail).and_then(|place| setting.resource(place));
    let under = bucket.and_then(|bucket| org.key_of(bucket));
    let mut places: Vec<usize> = [own, under]
        .into_iter()
        .flatten()
        .filter_map(|key| setting.place_of(key))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}
