//! Facts: (entity, attribute) → present, absent or unknown.
//!
//! Every source, whatever its shape, is turned into these rows, so that laying a plan over a
//! snapshot is one rule: a later fact replaces an earlier one about the same attribute. Values
//! stay trees with places, which is how each statement keeps its file and line without any
//! bookkeeping here.

use std::collections::BTreeMap;

use cofferdam_text::Node;

/// A value that a source states, states to be missing, or cannot tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Known<T> {
    /// The source states it.
    Present(T),
    /// The source states that there is none.
    Absent,
    /// The source cannot tell, with the reason in plain words.
    Unknown(Box<str>),
}

impl<T> Known<T> {
    /// The value, where there is one.
    pub fn present(&self) -> Option<&T> {
        match self {
            Known::Present(value) => Some(value),
            Known::Absent | Known::Unknown(_) => None,
        }
    }

    /// Why it cannot be told.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Known::Unknown(why) => Some(why),
            Known::Present(_) | Known::Absent => None,
        }
    }

    /// The same with the value borrowed.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Known::Present(value) => Known::Present(value),
            Known::Absent => Known::Absent,
            Known::Unknown(why) => Known::Unknown(why.clone()),
        }
    }

    /// The same with a value that may itself be absent or unknown.
    pub fn and_then<U>(self, to: impl FnOnce(T) -> Known<U>) -> Known<U> {
        match self {
            Known::Present(value) => to(value),
            Known::Absent => Known::Absent,
            Known::Unknown(why) => Known::Unknown(why),
        }
    }

    /// The same with another value.
    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Present(value) => Known::Present(to(value)),
            Known::Absent => Known::Absent,
            Known::Unknown(why) => Known::Unknown(why),
        }
    }
}

/// What a fact is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity {
    /// Which kind of thing.
    pub kind: Kind,
    /// Its ARN, or its id where it has no ARN of its own (accounts, units, VPC endpoints).
    pub id: Box<str>,
}

impl Entity {
    /// The entity of that kind and id.
    pub fn new(kind: Kind, id: impl Into<Box<str>>) -> Self {
        Entity {
            kind,
            id: id.into(),
        }
    }
}

/// The kinds of things that facts are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The organization itself; id `o-…`.
    Organization,
    /// An account; id of twelve digits.
    Account,
    /// The root or an organizational unit; id `r-…` or `ou-…`.
    Unit,
    /// A service or resource control policy; id `p-…`.
    OrganizationPolicy,
    /// An IAM role; ARN.
    Role,
    /// An IAM user; ARN.
    User,
    /// An IAM group; ARN.
    Group,
    /// A customer or AWS managed policy; ARN.
    ManagedPolicy,
    /// An OIDC or SAML provider; ARN.
    Provider,
    /// An Identity Center permission set; ARN.
    PermissionSet,
    /// An S3 bucket; ARN.
    Bucket,
    /// An S3 access point; ARN.
    AccessPoint,
    /// A multi-Region access point; its ARN with its name in place of the alias.
    MultiRegionAccessPoint,
    /// A KMS key; ARN.
    Key,
    /// An SQS queue; ARN.
    Queue,
    /// An SNS topic; ARN.
    Topic,
    /// A Secrets Manager secret; ARN.
    Secret,
    /// A DynamoDB table; ARN.
    Table,
    /// A Lambda function; ARN.
    Function,
    /// An ECR repository; ARN.
    Repository,
    /// A VPC; id `vpc-…`.
    Vpc,
    /// A VPC endpoint; id `vpce-…`.
    Endpoint,
    /// A CloudTrail trail; ARN.
    Trail,
    /// An IAM instance profile; ARN.
    InstanceProfile,
    /// An EC2 instance; ARN.
    Instance,
    /// An EC2 instance that Systems Manager manages; ARN of the instance.
    ManagedNode,
    /// A revision of an ECS task definition; ARN.
    TaskDefinition,
    /// An ECS cluster; ARN.
    Cluster,
    /// A member account that administers services for the organization; id of twelve digits.
    DelegatedAdministrator,
    /// A log group of CloudWatch Logs; ARN without `:*`.
    LogGroup,
    /// An alarm of CloudWatch; ARN.
    Alarm,
    /// A detector of GuardDuty; ARN.
    Detector,
}

