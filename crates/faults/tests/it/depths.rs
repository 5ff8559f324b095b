//! Depths, cut sets and survival of a small organization, worked out by hand.

use cofferdam_faults::answer::Options;
use cofferdam_findings::faults::{Evidence, Faults, Hardened, Hardening};

use crate::world::answered;

/// A bucket whose administrator may open it, and a trail with an administrator of its own.
const ORGANIZATION: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}, ou-1: {parent: r-1, name: workloads}}
accounts: {"100000000001": {name: management, parent: r-1}, "200000000002": {name: claims, parent: ou-1}, "200000000003": {name: logs, parent: ou-1}}
roles:
  200000000002/reader: {trust: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {read: [{Effect: Allow, Action: "s3:GetObject", Resource: "*"}]}}
  200000000002/opener: {trust: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {open: [{Effect: Allow, Action: "s3:PutBucketPolicy", Resource: "*"}]}}
  200000000002/developer: {trust: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {deploy: [{Effect: Allow, Action: ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], Resource: "*"}]}}
  200000000003/logging: {trust: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {trails: [{Effect: Allow, Action: "cloudtrail:StopLogging", Resource: "*"}]}}
buckets:
  acme-records: {account: "200000000002", policy: [{Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "*"}]}
  acme-logs: {account: "200000000003"}
trails: {main: {account: "200000000003", region: eu-west-1, organization: true, multi-region: true, bucket: acme-logs, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}
"#;

const BOUNDARY: &str = r#"
version: 1
datasets:
  - {name: records, class: restricted, owner: claims, resources: [{arn: "arn:aws:s3:::acme-records"}]}
"#;

fn asked(options: &Options) -> Faults {
    answered(ORGANIZATION, BOUNDARY, options)
}

fn depths() -> Options {
    Options {
        search_to: 2,
        ..Options::default()
    }
}

#[test]
fn whoever_may_open_the_bucket_is_one_fault_and_the_trail_is_another() {
    let found = asked(&depths());
    let records = &found.datasets[0];
    assert_eq!(records.leak_depth.must, Some(1));
    assert_eq!(records.breach_depth.must, Some(2));
    let certain = records.cut_sets.iter().filter(|cut| !cut.possible);
    let leaks: Vec<&[String]> = certain
        .clone()
        .filter(|cut| cut.opens == "leak")
        .map(|cut| cut.faults.as_slice())
        .collect();
    let alone = |name: &str| vec![format!("compromise(arn:aws:iam::200000000002:role/{name})")];
    assert_eq!(leaks, [alone("developer"), alone("opener")]);
    let breaches = certain.filter(|cut| cut.opens == "breach");
    for cut in breaches {
        assert_eq!(cut.faults.len(), 2, "{cut:?}");
        assert!(cut.faults[1].contains("role/logging"), "{cut:?}");
    }
}

#[test]
fn an_attack_is_told_by_the_edges_that_lead_there() {
    let found = asked(&depths());
    let by_developer = found.datasets[0]
        .cut_sets
        .iter()
        .find(|cut| cut.opens == "leak" && cut.faults[0].contains("developer"));
    let steps = &by_developer.unwrap().steps;
    let edges: Vec<&str> = steps.iter().map(|step| &*step.edge).collect();
    assert_eq!(edges, ["A58.1", "C01.1", "read"]);
    for step in steps {
        assert!(!step.requests.is_empty(), "{step:?}");
        let decided = step.requests.iter().map(|request| request.decision);
        assert!(decided.clone().all(|word| word == "allowed"), "{step:?}");
    }
}

#[test]
fn evidence_survives_whoever_cannot_reach_the_trail() {
    let found = asked(&depths());
    let survival = &found.datasets[0].survival;
    let of = |name: &str| {
        survival
            .iter()
            .find(|row| row.fault.contains(name))
            .unwrap()
    };
    assert_eq!(of("logging").evidence, Evidence::Stopped);
    assert_eq!(of("opener").evidence, Evidence::Survives);
    assert!(of("opener").leaks && !of("logging").leaks);
    assert_eq!(of("opener").layers, ["resource"]);
}

/// What `--harden` finds for one of the two depths.
fn hardened(organization: &str, of: &str) -> Hardening {
    let options = Options {
        harden: true,
        ..depths()
    };
    let found = answered(organization, BOUNDARY, &options);
    let mut hardening = found.datasets[0].hardening.iter();
    hardening.find(|one| one.of == of).unwrap().clone()
}

#[test]
fn one_statement_that_all_attacks_need_raises_the_depth() {
    let leak = hardened(ORGANIZATION, "leak");
    assert_eq!(leak.before.must, Some(1));
    let Hardened::By {
        changes,
        statements,
        after,
        smallest,
    } = leak.hardened
    else {
        panic!("{leak:?}");
    };
    assert_eq!(after.must, None);
    assert!(smallest);
    let opener = "arn:aws:iam::200000000002:role/opener";
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(changes[0].contains(opener) && changes[0].contains("s3:PutBucketPolicy"));
    assert!(statements[0].1.contains(opener));
}

#[test]
fn a_read_that_no_trail_records_is_closed_by_recording_it() {
    let blind = ORGANIZATION.replace("Equals: [Data]", "Equals: [Management]");
    let blind = blind.replace(
        ", {Field: resources.type, Equals: [\"AWS::S3::Object\"]}",
        "",
    );
    let breach = hardened(&blind, "breach");
    assert_eq!(breach.before.must, Some(1));
    let Hardened::By {
        changes,
        statements,
        ..
    } = breach.hardened
    else {
        panic!("{breach:?}");
    };
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(
        statements[0].1.contains("AWS::S3::Object"),
        "{statements:?}"
    );
    assert!(statements[0].1.contains("arn:aws:s3:::acme-records/"));
}

#[test]
fn where_data_leaves_already_no_change_is_offered() {
    let open = ORGANIZATION.replace("Effect: Deny, Principal", "Effect: Allow, Principal");
    let leak = hardened(&open, "leak");
    assert_eq!(leak.before.must, Some(0));
    assert!(matches!(leak.hardened, Hardened::Not(_)), "{leak:?}");
}
