//! `organization.forbidden`: what the boundary forbids is refused to everybody, whatever identity
//! policies say now or later.
//!
//! Guardrails bind principals that do not exist yet, so the question is not what today's roles
//! happen to be allowed. It is asked of all principals of an account at once, with identity
//! policies that allow everything, or of the principals that are named, with whatever their own
//! policies do not deny.

use std::collections::BTreeMap;

use cofferdam_authz::alone::sense::{Sense, can_be_asked_of, sensible};
use cofferdam_authz::caller::{self, CallerKind};
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::{Interval, Wanted};
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::Known;
use cofferdam_org::model::Resource;
use cofferdam_policy::reading::condition;

use super::{Context, Part};
use crate::ask::{Answers, Raw, ask as put};
use crate::cast::{Crowd, known_as};
use crate::cause::is_blanket;
use crate::exception::{accepts, includes};
use crate::file::{Prohibition, Who, named};
use crate::path::{Path, Request};
use crate::scope::Store;

/// The id of the obligation.
pub const ID: &str = "organization.forbidden";

/// Asks one prohibition.
pub fn ask<'a>(context: &Context<'a>, prohibition: &'a Prohibition) -> Part {
    let name = &prohibition.name;
    let question = Question {
        context: *context,
        prohibition,
        actions: by_service(prohibition),
    };
    let targets = targets(&question);
    let mut part = Part {
        holds: format!(
            "what {name} forbids is refused to everybody, whatever their own policies say"
        ),
        broken: format!(
            "what {name} forbids is allowed to somebody, once their own policies allow it"
        ),
        ..Part::default()
    };
    if targets.is_empty() {
        let why = "nothing that was read is named by its `resources`";
        part.answers.miss(format!("prohibition {name}"), why);
    }
    for target in &targets {
        part.answers.join(of_target(&question, target));
    }
    for raw in part
        .answers
        .raw
        .iter_mut()
        .chain(&mut part.answers.possible)
    {
        explain(raw);
    }
    part.assumptions = assumptions(context, prohibition);
    part
}

/// What everybody may be allowed by their own policies is missing a refusal, not a grant too many.
fn explain(raw: &mut Raw) {
    if raw.permits.iter().all(is_blanket) {
        raw.fault = Some("no guardrail refuses it".to_owned());
        raw.fix = Some(FIX.to_owned());
    }
}

/// What would close it.
const FIX: &str = "deny it, in a service control policy of the account that asks, or in the resource's own policy or a resource control policy of its account";

struct Question<'a> {
    context: Context<'a>,
    prohibition: &'a Prohibition,
    /// The actions, by the prefix of their service.
    actions: BTreeMap<String, Vec<ActionName>>,
}

fn by_service(prohibition: &Prohibition) -> BTreeMap<String, Vec<ActionName>> {
    let mut services: BTreeMap<String, Vec<ActionName>> = BTreeMap::new();
    for action in prohibition.actions.iter().flat_map(named) {
        services
            .entry(action.service().to_owned())
            .or_default()
            .push(action);
    }
    for actions in services.values_mut() {
        actions.sort();
        actions.dedup();
    }
    services
}

/// Requests to one thing that are forbidden alike.
struct Target<'a> {
    thing: Thing<'a>,
    service: String,
    actions: Vec<ActionName>,
    wanted: Wanted,
    /// The account of a thing with a policy of its own.
    owner: Option<AccountId>,
}

/// What the prohibition's resources stand for: things that were read, with their own policies, or
/// where a pattern names none of them, anything of the caller's own account.
fn targets<'a>(question: &Question<'a>) -> Vec<Target<'a>> {
    let resources = &question.prohibition.resources;
    if resources.is_empty() {
        return anything(question, Wanted::Anything);
    }
    resources
        .iter()
        .flat_map(|pattern| of_pattern(question, pattern))
        .collect()
}

fn anything<'a>(question: &Question<'a>, wanted: Wanted) -> Vec<Target<'a>> {
    let each = question.actions.iter().map(|(service, actions)| Target {
        thing: Thing::Nothing,
        service: service.clone(),
        actions: actions.clone(),
        wanted: wanted.clone(),
        owner: None,
    });
    each.collect()
}

fn of_pattern<'a>(question: &Question<'a>, pattern: &str) -> Vec<Target<'a>> {
    let org = question.context.org;
    if is_foreign(&question.context, pattern) {
        let away = |target: Target<'a>| Target {
            thing: Thing::Elsewhere,
            ..target
        };
        let targets = anything(question, Wanted::Like(pattern.to_owned()));
        return targets.into_iter().map(away).collect();
    }
    let resources = org
        .resources
        .iter()
        .flat_map(|resource| of_resource(question, resource, pattern));
    let roles = org
        .principals
        .iter()
        .filter(|role| accepts(pattern, role.arn.as_str()));
    let roles = roles.filter_map(|role| {
        let actions = question.actions.get("sts")?;
        Some(Target {
            thing: Thing::Role(role),
            service: "sts".to_owned(),
            actions: actions.clone(),
            wanted: Wanted::Exactly(role.arn.to_string()),
            owner: Some(role.account),
        })
    });
    let mut targets: Vec<Target<'a>> = resources.chain(roles).collect();
    let read = !targets.is_empty();
    let beside = anything(question, Wanted::Like(pattern.to_owned()));
    let beside: Vec<Target<'a>> = beside
        .into_iter()
        .filter_map(|rest| match read {
            true => of_other_services(rest, &targets, pattern),
            false => Some(rest),
        })
        .collect();
    targets.extend(beside);
    targets
}

