//! Organizations at random: three accounts, a few roles, one bucket under a key.
//!
//! Statements are drawn from what perimeter guides advise and from what people get wrong.

use super::random::Random;

const EVERYONE: &str = "\"*\"";

const PRINCIPALS: &[&str] = &[
    EVERYONE,
    EVERYONE,
    r#"{AWS: "*"}"#,
    r#"{AWS: "100000000006"}"#,
    r#"{AWS: "200000000007"}"#,
    r#"{AWS: "arn:aws:iam::200000000007:root"}"#,
    r#"{AWS: "999900000001"}"#,
    r#"{AWS: "777700000001"}"#,
    r#"{AWS: "$APP/reader"}"#,
    r#"{AWS: ["$APP/reader", "$APP/other"]}"#,
    r#"{AWS: "$DATA/path/admin"}"#,
    r#"{AWS: "arn:aws:sts::200000000007:assumed-role/reader/session"}"#,
    r#"{AWS: "arn:aws:iam::777700000001:role/job"}"#,
    r#"{Service: cloudtrail.amazonaws.com}"#,
    r#"{AWS: ["999900000001", "$APP/other"]}"#,
];

const S3_ACTIONS: &[&str] = &[
    r#"Action: "s3:*""#,
    r#"Action: "s3:*""#,
    r#"Action: "s3:GetObject""#,
    r#"Action: "s3:Get*""#,
    r#"Action: ["s3:GetObject", "s3:PutObject"]"#,
    r#"Action: ["s3:GetObject", "s3:ListBucket"]"#,
    r#"Action: "s3:PutObject""#,
    r#"Action: "*""#,
    r#"NotAction: "s3:PutObject""#,
    r#"NotAction: ["s3:GetObject", "s3:ListBucket"]"#,
];

const KMS_ACTIONS: &[&str] = &[
    r#"Action: "kms:*""#,
    r#"Action: "kms:*""#,
    r#"Action: "kms:Decrypt""#,
    r#"Action: ["kms:Decrypt", "kms:GenerateDataKey*"]"#,
    r#"Action: "kms:De*""#,
    r#"NotAction: "kms:Decrypt""#,
];

const S3_RESOURCES: &[&str] = &[
    r#"Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]"#,
    r#"Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]"#,
    r#"Resource: "arn:aws:s3:::records/*""#,
    r#"Resource: "arn:aws:s3:::records*""#,
    r#"Resource: "arn:aws:s3:::records/open/*""#,
    r#"Resource: "arn:aws:s3:::records/${aws:PrincipalTag/team}/*""#,
    r#"Resource: "arn:aws:s3:::records/${aws:username, 'nobody'}/*""#,
    r#"NotResource: "arn:aws:s3:::records/open/*""#,
    r#"Resource: "arn:aws:s3:::records/${aws:PrincipalAccount}/*""#,
];

