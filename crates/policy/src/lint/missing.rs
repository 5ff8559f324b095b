//! Global keys that whole kinds of requests lack: those of people, of services, of long-term keys,
//! and those behind an endpoint ("AWS global condition context keys").

use cofferdam_catalog::{KeyOrigin, Presence, key};
use cofferdam_names::ContextKey;
use cofferdam_text::Diagnostic;

use super::Setting;
use super::keys::{Lacking, lacking};
use crate::ast::{Condition, Effect, PrincipalPattern, Principals, Statement, Test};
use crate::kind::PolicyKind;
use crate::operand::Operand;

/// Keys by which a statement speaks of services that act by themselves.
const SERVICE_ITSELF: [&str; 3] = [
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
];

/// Keys by which a statement speaks of calls that a service repeats for its caller.
const REPEATED: [&str; 5] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:viaawsservice",
    "kms:viaservice",
];

fn tests_any(statement: &Statement, keys: &[&str]) -> bool {
    let mut conditions = statement.conditions.iter();
    conditions.any(|each| keys.contains(&each.key.folded()))
}

fn presence(name: &ContextKey) -> Option<Presence> {
    Some(key(name.as_str())?.presence)
}

/// Keys of services that act by themselves, in statements about people and roles.
pub(super) fn service_keys(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let sent_by_services = |condition: &&Condition| {
        matches!(
            presence(&condition.key),
            Some(Presence::ServicePrincipal | Presence::ServiceForResource)
        )
    };
    let report = |condition: &Condition| {
        let (words, help) = match lacking(statement, condition)? {
            Lacking::DeniesAll if !only_services(statement, setting) => (
                "this Deny refuses every person and role",
                "add \"Bool\": {\"aws:PrincipalIsAWSService\": \"true\"}, and \"Null\" for services that do not send it",
            ),
            Lacking::AllowsNone if !may_be_service(statement, setting) => (
                "this Allow never allows these principals",
                "name the service in Principal, or leave the condition out",
            ),
            Lacking::DeniesNone if !may_be_service(statement, setting) => (
                "this Deny never refuses these principals",
                "use a key that they send, or name the service in Principal",
            ),
            _ => return None,
        };
        let message = format!(
            "only AWS services that act by themselves send {}: {words}",
            condition.key
        );
        Some(Diagnostic::warning(condition.origin, message).with_help(help))
    };
    let found = statement.conditions.iter().filter(sent_by_services);
    found.filter_map(report).collect()
}

/// Whether the statement speaks of nobody but services.
fn only_services(statement: &Statement, setting: &Setting<'_>) -> bool {
    let is_service = |each: &PrincipalPattern| matches!(each, PrincipalPattern::Service(_));
    let named = match &statement.principals {
        Principals::Only(patterns) => patterns.iter().all(is_service),
        _ => false,
    };
    named || (reaches_services(setting) && tests_any(statement, &SERVICE_ITSELF))
}

/// Whether it may speak of a service.
fn may_be_service(statement: &Statement, setting: &Setting<'_>) -> bool {
    let may = |each: &PrincipalPattern| {
        matches!(
            each,
            PrincipalPattern::Everyone
                | PrincipalPattern::EveryAws
                | PrincipalPattern::Service(_)
                | PrincipalPattern::Unreadable(_)
        )
    };
    match &statement.principals {
        Principals::NotGiven => reaches_services(setting),
        Principals::Only(patterns) => patterns.iter().any(may),
        Principals::Except(_) => true,
    }
}

/// Whether policies of this kind are asked about services that act by themselves.
fn reaches_services(setting: &Setting<'_>) -> bool {
    matches!(
        setting.subject.kind,
        PolicyKind::Resource | PolicyKind::Key | PolicyKind::ResourceControl | PolicyKind::Trust
    )
}

