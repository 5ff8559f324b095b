//! Cases that are published as hard for provers of policies, and policies that others published,
//! through `prove` and `compare`: each is answered, or left undecided with its reason, and never
//! hangs. How long each takes is written in `docs/performance-proof.md`; no test asserts it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use crate::alone::{file, run};

/// The answer of one question, with what it took for whoever runs the tests with `--nocapture`.
#[track_caller]
fn ask(args: &[&str]) -> Value {
    let start = Instant::now();
    let output = run(&[args, &["--format", "json"]].concat(), "");
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    let answer: Value =
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    println!(
        "{}: {} ms, of which {} ms on the question itself",
        args.join(" "),
        start.elapsed().as_millis(),
        answer["elapsed_us"].as_u64().unwrap() / 1_000
    );
    answer
}

fn policy(name: &str, statements: &Value) -> PathBuf {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    file(name, &document.to_string())
}

#[track_caller]
fn relation(old: &Path, new: &Path, kind: &str) -> String {
    let [old, new] = [old, new].map(|path| path.to_str().unwrap());
    let answer = ask(&["compare", old, new, "--kind", kind]);
    answer["relation"].as_str().unwrap().to_owned()
}

/// Twelve patterns with a run of anything at both ends, which one value must all match: an
/// automaton of their product has four thousand states.
#[test]
fn twelve_infix_patterns_that_one_name_must_match() {
    let words = [
        "alpha", "bravo", "carol", "delta", "erato", "fleet", "gamma", "hotel", "india", "jumbo",
        "kilos", "limas",
    ];
    let needs = |word: &&str| {
        json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringNotLike": {"aws:PrincipalTag/team": format!("*{word}*")}}})
    };
    let grant = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::records/*"});
    let of = |name: &str, words: &[&str]| {
        let mut all = vec![grant.clone()];
        all.extend(words.iter().map(needs));
        policy(name, &json!(all))
    };
    let [all, but_one] = [
        of("infix-12.json", &words),
        of("infix-11.json", &words[1..]),
    ];
    assert_eq!(relation(&all, &all, "resource"), "equivalent");
    assert_eq!(relation(&all, &but_one, "resource"), "wider");
    let path = all.to_str().unwrap();
    let answer = ask(&["prove", path, "--outside-organization", "o-abc"]);
    assert_eq!(answer["verdict"], "violated", "{answer:#}");
    let team = answer["witness"]["context"]["aws:PrincipalTag/team"]
        .as_str()
        .unwrap();
    assert!(words.iter().all(|word| team.contains(word)), "{team}");
}

fn account(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number * 7919)
}

/// As many exact names as patterns, each name under one of the patterns.
#[test]
fn three_thousand_names_against_three_thousand_patterns() {
    let of = |name: &str, operator: &str, values: Vec<String>| {
        let statement = json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::records/*", "Condition": {operator: {"aws:PrincipalArn": values}}}]);
        policy(name, &statement)
    };
    let name = |number| format!("arn:aws:iam::{}:role/app", account(number));
    let pattern = |number| format!("arn:aws:iam::{}:role/*", account(number));
    let names = of("names.json", "StringEquals", (0..3_000).map(name).collect());
    let patterns = of(
        "patterns.json",
        "StringLike",
        (0..3_000).map(pattern).collect(),
    );
    let fewer = of(
        "fewer.json",
        "StringLike",
        (0..2_999).map(pattern).collect(),
    );
    assert_eq!(relation(&patterns, &names, "resource"), "narrower");
    assert_eq!(relation(&names, &patterns, "resource"), "wider");
    assert_eq!(relation(&fewer, &names, "resource"), "incomparable");
    assert_eq!(relation(&fewer, &patterns, "resource"), "wider");
    assert_eq!(relation(&patterns, &patterns, "resource"), "equivalent");
}

/// Action patterns like those of the longest policies that AWS manages: names of real actions, some
/// of them cut off.
fn action_patterns(count: usize) -> Vec<String> {
    let actions = cofferdam_catalog::actions().step_by(3).take(count);
    let pattern = |(place, action): (usize, cofferdam_catalog::Action)| {
        let name = action.name();
        match place % 4 {
            0 => format!("{}:{}*", action.service(), &name[..name.len().min(9)]),
            _ => format!("{}:{name}", action.service()),
        }
    };
    actions.enumerate().map(pattern).collect()
}

#[test]
fn a_policy_of_4500_action_patterns() {
    let patterns = action_patterns(4_500);
    assert_eq!(patterns.len(), 4_500);
    let of = |name: &str, patterns: &[String]| {
        let statement = json!([{"Effect": "Allow", "Action": patterns, "Resource": "*"}]);
        policy(name, &statement)
    };
    let all = of("actions.json", &patterns);
    // The last is an exact name, so that nothing else covers it.
    let fewer = of("actions-but-one.json", &patterns[..4_499]);
    let chunks: Vec<Value> = patterns
        .chunks(100)
        .map(|chunk| json!({"Effect": "Allow", "Action": chunk, "Resource": "*"}))
        .collect();
    let split = policy("actions-split.json", &json!(chunks));
    assert_eq!(relation(&all, &all, "identity"), "equivalent");
    assert_eq!(relation(&all, &split, "identity"), "equivalent");
    assert_eq!(relation(&fewer, &all, "identity"), "wider");
    let path = all.to_str().unwrap();
    let answer = ask(&[
        "prove",
        path,
        "--without-endpoints",
        "vpce-1",
        "--kind",
        "identity",
    ]);
    assert_eq!(answer["verdict"], "violated", "{answer:#}");
}

const PUBLISHED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../shared/inputs/policies"
);

/// What the authors left to be filled in, where a policy means nothing without it.
const PLACEHOLDERS: [(&str, &str); 3] = [
    ("${Region}", "eu-west-1"),
    ("${Account}", "111122223333"),
    ("[MAX_SIGNATURE_AGE_IN_MILLISECONDS]", "600000"),
];

/// The published policies that can be read, with full access beside those that only deny, because
/// a service control policy allows nothing that it does not say.
fn published(folder: &str) -> Vec<(String, Value)> {
    let Ok(entries) = fs::read_dir(Path::new(PUBLISHED).join(folder)) else {
        println!("skipped: the published policies are not at {PUBLISHED}");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let read = |path: PathBuf| {
        let mut text = fs::read_to_string(&path).unwrap();
        for (placeholder, value) in PLACEHOLDERS {
            text = text.replace(placeholder, value);
        }
        let mut policy: Value = serde_json::from_str(&text).ok()?;
        let statements = policy["Statement"].as_array_mut()?;
        if folder == "service-control" {
            statements.push(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
        }
        Some((path.file_stem()?.to_str()?.to_owned(), policy))
    };
    paths.into_iter().filter_map(read).collect()
}

/// A policy is equivalent to itself, and one denial less makes it wider.
#[track_caller]
fn check(folder: &str) {
    for (name, policy) in published(folder) {
        let whole = file(&format!("{name}-whole.json"), &policy.to_string());
        let mut fewer = policy;
        fewer["Statement"].as_array_mut().unwrap().remove(0);
        let fewer = file(&format!("{name}-fewer.json"), &fewer.to_string());
        assert_eq!(relation(&whole, &whole, folder), "equivalent", "{name}");
        assert_eq!(relation(&whole, &fewer, folder), "wider", "{name}");
    }
}

#[test]
fn published_service_control_policies() {
    check("service-control");
}

#[test]
fn published_resource_control_policies() {
    check("resource-control");
}
