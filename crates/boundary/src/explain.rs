//! Why a call passes or not, told as one story.
//!
//! A call is one or more requests, and each of those may make a service use a key as the caller. Each
//! is decided by itself, from every network that the call may have come from, over the documents as
//! they are. Then the other way round is asked: what is the least that must change for all of it to
//! pass, and who can change it.

mod blame;
mod case;
mod change;
mod request;

use std::collections::btree_map::Entry;

use cofferdam_authz::call::{Answered, Call, needed};
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::gather::Party;
use cofferdam_findings::story::Story;
use cofferdam_org::model::Organization;

use crate::cast::Cast;

pub use case::explain_case;

use request::Asked;

/// Explains a call in an organization.
///
/// # Errors
/// When its principal is none, in words.
pub fn explain(org: &Organization, cast: &Cast<'_>, call: &Call) -> Result<Story, String> {
    let call = &over_tls(call);
    let party = Party::from_text(org, &call.principal)
        .ok_or_else(|| format!("`{}` is no principal", call.principal))?;
    let (mut story, asked, outcome) = told(org, &party, call);
    let refused = matches!(call.answer, Answered::Refused(_));
    if outcome != Outcome::Allowed || refused {
        story.changes = change::changes(org, cast, &party, call, &asked);
    }
    Ok(story)
}

/// Decides a call like [`explain`], but looks for no change, and takes nothing for granted that the
/// call does not say.
pub fn decided<'a>(org: &'a Organization, party: &'a Party<'a>, call: &Call) -> Story {
    told(org, party, call).0
}

/// The story without what could change, the requests, and what was decided of all of them.
fn told<'a>(
    org: &'a Organization,
    party: &'a Party<'a>,
    call: &Call,
) -> (Story, Vec<Asked<'a>>, Outcome) {
    let needed = needed(call, party.caller.account);
    let asked: Vec<Asked<'a>> = needed
        .requests
        .iter()
        .flat_map(|one| request::asked(org, party, call, one))
        .collect();
    let outcome = asked
        .iter()
        .map(|one| one.outcome(call))
        .max_by_key(|outcome| weight(*outcome))
        .unwrap_or(Outcome::Undecided);
    let mut story = Story {
        title: title(call),
        decision: outcome.word(),
        aws: None,
        requests: asked.iter().map(|one| one.told(call)).collect(),
        changes: Vec::new(),
        missing: asked.iter().flat_map(Asked::missing).collect(),
        notes: call.notes.iter().cloned().chain(needed.notes).collect(),
    };
    story.missing.sort();
    story.missing.dedup();
    story
        .notes
        .extend(asked.iter().flat_map(|one| one.notes.iter().cloned()));
    story.notes.dedup();
    story.aws = blame::aws_said(org, call, &story);
    (story, asked, outcome)
}

/// AWS's own tools speak TLS, so a call of which nobody says otherwise did.
fn over_tls(call: &Call) -> Call {
    let mut call = call.clone();
    let Some(key) = cofferdam_authz::witness::key("aws:SecureTransport") else {
        return call;
    };
    if let Entry::Vacant(unsaid) = call.context.entry(key) {
        unsaid.insert(vec!["true".into()]);
        call.notes.push("taken to be made over TLS".to_owned());
    }
    call
}

/// The whole is as bad as its worst part.
fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Allowed => 0,
        Outcome::Undecided => 1,
        Outcome::ImplicitlyDenied => 2,
        Outcome::ExplicitlyDenied => 3,
    }
}

fn title(call: &Call) -> String {
    let resource = call
        .resource
        .as_deref()
        .unwrap_or("a resource that is not named");
    let on = if resource == "*" {
        String::new()
    } else {
        format!(" on {resource}")
    };
    let by = call
        .forwarded_by
        .as_ref()
        .map(|host| format!(", through {host}"))
        .unwrap_or_default();
    format!("{} calls {}{on}{by}", call.principal, call.name)
}

#[cfg(test)]
mod tests;