/// The attributes that a source can state. The shape of each value is given in brackets; shapes
/// are those of the AWS CLI's answers, so that a source passes subtrees on unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// That the thing exists [true].
    Exists,
    /// Its name [string].
    Name,
    /// The owning account [string of twelve digits].
    Account,
    /// The Region [string].
    Region,
    /// Tags [list of `{"Key", "Value"}`].
    Tags,
    /// The organization's management account [string].
    Management,
    /// The node above an account or unit [string id].
    Parent,
    /// The state of an account (`ACTIVE`, `SUSPENDED`) or a key (`Enabled`, …) [string].
    Status,
    /// Ids of attached service control policies [list of strings].
    ServiceControlPolicies,
    /// Ids of attached resource control policies [list of strings].
    ResourceControlPolicies,
    /// Policy types enabled on the root [list of strings].
    PolicyTypes,
    /// The type of an organization policy [string].
    PolicyType,
    /// The text of a policy that stands by itself [policy object].
    Document,
    /// That the document is the catalogue's of a day, and not the source's own [true].
    Dated,
    /// IAM unique id [string].
    UniqueId,
    /// A role's trust policy [policy object].
    Trust,
    /// Inline policies [list of `{"PolicyName", "PolicyDocument"}`; `{"PolicyName", "Unknown": why}`
    /// where only the document is not known].
    InlinePolicies,
    /// Attached managed policies [list of `{"PolicyName", "PolicyArn"}`; with `"Unknown": why` one that may
    /// be attached].
    AttachedPolicies,
    /// The permissions boundary [string ARN].
    Boundary,
    /// A user's groups [list of group names].
    Groups,
    /// The longest session [number of seconds].
    MaxSession,
    /// The policy attached to a resource [policy object].
    ResourcePolicy,
    /// `{"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}`.
    PublicAccessBlock,
    /// S3 object ownership [string: `BucketOwnerEnforced`, …].
    Ownership,
    /// ACL grants [list as `get-bucket-acl` prints under `Grants`].
    AccessControlList,
    /// Encryption [`{"Algorithm": "aws:kms" | "AES256" | "aws:kms:dsse", "KeyId": string?, "BucketKey": bool?}`].
    Encryption,
    /// Names of the buckets behind an access point [list of strings].
    Buckets,
    /// Where an access point can be used from [string: `Internet`, `VPC`].
    NetworkOrigin,
    /// Versioning [string: `Enabled`, `Suspended`].
    Versioning,
    /// Object Lock default retention [`{"Mode", "Days"}`; absent: lock off].
    ObjectLock,
    /// Lifecycle rules [list as the CLI prints under `Rules`].
    Lifecycle,
    /// Replication [as `get-bucket-replication` prints].
    Replication,
    /// KMS grants [list as `list-grants` prints].
    Grants,
    /// `AWS` or `CUSTOMER` [string].
    KeyManager,
    /// Automatic rotation [bool].
    Rotation,
    /// Multi-Region configuration [as `describe-key` prints].
    MultiRegion,
    /// Aliases of a key [list of strings].
    Aliases,
    /// The VPC of an endpoint [string].
    Vpc,
    /// The service name of an endpoint, `com.amazonaws.REGION.SERVICE` [string].
    Service,
    /// `Gateway`, `Interface`, … [string].
    EndpointType,
    /// Whether a trail logs now [bool].
    Logging,
    /// The trail as `describe-trails` prints it [object].
    TrailDescription,
    /// The trail's selectors as `get-event-selectors` prints them [object].
    Selectors,
    /// Assignments of a permission set [list of `{"AccountId", "PrincipalType", "PrincipalId"}`].
    Assignments,
    /// Roles that something acts as [list of ARNs, or of names within its account].
    Roles,
    /// The instance profile of an instance [string: ARN, or name within its account].
    InstanceProfile,
    /// Services that an account administers for the organization [list of service principals].
    AdministeredServices,
}

