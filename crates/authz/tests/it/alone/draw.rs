//! Random policies and values, from few names so that they meet: the literals of policies, near
//! misses of them, missing keys, empty sets.

use std::net::IpAddr;

use cofferdam_authz::alone::Question;
use cofferdam_logic::{Decimal, Values};
use cofferdam_policy::kind::PolicyKind;
use serde_json::{Map, Value, json};

/// A generator of numbers that is the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    // SplitMix64, by Steele, Lea and Flood.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'v, T>(&mut self, from: &'v [T]) -> &'v T {
        &from[self.below(from.len())]
    }

    fn some<T: Copy>(&mut self, from: &[T]) -> Vec<T> {
        let first = *self.pick(from);
        match self.below(10) {
            0..6 => vec![first],
            6..9 => vec![first, *self.pick(from)],
            _ => vec![first, *self.pick(from), *self.pick(from)],
        }
    }
}

/// What a family of policies likes to test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taste {
    /// Anything.
    Mixed,
    /// Policy variables.
    Variables,
    /// Set operators.
    Sets,
    /// Addresses and other ordered values.
    Addresses,
}

const OWN: &str = "111122223333";
const OTHER: &str = "999900000001";

const ACTIONS: [&str; 14] = [
    "*",
    "s3:*",
    "s3:Get*",
    "s3:GetObject",
    "s3:PutObject",
    "s3:*Object",
    "s3:GetObjec?",
    "S3:getobject",
    "kms:*",
    "kms:Decrypt",
    "sqs:SendMessage",
    "sqs:*",
    "ec2:CreateTags",
    "sts:AssumeRole",
];

const RESOURCES: [&str; 16] = [
    "*",
    "*",
    "arn:aws:s3:::records/*",
    "arn:aws:s3:::records*",
    "arn:aws:s3:::records",
    "arn:aws:s3:::records/2026/*",
    "arn:aws:s3:::records/?",
    "arn:*:s3:::records/*",
    "arn:aws:s3:::*/a",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:eu-west-1:*:key/k?",
    "arn:aws:sqs:us-*1:111122223333:q*",
    "arn:aws:sqs:*:*:q",
    "arn:aws:s3:::records/${aws:username}/*",
    "arn:aws:s3:::records/${aws:PrincipalTag/team, 'none'}/*",
    "arn:aws:s3:::records/${aws:PrincipalAccount}/*",
];

const CALLERS: [&str; 12] = [
    "arn:aws:iam::111122223333:role/app/reader",
    "arn:aws:iam::111122223333:role/reader",
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::999900000001:role/reader",
    "arn:aws:iam::999900000001:user/team/eve",
    "arn:aws:iam::999900000001:user/eve",
    "arn:aws:iam::999900000001:root",
    "arn:aws:iam::999988887777:role/outsider",
    "arn:aws-cn:iam::999988887777:role/outsider",
    "arn:aws:sts::999900000001:federated-user/bob",
    "arn:aws:iam::999900000001:role/x:111122223333:role/reader",
];

const HOSTS: [&str; 3] = [
    "sns.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "sqs.amazonaws.com",
];

