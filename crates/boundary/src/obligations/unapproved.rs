//! `identity.unapproved-principal`: no data path is open to a principal of the organization that
//! `access` does not approve for that class of action.
//!
//! First for all principals of an account at once, whatever their policies; where that cannot be
//! proved, for each principal that exists.

use std::cell::{Cell, RefCell};

use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;
use cofferdam_findings::finding::Witness;

use super::by_class::{About, Found, by_class, unapproved};
use super::engines::through_engines;
use super::everyone::{EXISTING, everyone};
use super::outside::{UNDER_DEFAULT_KEY, could};
use super::{Approval, Context, Part, verb};
use crate::ask::{Answers, Depth, Raw, ask as put};
use crate::cast::known_as;
use crate::cause::is_resource_side;
use crate::granted::Grants;
use crate::path::{DataPath, Path};
use crate::reach::{self, Classes, Scene, Standing};
use crate::scope::{ClassedAction, Group, Scope, Store};

/// Asks it, class by class.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    let ask = |store: &'a Store<'a>, group: &Group, about: &About<'_>| {
        let question = Question {
            approval: &approval,
            store,
            group,
            about,
            only_key: Cell::new(false),
            is_found: Cell::new(false),
            reach: reach::Question {
                org: context.org,
                cast: context.cast,
                approval: Some(approval),
            },
            classes: RefCell::default(),
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
    about: &'q About<'q>,
    only_key: Cell<bool>,
    is_found: Cell<bool>,
    reach: reach::Question<'a>,
    /// What principals of other accounts came to, by class.
    classes: RefCell<Classes<Answers>>,
}

impl<'a> Question<'_, 'a> {
    fn of_everyone(&self) -> Found {
        let context = &self.approval.context;
        let everyone = everyone(
            (context.org, context.cast),
            self.store.thing(),
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
            let stranger = unapproved(
                path,
                hop,
                self.approval,
                self.group,
                self.about.classes,
                |_| true,
            );
            path.all(&[data.whole, stranger])
        })
    }

    fn one(&self, party: &'a Party<'a>) -> Answers {
        let context = &self.approval.context;
        if self.about.depth == Depth::Anything && self.is_found.get() {
            return Answers::nothing_to_ask();
        }
        if self.about.seen.nothing(context, party, self.store) {
            return Answers::nothing_to_ask();
        }
        let name = known_as(party);
        let open = |action: &ClassedAction| {
            let mut classes = self
                .about
                .classes
                .iter()
                .filter(|class| action.classes.contains(class));
            classes.any(|class| !self.approval.allows(&name, *class, &action.name))
        };
        match self.group.only(open) {
            Some(group) => {
                let found = self.by_class(party, &name, &group);
                self.is_found.set(self.is_found.get() || !found.nothing());
                found
            }
            None => Answers::nothing_to_ask(),
        }
    }

    /// What a principal of another account comes to is what others of its class do, where the
    /// resource's own policy names the cause: only the name differs then.
    fn by_class(&self, party: &'a Party<'a>, name: &str, group: &Group) -> Answers {
        let ask = || self.paths(party, group, |_, data| data.whole);
        let is_own = party.caller.account == Some(self.store.resource.account);
        if is_own || self.about.depth == Depth::Anything || self.approval.context.cast.certify {
            return ask();
        }
        let scene = Scene::new(&self.reach, party, self.store, (0, None));
        let Standing::Of(class) = scene.standing(0, group) else {
            return ask();
        };
        if let Some(known) = self.classes.borrow().get(&class) {
            return also(name, known);
        }
        let found = ask();
        if is_alike_for_all(&found) {
            self.classes.borrow_mut().put(class, found.clone());
        }
        found
    }

    fn paths(
        &self,
        party: &'a Party<'a>,
        group: &Group,
        goal: impl Fn(&mut Path<'a>, &DataPath) -> cofferdam_authz::symbolic::Interval,
    ) -> Answers {
        let context = &self.approval.context;
        let depth = match self.about.depth {
            Depth::EveryCause => Depth::of(party),
            Depth::Anything => Depth::Anything,
        };
        if Grants::on_store(context, party, self.store, None).nothing_of(group) {
            let mut found = Answers::nothing_to_ask();
            found.join(through_engines(
                context, party, self.store, group, depth, &goal,
            ));
            return found;
        }
        let mut path = Path::new(context.org, context.cast);
        path.depth = depth;
        let data = path.data(party, self.store, group, None);
        let whole = goal(&mut path, &data);
        let mut found = put(&mut path, &known_as(party), whole);
        if found.nothing() {
            found.join(through_engines(
                context, party, self.store, group, depth, &goal,
            ));
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

/// Whether nothing in these answers but a name is about the principal alone: each way in is named
/// by the resource's own policy.
fn is_alike_for_all(found: &Answers) -> bool {
    let by_resource = |raw: &Raw| {
        raw.permits
            .iter()
            .any(|permit| is_resource_side(permit.layer))
    };
    !found.raw.is_empty()
        && found.raw.iter().all(by_resource)
        && found.possible.is_empty()
        && found.missing.is_empty()
        && found.proofs.is_empty()
}

/// The same ways in, of somebody else. A cause shows the request of the first of a class.
fn also(name: &str, known: &Answers) -> Answers {
    let raw = known.raw.iter().map(|raw| Raw {
        principal: name.to_owned(),
        permits: raw
            .permits
            .iter()
            .filter(|permit| is_resource_side(permit.layer))
            .cloned()
            .collect(),
        witness: Witness::default(),
        fix: raw.fix.clone(),
        fault: raw.fault.clone(),
        shown: raw.shown.clone(),
    });
    Answers {
        raw: raw.collect(),
        asked: known.asked,
        well_formed: known.well_formed,
        cut_short: known.cut_short,
        ..Answers::default()
    }
}
