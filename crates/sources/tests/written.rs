//! Policies as CloudTrail recorded their writing: which thing each call is about, the newest counts,
//! and a read that was refused has them behind it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod support;

use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_sources::{Read, read};
use cofferdam_text::Documents;
use serde_json::{Value, json};
use support::Directory;

fn event(time: &str, source: &str, name: &str, request: Value, response: Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": time, "awsRegion": "eu-west-1",
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
        "recipientAccountId": "200000000002",
        "requestParameters": request, "responseElements": response,
    })
}

fn read_at(directory: &Directory, paths: &[&str]) -> Read {
    let paths: Vec<_> = paths.iter().map(|path| directory.0.join(path)).collect();
    read(&paths, &mut Documents::new()).unwrap()
}

fn policy(word: &str) -> String {
    json!({"Version": "2012-10-17", "Id": word, "Statement": []}).to_string()
}

/// The `Id` of the policy that a fact holds; `-` if it is absent.
fn held(facts: &Facts, (kind, attribute): (Kind, Attribute), id: &str) -> String {
    match facts.get(&Entity::new(kind, id), attribute) {
        Known::Present(node) => node.get("Id").and_then(|id| id.text()).unwrap().to_owned(),
        Known::Absent => "-".to_owned(),
        Known::Unknown(why) => format!("? {why}"),
    }
}

#[track_caller]
fn check(event: Value, fact: (Kind, Attribute), id: &str, expected: &str) {
    let file = json!({"Records": [event]}).to_string();
    let directory = Directory::of(&[("events.json", &file)]);
    let read = read_at(&directory, &["events.json"]);
    assert_eq!(held(&read.facts, fact, id), expected, "{event}");
}

const TIME: &str = "2026-11-20T10:00:00Z";

#[test]
fn each_call_writes_the_policy_of_its_thing() {
    let resource = |kind| (kind, Attribute::ResourcePolicy);
    let text = policy("p");
    let object: Value = serde_json::from_str(&text).unwrap();
    let none = Value::Null;
    for (source, name, request, response, fact, id, expected) in [
        (
            "s3",
            "PutBucketPolicy",
            json!({"bucketName": "records", "bucketPolicy": object}),
            &none,
            resource(Kind::Bucket),
            "arn:aws:s3:::records",
            "p",
        ),
        (
            "s3",
            "DeleteBucketPolicy",
            json!({"bucketName": "records"}),
            &none,
            resource(Kind::Bucket),
            "arn:aws:s3:::records",
            "-",
        ),
        (
            "kms",
            "PutKeyPolicy",
            json!({"keyId": "k1", "policyName": "default", "policy": text}),
            &none,
            resource(Kind::Key),
            "arn:aws:kms:eu-west-1:200000000002:key/k1",
            "p",
        ),
        (
            "kms",
            "PutKeyPolicy",
            json!({"keyId": "arn:aws:kms:eu-west-1:1:key/k2", "policy": text}),
            &none,
            resource(Kind::Key),
            "arn:aws:kms:eu-west-1:1:key/k2",
            "p",
        ),
        (
            "kms",
            "CreateKey",
            json!({"policy": text}),
            &json!({"keyMetadata": {"arn": "arn:k"}}),
            resource(Kind::Key),
            "arn:k",
            "p",
        ),
        (
            "iam",
            "CreateRole",
            json!({"assumeRolePolicyDocument": text}),
            &json!({"role": {"arn": "arn:r"}}),
            (Kind::Role, Attribute::Trust),
            "arn:r",
            "p",
        ),
        (
            "secretsmanager",
            "PutResourcePolicy",
            json!({"resourcePolicy": text}),
            &json!({"aRN": "arn:s"}),
            resource(Kind::Secret),
            "arn:s",
            "p",
        ),
        (
            "secretsmanager",
            "DeleteResourcePolicy",
            json!({}),
            &json!({"ARN": "arn:s"}),
            resource(Kind::Secret),
            "arn:s",
            "-",
        ),
        (
            "dynamodb",
            "PutResourcePolicy",
            json!({"resourceArn": "arn:t", "policy": text}),
            &none,
            resource(Kind::Table),
            "arn:t",
            "p",
        ),
        (
            "ecr",
            "SetRepositoryPolicy",
            json!({"repositoryName": "a/b", "policyText": text}),
            &none,
            resource(Kind::Repository),
            "arn:aws:ecr:eu-west-1:200000000002:repository/a/b",
            "p",
        ),
        (
            "sqs",
            "SetQueueAttributes",
            json!({"queueUrl": "https://sqs.eu-west-1.amazonaws.com/300000000003/q", "attributes": {"Policy": text}}),
            &none,
            resource(Kind::Queue),
            "arn:aws:sqs:eu-west-1:300000000003:q",
            "p",
        ),
        (
            "organizations",
            "UpdatePolicy",
            json!({"policyId": "p-1", "content": text}),
            &none,
            (Kind::OrganizationPolicy, Attribute::Document),
            "p-1",
            "p",
        ),
    ] {
        check(
            event(TIME, source, name, request, response.clone()),
            fact,
            id,
            expected,
        );
    }
}

