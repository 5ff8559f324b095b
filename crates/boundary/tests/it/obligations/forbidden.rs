//! `organization.forbidden`: guardrails bind whoever there is or will be.

use crate::common::check_with;

#[track_caller]
fn check(sections: &str, prohibition: &str, expected: &str) {
    let more = format!("forbidden:\n  - {prohibition}\n");
    check_with("organization.forbidden", sections, "", &more, expected);
}

const STAY: &str = r#"{name: stay, actions: ["organizations:LeaveOrganization"]}"#;

const ACCOUNTS: &str = r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: r-1, scp: [FullAWSAccess, stay]}, "200000000007": {parent: r-1, scp: [FullAWSAccess, stay]}}"#;

#[test]
fn a_service_control_policy_binds_principals_that_do_not_exist_yet() {
    check(
        &format!(
            "{ACCOUNTS}\n{}",
            r#"policies: {stay: {Sid: Stay, Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*"}}"#
        ),
        STAY,
        "organization.forbidden:stay proved",
    );
}

#[test]
fn a_principal_to_come_needs_no_policy_today() {
    check(
        &format!(
            "{ACCOUNTS}\n{}",
            r#"policies: {stay: {Sid: Stay, Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*", Condition: {ArnLike: {"aws:PrincipalArn": "$APP/*"}}}}"#
        ),
        STAY,
        r#"
            organization.forbidden:stay violated
            - no guardrail refuses it: any principal of account 100000000006, any principal of account 200000000007
        "#,
    );
}

#[test]
fn whom_the_boundary_excepts_may() {
    check(
        &format!(
            "{ACCOUNTS}\n{}",
            r#"policies: {stay: {Sid: Stay, Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*", Condition: {ArnNotEquals: {"aws:PrincipalArn": "$APP/mover"}}}}"#
        ),
        r#"{name: stay, actions: ["organizations:LeaveOrganization"], except: [{role: "$APP/mover"}]}"#,
        "organization.forbidden:stay proved",
    );
}

#[test]
fn only_the_accounts_that_are_named_are_bound() {
    check(
        r#"accounts: {"100000000001": {parent: r-1}, "100000000006": {parent: r-1, scp: [FullAWSAccess, stay]}, "200000000007": {parent: r-1}}
policies: {stay: {Sid: Stay, Effect: Deny, Action: "organizations:LeaveOrganization", Resource: "*"}}"#,
        r#"{name: stay, actions: ["organizations:LeaveOrganization"], accounts: ["100000000006"]}"#,
        "organization.forbidden:stay proved",
    );
}