/// Keys that hold text, with what policies ask of them.
const TEXTS: [(&str, &[&str]); 16] = [
    ("aws:PrincipalOrgID", &["o-abc", "o-xyz", "o-*", "o-abc*"]),
    ("aws:PrincipalOrgID", &["o-abc", "${aws:ResourceOrgID}"]),
    ("aws:PrincipalAccount", &[OWN, OTHER, "1111*", "anonymous"]),
    (
        "aws:PrincipalTag/team",
        &["a", "A", "b", "a*", "*", "?", "${aws:ResourceTag/team}"],
    ),
    (
        "aws:ResourceTag/team",
        &["a", "b", "${aws:PrincipalTag/team}", "${aws:username}"],
    ),
    (
        "aws:SourceVpce",
        &["vpce-1", "vpce-2", "vpce-*", "vpce-0a1b2c3d"],
    ),
    ("aws:SourceVpc", &["vpc-1", "vpc-*"]),
    (
        "aws:username",
        &["ann", "eve", "*n", "${aws:PrincipalTag/team}"],
    ),
    (
        "aws:PrincipalType",
        &["User", "AssumedRole", "Account", "Anonymous"],
    ),
    (
        "aws:ResourceAccount",
        &[OWN, OTHER, "${aws:PrincipalAccount}"],
    ),
    (
        "aws:ResourceOrgID",
        &["o-abc", "${aws:PrincipalOrgID}", "o-*"],
    ),
    ("aws:RequestedRegion", &["eu-west-1", "eu-*", "us-east-1"]),
    ("s3:prefix", &["ann", "${aws:username}/*", "a*", ""]),
    (
        "aws:PrincipalServiceName",
        &["sns.amazonaws.com", "*.amazonaws.com"],
    ),
    ("aws:SourceAccount", &[OWN, OTHER]),
    ("sts:ExternalId", &["secret", "*"]),
];

const ARNS: [&str; 7] = [
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:role/app/reader",
    "arn:aws:iam::*:user/*",
    "arn:*:*:*:111122223333:*",
    "arn:aws:iam::*:root",
    "arn:aws:sns:*:111122223333:*",
    "arn:aws:iam::*:user/${aws:username}",
];

const SETS: [(&str, &[&str]); 3] = [
    ("aws:TagKeys", &["a", "b", "ab", "a*", "*", "?"]),
    (
        "aws:PrincipalOrgPaths",
        &["o-abc/*", "o-abc/r-1/*", "o-xyz/r-1/ou-1/", "o-abc*"],
    ),
    ("aws:CalledVia", &["athena.amazonaws.com", "*"]),
];

fn insert(condition: &mut Map<String, Value>, operator: String, key: &str, values: &[&str]) {
    let values = match values {
        [only] => json!(only),
        many => json!(many),
    };
    let keys = condition.entry(operator).or_insert_with(|| json!({}));
    keys[key] = values;
}

fn optional(random: &mut Random, operator: &str) -> String {
    if random.chance(25) {
        format!("{operator}IfExists")
    } else {
        operator.to_owned()
    }
}

fn text_operator(random: &mut Random) -> String {
    let operators = [
        "StringEquals",
        "StringEquals",
        "StringLike",
        "StringLike",
        "StringNotEquals",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
    ];
    let operator = *random.pick(&operators);
    optional(random, operator)
}

fn ordered(random: &mut Random, condition: &mut Map<String, Value>) {
    match random.below(4) {
        0 | 1 => {
            let operator = *random.pick(&["IpAddress", "NotIpAddress"]);
            let key = *random.pick(&["aws:SourceIp", "aws:SourceIp", "aws:VpcSourceIp"]);
            let values = random.some(&[
                "10.0.0.0/8",
                "10.1.0.0/16",
                "0.0.0.0/0",
                "203.0.113.7",
                "2001:db8::/32",
                "::/0",
            ]);
            insert(condition, optional(random, operator), key, &values);
        }
        2 => {
            let operator = *random.pick(&[
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericEquals",
                "NumericNotEquals",
                "NumericGreaterThan",
            ]);
            let values = random.some(&["10", "10.0", "9", "0", "100.5"]);
            insert(
                condition,
                optional(random, operator),
                "s3:max-keys",
                &values,
            );
        }
        _ => {
            let operator = *random.pick(&[
                "DateLessThan",
                "DateGreaterThan",
                "DateEquals",
                "DateNotEquals",
                "DateGreaterThanEquals",
            ]);
            let key = *random.pick(&["aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime"]);
            let values = random.some(&["2026-11-22T12:00:00Z", "1795348800", "2027-01-01"]);
            insert(condition, optional(random, operator), key, &values);
        }
    }
}

