//! Callers by classes: who certainly has no way in, and who has the same ways as somebody before.
//!
//! A large organization has few distinct policies behind many principals. Callers whose statements
//! say the same, and of whom every test gives the same, have the same ways; only one of them is
//! asked. What enters a class is what enters a decision, so that no difference can be missed.

use std::collections::BTreeMap;

use cofferdam_authz::caller::{CallerKind, Membership};
use cofferdam_authz::coarse::{Outline, Span};
use cofferdam_authz::context::{Network, SessionTags};
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::layers::{IdentitySide, Sheet};
use cofferdam_authz::prepared::Prepared;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::Resource;
use cofferdam_policy::ast::Statement;
use cofferdam_policy::likeness::alike;

use super::Question;
use crate::cast::known_as;
use crate::path::host_of;
use crate::scope::{Group, Store};

/// What one question about a caller may come to before it is asked.
pub(crate) enum Standing {
    /// Nothing is allowed, whatever the request.
    Out,
    /// The question must be asked of this caller alone.
    Alone,
    /// Another caller of the same class has the same answer.
    Of(CallerClass),
}

/// What callers have in common who have the same ways.
pub(crate) struct CallerClass {
    likeness: Likeness,
    statements: Vec<Said>,
}

/// What must be equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// Which group of actions, through which service.
    question: (usize, usize),
    /// What every test of the caller gave, for the data and for its key.
    seen: Vec<u8>,
    kind: u8,
    /// Whose account it is, and how it stands.
    standing: (bool, bool, u8),
    tagged: bool,
    /// The documents of each level, by where they are kept.
    service_control: Result<Vec<Vec<usize>>, String>,
    /// What is not known of identity policies and permissions boundary.
    unread: (Option<String>, Option<String>),
    /// Whether the boundary approves the caller, entry by entry.
    approved: Vec<bool>,
}

/// The statements of a caller's own policies that speak of the services in question.
#[derive(Clone, PartialEq, Eq)]
struct Said {
    /// Identity policy or permissions boundary.
    limits: bool,
    /// A copy: classes are few, and outlive no question.
    statement: StatementLike,
}

/// A statement that compares by what it says.
#[derive(Clone)]
struct StatementLike(Statement);

impl PartialEq for StatementLike {
    fn eq(&self, other: &StatementLike) -> bool {
        alike(&self.0, &other.0)
    }
}

impl Eq for StatementLike {}

/// The classes that were asked, with what they came to.
pub(crate) struct Classes<T>(BTreeMap<Likeness, Vec<(Vec<Said>, T)>>);

impl<T> Default for Classes<T> {
    fn default() -> Self {
        Classes(BTreeMap::new())
    }
}

impl<T> Classes<T> {
    /// What a class came to, if one of it was asked.
    pub(crate) fn get(&self, class: &CallerClass) -> Option<&T> {
        let asked = self.0.get(&class.likeness)?;
        let same = asked
            .iter()
            .find(|(statements, _)| *statements == class.statements);
        same.map(|(_, found)| found)
    }

    /// Keeps what a class came to.
    pub(crate) fn put(&mut self, class: CallerClass, found: T) {
        let asked = self.0.entry(class.likeness).or_default();
        asked.push((class.statements, found));
    }
}

