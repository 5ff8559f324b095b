//! Reading what was printed gives the same policy, and nothing that can be read makes the reader
//! fail.

use cofferdam_policy::ast::{Actions, Policy, Resources, Statement};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::lint::{Known, Subject, lint};
use cofferdam_policy::parse::parse;
use cofferdam_policy::print;
use cofferdam_text::{Documents, Member, Node, Value};
use proptest::prelude::*;
use proptest::sample::select;

use crate::{policy, tree};

/// Everything that a policy means, without places. Keys are shown in lower case.
fn meaning(policy: &Policy) -> String {
    let statements = policy.statements.iter().map(of_statement);
    format!(
        "{:?}\n{}",
        policy.version,
        statements.collect::<Vec<_>>().join("\n")
    )
}

fn of_statement(statement: &Statement) -> String {
    let Statement {
        index,
        sid,
        effect,
        principals,
        actions,
        resources,
        conditions,
        unreadable,
        ..
    } = statement;
    let actions = match actions {
        Actions::Only(list) => format!("only {list:?}"),
        Actions::Except(list) => format!("except {list:?}"),
    };
    let resources = match resources {
        Resources::NotGiven => "not given".to_owned(),
        Resources::Only(list) => format!("only {list:?}"),
        Resources::Except(list) => format!("except {list:?}"),
    };
    let conditions: Vec<_> = conditions
        .iter()
        .map(|each| format!("{:?} {} {:?}", each.operator, each.key, each.operands))
        .collect();
    format!(
        "{index} {sid:?} {effect:?} {principals:?} {actions} {resources} {conditions:?} {unreadable:?}"
    )
}

fn one_or_list(values: Vec<String>) -> String {
    let quoted: Vec<_> = values.iter().map(|each| format!("{:?}", each)).collect();
    match quoted.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(",")),
    }
}

fn list(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    let values = prop::collection::vec(select(values).prop_map(str::to_owned), 1..4);
    values.prop_map(one_or_list)
}

fn operator_block() -> impl Strategy<Value = (&'static str, String)> {
    let text = || {
        list(&[
            "a",
            "a*b",
            "",
            "x${aws:username}",
            "${aws:PrincipalTag/T, 'd'}",
            "${*}?$",
            "ü?",
        ])
    };
    let typed = prop_oneof![
        (
            select(
                &[
                    "StringEquals",
                    "StringNotEquals",
                    "StringLike",
                    "StringNotLikeIfExists",
                    "ForAnyValue:StringLike",
                    "ForAllValues:StringEqualsIfExists",
                    "StringEqualsIgnoreCase"
                ][..]
            ),
            text()
        ),
        (
            select(&["ArnLike", "ArnEquals", "ArnNotEqualsIfExists"][..]),
            list(&[
                "arn:aws:iam::*:role/a:${*}b",
                "arn:*:*:*:*:${aws:username}",
                "role"
            ])
        ),
        (
            select(
                &[
                    "NumericEquals",
                    "NumericLessThanIfExists",
                    "NumericNotEquals"
                ][..]
            ),
            list(&["1", "-0.25", "1000000"])
        ),
        (
            select(&["DateGreaterThan", "DateLessThanEquals"][..]),
            list(&[
                "2020-02-29T12:30:01.5Z",
                "1999-01",
                "0000-01-01",
                "1585699200"
            ])
        ),
        (
            select(&["IpAddress", "NotIpAddress"][..]),
            list(&["203.0.113.9/24", "::/0", "2001:db8::1", "203.0.113.9"])
        ),
        (Just("Bool"), list(&["true", "False"])),
        (Just("BinaryEquals"), list(&["QUI=", ""])),
        (
            Just("Null"),
            select(&["\"true\"", "[\"false\",\"False\"]"][..]).prop_map(str::to_owned)
        ),
    ];
    let key = select(
        &[
            "aws:username",
            "aws:PrincipalTag/Team",
            "aws:principaltag/team",
            "s3:prefix",
        ][..],
    );
    (typed, key).prop_map(|((operator, values), key)| (operator, format!("{key:?}:{values}")))
}

