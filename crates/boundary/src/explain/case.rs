//! A decision case told as a story: it states everything, so its own parts are what can change.

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::case::{Answer, Case, decide};
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::layers::LayerId;
use cofferdam_findings::finding::{Missing, Step};
use cofferdam_findings::story::{Change, LayerTold, Story, Told};
use cofferdam_policy::kind::PolicyKind;

use super::change::{consenting, first};
use super::request::reason;

/// Explains a case.
pub fn explain_case(case: &Case) -> Story {
    let answer = decide(case);
    let missing = answer.missing.iter().map(|one| Missing {
        key: one.key.clone(),
        why: one.why.clone(),
        origin: None,
    });
    let residual = answer
        .residual
        .iter()
        .map(|residual| format!("allowed if {residual}"));
    Story {
        title: title(case),
        decision: answer.outcome.word(),
        aws: None,
        requests: vec![told(case, &answer)],
        changes: changes(case, &answer),
        missing: missing.collect(),
        notes: residual.collect(),
    }
}

fn title(case: &Case) -> String {
    let request = &case.request;
    let asks = format!(
        "{} calls {} on {}",
        case.caller.display(),
        request.action,
        request.resource
    );
    match case.name.is_empty() {
        true => asks,
        false => format!("{}: {asks}", case.name),
    }
}

fn told(case: &Case, answer: &Answer) -> Told {
    let context = case.request.context.iter().map(|(key, values)| {
        (
            key.to_string(),
            values.iter().map(ToString::to_string).collect(),
        )
    });
    let layers = answer.layers.iter().map(|said| LayerTold {
        layer: said.layer.id(),
        target: said.target.to_string(),
        outcome: said.outcome,
    });
    Told {
        what: "the request of the case".to_owned(),
        step: Step {
            principal: case.caller.display(),
            action: case.request.action.to_string(),
            resource: case.request.resource.clone(),
            context: context.collect(),
            decision: answer.outcome.word(),
            note: None,
            command: None,
        },
        from: None,
        places: Vec::new(),
        layers: layers.collect(),
        there: answer.outcome.word(),
        because: answer.determining.iter().map(reason).collect(),
    }
}

fn changes(case: &Case, answer: &Answer) -> Vec<Change> {
    if matches!(answer.outcome, Outcome::Allowed | Outcome::Undecided) {
        return Vec::new();
    }
    let refuses = |said: &&cofferdam_authz::case::LayerSaid| {
        matches!(said.outcome, "denies" | "does_not_allow")
            && !matches!(said.layer, LayerId::Grant | LayerId::Acl)
    };
    let mut layers: Vec<LayerId> = answer
        .layers
        .iter()
        .filter(refuses)
        .map(|said| said.layer)
        .collect();
    layers.sort();
    layers.dedup();
    let yours = |layer: LayerId| is_own(case, layer);
    let passes = |set: &[LayerId]| decide(&without(case, set)).outcome == Outcome::Allowed;
    let set = first(&layers, yours, passes).unwrap_or_default();
    let mut changes: Vec<Change> = set
        .into_iter()
        .map(|layer| change(case, answer, layer))
        .collect();
    changes.sort_by_key(|change| !change.yours);
    changes
}

/// Whether the caller's account rules a layer.
fn is_own(case: &Case, layer: LayerId) -> bool {
    match layer {
        LayerId::Identity | LayerId::Session => true,
        LayerId::Resource | LayerId::KeyPolicy | LayerId::Trust | LayerId::AccessPoint => {
            case.owner.is_none() || case.owner == case.caller.account
        }
        _ => false,
    }
}

fn change(case: &Case, answer: &Answer, layer: LayerId) -> Change {
    let (action, resource) = (&case.request.action, &case.request.resource);
    let denies = answer
        .determining
        .iter()
        .find(|one| one.layer == layer && one.effect.word() == "Deny");
    let what = match denies {
        Some(one) => {
            let name = one.sid.as_ref().map_or_else(
                || {
                    one.statement
                        .map_or_else(String::new, |number| format!("statement {number}"))
                },
                |sid| format!("\"{sid}\""),
            );
            format!(
                "except the caller from {name} of {}, or narrow it",
                one.document
            )
        }
        None => format!("allow {action} on {resource} there"),
    };
    Change {
        yours: is_own(case, layer),
        owner: owner(case, layer),
        layer: Some(layer.id()),
        what,
    }
}

fn owner(case: &Case, layer: LayerId) -> String {
    let account = match layer {
        LayerId::ServiceControl | LayerId::ResourceControl => {
            return "the organization's administrators".to_owned();
        }
        LayerId::Endpoint => return "the endpoint's owner".to_owned(),
        LayerId::Identity | LayerId::Session | LayerId::PermissionsBoundary => case.caller.account,
        _ => case.owner.or(case.caller.account),
    };
    account.map_or_else(
        || "its owner".to_owned(),
        |account| format!("account {account}"),
    )
}

/// The case with some layers out of the way.
fn without(case: &Case, layers: &[LayerId]) -> Case {
    let mut case = case.clone();
    for layer in layers {
        match layer {
            LayerId::ServiceControl => case.service_control = None,
            LayerId::ResourceControl => case.resource_control = None,
            LayerId::Identity => {
                case.identity = consenting("", PolicyKind::Identity).into_iter().collect();
            }
            LayerId::PermissionsBoundary => case.boundary = None,
            LayerId::Session => case.session = Vec::new(),
            LayerId::Endpoint => case.endpoints = Vec::new(),
            LayerId::BlockPublicAccess => case.restrict_public = None,
            _ => {
                let who = consented(&case);
                case.resource_policy = consenting(&who, PolicyKind::Resource);
            }
        }
    }
    case
}

fn consented(case: &Case) -> String {
    match (&case.caller.kind, case.caller.principal_arn()) {
        (CallerKind::Service(host), _) => format!(r#"{{"Service": "{host}"}}"#),
        (CallerKind::Federated(provider), _) => format!(r#"{{"Federated": "{provider}"}}"#),
        (_, Some(arn)) => format!(r#"{{"AWS": "{arn}"}}"#),
        _ => r#""*""#.to_owned(),
    }
}
