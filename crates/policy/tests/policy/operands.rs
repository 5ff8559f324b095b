//! What condition values are read as, by operator ("IAM JSON policy elements: Condition operators").

use cofferdam_policy::ast::{Condition, Policy};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::operand::Operand;

use crate::policy;

/// The condition that one operator with one value makes in a policy of that version.
pub fn condition(version: &str, operator: &str, value: &str) -> Condition {
    let json = format!(
        r#"{{"Version":"{version}","Statement":{{"Effect":"Deny","Action":"*","Resource":"*",
        "Condition":{{"{operator}":{{"aws:Test":"{value}"}}}}}}}}"#
    );
    let (Policy { statements, .. }, _) = policy(&json, PolicyKind::Identity);
    let condition = statements[0].conditions.first().cloned();
    condition.unwrap_or_else(|| panic!("{operator} {value}: {:?}", statements[0].unreadable))
}

pub fn operand(operator: &str, value: &str) -> Operand {
    condition("2012-10-17", operator, value).operands.remove(0)
}

/// Whether the value is understood, refused as matching nothing, or unclear.
fn check(operator: &str, value: &str, expected: &str) {
    let found = match operand(operator, value) {
        Operand::Number(_, number) => format!("{}", number.billionths),
        Operand::Instant(_, instant) => format!("{instant}"),
        Operand::Bool(truth) => format!("{truth}"),
        Operand::Binary(bytes) => format!("{bytes:?}"),
        Operand::Address(network) => format!("{}/{}", network.address, network.prefix),
        Operand::BareAddress(address) => format!("{address}"),
        Operand::Arn(fields) => format!(
            "{}",
            fields
                .iter()
                .filter(|field| !field.parts.is_empty())
                .count()
        ),
        Operand::Text { template, .. } => format!("{:?}", template.parts),
        Operand::Nothing(_) => "nothing".to_owned(),
        Operand::Unclear(_) => "unclear".to_owned(),
    };
    assert_eq!(found, expected, "{operator} with {value}");
}

#[test]
fn numbers_are_exact_decimals() {
    for (value, expected) in [
        ("7", "7000000000"),
        ("-0.5", "-500000000"),
        ("+1.000000001", "1000000001"),
        ("1e3", "unclear"),
        ("1.", "unclear"),
        (".5", "unclear"),
        ("1.0000000001", "unclear"),
        ("", "unclear"),
        ("${aws:MultiFactorAuthAge}", "unclear"),
        ("99999999999999999999999999", "unclear"),
    ] {
        check("NumericLessThan", value, expected);
    }
}

#[test]
fn dates_are_iso_8601_or_epoch_seconds() {
    for (value, expected) in [
        ("1970-01-01T00:00:00Z", "0"),
        ("1970-01-02", "86400000"),
        ("1970-02", "2678400000"),
        ("2020-02-29T12:30Z", "1582979400000"),
        ("2020-04-01T00:00:00.25+02:00", "1585692000250"),
        ("1969-12-31T23:59:59-00:30", "1799000"),
        ("1585699200", "1585699200000"),
        ("1585699200.5", "1585699200500"),
        ("2019", "unclear"),
        ("2019-02-29", "unclear"),
        ("2019-13-01", "unclear"),
        ("2020-04-01T00:00:00", "unclear"),
        ("2020-04T00:00Z", "unclear"),
        ("2020-04-01T24:00:00Z", "unclear"),
        ("2020-04-01T00:00:00.1234Z", "unclear"),
        ("2020-4-1", "unclear"),
        ("${aws:CurrentTime}", "unclear"),
        ("99999999999999", "unclear"),
    ] {
        check("DateLessThan", value, expected);
    }
}

#[test]
fn truth_values_ignore_case_and_take_no_variable() {
    for (value, expected) in [
        ("true", "true"),
        ("FALSE", "false"),
        ("yes", "unclear"),
        ("${aws:ViaAWSService}", "unclear"),
    ] {
        check("Bool", value, expected);
    }
}

