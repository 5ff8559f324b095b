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
use crate::scope::{Scope, Store};

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
        for party in &context.cast.principals {
            if approval.among(&access.who, &known_as(party)) {
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
        for store in &scope.stores {
            if !store.actions(*class).is_empty() {
                answers.join(works(context, access, party, store, *class));
            }
        }
    }
    answers
}

/// Whether some request of the class passes from each declared network.
fn works<'a>(
    context: &Context<'a>,
    access: &Access,
    party: &'a Party<'a>,
    store: &'a Store<'a>,
    class: Class,
) -> Answers {
    let mut answers = Answers::nothing_to_ask();
    for name in &access.from {
        let Some(network) = context.boundary.networks.get(name) else {
            continue;
        };
        let mut possible = false;
        let certain = store
            .groups
            .iter()
            .filter_map(|group| group.only(|action| action.classes.contains(&class)))
            .any(|group| {
                let mut path = Path::new(context.org, context.cast);
                path.writes_use_key = true;
                let data = path.data(party, store, &group, None);
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
            store.resource.arn
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
