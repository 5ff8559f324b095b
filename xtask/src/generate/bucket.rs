//! What S3 says of the buckets of one account.
//!
//! Without datasets, half of the buckets are shared by rules that hold for a whole account. With
//! datasets, each bucket is one, and its policy says what the boundary declares, or too much.

use std::io;

use serde_json::{Value, json};

use super::dataset::Dataset;
use super::{
    CAPTURED_AT, ORGANIZATION, Place, REGION, RETENTION_DAYS, Shape, Snapshot, document, id, key,
};

/// What S3 says of each bucket: the operation and its answer.
fn answers(
    shape: &Shape,
    index: u64,
    number: Option<u64>,
    bucket: &str,
) -> Vec<(&'static str, Value)> {
    let absent = |code: &str| json!({"request": {"Bucket": bucket}, "error": {"code": code, "message": "not there"}});
    let there = |response: Value| json!({"request": {"Bucket": bucket}, "response": response});
    let blocked = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true});
    let policy = match number {
        None => archive_policy(shape, bucket),
        Some(number) if shape.datasets > 0 => dataset_policy(&Dataset::new(shape, index, number)),
        Some(_) => shared_policy(shape, index, bucket),
    };
    let by_default = encryption(shape, index, number);
    let rules = json!([{"ApplyServerSideEncryptionByDefault": by_default}]);
    vec![
        (
            "s3api.get-bucket-location",
            there(json!({"LocationConstraint": REGION})),
        ),
        (
            "s3api.get-bucket-policy",
            there(json!({"Policy": policy.to_string()})),
        ),
        (
            "s3api.get-public-access-block",
            there(json!({"PublicAccessBlockConfiguration": blocked})),
        ),
        (
            "s3api.get-bucket-ownership-controls",
            there(
                json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
            ),
        ),
        (
            "s3api.get-bucket-acl",
            there(json!({"Owner": {"ID": "0"}, "Grants": []})),
        ),
        (
            "s3api.get-bucket-encryption",
            there(json!({"ServerSideEncryptionConfiguration": {"Rules": rules}})),
        ),
        (
            "s3api.get-bucket-versioning",
            there(json!({"Status": "Enabled"})),
        ),
        (
            "s3api.get-object-lock-configuration",
            match number {
                None => there(lock()),
                Some(_) => absent("ObjectLockConfigurationNotFoundError"),
            },
        ),
        (
            "s3api.get-bucket-lifecycle-configuration",
            absent("NoSuchLifecycleConfiguration"),
        ),
        (
            "s3api.get-bucket-replication",
            absent("ReplicationConfigurationNotFoundError"),
        ),
        ("s3api.get-bucket-tagging", absent("NoSuchTagSet")),
    ]
}

/// Restricted buckets lie under their account's key.
fn encryption(shape: &Shape, index: u64, number: Option<u64>) -> Value {
    if number.is_some_and(|number| Dataset::is_restricted(shape, number)) {
        json!({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key::arn(shape.account(index))})
    } else {
        json!({"SSEAlgorithm": "AES256"})
    }
}

/// The lock of the archive.
fn lock() -> Value {
    json!({"ObjectLockConfiguration": {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": RETENTION_DAYS}},
    }})
}

/// Writes what S3 says of an account's buckets.
pub(super) fn write(
    snapshot: &mut Snapshot<'_>,
    place: &Place,
    shape: &Shape,
    index: u64,
) -> io::Result<()> {
    let account = shape.account(index);
    let count = if index == 0 { 0 } else { shape.buckets };
    let data = (0..count).map(|number| (Some(number), Shape::bucket(account, number)));
    let archive = (shape.datasets > 0 && index == 1).then(|| (None, shape.archive()));
    let names: Vec<(Option<u64>, String)> = data.chain(archive).collect();
    let listed: Vec<Value> = names
        .iter()
        .map(|(_, name)| json!({"Name": name, "CreationDate": CAPTURED_AT}))
        .collect();
    snapshot.answer(
        place,
        "s3api.list-buckets",
        &json!({"Buckets": listed, "Owner": {"ID": "0"}}),
    )?;
    let mut operations: Vec<(&str, Vec<Value>)> = Vec::new();
    for (number, name) in &names {
        for (operation, call) in answers(shape, index, *number, name) {
            match operations.iter_mut().find(|(known, _)| *known == operation) {
                Some((_, calls)) => calls.push(call),
                None => operations.push((operation, vec![call])),
            }
        }
    }
    for (operation, calls) in &operations {
        snapshot.calls(place, operation, calls)?;
    }
    let blocked = json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}});
    let call = json!({"request": {"AccountId": id(account)}, "response": blocked});
    snapshot.calls(place, "s3control.get-public-access-block", &[call])
}

