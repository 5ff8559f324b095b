//! What organizations at random are drawn from.
//!
//! Each menu holds what turns a decision of some edge one way or the other; what nobody's data
//! depends on is left out. A line that stands twice is drawn twice as often.

pub const RIGHTS: &[&str] = &[
    "can(ec2:DescribeInstances)",
    "can(s3:GetObject)",
    "can(s3:GetObject)",
    "can(s3:GetObject kms:Decrypt dynamodb:GetItem)",
    "can(s3:GetObject kms:Decrypt secretsmanager:GetSecretValue sqs:ReceiveMessage)",
    "can(s3:*)",
    "can(s3:PutBucketPolicy)",
    "can(s3:DeleteBucketPolicy)",
    "can(s3:PutBucketPublicAccessBlock)",
    "can(s3:PutBucketAcl s3:PutObjectAcl)",
    "can(s3:PutBucketOwnershipControls)",
    "can(s3:PutReplicationConfiguration iam:PassRole)",
    "can(s3:PutInventoryConfiguration s3:PutBucketLogging)",
    "can(s3:PutEncryptionConfiguration)",
    "can(s3:DeleteObject s3:DeleteObjectVersion)",
    "can(s3:DeleteObjectVersion s3:BypassGovernanceRetention)",
    "can(s3:PutLifecycleConfiguration)",
    "can(dynamodb:PutResourcePolicy dynamodb:DeleteResourcePolicy)",
    "can(dynamodb:ExportTableToPointInTime s3:PutObject)",
    "can(secretsmanager:PutResourcePolicy sqs:SetQueueAttributes)",
    "can(sts:AssumeRole)",
    "can(sts:AssumeRole sts:TagSession)",
    "can(kms:PutKeyPolicy)",
    "can(kms:CreateGrant)",
    "can(kms:CreateGrant kms:Decrypt)",
    "can(kms:Decrypt)",
    "can(kms:ScheduleKeyDeletion)",
    "can(kms:DisableKey kms:RevokeGrant)",
    "can(iam:UpdateAssumeRolePolicy)",
    "can(iam:PassRole lambda:CreateFunction lambda:InvokeFunction)",
    "can(iam:PassRole ec2:RunInstances)",
    "can(iam:PassRole ecs:*)",
    "can(iam:PassRole iam:CreateInstanceProfile iam:AddRoleToInstanceProfile ec2:*)",
    "can(lambda:UpdateFunctionCode lambda:InvokeFunction)",
    "can(lambda:AddPermission lambda:UpdateFunctionCode)",
    "can(ssm:SendCommand)",
    "can(ec2:*)",
    "can(iam:CreatePolicyVersion)",
    "can(iam:SetDefaultPolicyVersion)",
    "can(iam:DeleteRolePermissionsBoundary)",
    "can(iam:PutRolePermissionsBoundary)",
    "can(iam:DeleteUserPermissionsBoundary)",
    "can(iam:DetachRolePolicy)",
    "can(iam:DeleteRolePolicy)",
    "can(iam:AttachRolePolicy)",
    "can(iam:PutRolePolicy)",
    "can(iam:CreateRole iam:AttachRolePolicy)",
    "can(iam:CreateAccessKey)",
    "can(iam:UpdateLoginProfile iam:CreateLoginProfile)",
    "can(iam:AttachUserPolicy)",
    "can(iam:AddUserToGroup)",
    "can(iam:DetachGroupPolicy iam:DeleteUserPolicy)",
    "can(iam:PutGroupPolicy)",
    "can(iam:TagRole)",
    "can(cloudtrail:StopLogging)",
    "can(cloudtrail:DeleteTrail cloudtrail:UpdateTrail)",
    "can(cloudtrail:PutEventSelectors)",
    "can(organizations:LeaveOrganization)",
    "can(organizations:*)",
    "can(sts:AssumeRoot account:*)",
    "can(cloudformation:* iam:PassRole)",
    "can(ec2:ModifyVpcEndpoint)",
    "not(s3:GetObject)",
    "not(iam:* sts:*)",
    "[can(s3:GetObject), not(iam:*)]",
    "[can(ec2:DescribeInstances), not(s3:* dynamodb:*)]",
    r#"{Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": claims}}}"#,
    r#"{Effect: Allow, Action: ["s3:GetObject", "kms:Decrypt"], Resource: "*", Condition: {StringEquals: {"aws:SourceVpce": vpce-1}}}"#,
    r#"{Effect: Allow, Action: "s3:*", Resource: "*", Condition: {IpAddress: {"aws:SourceIp": "198.51.100.0/24"}}}"#,
    r#"{Effect: Allow, Action: "sts:AssumeRole", Resource: "arn:aws:iam::#2:role/r*"}"#,
    r#"{Effect: Allow, Action: "s3:*", Resource: ["arn:aws:s3:::acme-records", "arn:aws:s3:::acme-records/*"]}"#,
    r#"{Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::acme-logs*"}"#,
    r#"{Effect: Allow, NotAction: ["iam:*", "organizations:*", "sts:*"], Resource: "*"}"#,
    r#"{Effect: Allow, Action: "*", Resource: "*", Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}}"#,
    r#"{Effect: Allow, Action: "iam:AttachRolePolicy", Resource: "*", Condition: {ArnEquals: {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}}"#,
    r#"{Effect: Allow, Action: "kms:Decrypt", Resource: "*", Condition: {StringEquals: {"kms:ViaService": s3.eu-west-1.amazonaws.com}}}"#,
    r#"{Effect: Deny, NotAction: ["s3:GetObject", "sts:*"], Resource: "*"}"#,
];

