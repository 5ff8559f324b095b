//! An AccessDenied message, as a developer pastes it, into the call that was refused.
//!
//! AWS writes one sentence in a few forms ("Troubleshoot access denied error messages"): who, what,
//! mostly on which resource, and since 2021 which kind of policy refused it. Since 2026 it may end
//! with the ARN of that policy. A message is found wherever it stands in the text, since people paste
//! what surrounds it too.

use std::collections::BTreeMap;

use cofferdam_authz::call::{Answered, Blame, BlamedKind, Call};
use cofferdam_authz::concrete::Context;
use cofferdam_names::{ActionName, Arn};

/// The longest message that is read: many times what AWS writes, and little enough to search.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Why a text is no message that can be used, in words for whoever pasted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoMessage(pub String);

/// What stands between the caller and the action.
const NOT_AUTHORIZED: [&str; 2] = [
    " is not authorized to perform: ",
    " is not authorized to perform ",
];

/// Reads a message.
///
/// # Errors
/// When the text holds no sentence of AWS's form, or the sentence leaves out who or what.
pub fn read(text: &str) -> Result<Call, NoMessage> {
    if text.len() > MESSAGE_BYTES_MAX {
        return no_message("the text is too long for a message");
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((before, after)) = NOT_AUTHORIZED
        .iter()
        .find_map(|words| text.split_once(words))
    else {
        return no_message(why_not(&text));
    };
    let who = before.rsplit(' ').next().unwrap_or(before);
    let (what, rest) = after.split_once(' ').unwrap_or((after, ""));
    let name = bare(what);
    let Ok(name) = ActionName::parse(name) else {
        return no_message(format!("\"{name}\" is no action"));
    };
    Ok(Call {
        principal: principal(who)?,
        name,
        resource: resource(rest),
        context: Context::new(),
        forwarded_by: None,
        parameters: BTreeMap::new(),
        answer: Answered::Refused(blame(rest)),
        notes: Vec::new(),
    })
}

fn no_message<T>(why: impl Into<String>) -> Result<T, NoMessage> {
    Err(NoMessage(why.into()))
}

/// Two messages that developers hold as often, and that say too little.
fn why_not(text: &str) -> &'static str {
    if text.contains("Encoded authorization failure message") {
        return "the message is encoded: decode it with `aws sts decode-authorization-message` and \
                give the request with --principal, --action and --resource";
    }
    if text.trim_end_matches('.').ends_with("Access Denied") {
        return "the message says neither who nor what: give the request with --principal, --action \
                and --resource, or its CloudTrail event with --event";
    }
    "the text holds no \"… is not authorized to perform: …\""
}

/// An ARN, or what stands for it: `User: arn:…`, quotes and all.
fn principal(who: &str) -> Result<String, NoMessage> {
    let who = bare(who);
    match who {
        "anonymous" | "Anonymous" => Ok("anonymous".to_owned()),
        _ if Arn::parse(who).is_ok() || is_host(who) => Ok(who.to_owned()),
        _ => no_message(format!("\"{who}\" is no principal: the message was cut")),
    }
}

fn is_host(text: &str) -> bool {
    text.ends_with(".amazonaws.com")
}

/// Without the quotes and the punctuation of the sentence.
fn bare(word: &str) -> &str {
    word.trim_matches(|character| matches!(character, '"' | '\'' | '`' | ',' | '(' | ')'))
        .trim_end_matches(['.', ':'])
}

/// `on resource: arn:…`, up to the reason.
fn resource(rest: &str) -> Option<String> {
    let (_, after) = rest.split_once("on resource: ")?;
    let ends = [" because no ", " with an explicit deny"];
    let end = ends.iter().filter_map(|words| after.find(words)).min();
    let named = bare(after.get(..end.unwrap_or(after.len()))?.trim());
    let arn = named.split(' ').next().unwrap_or(named);
    let known = arn == "*" || Arn::parse(arn).is_ok();
    known.then(|| arn.to_owned())
}

fn blame(rest: &str) -> Blame {
    let implicit = rest.find("because no ");
    let explicit = rest.find("with an explicit deny");
    let (is_explicit, at) = match (implicit, explicit) {
        (_, Some(at)) => (Some(true), at),
        (Some(at), None) => (Some(false), at),
        (None, None) => return Blame::default(),
    };
    let reason = rest.get(at..).unwrap_or_default();
    Blame {
        kind: BlamedKind::in_message(reason),
        explicit: is_explicit,
        policy: policy(reason),
    }
}

