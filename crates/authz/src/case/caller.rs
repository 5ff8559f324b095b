//! Who a case means: the ARN, host or word of `request.principal`, completed by its block.

use cofferdam_names::{ActionName, Arn};

use crate::caller::{Caller, CallerKind, Membership};
use crate::case::Side;
use crate::gather::kind_of;
use cofferdam_org::fact::Known;

/// Why a principal cannot be understood, in words for the writer of the case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerError(pub String);

/// The caller that a request's `principal` names. `known_as` is the ARN of the principal block: of a
/// session's role with its path, or of a federated user's IAM user.
///
/// # Errors
/// When the text names no principal, or the block's ARN is not of it.
pub fn caller(
    text: &str,
    known_as: Option<&str>,
    side: &Side,
    action: &ActionName,
) -> Result<Caller, CallerError> {
    let kind = kind(text, action)?;
    let kind = match known_as {
        None => kind,
        Some(arn) => completed(kind, text, arn)?,
    };
    let account = match &kind {
        CallerKind::Service(_) | CallerKind::Anonymous | CallerKind::Federated(_) => None,
        _ => Arn::parse(text).ok().and_then(|arn| arn.account_id()),
    };
    Ok(Caller {
        kind,
        account,
        membership: membership(side),
    })
}

/// How an account stands, as a block says it: what is not said is no organization, and keys that
/// follow from it are settled apart, since they may also be unknown.
pub(super) fn membership(side: &Side) -> Membership {
    match &side.organization {
        None => Membership::None,
        Some(organization) => Membership::Member {
            organization: organization.clone(),
            path: match &side.paths {
                Some(paths) => Known::Present(paths.clone()),
                None => Known::Absent,
            },
            management: Known::Present(side.management),
        },
    }
}

fn kind(text: &str, action: &ActionName) -> Result<CallerKind, CallerError> {
    if text == "anonymous" {
        return Ok(CallerKind::Anonymous);
    }
    match Arn::parse(text) {
        Ok(arn) if is_provider(&arn) => Ok(CallerKind::Federated(text.into())),
        Ok(arn) => kind_of(&arn).filter(|_| arn.account_id().is_some()).ok_or_else(|| {
            CallerError(format!(
                "\"{text}\" is no principal: give the ARN of a user, role, session, federated user or account root"
            ))
        }),
        Err(_) if !is_host(text) => Err(CallerError(format!(
            "\"{text}\" is no principal: give an ARN, a service such as cloudtrail.amazonaws.com, or anonymous"
        ))),
        Err(_) if brings_token(action) => Ok(CallerKind::Federated(text.into())),
        Err(_) => Ok(CallerKind::Service(text.into())),
    }
}

fn is_provider(arn: &Arn) -> bool {
    let resource = arn.resource();
    arn.service() == "iam"
        && (resource.starts_with("oidc-provider/") || resource.starts_with("saml-provider/"))
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'/' | b'_'))
}

/// Actions whose callers hold a provider's token and no credentials of AWS.
fn brings_token(action: &ActionName) -> bool {
    action.service() == "sts"
        && ["AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"]
            .iter()
            .any(|name| action.name().eq_ignore_ascii_case(name))
}

fn completed(kind: CallerKind, text: &str, known_as: &str) -> Result<CallerKind, CallerError> {
    let wrong = || {
        CallerError(format!(
            "principal.arn \"{known_as}\" is not what stands behind \"{text}\""
        ))
    };
    let arn = Arn::parse(known_as).map_err(|_| wrong())?;
    match kind {
        CallerKind::Role { session, role, .. } if session.is_session_of(&arn) || role == arn => {
            let path = arn.resource().starts_with("role/aws-service-role/");
            Ok(CallerKind::Role {
                service_linked: path,
                role: arn,
                session,
            })
        }
        CallerKind::FederatedUser { session, .. } if arn.account() == session.account() => {
            Ok(CallerKind::FederatedUser {
                session,
                user: Some(arn),
            })
        }
        CallerKind::User(own) if own == arn => Ok(CallerKind::User(own)),
        CallerKind::Root(own) if own == arn => Ok(CallerKind::Root(own)),
        _ => Err(wrong()),
    }
}
