//! Any bytes as decision cases, YAML and JSON: every case is answered or refused, the answer is
//! well formed JSON, the tree printed and read again decides the same, and what is decided while
//! facts are unknown still holds once they are known to be absent.
#![no_main]

use cofferdam_authz::case::{self, Case};
use cofferdam_authz::decide::Outcome;
use cofferdam_fuzz::decided;
use cofferdam_report::style::Style;
use cofferdam_report::{json, text};
use cofferdam_sources::case::read;
use cofferdam_text::{Documents, Node};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

/// More cases in one input would only make it slow.
const CASES_MAX: usize = 4;

fuzz_mutator!(|bytes: &mut [u8], length: usize, limit: usize, seed: u32| {
    cofferdam_fuzz::mutate::mutate(bytes, length, limit, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let mut documents = Documents::new();
    for tree in [
        documents.read_json("case.json", bytes.to_vec()),
        documents.read_yaml("case.yaml", bytes.to_vec()),
    ]
    .into_iter()
    .flatten()
    {
        if tree.items().len() <= CASES_MAX {
            file(&tree, &documents);
        }
    }
});

fn file(tree: &Node, documents: &Documents) {
    let outcomes = answers(tree, documents);
    let mut again = Documents::new();
    let printed = tree.to_json();
    let reread = again
        .read_json("printed.json", printed.clone().into_bytes())
        .unwrap_or_else(|why| panic!("what was printed is no JSON: {why:?}\n{printed}"));
    assert_eq!(
        outcomes,
        answers(&reread, &again),
        "printing the case changed its decision"
    );
}

fn answers(tree: &Node, documents: &Documents) -> Vec<Option<Outcome>> {
    let (mut outcomes, mut shown, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for each in read(tree) {
        outcomes.push(each.as_ref().ok().map(|read| settled(&read.case)));
        let (answer, said) = decided(each, documents);
        shown.push(answer);
        notes.extend(said);
    }
    well_formed(&json::decisions(&shown), shown.len());
    text::decisions(&shown, Style::PLAIN);
    text::diagnostics(&notes, documents, Style::PLAIN);
    outcomes
}

/// What is decided, which must not depend on facts that were said to be unknown, and which the
/// symbolic reading must not exclude.
fn settled(case: &Case) -> Outcome {
    let outcome = case::decide(case).outcome;
    let open = case::decide(&Case {
        strict: false,
        ..case.clone()
    });
    if case.strict && open.outcome != Outcome::Undecided {
        assert_eq!(
            open.outcome, outcome,
            "decided with keys unknown, and otherwise with them absent"
        );
    }
    // A policy that was not understood leaves the symbolic reading more answers, never others.
    let possible = case::possible(case);
    assert!(
        outcome == Outcome::Undecided || possible.contains(&outcome),
        "decided {outcome:?}, and the symbolic reading has {possible:?}"
    );
    outcome
}

fn well_formed(answer: &str, cases: usize) {
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines.len(), cases, "one object a case");
    for line in lines {
        let object: serde_json::Value = serde_json::from_str(line).expect("an answer is JSON");
        let answered = object.get("decision").is_some() != object.get("error").is_some();
        assert!(answered, "neither decision nor error, or both: {line}");
    }
}
