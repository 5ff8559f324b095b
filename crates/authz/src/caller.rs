//! Who makes a request, as the decision needs to know it.
//!
//! A session keeps its role: policies see the role's ARN with its path in `aws:PrincipalArn`,
//! while a `Principal` element may name the session itself, and the two grant differently.

use cofferdam_names::{AccountId, Arn};
use cofferdam_org::fact::Known;

/// The caller of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What kind of identity it is.
    pub kind: CallerKind,
    /// Its account; `None` for anonymous callers, services, and the symbolic outsider.
    pub account: Option<AccountId>,
    /// How the caller stands to the organization that is looked at.
    pub membership: Membership,
}

/// The kinds of identities that AWS tells apart ("AWS JSON policy elements: Principal").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// An IAM user, by ARN.
    User(Arn),
    /// A session of a role: the role's ARN with its path, where known, and the session's name.
    Role {
        /// The role's ARN; the path is known only from an inventory.
        role: Arn,
        /// The session's ARN.
        session: Arn,
        /// Whether the role is service-linked: unbound by SCPs and RCPs.
        service_linked: bool,
    },
    /// The root user of an account.
    Root(Arn),
    /// A session of GetFederationToken, with the user that made it, where known.
    FederatedUser {
        /// The session's ARN.
        session: Arn,
        /// The IAM user behind it.
        user: Option<Arn>,
    },
    /// An AWS service acting by itself, by host name.
    Service(Box<str>),
    /// Nobody: an unsigned request.
    Anonymous,
    /// Somebody with a token of an OIDC or SAML provider, on the way to a role.
    Federated(Box<str>),
    /// Any principal with one of these accounts, or outside all of them: for questions about
    /// everyone at once.
    Anyone(Crowd),
}

/// The host of a service that stands for every service: for questions about all of them at once.
pub const EVERY_SERVICE: &str = "*";

/// A symbolic caller: who is meant by "anyone".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// Any user, role, root or federated session of an account that is none of these.
    OutsideOf(Vec<AccountId>),
    /// Any user, role or root of exactly these accounts, existing or yet to be created.
    Within(Vec<AccountId>),
}

/// How a caller stands to the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// In it, at this path (`o-…/r-…/ou-…/`); the path may be unknown.
    Member {
        /// Organization id.
        organization: Box<str>,
        /// The paths that aws:PrincipalOrgPaths shows.
        path: Known<Vec<Box<str>>>,
        /// Whether the account is the management account.
        management: Known<bool>,
    },
    /// Certainly in none.
    None,
    /// In none, or in another one, but not in this one.
    Foreign,
    /// Nothing is known.
    Unknown,
}

impl Caller {
    /// The ARN that `aws:PrincipalArn` shows: the user's, the role's, the root's.
    pub fn principal_arn(&self) -> Option<&Arn> {
        match &self.kind {
            CallerKind::User(arn) | CallerKind::Root(arn) => Some(arn),
            CallerKind::Role { role, .. } => Some(role),
            CallerKind::FederatedUser { session, .. } => Some(session),
            _ => None,
        }
    }

    /// The name in reports: the role session's role, the host, `anonymous`.
    pub fn display(&self) -> String {
        match &self.kind {
            CallerKind::Service(host) if **host == *EVERY_SERVICE => "any AWS service".to_owned(),
            CallerKind::Service(host) => host.to_string(),
            CallerKind::Anonymous => "anonymous".to_owned(),
            CallerKind::Federated(provider) => provider.to_string(),
            CallerKind::Anyone(Crowd::OutsideOf(_)) => {
                "any principal of another account".to_owned()
            }
            CallerKind::Anyone(Crowd::Within(_)) => "any principal of the organization".to_owned(),
            _ => self
                .principal_arn()
                .map(ToString::to_string)
                .unwrap_or_default(),
        }
    }

    /// Whether it signs with temporary credentials of a role.
    pub fn is_role_session(&self) -> bool {
        matches!(self.kind, CallerKind::Role { .. })
    }
}
