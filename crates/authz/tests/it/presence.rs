//! Which condition keys exist for whom, as a table: "AWS global condition context keys" and the pages
//! that its rows name. Each row is asked by a policy that grants only where the key is there.

use cofferdam_authz::case;
use cofferdam_sources::case::parse;
use cofferdam_text::Documents;
use serde_json::{Value, json};

const OWN: &str = "111122223333";

/// Callers: a user, a session, a service-linked role's session, a root user, a service, nobody, and
/// somebody with a token.
const CALLERS: [(&str, &str, Option<&str>); 7] = [
    ("user", "arn:aws:iam::111122223333:user/ann", None),
    (
        "role",
        "arn:aws:sts::111122223333:assumed-role/app/one",
        Some("arn:aws:iam::111122223333:role/app"),
    ),
    (
        "linked",
        "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/one",
        Some("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"),
    ),
    ("root", "arn:aws:iam::111122223333:root", None),
    ("service", "cloudtrail.amazonaws.com", None),
    ("anonymous", "anonymous", None),
    ("token", "accounts.example.com", None),
];

/// Of a key and each caller in turn: `+` there, `-` not there, `?` not documented.
const TABLE: [(&str, &str); 19] = [
    ("aws:PrincipalArn", "++++---"),
    ("aws:PrincipalAccount", "++++-+-"),
    ("aws:PrincipalType", "++++?+-"),
    ("aws:PrincipalOrgID", "++++---"),
    ("aws:PrincipalOrgPaths", "++++---"),
    ("aws:PrincipalIsAWSService", "+++++--"),
    ("aws:PrincipalServiceName", "----+--"),
    ("aws:PrincipalServiceNamesList", "----+--"),
    ("aws:PrincipalTag/team", "+++----"),
    ("aws:username", "+------"),
    ("aws:ResourceAccount", "+++++++"),
    ("aws:ResourceOrgID", "+++++++"),
    ("aws:ResourceOrgPaths", "+++++++"),
    ("aws:ViaAWSService", "+++++++"),
    ("aws:CalledVia", "-------"),
    ("aws:SourceVpce", "-------"),
    ("aws:SourceVpc", "-------"),
    ("aws:SourceIp", "-------"),
    ("aws:FederatedProvider", "-------"),
];

fn answer(case: &Value) -> &'static str {
    let bytes = case.to_string().into_bytes();
    let mut read = parse(&mut Documents::new(), "table", bytes).unwrap();
    let read = read.remove(0);
    let case = read.unwrap_or_else(|wrong| panic!("{}", wrong.diagnostic.message));
    case::decide(&case.case).outcome.word()
}

fn asked(key: &str, principal: &str, behind: Option<&str>) -> Value {
    let token = principal == "accounts.example.com";
    let (action, resource) = if token {
        (
            "sts:AssumeRoleWithWebIdentity",
            "arn:aws:iam::111122223333:role/target",
        )
    } else {
        ("s3:GetObject", "arn:aws:s3:::records/a")
    };
    let side = json!({"organization": "o-abc", "organization_paths": ["o-abc/r-1/"],
        "tags": {"team": "a"}});
    let mut principal_block = side.clone();
    if let Some(arn) = behind {
        principal_block["arn"] = json!(arn);
    }
    let mut statement = json!({"Effect": "Allow", "Principal": "*", "Action": action,
        "Condition": {"Null": {key: "false"}}});
    if !token {
        statement["Resource"] = json!("*");
    }
    json!({"name": key,
        "request": {"principal": principal, "action": action, "resource": resource,
                    "resource_account": OWN},
        "principal": principal_block,
        "resource": side,
        "resource_policy": {"Version": "2012-10-17", "Statement": [statement]}})
}

/// A root user has everything anyway, so its keys are asked by a Deny.
fn of_root(mut case: Value) -> Value {
    case["resource_policy"]["Statement"][0]["Effect"] = json!("Deny");
    case
}

#[test]
fn keys_are_there_for_whom_aws_says() {
    for (key, expected) in TABLE {
        let mut found = String::new();
        for (name, principal, behind) in CALLERS {
            let case = asked(key, principal, behind);
            let word = match name {
                "root" => answer(&of_root(case)),
                _ => answer(&case),
            };
            found.push(match (name, word) {
                (_, "undecided") => '?',
                ("root", "explicitly_denied") => '+',
                ("root", _) => '-',
                (_, "allowed") => '+',
                _ => '-',
            });
        }
        assert_eq!(found, expected, "{key}");
    }
}

/// "AWS global condition context keys": requests through an endpoint show it, and its owner only to
/// the services on the key's own list.
#[test]
fn keys_of_endpoints_are_there_for_the_services_that_send_them() {
    let rows = [
        (
            "aws:VpceAccount",
            "s3:GetObject",
            "arn:aws:s3:::records/a",
            true,
        ),
        (
            "aws:VpceAccount",
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:111122223333:jobs",
            false,
        ),
        (
            "aws:VpceOrgID",
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:111122223333:jobs",
            true,
        ),
        (
            "aws:VpceOrgPaths",
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s",
            true,
        ),
        (
            "aws:VpceAccount",
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s",
            false,
        ),
        (
            "aws:SourceVpcArn",
            "dynamodb:GetItem",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
            false,
        ),
        (
            "aws:VpceAccount",
            "dynamodb:GetItem",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
            true,
        ),
    ];
    for (key, action, resource, sent) in rows {
        let service = action.split(':').next().unwrap();
        assert_eq!(
            cofferdam_catalog::sends_endpoint_key(key, service),
            sent,
            "{key} of {action}"
        );
        // A key that the service never sends is absent even where everything else is unknown.
        let case = json!({"name": key, "strict": false,
            "request": {"principal": "arn:aws:iam::111122223333:user/ann", "action": action,
                        "resource": resource, "resource_account": OWN,
                        "context": {"aws:SourceVpce": "vpce-1"}},
            "identity_policies": [{"name": "all", "policy": {"Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
                               "Condition": {"Null": {key: "false"}}}]}}]});
        let expected = if sent {
            "undecided"
        } else {
            "implicitly_denied"
        };
        assert_eq!(answer(&case), expected, "{key} of {action}");
    }
}

/// "Service control policies (SCPs)": every level from the root to the account must allow, however
/// many there are, and a Deny on any of them denies.
#[test]
fn every_level_of_service_control_policies_counts() {
    let full = json!([{"name": "full", "policy": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]);
    let none = json!([]);
    let deny = json!([full[0], {"name": "deny", "policy": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}}]);
    for depth in 1..=7 {
        for (at, other, expected) in (0..depth).flat_map(|at| {
            [
                (at, &full, "allowed"),
                (at, &none, "implicitly_denied"),
                (at, &deny, "explicitly_denied"),
            ]
        }) {
            let levels: Vec<Value> = (0..depth)
                .map(|level| {
                    let policies = if level == at { other } else { &full };
                    json!({"target": format!("level-{level}"), "policies": policies})
                })
                .collect();
            let case = json!({"name": "levels",
                "request": {"principal": "arn:aws:iam::111122223333:user/ann",
                            "action": "s3:GetObject", "resource": "arn:aws:s3:::records/a"},
                "identity_policies": full,
                "service_control_policies": levels});
            assert_eq!(answer(&case), expected, "level {at} of {depth}");
        }
    }
}
