//! Damaged snapshots: the damage is a diagnostic with file and line, what it hides is unknown, and
//! the rest is read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)] // a test stops where it is wrong

mod support;

use cofferdam_org::fact::Kind;
use cofferdam_org::model::Organization;
use cofferdam_sources::read;
use cofferdam_text::Documents;
use support::Directory;

const BUCKET_POLICIES: &str = "200000000002/global/s3api.get-bucket-policy.jsonl";
const KEYS: &str = "200000000002/eu-west-1/kms.list-keys.json";
const TARGETS: &str = "100000000001/global/organizations.list-targets-for-policy.jsonl";
const DETAILS: &str = "200000000002/global/iam.get-account-authorization-details.json";

/// Damages one file, and expects one diagnostic there.
fn check(
    file: &str,
    damage: impl FnOnce(&str) -> Option<String>,
    line: Option<u32>,
    says: &str,
) -> Organization {
    let directory = Directory::snapshot(|files| {
        let at = files.iter().position(|(path, _)| path == file).unwrap();
        match damage(&files[at].1) {
            Some(text) => files[at].1 = text,
            None => drop(files.remove(at)),
        }
    });
    let (read, _) = directory.read();
    let [diagnostic] = read.diagnostics.as_slice() else {
        panic!("one diagnostic: {:?}", read.diagnostics)
    };
    assert!(diagnostic.message.contains(says), "{}", diagnostic.message);
    assert!(
        diagnostic.file.as_ref().unwrap().ends_with(file),
        "{diagnostic:?}"
    );
    assert_eq!(diagnostic.line, line, "{diagnostic:?}");
    let (organization, _) = cofferdam_org::build::build(&read.facts);
    assert!(organization.identity.is_some(), "the rest is read");
    assert!(
        organization
            .resource("arn:aws:sqs:eu-west-1:200000000002:jobs")
            .is_some(),
        "the rest is read"
    );
    organization
}

fn policy_unknown(organization: &Organization, bucket: &str) -> String {
    let bucket = organization
        .resource(&format!("arn:aws:s3:::{bucket}"))
        .unwrap();
    bucket
        .policy
        .unknown()
        .expect("the policy is unknown")
        .to_owned()
}

fn gap(organization: &Organization, kind: Kind) -> String {
    organization
        .gap("200000000002".parse().unwrap(), kind)
        .expect("a gap")
        .to_owned()
}

#[test]
fn a_truncated_list_is_a_gap() {
    let cut = |text: &str| text.get(..text.len() - 3).map(str::to_owned);
    let organization = check(KEYS, cut, Some(1), "the text ends");
    assert!(gap(&organization, Kind::Key).contains("could not be read"));
}

#[test]
fn a_missing_list_is_a_gap() {
    let organization = check(KEYS, |_| None, None, "the file is missing");
    assert!(gap(&organization, Kind::Key).contains("the file is missing"));
}

#[test]
fn a_missing_file_of_calls_says_why_of_each_resource() {
    let organization = check(BUCKET_POLICIES, |_| None, None, "the file is missing");
    assert!(
        policy_unknown(&organization, "acme-records")
            .contains("get-bucket-policy.jsonl: the file is missing")
    );
    assert!(policy_unknown(&organization, "acme-plain").contains("the file is missing"));
}

#[test]
fn a_damaged_line_leaves_the_other_lines() {
    let cut = |text: &str| Some(text.replacen("{\"request\"", "{\"request", 1));
    let organization = check(BUCKET_POLICIES, cut, Some(1), "");
    assert!(policy_unknown(&organization, "acme-records").contains("a line of"));
    let plain = organization.resource("arn:aws:s3:::acme-plain").unwrap();
    assert_eq!(
        plain.policy,
        cofferdam_org::fact::Known::Absent,
        "the second line is read"
    );
}

