//! `identity.reserved-names`: nobody but the named creators can create a principal that an
//! approved pattern matches.

use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_names::{AccountId, ActionName};

use super::everyone::of_account;
use super::{Approval, Context, Part};
use crate::ask::{Answers, Depth, ask as put};
use crate::cast::{is_service_linked, known_as};
use crate::file::{Dataset, Who, WhoAt};
use crate::path::{Path, Request};
use crate::scope::Scope;

/// Asks it of every pattern under which principals are approved.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!(
            "only the named creators can create a principal that an approved pattern of {name} matches"
        ),
        broken: format!(
            "somebody else can create a principal that an approved pattern of {name} matches"
        ),
        assumptions: vec![
            "service-linked roles create only what their services let them".to_owned(),
        ],
        ..Part::default()
    };
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    for (pattern, creators) in patterns(scope.dataset) {
        let creators: Vec<&WhoAt> = creators.iter().collect();
        for account in context
            .org
            .accounts
            .keys()
            .filter(|account| within(pattern, **account))
        {
            let create = |party| create(context, &approval, party, pattern, *account, &creators);
            let found = of_account(context.cast, *account, create, |party| {
                if is_service_linked(party) || approval.among_refs(&creators, &known_as(party)) {
                    return Answers::nothing_to_ask();
                }
                create(party)
            });
            part.answers.join(found.answers);
        }
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

/// Patterns in any approval, with who may create what they match.
fn patterns(dataset: &Dataset) -> Vec<(&str, &[WhoAt])> {
    let everybody = dataset
        .access
        .iter()
        .flat_map(|access| &access.who)
        .chain(&dataset.administrators)
        .chain(&dataset.key_administrators);
    let mut patterns: Vec<(&str, &[WhoAt])> = everybody
        .filter_map(|who| match &who.who {
            Who::RolePattern { pattern, creators } => Some((&**pattern, creators.as_slice())),
            _ => None,
        })
        .collect();
    patterns.sort_by_key(|(pattern, _)| *pattern);
    patterns.dedup_by_key(|(pattern, _)| *pattern);
    patterns
}

fn within(pattern: &str, account: AccountId) -> bool {
    let of = pattern.split(':').nth(4).unwrap_or("*");
    crate::exception::accepts(of, &account.to_string())
}

/// A principal is created by a session of its own account.
fn create<'a>(
    context: &Context<'a>,
    approval: &Approval<'a>,
    party: &'a Party<'a>,
    pattern: &str,
    account: AccountId,
    creators: &[&WhoAt],
) -> Answers {
    let Ok(action) = ActionName::parse("iam:CreateRole") else {
        return Answers::default();
    };
    let fields: Vec<&str> = pattern.splitn(6, ':').collect();
    let resource = fields.last().copied().unwrap_or("role/*");
    let mut path = Path::new(context.org, context.cast);
    path.depth = Depth::of(party);
    let made = path.request(
        Request {
            party,
            thing: Thing::Nothing,
            service: "iam",
            actions: vec![action],
            wanted: Wanted::Like(format!("arn:aws:iam::{account}:{resource}")),
            forwarded_by: None,
            given: Vec::new(),
        },
        cofferdam_logic::Formula::TRUE,
        None,
    );
    let creator = approval.is_one_of(&mut path.query, made.hop, creators);
    let stranger = path.not(creator);
    let goal = path.all(&[made.allowed, stranger]);
    put(&mut path, &known_as(party), goal)
}