fn one_condition(random: &mut Random, taste: Taste, condition: &mut Map<String, Value>) {
    let choice = match taste {
        Taste::Mixed => random.below(10),
        Taste::Sets => 0,
        Taste::Addresses => 1,
        Taste::Variables => 4 + random.below(4),
    };
    match choice {
        0 => {
            let (key, values) = *random.pick(&SETS);
            let operator = text_operator(random);
            let quantifier = *random.pick(&["ForAnyValue:", "ForAllValues:"]);
            let values = random.some(values);
            insert(condition, format!("{quantifier}{operator}"), key, &values);
        }
        1 => ordered(random, condition),
        2 => {
            let key = *random.pick(&[
                "aws:SecureTransport",
                "aws:MultiFactorAuthPresent",
                "aws:PrincipalIsAWSService",
                "aws:ViaAWSService",
            ]);
            let values = random.some(&["true", "false"]);
            insert(condition, optional(random, "Bool"), key, &values[..1]);
        }
        3 => {
            let (key, _) = *random.pick(&TEXTS);
            let key = *random.pick(&[key, "aws:TagKeys", "aws:SourceIp"]);
            let value = *random.pick(&["true", "false"]);
            insert(condition, "Null".to_owned(), key, &[value]);
        }
        4 => {
            let operator = *random.pick(&["ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals"]);
            let key = *random.pick(&["aws:PrincipalArn", "aws:PrincipalArn", "aws:SourceArn"]);
            let values = random.some(&ARNS);
            insert(condition, optional(random, operator), key, &values);
        }
        _ => {
            let mut with_variables: Vec<_> = TEXTS.to_vec();
            if taste == Taste::Variables {
                with_variables
                    .retain(|(_, values)| values.iter().any(|value| value.contains("${")));
            }
            let (key, values) = *random.pick(&with_variables);
            let operator = text_operator(random);
            let values = random.some(values);
            insert(condition, operator, key, &values);
        }
    }
}

fn principal(random: &mut Random, kind: PolicyKind) -> Value {
    let listed = [
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": OWN}),
        json!({"AWS": OTHER}),
        json!({"AWS": "arn:aws:iam::111122223333:role/app/reader"}),
        json!({"AWS": ["arn:aws:iam::999900000001:user/eve", OWN]}),
        json!({"Service": "sns.amazonaws.com"}),
        json!({"Service": ["sns.amazonaws.com", "sqs.amazonaws.com"], "AWS": OWN}),
        json!({"AWS": "arn:aws:sts::999900000001:assumed-role/reader/one"}),
        json!({"AWS": "arn:aws:sts::999900000001:federated-user/bob"}),
        json!({"Federated": "cognito-identity.amazonaws.com"}),
    ];
    match kind {
        PolicyKind::ResourceControl => json!("*"),
        PolicyKind::Trust => random.pick(&listed).clone(),
        _ => random.pick(&listed[..10]).clone(),
    }
}

/// One statement of a kind of policy.
pub fn statement(random: &mut Random, kind: PolicyKind, taste: Taste) -> Value {
    let deny = kind == PolicyKind::ResourceControl || random.chance(30);
    let mut statement = Map::new();
    statement.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
    let principals = !matches!(
        kind,
        PolicyKind::Identity | PolicyKind::ServiceControl | PolicyKind::PermissionsBoundary
    );
    if principals {
        let not = deny && kind == PolicyKind::Resource && random.chance(5);
        let element = if not { "NotPrincipal" } else { "Principal" };
        statement.insert(element.into(), principal(random, kind));
    }
    let not = kind != PolicyKind::ResourceControl && random.chance(15);
    let element = if not { "NotAction" } else { "Action" };
    statement.insert(element.into(), json!(random.some(&ACTIONS)));
    if kind != PolicyKind::Trust {
        let element = if random.chance(12) {
            "NotResource"
        } else {
            "Resource"
        };
        let resources = match taste {
            Taste::Variables if random.chance(60) => &RESOURCES[13..],
            Taste::Mixed | Taste::Variables => &RESOURCES[..],
            _ => &RESOURCES[..13],
        };
        statement.insert(element.into(), json!(random.some(resources)));
    }
    if random.chance(75) {
        let mut condition = Map::new();
        for _ in 0..1 + random.below(3) {
            one_condition(random, taste, &mut condition);
        }
        statement.insert("Condition".into(), Value::Object(condition));
    }
    Value::Object(statement)
}

