//! Terraform plans from outside: over a snapshot, against what is, and over a slice of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::alone::{file, run};

/// An example project.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
}

/// A plan of one account of the example, with these changes.
fn plan(name: &str, changes: &str) -> PathBuf {
    let text = format!(
        r#"{{"format_version": "1.2", "planned_values": {{}}, "resource_changes": [{changes}],
        "configuration": {{"provider_config": {{"aws": {{"name": "aws", "expressions": {{"region": {{"constant_value": "eu-west-1"}},
        "allowed_account_ids": {{"constant_value": ["100000000006"]}}}}}}}}, "root_module": {{"resources": [
          {{"mode": "managed", "type": "aws_sqs_queue", "name": "new", "provider_config_key": "aws", "expressions": {{}}}}]}}}}}}"#
    );
    file(&format!("{name}.plan.json"), &text)
}

/// The bucket policy of the records goes away.
const POLICY_GOES: &str = r#"{"address": "aws_s3_bucket_policy.records", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "records",
    "change": {"actions": ["delete"], "before": {"bucket": "acme-customer-records", "policy": "{}"}, "after": null, "after_unknown": {}}}"#;

/// A queue that nobody but its account reaches.
const QUEUE_COMES: &str = r#"{"address": "aws_sqs_queue.new", "mode": "managed", "type": "aws_sqs_queue", "name": "new",
    "change": {"actions": ["create"], "before": null, "after": {"name": "new"}, "after_unknown": {"arn": true, "id": true, "url": true, "policy": true}}}"#;

#[track_caller]
fn check(args: &[&str], code: i32) -> (String, String) {
    let output = run(args, "");
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

/// Verdicts and fingerprints by finding.
fn verdicts(args: &[&str], code: i32) -> BTreeMap<String, String> {
    let args = [&["check", "--no-cache", "--format", "json"], args].concat();
    let answer: Value = serde_json::from_str(&check(&args, code).0).unwrap();
    let findings = answer["findings"].as_array().unwrap().iter();
    let one = |finding: &Value| {
        let causes = finding["causes"].as_array().unwrap().iter();
        let prints: Vec<&str> = causes
            .map(|cause| cause["fingerprint"].as_str().unwrap())
            .collect();
        (
            finding["id"].as_str().unwrap().to_owned(),
            format!("{} {prints:?}", finding["verdict"]),
        )
    };
    findings.map(one).collect()
}

#[test]
fn only_what_a_plan_makes_worse_is_shown() {
    let project = example("acme");
    let project = project.to_str().unwrap();
    let goes = plan("against-goes", POLICY_GOES);
    let args = |plan: &str| -> Vec<String> {
        let args = [
            "check",
            project,
            plan,
            "--against",
            project,
            "--no-cache",
            "--account",
            "aws=100000000006",
        ];
        args.map(str::to_owned).to_vec()
    };
    let args_goes = args(goes.to_str().unwrap());
    let args_goes: Vec<&str> = args_goes.iter().map(String::as_str).collect();
    let (out, _) = check(&args_goes, 1);
    assert!(out.starts_with("The change opens "), "{out}");
    assert!(
        out.contains("identity.unapproved-principal:customer-records:read"),
        "{out}"
    );
    let comes = plan("against-comes", QUEUE_COMES);
    let args_comes = args(comes.to_str().unwrap());
    let args_comes: Vec<&str> = args_comes.iter().map(String::as_str).collect();
    let (out, _) = check(&args_comes, 0);
    assert!(out.starts_with("The change makes nothing worse."), "{out}");
}

#[test]
fn a_slice_keeps_the_verdicts_of_the_plan() {
    for (name, changes, code, obligations) in [
        ("slice-goes", POLICY_GOES, 1, "identity.*"),
        ("slice-comes", QUEUE_COMES, 0, "encryption.*"),
    ] {
        let home = example("acme");
        let (snapshot, boundary) = (home.join("snapshot"), home.join("boundary.yaml"));
        let (snapshot, boundary) = (snapshot.to_str().unwrap(), boundary.to_str().unwrap());
        let plan = plan(name, changes);
        let plan = plan.to_str().unwrap();
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&out);
        let out = out.to_str().unwrap();
        let said = check(
            &[
                "slice",
                snapshot,
                "--for",
                plan,
                "--boundary",
                boundary,
                "-o",
                out,
            ],
            0,
        )
        .1;
        assert!(said.contains("of 12 stores and keys"), "{said}");
        let whole = verdicts(
            &[
                snapshot,
                plan,
                "--boundary",
                boundary,
                "--obligation",
                obligations,
            ],
            code,
        );
        let part = verdicts(
            &[
                out,
                plan,
                "--boundary",
                boundary,
                "--obligation",
                obligations,
            ],
            code,
        );
        assert_eq!(part, whole, "{name}");
        let manifest = fs::read_to_string(Path::new(out).join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["captured_at"], "2026-11-22T09:00:00Z");
        assert!(
            manifest["read"][0]["sha256"]
                .as_str()
                .is_some_and(|hash| hash.len() == 64)
        );
    }
}

#[test]
fn a_plan_says_what_it_leaves_unknown() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sources/tests/plans");
    let plan = plans.join("landing-zone.plan.json");
    let plan = plan.to_str().unwrap();
    let (alone, said) = check(&["inventory", plan, "--coverage"], 0);
    assert!(
        alone.contains("- unknown: `aws_kms_key_policy.data.policy`"),
        "{alone}"
    );
    assert!(said.contains("--account PROVIDER=ACCOUNT"), "{said}");
    let sources = plans.join("landing-zone");
    let with = [
        "inventory",
        plan,
        "--coverage",
        "--terraform-dir",
        sources.to_str().unwrap(),
        "--format",
        "json",
    ];
    let answer: Value = serde_json::from_str(&check(&with, 0).0).unwrap();
    assert_eq!(answer["settled"]["unknown"], 0, "{answer}");
}

#[test]
fn statements_of_a_plan_carry_their_address() {
    let home = example("acme");
    let opens = plan(
        "address",
        r#"{"address": "aws_s3_bucket_policy.records", "mode": "managed", "type": "aws_s3_bucket_policy", "name": "records",
        "change": {"actions": ["update"], "before": {"bucket": "acme-customer-records"}, "after": {"bucket": "acme-customer-records",
        "policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"Writers\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::200000000001:root\"}, \"Action\": \"s3:*\", \"Resource\": \"*\"}]}"}, "after_unknown": {}}}"#,
    );
    let args = [home.to_str().unwrap(), opens.to_str().unwrap()];
    let all = [&["check", "--no-cache", "--format", "json"], &args[..]].concat();
    let (out, _) = check(&all, 1);
    assert!(
        out.contains(r#""address": "aws_s3_bucket_policy.records""#),
        "{out}"
    );
}
