//! The denied paths just outside a boundary, and the approved ones within it.
//!
//! Each approved access must work; next to it lie the paths that must be refused: somebody else,
//! another network, no right to the key. A denied path differs from an approved one in that one
//! thing, so that a layer that refuses it does so for that reason. Every layer that would refuse it
//! alone is named, because a path that one layer alone refuses is one mistake from open.

mod alone;
mod attempt;
mod denied;
mod place;
mod typical;

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::gather::{Party, session_of};
use cofferdam_authz::witness::key;
use cofferdam_catalog::Class;
use cofferdam_findings::probe::{Expected, Probe};
use cofferdam_logic::Network;
use cofferdam_org::model::Organization;
use cofferdam_policy::matching::action_matches;

use crate::cast::{Cast, known_as};
use crate::file::{Access, Boundary, Can, Dataset, Date, NetworkDeclared, Who};
use crate::obligations::{Approval, CLASSES, Context};
use crate::scope::{Group, Scope, Store};
use attempt::{Attempt, Base, Caller, Try};
use place::Place;

/// The probes of every dataset: for each resource first the approved paths, then the denied ones.
pub fn probes(
    org: &Organization,
    boundary: &Boundary,
    cast: &Cast<'_>,
    as_of: Option<Date>,
) -> Vec<Probe> {
    let context = Context {
        org,
        boundary,
        cast,
        as_of,
    };
    boundary
        .datasets
        .iter()
        .flat_map(|dataset| of_dataset(&context, dataset))
        .collect()
}

fn of_dataset(context: &Context<'_>, dataset: &Dataset) -> Vec<Probe> {
    let scope = Scope::of(context.org, dataset);
    let several = dataset.resources.len() > 1;
    let elsewhere = elsewhere(context.boundary);
    let stores = scope.stores.iter().filter(|store| store.is_itself());
    let makers = stores.map(|store| Maker {
        context: *context,
        approval: Approval {
            context: *context,
            dataset,
        },
        store,
        several,
        elsewhere,
    });
    let probes = makers.flat_map(|maker| {
        let (mut probes, models) = maker.approved();
        probes.extend(denied::probes(&maker, &models));
        probes
    });
    probes.collect()
}

/// Makes the probes of one resource.
struct Maker<'m, 'a> {
    context: Context<'a>,
    approval: Approval<'a>,
    store: &'m Store<'a>,
    several: bool,
    elsewhere: &'static str,
}

/// An approved path that works: what denied paths differ from in one thing.
struct Model<'a> {
    class: Class,
    group: Group,
    base: Base,
    party: Party<'a>,
    networks: Vec<&'a NetworkDeclared>,
}

/// How many principals of one approval are tried; a pattern may match thousands that are alike.
const PRINCIPALS_MAX: usize = 20;

