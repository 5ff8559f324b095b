//! Random cases, from few names so that they meet: the literals of policies, near misses of them,
//! missing keys and empty sets.

use serde_json::{Map, Value, json};

/// A generator of numbers that is the same everywhere, and what the case at hand asks: statements
/// that speak of something else test little.
pub struct Random {
    state: u64,
    asked: (&'static str, &'static str),
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random {
            state: seed,
            asked: ASKED[0],
        }
    }

    // SplitMix64, by Steele, Lea and Flood.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
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
}

const OWN: &str = "111122223333";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const EVE: &str = "arn:aws:iam::999900000001:user/eve";
const ROLE: &str = "arn:aws:iam::111122223333:role/svc/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/one";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/ann";
const ROOT: &str = "arn:aws:iam::111122223333:root";
const LINKED: &str =
    "arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX";
const LINKED_SESSION: &str = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/one";
const SERVICE: &str = "cloudtrail.amazonaws.com";

/// Callers, with the ARN behind a session.
const CALLERS: [(&str, Option<&str>); 9] = [
    (ANN, None),
    (ANN, None),
    (SESSION, Some(ROLE)),
    (FEDERATED, Some(ANN)),
    (ROOT, None),
    (EVE, None),
    (SERVICE, None),
    ("anonymous", None),
    (LINKED_SESSION, Some(LINKED)),
];

/// Actions with the resources that they may be asked of.
const ASKED: [(&str, &str); 9] = [
    ("s3:GetObject", "arn:aws:s3:::records/ann/a"),
    ("s3:GetObject", "arn:aws:s3:::records/b"),
    ("s3:PutObject", "arn:aws:s3:::other/b"),
    ("s3:ListAllMyBuckets", "*"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/k1"),
    (
        "kms:RetireGrant",
        "arn:aws:kms:eu-west-1:111122223333:key/k1",
    ),
    ("sns:Publish", "arn:aws:sns:eu-west-1:111122223333:t"),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:q:x"),
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/target"),
];

/// One strict case, and what it asks.
pub fn case(random: &mut Random) -> Value {
    let (principal, behind) = *random.pick(&CALLERS);
    let (action, resource) = *random.pick(&ASKED);
    random.asked = (action, resource);
    let s3 = action.starts_with("s3:");
    let mut case = json!({
        "name": "random",
        "request": {"principal": principal, "action": action, "resource": resource,
                    "context": context(random)},
        "principal": side(random),
        "resource": side(random),
    });
    if let Some(arn) = behind {
        case["principal"]["arn"] = json!(arn);
    }
    if random.chance(40) {
        case["principal"]["tags"] = json!({"team": *random.pick(&["a", "b"])});
    }
    if s3 && resource != "*" {
        let owner = if random.chance(70) {
            OWN
        } else {
            "999900000001"
        };
        case["request"]["resource_account"] = json!(owner);
    }
    layers(random, &mut case, resource);
    if s3 && resource != "*" && random.chance(35) {
        case["access_point"] = point(random, &mut case);
    }
    case
}

const POINTS: [&str; 3] = [
    "arn:aws:s3:eu-west-1:111122223333:accesspoint/app",
    "arn:aws:s3:eu-west-1:111122223333:accesspoint/app",
    "arn:aws:s3:us-east-1:999900000001:accesspoint/app",
];

/// An access point that the request goes through.
fn point(random: &mut Random, case: &mut Value) -> Value {
    let mut point = json!({"arn": *random.pick(&POINTS)});
    if random.chance(75) {
        point["policy"] = policy(random, Form::Resource);
    }
    if random.chance(30) {
        point["block_public_access"] = json!({"restrict_public_buckets": random.chance(80)});
    }
    if random.chance(30) {
        point["vpc"] = json!("vpc-1");
        if random.chance(80) {
            case["request"]["context"]["aws:SourceVpc"] = json!(*random.pick(&["vpc-1", "vpc-2"]));
        }
    }
    if random.chance(40) {
        case["resource_policy"] = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"s3:DataAccessPointAccount": OWN}}}]});
    }
    point
}

fn side(random: &mut Random) -> Value {
    let mut side = Map::new();
    if random.chance(60) {
        side.insert(
            "organization".into(),
            json!(*random.pick(&["o-abc", "o-other"])),
        );
    }
    if random.chance(10) {
        side.insert("is_management_account".into(), json!(true));
    }
    Value::Object(side)
}

