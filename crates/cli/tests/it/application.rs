//! One application in three forms: the stacks, what CDK makes of it, and the Terraform plan get the
//! same verdicts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/application")
}

/// The answer of `check` about the application over what is there now.
fn check(sources: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cofferdam"));
    command.current_dir(home()).args(["check", "."]);
    command.args(sources).args(["--format", "json"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    serde_json::from_slice(&output.stdout).expect(&said)
}

fn verdicts(answer: &Value) -> BTreeMap<String, String> {
    let findings = answer["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|one| (text(&one["id"]), text(&one["verdict"])))
        .collect()
}

const STACKS: &[&str] = &[
    "cloudformation/access.yaml",
    "cloudformation/audit.yaml",
    "cloudformation/data.yaml",
    "cloudformation/keys.yaml",
    "cloudformation/network.yaml",
    "--account",
    "200000000002",
    "--region",
    "eu-west-1",
];

const PLAN: &[&str] = &["terraform/plan.json", "--account", "aws=200000000002"];
const SOURCES: &[&str] = &["--terraform-dir", "terraform"];

/// What a plan alone leaves open and the stacks do not: a plan lists what an expression refers to and
/// never the expression, so that the endpoint in a condition's list is not known.
const OPEN_IN_PLAN: &[&str] = &["access.approved-works:orders"];

#[test]
fn stacks_cdk_and_terraform_get_the_same_verdicts() {
    let stacks = check(STACKS);
    let expected = verdicts(&stacks);
    assert_eq!(expected, verdicts(&check(&["cdk/cdk.out"])), "CDK");
    let mut plan = verdicts(&check(PLAN));
    for id in OPEN_IN_PLAN {
        let open = plan.insert((*id).to_owned(), expected[*id].clone());
        assert_eq!(open.as_deref(), Some("undecided"), "{id} of the plan");
    }
    assert_eq!(expected, plan, "Terraform");
    let with_sources = verdicts(&check(&[PLAN, SOURCES].concat()));
    assert_eq!(expected, with_sources, "Terraform with its sources");
    for verdict in ["proved", "violated", "undecided"] {
        assert!(
            expected.values().any(|one| one == verdict),
            "nothing is {verdict}"
        );
    }
    assert_eq!(stacks["diagnostics"].as_array().unwrap().len(), 0);
}

/// A finding leads to the file, the line and the logical id.
#[test]
fn a_finding_names_the_line_and_the_logical_id() {
    let stacks = check(STACKS);
    let findings = stacks["findings"].as_array().unwrap().iter();
    let mut reasons = findings.flat_map(|one| one["because"].as_array().unwrap());
    let read = reasons
        .find(|one| one["layer"] == "identity")
        .expect("a cause in an identity policy");
    assert_eq!(read["file"], "cloudformation/access.yaml");
    assert_eq!(read["address"], "Reader");
    let text = std::fs::read_to_string(home().join("cloudformation/access.yaml")).unwrap();
    let line = read["line"].as_u64().unwrap() as usize;
    let shown = text.lines().nth(line - 1).unwrap();
    assert!(shown.contains("s3:ListBucket"), "{shown}");
}
