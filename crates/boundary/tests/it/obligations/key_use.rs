//! `encryption.unapproved-key-use`: who decrypts, and who lets others decrypt.

use crate::common::{check, check_with};

#[test]
fn only_the_reader_decrypts() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records proved
        "#,
    );
}

/// "Key policies in AWS KMS": allowing the account enables its identity policies.
#[test]
fn a_statement_for_the_root_hands_the_key_to_the_account() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: Own, Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}]}}
roles: {100000000006/worker: {inline: {own: {Sid: Keys, Effect: Allow, Action: "kms:Decrypt", Resource: "*"}}}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records violated
            - key policy of key/1 [Own] + inline policy own of role/worker [Keys]: $DATA/worker, arn:aws:iam::100000000006:root
        "#,
    );
}

#[test]
fn an_outsider_in_the_key_policy() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: Far, Effect: Allow, Principal: {AWS: "888800000001"}, Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records violated
            - key policy of key/1 [Far]: any principal of another account
        "#,
    );
}

/// "Grants in AWS KMS".
#[test]
fn a_grant_to_an_outsider() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}], grants: [{GrantId: g1, GranteePrincipal: "arn:aws:iam::888800000001:role/far", Operations: [Decrypt]}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records violated
            - KMS grant g1: any principal of another account
        "#,
    );
}

#[test]
fn grants_that_were_not_read() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}]}}
unknown: ["key $KEY Grants: refused"]"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records undecided
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
fn a_key_that_was_not_read() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records undecided, vacuous
            ? $KEY: the key was not read
        "#,
    );
}

/// kms:ViaService of "AWS KMS condition keys".
#[test]
fn a_key_that_only_s3_may_use_for_the_account() {
    check(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: ViaS3, Effect: Allow, Principal: {AWS: "$DATA/worker"}, Action: "kms:Decrypt", Resource: "*", Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}]}}
roles: {100000000006/worker: {inline: {own: {Sid: Keys, Effect: Allow, Action: "kms:Decrypt", Resource: "*"}}}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
            encryption.unapproved-key-use:records violated
            - key policy of key/1 [ViaS3]: $DATA/worker
        "#,
    );
}

#[test]
fn two_datasets_under_one_key_share_their_readers() {
    check_with(
        "encryption.unapproved-key-use",
        r#"buckets: {records: {account: "100000000006", key: "$KEY"}, others: {account: "100000000006", key: "$KEY"}}
keys: {"$KEY": {policy: [{Sid: Admin, Effect: Allow, Principal: {AWS: "$DATA/key-admin"}, Action: "kms:*", Resource: "*"}, {Sid: Use, Effect: Allow, Principal: {AWS: "$APP/reader"}, Action: "kms:Decrypt", Resource: "*"}, {Sid: Second, Effect: Allow, Principal: {AWS: "$APP/second"}, Action: "kms:Decrypt", Resource: "*"}]}}"#,
        r#"
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/reader"}], can: [read], from: [inside]}]"#,
        r#"
  - name: others
    class: restricted
    owner: data
    resources: [{arn: "arn:aws:s3:::others"}]
    keys: [{arn: "$KEY"}]
    key-administrators: [{role: "$DATA/key-admin"}]
    access: [{who: [{role: "$APP/second"}], can: [read], from: [inside]}]
"#,
        r#"
            encryption.unapproved-key-use:records proved
            encryption.unapproved-key-use:others proved
        "#,
    );
}
