//! What a case says of each context key that its policies test.
//!
//! A key is given, or follows from the request, or is neither: then it is absent in a strict case
//! and open in any other. Open keys hold any value of their type, so that "undecided" is said only
//! if some value would change the answer.

use std::collections::BTreeSet;

use cofferdam_catalog::{KeyOrigin, KeyType, Presence};
use cofferdam_names::{Arn, ContextKey};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::ast::{Resources, Statement};
use cofferdam_policy::operand::{Part, Template};

use super::caller::membership;
use super::world::World;
use super::{Case, Side};
use crate::caller::{CallerKind, Membership};
use crate::concrete::operand_templates;
use crate::context::{self, Network, Point, SessionTags, Situation, Tags, Target, Terms};
use crate::layers::Relation;
use crate::term::{Domain, Open, Term};

/// What the request's context follows from, before anything is fixed.
pub(super) fn situation<'a>(case: &'a Case, world: &'a World) -> Situation<'a> {
    Situation {
        caller: &world.caller,
        caller_tags: tags(&case.principal),
        unique_id: Known::Absent,
        session_tags: SessionTags::Stated,
        resource: Target {
            account: world.owner,
            membership: owner_membership(case, world),
            region: region(case),
            tags: tags(&case.resource),
        },
        service: case.request.action.service(),
        network: Network::Stated,
        forwarded_by: None,
        point: case
            .access_point
            .as_ref()
            .map(|point| Point::Through(point.shown(world.owner))),
        organization: None,
        fixed: None,
    }
}

/// A resource of the caller's own account stands as the caller does, unless its block says more.
fn owner_membership(case: &Case, world: &World) -> Membership {
    if case.resource.organization.is_none() && world.relation == Relation::Same {
        return membership(&case.principal);
    }
    membership(&case.resource)
}

fn tags(side: &Side) -> Known<&Tags> {
    match &side.tags {
        Some(tags) => Known::Present(tags),
        None => Known::Absent,
    }
}

/// The Region in the ARN of the access point, or of the resource.
fn region(case: &Case) -> Known<Box<str>> {
    let point = case.access_point.as_ref().map(|point| &*point.arn);
    let arn = Arn::parse(point.unwrap_or(&case.request.resource)).ok();
    match arn.as_ref().map(Arn::region) {
        Some(region) if !region.is_empty() && !region.contains(['*', '?']) => {
            Known::Present(region.into())
        }
        _ => Known::Absent,
    }
}

/// Every key that a policy or grant of the case tests, with what the case says of it.
pub(super) fn fixed(case: &Case, world: &World, situation: &Situation<'_>) -> Terms {
    let keys = mentioned(case, world);
    keys.into_iter()
        .map(|key| {
            let term = said(case, world, &key, situation);
            (key, term)
        })
        .collect()
}

fn said(case: &Case, world: &World, key: &ContextKey, situation: &Situation<'_>) -> Term {
    if let Some(values) = given(case, key) {
        return Term::Values(values);
    }
    if is_network(key) {
        return network(case, key);
    }
    let not_said = || {
        if case.strict { Term::Absent } else { open(key) }
    };
    if !is_stated(case, world, key) {
        return not_said();
    }
    match context::term(key, situation) {
        Term::Open(_) => not_said(),
        Term::Unknown(_) if is_set_by_service(key) => not_said(),
        term => term,
    }
}

/// The values that the request states, in whichever of two spellings.
fn given(case: &Case, key: &ContextKey) -> Option<Vec<Box<str>>> {
    let context = &case.request.context;
    if let Some(values) = context.get(key) {
        return Some(values.clone());
    }
    match key.folded() {
        "aws:epochtime" => context.get("aws:currenttime").cloned(),
        "aws:currenttime" => context.get("aws:epochtime").cloned(),
        "kms:encryptioncontextkeys" => encryption_context_keys(case),
        _ => None,
    }
}

fn encryption_context_keys(case: &Case) -> Option<Vec<Box<str>>> {
    let pairs = case.request.context.keys();
    let keys: Vec<Box<str>> = pairs
        .filter(|key| key.base() == "kms:encryptioncontext")
        .filter_map(|key| key.tag().map(Into::into))
        .collect();
    (!keys.is_empty()).then_some(keys)
}

/// Whether a key that follows from the caller, the resource or a forwarding service can be told
/// from what the case states.
fn is_stated(case: &Case, world: &World, key: &ContextKey) -> bool {
    let principal = matches!(world.relation, Relation::Same | Relation::Cross);
    let own = world.relation == Relation::Same;
    // Of two owners it cannot be told whose is shown, whatever is stated of one.
    let point = case.access_point.as_ref();
    let two_owners = point.is_some_and(|point| world.owner != Some(point.account));
    let in_organization = two_owners
        || case.resource.organization.is_some()
        || own && case.principal.organization.is_some();
    let on_path =
        two_owners || case.resource.paths.is_some() || own && case.principal.paths.is_some();
    match key.base() {
        "aws:principalorgid" => !principal || case.principal.organization.is_some(),
        "aws:principalorgpaths" => !principal || case.principal.paths.is_some(),
        "aws:principaltag" => !principal || case.principal.tags.is_some(),
        "aws:userid" => !matches!(world.caller.kind, CallerKind::User(_)),
        "aws:resourceaccount" | "s3:resourceaccount" => world.owner.is_some(),
        "aws:resourceorgid" => in_organization,
        "aws:resourceorgpaths" => on_path,
        "aws:resourcetag" => case.resource.tags.is_some(),
        name if context::is_point_key(name) => case.access_point.is_some(),
        "aws:requestedregion" => matches!(region(case), Known::Present(_)),
        "aws:viaawsservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast"
        | "kms:viaservice" => case.strict || !principal,
        _ => true,
    }
}

