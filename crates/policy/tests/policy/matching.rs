//! Whether concrete values match, and that unknown variables settle nothing they should not.

use cofferdam_names::ContextKey;
use cofferdam_policy::ast::{ActionPattern, Actions, Resources};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::matching::{
    Lookup, Match, ResourceToken, action_matches, operand_matches, resource_accepts,
    resource_tokens,
};
use cofferdam_policy::operand::Template;
use proptest::prelude::*;

use crate::operands::operand;
use crate::policy;

/// `aws:username` is `ann*`, `aws:userid` is unknown, anything else has no value.
fn lookup(key: &ContextKey) -> Lookup<'static> {
    match key.folded() {
        "aws:username" => Lookup::Value("ann*"),
        "aws:userid" => Lookup::Unknown,
        _ => Lookup::None,
    }
}

fn check(operator: &str, pattern: &str, value: &str, expected: Match) {
    let found = operand_matches(&operand(operator, pattern), value, &lookup);
    assert_eq!(found, expected, "{operator} {pattern} against {value}");
}

/// "IAM JSON policy elements: Condition operators".
#[test]
fn values_of_every_type() {
    use Match::{No, Unknown, Yes};
    for (operator, pattern, value, expected) in [
        ("StringEquals", "a*", "a*", Yes),
        ("StringEquals", "a*", "ab", No),
        ("StringEquals", "A", "a", No),
        ("StringEqualsIgnoreCase", "Ab", "aB", Yes),
        ("StringLike", "a*c", "a:b:c", Yes),
        ("StringLike", "a?c", "aäc", Yes),
        ("StringLike", "a?c", "ac", No),
        ("StringLike", "*a*b*", "xxaxxb", Yes),
        ("StringLike", "*ab", "aab", Yes),
        ("StringLike", "", "", Yes),
        ("StringLike", "*", "", Yes),
        ("NumericLessThan", "10", "9.99", Yes),
        ("NumericLessThan", "10", "10", No),
        ("NumericEquals", "1.0", "1", Yes),
        ("NumericEquals", "1", "one", Unknown),
        ("DateLessThan", "2020-04-01T00:00:00Z", "1585699199", Yes),
        ("DateLessThan", "1585699200", "2020-04-01T00:00:00Z", No),
        (
            "DateGreaterThanEquals",
            "1585699200",
            "2020-04-01T00:00:00Z",
            Yes,
        ),
        ("Bool", "true", "TRUE", Yes),
        ("Bool", "true", "false", No),
        ("BinaryEquals", "QUI=", "QUI=", Yes),
        ("BinaryEquals", "QUI=", "QUJD", No),
        ("IpAddress", "203.0.113.0/24", "203.0.113.77", Yes),
        ("IpAddress", "203.0.113.0/24", "203.0.114.1", No),
        ("IpAddress", "203.0.113.0/24", "2001:db8::1", No),
        ("IpAddress", "::/0", "203.0.113.77", No),
        ("IpAddress", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", Yes),
        ("IpAddress", "2001:db8::1", "2001:db8::2", Unknown),
        ("IpAddress", "2001:db8::1", "203.0.113.77", No),
        ("IpAddress", "0.0.0.0/0", "::ffff:203.0.113.77", Unknown),
        (
            "ArnLike",
            "arn:aws:iam::*:role/a*",
            "arn:aws:iam::123456789012:role/a/b",
            Yes,
        ),
        ("ArnLike", "arn:aws:s3:*:b", "arn:aws:s3:::b", Unknown),
        ("ArnLike", "arn:*:b:c:d:e", "arn:aws:x:b:c:d:e", No),
        (
            "ArnLike",
            "arn:aws:logs:*:*:log-group:*",
            "arn:aws:logs:r:a:log-group:x:y",
            Yes,
        ),
        ("ArnLike", "arn:aws:iam::*:role/a", "role/a", No),
        ("ArnEquals", "role/a", "role/a", No),
    ] {
        check(operator, pattern, value, expected);
    }
}

/// "IAM policy elements: Variables and tags": what is substituted is literal; without a value and
/// a default, nothing matches.
#[test]
fn variables() {
    use Match::{No, Unknown, Yes};
    for (operator, pattern, value, expected) in [
        ("StringLike", "x/${aws:username}", "x/ann*", Yes),
        ("StringLike", "x/${aws:username}", "x/anna", No),
        ("StringEquals", "${aws:PrincipalTag/T}", "", No),
        ("StringEquals", "${aws:PrincipalTag/T, 'd'}", "d", Yes),
        ("StringEquals", "x${aws:userid}", "xyz", Unknown),
        ("StringEquals", "x${aws:userid}", "yz", No),
        (
            "StringEquals",
            "${aws:userid}${aws:PrincipalTag/T}",
            "yz",
            No,
        ),
        (
            "ArnLike",
            "arn:aws:iam::${aws:userid}:role/a",
            "arn:aws:iam::1:role/a",
            Unknown,
        ),
        (
            "ArnLike",
            "arn:aws:iam::${aws:userid}:role/a",
            "arn:aws:iam::1:role/b",
            No,
        ),
    ] {
        check(operator, pattern, value, expected);
    }
}

/// "IAM JSON policy elements: Action": upper and lower case are equal, wildcards in the name.
#[test]
fn actions() {
    for (pattern, service, name, expected) in [
        ("*", "s3", "GetObject", true),
        ("S3:getobject", "s3", "GetObject", true),
        ("s3:*Object?", "s3", "GetObject", false),
        ("s3:Get*t", "S3", "GETOBJECT", true),
        ("s3:Get*", "sqs", "GetQueueUrl", false),
        ("s3:*", "s3", "", true),
        ("s3*", "s3", "GetObject", false),
        ("s3:Get*,s3:Put*", "s3", "GetObject", false),
    ] {
        let json =
            format!(r#"{{"Statement":{{"Effect":"Deny","Action":"{pattern}","Resource":"*"}}}}"#);
        let (policy, _) = policy(&json, PolicyKind::Identity);
        let Actions::Only(patterns) = &policy.statements[0].actions else {
            panic!("{pattern} is an Action");
        };
        assert_eq!(
            action_matches(&patterns[0], service, name),
            expected,
            "{pattern} against {service}:{name}"
        );
    }
    assert!(
        !action_matches(&ActionPattern::Nothing("s3:a".into()), "s3", "a"),
        "nothing matches nothing"
    );
}

fn resource(pattern: &str) -> Template {
    let json = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"{pattern}"}}}}"#
    );
    match &policy(&json, PolicyKind::Identity).0.statements[0].resources {
        Resources::Only(patterns) => patterns[0].clone(),
        _ => panic!("{pattern} is a Resource"),
    }
}

