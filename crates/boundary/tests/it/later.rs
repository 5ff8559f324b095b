//! Names that are known only later: what hangs on one is undecided, whichever way a guess would go.

use cofferdam_names::deferred;

use crate::common::check;

const READER: &str = r#"roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#;

const ACCESS: &str = r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#;

/// The bucket with a Deny under a condition, and an endpoint that a plan will make.
fn bucket_and_endpoint(condition: &str) -> String {
    let endpoint = format!("vpce-{}", deferred::generated("aws_vpc_endpoint.new"));
    format!(
        r#"endpoints:
  vpce-in: {{service: s3, vpc: vpc-1, account: "200000000007"}}
  "{endpoint}": {{service: s3, vpc: vpc-1, account: "200000000007"}}
buckets: {{records: {{account: "100000000006", policy: [{{Sid: Apps, Effect: Allow, Principal: {{AWS: "$APP/reader"}}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}}, {{Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {condition}}}, {{Sid: Own, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {{StringNotEquals: {{"aws:SourceVpc": vpc-1}}}}}}]}}}}
{READER}"#
    )
}

/// Read as plain text, the endpoint would not begin with `vpce-0`: the Deny would seem to apply.
#[test]
fn a_deny_that_may_spare_a_new_endpoint_does_not_count() {
    check(
        "network.unexpected-source",
        &bucket_and_endpoint(r#"{StringNotLike: {"aws:SourceVpce": [vpce-in, "vpce-0*"]}}"#),
        ACCESS,
        r#"
            network.unexpected-source:records undecided
            ? $APP/reader: aws_vpc_endpoint.new is known only after apply
        "#,
    );
}

/// A Deny of every other endpoint but one that is written out: AWS gives a new one no such id.
#[test]
fn a_new_id_is_none_that_somebody_wrote() {
    check(
        "network.unexpected-source",
        &bucket_and_endpoint(r#"{StringNotEquals: {"aws:SourceVpce": vpce-in}}"#),
        ACCESS,
        r#"
            network.unexpected-source:records proved
        "#,
    );
}

/// A pattern that the whole shape matches is certain: every endpoint of ours passes.
#[test]
fn a_pattern_of_the_whole_shape_is_certain() {
    check(
        "network.unexpected-source",
        &bucket_and_endpoint(r#"{StringNotLike: {"aws:SourceVpce": "vpce-*"}}"#),
        ACCESS,
        r#"
            network.unexpected-source:records violated
            - bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

/// The key that a plan will make, and a role that may decrypt under some keys.
fn key_and_worker(key: &str, pattern: &str) -> String {
    format!(
        r#"buckets: {{records: {{account: "100000000006", key: "{key}"}}}}
keys: {{"{key}": {{policy: [{{Sid: Own, Effect: Allow, Principal: {{AWS: "100000000006"}}, Action: "kms:*", Resource: "*"}}, {{Sid: Roots, Effect: Deny, Principal: "*", Action: "kms:*", Resource: "*", Condition: {{ArnLike: {{"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}}}]}}}}
roles: {{100000000006/worker: {{inline: {{own: {{Sid: Keys, Effect: Allow, Action: "kms:Decrypt", Resource: "{pattern}"}}}}}}}}"#
    )
}

#[track_caller]
fn decrypts(pattern: &str, expected: &str) {
    let key = format!(
        "arn:aws:kms:eu-west-1:100000000006:key/{}",
        deferred::generated("aws_kms_key.new")
    );
    let pattern = pattern.replace("SAME", &deferred::generated("aws_kms_key.new"));
    let dataset = format!("\n    keys: [{{arn: \"{key}\"}}]\n    access: []");
    check(
        "encryption.unapproved-key-use",
        &key_and_worker(&key, &pattern),
        &dataset,
        expected,
    );
}

/// Read as plain text, the key would not begin with `mrk-`: the role would seem harmless.
#[test]
fn an_allow_that_may_reach_a_new_key_counts() {
    decrypts(
        "arn:aws:kms:*:100000000006:key/mrk-*",
        r#"
            encryption.unapproved-key-use:records undecided
            ? $DATA/worker: aws_kms_key.new is known only after apply
        "#,
    );
}

#[test]
fn a_new_key_is_equal_to_itself() {
    decrypts(
        "arn:aws:kms:eu-west-1:100000000006:key/SAME",
        r#"
            encryption.unapproved-key-use:records violated
            - key policy of key/⟨ａｗｓ＿ｋｍｓ＿ｋｅｙ．ｎｅｗ⟩ [Own] + inline policy own of role/worker [Keys]: $DATA/worker
        "#,
    );
}

#[test]
fn a_pattern_of_another_shape_does_not_reach_a_new_key() {
    decrypts(
        "arn:aws:kms:*:100000000006:alias/*",
        r#"
            encryption.unapproved-key-use:records proved
        "#,
    );
}

/// A resource that is not known may be any: the Deny of it may be of something else.
#[test]
fn a_deny_of_something_unknown_does_not_count() {
    let open = deferred::open("aws_iam_policy.p.policy");
    let organization = format!(
        r#"buckets: {{records: {{account: "100000000006", policy: [{{Sid: Apps, Effect: Allow, Principal: {{AWS: "999900000009"}}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}}, {{Sid: Far, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::{open}/*"]}}]}}}}
{READER}"#
    );
    check(
        "identity.outside-organization",
        &organization,
        ACCESS,
        r#"
            identity.outside-organization:records:read undecided
            ? any principal of another account: aws_iam_policy.p.policy is known only after apply
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}
