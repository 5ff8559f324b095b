//! A sound snapshot: every answer becomes the facts that it states, and no others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod support;

use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::Details;
use cofferdam_sources::{operations, read};
use cofferdam_text::Documents;
use support::{Directory, FILES};

const RECORDS: &str = "arn:aws:s3:::acme-records";
const PLAIN: &str = "arn:aws:s3:::acme-plain";

fn sound() -> Directory {
    Directory::snapshot(|_| {})
}

#[test]
fn a_sound_snapshot_has_no_diagnostics() {
    let (read, _) = sound().read();
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.captured_at.as_deref(), Some("2026-11-22T00:00:00Z"));
}

#[test]
fn an_absent_code_is_absence_and_any_other_error_is_unknown() {
    let (organization, _) = sound().organization();
    let plain = organization.resource(PLAIN).unwrap();
    assert_eq!(plain.policy, Known::Absent, "NoSuchBucketPolicy");
    let why = plain.encryption.unknown().expect("AccessDenied");
    assert!(
        why.contains("s3api.get-bucket-encryption was refused: AccessDenied"),
        "{why}"
    );
    assert!(plain.tags.unknown().is_some(), "a call that nobody made");
}

#[test]
fn names_of_keys_become_arns() {
    let (organization, _) = sound().organization();
    let records = organization.resource(RECORDS).unwrap();
    assert_eq!(
        organization.key_of(records).unwrap().arn.resource(),
        "key/k1"
    );
    let queue = organization
        .resource("arn:aws:sqs:eu-west-1:200000000002:jobs")
        .unwrap();
    assert_eq!(
        queue.encryption.present().unwrap().key,
        None,
        "alias/aws/sqs is managed by AWS"
    );
}

#[test]
fn attachments_are_told_apart_by_the_type_of_the_policy() {
    let (organization, _) = sound().organization();
    let attached = |id: &str| {
        let unit = &organization.units[id].attached;
        let count = |list: &Known<Vec<_>>| list.present().unwrap().len();
        (count(&unit.service_control), count(&unit.resource_control))
    };
    assert_eq!(attached("r-1"), (1, 0));
    assert_eq!(attached("ou-1"), (1, 1));
    let path = organization.account_path("200000000002".parse().unwrap());
    assert_eq!(path, Known::Present(vec!["o-acme1a2b3c/r-1/ou-1/".into()]));
}

#[test]
fn policies_are_read_from_objects_from_text_and_from_percent_signs() {
    let (organization, _) = sound().organization();
    let role = organization
        .principal("arn:aws:iam::200000000002:role/app/reader")
        .unwrap();
    let policies = role.identity.present().unwrap();
    let statements = |at: usize| {
        let policy = organization
            .policies
            .get(policies[at])
            .document
            .present()
            .unwrap();
        policy.statements.len()
    };
    assert_eq!(
        (statements(0), statements(1)),
        (1, 1),
        "the inline one, and the default version"
    );
    assert_eq!(
        role.boundary,
        Known::Absent,
        "the answer lists no permissions boundary"
    );
}

#[test]
fn what_was_refused_or_never_asked_is_a_gap() {
    let (organization, _) = sound().organization();
    let account = "200000000002".parse().unwrap();
    let gap = |kind| organization.gap(account, kind);
    assert!(
        gap(Kind::Topic).unwrap().contains("refused"),
        "the manifest says so"
    );
    assert!(
        gap(Kind::Secret).unwrap().contains("no answer"),
        "nobody asked"
    );
    assert_eq!(gap(Kind::Bucket), None, "the list was read");
    let management = "100000000001".parse().unwrap();
    assert!(
        organization.gap(management, Kind::Role).is_some(),
        "an account without any answers"
    );
}

#[test]
fn the_shadow_of_a_trail_belongs_to_the_account_in_its_arn() {
    let (organization, _) = sound().organization();
    assert_eq!(
        organization.trails[0].account,
        "100000000001".parse().unwrap()
    );
}

