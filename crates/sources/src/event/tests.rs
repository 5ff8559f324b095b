//! Events of each kind of caller, and what becomes of their fields.

use cofferdam_authz::call::Answered;
use cofferdam_text::Documents;
use expect_test::{Expect, expect};

use super::*;

mod table;

/// Reads events and prints each call on a few lines.
#[track_caller]
fn check(event: &str, expected: Expect) {
    let mut documents = Documents::new();
    let node = documents.read_json("event.json", event.into()).unwrap();
    let told: Vec<String> = read(&node).into_iter().map(told).collect();
    expected.assert_eq(&told.concat());
}

fn told(read: Result<Event, Diagnostic>) -> String {
    let event = match read {
        Ok(event) => event,
        Err(diagnostic) => return format!("! {}\n", diagnostic.message),
    };
    let call = event.call;
    let mut lines = format!(
        "{} {} {}\n",
        call.principal,
        call.name,
        call.resource.as_deref().unwrap_or("-")
    );
    for (key, values) in &call.context {
        lines.push_str(&format!("  {key} = {}\n", values.join(", ")));
    }
    if let Some(host) = call.forwarded_by {
        lines.push_str(&format!("  by {host}\n"));
    }
    match call.answer {
        Answered::Refused(blame) => {
            let kind = blame.kind.map_or("nothing", |kind| kind.words());
            lines.push_str(&format!("  refused, naming {kind}\n"));
        }
        Answered::Passed => lines.push_str("  passed\n"),
        Answered::NotTold => lines.push_str("  not decided\n"),
    }
    lines
}

