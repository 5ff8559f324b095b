//! S3: buckets, and the account's block public access.

mod points;

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::{Node, Value};

use super::{About, Row};
use crate::sink::{Call, Sink, list, object, text};

/// Days in a year of Object Lock retention ("Object Lock considerations").
const DAYS_IN_A_YEAR: u32 = 365;

/// A row about one bucket.
const fn bucket(attributes: &'static [Attribute]) -> About {
    About::One {
        kind: Kind::Bucket,
        attributes,
        entity: asked,
    }
}

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "s3api.list-buckets",
        about: About::List {
            kinds: &[Kind::Bucket],
            whole: false,
        },
        read: buckets,
    },
    Row {
        operation: "s3api.get-bucket-policy",
        about: bucket(&[Attribute::ResourcePolicy]),
        read: policy,
    },
    Row {
        operation: "s3api.get-public-access-block",
        about: bucket(&[Attribute::PublicAccessBlock]),
        read: public_access,
    },
    Row {
        operation: "s3api.get-bucket-ownership-controls",
        about: bucket(&[Attribute::Ownership]),
        read: ownership,
    },
    Row {
        operation: "s3api.get-bucket-encryption",
        about: bucket(&[Attribute::Encryption]),
        read: encryption,
    },
    Row {
        operation: "s3api.get-bucket-versioning",
        about: bucket(&[Attribute::Versioning]),
        read: versioning,
    },
    Row {
        operation: "s3api.get-object-lock-configuration",
        about: bucket(&[Attribute::ObjectLock]),
        read: object_lock,
    },
    Row {
        operation: "s3api.get-bucket-acl",
        about: bucket(&[Attribute::AccessControlList]),
        read: acl,
    },
    Row {
        operation: "s3api.get-bucket-tagging",
        about: bucket(&[Attribute::Tags]),
        read: tagging,
    },
    Row {
        operation: "s3api.get-bucket-location",
        about: bucket(&[Attribute::Region]),
        read: location,
    },
    Row {
        operation: "s3api.get-bucket-replication",
        about: bucket(&[Attribute::Replication]),
        read: replication,
    },
    Row {
        operation: "s3api.get-bucket-lifecycle-configuration",
        about: bucket(&[Attribute::Lifecycle]),
        read: lifecycle,
    },
    Row {
        operation: "s3control.get-public-access-block",
        about: About::One {
            kind: Kind::Account,
            attributes: &[Attribute::PublicAccessBlock],
            entity: account,
        },
        read: account_public_access,
    },
    Row {
        operation: "s3control.list-access-points",
        about: About::List {
            kinds: &[Kind::AccessPoint],
            whole: false,
        },
        read: points::listed,
    },
    Row {
        operation: "s3control.get-access-point",
        about: point(&[Attribute::PublicAccessBlock]),
        read: points::described,
    },
    Row {
        operation: "s3control.get-access-point-policy",
        about: point(&[Attribute::ResourcePolicy]),
        read: points::policy,
    },
    Row {
        operation: "s3control.list-multi-region-access-points",
        about: About::List {
            kinds: &[Kind::MultiRegionAccessPoint],
            whole: false,
        },
        read: points::multi_region_listed,
    },
    Row {
        operation: "s3control.get-multi-region-access-point-policy",
        about: About::One {
            kind: Kind::MultiRegionAccessPoint,
            attributes: &[Attribute::ResourcePolicy],
            entity: points::asked_multi_region,
        },
        read: points::multi_region_policy,
    },
];

/// A row about one access point.
const fn point(attributes: &'static [Attribute]) -> About {
    About::One {
        kind: Kind::AccessPoint,
        attributes,
        entity: points::asked,
    }
}

fn asked(call: &Call) -> Option<Entity> {
    call.asked("Bucket").map(|name| entity(call, name))
}

fn entity(call: &Call, name: &str) -> Entity {
    Entity::new(Kind::Bucket, format!("arn:{}:s3:::{name}", call.partition))
}

fn buckets(sink: &mut Sink, call: &Call, answer: &Node) {
    let global = Call {
        region: "",
        ..*call
    };
    for node in sink.list(answer, "Buckets") {
        let Some(name) = sink.need(node, "Name") else {
            continue;
        };
        let found = sink.exists(&global, Kind::Bucket, entity(call, name).id, node);
        sink.put(&found, Attribute::Name, node.get("Name"));
        if let Some(region) = node.get("BucketRegion") {
            sink.weak(&found, Attribute::Region, region.clone());
        }
    }
}

/// Puts one member of the answer, or says that the call names no bucket.
fn state(sink: &mut Sink, call: &Call, answer: &Node, attribute: Attribute, node: Option<&Node>) {
    match asked(call) {
        Some(entity) => sink.put(&entity, attribute, node),
        None => sink.misshapen(answer, "a call with `Bucket`"),
    }
}

fn policy(sink: &mut Sink, call: &Call, answer: &Node) {
    match asked(call) {
        Some(entity) => sink.policy(&entity, Attribute::ResourcePolicy, answer.get("Policy")),
        None => sink.misshapen(answer, "a call with `Bucket`"),
    }
}

