//! The answer is the same on every run and for any number of threads.

use crate::common::{answered_by, boundary, organization};

const SEVERAL: &str = r#"
buckets: {records: {account: "100000000006", key: "$KEY", policy: [{Sid: Partner, Effect: Allow, Principal: {AWS: ["999900000001", "888800000001"]}, Action: "s3:*", Resource: "*"}, {Sid: Open, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": a}}}]}}
keys: {"$KEY": {policy: [{Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}, {Effect: Allow, Principal: {AWS: "999900000001"}, Action: "kms:Decrypt", Resource: "*"}]}}
roles:
  200000000007/reader: {trust: {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}, inline: {all: {Effect: Allow, Action: "*", Resource: "*"}}}
  100000000006/a: {inline: {all: {Effect: Allow, Action: "s3:*", Resource: "*"}}}
  100000000006/b: {inline: {all: {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}}}
"#;

const DATASET: &str = r#"
    keys: [{arn: "$KEY"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: []}
"#;

#[test]
fn threads_and_repetition_change_nothing() {
    let org = organization(SEVERAL);
    let boundary = boundary(DATASET, "");
    let answer = |threads| format!("{:?}", answered_by(&org, &boundary, &[], threads));
    let first = answer(1);
    for threads in [1, 2, 4, 4] {
        assert!(
            first == answer(threads),
            "{threads} threads answer otherwise than one"
        );
    }
}

#[test]
fn reading_again_changes_nothing() {
    let answer = || {
        let (org, boundary) = (organization(SEVERAL), boundary(DATASET, ""));
        format!("{:?}", answered_by(&org, &boundary, &[], 2))
    };
    assert!(answer() == answer(), "the same texts give two answers");
}
