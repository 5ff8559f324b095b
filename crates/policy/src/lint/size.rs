//! How long a document may be, and which characters it may hold.
//!
//! The narrowest quota that may apply is the one that is told: an identity policy is an error only
//! where it fits nowhere.

use cofferdam_catalog::{Quota, quota, resource_policy};
use cofferdam_text::{Diagnostic, Origin};

use super::actions::patterns;
use super::{ACTIONS, Remark, Setting};
use crate::ast::{Principals, Statement};
use crate::kind::PolicyKind;

/// What is wrong with the document as a whole.
pub(super) fn of_document(setting: &Setting<'_>) -> Vec<Remark> {
    let Some(text) = setting.subject.text else {
        return Vec::new();
    };
    let strange = match setting.grammar.iam_characters {
        true => strange_character(text, setting),
        false => None,
    };
    let long = too_long(text, setting).into_iter();
    let found = long.chain(too_many(setting)).map(|said| ("size", said));
    let found = found.chain(strange.map(|said| ("characters", said)));
    found
        .map(|(rule, diagnostic)| Remark {
            rule,
            statement: None,
            diagnostic,
        })
        .collect()
}

/// The narrowest and the widest quota on its length.
fn quotas(setting: &Setting<'_>) -> Option<(Quota, Quota)> {
    let sizes = || setting.grammar.sizes();
    match (sizes().next(), sizes().next_back()) {
        (Some(narrow), Some(wide)) => Some((quota(narrow)?, quota(wide)?)),
        _ => {
            let own = quota(resource_policy(setting.subject.service?)?.size)?;
            Some((own, own))
        }
    }
}

fn too_long(text: &str, setting: &Setting<'_>) -> Option<Diagnostic> {
    let (usual, most) = quotas(setting)?;
    let widest = most.raised_to.unwrap_or(most.default);
    let bare = text.chars().filter(|sign| !sign.is_whitespace()).count();
    let length = match usual.unit {
        "bytes" => text.len(),
        "characters" => text.chars().count(),
        _ => bare,
    };
    if fits(length, usual.default) {
        return None;
    }
    let origin = setting.subject.policy.origin;
    let message = format!(
        "{} of {length} {}, where {} fit (quota {})",
        setting.grammar.name, usual.unit, usual.default, usual.name
    );
    Some(if fits(length, widest) {
        let help = format!("up to {widest} fit with a raised quota or inline in a role");
        Diagnostic::warning(origin, message).with_help(help)
    } else if fits(bare, widest) {
        Diagnostic::warning(origin, message).with_help("it fits once white space is removed")
    } else {
        let help = "move statements into a second policy, or say the same with fewer names";
        Diagnostic::error(origin, message).with_help(help)
    })
}

/// Queues count more than characters ("Amazon SQS policy quotas").
fn too_many(setting: &Setting<'_>) -> Vec<Diagnostic> {
    if setting.subject.kind != PolicyKind::Resource || setting.subject.service != Some("sqs") {
        return Vec::new();
    }
    let policy = setting.subject.policy;
    let sum = |count: fn(&Statement) -> usize| policy.statements.iter().map(count).sum::<usize>();
    let whole = |name, count| (name, count, "a queue policy", policy.origin);
    let principals = |each: &Statement| match &each.principals {
        Principals::NotGiven => 0,
        Principals::Only(list) | Principals::Except(list) => list.len(),
    };
    let mut counts = vec![
        whole("queue-policy.statements", policy.statements.iter().count()),
        whole("queue-policy.principals", sum(principals)),
        whole("queue-policy.conditions", sum(|each| each.conditions.len())),
    ];
    counts.extend(policy.statements.iter().map(|each| {
        let origin = setting.at(each, ACTIONS, "");
        let name = "queue-policy.actions-per-statement";
        (
            name,
            patterns(each).len(),
            "a statement of a queue policy",
            origin,
        )
    }));
    let report = |(name, count, what, origin): (&str, usize, &str, Origin)| {
        let limit = quota(name).filter(|limit| !fits(count, limit.default))?;
        let message = format!(
            "{what} with {count} {}, where {} fit (quota {name})",
            limit.unit, limit.default
        );
        let help = "let one statement say what several say, with wildcards or conditions";
        Some(Diagnostic::error(origin, message).with_help(help))
    };
    counts.into_iter().filter_map(report).collect()
}

fn fits(length: usize, limit: u64) -> bool {
    u64::try_from(length).is_ok_and(|length| length <= limit)
}

fn strange_character(text: &str, setting: &Setting<'_>) -> Option<Diagnostic> {
    let valid = |sign: char| matches!(sign, '\t' | '\n' | '\r' | ' '..='\u{FF}');
    let strange = text.chars().find(|sign| !valid(*sign))?;
    let message = format!(
        "the character U+{:04X} is not valid in a policy of IAM (IAM and AWS STS quotas)",
        u32::from(strange)
    );
    Some(Diagnostic::error(setting.subject.policy.origin, message))
}
