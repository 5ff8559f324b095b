//! What one account answers: its roles, its buckets, and that it has nothing else.

use std::io;

use serde_json::{Value, json};

use super::{
    CAPTURED_AT, MANAGEMENT, ORGANIZATION, Place, REGION, Random, Shape, Snapshot, document, id,
    statement,
};

/// Answers of services of which the account has nothing.
const NOTHING: [(&str, &str); 10] = [
    ("kms.list-keys", "Keys"),
    ("kms.list-aliases", "Aliases"),
    ("sqs.list-queues", "QueueUrls"),
    ("sns.list-topics", "Topics"),
    ("secretsmanager.list-secrets", "SecretList"),
    ("dynamodb.list-tables", "TableNames"),
    ("lambda.list-functions", "Functions"),
    ("ecr.describe-repositories", "repositories"),
    ("ec2.describe-vpc-endpoints", "VpcEndpoints"),
    ("cloudtrail.describe-trails", "trailList"),
];

/// Writes what an account answers.
pub(super) fn write(snapshot: &mut Snapshot<'_>, shape: &Shape, index: u64) -> io::Result<()> {
    let account = shape.account(index);
    let (global, regional) = (Place::global(account), Place::regional(account));
    let details = details(shape, index);
    snapshot.answer(&global, "iam.get-account-authorization-details", &details)?;
    let none = json!({"OpenIDConnectProviderList": []});
    snapshot.answer(&global, "iam.list-open-id-connect-providers", &none)?;
    let none = json!({"SAMLProviderList": []});
    snapshot.answer(&global, "iam.list-saml-providers", &none)?;
    for (operation, member) in NOTHING {
        snapshot.answer(&regional, operation, &json!({ member: [] }))?;
    }
    buckets(snapshot, &global, shape, index)
}

/// One of the kinds of roles that every account has: name, path, policies, who assumes it.
struct Stamp {
    name: &'static str,
    path: &'static str,
    policies: &'static [(&'static str, &'static [&'static str])],
    service: &'static str,
}

/// What a permission set, a StackSet or a vending machine stamps into every account. Every
/// `(effect, actions)` is a statement over all resources.
const STAMPS: [Stamp; 10] = [
    Stamp {
        name: "org-admin",
        path: "/platform/",
        policies: &[("Allow", &["*"])],
        service: "",
    },
    Stamp {
        name: "org-reader",
        path: "/platform/",
        policies: &[(
            "Allow",
            &[
                "s3:GetBucket*",
                "s3:ListAllMyBuckets",
                "iam:Get*",
                "iam:List*",
                "kms:Describe*",
                "kms:List*",
                "ec2:Describe*",
                "cloudtrail:Get*",
            ],
        )],
        service: "",
    },
    Stamp {
        name: "developer",
        path: "/people/",
        policies: &[
            (
                "Allow",
                &[
                    "ec2:*",
                    "lambda:*",
                    "logs:*",
                    "dynamodb:*",
                    "sqs:*",
                    "sns:*",
                    "cloudwatch:*",
                ],
            ),
            (
                "Deny",
                &["iam:CreateUser", "iam:CreateAccessKey", "ec2:DeleteVpc"],
            ),
        ],
        service: "",
    },
    Stamp {
        name: "auditor",
        path: "/people/",
        policies: &[
            (
                "Allow",
                &[
                    "iam:Get*",
                    "iam:List*",
                    "config:*",
                    "cloudtrail:LookupEvents",
                    "securityhub:Get*",
                ],
            ),
            (
                "Deny",
                &[
                    "s3:GetObject*",
                    "secretsmanager:GetSecretValue",
                    "dynamodb:GetItem",
                ],
            ),
        ],
        service: "",
    },
    Stamp {
        name: "billing",
        path: "/people/",
        policies: &[("Allow", &["ce:*", "budgets:*", "cur:*", "aws-portal:*"])],
        service: "",
    },
    Stamp {
        name: "pipeline",
        path: "/platform/",
        policies: &[(
            "Allow",
            &[
                "cloudformation:*",
                "s3:GetObject",
                "s3:PutObject",
                "s3:ListBucket",
                "iam:PassRole",
                "lambda:UpdateFunctionCode",
            ],
        )],
        service: "codebuild.amazonaws.com",
    },
    Stamp {
        name: "log-shipper",
        path: "/service/",
        policies: &[(
            "Allow",
            &[
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "kinesis:PutRecord*",
            ],
        )],
        service: "lambda.amazonaws.com",
    },
    Stamp {
        name: "instance",
        path: "/service/",
        policies: &[(
            "Allow",
            &[
                "ssm:*",
                "ec2messages:*",
                "ssmmessages:*",
                "cloudwatch:PutMetricData",
            ],
        )],
        service: "ec2.amazonaws.com",
    },
    Stamp {
        name: "backup",
        path: "/service/",
        policies: &[(
            "Allow",
            &[
                "backup:*",
                "s3:GetObject*",
                "s3:ListBucket*",
                "dynamodb:CreateBackup",
                "ec2:CreateSnapshot",
            ],
        )],
        service: "backup.amazonaws.com",
    },
    Stamp {
        name: "scanner",
        path: "/service/",
        policies: &[("Allow", &["ecr:Get*", "ecr:BatchGetImage", "inspector2:*"])],
        service: "ecs-tasks.amazonaws.com",
    },
];

