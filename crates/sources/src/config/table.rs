//! Which resource type is which kind, and which of its members is which attribute.
//!
//! Member names follow the property lists that AWS publishes for advanced queries
//! (`awslabs/aws-config-resource-schema`, as of March 2025); policy documents are missing in those
//! lists and follow items as Config delivers them. A path begins with `c.` for the configuration,
//! `s.` for the supplementary configuration.

use cofferdam_org::fact::{Attribute, Kind};

use super::shapes::{self, Shape};

/// What a member that an item leaves out says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// The property list has it, so Config records it: it is not set.
    NotSet,
    /// It may be set, and Config does not say.
    Unknown,
}

/// One attribute of a type.
pub(super) struct Held {
    pub attribute: Attribute,
    /// Where it lies; empty if Config never holds it.
    pub path: &'static str,
    pub shape: Shape,
    pub left_out: LeftOut,
}

/// How an item names its entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// By the item's ARN, else the one under this path.
    Arn(&'static str),
    /// By the item's id.
    Id,
    /// By the account.
    Account,
    /// By the ARN or name under this path, which belongs to another item's resource.
    Of(&'static str),
    /// By the ARN of a multi-Region access point, with the name in this path.
    MultiRegion(&'static str),
}

/// One resource type.
pub(super) struct Row {
    pub resource: &'static str,
    pub kind: Kind,
    pub named: Named,
    /// Whether the item is the entity itself: its deletion is the entity's.
    pub whole: bool,
    pub held: &'static [Held],
}

const fn set(attribute: Attribute, path: &'static str, shape: Shape) -> Held {
    Held {
        attribute,
        path,
        shape,
        left_out: LeftOut::NotSet,
    }
}

const fn told(attribute: Attribute, path: &'static str, shape: Shape) -> Held {
    Held {
        attribute,
        path,
        shape,
        left_out: LeftOut::Unknown,
    }
}

/// An attribute that no item of the type holds.
const fn never(attribute: Attribute) -> Held {
    told(attribute, "", shapes::whole)
}

const fn policy(path: &'static str) -> Held {
    told(Attribute::ResourcePolicy, path, shapes::policy)
}

const TAGS: Held = told(Attribute::Tags, "tags", shapes::whole);

/// A type whose items are entities named by ARN.
const fn thing(
    resource: &'static str,
    kind: Kind,
    arn: &'static str,
    held: &'static [Held],
) -> Row {
    Row {
        resource,
        kind,
        named: Named::Arn(arn),
        whole: true,
        held,
    }
}

/// A type whose items state a part of an entity.
const fn part(resource: &'static str, kind: Kind, named: Named, held: &'static [Held]) -> Row {
    Row {
        resource,
        kind,
        named,
        whole: false,
        held,
    }
}

const ROLE: &[Held] = &[
    told(Attribute::UniqueId, "c.roleId", shapes::whole),
    told(
        Attribute::Trust,
        "c.assumeRolePolicyDocument",
        shapes::policy,
    ),
    told(
        Attribute::InlinePolicies,
        "c.rolePolicyList",
        shapes::inline_policies,
    ),
    told(
        Attribute::AttachedPolicies,
        "c.attachedManagedPolicies",
        shapes::attached_policies,
    ),
    set(
        Attribute::Boundary,
        "c.permissionsBoundary.permissionsBoundaryArn",
        shapes::whole,
    ),
    TAGS,
];

const USER: &[Held] = &[
    told(Attribute::UniqueId, "c.userId", shapes::whole),
    told(
        Attribute::InlinePolicies,
        "c.userPolicyList",
        shapes::inline_policies,
    ),
    told(
        Attribute::AttachedPolicies,
        "c.attachedManagedPolicies",
        shapes::attached_policies,
    ),
    told(Attribute::Groups, "c.groupList", shapes::whole),
    told(
        Attribute::Boundary,
        "c.permissionsBoundary.permissionsBoundaryArn",
        shapes::whole,
    ),
    TAGS,
];

const GROUP: &[Held] = &[
    told(
        Attribute::InlinePolicies,
        "c.groupPolicyList",
        shapes::inline_policies,
    ),
    told(
        Attribute::AttachedPolicies,
        "c.attachedManagedPolicies",
        shapes::attached_policies,
    ),
];

const MANAGED_POLICY: &[Held] = &[
    told(Attribute::Name, "c.policyName", shapes::whole),
    told(
        Attribute::Document,
        "c.policyVersionList",
        shapes::default_version,
    ),
];

const BUCKET: &[Held] = &[
    told(Attribute::Name, "c.name", shapes::whole),
    policy("s.BucketPolicy.policyText"),
    set(
        Attribute::PublicAccessBlock,
        "s.PublicAccessBlockConfiguration",
        shapes::public_access_block,
    ),
    never(Attribute::Ownership),
    told(
        Attribute::AccessControlList,
        "s.AccessControlList",
        shapes::access_control_list,
    ),
    set(
        Attribute::Encryption,
        "s.ServerSideEncryptionConfiguration.rules",
        shapes::bucket_encryption,
    ),
    told(
        Attribute::Versioning,
        "s.BucketVersioningConfiguration.status",
        shapes::versioning,
    ),
    set(
        Attribute::ObjectLock,
        "s.ObjectLockConfiguration",
        shapes::object_lock,
    ),
    set(
        Attribute::Lifecycle,
        "s.BucketLifecycleConfiguration.rules",
        shapes::lifecycle,
    ),
    never(Attribute::Replication),
    TAGS,
];

const POINT: &[Held] = &[
    told(Attribute::Buckets, "c.Bucket", shapes::one_in_list),
    told(Attribute::NetworkOrigin, "c.NetworkOrigin", shapes::whole),
    set(Attribute::Vpc, "c.VpcConfiguration.VpcId", shapes::whole),
    told(
        Attribute::PublicAccessBlock,
        "c.PublicAccessBlockConfiguration",
        shapes::public_access_block,
    ),
    policy("c.Policy"),
];

const MULTI_REGION_POINT: &[Held] = &[
    told(Attribute::Buckets, "c.Regions", shapes::region_buckets),
    told(Attribute::Aliases, "c.Alias", shapes::one_in_list),
    told(
        Attribute::PublicAccessBlock,
        "c.PublicAccessBlockConfiguration",
        shapes::public_access_block,
    ),
];

const KEY: &[Held] = &[
    told(Attribute::Status, "c.keyState", shapes::whole),
    told(Attribute::KeyManager, "c.keyManager", shapes::whole),
    told(
        Attribute::MultiRegion,
        "c.multiRegionConfiguration",
        shapes::multi_region,
    ),
    policy("s.Policy"),
    told(Attribute::Rotation, "s.KeyRotationStatus", shapes::whole),
    never(Attribute::Grants),
    TAGS,
];

const QUEUE: &[Held] = &[
    policy("c.Policy"),
    set(Attribute::Encryption, "c.KmsMasterKeyId", shapes::with_key),
    TAGS,
];

const SECRET: &[Held] = &[
    told(Attribute::Name, "c.Name", shapes::whole),
    told(Attribute::Encryption, "c", shapes::secret_encryption),
    TAGS,
];

const TABLE: &[Held] = &[
    set(
        Attribute::Encryption,
        "c.ssedescription",
        shapes::table_encryption,
    ),
    policy("c.resourcePolicy.policyDocument"),
    TAGS,
];

const FUNCTION: &[Held] = &[
    told(Attribute::Name, "c.functionName", shapes::whole),
    told(Attribute::Roles, "c.role", shapes::one_in_list),
    set(Attribute::Encryption, "c.kmsKeyArn", shapes::with_key),
    policy("s.Policy"),
    TAGS,
];

const REPOSITORY: &[Held] = &[
    told(
        Attribute::Encryption,
        "c.EncryptionConfiguration",
        shapes::repository_encryption,
    ),
    policy("c.RepositoryPolicyText"),
    TAGS,
];

const ENDPOINT: &[Held] = &[
    told(Attribute::Vpc, "c.vpcId", shapes::whole),
    told(Attribute::Service, "c.serviceName", shapes::whole),
    told(Attribute::EndpointType, "c.vpcEndpointType", shapes::whole),
    policy("c.policyDocument"),
    TAGS,
];

const TRAIL: &[Held] = &[
    told(Attribute::TrailDescription, "c", shapes::trail),
    told(
        Attribute::Selectors,
        "c.hasCustomEventSelectors",
        shapes::selectors,
    ),
    never(Attribute::Logging),
];

/// Every type that is read. KMS aliases are apart: they state an attribute of a key together.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    thing("AWS::IAM::Role", Kind::Role, "c.arn", ROLE),
    thing("AWS::IAM::User", Kind::User, "c.arn", USER),
    thing("AWS::IAM::Group", Kind::Group, "c.arn", GROUP),
    thing("AWS::IAM::Policy", Kind::ManagedPolicy, "c.arn", MANAGED_POLICY),
    thing("AWS::IAM::OIDCProvider", Kind::Provider, "c.Arn", &[]),
    thing("AWS::IAM::SAMLProvider", Kind::Provider, "c.Arn", &[]),
    thing("AWS::S3::Bucket", Kind::Bucket, "", BUCKET),
    part("AWS::S3::AccountPublicAccessBlock", Kind::Account, Named::Account, &[
        told(Attribute::PublicAccessBlock, "c", shapes::public_access_block),
    ]),
    thing("AWS::S3::AccessPoint", Kind::AccessPoint, "c.Arn", POINT),
    Row {
        resource: "AWS::S3::MultiRegionAccessPoint",
        kind: Kind::MultiRegionAccessPoint,
        named: Named::MultiRegion("c.Name"),
        whole: true,
        held: MULTI_REGION_POINT,
    },
    part("AWS::S3::MultiRegionAccessPointPolicy", Kind::MultiRegionAccessPoint, Named::MultiRegion("c.MrapName"), &[
        policy("c.Policy"),
    ]),
    thing("AWS::KMS::Key", Kind::Key, "c.arn", KEY),
    thing("AWS::SQS::Queue", Kind::Queue, "c.QueueArn", QUEUE),
    thing("AWS::SNS::Topic", Kind::Topic, "c.TopicArn", QUEUE),
    thing("AWS::SecretsManager::Secret", Kind::Secret, "c.ARN", SECRET),
    part("AWS::SecretsManager::ResourcePolicy", Kind::Secret, Named::Of("c.SecretId"), &[
        policy("c.ResourcePolicy"),
    ]),
    thing("AWS::DynamoDB::Table", Kind::Table, "c.tableArn", TABLE),
    thing("AWS::Lambda::Function", Kind::Function, "c.functionArn", FUNCTION),
    thing("AWS::ECR::Repository", Kind::Repository, "c.Arn", REPOSITORY),
    Row { resource: "AWS::EC2::VPC", kind: Kind::Vpc, named: Named::Id, whole: true, held: &[TAGS] },
    Row { resource: "AWS::EC2::VPCEndpoint", kind: Kind::Endpoint, named: Named::Id, whole: true, held: ENDPOINT },
    thing("AWS::IAM::InstanceProfile", Kind::InstanceProfile, "c.Arn", &[told(Attribute::Roles, "c.Roles", shapes::whole)]),
    thing("AWS::EC2::Instance", Kind::Instance, "", &[set(Attribute::InstanceProfile, "c.iamInstanceProfile.arn", shapes::whole)]),
    thing("AWS::ECS::TaskDefinition", Kind::TaskDefinition, "c.TaskDefinitionArn", &[set(Attribute::Roles, "c.TaskRoleArn", shapes::one_in_list)]),
    thing("AWS::ECS::Cluster", Kind::Cluster, "c.Arn", &[]),
    thing("AWS::CloudWatch::Alarm", Kind::Alarm, "c.AlarmArn", &[]),
    thing("AWS::CloudTrail::Trail", Kind::Trail, "c.trailARN", TRAIL),
];

/// The type of KMS aliases.
pub(super) const ALIAS: &str = "AWS::KMS::Alias";

/// The row of a type.
pub(super) fn row(resource: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.resource == resource)
}

/// Whether items of a type are read.
pub(super) fn is_read(resource: &[u8]) -> bool {
    resource == ALIAS.as_bytes() || ROWS.iter().any(|row| row.resource.as_bytes() == resource)
}