/// What other services can be asked of things whose own service was asked already: who changes a
/// role is not told by its trust policy, nor who backs up a table by the table's.
fn of_other_services<'a>(
    mut rest: Target<'a>,
    asked: &[Target<'a>],
    pattern: &str,
) -> Option<Target<'a>> {
    if asked.iter().any(|target| target.service == rest.service) {
        return None;
    }
    rest.actions
        .retain(|action| can_be_asked_of(action, pattern));
    (!rest.actions.is_empty()).then_some(rest)
}

/// Whether a pattern names an account that is not ours.
fn is_foreign(context: &Context<'_>, pattern: &str) -> bool {
    let account = pattern
        .split(':')
        .nth(4)
        .and_then(|account| account.parse().ok());
    account.is_some_and(|account: AccountId| !context.org.accounts.contains_key(&account))
}

/// The requests to a resource that a pattern over ARNs of it, or of what lies in it, stands for.
fn of_resource<'a>(
    question: &Question<'a>,
    resource: &'a Resource,
    pattern: &str,
) -> Vec<Target<'a>> {
    let arn = resource.arn.as_str();
    let itself = accepts(pattern, arn);
    let below = pattern
        .strip_prefix(arn)
        .is_some_and(|rest| rest.starts_with('/'));
    if !itself && !below {
        return Vec::new();
    }
    let target = |service: &str, actions: Vec<ActionName>, wanted: Wanted| Target {
        thing: Thing::Resource(resource),
        service: service.to_owned(),
        actions,
        wanted,
        owner: Some(resource.account),
    };
    let Some(store) = Store::of(resource) else {
        let service = resource.arn.service();
        let actions = question.actions.get(service).cloned().into_iter();
        let wanted = Wanted::Exactly(arn.to_owned());
        return actions
            .map(|actions| target(service, actions, wanted.clone()))
            .collect();
    };
    let forbidden = question
        .actions
        .get(store.service)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let groups = store
        .groups
        .iter()
        .filter_map(|group| group.only(|action| forbidden.contains(&action.name)));
    let beside = beside_data(&store, forbidden, arn);
    let beside = (itself && !beside.is_empty())
        .then(|| target(store.service, beside, Wanted::Exactly(arn.to_owned())));
    let groups = groups.filter_map(|group| {
        let names = group.names();
        let wanted = match (&group.wanted, below) {
            (Wanted::Under(_), true) => Wanted::Like(pattern.to_owned()),
            (Wanted::Under(_), false) | (_, true) => return None,
            (wanted, false) => wanted.clone(),
        };
        Some(target(store.service, names, wanted))
    });
    groups.chain(beside).collect()
}

/// The forbidden actions on a store that touch neither its data nor its guards.
fn beside_data(store: &Store<'_>, forbidden: &[ActionName], arn: &str) -> Vec<ActionName> {
    let actions = store.groups.iter().flat_map(|group| &group.actions);
    let known: Vec<&ActionName> = actions.map(|action| &action.name).collect();
    let others = forbidden
        .iter()
        .filter(|name| !known.contains(name) && can_be_asked_of(name, arn))
        .cloned();
    others.collect()
}

fn of_target<'a>(question: &Question<'a>, target: &Target<'a>) -> Answers {
    let mut answers = Answers::default();
    match &question.prohibition.who {
        Some(_) => {
            let parties = named_parties(question);
            if parties.is_empty() {
                let why = "nobody who was read is named by its `who`";
                answers.miss(format!("prohibition {}", question.prohibition.name), why);
            }
            for party in &parties {
                answers.join(allowed(question, target, party));
            }
        }
        None => {
            for crowd in crowds(question, target) {
                answers.join(of_crowd(question, target, crowd));
            }
            let cast = question.context.cast;
            let strangers = [&cast.outsiders, &cast.anonymous].into_iter();
            for party in strangers.filter(|_| target.owner.is_some()) {
                answers.join(allowed(question, target, party));
            }
        }
    }
    answers
}

/// The crowds that the prohibition binds.
fn crowds<'a>(question: &Question<'a>, target: &Target<'a>) -> Vec<&'a Crowd<'a>> {
    let cast = question.context.cast;
    let all: Vec<&Crowd<'a>> = match target.owner {
        Some(owner) => cast.crowds_for(owner).collect(),
        None => cast.crowds.iter().collect(),
    };
    let bound = |crowd: &&&Crowd<'a>| {
        crowd
            .accounts
            .iter()
            .any(|account| binds(question, target, *account))
    };
    all.iter().filter(bound).copied().collect()
}