fn layers(random: &mut Random, case: &mut Value, resource: &str) {
    let identity = 1 + random.below(2);
    case["identity_policies"] = named(random, identity, Form::Identity);
    if random.chance(25) {
        case["permission_boundaries"] = named(random, 1, Form::Identity);
    }
    if random.chance(25) || case["request"]["principal"] == FEDERATED && random.chance(70) {
        let principal = case["request"]["principal"].as_str().unwrap();
        if principal.contains(":sts:") {
            case["session_policies"] = named(random, 1, Form::Identity);
        }
    }
    if random.chance(40) {
        case["service_control_policies"] = levels(random, Form::Identity);
    }
    if random.chance(40) {
        case["resource_control_policies"] = levels(random, Form::ResourceControl);
    }
    if resource != "*" && random.chance(75) {
        let trust = resource.contains(":role/");
        let form = if trust { Form::Trust } else { Form::Resource };
        case["resource_policy"] = policy(random, form);
        if resource.starts_with("arn:aws:s3") && random.chance(20) {
            case["block_public_access"] = json!({"restrict_public_buckets": random.chance(80)});
        }
    }
    if random.chance(20) {
        let kind = *random.pick(&["gateway", "interface"]);
        let form = Form::Endpoint {
            gateway: kind == "gateway",
        };
        let policy = policy(random, form);
        case["endpoint_policies"] = json!([{"name": "vpce-1", "type": kind, "policy": policy}]);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Identity,
    ResourceControl,
    Resource,
    Trust,
    Endpoint { gateway: bool },
}

fn named(random: &mut Random, count: usize, form: Form) -> Value {
    let one = |index| json!({"name": format!("p{index}"), "policy": policy(random, form)});
    (0..count).map(one).collect()
}

fn levels(random: &mut Random, form: Form) -> Value {
    let depth = 1 + random.below(3);
    let mut levels = Vec::new();
    for level in 0..depth {
        let mut policies = Vec::new();
        if form == Form::Identity && random.chance(85) {
            let full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
            policies.push(json!({"name": "full",
                "policy": {"Version": "2012-10-17", "Statement": full}}));
        }
        if random.chance(60) {
            policies.push(json!({"name": "p", "policy": policy(random, form)}));
        }
        levels.push(json!({"target": format!("level-{level}"), "policies": policies}));
    }
    Value::Array(levels)
}

fn policy(random: &mut Random, form: Form) -> Value {
    let count = 1 + random.below(3);
    let statements: Vec<Value> = (0..count).map(|_| statement(random, form)).collect();
    let mut policy = Map::new();
    match random.below(10) {
        0 => {}
        1 => {
            policy.insert("Version".into(), json!("2008-10-17"));
        }
        _ => {
            policy.insert("Version".into(), json!("2012-10-17"));
        }
    }
    policy.insert("Statement".into(), Value::Array(statements));
    Value::Object(policy)
}

/// A statement that may stand in that layer of a case, with that effect.
pub fn statement_of(random: &mut Random, layer: &str, effect: &str) -> Value {
    let form = match layer {
        "resource_control_policies" => Form::ResourceControl,
        "resource_policy" if random.asked.1.contains(":role/") => Form::Trust,
        "resource_policy" => Form::Resource,
        _ => Form::Identity,
    };
    let mut statement = statement(random, form);
    statement["Effect"] = json!(effect);
    statement
}

const ACTIONS: [&str; 13] = [
    "*",
    "*",
    "s3:*",
    "S3:get*",
    "s3:GetObjec?",
    "s3:PutObject",
    "kms:*",
    "kms:Decrypt",
    "sns:*",
    "sqs:SendMessage",
    "sts:*",
    "sts:AssumeRole",
    "s3:*Object",
];
const RESOURCES: [&str; 19] = [
    "arn:aws:s3:eu-west-1:111122223333:accesspoint/app/object/*",
    "arn:aws:s3:*:*:accesspoint/*/object/${aws:username}/*",
    "arn:aws:s3:*",
    "*",
    "*",
    "*",
    "arn:aws:s3:::records/*",
    "arn:aws:s3:::records/${aws:username}/*",
    "arn:aws:s3:::records/${aws:PrincipalTag/team}",
    "arn:aws:s3:::records/${aws:PrincipalTag/team, 'b'}",
    "arn:aws:s3:::Records/*",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:eu-west-1:*:key/k?",
    "arn:aws:sns:eu-*:t",
    "arn:aws:sqs:us-*:q:x",
    "arn:aws:sqs:us-*1:111122223333:q*",
    "arn:aws:sqs:*:*:q:?",
    "arn:aws:iam::111122223333:role/t*",
    "arn:aws:s3:::*/b",
];

fn statement(random: &mut Random, form: Form) -> Value {
    let deny = form == Form::ResourceControl || random.chance(30);
    let mut statement = Map::new();
    statement.insert("Effect".into(), json!(if deny { "Deny" } else { "Allow" }));
    match form {
        Form::Identity => {}
        Form::ResourceControl => {
            statement.insert("Principal".into(), json!("*"));
        }
        Form::Resource | Form::Trust | Form::Endpoint { .. } => {
            statement.insert("Principal".into(), principal(random, form));
        }
    }
    let not_action = form != Form::ResourceControl && random.chance(15);
    let element = if not_action { "NotAction" } else { "Action" };
    statement.insert(element.into(), about(random, random.asked.0, &ACTIONS));
    if form != Form::Trust {
        let element = if random.chance(15) {
            "NotResource"
        } else {
            "Resource"
        };
        statement.insert(element.into(), about(random, random.asked.1, &RESOURCES));
    }
    if random.chance(55) {
        statement.insert("Condition".into(), conditions(random));
    }
    Value::Object(statement)
}

/// Mostly what is asked, else anything.
fn about(random: &mut Random, asked: &str, from: &[&str]) -> Value {
    match random.below(4) {
        0 => json!(asked),
        1 => json!("*"),
        _ => list(random, from),
    }
}

fn list(random: &mut Random, from: &[&str]) -> Value {
    let first = *random.pick(from);
    if random.chance(70) {
        return json!(first);
    }
    json!([first, *random.pick(from)])
}

fn principal(random: &mut Random, form: Form) -> Value {
    let everyone = [json!("*"), json!({"AWS": "*"})];
    if matches!(form, Form::Endpoint { gateway: true }) && random.chance(85) || random.chance(25) {
        return random.pick(&everyone).clone();
    }
    if matches!(form, Form::Endpoint { gateway: true }) {
        return json!({"AWS": ANN});
    }
    let named = [
        json!({"AWS": ANN}),
        json!({"AWS": EVE}),
        json!({"AWS": ROLE}),
        json!({"AWS": SESSION}),
        json!({"AWS": FEDERATED}),
        json!({"AWS": OWN}),
        json!({"AWS": ROOT}),
        json!({"AWS": "999900000001"}),
        json!({"AWS": [ROLE, OWN]}),
        json!({"Service": SERVICE}),
        json!({"Service": "config.amazonaws.com", "AWS": [ANN, "999900000001"]}),
        json!({"AWS": "arn:aws:iam::111122223333:user/Ann"}),
        json!({"AWS": LINKED}),
    ];
    random.pick(&named).clone()
}

/// Keys by type, with the values that meet: what a request may hold, and what a policy may ask.
const TEXT_KEYS: [(&str, &[&str], &[&str]); 10] = [
    ("s3:DataAccessPointAccount", &[], &[OWN, "999900000001"]),
    ("s3:AccessPointNetworkOrigin", &[], &["VPC", "Internet"]),
    (
        "aws:PrincipalTag/team",
        &["a", "b", "ann", "*"],
        &["a", "b", "A", "${aws:username}", "a*", "?"],
    ),
    (
        "aws:SourceVpce",
        &["vpce-1", "vpce-2"],
        &["vpce-1", "vpce-2", "vpce-*"],
    ),
    ("aws:PrincipalOrgID", &[], &["o-abc", "o-other", "o-*"]),
    (
        "aws:ResourceOrgID",
        &[],
        &["o-abc", "${aws:PrincipalOrgID}"],
    ),
    (
        "aws:PrincipalAccount",
        &[],
        &[OWN, "999900000001", "anonymous"],
    ),
    (
        "aws:ResourceAccount",
        &[],
        &[OWN, "999900000001", "${aws:PrincipalAccount}"],
    ),
    (
        "aws:RequestedRegion",
        &["eu-west-1", "us-east-1"],
        &["eu-west-1", "eu-*", "us-east-?"],
    ),
    (
        "s3:prefix",
        &["ann", "a", "ann/x"],
        &[
            "${aws:username}",
            "${aws:username}/*",
            "${aws:PrincipalTag/team, 'a'}",
            "an?",
        ],
    ),
];

/// Some keys that a request states.
pub fn context(random: &mut Random) -> Value {
    let mut context = Map::new();
    for (key, values, _) in TEXT_KEYS {
        if !values.is_empty() && random.chance(30) {
            context.insert(key.into(), json!(*random.pick(values)));
        }
    }
    let more: [(&str, Vec<Value>); 7] = [
        (
            "aws:SourceIp",
            vec![
                json!("203.0.113.7"),
                json!("10.0.0.1"),
                json!("2001:db8::1"),
                json!("2001:0db8:0::2"),
            ],
        ),
        (
            "aws:TagKeys",
            vec![
                json!([]),
                json!(["a"]),
                json!(["a", "b"]),
                json!(["c", "a"]),
            ],
        ),
        (
            "aws:CurrentTime",
            vec![
                json!("2026-11-22T00:00:00Z"),
                json!("1795305600"),
                json!("2024-02-29T00:00:00Z"),
            ],
        ),
        ("aws:SecureTransport", vec![json!("true"), json!("False")]),
        ("s3:max-keys", vec![json!("9"), json!("10"), json!("10.5")]),
        (
            "aws:SourceArn",
            vec![
                json!("arn:aws:sns:eu-west-1:111122223333:t"),
                json!("nonsense"),
                json!("arn:aws:s3:::records"),
            ],
        ),
        (
            "aws:MultiFactorAuthPresent",
            vec![json!("true"), json!("false")],
        ),
    ];
    for (key, values) in more {
        if random.chance(35) {
            context.insert(key.into(), random.pick(&values).clone());
        }
    }
    Value::Object(context)
}

fn conditions(random: &mut Random) -> Value {
    let mut conditions = Map::new();
    for _ in 0..1 + random.below(2) {
        let (operator, key, values) = condition(random);
        conditions.insert(operator, json!({key: values}));
    }
    Value::Object(conditions)
}

fn condition(random: &mut Random) -> (String, String, Value) {
    match random.below(12) {
        0..=4 => {
            let (key, _, values) = *random.pick(&TEXT_KEYS);
            let operator = *random.pick(&[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
            ]);
            (maybe(random, operator), key.into(), list(random, values))
        }
        5 => {
            let operator = *random.pick(&["ArnEquals", "ArnLike", "ArnNotLike", "ArnNotEquals"]);
            let (key, values): (&str, &[&str]) = if random.chance(50) {
                (
                    "aws:PrincipalArn",
                    &[
                        ANN,
                        ROLE,
                        "arn:aws:iam::111122223333:role/*",
                        "arn:aws:iam::*:user/${aws:username}",
                    ],
                )
            } else {
                (
                    "aws:SourceArn",
                    &[
                        "arn:aws:sns:*:*:*",
                        "arn:aws:s3:*:*:records",
                        "arn:aws:sns:eu-west-1:111122223333:t",
                    ],
                )
            };
            (maybe(random, operator), key.into(), list(random, values))
        }
        6 => {
            let operator = *random.pick(&["IpAddress", "NotIpAddress"]);
            let values = [
                "203.0.113.0/24",
                "10.0.0.0/8",
                "0.0.0.0/0",
                "2001:db8::/32",
                "2001:db8::1/128",
                "203.0.113.7",
                "2001:db8::1",
            ];
            (
                maybe(random, operator),
                "aws:SourceIp".into(),
                list(random, &values),
            )
        }
        7 => {
            let set = *random.pick(&[
                "ForAnyValue:",
                "ForAllValues:",
                "ForAnyValue:",
                "ForAllValues:",
                "",
            ]);
            let operator = *random.pick(&[
                "StringEquals",
                "StringNotEquals",
                "StringLike",
                "StringNotLike",
            ]);
            let operator = maybe(random, operator);
            (
                format!("{set}{operator}"),
                "aws:TagKeys".into(),
                list(random, &["a", "b", "c", "*"]),
            )
        }
        8 => {
            let key = *random.pick(&[
                "aws:TagKeys",
                "aws:SourceVpce",
                "aws:PrincipalTag/team",
                "aws:SourceIp",
                "aws:PrincipalOrgID",
            ]);
            (
                "Null".into(),
                key.into(),
                json!(*random.pick(&["true", "false"])),
            )
        }
        9 => {
            let operator = *random.pick(&[
                "DateLessThan",
                "DateGreaterThan",
                "DateEquals",
                "DateNotEquals",
                "DateGreaterThanEquals",
            ]);
            (
                maybe(random, operator),
                "aws:CurrentTime".into(),
                list(
                    random,
                    &["2026-11-22T00:00:00Z", "1795305600", "2025-01-01T00:00:00Z"],
                ),
            )
        }
        10 => {
            let operator = *random.pick(&[
                "NumericLessThan",
                "NumericGreaterThanEquals",
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThanEquals",
            ]);
            (
                maybe(random, operator),
                "s3:max-keys".into(),
                list(random, &["10", "9.5", "10.0"]),
            )
        }
        _ => {
            let key = *random.pick(&[
                "aws:SecureTransport",
                "aws:MultiFactorAuthPresent",
                "aws:PrincipalIsAWSService",
                "aws:ViaAWSService",
            ]);
            (
                maybe(random, "Bool"),
                key.into(),
                json!(*random.pick(&["true", "false"])),
            )
        }
    }
}

fn maybe(random: &mut Random, operator: &str) -> String {
    if random.chance(30) {
        format!("{operator}IfExists")
    } else {
        operator.to_owned()
    }
}

/// How many cases are tried: few in CI, as many as `COFFERDAM_CASES` says elsewhere.
pub fn count() -> usize {
    let wanted = std::env::var("COFFERDAM_CASES").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(3_000)
}
