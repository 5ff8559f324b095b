//! Names of actions, against what the catalogue knows.

use cofferdam_catalog::{actions_of, rcp_services};
use cofferdam_text::Diagnostic;

use super::{ACTIONS, Setting};
use crate::ast::{ActionPattern, Actions, Statement};
use crate::kind::PolicyKind;
use crate::matching::action_matches;

pub(super) fn patterns(statement: &Statement) -> &[ActionPattern] {
    match &statement.actions {
        Actions::Only(patterns) | Actions::Except(patterns) => patterns,
    }
}

/// A misspelled action denies nothing. Services that the catalogue does not know are left alone.
pub(super) fn unknown_actions(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |pattern: &ActionPattern| {
        let ActionPattern::Of { service, name } = pattern else {
            return None;
        };
        let mut listed = actions_of(service).peekable();
        listed.peek()?;
        let misspelled = !listed.any(|each| action_matches(pattern, each.service(), each.name()));
        let message = match name.contains(['*', '?']) {
            true => format!("{service}:{name} matches no action that the catalogue knows"),
            false => format!("{service}:{name} is not an action that the catalogue knows"),
        };
        let origin = setting.at(statement, ACTIONS, &format!("{service}:{name}"));
        let help = "check its spelling: a misspelled action allows nothing and denies nothing";
        misspelled.then(|| Diagnostic::warning(origin, message).with_help(help))
    };
    patterns(statement).iter().filter_map(report).collect()
}

/// Resource control policies reach the services of a list only ("Resource control policies
/// (RCPs)").
pub(super) fn uncovered_services(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |pattern: &ActionPattern| {
        let ActionPattern::Of { service, name } = pattern else {
            return None;
        };
        let covered = rcp_services().any(|covered| covered == &**service);
        let message =
            format!("resource control policies do not cover {service}: this says nothing");
        let origin = setting.at(statement, ACTIONS, &format!("{service}:{name}"));
        let help =
            "say it in resource policies, or in a service control policy for your own callers";
        (!covered).then(|| Diagnostic::warning(origin, message).with_help(help))
    };
    match setting.subject.kind {
        PolicyKind::ResourceControl => patterns(statement).iter().filter_map(report).collect(),
        _ => Vec::new(),
    }
}