#[test]
fn invalid_json_in_one_policy_is_located_and_unknown() {
    let spoil = |text: &str| Some(text.replacen(r#"\"Action\":\"s3:*\","#, r#"\"Action\":s3,"#, 1));
    let organization = check(BUCKET_POLICIES, spoil, Some(1), "");
    assert!(policy_unknown(&organization, "acme-records").contains("is not JSON"));
}

#[test]
fn an_unreadable_inline_policy_leaves_the_role_and_its_other_policies() {
    let spoil = |text: &str| Some(text.replacen("%7B%22Statement%22", "%7BStatement", 1));
    let organization = check(DETAILS, spoil, Some(2), "");
    let role = organization
        .principal("arn:aws:iam::200000000002:role/app/reader")
        .unwrap();
    let policies = role.identity.present().unwrap();
    assert!(
        organization
            .policies
            .get(policies[0])
            .document
            .unknown()
            .is_some()
    );
    assert!(
        organization
            .policies
            .get(policies[1])
            .document
            .present()
            .is_some()
    );
}

#[test]
fn a_policy_whose_targets_are_lost_leaves_all_attachments_unknown() {
    let cut = |text: &str| Some(text.replacen("\"PolicyId\": \"p-rcp\"", "\"PolicyId\": p", 1));
    let organization = check(TARGETS, cut, Some(2), "");
    let attached = &organization.units["ou-1"].attached;
    assert!(
        attached.service_control.unknown().is_some()
            && attached.resource_control.unknown().is_some()
    );
}

#[test]
fn an_unknown_element_is_said_and_the_rest_of_the_list_is_kept() {
    let more = |text: &str| Some(text.replacen("[{", "[{\"Odd\": 1},\n{", 1));
    let organization = check(KEYS, more, Some(1), "`KeyArn`");
    assert!(gap(&organization, Kind::Key).contains("parts that could not be read"));
    assert!(
        organization
            .resource("arn:aws:kms:eu-west-1:200000000002:key/k1")
            .is_some()
    );
}

#[test]
fn a_list_that_is_none_is_a_gap() {
    let organization = check(
        KEYS,
        |_| Some(r#"{"Keys": "k"}"#.to_owned()),
        Some(1),
        "a list under `Keys`",
    );
    assert!(gap(&organization, Kind::Key).contains("parts that could not be read"));
}

#[test]
fn nesting_ten_thousand_deep_is_refused() {
    let deep = |_: &str| Some("[".repeat(10_000));
    check(KEYS, deep, Some(1), "128");
}

#[test]
fn nesting_inside_a_policy_is_refused_too() {
    let deep = format!(
        r#"{{"request": {{"Bucket": "acme-records"}}, "response": {{"Policy": "{}"}}}}"#,
        "[".repeat(10_000)
    );
    let organization = check(BUCKET_POLICIES, |_| Some(deep), Some(1), "128");
    assert!(policy_unknown(&organization, "acme-records").contains("is not JSON"));
}

#[test]
fn a_document_over_the_limit_is_refused() {
    let huge = |text: &str| Some(format!("{text}{}", " ".repeat(33 * 1024 * 1024)));
    let organization = check(KEYS, huge, None, "33");
    assert!(gap(&organization, Kind::Key).contains("could not be read"));
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let directory = Directory::snapshot(|_| {});
    std::fs::write(directory.0.join(KEYS), [0xff, 0xfe, 0x00]).unwrap();
    let (read, _) = directory.read();
    assert_eq!(read.diagnostics.len(), 1);
}

#[test]
fn a_file_that_the_manifest_does_not_name_is_not_read() {
    let directory = Directory::snapshot(|_| {});
    directory.write(
        "200000000002/eu-west-1/sns.list-topics.json",
        r#"{"Topics": []}"#,
    );
    let (read, _) = directory.read();
    assert_eq!(
        read.diagnostics[0].message,
        "the manifest does not name this file, so it was not read"
    );
}

#[test]
fn a_manifest_cannot_reach_outside_its_directory() {
    for file in ["../kms.list-keys.json", "/etc/kms.list-keys.json"] {
        let manifest = format!(r#"{{"version": 1, "read": [{{"file": "{file}"}}]}}"#);
        let (read, _) = Directory::of(&[("manifest.json", &manifest)]).read();
        assert!(
            read.diagnostics[0]
                .message
                .contains("lies outside the snapshot"),
            "{file}"
        );
    }
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let directory = Directory::of(&[("manifest.json", r#"{"version": 2, "read": []}"#)]);
    let problem =
        read(std::slice::from_ref(&directory.0), &mut Documents::new()).expect_err("refused");
    assert!(problem.message.contains("only version 1"));
    assert_eq!(problem.line, Some(1));
}

#[test]
fn without_a_readable_manifest_the_files_are_read_as_loose_ones() {
    let directory = Directory::snapshot(|_| {});
    directory.write("manifest.json", "{");
    let (organization, diagnostics) = directory.organization();
    assert_eq!(diagnostics.len(), 1);
    assert!(organization.resource("arn:aws:s3:::acme-records").is_some());
}

/// Answers that no operation of AWS gives.
const ODD: &[&str] = &[
    "null",
    "[]",
    "{}",
    "1",
    r#"{"request": null}"#,
    r#"{"response": null}"#,
    r#"{"response": []}"#,
    r#"{"request": {}, "response": {"Keys": null, "Buckets": [null], "Policy": {}, "Attributes": 1}}"#,
    r#"{"request": {"Bucket": "b", "KeyId": "", "QueueUrl": "/"}, "response": {"Policy": "", "Grants": 1}}"#,
    r#"{"request": {"Bucket": "b", "KeyId": "k"}, "error": {}}"#,
    r#"{"request": [], "error": null}"#,
    r#"{"request": {"PolicyId": 1, "ParentId": [], "TargetId": {}}, "response": {"Targets": [1], "Roots": [{}]}}"#,
];

#[test]
fn no_answer_stops_the_reader() {
    let text = ODD.join("\n");
    let directory = Directory::of(&[]);
    for operation in cofferdam_sources::operations() {
        directory.write(
            &format!("200000000002/eu-west-1/{}.jsonl", operation.operation),
            &text,
        );
    }
    let (read, _) = directory.read();
    assert!(!read.diagnostics.is_empty());
    let _ = cofferdam_org::build::build(&read.facts);
}