/// "IAM JSON policy elements: Resource": a wildcard stays in its field, a `*` at the end of a field
/// may go on beyond the colon, the service takes none.
#[test]
fn resources() {
    use Match::{No, Unknown, Yes};
    for (pattern, value, expected) in [
        ("*", "*", Yes),
        ("*", "arn:aws:s3:::b", Yes),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", Yes),
        ("arn:aws:s3:::b", "arn:aws:s3:::B", No),
        ("arn:aws:s3:::b*", "*", No),
        (
            "arn:aws:sqs:us-*:queue1",
            "arn:aws:sqs:us-east-1:123456789012:queue1",
            Yes,
        ),
        (
            "arn:aws:sqs:us-*-1:123456789012:q",
            "arn:aws:sqs:us-east-1:123456789012:q",
            Yes,
        ),
        ("arn:aws:sqs:us-*1:q", "arn:aws:sqs:us-east-1:1:q", No),
        ("arn:aws:sqs:us-*1:1:q", "arn:aws:sqs:us-east-1:1:q", Yes),
        (
            "arn:aws:sqs:us-*t-1:1:q",
            "arn:aws:sqs:us-x:us-east-1:1:q",
            No,
        ),
        (
            "arn:aws:sqs:us?east-1:1:q",
            "arn:aws:sqs:us-east-1:1:q",
            Yes,
        ),
        ("arn:aws:sqs:?:1:q", "arn:aws:sqs:::1:q", No),
        ("arn:aws:*:::b", "arn:aws:s3:::b", No),
        ("arn:aws:s?:::b", "arn:aws:s3:::b", No),
        ("arn:*:s3:::b", "arn:aws-cn:s3:::b", Yes),
        ("arn:aws:s3", "arn:aws:s3:::b", Yes),
        ("arn:aws:sqs:us-east-1", "arn:aws:sqs:us-east-1:1:q", Yes),
        ("arn:aws:sqs:us-east-1", "arn:aws:sqs:us-west-1:1:q", No),
        (
            "arn:aws:logs:*:*:log-group:a*:*",
            "arn:aws:logs:r:1:log-group:ab:log-stream:c",
            Yes,
        ),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/ann*", Yes),
        ("arn:aws:s3:::b/${aws:username}", "arn:aws:s3:::b/anna", No),
        ("arn:aws:s3:::b/${aws:userid}", "arn:aws:s3:::b/x", Unknown),
        (
            "arn:aws:s3:::b/${aws:PrincipalTag/T}",
            "arn:aws:s3:::b/",
            No,
        ),
    ] {
        let template = resource(pattern);
        let found = resource_accepts(&template, value, &lookup);
        assert_eq!(found, expected, "{pattern} against {value}");
        let by_tokens = resource_tokens(&template);
        let by_tokens = by_tokens.iter().any(|tokens| slow(tokens, value));
        assert_eq!(
            by_tokens,
            expected != No,
            "the tokens of {pattern} against {value}"
        );
    }
}

