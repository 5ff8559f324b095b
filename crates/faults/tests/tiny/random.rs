//! Organizations at random, for combinations that nobody thought of.
//!
//! Rights, trusts, boundaries and guards are drawn from small menus in which most things matter to
//! the data, since most organizations drawn from everything would be boring. Most parts are there
//! in some organizations only, so that each stays small.

mod menus;

use std::fmt::Write;

use self::menus::*;
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

    /// Whether it is one of so many.
    fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }
}

const RECORDS: &str = "arn:aws:s3:::acme-records";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:#2:table/records";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:#2:secret:records-AbCdEf";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:#2:records";

/// The organization of a seed, with two to five roles in three accounts, perhaps a user, and what
/// lies around them.
pub fn case(seed: u64) -> Case {
    let mut draw = Draw::new(seed + 1);
    let mut text = String::new();
    guardrails(&mut draw, &mut text);
    identities(&mut draw, &mut text);
    buckets(&mut draw, &mut text);
    let mut case = Case {
        name: format!("seed {seed}"),
        data: vec![RECORDS.to_owned()],
        ..Case::default()
    };
    other_stores(&mut draw, &mut text, &mut case);
    for (menu, many) in [(COMPUTE, 3), (DELEGATES, 8)] {
        if draw.once_in(many) {
            text.push_str(draw.one(menu));
        }
    }
    approved(&mut draw, &mut case);
    if text.contains("PrincipalTag") && draw.once_in(2) {
        let team = ("aws:PrincipalTag/team".to_owned(), "claims".to_owned());
        case.chosen.push(team);
    }
    if text.contains("198.51.100.0/24") {
        let office = ("aws:SourceIp".to_owned(), "198.51.100.7".to_owned());
        case.chosen.push(office);
    }
    if text.contains("MultiFactorAuthPresent") {
        let mfa = ("aws:MultiFactorAuthPresent".to_owned(), "true".to_owned());
        case.hidden.push(mfa);
    }
    unknown(&mut draw, &mut text);
    case.organization = organization(&text);
    case
}

/// Policies of the organization, at the root, at a unit and at an account.
fn guardrails(draw: &mut Draw, text: &mut String) {
    let mut used = Vec::new();
    let levels = [(6, 8), (3, 6), (6, 10), (8, 12)].map(|(service, resource)| {
        let mut level = String::new();
        if draw.once_in(service) {
            let (name, policy) = GUARDS[draw.below(GUARDS.len())];
            used.push(format!("{name}: {policy}"));
            let list = match name {
                "few" => name.to_owned(),
                _ => format!("FullAWSAccess, {name}"),
            };
            write!(level, ", scp: [{list}]").unwrap();
        }
        if draw.once_in(resource) {
            let (name, policy) = RESOURCE_GUARDS[draw.below(RESOURCE_GUARDS.len())];
            used.push(format!("{name}: {policy}"));
            write!(level, ", rcp: [{name}]").unwrap();
        }
        level
    });
    used.sort();
    used.dedup();
    let [root, unit, data, tools] = levels;
    writeln!(text, "policies: {{{}}}", used.join(", ")).unwrap();
    writeln!(
        text,
        "units: {{r-1: {{name: root{root}}}, ou-1: {{parent: r-1, name: workloads{unit}}}}}\n\
         accounts:\n  \"#1\": {{name: management, parent: r-1}}\n  \
         \"#2\": {{name: data, parent: ou-1{data}}}\n  \
         \"#3\": {{name: tools, parent: ou-1{tools}}}\n  \
         \"#4\": {{name: logs, parent: ou-1}}"
    )
    .unwrap();
}

