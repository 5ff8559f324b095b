//! One request by one principal, tried with every value that matters.

use cofferdam_authz::concrete::{Asked, Context};
use cofferdam_authz::decide::{Outcome, decide_in};
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_names::{ActionName, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, PolicyId};
use cofferdam_policy::ast::{Actions, Effect};
use cofferdam_policy::matching::action_matches;

use super::world::World;
use crate::case::Case;

/// Whether something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    No,
    Possible,
    Certain,
}

/// From where a request comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    Internet,
    Endpoint(String),
    /// An address that a policy names; an attacker may be there or not.
    Address(String),
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who<'w> {
    Named(&'w str),
    /// Somebody of a foreign account whom its owner allows everything.
    Outsider,
    Anonymous,
    Service(&'w str),
}

pub struct Question<'w> {
    pub who: Who<'w>,
    pub action: &'w str,
    pub thing: Thing<'w>,
    pub resource: &'w str,
    pub stated: Vec<(String, String)>,
    /// The service on whose request AWS makes this one.
    pub forwarded_by: Option<&'w str>,
}

const ATTACKER: &str = "185.76.9.77";
const FOREIGN: &str = "arn:aws:iam::999999999999:role/foreign";

/// From where requests may come: the internet, the organization's endpoints, those of others, and
/// the addresses that a case names.
pub fn origins(world: &World, case: &Case) -> Vec<From> {
    let endpoints = world.org.endpoints.iter();
    let endpoints = endpoints.map(|one| From::Endpoint(one.id.to_string()));
    let addresses = case.chosen.iter().filter(|(key, _)| key == "aws:SourceIp");
    let addresses = addresses.map(|(_, value)| From::Address(value.clone()));
    let elsewhere = [From::Internet, From::Endpoint("vpce-0f0f".to_owned())];
    elsewhere
        .into_iter()
        .chain(endpoints)
        .chain(addresses)
        .collect()
}

/// Whether a request from somewhere is allowed: certain if for some choice it is, whatever the
/// facts are that the attacker does not choose.
pub fn allowed_from(world: &World, case: &Case, asked: &Question<'_>, from: &From) -> Truth {
    if !is_spoken_of(world, asked) {
        return Truth::No;
    }
    let question = format!(
        "{:?} {} {} {:?} {:?} {:?} {:?}",
        asked.who,
        asked.action,
        asked.resource,
        std::mem::discriminant(&asked.thing),
        asked.stated,
        asked.forwarded_by,
        from
    );
    let key = (world.edits(), question);
    if let Some(truth) = world.decided.borrow().answers.get(&key) {
        return *truth;
    }
    let truth = newly_decided(world, case, asked, from);
    world.decided.borrow_mut().answers.insert(key, truth);
    truth
}

/// What no Allow speaks of is refused without further ado ("Policy evaluation logic"): none of the
/// asker's own policies, nor of the thing's.
fn is_spoken_of(world: &World, asked: &Question<'_>) -> bool {
    let Who::Named(arn) = &asked.who else {
        return true;
    };
    // A root user needs no policy.
    let Some(one) = world.org.principal(arn) else {
        return true;
    };
    let action = ActionName::parse(asked.action).unwrap();
    let own = match &one.identity {
        Known::Present(ids) => ids.iter().any(|id| allows(world, *id, &action)),
        Known::Absent => false,
        Known::Unknown(_) => true,
    };
    own || match asked.thing {
        Thing::Resource(resource) => {
            let beside = match &resource.details {
                Details::Bucket(bucket) => bucket.acls_disabled != Known::Present(true),
                Details::Key(key) => !matches!(key.grants, Known::Absent),
                _ => false,
            };
            beside || document_allows(world, &resource.policy, &action)
        }
        Thing::Role(role) => document_allows(world, &role.trust, &action),
        Thing::Owned(_) => false,
        _ => true,
    }
}

fn document_allows(world: &World, policy: &Known<PolicyId>, action: &ActionName) -> bool {
    match policy {
        Known::Present(id) => allows(world, *id, action),
        Known::Absent => false,
        Known::Unknown(_) => true,
    }
}

