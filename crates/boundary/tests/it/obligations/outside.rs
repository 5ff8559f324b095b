//! `identity.outside-organization` and `resource.public`: who may get in without belonging.

use crate::common::check;

#[test]
fn a_bucket_without_a_policy_is_closed_to_outsiders() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006"}}"#,
        r#""#,
        r#"
identity.outside-organization:records:read proved
identity.outside-organization:records:write proved
identity.outside-organization:records:delete proved
identity.outside-organization:records:list proved
identity.outside-organization:records:administer proved
"#,
    );
}

#[test]
fn each_way_in_for_outsiders_is_a_cause() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Stranger, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#""#,
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Anyone]: anonymous, any principal of another account
            - bucket policy of records [Stranger]: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

#[test]
fn a_bucket_policy_that_was_not_read_leaves_it_open() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
unknown: ["bucket records ResourcePolicy: refused"]"#,
        r#""#,
        r#"
            identity.outside-organization:records:read undecided
            ? anonymous: refused
            ? any principal of another account: refused
            identity.outside-organization:records:write undecided
            ? anonymous: refused
            ? any principal of another account: refused
            identity.outside-organization:records:delete undecided
            ? anonymous: refused
            ? any principal of another account: refused
            identity.outside-organization:records:list undecided
            ? anonymous: refused
            ? any principal of another account: refused
            identity.outside-organization:records:administer undecided
            ? anonymous: refused
            ? any principal of another account: refused
        "#,
    );
}

#[test]
fn a_declared_partner_may_do_what_is_approved_and_nothing_else() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Partner, Effect: Allow, Principal: {AWS: "999900000001"}, Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#"
    access: [{who: [{partner: warehouse}], can: [read], from: [office]}]"#,
        r#"
            identity.outside-organization:records:read proved
            identity.outside-organization:records:write violated
            - bucket policy of records [Partner]: any principal of another account
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

#[test]
fn a_partner_whose_time_is_over_is_an_outsider() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Partner, Effect: Allow, Principal: {AWS: "777700000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#"
    access: [{who: [{partner: past}], can: [read], from: [office]}]"#,
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Partner]: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

/// Design: a data request that only the key stops is proved, with `held_by: encryption`.
#[test]
fn only_the_key_stops_the_data_request() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Stranger, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}], key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}]}}"#,
        r#""#,
        r#"
identity.outside-organization:records:read proved, held by encryption
identity.outside-organization:records:write proved
identity.outside-organization:records:delete proved
identity.outside-organization:records:list proved
identity.outside-organization:records:administer proved
"#,
    );
}

#[test]
fn a_key_that_everybody_may_use_holds_nothing() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Stranger, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}], key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}, {Sid: Loose, Effect: Allow, Principal: "*", Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#""#,
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Stranger] + key policy of key/1 [Loose]: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

/// "Grants in AWS KMS": a grant allows beside the key policy.
#[test]
fn a_grant_to_an_outsider_opens_the_key() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Stranger, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}], key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}], grants: [{GrantId: g1, GranteePrincipal: "arn:aws:iam::888800000001:root", Operations: [Decrypt]}]}}"#,
        r#""#,
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Stranger] + KMS grant g1: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

/// "AWS managed keys": no policy of ours lets another account use one.
#[test]
fn the_aws_managed_key_works_for_its_own_account_only() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Stranger, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}], key: managed}}"#,
        r#""#,
        r#"
identity.outside-organization:records:read proved, held by encryption
identity.outside-organization:records:write proved
identity.outside-organization:records:delete proved
identity.outside-organization:records:list proved
identity.outside-organization:records:administer proved
"#,
    );
}

/// "Forward access sessions": what CloudFormation or Athena repeats carries aws:ViaAWSService.
#[test]
fn a_deny_that_spares_forwarded_calls_is_open_to_engines_of_outsiders() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Direct, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": o-acme1a2b3c}, BoolIfExists: {"aws:ViaAWSService": "false"}}}]}}"#,
        r#""#,
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Anyone]: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

/// "IAM JSON policy elements: Condition operators": with IfExists an absent key meets the condition.
#[test]
fn an_organization_condition_with_if_exists_refuses_whoever_has_none() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: OrgOnly, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": o-acme1a2b3c}}}]}}"#,
        r#""#,
        r#"
identity.outside-organization:records:read proved
identity.outside-organization:records:write proved
identity.outside-organization:records:delete proved
identity.outside-organization:records:list proved
identity.outside-organization:records:administer proved
"#,
    );
}

#[test]
fn an_organization_condition_without_if_exists_closes_it() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: OrgOnly, Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"aws:PrincipalOrgID": o-acme1a2b3c}}}]}}"#,
        r#""#,
        r#"
identity.outside-organization:records:read proved
identity.outside-organization:records:write proved
identity.outside-organization:records:delete proved
identity.outside-organization:records:list proved
identity.outside-organization:records:administer proved
"#,
    );
}

/// "IAM policy elements: Variables and tags": the default stands in where the request has no such
/// key, as aws:username for sessions of roles.
#[test]
fn the_default_of_a_variable_serves_callers_without_the_key() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Home, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/${aws:username, 'nobody'}/*"}, {Sid: Users, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {"Null": {"aws:username": "false"}}}]}}"#,
        "",
        r#"
            identity.outside-organization:records:read violated
            - bucket policy of records [Home]: any principal of another account
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}

/// "IAM JSON policy elements: Principal": only users have a user name, and it is the one in their
/// ARN.
#[test]
fn a_role_has_no_user_name() {
    check(
        "identity.outside-organization",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Job, Effect: Allow, Principal: {AWS: "arn:aws:iam::888800000001:role/job"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*", Condition: {StringLike: {"aws:username": "*"}}}]}}"#,
        "",
        r#"
            identity.outside-organization:records:read proved
            identity.outside-organization:records:write proved
            identity.outside-organization:records:delete proved
            identity.outside-organization:records:list proved
            identity.outside-organization:records:administer proved
        "#,
    );
}
