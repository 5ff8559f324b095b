//! What acts as which role: whoever takes over a function or an instance acts as the role that it
//! carries, and no other.
//!
//! An edge that takes something over asks for it by a guard, and names it as the operand
//! `carrier`, so that the rights over it are decided for just this function or that instance. Where
//! a source did not list such things, there may be one that nobody saw: the edge is possible then.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_names::AccountId;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Compute, Organization};

use crate::catalogue::{Edge, Guard, Need, On, Operand};
use crate::decide::{Decider, Named, Truth};
use crate::power::State;
use crate::requests::asked;
use crate::setting::{Actor, Object, Setting};

/// How many carriers of one role are asked about for one actor: a group of instances differs in
/// little that policies name. If none of these may be taken over, the others are possible only.
pub const CARRIERS_MAX: usize = 24;

/// Who carries which role, looked up once.
#[derive(Debug, Default)]
pub struct Carriers {
    of_role: BTreeMap<(usize, Kind), Vec<Object>>,
    of_account: BTreeMap<(AccountId, Kind), Vec<Object>>,
    /// The roles that each thing carries, by their places.
    roles: BTreeMap<Object, Vec<usize>>,
    /// Accounts in which things of a kind may be there unseen; without an account: in all.
    unlisted: BTreeSet<(Option<AccountId>, Kind)>,
    /// Accounts in which the role of something is not known.
    unclear: BTreeSet<(AccountId, Kind)>,
}

/// Things that an edge may take over, and whether there may be others.
#[derive(Clone, Copy, Debug)]
struct Found<'c> {
    known: &'c [Object],
    unseen: bool,
}

impl Carriers {
    /// Looks through what an organization runs.
    pub fn of(org: &Organization) -> Carriers {
        let mut carriers = Carriers::default();
        for (account, kind, _) in &org.gaps {
            match account.parse() {
                Ok(account) => carriers.unlisted.insert((Some(account), *kind)),
                Err(_) => carriers.unlisted.insert((None, *kind)),
            };
        }
        for (place, one) in org.compute.iter().enumerate() {
            carriers.put(org, one, object(org, place, one));
        }
        carriers
    }

    fn put(&mut self, org: &Organization, one: &Compute, object: Object) {
        let here = (one.account, one.kind);
        self.of_account.entry(here).or_default().push(object);
        let roles = match &one.roles {
            Known::Present(roles) => roles.as_slice(),
            Known::Absent => return,
            Known::Unknown(_) => {
                self.unclear.insert(here);
                return;
            }
        };
        let places: Vec<usize> = roles.iter().filter_map(|arn| org.place_of(arn)).collect();
        for place in &places {
            let of_role = self.of_role.entry((*place, one.kind)).or_default();
            of_role.push(object);
        }
        self.roles.insert(object, places);
    }

    /// The places of the roles that something is known to act as.
    pub fn roles(&self, object: Object) -> &[usize] {
        self.roles.get(&object).map_or(&[], Vec::as_slice)
    }

    fn carrying(&self, role: usize, account: AccountId, kind: Kind) -> Found<'_> {
        Found {
            known: self.of_role.get(&(role, kind)).map_or(&[], Vec::as_slice),
            unseen: self.is_unlisted(account, kind) || self.unclear.contains(&(account, kind)),
        }
    }

    fn beside(&self, account: AccountId, kind: Kind) -> Found<'_> {
        let known = self.of_account.get(&(account, kind));
        Found {
            known: known.map_or(&[], Vec::as_slice),
            unseen: self.is_unlisted(account, kind),
        }
    }

    /// Everything of a kind that an account is known to hold.
    pub fn of_kind(&self, account: AccountId, kind: Kind) -> &[Object] {
        self.beside(account, kind).known
    }

    fn is_unlisted(&self, account: AccountId, kind: Kind) -> bool {
        let places = [Some(account), None];
        places
            .iter()
            .any(|account| self.unlisted.contains(&(*account, kind)))
    }
}

/// A function is a resource of its own.
fn object(org: &Organization, place: usize, one: &Compute) -> Object {
    let resources = &org.resources;
    let resource = resources.binary_search_by(|other| other.arn.as_str().cmp(one.arn.as_str()));
    match resource {
        Ok(resource) if one.kind == Kind::Function => Object::Resource(resource),
        _ => Object::Compute(place),
    }
}

/// What a guard asks for; `None`: it asks for nothing that carries a role.
fn asked_for<'s>(
    setting: &'s Setting<'_>,
    guard: &Guard,
    actor: Actor,
    on: Object,
) -> Option<Found<'s>> {
    let none = Found {
        known: &[],
        unseen: false,
    };
    match guard {
        Guard::CarriedBy(kind) => Some(match (on, setting.owner(on)) {
            (Object::Principal(role), Some(account)) => {
                setting.carriers.carrying(role, account, *kind)
            }
            _ => none,
        }),
        Guard::ThereIs(kind) => {
            let account = setting.account(actor);
            Some(account.map_or(none, |account| setting.carriers.beside(account, *kind)))
        }
        _ => None,
    }
}

