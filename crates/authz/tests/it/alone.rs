//! One document by itself, as cases: what is proved of it and how it compares with another.
//!
//! A file under `tests/alone` is a list. Each case names the rule and where it is written (`note`),
//! a policy or two (`policy`; `old` and `new`) and what must come out. A policy may be a list of
//! statements: then its version is 2012-10-17. What a statement leaves out is filled in from the
//! case's `kind`, so that a case shows only what it is about (see `defaults`).

mod agreement;
pub mod draw;

use std::collections::BTreeMap;

use cofferdam_authz::alone::{self, Answer, Document, Question, Shown};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::ast::ActionPattern;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::parse::parse;
use cofferdam_text::{Documents, Node};
use serde_json::{Map, Value, json};

/// A policy document from JSON. What is wrong with it is left to the reader's own tests.
pub fn policy(value: &Value, kind: PolicyKind) -> NamedPolicy {
    let mut documents = Documents::new();
    let tree = documents
        .read_json("policy", value.to_string().into_bytes())
        .unwrap();
    let (policy, _) = parse(&tree, kind);
    NamedPolicy {
        name: "policy".into(),
        document: Known::Present(policy),
        origin: None,
    }
}

const KINDS: [(&str, PolicyKind); 7] = [
    ("resource", PolicyKind::Resource),
    ("identity", PolicyKind::Identity),
    ("service-control", PolicyKind::ServiceControl),
    ("resource-control", PolicyKind::ResourceControl),
    ("endpoint", PolicyKind::Endpoint),
    ("permissions-boundary", PolicyKind::PermissionsBoundary),
    ("trust", PolicyKind::Trust),
];

