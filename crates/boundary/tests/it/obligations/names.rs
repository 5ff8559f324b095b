//! `identity.reserved-names`: who may create principals that an approved pattern matches.

use crate::common::check;

#[test]
fn an_scp_reserves_the_names() {
    check(
        "identity.reserved-names",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2, scp: [FullAWSAccess, names]}}
policies: {names: {Sid: Names, Effect: Deny, Action: ["iam:CreateRole"], Resource: "arn:aws:iam::*:role/worker-*", Condition: {ArnNotEquals: {"aws:PrincipalArn": "$APP/vending"}}}}
buckets: {records: {account: "100000000006"}}"#,
        r#"
    access: [{who: [{role-pattern: "arn:aws:iam::200000000007:role/worker-*", creators: [{role: "$APP/vending"}]}], can: [read], from: [inside]}]"#,
        r#"
            identity.reserved-names:records proved
        "#,
    );
}

#[test]
fn whoever_administers_the_account_creates_them() {
    check(
        "identity.reserved-names",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/admin: {inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role-pattern: "arn:aws:iam::200000000007:role/worker-*", creators: [{role: "$APP/vending"}]}], can: [read], from: [inside]}]"#,
        r#"
            identity.reserved-names:records violated
            - inline policy own of role/admin [0]: $APP/admin
            - no statement: the caller's own account allows it: arn:aws:iam::200000000007:root
        "#,
    );
}

#[test]
fn the_creators_themselves_may() {
    check(
        "identity.reserved-names",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2, scp: [FullAWSAccess, names]}}
policies: {names: {Sid: Names, Effect: Deny, Action: ["iam:CreateRole"], Resource: "arn:aws:iam::*:role/worker-*", Condition: {ArnNotEquals: {"aws:PrincipalArn": "$APP/vending"}}}}
buckets: {records: {account: "100000000006"}}
roles: {200000000007/vending: {inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}, 200000000007/admin: {inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role-pattern: "arn:aws:iam::200000000007:role/worker-*", creators: [{role: "$APP/vending"}]}], can: [read], from: [inside]}]"#,
        r#"
            identity.reserved-names:records proved
        "#,
    );
}

#[test]
fn policies_that_were_not_read_leave_it_open() {
    check(
        "identity.reserved-names",
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: ou-1}, "200000000007": {parent: ou-2, scp: [FullAWSAccess, root]}}
policies: {root: {Effect: Deny, Action: "*", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}}
buckets: {records: {account: "100000000006"}}
roles: {200000000007/admin: {inline: {own: {Effect: Allow, Action: "*", Resource: "*"}}}}
unknown: ["role 200000000007/admin InlinePolicies: refused"]"#,
        r#"
    access: [{who: [{role-pattern: "arn:aws:iam::200000000007:role/worker-*", creators: [{role: "$APP/vending"}]}], can: [read], from: [inside]}]"#,
        r#"
            identity.reserved-names:records undecided
            ? $APP/admin: refused
        "#,
    );
}

#[test]
fn without_patterns_nothing_is_asked() {
    check(
        "identity.reserved-names",
        r#"buckets: {records: {account: "100000000006"}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"

"#,
    );
}
