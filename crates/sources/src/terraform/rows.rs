//! From types of resources to facts: one row per type.
//!
//! A row that *makes* an entity states that it exists; every other row states an attribute of an
//! entity that another resource, or another source, makes. Attributes of the provider are named as
//! its schema names them ("AWS Provider", Terraform Registry).

use cofferdam_org::fact::{Attribute, Kind};

use super::carriers;
use super::parts::{self, Part};
use Attribute as A;
use How::{Flag, Policy, Tags, Text, With};

/// How the value of a fact is found.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// The text of an attribute.
    Text(&'static str),
    /// An attribute that is true or false.
    Flag(&'static str),
    /// The policy in an attribute.
    Policy(&'static str),
    /// All tags, those of the provider too.
    Tags,
    /// The policy in an attribute of the first block of a name.
    Block(&'static str, &'static str),
    /// Inline policies in blocks of a role.
    Inline,
    /// Put together from several attributes.
    With(Part),
}

/// What one resource adds to a list, or where it stands in another.
#[derive(Clone, Copy)]
pub(super) enum Adds {
    /// Nothing.
    Nothing,
    /// `{"PolicyName", "PolicyDocument"}` of a principal: name and document.
    Inline(&'static str),
    /// An attached policy, in this attribute.
    Attached(&'static str),
    /// Several principals that a policy is attached to.
    AttachedToAll,
    /// The only policies of a principal: every other one goes away.
    OnlyInline,
    /// The only attached policies of a principal.
    OnlyAttached,
    /// Groups of a user, in this attribute.
    Groups(&'static str),
    /// Users of a group.
    Members,
    /// A policy attached to a unit or an account.
    Target,
    /// An alias of a key.
    Alias,
    /// A grant of a key.
    Grant,
    /// A statement of a function's policy.
    Permission,
    /// An assignment of a permission set.
    Assignment,
    /// A service that an account administers for the organization.
    Service,
}

/// One type of resource.
pub(super) struct Row {
    pub name: &'static str,
    pub kind: Kind,
    /// The entity's id, from attributes.
    pub id: &'static str,
    /// Whether the entity exists because of it.
    pub makes: bool,
    /// Attributes that the provider makes of others.
    pub computed: &'static [(&'static str, &'static str)],
    /// Attributes that name another thing as a whole.
    pub names: &'static [&'static str],
    pub facts: &'static [(Attribute, How)],
    pub adds: Adds,
}

const fn makes(
    name: &'static str,
    kind: Kind,
    id: &'static str,
    computed: &'static [(&'static str, &'static str)],
    names: &'static [&'static str],
    facts: &'static [(Attribute, How)],
) -> Row {
    Row {
        name,
        kind,
        id,
        makes: true,
        computed,
        names,
        facts,
        adds: Adds::Nothing,
    }
}

const fn sets(
    name: &'static str,
    kind: Kind,
    id: &'static str,
    names: &'static [&'static str],
    facts: &'static [(Attribute, How)],
) -> Row {
    Row {
        name,
        kind,
        id,
        makes: false,
        computed: &[],
        names,
        facts,
        adds: Adds::Nothing,
    }
}

const fn adds(
    name: &'static str,
    kind: Kind,
    id: &'static str,
    names: &'static [&'static str],
    adds: Adds,
) -> Row {
    Row {
        name,
        kind,
        id,
        makes: false,
        computed: &[],
        names,
        facts: &[],
        adds,
    }
}

const BUCKET: &str = "{bucket}";
const KEY: &str = "{key_id}";
const ROLE: &str = "{role}";
const USER: &str = "{user}";
const GROUP: &str = "{group}";

const KEY_COMPUTED: &[(&str, &str)] = &[
    ("key_id", "{new}"),
    ("id", "{key_id}"),
    ("arn", "arn:{partition}:kms:{region}:{account}:key/{key_id}"),
    ("multi_region", "false"),
];

const KEY_FACTS: &[(Attribute, How)] = &[
    (A::ResourcePolicy, Policy("policy")),
    (A::Rotation, Flag("enable_key_rotation")),
    (A::Status, With(parts::key_state)),
    (A::KeyManager, With(parts::customer)),
    (A::MultiRegion, With(parts::multi_region)),
    (A::Tags, Tags),
];

const PRINCIPAL_NAMES: &[&str] = &["permissions_boundary"];

/// Every type that states facts, by kind of entity.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // S3
    makes("aws_s3_bucket", Kind::Bucket, "arn:{partition}:s3:::{bucket}",
        &[("bucket", "{bucket_prefix}{new}"), ("id", "{bucket}"), ("arn", "arn:{partition}:s3:::{bucket}")], &["policy"],
        &[(A::Name, Text("bucket")), (A::Region, With(parts::region)), (A::Tags, Tags), (A::ResourcePolicy, Policy("policy")),
          (A::Encryption, With(parts::bucket_encryption)), (A::Versioning, With(parts::bucket_versioning_inline)),
          (A::AccessControlList, With(parts::bucket_acl)), (A::ObjectLock, With(parts::lock_enabled)),
          (A::Lifecycle, With(parts::lifecycle_inline))]),
    sets("aws_s3_bucket_policy", Kind::Bucket, BUCKET, &["bucket", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    sets("aws_s3_bucket_public_access_block", Kind::Bucket, BUCKET, &["bucket"], &[(A::PublicAccessBlock, With(parts::block))]),
    sets("aws_s3_bucket_ownership_controls", Kind::Bucket, BUCKET, &["bucket"], &[(A::Ownership, With(parts::ownership))]),
    sets("aws_s3_bucket_server_side_encryption_configuration", Kind::Bucket, BUCKET, &["bucket", "kms_master_key_id"], &[(A::Encryption, With(parts::bucket_encryption_split))]),
    sets("aws_s3_bucket_versioning", Kind::Bucket, BUCKET, &["bucket"], &[(A::Versioning, With(parts::bucket_versioning))]),
    sets("aws_s3_bucket_acl", Kind::Bucket, BUCKET, &["bucket"], &[(A::AccessControlList, With(parts::bucket_acl))]),
    sets("aws_s3_bucket_object_lock_configuration", Kind::Bucket, BUCKET, &["bucket"], &[(A::ObjectLock, With(parts::lock))]),
    sets("aws_s3_bucket_lifecycle_configuration", Kind::Bucket, BUCKET, &["bucket"], &[(A::Lifecycle, With(parts::lifecycle))]),
    sets("aws_s3_bucket_replication_configuration", Kind::Bucket, BUCKET, &["bucket"], &[(A::Replication, With(parts::replication))]),
    sets("aws_s3_account_public_access_block", Kind::Account, "{account_id}", &[], &[(A::PublicAccessBlock, With(parts::block))]),
    makes("aws_s3_access_point", Kind::AccessPoint, "arn:{partition}:s3:{region}:{account}:accesspoint/{name}",
        &[("arn", "arn:{partition}:s3:{region}:{account}:accesspoint/{name}"), ("id", "{account}:{name}")], &["bucket", "policy"],
        &[(A::Buckets, With(parts::point_bucket)), (A::NetworkOrigin, With(parts::point_origin)), (A::Vpc, With(parts::point_vpc)),
          (A::ResourcePolicy, Policy("policy")), (A::PublicAccessBlock, With(parts::point_block))]),
    sets("aws_s3control_access_point_policy", Kind::AccessPoint, "{access_point_arn}", &["access_point_arn", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    makes("aws_s3control_multi_region_access_point", Kind::MultiRegionAccessPoint, "arn:{partition}:s3::{account}:accesspoint/{details.name}",
        &[("alias", "{new}.mrap"), ("arn", "arn:{partition}:s3::{account}:accesspoint/{alias}"), ("id", "{account}:{details.name}")], &[],
        &[(A::Aliases, With(parts::point_alias)), (A::Buckets, With(parts::region_buckets)), (A::PublicAccessBlock, With(parts::region_block))]),
    sets("aws_s3control_multi_region_access_point_policy", Kind::MultiRegionAccessPoint, "{details.name}", &[], &[(A::ResourcePolicy, How::Block("details", "policy"))]),
    // KMS
    makes("aws_kms_key", Kind::Key, "arn:{partition}:kms:{region}:{account}:key/{key_id}", KEY_COMPUTED, &["policy"], KEY_FACTS),
    makes("aws_kms_external_key", Kind::Key, "arn:{partition}:kms:{region}:{account}:key/{id}",
        &[("id", "{new}"), ("arn", "arn:{partition}:kms:{region}:{account}:key/{id}")], &["policy"], KEY_FACTS),
    makes("aws_kms_replica_key", Kind::Key, "arn:{partition}:kms:{region}:{account}:key/{key_id}",
        &[("key_id", "{primary_id}"), ("id", "{key_id}"), ("arn", "arn:{partition}:kms:{region}:{account}:key/{key_id}"), ("primary_id", "{new}")],
        &["policy", "primary_key_arn"],
        &[(A::ResourcePolicy, Policy("policy")), (A::Status, With(parts::key_state)), (A::KeyManager, With(parts::customer)),
          (A::MultiRegion, With(parts::replica)), (A::Tags, Tags)]),
    sets("aws_kms_key_policy", Kind::Key, KEY, &["key_id", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    adds("aws_kms_alias", Kind::Key, "{target_key_id}", &["target_key_id", "target_key_arn"], Adds::Alias),
    adds("aws_kms_grant", Kind::Key, KEY, &["key_id", "grantee_principal", "retiring_principal"], Adds::Grant),
    // IAM
    makes("aws_iam_role", Kind::Role, "arn:{partition}:iam::{account}:role{path}{name}",
        &[("name", "{name_prefix}{new}"), ("id", "{name}"), ("arn", "arn:{partition}:iam::{account}:role{path}{name}"), ("path", "/"), ("unique_id", "{new}")],
        &["assume_role_policy", "permissions_boundary"],
        &[(A::Trust, Policy("assume_role_policy")), (A::Boundary, Text("permissions_boundary")), (A::Tags, Tags), (A::UniqueId, Text("unique_id")),
          (A::MaxSession, Text("max_session_duration")), (A::InlinePolicies, How::Inline), (A::AttachedPolicies, With(parts::attached))]),
    makes("aws_iam_service_linked_role", Kind::Role, "{arn}",
        &[("arn", "arn:{partition}:iam::{account}:role/aws-service-role/{aws_service_name}/{new}"), ("id", "{arn}"), ("unique_id", "{new}")], &[],
        &[(A::Tags, Tags), (A::UniqueId, Text("unique_id"))]),
    makes("aws_iam_user", Kind::User, "arn:{partition}:iam::{account}:user{path}{name}",
        &[("id", "{name}"), ("arn", "arn:{partition}:iam::{account}:user{path}{name}"), ("path", "/"), ("unique_id", "{new}")], PRINCIPAL_NAMES,
        &[(A::Boundary, Text("permissions_boundary")), (A::Tags, Tags), (A::UniqueId, Text("unique_id"))]),
    makes("aws_iam_group", Kind::Group, "arn:{partition}:iam::{account}:group{path}{name}",
        &[("id", "{name}"), ("arn", "arn:{partition}:iam::{account}:group{path}{name}"), ("path", "/")], &[], &[]),
    makes("aws_iam_policy", Kind::ManagedPolicy, "arn:{partition}:iam::{account}:policy{path}{name}",
        &[("name", "{name_prefix}{new}"), ("id", "{arn}"), ("arn", "arn:{partition}:iam::{account}:policy{path}{name}"), ("path", "/")], &["policy"],
        &[(A::Name, Text("name")), (A::Document, Policy("policy"))]),
    adds("aws_iam_role_policy", Kind::Role, ROLE, &["role", "policy"], Adds::Inline("policy")),
    adds("aws_iam_user_policy", Kind::User, USER, &["user", "policy"], Adds::Inline("policy")),
    adds("aws_iam_group_policy", Kind::Group, GROUP, &["group", "policy"], Adds::Inline("policy")),
    adds("aws_iam_role_policy_attachment", Kind::Role, ROLE, &["role", "policy_arn"], Adds::Attached("policy_arn")),
    adds("aws_iam_user_policy_attachment", Kind::User, USER, &["user", "policy_arn"], Adds::Attached("policy_arn")),
    adds("aws_iam_group_policy_attachment", Kind::Group, GROUP, &["group", "policy_arn"], Adds::Attached("policy_arn")),
    adds("aws_iam_policy_attachment", Kind::ManagedPolicy, "{policy_arn}", &["policy_arn"], Adds::AttachedToAll),
    adds("aws_iam_role_policies_exclusive", Kind::Role, "{role_name}", &["role_name"], Adds::OnlyInline),
    adds("aws_iam_user_policies_exclusive", Kind::User, "{user_name}", &["user_name"], Adds::OnlyInline),
    adds("aws_iam_group_policies_exclusive", Kind::Group, "{group_name}", &["group_name"], Adds::OnlyInline),
    adds("aws_iam_role_policy_attachments_exclusive", Kind::Role, "{role_name}", &["role_name"], Adds::OnlyAttached),
    adds("aws_iam_user_policy_attachments_exclusive", Kind::User, "{user_name}", &["user_name"], Adds::OnlyAttached),
    adds("aws_iam_group_policy_attachments_exclusive", Kind::Group, "{group_name}", &["group_name"], Adds::OnlyAttached),
    adds("aws_iam_user_group_membership", Kind::User, USER, &["user"], Adds::Groups("groups")),
    adds("aws_iam_group_membership", Kind::Group, GROUP, &["group"], Adds::Members),
    makes("aws_iam_openid_connect_provider", Kind::Provider, "{arn}", &[("arn", "arn:{partition}:iam::{account}:oidc-provider/{host}"), ("id", "{arn}")], &[], &[]),
    makes("aws_iam_saml_provider", Kind::Provider, "{arn}", &[("arn", "arn:{partition}:iam::{account}:saml-provider/{name}"), ("id", "{arn}")], &[], &[]),
    // Organizations
    makes("aws_organizations_organization", Kind::Organization, "{id}",
        &[("id", "o-{new}"), ("master_account_id", "{account}"), ("arn", "arn:{partition}:organizations::{account}:organization/{id}")], &[],
        &[(A::Management, Text("master_account_id"))]),
    makes("aws_organizations_organizational_unit", Kind::Unit, "{id}", &[("id", "ou-{new}")], &["parent_id"],
        &[(A::Name, Text("name")), (A::Parent, Text("parent_id"))]),
    makes("aws_organizations_account", Kind::Account, "{id}", &[("id", "{new}")], &["parent_id"],
        &[(A::Name, Text("name")), (A::Parent, Text("parent_id")), (A::Status, With(parts::account_status)), (A::Tags, Tags)]),
    makes("aws_organizations_policy", Kind::OrganizationPolicy, "{id}", &[("id", "p-{new}"), ("type", "SERVICE_CONTROL_POLICY")], &["content"],
        &[(A::Name, Text("name")), (A::PolicyType, Text("type")), (A::Document, Policy("content"))]),
    adds("aws_organizations_delegated_administrator", Kind::DelegatedAdministrator, "{account_id}", &["account_id"], Adds::Service),
    adds("aws_organizations_policy_attachment", Kind::OrganizationPolicy, "{policy_id}", &["policy_id", "target_id"], Adds::Target),
    // Stores
    makes("aws_sqs_queue", Kind::Queue, "arn:{partition}:sqs:{region}:{account}:{name}",
        &[("name", "{name_prefix}{new}"), ("arn", "arn:{partition}:sqs:{region}:{account}:{name}"), ("url", "https://sqs.{region}.amazonaws.com/{account}/{name}"), ("id", "{url}")],
        &["policy", "kms_master_key_id"],
        &[(A::ResourcePolicy, Policy("policy")), (A::Encryption, With(parts::queue_encryption)), (A::Tags, Tags)]),
    sets("aws_sqs_queue_policy", Kind::Queue, "{queue_url}", &["queue_url", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    makes("aws_sns_topic", Kind::Topic, "arn:{partition}:sns:{region}:{account}:{name}",
        &[("name", "{name_prefix}{new}"), ("arn", "arn:{partition}:sns:{region}:{account}:{name}"), ("id", "{arn}")], &["policy", "kms_master_key_id"],
        &[(A::ResourcePolicy, Policy("policy")), (A::Encryption, With(parts::queue_encryption)), (A::Tags, Tags)]),
    sets("aws_sns_topic_policy", Kind::Topic, "{arn}", &["arn", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    makes("aws_secretsmanager_secret", Kind::Secret, "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{new}",
        &[("name", "{name_prefix}{new}"), ("arn", "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{new}"), ("id", "{arn}")], &["policy", "kms_key_id"],
        &[(A::Name, Text("name")), (A::ResourcePolicy, Policy("policy")), (A::Encryption, With(parts::secret_encryption)), (A::Tags, Tags)]),
    sets("aws_secretsmanager_secret_policy", Kind::Secret, "{secret_arn}", &["secret_arn", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    makes("aws_dynamodb_table", Kind::Table, "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
        &[("arn", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"), ("id", "{name}")], &["kms_key_arn"],
        &[(A::Encryption, With(parts::table_encryption)), (A::Tags, Tags)]),
    sets("aws_dynamodb_resource_policy", Kind::Table, "{resource_arn}", &["resource_arn", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    makes("aws_lambda_function", Kind::Function, "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
        &[("arn", "arn:{partition}:lambda:{region}:{account}:function:{function_name}"), ("id", "{function_name}")], &["kms_key_arn", "role"],
        &[(A::Name, Text("function_name")), (A::Roles, With(carriers::execution_role)), (A::Encryption, With(parts::function_encryption)), (A::Tags, Tags)]),
    adds("aws_lambda_permission", Kind::Function, "{function_name}", &["function_name", "source_arn", "principal"], Adds::Permission),
    makes("aws_ecr_repository", Kind::Repository, "arn:{partition}:ecr:{region}:{account}:repository/{name}",
        &[("arn", "arn:{partition}:ecr:{region}:{account}:repository/{name}"), ("id", "{name}")], &["kms_key"],
        &[(A::Encryption, With(parts::repository_encryption)), (A::Tags, Tags)]),
    sets("aws_ecr_repository_policy", Kind::Repository, "{repository}", &["repository", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    // What acts as roles
    makes("aws_iam_instance_profile", Kind::InstanceProfile, "arn:{partition}:iam::{account}:instance-profile{path}{name}",
        &[("name", "{name_prefix}{new}"), ("id", "{name}"), ("arn", "arn:{partition}:iam::{account}:instance-profile{path}{name}"), ("path", "/")], &["role"],
        &[(A::Roles, With(carriers::profile_role))]),
    makes("aws_instance", Kind::Instance, "arn:{partition}:ec2:{region}:{account}:instance/{id}",
        &[("id", "i-{new}"), ("arn", "arn:{partition}:ec2:{region}:{account}:instance/{id}")], &["iam_instance_profile"],
        &[(A::InstanceProfile, With(carriers::instance_profile))]),
    makes("aws_ecs_task_definition", Kind::TaskDefinition, "{arn}",
        &[("arn", "arn:{partition}:ecs:{region}:{account}:task-definition/{family}:{new}"), ("id", "{family}")], &["task_role_arn"],
        &[(A::Roles, With(carriers::task_role))]),
    makes("aws_ecs_cluster", Kind::Cluster, "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
        &[("arn", "arn:{partition}:ecs:{region}:{account}:cluster/{name}"), ("id", "{arn}")], &[], &[]),
    // Network
    makes("aws_vpc", Kind::Vpc, "{id}", &[("id", "vpc-{new}")], &[], &[(A::Tags, Tags)]),
    makes("aws_default_vpc", Kind::Vpc, "{id}", &[("id", "vpc-{new}")], &[], &[(A::Tags, Tags)]),
    makes("aws_vpc_endpoint", Kind::Endpoint, "{id}", &[("id", "vpce-{new}"), ("vpc_endpoint_type", "Gateway")], &["vpc_id", "policy"],
        &[(A::Vpc, Text("vpc_id")), (A::Service, Text("service_name")), (A::EndpointType, Text("vpc_endpoint_type")),
          (A::ResourcePolicy, Policy("policy")), (A::Tags, Tags)]),
    sets("aws_vpc_endpoint_policy", Kind::Endpoint, "{vpc_endpoint_id}", &["vpc_endpoint_id", "policy"], &[(A::ResourcePolicy, Policy("policy"))]),
    // CloudTrail
    makes("aws_cloudtrail", Kind::Trail, "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}",
        &[("arn", "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"), ("id", "{arn}"), ("home_region", "{region}")], &["s3_bucket_name", "kms_key_id"],
        &[(A::TrailDescription, With(parts::trail)), (A::Logging, Flag("enable_logging")), (A::Selectors, With(parts::selectors))]),
    // What keeps or watches evidence beside trails
    makes("aws_cloudwatch_log_group", Kind::LogGroup, "arn:{partition}:logs:{region}:{account}:log-group:{name}",
        &[("name", "{name_prefix}{new}"), ("id", "{name}"), ("arn", "arn:{partition}:logs:{region}:{account}:log-group:{name}")], &[], &[]),
    makes("aws_cloudwatch_metric_alarm", Kind::Alarm, "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}",
        &[("id", "{alarm_name}"), ("arn", "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}")], &[], &[]),
    makes("aws_cloudwatch_composite_alarm", Kind::Alarm, "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}",
        &[("id", "{alarm_name}"), ("arn", "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}")], &[], &[]),
    makes("aws_guardduty_detector", Kind::Detector, "arn:{partition}:guardduty:{region}:{account}:detector/{id}",
        &[("id", "{new}"), ("arn", "arn:{partition}:guardduty:{region}:{account}:detector/{id}")], &[], &[]),
    // IAM Identity Center
    makes("aws_ssoadmin_permission_set", Kind::PermissionSet, "{arn}", &[("arn", "arn:{partition}:sso:::permissionSet/{new}"), ("id", "{arn}")], &[],
        &[(A::Name, Text("name"))]),
    adds("aws_ssoadmin_account_assignment", Kind::PermissionSet, "{permission_set_arn}", &["permission_set_arn", "principal_id", "target_id"], Adds::Assignment),
];

/// The row of a type.
pub(super) fn row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

/// Whether an attribute can only be the whole of what it refers to: the id or ARN of another thing,
/// or a policy document.
pub(super) fn names_another(kind: &str, attribute: &str) -> bool {
    row(kind).is_some_and(|row| row.names.contains(&attribute))
}

/// What the attribute of another resource means as the entity's id: roles are named by name, keys by
/// id or ARN, queues by URL.
pub(super) fn entity_id(kind: Kind, text: &str, place: &super::place::Place) -> String {
    if text.starts_with("arn:") {
        return text.to_owned();
    }
    let partition = place.partition();
    let (account, region) = (&place.account, &place.region);
    let iam = |what: &str| format!("arn:{partition}:iam::{account}:{what}/{text}");
    match kind {
        Kind::Bucket => format!("arn:{partition}:s3:::{text}"),
        Kind::Key if text.starts_with("alias/") => {
            format!("arn:{partition}:kms:{region}:{account}:{text}")
        }
        Kind::Key => format!("arn:{partition}:kms:{region}:{account}:key/{text}"),
        Kind::MultiRegionAccessPoint => format!("arn:{partition}:s3::{account}:accesspoint/{text}"),
        Kind::Role => iam("role"),
        Kind::User => iam("user"),
        Kind::Group => iam("group"),
        Kind::Function => format!("arn:{partition}:lambda:{region}:{account}:function:{text}"),
        Kind::Table => format!("arn:{partition}:dynamodb:{region}:{account}:table/{text}"),
        Kind::Repository => format!("arn:{partition}:ecr:{region}:{account}:repository/{text}"),
        Kind::Queue => queue_id(text, place),
        _ => text.to_owned(),
    }
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
fn queue_id(url: &str, place: &super::place::Place) -> String {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next(), parts.next());
    match (name, account) {
        (Some(name), Some(account)) => {
            let host = url.split('/').nth(2).unwrap_or_default();
            let region = host.split('.').nth(1).unwrap_or(&place.region);
            format!("arn:{}:sqs:{region}:{account}:{name}", place.partition())
        }
        _ => url.to_owned(),
    }
}
