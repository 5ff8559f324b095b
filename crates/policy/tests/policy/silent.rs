//! Lints about keys that requests lack and names that others make: one statement each, and the
//! rules that speak of it.

use cofferdam_policy::kind::PolicyKind::{self, *};

use crate::remarks;

/// The rule that must speak, with words of its message; an empty rule: none may.
#[track_caller]
fn check(kind: PolicyKind, statement: &str, rule: &str, says: &str) {
    let json = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
    let found = remarks(&json, kind, None, &["vpce-1", "vpc-1"]);
    let said: Vec<String> = found
        .iter()
        .map(|remark| format!("{}: {}", remark.rule, remark.diagnostic.message))
        .collect();
    match rule {
        "" => assert!(said.is_empty(), "{statement}\n{said:?}"),
        _ => {
            let wanted = |said: &&String| said.starts_with(rule) && said.contains(says);
            assert_eq!(
                said.iter().filter(wanted).count(),
                1,
                "{statement}\n{said:?}"
            );
            assert_eq!(said.len(), 1, "nothing else is wrong: {said:?}");
        }
    }
}

fn statement(effect: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Action":{action},"Resource":"*","Condition":{{{condition}}}}}"#
    )
}

fn of_everyone(effect: &str, action: &str, condition: &str) -> String {
    statement(effect, action, condition).replacen('{', r#"{"Principal":"*","#, 1)
}

/// "Actions, resources, and condition keys for Amazon S3": `s3:prefix` comes with listing only.
#[test]
fn keys_that_a_service_does_not_send_with_an_action() {
    let rule = "key-not-sent";
    for (effect, operator, says) in [
        (
            "Deny",
            "StringNotEquals",
            "s3:GetObject: this Deny refuses all",
        ),
        (
            "Deny",
            "StringEqualsIfExists",
            "s3:GetObject: this Deny refuses all",
        ),
        (
            "Deny",
            "StringEquals",
            "s3:GetObject: this Deny refuses none",
        ),
        (
            "Allow",
            "StringEquals",
            "s3:GetObject: this Allow allows none",
        ),
        (
            "Allow",
            "StringNotEquals",
            "s3:GetObject: this condition does not limit",
        ),
        (
            "Allow",
            "StringEqualsIfExists",
            "s3:GetObject: this condition does not limit",
        ),
    ] {
        let condition = format!(r#""{operator}":{{"s3:prefix":"a"}}"#);
        check(
            Identity,
            &statement(effect, r#"["s3:ListBucket","s3:GetObject"]"#, &condition),
            rule,
            says,
        );
        check(
            Identity,
            &statement(effect, r#""s3:ListBucket""#, &condition),
            "",
            "",
        );
    }
    let condition = r#""StringNotEquals":{"s3:prefix":"a"}"#;
    check(
        Identity,
        &statement("Deny", r#""s3:*""#, condition),
        rule,
        "actions of s3:* (such as",
    );
    check(
        Identity,
        &statement("Deny", r#""sqs:*""#, condition),
        rule,
        "any action of sqs:*",
    );
    let guarded = format!(r#"{condition},"Null":{{"s3:prefix":"false"}}"#);
    check(Identity, &statement("Deny", r#""s3:*""#, &guarded), "", "");
}

/// "AWS global condition context keys": `aws:VpceOrgID` is sent by the services of a list.
#[test]
fn keys_of_an_endpoints_owner() {
    let fas = r#""Bool":{"aws:ViaAWSService":"false"}"#;
    let deny = |action: &str| {
        let condition = format!(r#""StringNotEquals":{{"aws:VpceOrgID":"o-1"}},{fas}"#);
        statement("Deny", action, &condition)
    };
    check(Identity, &deny(r#""s3:GetObject""#), "", "");
    check(
        Identity,
        &deny(r#""iam:PassRole""#),
        "key-not-sent",
        "this Deny refuses all",
    );
    check(
        Identity,
        &deny(r#""sns:*""#),
        "key-not-sent",
        "any action of sns:*",
    );
    check(
        Identity,
        &deny(r#""*""#),
        "key-not-sent",
        "services beside the",
    );
    let allow = statement(
        "Allow",
        r#""sns:Publish""#,
        r#""StringEquals":{"aws:VpceOrgID":"o-1"}"#,
    );
    check(Identity, &allow, "key-not-sent", "this Allow allows none");
}

#[test]
fn misspelled_keys() {
    let deny = |key: &str| {
        statement(
            "Deny",
            r#""s3:GetObject""#,
            &format!(r#""StringEquals":{{"{key}":"a"}}"#),
        )
    };
    check(
        Identity,
        &deny("aws:PrincipalOrgIDs"),
        "unknown-key",
        "aws:PrincipalOrgIDs",
    );
    check(Identity, &deny("s3:prefixx"), "unknown-key", "s3:prefixx");
    check(Identity, &deny("idp.example:sub"), "", "");
}

/// "AWS global condition context keys": `aws:SourceArn` is of services that act by themselves.
#[test]
fn keys_of_services_in_statements_about_people() {
    let source = r#""ArnNotLike":{"aws:SourceArn":"arn:aws:s3:::b"}"#;
    let own = format!(r#"{source},"Bool":{{"aws:PrincipalIsAWSService":"true"}}"#);
    let positive = r#""ArnLike":{"aws:SourceArn":"arn:aws:s3:::b"}"#;
    let publish = r#""sns:Publish""#;
    check(
        Resource,
        &of_everyone("Deny", publish, source),
        "service-key",
        "refuses every person",
    );
    check(Resource, &of_everyone("Deny", publish, &own), "", "");
    check(Resource, &of_everyone("Allow", publish, positive), "", "");
    check(
        Identity,
        &statement("Allow", publish, positive),
        "service-key",
        "never allows",
    );
    check(
        ServiceControl,
        &statement("Deny", publish, positive),
        "service-key",
        "never refuses",
    );
}

/// "AWS global condition context keys": long-term keys have no `aws:MultiFactorAuthPresent`.
#[test]
fn long_term_keys_have_no_multi_factor_key() {
    for (effect, operator, value, rule) in [
        ("Deny", "Bool", "false", "long-term-keys"),
        ("Deny", "BoolIfExists", "false", ""),
        ("Allow", "BoolIfExists", "true", "long-term-keys"),
        ("Allow", "Bool", "true", ""),
    ] {
        let condition = format!(r#""{operator}":{{"aws:MultiFactorAuthPresent":"{value}"}}"#);
        check(
            Identity,
            &statement(effect, r#""iam:*""#, &condition),
            rule,
            "long-term keys",
        );
    }
}

/// "AWS global condition context keys"; "Forward access sessions".
#[test]
fn requests_without_a_network_of_the_caller() {
    let get = r#""s3:GetObject""#;
    let endpoint = r#""StringNotEquals":{"aws:SourceVpce":"vpce-1"}"#;
    let own = r#""BoolIfExists":{"aws:PrincipalIsAWSService":"false","aws:ViaAWSService":"false"}"#;
    let rule = "network-key";
    check(
        Identity,
        &statement("Deny", get, endpoint),
        rule,
        "repeats for its caller",
    );
    check(
        Resource,
        &of_everyone("Deny", get, endpoint),
        rule,
        "by themselves or for a caller",
    );
    check(
        Resource,
        &of_everyone("Deny", get, &format!("{endpoint},{own}")),
        "",
        "",
    );
    let role = format!(
        r#"{endpoint},"ArnEquals":{{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/a"}}"#
    );
    check(
        Resource,
        &of_everyone("Deny", get, &role),
        rule,
        "what a service repeats",
    );
    let address = r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#;
    check(
        Resource,
        &of_everyone("Deny", get, &format!("{address},{own}")),
        rule,
        "through a VPC endpoint",
    );
    let both = format!(r#"{address},{own},"StringNotEquals":{{"aws:SourceVpce":"vpce-1"}}"#);
    check(Resource, &of_everyone("Deny", get, &both), "", "");
}

#[test]
fn endpoints_that_no_source_lists() {
    let own = r#""Bool":{"aws:ViaAWSService":"false"}"#;
    let deny = |key: &str, id: &str| {
        let condition = format!(r#""StringNotEquals":{{"{key}":"{id}"}},{own}"#);
        statement("Deny", r#""s3:GetObject""#, &condition)
    };
    check(Identity, &deny("aws:SourceVpce", "vpce-1"), "", "");
    check(
        Identity,
        &deny("aws:SourceVpce", "vpce-2"),
        "unknown-endpoint",
        "vpce-2 is not an endpoint",
    );
    check(
        Identity,
        &deny("aws:SourceVpc", "vpc-2"),
        "unknown-endpoint",
        "vpc-2 is not a VPC",
    );
}

#[test]
fn names_that_others_may_create() {
    let rule = "creatable-name";
    let spared = |arn: &str| {
        let condition = format!(r#""ArnNotLike":{{"aws:PrincipalArn":"{arn}"}}"#);
        of_everyone("Deny", r#""s3:GetObject""#, &condition)
    };
    check(
        Resource,
        &spared("arn:aws:iam::111122223333:role/app"),
        "",
        "",
    );
    check(
        Resource,
        &spared("arn:aws:iam::111122223333:role/*"),
        "",
        "",
    );
    check(
        Resource,
        &spared("arn:aws:iam::111122223333:role/app-*"),
        rule,
        "in that account",
    );
    check(
        Resource,
        &spared("arn:aws:iam::*:role/app"),
        rule,
        "in any AWS account may give it this name",
    );
    check(
        Resource,
        &spared("arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*"),
        "",
        "",
    );
    let refused = spared("arn:aws:iam::*:role/app").replace("ArnNotLike", "ArnLike");
    check(Resource, &refused, "", "");
}

#[test]
fn services_that_nobody_names() {
    let allow = |service: &str| {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}"#
        )
    };
    check(Trust, &allow("lambda.amazonaws.com"), "", "");
    check(Trust, &allow("logs.eu-west-1.amazonaws.com"), "", "");
    check(
        Trust,
        &allow("lamda.amazonaws.com"),
        "unknown-service",
        "lamda.amazonaws.com",
    );
}

/// "IAM JSON policy elements: Sid".
#[test]
fn names_of_statements() {
    let deny = |sid: &str| {
        format!(r#"{{"Sid":"{sid}","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}}"#)
    };
    check(Identity, &deny("Own1"), "", "");
    check(Identity, &deny("only own"), "sid", "only own");
    check(ServiceControl, &deny("only own"), "", "");
}

/// "Sensitive condition keys".
#[test]
fn wildcards_in_ids_of_owners() {
    let allow = of_everyone(
        "Allow",
        r#""s3:GetObject""#,
        r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#,
    );
    check(Resource, &allow, "sensitive-wildcard", "aws:PrincipalOrgID");
}

/// "Amazon SQS policy quotas"; "Amazon ECR service quotas".
#[test]
fn quotas_of_services() {
    let count = |service: &str, json: &str| {
        let found = remarks(json, Resource, Some(service), &[]);
        let of_size = found.iter().filter(|remark| remark.rule == "size");
        of_size
            .map(|remark| remark.diagnostic.message.clone())
            .collect::<Vec<_>>()
    };
    let one = r#"{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}"#;
    let many = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        [one; 21].join(",")
    );
    assert_eq!(
        count("sqs", &many),
        ["a queue policy with 21 statements, where 20 fit (quota queue-policy.statements)"]
    );
    assert_eq!(count("sns", &many), [""; 0]);
    let long = many.replace("sqs:SendMessage", &format!("ecr:{}", "A".repeat(1_000)));
    assert_eq!(count("ecr", &long).len(), 1, "10,240 characters fit");
    assert_eq!(count("unknown", &long).len(), 0);
}
