//! `identity.outside-organization`: no data path is open to a foreign account or to nobody in
//! particular, except a declared partner's approved access.

use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;

use super::by_class::{About, Found, by_class, unapproved};
use super::engines::through_engines;
use super::{Approval, Context, Part, verb};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::file::Who;
use crate::granted::Grants;
use crate::path::{DataPath, Path, exactly};
use crate::scope::{Group, Scope, Store};

/// Asks it, class by class.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let parties = [&context.cast.outsiders, &context.cast.anonymous];
    let ask = |store: &'a Store<'a>, group: &Group, about: &About<'_>| {
        let mut all = Found::default();
        for party in parties {
            let found = paths(&approval, party, store, group, about);
            all.answers.join(found.answers);
            all.only_key |= found.only_key;
        }
        all
    };
    by_class(scope, ask, |class, found| {
        part(&scope.dataset.name, class, found)
    })
}

fn part(name: &str, class: Class, found: Found) -> Part {
    let mut part = Part {
        class: Some(class),
        holds: format!("nobody outside the organization can {} {name}", verb(class)),
        broken: format!(
            "somebody outside the organization can {} {name}",
            verb(class)
        ),
        answers: found.answers,
        assumptions: vec![OUTSIDE_LINKED.to_owned()],
        held_by: found.only_key.then_some("encryption"),
    };
    if found.only_key {
        part.assumptions.push(UNDER_DEFAULT_KEY.to_owned());
    }
    part
}

/// What a proof takes for granted that only the key holds.
pub(super) const UNDER_DEFAULT_KEY: &str = "what is stored is under the store's default key";

const OUTSIDE_LINKED: &str =
    "service-linked roles of other accounts act only as their services let them";

/// Every path of one party to the classes, and whether only the key stops some of them.
fn paths<'a>(
    approval: &Approval<'a>,
    party: &'a Party<'a>,
    store: &'a Store<'a>,
    group: &Group,
    about: &About<'_>,
) -> Found {
    let context = &approval.context;
    let by_stranger = |path: &mut Path<'a>, data: &DataPath| {
        let is_partner = |who: &Who| matches!(who, Who::Partner { .. });
        let stranger = unapproved(
            path,
            data.data.hop,
            approval,
            group,
            about.classes,
            is_partner,
        );
        path.all(&[data.whole, stranger])
    };
    if Grants::on_store(context, party, store, None).nothing_of(group) {
        let mut answers = Answers::nothing_to_ask();
        answers.join(through_engines(
            context,
            party,
            store,
            group,
            about.depth,
            by_stranger,
        ));
        return Found {
            answers,
            ..Found::default()
        };
    }
    let mut path = Path::new(context.org, context.cast);
    path.depth = about.depth;
    let data = path.data(party, store, group, None);
    let goal = by_stranger(&mut path, &data);
    let mut answers = put(&mut path, &known_as(party), goal);
    if answers.nothing() {
        answers.join(through_engines(
            context,
            party,
            store,
            group,
            about.depth,
            by_stranger,
        ));
    }
    let mut only_key = false;
    if answers.nothing() && !group.key_actions.is_empty() {
        let whole = data.data.allowed;
        let alone = by_stranger(&mut path, &DataPath { whole, ..data });
        only_key = could(&mut path, alone);
    }
    Found {
        answers,
        only_key,
        only_existing: false,
    }
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
