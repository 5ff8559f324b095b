//! Cases as text: an organization in the fixture language, what is approved, and what is expected.
//!
//! A few words stand for what every small organization repeats, so that a case shows only what it
//! is about: `runs(ec2)` is a trust policy for that service, `trusts(2/dev)` one for a role,
//! `can(s3:GetObject sqs:*)` allows actions on everything, `not(s3:*)` denies them, and `data(TYPE)`
//! is the selector of a trail. `TRAIL` and `LOGS` are the organization's trail and its bucket. Accounts are `1` (management), `2` (the data's), `3` (another
//! workload) and `4` (the logs').

use std::collections::BTreeMap;

/// One case.
#[derive(Clone, Debug, Default)]
pub struct Case {
    pub name: String,
    pub shows: String,
    /// What is read by hand, line by line.
    pub expected: Vec<String>,
    /// Why the engine is known to answer otherwise; empty: it does not.
    pub differs: String,
    /// The organization, in the fixture language.
    pub organization: String,
    /// Resources of the dataset.
    pub data: Vec<String>,
    /// Resources of a second dataset that is asked about at the same time, if any.
    pub second: Vec<String>,
    /// Approved readers, each with the endpoint or addresses that it reads from, if any.
    pub approved: Vec<(String, Option<String>)>,
    /// Keys whose values an attacker chooses.
    pub chosen: Vec<(String, String)>,
    /// Keys whose values an attacker does not choose, and nobody knows.
    pub hidden: Vec<(String, String)>,
}

const ACCOUNTS: &str = r#"
organization: {id: o-acme1a2b3c, management: "100000000001"}
"#;

const UNITS: &str = "units: {r-1: {}, ou-1: {parent: r-1, name: workloads}}\n";

const MEMBERS: &str = r#"accounts:
  "100000000001": {name: management, parent: r-1}
  "200000000002": {name: data, parent: ou-1}
  "200000000003": {name: tools, parent: ou-1}
  "200000000004": {name: logs, parent: ou-1}
"#;

/// The organization's trail, and the bucket that it delivers to.
const TRAIL: &str = r##"main: {account: "#4", region: eu-west-1, organization: true, multi-region: true, bucket: acme-logs, selectors: data(AWS::S3::Object)}"##;
const LOGS: &str = r##"acme-logs: {account: "#4"}"##;

/// The cases of one file.
pub fn cases(text: &str) -> Vec<Case> {
    let parts = text.split("\n=== ").skip(1);
    parts.map(case).collect()
}

fn case(text: &str) -> Case {
    let mut lines = text.lines();
    let mut case = Case {
        name: lines.next().unwrap().trim().to_owned(),
        ..Case::default()
    };
    let mut body = String::new();
    for line in lines {
        match line.split_once(": ") {
            Some(("shows", rest)) => case.shows = rest.to_owned(),
            Some(("expect", rest)) => case.expected.push(rest.to_owned()),
            Some(("engine differs", rest)) => case.differs = rest.to_owned(),
            Some(("data", rest)) => case.data = rest.split(' ').map(str::to_owned).collect(),
            Some(("second", rest)) => case.second = rest.split(' ').map(str::to_owned).collect(),
            Some(("approved", rest)) => case.approved.push(approved(rest)),
            Some(("chosen", rest)) => case.chosen.push(pair(rest)),
            Some(("hidden", rest)) => case.hidden.push(pair(rest)),
            _ => {
                body.push_str(line);
                body.push('\n');
            }
        }
    }
    if case.data.is_empty() {
        case.data.push("arn:aws:s3:::acme-records".to_owned());
    }
    case.organization = organization(&body);
    case
}

fn pair(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').expect("KEY=VALUE");
    (key.to_owned(), value.to_owned())
}

fn approved(text: &str) -> (String, Option<String>) {
    let (who, from) = match text.split_once(" from ") {
        Some((who, from)) => (who, Some(from.to_owned())),
        None => (text, None),
    };
    (arn(who, "role"), from)
}

/// `2/dev` as an ARN.
pub fn arn(short: &str, part: &str) -> String {
    let (account, name) = short.split_once('/').expect("ACCOUNT/NAME");
    format!("arn:aws:iam::{}:{part}/{name}", account_id(account))
}

fn account_id(digit: &str) -> String {
    match digit {
        "1" => "100000000001".to_owned(),
        other => format!("20000000000{other}"),
    }
}

