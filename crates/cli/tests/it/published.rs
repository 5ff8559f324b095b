//! AWS managed policies that a snapshot names and does not hold: the dated documents of the
//! catalogue stand for them, and every verdict says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const AWS: &str = "arn:aws:iam::aws:policy/";
const IDENTITIES: &str = "iam.get-account-authorization-details.json";

/// The sound example without the documents of AWS managed policies, with another ARN in place of one
/// if wanted.
fn without_documents(name: &str, renamed: Option<(&str, &str)>) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("published")
        .join(name);
    let _ = fs::remove_dir_all(&home);
    copy(&example.join("snapshot"), &home.join("snapshot"), renamed);
    fs::copy(example.join("boundary.yaml"), home.join("boundary.yaml")).unwrap();
    home
}

fn copy(from: &Path, to: &Path, renamed: Option<(&str, &str)>) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to, renamed);
        } else if entry.file_name() == IDENTITIES {
            let mut text = fs::read_to_string(entry.path()).unwrap();
            if let Some((old, new)) = renamed {
                text = text.replace(&format!("{AWS}{old}\""), &format!("{AWS}{new}\""));
            }
            let mut answer: Value = serde_json::from_str(&text).unwrap();
            let policies = answer["Policies"].as_array_mut().unwrap();
            policies.retain(|policy| !policy["Arn"].as_str().unwrap().starts_with(AWS));
            fs::write(to, format!("{answer:#}")).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn check(home: &Path, obligation: &str, code: i32) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(["check", "--format", "json", "--obligation", obligation])
        .arg(home)
        .output()
        .unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert_eq!(output.status.code(), Some(code), "{answer:#}");
    answer
}

/// Whether every finding lists the table of managed policies with its date.
fn rests_on_them(answer: &Value) -> bool {
    let listed = |finding: &Value| {
        let facts = finding["facts"].as_array().unwrap().iter();
        let mut dates = facts.filter(|fact| fact["fact"] == "managed_policies");
        dates.any(|fact| fact["as_of"].as_str().is_some_and(|date| date.len() == 10))
    };
    answer["findings"].as_array().unwrap().iter().all(listed)
}

/// One of its roles has nothing to be allowed by but what AWS wrote beside its own policy.
const ASKED: &str = "access.approved-works";
const ATTACHED: &str = "service-role/AWSLambdaVPCAccessExecutionRole";

#[test]
fn a_dated_document_stands_for_one_that_no_source_holds() {
    let answer = check(&without_documents("known", None), ASKED, 0);
    assert_eq!(answer["summary"]["undecided"], 0, "{answer:#}");
    assert!(rests_on_them(&answer), "{answer:#}");
    let said = answer["diagnostics"].to_string();
    assert!(said.contains("they count as AWS had them on 20"), "{said}");
    // With its own documents the snapshot rests on no table of them.
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme");
    assert!(!rests_on_them(&check(&own, ASKED, 0)));
}

#[test]
fn a_policy_that_the_catalogue_does_not_know_stays_unknown() {
    let unknown = Some((ATTACHED, "service-role/MadeLater"));
    let answer = check(&without_documents("unknown", unknown), ASKED, 3);
    let text = answer.to_string();
    assert!(
        text.contains("MadeLater is not in the source"),
        "{answer:#}"
    );
}

#[test]
fn nobody_is_told_what_is_wrong_with_policies_of_aws() {
    let home = without_documents("lint", None);
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(["lint", "--format", "json"])
        .arg(&home)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["summary"]["unread"], 0, "{answer:#}");
    assert!(
        answer["summary"]["left_out"].as_u64() > Some(0),
        "{answer:#}"
    );
}
