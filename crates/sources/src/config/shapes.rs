//! What Config writes, in the shapes that the AWS CLI prints and the facts have.
//!
//! A shape takes the member of an item and gives the value of the attribute: present, absent where
//! the member itself says that there is none, or unknown.

use cofferdam_org::fact::Known;
use cofferdam_text::{Node, Value};

use super::item::{member, opened};
use crate::answers::{kms_encryption, retention};
use crate::sink::{Sink, list, object, text};

/// Turns a member into the value of an attribute.
pub(super) type Shape = fn(&mut Sink, &Node) -> Known<Node>;

fn unknown(what: &str) -> Known<Node> {
    Known::Unknown(what.into())
}

fn present(node: Option<Node>, expected: &str) -> Known<Node> {
    match node {
        Some(node) => Known::Present(node),
        None => unknown(&format!("the item of AWS Config does not hold {expected}")),
    }
}

/// The member as it is.
pub(super) fn whole(_: &mut Sink, node: &Node) -> Known<Node> {
    match is_none(node) {
        true => Known::Absent,
        false => Known::Present(node.clone()),
    }
}

fn is_none(node: &Node) -> bool {
    node.is_null() || node.as_str() == Some("")
}

/// A policy as an object or as text, also within `{"policy": …}`, as Lambda answers it.
pub(super) fn policy(sink: &mut Sink, node: &Node) -> Known<Node> {
    if is_none(node) {
        return Known::Absent;
    }
    let Some(document) = opened(sink, node) else {
        return unknown("the policy in the item of AWS Config is not JSON");
    };
    match ["policy", "policyText"]
        .iter()
        .find_map(|name| member(&document, name))
    {
        Some(inner) if member(&document, "Statement").is_none() => policy(sink, inner),
        _ if is_none(&document) => Known::Absent,
        _ => Known::Present(document),
    }
}

/// `[{"policyName", "policyDocument"}]`.
pub(super) fn inline_policies(sink: &mut Sink, node: &Node) -> Known<Node> {
    each(sink, node, |sink, item| {
        let document = member(item, "policyDocument");
        vec![
            ("PolicyName", member(item, "policyName").cloned()),
            (
                "PolicyDocument",
                document.map(|node| document_of(sink, node)),
            ),
        ]
    })
}

/// The document in a node; null, which stands for one that cannot be read, if it is no JSON.
fn document_of(sink: &mut Sink, node: &Node) -> Node {
    opened(sink, node).unwrap_or(Node {
        value: Value::Null,
        origin: node.origin,
    })
}

/// `[{"policyName", "policyArn"}]`.
pub(super) fn attached_policies(sink: &mut Sink, node: &Node) -> Known<Node> {
    let names = [("PolicyName", "policyName"), ("PolicyArn", "policyArn")];
    each(sink, node, |_, item| picked(item, &names))
}

