//! Damaged input from outside: whatever happens to one file of the sound example, the damage is
//! said with its place, what it bears on is not proved, and the rest still is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const ACCOUNTS: &str = "snapshot/100000000001/global/organizations.list-accounts.json";
const CHILDREN: &str = "snapshot/100000000001/global/organizations.list-accounts-for-parent.jsonl";
const POLICIES: &str = "snapshot/100000000001/global/organizations.describe-policy.jsonl";
const TARGETS: &str = "snapshot/100000000001/global/organizations.list-targets-for-policy.jsonl";
const SELECTORS: &str = "snapshot/100000000001/eu-west-1/cloudtrail.get-event-selectors.jsonl";
const BUCKETS: &str = "snapshot/100000000006/global/s3api.get-bucket-policy.jsonl";
const TABLES: &str = "snapshot/100000000006/eu-west-1/dynamodb.get-resource-policy.jsonl";
const QUEUES: &str = "snapshot/100000000006/eu-west-1/sqs.get-queue-attributes.jsonl";
const KEYS: &str = "snapshot/100000000005/eu-west-1/kms.get-key-policy.jsonl";
const IDENTITIES: &str = "snapshot/200000000002/global/iam.get-account-authorization-details.json";
const ENDPOINTS: &str = "snapshot/200000000002/eu-west-1/ec2.describe-vpc-endpoints.json";
const MANIFEST: &str = "snapshot/manifest.json";
const BOUNDARY: &str = "boundary.yaml";

/// What must come of a damage: where and how it is said, what it bears on, what it does not.
struct Expected<'e> {
    /// The file of a diagnostic, its line if it has one, and a part of its message.
    says: (&'e str, Option<u64>, &'e str),
    /// Findings that must be undecided.
    undecided: &'e [&'e str],
    /// Findings that must be proved all the same.
    proved: &'e [&'e str],
}

/// Damages a copy of the sound example, and asks for the obligations that are expected of it.
#[track_caller]
fn check(name: &str, damage: impl FnOnce(&Path), expected: &Expected<'_>) {
    let home = copy(name);
    damage(&home);
    let mut args = Vec::new();
    for id in expected.undecided.iter().chain(expected.proved) {
        args.extend(["--obligation", id.split(':').next().unwrap()]);
    }
    let output = cofferdam(&home, &args);
    let code = if expected.undecided.is_empty() { 0 } else { 3 };
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", answer["summary"]);
    is_said(&answer, expected.says);
    for id in expected.undecided {
        is(&answer, id, "undecided");
    }
    for id in expected.proved {
        is(&answer, id, "proved");
    }
}

