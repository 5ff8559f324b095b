//! The organization as decisions need it: typed, linked, every field present, absent or unknown.
//!
//! Policies live once in an arena and are shared by id, because a large organization has few
//! distinct documents behind many attachments.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_names::{AccountId, Arn};
use cofferdam_policy::ast::Policy;
use cofferdam_text::Origin;

use crate::fact::{Kind, Known};

/// One organization at one time.
#[derive(Clone, Debug, Default)]
pub struct Organization {
    /// The organization's id `o-…`, and the management account; `None` outside an organization.
    pub identity: Option<Identity>,
    /// The root and the organizational units by id.
    pub units: BTreeMap<Box<str>, Unit>,
    /// The accounts.
    pub accounts: BTreeMap<AccountId, Account>,
    /// Every policy document that was read.
    pub policies: Policies,
    /// Managed policies by ARN, attached or not; their documents are in `policies`.
    pub managed: BTreeMap<Box<str>, PolicyId>,
    /// AWS managed policies whose document is the catalogue's of a day: no source holds them.
    pub dated: BTreeSet<PolicyId>,
    /// Service and resource control policies by id `p-…`, attached or not.
    pub organization_policies: BTreeMap<Box<str>, PolicyId>,
    /// Users and roles in the order of their ARNs.
    pub principals: Vec<Principal>,
    /// Stores, keys and other things with a policy of their own, in the order of their ARNs.
    pub resources: Vec<Resource>,
    /// S3 access points, also multi-Region ones, in the order of their ARNs.
    pub access_points: Vec<AccessPoint>,
    /// VPC endpoints in the order of their ids.
    pub endpoints: Vec<Endpoint>,
    /// Trails in the order of their ARNs.
    pub trails: Vec<Trail>,
    /// OIDC and SAML providers by ARN.
    pub providers: Vec<Arn>,
    /// Permission sets by ARN.
    pub permission_sets: Vec<PermissionSet>,
    /// What runs code as roles, or stands ready to, by kind and ARN.
    pub compute: Vec<Compute>,
    /// Member accounts that administer services for the organization, as far as they were read.
    pub delegates: BTreeMap<AccountId, Known<Vec<Box<str>>>>,
    /// The policy by which the management account lets members administer AWS Organizations itself;
    /// `None` outside an organization.
    pub delegation: Option<Known<PolicyId>>,
    /// Things that could not be listed: account (empty: organization-wide), kind, reason.
    pub gaps: Vec<(Box<str>, Kind, Box<str>)>,
}

/// Which organization it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// `o-…`.
    pub id: Box<str>,
    /// The account that no SCP and no RCP binds.
    pub management: Known<AccountId>,
}

/// The root or an organizational unit.
#[derive(Clone, Debug)]
pub struct Unit {
    /// `r-…` or `ou-…`.
    pub id: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// The node above; absent for the root.
    pub parent: Known<Box<str>>,
    /// What is attached to it.
    pub attached: Attached,
}

/// Organization policies attached to one node.
#[derive(Clone, Debug)]
pub struct Attached {
    /// Service control policies; absent if the policy type is not enabled.
    pub service_control: Known<Vec<PolicyId>>,
    /// Resource control policies; absent if the policy type is not enabled.
    pub resource_control: Known<Vec<PolicyId>>,
}

/// An account of the organization.
#[derive(Clone, Debug)]
pub struct Account {
    /// Twelve digits.
    pub id: AccountId,
    /// Its name.
    pub name: Box<str>,
    /// The unit or root that holds it.
    pub parent: Known<Box<str>>,
    /// What is attached to the account itself.
    pub attached: Attached,
    /// `ACTIVE`, `SUSPENDED`, ….
    pub status: Known<Box<str>>,
    /// Tags of the account.
    pub tags: Known<BTreeMap<Box<str>, Box<str>>>,
    /// Account-level S3 block public access.
    pub public_access_block: Known<PublicAccessBlock>,
}

/// Policy documents, shared by id.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    entries: Vec<NamedPolicy>,
}

/// The place of a policy in [`Policies`]; made only by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(u32);

/// A policy document with the name that people know it by.
#[derive(Clone, Debug)]
pub struct NamedPolicy {
    /// What people call it: `bucket policy of acme-records`, `SCP deny-leave (p-1)`, `inline policy read of role app`.
    pub name: Box<str>,
    /// The document; unknown if it exists but could not be read.
    pub document: Known<Policy>,
    /// Where it lies, or where it is spoken of.
    pub origin: Option<Origin>,
}

/// How the names of inline policies begin, whether they were read or not.
const INLINE: &str = "inline polic";

impl NamedPolicy {
    /// Whether it is known to be an inline policy of a user, role or group, even if its text is not.
    pub fn is_inline(&self) -> bool {
        self.name.starts_with(INLINE)
    }
}

impl Policies {
    /// Adds a policy.
    pub fn add(&mut self, policy: NamedPolicy) -> PolicyId {
        let id = PolicyId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.entries.push(policy);
        id
    }

