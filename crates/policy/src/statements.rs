//! The statements of a document, found by service.
//!
//! A decision about one service passes over the statements of all others: what no pattern of a
//! statement can name, the statement does not speak of. The index is made with the list, and the
//! list cannot change without it, so that the two never disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::ast::{ActionPattern, Actions, Statement};

/// Statements in the order of their document. Reads as a slice of them.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    all: Vec<Statement>,
    /// Places in `all` of the statements that may speak of any service.
    anywhere: Vec<u32>,
    /// Places of the others by the services that they name, in the order of the services' names.
    named: Vec<(Box<str>, Vec<u32>)>,
}

impl Hash for Statements {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.all.hash(state);
    }
}

impl Statements {
    /// The statements that may speak of actions of this service (a prefix in lower case); all of
    /// them, if it is not known of which service. What is left out matches no such action.
    pub fn about(&self, service: Option<&str>) -> About<'_> {
        let Some(service) = service else {
            return About::All(self.all.iter());
        };
        let by_name = |(named, _): &(Box<str>, Vec<u32>)| (**named).cmp(service);
        let found = self.named.binary_search_by(by_name).ok();
        About::Some {
            all: &self.all,
            anywhere: &self.anywhere,
            named: found
                .and_then(|at| self.named.get(at))
                .map_or(&[], |(_, places)| places.as_slice()),
        }
    }

    /// Keeps the statements for which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&Statement) -> bool) {
        let mut all = std::mem::take(&mut self.all);
        all.retain(keep);
        *self = Statements::from(all);
    }
}

/// The statements that may speak of one service, in the order of their document.
pub enum About<'s> {
    /// All of them.
    All(std::slice::Iter<'s, Statement>),
    /// Those in these places.
    Some {
        /// Every statement of the document.
        all: &'s [Statement],
        /// Places of statements that may speak of any service.
        anywhere: &'s [u32],
        /// Places of statements that name the service.
        named: &'s [u32],
    },
}

impl<'s> Iterator for About<'s> {
    type Item = &'s Statement;

    fn next(&mut self) -> Option<&'s Statement> {
        match self {
            About::All(all) => all.next(),
            About::Some {
                all,
                anywhere,
                named,
            } => all.get(earlier(anywhere, named)? as usize),
        }
    }
}

/// Takes the smaller of the first places of two lists.
fn earlier<'l>(one: &mut &'l [u32], other: &mut &'l [u32]) -> Option<u32> {
    let from: &mut &'l [u32] = match (one.first(), other.first()) {
        (Some(left), Some(right)) if right < left => other,
        (None, _) => other,
        _ => one,
    };
    let (first, rest) = from.split_first()?;
    *from = rest;
    Some(*first)
}

impl From<Vec<Statement>> for Statements {
    fn from(all: Vec<Statement>) -> Statements {
        let mut anywhere = Vec::new();
        let mut named: BTreeMap<Box<str>, Vec<u32>> = BTreeMap::new();
        for (place, statement) in (0..).zip(&all) {
            match services(&statement.actions) {
                None => anywhere.push(place),
                Some(services) => services
                    .into_iter()
                    .for_each(|service| named.entry(service).or_default().push(place)),
            }
        }
        Statements {
            all,
            anywhere,
            named: named.into_iter().collect(),
        }
    }
}

/// The services of whose actions some may match; `None`: of any.
fn services(actions: &Actions) -> Option<BTreeSet<Box<str>>> {
    let Actions::Only(patterns) = actions else {
        return None;
    };
    let mut services = BTreeSet::new();
    for pattern in patterns {
        match pattern {
            ActionPattern::Every => return None,
            ActionPattern::Of { service, .. } => {
                services.insert(service.to_ascii_lowercase().into());
            }
            ActionPattern::Nothing(_) => {}
        }
    }
    Some(services)
}

impl Deref for Statements {
    type Target = [Statement];

    fn deref(&self) -> &[Statement] {
        &self.all
    }
}

impl<'s> IntoIterator for &'s Statements {
    type Item = &'s Statement;
    type IntoIter = std::slice::Iter<'s, Statement>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl IntoIterator for Statements {
    type Item = Statement;
    type IntoIter = std::vec::IntoIter<Statement>;

    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter()
    }
}
