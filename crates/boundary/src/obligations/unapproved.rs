//! `identity.unapproved-principal`: no data path is open to a principal of the organization that
//! `access` does not approve for that class of action.
//!
//! First for all principals of an account at once, whatever their policies; where that cannot be
//! proved, for each principal that exists.

use std::cell::Cell;

use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;

use super::engines::through_engines;
use super::everyone::{EXISTING, everyone};
use super::outside::{UNDER_DEFAULT_KEY, could};
use super::{Approval, CLASSES, Context, Part, verb};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::path::{DataPath, Path};
use crate::scope::{Group, Scope, Store};

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
        holds: format!(
            "no principal that is not approved for it can {} {name}",
            verb(class)
        ),
        broken: format!(
            "a principal that is not approved for it can {} {name}",
            verb(class)
        ),
        ..Part::default()
    };
    let mut question = Question {
        context: *context,
        approval: Approval {
            context: *context,
            dataset: scope.dataset,
        },
        class,
        only_existing: false,
        only_key: false,
    };
    for store in &scope.stores {
        for group in &store.groups {
            if let Some(group) = group.only(|action| action.classes.contains(&class)) {
                part.answers.join(question.of_group(store, &group));
            }
        }
    }
    if question.only_existing {
        part.assumptions.push(EXISTING.to_owned());
    }
    part.held_by = question.only_key.then_some("encryption");
    if question.only_key {
        part.assumptions.push(UNDER_DEFAULT_KEY.to_owned());
    }
    (part.answers.asked > 0).then_some(part)
}

struct Question<'a> {
    context: Context<'a>,
    approval: Approval<'a>,
    class: Class,
    only_existing: bool,
    only_key: bool,
}

impl<'a> Question<'a> {
    fn of_group(&mut self, store: &'a Store<'a>, group: &Group) -> Answers {
        let only_key = Cell::new(false);
        let everyone = everyone(
            self.context.cast,
            |_| true,
            |crowd| self.crowd(store, group, crowd, &only_key),
            |party| self.one(store, group, party, &only_key),
        );
        self.only_existing |= everyone.only_existing;
        self.only_key |= only_key.get();
        everyone.answers
    }

    /// All principals of an account at once, those approved left out.
    fn crowd(
        &self,
        store: &'a Store<'a>,
        group: &Group,
        party: &'a Party<'a>,
        only_key: &Cell<bool>,
    ) -> Answers {
        let (approval, class) = (self.approval, self.class);
        let by_stranger = |path: &mut Path<'a>, data: &DataPath| {
            let approved = approval.approved(class);
            let approved = approval.is_one_of(&mut path.query, data.data.hop, &approved);
            let stranger = path.not(approved);
            path.all(&[data.whole, stranger])
        };
        let mut path = Path::new(self.context.org, self.context.cast);
        let data = path.data(party, store, group, None);
        let goal = by_stranger(&mut path, &data);
        let mut found = put(&mut path, &known_as(party), goal);
        if found.nothing() {
            found.join(through_engines(
                &self.context,
                party,
                store,
                group,
                by_stranger,
            ));
        }
        if found.nothing() && !group.key_actions.is_empty() {
            let whole = data.data.allowed;
            let alone = by_stranger(&mut path, &DataPath { whole, ..data });
            only_key.set(only_key.get() || could(&mut path, alone));
        }
        found
    }

    fn one(
        &self,
        store: &'a Store<'a>,
        group: &Group,
        party: &'a Party<'a>,
        only_key: &Cell<bool>,
    ) -> Answers {
        let name = known_as(party);
        let class = self.class;
        let Some(group) = group.only(|action| !self.approval.allows(&name, class, &action.name))
        else {
            return Answers::nothing_to_ask();
        };
        let mut path = Path::new(self.context.org, self.context.cast);
        let data = path.data(party, store, &group, None);
        let mut found = put(&mut path, &name, data.whole);
        if found.nothing() {
            let whole = |_: &mut Path<'a>, data: &DataPath| data.whole;
            found.join(through_engines(&self.context, party, store, &group, whole));
        }
        if found.nothing() && !group.key_actions.is_empty() {
            only_key.set(only_key.get() || could(&mut path, data.data.allowed));
        }
        found
    }
}