#[test]
fn the_newest_counts_and_a_failed_call_wrote_nothing() {
    let put = |time: &str, word: &str| {
        let request = json!({"bucketName": "records", "bucketPolicy": policy(word)});
        event(time, "s3", "PutBucketPolicy", request, Value::Null)
    };
    let mut failed = put("2026-11-22T00:00:00Z", "failed");
    failed["errorCode"] = json!("AccessDenied");
    let events = [
        put("2026-11-21T00:00:00Z", "new"),
        put("2026-11-20T00:00:00Z", "old"),
        failed,
    ];
    let file = json!({"Records": events}).to_string();
    let listed =
        json!({"Events": [{"CloudTrailEvent": put(TIME, "listed").to_string()}]}).to_string();
    let directory = Directory::of(&[
        ("logs/2026/1_CloudTrail_eu-west-1_x.json", &file),
        ("lookup.json", &listed),
    ]);
    let fact = (Kind::Bucket, Attribute::ResourcePolicy);
    let of = |path| {
        held(
            &read_at(&directory, &[path]).facts,
            fact,
            "arn:aws:s3:::records",
        )
    };
    assert_eq!(of("logs"), "new");
    assert_eq!(
        of("lookup.json"),
        "listed",
        "what lookup-events prints is read too"
    );
}

#[test]
fn events_stand_behind_a_refused_read_with_their_time() {
    let request = json!({"bucketName": "records", "bucketPolicy": policy("written")});
    let file = json!({"Records": [event(TIME, "s3", "PutBucketPolicy", request, Value::Null)]});
    let refused =
        r#"{"request": {"Bucket": "records"}, "error": {"code": "AccessDenied", "message": "no"}}"#;
    let directory = Directory::of(&[
        ("events.json", &file.to_string()),
        (
            "live/200000000002/s3api.list-buckets.json",
            r#"{"Buckets": [{"Name": "records"}]}"#,
        ),
        ("live/200000000002/s3api.get-bucket-policy.jsonl", refused),
    ]);
    let read = read_at(&directory, &["events.json", "live"]);
    let fact = (Kind::Bucket, Attribute::ResourcePolicy);
    assert_eq!(held(&read.facts, fact, "arn:aws:s3:::records"), "written");
    let said: Vec<&str> = read
        .diagnostics
        .iter()
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "this source does not know ResourcePolicy of arn:aws:s3:::records, written at 2026-11-20T10:00:00Z: what the earlier source says counts"
        ]
    );
}

#[test]
fn a_policy_that_is_no_json_is_unknown_and_said() {
    let request = json!({"keyId": "k1", "policy": "{"});
    let file = json!({"Records": [event(TIME, "kms", "PutKeyPolicy", request, Value::Null)]});
    let directory = Directory::of(&[("events.json", &file.to_string())]);
    let read = read_at(&directory, &["events.json"]);
    let key = "arn:aws:kms:eu-west-1:200000000002:key/k1";
    let shown = held(&read.facts, (Kind::Key, Attribute::ResourcePolicy), key);
    assert!(shown.starts_with("? "), "{shown}");
    assert_eq!(read.diagnostics.len(), 1);
}
