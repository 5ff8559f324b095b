//! `encryption.*`: the key as a second plane, who uses it, and who may change it.

use crate::common::{check, check_with};

#[test]
fn a_key_that_others_administer_is_a_second_plane() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
roles: {100000000006/admin: {inline: {own: {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}}}, 100000000006/key-admin: {inline: {own: {Effect: Allow, Action: "kms:*", Resource: "*"}}}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.second-plane:records proved
        "#,
    );
}

/// "Key policies in AWS KMS": a statement for the account hands the key to its identity policies.
#[test]
fn an_administrator_of_the_data_who_may_change_the_key() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}]}}
roles: {100000000006/admin: {inline: {own: {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}}}, 100000000006/key-admin: {inline: {own: {Effect: Allow, Action: "kms:*", Resource: "*"}}}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.second-plane:records violated
            - key policy of key/1 [Own] + inline policy own of role/admin [0]: $DATA/admin
        "#,
    );
}

#[test]
fn a_bucket_under_no_key() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]"#,
        r#"
            encryption.second-plane:records violated
            - encryption of arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_bucket_under_the_aws_managed_key() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006", key: managed}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]"#,
        r#"
            encryption.second-plane:records violated
            - encryption of arn:aws:s3:::records
        "#,
    );
}

#[test]
fn a_bucket_under_another_key_than_declared() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006", key: "arn:aws:kms:eu-west-1:100000000006:key/2"}}
keys: {"$KEY": {}, "arn:aws:kms:eu-west-1:100000000006:key/2": {}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]"#,
        r#"
            encryption.second-plane:records violated
            - encryption of arn:aws:s3:::records
        "#,
    );
}

#[test]
fn encryption_that_was_not_read() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
unknown: ["bucket records Encryption: refused"]"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]"#,
        r#"
            encryption.second-plane:records undecided
            ? arn:aws:s3:::records: refused
        "#,
    );
}

#[test]
fn a_key_that_was_not_read() {
    check(
        "encryption.second-plane",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]"#,
        r#"
            encryption.second-plane:records undecided
            ? arn:aws:s3:::records: the key $KEY was not read
        "#,
    );
}

/// "DynamoDB encryption at rest": the service decrypts table keys under its own grant.
#[test]
fn dynamodb_uses_the_key_by_a_grant_of_its_own() {
    check_with(
        "encryption.second-plane",
        r#"tables: {"arn:aws:dynamodb:eu-west-1:100000000006:table/t": {key: "$KEY"}}
buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    administrators: [{role: "$DATA/admin"}]"#,
        r#"
  - name: cases
    class: restricted
    owner: data
    resources: [{arn: "arn:aws:dynamodb:eu-west-1:100000000006:table/t"}]
    keys: [{arn: "$KEY"}]
"#,
        r#"
            encryption.second-plane:records proved
            encryption.second-plane:cases violated
            - encryption of arn:aws:dynamodb:eu-west-1:100000000006:table/t
        "#,
    );
}
