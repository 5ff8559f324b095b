//! Exceptions, break-glass and platform roles: a violation keeps its causes and says who accepted it.

use crate::common::check_with;

#[test]
fn a_valid_exception_for_everybody_who_gets_in() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"exceptions: [{id: EX-1, lifts: [identity.unapproved-principal], datasets: [records], who: [{role: "$DATA/worker"}, {role: "$DATA/second"}], reason: known, owner: data, ticket: T-1, expires: 2027-03-31}]"#,
        r#"
            identity.unapproved-principal:records:read violated, excepted by EX-1
            - inline policy own of role/second [Own]: $DATA/second (excepted by EX-1)
            - inline policy own of role/worker [Own]: $DATA/worker (excepted by EX-1)
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn an_exception_for_one_of_two() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"exceptions: [{id: EX-1, lifts: [identity.unapproved-principal], datasets: [records], who: [{role: "$DATA/worker"}], reason: known, owner: data, ticket: T-1, expires: 2027-03-31}]"#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/second [Own]: $DATA/second
            - inline policy own of role/worker [Own]: $DATA/worker (excepted by EX-1)
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn an_exception_past_its_date() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"exceptions: [{id: EX-1, lifts: [identity.unapproved-principal], datasets: [records], who: [{role: "$DATA/worker"}, {role: "$DATA/second"}], reason: known, owner: data, ticket: T-1, expires: 2026-11-21}]"#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/second [Own]: $DATA/second
            - inline policy own of role/worker [Own]: $DATA/worker
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn an_exception_on_its_last_day() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"exceptions: [{id: EX-1, lifts: [identity.unapproved-principal], datasets: [records], who: [{role: "$DATA/worker"}, {role: "$DATA/second"}], reason: known, owner: data, ticket: T-1, expires: 2026-11-22}]"#,
        r#"
            identity.unapproved-principal:records:read violated, excepted by EX-1
            - inline policy own of role/second [Own]: $DATA/second (excepted by EX-1)
            - inline policy own of role/worker [Own]: $DATA/worker (excepted by EX-1)
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn an_exception_for_another_obligation() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"exceptions: [{id: EX-1, lifts: [resource.public], datasets: [records], who: [{role: "$DATA/worker"}, {role: "$DATA/second"}], reason: known, owner: data, ticket: T-1, expires: 2027-03-31}]"#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/second [Own]: $DATA/second
            - inline policy own of role/worker [Own]: $DATA/worker
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn break_glass_lifts() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"break-glass: [{who: [{role: "$DATA/worker"}, {role: "$DATA/second"}], lifts: ["identity.*"]}]"#,
        r#"
            identity.unapproved-principal:records:read violated, excepted by break-glass role/worker
            - inline policy own of role/second [Own]: $DATA/second (excepted by break-glass role/worker)
            - inline policy own of role/worker [Own]: $DATA/worker (excepted by break-glass role/worker)
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn what_break_glass_never_lifts_nothing_lifts() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"break-glass: [{who: [{role: "$DATA/worker"}], lifts: ["network.*"], never-lifts: ["identity.*"]}]
exceptions: [{id: EX-1, lifts: [identity.unapproved-principal], datasets: [records], who: [{role: "$DATA/worker"}, {role: "$DATA/second"}], reason: known, owner: data, ticket: T-1, expires: 2027-03-31}]"#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/second [Own]: $DATA/second (excepted by EX-1)
            - inline policy own of role/worker [Own]: $DATA/worker
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn a_platform_role_seen_in_every_account() {
    check_with(
        "identity.unapproved-principal",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1, scp: [FullAWSAccess, roots]}, "200000000007": {parent: ou-2}}
policies: {roots: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}, 100000000006/second: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"platform-roles: [{pattern: "arn:aws:iam::*:role/*", origin: vended, lifts: [identity.unapproved-principal], reason: vended, owner: platform, expires: 2027-06-30}]"#,
        r#"
            identity.unapproved-principal:records:read violated, excepted by platform-role arn:aws:iam::*:role/*
            - inline policy own of role/second [Own]: $DATA/second (excepted by platform-role arn:aws:iam::*:role/*)
            - inline policy own of role/worker [Own]: $DATA/worker (excepted by platform-role arn:aws:iam::*:role/*)
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer proved
        "#,
    );
}

#[test]
fn an_exception_without_who_covers_a_fault_of_a_thing() {
    check_with(
        "audit.recorded",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}, log: {account: "100000000002"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
trails: {main: {account: "100000000001", organization: true, multi-region: true, bucket: log, selectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]}}"#,
        r#"
    audit: {trail: main, archive: "arn:aws:s3:::log", retention-days: 400, administrators: [{role: "$LOG/archive-admin"}]}
    access: [{who: [{role: "$APP/reader"}], can: [read, list], from: [inside]}]"#,
        r#"exceptions: [{id: EX-1, lifts: [audit.recorded], datasets: [records], reason: known, owner: data, ticket: T-1, expires: 2027-03-31}]"#,
        r#"
            audit.recorded:records violated, excepted by EX-1
            - trails over arn:aws:s3:::records (excepted by EX-1)
        "#,
    );
}