/// The ARN at the end, in messages of 2026.
fn policy(reason: &str) -> Option<String> {
    let words = reason.split(' ').map(bare);
    let mut arns = words.filter(|word| Arn::parse(word).is_ok());
    arns.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: &str = "arn:aws:sts::111122223333:assumed-role/app/s-1";

    fn told(text: &str) -> String {
        match read(text) {
            Err(NoMessage(why)) => format!("! {why}"),
            Ok(call) => {
                let Answered::Refused(blame) = call.answer else {
                    return "not refused".to_owned();
                };
                let kind = blame.kind.map_or("-", BlamedKind::words);
                let word = blame
                    .explicit
                    .map_or("-", |is| if is { "explicit" } else { "implicit" });
                let resource = call.resource.as_deref().unwrap_or("-");
                let policy = blame.policy.as_deref().unwrap_or("-");
                format!(
                    "{} {} {resource} {word} {kind} {policy}",
                    call.principal, call.name
                )
            }
        }
    }

    #[track_caller]
    fn check(rest: &str, expected: &str) {
        let text = format!("User: {WHO} is not authorized to perform: s3:GetObject {rest}");
        assert_eq!(told(&text), format!("{WHO} s3:GetObject {expected}"));
    }

    const ON: &str = "arn:aws:s3:::records/a";

    /// "Troubleshoot access denied error messages".
    #[test]
    fn every_kind_of_policy_is_told() {
        for (words, kind) in [
            (
                "because no identity-based policy allows the s3:GetObject action",
                "implicit identity-based policy",
            ),
            (
                "because no resource-based policy allows the s3:GetObject action",
                "implicit resource-based policy",
            ),
            (
                "because no permissions boundary allows the s3:GetObject action",
                "implicit permissions boundary",
            ),
            (
                "because no session policy allows the s3:GetObject action",
                "implicit session policy",
            ),
            (
                "because no service control policy allows the s3:GetObject action",
                "implicit service control policy",
            ),
            (
                "because no VPC endpoint policy allows the s3:GetObject action",
                "implicit VPC endpoint policy",
            ),
            (
                "with an explicit deny in a service control policy",
                "explicit service control policy",
            ),
            (
                "with an explicit deny in a resource control policy",
                "explicit resource control policy",
            ),
            (
                "with an explicit deny in an identity-based policy",
                "explicit identity-based policy",
            ),
            (
                "with an explicit deny in the role trust policy",
                "explicit role trust policy",
            ),
            ("with an explicit deny", "explicit -"),
        ] {
            check(
                &format!("on resource: {ON} {words}"),
                &format!("{ON} {kind} -"),
            );
            check(
                &format!("on resource: \"{ON}\" {words}."),
                &format!("{ON} {kind} -"),
            );
        }
        check(&format!("on resource: {ON}"), &format!("{ON} - - -"));
        check(
            "because no identity-based policy allows it",
            "- implicit identity-based policy -",
        );
    }

    /// "Enhanced access denied error messages with policy ARNs", AWS Security Blog.
    #[test]
    fn the_form_of_2026_names_the_policy() {
        let policy =
            "arn:aws:organizations::100000000001:policy/o-acme1a2b3c/service_control_policy/p-1";
        check(
            &format!(
                "on resource: {ON} with an explicit deny in a service control policy: {policy}"
            ),
            &format!("{ON} explicit service control policy {policy}"),
        );
    }

    #[test]
    fn a_message_is_found_in_what_surrounds_it() {
        let text = format!(
            "botocore: An error occurred (AccessDenied) when calling the GetObject operation:\n  \
             User: {WHO} is not authorized to perform:\n s3:GetObject on resource: \"{ON}\"\n because no \
             identity-based policy allows the s3:GetObject action"
        );
        assert_eq!(
            told(&text),
            format!("{WHO} s3:GetObject {ON} implicit identity-based policy -")
        );
    }

    #[test]
    fn what_says_too_little_is_refused_with_what_to_do() {
        assert!(told("An error occurred (AccessDenied): Access Denied").contains("--event"));
        assert!(told("Encoded authorization failure message: abc").contains("decode"));
        assert!(told("hello").starts_with('!'));
        assert!(told("x is not authorized to perform: s3:GetObject").starts_with("! \"x\""));
        assert!(told(&format!("{WHO} is not authorized to perform: nothing")).starts_with('!'));
        assert!(told(&"a".repeat(MESSAGE_BYTES_MAX + 1)).starts_with('!'));
    }
}