type Parts = Vec<(&'static str, Option<Node>)>;

/// Every element of a list under other names.
fn each(sink: &mut Sink, node: &Node, read: impl Fn(&mut Sink, &Node) -> Parts) -> Known<Node> {
    if node.is_null() {
        return Known::Absent;
    }
    let Some(items) = node.as_array() else {
        return unknown("a member of the item of AWS Config is no list");
    };
    let items = items.iter();
    let items = items.map(|item| object(read(sink, item), item.origin));
    Known::Present(list(items.collect(), node.origin))
}

fn picked(node: &Node, names: &[(&'static str, &str)]) -> Parts {
    let part = |(to, from): &(&'static str, &str)| (*to, member(node, from).cloned());
    names.iter().map(part).collect()
}

/// Members under the names that the CLI prints; those that are null are left out.
fn renamed(node: &Node, names: &[(&'static str, &str)]) -> Node {
    let mut parts = picked(node, names);
    parts.retain(|(_, part)| part.as_ref().is_some_and(|part| !part.is_null()));
    object(parts, node.origin)
}

/// The document of the version that is in force.
pub(super) fn default_version(sink: &mut Sink, node: &Node) -> Known<Node> {
    let default =
        |version: &&Node| member(version, "isDefaultVersion").and_then(Node::text) == Some("true");
    let version = node.items().iter().find(default);
    match version.and_then(|version| member(version, "document")) {
        Some(document) => policy(sink, document),
        None => unknown("the item of AWS Config does not hold the default version's document"),
    }
}

const SWITCHES: &[(&str, &str)] = &[
    ("BlockPublicAcls", "blockPublicAcls"),
    ("IgnorePublicAcls", "ignorePublicAcls"),
    ("BlockPublicPolicy", "blockPublicPolicy"),
    ("RestrictPublicBuckets", "restrictPublicBuckets"),
];

/// The four switches. A switch that is left out is off only where the others are there.
pub(super) fn public_access_block(_: &mut Sink, node: &Node) -> Known<Node> {
    if node.is_null() {
        return Known::Absent;
    }
    let any = SWITCHES
        .iter()
        .any(|(_, name)| member(node, name).is_some());
    let switches = any.then(|| renamed(node, SWITCHES));
    present(switches, "the switches of block public access")
}

/// Grants to others than the bucket's owner. Config writes groups by name and permissions in its
/// own words.
pub(super) fn access_control_list(sink: &mut Sink, node: &Node) -> Known<Node> {
    let Some(acl) = opened(sink, node) else {
        return unknown("the ACL in the item of AWS Config is not JSON");
    };
    let id = |node: &Node| member(node, "id").and_then(Node::text).map(str::to_owned);
    let owner = member(&acl, "owner").and_then(id);
    let lists = ["grantList", "grantSet", "grants"];
    let grants = lists.iter().find_map(|name| {
        let found = member(&acl, name)?;
        found.as_array().map(|grants| (grants, found.origin))
    });
    let Some((grants, origin)) = grants else {
        return unknown("the item of AWS Config does not hold the grants of the ACL");
    };
    let others = grants.iter().filter(|grant| {
        let grantee = member(grant, "grantee").and_then(id);
        grantee.is_none() || grantee != owner
    });
    let found: Option<Vec<_>> = others.map(grant).collect();
    present(
        found.map(|grants| list(grants, origin)),
        "grants that are understood",
    )
}

const GROUPS: &[(&str, &str)] = &[
    (
        "AllUsers",
        "http://acs.amazonaws.com/groups/global/AllUsers",
    ),
    (
        "AuthenticatedUsers",
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
    ),
    (
        "LogDelivery",
        "http://acs.amazonaws.com/groups/s3/LogDelivery",
    ),
];

const PERMISSIONS: &[(&str, &str)] = &[
    ("FullControl", "FULL_CONTROL"),
    ("Read", "READ"),
    ("Write", "WRITE"),
    ("ReadAcp", "READ_ACP"),
    ("WriteAcp", "WRITE_ACP"),
];

fn worded(words: &[(&str, &'static str)], node: &Node) -> Option<Node> {
    let said = node.text()?;
    let known = |(from, to): &&(&str, &'static str)| *from == said || *to == said;
    let (_, to) = words.iter().find(known)?;
    Some(text(to, node.origin))
}

fn grant(node: &Node) -> Option<Node> {
    let said = member(node, "grantee")?;
    let grantee = match said.as_object() {
        Some(_) => {
            let names = [
                ("ID", "id"),
                ("URI", "uri"),
                ("EmailAddress", "emailAddress"),
            ];
            renamed(said, &names)
        }
        None => object(vec![("URI", Some(worded(GROUPS, said)?))], said.origin),
    };
    let permission = worded(PERMISSIONS, member(node, "permission")?)?;
    let parts = vec![("Grantee", Some(grantee)), ("Permission", Some(permission))];
    Some(object(parts, node.origin))
}

/// The first rule of a bucket's default encryption.
pub(super) fn bucket_encryption(_: &mut Sink, node: &Node) -> Known<Node> {
    let Some(rule) = node.items().first().filter(|rule| !rule.is_null()) else {
        return Known::Absent;
    };
    let default = member(rule, "applyServerSideEncryptionByDefault");
    let setting = default.and_then(|default| {
        let part = |node, name| member(node, name).filter(|part| !part.is_null()).cloned();
        Some(object(
            vec![
                ("Algorithm", Some(part(default, "sseAlgorithm")?)),
                ("KeyId", part(default, "kmsMasterKeyID")),
                ("BucketKey", part(rule, "bucketKeyEnabled")),
            ],
            default.origin,
        ))
    });
    present(setting, "the default encryption")
}

/// `Off` is a bucket that never had versions.
pub(super) fn versioning(_: &mut Sink, node: &Node) -> Known<Node> {
    match node.text() {
        Some("Off") | None => Known::Absent,
        Some(_) => Known::Present(node.clone()),
    }
}

/// Object Lock with its default retention, as the CLI prints it.
pub(super) fn object_lock(_: &mut Sink, node: &Node) -> Known<Node> {
    if member(node, "objectLockEnabled").is_none_or(Node::is_null) {
        return Known::Absent;
    }
    let default = member(node, "rule").and_then(|rule| member(rule, "defaultRetention"));
    let names = [("Mode", "mode"), ("Days", "days"), ("Years", "years")];
    let rule = default.filter(|node| !node.is_null()).map(|default| {
        let retention = renamed(default, &names);
        object(vec![("DefaultRetention", Some(retention))], default.origin)
    });
    let lock = object(vec![("Rule", rule)], node.origin);
    Known::Present(retention(&lock))
}

/// Rules with their state and the expiry of current objects. A period that is not set is written
/// as -1 or left out.
pub(super) fn lifecycle(sink: &mut Sink, node: &Node) -> Known<Node> {
    each(sink, node, |_, rule| {
        let days = member(rule, "expirationInDays").filter(|days| is_period(days));
        let date = member(rule, "expirationDate").filter(|date| !date.is_null());
        let expiration = vec![("Days", days.cloned()), ("Date", date.cloned())];
        let expiration =
            (days.is_some() || date.is_some()).then(|| object(expiration, rule.origin));
        vec![
            ("ID", member(rule, "id").cloned()),
            ("Status", member(rule, "status").cloned()),
            ("Expiration", expiration),
        ]
    })
}

fn is_period(node: &Node) -> bool {
    let days = node.text().and_then(|days| days.parse::<u32>().ok());
    days.is_some_and(|days| days > 0)
}

/// A list of this one value.
pub(super) fn one_in_list(_: &mut Sink, node: &Node) -> Known<Node> {
    match is_none(node) {
        true => Known::Absent,
        false => Known::Present(list(vec![node.clone()], node.origin)),
    }
}

/// The buckets of a multi-Region access point's Regions.
pub(super) fn region_buckets(_: &mut Sink, node: &Node) -> Known<Node> {
    let items = node.items().iter();
    let names: Option<Vec<_>> = items.map(|item| member(item, "Bucket").cloned()).collect();
    present(names.map(|names| list(names, node.origin)), "the buckets")
}

/// Primary and replica keys, as `describe-key` prints them.
pub(super) fn multi_region(_: &mut Sink, node: &Node) -> Known<Node> {
    if node.is_null() {
        return Known::Absent;
    }
    let key = |node: &Node| renamed(node, &[("Arn", "arn"), ("Region", "region")]);
    let replicas = member(node, "replicaKeys").filter(|keys| keys.as_array().is_some());
    let replicas = replicas.map(|keys| list(keys.items().iter().map(key).collect(), keys.origin));
    let parts = vec![
        (
            "MultiRegionKeyType",
            member(node, "multiRegionKeyType").cloned(),
        ),
        ("PrimaryKey", member(node, "primaryKey").map(key)),
        ("ReplicaKeys", replicas),
    ];
    Known::Present(object(parts, node.origin))
}

/// Encryption under the key that the member names.
pub(super) fn with_key(_: &mut Sink, node: &Node) -> Known<Node> {
    match is_none(node) {
        true => Known::Absent,
        false => Known::Present(kms_encryption(Some(node), node)),
    }
}

/// A secret without a key is under the AWS managed key ("Secret encryption and decryption in AWS
/// Secrets Manager").
pub(super) fn secret_encryption(_: &mut Sink, node: &Node) -> Known<Node> {
    let key = member(node, "KmsKeyId").filter(|key| !is_none(key));
    Known::Present(kms_encryption(key, node))
}

/// A table's encryption; without an enabled setting it is under a key that AWS owns.
pub(super) fn table_encryption(_: &mut Sink, node: &Node) -> Known<Node> {
    let state = member(node, "status").and_then(Node::text);
    match state {
        Some("ENABLED" | "ENABLING" | "UPDATING") => {
            Known::Present(kms_encryption(member(node, "kmsMasterKeyArn"), node))
        }
        _ => Known::Absent,
    }
}

/// A repository's encryption.
pub(super) fn repository_encryption(_: &mut Sink, node: &Node) -> Known<Node> {
    match member(node, "EncryptionType").and_then(Node::text) {
        Some("KMS" | "KMS_DSSE") => Known::Present(kms_encryption(member(node, "KmsKey"), node)),
        Some(_) => {
            let kind = member(node, "EncryptionType").cloned();
            Known::Present(object(vec![("Algorithm", kind)], node.origin))
        }
        None => unknown("the item of AWS Config does not hold the type of encryption"),
    }
}

const TRAIL: &[(&str, &str)] = &[
    ("Name", "name"),
    ("TrailARN", "trailARN"),
    ("S3BucketName", "s3BucketName"),
    ("KmsKeyId", "kmsKeyId"),
    ("HomeRegion", "homeRegion"),
    ("IsMultiRegionTrail", "isMultiRegionTrail"),
    ("IsOrganizationTrail", "isOrganizationTrail"),
    ("LogFileValidationEnabled", "logFileValidationEnabled"),
];

/// The trail as `describe-trails` prints it.
pub(super) fn trail(_: &mut Sink, node: &Node) -> Known<Node> {
    let any = member(node, "s3BucketName").is_some();
    present(any.then(|| renamed(node, TRAIL)), "the trail's description")
}

/// A trail without selectors of its own records management events and no data events ("Logging
/// management events", "Logging data events", CloudTrail user guide); what selectors of its own say,
/// Config does not hold.
pub(super) fn selectors(_: &mut Sink, node: &Node) -> Known<Node> {
    if node.text() != Some("false") {
        return unknown(
            "AWS Config says that the trail has selectors of its own, and not what they are",
        );
    }
    let at = node.origin;
    let selector = object(
        vec![
            ("ReadWriteType", Some(text("All", at))),
            ("IncludeManagementEvents", Some(crate::sink::truth(at))),
        ],
        at,
    );
    Known::Present(object(
        vec![("EventSelectors", Some(list(vec![selector], at)))],
        at,
    ))
}