/// The fixture's text, with the short words written out.
pub fn organization(body: &str) -> String {
    let mut text = ACCOUNTS.to_owned();
    if !body.starts_with("units:") && !body.contains("\nunits:") {
        text.push_str(UNITS);
    }
    if !body.starts_with("accounts:") && !body.contains("\naccounts:") {
        text.push_str(MEMBERS);
    }
    text.push_str(&body.replace("TRAIL", TRAIL).replace("LOGS", LOGS));
    for (word, write) in WORDS {
        text = written(&text, word, *write);
    }
    for digit in ["1", "2", "3", "4"] {
        text = text.replace(&format!("#{digit}"), &account_id(digit));
    }
    text
}

type Write = fn(&[&str]) -> String;

const WORDS: &[(&str, Write)] = &[
    ("can(", |actions| rule("Allow", actions)),
    ("not(", |actions| rule("Deny", actions)),
    ("runs(", |services| {
        let hosts: Vec<String> = services
            .iter()
            .map(|service| format!("{service}.amazonaws.com"))
            .collect();
        format!(
            r#"{{Effect: Allow, Principal: {{Service: [{}]}}, Action: "sts:AssumeRole"}}"#,
            hosts.join(", ")
        )
    }),
    ("trusts(", |roles| trust(roles, "sts:AssumeRole")),
    ("data(", |types| {
        let field = |name: &str, value: &str| format!(r#"{{Field: {name}, Equals: ["{value}"]}}"#);
        let selectors = types.iter().map(|of| {
            let fields = [field("eventCategory", "Data"), field("resources.type", of)];
            format!("{{FieldSelectors: [{}]}}", fields.join(", "))
        });
        format!("[{}]", selectors.collect::<Vec<_>>().join(", "))
    }),
];

fn rule(effect: &str, actions: &[&str]) -> String {
    let actions: Vec<String> = actions
        .iter()
        .map(|action| format!("\"{action}\""))
        .collect();
    format!(
        r#"{{Effect: {effect}, Action: [{}], Resource: "*"}}"#,
        actions.join(", ")
    )
}

fn trust(roles: &[&str], action: &str) -> String {
    let arns: Vec<String> = roles
        .iter()
        .map(|role| match role.split_once('/') {
            Some((account, "root")) => format!("\"arn:aws:iam::{}:root\"", account_id(account)),
            _ => format!("\"{}\"", arn(role, "role")),
        })
        .collect();
    format!(
        r#"{{Effect: Allow, Principal: {{AWS: [{}]}}, Action: "{action}"}}"#,
        arns.join(", ")
    )
}

fn written(text: &str, word: &str, write: Write) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = rest.split_at(at);
        let (inside, after) = after[word.len()..].split_once(')').expect("a closing `)`");
        out.push_str(before);
        out.push_str(&write(&inside.split(' ').collect::<Vec<_>>()));
        rest = after;
    }
    out.push_str(rest);
    out
}

impl Case {
    /// The case about each dataset alone.
    pub fn datasets(&self) -> Vec<Case> {
        let each = [&self.data, &self.second].into_iter();
        let each = each.filter(|data| !data.is_empty());
        each.map(|data| Case {
            data: data.clone(),
            second: Vec::new(),
            ..self.clone()
        })
        .collect()
    }

    /// The boundary, as its owner would write it.
    pub fn boundary(&self) -> String {
        let mut text = "version: 1\n".to_owned();
        let mut networks = BTreeMap::new();
        let access = self.access(&mut networks);
        if !networks.is_empty() {
            text.push_str("networks:\n");
            for (name, network) in networks {
                text.push_str(&format!("  {name}: {network}\n"));
            }
        }
        text.push_str("datasets:\n");
        for (at, dataset) in self.datasets().iter().enumerate() {
            let each = dataset.data.iter();
            let resources: Vec<String> = each.map(|arn| format!("{{arn: \"{arn}\"}}")).collect();
            text.push_str(&format!(
                "  - name: records-{at}\n    class: restricted\n    owner: data\n    resources: [{}]\n{access}",
                resources.join(", ")
            ));
        }
        text
    }

    /// Who may read any of the datasets, and the networks that they read from.
    fn access(&self, networks: &mut BTreeMap<String, String>) -> String {
        let mut access = String::new();
        for (at, (who, from)) in self.approved.iter().enumerate() {
            let from = from.as_ref().map(|from| {
                let kind = match from.starts_with("vpce-") {
                    true => "endpoints",
                    false => "cidrs",
                };
                networks.insert(format!("net{at}"), format!("{{{kind}: [{from}]}}"));
                format!(", from: [net{at}]")
            });
            access.push_str(&format!(
                "      - {{who: [{{role: \"{who}\"}}], can: [read]{}}}\n",
                from.unwrap_or_default()
            ));
        }
        match access.is_empty() {
            true => access,
            false => format!("    access:\n{access}"),
        }
    }
}
