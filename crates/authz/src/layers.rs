//! The layers that apply to one caller and one resource: what *gather* hands to *combine*.

use cofferdam_org::fact::Known;
use cofferdam_org::model::{AclGrant, Grant, NamedPolicy};

use crate::access_point::Through;
use crate::caller::Caller;
use crate::reach::Reach;

/// A layer id of the contracts, a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerId {
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// Identity policies.
    Identity,
    /// The permissions boundary.
    PermissionsBoundary,
    /// Session policies.
    Session,
    /// A role's trust policy.
    Trust,
    /// The policy on the resource.
    Resource,
    /// S3 access control lists.
    Acl,
    /// S3 block public access.
    BlockPublicAccess,
    /// S3 access points.
    AccessPoint,
    /// VPC endpoint policies.
    Endpoint,
    /// KMS key policies.
    KeyPolicy,
    /// KMS grants.
    Grant,
}

impl LayerId {
    /// The id in JSON.
    pub fn id(self) -> &'static str {
        match self {
            LayerId::ServiceControl => "service_control",
            LayerId::ResourceControl => "resource_control",
            LayerId::Identity => "identity",
            LayerId::PermissionsBoundary => "permissions_boundary",
            LayerId::Session => "session",
            LayerId::Trust => "trust",
            LayerId::Resource => "resource",
            LayerId::Acl => "acl",
            LayerId::BlockPublicAccess => "block_public_access",
            LayerId::AccessPoint => "access_point",
            LayerId::Endpoint => "endpoint",
            LayerId::KeyPolicy => "key_policy",
            LayerId::Grant => "grant",
        }
    }
}

/// One attached document, in its layer.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// The layer.
    pub layer: LayerId,
    /// What it is attached to: a node's id, a resource's ARN, an endpoint's id.
    pub target: &'a str,
    /// The document.
    pub policy: &'a NamedPolicy,
}

/// One node on the way from the root to an account, with what is attached there.
#[derive(Clone, Debug)]
pub struct Level<'a> {
    /// `r-…`, `ou-…` or the account's id.
    pub target: Box<str>,
    /// The attached documents.
    pub sheets: Known<Vec<Sheet<'a>>>,
}

/// What the caller's own account lets it do.
#[derive(Clone, Debug)]
pub enum IdentitySide<'a> {
    /// These policies; `Unknown` if some could not be read.
    Policies(Known<Vec<Sheet<'a>>>),
    /// Whatever these policies do not deny: somebody may come to add what they do not allow.
    AllBut(Known<Vec<Sheet<'a>>>),
    /// Everything: a root user, or an account whose policies an attacker writes.
    Everything,
    /// Nothing is asked: services and anonymous callers have no identity policies.
    NotAsked,
}

/// How the caller's account stands to the resource's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// One account.
    Same,
    /// Two accounts: both sides must allow.
    Cross,
    /// A service principal.
    Service,
    /// An unsigned request.
    Anonymous,
    /// A federated caller on the way to a role.
    Federated,
}

/// How the policy of the resource takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceForm {
    /// Within one account it may grant alone, and need not be there.
    Ordinary,
    /// The same, on an S3 access point.
    AccessPoint,
    /// Root of trust: without it nobody gets in (key policies, role trust).
    RootOfTrust,
    /// The service has no resource policies, or the action no resource.
    None,
}

/// Everything that decides one request, apart from the request's own values.
#[derive(Clone, Debug)]
pub struct Layers<'a> {
    /// Who asks.
    pub caller: Caller,
    /// How the two accounts stand to each other.
    pub relation: Relation,
    /// SCP levels from the root to the account; `None`: they do not bind the caller.
    pub service_control: Option<Known<Vec<Level<'a>>>>,
    /// RCP levels from the root to the account; `None`: they do not bind the resource.
    pub resource_control: Option<Known<Vec<Level<'a>>>>,
    /// Identity policies.
    pub identity: IdentitySide<'a>,
    /// The permissions boundary.
    pub boundary: Known<Sheet<'a>>,
    /// Session policies: `None` means that the session has none and is not limited by it.
    pub session: Option<Vec<Sheet<'a>>>,
    /// The policy on the resource.
    pub resource: Known<Sheet<'a>>,
    /// How that policy takes part.
    pub form: ResourceForm,
    /// KMS grants on the key.
    pub grants: Known<&'a [Grant]>,
    /// S3 ACL grants; absent: ACLs have no effect.
    pub acl: Known<&'a [AclGrant]>,
    /// Whether `RestrictPublicBuckets` is in force on some level.
    pub restrict_public: Known<bool>,
    /// Whether `IgnorePublicAcls` is in force on some level.
    pub ignore_public_acls: Known<bool>,
    /// Endpoints that the request may travel through, with their policies.
    pub endpoints: Vec<EndpointSheet<'a>>,
    /// What that policy can govern; `None`: every request to the resource.
    pub reach: Option<Reach>,
    /// The access point that the request goes through; `None`: it goes to the thing itself.
    pub through: Option<Through<'a>>,
}

/// One VPC endpoint that could carry the request.
#[derive(Clone, Debug)]
pub struct EndpointSheet<'a> {
    /// `vpce-…`.
    pub id: &'a str,
    /// Whether the request is said to travel through it, whatever its keys state.
    pub certain: bool,
    /// Whether it is a gateway endpoint, which reads `Principal` in its own way.
    pub gateway: Known<bool>,
    /// Its policy; absent: full access.
    pub policy: Known<Sheet<'a>>,
}