/// A bare IPv4 address is /32; for IPv6 the page names no default.
#[test]
fn addresses_are_blocks() {
    for (value, expected) in [
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("203.0.113.9", "203.0.113.9/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8:0::/32", "2001:db8::/32"),
        ("::/0", "::/0"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.9", "unclear"),
        ("::ffff:203.0.113.0/120", "unclear"),
        ("203.0.113.0/33", "unclear"),
        ("203.0.113.*", "unclear"),
        ("203.0.113.0/", "unclear"),
        ("${aws:SourceIp}", "unclear"),
    ] {
        check("IpAddress", value, expected);
    }
}

#[test]
fn bytes_are_base_64() {
    for (value, expected) in [
        ("", "[]"),
        ("QQ==", "[65]"),
        ("QUI=", "[65, 66]"),
        ("QUJD", "[65, 66, 67]"),
        ("+/8=", "[251, 255]"),
        ("QQ", "unclear"),
        ("QR==", "unclear"),
        ("Q", "unclear"),
        ("Q_==", "unclear"),
    ] {
        check("BinaryEquals", value, expected);
    }
}

#[test]
fn an_arn_has_six_fields() {
    for (value, expected) in [
        ("arn:aws:iam::123456789012:role/a", "5"),
        ("arn:*:*:*:*:*:x", "6"),
        ("arn:aws:iam::${aws:PrincipalAccount}:role/*", "5"),
        ("role/a", "nothing"),
        ("arn:aws:iam::role", "nothing"),
        ("*", "unclear"),
        ("${aws:PrincipalArn}", "unclear"),
    ] {
        check("ArnLike", value, expected);
        check("ArnEquals", value, expected);
    }
}

/// Wildcards count only in `StringLike`; variables and escapes in both ("IAM policy elements:
/// Variables and tags").
#[test]
fn text_is_split_by_operator_and_version() {
    for (version, operator, value, expected) in [
        (
            "2012-10-17",
            "StringLike",
            "a**b?",
            r#"[Literal("a"), Many, Literal("b"), One]"#,
        ),
        ("2012-10-17", "StringEquals", "a*b?", r#"[Literal("a*b?")]"#),
        ("2012-10-17", "StringEquals", "", "[]"),
        (
            "2012-10-17",
            "StringLike",
            "${*}${?}${$}*",
            r#"[Literal("*?$"), Many]"#,
        ),
        (
            "2012-10-17",
            "StringEquals",
            "x${aws:username}",
            r#"[Literal("x"), Variable { key: aws:username, default: None }]"#,
        ),
        (
            "2012-10-17",
            "StringEquals",
            "${aws:PrincipalTag/T, 'a, }b'}",
            r#"[Variable { key: aws:PrincipalTag/T, default: Some("a, }b") }]"#,
        ),
        (
            "2012-10-17",
            "StringEquals",
            "$a{b}",
            r#"[Literal("$a{b}")]"#,
        ),
        (
            "2008-10-17",
            "StringEquals",
            "${aws:username}",
            r#"[Literal("${aws:username}")]"#,
        ),
        (
            "2008-10-17",
            "StringLike",
            "${*}",
            r#"[Literal("${"), Many, Literal("}")]"#,
        ),
    ] {
        let condition = condition(version, operator, value);
        let Operand::Text { template, .. } = &condition.operands[0] else {
            panic!("{operator} with {value} in {version} is text");
        };
        assert_eq!(
            format!("{:?}", template.parts),
            expected,
            "{operator} with {value} in {version}"
        );
    }
}

#[test]
fn broken_variables_are_unclear() {
    for value in [
        "${aws:username",
        "${}",
        "${name}",
        "${aws:username,'x'}",
        "${aws:username, x}",
    ] {
        check("StringEquals", value, "unclear");
    }
}

#[test]
fn numbers_and_booleans_of_json_count_as_their_text() {
    let json = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{
        "NumericLessThan":{"aws:Test":7},"Bool":{"aws:SecureTransport":[true]}}}}"#;
    let (policy, diagnostics) = policy(json, PolicyKind::Identity);
    assert!(diagnostics.is_empty());
    let operands: Vec<_> = policy.statements[0]
        .conditions
        .iter()
        .map(|each| &each.operands[0])
        .collect();
    assert!(matches!(
        operands[..],
        [Operand::Number(..), Operand::Bool(true)]
    ));
}
