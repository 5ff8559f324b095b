//! What keeps large organizations quick changes no answer: one acts for all whom nothing tells apart,
//! and threads work side by side.

use std::fmt::Write as _;

use cofferdam_faults::answer::{Options, TOLD_MAX};

use crate::world::answered;

const BOUNDARY: &str = r#"
version: 1
datasets:
  - {name: records, class: restricted, owner: claims, resources: [{arn: "arn:aws:s3:::acme-records"}], keys: [{arn: "arn:aws:kms:eu-west-1:200000000002:key/1"}]}
"#;

/// An administrator who is not let near the key, and roles of whom only the key's policy tells
/// apart who may write it.
fn organization(accounts: u64, roles: u64, key: &str) -> String {
    let mut text = String::from(
        r#"organization: {id: o-acme1a2b3c, management: "100000000001"}
units: {r-1: {}, ou-1: {parent: r-1, name: workloads}}
accounts: {"100000000001": {name: management, parent: r-1}"#,
    );
    let ids: Vec<u64> = (0..accounts).map(|at| 200_000_000_002 + at).collect();
    for id in &ids {
        write!(text, r#", "{id}": {{name: a{id}, parent: ou-1}}"#).unwrap();
    }
    text.push_str("}\nroles:\n");
    let trust = r#"trust: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]"#;
    for id in ids {
        writeln!(text, r#"  {id}/admin: {{{trust}, inline: {{all: [{{Effect: Allow, Action: ["iam:*", "s3:*"], Resource: "*"}}]}}}}"#).unwrap();
        for role in 0..roles {
            writeln!(
                text,
                r#"  {id}/r{role}: {{{trust}, tags: {{team: t{role}}}}}"#
            )
            .unwrap();
        }
    }
    write!(
        text,
        r#"buckets: {{acme-records: {{account: "200000000002", key: "arn:aws:kms:eu-west-1:200000000002:key/1"}}}}
keys: {{"arn:aws:kms:eu-west-1:200000000002:key/1": {{policy: {{Effect: Allow, Action: "kms:*", Resource: "*", {key}}}}}}}
"#
    )
    .unwrap();
    text
}

/// Whether a compromise of the administrator alone lets the data leave, where the key's policy lets
/// some in.
fn check(key: &str, leaks: bool) {
    let options = Options {
        search_to: 1,
        ..Options::default()
    };
    let found = answered(&organization(1, 7, key), BOUNDARY, &options);
    let admin = "compromise(arn:aws:iam::200000000002:role/admin)";
    let mut certain = found.datasets[0]
        .cut_sets
        .iter()
        .filter(|cut| !cut.possible);
    let alone = certain.any(|cut| cut.opens == "leak" && cut.faults == [admin]);
    assert_eq!(alone, leaks, "key policy for {key}");
}

/// Statements of the key's policy that let in just one role, by its name, a pattern or a tag, and two
/// that let in nobody.
const KEYS: [(&str, bool); 7] = [
    (
        r#"Principal: {AWS: "arn:aws:iam::200000000002:role/r5"}"#,
        true,
    ),
    (
        r#"Principal: {AWS: "*"}, Condition: {StringEquals: {"aws:PrincipalArn": "arn:aws:iam::200000000002:role/r5"}}"#,
        true,
    ),
    (
        r#"Principal: {AWS: "*"}, Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::200000000002:role/*5"}}"#,
        true,
    ),
    (
        r#"Principal: {AWS: "*"}, Condition: {StringEquals: {"aws:PrincipalTag/team": "t5", "aws:PrincipalAccount": "200000000002"}}"#,
        true,
    ),
    (
        r#"Principal: {AWS: "*"}, Condition: {StringNotLike: {"aws:PrincipalArn": ["*/admin", "*/r0", "*/r1", "*made*"]}, StringEquals: {"aws:PrincipalAccount": "200000000002"}}"#,
        true,
    ),
    (
        r#"Principal: {AWS: "*"}, Condition: {StringLike: {"aws:PrincipalArn": "arn:aws:iam::200000000002:ROLE/r5"}}"#,
        false,
    ),
    (
        r#"Principal: {AWS: "arn:aws:iam::200000000002:role/nobody"}"#,
        false,
    ),
];

#[test]
fn one_acts_for_others_only_where_no_policy_tells_them_apart() {
    for (key, leaks) in KEYS {
        check(key, leaks);
    }
}

#[test]
fn the_number_of_threads_changes_no_answer() {
    let key = r#"Principal: {AWS: "arn:aws:iam::200000000002:role/r5"}"#;
    let text = organization(3, TOLD_MAX as u64 / 3 + 1, key);
    let told = [1, 3].map(|threads| {
        let options = Options {
            search_to: 2,
            threads,
            ..Options::default()
        };
        answered(&text, BOUNDARY, &options)
    });
    assert_eq!(told[0].datasets[0].searched_to, 1, "each is tried alone");
    assert_eq!(format!("{:?}", told[0]), format!("{:?}", told[1]));
}
