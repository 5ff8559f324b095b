//! Reading `Principal` and `NotPrincipal` ("AWS JSON policy elements: Principal").
//!
//! AWS resolves principals when a policy is saved, so a form that it does not document cannot be
//! guessed at: it stays in the list as text, and whether it matches is unknown.

use cofferdam_names::{AccountId, Arn, deferred};
use cofferdam_text::{Member, Node, Origin};

use crate::ast::PrincipalPattern;
use crate::notes::Notes;

/// The values of the element; `None` if it has no readable form at all.
pub(crate) fn patterns(node: &Node, notes: &mut Notes) -> Option<Vec<PrincipalPattern>> {
    if let Some(text) = node.as_str() {
        return Some(vec![bare(text, node.origin, notes)]);
    }
    let Some(members) = node.as_object().filter(|members| !members.is_empty()) else {
        let message = format!(
            "a principal must be \"*\" or an object such as {{\"AWS\": …}}, found {}",
            node.kind()
        );
        notes.refuse(node.origin, message);
        return None;
    };
    let listed: Vec<_> = members
        .iter()
        .flat_map(|member| of_type(member, notes))
        .collect();
    (!listed.is_empty()).then_some(listed)
}

fn bare(text: &str, origin: Origin, notes: &mut Notes) -> PrincipalPattern {
    if text == "*" {
        return PrincipalPattern::Everyone;
    }
    notes.refuse(
        origin,
        format!("the principal \"{text}\" has no type: write {{\"AWS\": \"{text}\"}} or \"*\""),
    );
    PrincipalPattern::Unreadable(text.into())
}

fn of_type(member: &Member, notes: &mut Notes) -> Vec<PrincipalPattern> {
    let read: fn(&str) -> Option<PrincipalPattern> = match &*member.key {
        "AWS" => aws,
        "Service" => service,
        "Federated" => federated,
        "CanonicalUser" => canonical_user,
        _ => |_| None,
    };
    let items = member.value.items();
    if items.is_empty() {
        notes.refuse(
            member.key_origin,
            format!("the principal type {} lists nobody", member.key),
        );
    }
    items
        .iter()
        .filter_map(|item| value(&member.key, item, read, notes))
        .collect()
}

fn value(
    kind: &str,
    item: &Node,
    read: fn(&str) -> Option<PrincipalPattern>,
    notes: &mut Notes,
) -> Option<PrincipalPattern> {
    let Some(text) = item.text() else {
        notes.refuse(
            item.origin,
            format!("a principal must be a string, found {}", item.kind()),
        );
        return None;
    };
    Some(read(text).unwrap_or_else(|| {
        if deferred::has_hole(text) {
            return PrincipalPattern::Unreadable(deferred::shown(text).into());
        }
        let message = format!("\"{text}\" is not a principal that AWS documents under {kind}");
        notes.warn(item.origin, message);
        PrincipalPattern::Unreadable(text.into())
    }))
}

fn aws(text: &str) -> Option<PrincipalPattern> {
    if text == "*" {
        return Some(PrincipalPattern::EveryAws);
    }
    if let Ok(account) = text.parse::<AccountId>() {
        return Some(PrincipalPattern::Account(account));
    }
    if is_unique_id(text) {
        return Some(PrincipalPattern::UniqueId(text.into()));
    }
    arn(text)
}

fn arn(text: &str) -> Option<PrincipalPattern> {
    let arn: Arn = text.parse().ok()?;
    let known = matches!(arn.service(), "iam" | "sts") && !text.contains(['*', '?']);
    if known && arn.service() == "iam" && arn.resource() == "root" {
        return arn.account_id().map(PrincipalPattern::Account);
    }
    known.then_some(PrincipalPattern::Arn(arn))
}

/// Ids that stand in a saved policy for a user or role that was deleted ("IAM identifiers").
fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    })
}

fn service(text: &str) -> Option<PrincipalPattern> {
    is_name(text).then(|| PrincipalPattern::Service(text.into()))
}

fn federated(text: &str) -> Option<PrincipalPattern> {
    is_name(text).then(|| PrincipalPattern::Federated(text.into()))
}

fn canonical_user(text: &str) -> Option<PrincipalPattern> {
    is_name(text).then(|| PrincipalPattern::CanonicalUser(text.into()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?', ' '])
}
