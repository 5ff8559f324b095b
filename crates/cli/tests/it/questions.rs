//! Questions about single calls, through the program and over the examples.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn acme() -> String {
    format!("{}/../../examples/acme", env!("CARGO_MANIFEST_DIR"))
}

/// Runs it with something on standard input, and checks the exit code.
#[track_caller]
fn check(args: &[&str], input: &str, code: i32) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever reads no standard input may have closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    if code == 2 { err } else { out }
}

#[track_caller]
fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const READER: &str = "arn:aws:sts::200000000002:assumed-role/claims-reader/s";
const ENDPOINT: &str = "vpce-5b09e9226d75e565d";

#[test]
fn who_can_read_is_told_with_network_and_conditions() {
    let question = [
        "who-can",
        "s3:GetObject",
        "s3://acme-customer-records/a",
        &acme(),
    ];
    let out = check(&question, "", 0);
    assert!(
        out.contains("role/app/claims-reader  vpce-5b09e9226d75e565d"),
        "{out}"
    );
    let answer = json(&check(
        &[&question[..], &["--format", "json"]].concat(),
        "",
        0,
    ));
    let ways = answer["principals"].as_array().unwrap();
    assert_eq!(ways.len(), 1, "{answer}");
    assert_eq!(ways[0]["conditions"][0], "aws:SecureTransport is true");
    assert_eq!(answer["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn what_a_role_can_is_told_by_class() {
    let role = "arn:aws:iam::200000000002:role/app/claims-reader";
    let answer = json(&check(&["can", role, &acme(), "--format", "json"], "", 0));
    let reaches = answer["reaches"].as_array().unwrap().iter();
    let records = reaches.filter(|one| one["resource"] == "arn:aws:s3:::acme-customer-records");
    let records: Vec<_> = records.collect();
    assert_eq!(
        records[0]["can"],
        serde_json::json!(["read", "list"]),
        "{answer}"
    );
    assert_eq!(
        records[0]["from"],
        serde_json::json!([ENDPOINT]),
        "{answer}"
    );
}

#[test]
fn a_typed_call_is_explained_with_file_and_line() {
    let acme = acme();
    let call = [
        "explain",
        "--principal",
        READER,
        "--action",
        "s3:GetObject",
        "--resource",
        "s3://acme-customer-records/a",
        &acme,
    ];
    let from_internet = [&call[..], &["--context", "aws:SourceIp=203.0.113.7"]].concat();
    let out = check(&from_internet, "", 0);
    assert!(out.starts_with("✗ explicitly denied: "), "{out}");
    assert!(
        out.contains("\"ReaderOnlyFromClaims\" of bucket policy"),
        "{out}"
    );
    assert!(out.contains("s3api.get-bucket-policy.jsonl:1"), "{out}");
    assert!(
        out.contains(&format!("you can: make s3:GetObject from {ENDPOINT}")),
        "{out}"
    );
    let endpoint = format!("aws:SourceVpce={ENDPOINT}");
    let through = [&call[..], &["--context", &endpoint]].concat();
    let out = check(&through, "", 0);
    assert!(out.starts_with("✓ allowed: "), "{out}");
    assert!(out.contains("2. kms:Decrypt on "), "{out}");
    check(&call, "", 3);
}

/// The page of GetCallerIdentity in the AWS STS API reference: whoever has credentials may ask, whatever
/// policies say. Both questions come to the same.
#[test]
fn who_one_is_may_be_asked_without_any_permission() {
    let of = |principal: &str, code| {
        let explained = [
            "explain",
            "--principal",
            principal,
            "--action",
            "sts:GetCallerIdentity",
            "--resource",
            "*",
            &acme(),
        ];
        check(&explained, "", code)
    };
    assert!(of(READER, 0).contains("✓ allowed"));
    assert!(of("anonymous", 0).contains("✗ implicitly denied"));
    let question = |action: &str| {
        let out = check(
            &["who-can", action, "*", &acme(), "--format", "json"],
            "",
            0,
        );
        out.contains("role/app/claims-reader")
    };
    assert!(question("sts:GetCallerIdentity"));
    assert!(!question("sts:GetAccessKeyInfo"));
}

#[test]
fn a_pasted_message_is_explained() {
    let message = format!(
        "An error occurred (AccessDenied) when calling the PutObject operation: User: {READER} is \
         not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::acme-customer-records/a\" \
         because no identity-based policy allows the s3:PutObject action"
    );
    let out = check(&["explain", "--message", "-", &acme()], &message, 0);
    assert!(
        out.contains("AWS said: refused, because no identity-based policy allows it"),
        "{out}"
    );
    assert!(
        out.contains("✓ In the sources the identity-based policy refuses it too."),
        "{out}"
    );
    assert!(out.contains("ask account 100000000006 (data) to "), "{out}");
    let err = check(&["explain", "--message", "Access Denied", &acme()], "", 2);
    assert!(err.contains("--event"), "{err}");
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn event(name: &str, more: &str) -> String {
    format!(
        r#"{{"eventSource": "s3.amazonaws.com", "eventName": "{name}", "awsRegion": "eu-west-1",
            "userIdentity": {{"type": "AssumedRole", "arn": "{READER}", "accountId": "200000000002"}},
            "requestParameters": {{"bucketName": "acme-customer-records", "key": "a"}}, {more}}}"#
    )
}

/// An answer of AWS that the sources contradict is a failed expectation.
#[test]
fn events_are_explained_and_held_against_the_sources() {
    let through = format!(r#""sourceIPAddress": "10.1.0.9", "vpcEndpointId": "{ENDPOINT}""#);
    let refused = r#""sourceIPAddress": "203.0.113.7", "errorCode": "AccessDenied""#;
    for (name, more, code, agrees) in [
        ("passed", through.clone(), 0, true),
        ("refused", refused.to_owned(), 0, true),
        (
            "contradicted",
            format!(r#"{through}, "errorCode": "AccessDenied""#),
            1,
            false,
        ),
    ] {
        let path = file(&format!("event-{name}.json"), &event("GetObject", &more));
        let args = [
            "explain",
            "--event",
            path.to_str().unwrap(),
            &acme(),
            "--format",
            "json",
        ];
        let answer = json(&check(&args, "", code));
        assert_eq!(
            answer["stories"][0]["aws"]["agrees"], agrees,
            "{name}: {answer}"
        );
    }
}

#[test]
fn an_event_that_cannot_be_read_leaves_the_others() {
    let events = format!(
        r#"[{{}}, {}]"#,
        event("GetObject", r#""sourceIPAddress": "203.0.113.7""#)
    );
    let path = file("events.json", &events);
    let args = [
        "explain",
        "--event",
        path.to_str().unwrap(),
        &acme(),
        "--format",
        "json",
    ];
    let answer = json(&check(&args, "", 1));
    assert_eq!(answer["stories"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["diagnostics"][0]["line"], 1, "{answer}");
    let alone = file("no-event.json", "{}");
    check(
        &["explain", "--event", alone.to_str().unwrap(), &acme()],
        "",
        2,
    );
}

#[test]
fn a_case_is_explained_without_an_organization() {
    let case = r#"{"name": "read", "request": {"principal": "arn:aws:iam::111122223333:role/app",
        "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333"},
        "permission_boundaries": [{"policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}}]}"#;
    let path = file("case.json", case);
    let args = [
        "explain",
        "--case",
        path.to_str().unwrap(),
        "--format",
        "json",
    ];
    let answer = json(&check(&args, "", 0));
    let changes = answer["stories"][0]["changes"].as_array().unwrap();
    let layers: Vec<_> = changes.iter().map(|change| &change["layer"]).collect();
    assert_eq!(layers, ["identity", "permissions_boundary"], "{answer}");
    assert_eq!(changes[0]["yours"], true);
    assert_eq!(changes[1]["yours"], false);
}

#[test]
fn a_wrong_question_gives_2_and_says_what_to_do() {
    let acme = acme();
    for (args, says) in [
        (&["who-can", "s3:GetObjec", "*", &acme][..], "s3:GetObject"),
        (
            &["who-can", "s3:GetObject", "s3://nothing/a", &acme],
            "hold no resource",
        ),
        (&["can", "nobody", &acme], "is no principal"),
        (&["explain", &acme], "--message"),
        (
            &[
                "explain",
                "--principal",
                READER,
                "--action",
                "s3:GetObject",
                "--context",
                "x",
                &acme,
            ],
            "NAME=VALUE",
        ),
    ] {
        let err = check(args, "", 2);
        assert!(err.contains(says), "{args:?}: {err}");
    }
}

#[test]
fn redaction_leaves_neither_accounts_nor_their_names() {
    let acme = acme();
    let explain = [
        "explain",
        "--principal",
        READER,
        "--action",
        "s3:PutObject",
        "--resource",
        "s3://acme-customer-records/a",
        "--redact=key",
        &acme,
    ];
    let through = format!("aws:SourceVpce={ENDPOINT}");
    let out = check(&[&explain[..], &["--context", &through]].concat(), "", 0);
    for name in [
        "100000000006",
        "200000000002",
        "(claims)",
        "claims-reader",
        ENDPOINT,
    ] {
        assert!(!out.contains(name), "{name} is left in {out}");
    }
    assert!(out.contains("acme-customer-records"), "{out}");
}
