//! Parts of the defence out of the way: what shows which of them still holds a path that one
//! control alone no longer closes.
//!
//! If a finding stays proved without a control, something else holds it. That something is found
//! by taking whole parts away until the control decides: with the parts gone and the control there
//! the finding is proved, with the control gone too it is not. Then each of those parts holds.

use cofferdam_org::model::Organization;
use cofferdam_policy::ast::{
    ActionPattern, Actions, Effect, PrincipalPattern, Principals, Resources, Statement,
};

use super::control::{Control, Part, documents, statements, without};

/// A part of the defence, out of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opening {
    /// Which part.
    pub part: Part,
    /// How far.
    pub how: How,
}

/// How far a part is out of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Its controls are removed; what its documents allow, they allow.
    Removed,
    /// Its documents allow everything to everybody, and deny nothing.
    Opened,
    /// Its documents allow everything to everybody that they do not deny.
    Granted,
    /// Its documents allow everybody what the control denies, where they do not deny it too.
    Lent,
}

impl Opening {
    /// Every opening that means something: organization policies allow everything as it is, and
    /// what is switched off cannot be opened further.
    pub fn all() -> Vec<Opening> {
        let removed = Part::ALL.map(|part| Opening {
            part,
            how: How::Removed,
        });
        let granted = [Part::Trust, Part::Resource, Part::Key].map(|part| Opening {
            part,
            how: How::Granted,
        });
        let opened = [
            Part::Identity,
            Part::Trust,
            Part::Resource,
            Part::Key,
            Part::Endpoint,
        ];
        let opened = opened.map(|part| Opening {
            part,
            how: How::Opened,
        });
        removed.into_iter().chain(granted).chain(opened).collect()
    }

    /// Sets of openings that are made for one control.
    pub fn lent() -> Vec<Vec<Opening>> {
        let one = |part, how| Opening { part, how };
        let (resource, key) = (one(Part::Resource, How::Lent), one(Part::Key, How::Lent));
        let limits = one(Part::PermissionsBoundary, How::Lent);
        let lent = [vec![resource], vec![key], vec![limits], vec![resource, key]];
        let without = |part| {
            lent.clone()
                .map(|set| [vec![one(part, How::Removed)], set].concat())
        };
        let removed = [Part::ServiceControl, Part::ResourceControl].map(without);
        lent.iter()
            .cloned()
            .chain(removed.into_iter().flatten())
            .collect()
    }

    /// Every resource policy allows everything to everybody, and no resource control policy stands
    /// in the way: what S3 block public access is for.
    pub fn public() -> Vec<Opening> {
        vec![
            Opening {
                part: Part::ResourceControl,
                how: How::Removed,
            },
            Opening {
                part: Part::Resource,
                how: How::Opened,
            },
            Opening {
                part: Part::Key,
                how: How::Opened,
            },
        ]
    }

    /// Whether it leaves the controls of a part in place.
    pub fn leaves(self, part: Part) -> bool {
        self.part != part || matches!(self.how, How::Granted | How::Lent)
    }

    /// In words, as the table has it.
    pub fn words(self) -> String {
        match self.how {
            How::Removed => self.part.words().to_owned(),
            How::Opened => format!("{}, whole", self.part.words()),
            How::Granted => format!("what {} allow", self.part.words()),
            How::Lent => format!("what {} allow of this", self.part.words()),
        }
    }

    /// The opening of these words.
    pub fn of(words: &str) -> Option<Opening> {
        let all = Opening::all().into_iter().chain(Opening::lent().concat());
        all.into_iter().find(|opening| opening.words() == words)
    }
}

/// A copy of an organization with some parts out of the way, for the sake of one control.
pub fn opened(
    org: &Organization,
    controls: &[Control],
    openings: &[Opening],
    sake: Option<&Control>,
) -> Organization {
    let actions = sake
        .and_then(|control| control.statement(org))
        .map(|denied| &denied.actions);
    let removed = |control: &&Control| {
        let removed = Opening {
            part: control.part,
            how: How::Removed,
        };
        openings.contains(&removed)
    };
    let mut copy = without(org, controls.iter().filter(removed));
    let everything = allow_everything(org);
    for document in documents(org) {
        let how = |how| {
            openings.contains(&Opening {
                part: document.part,
                how,
            })
        };
        let (open, grant, lend) = (how(How::Opened), how(How::Granted), how(How::Lent));
        if !open && !grant && !lend {
            continue;
        }
        let mut statement = everything.clone();
        if let (true, Some(actions)) = (lend, actions) {
            statement.actions = actions.clone();
        }
        let has_principals = !matches!(document.part, Part::Identity | Part::PermissionsBoundary);
        if has_principals {
            statement.principals = Principals::Only(vec![PrincipalPattern::Everyone]);
        }
        if document.part == Part::Trust {
            statement.resources = Resources::NotGiven;
        }
        statements(&mut copy, document.id, |all| {
            if open {
                all.clear();
            }
            statement.index = GRANTED;
            all.push(statement);
        });
    }
    copy
}

/// The statement of an administrator, which every organization has.
fn allow_everything(org: &Organization) -> Statement {
    let documents = documents(org);
    let mut statements = documents
        .iter()
        .filter(|document| document.part == Part::Identity)
        .filter_map(|document| org.policies.get(document.id).document.present())
        .flat_map(|policy| policy.statements.iter());
    let all = |statement: &&Statement| {
        let every = matches!(&statement.actions, Actions::Only(actions) if actions.contains(&ActionPattern::Every));
        every && statement.effect == Effect::Allow && statement.conditions.is_empty()
    };
    statements.find(all).unwrap().clone()
}

/// The number of the statement that is added, far from those that are there.
const GRANTED: u32 = 1_000;