/// Elements that a statement has unless it says otherwise.
fn defaults(kind: PolicyKind) -> Value {
    match kind {
        PolicyKind::Resource => {
            json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::records/*"})
        }
        PolicyKind::ResourceControl => {
            json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})
        }
        PolicyKind::Endpoint => {
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
        }
        PolicyKind::Trust => {
            json!({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
        }
        _ => json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}),
    }
}

fn completed(statement: &Value, kind: PolicyKind) -> Value {
    let mut statement = statement.as_object().unwrap().clone();
    for (element, value) in defaults(kind).as_object().unwrap() {
        let there =
            statement.contains_key(element) || statement.contains_key(&format!("Not{element}"));
        if !there {
            statement.insert(element.clone(), value.clone());
        }
    }
    Value::Object(statement)
}

fn document(value: &Value, kind: PolicyKind) -> NamedPolicy {
    let whole = match value {
        Value::Array(statements) => {
            let statements: Vec<Value> =
                statements.iter().map(|one| completed(one, kind)).collect();
            json!({"Version": "2012-10-17", "Statement": statements})
        }
        whole => {
            let mut whole = whole.clone();
            let statements = whole["Statement"].as_array().unwrap();
            let statements = statements.iter().map(|one| completed(one, kind)).collect();
            whole["Statement"] = Value::Array(statements);
            whole
        }
    };
    policy(&whole, kind)
}

fn json_of(node: &Node) -> Value {
    if let Some(members) = node.as_object() {
        let members = members.iter();
        let members: Map<String, Value> = members
            .map(|member| (member.key.to_string(), json_of(&member.value)))
            .collect();
        return Value::Object(members);
    }
    if let Some(items) = node.as_array() {
        return items.iter().map(json_of).collect();
    }
    match node.text() {
        Some(text) => json!(text),
        None => Value::Null,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        other => vec![other.as_str().unwrap().to_owned()],
    }
}

fn question(ask: &Value) -> Question {
    let known = [
        "outside-organization",
        "outside-accounts",
        "public",
        "without-endpoints",
        "services-too",
        "action",
    ];
    for key in ask.as_object().unwrap().keys() {
        assert!(known.contains(&key.as_str()), "{key} is no question");
    }
    let accounts = texts(&ask["outside-accounts"]);
    let action = |text: &String| match text.split_once(':') {
        Some((service, name)) => ActionPattern::Of {
            service: service.to_ascii_lowercase().into(),
            name: name.to_ascii_lowercase().into(),
        },
        None => ActionPattern::Every,
    };
    Question {
        outside_organizations: texts(&ask["outside-organization"]),
        outside_accounts: accounts.iter().map(|id| id.parse().unwrap()).collect(),
        public: texts(&ask["public"]) == ["true"],
        without_endpoints: texts(&ask["without-endpoints"]),
        services_too: texts(&ask["services-too"]) == ["true"],
        actions: texts(&ask["action"]).iter().map(action).collect(),
    }
}

/// A request as one line, for `shows`.
fn line(shown: &Shown) -> String {
    let request = &shown.request;
    let context = request.context.iter();
    let keys: Vec<String> = context
        .map(|(key, values)| format!("{key}={}", values.join("+")))
        .collect();
    format!(
        "{} {} {} {}",
        request.principal,
        request.action,
        request.resource,
        keys.join(" ")
    )
}

fn words(answer: &Answer) -> String {
    match answer {
        Answer::None => "nothing".to_owned(),
        Answer::Some(shown) => format!("{} by {:?}", line(shown), shown.because),
        Answer::Undecided(reasons) => format!("undecided: {}", reasons.join("; ")),
    }
}

fn future(answer: &Answer) -> bool {
    matches!(answer, Answer::Some(shown) if shown.future_action)
}

struct Outcome {
    verdict: String,
    answers: Vec<Answer>,
}

fn proved(case: &Value, kind: PolicyKind) -> Outcome {
    let policy = document(&case["policy"], kind);
    let proof = alone::prove(
        Document {
            policy: &policy,
            kind,
        },
        &question(&case["ask"]),
    );
    let mut verdict = match &proof.answer {
        Answer::None => "proved",
        Answer::Some(_) => "violated",
        Answer::Undecided(_) => "undecided",
    }
    .to_owned();
    if proof.vacuous {
        verdict.push_str(" vacuous");
    }
    if future(&proof.answer) {
        verdict.push_str(" future");
    }
    Outcome {
        verdict,
        answers: vec![proof.answer],
    }
}

/// The relation of the contracts.
pub fn relation(only_new: &Answer, only_old: &Answer) -> &'static str {
    match (only_new, only_old) {
        (Answer::Undecided(_), _) | (_, Answer::Undecided(_)) => "undecided",
        (Answer::None, Answer::None) => "equivalent",
        (Answer::None, Answer::Some(_)) => "narrower",
        (Answer::Some(_), Answer::None) => "wider",
        (Answer::Some(_), Answer::Some(_)) => "incomparable",
    }
}

fn mirrored(relation: &str) -> &str {
    match relation {
        "narrower" => "wider",
        "wider" => "narrower",
        same => same,
    }
}

fn compared(case: &Value, kind: PolicyKind) -> Outcome {
    let (old, new) = (document(&case["old"], kind), document(&case["new"], kind));
    let of = |policy| Document { policy, kind };
    let there = alone::compare(of(&old), of(&new));
    let back = alone::compare(of(&new), of(&old));
    let mut verdict = relation(&there.only_new, &there.only_old).to_owned();
    assert_eq!(
        relation(&back.only_new, &back.only_old),
        mirrored(&verdict),
        "{} the other way round",
        case["name"]
    );
    for same in [&old, &new] {
        let own = alone::compare(of(same), of(same));
        assert_eq!(
            relation(&own.only_new, &own.only_old),
            "equivalent",
            "{} with itself: {}",
            case["name"],
            words(&own.only_new)
        );
    }
    if future(&there.only_new) || future(&there.only_old) {
        verdict.push_str(" future");
    }
    Outcome {
        verdict,
        answers: vec![there.only_new, there.only_old],
    }
}

fn wrong(case: &Value) -> Option<String> {
    let name = case["name"].as_str().unwrap();
    assert!(
        case["note"].is_string(),
        "{name}: every case says where its rule is written"
    );
    let kind = case["kind"].as_str().unwrap_or("resource");
    let (_, kind) = KINDS.iter().find(|(word, _)| *word == kind).unwrap();
    let outcome = if case["ask"].is_object() {
        proved(case, *kind)
    } else {
        compared(case, *kind)
    };
    let shown: Vec<String> = outcome.answers.iter().map(words).collect();
    let shows = texts(&case["shows"]);
    let missing = shows
        .iter()
        .find(|text| !shown.iter().any(|line| line.contains(*text)));
    let expected = case["expect"].as_str().unwrap();
    if outcome.verdict == expected && missing.is_none() {
        return None;
    }
    Some(format!(
        "- {name}: expected {expected}, found {}{}\n    {}",
        outcome.verdict,
        missing.map_or(String::new(), |text| format!(" without `{text}`")),
        shown.join("\n    ")
    ))
}

fn corpus(name: &str) -> usize {
    let path = format!("{}/tests/alone/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut documents = Documents::new();
    let tree = documents
        .read_yaml(&path, std::fs::read(&path).unwrap())
        .unwrap();
    let cases: Vec<Value> = tree.as_array().unwrap().iter().map(json_of).collect();
    let mut names = BTreeMap::new();
    for case in &cases {
        *names.entry(case["name"].to_string()).or_insert(0) += 1;
    }
    let twice: Vec<_> = names.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{name}: the same name twice: {twice:?}");
    let wrong: Vec<String> = cases.iter().filter_map(wrong).collect();
    assert!(
        wrong.is_empty(),
        "{name}: {} of {}\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    cases.len()
}

macro_rules! corpora {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            assert!(corpus(stringify!($name)) > 0);
        })*
    };
}

corpora! {
    callers
    organizations
    networks
    operators
    sets
    variables
    elements
    controls
}
