//! An organization and a boundary in two strings, and findings as lines that a test can show.

use cofferdam_boundary::check::{Options, check as run};
use cofferdam_boundary::file::{Boundary, read};
use cofferdam_findings::finding::{Answer, Cause, Finding, Reason, Verdict};
use cofferdam_org::model::Organization;
use cofferdam_text::Documents;

/// The day of every test.
pub const TODAY: &str = "2026-11-22";

/// The organization and its units.
const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}, ou-1: {parent: r-1, name: data}, ou-2: {parent: r-1, name: applications}}
"#;

/// Two endpoints for S3, as most tests have them.
const ENDPOINTS: &str = r#"
endpoints:
  vpce-in: {service: s3, vpc: vpc-1, account: "200000000007"}
  vpce-out: {service: s3, vpc: vpc-2, account: "200000000007"}
"#;

/// The accounts of management, archive, data and applications, as most tests have them.
const ACCOUNTS: &str = r#"
accounts:
  "100000000001": {parent: r-1}
  "100000000002": {parent: r-1}
  "100000000006": {parent: ou-1}
  "200000000007": {parent: ou-2}
"#;

/// The key of the tests, and what a test writes for it.
pub const KEY: &str = "arn:aws:kms:eu-west-1:100000000006:key/1";

/// Names that a test writes short: `DATA/x` is a role of the data account, `APP/x` of applications.
pub fn spelled(text: &str) -> String {
    text.replace("$ROOTS", ROOTS)
        .replace("$KEY", KEY)
        .replace("$DATA", "arn:aws:iam::100000000006:role")
        .replace("$APP", "arn:aws:iam::200000000007:role")
        .replace("$LOG", "arn:aws:iam::100000000002:role")
}

/// A Deny for root users, whom no identity policy limits.
const ROOTS: &str = r#"{Sid: Roots, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}"#;

/// The organization of a test.
#[track_caller]
pub fn organization(more: &str) -> Organization {
    let mut text = format!("{ORGANIZATION}\n{}", spelled(more));
    for (section, common) in [("accounts:", ACCOUNTS), ("endpoints:", ENDPOINTS)] {
        if !more.lines().any(|line| line.starts_with(section)) {
            text.push_str(common);
        }
    }
    cofferdam_fixture::organization(&text)
}

/// The boundary of a test: `dataset` goes on with the dataset's fields, `more` with the file's.
#[track_caller]
pub fn boundary(dataset: &str, more: &str) -> Boundary {
    let text = format!(
        r#"
version: 1
partners:
  - {{name: warehouse, accounts: ["999900000001"], owner: data, expires: 2027-03-31}}
  - {{name: past, accounts: ["777700000001"], owner: data, expires: 2026-06-30}}
networks:
  inside: {{endpoints: [vpce-in]}}
  office: {{cidrs: [198.51.100.0/24]}}
  private: {{endpoints: [vpce-in, vpce-out], source-ips: [10.20.0.0/16]}}
datasets:
  - name: records
    class: restricted
    owner: data
    resources: [{{arn: "arn:aws:s3:::records"}}]
{dataset}
{more}
"#
    );
    declared(&spelled(&text))
}

/// A boundary file.
#[track_caller]
pub fn declared(text: &str) -> Boundary {
    let node = Documents::new()
        .read_yaml("boundary.yaml", text.into())
        .unwrap_or_else(|wrong| panic!("{}\n{text}", wrong.message));
    let (boundary, diagnostics) = read(&[node]);
    let wrong: Vec<_> = diagnostics.iter().map(|found| &found.message).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{text}");
    boundary
}

/// Asks some obligations, or all if none is named.
pub fn asked(org: &Organization, boundary: &Boundary, obligations: &[&str]) -> Answer {
    answered_by(org, boundary, obligations, 1)
}

/// The same by so many threads.
pub fn answered_by(
    org: &Organization,
    boundary: &Boundary,
    obligations: &[&str],
    threads: usize,
) -> Answer {
    run(
        org,
        boundary,
        &Options {
            as_of: TODAY.parse().ok(),
            threads,
            progress: &|_, _, _| {},
            obligations,
        },
    )
}

/// Asks one obligation of one dataset over one organization, and compares the findings: one line
/// for each finding, cause and missing fact. `dataset` goes on with the dataset's fields.
#[track_caller]
pub fn check(obligation: &str, organization: &str, dataset: &str, expected: &str) {
    check_with(obligation, organization, dataset, "", expected);
}

/// The same with more of the boundary file.
#[track_caller]
pub fn check_with(obligation: &str, sections: &str, dataset: &str, more: &str, expected: &str) {
    let answer = asked(
        &organization(sections),
        &boundary(dataset, more),
        &[obligation],
    );
    let found = lines(&answer.findings).join("\n");
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let expected = expected.join("\n");
    assert!(
        found == expected,
        "found\n{found}\n\nexpected\n{expected}\n"
    );
}

/// Findings, one line each, with a line for each cause and for each missing fact of those that are
/// not proved. Short names are used as in the tests.
pub fn lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().flat_map(of_finding).collect()
}

fn of_finding(finding: &Finding) -> Vec<String> {
    let mut head = format!("{} {}", finding.id, finding.verdict.word());
    let notes = [
        finding.held_by.map(|layer| format!("held by {layer}")),
        finding
            .excepted_by
            .as_ref()
            .map(|by| format!("excepted by {by}")),
        finding.vacuous.then(|| "vacuous".to_owned()),
        (!finding.causes_complete).then(|| "more causes".to_owned()),
    ];
    for note in notes.into_iter().flatten() {
        head.push_str(&format!(", {note}"));
    }
    let mut lines = vec![head];
    if finding.verdict == Verdict::Violated {
        lines.extend(finding.causes.iter().map(of_cause));
    }
    if finding.verdict == Verdict::Undecided {
        let mut missing: Vec<String> = finding
            .missing
            .iter()
            .map(|missing| format!("? {}: {}", missing.key, missing.why))
            .collect();
        missing.dedup();
        lines.extend(missing);
    }
    lines.iter().map(|line| shortened(line)).collect()
}

fn of_cause(cause: &Cause) -> String {
    let because: Vec<String> = cause.because.iter().map(of_reason).collect();
    let mut line = format!("- {}", because.join(" + "));
    if because.is_empty() {
        line.push_str(&cause.origin);
    }
    if !cause.sample.is_empty() {
        line.push_str(&format!(": {}", cause.sample.join(", ")));
    }
    if cause.principals > cause.sample.len() as u64 {
        line.push_str(&format!(" of {}", cause.principals));
    }
    if let Some(by) = &cause.excepted_by {
        line.push_str(&format!(" (excepted by {by})"));
    }
    line
}

fn of_reason(reason: &Reason) -> String {
    let statement = reason
        .sid
        .clone()
        .or_else(|| reason.statement.map(|index| index.to_string()));
    match statement {
        Some(statement) => format!("{} [{statement}]", reason.document),
        None => reason.document.clone(),
    }
}

fn shortened(line: &str) -> String {
    line.replace(KEY, "$KEY")
        .replace("arn:aws:iam::100000000006:role", "$DATA")
        .replace("arn:aws:iam::200000000007:role", "$APP")
        .replace("arn:aws:iam::100000000002:role", "$LOG")
}
