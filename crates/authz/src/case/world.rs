//! From a case to the layers that apply.
//!
//! A few things a case may leave open are no context keys: whether a session is of a
//! service-linked role, and whose the resource is. Each way they can turn out is a world of its own,
//! and the answer is undecided only if the worlds disagree.

use cofferdam_names::{AccountId, Arn};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Grant, NamedPolicy};

use super::{Case, ControlLevel, Missing, ResourceKind, point, resource_kind};
use crate::caller::{Caller, CallerKind};
use crate::layers::{
    EndpointSheet, IdentitySide, LayerId, Layers, Level, Relation, ResourceForm, Sheet,
};
use crate::reach::Reach;

/// One way in which what a case leaves open can turn out.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// The caller.
    pub(super) caller: Caller,
    /// Whose the resource is.
    pub(super) owner: Option<AccountId>,
    /// How the accounts stand to each other.
    pub(super) relation: Relation,
    /// Grants whose constraints on the whole encryption context are settled.
    pub(super) grants: Option<Vec<Grant>>,
    /// The session policy that the case should have given.
    pub(super) task_policy: Option<NamedPolicy>,
    /// What the case could have said to exclude the other worlds.
    pub(super) missing: Vec<Missing>,
}

/// The worlds of a case: one, unless it leaves open what no key tells.
pub(super) fn worlds(case: &Case) -> Vec<World> {
    let mut worlds = Vec::new();
    for (caller, unsure_role) in callers(case) {
        for (owner, relation, unsure_owner) in relations(case) {
            worlds.push(World {
                caller: caller.clone(),
                owner,
                relation,
                grants: grants(case),
                task_policy: task_policy(case),
                missing: unsure_role.iter().chain(&unsure_owner).cloned().collect(),
            });
        }
    }
    worlds
}

/// A session's ARN cannot tell whether its role is service-linked: anybody may choose a name that
/// begins like theirs.
fn callers(case: &Case) -> Vec<(Caller, Option<Missing>)> {
    let CallerKind::Role { role, session, .. } = &case.caller.kind else {
        return vec![(case.caller.clone(), None)];
    };
    let without_path = format!("role/{LINKED_NAME}");
    if !role.resource().starts_with(&without_path) || !is_pathless(session, role) {
        return vec![(case.caller.clone(), None)];
    }
    let missing = Missing {
        key: "principal.arn".to_owned(),
        why: "a session's ARN does not tell whether its role is service-linked".to_owned(),
    };
    [false, true]
        .map(|linked| {
            let mut caller = case.caller.clone();
            if let CallerKind::Role { service_linked, .. } = &mut caller.kind {
                *service_linked = linked;
            }
            (caller, Some(missing.clone()))
        })
        .into()
}

/// How the names of service-linked roles begin.
const LINKED_NAME: &str = "AWSServiceRoleFor";

/// Whether the role's ARN was made up from its session's.
fn is_pathless(session: &cofferdam_names::Arn, role: &cofferdam_names::Arn) -> bool {
    session.is_session_of(role) && role.resource().matches('/').count() == 1
}

/// An owner that is not stated is the caller's account, unless what is not stated is unknown.
fn relations(case: &Case) -> Vec<(Option<AccountId>, Relation, Option<Missing>)> {
    let by_kind = match &case.caller.kind {
        CallerKind::Service(_) => Some(Relation::Service),
        CallerKind::Anonymous => Some(Relation::Anonymous),
        CallerKind::Federated(_) => Some(Relation::Federated),
        _ => None,
    };
    if let Some(relation) = by_kind {
        return vec![(case.owner, relation, None)];
    }
    let nothing = resource_kind(&case.request.action, &case.request.resource);
    match case.owner {
        Some(owner) if Some(owner) == case.caller.account => {
            vec![(case.owner, Relation::Same, None)]
        }
        Some(_) => vec![(case.owner, Relation::Cross, None)],
        None if case.strict || nothing == ResourceKind::Nothing => {
            vec![(case.caller.account, Relation::Same, None)]
        }
        None => {
            let missing = Missing {
                key: "request.resource_account".to_owned(),
                why: "not given".to_owned(),
            };
            vec![
                (case.caller.account, Relation::Same, Some(missing.clone())),
                (None, Relation::Cross, Some(missing)),
            ]
        }
    }
}

