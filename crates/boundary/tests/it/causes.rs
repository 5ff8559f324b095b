//! All causes, not one: five independent holes are five causes of one run, and closing all five is
//! what it takes.

use crate::common::{asked, boundary, lines, organization};

/// Five ways in for outsiders: by account, by role, for everyone, by tag, and by a mistake in a
/// condition.
const HOLES: [&str; 5] = [
    r#"{Sid: Account, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}"#,
    r#"{Sid: Role, Effect: Allow, Principal: {AWS: "arn:aws:iam::777700000001:role/job"}, Action: "s3:Get*", Resource: "arn:aws:s3:::records/*"}"#,
    r#"{Sid: Open, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/open/*"}"#,
    r#"{Sid: Tagged, Effect: Allow, Principal: {AWS: "*"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*", Condition: {StringEquals: {"aws:PrincipalTag/team": claims}}}"#,
    r#"{Sid: IfExists, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*", Condition: {StringEqualsIfExists: {"aws:PrincipalOrgID": o-acme1a2b3c}}}"#,
];

fn found(holes: &[&str]) -> Vec<String> {
    let org = organization(&format!(
        r#"buckets: {{records: {{account: "100000000006", policy: [$ROOTS, {}]}}}}"#,
        holes.join(", ")
    ));
    let mut answer = asked(&org, &boundary("", ""), &["identity.outside-organization"]);
    answer
        .findings
        .retain(|finding| finding.id.ends_with(":read"));
    lines(&answer.findings)
}

#[test]
fn five_holes_are_five_causes_of_one_run() {
    let mut expected: Vec<String> = ["Account", "IfExists", "Open", "Role", "Tagged"]
        .iter()
        .map(|sid| format!("- bucket policy of records [{sid}]"))
        .collect();
    let lines = found(&HOLES);
    assert_eq!(
        lines[0],
        "identity.outside-organization:records:read violated"
    );
    let mut causes: Vec<String> = lines[1..]
        .iter()
        .map(|line| line.split(": ").next().unwrap_or_default().to_owned())
        .collect();
    causes.sort();
    expected.sort();
    assert_eq!(causes, expected);
}

#[test]
fn each_hole_alone_keeps_it_open() {
    for hole in HOLES {
        let lines = found(&[hole]);
        assert_eq!(lines.len(), 2, "{hole}: {lines:?}");
    }
}

#[test]
fn closing_all_five_proves_it() {
    assert_eq!(
        found(&[]),
        ["identity.outside-organization:records:read proved"]
    );
}
