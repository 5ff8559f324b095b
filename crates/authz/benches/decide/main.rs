//! Decisions a second: `cargo bench -p cofferdam-authz`.
//!
//! A loop of our own rather than a framework: what is wanted is one figure a case, on processor
//! time, because machines that run this are often busy with something else. With `--out DIRECTORY`
//! the cases and the figures are written there, so that a peer can decide the same ones
//! (`bench/peers`). Nothing here asserts a time.
// A benchmark that cannot run should stop.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod cases;
mod clock;
mod organization;

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_authz::case::ready::Ready;
use cofferdam_authz::case::{self, Case};
use cofferdam_sources::case::parse;
use cofferdam_text::Documents;
use serde_json::{Map, Value, json};

fn main() {
    let out = out_directory();
    let mut figures = Map::new();
    for (name, what, values) in [
        ("a", "one policy of one statement", cases::one_statement()),
        (
            "b",
            "20 identity policies, 7 SCPs, a bucket policy",
            cases::many_policies(),
        ),
    ] {
        let text = Value::from(values).to_string();
        let (quick, full) = decide(&text);
        println!("({name}) {what}: {quick:.0} decisions a second; {full:.0} with reasons");
        figures.insert(name.to_owned(), json!({"outcome": quick, "reasons": full}));
        if let Some(directory) = &out {
            fs::write(directory.join(format!("cases-{name}.json")), text).unwrap();
        }
    }
    let large = organization::Large::read();
    for (what, rate) in large.measure() {
        println!("(c) an organization of 1,000 accounts, {what}: {rate:.0} decisions a second");
        figures.insert(format!("c, {what}"), json!({ "outcome": rate }));
    }
    if let Some(directory) = &out {
        fs::write(
            directory.join("figures.json"),
            Value::from(figures).to_string(),
        )
        .unwrap();
    }
}

fn out_directory() -> Option<PathBuf> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--out");
    let directory = arguments.nth(1)?;
    fs::create_dir_all(&directory).unwrap();
    Some(Path::new(&directory).to_owned())
}

/// Decisions a second over the cases of a text: the outcome alone, and the whole answer.
fn decide(text: &str) -> (f64, f64) {
    let cases = read(text);
    let ready: Vec<Ready<'_>> = cases.iter().map(one_world).collect();
    let prepared: Vec<_> = ready.iter().map(Ready::prepared).collect();
    let asked: Vec<_> = ready.iter().map(Ready::asked).collect();
    for ((case, prepared), asked) in cases.iter().zip(&prepared).zip(&asked) {
        let (expected, found) = (case.expected, prepared.outcome(asked));
        assert_eq!(Some(found), expected, "{}", case.name);
        assert_eq!(case::decide(case).outcome, found, "{}", case.name);
    }
    let quick = clock::rate(cases.len(), |at| prepared[at].outcome(&asked[at]));
    let full = clock::rate(cases.len(), |at| case::decide(&cases[at]).outcome);
    (quick, full)
}

fn read(text: &str) -> Vec<Case> {
    let mut documents = Documents::new();
    let read = parse(&mut documents, "cases", text.as_bytes().to_vec()).unwrap();
    let case = |read: Result<cofferdam_sources::case::ReadCase, _>| match read {
        Ok(read) => read.case,
        Err(cofferdam_sources::case::Malformed { diagnostic, .. }) => {
            panic!("{}", diagnostic.message)
        }
    };
    read.into_iter().map(case).collect()
}

fn one_world(case: &Case) -> Ready<'_> {
    let mut worlds = Ready::worlds(case);
    assert_eq!(worlds.len(), 1, "{} leaves something open", case.name);
    worlds.remove(0)
}