fn details(shape: &Shape, index: u64) -> Value {
    let account = shape.account(index);
    let mut random = Random(shape.seed ^ account);
    let mut roles: Vec<Value> = Vec::new();
    for number in 0..shape.roles {
        let known = usize::try_from(number).ok().and_then(|at| STAMPS.get(at));
        roles.push(match known {
            Some(stamp) => stamped(account, stamp),
            None => application(account, number, &mut random),
        });
    }
    json!({"UserDetailList": [], "GroupDetailList": [], "Policies": [], "RoleDetailList": roles})
}

fn stamped(account: u64, stamp: &Stamp) -> Value {
    let statements: Vec<Value> = stamp
        .policies
        .iter()
        .map(|(effect, actions)| statement(effect, json!(actions), json!("*")))
        .collect();
    role(account, stamp.path, stamp.name, stamp.service, &statements)
}

/// A team's own role: every other uses the account's own bucket, the others share one of a few
/// policies.
fn application(account: u64, number: u64, random: &mut Random) -> Value {
    let kind = random.below(8);
    let statements = if number.is_multiple_of(2) {
        let bucket = Shape::bucket(account, 0);
        let objects = json!([
            format!("arn:aws:s3:::{bucket}"),
            format!("arn:aws:s3:::{bucket}/*")
        ]);
        vec![statement(
            "Allow",
            json!(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]),
            objects,
        )]
    } else {
        let tables = json!(format!("arn:aws:dynamodb:*:*:table/team-{kind}-*"));
        vec![
            statement(
                "Allow",
                json!(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]),
                tables,
            ),
            statement(
                "Allow",
                json!(["xray:PutTraceSegments", "logs:PutLogEvents"]),
                json!("*"),
            ),
        ]
    };
    role(
        account,
        "/app/",
        &format!("app-{number}"),
        "lambda.amazonaws.com",
        &statements,
    )
}

