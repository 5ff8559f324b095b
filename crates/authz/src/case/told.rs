//! One world of a case decided, and the worlds joined into one answer.

use super::open::{self, Possible};
use super::world::{self, World, resource_layer};
use super::{Answer, Case, ControlLevel, LayerSaid, Missing, Split, keys, resource_kind, words};
use crate::concrete::{Asked, NO_RESOURCE};
use crate::context::{Situation, Terms};
use crate::decide::{self, Decision, Outcome};
use crate::layers::{LayerId, Layers, Relation};
use crate::trace::{Determining, EffectWord};

/// What one world came to.
pub(super) struct Told {
    outcome: Outcome,
    layers: Vec<LayerSaid>,
    determining: Vec<Determining>,
    missing: Vec<Missing>,
    residual: Option<String>,
    split: Vec<Split>,
    /// What the case could have said to exclude the other worlds.
    unsure: Vec<Missing>,
}

/// A question in one world, ready to be read.
pub(super) struct Question<'a> {
    pub(super) case: &'a Case,
    pub(super) layers: &'a Layers<'a>,
    pub(super) situation: &'a Situation<'a>,
    pub(super) fixed: &'a Terms,
}

impl Question<'_> {
    /// Decides for one concrete resource.
    pub(super) fn decide(&self, resource: &str) -> Decision {
        decide::decide(self.layers, &self.asked(resource), self.situation)
    }

    /// The request for one concrete resource.
    pub(super) fn asked<'r>(&'r self, resource: &'r str) -> Asked<'r> {
        Asked {
            action: &self.case.request.action,
            resource,
            context: &self.case.request.context,
            strict: self.case.strict,
        }
    }
}

/// Decides a case in one of its worlds.
pub(super) fn decide(case: &Case, world: &World) -> Told {
    let mut told = ask(case, world, |question| {
        if names_many(&case.request.resource) {
            for_every(question, world)
        } else {
            for_one(question, world)
        }
    });
    doubt_unsigned(case, world, &mut told);
    doubt_bucket(case, &mut told);
    doubt_keys(case, &mut told);
    told
}

/// The answers that are possible in one of its worlds.
pub(super) fn possible(case: &Case, world: &World) -> Vec<Outcome> {
    let every_resource = names_many(&case.request.resource);
    ask(case, world, |question| {
        open::possible(question, every_resource).outcomes()
    })
}

