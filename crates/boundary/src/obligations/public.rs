//! `resource.public`: no data path is open to anonymous callers, or to any AWS account at all.

use cofferdam_authz::caller::{Caller, CallerKind, Crowd};
use cofferdam_authz::gather::Party;
use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId, Resource};
use cofferdam_policy::ast::{PrincipalPattern, Principals};

use super::engines::through_engines;
use super::{Context, Part};
use crate::ask::{Answers, Depth, ask as put};
use crate::granted::Grants;
use crate::path::{DataPath, Path};
use crate::scope::{Group, Scope, Store};

/// Asks it of every class at once.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!("{name} is not open to the public"),
        broken: format!("{name} is open to the public"),
        ..Part::default()
    };
    for store in &scope.stores {
        part.answers
            .join(paths(context, store, &context.cast.anonymous, "anonymous"));
        let strangers = strangers(context.org, store.resource);
        part.answers.join(paths(
            context,
            store,
            &strangers,
            "any principal of any AWS account",
        ));
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

fn paths<'p>(
    context: &Context<'p>,
    store: &'p Store<'p>,
    party: &'p Party<'p>,
    name: &str,
) -> Answers {
    let mut answers = Answers::default();
    let granted = Grants::on_store(context, party, store, None);
    for group in &store.groups {
        if granted.nothing_of(group) {
            answers.join(Answers::nothing_to_ask());
            answers.join(renamed(name, through(context, store, party, group)));
            continue;
        }
        let mut path = Path::new(context.org, context.cast);
        let data = path.data(party, store, group, None);
        let mut found = put(&mut path, name, data.whole);
        if found.nothing() {
            found.join(renamed(name, through(context, store, party, group)));
        }
        answers.join(found);
    }
    answers
}

/// The same through services that repeat requests.
fn through<'p>(
    context: &Context<'p>,
    store: &'p Store<'p>,
    party: &'p Party<'p>,
    group: &Group,
) -> Answers {
    let whole = |_: &mut Path<'p>, data: &DataPath| data.whole;
    through_engines(context, party, store, group, Depth::EveryCause, whole)
}

fn renamed(name: &str, mut found: Answers) -> Answers {
    let ways = found.raw.iter_mut().chain(&mut found.possible);
    ways.for_each(|way| way.principal = name.to_owned());
    found
}

/// Principals of accounts that no policy of the resource or its key names: if they get in, anybody
/// does.
fn strangers<'a>(org: &'a Organization, resource: &Resource) -> Party<'a> {
    let mut accounts: Vec<AccountId> = org.accounts.keys().copied().collect();
    let key = org.key_of(resource).map(|key| &key.policy);
    for policy in [Some(&resource.policy), key].into_iter().flatten() {
        if let Known::Present(id) = policy {
            accounts.extend(named_accounts(org, *id));
        }
    }
    accounts.sort();
    accounts.dedup();
    let mut party = Party::outsiders(org);
    party.caller = Caller {
        kind: CallerKind::Anyone(Crowd::OutsideOf(accounts)),
        ..party.caller
    };
    party
}

fn named_accounts(org: &Organization, id: PolicyId) -> Vec<AccountId> {
    let Known::Present(policy) = &org.policies.get(id).document else {
        return Vec::new();
    };
    let mut accounts = Vec::new();
    for statement in &policy.statements {
        let Principals::Only(patterns) = &statement.principals else {
            continue;
        };
        accounts.extend(patterns.iter().filter_map(|pattern| match pattern {
            PrincipalPattern::Account(account) => Some(*account),
            PrincipalPattern::Arn(arn) => arn.account_id(),
            _ => None,
        }));
    }
    accounts
}