pub const TRUSTS: &[&str] = &[
    "runs(ec2)",
    "runs(lambda)",
    "runs(ec2 lambda ecs-tasks s3)",
    "runs(ecs-tasks)",
    "trusts(2/r0)",
    "trusts(2/r1)",
    "trusts(3/r2)",
    "trusts(3/root)",
    "trusts(2/root)",
    "trusts(2/r0 3/r2)",
    "trusts(1/boss)",
    "[trusts(3/root), {Effect: Deny, Principal: {AWS: \"arn:aws:iam::#3:role/r2\"}, Action: \"sts:AssumeRole\"}]",
    "{Effect: Allow, Principal: {AWS: \"*\"}, Action: \"sts:AssumeRole\", Condition: {StringEquals: {\"aws:PrincipalOrgID\": o-acme1a2b3c}}}",
    "{Effect: Allow, Principal: {AWS: \"*\"}, Action: \"sts:AssumeRole\", Condition: {StringEquals: {\"aws:PrincipalAccount\": \"#3\"}}}",
    "{Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: [\"sts:AssumeRole\", \"sts:TagSession\"]}",
    "{Effect: Allow, Principal: {AWS: \"arn:aws:iam::#2:user/kim\"}, Action: \"sts:AssumeRole\"}",
];

pub const REST: &[&str] = &[
    "",
    "",
    "",
    ", boundary: \"#2/limit\"",
    ", boundary: \"#2/no\"",
    ", attached: [\"#2/limit\"]",
    ", attached: [\"#2/no\"]",
    ", attached: [\"#2/no\", \"#2/limit\"]",
    ", attached: [\"#2/limit\"], boundary: \"#2/limit\"",
    ", tags: {team: claims}",
];

pub const MANAGED: &[&str] = &[
    "\"#2/limit\": can(s3:* iam:DeleteRolePermissionsBoundary), \"#2/no\": not(s3:GetObject iam:PassRole)",
    "\"#2/limit\": can(s3:* iam:* kms:* sts:*), \"#2/no\": [can(s3:PutBucketPolicy), not(s3:GetObject)]",
    "\"#2/limit\": {Effect: Allow, NotAction: \"iam:*\", Resource: \"*\"}, \"#2/no\": not(sts:AssumeRole)",
];

pub const BUCKETS: &[&str] = &[
    "",
    "",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#2:root\"}, Action: \"s3:*\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:role/r2\"}, Action: [\"s3:GetObject\", \"s3:PutBucketPolicy\"], Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#2:role/r0\"}, Action: [\"s3:GetObject\", \"s3:DeleteBucketPolicy\"], Resource: \"*\"}",
    ", policy: [{Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}, {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}]",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\", Condition: {StringNotEquals: {\"aws:SourceVpce\": vpce-1}}}",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:*\", Resource: \"*\", Condition: {ArnNotLike: {\"aws:PrincipalArn\": \"arn:aws:iam::#2:role/r1\"}}}",
    ", policy: {Effect: Deny, NotPrincipal: {AWS: [\"arn:aws:iam::#2:role/r0\", \"arn:aws:iam::#2:root\"]}, Action: \"s3:GetObject\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}, block-public-access: all",
    ", policy: {Effect: Allow, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: \"*\", Action: \"s3:*\", Resource: \"*\", Condition: {StringEquals: {\"aws:PrincipalOrgID\": o-acme1a2b3c}}}",
    ", versioning: true",
    ", ownership: writer",
    ", ownership: writer, block-public-access: all",
    ", ownership: preferred, acl: [{Grantee: {Type: Group, URI: \"http://acs.amazonaws.com/groups/global/AllUsers\"}, Permission: READ}]",
];

