//! AWS Config: every way an item is written becomes the same facts, and what it lacks is unknown.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod support;

use std::io::Write;
use std::path::PathBuf;

use cofferdam_org::fact::{Attribute, Entity, Facts, Kind, Known};
use cofferdam_sources::{Read, read};
use cofferdam_text::Documents;
use flate2::Compression;
use flate2::write::GzEncoder;
use support::Directory;

const BUCKET: &str = "arn:aws:s3:::records";
const ROLE: &str = "arn:aws:iam::200000000002:role/app/reader";
const KEY: &str = "arn:aws:kms:eu-west-1:200000000002:key/k1";

/// A bucket as a file of Config's bucket holds it: objects, and texts within them.
const BUCKET_IN_FILE: &str = r#"{"relationships": [{"resourceType": "AWS::EC2::VPC", "name": "x"}],
  "configuration": {"name": "records", "owner": {"id": "me"}},
  "supplementaryConfiguration": {
    "AccessControlList": "{\"grantSet\":null,\"grantList\":[{\"grantee\":{\"id\":\"me\"},\"permission\":\"FullControl\"},{\"grantee\":\"AllUsers\",\"permission\":\"Read\"}],\"owner\":{\"id\":\"me\"}}",
    "BucketPolicy": {"policyText": "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"},
    "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
    "ServerSideEncryptionConfiguration": {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": "alias/records"}, "bucketKeyEnabled": true}]},
    "PublicAccessBlockConfiguration": {"blockPublicAcls": true, "ignorePublicAcls": true, "blockPublicPolicy": true, "restrictPublicBuckets": true},
    "BucketLifecycleConfiguration": {"rules": [{"id": "old", "status": "Enabled", "expirationInDays": 30}]},
    "ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": null, "years": 1}}}},
  "tags": {"team": "claims"},
  "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-11-20T10:00:00.000Z",
  "configurationItemStatus": "OK", "awsAccountId": "200000000002", "resourceType": "AWS::S3::Bucket",
  "resourceId": "records", "resourceName": "records", "ARN": "arn:aws:s3:::records", "awsRegion": "eu-west-1"}"#;

/// The same as an answer of the API holds it: texts, other names, times as numbers.
const BUCKET_IN_ANSWER: &str = r#"{"version": "1.3", "accountId": "200000000002", "configurationItemCaptureTime": 1795168800.0,
  "configurationItemStatus": "OK", "arn": "arn:aws:s3:::records", "resourceType": "AWS::S3::Bucket", "resourceId": "records", "awsRegion": "eu-west-1",
  "configuration": "{\"name\":\"records\"}",
  "supplementaryConfiguration": {
    "AccessControlList": "\"{\\\"grantList\\\":[{\\\"grantee\\\":{\\\"id\\\":\\\"me\\\"},\\\"permission\\\":\\\"FullControl\\\"},{\\\"grantee\\\":\\\"AllUsers\\\",\\\"permission\\\":\\\"Read\\\"}],\\\"owner\\\":{\\\"id\\\":\\\"me\\\"}}\"",
    "BucketPolicy": "{\"policyText\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"}",
    "BucketVersioningConfiguration": "{\"status\":\"Enabled\",\"isMfaDeleteEnabled\":null}",
    "ServerSideEncryptionConfiguration": "{\"rules\":[{\"applyServerSideEncryptionByDefault\":{\"sseAlgorithm\":\"aws:kms\",\"kmsMasterKeyID\":\"alias/records\"},\"bucketKeyEnabled\":true}]}",
    "PublicAccessBlockConfiguration": "{\"blockPublicAcls\":true,\"ignorePublicAcls\":true,\"blockPublicPolicy\":true,\"restrictPublicBuckets\":true}",
    "BucketLifecycleConfiguration": "{\"rules\":[{\"id\":\"old\",\"status\":\"Enabled\",\"expirationInDays\":30}]}",
    "ObjectLockConfiguration": "{\"objectLockEnabled\":\"Enabled\",\"rule\":{\"defaultRetention\":{\"mode\":\"COMPLIANCE\",\"years\":1}}}"},
  "tags": {"team": "claims"}}"#;

