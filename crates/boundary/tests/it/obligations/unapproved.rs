//! `identity.unapproved-principal`: principals of the organization that no approval names.

use crate::common::check;

#[test]
fn a_deny_for_all_but_the_reader_closes_it_to_all_at_once() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Others, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {ArnNotEquals: {"aws:PrincipalArn": ["$APP/reader"]}}}]}}
roles: {200000000007/reader: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}, 200000000007/other: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.unapproved-principal:records:read proved
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn a_grant_to_an_account_lets_each_of_its_principals_in() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
roles: {200000000007/reader: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}, 200000000007/other: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.unapproved-principal:records:read violated
            - bucket policy of records [Apps] + inline policy own of role/other [0]: $APP/other
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

/// "Policy evaluation for requests within a single account".
#[test]
fn principals_of_the_own_account_need_no_bucket_policy() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS]}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/worker [Own]: $DATA/worker
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

/// "AWS managed keys": the key of the service works for every principal of its account.
#[test]
fn under_the_aws_managed_key_principals_of_the_own_account_read() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS], key: managed}}
roles: {100000000006/worker: {inline: {own: {Sid: Own, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/worker [Own]: $DATA/worker
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn root_users_are_principals() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006"}}"#,
        r#""#,
        r#"
            identity.unapproved-principal:records:read violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:write violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:delete violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:list violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn policies_that_were_not_read_leave_it_open() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
roles: {200000000007/reader: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}, 200000000007/other: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}}
unknown: ["role 200000000007/other InlinePolicies: refused"]"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.unapproved-principal:records:read undecided
            ? $APP/other: refused
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn accounts_whose_principals_were_not_listed_leave_it_open() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
unlisted: ["role 200000000007: refused"]"#,
        r#""#,
        r#"
            identity.unapproved-principal:records:read undecided
            ? principals of account 200000000007: refused
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn only_the_key_stops_an_unapproved_principal() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Apps, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Others, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {ArnNotEquals: {"aws:PrincipalArn": ["$APP/reader", "$APP/other"]}}}], key: "$KEY"}}
keys: {"$KEY": {policy: [{Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
roles: {200000000007/reader: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}, 200000000007/other: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.unapproved-principal:records:read proved, held by encryption
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

/// "Service-linked roles": SCPs and RCPs do not bind them.
#[test]
fn a_service_linked_role_is_bound_by_no_scp() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS]}}
roles: {100000000006/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig: {inline: {own: {Sid: Linked, Effect: Allow, Action: "s3:GetObject", Resource: "*"}}}}"#,
        r#""#,
        r#"
            identity.unapproved-principal:records:read violated
            - inline policy own of role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig [Linked]: $DATA/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn an_approved_pattern_covers_what_it_matches() {
    check(
        "identity.unapproved-principal",
        r#"buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: Apps, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
roles: {200000000007/reader: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}, 200000000007/other: {inline: {own: {Effect: Allow, Action: "s3:*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role-pattern: "arn:aws:iam::200000000007:role/*", creators: []}], can: [read], from: [inside]}]"#,
        r#"
            identity.unapproved-principal:records:read proved
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}

/// "AWS JSON policy elements: Principal": AWS keeps roles by their ids; an id that nobody has is one
/// of a role that was deleted.
#[test]
fn a_principal_may_be_named_by_its_id() {
    check(
        "identity.unapproved-principal",
        r#"
roles: {100000000006/app: {id: AROAAPP}, 100000000006/other: {id: AROAOTHER}}
buckets: {records: {account: "100000000006", policy: [$ROOTS, {Sid: ById, Effect: Allow, Principal: {AWS: [AROAAPP, AROAGONE]}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
"#,
        "",
        r#"
            identity.unapproved-principal:records:read violated
            - bucket policy of records [ById]: $DATA/app
            identity.unapproved-principal:records:write proved
            identity.unapproved-principal:records:delete proved
            identity.unapproved-principal:records:list proved
            identity.unapproved-principal:records:administer violated
            - no statement: the caller's own account allows it: arn:aws:iam::100000000006:root
        "#,
    );
}
