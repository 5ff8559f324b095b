//! The calls among events that changed the configuration.
//!
//! Those that wrote the whole of one policy give its new text (`written`), those that changed one thing
//! of a principal, a key or the organization say which (`edits`). Of the others it is known only that they
//! changed something, and of what: an account's settings, an endpoint.

use cofferdam_names::{AccountId, Arn};
use cofferdam_org::change::{Change, Edit, Touches};
use cofferdam_text::{Diagnostic, Documents, Node};

use super::edits::edits;
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
    ("iam", "CreateRole", Principal),
    ("iam", "DeleteGroupPolicy", Account),
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
    let (edits, touches) = match (edits(sink, record), row(source, name)) {
        (Some(edits), _) if edits.is_empty() => return None,
        (Some(edits), Some(what)) => (edits, touches(&view, what)?),
        (_, what) => match written_whole(sink, record) {
            Some((edit, touches)) => (vec![edit], touches),
            None => (Vec::new(), touches(&view, what?)?),
        },
    };
    let service = source.split('.').next().unwrap_or(source);
    Some(Change {
        at: seconds(time)?,
        time: time.into(),
        call: format!("{service}:{name}").into(),
        event: view.text_at("eventID").unwrap_or("without an id").into(),
        touches,
        edits,
    })
}