/// The plainest matcher there is, over the tokens that formulas are built from.
fn slow(tokens: &[ResourceToken<'_>], value: &str) -> bool {
    let Some((first, rest)) = tokens.split_first() else {
        return value.is_empty();
    };
    let text = |text: &str| {
        value
            .strip_prefix(text)
            .is_some_and(|value| slow(rest, value))
    };
    match first {
        ResourceToken::Literal(literal) => text(literal),
        ResourceToken::One { colon } => {
            let mut signs = value.chars();
            signs.next().is_some_and(|sign| *colon || sign != ':') && slow(rest, signs.as_str())
        }
        ResourceToken::Many { colon } => run(*colon, rest, value),
        ResourceToken::Variable { key, default } => match (lookup(key), default) {
            (Lookup::Value(value), _) => text(value),
            (Lookup::None, Some(default)) => text(default),
            (Lookup::None, None) => false,
            (Lookup::Unknown, _) => run(true, rest, value),
        },
    }
}

fn run(colon: bool, rest: &[ResourceToken<'_>], value: &str) -> bool {
    let ends = value.char_indices().map(|(at, _)| at).chain([value.len()]);
    let mut ends = ends.take_while(|end| colon || !value[..*end].contains(':'));
    ends.any(|end| slow(rest, &value[end..]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Backtracking to two stars finds every match that trying everything finds.
    #[test]
    fn resource_matching_is_complete(
        pattern in "arn:a\\*?:s3:[ab*?:]{0,9}",
        value in "arn:a:s3:[ab:]{0,9}",
    ) {
        let template = resource(&pattern);
        let expected = resource_tokens(&template).iter().any(|tokens| slow(tokens, &value));
        let found = resource_accepts(&template, &value, &lookup);
        prop_assert_eq!(found == Match::Yes, expected, "{} against {}", pattern, value);
    }

    /// The same for plain text.
    #[test]
    fn text_matching_is_complete(pattern in "[ab*?]{0,8}", value in "[ab]{0,8}") {
        let tokens: Vec<_> = pattern.chars().map(|sign| match sign {
            '*' => ResourceToken::Many { colon: true },
            '?' => ResourceToken::One { colon: true },
            'a' => ResourceToken::Literal("a"),
            _ => ResourceToken::Literal("b"),
        }).collect();
        let found = operand_matches(&operand("StringLike", &pattern), &value, &lookup);
        prop_assert_eq!(found == Match::Yes, slow(&tokens, &value), "{} against {}", pattern, value);
    }
}