const OTHER_RESOURCES: &[&str] = &[r#"Resource: "*""#];

/// Conditions of statements that allow or refuse; each is one entry of a `Condition`.
pub const CONDITIONS: &[(&str, &str, &str)] = &[
    ("StringNotEquals", "aws:PrincipalOrgID", "o-acme1a2b3c"),
    (
        "StringNotEqualsIfExists",
        "aws:PrincipalOrgID",
        "o-acme1a2b3c",
    ),
    ("StringEquals", "aws:PrincipalOrgID", "o-acme1a2b3c"),
    ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-acme1a2b3c"),
    ("StringLike", "aws:PrincipalOrgID", "o-*"),
    ("Null", "aws:PrincipalOrgID", "true"),
    ("StringNotEquals", "aws:SourceVpce", "vpce-in"),
    ("StringNotEqualsIfExists", "aws:SourceVpce", "vpce-in"),
    ("StringEquals", "aws:SourceVpce", "vpce-in"),
    ("StringEquals", "aws:SourceVpc", "vpc-1"),
    ("StringNotEqualsIfExists", "aws:SourceVpc", "vpc-1"),
    ("Null", "aws:SourceVpce", "true"),
    ("Null", "aws:SourceVpce", "false"),
    ("StringNotEquals", "aws:VpceOrgID", "o-acme1a2b3c"),
    ("StringEquals", "aws:VpceAccount", "200000000007"),
    (
        "StringNotEqualsIfExists",
        "aws:VpceOrgPaths",
        "o-acme1a2b3c/r-1/ou-2/",
    ),
    ("ArnNotLike", "aws:PrincipalArn", "$APP/reader"),
    (
        "ArnNotLikeIfExists",
        "aws:PrincipalArn",
        "arn:aws:iam::*:role/reader",
    ),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
    ("ArnEquals", "aws:PrincipalArn", "$APP/*"),
    (
        "StringNotLike",
        "aws:PrincipalArn",
        "arn:aws:iam::*:role/path/*",
    ),
    ("StringLike", "aws:PrincipalArn", "*reader*"),
    (
        "ArnNotEquals",
        "aws:PrincipalArn",
        "arn:aws:iam::999900000001:root",
    ),
    ("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
    ("Bool", "aws:PrincipalIsAWSService", "false"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
    ("BoolIfExists", "aws:ViaAWSService", "false"),
    ("Bool", "aws:ViaAWSService", "false"),
    ("Bool", "aws:ViaAWSService", "true"),
    (
        "ForAnyValue:StringLike",
        "aws:PrincipalOrgPaths",
        "o-acme1a2b3c/r-1/ou-2/*",
    ),
    (
        "ForAllValues:StringLike",
        "aws:PrincipalOrgPaths",
        "o-acme1a2b3c/*",
    ),
    (
        "ForAnyValue:StringNotLike",
        "aws:PrincipalOrgPaths",
        "o-acme1a2b3c/*",
    ),
    (
        "ForAllValues:StringNotLike",
        "aws:PrincipalOrgPaths",
        "o-acme1a2b3c/r-1/ou-1/*",
    ),
    (
        "ForAnyValue:StringEquals",
        "aws:CalledVia",
        "athena.amazonaws.com",
    ),
    ("IpAddress", "aws:SourceIp", "198.51.100.0/24"),
    ("NotIpAddress", "aws:SourceIp", "198.51.100.0/24"),
    ("NotIpAddressIfExists", "aws:SourceIp", "198.51.100.0/24"),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
    ("StringEquals", "aws:PrincipalTag/team", "claims"),
    ("StringNotEquals", "aws:PrincipalTag/team", "claims"),
    ("StringNotEqualsIfExists", "aws:PrincipalTag/team", "claims"),
    ("StringLike", "aws:PrincipalTag/team", "c*"),
    ("Null", "aws:PrincipalTag/team", "true"),
    ("StringEquals", "aws:PrincipalAccount", "200000000007"),
    ("StringNotEquals", "aws:PrincipalAccount", "100000000006"),
    (
        "StringEquals",
        "aws:PrincipalAccount",
        "${aws:ResourceAccount}",
    ),
    (
        "StringNotEquals",
        "aws:ResourceOrgID",
        "${aws:PrincipalOrgID}",
    ),
    ("StringEquals", "aws:ResourceOrgID", "o-acme1a2b3c"),
    (
        "StringNotEqualsIfExists",
        "aws:ResourceAccount",
        "100000000006",
    ),
    ("Bool", "aws:SecureTransport", "false"),
    ("Bool", "aws:SecureTransport", "true"),
    ("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
    ("Bool", "aws:MultiFactorAuthPresent", "true"),
    ("StringEquals", "aws:PrincipalType", "AssumedRole"),
    ("StringNotEquals", "aws:PrincipalType", "Account"),
    ("StringLike", "aws:userid", "AROAEXAMPLE*"),
    ("Null", "aws:username", "true"),
    ("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
    ("StringEquals", "s3:prefix", "open"),
    (
        "StringNotEquals",
        "s3:x-amz-server-side-encryption",
        "aws:kms",
    ),
    (
        "StringEquals",
        "kms:ViaService",
        "s3.eu-west-1.amazonaws.com",
    ),
    ("StringNotEquals", "kms:CallerAccount", "200000000007"),
    (
        "StringLike",
        "kms:EncryptionContext:aws:s3:arn",
        "arn:aws:s3:::records*",
    ),
    ("Null", "aws:SourceAccount", "false"),
    ("StringEquals", "aws:SourceOrgID", "o-acme1a2b3c"),
];

/// An organization and a boundary over it.
pub fn organization_and_boundary(random: &mut Random) -> (String, String) {
    (organization(random), boundary(random))
}

fn organization(random: &mut Random) -> String {
    let mut text = String::from(
        "organization: {id: o-acme1a2b3c, management: \"100000000001\"}\nunits: {r-1: {SCP RCP}, ou-1: {parent: r-1 COMMA}, ou-2: {parent: r-1}}\n",
    );
    let (scp, rcp) = (random.chance(40), random.chance(50));
    text = text
        .replace(
            "SCP",
            if scp {
                "scp: [FullAWSAccess, guard],"
            } else {
                ""
            },
        )
        .replace("RCP", if rcp { "rcp: [perimeter]" } else { "" })
        .replace(
            "COMMA",
            if rcp && random.chance(30) {
                ", rcp: [perimeter]"
            } else {
                ""
            },
        );
    let block = random.one(&["", "", ", block-public-access: all"]);
    text.push_str(&format!(
        "accounts: {{\"100000000001\": {{parent: r-1}}, \"100000000006\": {{parent: ou-1{block}}}, \"200000000007\": {{parent: ou-2}}}}\n"
    ));
    let mut policies = Vec::new();
    if scp {
        let guards = statements(random, Kind::ServiceControl, 1, 2);
        policies.push(format!("guard: [{guards}]"));
    }
    if rcp {
        let guards = statements(random, Kind::ResourceControl, 1, 2);
        policies.push(format!("perimeter: [{guards}]"));
    }
    text.push_str(&format!("policies: {{{}}}\n", policies.join(", ")));
    text.push_str(&roles(random));
    text.push_str(&endpoints(random));
    text.push_str(&bucket(random));
    let key = statements(random, Kind::Key, 1, 3);
    text.push_str(&format!("keys: {{\"$KEY\": {{policy: [{key}]}}}}\n"));
    text
}

fn roles(random: &mut Random) -> String {
    let mut text = String::from("roles:\n");
    for (name, tags) in [
        ("200000000007/reader", "{team: claims}"),
        ("200000000007/other", "{team: cards}"),
        ("100000000006/path/admin", "{}"),
        ("100000000006/reader", "{team: claims}"),
    ] {
        let policies = if random.chance(40) {
            r#"{Effect: Allow, Action: "*", Resource: "*"}"#.to_owned()
        } else {
            statements(random, Kind::Identity, 1, 2)
        };
        let boundary = if random.chance(15) {
            ", boundary: 200000000007/limit"
        } else {
            ""
        };
        let trust = trust(random);
        text.push_str(&format!(
            "  {name}: {{tags: {tags}, trust: [{trust}], inline: {{own: [{policies}]}}{boundary}}}\n"
        ));
    }
    text.push_str(r#"users: {100000000006/kim: {inline: {own: [{Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}]}, tags: {team: claims}}}"#);
    text.push('\n');
    let limit = statements(random, Kind::Identity, 1, 2);
    text.push_str(&format!("managed: {{200000000007/limit: [{limit}]}}\n"));
    text
}

/// Who may take on a role, and whether with tags of their choice.
fn trust(random: &mut Random) -> String {
    let principal = random.one(&[
        r#"{AWS: "$APP/other"}"#,
        r#"{AWS: "200000000007"}"#,
        r#"{AWS: "arn:aws:iam::100000000006:user/kim"}"#,
        r#"{AWS: "999900000001"}"#,
        r#"{AWS: "*"}"#,
        r#"{Service: ecs-tasks.amazonaws.com}"#,
    ]);
    let action = random.one(&[
        r#""sts:AssumeRole""#,
        r#"["sts:AssumeRole", "sts:TagSession"]"#,
        r#"["sts:AssumeRole", "sts:TagSession"]"#,
        r#""sts:*""#,
    ]);
    let condition = random.one(&[
        "",
        "",
        r#", Condition: {StringEquals: {"aws:RequestTag/team": cards}}"#,
        r#", Condition: {StringEquals: {"aws:PrincipalTag/team": cards}}"#,
        r#", Condition: {IpAddress: {"aws:SourceIp": 203.0.113.0/24}}"#,
        r#", Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}"#,
        r#", Condition: {StringNotEquals: {"aws:RequestTag/team": claims}}"#,
        r#", Condition: {StringEquals: {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}}"#,
    ]);
    format!("{{Effect: Allow, Principal: {principal}, Action: {action}{condition}}}")
}

fn endpoints(random: &mut Random) -> String {
    let gateway = random.chance(50);
    let mut policy = String::new();
    if random.chance(50) {
        policy = format!(", policy: [{}]", statements(random, Kind::Endpoint, 1, 2));
    }
    format!(
        "endpoints:\n  vpce-in: {{service: s3, vpc: vpc-1, account: \"200000000007\", gateway: {gateway}{policy}}}\n  vpce-out: {{service: s3, vpc: vpc-2, account: \"100000000006\"}}\n  vpce-kms: {{service: kms, vpc: vpc-1, account: \"200000000007\"}}\n"
    )
}

fn bucket(random: &mut Random) -> String {
    let key = random.one(&[
        "",
        "",
        "key: managed,",
        "key: \"$KEY\",",
        "key: \"$KEY\",",
        "key: \"$KEY\",",
    ]);
    let mut statements = statements(random, Kind::Bucket, 0, 4);
    let block = random.one(&["", "", "block-public-access: all, "]);
    let mut points = String::new();
    if random.chance(20) {
        statements.push_str(random.one(ABOUT_POINTS));
        points = access_points(random);
    }
    format!(
        "buckets: {{records: {{account: \"100000000006\", {key} {block}policy: [{statements}]}}}}\n{points}"
    )
}

/// What a bucket policy says of access points, beside the rest.
const ABOUT_POINTS: &[&str] = &[
    "",
    r#", {Effect: Allow, Principal: {AWS: "*"}, Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringEquals: {"s3:DataAccessPointAccount": "100000000006"}}}"#,
    r#", {Effect: Allow, Principal: {AWS: "*"}, Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {ArnLike: {"s3:DataAccessPointArn": "arn:aws:s3:*:200000000007:accesspoint/*"}}}"#,
    r#", {Effect: Deny, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"], Condition: {StringNotEquals: {"s3:DataAccessPointAccount": "100000000006"}}}"#,
    r#", {Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::records/*", Condition: {StringNotEquals: {"s3:AccessPointNetworkOrigin": VPC}}}"#,
];

/// One access point of the bucket's account, and perhaps one of another account.
fn access_points(random: &mut Random) -> String {
    let mut points = Vec::new();
    for account in ["100000000006", "200000000007"] {
        if account != "100000000006" && random.chance(50) {
            continue;
        }
        let vpc = random.one(&["", "", "vpc: vpc-1, "]);
        let block = random.one(&["", "", "block-public-access: all, "]);
        let policy = if random.chance(80) {
            format!("policy: [{}]", statements(random, Kind::Point, 1, 2))
        } else {
            String::new()
        };
        points.push(format!(
            "\"arn:aws:s3:eu-west-1:{account}:accesspoint/app\": {{bucket: records, {vpc}{block}{policy}}}"
        ));
    }
    format!("access-points: {{{}}}\n", points.join(", "))
}

const POINT_RESOURCES: &[&str] = &[
    r#"Resource: "*""#,
    r#"Resource: "arn:aws:s3:eu-west-1:100000000006:accesspoint/app/object/*""#,
    r#"Resource: ["arn:aws:s3:eu-west-1:100000000006:accesspoint/app", "arn:aws:s3:*:*:accesspoint/*/object/claims/*"]"#,
    r#"Resource: "arn:aws:s3:*:200000000007:accesspoint/app/object/${aws:PrincipalAccount}/*""#,
    r#"NotResource: "arn:aws:s3:eu-west-1:100000000006:accesspoint/app/object/open/*""#,
    r#"Resource: "arn:aws:s3:::records/*""#,
];

/// Where a statement stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bucket,
    Point,
    Key,
    Identity,
    ServiceControl,
    ResourceControl,
    Endpoint,
}

fn statements(random: &mut Random, kind: Kind, least: usize, most: usize) -> String {
    let count = least + random.below(most - least + 1);
    let mut all: Vec<String> = (0..count).map(|_| statement(random, kind)).collect();
    let wide = match kind {
        Kind::Endpoint if random.chance(60) => {
            r#"{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}"#
        }
        Kind::Key if random.chance(60) => {
            r#"{Effect: Allow, Principal: {AWS: "100000000006"}, Action: "kms:*", Resource: "*"}"#
        }
        Kind::Key if random.chance(40) => {
            r#"{Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*"}"#
        }
        Kind::Bucket if random.chance(40) => {
            r#"{Effect: Allow, Principal: "*", Action: "s3:*", Resource: ["arn:aws:s3:::records", "arn:aws:s3:::records/*"]}"#
        }
        Kind::Point if random.chance(40) => {
            r#"{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*"}"#
        }
        Kind::Identity if random.chance(50) => {
            r#"{Effect: Allow, Action: ["s3:*", "kms:*"], Resource: "*"}"#
        }
        _ => "",
    };
    if !wide.is_empty() {
        all.push(wide.to_owned());
    }
    if all.is_empty() {
        all.push(statement(random, kind));
    }
    all.join(", ")
}

fn statement(random: &mut Random, kind: Kind) -> String {
    let denies = match kind {
        Kind::ServiceControl | Kind::ResourceControl => true,
        _ => random.chance(55),
    };
    let effect = if denies { "Deny" } else { "Allow" };
    let mut parts = vec![format!("Effect: {effect}")];
    match kind {
        Kind::Identity | Kind::ServiceControl => {}
        Kind::ResourceControl | Kind::Endpoint => parts.push(format!("Principal: {EVERYONE}")),
        _ if denies && random.chance(75) => parts.push(format!("Principal: {EVERYONE}")),
        _ if denies && random.chance(40) => {
            parts.push(
                r#"NotPrincipal: {AWS: ["$APP/reader", "arn:aws:iam::200000000007:root"]}"#
                    .to_owned(),
            );
        }
        _ => parts.push(format!("Principal: {}", random.one(PRINCIPALS))),
    }
    let actions = match kind {
        Kind::Key => KMS_ACTIONS,
        Kind::ServiceControl | Kind::Identity if random.chance(25) => KMS_ACTIONS,
        _ => S3_ACTIONS,
    };
    let action = random.one(actions);
    // A resource control policy has no NotAction with Deny that these tests need.
    let plain = r#"Action: "s3:*""#;
    let action = if kind == Kind::ResourceControl
        && (action.starts_with("Not") || action.contains("\"*\""))
    {
        plain
    } else {
        action
    };
    parts.push(action.to_owned());
    let resources = match kind {
        Kind::Bucket => S3_RESOURCES,
        Kind::Point => POINT_RESOURCES,
        Kind::Identity | Kind::ServiceControl if action.contains("s3") && random.chance(40) => {
            S3_RESOURCES
        }
        _ => OTHER_RESOURCES,
    };
    parts.push(random.one(resources).to_owned());
    if let Some(conditions) = conditions(random, denies) {
        parts.push(conditions);
    }
    format!("{{{}}}", parts.join(", "))
}

fn conditions(random: &mut Random, denies: bool) -> Option<String> {
    let count = match random.below(10) {
        0 | 1 if denies => 1,
        0..=2 => 0,
        3..=6 => 1,
        7 | 8 => 2,
        _ => 3,
    };
    let mut used: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    for _ in 0..count {
        let (operator, key, value) = CONDITIONS[random.below(CONDITIONS.len())];
        if used.contains(&operator) {
            continue;
        }
        used.push(operator);
        texts.push(format!("{operator}: {{\"{key}\": \"{value}\"}}").replacen(
            operator,
            &format!("\"{operator}\""),
            1,
        ));
    }
    (!texts.is_empty()).then(|| format!("Condition: {{{}}}", texts.join(", ")))
}

fn boundary(random: &mut Random) -> String {
    let reader = r#"{role: "$APP/reader"}"#;
    let pattern = r#"{role-pattern: "arn:aws:iam::*:role/reader", creators: []}"#;
    let partner = r#"{partner: warehouse}"#;
    let mut who = vec![random.one(&[reader, reader, pattern]).to_owned()];
    if random.chance(30) {
        who.push(partner.to_owned());
    }
    let can = random.one(&[
        "[read]",
        "[read, list]",
        "[read, write]",
        "[\"s3:GetObject\"]",
    ]);
    let from = random.one(&[
        "[inside]",
        "[inside, office]",
        "[office]",
        "[ours]",
        "[private]",
    ]);
    format!(
        r#"version: 1
partners: [{{name: warehouse, accounts: ["999900000001"], owner: data, expires: 2027-03-31}}]
networks: {{inside: {{endpoints: [vpce-in]}}, office: {{cidrs: [198.51.100.0/24]}}, ours: {{endpoints: organization}}, private: {{endpoints: [vpce-in, vpce-out], source-ips: [10.20.0.0/16]}}}}
datasets:
  - name: records
    class: restricted
    owner: data
    resources: [{{arn: "arn:aws:s3:::records"}}]
    keys: [{{arn: "$KEY"}}]
    access: [{{who: [{}], can: {can}, from: {from}, assumed-by: []}}]
    administrators: [{{role: "$DATA/path/admin"}}]
"#,
        who.join(", ")
    )
}
