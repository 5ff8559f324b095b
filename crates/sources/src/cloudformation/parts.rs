//! Facts that are put together from several properties, in the shapes of the AWS CLI's answers.
//!
//! Each function answers nothing where the template does not say: then the service's default
//! stands, or what an earlier source states.

use cofferdam_names::deferred;
use cofferdam_org::fact::Known;
use cofferdam_text::{Node, Origin, Value};

use super::eval::is_open;
use crate::answers::{kms_encryption, retention};
use crate::sink::{list, object, text, truth};

/// A resource with its properties evaluated.
pub(super) struct Made {
    /// The properties.
    pub properties: Node,
    /// The resource in the template.
    pub origin: Origin,
    /// The entity's id.
    pub id: String,
    pub account: String,
    pub region: String,
    pub partition: &'static str,
}

/// Makes a fact of a resource.
pub(super) type Part = fn(&Made) -> Option<Known<Node>>;

/// Why something is not known.
pub(super) fn untold(hole: &str) -> String {
    let of = deferred::whole(hole).unwrap_or_else(|| hole.to_owned());
    format!("the template does not tell {of}")
}

/// Why something in a tree is not known, if anything is not.
fn first_open(node: &Node) -> Option<String> {
    if is_open(node) {
        return node.as_str().map(untold);
    }
    let members = node.as_object().unwrap_or_default().iter();
    let elements = node.as_array().unwrap_or_default().iter();
    members
        .map(|one| &one.value)
        .chain(elements)
        .find_map(first_open)
}

/// The tree, or why it is not known.
pub(super) fn whole(node: Node) -> Option<Known<Node>> {
    Some(match first_open(&node) {
        Some(why) => Known::Unknown(why.into()),
        None => Known::Present(node),
    })
}

/// The value below a path of properties; the first of a list.
pub(super) fn below<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.').try_fold(node, |node, step| {
        let node = node.as_array().map_or(Some(node), <[Node]>::first)?;
        node.get(step)
    })
}

pub(super) fn said(made: &Made, path: &str) -> Option<Node> {
    below(&made.properties, path).cloned()
}

/// A value above the path that is not told, so that what lies below is not told either.
fn cut_off(made: &Made, path: &str) -> Option<Known<Node>> {
    let steps = path.match_indices('.').map(|(at, _)| at);
    let mut above = steps.filter_map(|at| below(&made.properties, path.get(..at)?));
    let open = above.find(|node| is_open(node))?;
    whole(open.clone())
}

/// The value of a path, or why it is not told.
pub(super) fn stated(made: &Made, path: &str) -> Option<Known<Node>> {
    match said(made, path) {
        Some(node) => whole(node),
        None => cut_off(made, path),
    }
}

fn word(made: &Made, value: &str) -> Option<Known<Node>> {
    whole(text(value, made.origin))
}

fn last(made: &Made) -> &str {
    made.id.rsplit([':', '/']).next().unwrap_or(&made.id)
}

pub(super) fn bucket_name(made: &Made) -> Option<Known<Node>> {
    word(made, last(made))
}

pub(super) fn managed_name(made: &Made) -> Option<Known<Node>> {
    word(made, last(made))
}

pub(super) fn function_name(made: &Made) -> Option<Known<Node>> {
    word(made, last(made))
}

pub(super) fn secret_name(made: &Made) -> Option<Known<Node>> {
    stated(made, "Name").or_else(|| word(made, last(made)))
}

pub(super) fn region(made: &Made) -> Option<Known<Node>> {
    word(made, &made.region)
}

/// AWS makes it up.
pub(super) fn unique_id(made: &Made) -> Option<Known<Node>> {
    word(
        made,
        &deferred::generated(&format!("the unique id of {}", made.id)),
    )
}

pub(super) fn max_session(made: &Made) -> Option<Known<Node>> {
    stated(made, "MaxSessionDuration")
}

