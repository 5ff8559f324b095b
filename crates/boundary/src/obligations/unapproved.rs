//! `identity.unapproved-principal`: no data path is open to a principal of the organization that
//! `access` does not approve for that class of action.
//!
//! First for all principals of an account at once, whatever their policies; where that cannot be
//! proved, for each principal that exists.

use std::cell::Cell;

use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;

use super::by_class::{Found, by_class, unapproved};
use super::engines::through_engines;
use super::everyone::{EXISTING, everyone};
use super::outside::{UNDER_DEFAULT_KEY, could};
use super::{Approval, Context, Part, verb};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::path::{DataPath, Path};
use crate::scope::{ClassedAction, Group, Scope, Store};

/// Asks it, class by class.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let ask = |store: &'a Store<'a>, group: &Group, classes: &[Class]| {
        let question = Question {
            approval: &approval,
            store,
            group,
            classes,
            only_key: Cell::new(false),
        };
        question.of_everyone()
    };
    by_class(scope, ask, |class, found| {
        part(&scope.dataset.name, class, found)
    })
}

fn part(name: &str, class: Class, found: Found) -> Part {
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
        answers: found.answers,
        assumptions: Vec::new(),
        held_by: found.only_key.then_some("encryption"),
    };
    if found.only_existing {
        part.assumptions.push(EXISTING.to_owned());
    }
    if found.only_key {
        part.assumptions.push(UNDER_DEFAULT_KEY.to_owned());
    }
    part
}

struct Question<'q, 'a> {
    approval: &'q Approval<'a>,
    store: &'a Store<'a>,
    group: &'q Group,
    classes: &'q [Class],
    only_key: Cell<bool>,
}

impl<'a> Question<'_, 'a> {
    fn of_everyone(&self) -> Found {
        let everyone = everyone(
            self.approval.context.cast,
            self.store.resource.account,
            |crowd| self.crowd(crowd),
            |party| self.one(party),
        );
        Found {
            answers: everyone.answers,
            only_key: self.only_key.get(),
            only_existing: everyone.only_existing,
        }
    }

    /// All principals of an account at once, those approved left out.
    fn crowd(&self, party: &'a Party<'a>) -> Answers {
        self.paths(party, self.group, |path, data| {
            let hop = data.data.hop;
            let stranger = unapproved(path, hop, self.approval, self.group, self.classes, |_| true);
            path.all(&[data.whole, stranger])
        })
    }

    fn one(&self, party: &'a Party<'a>) -> Answers {
        let name = known_as(party);
        let open = |action: &ClassedAction| {
            let mut classes = self
                .classes
                .iter()
                .filter(|class| action.classes.contains(class));
            classes.any(|class| !self.approval.allows(&name, *class, &action.name))
        };
        match self.group.only(open) {
            Some(group) => self.paths(party, &group, |_, data| data.whole),
            None => Answers::nothing_to_ask(),
        }
    }

    fn paths(
        &self,
        party: &'a Party<'a>,
        group: &Group,
        goal: impl Fn(&mut Path<'a>, &DataPath) -> cofferdam_authz::symbolic::Interval,
    ) -> Answers {
        let context = &self.approval.context;
        let mut path = Path::new(context.org, context.cast);
        let data = path.data(party, self.store, group, None);
        let whole = goal(&mut path, &data);
        let mut found = put(&mut path, &known_as(party), whole);
        if found.nothing() {
            found.join(through_engines(context, party, self.store, group, &goal));
        }
        if found.nothing() && !group.key_actions.is_empty() {
            let whole = data.data.allowed;
            let alone = goal(&mut path, &DataPath { whole, ..data });
            self.only_key
                .set(self.only_key.get() || could(&mut path, alone));
        }
        found
    }
}