fn identities(draw: &mut Draw, text: &mut String) {
    text.push_str("roles:\n");
    for (at, account) in ["2", "2", "3", "4", "2"].into_iter().enumerate() {
        if at > 1 && draw.once_in(3) {
            continue;
        }
        let (trust, first, second) = (draw.one(TRUSTS), draw.one(RIGHTS), draw.one(RIGHTS));
        let rest = match account {
            "2" => draw.one(REST),
            _ => "",
        };
        writeln!(
            text,
            "  #{account}/r{at}: {{trust: {trust}, inline: {{a: {first}, b: {second}}}{rest}}}"
        )
        .unwrap();
    }
    if draw.once_in(6) {
        let (trust, right) = (draw.one(TRUSTS), draw.one(RIGHTS));
        writeln!(
            text,
            "  #1/boss: {{trust: {trust}, inline: {{a: {right}}}}}"
        )
        .unwrap();
    }
    if draw.once_in(3) {
        let (right, rest) = (draw.one(RIGHTS), draw.one(REST));
        let group = draw.one(GROUPS);
        writeln!(
            text,
            "users: {{\"#2/kim\": {{groups: [team], inline: {{a: {right}}}{rest}}}}}\n\
             groups: {{\"#2/team\": {{{group}}}}}"
        )
        .unwrap();
    }
    writeln!(text, "managed: {{{}}}", draw.one(MANAGED)).unwrap();
}

/// The data's bucket, the archive and perhaps a second one, with keys and trails.
fn buckets(draw: &mut Draw, text: &mut String) {
    let (bucket, under, archive) = (draw.one(BUCKETS), draw.one(UNDER), draw.one(ARCHIVES));
    let owner = draw.one(&["2", "2", "2", "3"]);
    let (first, second) = (draw.one(KEYS), draw.one(KEYS));
    let (trails, endpoint) = (draw.one(TRAILS), draw.one(ENDPOINTS));
    let own = match trails.contains("own-logs") {
        true => format!(", own-logs: {{account: \"#2\"{}}}", draw.one(ARCHIVES)),
        false => String::new(),
    };
    writeln!(
        text,
        "buckets: {{acme-records: {{account: \"#{owner}\"{bucket}{under}}}, acme-logs: {{account: \"#4\"{archive}}}{own}}}\n\
         keys: {{\"arn:aws:kms:eu-west-1:#3:key/1\": {{{first}}}, \"arn:aws:kms:eu-west-1:#2:key/2\": {{{second}}}}}\n\
         endpoints: {{vpce-1: {{service: s3, vpc: vpc-1, account: \"#2\"{endpoint}}}}}\n\
         trails: {{{trails}}}"
    )
    .unwrap();
}

/// A store of another kind, in the same dataset or in one of its own.
fn other_stores(draw: &mut Draw, text: &mut String, case: &mut Case) {
    if !draw.once_in(3) {
        return;
    }
    let kinds = [
        ("tables", TABLE, "dynamodb"),
        ("secrets", SECRET, "secretsmanager"),
        ("queues", QUEUE, "sqs"),
    ];
    let (section, arn, service) = kinds[draw.below(kinds.len())];
    let policy = draw.one(OWN).replace("SERVICE", service);
    let under = draw.one(UNDER);
    let node = format!("{policy}{under}");
    let node = node.trim_start_matches(", ");
    writeln!(text, "{section}: {{\"{arn}\": {{{node}}}}}").unwrap();
    let arn = arn.replace("#2", "200000000002");
    match draw.once_in(2) {
        true => case.data.push(arn),
        false => case.second.push(arn),
    }
}

fn approved(draw: &mut Draw, case: &mut Case) {
    if draw.once_in(3) {
        let from = draw.one(&["vpce-1", "0.0.0.0/0", "198.51.100.0/24"]);
        let who = draw.one(&["200000000002:role/r0", "200000000003:role/r2"]);
        let who = format!("arn:aws:iam::{who}");
        case.approved.push((who, Some(from.to_owned())));
    }
}

fn unknown(draw: &mut Draw, text: &mut String) {
    let mut lines = Vec::new();
    for many in [3, 6] {
        if draw.once_in(many) {
            lines.push(format!("\"{}\"", draw.one(UNKNOWN)));
        }
    }
    lines.dedup();
    if !lines.is_empty() {
        writeln!(text, "unknown: [{}]", lines.join(", ")).unwrap();
    }
}