/// A policy of a kind.
pub fn policy(random: &mut Random, kind: PolicyKind, taste: Taste) -> Value {
    let count = 1 + random.below(4);
    let statements: Vec<Value> = (0..count).map(|_| statement(random, kind, taste)).collect();
    let version = if random.chance(4) {
        "2008-10-17"
    } else {
        "2012-10-17"
    };
    json!({"Version": version, "Statement": statements})
}

/// A taste, most often none.
pub fn taste(random: &mut Random) -> Taste {
    *random.pick(&[
        Taste::Mixed,
        Taste::Mixed,
        Taste::Mixed,
        Taste::Variables,
        Taste::Sets,
        Taste::Addresses,
    ])
}

/// A kind of policy, resource policies most often.
pub fn kind(random: &mut Random) -> PolicyKind {
    *random.pick(&[
        PolicyKind::Resource,
        PolicyKind::Resource,
        PolicyKind::Identity,
        PolicyKind::ServiceControl,
        PolicyKind::ResourceControl,
        PolicyKind::Endpoint,
        PolicyKind::Trust,
    ])
}

/// The policy with one thing changed: a statement, an element, a condition, an effect.
pub fn mutant(random: &mut Random, policy: &Value) -> Value {
    let mut mutant = policy.clone();
    let Some(statements) = mutant["Statement"].as_array_mut() else {
        return mutant;
    };
    let place = random.below(statements.len());
    if statements.len() > 1 && random.chance(20) {
        statements.remove(place);
        return mutant;
    }
    let Some(statement) = statements[place].as_object_mut() else {
        return mutant;
    };
    let mut elements: Vec<String> = statement.keys().cloned().collect();
    elements.retain(|element| {
        matches!(
            element.as_str(),
            "Action" | "NotAction" | "Resource" | "Condition"
        )
    });
    let element = match elements.is_empty() {
        true => "Effect".to_owned(),
        false => random.pick(&elements).clone(),
    };
    match statement.get_mut(&element) {
        Some(Value::Object(condition)) => {
            let operators: Vec<String> = condition.keys().cloned().collect();
            condition.remove(random.pick(&operators));
        }
        Some(Value::Array(values)) if values.len() > 1 => {
            values.remove(random.below(values.len()));
        }
        Some(value) if element.ends_with("Action") => *value = json!(*random.pick(&ACTIONS)),
        Some(value) if element == "Resource" => *value = json!(*random.pick(&RESOURCES)),
        _ => {}
    }
    mutant
}

/// A question about a policy.
pub fn question(random: &mut Random) -> Question {
    let mut question = Question::default();
    match random.below(5) {
        0 | 1 => question.outside_organizations = vec!["o-abc".to_owned()],
        2 => question.outside_accounts = vec![OWN.parse().unwrap()],
        3 => question.public = true,
        _ => question.without_endpoints = vec!["vpce-1".to_owned()],
    }
    question.services_too = random.chance(20);
    question
}

/// Values for a formula, biased to what policies ask.
pub struct Drawn<'r> {
    random: &'r mut Random,
    caller: &'static str,
    path: &'static str,
}

