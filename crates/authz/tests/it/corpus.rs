//! The corpora: every case states what it expects and which page says so.

use cofferdam_authz::case::{self, Answer};
use cofferdam_authz::decide::Outcome;
use cofferdam_sources::case::parse;
use cofferdam_text::Documents;

/// Reads and decides the cases of one text. A malformed case is a failed test.
pub fn answers(name: &str, text: &str) -> Vec<Answer> {
    let mut documents = Documents::new();
    let cases = parse(&mut documents, name, text.as_bytes().to_vec())
        .unwrap_or_else(|why| panic!("{name}: {}: {:?}", why.message, why.line));
    let decide = |read: Result<cofferdam_sources::case::ReadCase, _>| match read {
        Ok(read) => case::decide(&read.case),
        Err(cofferdam_sources::case::Malformed { name, diagnostic }) => {
            panic!("{name}: line {:?}: {}", diagnostic.line, diagnostic.message)
        }
    };
    cases.into_iter().map(decide).collect()
}

/// What the concrete reading decides is the one answer that the symbolic one finds possible.
fn read_symbolically(name: &str, text: &str) {
    let mut documents = Documents::new();
    let cases = parse(&mut documents, name, text.as_bytes().to_vec()).unwrap();
    for read in cases.into_iter().flatten() {
        let decided = case::decide(&read.case).outcome;
        let possible = case::possible(&read.case);
        assert!(
            decided == Outcome::Undecided || possible == [decided],
            "{}: decided {}, possible {possible:?}",
            read.case.name,
            decided.word()
        );
    }
}

fn corpus(name: &str) {
    let path = format!("{}/tests/cases/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    read_symbolically(&path, &text);
    let answers = answers(&path, &text);
    let unsourced = answers.len() - text.matches("\n  note: ").count();
    let wrong: Vec<String> = answers
        .iter()
        .filter(|answer| answer.as_expected() != Some(true))
        .map(told)
        .collect();
    assert_eq!(unsourced, 0, "{name}: every case names its source page");
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

fn told(answer: &Answer) -> String {
    format!(
        "- {}: expected {}, decided {}\n    layers {:?}\n    missing {:?}",
        answer.name,
        answer.expected.map_or("nothing", |outcome| outcome.word()),
        answer.outcome.word(),
        answer
            .layers
            .iter()
            .map(|said| format!("{} {} {}", said.layer.id(), said.target, said.outcome))
            .collect::<Vec<_>>(),
        answer.missing,
    )
}

macro_rules! corpora {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            corpus(stringify!($name));
        })*
    };
}

corpora! {
    organization
    cross_account
    callers
    keys_and_roles
    network
    access_points
    resource_policies
    conditions
    values
    elements
    divergences
    unknown
}
