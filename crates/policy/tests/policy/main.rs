//! Tests of the policy language as tables: what is written, and what must come of it. One binary,
//! because linking costs more than running.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod inputs;
mod lints;
mod matching;
mod meaning;
mod operands;
mod printing;
mod reading;
mod services;
mod silent;

use cofferdam_policy::ast::Policy;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::lint::{Known, Remark, Subject, lint};
use cofferdam_policy::parse::parse;
use cofferdam_text::{Diagnostic, Documents, Node, Severity};

/// The tree of a JSON text that is known to be right.
fn tree(json: &str) -> Node {
    let mut documents = Documents::new();
    let read = documents.read_json("test.json", json.as_bytes().to_vec());
    read.unwrap_or_else(|wrong| panic!("{}: {json}", wrong.message))
}

fn policy(json: &str, kind: PolicyKind) -> (Policy, Vec<Diagnostic>) {
    parse(&tree(json), kind)
}

/// What the lints say of a policy in a text, where these are all endpoints.
fn remarks(json: &str, kind: PolicyKind, service: Option<&str>, endpoints: &[&str]) -> Vec<Remark> {
    let tree = tree(json);
    let (policy, _) = parse(&tree, kind);
    let endpoints = endpoints.iter().map(|id| Box::from(*id)).collect();
    lint(&Subject {
        policy: &policy,
        tree: &tree,
        kind,
        text: Some(json),
        service,
        known: &Known {
            endpoints: Some(endpoints),
        },
    })
}

/// One line for each diagnostic.
fn lines(diagnostics: &[Diagnostic]) -> String {
    let line = |each: &Diagnostic| match each.severity {
        Severity::Error => format!("error: {}\n", each.message),
        Severity::Warning => format!("warning: {}\n", each.message),
    };
    diagnostics.iter().map(line).collect()
}