#[test]
fn loose_files_tell_their_place_by_directory_or_by_the_arns_in_them() {
    let key = r#"{"Keys": [{"KeyId": "k", "KeyArn": "arn:aws:kms:eu-west-1:200000000002:key/k"}]}"#;
    let policy = r#"{"Policy": "{\"Statement\": {\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \"*\"}}"}"#;
    let directory = Directory::of(&[
        ("kms.list-keys.json", key),
        (
            "200000000002/s3api.list-buckets.json",
            r#"{"Buckets": [{"Name": "b"}]}"#,
        ),
        ("200000000002/s3api.get-bucket-policy.b.json", policy),
    ]);
    let (organization, diagnostics) = directory.organization();
    assert_eq!(diagnostics, []);
    let bucket = organization.resource("arn:aws:s3:::b").unwrap();
    assert!(
        bucket.policy.present().is_some(),
        "the file's name says which bucket"
    );
    assert!(
        organization
            .resource("arn:aws:kms:eu-west-1:200000000002:key/k")
            .is_some()
    );
    assert!(organization.identity.is_none());
    assert_eq!(
        organization.accounts.len(),
        1,
        "without an organization, the accounts spoken of"
    );
}

#[test]
fn a_later_source_lies_over_an_earlier_one() {
    let first = sound();
    let line = r#"{"request": {"Bucket": "acme-records"}, "error": {"code": "NoSuchBucketPolicy", "message": ""}}"#;
    let second = Directory::of(&[("200000000002/s3api.get-bucket-policy.jsonl", line)]);
    let mut documents = Documents::new();
    let both = read(&[first.0.clone(), second.0.clone()], &mut documents).unwrap();
    let (organization, _) = cofferdam_org::build::build(&both.facts);
    assert_eq!(
        organization.resource(RECORDS).unwrap().policy,
        Known::Absent
    );
    assert!(
        organization
            .resource(RECORDS)
            .unwrap()
            .encryption
            .present()
            .is_some()
    );
}

fn refused(name: &str, text: &str, expected: &str) {
    let directory = Directory::of(&[(name, text)]);
    let problem = read(&[directory.0.join(name)], &mut Documents::new()).expect_err(name);
    assert!(
        problem.message.contains(expected),
        "{name}: {}",
        problem.message
    );
}

#[test]
fn sources_of_other_kinds_are_named_and_refused() {
    refused(
        "plan.json",
        r#"{"terraform_version": "1.11", "lineage": "x"}"#,
        "Terraform's own state file",
    );
    refused("other.json", "{}", "no source that can be read");
    refused("other.json", "{", "the text ends");
    let missing = read(&["nowhere".into()], &mut Documents::new()).expect_err("not there");
    assert_eq!(missing.message, "no such file or directory");
}

#[test]
fn every_operation_of_the_table_has_a_permission_and_a_page() {
    assert!(operations().len() > 50);
    for row in operations() {
        assert!(
            !row.permission.is_empty() && !row.page.is_empty(),
            "{}",
            row.operation
        );
    }
    assert!(FILES.len() > 10);
}

#[test]
fn the_example_organization_is_read_whole() {
    let snapshot = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme/snapshot");
    let read = read(&[snapshot.into()], &mut Documents::new()).unwrap();
    assert_eq!(read.diagnostics, []);
    let (organization, diagnostics) = cofferdam_org::build::build(&read.facts);
    assert_eq!(diagnostics, []);
    // The example runs nothing but functions, and what else could run was not asked.
    let unasked = [
        Kind::Instance,
        Kind::ManagedNode,
        Kind::TaskDefinition,
        Kind::Cluster,
    ];
    let gaps = organization.gaps.iter();
    let gaps: Vec<_> = gaps
        .filter(|(_, kind, _)| !unasked.contains(kind))
        .collect();
    assert!(
        gaps.is_empty(),
        "every list of every account was read: {gaps:?}"
    );
    let unread = organization
        .principals
        .iter()
        .find(|principal| principal.identity.unknown().is_some());
    assert!(unread.is_none(), "{unread:?}");
}

