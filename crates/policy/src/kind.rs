//! The kinds of policies. What AWS lets each of them contain is a table of the catalogue.
//!
//! Presence is checked while reading, because the meaning of a statement hangs on it; size and
//! content are lints.

use std::sync::LazyLock;

use cofferdam_catalog::{Grammar, grammar};

/// Where a policy is attached, which decides its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyKind {
    /// Attached to a user, group or role, managed or inline.
    Identity,
    /// Attached to a resource of any service that has no kind of its own here.
    Resource,
    /// A service control policy of AWS Organizations.
    ServiceControl,
    /// A resource control policy of AWS Organizations.
    ResourceControl,
    /// Attached to a VPC endpoint.
    Endpoint,
    /// A managed policy set as permissions boundary.
    PermissionsBoundary,
    /// The trust policy of a role.
    Trust,
    /// Passed when a session is made.
    Session,
    /// The key policy of a KMS key.
    Key,
}

impl PolicyKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [PolicyKind; 9] = [
        PolicyKind::Identity,
        PolicyKind::Resource,
        PolicyKind::ServiceControl,
        PolicyKind::ResourceControl,
        PolicyKind::Endpoint,
        PolicyKind::PermissionsBoundary,
        PolicyKind::Trust,
        PolicyKind::Session,
        PolicyKind::Key,
    ];

    /// The word for it on the command line and in the catalogue.
    pub const fn word(self) -> &'static str {
        match self {
            PolicyKind::Identity => "identity",
            PolicyKind::Resource => "resource",
            PolicyKind::ServiceControl => "service-control",
            PolicyKind::ResourceControl => "resource-control",
            PolicyKind::Endpoint => "endpoint",
            PolicyKind::PermissionsBoundary => "permissions-boundary",
            PolicyKind::Trust => "trust",
            PolicyKind::Session => "session",
            PolicyKind::Key => "key",
        }
    }

    /// What a policy of this kind may contain.
    pub fn grammar(self) -> &'static Grammar {
        static GRAMMARS: LazyLock<[Grammar; PolicyKind::ALL.len()]> = LazyLock::new(|| {
            PolicyKind::ALL.map(|kind| grammar(kind.word()).unwrap_or(Grammar::UNLISTED))
        });
        GRAMMARS.get(self as usize).unwrap_or(&Grammar::UNLISTED)
    }
}
