//! What a boundary requires of single faults, as findings.

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::Boundary;
use cofferdam_boundary::obligations::Context;
use cofferdam_faults::obligations::findings;
use cofferdam_findings::finding::{Finding, Verdict};
use cofferdam_org::model::Organization;

use crate::world::declared;

/// A bucket whose administrator may open it, and a trail with an administrator of its own. Whether
/// CloudTrail records a read for replication is not documented, so nobody may take one.
const SOUND: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}}
accounts: {"100000000001": {name: management, parent: r-1}, "200000000002": {name: claims, parent: r-1, rcp: [recorded]}, "200000000003": {name: logs, parent: r-1}}
policies: {recorded: {Effect: Deny, Principal: "*", Action: "s3:GetObjectVersionForReplication", Resource: "*"}}
roles:
  200000000002/opener: {trust: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {open: [{Effect: Allow, Action: "s3:PutBucketPolicy", Resource: "*"}]}}
  200000000003/logging: {trust: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {trails: [{Effect: Allow, Action: "cloudtrail:StopLogging", Resource: "*"}]}}
buckets:
  acme-records: {account: "200000000002", policy: [{Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "*"}]}
  acme-logs: {account: "200000000003"}
trails: {main: {account: "200000000003", region: eu-west-1, organization: true, multi-region: true, bucket: acme-logs, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}
"#;

const BOUNDARY: &str = r#"
version: 1
datasets:
  - name: records
    class: restricted
    owner: claims
    resources: [{arn: "arn:aws:s3:::acme-records"}]
    audit: {trail: main, archive: "arn:aws:s3:::acme-logs", retention-days: 400}
require: {breach-depth: 2, disjoint: [[resource, audit]], sound: [management]}
"#;

/// The opener may stop the trail as well.
const BOTH: (&str, &str) = (
    r#"Action: "s3:PutBucketPolicy""#,
    r#"Action: ["s3:PutBucketPolicy", "s3:PutLifecycleConfiguration", "cloudtrail:StopLogging"]"#,
);
/// The trail is the opener's account's own, so that it can stop it.
const OWN_TRAIL: (&str, &str) = (
    r#"main: {account: "200000000003""#,
    r#"main: {account: "200000000002""#,
);

fn organization(changes: &[(&str, &str)]) -> Organization {
    cofferdam_fixture::organization(&changed(SOUND, changes))
}

fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in the text");
        text.replace(from, to)
    })
}

fn boundary(changes: &[(&str, &str)]) -> Boundary {
    declared(&changed(BOUNDARY, changes))
}

fn asked(org: &Organization, boundary: &Boundary) -> Vec<Finding> {
    let cast = Cast::of(org);
    let context = Context {
        org,
        boundary,
        cast: &cast,
        as_of: "2026-11-22".parse().ok(),
    };
    findings(&context, 1, &|_, _| {})
}

/// One line a finding: verdict, id, who is to blame or what is missing.
fn lines(org: &Organization, boundary: &Boundary) -> Vec<String> {
    let found = asked(org, boundary);
    let line = |finding: &Finding| {
        let causes = finding.causes.iter();
        let names = causes.flat_map(|cause| cause.sample.iter().map(String::as_str));
        let names: Vec<&str> = names.filter_map(|name| name.rsplit('/').next()).collect();
        let missing: Vec<&str> = finding.missing.iter().map(|one| one.key.as_str()).collect();
        let details = [names, missing].concat().join(" ");
        let excepted = finding.excepted_by.as_deref().unwrap_or_default();
        let line = format!(
            "{} {} {details} {excepted}",
            finding.verdict.word(),
            finding.id
        );
        line.trim_end().to_owned()
    };
    found.iter().map(line).collect()
}

fn check(org: &[(&str, &str)], declared: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(lines(&organization(org), &boundary(declared)), expected);
}

#[test]
fn two_who_share_nothing_are_proved_apart() {
    let proved = [
        "proved evidence.survives:records",
        "proved independence.layers:records",
    ];
    check(&[], &[], &proved);
}

