//! What faults and compromises lead to, through the program: an account with an administrator whose
//! compromise is enough, and the sound example.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";

/// Runs it and checks the exit code; gives standard output, or standard error where there is none.
#[track_caller]
fn check(args: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(args)
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    if code == 2 { err } else { out }
}

/// A project of one account with a bucket, an administrator and a role that may nothing, and what
/// its boundary requires.
fn project(name: &str, require: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&home);
    let global = home.join("snapshot/111122223333/global");
    fs::create_dir_all(&global).unwrap();
    let files = [
        "s3api.list-buckets",
        "iam.get-account-authorization-details",
    ];
    let read: Vec<String> = files
        .iter()
        .map(|operation| {
            format!(
                r#"{{"file": "111122223333/global/{operation}.json", "account": "111122223333",
                    "region": "global", "operation": "{operation}"}}"#
            )
        })
        .collect();
    let manifest = format!(
        r#"{{"version": 1, "captured_at": "2026-11-22T08:00:00Z", "partition": "aws", "read": [{}]}}"#,
        read.join(", ")
    );
    fs::write(home.join("snapshot/manifest.json"), manifest).unwrap();
    let buckets = r#"{"Buckets": [{"Name": "records"}]}"#;
    fs::write(global.join("s3api.list-buckets.json"), buckets).unwrap();
    let identities = format!(
        r#"{{"RoleDetailList": [{}, {}], "UserDetailList": [], "GroupDetailList": [], "Policies": []}}"#,
        role(
            "admin",
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#
        ),
        role(
            "idle",
            r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#
        ),
    );
    let details = global.join("iam.get-account-authorization-details.json");
    fs::write(details, identities).unwrap();
    let boundary = format!(
        "version: 1\ndatasets:\n  - name: records\n    class: restricted\n    owner: data\n    \
         resources: [{{arn: \"arn:aws:s3:::records\"}}]\n{require}\n"
    );
    fs::write(home.join("boundary.yaml"), boundary).unwrap();
    home
}

fn role(name: &str, statement: &str) -> String {
    format!(
        r#"{{"Path": "/", "RoleName": "{name}", "RoleId": "AROA{name}", "Arn": "arn:aws:iam::111122223333:role/{name}",
            "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
                "Principal": {{"Service": "ec2.amazonaws.com"}}, "Action": "sts:AssumeRole"}}]}},
            "RolePolicyList": [{{"PolicyName": "only", "PolicyDocument":
                {{"Version": "2012-10-17", "Statement": [{statement}]}}}}],
            "AttachedManagedPolicies": [], "Tags": [], "InstanceProfileList": []}}"#
    )
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_required_depth_that_does_not_hold_gives_1_and_the_attack() {
    let leaky = format!("{}/../../examples/acme-leaky", env!("CARGO_MANIFEST_DIR"));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("leaky-faults.json");
    let output = format!("json={}", file.display());
    let support = "arn:aws:iam::200000000002:role/service/claims-support";
    let args = [
        "faults",
        &leaky,
        "--search-to",
        "1",
        "--dataset",
        "customer-records",
    ];
    let out = check(
        &[&args[..], &["--from", support, "--output", &output]].concat(),
        1,
    );
    for expected in [
        "✗ customer-records: a breach depth of 2 is required, and it is 1",
        "by a compromise of arn:aws:iam::200000000002:role/app/claims-orchestrator",
        "uses athena:GetQueryResults + s3:GetObject",
        "\"SupportDecrypts\" of key policy of key/d7df8ae5",
    ] {
        assert!(out.contains(expected), "{expected} is not in:\n{out}");
    }
    let answer = json(&fs::read_to_string(file).unwrap());
    let dataset = &answer["datasets"][0];
    assert_eq!(dataset["breach_depth"]["must"], 1);
    assert_eq!(answer["requirements"][0]["verdict"], "violated");
    let survival = dataset["survival"].as_array().unwrap();
    let row = |fault: &str| survival.iter().find(|row| row["fault"] == fault).unwrap();
    let compromised = row(&format!("compromise({support})"));
    assert_eq!(compromised["leaks"], true);
    assert_eq!(compromised["evidence"], "never_recorded");
}