impl<'a> Maker<'_, 'a> {
    fn attempts<'t>(&'t self, group: &'t Group, base: &'t Base) -> Try<'t, 'a> {
        Try {
            org: self.context.org,
            cast: self.context.cast,
            store: self.store,
            group,
            elsewhere: self.elsewhere,
            base,
        }
    }

    /// Every approved access: principal, class and network.
    fn approved(&self) -> (Vec<Probe>, Vec<Model<'a>>) {
        let (mut probes, mut models) = (Vec::new(), Vec::new());
        for access in &self.approval.dataset.access {
            for class in CLASSES {
                let groups = self.groups(access, class);
                if groups.is_empty() {
                    continue;
                }
                for party in self.parties(access) {
                    self.of_party(access, class, &groups, &party, &mut probes, &mut models);
                }
            }
        }
        (probes, models)
    }

    fn of_party(
        &self,
        access: &Access,
        class: Class,
        groups: &[Group],
        party: &Party<'a>,
        probes: &mut Vec<Probe>,
        models: &mut Vec<Model<'a>>,
    ) {
        let networks = self.networks(access);
        for place in places(party, &networks) {
            let Some((group, attempt)) = self.works(groups, party, &place) else {
                continue;
            };
            if attempt.outcome == Outcome::Allowed {
                models.push(Model {
                    class,
                    group,
                    base: attempt.base.clone(),
                    party: party.clone(),
                    networks: networks.clone(),
                });
            }
            let from = match &place {
                Place::Declared(declared) => format!(" from {}", declared.name),
                _ => String::new(),
            };
            let name = format!("{} {}{from}", known_as(party), self.does(class));
            probes.push(self.probe(&name, Expected::Allowed, &attempt));
        }
    }

    /// The first group of which something passes; else a plain request, to see what refuses it.
    fn works(
        &self,
        groups: &[Group],
        party: &Party<'a>,
        place: &Place<'_>,
    ) -> Option<(Group, Attempt)> {
        let base = default_base();
        let mut doubtful = None;
        for group in groups {
            let found = self.attempts(group, &base).passing(party, place, &[]);
            match found {
                Some(attempt) if attempt.outcome == Outcome::Allowed => {
                    return Some((only_tried(group, &attempt), attempt));
                }
                Some(attempt) => {
                    doubtful.get_or_insert((group.clone(), attempt));
                }
                None => {}
            }
        }
        doubtful.or_else(|| {
            let group = groups.first()?;
            let plain = self.attempts(group, &base).plain(&caller(party), place)?;
            Some((group.clone(), plain))
        })
    }

    /// The actions of a class that an approval covers, the usual one first.
    fn groups(&self, access: &Access, class: Class) -> Vec<Group> {
        let by_class = access.can.contains(&Can::Class(class));
        let keep = |action: &crate::scope::ClassedAction| {
            let by_name = || {
                let name = &action.name;
                access.can.iter().any(|can| {
                    matches!(can, Can::Action(pattern) if action_matches(pattern, name.service(), name.name()))
                })
            };
            match by_class {
                true => action.classes.contains(&class),
                false => action.classes.first() == Some(&class) && by_name(),
            }
        };
        typical::groups(self.store, keep, class)
    }

    fn parties(&self, access: &Access) -> Vec<Party<'a>> {
        let existing = self.context.cast.principals.iter();
        let mine = existing.filter(|party| self.approval.among(&access.who, &known_as(party)));
        let mut parties: Vec<Party<'a>> = mine.take(PRINCIPALS_MAX).cloned().collect();
        for who in &access.who {
            match &who.who {
                Who::Service { host, .. } => parties.push(Party::service(host)),
                Who::Partner { name, .. } => parties.extend(self.partner(name)),
                _ => {}
            }
        }
        parties
    }

    /// Somebody of a partner's first account.
    fn partner(&self, name: &str) -> Option<Party<'a>> {
        let partner = self.context.boundary.partner(name)?;
        let counts = Date::within(self.context.as_of, partner.expires);
        let account = partner.accounts.first().filter(|_| counts)?;
        Party::from_text(
            self.context.org,
            &format!("arn:aws:iam::{account}:role/{PARTNER}"),
        )
    }

    fn networks(&self, access: &Access) -> Vec<&'a NetworkDeclared> {
        let named = access.from.iter();
        named
            .filter_map(|name| self.context.boundary.networks.get(name))
            .collect()
    }

    /// What happens, as part of a name; the resource is named if the dataset has several.
    fn does(&self, class: Class) -> String {
        let verb = match class {
            Class::Read => "reads",
            Class::Write => "writes",
            Class::Delete => "deletes",
            Class::List => "lists",
            Class::Administer => "administers",
        };
        match self.several {
            true => format!("{verb} {}", self.store.resource.arn),
            false => verb.to_owned(),
        }
    }

    fn probe(&self, what: &str, expected: Expected, attempt: &Attempt) -> Probe {
        let dataset = &self.approval.dataset.name;
        let name = format!("{dataset}: {what}");
        let refused = matches!(
            attempt.outcome,
            Outcome::ImplicitlyDenied | Outcome::ExplicitlyDenied
        );
        let as_expected = match expected {
            Expected::Refused => refused,
            Expected::Allowed => attempt.outcome == Outcome::Allowed,
        };
        let of = attempt.cases.len();
        let cases = attempt
            .cases
            .iter()
            .enumerate()
            .filter_map(|(index, draft)| match of {
                1 => draft.named(&name),
                _ => draft.named(&format!("{name} (step {} of {of})", index + 1)),
            });
        Probe {
            dataset: dataset.clone(),
            steps: attempt.steps.clone(),
            expected,
            decision: attempt.outcome.word(),
            refused_by: attempt.refused_by.clone(),
            as_expected,
            cases: cases.collect(),
            name,
        }
    }
}

/// A name for a role of a partner, whose roles nobody here can list.
const PARTNER: &str = "partner";

/// Where an approval expects a party: a service comes from AWS's own network.
fn places<'p>(party: &Party<'_>, networks: &[&'p NetworkDeclared]) -> Vec<Place<'p>> {
    match party.caller.kind {
        CallerKind::Service(_) => vec![Place::Aws],
        _ => networks
            .iter()
            .map(|declared| Place::Declared(declared))
            .collect(),
    }
}

/// A party as a request names it: a role by a session of its own.
fn caller(party: &Party<'_>) -> Caller {
    let text = match &party.caller.kind {
        CallerKind::Role { role, .. } => session_of(role, "session").to_string(),
        _ => known_as(party),
    };
    Caller {
        text,
        administrator: false,
    }
}

fn only_tried(group: &Group, attempt: &Attempt) -> Group {
    let tried = |name: &str| attempt.steps.iter().any(|step| step.action == name);
    group
        .only(|action| tried(&action.name.to_string()))
        .unwrap_or_else(|| group.clone())
}

/// Every request travels over TLS, unless somebody asks for the opposite.
fn default_base() -> Base {
    let secure = key("aws:SecureTransport").map(|key| (key, vec!["true".into()]));
    let context: cofferdam_authz::concrete::Context = secure.into_iter().collect();
    Base {
        data: context.clone(),
        key: context,
    }
}

/// Blocks that are kept for documentation, of which at most some are declared (RFC 5737).
const ELSEWHERE: [(&str, [u8; 4]); 3] = [
    ("192.0.2.7", [192, 0, 2, 7]),
    ("198.51.100.7", [198, 51, 100, 7]),
    ("203.0.113.7", [203, 0, 113, 7]),
];

/// An address that no declared network holds, if there is one.
fn elsewhere(boundary: &Boundary) -> &'static str {
    let declared = boundary
        .networks
        .values()
        .flat_map(|network| &network.cidrs);
    let blocks: Vec<Network> = declared
        .filter_map(|block| Network::new(block.address, block.prefix))
        .collect();
    let free = |octets: [u8; 4]| !blocks.iter().any(|block| block.contains(octets.into()));
    let found = ELSEWHERE.iter().find(|(_, octets)| free(*octets));
    found.map_or("8.8.4.4", |(text, _)| text)
}

#[cfg(test)]
mod tests;