/// `EncryptionContextEquals` forbids further pairs: the request states every pair it has, unless
/// what is not stated is unknown.
fn grants(case: &Case) -> Option<Vec<Grant>> {
    let mut grants = case.grants.clone()?;
    let retire = retirements(case, &grants);
    grants.extend(retire);
    if !case.strict {
        return Some(grants);
    }
    let pairs = case.request.context.keys();
    let stated: Vec<&str> = pairs
        .filter(|key| key.base() == "kms:encryptioncontext")
        .filter_map(|key| key.tag())
        .collect();
    for grant in &mut grants {
        let equals = std::mem::take(&mut grant.context_equals);
        let further = |pair: &&str| !equals.iter().any(|(key, _)| key.eq_ignore_ascii_case(pair));
        if !equals.is_empty() && stated.iter().any(further) {
            grant.operations.clear();
        }
        grant.context_subset.extend(equals);
    }
    Some(grants)
}

/// A grant's retiring principal may retire it, whatever its operations and constraints ("Retiring
/// and revoking grants").
fn retirements(case: &Case, grants: &[Grant]) -> Vec<Grant> {
    let action = &case.request.action;
    if action.service() != "kms" || !action.name().eq_ignore_ascii_case("RetireGrant") {
        return Vec::new();
    }
    let by_retiring = |grant: &Grant| {
        Some(Grant {
            grantee: grant.retiring.clone()?,
            operations: vec!["RetireGrant".into()],
            context_equals: Vec::new(),
            context_subset: Vec::new(),
            ..grant.clone()
        })
    };
    grants.iter().filter_map(by_retiring).collect()
}

/// "Perform a privileged task on an AWS Organizations member account": a session of sts:AssumeRoot
/// can do only what the task policy named in the call allows.
fn task_policy(case: &Case) -> Option<NamedPolicy> {
    let assumed_root = matches!(case.caller.kind, CallerKind::Root(_))
        && case
            .request
            .context
            .get("aws:assumedroot")
            .is_some_and(|values| {
                values
                    .iter()
                    .any(|value| value.eq_ignore_ascii_case("true"))
            });
    (assumed_root && case.session.is_empty()).then(|| NamedPolicy {
        name: "task policy of sts:AssumeRoot".into(),
        document: Known::Unknown(
            "the task policy named in sts:AssumeRoot is not among the session policies".into(),
        ),
        origin: None,
    })
}

/// The layers that apply in one world.
pub(super) fn layers<'a>(case: &'a Case, world: &'a World) -> Layers<'a> {
    let kind = resource_kind(&case.request.action, &case.request.resource);
    let layers = Layers {
        caller: world.caller.clone(),
        relation: world.relation,
        service_control: service_control(case, world),
        resource_control: resource_control(case, world),
        identity: identity(case, world),
        boundary: boundary(case, world),
        session: session(case, world),
        resource: resource_sheet(case, kind),
        form: form(case, kind),
        grants: match &world.grants {
            Some(grants) => Known::Present(grants.as_slice()),
            None => Known::Absent,
        },
        acl: Known::Absent,
        restrict_public: case.restrict_public.map_or(Known::Absent, Known::Present),
        ignore_public_acls: Known::Absent,
        endpoints: endpoints(case),
        reach: reach(case),
        through: None,
    };
    point::through(case, world, layers)
}

/// Principals of the caller's own account side: everybody but services and nobodies.
fn has_account(world: &World) -> bool {
    matches!(world.relation, Relation::Same | Relation::Cross)
}

pub(super) fn is_service_linked(world: &World) -> bool {
    matches!(
        world.caller.kind,
        CallerKind::Role {
            service_linked: true,
            ..
        }
    )
}

fn service_control<'a>(case: &'a Case, world: &World) -> Option<Known<Vec<Level<'a>>>> {
    if !has_account(world) || case.principal.management || is_service_linked(world) {
        return None;
    }
    let levels = case.service_control.as_ref()?;
    Some(Known::Present(control(LayerId::ServiceControl, levels)))
}

fn resource_control<'a>(case: &'a Case, world: &World) -> Option<Known<Vec<Level<'a>>>> {
    if case.resource.management || case.aws_managed || is_service_linked(world) {
        return None;
    }
    if takes_its_own_role(case, world) {
        return None;
    }
    let levels = case.resource_control.as_ref()?;
    Some(Known::Present(control(LayerId::ResourceControl, levels)))
}