pub const UNDER: &[&str] = &[
    "",
    "",
    "",
    ", key: \"arn:aws:kms:eu-west-1:#3:key/1\"",
    ", key: \"arn:aws:kms:eu-west-1:#2:key/2\"",
];

pub const KEYS: &[&str] = &[
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#2:root\"}, Action: \"kms:*\", Resource: \"*\"}",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"kms:*\", Resource: \"*\"}",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:role/r2\"}, Action: \"kms:*\", Resource: \"*\"}",
    "policy: {Effect: Allow, Principal: {AWS: \"*\"}, Action: \"kms:Decrypt\", Resource: \"*\", Condition: {StringEquals: {\"kms:CallerAccount\": \"#2\", \"kms:ViaService\": s3.eu-west-1.amazonaws.com}}}",
    "policy: [{Effect: Allow, Principal: {AWS: [\"arn:aws:iam::#2:root\", \"arn:aws:iam::#3:root\"]}, Action: \"kms:*\", Resource: \"*\"}, {Effect: Deny, Principal: {AWS: \"arn:aws:iam::#2:role/r0\"}, Action: \"kms:Decrypt\", Resource: \"*\"}]",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"kms:*\", Resource: \"*\"}, grants: [{GranteePrincipal: \"arn:aws:iam::#2:role/r0\", Operations: [Decrypt]}]",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"kms:*\", Resource: \"*\"}, grants: [{GranteePrincipal: \"arn:aws:iam::#2:role/r1\", Operations: [CreateGrant, Decrypt]}]",
];

/// Service control policies, by name.
pub const GUARDS: &[(&str, &str)] = &[
    ("no-read", "not(s3:GetObject)"),
    ("no-pass", "not(iam:PassRole cloudtrail:*)"),
    ("no-iam", "not(iam:CreatePolicyVersion iam:PutRolePolicy)"),
    ("less", "not(s3:DeleteBucketPolicy sts:AssumeRole)"),
    (
        "few",
        "can(s3:* iam:* sts:* kms:* dynamodb:* cloudtrail:* organizations:*)",
    ),
    (
        "inside",
        r#"{Effect: Deny, Action: ["s3:*", "kms:*"], Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": vpce-1}}}"#,
    ),
    (
        "but-one",
        r#"{Effect: Deny, Action: ["iam:*", "s3:PutBucketPolicy"], Resource: "*", Condition: {ArnNotLike: {"aws:PrincipalArn": "arn:aws:iam::*:role/r1"}}}"#,
    ),
];

/// Resource control policies, by name.
pub const RESOURCE_GUARDS: &[(&str, &str)] = &[
    (
        "ours",
        r#"{Effect: Deny, Principal: "*", Action: ["s3:*", "kms:*", "sts:*", "sqs:*", "secretsmanager:*"], Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": o-acme1a2b3c}, BoolIfExists: {"aws:PrincipalIsAWSService": "false"}}}"#,
    ),
    (
        "unread",
        r#"{Effect: Deny, Principal: "*", Action: ["s3:GetObject", "kms:Decrypt"], Resource: "*"}"#,
    ),
    (
        "own-account",
        r##"{Effect: Deny, Principal: "*", Action: ["s3:*", "sts:AssumeRole"], Resource: "*", Condition: {StringNotEquals: {"aws:PrincipalAccount": "#2"}}}"##,
    ),
];

pub const ARCHIVES: &[&str] = &[
    "",
    "",
    ", versioning: true",
    ", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}",
    ", versioning: true, object-lock: {mode: GOVERNANCE, days: 400}",
    ", key: \"arn:aws:kms:eu-west-1:#3:key/1\"",
    ", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}, key: \"arn:aws:kms:eu-west-1:#3:key/1\"",
    ", policy: {Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: \"s3:PutObject\", Resource: \"*\"}",
    ", policy: [{Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: \"s3:PutObject\", Resource: \"*\"}, {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}]",
    ", policy: {Effect: Deny, Principal: \"*\", Action: [\"s3:DeleteObject*\", \"s3:PutLifecycleConfiguration\"], Resource: \"*\"}",
];

