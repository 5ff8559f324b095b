//! `identity.who-becomes`: who obtains a session of an approved principal.

use crate::common::check;

#[test]
fn the_declared_service_may_assume_the_role() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
identity.who-becomes:records proved
"#,
    );
}

#[test]
fn an_undeclared_service_may_not() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}, {Sid: Trust, Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.who-becomes:records violated
            - trust policy of role/reader [Trust]: lambda.amazonaws.com
        "#,
    );
}

#[test]
fn a_role_of_the_account_that_the_trust_policy_delegates_to() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}, {Sid: Trust, Effect: Allow, Principal: {AWS: "200000000007"}, Action: "sts:AssumeRole"}]}, 200000000007/deployer: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Sid: Assume, Effect: Allow, Action: "sts:AssumeRole", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.who-becomes:records violated
            - trust policy of role/reader [Trust] + inline policy own of role/deployer [Assume]: $APP/deployer, arn:aws:iam::200000000007:root
        "#,
    );
}

#[test]
fn a_chain_of_two_assumptions() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Trust, Effect: Allow, Principal: {AWS: "$APP/middle"}, Action: "sts:AssumeRole"}]}, 200000000007/middle: {trust: [{Sid: Trust, Effect: Allow, Principal: {AWS: "$DATA/far"}, Action: "sts:AssumeRole"}], inline: {own: {Sid: Assume, Effect: Allow, Action: "sts:AssumeRole", Resource: "*"}}}, 100000000006/far: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}], inline: {own: {Sid: Assume, Effect: Allow, Action: "sts:AssumeRole", Resource: "*"}}}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{role: "$APP/middle"}]}]"#,
        r#"
            identity.who-becomes:records violated
            - trust policy of role/far [Ecs]: ecs-tasks.amazonaws.com
            - trust policy of role/middle [Trust] + inline policy own of role/far [Assume]: $DATA/far
        "#,
    );
}

#[test]
fn a_chain_stops_where_nobody_is_trusted() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Trust, Effect: Allow, Principal: {AWS: "$APP/middle"}, Action: "sts:AssumeRole"}]}, 200000000007/middle: {trust: [{Sid: Trust, Effect: Allow, Principal: {AWS: "$DATA/far"}, Action: "sts:AssumeRole"}], inline: {own: {Sid: Assume, Effect: Allow, Action: "sts:AssumeRole", Resource: "*"}}}, 100000000006/far: {}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{role: "$APP/middle"}, {role: "$DATA/far"}]}]"#,
        r#"
            identity.who-becomes:records proved
        "#,
    );
}

/// "The confused deputy problem": sts:ExternalId.
#[test]
fn a_partner_with_its_external_id() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Partner, Effect: Allow, Principal: {AWS: "999900000001"}, Action: "sts:AssumeRole", Condition: {StringEquals: {"sts:ExternalId": e-1}}}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{partner: warehouse, external-id: e-1}]}]"#,
        r#"
            identity.who-becomes:records proved
        "#,
    );
}

#[test]
fn a_partner_without_its_external_id() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Trust, Effect: Allow, Principal: {AWS: "999900000001"}, Action: "sts:AssumeRole"}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{partner: warehouse, external-id: e-1}]}]"#,
        r#"
            identity.who-becomes:records violated
            - trust policy of role/reader [Trust]: any principal of another account
        "#,
    );
}

/// "Creating a role for web identity": the subject is in the condition key of the provider.
#[test]
fn subjects_of_a_provider_as_declared() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Oidc, Effect: Allow, Principal: {Federated: "arn:aws:iam::200000000007:oidc-provider/token.example"}, Action: "sts:AssumeRoleWithWebIdentity", Condition: {StringLike: {"token.example:sub": "repo:acme/app:*"}}}]}}
providers: {"arn:aws:iam::200000000007:oidc-provider/token.example": {}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{oidc: "arn:aws:iam::200000000007:oidc-provider/token.example", sub: "repo:acme/*"}]}]"#,
        r#"
            identity.who-becomes:records proved
        "#,
    );
}

#[test]
fn subjects_of_a_provider_beyond_those_declared() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Oidc, Effect: Allow, Principal: {Federated: "arn:aws:iam::200000000007:oidc-provider/token.example"}, Action: "sts:AssumeRoleWithWebIdentity", Condition: {StringLike: {"token.example:sub": "repo:*"}}}]}}
providers: {"arn:aws:iam::200000000007:oidc-provider/token.example": {}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{oidc: "arn:aws:iam::200000000007:oidc-provider/token.example", sub: "repo:acme/*"}]}]"#,
        r#"
            identity.who-becomes:records violated
            - trust policy of role/reader [Oidc]: arn:aws:iam::200000000007:oidc-provider/token.example
        "#,
    );
}

#[test]
fn a_trust_policy_that_was_not_read() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Ecs, Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: "sts:AssumeRole"}]}}
unknown: ["role 200000000007/reader Trust: refused"]"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.who-becomes:records undecided
            ? anonymous: refused
            ? any principal of another account: refused
            ? arn:aws:iam::100000000001:root: refused
            ? arn:aws:iam::100000000002:root: refused
            ? arn:aws:iam::100000000006:root: refused
            ? arn:aws:iam::200000000007:root: refused
        "#,
    );
}

#[test]
fn anybody_in_the_world() {
    check(
        "identity.who-becomes",
        r#"buckets: {records: {account: "100000000006"}}
roles: {200000000007/reader: {trust: [{Sid: Trust, Effect: Allow, Principal: {AWS: "*"}, Action: "sts:AssumeRole"}]}}"#,
        r#"
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside], assumed-by: [{service: ecs-tasks.amazonaws.com}]}]"#,
        r#"
            identity.who-becomes:records violated
            - trust policy of role/reader [Trust]: anonymous, any principal of another account, arn:aws:iam::100000000001:root, arn:aws:iam::100000000002:root, arn:aws:iam::100000000006:root of 6
        "#,
    );
}