#[test]
fn one_who_opens_the_data_and_stops_the_trail_breaks_both() {
    let broken = [
        "violated evidence.survives:records opener",
        "violated independence.layers:records opener",
    ];
    check(&[BOTH, OWN_TRAIL], &[], &broken);
}

#[test]
fn a_broken_one_comes_with_requests_that_are_allowed_and_what_would_close_it() {
    let found = asked(&organization(&[BOTH, OWN_TRAIL]), &boundary(&[]));
    for finding in &found {
        let cause = &finding.causes[0];
        assert!(!cause.witness.steps.is_empty(), "{cause:?}");
        let decided = cause.witness.steps.iter().map(|step| step.decision);
        assert!(decided.clone().all(|word| word == "allowed"), "{cause:?}");
        assert!(cause.would_fix.contains("opener"), "{cause:?}");
        assert!(!cause.because.is_empty(), "{cause:?}");
    }
    let verdicts: Vec<Verdict> = found.iter().map(|finding| finding.verdict).collect();
    assert_eq!(verdicts, [Verdict::Violated; 2]);
}

#[test]
fn without_a_requirement_nothing_is_asked() {
    let line = "require: {breach-depth: 2, disjoint: [[resource, audit]], sound: [management]}\n";
    check(&[], &[(line, "")], &[]);
}

#[test]
fn without_pairs_only_evidence_is_asked_and_without_audit_only_pairs_are() {
    check(
        &[],
        &[(", disjoint: [[resource, audit]]", "")],
        &["proved evidence.survives:records"],
    );
    let audit =
        "    audit: {trail: main, archive: \"arn:aws:s3:::acme-logs\", retention-days: 400}\n";
    check(&[], &[(audit, "")], &["proved independence.layers:records"]);
}

#[test]
fn what_is_declared_sound_is_no_fault_and_the_verdict_says_so() {
    let opener = "arn:aws:iam::200000000002:role/opener";
    let sound = format!("sound: [management, \"{opener}\"]");
    let found = asked(
        &organization(&[BOTH, OWN_TRAIL]),
        &boundary(&[("sound: [management]", &sound)]),
    );
    for finding in found {
        assert_eq!(finding.verdict, Verdict::Proved, "{}", finding.id);
        let said = format!("{opener} is sound, as the boundary says");
        assert!(
            finding.assumptions.contains(&said),
            "{:?}",
            finding.assumptions
        );
    }
}

#[test]
fn an_exception_for_the_principal_lifts_it() {
    let exception = "exceptions:\n  - {id: EX-1, lifts: [\"evidence.*\"], datasets: [records], who: [{role: \"arn:aws:iam::200000000002:role/opener\"}], reason: it is replaced this month, owner: claims, ticket: SEC-1, expires: 2999-12-31}\nrequire:";
    let broken = [
        "violated evidence.survives:records opener EX-1",
        "violated independence.layers:records opener",
    ];
    check(&[BOTH, OWN_TRAIL], &[("require:", exception)], &broken);
}

#[test]
fn reads_that_no_trail_records_are_gone_with_the_first_fault() {
    check(
        &[("AWS::S3::Object", "AWS::Lambda::Function")],
        &[],
        &[
            "violated evidence.survives:records opener",
            "proved independence.layers:records",
        ],
    );
}

#[test]
fn an_archive_that_was_not_read_leaves_both_open() {
    let undecided = [
        "undecided evidence.survives:records acme-logs",
        "undecided independence.layers:records acme-logs",
    ];
    let unread = ("  acme-logs: {account: \"200000000003\"}\n", "");
    check(&[unread], &[], &undecided);
}

#[test]
fn a_key_that_was_not_read_leaves_the_pairs_of_encryption_open() {
    let key = "arn:aws:kms:eu-west-1:200000000009:key/11111111-1111-1111-1111-111111111111";
    let under = format!("acme-records: {{key: \"{key}\", account");
    let pair = ("[[resource, audit]]", "[[resource, encryption]]");
    let open = format!("undecided independence.layers:records {key}");
    check(
        &[("acme-records: {account", &under)],
        &[pair],
        &["proved evidence.survives:records", &open],
    );
}
