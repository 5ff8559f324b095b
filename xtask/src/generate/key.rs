//! The KMS key of an account, under which its restricted buckets lie.

use std::io;

use serde_json::{Value, json};

use super::dataset::Dataset;
use super::{CAPTURED_AT, MANAGEMENT, Place, REGION, Shape, Snapshot, document, id};

/// The ARN of an account's key.
pub(super) fn arn(account: u64) -> String {
    format!(
        "arn:aws:kms:{REGION}:{}:key/{}",
        id(account),
        key_id(account)
    )
}

/// Who administers every key: a role of the management account, which reads no data.
pub(super) fn administrator() -> String {
    format!("arn:aws:iam::{MANAGEMENT}:role/platform/org-reader")
}

fn key_id(account: u64) -> String {
    format!("00000000-0000-4000-8000-{}", id(account))
}

/// Writes what KMS says of an account's keys: none without restricted datasets.
pub(super) fn write(
    snapshot: &mut Snapshot<'_>,
    place: &Place,
    shape: &Shape,
    index: u64,
) -> io::Result<()> {
    let account = shape.account(index);
    if shape.datasets == 0 || index == 0 {
        return snapshot.answer(place, "kms.list-keys", &json!({"Keys": []}));
    }
    let (arn, key) = (arn(account), key_id(account));
    let listed = json!({"Keys": [{"KeyId": key, "KeyArn": arn}]});
    snapshot.answer(place, "kms.list-keys", &listed)?;
    let metadata = json!({"KeyMetadata": {
        "AWSAccountId": id(account), "KeyId": key, "Arn": arn, "CreationDate": CAPTURED_AT,
        "Enabled": true, "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled",
        "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT",
    }});
    let answers = [
        ("kms.describe-key", metadata),
        (
            "kms.get-key-policy",
            json!({"Policy": policy(shape, index).to_string()}),
        ),
        (
            "kms.get-key-rotation-status",
            json!({"KeyRotationEnabled": true}),
        ),
        ("kms.list-grants", json!({"Grants": []})),
        ("kms.list-resource-tags", json!({"Tags": []})),
    ];
    for (operation, response) in answers {
        let call = json!({"request": {"KeyId": key}, "response": response});
        snapshot.calls(place, operation, &[call])?;
    }
    Ok(())
}

/// The users of restricted buckets decrypt through S3; one role of the organization administers.
fn policy(shape: &Shape, index: u64) -> Value {
    let restricted = (0..shape.buckets).filter(|number| Dataset::is_restricted(shape, *number));
    let users: Vec<String> = restricted
        .map(|number| Dataset::new(shape, index, number))
        .flat_map(|dataset| dataset.users.into_iter().chain(dataset.readers))
        .collect();
    let administer = json!([
        "kms:PutKeyPolicy",
        "kms:EnableKey",
        "kms:DisableKey",
        "kms:EnableKeyRotation",
        "kms:ScheduleKeyDeletion",
        "kms:CancelKeyDeletion",
        "kms:TagResource",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
    ]);
    let administrator = json!({"AWS": administrator()});
    let allow = |principal: Value, actions: Value| json!({"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"});
    let mut statements = vec![allow(administrator, administer)];
    if !users.is_empty() {
        let through_s3 = format!("s3.{REGION}.amazonaws.com");
        let uses = json!({
            "Effect": "Allow", "Principal": {"AWS": users}, "Resource": "*",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Condition": {"StringEquals": {"kms:ViaService": through_s3}},
        });
        statements.push(uses);
    }
    document(&statements)
}
