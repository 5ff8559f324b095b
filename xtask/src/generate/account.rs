//! What one account answers: its roles, its buckets and key, and that it has nothing else.

use std::io;

use serde_json::{Value, json};

use super::dataset::Dataset;
use super::{
    CAPTURED_AT, MANAGEMENT, Place, REGION, Random, Shape, Snapshot, TRAIL, bucket, document, id,
    key, statement,
};

/// Answers of services of which the account has nothing.
const NOTHING: [(&str, &str); 11] = [
    ("kms.list-aliases", "Aliases"),
    ("sqs.list-queues", "QueueUrls"),
    ("sns.list-topics", "Topics"),
    ("secretsmanager.list-secrets", "SecretList"),
    ("dynamodb.list-tables", "TableNames"),
    ("lambda.list-functions", "Functions"),
    ("ecr.describe-repositories", "repositories"),
    ("ec2.describe-vpc-endpoints", "VpcEndpoints"),
    ("ec2.describe-instances", "Reservations"),
    ("ecs.list-clusters", "clusterArns"),
    ("ecs.list-task-definitions", "taskDefinitionArns"),
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
    key::write(snapshot, &regional, shape, index)?;
    trail(snapshot, &regional, shape, index)?;
    bucket::write(snapshot, &global, shape, index)
}

/// The trail of the organization is the management account's; without datasets there is none.
fn trail(snapshot: &mut Snapshot<'_>, place: &Place, shape: &Shape, index: u64) -> io::Result<()> {
    let operation = "cloudtrail.describe-trails";
    if index > 0 || shape.datasets == 0 {
        return snapshot.answer(place, operation, &json!({"trailList": []}));
    }
    let arn = shape.trail();
    let trail = json!({
        "Name": TRAIL, "S3BucketName": shape.archive(), "IncludeGlobalServiceEvents": true,
        "IsMultiRegionTrail": true, "HomeRegion": REGION, "TrailARN": arn,
        "LogFileValidationEnabled": true, "HasCustomEventSelectors": true,
        "HasInsightSelectors": false, "IsOrganizationTrail": true,
    });
    snapshot.answer(place, operation, &json!({"trailList": [trail]}))?;
    let field = |name: &str, value: &str| json!({"Field": name, "Equals": [value]});
    let selectors = json!([
        {"Name": "management", "FieldSelectors": [field("eventCategory", "Management")]},
        {"Name": "objects", "FieldSelectors": [
            field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object"),
        ]},
    ]);
    let selected = json!({"request": {"TrailName": arn}, "response": {
        "TrailARN": arn, "EventSelectors": [], "AdvancedEventSelectors": selectors,
    }});
    snapshot.calls(place, "cloudtrail.get-event-selectors", &[selected])?;
    let status = json!({"request": {"Name": arn}, "response": {"IsLogging": true}});
    snapshot.calls(place, "cloudtrail.get-trail-status", &[status])
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
            None => application(shape, account, number, &mut random),
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

/// What the users of a bucket may do, with its key where it has one.
fn uses(shape: &Shape, account: u64, number: u64) -> Vec<Value> {
    let bucket = Shape::bucket(account, number);
    let objects = json!([
        format!("arn:aws:s3:::{bucket}"),
        format!("arn:aws:s3:::{bucket}/*")
    ]);
    let actions = json!(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]);
    let mut statements = vec![statement("Allow", actions, objects)];
    if Dataset::is_restricted(shape, number) {
        let actions = json!(["kms:Decrypt", "kms:GenerateDataKey"]);
        statements.push(statement("Allow", actions, json!(key::arn(account))));
    }
    statements
}

/// A team's own role: every other uses a bucket of the account, the others share one of a few
/// policies.
fn application(shape: &Shape, account: u64, number: u64, random: &mut Random) -> Value {
    let kind = random.below(8);
    let statements = if let Some(bucket) = shape.bucket_of_role(number) {
        uses(shape, account, bucket)
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