/// RCPs do not keep a service from its service-linked role ("Resource control policies (RCPs)").
fn takes_its_own_role(case: &Case, world: &World) -> bool {
    let kind = resource_kind(&case.request.action, &case.request.resource);
    world.relation == Relation::Service
        && kind == ResourceKind::AssumedRole
        && case.request.resource.contains(LINKED_PATH)
}

/// The path that is reserved to service-linked roles ("Using service-linked roles").
const LINKED_PATH: &str = ":role/aws-service-role/";

pub(super) fn control(layer: LayerId, levels: &[ControlLevel]) -> Vec<Level<'_>> {
    let level = |level: &'_ ControlLevel| level.target.clone();
    levels
        .iter()
        .map(|each| Level {
            target: level(each),
            sheets: Known::Present(sheets(layer, &each.policies)),
        })
        .collect()
}

fn sheets(layer: LayerId, policies: &[NamedPolicy]) -> Vec<Sheet<'_>> {
    policies.iter().map(|policy| sheet(layer, policy)).collect()
}

pub(super) fn sheet(layer: LayerId, policy: &NamedPolicy) -> Sheet<'_> {
    Sheet {
        layer,
        target: "",
        policy,
    }
}

fn identity<'a>(case: &'a Case, world: &World) -> IdentitySide<'a> {
    match &world.caller.kind {
        _ if !has_account(world) => IdentitySide::NotAsked,
        CallerKind::Root(_) => IdentitySide::Everything,
        _ => IdentitySide::Policies(Known::Present(sheets(LayerId::Identity, &case.identity))),
    }
}

/// Users and roles have one; a federated user's session is limited by that of its user.
fn boundary<'a>(case: &'a Case, world: &World) -> Known<Sheet<'a>> {
    match &case.boundary {
        Some(policy) if has_account(world) && !matches!(world.caller.kind, CallerKind::Root(_)) => {
            Known::Present(sheet(LayerId::PermissionsBoundary, policy))
        }
        _ => Known::Absent,
    }
}

fn session<'a>(case: &'a Case, world: &'a World) -> Option<Vec<Sheet<'a>>> {
    if let Some(policy) = &world.task_policy {
        return Some(vec![sheet(LayerId::Session, policy)]);
    }
    let is_session = has_account(world) && !matches!(world.caller.kind, CallerKind::User(_));
    (is_session && !case.session.is_empty()).then(|| sheets(LayerId::Session, &case.session))
}

/// The layer that the resource's policy is in.
pub(super) fn resource_layer(kind: ResourceKind) -> LayerId {
    match kind {
        ResourceKind::Key => LayerId::KeyPolicy,
        ResourceKind::AssumedRole | ResourceKind::ManagedRole => LayerId::Trust,
        ResourceKind::Other | ResourceKind::Nothing => LayerId::Resource,
    }
}

/// What the policy of the resource can govern.
pub(super) fn reach(case: &Case) -> Option<Reach> {
    let arn = Arn::parse(&case.request.resource).ok()?;
    Reach::of(&arn)
}

fn resource_sheet(case: &Case, kind: ResourceKind) -> Known<Sheet<'_>> {
    match &case.resource_policy {
        Some(policy) => Known::Present(Sheet {
            layer: resource_layer(kind),
            target: &case.request.resource,
            policy,
        }),
        None => Known::Absent,
    }
}

fn form(case: &Case, kind: ResourceKind) -> ResourceForm {
    match kind {
        ResourceKind::Key | ResourceKind::AssumedRole => ResourceForm::RootOfTrust,
        ResourceKind::ManagedRole => ResourceForm::None,
        ResourceKind::Nothing if case.resource_policy.is_none() => ResourceForm::None,
        ResourceKind::Nothing | ResourceKind::Other => ResourceForm::Ordinary,
    }
}

fn endpoints(case: &Case) -> Vec<EndpointSheet<'_>> {
    case.endpoints
        .iter()
        .map(|endpoint| EndpointSheet {
            id: &endpoint.policy.name,
            certain: true,
            gateway: endpoint.gateway.clone(),
            policy: Known::Present(Sheet {
                layer: LayerId::Endpoint,
                target: &endpoint.policy.name,
                policy: &endpoint.policy,
            }),
        })
        .collect()
}