fn role(account: u64, path: &str, name: &str, service: &str, statements: &[Value]) -> Value {
    let who = if service.is_empty() {
        json!({"AWS": format!("arn:aws:iam::{MANAGEMENT}:root")})
    } else {
        json!({"Service": service})
    };
    let trust = json!({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"});
    json!({
        "Path": path, "RoleName": name, "CreateDate": CAPTURED_AT, "Tags": [],
        "RoleId": unique(account, path, name),
        "Arn": format!("arn:aws:iam::{}:role{path}{name}", id(account)),
        "AssumeRolePolicyDocument": document(&[trust]),
        "InstanceProfileList": [], "AttachedManagedPolicies": [], "RoleLastUsed": {},
        "RolePolicyList": [{"PolicyName": name, "PolicyDocument": document(statements)}],
    })
}

/// An id that looks like those of roles.
fn unique(account: u64, path: &str, name: &str) -> String {
    let bytes = path.bytes().chain(name.bytes());
    let mixed = bytes.fold(account, |mixed, byte| {
        mixed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
    });
    format!("AROA{mixed:016X}")
}

/// What S3 says of each bucket: the operation and its answer.
fn bucket_answers(shape: &Shape, index: u64, bucket: &str) -> Vec<(&'static str, Value)> {
    let absent = |code: &str| json!({"request": {"Bucket": bucket}, "error": {"code": code, "message": "not there"}});
    let there = |response: Value| json!({"request": {"Bucket": bucket}, "response": response});
    let blocked = json!({"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true});
    let rules = json!([{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]);
    vec![
        (
            "s3api.get-bucket-location",
            there(json!({"LocationConstraint": REGION})),
        ),
        (
            "s3api.get-bucket-policy",
            there(json!({"Policy": bucket_policy(shape, index, bucket).to_string()})),
        ),
        (
            "s3api.get-public-access-block",
            there(json!({"PublicAccessBlockConfiguration": blocked})),
        ),
        (
            "s3api.get-bucket-ownership-controls",
            there(
                json!({"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}),
            ),
        ),
        (
            "s3api.get-bucket-acl",
            there(json!({"Owner": {"ID": "0"}, "Grants": []})),
        ),
        (
            "s3api.get-bucket-encryption",
            there(json!({"ServerSideEncryptionConfiguration": {"Rules": rules}})),
        ),
        (
            "s3api.get-bucket-versioning",
            there(json!({"Status": "Enabled"})),
        ),
        (
            "s3api.get-object-lock-configuration",
            absent("ObjectLockConfigurationNotFoundError"),
        ),
        (
            "s3api.get-bucket-lifecycle-configuration",
            absent("NoSuchLifecycleConfiguration"),
        ),
        (
            "s3api.get-bucket-replication",
            absent("ReplicationConfigurationNotFoundError"),
        ),
        ("s3api.get-bucket-tagging", absent("NoSuchTagSet")),
    ]
}

fn buckets(
    snapshot: &mut Snapshot<'_>,
    place: &Place,
    shape: &Shape,
    index: u64,
) -> io::Result<()> {
    let account = shape.account(index);
    let count = if account == MANAGEMENT {
        0
    } else {
        shape.buckets
    };
    let names: Vec<String> = (0..count)
        .map(|number| Shape::bucket(account, number))
        .collect();
    let listed: Vec<Value> = names
        .iter()
        .map(|name| json!({"Name": name, "CreationDate": CAPTURED_AT}))
        .collect();
    snapshot.answer(
        place,
        "s3api.list-buckets",
        &json!({"Buckets": listed, "Owner": {"ID": "0"}}),
    )?;
    let mut operations: Vec<(&str, Vec<Value>)> = Vec::new();
    for name in &names {
        for (operation, call) in bucket_answers(shape, index, name) {
            match operations.iter_mut().find(|(known, _)| *known == operation) {
                Some((_, calls)) => calls.push(call),
                None => operations.push((operation, vec![call])),
            }
        }
    }
    for (operation, calls) in &operations {
        snapshot.calls(place, operation, calls)?;
    }
    let blocked = json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}});
    let call = json!({"request": {"AccountId": id(account)}, "response": blocked});
    snapshot.calls(place, "s3control.get-public-access-block", &[call])
}

/// TLS and the organization for every bucket; half of them are shared: with a neighbour's
/// application, or with the whole organization.
fn bucket_policy(shape: &Shape, index: u64, bucket: &str) -> Value {
    let both = json!([
        format!("arn:aws:s3:::{bucket}"),
        format!("arn:aws:s3:::{bucket}/*")
    ]);
    let rule = |effect: &str, principal: Value, action: Value, condition: Value| json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": both, "Condition": condition});
    let mut statements = vec![
        rule(
            "Deny",
            json!("*"),
            json!("s3:*"),
            json!({"Bool": {"aws:SecureTransport": "false"}}),
        ),
        rule(
            "Deny",
            json!("*"),
            json!("s3:*"),
            json!({
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANIZATION},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            }),
        ),
    ];
    let members = shape.accounts.saturating_sub(1).max(1);
    let neighbour = id(shape.account(1 + index % members));
    let reads = json!(["s3:GetObject", "s3:ListBucket"]);
    let organization = json!({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}});
    match index % 4 {
        0 => statements.push(rule(
            "Allow",
            json!({"AWS": format!("arn:aws:iam::{neighbour}:role/platform/pipeline")}),
            reads,
            organization,
        )),
        1 => statements.push(rule("Allow", json!("*"), reads, organization)),
        _ => {}
    }
    document(&statements)
}
