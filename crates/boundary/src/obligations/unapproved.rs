//! `identity.unapproved-principal`: no data path is open to a principal of the organization that
//! `access` does not approve for that class of action.
//!
//! First for all principals of an account at once, whatever their policies; where that cannot be
//! proved, for each principal that exists.

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;
use cofferdam_names::AccountId;

use super::outside::{UNDER_DEFAULT_KEY, could};
use super::{Approval, CLASSES, Context, Part, verb};
use crate::ask::{Answers, ask as put};
use crate::cast::{Crowd, known_as};
use crate::path::Path;
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
    for (account, why) in &context.cast.unread {
        part.answers
            .miss(format!("principals of account {account}"), why.to_string());
    }
    part.held_by = question.only_key.then_some("encryption");
    if question.only_key {
        part.assumptions.push(UNDER_DEFAULT_KEY.to_owned());
    }
    (part.answers.asked > 0).then_some(part)
}

const EXISTING: &str = "rests on the principals that exist: in some account a new principal with wide policies would get in";

struct Question<'a> {
    context: Context<'a>,
    approval: Approval<'a>,
    class: Class,
    only_existing: bool,
    only_key: bool,
}

impl<'a> Question<'a> {
    fn of_group(&mut self, store: &'a Store<'a>, group: &Group) -> Answers {
        let mut answers = Answers::default();
        let cast = self.context.cast;
        let mut open: Vec<AccountId> = Vec::new();
        for crowd in &cast.crowds {
            let found = self.crowd(store, group, crowd);
            if found.nothing() {
                answers.join(found);
            } else {
                open.extend(&crowd.accounts);
            }
        }
        for party in cast.existing() {
            let exists_in_open = party
                .caller
                .account
                .is_some_and(|account| open.contains(&account));
            if exists_in_open || is_service_linked(party) {
                answers.join(self.one(store, group, party));
            }
        }
        self.only_existing |= !open.is_empty();
        answers
    }

    /// All principals of an account at once, those approved left out.
    fn crowd(&mut self, store: &'a Store<'a>, group: &Group, crowd: &'a Crowd<'a>) -> Answers {
        let mut path = Path::new(self.context.org, self.context.cast);
        let data = path.data(&crowd.party, store, group, None);
        let approved = self.approval.approved(self.class);
        let approved = self
            .approval
            .is_one_of(&mut path.query, data.data.hop, &approved);
        let stranger = path.not(approved);
        let goal = path.all(&[data.whole, stranger]);
        put(&mut path, &known_as(&crowd.party), goal)
    }

    fn one(&mut self, store: &'a Store<'a>, group: &Group, party: &'a Party<'a>) -> Answers {
        let name = known_as(party);
        let class = self.class;
        let Some(group) = group.only(|action| !self.approval.allows(&name, class, &action.name))
        else {
            return Answers::nothing_to_ask();
        };
        let mut path = Path::new(self.context.org, self.context.cast);
        let data = path.data(party, store, &group, None);
        let found = put(&mut path, &name, data.whole);
        if found.nothing() && !group.key_actions.is_empty() {
            self.only_key |= could(&mut path, data.data.allowed);
        }
        found
    }
}

fn is_service_linked(party: &Party<'_>) -> bool {
    matches!(
        party.caller.kind,
        CallerKind::Role {
            service_linked: true,
            ..
        }
    )
}