pub const TRAILS: &[&str] = &[
    "TRAIL",
    "TRAIL",
    "TRAIL",
    "main: {account: \"#4\", region: eu-west-1, organization: true, multi-region: true, bucket: acme-logs, selectors: data(AWS::S3::Object AWS::DynamoDB::Table AWS::SQS::Queue), key: \"arn:aws:kms:eu-west-1:#3:key/1\"}",
    "main: {account: \"#4\", region: eu-west-1, organization: true, multi-region: true, bucket: acme-logs}",
    "main: {account: \"#4\", region: eu-west-1, organization: true, multi-region: true, logging: false, bucket: acme-logs, selectors: data(AWS::S3::Object)}",
    "TRAIL, own: {account: \"#2\", region: eu-west-1, multi-region: true, bucket: own-logs, selectors: data(AWS::S3::Object AWS::DynamoDB::Table)}",
    "TRAIL, own: {account: \"#2\", region: eu-west-1, multi-region: true, bucket: acme-logs, selectors: data(AWS::S3::Object)}",
    "own: {account: \"#2\", region: eu-west-1, multi-region: true, bucket: own-logs, selectors: data(AWS::S3::Object)}",
    "",
];

pub const ENDPOINTS: &[&str] = &[
    "",
    "",
    ", policy: {Effect: Allow, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\", Condition: {ArnEquals: {\"aws:PrincipalArn\": \"arn:aws:iam::#2:role/r0\"}}}",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:*\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: \"*\", Action: \"*\", Resource: \"*\", Condition: {StringEquals: {\"aws:ResourceAccount\": \"#2\"}}}",
];

pub const GROUPS: &[&str] = &[
    "attached: [\"#2/no\"]",
    "inline: {a: not(s3:GetObject)}",
    "inline: {a: can(s3:GetObject)}",
    "inline: {a: can(iam:CreateAccessKey sts:AssumeRole)}",
    "attached: [\"#2/limit\"]",
];

/// Policies of a table, a secret or a queue.
pub const OWN: &[&str] = &[
    "",
    "",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"SERVICE:*\", Resource: \"*\"}",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"SERVICE:*\", Resource: \"*\", Condition: {ArnNotLike: {\"aws:PrincipalArn\": \"arn:aws:iam::#2:role/r1\"}}}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#2:role/r0\"}, Action: \"SERVICE:*\", Resource: \"*\"}",
];

/// What runs as a role.
pub const COMPUTE: &[&str] = &[
    "instance-profiles: {\"arn:aws:iam::#2:instance-profile/hosts\": {roles: [\"arn:aws:iam::#2:role/r1\"]}}\n",
    "instance-profiles: {\"arn:aws:iam::#2:instance-profile/hosts\": {roles: [\"arn:aws:iam::#2:role/r0\"]}}\ninstances: {\"arn:aws:ec2:eu-west-1:#2:instance/i-1\": {profile: \"arn:aws:iam::#2:instance-profile/hosts\"}}\n",
    "functions: {\"arn:aws:lambda:eu-west-1:#2:function:f\": {roles: [\"arn:aws:iam::#2:role/r1\"]}}\n",
    "functions: {\"arn:aws:lambda:eu-west-1:#2:function:f\": {roles: [\"arn:aws:iam::#2:role/r0\"], policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"lambda:*\", Resource: \"*\"}}}\n",
    "clusters: {\"arn:aws:ecs:eu-west-1:#2:cluster/main\": {}}\n",
    "clusters: {\"arn:aws:ecs:eu-west-1:#2:cluster/main\": {}}\ntask-definitions: {\"arn:aws:ecs:eu-west-1:#2:task-definition/job:1\": {roles: [\"arn:aws:iam::#2:role/r1\"]}}\n",
];

pub const DELEGATES: &[&str] = &[
    "delegates: {\"#3\": {services: [iam.amazonaws.com]}}\n",
    "delegates: {\"#3\": {services: [account.amazonaws.com]}}\n",
    "delegates: {\"#3\": {services: [member.org.stacksets.cloudformation.amazonaws.com]}}\n",
];

/// What was not read; each where it is there.
pub const UNKNOWN: &[&str] = &[
    "role #2/r0 Trust: refused",
    "role #2/r0 InlinePolicies: refused",
    "role #2/r1 AttachedPolicies: refused",
    "role #2/r1 Boundary: refused",
    "role #2/r1 Trust: refused",
    "bucket acme-records ResourcePolicy: refused",
    "bucket acme-records AccessControlList: refused",
    "bucket acme-records Ownership: refused",
    "bucket acme-records PublicAccessBlock: refused",
    "bucket acme-records Versioning: refused",
    "bucket acme-logs ObjectLock: refused",
    "bucket acme-logs ResourcePolicy: refused",
    "managed #2/no Document: refused",
    "managed #2/limit Document: refused",
    "key arn:aws:kms:eu-west-1:#3:key/1 ResourcePolicy: refused",
    "endpoint vpce-1 ResourcePolicy: refused",
    "account #2 ServiceControlPolicies: refused",
    "unit ou-1 ResourceControlPolicies: refused",
];