/// Whether what a guard asks for is there.
pub fn is_there(setting: &Setting<'_>, guard: &Guard, actor: Actor, on: Object) -> Truth {
    match asked_for(setting, guard, actor, on) {
        Some(found) if !found.known.is_empty() => Truth::Certain,
        Some(found) if found.unseen => Truth::Possible,
        _ => Truth::No,
    }
}

/// Whether an edge asks something of what carries the role that it is about, wherever that is.
pub fn takes_over(edge: &Edge) -> bool {
    let mut needs = edge.needs.iter();
    carrying(edge).is_some() && needs.any(|need| need.operand == Operand::Carrier)
}

/// Whether an edge takes over a function, which has a policy of its own.
pub fn takes_a_function(edge: &Edge) -> bool {
    carrying(edge) == Some(Kind::Function) && takes_over(edge)
}

/// What carries the role, of the first guard that speaks of things that an edge may take over.
fn carrying(edge: &Edge) -> Option<Kind> {
    let mut guards = edge.guards.iter();
    guards.find_map(|guard| match guard {
        Guard::CarriedBy(kind) => Some(Some(*kind)),
        Guard::ThereIs(_) => Some(None),
        _ => None,
    })?
}

/// How far an actor may do what an edge asks of the thing that its guard names, and to which thing
/// most; certain where the edge asks nothing of it.
pub fn best(
    decider: &Decider<'_, '_>,
    state: &State,
    edge: &Edge,
    actor: Actor,
    on: Object,
) -> (Truth, Option<Object>) {
    let needs = edge.needs.iter();
    let needs: Vec<&Need> = needs
        .filter(|need| need.operand == Operand::Carrier)
        .collect();
    if needs.is_empty() {
        return (Truth::Certain, None);
    }
    let guards = edge.guards.iter();
    let asked_for: Vec<Found<'_>> = guards
        .filter_map(|guard| asked_for(decider.setting, guard, actor, on))
        .collect();
    // A managed node has the ARN of its instance, which may be known where the node is not.
    let known = asked_for.iter().find(|found| !found.known.is_empty());
    let Some(found) = known.or(asked_for.first()) else {
        return (Truth::No, None);
    };
    let truth = |carrier: Option<Object>| {
        let each = needs.iter().map(|need| {
            let one = asked(decider, Some(actor), on, carrier, need);
            one.map_or(Truth::No, |asked| decider.allows(state, actor, &asked))
        });
        each.min().unwrap_or(Truth::Certain)
    };
    let mut best = (Truth::No, None);
    for carrier in found.known.iter().take(CARRIERS_MAX) {
        let truth = truth(Some(*carrier));
        if truth > best.0 {
            best = (truth, Some(*carrier));
        }
        if truth == Truth::Certain {
            return best;
        }
    }
    // What nobody saw has no policy that lets in somebody of another account.
    let setting = decider.setting;
    let is_own = setting
        .owner(on)
        .is_none_or(|owner| setting.account(actor) == Some(owner));
    let others = is_own && (found.unseen || found.known.len() > CARRIERS_MAX);
    if best.0 == Truth::No && others {
        best.0 = truth(None).min(Truth::Possible);
    }
    best
}

/// How a request names a carrier that no source states. Systems Manager takes an instance beside
/// documents and much else, of which no right to the instance follows ("Actions, resources, and condition
/// keys for AWS Systems Manager").
pub(crate) fn unseen(setting: &Setting<'_>, actor: Option<Actor>, need: &Need) -> Named {
    match actor.and_then(|actor| setting.account(actor)) {
        Some(account) if need.action.service() == "ssm" => {
            Named::Like(format!("arn:aws:ec2:*:{account}:instance/*").into())
        }
        _ => Named::Anyhow,
    }
}

/// How a request names what has no policy of its own. A log group's policies name it with `:*` after its
/// name ("CloudWatch Logs resources and operations").
pub(crate) fn stated(setting: &Setting<'_>, on: Object) -> Option<Named> {
    let arn = setting.arn(on)?;
    let named = match setting.kind_of_compute(on) {
        Some(Kind::LogGroup) => format!("{arn}:*"),
        _ => arn,
    };
    Some(Named::Like(named.into()))
}

/// Whether an action names a log group, alarm or detector as its resource.
pub(crate) fn takes(setting: &Setting<'_>, on: Object, need: &Need) -> bool {
    let Some(kind) = setting.kind_of_compute(on) else {
        return false;
    };
    let word = On::STATED.iter().find(|(_, of)| *of == kind);
    let action = cofferdam_catalog::action(need.action.service(), need.action.name());
    let named = |word: &str| {
        action.is_some_and(|action| action.resource_types().any(|used| used.name == word))
    };
    word.is_some_and(|(word, _)| named(word))
}