fn ask<T>(case: &Case, world: &World, read: impl FnOnce(&Question<'_>) -> T) -> T {
    let layers = world::layers(case, world);
    let mut situation = keys::situation(case, world);
    let fixed = keys::fixed(case, world, &situation);
    situation.fixed = Some(&fixed);
    read(&Question {
        case,
        layers: &layers,
        situation: &situation,
        fixed: &fixed,
    })
}

/// Whether the resource stands for many.
fn names_many(resource: &str) -> bool {
    resource != NO_RESOURCE && resource.contains(['*', '?'])
}

fn for_one(question: &Question<'_>, world: &World) -> Told {
    let resource = question.case.request.resource.as_str();
    let decision = question.decide(resource);
    if decision.outcome != Outcome::Undecided {
        return told(question, world, decision.outcome, &decision);
    }
    let possible = open::possible(question, false);
    let outcome = possible.single().unwrap_or(Outcome::Undecided);
    let mut told = told(question, world, outcome, &decision);
    if outcome == Outcome::Undecided {
        told.residual = words::residual(question, &decision);
    }
    told
}

/// "For every such resource": one answer if no resource differs, else one resource for each.
fn for_every(question: &Question<'_>, world: &World) -> Told {
    let possible = open::possible(question, true);
    let split = split(question, &possible);
    let sample = match split.first() {
        Some(one) => one.resource.as_str(),
        None => question.case.request.resource.as_str(),
    };
    let outcome = possible.single().unwrap_or(Outcome::Undecided);
    let mut told = told(question, world, outcome, &question.decide(sample));
    if outcome == Outcome::Undecided {
        for one in &split {
            let decision = question.decide(&one.resource);
            told.determining
                .extend(determining(one.outcome, decision.trace.statements));
        }
        told.determining.sort();
        told.determining.dedup();
        if split.len() > 1 {
            told.split = split;
        }
    }
    told
}

/// One resource for each answer, each decided again over the documents as they are.
fn split(question: &Question<'_>, possible: &Possible) -> Vec<Split> {
    let mut split: Vec<Split> = Vec::new();
    for resource in possible.samples() {
        let outcome = question.decide(resource).outcome;
        let known = split.iter().any(|one| one.outcome == outcome);
        if outcome != Outcome::Undecided && !known {
            split.push(Split {
                resource: resource.to_owned(),
                outcome,
            });
        }
    }
    split
}

fn told(question: &Question<'_>, world: &World, outcome: Outcome, decision: &Decision) -> Told {
    let undecided = outcome == Outcome::Undecided;
    Told {
        outcome,
        layers: layers_said(question, world, decision),
        determining: determining(outcome, decision.trace.statements.clone()),
        missing: if undecided {
            missing(question, decision)
        } else {
            Vec::new()
        },
        residual: None,
        split: Vec::new(),
        unsure: world.missing.clone(),
    }
}

/// The statements that made the decision: what denies, what allows, or what may do either. Nothing
/// makes an implicit denial.
fn determining(outcome: Outcome, statements: Vec<Determining>) -> Vec<Determining> {
    let effect = match outcome {
        Outcome::Allowed => EffectWord::Allow,
        Outcome::ExplicitlyDenied => EffectWord::Deny,
        Outcome::ImplicitlyDenied => return Vec::new(),
        Outcome::Undecided => return keep(statements, |one| !one.certain),
    };
    let of_effect = keep(statements, |one| one.effect == effect);
    if of_effect.iter().any(|one| one.certain) {
        return keep(of_effect, |one| one.certain);
    }
    of_effect
}

fn keep(statements: Vec<Determining>, wanted: impl Fn(&Determining) -> bool) -> Vec<Determining> {
    let mut kept: Vec<Determining> = statements.into_iter().filter(wanted).collect();
    kept.sort();
    kept.dedup();
    kept
}

/// What is missing when a reason is no key that the writer could give.
const NOT_DOCUMENTED: &str = "documentation";

fn missing(question: &Question<'_>, decision: &Decision) -> Vec<Missing> {
    let mut missing: Vec<Missing> = decision
        .reasons
        .iter()
        .map(|reason| {
            let not_given =
                |key: &&cofferdam_names::ContextKey| **reason == *crate::concrete::not_given(key);
            match question.fixed.keys().find(not_given) {
                Some(key) => Missing {
                    key: key.to_string(),
                    why: "not given".to_owned(),
                },
                None => Missing {
                    key: NOT_DOCUMENTED.to_owned(),
                    why: reason.to_string(),
                },
            }
        })
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

/// The layers in the order of evaluation.
const ORDER: [LayerId; 13] = [
    LayerId::ResourceControl,
    LayerId::ServiceControl,
    LayerId::Endpoint,
    LayerId::Identity,
    LayerId::PermissionsBoundary,
    LayerId::Session,
    LayerId::BlockPublicAccess,
    LayerId::AccessPoint,
    LayerId::Resource,
    LayerId::Trust,
    LayerId::KeyPolicy,
    LayerId::Grant,
    LayerId::Acl,
];

fn layers_said(question: &Question<'_>, world: &World, decision: &Decision) -> Vec<LayerSaid> {
    let own = resource_layer(resource_kind(
        &question.case.request.action,
        &question.case.request.resource,
    ));
    let mut layers = Vec::new();
    for layer in ORDER {
        let traced = decision.trace.layers.iter();
        let said: Vec<LayerSaid> = traced
            .filter(|said| said.layer == layer || layer == own && is_policy_of_resource(said.layer))
            .filter(|_| layer == own || !is_policy_of_resource(layer))
            .map(|said| LayerSaid {
                layer,
                target: if is_policy_of_resource(layer) {
                    Box::from("")
                } else {
                    said.target.clone()
                },
                outcome: said.word(),
            })
            .collect();
        if said.is_empty() || !takes_part(question.case, world, layer) {
            layers.extend(stated(question.case, layer, own));
        } else if is_shown(question.case, world, layer) {
            layers.extend(said);
        }
    }
    layers
}

fn is_policy_of_resource(layer: LayerId) -> bool {
    matches!(
        layer,
        LayerId::Resource | LayerId::Trust | LayerId::KeyPolicy
    )
}

/// RCPs of services that they do not cover are there and say nothing.
fn takes_part(case: &Case, world: &World, layer: LayerId) -> bool {
    let action = &case.request.action;
    match layer {
        LayerId::ResourceControl => cofferdam_catalog::rcp_covers(action.service(), action.name()),
        LayerId::BlockPublicAccess => {
            world.relation != Relation::Same || case.access_point.is_some()
        }
        _ => true,
    }
}

/// A resource without a policy has no layer to show, unless the policy was needed.
fn is_shown(case: &Case, world: &World, layer: LayerId) -> bool {
    !is_policy_of_resource(layer)
        || case.resource_policy.is_some()
        || layer != LayerId::Resource
        || world.relation != Relation::Same
}

/// Layers that the case states and that do not apply to this caller or resource.
fn stated(case: &Case, layer: LayerId, own: LayerId) -> Vec<LayerSaid> {
    let levels = |levels: &Option<Vec<ControlLevel>>| {
        let levels = levels.iter().flatten();
        levels.map(|level| level.target.clone()).collect()
    };
    let one_if = |there: bool| {
        if there {
            vec![Box::from("")]
        } else {
            Vec::new()
        }
    };
    let targets: Vec<Box<str>> = match layer {
        LayerId::ServiceControl => levels(&case.service_control),
        LayerId::ResourceControl => levels(&case.resource_control),
        LayerId::Identity => one_if(!case.identity.is_empty()),
        LayerId::PermissionsBoundary => one_if(case.boundary.is_some()),
        LayerId::Session => one_if(!case.session.is_empty()),
        LayerId::BlockPublicAccess => one_if(case.restrict_public.is_some()),
        LayerId::Grant => one_if(case.grants.is_some()),
        _ if layer == own => one_if(case.resource_policy.is_some()),
        _ => Vec::new(),
    };
    targets
        .into_iter()
        .map(|target| LayerSaid {
            layer,
            target,
            outcome: "not_applicable",
        })
        .collect()
}

/// Services that take unsigned requests ("Policy evaluation logic", and their own pages); of any
/// other an unsigned request that its policy would allow is undecided.
const TAKES_UNSIGNED: [&str; 7] = [
    "elasticfilesystem",
    "es",
    "lambda",
    "s3",
    "sns",
    "sqs",
    "sts",
];

fn doubt_unsigned(case: &Case, world: &World, told: &mut Told) {
    let service = case.request.action.service();
    if world.relation != Relation::Anonymous || TAKES_UNSIGNED.contains(&service) {
        return;
    }
    // One answer of several is none if it is doubtful itself.
    if told.split.iter().any(|one| one.outcome == Outcome::Allowed) {
        told.split.clear();
    }
    if told.outcome == Outcome::Allowed {
        told.outcome = Outcome::Undecided;
        told.missing.push(Missing {
            key: NOT_DOCUMENTED.to_owned(),
            why: format!("whether {service} takes unsigned requests"),
        });
    }
}

/// What the bucket behind an access point says decides too ("Configuring IAM policies for using
/// access points"): a request that names only the access point is allowed by nobody here.
fn doubt_bucket(case: &Case, told: &mut Told) {
    let request = &case.request;
    let on_point = crate::access_point::is_point(&request.resource);
    if !on_point || !crate::access_point::carries(&request.action) {
        return;
    }
    if told.split.iter().any(|one| one.outcome == Outcome::Allowed) {
        told.split.clear();
    }
    if told.outcome == Outcome::Allowed {
        told.outcome = Outcome::Undecided;
        told.missing.push(Missing {
            key: "access_point".to_owned(),
            why: "name the object in its bucket, and the access point in this field".to_owned(),
        });
    }
}

/// A service that leaves keys untested may decide otherwise than the policies say.
fn doubt_keys(case: &Case, told: &mut Told) {
    let Some(reach) = world::reach(case) else {
        return;
    };
    let mut untested = keys::tested(case);
    untested.retain(|key| reach.ignores(&case.request.action, key));
    if untested.is_empty() || told.outcome == Outcome::Undecided {
        return;
    }
    told.outcome = Outcome::Undecided;
    told.split.clear();
    told.missing.extend(untested.iter().map(|key| Missing {
        key: NOT_DOCUMENTED.to_owned(),
        why: format!(
            "{} does not test {key} for its clients",
            case.request.action.service()
        ),
    }));
}

/// One answer, if all worlds agree.
pub(super) fn join(case: &Case, said: Vec<Told>) -> Answer {
    let agree = said
        .windows(2)
        .all(|pair| matches!(pair, [one, other] if one.outcome == other.outcome));
    let mut missing: Vec<Missing> = Vec::new();
    let mut determining: Vec<Determining> = Vec::new();
    if !agree {
        missing.extend(said.iter().flat_map(|told| told.unsure.iter().cloned()));
        missing.extend(said.iter().flat_map(|told| told.missing.iter().cloned()));
        determining.extend(
            said.iter()
                .flat_map(|told| told.determining.iter().cloned()),
        );
        missing.sort();
        missing.dedup();
        determining.sort();
        determining.dedup();
    }
    let mut said = said.into_iter();
    let first = said.next().unwrap_or_else(nothing);
    Answer {
        name: case.name.clone(),
        outcome: if agree {
            first.outcome
        } else {
            Outcome::Undecided
        },
        layers: first.layers,
        determining: if agree {
            first.determining
        } else {
            determining
        },
        missing: if agree { first.missing } else { missing },
        residual: first.residual.filter(|_| agree),
        split: first.split,
        expected: case.expected,
    }
}

/// A case always has a world.
fn nothing() -> Told {
    Told {
        outcome: Outcome::Undecided,
        layers: Vec::new(),
        determining: Vec::new(),
        missing: Vec::new(),
        residual: None,
        split: Vec::new(),
        unsure: Vec::new(),
    }
}
