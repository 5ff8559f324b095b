//! Names of actions, against what the catalogue knows.

use cofferdam_catalog::{Action, action, actions_of, rcp_services};
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

/// The actions of the catalogue that a pattern over one service names.
pub(super) fn meant(pattern: &ActionPattern) -> Vec<Action> {
    let ActionPattern::Of { service, name } = pattern else {
        return Vec::new();
    };
    if !name.contains(['*', '?']) {
        return action(service, name).into_iter().collect();
    }
    let all = actions_of(service);
    all.filter(|each| action_matches(pattern, each.service(), each.name()))
        .collect()
}

/// A misspelled action denies nothing. Services that the catalogue does not know are left alone.
pub(super) fn unknown_actions(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |pattern: &ActionPattern| {
        let ActionPattern::Of { service, name } = pattern else {
            return None;
        };
        let misspelled = actions_of(service).next().is_some() && meant(pattern).is_empty();
        if !misspelled {
            return None;
        }
        let message = match name.contains(['*', '?']) {
            true => format!("{service}:{name} matches no action that the catalogue knows"),
            false => format!("{service}:{name} is not an action that the catalogue knows"),
        };
        let origin = setting.at(statement, ACTIONS, &format!("{service}:{name}"));
        let help = "check its spelling: a misspelled action allows nothing and denies nothing";
        Some(Diagnostic::warning(origin, message).with_help(help))
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
