//! The kinds of records that a generated log holds, and how often each comes.

use serde_json::{Value, json};
use xtask::generate::Random;

/// Makes a record, but for what all have.
type Kind = fn(&mut Random) -> Value;

/// Of a thousand records, how many are of each kind.
const KINDS: [(u64, Kind); 11] = [
    (330, reads),
    (200, decrypts),
    (150, writes),
    (120, items),
    (60, messages),
    (30, secrets),
    (50, delivers),
    (20, refused),
    (15, elsewhere),
    (20, begins),
    (5, insight),
];

/// One record, at a time.
pub fn record(random: &mut Random, time: &str) -> String {
    let mut choice = random.below(1000);
    let mut kind: Kind = reads;
    for (share, of) in KINDS {
        if choice < share {
            kind = of;
            break;
        }
        choice -= share;
    }
    let mut record = kind(random);
    let common = json!({
        "eventVersion": "1.11",
        "eventTime": time,
        "awsRegion": "eu-west-1",
        "eventType": "AwsApiCall",
        "managementEvent": false,
        "recipientAccountId": "100000000006",
        "eventID": uuid(random),
        "requestID": uuid(random),
    });
    if let (Some(fields), Some(common)) = (record.as_object_mut(), common.as_object()) {
        for (name, value) in common {
            fields.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    record.to_string()
}

/// Sets a member.
fn set(record: &mut Value, name: &str, value: Value) {
    if let Some(fields) = record.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn set_parameter(record: &mut Value, name: &str, value: Value) {
    if let Some(parameters) = record.get_mut("requestParameters") {
        set(parameters, name, value);
    }
}

fn uuid(random: &mut Random) -> String {
    let mut digits = |count: u32| {
        format!(
            "{:0width$x}",
            random.below(1 << (4 * count)),
            width = count as usize
        )
    };
    format!(
        "{}-{}-4{}-8{}-{}",
        digits(8),
        digits(4),
        digits(3),
        digits(3),
        digits(12)
    )
}

fn session(random: &mut Random, account: &str, role: &str) -> Value {
    let name = role.rsplit('/').next().unwrap_or(role);
    let number = random.below(5_000);
    let key = format!("ASIAEXAMPLE{account}{number:05}");
    json!({
        "type": "AssumedRole",
        "principalId": format!("AROAEXAMPLE{name}:task-{number}"),
        "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/task-{number}"),
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{account}:role/{role}"), "accountId": account, "userName": name},
            "attributes": {"creationDate": "2026-11-19T08:00:00Z", "mfaAuthenticated": "false"}
        }
    })
}

fn key(random: &mut Random) -> String {
    format!(
        "2026/{:02}/{:09}.json",
        1 + random.below(12),
        random.below(1_000_000_000)
    )
}

fn tls() -> Value {
    json!({"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": "acme-customer-records.s3.eu-west-1.amazonaws.com"})
}

fn address(random: &mut Random) -> String {
    format!("10.20.{}.{}", random.below(250), 1 + random.below(250))
}

const AGENT: &str = "[aws-sdk-java/2.31.0 md/io#sync Linux/6.1 OpenJDK/21]";

fn object(random: &mut Random, call: &str, who: Value, endpoint: Option<&str>) -> Value {
    let key = key(random);
    let mut record = json!({
        "eventSource": "s3.amazonaws.com",
        "eventName": call,
        "eventCategory": "Data",
        "readOnly": call == "GetObject",
        "userIdentity": who,
        "userAgent": AGENT,
        "requestParameters": {"bucketName": "acme-customer-records", "key": key, "Host": "acme-customer-records.s3.eu-west-1.amazonaws.com"},
        "responseElements": {"x-amz-server-side-encryption": "aws:kms"},
        "additionalEventData": {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256", "bytesTransferredIn": 0, "AuthenticationMethod": "AuthHeader", "bytesTransferredOut": random.below(100_000)},
        "resources": [{"type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::acme-customer-records/{key}")}, {"accountId": "100000000006", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::acme-customer-records"}],
        "tlsDetails": tls(),
    });
    match endpoint {
        Some(endpoint) => {
            set(&mut record, "vpcEndpointId", json!(endpoint));
            set(
                &mut record,
                "vpcEndpointAccountId",
                json!(who_owns(endpoint)),
            );
            set(&mut record, "sourceIPAddress", json!(address(random)));
        }
        None => set(&mut record, "sourceIPAddress", json!("203.0.113.77")),
    }
    record
}

const CLAIMS: &str = "vpce-5b09e9226d75e565d";
const PAYMENTS: &str = "vpce-5481f2fa7df229668";

fn who_owns(endpoint: &str) -> &'static str {
    match endpoint == PAYMENTS {
        true => "200000000001",
        false => "200000000002",
    }
}

fn reads(random: &mut Random) -> Value {
    let who = session(random, "200000000002", "app/claims-reader");
    object(random, "GetObject", who, Some(CLAIMS))
}

fn writes(random: &mut Random) -> Value {
    let who = session(random, "200000000001", "app/payments-writer");
    let mut record = object(random, "PutObject", who, Some(PAYMENTS));
    set_parameter(
        &mut record,
        "x-amz-server-side-encryption",
        json!("aws:kms"),
    );
    set_parameter(
        &mut record,
        "x-amz-server-side-encryption-aws-kms-key-id",
        json!(KEY),
    );
    record
}

const KEY: &str = "arn:aws:kms:eu-west-1:100000000005:key/d7df8ae5-365e-4776-8549-1c2ce0d62879";

/// The use of the key that a read makes, as S3 forwards it.
fn decrypts(random: &mut Random) -> Value {
    let mut who = session(random, "200000000002", "app/claims-reader");
    set(&mut who, "invokedBy", json!("s3.amazonaws.com"));
    json!({
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "eventCategory": "Management",
        "readOnly": true,
        "userIdentity": who,
        "sourceIPAddress": "s3.amazonaws.com",
        "userAgent": "s3.amazonaws.com",
        "requestParameters": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::acme-customer-records"}},
        "resources": [{"accountId": "100000000005", "type": "AWS::KMS::Key", "ARN": KEY}],
        "recipientAccountId": "100000000005",
    })
}

fn items(random: &mut Random) -> Value {
    let call = match random.below(4) {
        0 => "GetItem",
        1 => "PutItem",
        2 => "Query",
        _ => "UpdateItem",
    };
    let who = session(random, "200000000002", "app/claims-worker-intake");
    json!({
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": call,
        "eventCategory": "Data",
        "userIdentity": who,
        "sourceIPAddress": address(random),
        "vpcEndpointId": "vpce-5c36f9eeb97b8d74a",
        "userAgent": AGENT,
        "requestParameters": {"tableName": "arn:aws:dynamodb:eu-west-1:100000000006:table/acme-claims-cases", "key": {"id": random.below(1_000_000).to_string()}},
        "resources": [{"accountId": "100000000006", "type": "AWS::DynamoDB::Table", "ARN": "arn:aws:dynamodb:eu-west-1:100000000006:table/acme-claims-cases"}],
        "tlsDetails": tls(),
    })
}

fn messages(random: &mut Random) -> Value {
    let who = session(random, "200000000002", "app/claims-reader");
    json!({
        "eventSource": "sqs.amazonaws.com",
        "eventName": "ReceiveMessage",
        "eventCategory": "Data",
        "userIdentity": who,
        "sourceIPAddress": address(random),
        "vpcEndpointId": "vpce-a7e20fe57464a8cf6",
        "userAgent": AGENT,
        "requestParameters": {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/100000000006/acme-record-events", "maxNumberOfMessages": 10},
        "tlsDetails": tls(),
    })
}

fn secrets(random: &mut Random) -> Value {
    let who = session(random, "200000000002", "app/claims-reader");
    json!({
        "eventSource": "secretsmanager.amazonaws.com",
        "eventName": "GetSecretValue",
        "eventCategory": "Management",
        "userIdentity": who,
        "sourceIPAddress": address(random),
        "vpcEndpointId": "vpce-f66e5d9acc26df265",
        "userAgent": AGENT,
        "requestParameters": {"secretId": "arn:aws:secretsmanager:eu-west-1:100000000006:secret:claims/registry-credential-372aee"},
        "tlsDetails": tls(),
    })
}

/// What CloudTrail itself writes.
fn delivers(random: &mut Random) -> Value {
    let key = format!("AWSLogs/o-acme1a2b3c/{}.json.gz", random.below(1_000_000));
    json!({
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "eventCategory": "Data",
        "userIdentity": {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"},
        "sourceIPAddress": "cloudtrail.amazonaws.com",
        "userAgent": "cloudtrail.amazonaws.com",
        "requestParameters": {"bucketName": "acme-log-archive", "key": key},
        "resources": [{"type": "AWS::S3::Object", "ARN": format!("arn:aws:s3:::acme-log-archive/{key}")}],
        "recipientAccountId": "100000000002",
    })
}

/// A role of the organization that may not read.
fn refused(random: &mut Random) -> Value {
    let who = session(random, "300000000001", "platform/org-reader");
    let mut record = object(random, "GetObject", who, None);
    set(&mut record, "errorCode", json!("AccessDenied"));
    set(&mut record, "errorMessage", json!("Access Denied"));
    record
}

/// The reader, from the internet.
fn elsewhere(random: &mut Random) -> Value {
    let who = session(random, "200000000002", "app/claims-reader");
    let mut record = object(random, "GetObject", who, None);
    set(&mut record, "errorCode", json!("AccessDenied"));
    set(&mut record, "errorMessage", json!("Access Denied"));
    record
}

/// A session of the reader begins.
fn begins(random: &mut Random) -> Value {
    let number = random.below(5_000);
    json!({
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "eventCategory": "Management",
        "userIdentity": {"type": "AWSService", "invokedBy": "ecs-tasks.amazonaws.com"},
        "sourceIPAddress": "ecs-tasks.amazonaws.com",
        "userAgent": "ecs-tasks.amazonaws.com",
        "requestParameters": {"roleArn": "arn:aws:iam::200000000002:role/app/claims-reader", "roleSessionName": format!("task-{number}"), "externalId": "task"},
        "responseElements": {"credentials": {"accessKeyId": format!("ASIAEXAMPLE200000000002{number:05}"), "expiration": "Nov 20, 2026, 9:00:00 PM"}},
        "resources": [{"accountId": "200000000002", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::200000000002:role/app/claims-reader"}],
        "recipientAccountId": "200000000002",
    })
}

fn insight(_: &mut Random) -> Value {
    json!({
        "eventType": "AwsCloudTrailInsight",
        "eventCategory": "Insight",
        "insightDetails": {"state": "Start", "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "insightType": "ApiCallRateInsight"},
    })
}
