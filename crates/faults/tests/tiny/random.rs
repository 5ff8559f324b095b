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
    "can(sts:AssumeRole)",
    "can(s3:GetObject kms:Decrypt)",
    "can(kms:PutKeyPolicy)",
    "can(iam:UpdateAssumeRolePolicy)",
    "can(iam:PassRole lambda:CreateFunction lambda:InvokeFunction)",
    "can(iam:CreatePolicyVersion)",
    "can(iam:DeleteRolePermissionsBoundary)",
    "can(cloudtrail:StopLogging)",
    "can(s3:DeleteObjectVersion)",
    "can(iam:PassRole ec2:RunInstances)",
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
];

const BUCKETS: &[&str] = &[
    "",
    ", policy: {Effect: Deny, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\"}",
    ", policy: {Effect: Allow, Principal: {AWS: \"arn:aws:iam::#3:root\"}, Action: \"s3:*\", Resource: \"*\"}",
    ", key: \"arn:aws:kms:eu-west-1:#3:key/1\"",
];

const KEYS: &[&str] = &["#2", "#3"];

const UNITS: &[&str] = &[
    "",
    "policies: {no: not(s3:GetObject)}\nunits: {r-1: {}, ou-1: {parent: r-1, name: workloads, scp: [FullAWSAccess, no]}}\n",
    "policies: {no: not(iam:PassRole cloudtrail:*)}\nunits: {r-1: {}, ou-1: {parent: r-1, name: workloads, scp: [FullAWSAccess, no]}}\n",
];

/// The organization of a seed, with two to five roles in three accounts.
pub fn case(seed: u64) -> Case {
    let mut draw = Draw::new(seed + 1);
    let mut text = String::new();
    text.push_str(draw.one(UNITS));
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
    text.push_str("managed: {\"#2/limit\": can(s3:* iam:DeleteRolePermissionsBoundary)}\n");
    let (bucket, key) = (draw.one(BUCKETS), draw.one(KEYS));
    text.push_str(&format!(
        "buckets: {{acme-records: {{account: \"#2\"{bucket}}}, LOGS}}\n"
    ));
    text.push_str(&format!(
        "keys: {{\"arn:aws:kms:eu-west-1:#3:key/1\": {{policy: {{Effect: Allow, Principal: {{AWS: \"arn:aws:iam::{key}:root\"}}, Action: \"kms:*\", Resource: \"*\"}}}}}}\n"
    ));
    if draw.below(5) > 0 {
        text.push_str("trails: {TRAIL}\n");
    }
    Case {
        name: format!("seed {seed}"),
        data: vec!["arn:aws:s3:::acme-records".to_owned()],
        organization: organization(&text),
        ..Case::default()
    }
}
