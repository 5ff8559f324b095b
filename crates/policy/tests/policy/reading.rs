//! What becomes of a document: its canonical form, or why a statement is only perhaps understood.

use cofferdam_policy::ast::{Actions, Effect, Principals, Resources};
use cofferdam_policy::kind::PolicyKind::{self, *};
use cofferdam_policy::print;
use expect_test::{Expect, expect};

use crate::{lines, policy};

/// Reads a document, and compares the diagnostics followed by the canonical form of its statement,
/// or by "perhaps" if that was not understood.
fn check(kind: PolicyKind, json: &str, expected: Expect) {
    let (policy, diagnostics) = policy(json, kind);
    let form = match print::document(&policy) {
        Ok(node) => node.get("Statement").unwrap().items()[0].to_json(),
        Err(_) if policy.statements[0].unreadable.is_some() => "perhaps".to_owned(),
        Err(why) => why.to_string(),
    };
    expected.assert_eq(&format!("{}{form}", lines(&diagnostics)));
}

/// One statement of an identity policy, given as its elements.
fn statement(elements: &str, expected: Expect) {
    of_kind(Identity, elements, expected);
}

fn of_kind(kind: PolicyKind, elements: &str, expected: Expect) {
    check(
        kind,
        &format!(r#"{{"Version":"2012-10-17","Statement":{{{elements}}}}}"#),
        expected,
    );
}

#[test]
fn one_statement_or_a_list_and_one_value_or_a_list() {
    statement(
        r#""Effect":"Allow","Action":"s3:GetObject","Resource":"*""#,
        expect![[r#"{"Effect":"Allow","Action":"s3:getobject","Resource":"*"}"#]],
    );
    check(
        Identity,
        r#"{"Version":"2012-10-17","Id":"x","Statement":[{"Sid":"A","Effect":"Deny","NotAction":["S3:Get*"],"NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}]}"#,
        expect![[
            r#"{"Sid":"A","Effect":"Deny","NotAction":"s3:get*","NotResource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}"#
        ]],
    );
}

#[test]
fn a_document_without_version_is_of_2008() {
    check(
        Identity,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}]}"#,
        expect![[r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}"#]],
    );
}

/// "AWS JSON policy elements: Principal".
#[test]
fn principals_of_every_documented_form() {
    for (principal, expected) in [
        (
            r#""*""#,
            expect![[r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#]],
        ),
        (
            r#"{"AWS":"*"}"#,
            expect![[
                r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}"#
            ]],
        ),
        (
            r#"{"AWS":["123456789012","arn:aws-us-gov:iam::000000000001:root","arn:aws:iam::123456789012:role/a/b","AROAEXAMPLE","AIDAEXAMPLE"]}"#,
            expect![[
                r#"{"Effect":"Allow","Principal":{"AWS":["123456789012","000000000001","arn:aws:iam::123456789012:role/a/b","AROAEXAMPLE","AIDAEXAMPLE"]},"Action":"s3:*","Resource":"*"}"#
            ]],
        ),
        (
            r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r/s","Service":["ec2.amazonaws.com"],"Federated":"accounts.google.com","CanonicalUser":"79a59df9"}"#,
            expect![[
                r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:sts::123456789012:assumed-role/r/s","Service":"ec2.amazonaws.com","Federated":"accounts.google.com","CanonicalUser":"79a59df9"},"Action":"s3:*","Resource":"*"}"#
            ]],
        ),
    ] {
        of_kind(
            Resource,
            &format!(r#""Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"*""#),
            expected,
        );
    }
}

#[test]
fn principals_that_aws_does_not_document_are_only_perhaps_understood() {
    for (principal, expected) in [
        (
            r#""arn:aws:iam::123456789012:root""#,
            expect![[r#"
            error: the principal "arn:aws:iam::123456789012:root" has no type: write {"AWS": "arn:aws:iam::123456789012:root"} or "*"
            perhaps"#]],
        ),
        (
            r#"{"AWS":"arn:aws:iam::123456789012:role/a*"}"#,
            expect![[r#"
                warning: "arn:aws:iam::123456789012:role/a*" is not a principal that AWS documents under AWS
                statement 0 cannot be printed: the principal "arn:aws:iam::123456789012:role/a*" was not understood"#]],
        ),
        (
            r#"{"AWS":"arn:aws:s3:::b"}"#,
            expect![[r#"
            warning: "arn:aws:s3:::b" is not a principal that AWS documents under AWS
            statement 0 cannot be printed: the principal "arn:aws:s3:::b" was not understood"#]],
        ),
        (
            r#"{"Service":"*"}"#,
            expect![[r#"
            warning: "*" is not a principal that AWS documents under Service
            statement 0 cannot be printed: the principal "*" was not understood"#]],
        ),
        (
            r#"{"aws":"*"}"#,
            expect![[r#"
            warning: "*" is not a principal that AWS documents under aws
            statement 0 cannot be printed: the principal "*" was not understood"#]],
        ),
        (
            r#"{"AWS":[]}"#,
            expect![[r#"
            error: the principal type AWS lists nobody
            perhaps"#]],
        ),
        (
            r#"{}"#,
            expect![[r#"
            error: a principal must be "*" or an object such as {"AWS": …}, found an object
            perhaps"#]],
        ),
        (
            r#"7"#,
            expect![[r#"
            error: a principal must be "*" or an object such as {"AWS": …}, found a number
            perhaps"#]],
        ),
    ] {
        of_kind(
            Resource,
            &format!(r#""Effect":"Allow","Principal":{principal},"Action":"s3:*","Resource":"*""#),
            expected,
        );
    }
}

/// "IAM JSON policy elements: Action": commas and white space never match, no wildcard in the
/// service.
#[test]
fn actions_that_match_nothing_are_kept_with_a_warning() {
    for (action, expected) in [
        (
            "s3*",
            expect![[r#"
            warning: the action "s3*" matches nothing: it has no service, as in s3:GetObject
            {"Effect":"Allow","Action":"s3*","Resource":"*"}"#]],
        ),
        (
            "s3:Get*,s3:Put*",
            expect![[r#"
            warning: the action "s3:Get*,s3:Put*" matches nothing: no action name holds a comma or white space
            {"Effect":"Allow","Action":"s3:Get*,s3:Put*","Resource":"*"}"#]],
        ),
        (
            "s3:GetObject ",
            expect![[r#"
            warning: the action "s3:GetObject " matches nothing: no action name holds a comma or white space
            {"Effect":"Allow","Action":"s3:GetObject ","Resource":"*"}"#]],
        ),
        (
            "s*:GetObject",
            expect![[r#"
            warning: the action "s*:GetObject" matches nothing: the service cannot hold a wildcard
            {"Effect":"Allow","Action":"s*:GetObject","Resource":"*"}"#]],
        ),
        (
            "s3:",
            expect![[r#"
            warning: the action "s3:" matches nothing: a part is empty
            {"Effect":"Allow","Action":"s3:","Resource":"*"}"#]],
        ),
    ] {
        statement(
            &format!(r#""Effect":"Allow","Action":"{action}","Resource":"*""#),
            expected,
        );
    }
}

/// "IAM JSON policy elements: Resource", and "IAM policy elements: Variables and tags" for the
/// place of variables.
#[test]
fn resources() {
    for (resource, expected) in [
        (
            "arn:aws:s3:::b/${aws:username}/*",
            expect![[
                r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}/*"}"#
            ]],
        ),
        (
            "arn:aws:s3:::b/${aws:PrincipalTag/Team, 'no one'}/${*}${?}${$}",
            expect![[
                r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:PrincipalTag/Team, 'no one'}/${*}${?}${$}"}"#
            ]],
        ),
        (
            "arn:aws:s3",
            expect![[r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3"}"#]],
        ),
        (
            "arn:aws:*:::b",
            expect![[r#"
            warning: the resource "arn:aws:*:::b" matches nothing: the service cannot hold a wildcard
            {"Effect":"Allow","Action":"*","Resource":"arn:aws:*:::b"}"#]],
        ),
        (
            "bucket/*",
            expect![[r#"
            error: the resource "bucket/*" is neither * nor an ARN with its service
            perhaps"#]],
        ),
        (
            "arn:aws",
            expect![[r#"
            error: the resource "arn:aws" is neither * nor an ARN with its service
            perhaps"#]],
        ),
        (
            "arn:aws:sqs:${aws:RequestedRegion}:123456789012:q",
            expect![[r#"
                warning: the resource "arn:aws:sqs:${aws:RequestedRegion}:123456789012:q" has a variable before the fifth colon, where AWS does not substitute it
                perhaps"#]],
        ),
        (
            "arn:aws:s3:::b/${aws:username",
            expect![[r#"
            warning: the resource "arn:aws:s3:::b/${aws:username" cannot be read: a variable is not closed with }
            perhaps"#]],
        ),
        (
            "arn:aws:s3:::b/${Placeholder}",
            expect![[r#"
            warning: the resource "arn:aws:s3:::b/${Placeholder}" cannot be read: the variable ${Placeholder} does not name a condition key: a condition key is written `prefix:Name`, as in `aws:SourceIp`
            perhaps"#]],
        ),
    ] {
        statement(
            &format!(r#""Effect":"Allow","Action":"*","Resource":"{resource}""#),
            expected,
        );
    }
}

#[test]
fn what_is_not_understood_is_kept_and_reported() {
    for (elements, expected) in [
        (
            r#""Effect":"Allow","Resource":"*""#,
            expect![[r#"
            error: a statement of an identity policy must have the element Action (Grammar of the IAM JSON policy language)
            perhaps"#]],
        ),
        (
            r#""Effect":"Allow","Action":"*""#,
            expect![[r#"
            error: a statement of an identity policy must have the element Resource (Grammar of the IAM JSON policy language)
            perhaps"#]],
        ),
        (
            r#""Effect":"Allow","Action":"*","NotAction":"s3:*","Resource":"*""#,
            expect![[r#"
                error: a statement must not have both Action and NotAction
                perhaps"#]],
        ),
        (
            r#""Effect":"Allow","Action":"*","Resource":"*","NotResource":"*""#,
            expect![[r#"
                error: a statement must not have both Resource and NotResource
                perhaps"#]],
        ),
        (
            r#""Effect":"allow","Action":"*","Resource":"*""#,
            expect![[r#"
                error: the Effect must be "Allow" or "Deny"
                perhaps"#]],
        ),
        (
            r#""Action":"*","Resource":"*""#,
            expect![[r#"
            error: a statement must have an Effect
            perhaps"#]],
        ),
        (
            r#""Effect":"Deny","action":"s3:*","Action":"*","Resource":"*""#,
            expect![[r#"
                error: "action" is not an element of a statement: write Action
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":[],"Resource":"*""#,
            expect![[r#"
                error: the list is empty: an action must be named
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":[true],"Resource":"*""#,
            expect![[r#"
                error: an action must be a string, found a boolean
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":{"a":"b"}"#,
            expect![[r#"
                error: a resource must be a string, found an object
                perhaps"#]],
        ),
        (
            r#""Sid":7,"Effect":"Deny","Action":"*","Resource":"*""#,
            expect![[r#"
                error: a Sid must be a string, found a number
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":"x""#,
            expect![[r#"
                error: a condition must be an object, found a string
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringMatches":{"aws:username":"a"}}"#,
            expect![[r#"
                error: "StringMatches" is not a condition operator
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":["aws:username"]}"#,
            expect![[r#"
                error: StringEquals must hold an object of condition keys, found an array
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":[]}}"#,
            expect![[r#"
                error: the condition key aws:username has no values
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":{"a":"b"}}}"#,
            expect![[r#"
                error: a condition value must be a string, found an object
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"username":"a"}}"#,
            expect![[r#"
                warning: "username" is not a condition key: a condition key is written `prefix:Name`, as in `aws:SourceIp`
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"NullIfExists":{"aws:username":"true"}}"#,
            expect![[r#"
                error: "NullIfExists" is not a condition operator
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"ForAnyValue:Null":{"aws:username":"true"}}"#,
            expect![[r#"
                error: "ForAnyValue:Null" is not a condition operator
                perhaps"#]],
        ),
        (
            r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"aws:username":["true","false"]}}"#,
            expect![[r#"
                error: Null of aws:username must be "true" (absent) or "false" (present)
                perhaps"#]],
        ),
    ] {
        statement(elements, expected);
    }
}

#[test]
fn operator_names_are_read_without_regard_to_case() {
    statement(
        r#""Effect":"Deny","Action":"*","Resource":"*","Condition":{"foranyvalue:Stringlikeifexists":{"aws:TagKeys":"a*"}}"#,
        expect![[r#"
            warning: the operator "foranyvalue:Stringlikeifexists" is read without regard to case
            {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":"a*"}}}"#]],
    );
}

/// The grammar of each kind: "Grammar of the IAM JSON policy language", "SCP syntax", "RCP syntax",
/// "AWS JSON policy elements: NotPrincipal", KMS API "PutKeyPolicy".
#[test]
fn kinds_forbid_and_require_elements() {
    let plain = r#""Effect":"Deny","Action":"s3:*","Resource":"*""#;
    let named = r#""Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*""#;
    for (kind, elements, expected) in [
        (
            Identity,
            named,
            expect![[r#"
            error: an identity policy must not have the element Principal (Grammar of the IAM JSON policy language)
            perhaps"#]],
        ),
        (
            ServiceControl,
            named,
            expect![[r#"
            error: a service control policy must not have the element Principal (SCP syntax)
            perhaps"#]],
        ),
        (
            Resource,
            plain,
            expect![[r#"
            error: a statement of a resource policy must have the element Principal (Grammar of the IAM JSON policy language)
            perhaps"#]],
        ),
        (
            Trust,
            named,
            expect![[r#"
            error: a trust policy must not have the element Resource (Grammar of the IAM JSON policy language)
            perhaps"#]],
        ),
        (
            ResourceControl,
            r#""Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*""#,
            expect![[r#"
                error: a resource control policy must not have the element NotAction (RCP syntax)
                perhaps"#]],
        ),
        (
            ResourceControl,
            r#""Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"s3:*","Resource":"*""#,
            expect![[r#"
                error: a resource control policy must not have the element NotPrincipal (AWS JSON policy elements: NotPrincipal)
                perhaps"#]],
        ),
        (
            Resource,
            r#""Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"*""#,
            expect![[r#"
                error: NotPrincipal is not supported with Allow (AWS JSON policy elements: NotPrincipal)
                perhaps"#]],
        ),
        (
            Resource,
            r#""Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"Action":"s3:*""#,
            expect![[r#"{"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"Action":"s3:*"}"#]],
        ),
        (
            Key,
            r#""Effect":"Allow","Principal":"*","Resource":"*""#,
            expect![[r#"
                warning: a statement of a key policy without Action has no effect
                {"Effect":"Allow","Principal":"*","Resource":"*"}"#]],
        ),
        (
            Key,
            r#""Effect":"Allow","Principal":"*","Action":"kms:*""#,
            expect![[r#"
                warning: a statement of a key policy without Resource has no effect
                {"Effect":"Allow","Principal":"*","Action":"kms:*"}"#]],
        ),
    ] {
        of_kind(kind, elements, expected);
    }
}

#[test]
fn a_document_that_is_no_policy_may_allow_and_may_deny_everything() {
    for json in [
        r#"[]"#,
        r#""text""#,
        r#"{"Version":"2012-10-17"}"#,
        r#"{"Version":"2012-01-01","Statement":[]}"#,
        r#"{"version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        r#"{"Version":"2012-10-17","Statement":[7]}"#,
    ] {
        let (policy, diagnostics) = policy(json, Identity);
        assert_eq!(diagnostics.len(), 1, "{json}: one error says why");
        let effects: Vec<_> = policy.statements.iter().map(|each| each.effect).collect();
        assert_eq!(
            effects,
            [Effect::Allow, Effect::Deny],
            "{json}: nothing is settled"
        );
        for each in &policy.statements {
            assert!(
                each.unreadable.is_some(),
                "{json}: it matches at most perhaps"
            );
            assert_eq!(each.principals, Principals::NotGiven, "{json}: anyone");
            assert!(
                matches!(each.resources, Resources::NotGiven),
                "{json}: any resource"
            );
            assert!(
                matches!(&each.actions, Actions::Only(list) if list.len() == 1),
                "{json}: any action"
            );
        }
    }
}

#[test]
fn a_stranger_beside_the_statements_leaves_each_in_doubt() {
    check(
        Identity,
        r#"{"Version":"2012-10-17","Comment":"x","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        expect![[r#"
            error: a policy has no element "Comment"
            perhaps"#]],
    );
}

#[test]
fn a_statement_without_effect_is_an_allow_and_a_deny() {
    let (policy, _) = policy(
        r#"{"Statement":[{"Action":"s3:*","Resource":"*"}]}"#,
        Identity,
    );
    let effects: Vec<_> = policy
        .statements
        .iter()
        .map(|each| (each.index, each.effect))
        .collect();
    assert_eq!(effects, [(0, Effect::Allow), (0, Effect::Deny)]);
}

#[test]
fn a_policy_longer_than_any_is_refused() {
    let long = "a".repeat(cofferdam_policy::parse::POLICY_BYTES_MAX);
    let json = format!(
        r#"{{"Statement":[{{"Sid":"{long}","Effect":"Allow","Action":"*","Resource":"*"}}]}}"#
    );
    let (policy, diagnostics) = policy(&json, Identity);
    assert_eq!((policy.statements.len(), diagnostics.len()), (2, 1));
}
