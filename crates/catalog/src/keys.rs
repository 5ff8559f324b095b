//! Condition keys: their type, how many values, when a request has them, and who sets them.
//!
//! Who sets a key decides what a proof may assume of it: a key that follows from the principal or
//! the resource is fixed with them, one that comes from the network is fixed by the path, one that
//! the caller writes may hold anything. Global keys are kept by hand, with the presence rules of
//! "AWS global condition context keys"; services' keys come from the service authorization
//! reference, with a reviewed origin where it matters.

use crate::rows::Row;
use crate::tables::{GLOBAL_KEYS, KEY_ORIGINS, SERVICE_KEYS};
use crate::words::words;

words! {
    /// The type of a key's values ("Condition operators").
    KeyType {
        /// Any text.
        Text = "String",
        /// An Amazon Resource Name.
        Arn = "ARN",
        /// `true` or `false`.
        Bool = "Bool",
        /// A number.
        Number = "Numeric",
        /// An instant: ISO 8601 text or seconds since 1970.
        Date = "Date",
        /// An address, IPv4 or IPv6.
        Address = "IPAddress",
        /// Bytes in base 64.
        Binary = "Binary",
    }
}

words! {
    /// Who sets a key.
    KeyOrigin {
        /// Follows from the calling principal and its session.
        Principal = "principal",
        /// Follows from the resource.
        Resource = "resource",
        /// Follows from the network path.
        Network = "network",
        /// The caller chooses it.
        Request = "request",
        /// AWS sets it for the call, neither from the principal nor from the resource.
        Service = "service",
        /// Not reviewed: treat it as chosen by the caller, and say so.
        Unknown = "unknown",
    }
}

words! {
    /// When a request has a key.
    Presence {
        /// Every request.
        Always = "always",
        /// Signed requests only; not anonymous ones, nor federated callers asking for a session.
        Signed = "signed",
        /// Also anonymous requests, but not federated callers asking for a session.
        Identified = "identified",
        /// The principal's account is in an organization.
        PrincipalInOrganization = "principal in an organization",
        /// Calls that an AWS service makes as itself.
        ServicePrincipal = "service principal",
        /// Calls that an AWS service makes as itself for a resource, if that service sends it.
        ServiceForResource = "service for a resource",
        /// Requests to an action that has a resource, with the exclusions of its note.
        HasResource = "has a resource",
        /// Likewise, where the resource's account is in an organization.
        ResourceInOrganization = "resource in an organization",
        /// Requests that come to the public endpoint, not through a VPC endpoint.
        PublicPath = "public path",
        /// Requests through a VPC endpoint.
        Endpoint = "endpoint",
        /// Requests through a VPC endpoint to a service that sends this key.
        EndpointOfService = "endpoint of a service that sends it",
        /// Requests that a service repeats as the caller (forward access sessions).
        Forwarded = "forwarded",
        /// Temporary credentials.
        TemporaryCredentials = "temporary credentials",
        /// Sessions that were opened with multi-factor authentication.
        MultiFactor = "multi-factor session",
        /// Sessions of a kind that its note names.
        SessionKind = "kind of session",
        /// IAM users.
        User = "user",
        /// The tag exists on the principal or in its session.
        PrincipalTagged = "principal has the tag",
        /// The resource has the tag, and its service supports authorization by tags.
        ResourceTagged = "resource has the tag",
        /// The caller sends it, or an operation implies it.
        Sent = "sent",
        /// The reference says that the action supports it, and no more.
        Supported = "supported by the action",
    }
}

/// A condition key, or all keys with one prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name in AWS's spelling; one that ends with `/` or `:` stands for every key with that
    /// prefix, such as `aws:PrincipalTag/`, and one that starts with `*:` for that key of every
    /// identity provider.
    pub name: &'static str,
    /// The type of its values.
    pub kind: KeyType,
    /// Whether one request may have several values of it.
    pub multivalued: bool,
    /// Who sets it.
    pub origin: KeyOrigin,
    /// When a request has it.
    pub presence: Presence,
    /// What else matters, or nothing.
    pub note: &'static str,
}

/// How many separators of a key's name are tried as the end of a prefix: no table has more than
/// two, and a name comes from input, so the search is bounded.
const MAX_SEPARATORS: usize = 4;

/// The key of that name, whatever its case: `aws:principaltag/team` finds `aws:PrincipalTag/`.
pub fn key(name: &str) -> Option<Key> {
    exact(name)
        .or_else(|| longest_prefix(name))
        .or_else(|| of_identity_provider(name))
}

/// Every global condition key, in order.
pub fn global_keys() -> impl Iterator<Item = Key> {
    GLOBAL_KEYS.all().filter_map(global)
}

fn exact(name: &str) -> Option<Key> {
    let global_row = GLOBAL_KEYS.find(&[name]);
    global_row
        .and_then(global)
        .or_else(|| SERVICE_KEYS.find(&[name]).and_then(of_service))
}

fn longest_prefix(name: &str) -> Option<Key> {
    let ends = name
        .match_indices(['/', ':'])
        .take(MAX_SEPARATORS)
        .map(|(at, _)| at + 1);
    let longest_first = ends.collect::<Vec<usize>>().into_iter().rev();
    longest_first
        .filter_map(|end| name.get(..end))
        .find_map(exact)
}