/// The rows of one or more sources, later ones over earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    rows: BTreeMap<Entity, BTreeMap<Attribute, Known<Node>>>,
    /// Why whole lists could not be read: what is not there may exist all the same.
    gaps: BTreeMap<(Box<str>, Kind), Box<str>>,
}

impl Facts {
    /// No facts yet.
    pub fn new() -> Self {
        Facts::default()
    }

    /// States one attribute, over whatever was stated before.
    pub fn state(&mut self, entity: Entity, attribute: Attribute, value: Known<Node>) {
        self.rows
            .entry(entity)
            .or_default()
            .insert(attribute, value);
    }

    /// States that the things of a kind in an account could not be listed (`account` empty: in none).
    pub fn unlisted(&mut self, account: &str, kind: Kind, why: impl Into<Box<str>>) {
        self.gaps.insert((account.into(), kind), why.into());
    }

    /// Removes an entity, as a deletion in a plan does.
    pub fn delete(&mut self, entity: &Entity) {
        self.rows.remove(entity);
    }

    /// Lays later facts over these.
    pub fn overlay(&mut self, later: Facts) {
        for (entity, attributes) in later.rows {
            self.rows.entry(entity).or_default().extend(attributes);
        }
        self.gaps.extend(later.gaps);
    }

    /// Lays later observations over these. What a later reader was refused, or does not record, an
    /// earlier one may have read: that is kept, and given back, since it is older than the rest.
    pub fn overlay_observed(&mut self, later: Facts) -> Vec<(Entity, Attribute)> {
        let mut kept = Vec::new();
        if self.rows.is_empty() && self.gaps.is_empty() {
            *self = later;
            return kept;
        }
        for (entity, attributes) in later.rows {
            let row = self.rows.entry(entity.clone()).or_default();
            for (attribute, value) in attributes {
                let known = row
                    .get(&attribute)
                    .is_some_and(|one| one.unknown().is_none());
                if known && value.unknown().is_some() {
                    kept.push((entity.clone(), attribute));
                } else {
                    row.insert(attribute, value);
                }
            }
        }
        self.gaps.extend(later.gaps);
        kept
    }

    /// One attribute; an attribute that no source mentions is unknown.
    pub fn get(&self, entity: &Entity, attribute: Attribute) -> Known<&Node> {
        match self.rows.get(entity).and_then(|row| row.get(&attribute)) {
            Some(value) => value.as_ref(),
            None => Known::Unknown("no source states it".into()),
        }
    }

    /// What is stated about one entity, in the order of the attributes.
    pub fn about(&self, entity: &Entity) -> impl Iterator<Item = (Attribute, &Known<Node>)> {
        self.rows
            .get(entity)
            .into_iter()
            .flatten()
            .map(|(attribute, value)| (*attribute, value))
    }

    /// Every entity, in the order of kinds and ids.
    pub fn entities(&self) -> impl Iterator<Item = &Entity> {
        self.rows.keys()
    }

    /// Entities of a kind in the order of their ids.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Entity> {
        let from = Entity::new(kind, "");
        self.rows
            .range(from..)
            .map(|(entity, _)| entity)
            .take_while(move |entity| entity.kind == kind)
    }

    /// Lists that could not be read, by account and kind, with the reason.
    pub fn gaps(&self) -> impl Iterator<Item = (&str, Kind, &str)> {
        self.gaps
            .iter()
            .map(|((account, kind), why)| (&**account, *kind, &**why))
    }
}