/// One caller before a store and its key, made ready for every group of actions.
pub(crate) struct Scene<'q, 'a> {
    question: &'q Question<'a>,
    party: &'q Party<'a>,
    store: &'q Store<'a>,
    key: Option<&'a Resource>,
    via: (usize, Option<&'static str>),
    data: Prepared<'q>,
}

impl<'q, 'a: 'q> Scene<'q, 'a> {
    pub(crate) fn new(
        question: &'q Question<'a>,
        party: &'q Party<'a>,
        store: &'q Store<'a>,
        via: (usize, Option<&'static str>),
    ) -> Scene<'q, 'a> {
        let thing = store.thing();
        Scene {
            question,
            party,
            store,
            key: question.org.key_of(store.resource),
            via,
            data: prepared(question, party, thing, store.service, via.1),
        }
    }

    /// How the caller stands to a group of actions.
    pub(crate) fn standing(&self, index: usize, group: &Group) -> Standing {
        let actions = group.names();
        let span = Span {
            actions: &actions,
            wanted: &group.wanted,
        };
        match self.data.outline(span) {
            None => Standing::Alone,
            Some(Outline {
                possible: false, ..
            }) => Standing::Out,
            Some(_) if self.party.session_tags == SessionTags::Open => Standing::Alone,
            Some(outline) => self.class(index, group, outline.seen),
        }
    }

    fn class(&self, index: usize, group: &Group, mut seen: Vec<u8>) -> Standing {
        if let Some(key) = self.key.filter(|_| !group.key_actions.is_empty()) {
            match self.key_seen(key, &group.key_actions) {
                Some(more) => seen.extend(more),
                None => return Standing::Alone,
            }
        }
        let Some(kind) = kind(self.party) else {
            return Standing::Alone;
        };
        let own = |resource: &Resource| self.party.caller.account == Some(resource.account);
        let likeness = Likeness {
            question: (index, self.via.0),
            seen,
            kind,
            standing: (
                own(self.store.resource),
                self.key.is_some_and(own),
                membership(self.party),
            ),
            tagged: self.party.session_tags == SessionTags::Stated,
            service_control: self.service_control(),
            unread: self.unread(),
            approved: self.approved(),
        };
        Standing::Of(CallerClass {
            likeness,
            statements: self.statements(),
        })
    }

    /// What tests of the caller give in the use of the key.
    fn key_seen(&self, key: &'a Resource, actions: &[ActionName]) -> Option<Vec<u8>> {
        let host = Some(host_of(self.store.service));
        let scene = prepared(self.question, self.party, Thing::Resource(key), KMS, host);
        let wanted = Wanted::Exactly(key.arn.to_string());
        let mut seen = Vec::new();
        for action in actions {
            let span = Span {
                actions: std::slice::from_ref(action),
                wanted: &wanted,
            };
            seen.extend(scene.outline(span)?.seen);
        }
        Some(seen)
    }

    pub(crate) fn service_control(&self) -> Result<Vec<Vec<usize>>, String> {
        let levels = match &self.data.layers().service_control {
            None | Some(Known::Absent) => return Ok(Vec::new()),
            Some(Known::Unknown(why)) => return Err(why.to_string()),
            Some(Known::Present(levels)) => levels,
        };
        let level = |sheets: &Known<Vec<Sheet<'_>>>| match sheets {
            Known::Present(sheets) => {
                let kept = sheets
                    .iter()
                    .map(|sheet| std::ptr::from_ref(sheet.policy).addr());
                Ok(kept.collect())
            }
            Known::Absent => Ok(vec![0]),
            Known::Unknown(why) => Err(why.to_string()),
        };
        levels.iter().map(|one| level(&one.sheets)).collect()
    }

    fn unread(&self) -> (Option<String>, Option<String>) {
        let layers = self.data.layers();
        let identity = match &layers.identity {
            IdentitySide::Policies(Known::Unknown(why)) => Some(why.to_string()),
            IdentitySide::Policies(_) => None,
            IdentitySide::AllBut(_) => Some("everything that is not denied".to_owned()),
            IdentitySide::Everything => Some("everything".to_owned()),
            IdentitySide::NotAsked => Some("not asked".to_owned()),
        };
        let boundary = match &layers.boundary {
            Known::Present(_) => Some("there".to_owned()),
            Known::Absent => None,
            Known::Unknown(why) => Some(why.to_string()),
        };
        (identity, boundary)
    }

    fn approved(&self) -> Vec<bool> {
        let Some(approval) = &self.question.approval else {
            return Vec::new();
        };
        let name = known_as(self.party);
        let lists = approval.dataset.access.iter().map(|access| &access.who);
        lists
            .chain([&approval.dataset.administrators])
            .map(|who| approval.among(who, &name))
            .collect()
    }

    fn statements(&self) -> Vec<Said> {
        let layers = self.data.layers();
        let identity = match &layers.identity {
            IdentitySide::Policies(Known::Present(sheets)) => sheets.as_slice(),
            _ => &[],
        };
        let identity = identity.iter().map(|sheet| (false, sheet));
        let boundary = layers.boundary.present().map(|sheet| (true, sheet));
        let mut said = Vec::new();
        for (limits, sheet) in identity.chain(boundary) {
            let Known::Present(policy) = &sheet.policy.document else {
                continue;
            };
            for service in [self.store.service, KMS] {
                said.extend(
                    policy
                        .statements
                        .about(Some(service))
                        .map(|statement| Said {
                            limits,
                            statement: StatementLike(statement.clone()),
                        }),
                );
            }
        }
        said
    }
}

const KMS: &str = "kms";

fn prepared<'q, 'a: 'q>(
    question: &'q Question<'a>,
    party: &'q Party<'a>,
    thing: Thing<'a>,
    service: &'q str,
    forwarded_by: Option<&'q str>,
) -> Prepared<'q> {
    let layers = gather::layers(question.org, party, thing, service);
    let mut situation = gather::situation(question.org, party, thing, service, Network::Stated);
    situation.forwarded_by = forwarded_by;
    Prepared::new(layers, situation)
}

/// Callers who exist and are one: others are asked alone.
fn kind(party: &Party<'_>) -> Option<u8> {
    match &party.caller.kind {
        CallerKind::User(_) => Some(0),
        CallerKind::Role { service_linked, .. } => Some(1 + u8::from(*service_linked)),
        CallerKind::Root(_) => Some(3),
        _ => None,
    }
}

fn membership(party: &Party<'_>) -> u8 {
    match &party.caller.membership {
        Membership::None => 0,
        Membership::Foreign => 1,
        Membership::Unknown => 2,
        Membership::Member { management, .. } => match management {
            Known::Present(true) => 3,
            Known::Present(false) => 4,
            Known::Absent => 5,
            Known::Unknown(_) => 6,
        },
    }
}
