//! Silent changes of meaning, and what kinds forbid.

use cofferdam_policy::kind::PolicyKind::{self, *};
use expect_test::{Expect, expect};

use crate::{lines, remarks};

fn check(kind: PolicyKind, version: &str, statements: &str, expected: Expect) {
    let json = format!(r#"{{"Version":"{version}","Statement":[{statements}]}}"#);
    let found = remarks(&json, kind, None, &[]).into_iter();
    let found: Vec<_> = found.map(|remark| remark.diagnostic).collect();
    expected.assert_eq(&lines(&found));
}

/// "Single-valued vs. multivalued context keys".
#[test]
fn for_all_values_in_an_allow_wants_null() {
    let allow = |condition: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{{{condition}}}}}"#
        )
    };
    let open = r#""ForAllValues:StringEquals":{"aws:TagKeys":"a"}"#;
    check(
        Identity,
        "2012-10-17",
        &allow(open),
        expect![[r#"
        warning: ForAllValues also allows every request without aws:TagKeys
    "#]],
    );
    check(
        Identity,
        "2012-10-17",
        &allow(&format!(r#"{open},"Null":{{"aws:tagkeys":"false"}}"#)),
        expect![[""]],
    );
    check(
        Identity,
        "2012-10-17",
        &allow(open).replace("Allow", "Deny"),
        expect![[r#"
            warning: aws:TagKeys does not come with 137 of the 180 actions of s3:* (such as s3:AbortMultipartUpload): this Deny refuses all of that
        "#]],
    );
}

#[test]
fn negated_elements() {
    check(
        Resource,
        "2012-10-17",
        r#"{"Effect":"Allow","Principal":"*","NotAction":"s3:*","NotResource":"arn:aws:s3:::b"}"#,
        expect![[r#"
            warning: Allow with NotAction allows every action that AWS will ever add
            warning: Allow with NotResource allows every resource that is not listed
        "#]],
    );
    check(
        Resource,
        "2012-10-17",
        r#"{"Effect":"Deny","NotPrincipal":{"AWS":"123456789012"},"NotAction":"s3:*","Resource":"*"}"#,
        expect![[r#"
            warning: NotPrincipal may still deny a principal that is listed, unless its account, role and session all are
        "#]],
    );
}

/// "IAM policy elements: Variables and tags".
#[test]
fn variables_in_an_old_version() {
    let statement =
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}"#;
    check(
        Identity,
        "2008-10-17",
        statement,
        expect![[r#"
        warning: ${…} is plain text here: policy variables need "Version": "2012-10-17"
    "#]],
    );
    check(Identity, "2012-10-17", statement, expect![[""]]);
}

#[test]
fn two_tags_that_differ_in_case() {
    check(
        Identity,
        "2012-10-17",
        r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/Team":"a"},"StringLike":{"aws:principaltag/team":"b*"}}}"#,
        expect![[r#"
            warning: aws:PrincipalTag/Team and aws:principaltag/team are the same key: case does not count
        "#]],
    );
}

#[test]
fn repeated_names() {
    let twice = r#"{"Sid":"A","Effect":"Deny","Action":"s3:*","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"s3:*","Resource":"*"}"#;
    check(
        Identity,
        "2012-10-17",
        twice,
        expect![[r#"
        error: the Sid "A" names statement 0 too (IAM JSON policy elements: Sid)
    "#]],
    );
    check(
        ServiceControl,
        "2012-10-17",
        twice,
        expect![[r#"
        warning: the Sid "A" names statement 0 too (IAM JSON policy elements: Sid)
    "#]],
    );
}

/// "RCP syntax": only Deny, for everyone, naming a service; `RCPFullAWSAccess` is AWS's own.
#[test]
fn resource_control_policies() {
    for (statement, expected) in [
        (
            r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}"#,
            expect![[""]],
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#,
            expect![[""]],
        ),
        (
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["*"],"Resource":"*"}"#,
            expect![[r#"
                error: a resource control policy must not Allow (RCP syntax)
                error: the Principal of a resource control policy must be "*" (RCP syntax)
                error: the Action of a resource control policy must name a service, as in s3:* (RCP syntax)
            "#]],
        ),
    ] {
        check(ResourceControl, "2012-10-17", statement, expected);
    }
}

/// "Single-valued vs. multivalued context keys".
#[test]
fn set_operators_and_keys() {
    let deny = |operator: &str, key: &str| {
        format!(
            r#"{{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{{"{operator}":{{"{key}":"a"}}}}}}"#
        )
    };
    for (operator, key, expected) in [
        (
            "StringEquals",
            "aws:TagKeys",
            expect![[r#"
            warning: aws:TagKeys may have several values: AWS does not say what it compares without ForAnyValue or ForAllValues
        "#]],
        ),
        ("StringEquals", "AWS:username", expect![[""]]),
        ("ForAnyValue:StringEquals", "aws:TagKeys", expect![[""]]),
        (
            "ForAnyValue:StringEquals",
            "aws:username",
            expect![[r#"
            warning: aws:username has one value: a set operator only changes what happens without it
        "#]],
        ),
        ("ForAllValues:StringEquals", "some:Unknown", expect![[""]]),
    ] {
        check(Identity, "2012-10-17", &deny(operator, key), expected);
    }
}

#[test]
fn actions_against_the_catalogue() {
    let deny = |action: &str| {
        format!(r#"{{"Effect":"Deny","Principal":"*","Action":"{action}","Resource":"*"}}"#)
    };
    for (action, expected) in [
        ("s3:GetObject", expect![[""]]),
        (
            "s3:GetObjekt",
            expect![[r#"
            warning: s3:getobjekt is not an action that the catalogue knows
        "#]],
        ),
        (
            "sns:Publish",
            expect![[r#"
            warning: resource control policies do not cover sns: this says nothing
        "#]],
        ),
        (
            "nosuchservice:Do",
            expect![[r#"
            warning: resource control policies do not cover nosuchservice: this says nothing
        "#]],
        ),
    ] {
        check(ResourceControl, "2012-10-17", &deny(action), expected);
    }
}

/// "IAM and AWS STS quotas", "Quotas for AWS Organizations".
#[test]
fn quotas() {
    let long = |length: usize| {
        format!(
            r#"{{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::{}"}}"#,
            "a".repeat(length)
        )
    };
    check(Identity, "2012-10-17", &long(6_000), expect![[""]]);
    check(
        Identity,
        "2012-10-17",
        &long(6_100),
        expect![[r#"
        warning: an identity policy of 6199 characters without white space, where 6144 fit (quota managed-policy.size)
    "#]],
    );
    check(
        Identity,
        "2012-10-17",
        &long(10_240),
        expect![[r#"
        error: an identity policy of 10339 characters without white space, where 6144 fit (quota managed-policy.size)
    "#]],
    );
    check(
        PermissionsBoundary,
        "2012-10-17",
        &long(6_100),
        expect![[r#"
            error: a permissions boundary of 6199 characters without white space, where 6144 fit (quota managed-policy.size)
        "#]],
    );
    check(ServiceControl, "2012-10-17", &long(10_000), expect![[""]]);
    check(
        ServiceControl,
        "2012-10-17",
        &long(10_240),
        expect![[r#"
        error: a service control policy of 10339 characters, where 10240 fit (quota scp.size)
    "#]],
    );
    check(
        Identity,
        "2012-10-17",
        &format!("{}{}", long(10), " ".repeat(7_000)),
        expect![[""]],
    );
    check(
        ServiceControl,
        "2012-10-17",
        &format!("{}{}", long(10), " ".repeat(11_000)),
        expect![[r#"
            warning: a service control policy of 11109 characters, where 10240 fit (quota scp.size)
        "#]],
    );
    check(
        Identity,
        "2012-10-17",
        &long(10).replace("aaa", "a€"),
        expect![[r#"
            error: the character U+20AC is not valid in a policy of IAM (IAM and AWS STS quotas)
        "#]],
    );
}