/// Requests with long-term keys have no `aws:MultiFactorAuthPresent`.
pub(super) fn long_term_keys(statement: &Statement, _: &Setting<'_>) -> Vec<Diagnostic> {
    let report = |condition: &Condition| {
        if condition.key.folded() != "aws:multifactorauthpresent" {
            return None;
        }
        let asks = |truth: bool| condition.operands.contains(&Operand::Bool(truth));
        let values = condition.operator.test == Test::Values;
        let (words, help) = match lacking(statement, condition)? {
            Lacking::DeniesNone if values && asks(false) => (
                "this Deny lets them pass",
                "use BoolIfExists in place of Bool",
            ),
            Lacking::AllowsAll if values && asks(true) => (
                "this Allow is open to them",
                "use Bool in place of BoolIfExists",
            ),
            _ => return None,
        };
        let message = format!(
            "requests with long-term keys have no {}: {words}",
            condition.key
        );
        Some(Diagnostic::warning(condition.origin, message).with_help(help))
    };
    statement.conditions.iter().filter_map(report).collect()
}

/// Requests that carry no network of the caller's: through an endpoint no public address, and
/// neither where a service acts by itself or repeats a call.
pub(super) fn network_keys(statement: &Statement, setting: &Setting<'_>) -> Vec<Diagnostic> {
    let is_network = |condition: &&Condition| {
        let known = key(condition.key.as_str());
        known.is_some_and(|known| {
            known.origin == KeyOrigin::Network && known.presence != Presence::Always
        })
    };
    let Some(first) = statement.conditions.iter().find(is_network) else {
        return Vec::new();
    };
    let others = [
        behind_endpoints(statement),
        refused_services(statement, first, setting),
    ];
    others.into_iter().flatten().collect()
}

/// A test of the public address alone says nothing about requests through an endpoint.
fn behind_endpoints(statement: &Statement) -> Option<Diagnostic> {
    let of =
        |wanted: Presence| move |condition: &&Condition| presence(&condition.key) == Some(wanted);
    let mut conditions = statement.conditions.iter();
    let public = conditions.find(of(Presence::PublicPath))?;
    let mut rest = statement.conditions.iter();
    if rest.any(|each| {
        let presence = presence(&each.key);
        matches!(
            presence,
            Some(Presence::Endpoint | Presence::EndpointOfService)
        )
    }) {
        return None;
    }
    let words = match lacking(statement, public)? {
        Lacking::DeniesAll => "this Deny refuses all of them",
        Lacking::AllowsAll => "this Allow is open to all of them, whoever owns the endpoint",
        _ => return None,
    };
    let message = format!(
        "requests through a VPC endpoint have no {}: {words}",
        public.key
    );
    let help =
        "say in the same statement which endpoints are meant, with aws:SourceVpce or aws:VpceOrgID";
    Some(Diagnostic::warning(public.origin, message).with_help(help))
}

/// Whether a condition holds only for callers that are known by name or account.
fn only_people(statement: &Statement, condition: &Condition) -> bool {
    let known = key(condition.key.as_str());
    known.is_some_and(|known| known.origin == KeyOrigin::Principal)
        && lacking(statement, condition) == Some(Lacking::DeniesNone)
}

fn refused_services(
    statement: &Statement,
    condition: &Condition,
    setting: &Setting<'_>,
) -> Option<Diagnostic> {
    let denies = statement.effect == Effect::Deny
        && lacking(statement, condition)? == Lacking::DeniesAll
        && setting.subject.kind != PolicyKind::Endpoint;
    let everyone = match &statement.principals {
        Principals::NotGiven | Principals::Except(_) => true,
        Principals::Only(patterns) => patterns.contains(&PrincipalPattern::Everyone),
    };
    let itself = reaches_services(setting)
        && everyone
        && !tests_any(statement, &SERVICE_ITSELF)
        && !statement
            .conditions
            .iter()
            .any(|each| only_people(statement, each));
    let repeated = !tests_any(statement, &REPEATED);
    let (who, help) = match (itself, repeated) {
        _ if !denies => return None,
        (true, true) => (
            "services that act by themselves or for a caller",
            "add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\", \"aws:ViaAWSService\": \"false\"}",
        ),
        (true, false) => (
            "services that act by themselves",
            "add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}",
        ),
        (false, true) => (
            "what a service repeats for its caller",
            "add \"BoolIfExists\": {\"aws:ViaAWSService\": \"false\"}",
        ),
        (false, false) => return None,
    };
    let message = format!(
        "this Deny by {} also refuses {who}: their calls come from no network of yours",
        condition.key
    );
    Some(Diagnostic::warning(condition.origin, message).with_help(help))
}
