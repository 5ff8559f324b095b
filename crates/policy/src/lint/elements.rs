//! Elements that name what is left out: they speak of more than they seem to.

use cofferdam_text::Diagnostic;

use super::{ACTIONS, PRINCIPALS, Setting};
use crate::ast::{Actions, Effect, Principals, Resources, Statement};

pub(super) fn negated_element(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    if statement.effect == Effect::Deny {
        return Vec::new();
    }
    let actions = matches!(statement.actions, Actions::Except(_)).then_some((
        ACTIONS,
        "Allow with NotAction allows every action that AWS will ever add",
        "name the actions in Action",
    ));
    let resources = matches!(statement.resources, Resources::Except(_)).then_some((
        ["NotResource"; 2],
        "Allow with NotResource allows every resource that is not listed",
        "name the resources in Resource, or deny the listed ones in a statement of their own",
    ));
    let found = actions.into_iter().chain(resources);
    found
        .map(|(elements, message, help)| {
            let origin = setting.at(statement, elements, "");
            Diagnostic::warning(origin, message).with_help(help)
        })
        .collect()
}

pub(super) fn negated_principal(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    if !matches!(statement.principals, Principals::Except(_)) {
        return Vec::new();
    }
    let message = "NotPrincipal may still deny a principal that is listed, unless its account, role and session all are";
    let found = Diagnostic::warning(setting.at(statement, PRINCIPALS, ""), message);
    vec![found.with_help("use Principal \"*\" with ArnNotEquals on aws:PrincipalArn (AWS JSON policy elements: NotPrincipal)")]
}