/// A policy that was written as a whole, or removed.
fn written_whole(sink: &mut Sink, record: &Node) -> Option<(Edit, Touches)> {
    let (entity, attribute, after) = policies::fact(sink, record)?;
    let touches = match entity.id.starts_with("p-") {
        true => Touches::Organization,
        false => Touches::Resource(entity.id.clone()),
    };
    let edit = Edit {
        entity,
        attribute,
        element: None,
        after,
        before: None,
        origin: record.origin,
    };
    Some((edit, touches))
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
    use cofferdam_org::fact::Known;
    use expect_test::{Expect, expect};

    use super::*;

    fn line(edit: &Edit) -> String {
        let word = |value: &Known<cofferdam_text::Node>| match value {
            Known::Present(node) => node.to_json(),
            Known::Absent => "nothing".to_owned(),
            Known::Unknown(_) => "something".to_owned(),
        };
        let before = edit.before.as_ref().map(word);
        format!(
            "\n  {} {:?} {}: {}, before {}",
            edit.entity.id,
            edit.attribute,
            edit.element.as_deref().unwrap_or("-"),
            word(&edit.after),
            before.unwrap_or("?".to_owned())
        )
    }

    #[track_caller]
    fn check(record: &str, expected: Expect) {
        let view = Value::parse(record.as_bytes()).unwrap();
        let mut documents = Documents::new();
        let (changes, _) = changes(&mut documents, &[("x".to_owned(), record.into())]);
        let told = changes.iter().map(|change| {
            let edits = change.edits.iter().map(line);
            format!(
                "{} {} {:?}{}\n",
                change.at,
                change.call,
                change.touches,
                edits.collect::<String>()
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
                true 1795168800 s3:PutBucketPolicy Resource("arn:aws:s3:::b")
                  arn:aws:s3:::b ResourcePolicy -: {"Statement":[]}, before ?
            "#]],
        );
        check(
            &record(
                "organizations",
                "UpdatePolicy",
                r#""requestParameters": {"policyId": "p-1", "content": "{\"Statement\": []}"}"#,
            ),
            expect![[r#"
                true 1795168800 organizations:UpdatePolicy Organization
                  p-1 Document -: {"Statement":[]}, before ?
            "#]],
        );
    }

    /// A successful call with these parameters, and with what else the record has.
    #[track_caller]
    fn check_call(call: &str, parameters: &str, rest: &str, expected: Expect) {
        let (service, name) = call.split_once(':').unwrap();
        let rest = format!(r#""requestParameters": {parameters}{rest}"#);
        check(&record(service, name, &rest), expected);
    }

    #[test]
    fn policies_of_principals() {
        let text = r#"{\"Statement\": []}"#;
        let put =
            format!(r#"{{"roleName": "app", "policyName": "a", "policyDocument": "{text}"}}"#);
        check_call(
            "iam:PutRolePolicy",
            &put,
            "",
            expect![[r#"
            true 1795168800 iam:PutRolePolicy Role(111122223333, "app")
              arn:aws:iam::111122223333:role/app InlinePolicies a: {"PolicyName":"a","PolicyDocument":{"Statement":[]}}, before ?
        "#]],
        );
        let put = put.replace("roleName", "groupName");
        check_call(
            "iam:PutGroupPolicy",
            &put,
            "",
            expect![[r#"
            true 1795168800 iam:PutGroupPolicy Account(111122223333)
              arn:aws:iam::111122223333:group/app InlinePolicies a: {"PolicyName":"a","PolicyDocument":{"Statement":[]}}, before ?
        "#]],
        );
        let named = r#"{"userName": "mia", "policyName": "a"}"#;
        check_call(
            "iam:DeleteUserPolicy",
            named,
            "",
            expect![[r#"
            true 1795168800 iam:DeleteUserPolicy User(111122223333, "mia")
              arn:aws:iam::111122223333:user/mia InlinePolicies a: nothing, before something
        "#]],
        );
        let named = r#"{"roleName": "app", "policyArn": "arn:aws:iam::aws:policy/service-role/X"}"#;
        check_call(
            "iam:AttachRolePolicy",
            named,
            "",
            expect![[r#"
            true 1795168800 iam:AttachRolePolicy Role(111122223333, "app")
              arn:aws:iam::111122223333:role/app AttachedPolicies arn:aws:iam::aws:policy/service-role/X: {"PolicyName":"X","PolicyArn":"arn:aws:iam::aws:policy/service-role/X"}, before ?
        "#]],
        );
        check_call(
            "iam:DetachRolePolicy",
            named,
            "",
            expect![[r#"
            true 1795168800 iam:DetachRolePolicy Role(111122223333, "app")
              arn:aws:iam::111122223333:role/app AttachedPolicies arn:aws:iam::aws:policy/service-role/X: nothing, before {"PolicyName":"X","PolicyArn":"arn:aws:iam::aws:policy/service-role/X"}
        "#]],
        );
        let boundary =
            r#"{"roleName": "app", "permissionsBoundary": "arn:aws:iam::111122223333:policy/b"}"#;
        check_call(
            "iam:PutRolePermissionsBoundary",
            boundary,
            "",
            expect![[r#"
            true 1795168800 iam:PutRolePermissionsBoundary Role(111122223333, "app")
              arn:aws:iam::111122223333:role/app Boundary -: "arn:aws:iam::111122223333:policy/b", before ?
        "#]],
        );
        check_call(
            "iam:DeleteUserPermissionsBoundary",
            r#"{"userName": "mia"}"#,
            "",
            expect![[r#"
                true 1795168800 iam:DeleteUserPermissionsBoundary User(111122223333, "mia")
                  arn:aws:iam::111122223333:user/mia Boundary -: nothing, before ?
            "#]],
        );
        let trust = format!(r#"{{"roleName": "app", "policyDocument": "{text}"}}"#);
        check_call(
            "iam:UpdateAssumeRolePolicy",
            &trust,
            "",
            expect![[r#"
            true 1795168800 iam:UpdateAssumeRolePolicy Role(111122223333, "app")
              arn:aws:iam::111122223333:role/app Trust -: {"Statement":[]}, before ?
        "#]],
        );
        let groups = r#"{"userName": "mia", "groupName": "staff"}"#;
        check_call(
            "iam:AddUserToGroup",
            groups,
            "",
            expect![[r#"
            true 1795168800 iam:AddUserToGroup User(111122223333, "mia")
              arn:aws:iam::111122223333:user/mia Groups staff: "staff", before ?
        "#]],
        );
        check_call(
            "iam:RemoveUserFromGroup",
            groups,
            "",
            expect![[r#"
            true 1795168800 iam:RemoveUserFromGroup User(111122223333, "mia")
              arn:aws:iam::111122223333:user/mia Groups staff: nothing, before ?
        "#]],
        );
        let made = format!(r#"{{"roleName": "app", "assumeRolePolicyDocument": "{text}"}}"#);
        let answer =
            r#", "responseElements": {"role": {"arn": "arn:aws:iam::111122223333:role/x/app"}}"#;
        check_call(
            "iam:CreateRole",
            &made,
            answer,
            expect![[r#"
            true 1795168800 iam:CreateRole Role(111122223333, "app")
              arn:aws:iam::111122223333:role/x/app Trust -: {"Statement":[]}, before ?
              arn:aws:iam::111122223333:role/x/app InlinePolicies -: nothing, before ?
              arn:aws:iam::111122223333:role/x/app AttachedPolicies -: nothing, before ?
              arn:aws:iam::111122223333:role/x/app Boundary -: nothing, before ?
        "#]],
        );
    }

    #[test]
    fn versions_of_managed_policies() {
        let of = r#""policyArn": "arn:aws:iam::111122223333:policy/p""#;
        let text = r#""policyDocument": "{\"Statement\": []}""#;
        let default = format!(r#"{{{of}, {text}, "setAsDefault": true}}"#);
        check_call(
            "iam:CreatePolicyVersion",
            &default,
            "",
            expect![[r#"
            true 1795168800 iam:CreatePolicyVersion Account(111122223333)
              arn:aws:iam::111122223333:policy/p Document -: {"Statement":[]}, before ?
        "#]],
        );
        // Of a version that is not the default nothing is in force.
        check_call(
            "iam:CreatePolicyVersion",
            &format!("{{{of}, {text}}}"),
            "",
            expect!["true "],
        );
        let other = format!(r#"{{{of}, "versionId": "v1"}}"#);
        check_call(
            "iam:SetDefaultPolicyVersion",
            &other,
            "",
            expect![[r#"
            true 1795168800 iam:SetDefaultPolicyVersion Account(111122223333)
              arn:aws:iam::111122223333:policy/p Document -: something, before ?
        "#]],
        );
        check_call("iam:DeletePolicyVersion", &other, "", expect!["false "]);
    }

    #[test]
    fn grants_of_keys() {
        let listed = r#", "resources": [{"ARN": "arn:aws:kms:eu-west-1:111122223333:key/1"}]"#;
        let made = r#"{"keyId": "alias/a", "granteePrincipal": "arn:aws:iam::111122223333:role/app",
            "operations": ["Decrypt"], "constraints": {"encryptionContextSubset": {"a": "b"}}}"#;
        let answer = format!(r#"{listed}, "responseElements": {{"grantId": "g1"}}"#);
        check_call(
            "kms:CreateGrant",
            made,
            &answer,
            expect![[r#"
            true 1795168800 kms:CreateGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1")
              arn:aws:kms:eu-west-1:111122223333:key/1 Grants g1: {"GrantId":"g1","GranteePrincipal":"arn:aws:iam::111122223333:role/app","Operations":["Decrypt"],"Constraints":{"EncryptionContextSubset":{"a":"b"}}}, before nothing
        "#]],
        );
        let again = made.replace(r#""operations""#, r#""name": "n", "operations""#);
        check_call(
            "kms:CreateGrant",
            &again,
            &answer,
            expect![[r#"
            true 1795168800 kms:CreateGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1")
              arn:aws:kms:eu-west-1:111122223333:key/1 Grants g1: {"GrantId":"g1","GranteePrincipal":"arn:aws:iam::111122223333:role/app","Operations":["Decrypt"],"Name":"n","Constraints":{"EncryptionContextSubset":{"a":"b"}}}, before ?
        "#]],
        );
        check_call(
            "kms:CreateGrant",
            made,
            listed,
            expect![[r#"
            true 1795168800 kms:CreateGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1")
        "#]],
        );
        check_call(
            "kms:RevokeGrant",
            r#"{"keyId": "alias/a", "grantId": "g1"}"#,
            listed,
            expect![[r#"
                true 1795168800 kms:RevokeGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1")
                  arn:aws:kms:eu-west-1:111122223333:key/1 Grants g1: nothing, before something
            "#]],
        );
        let token = format!(r#"{listed}, "additionalEventData": {{"grantId": "g1"}}"#);
        check_call(
            "kms:RetireGrant",
            "null",
            &token,
            expect![[r#"
            true 1795168800 kms:RetireGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1")
              arn:aws:kms:eu-west-1:111122223333:key/1 Grants g1: nothing, before something
        "#]],
        );
        check_call(
            "kms:RetireGrant",
            "null",
            listed,
            expect![[r#"
            true 1795168800 kms:RetireGrant Resource("arn:aws:kms:eu-west-1:111122223333:key/1")
        "#]],
        );
    }

    #[test]
    fn policies_and_tree_of_the_organization() {
        let of = r#"{"policyId": "p-1", "targetId": "ou-1"}"#;
        check_call(
            "organizations:AttachPolicy",
            of,
            "",
            expect![[r#"
            true 1795168800 organizations:AttachPolicy Organization
              ou-1 ServiceControlPolicies p-1: "p-1", before nothing
        "#]],
        );
        let of = r#"{"policyId": "p-1", "targetId": "111122223333"}"#;
        check_call(
            "organizations:DetachPolicy",
            of,
            "",
            expect![[r#"
            true 1795168800 organizations:DetachPolicy Organization
              111122223333 ServiceControlPolicies p-1: nothing, before "p-1"
        "#]],
        );
        let between = r#"{"accountId": "111122223333", "sourceParentId": "r-1", "destinationParentId": "ou-1"}"#;
        check_call(
            "organizations:MoveAccount",
            between,
            "",
            expect![[r#"
            true 1795168800 organizations:MoveAccount Organization
              111122223333 Parent -: "ou-1", before "r-1"
        "#]],
        );
    }

    #[test]
    fn what_is_only_known_to_have_changed() {
        check_call(
            "iam:AttachRolePolicy",
            r#"{"roleName": "app"}"#,
            "",
            expect![[r#"
                true 1795168800 iam:AttachRolePolicy Role(111122223333, "app")
            "#]],
        );
        check_call(
            "iam:TagRole",
            r#"{"roleName": "app"}"#,
            "",
            expect![[r#"
            true 1795168800 iam:TagRole Role(111122223333, "app")
        "#]],
        );
        check_call(
            "organizations:MoveAccount",
            "{}",
            "",
            expect![[r#"
            true 1795168800 organizations:MoveAccount Organization
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
                false 1795168800 s3:PutBucketAcl Resource("arn:aws:s3:::b")
            "#]],
        );
        check(
            &record("s3", "GetObject", r#""requestParameters": {}"#),
            expect!["false "],
        );
    }
}
