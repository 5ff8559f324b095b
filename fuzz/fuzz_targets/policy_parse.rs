//! Any bytes as a policy of every kind: reading, linting and printing never fail, and reading what
//! was printed gives the same policy again.
#![no_main]

use cofferdam_policy::ast::{Condition, Policy, Statement};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::likeness::alike;
use cofferdam_policy::lint::{Known, Subject, lint};
use cofferdam_policy::parse::parse;
use cofferdam_policy::print::print;
use cofferdam_report::style::Style;
use cofferdam_report::text;
use cofferdam_text::{Documents, Node};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|bytes: &mut [u8], length: usize, limit: usize, seed: u32| {
    cofferdam_fuzz::mutate::mutate(bytes, length, limit, seed)
});

fuzz_target!(|bytes: &[u8]| {
    let mut documents = Documents::new();
    let Ok(tree) = documents.read_json("policy.json", bytes.to_vec()) else {
        return;
    };
    let stored = String::from_utf8_lossy(bytes);
    for kind in PolicyKind::ALL {
        one(&tree, kind, &stored, &documents);
    }
});

fn one(tree: &Node, kind: PolicyKind, stored: &str, documents: &Documents) {
    let (policy, mut said) = parse(tree, kind);
    let remarks = lint(&Subject {
        policy: &policy,
        tree,
        kind,
        text: Some(stored),
        service: Some("sqs"),
        known: &Known::default(),
    });
    said.extend(remarks.into_iter().map(|remark| remark.diagnostic));
    // Every excerpt of every diagnostic must be cut between characters.
    let shown = text::diagnostics(&said, documents, Style::PLAIN);
    assert_eq!(said.is_empty(), shown.is_empty());
    let Ok(printed) = print(&policy) else {
        return;
    };
    let mut again = Documents::new();
    let tree = again
        .read_json("printed.json", printed.clone().into_bytes())
        .unwrap_or_else(|why| panic!("what was printed is no JSON: {why:?}\n{printed}"));
    let (second, _) = parse(&tree, kind);
    assert!(
        same(&policy, &second),
        "{kind:?} changed by printing:\n{printed}"
    );
    assert_eq!(Ok(printed), print(&second), "printing twice differs");
}

fn same(one: &Policy, other: &Policy) -> bool {
    one.version == other.version
        && one.statements.iter().count() == other.statements.iter().count()
        && one
            .statements
            .iter()
            .zip(other.statements.iter())
            .all(|(one, other)| {
                one.index == other.index
                    && one.sid == other.sid
                    && alike(&in_order(one), &in_order(other))
            })
}

/// A statement with its conditions in one order: printing groups them by operator, and all of them
/// must hold in any order.
fn in_order(statement: &Statement) -> Statement {
    let mut statement = statement.clone();
    let name = |one: &Condition| format!("{:?} {}", one.operator, one.key).to_lowercase();
    statement.conditions.sort_by_cached_key(name);
    statement
}