/// Damages a copy so that nothing can be asked at all: no answer, and a reason with its place.
#[track_caller]
fn check_refused(name: &str, damage: impl FnOnce(&Path), says: &[&str]) {
    let home = copy(name);
    damage(&home);
    let output = cofferdam(&home, &[]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(output.stdout, b"");
    let err = String::from_utf8(output.stderr).unwrap();
    for part in says {
        assert!(err.contains(part), "no `{part}` in: {err}");
    }
}

fn cofferdam(home: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(["check", "--format", "json"])
        .arg(home)
        .args(args)
        .output()
        .unwrap()
}

#[track_caller]
fn is(answer: &Value, id: &str, verdict: &str) {
    let findings = answer["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["id"] == id);
    let finding = finding.unwrap_or_else(|| panic!("nothing is said of {id}"));
    assert_eq!(finding["verdict"], verdict, "{finding:#}");
    let missing = finding["missing"].as_array().unwrap();
    assert_eq!(missing.is_empty(), verdict == "proved", "{finding:#}");
}

#[track_caller]
fn is_said(answer: &Value, (file, line, message): (&str, Option<u64>, &str)) {
    let diagnostics = answer["diagnostics"].as_array().unwrap();
    let found = diagnostics.iter().any(|said| {
        said["file"]
            .as_str()
            .is_some_and(|path| path.ends_with(file))
            && said["line"].as_u64() == line
            && said["message"].as_str().unwrap().contains(message)
    });
    assert!(
        found,
        "no `{message}` at {file}:{line:?} in: {diagnostics:#?}"
    );
}

/// A copy of the sound example for one test.
fn copy(name: &str) -> PathBuf {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme");
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("damage")
        .join(name);
    let _ = fs::remove_dir_all(&home);
    copy_tree(&example.join("snapshot"), &home.join("snapshot"));
    fs::copy(example.join(BOUNDARY), home.join(BOUNDARY)).unwrap();
    home
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Rewrites the text of one file.
fn rewrite(file: &str, change: impl Fn(&str) -> String) -> impl Fn(&Path) {
    move |home| {
        let path = home.join(file);
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(&text);
        assert_ne!(text, changed, "{file} is damaged");
        fs::write(path, changed).unwrap();
    }
}

/// Replaces one text by another.
fn replace(file: &'static str, from: &'static str, to: &'static str) -> impl Fn(&Path) {
    rewrite(file, move |text| text.replacen(from, to, 1))
}

fn remove(file: &str) -> impl Fn(&Path) {
    move |home| fs::remove_file(home.join(file)).unwrap()
}

fn write(file: &str, bytes: Vec<u8>) -> impl Fn(&Path) {
    move |home| fs::write(home.join(file), &bytes).unwrap()
}

/// A JSON text nested ten thousand deep.
fn deep() -> String {
    "[".repeat(10_000) + &"]".repeat(10_000)
}

/// What hangs on the bucket's policy, and what does not.
const OF_THE_BUCKET: [&str; 2] = [
    "identity.unapproved-principal:customer-records:read",
    "network.unexpected-source:customer-records",
];
const NOT_OF_THE_BUCKET: [&str; 3] = [
    "identity.unapproved-principal:claims-cases:read",
    "network.unexpected-source:claims-credential",
    "resource.public:customer-records",
];

#[test]
fn a_truncated_file() {
    let damage = rewrite(BUCKETS, |text| text.chars().take(500).collect());
    let expected = Expected {
        says: (BUCKETS, Some(1), "the text ends inside the string"),
        undecided: &OF_THE_BUCKET,
        proved: &NOT_OF_THE_BUCKET,
    };
    check("truncated", damage, &expected);
}

#[test]
fn invalid_json_inside_one_policy() {
    let expected = Expected {
        says: (BUCKETS, Some(1), "expected a value, found `,`"),
        undecided: &OF_THE_BUCKET,
        proved: &NOT_OF_THE_BUCKET,
    };
    let damage = replace(BUCKETS, r#"\"Statement\":["#, r#"\"Statement\":[,"#);
    check("invalid-policy", damage, &expected);
}

#[test]
fn an_unknown_element_of_a_statement() {
    let damage = replace(
        BUCKETS,
        r#"\"Sid\":\"OnlyApprovedPrincipals\""#,
        r#"\"Until\":\"2027\""#,
    );
    let expected = Expected {
        says: (
            BUCKETS,
            Some(1),
            r#""Until" is not an element of a statement"#,
        ),
        undecided: &["identity.unapproved-principal:customer-records:read"],
        proved: &NOT_OF_THE_BUCKET,
    };
    check("element", damage, &expected);
}

#[test]
fn an_unknown_condition_operator() {
    let damage = rewrite(TABLES, |text| {
        text.replace("ArnNotLike", "ArnUnlike")
            .replace("ArnNotEquals", "ArnUnlike")
    });
    let expected = Expected {
        says: (
            TABLES,
            Some(1),
            r#""ArnUnlike" is not a condition operator"#,
        ),
        undecided: &["identity.unapproved-principal:claims-cases:read"],
        proved: &["identity.unapproved-principal:customer-records:read"],
    };
    check("operator", damage, &expected);
}

#[test]
fn a_policy_nested_ten_thousand_deep() {
    let damage = |home: &Path| {
        let policy = serde_json::json!({"Policy": deep()});
        let line =
            serde_json::json!({"request": {"Bucket": "acme-customer-records"}, "response": policy});
        fs::write(home.join(BUCKETS), format!("{line}\n")).unwrap();
    };
    let expected = Expected {
        says: (BUCKETS, Some(1), "nested deeper than 128 levels"),
        undecided: &OF_THE_BUCKET,
        proved: &NOT_OF_THE_BUCKET,
    };
    check("deep-policy", damage, &expected);
}

#[test]
fn a_file_nested_ten_thousand_deep() {
    let expected = Expected {
        says: (QUEUES, Some(1), "nested deeper than 128 levels"),
        undecided: &[
            "network.unexpected-source:record-events",
            "identity.unapproved-principal:record-events:read",
        ],
        proved: &OF_THE_BUCKET,
    };
    check("deep-file", write(QUEUES, deep().into_bytes()), &expected);
}

#[test]
fn a_document_of_50_megabytes() {
    let text = format!("{{\"RoleDetailList\": [{}0]}}", "0,".repeat(25_000_000));
    let expected = Expected {
        says: (IDENTITIES, None, "bytes, and at most 33554432 are read"),
        undecided: &[
            "identity.who-becomes:customer-records",
            "network.unexpected-source:claims-cases",
        ],
        proved: &[
            "identity.outside-organization:customer-records:read",
            "resource.public:claims-cases",
        ],
    };
    check("large", write(IDENTITIES, text.into_bytes()), &expected);
}

#[test]
fn bytes_that_are_no_text() {
    let bytes = (0..5_000_u32).map(|n| (n % 127) as u8 | 0x80).collect();
    let expected = Expected {
        says: (TABLES, Some(1), "not UTF-8"),
        undecided: &[
            "identity.unapproved-principal:claims-cases:read",
            "network.unexpected-source:claims-cases",
        ],
        proved: &OF_THE_BUCKET,
    };
    check("binary", write(TABLES, bytes), &expected);
}

#[test]
fn a_key_policy_that_the_manifest_names_and_that_is_missing() {
    let expected = Expected {
        says: (KEYS, None, "the file is missing"),
        undecided: &[
            "encryption.unapproved-key-use:customer-records",
            "encryption.separate-administration:claims-credential",
        ],
        proved: &OF_THE_BUCKET,
    };
    check("missing-keys", remove(KEYS), &expected);
}

#[test]
fn endpoints_that_are_missing() {
    let expected = Expected {
        says: (ENDPOINTS, None, "the file is missing"),
        undecided: &[
            "network.outbound:customer-records",
            "network.outbound:claims-cases",
            "network.unexpected-source:claims-credential",
            "access.approved-works:claims-cases",
        ],
        proved: &["identity.unapproved-principal:customer-records:read"],
    };
    check("missing-endpoints", remove(ENDPOINTS), &expected);
}

#[test]
fn selectors_of_the_trail_that_are_missing() {
    let expected = Expected {
        says: (SELECTORS, None, "the file is missing"),
        undecided: &[
            "audit.recorded:customer-records",
            "audit.recorded:record-events",
        ],
        proved: &OF_THE_BUCKET,
    };
    check("missing-selectors", remove(SELECTORS), &expected);
}

#[test]
fn principals_of_an_account_that_are_missing() {
    let expected = Expected {
        says: (IDENTITIES, None, "the file is missing"),
        undecided: &[
            "identity.who-becomes:customer-records",
            "identity.who-becomes:claims-cases",
            "network.unexpected-source:record-events",
            "access.approved-works:claims-credential",
        ],
        proved: &[
            "identity.outside-organization:claims-cases:read",
            "resource.public:record-events",
        ],
    };
    check("missing-principals", remove(IDENTITIES), &expected);
}

#[test]
fn attachments_that_are_missing() {
    let expected = Expected {
        says: (TARGETS, None, "the file is missing"),
        undecided: &["identity.reserved-names:claims-cases"],
        proved: &OF_THE_BUCKET,
    };
    check("missing-targets", remove(TARGETS), &expected);
}

#[test]
fn an_organization_policy_that_is_no_json() {
    let damage = replace(
        POLICIES,
        r#"\"Sid\":\"ReservedNames\""#,
        r#"\"Sid\":\"ReservedNames"#,
    );
    let expected = Expected {
        says: (POLICIES, Some(4), "expected"),
        undecided: &["identity.reserved-names:claims-cases"],
        proved: &OF_THE_BUCKET,
    };
    check("invalid-scp", damage, &expected);
}

/// Takes an account out of the lists of accounts; its own answers stay.
fn forget(home: &Path) {
    let gone = |account: &Value| account["Id"] != "200000000002";
    let path = home.join(ACCOUNTS);
    let mut all: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    all["Accounts"].as_array_mut().unwrap().retain(gone);
    fs::write(path, all.to_string()).unwrap();
    let path = home.join(CHILDREN);
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| {
        let mut call: Value = serde_json::from_str(line).unwrap();
        call["response"]["Accounts"]
            .as_array_mut()
            .unwrap()
            .retain(gone);
        format!("{call}\n")
    });
    fs::write(path, lines.collect::<String>()).unwrap();
}

#[test]
fn an_account_that_no_list_names() {
    let expected = Expected {
        says: (
            ENDPOINTS,
            Some(99),
            "account 200000000002, which the list of the organization's accounts does not name",
        ),
        undecided: &[
            "identity.unapproved-principal:customer-records:read",
            "identity.confused-deputy:record-events",
        ],
        proved: &["resource.public:customer-records"],
    };
    check("unlisted-account", forget, &expected);
}

#[test]
fn an_account_of_which_nothing_was_read() {
    let damage = |home: &Path| {
        fs::remove_dir_all(home.join("snapshot/200000000002")).unwrap();
    };
    let expected = Expected {
        says: (IDENTITIES, None, "the file is missing"),
        undecided: &[
            "identity.who-becomes:customer-records",
            "network.unexpected-source:customer-records",
            "network.outbound:customer-records",
        ],
        proved: &[
            "identity.outside-organization:customer-records:read",
            "audit.recorded:customer-records",
        ],
    };
    check("unread-account", damage, &expected);
}

#[test]
fn no_list_of_accounts_at_all() {
    let damage = |home: &Path| {
        remove(ACCOUNTS)(home);
        remove(CHILDREN)(home);
    };
    let expected = Expected {
        says: (ACCOUNTS, None, "the file is missing"),
        undecided: &[
            "identity.unapproved-principal:customer-records:read",
            "identity.confused-deputy:record-events",
        ],
        proved: &["resource.public:customer-records"],
    };
    check("missing-accounts", damage, &expected);
}

#[test]
fn a_manifest_that_is_no_text_leaves_the_files_themselves() {
    let expected = Expected {
        says: (MANIFEST, Some(1), "not UTF-8"),
        undecided: &[],
        proved: &OF_THE_BUCKET,
    };
    check(
        "binary-manifest",
        write(MANIFEST, vec![0xff; 5_000]),
        &expected,
    );
}

#[test]
fn a_boundary_with_a_field_of_the_wrong_type() {
    let expected = Expected {
        says: (
            BOUNDARY,
            Some(25),
            "`can` of an entry of access must be a list, not an object",
        ),
        undecided: &OF_THE_BUCKET,
        proved: &[
            "network.unexpected-source:claims-cases",
            "identity.unapproved-principal:claims-cases:read",
        ],
    };
    check(
        "wrong-type",
        replace(BOUNDARY, "can: [read, list]", "can: {read: true}"),
        &expected,
    );
}

#[test]
fn a_boundary_with_an_unknown_field() {
    let expected = Expected {
        says: (BOUNDARY, Some(19), "`ownr` is not a field of a dataset"),
        undecided: &[],
        proved: &OF_THE_BUCKET,
    };
    check(
        "unknown-field",
        replace(
            BOUNDARY,
            "    owner: data-platform",
            "    ownr: data-platform",
        ),
        &expected,
    );
}

#[test]
fn a_boundary_that_is_no_yaml() {
    let damage = replace(BOUNDARY, "datasets:", "datasets: [");
    check_refused("no-yaml", damage, &["not YAML", "boundary.yaml:17"]);
}

#[test]
fn an_empty_directory() {
    let damage = |home: &Path| {
        fs::remove_dir_all(home.join("snapshot")).unwrap();
        fs::create_dir(home.join("snapshot")).unwrap();
    };
    check_refused("empty", damage, &["no answers to read", "snapshot"]);
}

#[test]
fn a_source_that_is_not_there() {
    let damage = |home: &Path| fs::remove_dir_all(home.join("snapshot")).unwrap();
    check_refused(
        "no-source",
        damage,
        &["no such file or directory", "snapshot"],
    );
}
