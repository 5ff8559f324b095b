//! `audit.recorded`: allowed data requests leave a record in the archive ("Logging data events").

use crate::common::check;

#[test]
fn data_events_of_every_object() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}, {FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records proved
        "#,
    );
}

#[test]
fn a_trail_without_data_events() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records violated
            - trails over arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_selector_for_one_prefix() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}, {Field: resources.ARN, StartsWith: ["arn:aws:s3:::records/2026/"]}]}, {FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records violated
            - trails over arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_trail_that_delivers_elsewhere() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: elsewhere, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}, {FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records violated
            - trails over arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_trail_that_does_not_log() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}, {FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}], logging: false}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records violated
            - trails over arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_trail_that_does_not_exist() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records violated
            - trails over arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_trail_that_was_not_read() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
unlisted: ["trail: refused"]
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records undecided
            ? main: no trail of that name was read
            ? trails: refused
        "#,
    );
}

#[test]
fn selectors_that_were_not_read() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]}}
unknown: ["trail arn:aws:cloudtrail:eu-west-1:100000000001:trail/main Selectors: refused"]"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records undecided
            ? s3:GetObject: refused
            ? s3:GetObjectTorrent: refused
            ? s3:GetObjectVersion: refused
            ? s3:GetObjectVersionForReplication: AWS's pages do not settle what CloudTrail records of s3:GetObjectVersionForReplication
            ? s3:GetObjectVersionTorrent: refused
        "#,
    );
}

#[test]
fn reads_alone_are_not_enough_where_writes_are_allowed() {
    check(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: All, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}, {Field: readOnly, Equals: ["true"]}]}, {FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"
            audit.recorded:records violated
            - trails over arn:aws:s3:::records
        "#,
    );
}
