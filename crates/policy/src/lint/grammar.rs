//! What a kind of policy forbids and the reader can still read.
//!
//! What the reader itself refuses is not repeated here.

use cofferdam_text::Diagnostic;

use super::Setting;
use crate::ast::{
    ActionPattern, Actions, Effect, PrincipalPattern, Principals, Resources, Statement,
};
use crate::kind::PolicyKind;
use crate::matching::{ResourceShape, resource_shape};
use crate::operand::Template;

/// Whether this is the one statement of `RCPFullAWSAccess`, which AWS attaches everywhere.
fn is_full_access(statement: &Statement) -> bool {
    statement.effect == Effect::Allow
        && statement.principals == Principals::Only(vec![PrincipalPattern::Everyone])
        && matches!(&statement.actions, Actions::Only(list) if *list == [ActionPattern::Every])
        && matches!(&statement.resources, Resources::Only(list) if every_resource(list))
        && statement.conditions.is_empty()
}

fn every_resource(patterns: &[Template]) -> bool {
    matches!(patterns, [each] if resource_shape(each) == ResourceShape::Everything)
}

pub(super) fn effect_of_kind(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let fine =
        setting.grammar.allow || statement.effect == Effect::Deny || is_full_access(statement);
    match fine {
        true => Vec::new(),
        false => vec![
            Diagnostic::error(
                setting.at(statement, ["Effect"; 2], "Allow"),
                format!(
                    "{} must not Allow ({})",
                    setting.grammar.name, setting.grammar.page
                ),
            )
            .with_help(
                "write it as a Deny of what shall not pass: what is not denied stays allowed",
            ),
        ],
    }
}

pub(super) fn principal_of_kind(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let Principals::Only(patterns) = &statement.principals else {
        return Vec::new();
    };
    let everyone = *patterns == [PrincipalPattern::Everyone];
    match setting.subject.kind {
        PolicyKind::ResourceControl if !everyone => vec![Diagnostic::error(
            setting.at(statement, super::PRINCIPALS, "*"),
            format!(
                "the Principal of {} must be \"*\" ({})",
                setting.grammar.name, setting.grammar.page
            ),
        )
        .with_help("write \"Principal\": \"*\" and name the callers in a condition on aws:PrincipalArn")],
        _ => Vec::new(),
    }
}

pub(super) fn every_action(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let bare =
        matches!(&statement.actions, Actions::Only(list) if list.contains(&ActionPattern::Every));
    let asked = setting.subject.kind == PolicyKind::ResourceControl
        && bare
        && statement.unreadable.is_none();
    if !asked || is_full_access(statement) {
        return Vec::new();
    }
    let message = format!(
        "the Action of {} must name a service, as in s3:* ({})",
        setting.grammar.name, setting.grammar.page
    );
    let origin = setting.at(statement, super::ACTIONS, "*");
    vec![Diagnostic::error(origin, message).with_help("list the services that it shall cover")]
}

/// IAM stores names of letters and digits only ("IAM JSON policy elements: Sid").
pub(super) fn plain_sid(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let Some(sid) = &statement.sid else {
        return Vec::new();
    };
    let plain = sid.chars().all(|sign| sign.is_ascii_alphanumeric());
    if plain || !setting.grammar.iam_characters {
        return Vec::new();
    }
    let message = format!(
        "the Sid \"{sid}\" has more than letters and digits (IAM JSON policy elements: Sid)"
    );
    let found = Diagnostic::error(setting.at(statement, ["Sid"; 2], sid), message);
    vec![found.with_help("leave out spaces, hyphens and other signs")]
}

pub(super) fn repeated_sid(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let earlier = |each: &&Statement| each.index < statement.index && each.sid == statement.sid;
    let (Some(sid), Some(first)) = (
        &statement.sid,
        setting.subject.policy.statements.iter().find(earlier),
    ) else {
        return Vec::new();
    };
    let message = format!(
        "the Sid \"{sid}\" names statement {} too (IAM JSON policy elements: Sid)",
        first.index
    );
    let origin = setting.at(statement, ["Sid"; 2], sid);
    let said = match setting.grammar.iam_characters {
        true => Diagnostic::error(origin, message),
        false => Diagnostic::warning(origin, message),
    };
    vec![said.with_help("give each statement a name of its own")]
}
