//! From resource types of templates to facts: one row per type.
//!
//! A row that *makes* an entity says what `Ref` and `Fn::GetAtt` give of it and which of its
//! properties are which attribute; every other row states an attribute of an entity that another
//! resource, or another source, makes. Names of properties, and what `Ref` gives, are those of the
//! "AWS resource and property types reference" of CloudFormation.

use cofferdam_names::deferred;
use cofferdam_org::fact::{Attribute, Kind};
use cofferdam_text::Node;

use super::carriers;
use super::eval::{Eval, Scope};
use super::parts::{self, Part};
use super::template::{Resource, Stack};
use Attribute as A;
use How::{Flag, Policy, Tags, Text, With};

/// How the value of an attribute is found among the properties.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// The text of a property.
    Text(&'static str),
    /// A property that is true or false.
    Flag(&'static str),
    /// The policy in a property.
    Policy(&'static str),
    /// The list in `Tags`.
    Tags,
    /// Put together from several properties.
    With(Part),
}

/// What a resource adds to what another one makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Adds {
    /// Nothing.
    Nothing,
    /// Its own inline and attached policies, and groups.
    Own,
    /// A managed policy that names those it is attached to.
    Managed,
    /// An inline policy in lists of roles, users and groups.
    InlineToAll,
    /// An inline policy of one principal, which this property names.
    Inline(&'static str),
    /// Users of a group.
    Members,
    /// An alias of a key.
    Alias,
    /// A statement of a function's policy.
    Permission,
    /// Targets of an organization policy.
    Targets,
    /// An assignment of a permission set.
    Assignment,
}

/// One type of resource.
pub(super) struct Row {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether the entity exists because of it.
    pub makes: bool,
    /// The entity's id; of what another resource makes, the property that names it.
    pub id: &'static str,
    /// What `Ref` gives.
    pub reference: &'static str,
    /// What `Fn::GetAtt` gives.
    pub attributes: &'static [(&'static str, &'static str)],
    pub facts: &'static [(Attribute, How)],
    pub adds: Adds,
}

type Facts = &'static [(Attribute, How)];
type Attributes = &'static [(&'static str, &'static str)];

const fn makes(
    name: &'static str,
    kind: Kind,
    id: &'static str,
    reference: &'static str,
    attributes: Attributes,
    facts: Facts,
) -> Row {
    Row {
        name,
        kind,
        makes: true,
        id,
        reference,
        attributes,
        facts,
        adds: Adds::Nothing,
    }
}

const fn sets(name: &'static str, kind: Kind, id: &'static str, facts: Facts) -> Row {
    adds(name, kind, id, Adds::Nothing, facts)
}

const fn adds(name: &'static str, kind: Kind, id: &'static str, adds: Adds, facts: Facts) -> Row {
    Row {
        name,
        kind,
        makes: false,
        id,
        reference: "",
        attributes: &[],
        facts,
        adds,
    }
}

const fn with(row: Row, adds: Adds) -> Row {
    Row {
        name: row.name,
        kind: row.kind,
        makes: row.makes,
        id: row.id,
        reference: row.reference,
        attributes: row.attributes,
        facts: row.facts,
        adds,
    }
}

const BUCKET: &str = "arn:{partition}:s3:::{name:BucketName}";
const POINT: &str = "arn:{partition}:s3:{region}:{account}:accesspoint/{name:Name}";
const MULTI: &str = "arn:{partition}:s3::{account}:accesspoint/{name:Name}";
const KEY: &str = "arn:{partition}:kms:{region}:{account}:key/{new}";
/// A replica has the id of its primary key ("Multi-Region keys in AWS KMS").
const REPLICA: &str = "arn:{partition}:kms:{region}:{account}:key/{last:PrimaryKeyArn}";
const ROLE: &str = "arn:{partition}:iam::{account}:role{Path}{name:RoleName}";
const USER: &str = "arn:{partition}:iam::{account}:user{Path}{name:UserName}";
const GROUP: &str = "arn:{partition}:iam::{account}:group{Path}{name:GroupName}";
const MANAGED: &str = "arn:{partition}:iam::{account}:policy{Path}{name:ManagedPolicyName}";
const OIDC: &str = "arn:{partition}:iam::{account}:oidc-provider/{host:Url}";
const SAML: &str = "arn:{partition}:iam::{account}:saml-provider/{name:Name}";
const QUEUE: &str = "arn:{partition}:sqs:{region}:{account}:{name:QueueName}";
const TOPIC: &str = "arn:{partition}:sns:{region}:{account}:{name:TopicName}";
const SECRET: &str = "arn:{partition}:secretsmanager:{region}:{account}:secret:{name:Name}-{new}";
const TABLE: &str = "arn:{partition}:dynamodb:{region}:{account}:table/{name:TableName}";
const FUNCTION: &str = "arn:{partition}:lambda:{region}:{account}:function:{name:FunctionName}";
const REPOSITORY: &str = "arn:{partition}:ecr:{region}:{account}:repository/{name:RepositoryName}";
const PROFILE: &str =
    "arn:{partition}:iam::{account}:instance-profile{Path}{name:InstanceProfileName}";
const INSTANCE: &str = "arn:{partition}:ec2:{region}:{account}:instance/i-{new}";
const TASK: &str = "arn:{partition}:ecs:{region}:{account}:task-definition/{name:Family}:{new}";
const CLUSTER: &str = "arn:{partition}:ecs:{region}:{account}:cluster/{name:ClusterName}";
const LOGS: &str = "arn:{partition}:logs:{region}:{account}:log-group:{name:LogGroupName}";
const ALARM: &str = "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name:AlarmName}";
const DETECTOR: &str = "arn:{partition}:guardduty:{region}:{account}:detector/{new}";
const TRAIL: &str = "arn:{partition}:cloudtrail:{region}:{account}:trail/{name:TrailName}";

const KEY_ATTRIBUTES: Attributes = &[("Arn", KEY), ("KeyId", "{new}")];

/// Every type that states facts, by service.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    makes("AWS::S3::Bucket", Kind::Bucket, BUCKET, "{name:BucketName}", &[("Arn", BUCKET)],
        &[(A::Name, With(parts::bucket_name)), (A::Region, With(parts::region)), (A::Tags, Tags), (A::PublicAccessBlock, With(parts::block)),
          (A::Ownership, With(parts::ownership)), (A::Encryption, With(parts::bucket_encryption)), (A::Versioning, With(parts::versioning)),
          (A::AccessControlList, With(parts::canned_acl)), (A::ObjectLock, With(parts::object_lock)), (A::Lifecycle, With(parts::lifecycle)),
          (A::Replication, With(parts::replication))]),
    sets("AWS::S3::BucketPolicy", Kind::Bucket, "Bucket", &[(A::ResourcePolicy, Policy("PolicyDocument"))]),
    makes("AWS::S3::AccessPoint", Kind::AccessPoint, POINT, "{name:Name}", &[("Arn", POINT), ("Name", "{name:Name}")],
        &[(A::Buckets, With(parts::point_bucket)), (A::NetworkOrigin, With(parts::point_origin)), (A::Vpc, With(parts::point_vpc)),
          (A::ResourcePolicy, Policy("Policy")), (A::PublicAccessBlock, With(parts::point_block))]),
    makes("AWS::S3::MultiRegionAccessPoint", Kind::MultiRegionAccessPoint, MULTI, "{name:Name}", &[("Alias", "{new}.mrap")],
        &[(A::Buckets, With(parts::multi_region_buckets)), (A::Aliases, With(parts::multi_region_alias)), (A::PublicAccessBlock, With(parts::point_block))]),
    sets("AWS::S3::MultiRegionAccessPointPolicy", Kind::MultiRegionAccessPoint, "MrapName", &[(A::ResourcePolicy, Policy("Policy"))]),
    makes("AWS::KMS::Key", Kind::Key, KEY, "{new}", KEY_ATTRIBUTES,
        &[(A::ResourcePolicy, Policy("KeyPolicy")), (A::Rotation, Flag("EnableKeyRotation")), (A::Status, With(parts::key_state)),
          (A::KeyManager, With(parts::customer)), (A::MultiRegion, With(parts::multi_region)), (A::Tags, Tags)]),
    makes("AWS::KMS::ReplicaKey", Kind::Key, REPLICA, "{last:PrimaryKeyArn}", &[("Arn", REPLICA), ("KeyId", "{last:PrimaryKeyArn}")],
        &[(A::ResourcePolicy, Policy("KeyPolicy")), (A::Status, With(parts::key_state)), (A::KeyManager, With(parts::customer)),
          (A::MultiRegion, With(parts::replica)), (A::Tags, Tags)]),
    Row { reference: "{AliasName}", ..adds("AWS::KMS::Alias", Kind::Key, "TargetKeyId", Adds::Alias, &[]) },
    with(makes("AWS::IAM::Role", Kind::Role, ROLE, "{name:RoleName}", &[("Arn", ROLE), ("RoleId", "{new}")],
        &[(A::Trust, Policy("AssumeRolePolicyDocument")), (A::Boundary, Text("PermissionsBoundary")), (A::Tags, Tags),
          (A::MaxSession, With(parts::max_session)), (A::UniqueId, With(parts::unique_id))]), Adds::Own),
    with(makes("AWS::IAM::User", Kind::User, USER, "{name:UserName}", &[("Arn", USER)],
        &[(A::Boundary, Text("PermissionsBoundary")), (A::Tags, Tags), (A::UniqueId, With(parts::unique_id))]), Adds::Own),
    with(makes("AWS::IAM::Group", Kind::Group, GROUP, "{name:GroupName}", &[("Arn", GROUP)], &[]), Adds::Own),
    with(makes("AWS::IAM::ManagedPolicy", Kind::ManagedPolicy, MANAGED, MANAGED, &[("PolicyArn", MANAGED)],
        &[(A::Name, With(parts::managed_name)), (A::Document, Policy("PolicyDocument"))]), Adds::Managed),
    adds("AWS::IAM::Policy", Kind::Role, "Roles", Adds::InlineToAll, &[]),
    adds("AWS::IAM::RolePolicy", Kind::Role, "RoleName", Adds::Inline("RoleName"), &[]),
    adds("AWS::IAM::UserPolicy", Kind::User, "UserName", Adds::Inline("UserName"), &[]),
    adds("AWS::IAM::GroupPolicy", Kind::Group, "GroupName", Adds::Inline("GroupName"), &[]),
    adds("AWS::IAM::UserToGroupAddition", Kind::Group, "GroupName", Adds::Members, &[]),
    makes("AWS::IAM::OIDCProvider", Kind::Provider, OIDC, OIDC, &[("Arn", OIDC)], &[]),
    makes("AWS::IAM::SAMLProvider", Kind::Provider, SAML, SAML, &[("Arn", SAML)], &[]),
    makes("AWS::Organizations::OrganizationalUnit", Kind::Unit, "ou-{new}", "ou-{new}", &[("Id", "ou-{new}")],
        &[(A::Name, Text("Name")), (A::Parent, Text("ParentId"))]),
    makes("AWS::Organizations::Account", Kind::Account, "{new}", "{new}", &[("AccountId", "{new}")],
        &[(A::Name, Text("AccountName")), (A::Parent, With(parts::account_parent)), (A::Status, With(parts::account_status)), (A::Tags, Tags)]),
    with(makes("AWS::Organizations::Policy", Kind::OrganizationPolicy, "p-{new}", "p-{new}", &[("Id", "p-{new}")],
        &[(A::Name, Text("Name")), (A::PolicyType, Text("Type")), (A::Document, Policy("Content"))]), Adds::Targets),
    makes("AWS::SQS::Queue", Kind::Queue, QUEUE, "https://sqs.{region}.{suffix}/{account}/{name:QueueName}",
        &[("Arn", QUEUE), ("QueueName", "{name:QueueName}"), ("QueueUrl", "https://sqs.{region}.{suffix}/{account}/{name:QueueName}")],
        &[(A::Encryption, With(parts::queue_encryption)), (A::Tags, Tags)]),
    sets("AWS::SQS::QueuePolicy", Kind::Queue, "Queues", &[(A::ResourcePolicy, Policy("PolicyDocument"))]),
    sets("AWS::SQS::QueueInlinePolicy", Kind::Queue, "Queue", &[(A::ResourcePolicy, Policy("PolicyDocument"))]),
    makes("AWS::SNS::Topic", Kind::Topic, TOPIC, TOPIC, &[("TopicArn", TOPIC), ("TopicName", "{name:TopicName}")],
        &[(A::Encryption, With(parts::queue_encryption)), (A::Tags, Tags)]),
    sets("AWS::SNS::TopicPolicy", Kind::Topic, "Topics", &[(A::ResourcePolicy, Policy("PolicyDocument"))]),
    sets("AWS::SNS::TopicInlinePolicy", Kind::Topic, "TopicArn", &[(A::ResourcePolicy, Policy("PolicyDocument"))]),
    makes("AWS::SecretsManager::Secret", Kind::Secret, SECRET, SECRET, &[("Id", SECRET)],
        &[(A::Name, With(parts::secret_name)), (A::Encryption, With(parts::secret_encryption)), (A::Tags, Tags)]),
    sets("AWS::SecretsManager::ResourcePolicy", Kind::Secret, "SecretId", &[(A::ResourcePolicy, Policy("ResourcePolicy"))]),
    makes("AWS::DynamoDB::Table", Kind::Table, TABLE, "{name:TableName}", &[("Arn", TABLE)],
        &[(A::Encryption, With(parts::table_encryption)), (A::ResourcePolicy, Policy("ResourcePolicy.PolicyDocument")), (A::Tags, Tags)]),
    makes("AWS::DynamoDB::GlobalTable", Kind::Table, TABLE, "{name:TableName}", &[("Arn", TABLE)],
        &[(A::Encryption, With(parts::global_encryption)), (A::ResourcePolicy, With(parts::global_policy)), (A::Tags, With(parts::global_tags))]),
    makes("AWS::Lambda::Function", Kind::Function, FUNCTION, "{name:FunctionName}", &[("Arn", FUNCTION)],
        &[(A::Name, With(parts::function_name)), (A::Roles, With(carriers::execution_role)), (A::Encryption, With(parts::function_encryption)), (A::Tags, Tags)]),
    adds("AWS::Lambda::Permission", Kind::Function, "FunctionName", Adds::Permission, &[]),
    makes("AWS::ECR::Repository", Kind::Repository, REPOSITORY, "{name:RepositoryName}", &[("Arn", REPOSITORY)],
        &[(A::Encryption, With(parts::repository_encryption)), (A::ResourcePolicy, Policy("RepositoryPolicyText")), (A::Tags, Tags)]),
    makes("AWS::IAM::InstanceProfile", Kind::InstanceProfile, PROFILE, "{name:InstanceProfileName}", &[("Arn", PROFILE)],
        &[(A::Roles, With(carriers::roles))]),
    makes("AWS::EC2::Instance", Kind::Instance, INSTANCE, "i-{new}", &[("InstanceId", "i-{new}")],
        &[(A::InstanceProfile, With(carriers::instance_profile))]),
    makes("AWS::ECS::TaskDefinition", Kind::TaskDefinition, TASK, TASK, &[("TaskDefinitionArn", TASK)], &[(A::Roles, With(carriers::task_role))]),
    makes("AWS::ECS::Cluster", Kind::Cluster, CLUSTER, "{name:ClusterName}", &[("Arn", CLUSTER)], &[]),
    makes("AWS::EC2::VPC", Kind::Vpc, "vpc-{new}", "vpc-{new}", &[("VpcId", "vpc-{new}")], &[(A::Tags, Tags)]),
    makes("AWS::EC2::VPCEndpoint", Kind::Endpoint, "vpce-{new}", "vpce-{new}", &[("Id", "vpce-{new}")],
        &[(A::Vpc, Text("VpcId")), (A::Service, With(parts::endpoint_service)), (A::EndpointType, With(parts::endpoint_type)),
          (A::ResourcePolicy, Policy("PolicyDocument")), (A::Tags, Tags)]),
    makes("AWS::CloudTrail::Trail", Kind::Trail, TRAIL, "{name:TrailName}", &[("Arn", TRAIL)],
        &[(A::TrailDescription, With(parts::trail)), (A::Logging, Flag("IsLogging")), (A::Selectors, With(parts::selectors))]),
    makes("AWS::Logs::LogGroup", Kind::LogGroup, LOGS, "{name:LogGroupName}", &[("Arn", "arn:{partition}:logs:{region}:{account}:log-group:{name:LogGroupName}:*")], &[]),
    makes("AWS::CloudWatch::Alarm", Kind::Alarm, ALARM, "{name:AlarmName}", &[("Arn", ALARM)], &[]),
    makes("AWS::CloudWatch::CompositeAlarm", Kind::Alarm, ALARM, "{name:AlarmName}", &[("Arn", ALARM)], &[]),
    makes("AWS::GuardDuty::Detector", Kind::Detector, DETECTOR, "{new}", &[("Id", "{new}")], &[]),
    makes("AWS::SSO::PermissionSet", Kind::PermissionSet, "arn:{partition}:sso:::permissionSet/{new}", "arn:{partition}:sso:::permissionSet/{new}",
        &[("PermissionSetArn", "arn:{partition}:sso:::permissionSet/{new}")], &[(A::Name, Text("Name"))]),
    adds("AWS::SSO::Assignment", Kind::PermissionSet, "PermissionSetArn", Adds::Assignment, &[]),
];

