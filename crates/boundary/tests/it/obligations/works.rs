//! `access.approved-works`: what is approved works, from each declared network.

use crate::common::check;

#[test]
fn the_reader_reads_from_inside() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: []}]"#,
        r#"
            access.approved-works:records proved
        "#,
    );
}

#[test]
fn the_endpoint_is_refused() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Wrong, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": vpce-out}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: []}]"#,
        r#"
            access.approved-works:records violated
            - approval of $APP/reader
        "#,
    );
}

#[test]
fn the_key_is_missing() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}], key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: []}]"#,
        r#"
            access.approved-works:records violated
            - approval of $APP/reader
        "#,
    );
}

#[test]
fn one_network_of_two_is_refused() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside, office], assumed-by: []}]"#,
        r#"
            access.approved-works:records violated
            - approval of $APP/reader
        "#,
    );
}

/// A pattern or name that matches nobody says nothing.
#[test]
fn a_role_that_does_not_exist() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: []}]"#,
        r#"
            access.approved-works:records undecided, vacuous
            ? an approval for records: it matches no principal that exists: it says nothing
        "#,
    );
}

#[test]
fn a_pattern_that_matches_nobody() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#"
    access: [{who: [{role-pattern: "arn:aws:iam::*:role/none-*", creators: []}], can: [read], from: [inside]}]"#,
        r#"
            access.approved-works:records undecided, vacuous
            ? an approval for records: it matches no principal that exists: it says nothing
        "#,
    );
}

#[test]
fn policies_that_were_not_read() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
unknown: ["role 200000000007/reader InlinePolicies: refused"]"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: []}]"#,
        r#"
            access.approved-works:records undecided
            ? $APP/reader: $APP/reader cannot read arn:aws:s3:::records from inside
        "#,
    );
}

#[test]
fn a_write_under_the_key_needs_the_key() {
    check(
        "access.approved-works",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::records/*"}], key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, write], from: [inside], assumed-by: []}]"#,
        r#"
            access.approved-works:records violated
            - approval of $APP/reader
        "#,
    );
}
