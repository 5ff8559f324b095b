//! `prove` and `compare` through the program: what is asked on the command line, what is answered
//! in JSON and by the exit code, and what is said of a document that cannot be used.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Runs it with something on standard input.
pub fn run(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Whoever reads no standard input may have closed it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// What it prints, and complains of, after the exit code was checked.
#[track_caller]
fn check(args: &[&str], input: &str, code: i32) -> (String, String) {
    let output = run(args, input);
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out, err)
}

#[track_caller]
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A file of this test run.
pub fn file(name: &str, text: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("alone");
    fs::create_dir_all(&directory).unwrap();
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The fields of an object, in their order.
fn fields(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// Statements as a document, one to a line.
fn document(statements: &[&str]) -> String {
    format!(
        "{{\"Version\": \"2012-10-17\", \"Statement\": [\n{}\n]}}\n",
        statements.join(",\n")
    )
}

const OWN: &str = r#"{"Sid": "Own", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::records/*"}"#;
const PARTNER: &str = r#"{"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999900000001:role/reader"}, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]}"#;
const EVERYONE: &str = r#"{"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::records/*"}"#;
const SERVICE: &str = r#"{"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::records/*"}"#;
const ENDPOINT: &str = r#"{"Sid": "Endpoint", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}}"#;
const ORGANIZATION: &str = r#"{"Sid": "Organization", "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}}"#;
const MISSPELT: &str = r#"{"Sid": "Misspelt", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEqual": {"aws:SourceVpce": "vpce-1"}}}"#;

/// What a request shows.
const REQUEST: [&str; 4] = ["principal", "action", "resource", "context"];

/// Asks one property of a document on standard input.
#[track_caller]
fn prove(statements: &[&str], question: &[&str], verdict: &str) -> Value {
    let args = [&["prove", "-", "--format", "json"], question].concat();
    let code = match verdict {
        "proved" => 0,
        "violated" => 1,
        _ => 3,
    };
    let answer = parsed(&check(&args, &document(statements), code).0);
    assert_eq!(answer["verdict"], verdict, "{question:?} {answer:#}");
    answer
}

#[test]
fn an_answer_of_prove_has_the_fields_of_the_contracts() {
    let all = [
        "verdict",
        "witness",
        "because",
        "vacuous",
        "assumptions",
        "missing",
        "elapsed_us",
    ];
    let violated = prove(
        &[OWN, PARTNER],
        &[
            "--outside-organization",
            "o-abc",
            "--outside-accounts",
            "111122223333",
        ],
        "violated",
    );
    assert_eq!(fields(&violated), all);
    assert_eq!(fields(&violated["witness"]), REQUEST);
    assert_eq!(
        violated["because"],
        json!([{"statement": 1, "sid": "Partner", "pointer": "/Statement/1", "line": 3}])
    );
    assert!(violated["elapsed_us"].as_u64().unwrap() > 0);
    for (statements, verdict) in [(&[OWN][..], "proved"), (&[MISSPELT], "undecided")] {
        let answer = prove(statements, &["--public"], verdict);
        let unread = (verdict == "undecided").then_some("diagnostics");
        let all: Vec<&str> = all.into_iter().chain(unread).collect();
        assert_eq!(fields(&answer), all);
        assert_eq!(answer["witness"], Value::Null);
        assert_eq!(answer["because"], json!([]));
        assert_eq!(answer["missing"] == json!([]), verdict == "proved");
    }
}

#[test]
fn each_question_is_asked_as_it_says() {
    let shared = &[OWN, PARTNER][..];
    let walled = &[OWN, EVERYONE, ENDPOINT][..];
    for (statements, question, verdict) in [
        (shared, &["--public"][..], "proved"),
        (&[OWN, EVERYONE], &["--public"], "violated"),
        (shared, &["--outside-accounts", "111122223333"], "violated"),
        (
            shared,
            &["--outside-accounts", "111122223333,999900000001"],
            "proved",
        ),
        (
            shared,
            &[
                "--outside-accounts",
                "111122223333",
                "--outside-accounts",
                "999900000001",
            ],
            "proved",
        ),
        (shared, &["--outside-organization", "o-abc"], "violated"),
        (
            &[OWN, PARTNER, ORGANIZATION],
            &["--outside-organization", "o-abc"],
            "proved",
        ),
        (
            &[OWN, PARTNER, ORGANIZATION],
            &["--outside-organization", "o-xyz"],
            "violated",
        ),
        (walled, &["--without-endpoints", "vpce-1"], "violated"),
        (walled, &["--without-endpoints", "vpce-1,vpce-2"], "proved"),
        (
            walled,
            &["--public", "--without-endpoints", "vpce-2"],
            "violated",
        ),
        // A service that acts by itself is outside only when it is asked for.
        (
            &[OWN, SERVICE],
            &["--outside-accounts", "111122223333"],
            "proved",
        ),
        (
            &[OWN, SERVICE],
            &["--outside-accounts", "111122223333", "--services-too"],
            "violated",
        ),
        (
            &[OWN, SERVICE],
            &["--outside-organization", "o-abc", "--action", "s3:Put*"],
            "proved",
        ),
        (
            &[OWN, SERVICE],
            &[
                "--outside-organization",
                "o-abc",
                "--services-too",
                "--action",
                "s3:Put*",
            ],
            "violated",
        ),
        (
            shared,
            &["--outside-accounts", "111122223333", "--action", "s3:List*"],
            "violated",
        ),
        (
            shared,
            &[
                "--outside-accounts",
                "111122223333",
                "--action",
                "S3:listbucket",
            ],
            "violated",
        ),
        (
            shared,
            &["--outside-accounts", "111122223333", "--action", "kms:*"],
            "proved",
        ),
        (
            shared,
            &[
                "--outside-accounts",
                "111122223333",
                "--action",
                "kms:*",
                "--action",
                "s3:GetObject",
            ],
            "violated",
        ),
    ] {
        prove(statements, question, verdict);
    }
}

#[test]
fn a_proof_about_nothing_is_vacuous() {
    let answer = prove(&[OWN], &["--public", "--action", "kms:*"], "proved");
    assert_eq!(answer["vacuous"], true, "{answer:#}");
    let answer = prove(&[OWN], &["--public"], "proved");
    assert_eq!(answer["vacuous"], false, "{answer:#}");
    let (out, _) = check(
        &["prove", "-", "--public", "--action", "kms:*"],
        &document(&[OWN]),
        0,
    );
    assert!(out.contains("vacuous"), "{out}");
}

#[test]
fn the_kind_is_guessed_where_it_is_clear_and_can_be_said() {
    let organization = &["--outside-organization", "o-abc"][..];
    // RCPFullAWSAccess stands beside a resource control policy, so that it allows by itself.
    let answer = prove(&[ENDPOINT], organization, "proved");
    assert_eq!(
        answer["vacuous"], true,
        "a resource policy that only denies"
    );
    let control = [organization, &["--kind", "resource-control"]].concat();
    prove(&[ENDPOINT], &control, "violated");
    prove(&[ORGANIZATION], &control, "proved");
    let trust =
        r#"{"Effect": "Allow", "Principal": {"AWS": "999900000001"}, "Action": "sts:AssumeRole"}"#;
    let answer = prove(&[trust], organization, "violated");
    assert_eq!(answer["witness"]["action"], "sts:AssumeRole");
    let attached = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#;
    for kind in ["identity", "service-control", "permissions-boundary"] {
        let asked = [organization, &["--kind", kind, "--action", "s3:GetObject"]].concat();
        prove(&[attached], &asked, "violated");
    }
    prove(
        &[EVERYONE],
        &[organization, &["--kind", "endpoint"]].concat(),
        "violated",
    );
}

#[test]
fn an_action_of_tomorrow_is_said_to_be_one() {
    let statement = r#"{"Effect": "Allow", "Principal": "*", "NotAction": ["s3:Create*", "s3:A*", "s3:*e*", "s3:*t*"], "Resource": "arn:aws:s3:::records/*"}"#;
    let answer = prove(&[statement], &["--public", "--action", "s3:*"], "violated");
    let assumed = answer["assumptions"][0].as_str().unwrap();
    assert!(assumed.contains("no action of today"), "{answer:#}");
}

#[test]
fn text_shows_the_request_and_the_place() {
    let path = file("shared.json", &document(&[OWN, PARTNER]));
    let path = path.to_str().unwrap();
    let (out, _) = check(
        &["prove", path, "--outside-accounts", "111122223333"],
        "",
        1,
    );
    for part in [
        "violated",
        "999900000001",
        "s3:",
        "shared.json:3",
        "Partner",
    ] {
        assert!(out.contains(part), "{part} is missing from {out}");
    }
}

#[test]
fn what_cannot_be_asked_gives_2_with_file_line_and_what_to_do() {
    let cut = file(
        "cut.json",
        "{\"Version\": \"2012-10-17\",\n\"Statement\": [\n",
    );
    let yaml = file("cut.yaml", "Version: 2012-10-17\nStatement: [\n");
    let other = file("other.json", "{\"Buckets\": []}");
    let good = file("good.json", &document(&[OWN]));
    let attached = document(&[r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#]);
    let attached = file("attached.json", &attached);
    let [cut, yaml, other, good, attached] =
        [&cut, &yaml, &other, &good, &attached].map(|path| path.to_str().unwrap());
    for (args, says) in [
        (&["prove", cut, "--public"][..], "cut.json:3"),
        (&["prove", yaml, "--public"], "cut.yaml:"),
        (&["prove", other, "--public"], "no `Statement`"),
        (&["prove", "/nowhere.json", "--public"], "/nowhere.json"),
        (&["prove", good], "there is no question"),
        (
            &["prove", good, "--public", "--action", "read"],
            "service:Name",
        ),
        (&["prove", good, "--outside-accounts", "12"], "12"),
        (
            &["prove", good, "--public", "--kind", "bucket"],
            "resource-control",
        ),
        (&["prove", good, "--outside-organization", ""], "`o-…`"),
        (&["prove", good, "--outside-organization", "abc"], "`o-…`"),
        (&["prove", good, "--without-endpoints", "vpc-1"], "`vpce-…`"),
        (&["compare", good, cut], "cut.json:3"),
        (&["compare", good], "NEW"),
        (&["compare", good, good, "--forbid", "narrower"], "wider"),
        (&["compare", good, attached], "--kind"),
    ] {
        let (out, err) = check(args, "", 2);
        assert!(out.is_empty(), "{args:?}: {out}");
        assert!(err.contains(says), "{args:?} does not say `{says}`: {err}");
    }
}

#[test]
fn what_cannot_be_read_of_a_document_is_said_with_its_line_and_leaves_the_rest_in_force() {
    let policy = document(&[OWN, MISSPELT]);
    let (_, err) = check(&["prove", "-", "--public"], &policy, 3);
    assert!(err.contains("standard input:3"), "{err}");
    let (out, err) = check(&["prove", "-", "--public", "--format", "json"], &policy, 3);
    let answer = parsed(&out);
    assert!(err.is_empty(), "in JSON the answer says it, but: {err}");
    assert_eq!(answer["diagnostics"][0]["file"], "standard input");
    assert_eq!(answer["diagnostics"][0]["line"], 3);
    let missing = answer["missing"][0].as_str().unwrap();
    assert!(missing.contains("StringEqual"), "{answer:#}");
    // What the unread condition cannot bear on is still proved, and what it cannot hide is shown.
    prove(
        &[OWN, MISSPELT],
        &["--public", "--action", "s3:PutObject"],
        "proved",
    );
    prove(&[OWN, EVERYONE, MISSPELT], &["--public"], "violated");
}

/// Compares two documents in both directions.
#[track_caller]
fn compare(old: &[&str], new: &[&str], relation: &str) -> Value {
    let files = |name: &str, statements: &[&str]| {
        let text = document(statements);
        file(&format!("{name}-{relation}-{}.json", text.len()), &text)
    };
    let (old, new) = (files("old", old), files("new", new));
    let args = |old: &Path, new: &Path| {
        let [old, new] = [old, new].map(|path| path.to_str().unwrap().to_owned());
        [
            "compare".to_owned(),
            old,
            new,
            "--format".to_owned(),
            "json".to_owned(),
        ]
    };
    let ask = |old: &Path, new: &Path, more: &[&str], code: i32| {
        let args = args(old, new);
        let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
        args.extend(more);
        parsed(&check(&args, "", code).0)
    };
    let open = if relation == "undecided" { 3 } else { 0 };
    let answer = ask(&old, &new, &[], open);
    assert_eq!(answer["relation"], relation, "{answer:#}");
    let all = [
        "relation",
        "allowed_only_by_new",
        "allowed_only_by_old",
        "missing",
        "elapsed_us",
    ];
    assert_eq!(fields(&answer)[..5], all);
    let wider = !answer["allowed_only_by_new"].is_null();
    ask(
        &old,
        &new,
        &["--forbid", "wider"],
        if wider { 1 } else { open },
    );
    let back = ask(&new, &old, &[], open);
    let mirrored = match relation {
        "wider" => "narrower",
        "narrower" => "wider",
        same => same,
    };
    assert_eq!(back["relation"], mirrored, "{back:#}");
    answer
}

#[test]
fn policies_relate_as_the_contracts_say() {
    let names = ["allowed_only_by_new", "allowed_only_by_old"];
    for (old, new, relation, shown) in [
        (&[OWN][..], &[OWN, OWN][..], "equivalent", [false, false]),
        (&[OWN], &[OWN, PARTNER], "wider", [true, false]),
        (&[OWN, EVERYONE], &[OWN], "narrower", [false, true]),
        (
            &[PARTNER],
            &[EVERYONE, ENDPOINT],
            "incomparable",
            [true, true],
        ),
        (
            &[EVERYONE],
            &[EVERYONE, ENDPOINT],
            "narrower",
            [false, true],
        ),
        (&[OWN], &[OWN, MISSPELT], "undecided", [false, false]),
        // One direction can be shown although the other stays open.
        (
            &[OWN, MISSPELT],
            &[OWN, PARTNER],
            "undecided",
            [true, false],
        ),
        (&[], &[OWN], "wider", [true, false]),
    ] {
        let answer = compare(old, new, relation);
        for (name, shown) in names.into_iter().zip(shown) {
            assert_eq!(!answer[name].is_null(), shown, "{name} of {answer:#}");
            if shown {
                assert_eq!(
                    fields(&answer[name]),
                    [&REQUEST[..], &["future_action"]].concat()
                );
                assert_eq!(answer[name]["future_action"], false);
            }
        }
        assert_eq!(answer["missing"] == json!([]), relation != "undecided");
    }
}

#[test]
fn a_difference_that_only_tomorrow_shows_is_marked() {
    let all = r#"{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}"#;
    let vowels = r#"{"Effect": "Allow", "Principal": "*", "Action": ["sqs:*a*", "sqs:*e*", "sqs:*i*", "sqs:*o*", "sqs:*u*"], "Resource": "*"}"#;
    let answer = compare(&[vowels], &[all], "wider");
    assert_eq!(
        answer["allowed_only_by_new"]["future_action"], true,
        "{answer:#}"
    );
}

#[test]
fn the_kind_of_both_can_be_said() {
    let old = file("kind-old.json", &document(&[ORGANIZATION]));
    let new = file("kind-new.json", &document(&[ORGANIZATION, ENDPOINT]));
    let args = [
        "compare",
        old.to_str().unwrap(),
        new.to_str().unwrap(),
        "--format",
        "json",
    ];
    let relation = |args: &[&str]| parsed(&check(args, "", 0).0)["relation"].clone();
    assert_eq!(relation(&args), "equivalent", "neither allows anything");
    let control = [&args[..], &["--kind", "resource-control"]].concat();
    assert_eq!(relation(&control), "narrower");
}

#[test]
fn the_same_question_has_the_same_answer() {
    let text = document(&[OWN, PARTNER, EVERYONE, ENDPOINT]);
    let ask = || {
        let args = [
            "prove",
            "-",
            "--without-endpoints",
            "vpce-1",
            "--format",
            "json",
        ];
        let mut answer = parsed(&check(&args, &text, 1).0);
        answer["elapsed_us"] = Value::Null;
        answer
    };
    assert_eq!(ask(), ask());
}