/// The row of a type.
pub(super) fn row(name: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.name == name)
}

/// What `Ref` gives of a resource.
pub(super) fn reference(eval: &Eval, scope: Scope, at: usize) -> String {
    named(eval, scope, at, |row| Some(row.reference))
        .unwrap_or_else(|| unknown(eval, scope, at, "Ref"))
}

/// What `Fn::GetAtt` gives of a resource.
pub(super) fn attribute(eval: &Eval, scope: Scope, at: usize, name: &str) -> String {
    let of = |row: &'static Row| {
        let mut all = row.attributes.iter();
        all.find(|(one, _)| *one == name)
            .map(|(_, template)| *template)
    };
    named(eval, scope, at, of).unwrap_or_else(|| unknown(eval, scope, at, name))
}

/// The id of the entity that a resource makes.
pub(super) fn id(eval: &Eval, scope: Scope, at: usize) -> Option<String> {
    named(eval, scope, at, |row| row.makes.then_some(row.id))
}

fn named(
    eval: &Eval,
    scope: Scope,
    at: usize,
    template: impl Fn(&'static Row) -> Option<&'static str>,
) -> Option<String> {
    let stack = eval.stack(scope)?;
    let resource = stack.resources.get(at)?;
    let template = template(row(&resource.kind)?).filter(|template| !template.is_empty())?;
    Some(expand(eval, scope, stack, resource, template))
}

/// Of a type that is not read: it may equal a name that is known, since somebody may have named it.
fn unknown(eval: &Eval, scope: Scope, at: usize, what: &str) -> String {
    let stack = eval.stack(scope);
    let logical = stack.and_then(|stack| {
        let resource = stack.resources.get(at)?;
        Some(format!("{}/{}", stack.name, resource.logical))
    });
    deferred::open(&format!("{what} of {}", logical.unwrap_or_default()))
}

/// A template of a name with its braces filled in.
fn expand(eval: &Eval, scope: Scope, stack: &Stack, resource: &Resource, template: &str) -> String {
    let (mut made, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        made.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        made.push_str(&filled(eval, scope, stack, resource, name));
        rest = after;
    }
    made.push_str(rest);
    made
}

fn filled(eval: &Eval, scope: Scope, stack: &Stack, resource: &Resource, name: &str) -> String {
    let property = |name: &str| -> Option<String> {
        let node = eval.value(scope, resource.properties()?.get(name)?)?;
        node.text().map(str::to_owned)
    };
    match name {
        "partition" => stack.place.partition().to_owned(),
        "region" => stack.place.region.clone(),
        "account" => stack.place.account.clone(),
        "suffix" => stack.place.url_suffix().to_owned(),
        "new" => known(resource).unwrap_or_else(|| stack.hole(&resource.logical)),
        "Path" => property("Path").unwrap_or_else(|| "/".to_owned()),
        _ => match name.split_once(':') {
            Some(("name", name)) => property(name)
                .or_else(|| known(resource))
                .unwrap_or_else(|| generated(stack, resource)),
            Some(("last", name)) => {
                let arn = property(name).unwrap_or_else(|| stack.hole(&resource.logical));
                arn.rsplit('/').next().unwrap_or(&arn).to_owned()
            }
            Some((_, name)) => {
                let url = property(name).unwrap_or_else(|| stack.hole(&resource.logical));
                url.trim_start_matches("https://")
                    .trim_end_matches('/')
                    .to_owned()
            }
            None => property(name).unwrap_or_else(|| stack.hole(&resource.logical)),
        },
    }
}

/// The last part of what AWS called the resource, where a change set says so.
fn known(resource: &Resource) -> Option<String> {
    let physical = resource.physical.as_deref()?;
    let last = physical.rsplit(['/', ':']).next().unwrap_or(physical);
    let last = match resource.kind.as_str() {
        // A secret's ARN ends with its name and six characters of AWS's own.
        "AWS::SecretsManager::Secret" => last.rsplit('-').next().unwrap_or(last),
        "AWS::EC2::Instance" => last.trim_start_matches("i-"),
        "AWS::EC2::VPC" => last.trim_start_matches("vpc-"),
        "AWS::EC2::VPCEndpoint" => last.trim_start_matches("vpce-"),
        _ => last,
    };
    Some(last.to_owned())
}

/// Characters of a name up to which the stack's name and the logical id stay whole in it: the
/// shortest limit of a named type is that of buckets, 63, of which AWS takes thirteen for itself.
const WHOLE_MAX: usize = 50;

/// The name that CloudFormation makes: stack, logical id and characters of its own ("Name type").
/// Where the two are too long it cuts them, and only AWS knows how.
fn generated(stack: &Stack, resource: &Resource) -> String {
    let hole = stack.hole(&resource.logical);
    let whole = stack.name.len() + resource.logical.len() <= WHOLE_MAX;
    if !whole || stack.name.contains('/') {
        return hole;
    }
    let prefix = format!("{}-{}-", stack.name, resource.logical);
    match resource.kind.as_str() {
        "AWS::S3::Bucket" | "AWS::ECR::Repository" => format!("{}{hole}", prefix.to_lowercase()),
        "AWS::SecretsManager::Secret" => hole,
        _ => format!("{prefix}{hole}"),
    }
}

/// The properties of a resource, evaluated.
pub(super) fn properties(eval: &Eval, scope: Scope, resource: &Resource) -> Node {
    let empty = || Node {
        value: cofferdam_text::Value::Object([].into()),
        origin: resource.node.origin,
    };
    let stated = resource.properties();
    stated
        .and_then(|node| eval.value(scope, node))
        .unwrap_or_else(empty)
}
