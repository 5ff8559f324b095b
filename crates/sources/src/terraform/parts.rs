//! Facts that are put together from several attributes, in the shapes of the AWS CLI's answers.
//!
//! Each function answers nothing where the resource does not say: then the service's default
//! stands, or what an earlier source states.

use cofferdam_names::deferred;
use cofferdam_org::fact::Known;
use cofferdam_text::{Member, Node, Origin, Value};

use super::plan::Fate;
use super::resolve::{Resolver, Settled};
use crate::sink::{list, object, text, truth};

/// Makes a fact of an instance, by its place in the plan.
pub(super) type Part = fn(&Resolver, usize) -> Option<Known<Node>>;

/// Days in a year of Object Lock retention ("Object Lock considerations").
const DAYS_IN_A_YEAR: u32 = 365;

fn word(value: &str, origin: Origin) -> Option<Known<Node>> {
    Some(Known::Present(text(value, origin)))
}

/// A text as a node: unknown where nothing of it is known.
pub(super) fn known(settled: &Settled) -> Known<Node> {
    match settled.is_open() {
        true => Known::Unknown(later(&settled.text).into()),
        false if settled.text.is_empty() => Known::Absent,
        false => Known::Present(text(&settled.text, settled.origin)),
    }
}

/// Why something is not known.
pub(super) fn later(hole: &str) -> String {
    let of = deferred::whole(hole).unwrap_or_else(|| hole.to_owned());
    format!("{of} is known only after apply")
}

/// Whether anything in a tree is open.
fn first_open(node: &Node) -> Option<String> {
    if super::resolve::is_open(node) {
        return node.as_str().map(later);
    }
    let members = node
        .as_object()
        .unwrap_or_default()
        .iter()
        .map(|one| &one.value);
    let elements = node.as_array().unwrap_or_default().iter();
    members.chain(elements).find_map(first_open)
}

/// The tree, or why it is not known.
fn whole(made: Node) -> Option<Known<Node>> {
    Some(match first_open(&made) {
        Some(why) => Known::Unknown(why.into()),
        None => Known::Present(made),
    })
}

/// The value below the first blocks of a path.
fn below<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    let found = path
        .iter()
        .try_fold(node, |node, step| first(node)?.get(step))?;
    Some(found).filter(|node| !node.is_null())
}

fn first(node: &Node) -> Option<&Node> {
    match node.as_array() {
        Some(items) => items.first(),
        None => Some(node),
    }
}

/// The value of an attribute; nothing of one that nobody wrote of a new thing, where the service's
/// default stands.
pub(super) fn value<'r>(resolver: &'r Resolver, at: usize, path: &[&str]) -> Option<&'r Node> {
    let values = &resolver.plan.instance(at)?.values;
    let top = path.first()?;
    let open = values.get(top).is_some_and(super::resolve::is_open);
    if open && made(resolver, at) && resolver.expression(at, top).is_none() {
        return None;
    }
    below(values, path)
}

pub(super) fn made(resolver: &Resolver, at: usize) -> bool {
    let fate = resolver.plan.instance(at).map(|one| one.fate);
    matches!(fate, Some(Fate::Made | Fate::Remade))
}

fn origin(resolver: &Resolver, at: usize) -> Option<Origin> {
    Some(resolver.plan.instance(at)?.origin())
}

pub(super) fn region(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let region = &resolver.places.of(at).region;
    Some(match deferred::has_hole(region) {
        true => Known::Unknown(later(region).into()),
        false => Known::Present(text(region, origin(resolver, at)?)),
    })
}

/// The four switches; one that is left out is off.
pub(super) fn block(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    switches(&resolver.plan.instance(at)?.values)
}

pub(super) fn point_block(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let Some(block) = value(resolver, at, &["public_access_block_configuration"]).and_then(first)
    else {
        return made(resolver, at)
            .then(|| all_on(origin(resolver, at)))
            .flatten();
    };
    switches(block)
}

/// New access points block public access ("Managing public access to access points").
fn all_on(origin: Option<Origin>) -> Option<Known<Node>> {
    let origin = origin?;
    let on = |key| (key, Some(truth(origin)));
    let switches = SWITCHES.iter().map(|(key, _)| on(*key)).collect();
    Some(Known::Present(object(switches, origin)))
}

