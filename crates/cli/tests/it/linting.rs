//! The verb `lint` from outside: policies of files, policies of an organization, exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[track_caller]
fn check(args: &[&str], code: i32) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .arg("lint")
        .args(args)
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

fn json(args: &[&str], code: i32) -> Value {
    let (out, _) = check(&[args, &["--format", "json"]].concat(), code);
    serde_json::from_str(&out).unwrap()
}

/// Every remark as its rule, by severity.
fn rules(answer: &Value, severity: &str) -> Vec<String> {
    let policies = answer["policies"].as_array().unwrap().iter();
    let remarks = policies.flat_map(|policy| policy["remarks"].as_array().unwrap());
    remarks
        .filter(|remark| remark["severity"] == severity)
        .map(|remark| remark["rule"].as_str().unwrap().to_owned())
        .collect()
}

fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Two rules of its kind are broken: it allows, and a statement names no resource.
const BROKEN: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "sts:AssumeRoleWithWebIdentity"
    }
  ]
}"#;

#[test]
fn what_aws_refuses_gives_1_with_file_line_and_underline() {
    let path = file("lint-broken.json", BROKEN);
    let (out, _) = check(&[&path, "--kind", "resource-control"], 1);
    for says in [
        "must have the element Resource (RCP syntax) [grammar]",
        "a resource control policy must not Allow (RCP syntax) [effect]",
        "lint-broken.json:5",
        "5 │ \"Effect\": \"Allow\",",
        "━━━━━━━",
        "help: write it as a Deny",
        "✗ 1 policy read: 2 errors, 0 warnings",
    ] {
        assert!(out.contains(says), "no `{says}` in\n{out}");
    }
    let answer = json(&[&path, "--kind", "resource-control"], 1);
    assert_eq!(rules(&answer, "error"), ["grammar", "effect"]);
    assert_eq!(
        answer["policies"][0]["remarks"][1]["pointer"],
        "/Statement/0/Effect"
    );
    // The same document as a trust policy is fine, and that is what it looks like.
    let answer = json(&[&path], 0);
    assert_eq!(answer["policies"][0]["kind"], "trust");
    assert_eq!(answer["policies"][0]["guessed"], true);
}

#[test]
fn a_doubt_alone_gives_0() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
        "NotAction": "kms:Get*", "Resource": "*", "Action,": "s3:GetObject"}]}"#;
    check(&[&file("lint-wrong.json", text)], 1);
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny",
        "Action": "s3:GetObject, s3:PutObject", "Resource": "*"}]}"#;
    let (out, _) = check(&[&file("lint-comma.json", text)], 0);
    assert!(out.contains("no action name holds a comma"), "{out}");
    assert!(out.contains("lint-comma.json:2"), "{out}");
}

#[test]
fn what_cannot_be_read_gives_3_beside_what_can_and_2_alone() {
    let broken = file(
        "lint-no.json",
        "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [ / ]\n}",
    );
    let fine = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#;
    let fine = file("lint-fine.json", fine);
    let answer = json(&[&fine, &broken], 3);
    assert_eq!(answer["unread"][0]["line"], 3);
    assert_eq!(answer["summary"]["policies"], 1);
    let (out, err) = check(&[&broken], 2);
    assert!(out.is_empty() && err.contains("lint-no.json:3"), "{err}");
    check(&["/nowhere.json"], 2);
    check(&[&fine, "--kind", "bucket"], 2);
}

