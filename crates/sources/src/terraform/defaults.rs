//! What a service does without being told, as of a day.
//!
//! A resource that is made without an attribute gets the service's default; one whose attribute is
//! taken away again, by removing the resource that set it, often gets another. Each row names the
//! page of AWS's documentation that says so.

use cofferdam_org::fact::{Attribute, Kind};

use Attribute as A;
use Value::{Absent, Json};

/// The day on which the pages were read.
pub(crate) const AS_OF: &str = "2026-11-20";

/// A default value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// There is none.
    Absent,
    /// JSON, with what the instance's templates stand for in braces after a `$`.
    Json(&'static str),
}

/// The default of one attribute.
pub(crate) struct Default {
    pub kind: Kind,
    pub attribute: Attribute,
    /// Of a new thing.
    pub made: Value,
    /// After what set it was removed.
    pub removed: Value,
    /// The page that says so; of lists that are empty at first, none is needed.
    pub page: &'static str,
}

const fn row(
    kind: Kind,
    attribute: Attribute,
    made: Value,
    removed: Value,
    page: &'static str,
) -> Default {
    Default {
        kind,
        attribute,
        made,
        removed,
        page,
    }
}

const EMPTY: Value = Json("[]");
const BLOCKED: Value = Json(
    r#"{"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}"#,
);
const KEY_POLICY: Value = Json(
    r#"{"Version": "2012-10-17", "Id": "key-default-1", "Statement": [
  {"Sid": "Enable IAM User Permissions", "Effect": "Allow",
   "Principal": {"AWS": "arn:$partition:iam::$account:root"}, "Action": "kms:*", "Resource": "*"}]}"#,
);
const TOPIC_POLICY: Value = Json(
    r#"{"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [
  {"Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"},
   "Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
              "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"],
   "Resource": "$id", "Condition": {"StringEquals": {"AWS:SourceOwner": "$account"}}}]}"#,
);
const SSE_S3: Value = Json(r#"{"Algorithm": "AES256"}"#);
const FULL_ACCESS: Value = Json(r#"["p-FullAWSAccess"]"#);
const RESOURCE_FULL_ACCESS: Value = Json(r#"["p-RCPFullAWSAccess"]"#);

/// Every default.
#[rustfmt::skip]
pub(crate) const DEFAULTS: &[Default] = &[
    row(Kind::Bucket, A::ResourcePolicy, Absent, Absent, "Bucket policies for Amazon S3"),
    row(Kind::Bucket, A::PublicAccessBlock, BLOCKED, Absent, "Default settings for new S3 buckets FAQ"),
    row(Kind::Bucket, A::Ownership, Json(r#""BucketOwnerEnforced""#), Absent, "Controlling ownership of objects and disabling ACLs for your bucket"),
    row(Kind::Bucket, A::Encryption, SSE_S3, SSE_S3, "Setting default server-side encryption behavior for Amazon S3 buckets"),
    row(Kind::Bucket, A::Versioning, Absent, Absent, "Retaining multiple versions of objects with S3 Versioning"),
    row(Kind::Bucket, A::AccessControlList, EMPTY, EMPTY, "Access control list (ACL) overview"),
    row(Kind::Bucket, A::ObjectLock, Absent, Json("{}"), "Configuring S3 Object Lock"),
    row(Kind::Bucket, A::Lifecycle, Absent, Absent, "Managing the lifecycle of objects"),
    row(Kind::Bucket, A::Replication, Absent, Absent, "Replicating objects within and across Regions"),
    row(Kind::Bucket, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Account, A::PublicAccessBlock, Absent, Absent, "Blocking public access to your Amazon S3 storage"),
    row(Kind::Account, A::ServiceControlPolicies, FULL_ACCESS, FULL_ACCESS, "SCP evaluation"),
    row(Kind::Account, A::ResourceControlPolicies, RESOURCE_FULL_ACCESS, RESOURCE_FULL_ACCESS, "RCP evaluation"),
    row(Kind::Unit, A::ServiceControlPolicies, FULL_ACCESS, FULL_ACCESS, "SCP evaluation"),
    row(Kind::Unit, A::ResourceControlPolicies, RESOURCE_FULL_ACCESS, RESOURCE_FULL_ACCESS, "RCP evaluation"),
    row(Kind::AccessPoint, A::ResourcePolicy, Absent, Absent, "Configuring IAM policies for using access points"),
    row(Kind::MultiRegionAccessPoint, A::ResourcePolicy, Absent, Absent, "Configuring multi-Region access points"),
    row(Kind::Key, A::ResourcePolicy, KEY_POLICY, KEY_POLICY, "Default key policy"),
    row(Kind::Key, A::Grants, EMPTY, EMPTY, "Grants in AWS KMS"),
    row(Kind::Key, A::Aliases, EMPTY, EMPTY, "Aliases in AWS KMS"),
    row(Kind::Key, A::Rotation, Json("false"), Json("false"), "Rotate AWS KMS keys"),
    row(Kind::Key, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Role, A::Boundary, Absent, Absent, "Permissions boundaries for IAM entities"),
    row(Kind::Role, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::User, A::InlinePolicies, EMPTY, EMPTY, ""),
    row(Kind::User, A::AttachedPolicies, EMPTY, EMPTY, ""),
    row(Kind::User, A::Groups, EMPTY, EMPTY, ""),
    row(Kind::User, A::Boundary, Absent, Absent, "Permissions boundaries for IAM entities"),
    row(Kind::User, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Group, A::InlinePolicies, EMPTY, EMPTY, ""),
    row(Kind::Group, A::AttachedPolicies, EMPTY, EMPTY, ""),
    row(Kind::Queue, A::ResourcePolicy, Absent, Absent, "Overview of managing access in Amazon SQS"),
    row(Kind::Queue, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Topic, A::ResourcePolicy, TOPIC_POLICY, TOPIC_POLICY, "SetTopicAttributes"),
    row(Kind::Topic, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Secret, A::ResourcePolicy, Absent, Absent, "Resource-based policies"),
    row(Kind::Secret, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Table, A::ResourcePolicy, Absent, Absent, "Using resource-based policies for DynamoDB"),
    row(Kind::Table, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Function, A::ResourcePolicy, Absent, Absent, "Working with resource-based IAM policies in Lambda"),
    row(Kind::Function, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Repository, A::ResourcePolicy, Absent, Absent, "Private repository policies in Amazon ECR"),
    row(Kind::Repository, A::Tags, EMPTY, EMPTY, ""),
    row(Kind::Endpoint, A::ResourcePolicy, Absent, Absent, "Control access to VPC endpoints using endpoint policies"),
    row(Kind::Trail, A::Logging, Json("true"), Json("true"), "Turning off logging for a trail"),
    row(Kind::PermissionSet, A::Assignments, EMPTY, EMPTY, ""),
];

/// The default of an attribute.
pub(crate) fn of(kind: Kind, attribute: Attribute) -> Option<&'static Default> {
    DEFAULTS
        .iter()
        .find(|row| row.kind == kind && row.attribute == attribute)
}