const SWITCHES: &[(&str, &str)] = &[
    ("BlockPublicAcls", "block_public_acls"),
    ("IgnorePublicAcls", "ignore_public_acls"),
    ("BlockPublicPolicy", "block_public_policy"),
    ("RestrictPublicBuckets", "restrict_public_buckets"),
];

fn switches(node: &Node) -> Option<Known<Node>> {
    whole(renamed(node, SWITCHES))
}

/// An object of some members under other names; null ones are left out.
fn renamed(node: &Node, names: &[(&'static str, &str)]) -> Node {
    let member = |(to, from): &(&'static str, &str)| {
        (
            *to,
            node.get(from).filter(|value| !value.is_null()).cloned(),
        )
    };
    object(names.iter().map(member).collect(), node.origin)
}

pub(super) fn ownership(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    whole(value(resolver, at, &["rule", "object_ownership"])?.clone())
}

pub(super) fn bucket_encryption(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let rule = ["server_side_encryption_configuration", "rule"];
    encryption(resolver, at, &rule)
}

pub(super) fn bucket_encryption_split(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    encryption(resolver, at, &["rule"])
}

fn encryption(resolver: &Resolver, at: usize, rule: &[&'static str]) -> Option<Known<Node>> {
    const BY: &str = "apply_server_side_encryption_by_default";
    let path = |last: &[&'static str]| [rule, last].concat();
    let algorithm = value(resolver, at, &path(&[BY, "sse_algorithm"]))?.clone();
    let key = resolver.nested(at, &path(&[BY, "kms_master_key_id"]));
    let bucket_key = value(resolver, at, &path(&["bucket_key_enabled"])).cloned();
    let origin = algorithm.origin;
    let key = key.map(|settled| text(&settled.text, settled.origin));
    let parts = vec![
        ("Algorithm", Some(algorithm)),
        ("KeyId", key),
        ("BucketKey", bucket_key),
    ];
    whole(object(parts, origin))
}

/// The inline block of older providers.
pub(super) fn bucket_versioning_inline(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let enabled = value(resolver, at, &["versioning", "enabled"])?;
    match enabled.as_bool() {
        Some(true) => word("Enabled", enabled.origin),
        Some(false) => Some(Known::Absent),
        None => whole(enabled.clone()),
    }
}

pub(super) fn bucket_versioning(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let status = value(resolver, at, &["versioning_configuration", "status"])?;
    match status.as_str() {
        Some("Disabled") => Some(Known::Absent),
        _ => whole(status.clone()),
    }
}

const EVERYONE: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const SIGNED_IN: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/// What canned ACLs grant to others than the owner ("Access control list (ACL) overview").
const CANNED: &[(&str, &[(&str, &str)])] = &[
    ("private", &[]),
    ("bucket-owner-read", &[]),
    ("bucket-owner-full-control", &[]),
    ("public-read", &[(EVERYONE, "READ")]),
    (
        "public-read-write",
        &[(EVERYONE, "READ"), (EVERYONE, "WRITE")],
    ),
    ("authenticated-read", &[(SIGNED_IN, "READ")]),
    (
        "log-delivery-write",
        &[(LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")],
    ),
];

pub(super) fn bucket_acl(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let acl = value(resolver, at, &["acl"]);
    if let Some(policy) = value(resolver, at, &["access_control_policy"]).and_then(first) {
        return granted(policy);
    }
    let acl = acl?;
    let Some((_, grants)) = CANNED.iter().find(|(name, _)| acl.as_str() == Some(name)) else {
        let why = format!("what the canned ACL {} grants is not known", acl.to_json());
        return Some(
            first_open(acl).map_or(Known::Unknown(why.into()), |why| Known::Unknown(why.into())),
        );
    };
    let grants = grants.iter().map(|(uri, permission)| {
        let grantee = object(vec![("URI", Some(text(uri, acl.origin)))], acl.origin);
        let permission = text(permission, acl.origin);
        object(
            vec![("Grantee", Some(grantee)), ("Permission", Some(permission))],
            acl.origin,
        )
    });
    Some(Known::Present(list(grants.collect(), acl.origin)))
}

/// Grants to others than the owner.
fn granted(policy: &Node) -> Option<Known<Node>> {
    const NAMES: &[(&str, &str)] = &[
        ("ID", "id"),
        ("URI", "uri"),
        ("EmailAddress", "email_address"),
    ];
    let owner = below(policy, &["owner", "id"]).and_then(Node::text);
    let mut grants = Vec::new();
    for grant in policy.get("grant").map(Node::items).unwrap_or_default() {
        let grantee = renamed(first(grant.get("grantee")?)?, NAMES);
        let to_owner = owner.is_some() && grantee.get("ID").and_then(Node::text) == owner;
        if !to_owner {
            let permission = grant.get("permission").cloned();
            grants.push(object(
                vec![("Grantee", Some(grantee)), ("Permission", permission)],
                grant.origin,
            ));
        }
    }
    whole(list(grants, policy.origin))
}

/// A bucket that is made with the lock on has no default retention until one is configured.
pub(super) fn lock_enabled(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let enabled = value(resolver, at, &["object_lock_enabled"])?;
    match (enabled.as_bool(), made(resolver, at)) {
        (Some(true), true) => Some(Known::Present(object(Vec::new(), enabled.origin))),
        _ => None,
    }
}

pub(super) fn lock(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let retention = value(resolver, at, &["rule", "default_retention"]).and_then(first);
    let at = origin(resolver, at)?;
    let Some(retention) = retention else {
        return Some(Known::Present(object(Vec::new(), at)));
    };
    let part = |key: &str| retention.get(key).filter(|node| !node.is_null());
    let days = part("days").cloned().or_else(|| in_days(part("years")?));
    whole(object(
        vec![("Mode", part("mode").cloned()), ("Days", days)],
        retention.origin,
    ))
}

fn in_days(years: &Node) -> Option<Node> {
    let days = years
        .text()?
        .parse::<u32>()
        .ok()?
        .checked_mul(DAYS_IN_A_YEAR)?;
    Some(Node {
        value: Value::Number(days.to_string().into()),
        origin: years.origin,
    })
}

pub(super) fn lifecycle_inline(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let rules = value(resolver, at, &["lifecycle_rule"])?;
    expiring(rules, |rule| {
        rule.get("enabled")
            .and_then(Node::as_bool)
            .map(|on| if on { "Enabled" } else { "Disabled" })
    })
}

pub(super) fn lifecycle(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let rules = value(resolver, at, &["rule"])?;
    expiring(rules, |rule| rule.get("status").and_then(Node::as_str))
}

/// Only expiry of current objects is told of lifecycle rules.
fn expiring<'n>(
    rules: &'n Node,
    status: impl Fn(&'n Node) -> Option<&'n str>,
) -> Option<Known<Node>> {
    const NAMES: &[(&str, &str)] = &[("Days", "days"), ("Date", "date")];
    let rule = |rule: &'n Node| {
        let expiration = below(rule, &["expiration"]).and_then(first);
        let expiration = expiration.map(|node| renamed(node, NAMES));
        let status = status(rule).map(|status| text(status, rule.origin));
        object(
            vec![("Status", status), ("Expiration", expiration)],
            rule.origin,
        )
    };
    if rules.as_array().is_none() {
        return whole(rules.clone());
    }
    whole(list(rules.items().iter().map(rule).collect(), rules.origin))
}

pub(super) fn replication(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let why = "replication is read from answers of AWS only".to_owned();
    let _ = origin(resolver, at)?;
    Some(Known::Unknown(why.into()))
}

pub(super) fn point_bucket(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let bucket = resolver.text(at, "bucket")?;
    match known(&bucket) {
        Known::Present(node) => Some(Known::Present(list(vec![node], bucket.origin))),
        other => Some(other),
    }
}

pub(super) fn point_origin(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let in_vpc =
        value(resolver, at, &["vpc_configuration"]).is_some_and(|node| !node.items().is_empty());
    word(
        if in_vpc { "VPC" } else { "Internet" },
        origin(resolver, at)?,
    )
}

pub(super) fn point_vpc(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    Some(
        match resolver.nested(at, &["vpc_configuration", "vpc_id"]) {
            Some(vpc) => known(&vpc),
            None => Known::Absent,
        },
    )
}

/// The alias of a multi-Region access point, by which policies name it.
pub(super) fn point_alias(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let alias = resolver.text(at, "alias")?;
    Some(known(&alias).map(|node| list(vec![node], alias.origin)))
}

/// The buckets behind a multi-Region access point.
pub(super) fn region_buckets(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let regions = value(resolver, at, &["details", "region"])?;
    let buckets = regions
        .items()
        .iter()
        .filter_map(|region| region.get("bucket").cloned());
    whole(list(buckets.collect(), regions.origin))
}

pub(super) fn region_block(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    match value(resolver, at, &["details", "public_access_block"]).and_then(first) {
        Some(block) => switches(block),
        None => made(resolver, at)
            .then(|| all_on(origin(resolver, at)))
            .flatten(),
    }
}

pub(super) fn key_state(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let enabled =
        value(resolver, at, &["is_enabled"]).or_else(|| value(resolver, at, &["enabled"]));
    match enabled.and_then(Node::as_bool) {
        Some(false) => word("Disabled", origin(resolver, at)?),
        Some(true) => word("Enabled", origin(resolver, at)?),
        None => made(resolver, at)
            .then(|| word("Enabled", origin(resolver, at)?))
            .flatten(),
    }
}

pub(super) fn customer(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    word("CUSTOMER", origin(resolver, at)?)
}

pub(super) fn multi_region(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let primary = value(resolver, at, &["multi_region"]).and_then(Node::as_bool);
    (primary != Some(true)).then_some(Known::Absent)
}

/// A replica names its primary key.
pub(super) fn replica(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let primary = resolver.text(at, "primary_key_arn")?;
    let origin = primary.origin;
    let arn = object(vec![("Arn", Some(text(&primary.text, origin)))], origin);
    let kind = text("REPLICA", origin);
    whole(object(
        vec![
            ("MultiRegionKeyType", Some(kind)),
            ("PrimaryKey", Some(arn)),
        ],
        origin,
    ))
}

pub(super) fn attached(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let arns =
        value(resolver, at, &["managed_policy_arns"]).filter(|node| node.as_array().is_some());
    let item = |arn: &Node| object(vec![("PolicyArn", Some(arn.clone()))], arn.origin);
    match arns {
        Some(arns) => Some(Known::Present(list(
            arns.items().iter().map(item).collect(),
            arns.origin,
        ))),
        None if made(resolver, at) => Some(Known::Present(list(Vec::new(), origin(resolver, at)?))),
        None => None,
    }
}

pub(super) fn account_status(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let status = value(resolver, at, &["status"]).filter(|node| !super::resolve::is_open(node));
    match status {
        Some(status) => Some(Known::Present(status.clone())),
        None => word("ACTIVE", origin(resolver, at)?),
    }
}

/// Only a key of KMS is told; without one the service's own key or none is used.
pub(super) fn queue_encryption(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    under_key(resolver, at, "kms_master_key_id")
}

pub(super) fn function_encryption(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    under_key(resolver, at, "kms_key_arn")
}

fn under_key(resolver: &Resolver, at: usize, attribute: &str) -> Option<Known<Node>> {
    let Some(key) = resolver
        .text(at, attribute)
        .filter(|key| !key.text.is_empty())
    else {
        return Some(Known::Absent);
    };
    whole(kms(Some(text(&key.text, key.origin)), key.origin))
}

fn kms(key: Option<Node>, origin: Origin) -> Node {
    object(
        vec![("Algorithm", Some(text("aws:kms", origin))), ("KeyId", key)],
        origin,
    )
}

/// A secret without a key is under `aws/secretsmanager` ("Secret encryption and decryption in AWS
/// Secrets Manager").
pub(super) fn secret_encryption(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let key = resolver
        .text(at, "kms_key_id")
        .filter(|key| !key.text.is_empty());
    let key = key.map(|key| text(&key.text, key.origin));
    whole(kms(key, origin(resolver, at)?))
}

pub(super) fn table_encryption(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let enabled = value(resolver, at, &["server_side_encryption", "enabled"]);
    match enabled.and_then(Node::as_bool) {
        Some(true) => {
            let key = resolver.nested(at, &["server_side_encryption", "kms_key_arn"]);
            let key = key.map(|key| text(&key.text, key.origin));
            whole(kms(key, origin(resolver, at)?))
        }
        _ => Some(Known::Absent),
    }
}

pub(super) fn repository_encryption(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let kind = value(
        resolver,
        at,
        &["encryption_configuration", "encryption_type"],
    );
    match kind.and_then(Node::as_str) {
        Some("KMS" | "KMS_DSSE") => {
            let key = resolver.nested(at, &["encryption_configuration", "kms_key"]);
            let key = key.map(|key| text(&key.text, key.origin));
            whole(kms(key, origin(resolver, at)?))
        }
        _ => Some(Known::Present(object(
            vec![("Algorithm", Some(text("AES256", origin(resolver, at)?)))],
            origin(resolver, at)?,
        ))),
    }
}

/// The trail as `describe-trails` prints it. A member that is not known stands as a list, which no
/// reader takes for a text.
pub(super) fn trail(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let origin = origin(resolver, at)?;
    let named = |attribute: &str| {
        let settled = resolver
            .text(at, attribute)
            .filter(|settled| !settled.text.is_empty())?;
        Some(match settled.is_open() {
            true => list(Vec::new(), settled.origin),
            false => text(&settled.text, settled.origin),
        })
    };
    let key = resolver
        .text(at, "kms_key_id")
        .filter(|key| !key.text.is_empty());
    let parts = vec![
        ("Name", named("name")),
        ("S3BucketName", named("s3_bucket_name")),
        (
            "IsOrganizationTrail",
            named("is_organization_trail").or_else(|| Some(off(origin))),
        ),
        (
            "IsMultiRegionTrail",
            named("is_multi_region_trail").or_else(|| Some(off(origin))),
        ),
        ("HomeRegion", named("home_region")),
        (
            "LogFileValidationEnabled",
            named("enable_log_file_validation").or_else(|| Some(off(origin))),
        ),
        ("KmsKeyId", key.and_then(|_| named("kms_key_id"))),
    ];
    Some(Known::Present(object(parts, origin)))
}

fn off(origin: Origin) -> Node {
    Node {
        value: Value::Bool(false),
        origin,
    }
}

const SELECTOR: &[(&str, &str)] = &[
    ("ReadWriteType", "read_write_type"),
    ("IncludeManagementEvents", "include_management_events"),
    (
        "ExcludeManagementEventSources",
        "exclude_management_event_sources",
    ),
];
const DATA: &[(&str, &str)] = &[("Type", "type"), ("Values", "values")];
const FIELD: &[(&str, &str)] = &[
    ("Field", "field"),
    ("Equals", "equals"),
    ("StartsWith", "starts_with"),
    ("EndsWith", "ends_with"),
    ("NotEquals", "not_equals"),
    ("NotStartsWith", "not_starts_with"),
    ("NotEndsWith", "not_ends_with"),
];

/// Without selectors a trail records management events ("Logging management events").
pub(super) fn selectors(resolver: &Resolver, at: usize) -> Option<Known<Node>> {
    let origin = origin(resolver, at)?;
    let blocks = |name: &str| {
        value(resolver, at, &[name])
            .and_then(Node::as_array)
            .unwrap_or_default()
    };
    let open = ["event_selector", "advanced_event_selector"]
        .iter()
        .find_map(|name| first_open(value(resolver, at, &[*name])?));
    if let Some(why) = open {
        return Some(Known::Unknown(why.into()));
    }
    let advanced: Vec<Node> = blocks("advanced_event_selector")
        .iter()
        .map(|node| {
            let fields = node
                .get("field_selector")
                .map(Node::items)
                .unwrap_or_default();
            let fields = fields.iter().map(|field| renamed(field, FIELD)).collect();
            object(
                vec![
                    (
                        "Name",
                        node.get("name").filter(|name| !name.is_null()).cloned(),
                    ),
                    ("FieldSelectors", Some(list(fields, node.origin))),
                ],
                node.origin,
            )
        })
        .collect();
    let mut basic: Vec<Node> = blocks("event_selector")
        .iter()
        .map(basic_selector)
        .collect();
    if basic.is_empty() && advanced.is_empty() {
        basic.push(object(
            vec![
                ("ReadWriteType", Some(text("All", origin))),
                ("IncludeManagementEvents", Some(truth(origin))),
            ],
            origin,
        ));
    }
    let parts = vec![
        ("EventSelectors", Some(list(basic, origin))),
        ("AdvancedEventSelectors", Some(list(advanced, origin))),
    ];
    whole(object(parts, origin))
}

fn basic_selector(node: &Node) -> Node {
    let mut made = renamed(node, SELECTOR);
    let data = node
        .get("data_resource")
        .map(Node::items)
        .unwrap_or_default();
    let data = list(
        data.iter().map(|item| renamed(item, DATA)).collect(),
        node.origin,
    );
    if let Value::Object(members) = &mut made.value {
        let more = Member {
            key: "DataResources".into(),
            key_origin: node.origin,
            value: data,
        };
        *members = members.iter().cloned().chain([more]).collect();
    }
    made
}