/// Answers about access points of account 200000000002.
const POINTS: &[(&str, &str)] = &[
    (
        "200000000002/eu-west-1/s3control.list-access-points.jsonl",
        r#"{"request": {"AccountId": "200000000002"}, "response": {"AccessPointList": [{"Name": "app", "NetworkOrigin": "Internet", "Bucket": "acme-records"}, {"Name": "inside", "NetworkOrigin": "VPC", "VpcConfiguration": {"VpcId": "vpc-1"}, "Bucket": "acme-plain", "BucketAccountId": "200000000002"}]}}
"#,
    ),
    (
        "200000000002/eu-west-1/s3control.get-access-point.jsonl",
        r#"{"request": {"AccountId": "200000000002", "Name": "app"}, "response": {"Name": "app", "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": true}}}
"#,
    ),
    (
        "200000000002/eu-west-1/s3control.get-access-point-policy.jsonl",
        r#"{"request": {"AccountId": "200000000002", "Name": "app"}, "response": {"Policy": "{\"Statement\":[{\"Sid\":\"One\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}}
{"request": {"AccountId": "200000000002", "Name": "inside"}, "error": {"code": "NoSuchAccessPointPolicy", "message": "none"}}
"#,
    ),
    (
        "200000000002/global/s3control.list-multi-region-access-points.jsonl",
        r#"{"request": {"AccountId": "200000000002"}, "response": {"AccessPoints": [{"Name": "everywhere", "Alias": "m1.mrap", "PublicAccessBlock": {"RestrictPublicBuckets": false}, "Regions": [{"Bucket": "acme-records", "Region": "eu-west-1"}, {"Bucket": "acme-copy", "Region": "us-east-1"}]}]}}
"#,
    ),
    (
        "200000000002/global/s3control.get-multi-region-access-point-policy.jsonl",
        r#"{"request": {"AccountId": "200000000002", "Name": "everywhere"}, "response": {"Policy": {"Established": {"Policy": "{\"Statement\":[]}"}, "Proposed": {"Policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}}}}
"#,
    ),
];

#[test]
fn access_points_lead_to_their_buckets() {
    let (organization, diagnostics) = Directory::with(POINTS).organization();
    assert_eq!(diagnostics, []);
    let records = organization.resource(RECORDS).unwrap();
    let points: Vec<&str> = organization
        .points_of(records)
        .map(|point| point.arn.as_str())
        .collect();
    assert_eq!(
        points,
        [
            "arn:aws:s3::200000000002:accesspoint/m1.mrap",
            "arn:aws:s3:eu-west-1:200000000002:accesspoint/app",
        ]
    );
    let [everywhere, app, inside] = organization.access_points.as_slice() else {
        panic!("{:?}", organization.access_points);
    };
    assert!(app.policy.present().is_some());
    let block = app.public_access_block.present().unwrap();
    assert!(block.restrict_public_buckets);
    assert_eq!(app.vpc, Known::Absent);
    assert_eq!(inside.vpc, Known::Present("vpc-1".into()));
    assert_eq!(inside.policy, Known::Absent, "NoSuchAccessPointPolicy");
    assert!(
        inside.public_access_block.unknown().is_some(),
        "a call that nobody made"
    );
    assert!(
        everywhere.policy.unknown().is_some(),
        "a change of it is on its way"
    );
}

/// "Access control list (ACL) overview": the default ACL grants the owner full control, and who owns
/// the bucket needs no grant.
#[test]
fn what_an_acl_grants_to_the_owner_is_left_out() {
    let acl = r#"{"request": {"Bucket": "acme-records"}, "response": {"Owner": {"ID": "0wn"}, "Grants": [{"Grantee": {"ID": "0wn", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}, {"Grantee": {"ID": "0ther", "Type": "CanonicalUser"}, "Permission": "READ"}]}}
{"request": {"Bucket": "acme-plain"}, "response": {"Grants": [{"Grantee": {"ID": "0wn", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}]}}
"#;
    let file = ("200000000002/global/s3api.get-bucket-acl.jsonl", acl);
    let (organization, _) = Directory::with(&[file]).organization();
    let grantees = |arn| {
        let Details::Bucket(bucket) = &organization.resource(arn).unwrap().details else {
            panic!("{arn} is a bucket");
        };
        let grants = bucket.acl.present().unwrap().iter();
        grants
            .map(|grant| grant.grantee.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(grantees(RECORDS), ["0ther"]);
    assert_eq!(grantees(PLAIN), ["0wn"], "nobody says who owns it");
}
