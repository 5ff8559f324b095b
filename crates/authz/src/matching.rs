//! How a `Principal` element names a caller, and what being named that way grants.
//!
//! Source: "AWS JSON policy elements: Principal", "How AWS enforcement code logic evaluates
//! requests to allow or deny access", "Permissions boundaries for IAM entities".

use cofferdam_names::Arn;
use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{PrincipalPattern, Statement};
use cofferdam_policy::ast::{Quantifier, Test};

use crate::caller::{Caller, CallerKind};
use crate::context::Situation;

/// Yes, no, or not documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// The pattern names the caller.
    Yes,
    /// It does not.
    No,
    /// Nobody documents it, with the reason.
    Unknown(&'static str),
}

/// What a grant that names the caller in this way is worth within one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantForm {
    /// No limit of the caller counts: its user, session or federated session is named, or everyone
    /// with a condition on aws:PrincipalArn.
    Outright,
    /// The role, or the user behind a federated session, is named: permissions boundary and
    /// session policy still limit.
    Limited,
    /// Everyone, without a condition on who.
    Everyone,
    /// The account: its own policies decide.
    Delegated,
}

/// Whether the pattern names the caller of a situation, whose unique id an inventory may know: AWS
/// stores users and roles by their ids, and shows the ids of those that were deleted ("AWS JSON
/// policy elements: Principal").
pub fn names_in(pattern: &PrincipalPattern, situation: &Situation<'_>) -> Named {
    let (PrincipalPattern::UniqueId(id), CallerKind::User(_) | CallerKind::Role { .. }) =
        (pattern, &situation.caller.kind)
    else {
        return names(pattern, situation.caller);
    };
    match &situation.unique_id {
        Known::Present(own) => yes_if(own == id),
        Known::Absent => Named::No,
        Known::Unknown(_) => Named::Unknown("the unique id of the caller was not read"),
    }
}

/// Why it cannot be told whom a principal means: one that a source cannot tell yet says so itself.
pub fn doubt<'t>(pattern: &'t PrincipalPattern, why: &'t str) -> &'t str {
    match pattern {
        PrincipalPattern::Unreadable(text) if text.ends_with(KNOWN_LATER) => text,
        _ => why,
    }
}

/// How the name of a value ends that is known only later ([`cofferdam_names::deferred::shown`]).
const KNOWN_LATER: &str = "known after apply)";

/// Whether the pattern names the caller. Symbolic callers are not answered here.
pub fn names(pattern: &PrincipalPattern, caller: &Caller) -> Named {
    match pattern {
        PrincipalPattern::Everyone => Named::Yes,
        PrincipalPattern::EveryAws => every_aws(caller),
        PrincipalPattern::Account(account) => {
            yes_if(is_principal_of_account(caller) && caller.account == Some(*account))
        }
        PrincipalPattern::Arn(arn) => arn_names(arn, caller),
        PrincipalPattern::UniqueId(_) => Named::No,
        PrincipalPattern::Service(host) => {
            yes_if(matches!(&caller.kind, CallerKind::Service(own) if own == host))
        }
        PrincipalPattern::Federated(provider) => federated(provider, caller),
        PrincipalPattern::CanonicalUser(_) => match caller.kind {
            CallerKind::Service(_) | CallerKind::Anonymous | CallerKind::Federated(_) => Named::No,
            _ => Named::Unknown("which account a canonical user id stands for was not read"),
        },
        PrincipalPattern::Unreadable(_) => {
            Named::Unknown("a principal is written in a form that AWS does not document")
        }
    }
}

/// `{"AWS": "*"}` spares the federated callers of AssumeRoleWith… ("Control access to AWS STS with
/// VPC endpoint policies").
fn every_aws(caller: &Caller) -> Named {
    match caller.kind {
        CallerKind::Federated(_) => Named::No,
        CallerKind::Service(_) => {
            Named::Unknown("whether {\"AWS\": \"*\"} names a service principal is not documented")
        }
        _ => Named::Yes,
    }
}

fn is_principal_of_account(caller: &Caller) -> bool {
    matches!(
        caller.kind,
        CallerKind::User(_)
            | CallerKind::Role { .. }
            | CallerKind::Root(_)
            | CallerKind::FederatedUser { .. }
    )
}

fn arn_names(arn: &Arn, caller: &Caller) -> Named {
    match &caller.kind {
        CallerKind::User(own) | CallerKind::Root(own) => yes_if(own == arn),
        CallerKind::Role { role, .. } if role == arn => Named::Yes,
        CallerKind::Role { session, .. } => session_named(arn, session),
        CallerKind::FederatedUser { session, user } => {
            yes_if(session == arn || user.as_ref() == Some(arn))
        }
        _ => Named::No,
    }
}

/// A session whose name is not fixed (`*`) may be the one that the pattern names.
fn session_named(arn: &Arn, session: &Arn) -> Named {
    if session == arn {
        return Named::Yes;
    }
    let (Some((role, name)), Some((pattern_role, _))) = (
        session.resource().rsplit_once('/'),
        arn.resource().rsplit_once('/'),
    ) else {
        return Named::No;
    };
    if name == ANY_SESSION
        && role == pattern_role
        && session.account() == arn.account()
        && arn.service() == "sts"
    {
        return Named::Unknown("the statement names one session of the role");
    }
    Named::No
}

/// The session name that stands for every session of a role.
pub const ANY_SESSION: &str = "*";

fn federated(provider: &str, caller: &Caller) -> Named {
    let CallerKind::Federated(own) = &caller.kind else {
        return Named::No;
    };
    let same = &**own == provider
        || own
            .rsplit_once(":oidc-provider/")
            .is_some_and(|(_, host)| host == provider)
        || provider
            .rsplit_once(":oidc-provider/")
            .is_some_and(|(_, host)| host == &**own);
    yes_if(same)
}

fn yes_if(named: bool) -> Named {
    if named { Named::Yes } else { Named::No }
}

/// How a pattern that names the caller grants.
pub fn grant_form(pattern: &PrincipalPattern, statement: &Statement, caller: &Caller) -> GrantForm {
    match pattern {
        PrincipalPattern::Account(_) => GrantForm::Delegated,
        PrincipalPattern::Everyone | PrincipalPattern::EveryAws
            if names_by_condition(statement) =>
        {
            GrantForm::Outright
        }
        PrincipalPattern::Everyone | PrincipalPattern::EveryAws => GrantForm::Everyone,
        PrincipalPattern::UniqueId(_) if caller.is_role_session() => GrantForm::Limited,
        PrincipalPattern::Arn(arn) => match &caller.kind {
            CallerKind::Role { role, .. } if role == arn => GrantForm::Limited,
            CallerKind::FederatedUser { user, .. } if user.as_ref() == Some(arn) => {
                GrantForm::Limited
            }
            _ => GrantForm::Outright,
        },
        _ => GrantForm::Outright,
    }
}

/// A positive condition on aws:PrincipalArn makes a grant to everyone a direct one.
fn names_by_condition(statement: &Statement) -> bool {
    statement.conditions.iter().any(|condition| {
        condition.operator.test == Test::Values
            && !condition.operator.negated
            && !condition.operator.if_exists
            && condition.operator.quantifier != Quantifier::All
            && condition.key.folded() == "aws:principalarn"
    })
}
