//! The kinds of policies, and what AWS lets each of them contain.
//!
//! One table instead of rules spread over the reader: a new kind is a new row. Presence is checked
//! while reading, because the meaning of a statement hangs on it; size and content are lints.

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

/// Whether an element must, may or must not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be there.
    Optional,
    /// It must not be there.
    Forbidden,
}

/// What one kind of policy may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grammar {
    /// The kind in words, with its article.
    pub name: &'static str,
    /// `Principal` (or `NotPrincipal`).
    pub principal: Presence,
    /// Whether `NotPrincipal` may stand for `Principal`.
    pub not_principal: bool,
    /// Whether `NotAction` may stand for `Action`.
    pub not_action: bool,
    /// `Resource` or `NotResource`.
    pub resource: Presence,
    /// Whether a statement may allow.
    pub allow: bool,
    /// Whether only the characters of IAM documents are valid: tab, line feed, carriage return and
    /// U+0020 to U+00FF ("IAM and AWS STS quotas").
    pub iam_characters: bool,
    /// Names of the catalogue's quotas on its length, the narrowest first; none if that depends on
    /// the service.
    pub sizes: &'static [&'static str],
    /// The page that states the elements.
    pub page: &'static str,
}

/// A policy of IAM itself, attached to a principal; the other rows say how they differ.
const IDENTITY: Grammar = Grammar {
    name: "an identity policy",
    principal: Presence::Forbidden,
    not_principal: false,
    not_action: true,
    resource: Presence::Required,
    allow: true,
    iam_characters: true,
    // Inline policies share one quota, which is widest for a role.
    sizes: &["managed-policy.size", "role.inline-size"],
    page: "Grammar of the IAM JSON policy language",
};

const PERMISSIONS_BOUNDARY: Grammar = Grammar {
    name: "a permissions boundary",
    sizes: &["managed-policy.size"],
    page: "Permissions boundaries for IAM entities",
    ..IDENTITY
};

const SESSION: Grammar = Grammar {
    name: "a session policy",
    // The same 2,048 also hold the ARNs of managed session policies.
    sizes: &["session-policy.size"],
    page: "Policies and permissions in AWS Identity and Access Management",
    ..IDENTITY
};

const TRUST: Grammar = Grammar {
    name: "a trust policy",
    principal: Presence::Required,
    resource: Presence::Forbidden,
    sizes: &["trust-policy.size"],
    ..IDENTITY
};

const RESOURCE: Grammar = Grammar {
    name: "a resource policy",
    principal: Presence::Required,
    not_principal: true,
    // Repositories of Amazon ECR have policies without the element.
    resource: Presence::Optional,
    iam_characters: false,
    sizes: &[],
    ..IDENTITY
};

const KEY: Grammar = Grammar {
    name: "a key policy",
    resource: Presence::Required,
    sizes: &["key-policy.size"],
    page: "Creating a key policy",
    ..RESOURCE
};

const ENDPOINT: Grammar = Grammar {
    name: "an endpoint policy",
    resource: Presence::Required,
    sizes: &["endpoint-policy.size"],
    page: "Control access to VPC endpoints using endpoint policies",
    ..RESOURCE
};

const SERVICE_CONTROL: Grammar = Grammar {
    name: "a service control policy",
    iam_characters: false,
    sizes: &["scp.size"],
    page: "SCP syntax",
    ..IDENTITY
};

const RESOURCE_CONTROL: Grammar = Grammar {
    name: "a resource control policy",
    principal: Presence::Required,
    not_action: false,
    allow: false,
    sizes: &["rcp.size"],
    page: "RCP syntax",
    ..SERVICE_CONTROL
};

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

    /// What a policy of this kind may contain.
    pub fn grammar(self) -> &'static Grammar {
        match self {
            PolicyKind::Identity => &IDENTITY,
            PolicyKind::Resource => &RESOURCE,
            PolicyKind::ServiceControl => &SERVICE_CONTROL,
            PolicyKind::ResourceControl => &RESOURCE_CONTROL,
            PolicyKind::Endpoint => &ENDPOINT,
            PolicyKind::PermissionsBoundary => &PERMISSIONS_BOUNDARY,
            PolicyKind::Trust => &TRUST,
            PolicyKind::Session => &SESSION,
            PolicyKind::Key => &KEY,
        }
    }
}
