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

/// How long a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Characters that always fit.
    pub usual: usize,
    /// Characters that fit at most, with a raised quota or where the limit is widest.
    pub most: usize,
    /// Whether white space counts.
    pub white_space: bool,
    /// The page that states it.
    pub page: &'static str,
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
    /// The length, if it does not depend on the service.
    pub size: Option<Size>,
    /// The page that states the elements.
    pub page: &'static str,
}

const IAM_QUOTAS: &str = "IAM and AWS STS quotas";
const ORGANIZATIONS_QUOTAS: &str = "Quotas for AWS Organizations";

/// A policy of IAM itself, attached to a principal; the other rows say how they differ.
const IDENTITY: Grammar = Grammar {
    name: "an identity policy",
    principal: Presence::Forbidden,
    not_principal: false,
    not_action: true,
    resource: Presence::Required,
    allow: true,
    iam_characters: true,
    // A managed policy holds 6,144; all inline policies of a role together hold 10,240.
    size: Some(Size {
        usual: 6_144,
        most: 10_240,
        white_space: false,
        page: IAM_QUOTAS,
    }),
    page: "Grammar of the IAM JSON policy language",
};

const PERMISSIONS_BOUNDARY: Grammar = Grammar {
    name: "a permissions boundary",
    size: Some(Size {
        usual: 6_144,
        most: 6_144,
        white_space: false,
        page: IAM_QUOTAS,
    }),
    page: "Permissions boundaries for IAM entities",
    ..IDENTITY
};

const SESSION: Grammar = Grammar {
    name: "a session policy",
    // The same 2,048 also hold the ARNs of managed session policies.
    size: Some(Size {
        usual: 2_048,
        most: 2_048,
        white_space: true,
        page: IAM_QUOTAS,
    }),
    page: "Policies and permissions in AWS Identity and Access Management",
    ..IDENTITY
};

const TRUST: Grammar = Grammar {
    name: "a trust policy",
    principal: Presence::Required,
    resource: Presence::Forbidden,
    size: Some(Size {
        usual: 2_048,
        most: 8_192,
        white_space: false,
        page: IAM_QUOTAS,
    }),
    page: "AWS JSON policy elements: NotPrincipal",
    ..IDENTITY
};

const RESOURCE: Grammar = Grammar {
    name: "a resource policy",
    principal: Presence::Required,
    not_principal: true,
    // Repositories of Amazon ECR have policies without the element.
    resource: Presence::Optional,
    iam_characters: false,
    size: None,
    ..IDENTITY
};

const KEY: Grammar = Grammar {
    name: "a key policy",
    resource: Presence::Required,
    size: Some(Size {
        usual: 32_768,
        most: 32_768,
        white_space: true,
        page: "Creating a key policy",
    }),
    page: "Creating a key policy",
    ..RESOURCE
};

const ENDPOINT: Grammar = Grammar {
    name: "an endpoint policy",
    resource: Presence::Required,
    size: Some(Size {
        usual: 20_480,
        most: 20_480,
        white_space: true,
        page: "Control access to VPC endpoints using endpoint policies",
    }),
    page: "Control access to VPC endpoints using endpoint policies",
    ..RESOURCE
};

const SERVICE_CONTROL: Grammar = Grammar {
    name: "a service control policy",
    iam_characters: false,
    size: Some(Size {
        usual: 10_240,
        most: 10_240,
        white_space: true,
        page: ORGANIZATIONS_QUOTAS,
    }),
    page: "SCP syntax",
    ..IDENTITY
};

const RESOURCE_CONTROL: Grammar = Grammar {
    name: "a resource control policy",
    principal: Presence::Required,
    not_action: false,
    allow: false,
    size: Some(Size {
        usual: 5_120,
        most: 5_120,
        white_space: true,
        page: ORGANIZATIONS_QUOTAS,
    }),
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