/// An item with further members after the usual ones.
fn item(kind: &str, id: &str, more: &str) -> String {
    at("2026-11-20T10:00:00Z", "OK", kind, id, more)
}

fn at(time: &str, status: &str, kind: &str, id: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { ", " };
    format!(
        r#"{{"awsAccountId": "200000000002", "awsRegion": "eu-west-1", "configurationItemCaptureTime": "{time}",
 "configurationItemStatus": "{status}", "resourceType": "{kind}", "resourceId": "{id}", "ARN": "{id}"{comma}{more}}}"#
    )
}

fn file(items: &[String]) -> String {
    let items = items.join(",\n");
    format!(
        "{{\"fileVersion\": \"1.0\", \"configSnapshotId\": \"s\", \"configurationItems\": [\n{items}\n]}}\n"
    )
}

fn read_text(text: &str) -> Read {
    let directory = Directory::of(&[("items.json", text)]);
    read_at(&[directory.0.join("items.json")])
}

fn read_at(paths: &[PathBuf]) -> Read {
    read(paths, &mut Documents::new()).expect("the source can be used")
}

fn facts_of(items: &[String]) -> Facts {
    let read = read_text(&file(items));
    assert_eq!(read.diagnostics, []);
    read.facts
}

/// The value as JSON; `absent`, or `unknown: ` and why.
fn shown(facts: &Facts, kind: Kind, id: &str, attribute: Attribute) -> String {
    match facts.get(&Entity::new(kind, id), attribute) {
        Known::Present(node) => node.to_json(),
        Known::Absent => "absent".to_owned(),
        Known::Unknown(why) => format!("unknown: {why}"),
    }
}

fn check(facts: &Facts, kind: Kind, id: &str, expected: &[(Attribute, &str)]) {
    for (attribute, value) in expected {
        assert_eq!(
            shown(facts, kind, id, *attribute),
            *value,
            "{attribute:?} of {id}"
        );
    }
}

