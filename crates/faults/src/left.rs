//! What is left of what records and watches, once one principal is compromised.
//!
//! A trail is lost as for a dataset; a log group, an alarm or a detector by an edge about it. What is
//! out of reach is told too: that is the evidence to look for.

use std::collections::BTreeSet;

use cofferdam_findings::faults::{Evidence, Left};
use cofferdam_names::AccountId;
use cofferdam_org::fact::Kind;

use crate::catalogue::Edge;
use crate::evidence::{Defeat, ways};
use crate::power::{Power, State};
use crate::setting::{Object, Setting};
use crate::story::silenced;

/// How many things that record or watch are told of one principal: more are a list that nobody reads,
/// and an account may hold as many log groups as it likes.
const SINKS_MAX: usize = 1_000;

/// Trails, and what else records or watches in the accounts that the attacker acts in.
pub fn left(setting: &Setting<'_>, edges: &[Edge], certain: &State, possible: &State) -> Vec<Left> {
    let accounts: BTreeSet<AccountId> = possible
        .actors()
        .filter_map(|actor| setting.account(actor))
        .collect();
    let org = setting.context.org;
    let of_trail = |(at, _)| trail(setting, edges, certain, possible, at);
    let trails = org.trails.iter().enumerate().filter_map(of_trail);
    let others = org.compute.iter().enumerate().filter_map(|(at, one)| {
        let kind = word(one.kind).filter(|_| accounts.contains(&one.account))?;
        let on = Object::Compute(at);
        let by = |state: &State| put_out(edges, state, on);
        Some(told(kind, setting.called(on), by(certain), by(possible)))
    });
    trails.chain(others).take(SINKS_MAX).collect()
}

/// What people call something that records or watches; `None`: it does neither.
fn word(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::LogGroup => Some("log group"),
        Kind::Alarm => Some("alarm"),
        Kind::Detector => Some("detector"),
        _ => None,
    }
}

fn told(kind: &'static str, sink: String, certain: Vec<String>, possible: Vec<String>) -> Left {
    let sure = !certain.is_empty();
    Left {
        kind,
        sink,
        lost: sure,
        possible: !sure && !possible.is_empty(),
        how: if sure { certain } else { possible },
    }
}

fn trail(
    setting: &Setting<'_>,
    edges: &[Edge],
    certain: &State,
    possible: &State,
    at: usize,
) -> Option<Left> {
    let name = setting.called(Object::Trail(at));
    let ways = ways(setting, at)?;
    let by = |state: &State| {
        let held = ways.iter().filter(|way| state.holds(way.by));
        let each = held.map(|way| (done(setting, way), edge_of(edges, state, way.by)));
        together(each)
    };
    Some(told("trail", name, by(certain), by(possible)))
}

/// What a power does to a trail.
fn done(setting: &Setting<'_>, way: &Defeat) -> String {
    let called = |place: usize| setting.called(Object::Resource(place));
    match (way.by, way.evidence) {
        (Power::Own(place) | Power::Bare(place), _) if setting.is_key(place) => {
            format!("keeps CloudTrail from using {}", called(place))
        }
        (Power::Own(place) | Power::Bare(place), _) => {
            format!("keeps CloudTrail from writing to {}", called(place))
        }
        (Power::Destroy(place), _) => format!("destroys {}", called(place)),
        (Power::Unkey(place), _) => format!("makes what is under {} unreadable", called(place)),
        (Power::Evidence(place), _) => {
            format!("alters or expires what lies in {}", called(place))
        }
        (_, Evidence::Altered) => "alters it".to_owned(),
        _ => "stops it".to_owned(),
    }
}

fn edge_of<'e>(edges: &'e [Edge], state: &State, power: Power) -> &'e str {
    let step = state.step_of(power).and_then(|at| state.steps().get(at));
    let edge = step.and_then(|step| edges.get(step.edge?));
    edge.map_or("", |edge| &edge.id)
}

/// How something is put out, each way once.
fn put_out(edges: &[Edge], state: &State, on: Object) -> Vec<String> {
    let each = state.powers().filter_map(|power| match power {
        Power::Silence(at, _, about) if about == on => {
            let edge = edges.get(at)?;
            Some((format!("{} it", silenced(edge)), edge.id.as_str()))
        }
        _ => None,
    });
    together(each)
}

/// What comes to the same in words once, with the ids of all edges that do it.
fn together<'e>(each: impl Iterator<Item = (String, &'e str)>) -> Vec<String> {
    let mut ways: Vec<(String, Vec<&str>)> = Vec::new();
    for (does, id) in each {
        match ways.iter_mut().find(|(other, _)| *other == does) {
            Some((_, ids)) => ids.push(id),
            None => ways.push((does, vec![id])),
        }
    }
    let told = ways.into_iter();
    told.map(|(does, ids)| format!("{does} [{}]", ids.join(", ")))
        .collect()
}
