//! What the keys of a scene hold, derived once.
//!
//! All requests of one caller to one thing share every key that follows from the two, so a key is
//! derived when a policy first asks for it and kept as long as the scene is. What a request states
//! of itself is not kept here.

use std::sync::OnceLock;

use cofferdam_names::ContextKey;

use crate::concrete;
use crate::context::{self, Situation};
use crate::term::Term;

/// Lists by which keys are told apart quickly; most scenes ask for fewer keys than this.
const LISTS: usize = 16;

/// The keys of one scene that were asked for, with what follows for them. Fill it for one
/// [`Situation`] only.
#[derive(Debug, Default)]
pub struct Keys {
    lists: [Place; LISTS],
}

/// The end of a list, or the next key in it.
type Place = OnceLock<Box<Slot>>;

#[derive(Debug)]
struct Slot {
    key: ContextKey,
    kept: OnceLock<Kept>,
    multivalued: OnceLock<bool>,
    next: Place,
}

/// What follows for a key.
#[derive(Debug)]
pub(crate) enum Kept {
    /// The request does not have it.
    Absent,
    /// These values.
    Values(Vec<Box<str>>),
    /// Nobody can tell, with the reason.
    Unknown(Box<str>),
    /// The request may state it.
    Open,
}

impl Keys {
    /// What follows for a key in the situation.
    pub(crate) fn kept(&self, key: &ContextKey, situation: &Situation<'_>) -> &Kept {
        let slot = self.slot(key);
        slot.kept
            .get_or_init(|| match context::term(key, situation) {
                Term::Absent => Kept::Absent,
                Term::Values(values) => Kept::Values(values),
                Term::Unknown(why) => Kept::Unknown(why),
                _ => Kept::Open,
            })
    }

    /// Whether the catalogue says that the key may hold several values.
    pub(crate) fn multivalued(&self, key: &ContextKey) -> bool {
        *self
            .slot(key)
            .multivalued
            .get_or_init(|| concrete::multivalued(key))
    }

    fn slot(&self, key: &ContextKey) -> &Slot {
        let [first, ..] = &self.lists;
        let mut place = self.lists.get(list_of(key)).unwrap_or(first);
        loop {
            let slot = place.get_or_init(|| Box::new(Slot::empty(key)));
            if slot.key == *key {
                return slot;
            }
            place = &slot.next;
        }
    }
}

impl Slot {
    fn empty(key: &ContextKey) -> Slot {
        Slot {
            key: key.clone(),
            kept: OnceLock::new(),
            multivalued: OnceLock::new(),
            next: OnceLock::new(),
        }
    }
}

/// Keys of equal length and ending share a list.
fn list_of(key: &ContextKey) -> usize {
    let name = key.folded().as_bytes();
    let end = name.last().copied().unwrap_or_default();
    (name.len() + usize::from(end)) % LISTS
}

impl Drop for Keys {
    /// One after the other, because a policy may name more keys than a stack has frames.
    fn drop(&mut self) {
        for first in &mut self.lists {
            let mut next = first.take();
            while let Some(mut slot) = next {
                next = slot.next.take();
            }
        }
    }
}