/// Keys whose values only the service knows, and keys that the catalogue does not hold.
fn is_set_by_service(key: &ContextKey) -> bool {
    cofferdam_catalog::key(key.as_str()).is_none_or(|key| key.origin == KeyOrigin::Service)
}

const THROUGH_ENDPOINT: [&str; 7] = [
    "aws:sourcevpce",
    "aws:sourcevpc",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:sourcevpcarn",
];

fn is_network(key: &ContextKey) -> bool {
    key.folded() == "aws:sourceip" || THROUGH_ENDPOINT.contains(&key.folded())
}

/// A request through an endpoint has no aws:SourceIp, and one from the internet no key of an
/// endpoint ("AWS global condition context keys").
fn network(case: &Case, key: &ContextKey) -> Term {
    let context = &case.request.context;
    let public = context.contains_key("aws:sourceip");
    let through = !case.endpoints.is_empty()
        || THROUGH_ENDPOINT
            .iter()
            .any(|key| context.contains_key(*key));
    if key.folded() == "aws:sourcevpce"
        && let [endpoint] = case.endpoints.as_slice()
        && endpoint.policy.name.starts_with("vpce-")
    {
        return Term::value(endpoint.policy.name.clone());
    }
    let excluded = if key.folded() == "aws:sourceip" {
        through
    } else {
        public || is_never_sent(case, key)
    };
    if excluded || case.strict {
        return Term::Absent;
    }
    open(key)
}

/// The owner of an endpoint is shown by some services only.
fn is_never_sent(case: &Case, key: &ContextKey) -> bool {
    cofferdam_catalog::ENDPOINT_OWNER
        .iter()
        .any(|owner| owner.eq_ignore_ascii_case(key.folded()))
        && !cofferdam_catalog::sends_endpoint_key(key.folded(), case.request.action.service())
}

/// Any value of the key's type.
fn open(key: &ContextKey) -> Term {
    let known = cofferdam_catalog::key(key.as_str());
    let name = match key.folded() {
        "aws:epochtime" => "aws:CurrentTime".to_owned(),
        _ => key.to_string(),
    };
    let domain = match known {
        Some(known) if known.multivalued => Domain::Texts,
        Some(known) => match known.kind {
            KeyType::Text | KeyType::Arn | KeyType::Binary => Domain::Text,
            KeyType::Bool => Domain::Bool,
            KeyType::Number => Domain::Number,
            KeyType::Date => Domain::Instant,
            KeyType::Address => Domain::Address,
        },
        None => Domain::Text,
    };
    Term::Open(Open {
        name,
        always: known.is_some_and(|known| known.presence == Presence::Always),
        shared: true,
        domain,
    })
}

/// The keys that policies of the case test.
pub(super) fn tested(case: &Case) -> BTreeSet<ContextKey> {
    let mut keys = BTreeSet::new();
    let statements = policies(case)
        .filter_map(|policy| policy.document.present())
        .flat_map(|document| &document.statements);
    for statement in statements {
        of_statement(statement, &mut keys);
    }
    keys
}

fn mentioned(case: &Case, world: &World) -> BTreeSet<ContextKey> {
    let mut keys = tested(case);
    keys.extend(
        ["aws:SourceVpce", "aws:SourceVpc", "aws:SourceIp"]
            .iter()
            .filter_map(|name| ContextKey::parse(name).ok()),
    );
    for grant in world.grants.iter().flatten() {
        let pairs = grant.context_equals.iter().chain(&grant.context_subset);
        keys.extend(pairs.filter_map(|(key, _)| {
            ContextKey::parse(&format!("kms:EncryptionContext:{key}")).ok()
        }));
    }
    keys
}

/// Every policy of the case.
fn policies(case: &Case) -> impl Iterator<Item = &NamedPolicy> {
    let point = case.access_point.as_ref();
    let levels = case
        .service_control
        .iter()
        .chain(&case.resource_control)
        .chain(point.and_then(|point| point.resource_control.as_ref()))
        .flatten();
    case.identity
        .iter()
        .chain(&case.boundary)
        .chain(&case.session)
        .chain(&case.resource_policy)
        .chain(point.and_then(|point| point.policy.as_ref()))
        .chain(case.endpoints.iter().map(|endpoint| &endpoint.policy))
        .chain(levels.flat_map(|level| &level.policies))
}

fn of_statement(statement: &Statement, keys: &mut BTreeSet<ContextKey>) {
    if let Resources::Only(templates) | Resources::Except(templates) = &statement.resources {
        of_templates(templates, keys);
    }
    for condition in &statement.conditions {
        keys.insert(condition.key.clone());
        for operand in &condition.operands {
            of_templates(operand_templates(operand), keys);
        }
    }
}

fn of_templates(templates: &[Template], keys: &mut BTreeSet<ContextKey>) {
    for part in templates.iter().flat_map(|template| &template.parts) {
        if let Part::Variable { key, .. } = part {
            keys.insert(key.clone());
        }
    }
}
