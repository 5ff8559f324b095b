//! Names in conditions, against what exists and what others may create.

use cofferdam_catalog::is_service_principal;
use cofferdam_text::Diagnostic;

use super::Setting;
use super::keys::{Lacking, lacking};
use crate::ast::{Condition, Effect, PrincipalPattern, Principals, Statement};
use crate::kind::PolicyKind;
use crate::operand::{Operand, Part, Template};

/// Ids of endpoints, and of VPCs that have one, which the source does not list.
pub(super) fn unknown_endpoints(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let Some(known) = &setting.subject.known.endpoints else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for condition in &statement.conditions {
        let what = match condition.key.folded() {
            "aws:sourcevpce" => "an endpoint",
            "aws:sourcevpc" => "a VPC with an endpoint",
            _ => continue,
        };
        let ids = condition.operands.iter().filter_map(literal);
        found.extend(ids.filter(|id| !known.contains(*id)).map(|id| {
            let message = format!("{id} is not {what} of the sources");
            let help = "check the id, or read the account that owns it: an id that was deleted says nothing";
            Diagnostic::warning(condition.origin, message).with_help(help)
        }));
    }
    found
}

/// Service principals that neither a page of AWS nor a policy of its own names.
pub(super) fn unknown_services(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let (Principals::Only(patterns) | Principals::Except(patterns)) = &statement.principals else {
        return Vec::new();
    };
    let services = patterns.iter().filter_map(|pattern| match pattern {
        PrincipalPattern::Service(name) if !is_service_principal(name) => Some(name),
        _ => None,
    });
    services
        .map(|name| {
            let message = format!("{name} is not a service principal that the catalogue knows");
            let help = "check its spelling: a service that does not exist is allowed nothing and denied nothing";
            let origin = setting.service(statement, name);
            Diagnostic::warning(origin, message).with_help(help)
        })
        .collect()
}

/// The text of an operand that stands for itself alone.
fn literal(operand: &Operand) -> Option<&str> {
    match operand {
        Operand::Text { template, .. } => match template.parts.as_slice() {
            [Part::Literal(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Paths below which only AWS makes roles ("Using service-linked roles"; "Referencing permission
/// sets in resource policies").
const RESERVED: [&str; 2] = [
    "role/aws-service-role/",
    "role/aws-reserved/sso.amazonaws.com/",
];

/// A pattern over names of roles or users that spares a caller or lets it in: whoever may create a
/// role may give it such a name.
pub(super) fn creatable_names(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for condition in &statement.conditions {
        let favours = condition.key.folded() == "aws:principalarn"
            && (statement.effect == Effect::Deny) == condition.operator.negated
            && lacking(statement, condition) != Some(Lacking::DeniesNone);
        if favours {
            let patterns = condition.operands.iter().filter_map(pattern);
            found.extend(
                patterns.filter_map(|text| creatable(&text, statement, condition, setting)),
            );
        }
    }
    found
}

fn creatable(
    text: &str,
    statement: &Statement,
    condition: &Condition,
    setting: &Setting<'_>,
) -> Option<Diagnostic> {
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, _, _, account, resource] = fields.as_slice() else {
        return None;
    };
    let wild = |text: &str| text.contains(['*', '?']);
    let (kind, name) = resource.split_once('/')?;
    let reserved = RESERVED.iter().any(|path| resource.starts_with(path));
    if reserved || !matches!(kind, "role" | "user") || name == "*" || wild(kind) {
        return None;
    }
    let anywhere = wild(account) && !wild(name);
    if !wild(account) && !wild(name) {
        return None;
    }
    let whose = match (wild(account), bounded(statement, setting)) {
        (false, _) => "in that account",
        (true, true) => "in any account that this policy is about",
        (true, false) => "in any AWS account",
    };
    let what = if anywhere {
        "this name"
    } else {
        "a name that matches"
    };
    let message = format!("whoever may create a {kind} {whose} may give it {what}: {text}");
    let fix = if anywhere {
        "name the account"
    } else {
        "name each in full"
    };
    let call = if kind == "user" {
        "iam:CreateUser"
    } else {
        "iam:CreateRole"
    };
    let help = format!(
        "{fix}, or deny the creation of such names in a service control policy; `cofferdam who-can {call} ARN SOURCE` lists who may"
    );
    Some(Diagnostic::warning(condition.origin, message).with_help(help))
}

/// Whether the statement speaks only of callers of known accounts.
fn bounded(statement: &Statement, setting: &Setting<'_>) -> bool {
    let own = !matches!(
        setting.subject.kind,
        PolicyKind::Resource
            | PolicyKind::Key
            | PolicyKind::ResourceControl
            | PolicyKind::Trust
            | PolicyKind::Endpoint
    );
    let keys = [
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
    ];
    let mut conditions = statement.conditions.iter();
    own || conditions.any(|each| keys.contains(&each.key.folded()))
}

/// The pattern as it was written.
fn pattern(operand: &Operand) -> Option<String> {
    match operand {
        Operand::Text { template, .. } => Some(written(template)),
        Operand::Arn(fields) => {
            let fields: Vec<String> = fields.iter().map(written).collect();
            Some(fields.join(":"))
        }
        _ => None,
    }
}

fn written(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.to_string(),
        Part::One => "?".to_owned(),
        Part::Many => "*".to_owned(),
        Part::Variable { key, .. } => format!("${{{key}}}"),
    };
    template.parts.iter().map(part).collect()
}
