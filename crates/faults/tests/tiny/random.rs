//! Organizations at random, for combinations that nobody thought of.
//!
//! Rights, trusts, boundaries and guards are drawn from small menus in which most things matter to
//! the data, since most organizations drawn from everything would be boring.

use crate::case::{Case, organization};

/// Draws numbers; the same from the same seed.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn below(&mut self, many: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % many
    }

    fn one<'m>(&mut self, menu: &[&'m str]) -> &'m str {
        menu[self.below(menu.len())]
    }
}

const RIGHTS: &[&str] = &[
    "can(ec2:DescribeInstances)",
    "can(s3:GetObject)",
    "can(s3:PutBucketPolicy)",
    "can(s3:DeleteBucketPolicy)",
    "can(s3:PutBucketPublicAccessBlock)",
    "can(s3:PutReplicationConfiguration iam:PassRole)",
    "can(s3:DeleteObjectVersion)",
    "can(s3:PutLifecycleConfiguration)",
    "can(s3:GetObject kms:Decrypt dynamodb:GetItem)",
    "can(dynamodb:PutResourcePolicy dynamodb:DeleteResourcePolicy)",
    "can(sts:AssumeRole)",
    "can(sts:AssumeRole sts:TagSession)",
    "can(kms:PutKeyPolicy)",
    "can(kms:CreateGrant kms:Decrypt)",
    "can(kms:ScheduleKeyDeletion)",
    "can(iam:UpdateAssumeRolePolicy)",
    "can(iam:PassRole lambda:CreateFunction lambda:InvokeFunction)",
    "can(iam:PassRole ec2:RunInstances)",
    "can(iam:CreatePolicyVersion)",
    "can(iam:DeleteRolePermissionsBoundary)",
    "can(iam:DetachRolePolicy)",
    "can(iam:DeleteRolePolicy)",
    "can(iam:AttachRolePolicy)",
    "can(iam:PutRolePolicy)",
    "can(iam:CreateAccessKey)",
    "can(iam:AttachUserPolicy)",
    "can(iam:DetachGroupPolicy iam:DeleteUserPolicy)",
    "can(iam:PutGroupPolicy)",
    "can(iam:TagRole)",
    "can(cloudtrail:StopLogging)",
    "can(cloudtrail:PutEventSelectors)",
    "can(organizations:LeaveOrganization)",
    "can(ec2:ModifyVpcEndpoint)",
    "not(s3:GetObject)",
    "not(iam:* sts:*)",
    "[can(s3:GetObject), not(iam:*)]",
    "[can(ec2:DescribeInstances), not(s3:* dynamodb:*)]",
    r#"{Effect: Allow, Action: "s3:GetObject", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": claims}}}"#,
];

const TRUSTS: &[&str] = &[
    "runs(ec2)",
    "runs(lambda)",
    "trusts(2/r0)",
    "trusts(2/r1)",
    "trusts(3/r2)",
    "trusts(3/root)",
    "trusts(2/root)",
];

const REST: &[&str] = &[
    "",
    "",
    "",
    ", boundary: \"#2/limit\"",
    ", attached: [\"#2/limit\"]",
    ", attached: [\"#2/no\"]",
    ", attached: [\"#2/no\", \"#2/limit\"]",
];

const BUCKETS: &[&str] = &[
    "",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}",
    ", policy: [{Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}, {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}]",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\", Condition: {StringNotEquals: {\"aws:SourceVpce\": vpce-1}}}",
    ", policy: {Effect: Allow, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}, block-public-access: all",
    ", versioning: true",
    ", key: \"arn:aws:kms:eu-west-1:#3:key/1\"",
    ", key: \"arn:aws:kms:eu-west-1:#3:key/1\", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}",
];

const KEYS: &[&str] = &[
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#2:root\"}, Action: \"kms:*\", Resource: \"*\"}",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"kms:*\", Resource: \"*\"}",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:role/r2\"}, Action: \"kms:*\", Resource: \"*\"}",
    "policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"kms:*\", Resource: \"*\"}, grants: [{GranteePrincipal: \"arn:aws:iam::#2:role/r0\", Operations: [Decrypt]}]",
];

const UNITS: &[&str] = &[
    "",
    "",
    "policies: {no: not(s3:GetObject)}\nunits: {r-1: {}, ou-1: {parent: r-1, name: workloads, scp: [FullAWSAccess, no]}}\n",
    "policies: {no: not(iam:PassRole cloudtrail:*)}\nunits: {r-1: {}, ou-1: {parent: r-1, name: workloads, scp: [FullAWSAccess, no]}}\n",
    "policies: {no: not(iam:CreatePolicyVersion iam:PutRolePolicy), less: not(s3:DeleteBucketPolicy sts:AssumeRole)}\nunits: {r-1: {scp: [FullAWSAccess, less]}, ou-1: {parent: r-1, name: workloads, scp: [FullAWSAccess, no]}}\n",
    "policies: {few: can(s3:* iam:* sts:* kms:*)}\nunits: {r-1: {}, ou-1: {parent: r-1, name: workloads, scp: [few]}}\n",
];

