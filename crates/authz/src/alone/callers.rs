//! Who may ask, if nothing is known: any principal, nobody in particular, each service and each
//! provider that a document names and one that none names.

use cofferdam_names::Arn;
use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{PrincipalPattern, Principals};
use cofferdam_policy::kind::PolicyKind;

use super::{Document, Question};
use crate::caller::{Caller, CallerKind, Crowd, Membership};
use crate::gather::kind_of;
use crate::witness::Request;

/// A service that documents seldom name.
const ANY_SERVICE_HOST: &str = "delivery.logs.amazonaws.com";
/// A provider that documents do not name.
const ANY_PROVIDER: &str = "idp.example.com";

/// The kinds of callers that the documents can tell apart, those that the question means.
pub(super) fn callers(documents: &[Document<'_>], question: &Question) -> Vec<Caller> {
    let anonymous = Caller {
        kind: CallerKind::Anonymous,
        account: None,
        membership: Membership::None,
    };
    if question.public {
        return vec![anonymous];
    }
    let mut callers = vec![Caller {
        kind: CallerKind::Anyone(Crowd::OutsideOf(Vec::new())),
        account: None,
        membership: Membership::Foreign,
    }];
    let attached_to_principals = |document: &Document<'_>| {
        matches!(
            document.kind,
            PolicyKind::Identity
                | PolicyKind::ServiceControl
                | PolicyKind::PermissionsBoundary
                | PolicyKind::Session
        )
    };
    if documents.iter().all(attached_to_principals) {
        return callers;
    }
    let of = |kind: CallerKind| Caller {
        kind,
        account: None,
        membership: Membership::None,
    };
    if documents
        .iter()
        .any(|document| document.kind == PolicyKind::Trust)
    {
        callers.extend(
            providers(documents)
                .into_iter()
                .map(|provider| of(CallerKind::Federated(provider))),
        );
    } else {
        callers.push(anonymous);
    }
    let asks_who =
        !question.outside_organizations.is_empty() || !question.outside_accounts.is_empty();
    if question.services_too || !asks_who {
        callers.extend(
            services(documents)
                .into_iter()
                .map(|host| of(CallerKind::Service(host))),
        );
    }
    callers
}

fn services(documents: &[Document<'_>]) -> Vec<Box<str>> {
    named(documents, ANY_SERVICE_HOST, |pattern| match pattern {
        PrincipalPattern::Service(host) => Some(host.clone()),
        _ => None,
    })
}

fn providers(documents: &[Document<'_>]) -> Vec<Box<str>> {
    named(documents, ANY_PROVIDER, |pattern| match pattern {
        PrincipalPattern::Federated(provider) => Some(provider.clone()),
        _ => None,
    })
}

fn named(
    documents: &[Document<'_>],
    unnamed: &str,
    pick: impl Fn(&PrincipalPattern) -> Option<Box<str>>,
) -> Vec<Box<str>> {
    let policies = documents
        .iter()
        .filter_map(|document| match &document.policy.document {
            Known::Present(policy) => Some(policy),
            _ => None,
        });
    let mut found: Vec<Box<str>> = policies
        .flat_map(|policy| &policy.statements)
        .flat_map(|statement| match &statement.principals {
            Principals::Only(patterns) | Principals::Except(patterns) => patterns.as_slice(),
            Principals::NotGiven => &[],
        })
        .filter_map(pick)
        .collect();
    found.push(unnamed.into());
    found.sort();
    found.dedup();
    found
}

/// The caller that a witness picked.
pub(super) fn concrete(caller: &Caller, request: &Request) -> Caller {
    let stated = request
        .context
        .get("aws:principalarn")
        .and_then(|values| values.first());
    let arn = stated.map_or(request.principal.as_str(), |stated| stated);
    let kind = match (&caller.kind, Arn::parse(arn)) {
        (CallerKind::Anyone(_), Ok(arn)) => kind_of(&arn),
        _ => None,
    };
    let account = Arn::parse(arn).ok().and_then(|arn| arn.account_id());
    match kind {
        Some(kind) => Caller {
            kind,
            account,
            membership: caller.membership.clone(),
        },
        None => caller.clone(),
    }
}
