//! `identity.reserved-names`: nobody but the named creators can create a principal that an
//! approved pattern matches.

use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_names::{AccountId, ActionName};

use super::{Approval, Context, Part};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
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
        ..Part::default()
    };
    let approval = Approval {
        context: *context,
        dataset: scope.dataset,
    };
    for (pattern, creators) in patterns(scope.dataset) {
        let creators: Vec<&WhoAt> = creators.iter().collect();
        for crowd in &context.cast.crowds {
            for account in crowd
                .accounts
                .iter()
                .filter(|account| within(pattern, **account))
            {
                let (whole, proved) = everyone(
                    context,
                    &approval,
                    &crowd.party,
                    pattern,
                    *account,
                    &creators,
                );
                part.answers.asked += 1;
                part.answers.well_formed += 1;
                if proved {
                    part.answers.controls.extend(whole.controls);
                    continue;
                }
                part.answers
                    .join(existing(context, &approval, pattern, *account, &creators));
            }
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

/// All principals of the account at once.
fn everyone<'a>(
    context: &Context<'a>,
    approval: &Approval<'a>,
    party: &'a Party<'a>,
    pattern: &str,
    account: AccountId,
    creators: &[&WhoAt],
) -> (Answers, bool) {
    let answers = create(context, approval, party, pattern, account, creators);
    let proved = answers.nothing();
    (answers, proved)
}

/// Each principal that exists in the account: creating a principal elsewhere takes a session there.
fn existing<'a>(
    context: &Context<'a>,
    approval: &Approval<'a>,
    pattern: &str,
    account: AccountId,
    creators: &[&WhoAt],
) -> Answers {
    let mut answers = Answers::default();
    for party in context
        .cast
        .existing()
        .filter(|party| party.caller.account == Some(account))
    {
        if approval.among_refs(creators, &known_as(party)) {
            continue;
        }
        answers.join(create(context, approval, party, pattern, account, creators));
    }
    answers
}

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
