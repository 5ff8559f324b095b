//! `network.unexpected-source`: approved principals from networks that nobody declared.

use crate::common::check;

#[test]
fn only_through_the_declared_endpoint() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records proved
        "#,
    );
}

#[test]
fn from_the_internet() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records violated
            - bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

#[test]
fn through_another_endpoint_of_ours() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Vpcs, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": [vpce-in, vpce-out]}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records violated
            - bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

#[test]
fn from_declared_addresses() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Office, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {NotIpAddress: {"aws:SourceIp": 198.51.100.0/24}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [office]}]"#,
        r#"
            network.unexpected-source:records proved
        "#,
    );
}

/// "AWS global condition context keys" and "Forward access sessions" disagree on aws:SourceIp.
#[test]
fn the_address_of_a_forwarded_call_is_not_settled() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Office, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {NotIpAddress: {"aws:SourceIp": 198.51.100.0/24}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [office]}]"#,
        r#"
            network.unexpected-source:records undecided
            ? $APP/reader: AWS's pages disagree on aws:SourceIp of a forwarded call
        "#,
    );
}

#[test]
fn a_wider_range_than_declared() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Office, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {NotIpAddress: {"aws:SourceIp": 198.51.0.0/16}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [office]}]"#,
        r#"
            network.unexpected-source:records violated
            - bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

/// Anybody may number a network of their own 10.20.0.0/16.
#[test]
fn private_addresses_narrow_an_endpoint_and_name_none() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Private, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {NotIpAddress: {"aws:VpcSourceIp": 10.20.0.0/16}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [private]}]"#,
        r#"
            network.unexpected-source:records violated
            - bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

/// "Forward access sessions": a Deny that spares aws:ViaAWSService rests on who may start the query.
#[test]
fn athena_started_from_anywhere_reads_inside() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}, BoolIfExists: {"aws:ViaAWSService": "false"}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records violated
            - bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

#[test]
fn an_endpoint_policy_that_was_not_read_opens_nothing_else() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
unknown: ["endpoint vpce-in ResourcePolicy: refused"]"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records proved
        "#,
    );
}

#[test]
fn a_bucket_policy_that_was_not_read() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
unknown: ["bucket records ResourcePolicy: refused"]"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records undecided
            ? $APP/reader: refused
        "#,
    );
}

/// "Pass session tags in AWS STS": whoever may tag sessions gets the tags that a condition asks for.
#[test]
fn session_tags_that_somebody_may_set() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in, "aws:PrincipalTag/team": claims}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {AWS: "$APP/broker"}, Action: ["sts:AssumeRole", "sts:TagSession"]}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}, 200000000007/broker: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records violated
            - trust policy of role/reader [Ecs] + bucket policy of records [Apps] + inline policy own of role/reader [0]: $APP/reader
        "#,
    );
}

#[test]
fn session_tags_that_nobody_may_set() {
    check(
        "network.unexpected-source",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Network, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": vpce-in, "aws:PrincipalTag/team": claims}}}]}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            network.unexpected-source:records proved
        "#,
    );
}