/// A statement about a bucket and its objects.
fn rule(bucket: &str, effect: &str, principal: Value, action: Value, condition: Value) -> Value {
    let both = json!([
        format!("arn:aws:s3:::{bucket}"),
        format!("arn:aws:s3:::{bucket}/*")
    ]);
    json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": both, "Condition": condition})
}

/// TLS and the organization, for every bucket.
fn guards(bucket: &str) -> Vec<Value> {
    let encrypted = json!({"Bool": {"aws:SecureTransport": "false"}});
    let ours = json!({
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    });
    let deny = |condition| rule(bucket, "Deny", json!("*"), json!("s3:*"), condition);
    vec![deny(encrypted), deny(ours)]
}

fn reads() -> Value {
    json!(["s3:GetObject", "s3:ListBucket"])
}

fn in_organization() -> Value {
    json!({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})
}

/// Half of the buckets are shared: with a neighbour's application, or with the whole organization.
fn shared_policy(shape: &Shape, index: u64, bucket: &str) -> Value {
    let mut statements = guards(bucket);
    let members = shape.accounts.saturating_sub(1).max(1);
    let neighbour = id(shape.account(1 + index % members));
    let pipeline = json!({"AWS": format!("arn:aws:iam::{neighbour}:role/platform/pipeline")});
    match index % 4 {
        0 => statements.push(rule(bucket, "Allow", pipeline, reads(), in_organization())),
        1 => statements.push(rule(
            bucket,
            "Allow",
            json!("*"),
            reads(),
            in_organization(),
        )),
        _ => {}
    }
    document(&statements)
}

/// What a declared dataset's bucket says: the restricted ones name everybody who may come near.
fn dataset_policy(dataset: &Dataset) -> Value {
    let bucket = &dataset.bucket;
    let mut statements = guards(bucket);
    if dataset.restricted {
        let all: Vec<&String> = dataset
            .users
            .iter()
            .chain(&dataset.readers)
            .chain([&dataset.administrator])
            .collect();
        let others = json!({
            "ArnNotEqualsIfExists": {"aws:PrincipalArn": all},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        });
        statements.push(rule(bucket, "Deny", json!("*"), json!("s3:*"), others));
        let data = json!(["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]);
        let administrator = json!({"ArnEquals": {"aws:PrincipalArn": dataset.administrator}});
        statements.push(rule(bucket, "Deny", json!("*"), data, administrator));
    }
    if !dataset.readers.is_empty() {
        let readers = json!({"AWS": dataset.readers});
        statements.push(rule(bucket, "Allow", readers, reads(), in_organization()));
    }
    if dataset.open {
        statements.push(rule(
            bucket,
            "Allow",
            json!("*"),
            reads(),
            in_organization(),
        ));
    }
    document(&statements)
}

/// The trail writes, and only the administrator of the archive changes anything.
fn archive_policy(shape: &Shape, bucket: &str) -> Value {
    let mut statements = guards(bucket);
    let trail = json!({"StringEquals": {"aws:SourceArn": shape.trail()}});
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let writes = json!(["s3:GetBucketAcl", "s3:PutObject"]);
    statements.push(rule(bucket, "Allow", service, writes, trail));
    let others = json!({
        "ArnNotEqualsIfExists": {"aws:PrincipalArn": [shape.archive_administrator()]},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    });
    statements.push(rule(bucket, "Deny", json!("*"), json!("s3:*"), others));
    document(&statements)
}
