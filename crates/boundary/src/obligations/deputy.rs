//! `identity.confused-deputy`: no AWS service acts on the dataset for a foreign account.

use cofferdam_authz::beside::literal;
use cofferdam_authz::gather::Party;
use cofferdam_authz::symbolic::Interval;
use cofferdam_authz::witness::key;
use cofferdam_logic::Formula;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Details, Organization, PolicyId, Resource};
use cofferdam_policy::ast::{Effect, PrincipalPattern, Principals};
use cofferdam_policy::operand::Operand;
use cofferdam_policy::reading::Reading;

use super::becomes::text_is;
use super::{Context, Part};
use crate::ask::{Answers, ask as put};
use crate::granted::Grants;
use crate::path::Path;
use crate::scope::{Scope, Store};

/// Asks it of every service that a policy or grant lets in.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!("no AWS service acts on {name} for a foreign account"),
        broken: format!("an AWS service acts on {name} for a foreign account"),
        assumptions: vec![
            "a service that acts for an account's resource says so in aws:SourceAccount".to_owned(),
        ],
        ..Part::default()
    };
    for store in &scope.stores {
        for host in services(context.org, store.resource) {
            part.answers.join(for_foreigners(
                context,
                store,
                &Party::service(&host),
                &host,
            ));
        }
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

/// A service that no policy names but that a grant to everybody would let in.
const ANY_SERVICE: &str = "cloudtrail.amazonaws.com";

/// The services that the policies and grants of a store and its key name.
fn services(org: &Organization, resource: &Resource) -> Vec<Box<str>> {
    let mut hosts: Vec<Box<str>> = vec![ANY_SERVICE.into()];
    for resource in [Some(resource), org.key_of(resource)].into_iter().flatten() {
        if let Known::Present(id) = &resource.policy {
            hosts.extend(named(org, *id));
        }
        if let Details::Key(key) = &resource.details {
            let grants = key.grants.present().map(Vec::as_slice).unwrap_or_default();
            hosts.extend(
                grants
                    .iter()
                    .map(|grant| grant.grantee.clone())
                    .filter(|name| !name.starts_with("arn:")),
            );
        }
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

fn named(org: &Organization, id: PolicyId) -> Vec<Box<str>> {
    let Known::Present(policy) = &org.policies.get(id).document else {
        return Vec::new();
    };
    let allows = policy
        .statements
        .iter()
        .filter(|statement| statement.effect == Effect::Allow);
    allows
        .filter_map(|statement| match &statement.principals {
            Principals::Only(patterns) => Some(patterns),
            _ => None,
        })
        .flatten()
        .filter_map(|pattern| match pattern {
            PrincipalPattern::Service(host) => Some(host.clone()),
            _ => None,
        })
        .collect()
}

fn for_foreigners<'p>(
    context: &Context<'p>,
    store: &Store<'p>,
    party: &'p Party<'p>,
    host: &str,
) -> Answers {
    let mut answers = Answers::default();
    let granted = Grants::on_store(context, party, store, None);
    for group in &store.groups {
        if granted.nothing_of(group) {
            answers.join(Answers::nothing_to_ask());
            continue;
        }
        let mut path = Path::new(context.org, context.cast);
        let data = path.data(party, store, group, None);
        let foreign = foreign(&mut path, context, data.data.hop);
        let goal = path.all(&[data.whole, foreign]);
        answers.join(put(&mut path, host, goal));
    }
    answers
}

/// The service says for whom it acts, and that is no account of the organization.
fn foreign(path: &mut Path<'_>, context: &Context<'_>, hop: usize) -> Interval {
    let accounts: Vec<Operand> = context
        .org
        .accounts
        .keys()
        .map(|account| literal(&account.to_string()))
        .collect();
    let Some(source) = key("aws:SourceAccount") else {
        return crate::path::known(true);
    };
    let mut reading = path.query.reading(hop);
    let mut parts = vec![reading.present(&source)];
    if !accounts.is_empty() {
        let ours = reading.some_value(&source, &accounts);
        parts.push(path.not(ours));
    }
    for account in context.org.accounts.keys() {
        let of_ours = text_is(path, hop, "aws:SourceArn", &format!("arn:*:{account}:*"));
        parts.push(path.not(of_ours));
    }
    // An ARN of S3 names no account, but a bucket that was read has one.
    if path.query.asks_for(hop, "aws:sourcearn") {
        for bucket in context
            .org
            .resources
            .iter()
            .filter(|one| one.kind == Kind::Bucket)
        {
            let of_ours = text_is(path, hop, "aws:SourceArn", bucket.arn.as_str());
            parts.push(path.not(of_ours));
        }
    }
    if let Some(identity) = &context.org.identity {
        let ours = text_is(path, hop, "aws:SourceOrgID", &identity.id);
        parts.push(path.not(ours));
    }
    let foreign = path.all(&parts);
    match crate::unread::accounts(context.org) {
        // An account that nobody listed may be ours.
        Some(_) => Interval {
            must: Formula::FALSE,
            ..foreign
        },
        None => foreign,
    }
}