/// Nothing says which organization policies bind the account: what they leave of its roles is not
/// known.
#[test]
fn a_required_depth_that_is_undecided_gives_3() {
    let home = project("faults-required", "require: {breach-depth: 2}");
    let home = home.to_str().unwrap();
    let out = check(&["faults", home, "--search-to", "1"], 3);
    assert!(
        out.contains("? records: a breach depth of 2 is required"),
        "{out}"
    );
}

#[test]
fn without_a_requirement_no_depth_is_a_failure() {
    let home = project("faults-free", "");
    let home = home.to_str().unwrap();
    check(&["faults", home, "--search-to", "1"], 0);
    let out = check(
        &["faults", home, "--search-to", "1", "--faults", "account"],
        0,
    );
    assert!(
        out.contains("Counted as faults: compromise of every account"),
        "{out}"
    );
}

#[test]
fn what_one_compromise_comes_to_is_told_drawn_and_redacted() {
    let home = project("faults-reach", "");
    let (home, file) = (home.to_str().unwrap(), home.join("reach.svg"));
    let output = format!("svg={}", file.display());
    let out = check(&["reach", home, "--from", ADMIN, "--output", &output], 0);
    assert!(out.contains("rewrites arn:aws:s3:::records"), "{out}");
    let drawn = fs::read_to_string(&file).unwrap();
    assert!(
        drawn.starts_with("<svg") && drawn.contains(">data leaves<"),
        "{drawn}"
    );
    let args = [
        "reach",
        home,
        "--from",
        ADMIN,
        "--format",
        "svg",
        "--redact=key",
    ];
    let drawn = check(&args, 0);
    assert!(!drawn.contains("111122223333"), "{drawn}");
    let out = check(&["reach", home, "--from", "111122223333"], 0);
    assert!(out.contains("rewrites arn:aws:s3:::records"), "{out}");
    let idle = "arn:aws:iam::111122223333:role/idle";
    let answer = json(&check(
        &["reach", home, "--from", idle, "--format", "json"],
        0,
    ));
    assert_eq!(answer["principals"][0]["becomes"], serde_json::json!([]));
}

#[test]
fn a_name_that_the_sources_do_not_hold_is_a_usage_error() {
    let home = project("faults-names", "");
    let home = home.to_str().unwrap();
    let err = check(&["reach", home, "--from", "nobody"], 2);
    assert!(err.contains("role/admin"), "{err}");
    let err = check(&["faults", home, "--dataset", "nothing"], 2);
    assert!(err.contains("use one of: records"), "{err}");
    let err = check(&["inventory", home, "--format", "svg"], 2);
    assert!(err.contains("`faults` and `reach`"), "{err}");
}

/// The sound example: what an application's role comes to is nothing more than what it is.
#[test]
fn a_role_without_powers_stays_what_it_is() {
    let acme = format!("{}/../../examples/acme", env!("CARGO_MANIFEST_DIR"));
    let reader = "arn:aws:iam::200000000002:role/app/claims-reader";
    let out = check(&["reach", &acme, "--from", reader], 0);
    assert!(
        out.contains("it becomes nobody and rewrites nothing"),
        "{out}"
    );
}

#[test]
fn an_edge_of_the_user_is_taken_and_a_wrong_one_is_told() {
    let home = project("faults-edges", "");
    let file = home.join("edges.yaml");
    let edge = "needs: \"athena:StartQueryExecution@any\", guard: \"-\", gain: alert, layer: audit, \
                text: Runs it., source: ours";
    let edges = format!("- {{id: X01, on: \"-\", {edge}}}\n- {{id: X02, on: planet, {edge}}}\n");
    fs::write(&file, edges).unwrap();
    let (home, file) = (home.to_str().unwrap(), file.to_str().unwrap());
    let args = ["faults", home, "--edges", file, "--from", ADMIN];
    let args = [args.as_slice(), &["--search-to", "1", "--format", "json"]].concat();
    let answer = json(&check(&args, 3));
    let text = answer.to_string();
    assert!(text.contains("\"X01\""), "{text}");
    let wrong = answer["diagnostics"].to_string();
    assert!(
        wrong.contains("planet") && wrong.contains("edges.yaml"),
        "{wrong}"
    );
}