const ARCHIVES: &[&str] = &[
    "",
    "",
    ", versioning: true",
    ", versioning: true, object-lock: {mode: COMPLIANCE, days: 400}",
    ", versioning: true, object-lock: {mode: GOVERNANCE, days: 400}",
    ", key: \"arn:aws:kms:eu-west-1:#3:key/1\"",
    ", policy: {Effect: Allow, Principal: {Service: cloudtrail.amazonaws.com}, Action: \"s3:PutObject\", Resource: \"*\"}",
];

const GROUPS: &[&str] = &[
    "attached: [\"#2/no\"]",
    "inline: {a: not(s3:GetObject)}",
    "inline: {a: can(s3:GetObject)}",
    "attached: [\"#2/limit\"]",
];

const UNKNOWN: &[&str] = &[
    "role #2/r0 Trust: refused",
    "role #2/r0 InlinePolicies: refused",
    "role #2/r1 AttachedPolicies: refused",
    "role #2/r1 Boundary: refused",
    "bucket acme-records ResourcePolicy: refused",
    "bucket acme-logs ObjectLock: refused",
    "managed #2/no Document: refused",
];

const RECORDS: &str = "arn:aws:s3:::acme-records";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:200000000002:table/records";

/// The organization of a seed, with two to five roles in three accounts, perhaps a user, and what
/// lies around them.
pub fn case(seed: u64) -> Case {
    let mut draw = Draw::new(seed + 1);
    let mut text = String::new();
    text.push_str(draw.one(UNITS));
    identities(&mut draw, &mut text);
    stores(&mut draw, &mut text);
    let mut case = Case {
        name: format!("seed {seed}"),
        data: vec![RECORDS.to_owned()],
        ..Case::default()
    };
    if draw.below(4) == 0 {
        case.data.push(TABLE.to_owned());
    }
    if draw.below(3) == 0 {
        let from = draw.one(&["vpce-1", "0.0.0.0/0", "198.51.100.0/24"]);
        let who = "arn:aws:iam::200000000002:role/r0".to_owned();
        case.approved.push((who, Some(from.to_owned())));
    }
    if text.contains("PrincipalTag") && draw.below(2) == 0 {
        let team = ("aws:PrincipalTag/team".to_owned(), "claims".to_owned());
        case.chosen.push(team);
    }
    if draw.below(4) == 0 {
        text.push_str(&format!("unknown: [\"{}\"]\n", draw.one(UNKNOWN)));
    }
    case.organization = organization(&text);
    case
}

fn identities(draw: &mut Draw, text: &mut String) {
    text.push_str("roles:\n");
    for (at, account) in ["2", "2", "3", "4", "2"].into_iter().enumerate() {
        if at > 1 && draw.below(4) == 0 {
            continue;
        }
        let (trust, first, second) = (draw.one(TRUSTS), draw.one(RIGHTS), draw.one(RIGHTS));
        let rest = match account {
            "2" => draw.one(REST),
            _ => "",
        };
        text.push_str(&format!(
            "  #{account}/r{at}: {{trust: {trust}, inline: {{a: {first}, b: {second}}}{rest}}}\n"
        ));
    }
    if draw.below(3) == 0 {
        let (right, group) = (draw.one(RIGHTS), draw.one(GROUPS));
        text.push_str(&format!(
            "users: {{\"#2/kim\": {{groups: [team], inline: {{a: {right}}}}}}}\ngroups: {{\"#2/team\": {{{group}}}}}\n"
        ));
    }
    text.push_str("managed: {\"#2/limit\": can(s3:* iam:DeleteRolePermissionsBoundary), \"#2/no\": not(s3:GetObject iam:PassRole)}\n");
}

fn stores(draw: &mut Draw, text: &mut String) {
    let (bucket, key, archive) = (draw.one(BUCKETS), draw.one(KEYS), draw.one(ARCHIVES));
    text.push_str(&format!(
        "buckets: {{acme-records: {{account: \"#2\"{bucket}}}, acme-logs: {{account: \"#4\"{archive}}}}}\n\
         keys: {{\"arn:aws:kms:eu-west-1:#3:key/1\": {{{key}}}}}\n\
         tables: {{\"{TABLE}\": {{}}}}\n\
         endpoints: {{vpce-1: {{service: s3, vpc: vpc-1, account: \"#2\"}}}}\n"
    ));
    if draw.below(5) > 0 {
        text.push_str("trails: {TRAIL}\n");
    }
}
