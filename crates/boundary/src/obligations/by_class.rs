//! Questions that are asked class by class, and first of all classes at once: where nobody gets in
//! at all, one answer serves every class.

use cofferdam_authz::symbolic::Interval;
use cofferdam_catalog::Class;
use cofferdam_logic::Formula;

use super::{Approval, CLASSES, Part};
use crate::ask::{Answers, Depth};
use crate::file::{Who, WhoAt};
use crate::granted::Seen;
use crate::path::{Path, exactly};
use crate::scope::{Group, Scope, Store};

/// What one question came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The answers.
    pub answers: Answers,
    /// Whether only the key stops some path.
    pub only_key: bool,
    /// Whether it rests on the principals that exist.
    pub only_existing: bool,
}

/// What is asked of a group of actions.
pub(super) struct About<'s> {
    /// The classes that are meant.
    pub classes: &'s [Class],
    /// How much of an answer is wanted.
    pub depth: Depth,
    /// Who was granted nothing of the group.
    pub seen: &'s Seen<'s>,
}

impl Found {
    fn join(&mut self, other: Found) {
        self.answers.join(other.answers);
        self.only_key |= other.only_key;
        self.only_existing |= other.only_existing;
    }
}

/// Asks every group of every store, and makes a part of each class that some action has.
pub(super) fn by_class<'a>(
    scope: &'a Scope<'a>,
    mut ask: impl FnMut(&'a Store<'a>, &Group, &About<'_>) -> Found,
    mut part: impl FnMut(Class, Found) -> Part,
) -> Vec<Part> {
    let mut found: Vec<(Class, Found)> = CLASSES.map(|class| (class, Found::default())).to_vec();
    for store in &scope.stores {
        for group in &store.groups {
            let has = |class: &Class| {
                group
                    .actions
                    .iter()
                    .any(|action| action.classes.contains(class))
            };
            let classes: Vec<Class> = CLASSES.iter().copied().filter(has).collect();
            let seen = Seen::of(group);
            let at_once = About {
                classes: &classes,
                depth: Depth::Anything,
                seen: &seen,
            };
            let at_once = ask(store, group, &at_once);
            for (class, of_class) in found
                .iter_mut()
                .filter(|(class, _)| classes.contains(class))
            {
                of_class.join(match group.only(|action| action.classes.contains(class)) {
                    Some(_) if at_once.answers.nothing() => at_once.clone(),
                    Some(group) => {
                        let about = About {
                            classes: &[*class],
                            depth: Depth::EveryCause,
                            seen: &seen,
                        };
                        ask(store, &group, &about)
                    }
                    None => Found::default(),
                });
            }
        }
    }
    let asked = found
        .into_iter()
        .filter(|(_, found)| found.answers.asked > 0);
    asked.map(|(class, found)| part(class, found)).collect()
}

/// That the request is of one of the classes and its caller not approved for that class. Of the
/// approvals only those for which `counts` holds are looked at.
pub(super) fn unapproved(
    path: &mut Path<'_>,
    hop: usize,
    approval: &Approval<'_>,
    group: &Group,
    classes: &[Class],
    counts: impl Fn(&Who) -> bool,
) -> Interval {
    let mut ways = Vec::new();
    for class in classes {
        let who: Vec<&WhoAt> = approval
            .approved(*class)
            .into_iter()
            .filter(|who| counts(&who.who))
            .collect();
        let approved = approval.is_one_of(&mut path.query, hop, &who);
        let stranger = path.not(approved);
        let of_class = of_class(path, hop, group, *class);
        ways.push(path.all(&[exactly(of_class), stranger]));
    }
    path.any(&ways)
}

fn of_class(path: &mut Path<'_>, hop: usize, group: &Group, class: Class) -> Formula {
    path.query.action_is(hop, |name| {
        group
            .actions
            .iter()
            .any(|action| action.name == *name && action.classes.contains(&class))
    })
}
