//! What the ARN of a principal tells, and the ARN of a role's sessions.
//!
//! A session's ARN names the role without its path, so the way from a role to its sessions can be
//! computed and the way back needs an inventory. Keeping both here stops the rooms above from
//! cutting ARNs with their own hands.

use crate::arn::Arn;
use crate::error::NameError;

/// The kinds of principals that have an ARN ("IAM identifiers"; "AWS JSON policy elements:
/// Principal"). Paths begin and end with a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Principal<'a> {
    /// A session of a role, in which the role's path is missing.
    AssumedRole {
        /// Name of the role.
        role: &'a str,
        /// Name of the session.
        session: &'a str,
    },
    /// A session of GetFederationToken.
    FederatedUser {
        /// Name that the session was given.
        name: &'a str,
    },
    /// An IAM role.
    Role {
        /// Path of the role.
        path: &'a str,
        /// Name of the role, unique in its account whatever the path.
        name: &'a str,
    },
    /// The root user, or as an element of a policy the whole account.
    Root,
    /// An IAM user.
    User {
        /// Path of the user.
        path: &'a str,
        /// Name of the user, unique in its account whatever the path.
        name: &'a str,
    },
}

impl Principal<'_> {
    /// Whether this is a service-linked role, which only AWS can create under its reserved path
    /// ("Using service-linked roles"); `None` for a session, whose ARN lacks the path and whose
    /// role's name anybody may have chosen.
    pub fn is_service_linked(&self) -> Option<bool> {
        match self {
            Principal::Role { path, .. } => Some(path.starts_with(SERVICE_LINKED_PATH)),
            Principal::AssumedRole { .. } => None,
            Principal::FederatedUser { .. } | Principal::Root | Principal::User { .. } => {
                Some(false)
            }
        }
    }
}

impl Arn {
    /// Which principal this names; `None` if it names none.
    pub fn principal(&self) -> Option<Principal<'_>> {
        self.account_id()?;
        match self.service() {
            "iam" => iam_principal(self.resource()),
            "sts" => sts_principal(self.resource()),
            _ => None,
        }
    }

    /// The ARN of a session of this role, without the role's path ("IAM identifiers").
    ///
    /// # Errors
    /// When this is no role, or the name cannot be that of a session.
    pub fn session(&self, session: &str) -> Result<Arn, NameError> {
        let Some(Principal::Role { name, .. }) = self.principal() else {
            return Err(NameError::new("only a role has sessions"));
        };
        if !is_session_name(session) {
            let message = "a session name has 1 to 64 letters, digits or characters of `_+=,.@-`";
            return Err(NameError::new(message));
        }
        let (partition, account) = (self.partition(), self.account());
        Arn::parse(&format!(
            "arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
        ))
    }

    /// Whether this is the ARN of some session of `role`, as far as names can tell: a role of the
    /// same name has the same ARN of its sessions, whatever its path.
    pub fn is_session_of(&self, role: &Arn) -> bool {
        let (Some(Principal::AssumedRole { role: named, .. }), Some(Principal::Role { name, .. })) =
            (self.principal(), role.principal())
        else {
            return false;
        };
        named == name && self.partition() == role.partition() && self.account() == role.account()
    }
}

fn iam_principal(resource: &str) -> Option<Principal<'_>> {
    if resource == "root" {
        return Some(Principal::Root);
    }
    let (kind, _) = resource.split_once('/')?;
    let (path, name) = split_path(resource.get(kind.len()..)?)?;
    match kind {
        "role" => Some(Principal::Role { path, name }),
        "user" => Some(Principal::User { path, name }),
        _ => None,
    }
}

fn sts_principal(resource: &str) -> Option<Principal<'_>> {
    let (kind, rest) = resource.split_once('/')?;
    match (kind, rest.split_once('/')) {
        ("assumed-role", Some((role, session))) => Some(Principal::AssumedRole { role, session }),
        ("federated-user", None) => Some(Principal::FederatedUser { name: rest }),
        _ => None,
    }
}

/// `/app/reader` as `/app/` and `reader`.
fn split_path(text: &str) -> Option<(&str, &str)> {
    let (path, name) = text.split_at_checked(text.rfind('/')? + 1)?;
    (!name.is_empty()).then_some((path, name))
}

/// AWS asks for two characters of callers, and its own services have made shorter ones.
fn is_session_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    !text.is_empty() && text.len() <= SESSION_NAME_BYTES_MAX && text.bytes().all(allowed)
}

/// The longest session name ("AssumeRole", AWS STS API Reference).
const SESSION_NAME_BYTES_MAX: usize = 64;

const SERVICE_LINKED_PATH: &str = "/aws-service-role/";

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(rest: &str) -> Arn {
        Arn::parse(&format!("arn:aws:{rest}")).expect(rest)
    }

    fn check(rest: &str, expected: Option<Principal<'_>>) {
        assert_eq!(arn(rest).principal(), expected, "{rest}");
    }

    /// "IAM identifiers".
    #[test]
    fn kinds_of_principals() {
        let at = "111122223333";
        check(&format!("iam::{at}:root"), Some(Principal::Root));
        check(
            &format!("iam::{at}:user/a"),
            Some(Principal::User {
                path: "/",
                name: "a",
            }),
        );
        check(
            &format!("iam::{at}:role/x/y/a"),
            Some(Principal::Role {
                path: "/x/y/",
                name: "a",
            }),
        );
        let session = Principal::AssumedRole {
            role: "a",
            session: "s",
        };
        check(&format!("sts::{at}:assumed-role/a/s"), Some(session));
        let federated = Principal::FederatedUser { name: "bob" };
        check(&format!("sts::{at}:federated-user/bob"), Some(federated));
        for none in [
            "iam::aws:role/a",
            "iam::111122223333:group/a",
            "iam::111122223333:role/",
            "s3:::root",
        ] {
            check(none, None);
        }
        check(&format!("sts::{at}:assumed-role/a"), None);
    }

    /// "IAM identifiers": the session's ARN has the role's name without the path.
    #[test]
    fn sessions_drop_the_path() {
        let role = arn("iam::111122223333:role/app/claims/reader");
        let session = role.session("s-1").expect("a session");
        assert_eq!(session, arn("sts::111122223333:assumed-role/reader/s-1"));
        assert!(session.is_session_of(&role));
        assert!(!session.is_session_of(&arn("iam::444455556666:role/reader")));
        assert!(!session.is_session_of(&arn("iam::111122223333:role/writer")));
        assert!(!role.is_session_of(&role));
        assert!(session.session("s").is_err());
        for name in ["", "a/b", "a b", &"a".repeat(65)] {
            role.session(name).expect_err(name);
        }
    }

    /// "Using service-linked roles": the path is reserved.
    #[test]
    fn service_linked_roles() {
        let linked = |rest: &str| arn(rest).principal().expect(rest).is_service_linked();
        let created = "iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
        assert_eq!(linked(created), Some(true));
        assert_eq!(
            linked("iam::111122223333:role/AWSServiceRoleForX"),
            Some(false)
        );
        assert_eq!(linked("iam::111122223333:role/service-role/x"), Some(false));
        assert_eq!(
            linked("iam::111122223333:user/aws-service-role/x"),
            Some(false)
        );
        assert_eq!(
            linked("sts::111122223333:assumed-role/AWSServiceRoleForX/s"),
            None
        );
    }
}
