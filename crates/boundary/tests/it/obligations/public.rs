//! `resource.public`: by policy, by ACL, with block public access on and off.

use crate::common::check;

#[test]
fn a_closed_bucket() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006"}}"#,
        r#""#,
        r#"
resource.public:records proved
"#,
    );
}

#[test]
fn public_by_policy() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#""#,
        r#"
            resource.public:records violated
            - bucket policy of records [Anyone]: anonymous, any principal of any AWS account
        "#,
    );
}

#[test]
fn one_named_outsider_is_not_the_public() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Stranger, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}"#,
        r#""#,
        r#"
resource.public:records proved
"#,
    );
}

/// "Blocking public access to your Amazon S3 storage": RestrictPublicBuckets.
#[test]
fn block_public_access_withholds_a_public_policy() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}], block-public-access: all}}"#,
        r#""#,
        r#"
resource.public:records proved
"#,
    );
}

/// "Access control list (ACL) overview".
#[test]
fn public_by_acl() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", ownership: writer, acl: [{Grantee: {Type: Group, URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, Permission: READ}]}}"#,
        r#""#,
        r#"
            resource.public:records violated
            - ACL grant READ to http://acs.amazonaws.com/groups/global/AllUsers: anonymous, any principal of any AWS account
        "#,
    );
}

#[test]
fn block_public_access_does_not_reach_object_acls_that_name_an_account() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", ownership: writer, acl: [{Grantee: {Type: Group, URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, Permission: READ}], block-public-access: all}}"#,
        r#""#,
        r#"
            resource.public:records undecided
            ? any principal of any AWS account: ACLs are enabled, and those of the objects were not read
        "#,
    );
}

#[test]
fn acls_that_are_disabled_have_no_effect() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", acl: [{Grantee: {Type: Group, URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, Permission: READ}]}}"#,
        r#""#,
        r#"
resource.public:records proved
"#,
    );
}

#[test]
fn an_unread_block_leaves_a_public_policy_undecided() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}]}}
unknown: ["bucket records PublicAccessBlock: refused"]"#,
        r#""#,
        r#"
            resource.public:records undecided
            ? anonymous: refused
            ? any principal of any AWS account: refused
        "#,
    );
}

#[test]
fn any_account_at_all_is_the_public_too() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Signed, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringEquals: {"aws:PrincipalType": Anonymous}}}]}}"#,
        r#""#,
        r#"
            resource.public:records violated
            - bucket policy of records [Anyone]: any principal of any AWS account
        "#,
    );
}

/// "Forward access sessions": what a service repeats for anybody carries aws:ViaAWSService.
#[test]
fn a_deny_that_spares_forwarded_calls_is_open_to_engines_of_anybody() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", policy: [{Sid: Anyone, Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*"}, {Sid: Direct, Effect: Deny, Principal: "*", Action: "s3:*", Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": o-acme1a2b3c}, BoolIfExists: {"aws:ViaAWSService": "false"}}}]}}"#,
        "",
        r#"
            resource.public:records violated
            - bucket policy of records [Anyone]: any principal of any AWS account
        "#,
    );
}

/// "Access control list (ACL) overview": the LogDelivery group is a service of S3, and no account.
#[test]
fn the_log_delivery_group_is_not_the_public() {
    check(
        "resource.public",
        r#"buckets: {records: {account: "100000000006", ownership: writer, acl: [{Grantee: {Type: Group, URI: "http://acs.amazonaws.com/groups/s3/LogDelivery"}, Permission: WRITE}], block-public-access: all}}"#,
        r#""#,
        r#"
            resource.public:records undecided
            ? any principal of any AWS account: ACLs are enabled, and those of the objects were not read
        "#,
    );
}