#[test]
fn answers_of_aws_are_read_too() {
    for answer in [
        r#"{"Policy": "{\"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:Gett*\", \"Resource\": \"*\"}]}"}"#,
        r#"{"PolicyVersion": {"IsDefaultVersion": true, "Document": {"Statement": {"Effect": "Deny", "Action": "s3:Gett*", "Resource": "*"}}}}"#,
        r#"{"Attributes": {"QueueArn": "arn", "Policy": "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22Principal%22%3A%22*%22%2C%22Action%22%3A%22s3%3AGett*%22%2C%22Resource%22%3A%22*%22%7D%7D"}}"#,
    ] {
        let answer = json(&[&file("lint-answer.json", answer)], 0);
        assert_eq!(rules(&answer, "warning"), ["unknown-action"], "{answer:#}");
    }
    let none = file("lint-none.json", r#"{"Policy": "text"}"#);
    let (_, err) = check(&[&none], 2);
    assert!(err.contains("no `Statement`"), "{err}");
}

fn example(name: &str) -> String {
    format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn all_policies_of_an_organization_are_read() {
    let (out, _) = check(&[&example("acme"), "--format", "json"], 0);
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(rules(&answer, "error"), [""; 0], "{out}");
    assert_eq!(answer["summary"]["unread"], 0, "{out}");
    assert!(answer["summary"]["policies"].as_u64() > Some(100), "{out}");
    let policies = answer["policies"].as_array().unwrap().iter();
    let kinds: std::collections::BTreeSet<_> =
        policies.map(|policy| policy["kind"].to_string()).collect();
    for kind in [
        "identity",
        "trust",
        "key",
        "resource",
        "endpoint",
        "service-control",
        "resource-control",
    ] {
        assert!(
            kinds.contains(&format!("\"{kind}\"")),
            "no {kind} in {kinds:?}"
        );
    }
    assert!(
        !rules(&answer, "warning").contains(&"unknown-endpoint".to_owned()),
        "{out}"
    );
    let (_, err) = check(&[&example("acme"), "--kind", "key"], 2);
    assert!(err.contains("--kind"), "{err}");
}

#[test]
fn every_rule_is_documented() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lint.md");
    let page = fs::read_to_string(page).unwrap();
    let names = cofferdam_policy::lint::RULES.iter().map(|rule| rule.name);
    let of_documents = cofferdam_policy::lint::DOCUMENT_RULES.into_iter();
    for name in names.chain(of_documents).chain(["grammar", "unclear"]) {
        assert!(
            page.contains(&format!("| `{name}` |")),
            "docs/lint.md has no row for `{name}`"
        );
    }
}

/// Policies that this project did not write, where they are at hand.
fn published(folder: &str) -> Vec<String> {
    let inputs = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/inputs/policies"
    );
    let Ok(entries) = fs::read_dir(Path::new(inputs).join(folder)) else {
        println!(
            "skipped: the published policies are not at {inputs}; the tests above hold the same defects"
        );
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let mut paths: Vec<String> = paths
        .filter(is_json)
        .map(|path| path.display().to_string())
        .collect();
    paths.sort();
    paths
}

fn of_published(folder: &str, code: i32) -> Option<Value> {
    let paths = published(folder);
    let mut args: Vec<&str> = paths.iter().map(String::as_str).collect();
    args.extend(["--kind", folder]);
    (!paths.is_empty()).then(|| json(&args, code))
}

#[test]
fn published_service_control_policies_read_but_the_one_that_is_no_json() {
    let Some(answer) = of_published("service-control", 3) else {
        return;
    };
    assert_eq!(answer["summary"]["policies"], 56);
    assert_eq!(rules(&answer, "error"), [""; 0]);
    assert_eq!(answer["unread"].as_array().unwrap().len(), 1);
    assert_eq!(answer["unread"][0]["line"], 15);
}

#[test]
fn one_published_resource_control_policy_breaks_rules_of_its_kind() {
    let Some(answer) = of_published("resource-control", 1) else {
        return;
    };
    assert_eq!(answer["summary"]["policies"], 23);
    assert_eq!(rules(&answer, "error"), ["size", "grammar", "effect"]);
    let policies = answer["policies"].as_array().unwrap().iter();
    let wrong = policies
        .filter(|policy| rules(&serde_json::json!({"policies": [policy]}), "error").len() == 3);
    let wrong: Vec<&Value> = wrong.collect();
    assert!(
        wrong[0]["name"]
            .as_str()
            .unwrap()
            .ends_with("Shared-Issuers.json")
    );
}