/// No service control policy binds the management account, so only what things themselves refuse
/// is asked of it.
fn binds(question: &Question<'_>, target: &Target<'_>, account: AccountId) -> bool {
    let accounts = &question.prohibition.accounts;
    if !accounts.is_empty() {
        return accounts.contains(&account);
    }
    target.owner.is_some() || !manages(&question.context, account)
}

fn manages(context: &Context<'_>, account: AccountId) -> bool {
    let management = context
        .org
        .identity
        .as_ref()
        .map(|identity| &identity.management);
    management == Some(&Known::Present(account))
}

/// Accounts that stand alike are asked together, and where that is no proof, one by one: each has
/// policies of its own.
fn of_crowd<'a>(question: &Question<'a>, target: &Target<'a>, crowd: &'a Crowd<'a>) -> Answers {
    let together = allowed(question, target, &lifted(&crowd.party));
    if together.nothing() || crowd.accounts.len() == 1 {
        return together;
    }
    let cast = question.context.cast;
    let bound = crowd
        .accounts
        .iter()
        .filter(|account| binds(question, target, **account));
    let mut answers = Answers::default();
    for alone in bound.filter_map(|account| cast.alone.get(account)) {
        answers.join(allowed(question, target, &lifted(&alone.party)));
    }
    answers
}

/// Principals that the prohibition names, with whatever identity policies.
fn named_parties<'a>(question: &Question<'a>) -> Vec<Party<'a>> {
    let Context {
        org,
        boundary,
        cast,
        as_of,
    } = question.context;
    let mut parties = Vec::new();
    for who in question.prohibition.who.iter().flatten() {
        match &who.who {
            Who::Service { host, .. } => parties.push(Party::service(host)),
            Who::Account(account) => {
                parties.push(lifted(&Party::everyone_of(org, vec![*account])));
            }
            other => {
                let named = cast
                    .principals
                    .iter()
                    .filter(|party| includes(boundary, other, &known_as(party), as_of));
                parties.extend(named.map(lifted));
            }
        }
    }
    parties
}

/// A party with whatever identity policies it may come to have.
fn lifted<'a>(party: &Party<'a>) -> Party<'a> {
    Party {
        lifted: true,
        ..party.clone()
    }
}

/// Whether a party is allowed what is forbidden. A request that passes is looked for again among
/// those that make sense to a reader.
fn allowed(question: &Question<'_>, target: &Target<'_>, party: &Party<'_>) -> Answers {
    let found = asked(question, target, party, None);
    if found.raw.is_empty() || target.owner.is_some() {
        return found;
    }
    let again = |sense| asked(question, target, party, Some(sense));
    let mut again = [Sense::Full, Sense::Kind].into_iter().map(again);
    let clearer = again.find(|clearer| clearer.raw.len() == found.raw.len());
    clearer.unwrap_or(found)
}

fn asked(
    question: &Question<'_>,
    target: &Target<'_>,
    party: &Party<'_>,
    sense: Option<Sense>,
) -> Answers {
    let context = &question.context;
    let mut path = Path::new(context.org, context.cast);
    let made = path.request(
        Request {
            party,
            thing: target.thing,
            service: &target.service,
            actions: target.actions.clone(),
            wanted: target.wanted.clone(),
            forwarded_by: None,
            given: Vec::new(),
        },
        cofferdam_logic::Formula::TRUE,
        None,
    );
    let mut parts = vec![made.allowed];
    for one in &question.prohibition.when {
        parts.push(condition(&mut path.query.reading(made.hop), one));
    }
    let except: Vec<_> = question.prohibition.except.iter().collect();
    if let Some(sense) = sense {
        let mut reading = path.query.reading(made.hop);
        parts.push(sensible(&mut reading, &target.actions, sense));
    }
    let excepted: Interval = context.is_one_of(&mut path.query, made.hop, &except);
    parts.push(path.not(excepted));
    let goal = path.all(&parts);
    put(&mut path, &name_of(party), goal)
}

/// Who gets in: of the crowd of one account, anybody.
fn name_of(party: &Party<'_>) -> String {
    match &party.caller.kind {
        CallerKind::Anyone(caller::Crowd::Within(accounts)) if accounts.len() == 1 => {
            let account = accounts
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            format!("any principal of account {account}")
        }
        _ => known_as(party),
    }
}

fn assumptions(context: &Context<'_>, prohibition: &Prohibition) -> Vec<String> {
    let open = prohibition.accounts.is_empty() && prohibition.who.is_none();
    let managed = context.org.identity.is_some() && open && prohibition.resources.is_empty();
    let unbound = "the management account is left out: no service control policy binds it";
    managed.then(|| unbound.to_owned()).into_iter().collect()
}
