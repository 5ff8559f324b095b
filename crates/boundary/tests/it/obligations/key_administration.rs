//! `encryption.separate-administration`: who changes the policy, grants, life or replicas of a key.

use crate::common::check;

#[test]
fn only_the_key_administrators() {
    check(
        "encryption.separate-administration",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
roles: {100000000006/admin: {inline: {own: {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}}}, 100000000006/key-admin: {inline: {own: {Effect: Allow, Action: "kms:*", Resource: "*"}}}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.separate-administration:records proved
        "#,
    );
}

#[test]
fn the_account_by_its_root() {
    check(
        "encryption.separate-administration",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}]}}
roles: {100000000006/admin: {inline: {own: {Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}}}, 100000000006/key-admin: {inline: {own: {Effect: Allow, Action: "kms:*", Resource: "*"}}}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.separate-administration:records violated
            - key policy of key/1 [Own] + inline policy own of role/admin [0]: $DATA/admin, arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn an_outsider_who_may_grant() {
    check(
        "encryption.separate-administration",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: Grants, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "kms:CreateGrant", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.separate-administration:records violated
            - key policy of key/1 [Grants]: any principal of another account
        "#,
    );
}

#[test]
fn a_key_policy_that_was_not_read() {
    check(
        "encryption.separate-administration",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
unknown: ["key $KEY ResourcePolicy: refused"]"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.separate-administration:records undecided
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
fn using_is_not_administering() {
    check(
        "encryption.separate-administration",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: Far, Effect: Allow, Principal: {AWS: "888800000001"}, Action: ["kms:Decrypt", "kms:Encrypt"], Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]"#,
        r#"
            encryption.separate-administration:records proved
        "#,
    );
}