#[test]
fn the_conditions_are_those_of_the_policy_language() {
    let region =
        |when: &str| format!(r#"{{name: regions, actions: ["sqs:CreateQueue"], when: {when}}}"#);
    let sections = r#"accounts: {"100000000001": {parent: r-1}, "200000000007": {parent: r-1, scp: [FullAWSAccess, regions]}}
policies: {regions: {Sid: Regions, Effect: Deny, Action: "sqs:*", Resource: "*", Condition: {StringNotEquals: {"aws:RequestedRegion": eu-west-1}}}}"#;
    check(
        sections,
        &region(r#"{StringEquals: {"aws:RequestedRegion": [us-east-1, sa-east-1]}}"#),
        "organization.forbidden:regions proved",
    );
    check(
        sections,
        &region(r#"{StringEquals: {"aws:RequestedRegion": [eu-west-1]}}"#),
        r#"
            organization.forbidden:regions violated
            - no guardrail refuses it: any principal of account 200000000007
        "#,
    );
}

#[test]
fn a_permissions_boundary_binds_whatever_policy_is_attached_later() {
    let sections = |denied: &str| {
        format!(
            r#"managed: {{200000000007/limit: [{{Effect: Allow, Action: "*", Resource: "*"}}, {{Sid: Limit, Effect: Deny, Action: {denied:?}, Resource: "*"}}]}}
roles: {{200000000007/app: {{boundary: 200000000007/limit}}}}"#
        )
    };
    let prohibition =
        r#"{name: identities, who: [{role: "$APP/app"}], actions: ["iam:CreateRole"]}"#;
    check(
        &sections("iam:*"),
        prohibition,
        "organization.forbidden:identities proved",
    );
    check(
        &sections("ec2:*"),
        prohibition,
        r#"
            organization.forbidden:identities violated
            - no guardrail refuses it: $APP/app
        "#,
    );
}

#[test]
fn what_is_named_is_asked_with_its_own_policy() {
    let bucket = |deny: &str| {
        format!(r#"buckets: {{records: {{account: "100000000006", policy: [{deny}]}}}}"#)
    };
    let prohibition = r#"{name: tls, actions: ["s3:GetObject", "s3:ListBucket"], resources: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], when: {Bool: {"aws:SecureTransport": "false"}}}"#;
    check(
        &bucket(
            r#"{Sid: Tls, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {Bool: {"aws:SecureTransport": "false"}}}"#,
        ),
        prohibition,
        "organization.forbidden:tls proved",
    );
    check(
        &bucket(
            r#"{Sid: Tls, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::records/*", Condition: {Bool: {"aws:SecureTransport": "false"}}}"#,
        ),
        prohibition,
        r#"
            organization.forbidden:tls violated
            - no guardrail refuses it: any principal of account 100000000006
        "#,
    );
}

#[test]
fn policies_that_were_not_read_leave_it_open() {
    check(
        r#"accounts: {"100000000001": {parent: r-1}, "200000000007": {parent: r-1}}
unknown: ["account 200000000007 ServiceControlPolicies: refused"]"#,
        STAY,
        r#"
            organization.forbidden:stay undecided
            ? any principal of account 200000000007: refused
        "#,
    );
}

#[test]
fn what_names_nobody_is_not_proved() {
    check(
        "",
        r#"{name: ghosts, who: [{role: "$APP/nobody"}], actions: ["iam:CreateRole"]}"#,
        r#"
            organization.forbidden:ghosts undecided, vacuous
            ? prohibition ghosts: nobody who was read is named by its `who`
        "#,
    );
}

#[test]
fn a_resource_control_policy_of_the_callers_own_account_binds_what_has_no_policy_of_its_own() {
    check(
        r#"accounts: {"100000000001": {parent: r-1}, "200000000007": {parent: r-1, rcp: [tls]}}
policies: {tls: {Sid: Tls, Effect: Deny, Principal: "*", Action: "dynamodb:*", Resource: "*", Condition: {BoolIfExists: {"aws:SecureTransport": "false"}}}}"#,
        r#"{name: stores, actions: ["dynamodb:PutResourcePolicy"]}"#,
        r#"
            organization.forbidden:stores violated
            - no guardrail refuses it: any principal of account 200000000007
        "#,
    );
}

#[test]
fn what_another_service_can_be_asked_of_the_same_thing_is_asked_too() {
    let sections = |denied: &str| {
        format!(
            r#"accounts: {{"100000000001": {{parent: r-1}}, "100000000006": {{parent: r-1, scp: [FullAWSAccess, roles]}}, "200000000007": {{parent: r-1, scp: [FullAWSAccess, roles]}}}}
policies: {{roles: {{Sid: Roles, Effect: Deny, Action: {denied}, Resource: "*"}}}}
roles: {{200000000007/app: {{trust: [{{Effect: Allow, Principal: {{Service: "ec2.amazonaws.com"}}, Action: "sts:AssumeRole"}}]}}}}"#
        )
    };
    let prohibition = r#"{name: roles, accounts: ["100000000006", "200000000007"], actions: ["sts:AssumeRole", "iam:UpdateAssumeRolePolicy"], resources: ["$APP/app"]}"#;
    check(
        &sections(r#"["sts:*", "iam:*"]"#),
        prohibition,
        "organization.forbidden:roles proved",
    );
    check(
        &sections(r#""sts:*""#),
        prohibition,
        r#"
            organization.forbidden:roles violated
            - no guardrail refuses it: any principal of account 100000000006, any principal of account 200000000007
        "#,
    );
}
