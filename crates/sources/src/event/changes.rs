//! The calls among events that changed the configuration.
//!
//! Those that wrote the whole of one policy give its new text (`written`). Of the others it is known
//! only that they changed something, and what: a role's policies, an account's settings, the
//! organization's tree.

use cofferdam_names::{AccountId, Arn};
use cofferdam_org::change::{Change, Touches};
use cofferdam_text::{Diagnostic, Documents, Node};

use super::value::Value;
use crate::config::Time;
use crate::sink::Sink;
use crate::written as policies;

/// What a call changes.
#[derive(Clone, Copy)]
enum What {
    /// The role or the user that it names, else something of the account.
    Principal,
    /// Something of the account.
    Account,
    /// The bucket that it names.
    Bucket,
    /// The resource whose ARN is the value of this parameter, or is listed.
    Named(&'static str),
    /// The tree or the policies of the organization.
    Organization,
    /// An endpoint.
    Endpoint,
}

use What::{Account, Bucket, Endpoint, Named, Organization, Principal};

/// Calls that change what decisions read ("Actions, resources, and condition keys for AWS services", the actions of the
/// access level "permissions management", and those that make, move or remove what is governed).
const CALLS: [(&str, &str, What); 74] = [
    ("iam", "AddUserToGroup", Principal),
    ("iam", "AttachGroupPolicy", Account),
    ("iam", "AttachRolePolicy", Principal),
    ("iam", "AttachUserPolicy", Principal),
    ("iam", "CreatePolicyVersion", Account),
    ("iam", "DeleteGroupPolicy", Account),
    ("iam", "DeletePolicyVersion", Account),
    ("iam", "DeleteRole", Principal),
    ("iam", "DeleteRolePermissionsBoundary", Principal),
    ("iam", "DeleteRolePolicy", Principal),
    ("iam", "DeleteUser", Principal),
    ("iam", "DeleteUserPermissionsBoundary", Principal),
    ("iam", "DeleteUserPolicy", Principal),
    ("iam", "DetachGroupPolicy", Account),
    ("iam", "DetachRolePolicy", Principal),
    ("iam", "DetachUserPolicy", Principal),
    ("iam", "PutGroupPolicy", Account),
    ("iam", "PutRolePermissionsBoundary", Principal),
    ("iam", "PutRolePolicy", Principal),
    ("iam", "PutUserPermissionsBoundary", Principal),
    ("iam", "PutUserPolicy", Principal),
    ("iam", "RemoveUserFromGroup", Principal),
    ("iam", "SetDefaultPolicyVersion", Account),
    ("iam", "TagRole", Principal),
    ("iam", "TagUser", Principal),
    ("iam", "UntagRole", Principal),
    ("iam", "UntagUser", Principal),
    ("iam", "UpdateAssumeRolePolicy", Principal),
    ("s3", "CreateAccessPoint", Account),
    ("s3", "CreateBucket", Bucket),
    ("s3", "DeleteAccessPoint", Account),
    ("s3", "DeleteAccessPointPolicy", Account),
    ("s3", "DeleteAccountPublicAccessBlock", Account),
    ("s3", "DeleteBucket", Bucket),
    ("s3", "DeleteBucketEncryption", Bucket),
    ("s3", "DeleteBucketOwnershipControls", Bucket),
    ("s3", "DeleteBucketPublicAccessBlock", Bucket),
    ("s3", "PutAccessPointPolicy", Account),
    ("s3", "PutAccountPublicAccessBlock", Account),
    ("s3", "PutBucketAcl", Bucket),
    ("s3", "PutBucketEncryption", Bucket),
    ("s3", "PutBucketOwnershipControls", Bucket),
    ("s3", "PutBucketPublicAccessBlock", Bucket),
    ("s3", "PutBucketTagging", Bucket),
    ("kms", "CreateGrant", Named("keyId")),
    ("kms", "RetireGrant", Named("keyId")),
    ("kms", "RevokeGrant", Named("keyId")),
    ("kms", "TagResource", Named("keyId")),
    ("kms", "UntagResource", Named("keyId")),
    ("sns", "AddPermission", Named("topicArn")),
    ("sns", "RemovePermission", Named("topicArn")),
    ("sns", "SetTopicAttributes", Named("topicArn")),
    ("sqs", "AddPermission", Account),
    ("sqs", "RemovePermission", Account),
    ("secretsmanager", "TagResource", Named("secretId")),
    ("lambda", "AddPermission20150331", Account),
    ("lambda", "AddPermission20150331v2", Account),
    ("lambda", "RemovePermission20150331", Account),
    ("lambda", "RemovePermission20150331v2", Account),
    ("ec2", "CreateVpcEndpoint", Endpoint),
    ("ec2", "DeleteVpcEndpoints", Endpoint),
    ("ec2", "ModifyVpcEndpoint", Endpoint),
    ("organizations", "AcceptHandshake", Organization),
    ("organizations", "AttachPolicy", Organization),
    ("organizations", "CloseAccount", Organization),
    ("organizations", "CreateAccount", Organization),
    ("organizations", "DeletePolicy", Organization),
    ("organizations", "DetachPolicy", Organization),
    ("organizations", "DisablePolicyType", Organization),
    ("organizations", "EnablePolicyType", Organization),
    ("organizations", "LeaveOrganization", Organization),
    ("organizations", "MoveAccount", Organization),
    (
        "organizations",
        "RemoveAccountFromOrganization",
        Organization,
    ),
    ("organizations", "InviteAccountToOrganization", Organization),
];

/// Whether a record may be that of a change: a call of the tables that succeeded.
pub fn may_change(record: &Value<'_>) -> bool {
    let names = record
        .text_at("eventSource")
        .zip(record.text_at("eventName"));
    names
        .is_some_and(|(source, name)| row(source, name).is_some() || policies::writes(source, name))
        && record.text_at("errorCode").is_none()
}

fn row(source: &str, name: &str) -> Option<What> {
    let service = source.strip_suffix(".amazonaws.com")?;
    let found = CALLS
        .iter()
        .find(|(of, call, _)| *of == service && *call == name)?;
    Some(found.2)
}

/// Reads changes out of the texts of their records; `name` is what each is called in answers.
pub fn changes(
    documents: &mut Documents,
    records: &[(String, Vec<u8>)],
) -> (Vec<Change>, Vec<Diagnostic>) {
    let mut sink = Sink::new(documents);
    let mut found = Vec::new();
    for (name, text) in records {
        match sink.documents.read_json(name, text.clone()) {
            Ok(record) => found.extend(change(&mut sink, &record)),
            Err(diagnostic) => sink.complain(diagnostic),
        }
    }
    let (_, diagnostics, _) = sink.into_parts();
    (found, diagnostics)
}

fn change(sink: &mut Sink, record: &Node) -> Option<Change> {
    let view = Value::of(record);
    let (source, name) = view.text_at("eventSource").zip(view.text_at("eventName"))?;
    let time = view.text_at("eventTime")?;
    let fact = policies::fact(sink, record);
    let touches = match &fact {
        Some((entity, _, _)) if entity.id.starts_with("p-") => Touches::Organization,
        Some((entity, _, _)) => Touches::Resource(entity.id.clone()),
        None => touches(&view, row(source, name)?)?,
    };
    let service = source.split('.').next().unwrap_or(source);
    Some(Change {
        at: seconds(time)?,
        time: time.into(),
        call: format!("{service}:{name}").into(),
        event: view.text_at("eventID").unwrap_or("without an id").into(),
        touches,
        fact,
    })
}

/// Seconds since 1970 of a time as records write it.
pub fn seconds(time: &str) -> Option<i64> {
    Time::parse(time).map(Time::seconds)
}

/// A time as records write it.
pub fn written(seconds: i64) -> String {
    Time::of_seconds(seconds).to_iso()
}

fn touches(record: &Value<'_>, what: What) -> Option<Touches> {
    let parameter = |name: &str| record.get("requestParameters")?.text_at(name);
    let account = record
        .text_at("recipientAccountId")
        .and_then(|account| account.parse::<AccountId>().ok());
    let whole = || account.map(Touches::Account);
    match what {
        Principal => match (parameter("roleName"), parameter("userName")) {
            (Some(role), _) => Some(Touches::Role(account?, role.into())),
            (_, Some(user)) => Some(Touches::User(account?, user.into())),
            _ => whole(),
        },
        Account => whole(),
        Bucket => match parameter("bucketName") {
            Some(name) => {
                let partition = super::who::partition(record);
                Some(Touches::Resource(
                    format!("arn:{partition}:s3:::{name}").into(),
                ))
            }
            None => whole(),
        },
        Named(name) => match parameter(name).or_else(|| listed(record)) {
            Some(arn) if Arn::parse(arn).is_ok() => Some(Touches::Resource(arn.into())),
            _ => match listed(record) {
                Some(arn) => Some(Touches::Resource(arn.into())),
                None => whole(),
            },
        },
        Organization => Some(Touches::Organization),
        Endpoint => Some(Touches::Endpoint(
            parameter("ModifyVpcEndpointRequest.VpcEndpointId")
                .or_else(|| parameter("vpcEndpointId"))
                .unwrap_or_default()
                .into(),
        )),
    }
}

fn listed<'r>(record: &'r Value<'_>) -> Option<&'r str> {
    let listed = record
        .get("resources")
        .map(Value::items)
        .unwrap_or_default();
    listed.iter().find_map(|one| one.text_at("ARN"))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(record: &str, expected: Expect) {
        let view = Value::parse(record.as_bytes()).unwrap();
        let mut documents = Documents::new();
        let (changes, _) = changes(&mut documents, &[("x".to_owned(), record.into())]);
        let told = changes.iter().map(|change| {
            let fact = match &change.fact {
                Some((entity, attribute, value)) => {
                    let word = match value {
                        cofferdam_org::fact::Known::Present(_) => "is",
                        _ => "is not there",
                    };
                    format!("{} {attribute:?} {word}", entity.id)
                }
                None => "-".to_owned(),
            };
            format!(
                "{} {} {:?} {fact}\n",
                change.at, change.call, change.touches
            )
        });
        let told: String = told.collect();
        expected.assert_eq(&format!("{} {told}", may_change(&view)));
    }

    fn record(service: &str, name: &str, rest: &str) -> String {
        format!(
            r#"{{"eventSource": "{service}.amazonaws.com", "eventName": "{name}", "eventID": "e",
            "eventTime": "2026-11-20T10:00:00Z", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333", {rest}}}"#
        )
    }

    #[test]
    fn a_policy_that_was_written() {
        check(
            &record(
                "s3",
                "PutBucketPolicy",
                r#""requestParameters": {"bucketName": "b", "bucketPolicy": {"Statement": []}}"#,
            ),
            expect![[r#"
                true 1795168800 s3:PutBucketPolicy Resource("arn:aws:s3:::b") arn:aws:s3:::b ResourcePolicy is
            "#]],
        );
        check(
            &record(
                "organizations",
                "UpdatePolicy",
                r#""requestParameters": {"policyId": "p-1", "content": "{\"Statement\": []}"}"#,
            ),
            expect![[r#"
                true 1795168800 organizations:UpdatePolicy Organization p-1 Document is
            "#]],
        );
    }

    #[test]
    fn what_is_only_known_to_have_changed() {
        check(
            &record(
                "iam",
                "AttachRolePolicy",
                r#""requestParameters": {"roleName": "app"}"#,
            ),
            expect![[r#"
                true 1795168800 iam:AttachRolePolicy Role(111122223333, "app") -
            "#]],
        );
        check(
            &record(
                "kms",
                "CreateGrant",
                r#""requestParameters": {"keyId": "alias/a"}, "resources": [{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/1"}]"#,
            ),
            expect![[r#"
                true 1795168800 kms:CreateGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1") -
            "#]],
        );
        check(
            &record("organizations", "MoveAccount", r#""requestParameters": {}"#),
            expect![[r#"
                true 1795168800 organizations:MoveAccount Organization -
            "#]],
        );
    }

    #[test]
    fn a_call_that_failed_changed_nothing() {
        check(
            &record(
                "s3",
                "PutBucketAcl",
                r#""requestParameters": {"bucketName": "b"}, "errorCode": "AccessDenied""#,
            ),
            expect![[r#"
                false 1795168800 s3:PutBucketAcl Resource("arn:aws:s3:::b") -
            "#]],
        );
        check(
            &record("s3", "GetObject", r#""requestParameters": {}"#),
            expect!["false "],
        );
    }
}