impl<'r> Drawn<'r> {
    pub fn new(random: &'r mut Random) -> Drawn<'r> {
        let caller = *random.pick(&CALLERS);
        let path = *random.pick(&[
            "o-abc/r-1/",
            "o-abc/r-1/ou-1/",
            "o-xyz/r-1/ou-1/",
            "o-abcd/r-1/",
        ]);
        Drawn {
            random,
            caller,
            path,
        }
    }
}

impl Values for Drawn<'_> {
    fn text(&mut self, name: &str) -> String {
        let own = name.trim_end_matches(" 0");
        let text = match own {
            "caller" => self.caller,
            "service" => *self.random.pick(&HOSTS),
            "organization path of the caller" => self.path,
            "HeadOfPath of organization path of the caller" => self.path.split('/').next().unwrap(),
            "AccountOfArn of caller" => self.caller.split(':').nth(4).unwrap(),
            "aws:username" => self.caller.rsplit('/').next().unwrap(),
            "action" => *self.random.pick(&[
                "s3:GetObject",
                "s3:GetObjectOfTomorrow",
                "kms:NewAction",
                "nosuch:Thing",
                "s3:GetObjecX",
                "sqs:SendMessage",
            ]),
            "resource" => *self.random.pick(&[
                "*",
                "arn:aws:s3:::records",
                "arn:aws:s3:::records/a",
                "arn:aws:s3:::records/2026/a",
                "arn:aws:s3:::records/ann/a",
                "arn:aws:s3:::records/eve/x",
                "arn:aws:s3:::records/none/x",
                "arn:aws:s3:::records/111122223333/x",
                "arn:aws:s3:::records/${aws:username}/x",
                "arn:aws-cn:s3:::records/a",
                "arn:aws:kms:eu-west-1:111122223333:key/k1",
                "arn:aws:kms:eu-west-1:999900000001:key/k1",
                "arn:aws:sqs:us-east-1:111122223333:q",
                "arn:aws:sqs:us-east-1:111122223333:q:x",
            ]),
            "aws:SourceVpce" => *self.random.pick(&["vpce-1", "vpce-2", "vpce-0a1b2c3d"]),
            "aws:SourceVpc" => *self.random.pick(&["vpc-1", "vpc-2"]),
            "aws:RequestedRegion" => *self.random.pick(&["eu-west-1", "us-east-1", "eu-north-1"]),
            "aws:ResourceAccount"
            | "aws:SourceAccount"
            | "aws:VpceAccount"
            | "s3:ResourceAccount" => *self.random.pick(&[OWN, OTHER, "999988887777"]),
            "aws:ResourceOrgID" | "aws:SourceOrgID" | "aws:VpceOrgID" => {
                *self.random.pick(&["o-abc", "o-xyz", "o-abcd"])
            }
            "aws:SourceArn" => *self.random.pick(&[
                "arn:aws:sns:eu-west-1:111122223333:t",
                "arn:aws:sns:eu-west-1:111122223333:t:x",
                "arn:aws:s3:::records",
            ]),
            _ => *self.random.pick(&[
                "a",
                "A",
                "b",
                "ab",
                "",
                "ann",
                "eve",
                "ann/x",
                "secret",
                "${aws:username}",
            ]),
        };
        text.to_owned()
    }

    fn texts(&mut self, _: &str) -> Vec<String> {
        let pool = [
            "a",
            "b",
            "ab",
            "c",
            "",
            "o-abc/r-1/",
            "athena.amazonaws.com",
        ];
        let count = self.random.below(4);
        (0..count)
            .map(|_| (*self.random.pick(&pool)).to_owned())
            .collect()
    }

    fn address(&mut self, _: &str) -> IpAddr {
        let pool = [
            "10.0.0.1",
            "10.1.0.1",
            "203.0.113.7",
            "203.0.113.8",
            "2001:db8::1",
            "2001:db9::1",
        ];
        self.random.pick(&pool).parse().unwrap()
    }

    fn number(&mut self, name: &str) -> Decimal {
        let pool: &[i64] = match name.starts_with("aws:") {
            true => &[
                1_795_348_800,
                1_795_348_801,
                0,
                1_798_761_600,
                1_900_000_000,
            ],
            false => &[0, 9, 10, 11, 100, 101],
        };
        Decimal::from_integer(*self.random.pick(pool))
    }

    fn member(&mut self, _: &str, count: usize) -> u32 {
        u32::try_from(self.random.below(count)).unwrap()
    }

    fn flag(&mut self, _: &str) -> bool {
        self.random.chance(60)
    }
}
