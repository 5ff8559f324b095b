//! `network.unexpected-source`: no data path is open to an approved principal from a network
//! outside `from`. A hop that AWS makes on the caller's behalf is exempt only if the hop that
//! started it is refused from unexpected networks.

use cofferdam_authz::gather::Party;
use cofferdam_authz::symbolic::Interval;
use cofferdam_logic::Formula;

use super::engines::{engines, start};
use super::{Approval, Context, Part, covered};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::file::{Access, NetworkDeclared};
use crate::path::Path;
use crate::reach;
use crate::scope::{Group, Scope, Store};

/// Asks it of every approved principal that exists.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!("approved principals reach {name} only from the networks declared for them"),
        broken: format!(
            "an approved principal reaches {name} from a network that is not declared for it"
        ),
        ..Part::default()
    };
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let approved = approval.dataset.access.iter().map(|access| &access.who);
    for party in approval.candidates(approved.flatten()) {
        let principal = known_as(party);
        if party.principal.is_none() || !approval.knows(&principal) {
            continue;
        }
        for store in &scope.stores {
            for group in &store.groups {
                part.answers
                    .join(of_group(context, &approval, party, store, group));
            }
        }
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

/// The actions of the group that some approval covers, by the networks of these approvals.
fn of_group<'a>(
    context: &Context<'a>,
    approval: &Approval<'a>,
    party: &'a Party<'a>,
    store: &'a Store<'a>,
    group: &Group,
) -> Answers {
    let principal = known_as(party);
    let mut answers = Answers::default();
    for access in &approval.dataset.access {
        if !approval.among(&access.who, &principal) {
            continue;
        }
        let covered = group.only(|action| {
            action
                .classes
                .iter()
                .any(|class| covered(access, *class, &action.name))
        });
        if let Some(group) = covered {
            let networks = networks_of(context, access);
            answers.join(direct(context, &networks, party, store, &group));
            answers.join(through_engines(context, &networks, party, store, &group));
        }
    }
    answers
}

fn networks_of<'a>(context: &Context<'a>, access: &Access) -> Vec<&'a NetworkDeclared> {
    access
        .from
        .iter()
        .filter_map(|name| context.boundary.networks.get(name))
        .collect()
}

fn direct<'a>(
    context: &Context<'a>,
    networks: &[&NetworkDeclared],
    party: &'a Party<'a>,
    store: &'a Store<'a>,
    group: &Group,
) -> Answers {
    let mut path = Path::new(context.org, context.cast);
    let data = path.data(party, store, group, None);
    let expected = expected(&mut path, data.data.hop, networks);
    let unexpected = path.not(expected);
    let goal = path.all(&[data.whole, unexpected]);
    put(&mut path, &known_as(party), goal)
}

/// An engine that reads on the caller's behalf, started from an unexpected network.
fn through_engines<'a>(
    context: &Context<'a>,
    networks: &[&NetworkDeclared],
    party: &'a Party<'a>,
    store: &'a Store<'a>,
    group: &Group,
) -> Answers {
    let mut answers = Answers::default();
    for engine in engines(store.service, group) {
        let Some(group) = group.only(|action| engine.forwards.contains(&action.name)) else {
            continue;
        };
        let mut path = Path::new(context.org, context.cast);
        let start = start(&mut path, &engine, party, store);
        if start.allowed.may == Formula::FALSE {
            continue;
        }
        let data = path.data(party, store, &group, Some(engine.host));
        let expected = expected(&mut path, start.hop, networks);
        let unexpected = path.not(expected);
        let goal = path.all(&[start.allowed, data.whole, unexpected]);
        answers.join(put(&mut path, &known_as(party), goal));
    }
    answers
}

/// That a hop comes from one of the declared networks.
pub(super) fn expected(path: &mut Path<'_>, hop: usize, networks: &[&NetworkDeclared]) -> Interval {
    let parts: Vec<Interval> = networks
        .iter()
        .map(|network| reach::expected(path, hop, network))
        .collect();
    path.any(&parts)
}
