//! `identity.outside-organization`: no data path is open to a foreign account or to nobody in
//! particular, except a declared partner's approved access.

use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;

use super::engines::through_engines;
use super::{Approval, CLASSES, Context, Part, verb};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::file::{Who, WhoAt};
use crate::path::{Path, exactly};
use crate::scope::Scope;

/// Asks it, class by class.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    CLASSES
        .iter()
        .filter_map(|class| of_class(context, scope, *class))
        .collect()
}

fn of_class<'a>(context: &Context<'a>, scope: &'a Scope<'a>, class: Class) -> Option<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        class: Some(class),
        holds: format!("nobody outside the organization can {} {name}", verb(class)),
        broken: format!(
            "somebody outside the organization can {} {name}",
            verb(class)
        ),
        assumptions: vec![OUTSIDE_LINKED.to_owned()],
        ..Part::default()
    };
    let mut held_by_key = false;
    for party in [&context.cast.outsiders, &context.cast.anonymous] {
        let (answers, only_key) = paths(context, scope, party, class);
        part.answers.join(answers);
        held_by_key |= only_key;
    }
    part.held_by = held_by_key.then_some("encryption");
    if held_by_key {
        part.assumptions.push(UNDER_DEFAULT_KEY.to_owned());
    }
    (part.answers.asked > 0).then_some(part)
}

/// What a proof takes for granted that only the key holds.
pub(super) const UNDER_DEFAULT_KEY: &str = "what is stored is under the store's default key";

const OUTSIDE_LINKED: &str =
    "service-linked roles of other accounts act only as their services let them";

/// Every path of one party to the class, and whether only the key stops some of them.
fn paths<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    party: &'a Party<'a>,
    class: Class,
) -> (Answers, bool) {
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let partners: Vec<&WhoAt> = approval
        .approved(class)
        .into_iter()
        .filter(|who| matches!(who.who, Who::Partner { .. }))
        .collect();
    let mut answers = Answers::default();
    let mut only_key = false;
    for store in &scope.stores {
        for group in &store.groups {
            let Some(group) = group.only(|action| action.classes.contains(&class)) else {
                continue;
            };
            let mut path = Path::new(context.org, context.cast);
            let data = path.data(party, store, &group, None);
            let partner = approval.is_one_of(&mut path.query, data.data.hop, &partners);
            let stranger = path.not(partner);
            let whole = path.all(&[data.whole, stranger]);
            let mut found = put(&mut path, &known_as(party), whole);
            if found.nothing() {
                found.join(through_engines(
                    context,
                    party,
                    store,
                    &group,
                    |path, data| {
                        let partner = approval.is_one_of(&mut path.query, data.data.hop, &partners);
                        let stranger = path.not(partner);
                        path.all(&[data.whole, stranger])
                    },
                ));
            }
            if found.nothing() && !group.key_actions.is_empty() {
                let data_alone = path.all(&[data.data.allowed, stranger]);
                only_key |= could(&mut path, data_alone);
            }
            answers.join(found);
        }
    }
    (answers, only_key)
}

/// Whether the data request alone could pass: then only the key stops the path.
pub(super) fn could(path: &mut Path<'_>, goal: cofferdam_authz::symbolic::Interval) -> bool {
    let possible = path.query.goal(&[exactly(goal.may)]);
    if possible.may == cofferdam_logic::Formula::FALSE {
        return false;
    }
    let mut search = cofferdam_authz::search::Search::new(&path.query, possible);
    !matches!(search.find(), cofferdam_authz::search::Found::Nothing(_))
}
