//! Callers asked by classes have the ways that each has when asked alone.

use cofferdam_boundary::cast::{Cast, known_as};
use cofferdam_boundary::path::host_of;
use cofferdam_boundary::reach::{Question, Way, Ways};
use cofferdam_boundary::scope::Store;
use cofferdam_org::model::Organization;

use crate::common::organization;

/// Two accounts with the same roles under different SCPs; users whose name, tag or unit decides.
const ALIKE: &str = r#"
policies:
  no-writes: {Effect: Deny, Action: "s3:Put*", Resource: "*"}
accounts:
  "100000000001": {parent: r-1}
  "100000000002": {parent: r-1}
  "100000000006": {parent: ou-1}
  "200000000007": {parent: ou-2, scp: [FullAWSAccess, no-writes]}
  "200000000008": {parent: ou-2}
managed: {200000000007/most: {Effect: Allow, Action: "s3:Get*", Resource: "*"}}
roles:
  100000000006/reader: {inline: {r: {Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: "*"}}}
  200000000007/reader: {inline: {r: {Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: "*"}}}
  200000000007/limited: {boundary: 200000000007/most, inline: {r: {Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: "*"}}}
  200000000007/other: {inline: {r: {Effect: Allow, Action: "sqs:*", Resource: "*"}}}
  200000000008/reader: {inline: {s: {Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: "*"}, t: {Effect: Allow, Action: "ec2:*", Resource: "*"}}}
  200000000008/keyless: {inline: {s: {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}}}
  200000000008/aws-service-role/x.amazonaws.com/AWSServiceRoleForX: {inline: {s: {Effect: Allow, Action: "s3:*", Resource: "*"}}}
users:
  200000000008/ann: {tags: {team: a}, inline: {own: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/${aws:username}/*"}}}
  200000000008/bob: {tags: {team: a}, inline: {own: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/${aws:username}/*"}}}
  200000000008/cyd: {tags: {team: b}, inline: {own: {Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}
  200000000008/dan: {tags: {team: a}, inline: {own: {Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}
"#;

#[track_caller]
fn check(policy: &str) {
    let org = organization(&format!(
        r#"{ALIKE}
buckets: {{records: {{account: "100000000006", key: "$KEY", policy: [{policy}]}}, plain: {{account: "100000000006", policy: [{policy}]}}}}
keys: {{"$KEY": {{policy: [{{Effect: Allow, Principal: {{AWS: ["100000000006", "200000000007", "200000000008"]}}, Action: "kms:*", Resource: "*"}}]}}}}
"#
    ));
    check_all(&org, policy);
}

#[track_caller]
fn check_all(org: &Organization, name: &str) {
    let cast = Cast::of(org);
    let question = Question {
        org,
        cast: &cast,
        approval: None,
    };
    let s3 = Some(host_of("athena"));
    for store in org.resources.iter().filter_map(Store::of) {
        for vias in [vec![None], vec![None, s3]] {
            let together = question.ways(&store, &vias);
            assert!(
                !together.ways.is_empty(),
                "nobody reaches {}",
                store.resource.arn
            );
            for party in cast.existing() {
                let who = known_as(party);
                let mut alone = Ways::default();
                question.ways_of(party, &who, &store, &vias, &mut alone);
                let of = |ways: &Ways| -> Vec<Way> {
                    let mut own: Vec<Way> = ways
                        .ways
                        .iter()
                        .filter(|way| way.principal == who)
                        .cloned()
                        .collect();
                    own.sort();
                    own
                };
                assert_eq!(
                    of(&together),
                    of(&alone),
                    "{who} to {} by {name}",
                    store.resource.arn
                );
                assert_eq!(
                    together.unclear.get(&who),
                    alone.unclear.get(&who),
                    "{who} by {name}"
                );
            }
        }
    }
}

#[test]
fn everybody_of_the_organization() {
    check(
        r#"{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringEquals: {"aws:PrincipalOrgID": o-acme1a2b3c}}}"#,
    );
}

#[test]
fn some_by_name_and_some_by_path() {
    check(
        r#"{Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:*", Resource: "*"},
        {Effect: Allow, Principal: {AWS: "200000000008"}, Action: "s3:*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": ["arn:aws:iam::*:role/read*", "arn:aws:iam::*:user/ann"]}}}"#,
    );
}

#[test]
fn some_by_tag_or_unit() {
    check(
        r#"{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": a}}},
        {Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*", Condition: {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-acme1a2b3c/r-1/ou-2/*"}}}"#,
    );
}

#[test]
fn some_by_text_of_their_own() {
    check(
        r#"{Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/${aws:PrincipalTag/team}/*", Condition: {StringEquals: {"aws:PrincipalOrgID": o-acme1a2b3c}}},
        {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotLike: {"s3:prefix": "${aws:username}/*"}, Bool: {"aws:SecureTransport": "false"}}}"#,
    );
}

#[test]
fn denied_by_network_and_by_not_principal() {
    check(
        r#"{Effect: Deny, NotPrincipal: {AWS: ["$APP/reader", "200000000007"]}, Action: "s3:*", Resource: "*"},
        {Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringEquals: {"aws:SourceVpce": vpce-in}}}"#,
    );
}