const SWITCHES: &[&str] = &[
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

/// The four switches; one that is left out is off ("PublicAccessBlockConfiguration").
pub(super) fn block(made: &Made) -> Option<Known<Node>> {
    stated(made, "PublicAccessBlockConfiguration")
}

/// New access points block public access ("Managing public access to access points").
pub(super) fn point_block(made: &Made) -> Option<Known<Node>> {
    block(made).or_else(|| {
        let on = SWITCHES.iter().map(|key| (*key, Some(truth(made.origin))));
        Some(Known::Present(object(on.collect(), made.origin)))
    })
}

pub(super) fn ownership(made: &Made) -> Option<Known<Node>> {
    stated(made, "OwnershipControls.Rules.ObjectOwnership")
}

pub(super) fn bucket_encryption(made: &Made) -> Option<Known<Node>> {
    const RULES: &str = "BucketEncryption.ServerSideEncryptionConfiguration";
    let rule = said(made, RULES).and_then(|rules| rules.items().first().cloned());
    let Some(rule) = rule else {
        return cut_off(made, RULES);
    };
    let part = |path| below(&rule, path).cloned();
    let parts = vec![
        (
            "Algorithm",
            part("ServerSideEncryptionByDefault.SSEAlgorithm"),
        ),
        (
            "KeyId",
            part("ServerSideEncryptionByDefault.KMSMasterKeyID"),
        ),
        ("BucketKey", part("BucketKeyEnabled")),
    ];
    match is_open(&rule) {
        true => whole(rule),
        false => whole(object(parts, rule.origin)),
    }
}

pub(super) fn versioning(made: &Made) -> Option<Known<Node>> {
    stated(made, "VersioningConfiguration.Status")
}

const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const SIGNED_IN: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// What canned ACLs grant to others than the owner ("Access control list (ACL) overview").
const CANNED: &[(&str, &[(&str, &str)])] = &[
    ("Private", &[]),
    ("BucketOwnerRead", &[]),
    ("BucketOwnerFullControl", &[]),
    ("PublicRead", &[(EVERYONE, "READ")]),
    (
        "PublicReadWrite",
        &[(EVERYONE, "READ"), (EVERYONE, "WRITE")],
    ),
    ("AuthenticatedRead", &[(SIGNED_IN, "READ")]),
    (
        "LogDeliveryWrite",
        &[(LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")],
    ),
];

pub(super) fn canned_acl(made: &Made) -> Option<Known<Node>> {
    let acl = said(made, "AccessControl")?;
    let known = CANNED.iter().find(|(name, _)| acl.as_str() == Some(name));
    let Some((_, grants)) = known else {
        let why = first_open(&acl).unwrap_or_else(|| {
            format!("what the canned ACL {} grants is not known", acl.to_json())
        });
        return Some(Known::Unknown(why.into()));
    };
    let grant = |(uri, permission): &(&str, &str)| {
        let grantee = object(vec![("URI", Some(text(uri, acl.origin)))], acl.origin);
        let permission = Some(text(permission, acl.origin));
        object(
            vec![("Grantee", Some(grantee)), ("Permission", permission)],
            acl.origin,
        )
    };
    Some(Known::Present(list(
        grants.iter().map(grant).collect(),
        acl.origin,
    )))
}

/// The lock with its default retention; a bucket may be made with the lock on and none.
pub(super) fn object_lock(made: &Made) -> Option<Known<Node>> {
    if let Some(lock) = said(made, "ObjectLockConfiguration") {
        return whole(match is_open(&lock) {
            true => lock,
            false => retention(&lock),
        });
    }
    let enabled = said(made, "ObjectLockEnabled")?;
    match enabled.text() {
        Some("true") => Some(Known::Present(object(Vec::new(), enabled.origin))),
        Some("false") => Some(Known::Absent),
        _ => whole(enabled),
    }
}

/// Rules with the expiry of current objects, under the names of the CLI.
pub(super) fn lifecycle(made: &Made) -> Option<Known<Node>> {
    let Some(rules) = said(made, "LifecycleConfiguration.Rules") else {
        return cut_off(made, "LifecycleConfiguration.Rules");
    };
    if is_open(&rules) {
        return whole(rules);
    }
    let rule = |rule: &Node| {
        let part = |name| rule.get(name).cloned();
        let expiry = vec![
            ("Days", part("ExpirationInDays")),
            ("Date", part("ExpirationDate")),
        ];
        let any = expiry.iter().any(|(_, part)| part.is_some());
        let expiry = any.then(|| object(expiry, rule.origin));
        object(
            vec![("Status", part("Status")), ("Expiration", expiry)],
            rule.origin,
        )
    };
    let rules_read = rules.items().iter().map(rule).collect();
    whole(list(rules_read, rules.origin))
}

pub(super) fn replication(made: &Made) -> Option<Known<Node>> {
    said(made, "ReplicationConfiguration")?;
    let why = "replication is read from answers of AWS only";
    Some(Known::Unknown(why.into()))
}

pub(super) fn point_bucket(made: &Made) -> Option<Known<Node>> {
    let bucket = said(made, "Bucket")?;
    let origin = bucket.origin;
    whole(list(vec![bucket], origin))
}

pub(super) fn point_origin(made: &Made) -> Option<Known<Node>> {
    match said(made, "VpcConfiguration") {
        Some(_) => word(made, "VPC"),
        None => word(made, "Internet"),
    }
}

pub(super) fn point_vpc(made: &Made) -> Option<Known<Node>> {
    match stated(made, "VpcConfiguration.VpcId") {
        None => Some(Known::Absent),
        found => found,
    }
}

pub(super) fn multi_region_buckets(made: &Made) -> Option<Known<Node>> {
    let regions = said(made, "Regions")?;
    let names = regions.items().iter().filter_map(|one| one.get("Bucket"));
    whole(list(names.cloned().collect(), regions.origin))
}

pub(super) fn multi_region_alias(made: &Made) -> Option<Known<Node>> {
    let alias = deferred::generated(&format!("the alias of {}", made.id));
    let alias = text(&format!("{alias}.mrap"), made.origin);
    Some(Known::Present(list(vec![alias], made.origin)))
}

/// "Key states of AWS KMS keys".
pub(super) fn key_state(made: &Made) -> Option<Known<Node>> {
    let Some(enabled) = said(made, "Enabled") else {
        return word(made, "Enabled");
    };
    match enabled.text() {
        Some("true") => word(made, "Enabled"),
        Some("false") => word(made, "Disabled"),
        _ => whole(enabled),
    }
}

pub(super) fn customer(made: &Made) -> Option<Known<Node>> {
    word(made, "CUSTOMER")
}

/// Replicas that other resources make are not listed: nothing that is asked of a key depends on a
/// replica that no source states.
pub(super) fn multi_region(made: &Made) -> Option<Known<Node>> {
    let multi = said(made, "MultiRegion");
    match multi.as_ref().and_then(Node::text) {
        Some("true") => {
            let kind = text("PRIMARY", made.origin);
            let parts = vec![("MultiRegionKeyType", Some(kind))];
            Some(Known::Present(object(parts, made.origin)))
        }
        Some("false") | None => Some(Known::Absent),
        Some(_) => whole(multi?),
    }
}

pub(super) fn replica(made: &Made) -> Option<Known<Node>> {
    let primary = said(made, "PrimaryKeyArn")?;
    let origin = primary.origin;
    let kind = text("REPLICA", origin);
    let primary = object(vec![("Arn", Some(primary))], origin);
    whole(object(
        vec![
            ("MultiRegionKeyType", Some(kind)),
            ("PrimaryKey", Some(primary)),
        ],
        origin,
    ))
}

/// Under the key that a property names; absent where it names none.
fn keyed(made: &Made, path: &str) -> Option<Known<Node>> {
    match said(made, path) {
        Some(key) if key.text() == Some("") => Some(Known::Absent),
        Some(key) if is_open(&key) => whole(key),
        Some(key) => Some(Known::Present(kms_encryption(Some(&key), &key))),
        None => Some(Known::Absent),
    }
}

pub(super) fn queue_encryption(made: &Made) -> Option<Known<Node>> {
    keyed(made, "KmsMasterKeyId")
}

pub(super) fn function_encryption(made: &Made) -> Option<Known<Node>> {
    keyed(made, "KmsKeyArn")
}

/// A secret without a key is under the AWS managed key ("Secret encryption and decryption in AWS
/// Secrets Manager").
pub(super) fn secret_encryption(made: &Made) -> Option<Known<Node>> {
    match keyed(made, "KmsKeyId") {
        Some(Known::Absent) => {
            let at = text("", made.origin);
            Some(Known::Present(kms_encryption(None, &at)))
        }
        found => found,
    }
}

/// A table without a setting is under a key that AWS owns ("DynamoDB encryption at rest").
pub(super) fn table_encryption(made: &Made) -> Option<Known<Node>> {
    let Some(setting) = said(made, "SSESpecification") else {
        return Some(Known::Absent);
    };
    if let Some(why) = first_open(&setting) {
        return Some(Known::Unknown(why.into()));
    }
    let enabled = setting.get("SSEEnabled").and_then(Node::text);
    Some(match enabled {
        Some("true") => Known::Present(kms_encryption(setting.get("KMSMasterKeyId"), &setting)),
        _ => Known::Absent,
    })
}

/// The replica of a global table that lies in the stack's own Region.
fn replica_here(made: &Made) -> Option<Node> {
    let replicas = below(&made.properties, "Replicas")?.items().iter();
    let mut here =
        replicas.filter(|one| one.get("Region").and_then(Node::text) == Some(made.region.as_str()));
    here.next().cloned()
}

/// A part of that replica. Where the Region is not told, which replica it is, is not either.
fn of_replica(made: &Made, path: &str) -> Option<Known<Node>> {
    match replica_here(made) {
        Some(replica) => whole(below(&replica, path)?.clone()),
        None if deferred::has_hole(&made.region) => {
            Some(Known::Unknown(untold(&made.region).into()))
        }
        None => None,
    }
}

pub(super) fn global_policy(made: &Made) -> Option<Known<Node>> {
    of_replica(made, "ResourcePolicy.PolicyDocument")
}

pub(super) fn global_tags(made: &Made) -> Option<Known<Node>> {
    of_replica(made, "Tags")
}

/// Each replica may be under a key of its own; the setting itself is the table's.
pub(super) fn global_encryption(made: &Made) -> Option<Known<Node>> {
    match table_encryption(made) {
        Some(Known::Present(_)) => {}
        found => return found,
    }
    match of_replica(made, "SSESpecification.KMSMasterKeyId") {
        Some(Known::Present(key)) => Some(Known::Present(kms_encryption(Some(&key), &key))),
        Some(found) => Some(found),
        None => {
            let at = text("", made.origin);
            Some(Known::Present(kms_encryption(None, &at)))
        }
    }
}

pub(super) fn repository_encryption(made: &Made) -> Option<Known<Node>> {
    let kind = said(made, "EncryptionConfiguration.EncryptionType");
    let key = said(made, "EncryptionConfiguration.KmsKey");
    let Some(kind) = kind else {
        return cut_off(made, "EncryptionConfiguration.EncryptionType").or_else(|| {
            let algorithm = text("AES256", made.origin);
            let parts = vec![("Algorithm", Some(algorithm))];
            Some(Known::Present(object(parts, made.origin)))
        });
    };
    match kind.text() {
        Some("KMS" | "KMS_DSSE") => whole(kms_encryption(key.as_ref(), &kind)),
        _ => {
            let origin = kind.origin;
            whole(object(vec![("Algorithm", Some(kind))], origin))
        }
    }
}

/// The name of the service in full; an endpoint to a resource or a service network has none.
pub(super) fn endpoint_service(made: &Made) -> Option<Known<Node>> {
    stated(made, "ServiceName")
}

pub(super) fn endpoint_type(made: &Made) -> Option<Known<Node>> {
    stated(made, "VpcEndpointType").or_else(|| word(made, "Gateway"))
}

pub(super) fn account_status(made: &Made) -> Option<Known<Node>> {
    word(made, "ACTIVE")
}

pub(super) fn account_parent(made: &Made) -> Option<Known<Node>> {
    let parents = said(made, "ParentIds")?;
    whole(parents.items().first()?.clone())
}

/// The trail as `describe-trails` prints it. Where a part is not told, nothing of it is: what is
/// left out of it would pass for "none".
pub(super) fn trail(made: &Made) -> Option<Known<Node>> {
    let part = |name| said(made, name);
    let flag = |name| {
        let off = Node {
            value: Value::Bool(false),
            origin: made.origin,
        };
        Some(part(name).unwrap_or(off))
    };
    let parts = vec![
        ("Name", Some(text(last(made), made.origin))),
        ("TrailARN", Some(text(&made.id, made.origin))),
        ("S3BucketName", part("S3BucketName")),
        ("KmsKeyId", part("KMSKeyId")),
        ("HomeRegion", Some(text(&made.region, made.origin))),
        ("IsMultiRegionTrail", flag("IsMultiRegionTrail")),
        ("IsOrganizationTrail", flag("IsOrganizationTrail")),
        ("LogFileValidationEnabled", flag("EnableLogFileValidation")),
    ];
    whole(object(parts, made.origin))
}

/// The selectors as `get-event-selectors` prints them. A trail without any records management
/// events and no data events ("Logging management events", CloudTrail user guide).
pub(super) fn selectors(made: &Made) -> Option<Known<Node>> {
    let advanced = said(made, "AdvancedEventSelectors");
    let basic = said(made, "EventSelectors");
    let at = made.origin;
    let default = || {
        let all = vec![
            ("ReadWriteType", Some(text("All", at))),
            ("IncludeManagementEvents", Some(truth(at))),
        ];
        list(vec![object(all, at)], at)
    };
    whole(match advanced {
        Some(advanced) => object(vec![("AdvancedEventSelectors", Some(advanced))], at),
        None => {
            let basic = basic.unwrap_or_else(default);
            object(vec![("EventSelectors", Some(basic))], at)
        }
    })
}