fn allows(world: &World, id: PolicyId, action: &ActionName) -> bool {
    let document = match &world.org.policies.get(id).document {
        Known::Present(document) => document,
        Known::Absent => return false,
        Known::Unknown(_) => return true,
    };
    let named = |pattern| action_matches(pattern, action.service(), action.name());
    let mut statements = document.statements.iter();
    statements.any(|statement| {
        let speaks = match &statement.actions {
            Actions::Only(patterns) => patterns.iter().any(named),
            Actions::Except(patterns) => !patterns.iter().any(named),
        };
        speaks && statement.effect == Effect::Allow || statement.unreadable.is_some()
    })
}

fn newly_decided(world: &World, case: &Case, asked: &Question<'_>, from: &From) -> Truth {
    let keys = case.chosen.len();
    let mut best = Truth::No;
    for choice in 0..(1_usize << keys) {
        let chosen = case.chosen.iter().enumerate();
        let chosen: Vec<(String, String)> = chosen
            .filter(|(at, (key, _))| {
                choice & (1 << at) != 0
                    && !key.starts_with("aws:PrincipalTag/")
                    && key != "aws:SourceIp"
            })
            .map(|(_, pair)| pair.clone())
            .collect();
        best = best.max(whatever_is_hidden(world, case, asked, from, &chosen));
    }
    match from {
        From::Internet => best,
        From::Endpoint(_) | From::Address(_) => best.min(Truth::Possible),
    }
}

/// The same from anywhere.
pub fn allowed(world: &World, case: &Case, asked: &Question<'_>) -> Truth {
    let internet = allowed_from(world, case, asked, &From::Internet);
    if internet == Truth::Certain {
        return internet;
    }
    let each = origins(world, case);
    let each = each
        .iter()
        .map(|from| allowed_from(world, case, asked, from));
    each.max().unwrap_or(Truth::No)
}

fn whatever_is_hidden(
    world: &World,
    case: &Case,
    asked: &Question<'_>,
    from: &From,
    chosen: &[(String, String)],
) -> Truth {
    let mut each = vec![one(world, asked, from, chosen, &[])];
    if !case.hidden.is_empty() {
        each.push(one(world, asked, from, chosen, &case.hidden));
    }
    if each.iter().all(|outcome| *outcome == Outcome::Allowed) {
        return Truth::Certain;
    }
    let may = |outcome: &Outcome| matches!(outcome, Outcome::Allowed | Outcome::Undecided);
    match each.iter().any(may) {
        true => Truth::Possible,
        false => Truth::No,
    }
}

fn one(
    world: &World,
    asked: &Question<'_>,
    from: &From,
    chosen: &[(String, String)],
    hidden: &[(String, String)],
) -> Outcome {
    let org = &world.org;
    let party = match &asked.who {
        Who::Named(arn) => Party::from_text(org, arn),
        Who::Outsider => Party::from_text(org, FOREIGN),
        Who::Anonymous => Some(Party::anonymous()),
        Who::Service(host) => Some(Party::service(host)),
    };
    let Some(mut party) = party else {
        return Outcome::ImplicitlyDenied;
    };
    party.lifted = matches!(asked.who, Who::Outsider);
    let mut context = Context::new();
    let mut state = |key: &str, value: &str| {
        context.insert(ContextKey::parse(key).unwrap(), vec![value.into()]);
    };
    state("aws:SecureTransport", "true");
    if asked.forwarded_by.is_none() && !matches!(asked.who, Who::Service(_)) {
        match from {
            From::Internet => state("aws:SourceIp", ATTACKER),
            From::Address(address) => state("aws:SourceIp", address),
            From::Endpoint(id) => {
                state("aws:SourceVpce", id);
                state("aws:VpcSourceIp", "10.0.0.1");
            }
        }
    }
    for (key, value) in asked.stated.iter().chain(chosen).chain(hidden) {
        state(key, value);
    }
    let action = ActionName::parse(asked.action).unwrap();
    let asked_for = Asked {
        action: &action,
        resource: asked.resource,
        context: &context,
        strict: true,
    };
    let decision = decide_in(org, &party, asked.thing, &asked_for, asked.forwarded_by);
    match decision.refused {
        // It is not known by what, and refused in any case.
        true => Outcome::ImplicitlyDenied,
        false => decision.outcome,
    }
}
