//! `access.approved-works`: for every existing principal, network and resource under `access`, some
//! well-formed request of each approved class is allowed.
//!
//! A boundary that stops its own readers is not a boundary that anybody keeps.

use cofferdam_authz::gather::Party;
use cofferdam_authz::search::{Found, Search};
use cofferdam_catalog::Class;

use super::source::expected;
use super::{Approval, CLASSES, Context, Part, verb};
use crate::ask::{Answers, Raw};
use crate::cast::known_as;
use crate::file::{Access, Can, Who};
use crate::path::Path;
use crate::scope::{Group, Scope, Store};

/// Asks it of every approval.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!("everybody approved for {name} can do what is approved"),
        broken: format!("an approval for {name} does not work"),
        ..Part::default()
    };
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    for access in &scope.dataset.access {
        let principals = access
            .who
            .iter()
            .filter(|who| !matches!(who.who, Who::Service { .. } | Who::Partner { .. }));
        if principals.count() == 0 {
            continue;
        }
        let mut someone = false;
        for party in approval.candidates(&access.who) {
            if party.principal.is_some() && approval.among(&access.who, &known_as(party)) {
                someone = true;
                part.answers.join(of_party(context, scope, access, party));
            }
        }
        if !someone {
            part.answers.miss(
                format!("an approval for {name}"),
                "it matches no principal that exists: it says nothing",
            );
        }
    }
    (part.answers.asked > 0 || !part.answers.missing.is_empty())
        .then_some(part)
        .into_iter()
        .collect()
}

fn of_party<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    access: &Access,
    party: &'a Party<'a>,
) -> Answers {
    let mut answers = Answers::default();
    for class in CLASSES
        .iter()
        .filter(|class| access.can.contains(&Can::Class(**class)))
    {
        for store in scope.stores.iter().filter(|store| store.is_itself()) {
            if !store.actions(*class).is_empty() {
                let ways = ways_to(scope, store);
                answers.join(works(context, access, party, &ways, *class));
            }
        }
    }
    answers
}

/// The store by every way that leads to it: one that works is enough.
fn ways_to<'a>(scope: &'a Scope<'a>, store: &Store<'a>) -> Vec<&'a Store<'a>> {
    let same = |other: &&Store<'a>| other.resource.arn == store.resource.arn;
    scope.stores.iter().filter(same).collect()
}

/// Whether some request of the class passes from each declared network.
fn works<'a>(
    context: &Context<'a>,
    access: &Access,
    party: &'a Party<'a>,
    ways: &[&'a Store<'a>],
    class: Class,
) -> Answers {
    let mut answers = Answers::nothing_to_ask();
    let groups = ways.iter().flat_map(|store| {
        let groups = store.groups.iter();
        groups.filter_map(|group| {
            let only = group.only(|action| action.classes.contains(&class))?;
            Some((*store, only))
        })
    });
    let groups: Vec<(&Store<'a>, Group)> = groups.collect();
    for name in &access.from {
        let Some(network) = context.boundary.networks.get(name) else {
            continue;
        };
        let mut possible = false;
        let certain = groups.iter().any(|(store, group)| {
            let mut path = Path::new(context.org, context.cast);
            path.writes_use_key = true;
            let data = path.data(party, store, group, None);
            let expected = expected(&mut path, data.data.hop, &[network]);
            let goal = path.all(&[data.whole, expected]);
            let goal = path.query.goal(&[goal]);
            match Search::new(&path.query, goal).find() {
                Found::Certain(_) => true,
                Found::Possible(_) | Found::GaveUp(_) => {
                    possible = true;
                    false
                }
                Found::Nothing(_) => false,
            }
        });
        if certain {
            continue;
        }
        let who = known_as(party);
        let what = format!(
            "{who} cannot {} {} from {name}",
            verb(class),
            ways.first().map_or("", |store| store.resource.arn.as_str())
        );
        if possible {
            answers.miss(who, what);
        } else {
            answers.raw.push(Raw::flaw(
                format!("approval of {who}"),
                format!("{what}: run `cofferdam test` to see which layer refuses"),
            ));
        }
    }
    answers
}
