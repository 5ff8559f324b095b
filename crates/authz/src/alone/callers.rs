//! Who may ask, if nothing is known: any principal, nobody in particular, any service, each session
//! that a document names, each provider that it names and one that it does not.

use cofferdam_names::Arn;
use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{PrincipalPattern, Principals};
use cofferdam_policy::kind::PolicyKind;

use super::{Document, Question};
use crate::caller::{Caller, CallerKind, Crowd, EVERY_SERVICE, Membership};
use crate::gather::kind_of;
use crate::witness::Request;

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
        callers.push(of(CallerKind::Service(EVERY_SERVICE.into())));
    }
    callers.extend(sessions(documents));
    callers
}

/// Sessions that a document names itself: a role's principals elsewhere are roles, whatever the
/// session.
fn sessions(documents: &[Document<'_>]) -> Vec<Caller> {
    let mut named: Vec<Arn> = patterns(documents)
        .filter_map(|pattern| match pattern {
            PrincipalPattern::Arn(arn) if arn.service() == "sts" => Some(arn.clone()),
            _ => None,
        })
        .collect();
    named.sort();
    named.dedup();
    let caller = |arn: Arn| {
        Some(Caller {
            kind: kind_of(&arn)?,
            account: arn.account_id(),
            membership: Membership::Foreign,
        })
    };
    named.into_iter().filter_map(caller).collect()
}

fn providers(documents: &[Document<'_>]) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = patterns(documents)
        .filter_map(|pattern| match pattern {
            PrincipalPattern::Federated(provider) => Some(provider.clone()),
            _ => None,
        })
        .collect();
    found.push(ANY_PROVIDER.into());
    found.sort();
    found.dedup();
    found
}

/// Every value of the documents' principal elements.
fn patterns<'d>(documents: &'d [Document<'d>]) -> impl Iterator<Item = &'d PrincipalPattern> {
    let policies = documents
        .iter()
        .filter_map(|document| match &document.policy.document {
            Known::Present(policy) => Some(policy),
            _ => None,
        });
    policies
        .flat_map(|policy| &policy.statements)
        .flat_map(|statement| match &statement.principals {
            Principals::Only(patterns) | Principals::Except(patterns) => patterns.as_slice(),
            Principals::NotGiven => &[],
        })
}

/// The caller that a witness picked.
pub(super) fn concrete(caller: &Caller, request: &Request) -> Caller {
    let stated = request
        .context
        .get("aws:principalarn")
        .and_then(|values| values.first());
    let arn = stated.map_or(request.principal.as_str(), |stated| stated);
    if matches!(&caller.kind, CallerKind::Service(host) if **host == *EVERY_SERVICE) {
        return Caller {
            kind: CallerKind::Service(request.principal.as_str().into()),
            ..caller.clone()
        };
    }
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
