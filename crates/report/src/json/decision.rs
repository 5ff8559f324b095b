//! Decisions of cases (contracts, section 1): one object a case, in order.

use serde_json::{Value, json};

use crate::decision::{CaseError, Decided, Decision, Determining};

/// One object a case, each on a line of its own, so that a stream of cases gives a stream of
/// answers; a malformed case answers in its place.
pub fn decisions(list: &[Decided]) -> String {
    list.iter()
        .map(|decided| format!("{}\n", answer(decided)))
        .collect()
}

fn answer(decided: &Decided) -> Value {
    match &decided.outcome {
        Ok(decision) => made(&decided.name, decision),
        Err(error) => json!({"name": decided.name, "error": failed(error)}),
    }
}

fn failed(error: &CaseError) -> Value {
    json!({
        "severity": "error",
        "file": error.file,
        "line": error.line,
        "message": error.message,
    })
}

fn made(name: &str, decision: &Decision) -> Value {
    let layers = decision.layers.iter().map(
        |layer| json!({"layer": layer.layer, "target": layer.target, "outcome": layer.outcome}),
    );
    let missing = decision
        .missing
        .iter()
        .map(|one| json!({"key": one.key, "why": one.why}));
    let split = decision
        .split
        .iter()
        .map(|one| json!({"resource": one.resource, "decision": one.decision}));
    json!({
        "name": name,
        "decision": decision.decision,
        "layers": layers.collect::<Vec<_>>(),
        "determining": decision.determining.iter().map(determining).collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "residual": decision.residual,
        "split": split.collect::<Vec<_>>(),
        "expected": decision.expected,
        "as_expected": decision.as_expected(),
    })
}

fn determining(statement: &Determining) -> Value {
    json!({
        "layer": statement.layer,
        "policy": statement.policy,
        "statement": statement.statement,
        "sid": statement.sid,
        "effect": statement.effect,
        "pointer": statement.pointer,
        "line": statement.line,
    })
}