    /// The policy of an id of this arena.
    #[allow(clippy::indexing_slicing)] // ids are made only by `add` of this arena
    pub fn get(&self, id: PolicyId) -> &NamedPolicy {
        &self.entries[id.0 as usize]
    }

    /// The same to be changed, in a copy of the organization that shows what would be otherwise.
    #[allow(clippy::indexing_slicing)] // ids are made only by `add` of this arena
    pub fn get_mut(&mut self, id: PolicyId) -> &mut NamedPolicy {
        &mut self.entries[id.0 as usize]
    }

    /// Every policy with its id.
    pub fn all(&self) -> impl Iterator<Item = (PolicyId, &NamedPolicy)> {
        let ids = (0..).map(PolicyId);
        ids.zip(&self.entries)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// An IAM user or role.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Its ARN, with the path.
    pub arn: Arn,
    /// The owning account.
    pub account: AccountId,
    /// User or role.
    pub kind: PrincipalKind,
    /// `AIDA…`, `AROA…`.
    pub unique_id: Known<Box<str>>,
    /// Tags.
    pub tags: Known<BTreeMap<Box<str>, Box<str>>>,
    /// Inline, attached and group policies. Unknown: at least one of them could not be read.
    pub identity: Known<Vec<PolicyId>>,
    /// Those of them that come of groups: what is done to the user's own leaves them.
    pub of_groups: Vec<PolicyId>,
    /// The permissions boundary.
    pub boundary: Known<PolicyId>,
    /// A role's trust policy; absent for users.
    pub trust: Known<PolicyId>,
    /// The permission set that an Identity Center role was made from.
    pub permission_set: Option<Box<str>>,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// User or role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// A role below `/aws-service-role/`, which neither SCPs nor RCPs bind.
    ServiceLinkedRole,
}

/// Something with a resource policy, or that holds data.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its ARN.
    pub arn: Arn,
    /// What it is.
    pub kind: Kind,
    /// The owning account.
    pub account: AccountId,
    /// Its Region, where it has one.
    pub region: Known<Box<str>>,
    /// Its own policy: bucket policy, key policy, queue policy, ….
    pub policy: Known<PolicyId>,
    /// Tags.
    pub tags: Known<BTreeMap<Box<str>, Box<str>>>,
    /// How what it holds is encrypted; absent: with a key that AWS owns.
    pub encryption: Known<Encryption>,
    /// What only some kinds have.
    pub details: Details,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// An S3 access point: another way to what is in a bucket, with a policy of its own.
#[derive(Clone, Debug)]
pub struct AccessPoint {
    /// Its ARN, by which policies and condition keys name it.
    pub arn: Arn,
    /// The owning account.
    pub account: AccountId,
    /// Names of the buckets behind it: one, or one for each Region.
    pub buckets: Vec<Box<str>>,
    /// The VPC that requests must come from; absent: from anywhere.
    pub vpc: Known<Box<str>>,
    /// Its policy.
    pub policy: Known<PolicyId>,
    /// Its own block public access.
    pub public_access_block: Known<PublicAccessBlock>,
    /// Whether it is a multi-Region access point.
    pub multi_region: bool,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// Encryption at rest with a KMS key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Encryption {
    /// The key's ARN, id or alias as stated; `None`: the AWS managed key of the service.
    pub key: Option<Box<str>>,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// Attributes of single kinds.
#[derive(Clone, Debug, Hash)]
pub enum Details {
    /// An S3 bucket.
    Bucket(BucketDetails),
    /// A KMS key.
    Key(KeyDetails),
    /// Nothing more is modelled.
    Plain,
}

/// What only buckets have.
#[derive(Clone, Debug, Hash)]
pub struct BucketDetails {
    /// The bucket's own block public access.
    pub public_access_block: Known<PublicAccessBlock>,
    /// Object ownership: whether ACLs have any effect.
    pub acls_disabled: Known<bool>,
    /// ACL grants.
    pub acl: Known<Vec<AclGrant>>,
    /// Whether versioning is on.
    pub versioning: Known<bool>,
    /// Object Lock default retention; absent: off.
    pub object_lock: Known<ObjectLock>,
    /// Days after which lifecycle rules expire objects; absent: none does.
    pub expires_after_days: Known<u32>,
}

/// The four switches of S3 block public access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`.
    pub restrict_public_buckets: bool,
}

/// One grant of an ACL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AclGrant {
    /// Canonical id, or the URI of a predefined group.
    pub grantee: Box<str>,
    /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP`, `FULL_CONTROL`.
    pub permission: Box<str>,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// Default retention of an S3 bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectLock {
    /// `COMPLIANCE` or `GOVERNANCE`; `None`: the lock is on without default retention.
    pub mode: Option<Box<str>>,
    /// Retention in days.
    pub days: Option<u32>,
}

/// What only KMS keys have.
#[derive(Clone, Debug, Hash)]
pub struct KeyDetails {
    /// Whether AWS manages it (`aws/…`), so that its policy is fixed.
    pub aws_managed: Known<bool>,
    /// `Enabled`, `Disabled`, ….
    pub state: Known<Box<str>>,
    /// Grants.
    pub grants: Known<Vec<Grant>>,
    /// Whether automatic rotation is on.
    pub rotation: Known<bool>,
    /// Alias names `alias/…`.
    pub aliases: Vec<Box<str>>,
    /// ARNs of the other Regions' keys of the same multi-Region key.
    pub replicas: Vec<Box<str>>,
}

/// One KMS grant ("Grants in AWS KMS").
#[derive(Clone, Debug, Hash)]
pub struct Grant {
    /// `GrantId`.
    pub id: Box<str>,
    /// Who may use the key.
    pub grantee: Box<str>,
    /// Who may retire the grant.
    pub retiring: Option<Box<str>>,
    /// `Decrypt`, `CreateGrant`, ….
    pub operations: Vec<Box<str>>,
    /// `EncryptionContextEquals`.
    pub context_equals: Vec<(Box<str>, Box<str>)>,
    /// `EncryptionContextSubset`.
    pub context_subset: Vec<(Box<str>, Box<str>)>,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// A VPC endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// `vpce-…`.
    pub id: Box<str>,
    /// The owning account.
    pub account: AccountId,
    /// The Region.
    pub region: Box<str>,
    /// The VPC it serves.
    pub vpc: Known<Box<str>>,
    /// The service prefix, such as `s3` (last part of `com.amazonaws.REGION.s3`).
    pub service: Box<str>,
    /// Gateway endpoints read `Principal` in their own way.
    pub gateway: Known<bool>,
    /// The endpoint policy; absent: full access.
    pub policy: Known<PolicyId>,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// A CloudTrail trail.
#[derive(Clone, Debug, Hash)]
pub struct Trail {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: Box<str>,
    /// The account that owns it.
    pub account: AccountId,
    /// Whether it records all accounts of the organization.
    pub organization: Known<bool>,
    /// Whether it records all Regions.
    pub multi_region: Known<bool>,
    /// Its home Region.
    pub home_region: Known<Box<str>>,
    /// Whether it logs now.
    pub logging: Known<bool>,
    /// The bucket that it delivers to.
    pub bucket: Known<Box<str>>,
    /// The key that its files are encrypted with.
    pub key: Known<Box<str>>,
    /// Whether digests are written.
    pub validation: Known<bool>,
    /// Which events it keeps.
    pub selectors: Known<Selectors>,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// Event selectors, basic or advanced ("Filtering data events by using advanced event selectors").
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Selectors {
    /// Basic selectors.
    Basic(Vec<BasicSelector>),
    /// Advanced selectors, any of which records the event.
    Advanced(Vec<AdvancedSelector>),
}

/// One basic event selector.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct BasicSelector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    pub read_write: Box<str>,
    /// Whether management events are kept.
    pub management: bool,
    /// Management event sources left out (KMS, RDS Data).
    pub excluded_sources: Vec<Box<str>>,
    /// Data resources: type and ARN prefixes.
    pub data: Vec<(Box<str>, Vec<Box<str>>)>,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// One advanced event selector: all fields must hold.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct AdvancedSelector {
    /// Its name, if given.
    pub name: Option<Box<str>>,
    /// The field conditions.
    pub fields: Vec<FieldSelector>,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// One field of an advanced selector.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct FieldSelector {
    /// `eventCategory`, `resources.type`, `resources.ARN`, `readOnly`, `eventName`, ….
    pub field: Box<str>,
    /// `Equals`.
    pub equals: Vec<Box<str>>,
    /// `StartsWith`.
    pub starts_with: Vec<Box<str>>,
    /// `EndsWith`.
    pub ends_with: Vec<Box<str>>,
    /// `NotEquals`.
    pub not_equals: Vec<Box<str>>,
    /// `NotStartsWith`.
    pub not_starts_with: Vec<Box<str>>,
    /// `NotEndsWith`.
    pub not_ends_with: Vec<Box<str>>,
}

/// An Identity Center permission set.
#[derive(Clone, Debug, Hash)]
pub struct PermissionSet {
    /// Its ARN.
    pub arn: Box<str>,
    /// Its name, which its roles carry as `AWSReservedSSO_NAME_…`.
    pub name: Box<str>,
    /// Where it is assigned.
    pub assignments: Known<Vec<Assignment>>,
    /// Where it is stated.
    pub origin: Option<Origin>,
}

/// A permission set given to a user or group of Identity Center in one account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The account in which the permission set's role may be assumed.
    pub account: AccountId,
    /// `USER` or `GROUP`.
    pub principal_type: Box<str>,
    /// The id of the user or group in the identity store.
    pub principal: Box<str>,
}

/// Something that acts as roles: an instance profile, an instance, a function, a task definition.
/// Whoever controls it controls sessions of its roles. Also what requests are about that has no role
/// and no policy of its own: a cluster, a log group, an alarm, a detector.
#[derive(Clone, Debug, Hash)]
pub struct Compute {
    /// Its ARN.
    pub arn: Arn,
    /// What it is.
    pub kind: Kind,
    /// The owning account.
    pub account: AccountId,
    /// ARNs of its roles. Absent: it is known to have none.
    pub roles: Known<Vec<Box<str>>>,
    /// Where it is stated.
    pub origin: Option<Origin>,
}