/// Keys such as `token.actions.githubusercontent.com:sub` carry the provider's host as prefix.
fn of_identity_provider(name: &str) -> Option<Key> {
    let (provider, claim) = name.rsplit_once(':')?;
    provider
        .contains('.')
        .then(|| exact(&format!("*:{claim}")))
        .flatten()
}

fn global(row: Row) -> Option<Key> {
    Some(Key {
        origin: KeyOrigin::from_word(row.column(3))?,
        presence: Presence::from_word(row.column(4))?,
        note: row.column(5),
        ..typed(row)?
    })
}

fn of_service(row: Row) -> Option<Key> {
    let unreviewed = typed(row)?;
    let Some(review) = KEY_ORIGINS.find(&[unreviewed.name]) else {
        return Some(unreviewed);
    };
    Some(Key {
        origin: KeyOrigin::from_word(review.column(1))?,
        presence: Presence::from_word(review.column(2))?,
        note: review.column(3),
        ..unreviewed
    })
}

/// The columns that both tables of keys start with.
fn typed(row: Row) -> Option<Key> {
    Some(Key {
        name: row.column(0),
        kind: KeyType::from_word(row.column(1))?,
        multivalued: row.column(2) == "many",
        origin: KeyOrigin::Unknown,
        presence: Presence::Supported,
        note: "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, found: &str, kind: KeyType, multivalued: bool, origin: KeyOrigin) {
        let key = key(name).unwrap_or_else(|| panic!("no key {name}"));
        let have = (key.name, key.kind, key.multivalued, key.origin);
        assert_eq!(have, (found, kind, multivalued, origin), "the key {name}");
    }

    /// "AWS global condition context keys"; "AWS KMS condition keys"; "Amazon S3 policy keys".
    #[test]
    fn keys_by_name() {
        use KeyOrigin::{Network, Principal, Request, Resource, Service, Unknown};
        use KeyType::{Address, Arn, Bool, Text};
        check(
            "aws:PrincipalArn",
            "aws:PrincipalArn",
            Arn,
            false,
            Principal,
        );
        check(
            "AWS:principalorgpaths",
            "aws:PrincipalOrgPaths",
            Text,
            true,
            Principal,
        );
        check(
            "aws:PrincipalTag/Team/x",
            "aws:PrincipalTag/",
            Text,
            false,
            Principal,
        );
        check("aws:SourceIp", "aws:SourceIp", Address, false, Network);
        check("aws:TagKeys", "aws:TagKeys", Text, true, Request);
        check(
            "aws:ViaAWSService",
            "aws:ViaAWSService",
            Bool,
            false,
            Service,
        );
        check(
            "s3:ExistingObjectTag/a",
            "s3:ExistingObjectTag/",
            Text,
            false,
            Resource,
        );
        check(
            "kms:EncryptionContext:dept",
            "kms:EncryptionContext:",
            Text,
            false,
            Request,
        );
        check("kms:ViaService", "kms:ViaService", Text, false, Service);
        check("sts:ExternalId", "sts:ExternalId", Text, false, Request);
        check(
            "token.actions.githubusercontent.com:sub",
            "*:sub",
            Text,
            false,
            Principal,
        );
        check(
            "accounts.google.com:sub",
            "accounts.google.com:sub",
            Text,
            false,
            Principal,
        );
        check(
            "codebuild:cache.type",
            "codebuild:cache.type",
            Text,
            false,
            Unknown,
        );
    }

    #[test]
    fn names_that_are_no_keys() {
        for name in [
            "",
            "aws:",
            "aws:Nothing",
            "aws:PrincipalTag",
            "s3",
            "s3:GetObject",
            "a.b:c",
        ] {
            assert_eq!(key(name), None, "{name}");
        }
        assert_eq!(key(&"/".repeat(100_000)), None);
    }

    /// A key that must be present for a Deny with a plain negated operator to be safe.
    #[test]
    fn presence_of_perimeter_keys() {
        for (name, presence) in [
            ("aws:PrincipalOrgID", Presence::PrincipalInOrganization),
            ("aws:PrincipalAccount", Presence::Identified),
            ("aws:PrincipalIsAWSService", Presence::Signed),
            ("aws:SourceVpce", Presence::Endpoint),
            ("aws:VpceOrgID", Presence::EndpointOfService),
            ("aws:SourceIp", Presence::PublicPath),
            ("aws:SourceAccount", Presence::ServiceForResource),
            ("aws:MultiFactorAuthPresent", Presence::TemporaryCredentials),
            ("aws:RequestedRegion", Presence::Always),
            ("kms:ViaService", Presence::Forwarded),
        ] {
            assert_eq!(key(name).map(|key| key.presence), Some(presence), "{name}");
        }
    }

    #[test]
    fn every_row_parses() {
        assert_eq!(global_keys().count(), GLOBAL_KEYS.all().count());
        for row in SERVICE_KEYS.all() {
            assert!(of_service(row).is_some(), "{}", row.column(0));
        }
        for row in KEY_ORIGINS.all() {
            assert!(
                SERVICE_KEYS.find(&[row.column(0)]).is_some(),
                "{}",
                row.column(0)
            );
        }
    }
}