const BUCKET_FACTS: &[(Attribute, &str)] = &[
    (Attribute::Account, r#""200000000002""#),
    (Attribute::Region, r#""eu-west-1""#),
    (Attribute::Tags, r#"[{"Key":"team","Value":"claims"}]"#),
    (
        Attribute::ResourcePolicy,
        r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
    ),
    (
        Attribute::PublicAccessBlock,
        r#"{"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true}"#,
    ),
    (
        Attribute::AccessControlList,
        r#"[{"Grantee":{"URI":"http://acs.amazonaws.com/groups/global/AllUsers"},"Permission":"READ"}]"#,
    ),
    (
        Attribute::Encryption,
        r#"{"Algorithm":"aws:kms","KeyId":"alias/records","BucketKey":true}"#,
    ),
    (Attribute::Versioning, r#""Enabled""#),
    (Attribute::ObjectLock, r#"{"Mode":"COMPLIANCE","Days":365}"#),
    (
        Attribute::Lifecycle,
        r#"[{"ID":"old","Status":"Enabled","Expiration":{"Days":30}}]"#,
    ),
    (
        Attribute::Ownership,
        "unknown: AWS Config does not record Ownership",
    ),
];

#[test]
fn files_and_answers_state_the_same_facts() {
    let texts = [
        file(&[BUCKET_IN_FILE.to_owned()]),
        format!(r#"{{"configurationItems": [{BUCKET_IN_ANSWER}]}}"#),
        format!(
            r#"{{"baseConfigurationItems": [{BUCKET_IN_ANSWER}], "unprocessedResourceKeys": []}}"#
        ),
        format!("[{BUCKET_IN_FILE}]"),
        BUCKET_IN_FILE.to_owned(),
        format!(
            r#"{{"source": "aws.config", "detail": {{"messageType": "x", "configurationItem": {BUCKET_IN_FILE}}}}}"#
        ),
        format!(
            r#"{{"Results": [{}], "QueryInfo": {{"SelectFields": []}}}}"#,
            serde_json::to_string(BUCKET_IN_ANSWER).unwrap()
        ),
    ];
    for text in &texts {
        let read = read_text(text);
        assert_eq!(read.diagnostics, [], "{text}");
        assert_eq!(read.captured_at.as_deref(), Some("2026-11-20T10:00:00Z"));
        check(&read.facts, Kind::Bucket, BUCKET, BUCKET_FACTS);
    }
}

#[test]
fn what_an_item_leaves_out() {
    let supplementary = r#""configuration": {"name": "records"}, "supplementaryConfiguration": {"BucketPolicy": {"policyText": null}}"#;
    let facts = facts_of(&[item("AWS::S3::Bucket", BUCKET, supplementary)]);
    check(
        &facts,
        Kind::Bucket,
        BUCKET,
        &[
            (Attribute::ResourcePolicy, "absent"),
            (Attribute::PublicAccessBlock, "absent"),
            (
                Attribute::Versioning,
                "unknown: the item of AWS Config does not hold BucketVersioningConfiguration.status",
            ),
            (
                Attribute::Tags,
                "unknown: the item of AWS Config does not hold tags",
            ),
        ],
    );
    let facts = facts_of(&[item("AWS::S3::Bucket", BUCKET, "")]);
    let unknown = "unknown: the item of AWS Config does not hold PublicAccessBlockConfiguration";
    check(
        &facts,
        Kind::Bucket,
        BUCKET,
        &[(Attribute::PublicAccessBlock, unknown)],
    );
}

#[test]
fn a_query_that_did_not_select_a_member_does_not_state_it() {
    let result = r#"{"accountId": "200000000002", "resourceId": "records", "arn": "arn:aws:s3:::records", "resourceType": "AWS::S3::Bucket", "supplementaryConfiguration": {"BucketPolicy": {"policyText": null}}}"#;
    let result = serde_json::to_string(result).unwrap();
    let read = read_text(&format!(r#"{{"Results": [{result}], "QueryInfo": {{}}}}"#));
    let unknown = "unknown: the item of AWS Config does not hold PublicAccessBlockConfiguration";
    check(
        &read.facts,
        Kind::Bucket,
        BUCKET,
        &[
            (Attribute::ResourcePolicy, "absent"),
            (Attribute::PublicAccessBlock, unknown),
        ],
    );
}

#[test]
fn roles_and_managed_policies() {
    let role = r#""configuration": {"path": "/app/", "roleName": "reader", "roleId": "AROA1", "arn": "x",
  "assumeRolePolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D", "instanceProfileList": [],
  "rolePolicyList": [{"policyName": "own", "policyDocument": "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D"}],
  "attachedManagedPolicies": [{"policyName": "read", "policyArn": "arn:aws:iam::200000000002:policy/read"}],
  "permissionsBoundary": null}, "supplementaryConfiguration": {}, "tags": {}"#;
    let policy = r#""configuration": {"PolicyName": "own", "PolicyVersionList": [
  {"VersionId": "v1", "IsDefaultVersion": false, "Document": "%7B%7D"},
  {"VersionId": "v2", "IsDefaultVersion": true, "Document": "%7B%22Statement%22%3A%5B%5D%7D"}]}"#;
    let own = "arn:aws:iam::200000000002:policy/own";
    let facts = facts_of(&[
        item("AWS::IAM::Role", ROLE, role),
        item("AWS::IAM::Policy", own, policy),
    ]);
    check(
        &facts,
        Kind::Role,
        ROLE,
        &[
            (Attribute::Trust, r#"{"Statement":[]}"#),
            (
                Attribute::InlinePolicies,
                r#"[{"PolicyName":"own","PolicyDocument":{"Statement":[{"Effect":"Allow"}]}}]"#,
            ),
            (
                Attribute::AttachedPolicies,
                r#"[{"PolicyName":"read","PolicyArn":"arn:aws:iam::200000000002:policy/read"}]"#,
            ),
            (Attribute::Boundary, "absent"),
            (Attribute::UniqueId, r#""AROA1""#),
            (Attribute::Tags, "[]"),
        ],
    );
    check(
        &facts,
        Kind::ManagedPolicy,
        own,
        &[
            (Attribute::Name, r#""own""#),
            (Attribute::Document, r#"{"Statement":[]}"#),
        ],
    );
}

#[test]
fn keys_and_their_aliases() {
    let key = r#""configuration": {"keyId": "k1", "keyState": "Enabled", "keyManager": "CUSTOMER"},
  "supplementaryConfiguration": {"Policy": "\"{\\\"Statement\\\":[]}\"", "KeyRotationStatus": true, "Tags": []}"#;
    let alias = |time, status, name, key: &str| {
        let more =
            format!(r#""configuration": {{"AliasName": "alias/{name}", "TargetKeyId": "{key}"}}"#);
        at(
            time,
            status,
            "AWS::KMS::Alias",
            &format!("alias/{name}"),
            &more,
        )
    };
    let facts = facts_of(&[
        alias("2026-11-20T10:00:00Z", "OK", "records", "k1"),
        alias("2026-11-01T10:00:00Z", "OK", "records", "k0"),
        alias("2026-11-20T10:00:00Z", "ResourceDeleted", "gone", "k1"),
        item("AWS::KMS::Key", KEY, key),
    ]);
    check(
        &facts,
        Kind::Key,
        KEY,
        &[
            (Attribute::Aliases, r#"["alias/records"]"#),
            (Attribute::ResourcePolicy, r#"{"Statement":[]}"#),
            (Attribute::Status, r#""Enabled""#),
            (Attribute::Rotation, "true"),
            (
                Attribute::Grants,
                "unknown: AWS Config does not record Grants",
            ),
        ],
    );
}

#[test]
fn stores_endpoints_and_trails() {
    let queue = "arn:aws:sqs:eu-west-1:200000000002:jobs";
    let secret = "arn:aws:secretsmanager:eu-west-1:200000000002:secret:db-1a2b3c";
    let function = "arn:aws:lambda:eu-west-1:200000000002:function:load";
    let trail = "arn:aws:cloudtrail:eu-west-1:200000000002:trail/main";
    let facts = facts_of(&[
        item(
            "AWS::SQS::Queue",
            queue,
            r#""configuration": {"QueueArn": "q", "Policy": "{\"Statement\":[]}"}"#,
        ),
        item(
            "AWS::SecretsManager::Secret",
            secret,
            r#""configuration": {"ARN": "s", "Name": "db", "KmsKeyId": "k1"}"#,
        ),
        item(
            "AWS::SecretsManager::ResourcePolicy",
            "p",
            &format!(
                r#""configuration": {{"SecretId": "{secret}", "ResourcePolicy": {{"Statement": []}}}}"#
            ),
        ),
        item(
            "AWS::Lambda::Function",
            function,
            r#""configuration": {"functionName": "load"}, "supplementaryConfiguration": {"Policy": "{\"policy\":\"{\\\"Statement\\\":[]}\",\"revisionId\":\"1\"}"}"#,
        ),
        item(
            "AWS::EC2::VPCEndpoint",
            "vpce-1",
            r#""configuration": {"vpcEndpointId": "vpce-1", "vpcId": "vpc-1", "serviceName": "com.amazonaws.eu-west-1.s3", "vpcEndpointType": "Gateway"}"#,
        ),
        item(
            "AWS::CloudTrail::Trail",
            trail,
            r#""configuration": {"name": "main", "s3BucketName": "log", "kmsKeyId": null, "homeRegion": "eu-west-1", "isMultiRegionTrail": true, "isOrganizationTrail": false, "logFileValidationEnabled": true, "hasCustomEventSelectors": false}"#,
        ),
        item(
            "AWS::S3::AccountPublicAccessBlock",
            "200000000002",
            r#""configuration": {"blockPublicAcls": true, "ignorePublicAcls": true, "blockPublicPolicy": true, "restrictPublicBuckets": true}"#,
        ),
    ]);
    check(
        &facts,
        Kind::Queue,
        queue,
        &[
            (Attribute::ResourcePolicy, r#"{"Statement":[]}"#),
            (Attribute::Encryption, "absent"),
        ],
    );
    check(
        &facts,
        Kind::Secret,
        secret,
        &[
            (Attribute::ResourcePolicy, r#"{"Statement":[]}"#),
            (
                Attribute::Encryption,
                r#"{"Algorithm":"aws:kms","KeyId":"k1"}"#,
            ),
        ],
    );
    check(
        &facts,
        Kind::Function,
        function,
        &[(Attribute::ResourcePolicy, r#"{"Statement":[]}"#)],
    );
    let no_policy = "unknown: the item of AWS Config does not hold policyDocument";
    check(
        &facts,
        Kind::Endpoint,
        "vpce-1",
        &[
            (Attribute::ResourcePolicy, no_policy),
            (Attribute::EndpointType, r#""Gateway""#),
            (Attribute::Vpc, r#""vpc-1""#),
        ],
    );
    check(
        &facts,
        Kind::Trail,
        trail,
        &[
            (
                Attribute::TrailDescription,
                r#"{"Name":"main","S3BucketName":"log","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,"IsOrganizationTrail":false,"LogFileValidationEnabled":true}"#,
            ),
            (
                Attribute::Selectors,
                r#"{"EventSelectors":[{"ReadWriteType":"All","IncludeManagementEvents":true}]}"#,
            ),
            (
                Attribute::Logging,
                "unknown: AWS Config does not record Logging",
            ),
        ],
    );
    assert_eq!(
        shown(
            &facts,
            Kind::Account,
            "200000000002",
            Attribute::PublicAccessBlock
        ),
        BUCKET_FACTS[4].1
    );
}

#[test]
fn the_newest_capture_counts_in_any_order() {
    let vpc = |time, status, team| {
        let more = format!(r#""configuration": {{}}, "tags": {{"team": "{team}"}}"#);
        at(time, status, "AWS::EC2::VPC", "vpc-1", &more)
    };
    let (old, new) = (
        vpc("2026-11-01T00:00:00Z", "OK", "old"),
        vpc("2026-11-02T00:00:00Z", "OK", "new"),
    );
    for items in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
        let tags = shown(&facts_of(&items), Kind::Vpc, "vpc-1", Attribute::Tags);
        assert_eq!(tags, r#"[{"Key":"team","Value":"new"}]"#);
    }
    let gone = vpc("2026-11-03T00:00:00Z", "ResourceDeleted", "gone");
    for items in [[gone.clone(), new.clone()], [new.clone(), gone]] {
        let exists = shown(&facts_of(&items), Kind::Vpc, "vpc-1", Attribute::Exists);
        assert_eq!(exists, "absent", "a deleted resource");
    }
    let unrecorded = vpc("2026-11-03T00:00:00Z", "ResourceNotRecorded", "x");
    let tags = shown(
        &facts_of(&[new, unrecorded]),
        Kind::Vpc,
        "vpc-1",
        Attribute::Tags,
    );
    assert_eq!(tags, "unknown: AWS Config stopped recording it");
}

#[test]
fn places_are_those_of_the_whole_file() {
    let text = file(&[
        item("AWS::EC2::VPC", "vpc-1", ""),
        BUCKET_IN_FILE.to_owned(),
    ]);
    let directory = Directory::of(&[("items.json", &text)]);
    let mut documents = Documents::new();
    let read = read(&[directory.0.join("items.json")], &mut documents).unwrap();
    let bucket = Entity::new(Kind::Bucket, BUCKET);
    let policy = read.facts.get(&bucket, Attribute::ResourcePolicy);
    let statement = policy.present().unwrap().get("Statement").unwrap();
    let place = documents.place(statement.origin);
    let line = text
        .lines()
        .position(|line| line.contains("policyText"))
        .unwrap();
    assert_eq!(place.line as usize, line + 1);
    assert!(place.file.ends_with("items.json"));
    let block = read.facts.get(&bucket, Attribute::Versioning);
    let place = documents.place(block.present().unwrap().origin);
    assert_eq!(
        place.pointer,
        "/configurationItems/1/supplementaryConfiguration/BucketVersioningConfiguration/status"
    );
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_bucket_of_config_with_compressed_files_is_a_source() {
    let directory =
        Directory::of(&[("AWSLogs/200000000002/Config/ConfigWritabilityCheckFile", "")]);
    let day = directory
        .0
        .join("AWSLogs/200000000002/Config/eu-west-1/2026/11/20/ConfigSnapshot");
    std::fs::create_dir_all(&day).unwrap();
    let name = "200000000002_Config_eu-west-1_ConfigSnapshot_20261120T100000Z_1.json.gz";
    std::fs::write(day.join(name), gzip(&file(&[BUCKET_IN_FILE.to_owned()]))).unwrap();
    let read = read_at(std::slice::from_ref(&directory.0));
    assert_eq!(read.diagnostics, []);
    check(&read.facts, Kind::Bucket, BUCKET, BUCKET_FACTS);
}

/// Each item is on a line of its own, so that the line of a break tells the items before it.
#[test]
fn a_break_loses_nothing_before_it_and_is_said() {
    let vpc = |number: usize| {
        let tags = format!(
            r#""tags": {{"noise": "{}"}}"#,
            number.wrapping_mul(0x9e37_79b9)
        );
        item("AWS::EC2::VPC", &format!("vpc-{number}"), &tags).replace('\n', "")
    };
    let items: Vec<String> = (0..2000).map(vpc).collect();
    let text = file(&items);
    let whole = gzip(&text);
    let directory = Directory::of(&[("x", "")]);
    let path = directory.0.join("items.json.gz");
    for part in [1, 3, 5, 7, 9] {
        std::fs::write(&path, &whole[..whole.len() * part / 10]).unwrap();
        let read = read_at(std::slice::from_ref(&path));
        let [broken] = &read.diagnostics[..] else {
            panic!("{:?}", read.diagnostics)
        };
        let line = broken.line.unwrap() as usize;
        let found = read.facts.of_kind(Kind::Vpc).count();
        assert_eq!(found, line - 2, "{}", broken.message);
        assert!(
            broken.message.starts_with("the compressed data ends after"),
            "{}",
            broken.message
        );
    }
    let plain = directory.0.join("items.json");
    std::fs::write(&plain, &text[..text.len() / 2]).unwrap();
    let read = read_at(&[plain]);
    let [broken] = &read.diagnostics[..] else {
        panic!("{:?}", read.diagnostics)
    };
    let (bytes, line) = (text.len() / 2, broken.line.unwrap() as usize);
    assert_eq!(read.facts.of_kind(Kind::Vpc).count(), line - 2);
    let said = format!(
        "the JSON ends after {bytes} bytes of JSON, in the item after item {}: ",
        line - 2
    );
    assert!(broken.message.starts_with(&said), "{}", broken.message);
}

#[test]
fn a_damaged_item_does_not_hide_the_others() {
    let damaged = item(
        "AWS::S3::Bucket",
        "arn:aws:s3:::bad",
        r#""configuration": {"a" 1}"#,
    );
    let text = file(&[
        damaged,
        r#"{"resourceType": "AWS::EC2::VPC"}"#.to_owned(),
        item("AWS::EC2::Subnet", "subnet-1", r#""no": "matter""#),
        BUCKET_IN_FILE.to_owned(),
    ]);
    let read = read_text(&text);
    let said: Vec<_> = read
        .diagnostics
        .iter()
        .map(|one| (one.line, one.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Some(3), "expected `:` after the key, found `1`"),
            (
                Some(4),
                "an item of AWS Config does not say its resourceType and resourceId"
            ),
        ]
    );
    check(&read.facts, Kind::Bucket, BUCKET, BUCKET_FACTS);
}

/// A live read that was refused does not undo what Config recorded, and the age is said.
#[test]
fn config_stands_behind_a_refused_read() {
    let refused =
        r#"{"request": {"Bucket": "records"}, "error": {"code": "AccessDenied", "message": "no"}}"#;
    let listed = r#"{"Buckets": [{"Name": "records"}]}"#;
    let config = file(&[BUCKET_IN_FILE.to_owned()]);
    let directory = Directory::of(&[
        ("items.json", &config),
        ("live/200000000002/s3api.list-buckets.json", listed),
        ("live/200000000002/s3api.get-bucket-policy.jsonl", refused),
        (
            "live/200000000002/s3api.get-bucket-versioning.jsonl",
            r#"{"request": {"Bucket": "records"}, "response": {"Status": "Suspended"}}"#,
        ),
    ]);
    let (items, live) = (directory.0.join("items.json"), directory.0.join("live"));
    let read = read_at(&[items, live]);
    let bucket = |attribute| shown(&read.facts, Kind::Bucket, BUCKET, attribute);
    assert_eq!(bucket(Attribute::ResourcePolicy), BUCKET_FACTS[3].1);
    assert_eq!(
        bucket(Attribute::Versioning),
        r#""Suspended""#,
        "later counts"
    );
    let [said] = &read.diagnostics[..] else {
        panic!("{:?}", read.diagnostics)
    };
    assert_eq!(
        said.message,
        "this source does not know ResourcePolicy of arn:aws:s3:::records: what the earlier source of 2026-11-20T10:00:00Z says counts"
    );
    let why = read
        .facts
        .gaps()
        .find(|gap| gap.1 == Kind::Role)
        .map(|gap| gap.2);
    let expected = "AWS Config records what its recorder is told to record, and no answer of the source lists the Roles of account 200000000002";
    assert_eq!(why, Some(expected), "roles without items may exist");
}

/// A snapshot may hold answers of Config's API: they stand behind its other answers.
#[test]
fn answers_of_config_in_a_snapshot_stand_behind_the_others() {
    let refused =
        r#"{"request": {"Bucket": "records"}, "error": {"code": "AccessDenied", "message": "no"}}"#;
    let versions = r#"{"request": {"Bucket": "records"}, "response": {"Status": "Suspended"}}"#;
    let call = format!(
        r#"{{"request": {{"resourceType": "AWS::S3::Bucket"}}, "response": {{"configurationItems": [{}]}}}}"#,
        BUCKET_IN_ANSWER.replace('\n', " ")
    );
    let directory = Directory::of(&[
        (
            "200000000002/s3api.list-buckets.json",
            r#"{"Buckets": [{"Name": "records"}]}"#,
        ),
        ("200000000002/s3api.get-bucket-policy.jsonl", refused),
        ("200000000002/s3api.get-bucket-versioning.jsonl", versions),
        (
            "200000000002/configservice.get-resource-config-history.jsonl",
            &call,
        ),
    ]);
    let read = read_at(std::slice::from_ref(&directory.0));
    let bucket = |attribute| shown(&read.facts, Kind::Bucket, BUCKET, attribute);
    assert_eq!(bucket(Attribute::ResourcePolicy), BUCKET_FACTS[3].1);
    assert_eq!(bucket(Attribute::Versioning), r#""Suspended""#);
    let said: Vec<_> = read.diagnostics.iter().map(|one| &one.message).collect();
    assert_eq!(
        said,
        [
            "this source does not know ResourcePolicy of arn:aws:s3:::records: what the earlier source of 2026-11-20T10:00:00Z says counts"
        ]
    );
}

/// Bytes are replaced, removed and doubled all over a file of every type: nothing panics, and what
/// is read is the same each time.
#[test]
fn damage_anywhere_is_said_and_never_a_panic() {
    let text = file(&[
        BUCKET_IN_FILE.to_owned(),
        item(
            "AWS::EC2::VPC",
            "vpc-1",
            r#""configuration": "{\"a\": [1]}""#,
        ),
        item(
            "AWS::CloudTrail::Trail",
            "arn:aws:cloudtrail:eu-west-1:200000000002:trail/m",
            r#""configuration": {"s3BucketName": "b"}"#,
        ),
    ]);
    let directory = Directory::of(&[("x", "")]);
    let path = directory.0.join("items.json");
    let mut seed = 7_u64;
    for round in 0..400 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..3 {
            seed = seed
                .wrapping_mul(0x5851_f42d_4c95_7f2d)
                .wrapping_add(0x14057b7ef767814f);
            let at = (seed >> 33) as usize % bytes.len();
            match seed >> 61 {
                0..=2 => bytes[at] = b"{}[]\",:\\x\n"[(seed >> 20) as usize % 10],
                3..=4 => drop(bytes.remove(at)),
                5 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, b"{[\"}"[(seed >> 20) as usize % 4]),
            }
        }
        std::fs::write(&path, &bytes).unwrap();
        let read = || {
            read(std::slice::from_ref(&path), &mut Documents::new())
                .map(|read| (read.diagnostics, read.facts.of_kind(Kind::Bucket).count()))
        };
        assert_eq!(read(), read(), "round {round}");
    }
}
