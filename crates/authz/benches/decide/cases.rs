//! Decision cases as every engine can read them (the format of `cofferdam decide`).

use serde_json::{Value, json};

const USER: &str = "arn:aws:iam::111122223333:user/app/ann";
const ORGANIZATION: &str = "o-bench12345";

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn request(name: &str, action: &str, resource: &str, context: &Value, expected: &str) -> Value {
    json!({
        "name": name, "expect": {"decision": expected}, "strict": true,
        "request": {
            "principal": USER, "action": action, "resource": resource,
            "resource_account": "111122223333", "context": context,
        },
    })
}

fn with(mut case: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        case[*name] = value.clone();
    }
    case
}

/// (a): one identity policy of one statement.
pub fn one_statement() -> Vec<Value> {
    let read =
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::records/*"});
    let policies = json!([{"name": "read", "policy": policy(&[read])}]);
    [
        ("s3:GetObject", "arn:aws:s3:::records/2026/a.csv", "allowed"),
        (
            "s3:GetObject",
            "arn:aws:s3:::others/2026/a.csv",
            "implicitly_denied",
        ),
        (
            "s3:PutObject",
            "arn:aws:s3:::records/2026/a.csv",
            "implicitly_denied",
        ),
    ]
    .map(|(action, resource, expected)| {
        let case = request(action, action, resource, &json!({}), expected);
        with(case, &[("identity_policies", policies.clone())])
    })
    .into()
}

/// Services of which the many policies speak; those of the requests come often.
const SERVICES: [(&str, &[&str]); 8] = [
    (
        "s3",
        &[
            "GetObject",
            "PutObject",
            "ListBucket",
            "DeleteObject",
            "Get*",
        ],
    ),
    ("dynamodb", &["GetItem", "Query", "PutItem", "BatchGetItem"]),
    ("s3", &["GetObjectVersion", "PutObjectTagging", "List*"]),
    ("sqs", &["SendMessage", "ReceiveMessage", "DeleteMessage"]),
    ("kms", &["Decrypt", "GenerateDataKey*", "Encrypt"]),
    (
        "ec2",
        &[
            "Describe*",
            "StartInstances",
            "StopInstances",
            "RunInstances",
        ],
    ),
    ("lambda", &["InvokeFunction", "GetFunction*"]),
    ("logs", &["CreateLogStream", "PutLogEvents"]),
];
const POLICIES: usize = 20;
const STATEMENTS: usize = 161;

/// (b): 20 identity policies of 161 statements together, SCPs on three levels with seven documents,
/// and a bucket policy.
pub fn many_policies() -> Vec<Value> {
    let sides = json!({"account": "111122223333", "organization": ORGANIZATION, "organization_paths": [format!("{ORGANIZATION}/r-1/ou-1/")], "is_management_account": false});
    let fields = [
        ("identity_policies", identity_policies()),
        ("service_control_policies", service_control()),
        ("resource_policy", bucket_policy()),
        (
            "principal",
            json!({"arn": USER, "organization": ORGANIZATION, "organization_paths": [format!("{ORGANIZATION}/r-1/ou-1/")], "is_management_account": false, "tags": {"team": "claims"}}),
        ),
        ("resource", sides),
    ];
    let here = json!({
        "aws:RequestedRegion": "eu-west-1", "aws:SecureTransport": "true",
        "aws:SourceIp": "10.1.2.3", "aws:MultiFactorAuthPresent": "true",
    });
    let mut elsewhere = here.clone();
    elsewhere["aws:RequestedRegion"] = json!("us-west-2");
    let mut plain = here.clone();
    plain["aws:SecureTransport"] = json!("false");
    let object = "arn:aws:s3:::team-7-data/claims/2026/a.csv";
    [
        (
            "allowed by one of 20",
            "s3:GetObject",
            object,
            &here,
            "allowed",
        ),
        (
            "no statement allows",
            "s3:PutObjectAcl",
            object,
            &here,
            "implicitly_denied",
        ),
        (
            "denied by Region",
            "s3:GetObject",
            object,
            &elsewhere,
            "explicitly_denied",
        ),
        (
            "denied without TLS",
            "s3:GetObject",
            object,
            &plain,
            "explicitly_denied",
        ),
        (
            "allowed by the bucket",
            "s3:ListBucket",
            "arn:aws:s3:::team-7-data",
            &here,
            "allowed",
        ),
    ]
    .map(|(name, action, resource, context, expected)| {
        with(request(name, action, resource, context, expected), &fields)
    })
    .into()
}

fn identity_policies() -> Value {
    let policies = (0..POLICIES).map(|index| {
        let own = (0..STATEMENTS).filter(|number| number % POLICIES == index);
        let statements: Vec<Value> = own.map(statement).collect();
        json!({"name": format!("policy-{index}"), "policy": policy(&statements)})
    });
    policies.collect()
}

/// One of the 161: number 7 is what allows.
fn statement(number: usize) -> Value {
    let (service, names) = SERVICES[number % SERVICES.len()];
    let (service, names) = if number == 7 {
        SERVICES[0]
    } else {
        (service, names)
    };
    let actions: Vec<String> = names
        .iter()
        .map(|name| format!("{service}:{name}"))
        .collect();
    let resource = match service {
        "s3" => format!("arn:aws:s3:::team-{number}-data/*"),
        "ec2" => "*".to_owned(),
        _ => format!("arn:aws:{service}:eu-west-1:111122223333:*team-{number}-*"),
    };
    let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resource});
    match number % 5 {
        1 => {
            statement["Condition"] =
                json!({"StringEquals": {"aws:PrincipalTag/team": format!("team-{number}")}})
        }
        2 => {
            statement["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}, "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}})
        }
        3 => {
            statement["Effect"] = json!("Deny");
            statement["Condition"] =
                json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}});
        }
        _ => {}
    }
    statement
}

fn service_control() -> Value {
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let deny = |action: Value, condition: Value| json!({"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition});
    let named =
        |name: &str, statement: Value| json!({"name": name, "policy": policy(&[statement])});
    let full = || named("FullAWSAccess", everything.clone());
    let platform = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform/*"}});
    let regions = json!({
        "Effect": "Deny", "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"], "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
    });
    json!([
        {"target": "r-1", "policies": [full(), named("leave", deny(json!("organizations:LeaveOrganization"), json!({}))), named("regions", regions)]},
        {"target": "ou-1", "policies": [full(), named("trails", deny(json!(["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]), platform.clone()))]},
        {"target": "111122223333", "policies": [full(), named("public", deny(json!(["s3:PutBucketPublicAccessBlock", "s3:PutAccountPublicAccessBlock"]), platform))]},
    ])
}

fn bucket_policy() -> Value {
    let both = json!(["arn:aws:s3:::team-7-data", "arn:aws:s3:::team-7-data/*"]);
    policy(&[
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": both, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": both, "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}),
        json!({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::team-7-data"}),
    ])
}