fn conditions() -> impl Strategy<Value = String> {
    prop::collection::vec(operator_block(), 0..5).prop_map(|mut blocks| {
        let mut seen = std::collections::BTreeSet::new();
        blocks.retain(|(operator, _)| seen.insert(*operator));
        let blocks: Vec<_> = blocks
            .iter()
            .map(|(operator, keys)| format!("{operator:?}:{{{keys}}}"))
            .collect();
        if blocks.is_empty() {
            String::new()
        } else {
            format!(r#","Condition":{{{}}}"#, blocks.join(","))
        }
    })
}

fn principal() -> impl Strategy<Value = String> {
    let named = list(&[
        "*",
        "123456789012",
        "arn:aws:iam::000000000001:root",
        "arn:aws:iam::123456789012:user/a b",
        "AROAEXAMPLE",
    ]);
    prop_oneof![
        Just(r#""*""#.to_owned()),
        named.prop_map(|values| format!(r#"{{"AWS":{values},"Service":"ec2.amazonaws.com"}}"#)),
        Just(
            r#"{"CanonicalUser":"79a5","Federated":["cognito-identity.amazonaws.com"]}"#.to_owned()
        ),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    let resource = list(&[
        "*",
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:sqs:us-*",
        "arn:aws:s3:::${*}?",
        "arn:aws:*:::b",
    ]);
    (
        select(&["", r#""Sid":"A","#, r#""Sid":"","#][..]),
        principal(),
        select(&["Action", "NotAction"][..]),
        list(&["*", "S3:Get*", "kms:decrypt", "s3:a,b"]),
        select(&["Resource", "NotResource"][..]),
        resource,
        conditions(),
    )
        .prop_map(|(sid, principal, action, actions, resource, resources, conditions)| {
            format!(
                r#"{{{sid}"Effect":"Deny","Principal":{principal},"{action}":{actions},"{resource}":{resources}{conditions}}}"#
            )
        })
}

fn document() -> impl Strategy<Value = String> {
    prop::collection::vec(statement(), 0..4).prop_map(|statements| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        )
    })
}

/// Any tree at all, made of words that policies use.
fn any_tree() -> impl Strategy<Value = Node> {
    let words = || {
        prop_oneof![
            select(
                &[
                    "Version",
                    "2012-10-17",
                    "Statement",
                    "Sid",
                    "Effect",
                    "Allow",
                    "Deny",
                    "Principal",
                    "AWS",
                    "*",
                    "Action",
                    "NotAction",
                    "Resource",
                    "Condition",
                    "StringLike",
                    "Null",
                    "DateEquals",
                    "IpAddress",
                    "ArnLike",
                    "aws:username",
                    "${",
                    "${aws:a, '",
                    "arn:aws:s3:::b",
                    "1/2",
                    "::1/128",
                    "2020-01-01T"
                ][..]
            )
            .prop_map(str::to_owned),
            any::<String>(),
        ]
    };
    let origin = tree("{}").origin;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        words().prop_map(|text| Value::String(text.into())),
        Just(Value::Number("7".into())),
    ];
    leaf.prop_map(move |value| Node { value, origin })
        .prop_recursive(5, 40, 5, move |inner| {
            let member = (words(), inner.clone());
            let member = member.prop_map(move |(key, value)| Member {
                key: key.into(),
                key_origin: origin,
                value,
            });
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|items| Value::Array(items.into())),
                prop::collection::vec(member, 0..5)
                    .prop_map(|members| Value::Object(members.into())),
            ]
            .prop_map(move |value| Node { value, origin })
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn reading_what_was_printed_gives_the_same(json in document()) {
        let (first, _) = policy(&json, PolicyKind::Resource);
        match print::print(&first) {
            Ok(printed) => {
                let (second, diagnostics) = policy(&printed, PolicyKind::Resource);
                prop_assert_eq!(meaning(&first), meaning(&second), "{}", printed);
                prop_assert!(diagnostics.iter().all(|each| !each.message.is_empty()));
                prop_assert_eq!(print::print(&second).unwrap(), printed, "the form is canonical");
            }
            Err(why) => prop_assert!(false, "{why}: {json}"),
        }
    }

    #[test]
    fn no_tree_makes_the_reader_fail(node in any_tree()) {
        for kind in PolicyKind::ALL {
            let (read, _) = parse(&node, kind);
            lint(&Subject {
                policy: &read,
                tree: &node,
                kind,
                text: Some("x"),
                service: Some("sqs"),
                known: &Known::default(),
            });
            let _ = print::print(&read);
        }
    }

    #[test]
    fn no_text_makes_the_reader_fail(bytes in any::<Vec<u8>>(), text in any::<String>()) {
        let _ = Documents::new().read_json("x", bytes).map(|node| parse(&node, PolicyKind::Trust));
        let mut quoted = cofferdam_text::Quoted(&text).to_string();
        quoted = format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":{quoted},"Resource":{quoted},"Condition":{{"StringLike":{{"aws:a":{quoted}}},"DateEquals":{{"aws:a":{quoted}}},"ArnLike":{{"aws:a":{quoted}}},"IpAddress":{{"aws:a":{quoted}}},"BinaryEquals":{{"aws:a":{quoted}}},"NumericEquals":{{"aws:a":{quoted}}}}}}}}}"#);
        policy(&quoted, PolicyKind::Identity);
    }
}

#[test]
fn what_was_not_understood_is_not_printed() {
    for json in [
        r#"{"Statement":{"Action":"*","Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateEquals":{"aws:CurrentTime":"soon"}}}}"#,
        r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Principal":{"AWS":"a"}}}"#,
    ] {
        assert!(
            print::print(&policy(json, PolicyKind::Resource).0).is_err(),
            "{json}"
        );
    }
}

/// `StringLike` without wildcards is `StringEquals`, and two such conditions may be parted by one
/// with wildcards, so that no document holds them in the order in which they were written.
#[test]
fn conditions_of_one_operator_are_printed_together() {
    let json = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:PrincipalTag/a":"*x","aws:PrincipalTag/b":"x","aws:PrincipalTag/c":"*x"}}}}"#;
    let printed = print::print(&policy(json, PolicyKind::Identity).0).unwrap();
    let (second, _) = policy(&printed, PolicyKind::Identity);
    let conditions = &second.statements[0].conditions;
    let keys: Vec<_> = conditions.iter().map(|one| one.key.to_string()).collect();
    assert_eq!(
        keys,
        [
            "aws:PrincipalTag/a",
            "aws:PrincipalTag/c",
            "aws:PrincipalTag/b"
        ]
    );
    assert_eq!(print::print(&second), Ok(printed), "the form is canonical");
}