fn public_access(sink: &mut Sink, call: &Call, answer: &Node) {
    let node = answer.get("PublicAccessBlockConfiguration");
    state(sink, call, answer, Attribute::PublicAccessBlock, node);
}

fn first_rule<'n>(answer: &'n Node, member: &str) -> Option<&'n Node> {
    answer.get(member)?.get("Rules")?.items().first()
}

fn ownership(sink: &mut Sink, call: &Call, answer: &Node) {
    let setting =
        first_rule(answer, "OwnershipControls").and_then(|rule| rule.get("ObjectOwnership"));
    state(sink, call, answer, Attribute::Ownership, setting);
}

fn encryption(sink: &mut Sink, call: &Call, answer: &Node) {
    let setting = first_rule(answer, "ServerSideEncryptionConfiguration").and_then(encryption_of);
    state(sink, call, answer, Attribute::Encryption, setting.as_ref());
}

fn encryption_of(rule: &Node) -> Option<Node> {
    let default = rule.get("ApplyServerSideEncryptionByDefault")?;
    let parts = vec![
        ("Algorithm", default.get("SSEAlgorithm").cloned()),
        ("KeyId", default.get("KMSMasterKeyID").cloned()),
        ("BucketKey", rule.get("BucketKeyEnabled").cloned()),
    ];
    Some(object(parts, default.origin))
}

fn versioning(sink: &mut Sink, call: &Call, answer: &Node) {
    state(
        sink,
        call,
        answer,
        Attribute::Versioning,
        answer.get("Status"),
    );
}

fn object_lock(sink: &mut Sink, call: &Call, answer: &Node) {
    let lock = answer.get("ObjectLockConfiguration").map(retention);
    state(sink, call, answer, Attribute::ObjectLock, lock.as_ref());
}

/// The default retention of a lock, with years as days.
pub(crate) fn retention(lock: &Node) -> Node {
    let default = lock
        .get("Rule")
        .and_then(|rule| rule.get("DefaultRetention"));
    let part = |key| default.and_then(|node| node.get(key)).cloned();
    object(
        vec![
            ("Mode", part("Mode")),
            ("Days", part("Days").or_else(|| years(default?))),
        ],
        lock.origin,
    )
}

fn years(default: &Node) -> Option<Node> {
    let node = default.get("Years")?;
    let days = node
        .text()?
        .parse::<u32>()
        .ok()?
        .checked_mul(DAYS_IN_A_YEAR)?;
    Some(Node {
        value: Value::Number(days.to_string().into()),
        origin: node.origin,
    })
}

/// What the ACL grants to the bucket's own account says nothing that the account's own policies do
/// not ("Access control list (ACL) overview": the account delegates to its users).
fn acl(sink: &mut Sink, call: &Call, answer: &Node) {
    let id = |node: &Node| node.get("ID").and_then(Node::text).map(str::to_owned);
    let owner = answer.get("Owner").and_then(id);
    let to_owner = |grant: &&Node| {
        let grantee = grant.get("Grantee").and_then(id);
        grantee.is_some() && grantee == owner
    };
    let grants = answer.get("Grants").map(|grants| {
        let others = grants.items().iter().filter(|grant| !to_owner(grant));
        list(others.cloned().collect(), grants.origin)
    });
    state(
        sink,
        call,
        answer,
        Attribute::AccessControlList,
        grants.as_ref(),
    );
}

fn tagging(sink: &mut Sink, call: &Call, answer: &Node) {
    state(sink, call, answer, Attribute::Tags, answer.get("TagSet"));
}

/// Buckets of the oldest Region have no constraint, and one old name stands for Ireland
/// ("GetBucketLocation", S3 API reference).
fn location(sink: &mut Sink, call: &Call, answer: &Node) {
    let at = answer.get("LocationConstraint").unwrap_or(answer);
    let region = match at.as_str() {
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    };
    state(
        sink,
        call,
        answer,
        Attribute::Region,
        Some(&text(region, at.origin)),
    );
}

fn replication(sink: &mut Sink, call: &Call, answer: &Node) {
    state(
        sink,
        call,
        answer,
        Attribute::Replication,
        answer.get("ReplicationConfiguration"),
    );
}

fn lifecycle(sink: &mut Sink, call: &Call, answer: &Node) {
    state(
        sink,
        call,
        answer,
        Attribute::Lifecycle,
        answer.get("Rules"),
    );
}

fn account(call: &Call) -> Option<Entity> {
    let id = call.asked("AccountId").unwrap_or(call.account);
    (!id.is_empty()).then(|| Entity::new(Kind::Account, id))
}

fn account_public_access(sink: &mut Sink, call: &Call, answer: &Node) {
    if let Some(entity) = account(call) {
        sink.put(
            &entity,
            Attribute::PublicAccessBlock,
            answer.get("PublicAccessBlockConfiguration"),
        );
    }
}
