//! Answers to probes as evidence: who sent what, when, and what AWS said.

use std::collections::BTreeMap;

use cofferdam_findings::kit::Compared;
use cofferdam_findings::probe::Expected;
use serde_json::{Value, json};

use super::print;
use crate::kit::who;
use crate::text::unattested;

/// The document; `strange` are ids that no probe has, `broken` lines that are no answer.
pub fn evidence(list: &[Compared], strange: &[&str], broken: &[usize]) -> String {
    let mut summary: BTreeMap<&str, usize> = BTreeMap::new();
    for one in list {
        *summary.entry(one.standing.word()).or_default() += 1;
    }
    print(&json!({
        "summary": summary,
        "unattested_datasets": unattested(list),
        "unknown_ids": strange,
        "unreadable_lines": broken,
        "results": list.iter().map(result).collect::<Vec<_>>(),
    }))
}

fn result(one: &Compared) -> Value {
    let planned = &one.planned;
    let expected = match planned.expected {
        Expected::Refused => "refused",
        Expected::Allowed => "allowed",
    };
    json!({
        "id": planned.id,
        "name": planned.name,
        "dataset": planned.dataset,
        "action": planned.action,
        "run_as": who(&planned.caller),
        "run": planned.vantage,
        "command": planned.sent.as_ref().ok(),
        "expected": expected,
        "decision": planned.decision,
        "refused_by": planned.refused_by,
        "standing": one.standing.word(),
        "note": one.note,
        "layer_named_by_aws": one.named,
        "answer": one.answer.as_ref().map(|answer| json!({
            "caller": answer.caller,
            "at": answer.at,
            "exit": answer.exit,
            "code": answer.code,
            "message": answer.message,
        })),
    })
}