/// "CloudTrail userIdentity element", "CloudTrail record contents".
#[test]
fn a_session_through_an_endpoint() {
    check(
        r#"{"eventSource": "s3.amazonaws.com", "eventName": "HeadObject",
            "eventTime": "2026-11-20T10:00:00Z", "awsRegion": "eu-west-1",
            "sourceIPAddress": "10.1.2.3", "vpcEndpointId": "vpce-1",
            "tlsDetails": {"tlsVersion": "TLSv1.3"}, "recipientAccountId": "111122223333",
            "userIdentity": {"type": "AssumedRole", "accountId": "111122223333",
              "arn": "arn:aws:sts::111122223333:assumed-role/app/s",
              "sessionContext": {"attributes": {"mfaAuthenticated": "false", "creationDate": "2026-11-20T09:00:00Z"}}},
            "requestParameters": {"bucketName": "records", "key": "a/b"},
            "errorCode": "AccessDenied", "errorMessage": "Access Denied"}"#,
        expect![[r#"
            arn:aws:sts::111122223333:assumed-role/app/s s3:GetObject arn:aws:s3:::records/a/b
              aws:CurrentTime = 2026-11-20T10:00:00Z
              aws:MultiFactorAuthPresent = false
              aws:RequestedRegion = eu-west-1
              aws:SecureTransport = true
              aws:SourceVpce = vpce-1
              aws:TokenIssueTime = 2026-11-20T09:00:00Z
              aws:VpcSourceIp = 10.1.2.3
              s3:TlsVersion = 1.3
              refused, naming nothing
        "#]],
    );
}

#[test]
fn every_kind_of_caller() {
    let event = |identity: &str| {
        format!(
            r#"{{"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "userIdentity": {identity}}}"#
        )
    };
    let events = [
        r#"{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/u"}"#,
        r#"{"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"}"#,
        r#"{"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}"#,
        r#"{"type": "AWSAccount", "accountId": "anonymous"}"#,
        r#"{"type": "AWSAccount", "accountId": "999900000001"}"#,
        r#"{"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/a/s", "invokedBy": "athena.amazonaws.com"}"#,
        r#"{"type": "Unknown"}"#,
    ];
    let events = events.map(event).join(",");
    check(
        &format!("[{events}]"),
        expect![[r#"
            arn:aws:iam::111122223333:user/u sts:GetCallerIdentity *
              aws:SecureTransport = true
              passed
            arn:aws:iam::111122223333:root sts:GetCallerIdentity *
              aws:SecureTransport = true
              passed
            cloudtrail.amazonaws.com sts:GetCallerIdentity *
              aws:SecureTransport = true
              passed
            anonymous sts:GetCallerIdentity *
              aws:SecureTransport = true
              passed
            arn:aws:iam::999900000001:root sts:GetCallerIdentity *
              aws:SecureTransport = true
              passed
            arn:aws:sts::111122223333:assumed-role/a/s sts:GetCallerIdentity *
              aws:SecureTransport = true
              by athena.amazonaws.com
              passed
            ! who made this call cannot be told from userIdentity
        "#]],
    );
}

#[test]
fn resources_come_from_parameters_or_from_the_list() {
    let event = |source: &str, name: &str, rest: &str| {
        format!(
            r#"{{"eventSource": "{source}.amazonaws.com", "eventName": "{name}", "awsRegion": "eu-west-1",
                "recipientAccountId": "111122223333",
                "userIdentity": {{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/u"}}, {rest}}}"#
        )
    };
    let key = "arn:aws:kms:eu-west-1:111122223333:key/k";
    let events = [
        event(
            "s3",
            "ListObjects",
            r#""requestParameters": {"bucketName": "b"}"#,
        ),
        event(
            "sqs",
            "ReceiveMessage",
            r#""requestParameters": {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q"}"#,
        ),
        event(
            "dynamodb",
            "GetItem",
            r#""requestParameters": {"tableName": "t"}, "errorCode": "Throttling""#,
        ),
        event(
            "lambda",
            "GetFunction20150331v2",
            r#""requestParameters": {"functionName": "f"}"#,
        ),
        event(
            "kms",
            "Decrypt",
            &format!(
                r#""resources": [{{"ARN": "{key}"}}], "requestParameters": {{"encryptionContext": {{"dept": "claims"}}}}"#
            ),
        ),
        event(
            "sts",
            "AssumeRole",
            r#""requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/r"}"#,
        ),
        event("s3", "GetObject", r#""errorCode": "NoSuchKey""#),
    ];
    check(
        &format!(r#"{{"Records": [{}]}}"#, events.join(",")),
        expect![[r#"
            arn:aws:iam::111122223333:user/u s3:ListBucket arn:aws:s3:::b
              aws:RequestedRegion = eu-west-1
              passed
            arn:aws:iam::111122223333:user/u sqs:ReceiveMessage arn:aws:sqs:eu-west-1:111122223333:q
              aws:RequestedRegion = eu-west-1
              passed
            arn:aws:iam::111122223333:user/u dynamodb:GetItem arn:aws:dynamodb:eu-west-1:111122223333:table/t
              aws:RequestedRegion = eu-west-1
              not decided
            arn:aws:iam::111122223333:user/u lambda:GetFunction arn:aws:lambda:eu-west-1:111122223333:function:f
              aws:RequestedRegion = eu-west-1
              aws:SecureTransport = true
              passed
            arn:aws:iam::111122223333:user/u kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/k
              aws:RequestedRegion = eu-west-1
              aws:SecureTransport = true
              kms:EncryptionContext:dept = claims
              kms:EncryptionContextKeys = dept
              passed
            arn:aws:iam::111122223333:user/u sts:AssumeRole arn:aws:iam::111122223333:role/r
              aws:RequestedRegion = eu-west-1
              aws:SecureTransport = true
              passed
            arn:aws:iam::111122223333:user/u s3:GetObject -
              aws:RequestedRegion = eu-west-1
              passed
        "#]],
    );
}

#[test]
fn a_refusal_with_a_reason_is_read_from_its_message() {
    check(
        r#"{"eventSource": "iam.amazonaws.com", "eventName": "ListRoles",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/u"},
            "errorCode": "AccessDenied", "errorMessage": "User: arn:aws:iam::111122223333:user/u is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::111122223333:role/* because no identity-based policy allows the iam:ListRoles action"}"#,
        expect![[r#"
            arn:aws:iam::111122223333:user/u iam:ListRoles *
              aws:SecureTransport = true
              refused, naming identity-based policy
        "#]],
    );
}

#[test]
fn what_is_no_event_is_said() {
    check(
        r#"[{}, {"eventSource": "x.amazonaws.com", "eventName": "Y", "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/u"}}]"#,
        expect![[r#"
            ! this is no CloudTrail event: it is no object with members
            ! which action Y of x.amazonaws.com is, is not known
        "#]],
    );
}
