//! `identity.confused-deputy`: services that act for somebody else ("The confused deputy problem").

use crate::common::check;

#[test]
fn no_service_is_named() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006"}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records proved
        "#,
    );
}

#[test]
fn a_service_without_a_source_condition() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records violated
            - bucket policy of records [Trail]: cloudtrail.amazonaws.com
        "#,
    );
}

#[test]
fn a_source_account_of_ours() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*", Condition: {StringEquals: {"aws:SourceAccount": "100000000001"}}}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records proved
        "#,
    );
}

#[test]
fn a_source_arn_of_ours() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*", Condition: {ArnLike: {"aws:SourceArn": "arn:aws:cloudtrail:*:100000000001:trail/*"}}}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records proved
        "#,
    );
}

#[test]
fn a_source_organization() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*", Condition: {StringEquals: {"aws:SourceOrgID": o-acme1a2b3c}}}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records proved
        "#,
    );
}

#[test]
fn a_source_account_of_somebody_else() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*", Condition: {StringEquals: {"aws:SourceAccount": "888800000001"}}}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records violated
            - bucket policy of records [Trail]: cloudtrail.amazonaws.com
        "#,
    );
}

#[test]
fn a_source_arn_with_a_wildcard_account() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*", Condition: {ArnLike: {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}}}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records violated
            - bucket policy of records [Trail]: cloudtrail.amazonaws.com
        "#,
    );
}

/// An ARN of S3 names no account; a bucket that was read has one all the same.
#[test]
fn a_source_bucket_of_ours_needs_no_account() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Inventory, Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*", Condition: {ArnEquals: {"aws:SourceArn": "arn:aws:s3:::records"}}}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records proved
        "#,
    );
}

/// "Resource control policies": deny services that act for sources outside.
#[test]
fn a_deny_in_a_resource_control_policy() {
    check(
        "identity.confused-deputy",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, rcp: [deputy]}, "200000000007": {parent: ou-2}}
policies: {deputy: {Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:SourceOrgID": o-acme1a2b3c}, "Null": {"aws:SourceAccount": "false"}, Bool: {"aws:PrincipalIsAWSService": "true"}}}}
buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#""#,
        r#"
            identity.confused-deputy:records proved
        "#,
    );
}

#[test]
fn a_policy_that_was_not_read() {
    check(
        "identity.confused-deputy",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Trail, Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: "s3:PutObject", Resource: "arn:aws:s3:::records/*"}]}}
unknown: ["bucket records ResourcePolicy: refused"]"#,
        r#""#,
        r#"
            identity.confused-deputy:records undecided
            ? cloudtrail.amazonaws.com: refused
        "#,
    );
}
