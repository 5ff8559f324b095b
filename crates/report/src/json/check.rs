//! The answer of `check` (contracts, section 4).

use cofferdam_findings::finding::{Answer, Cause, DatedFact, Finding, Reason};
use cofferdam_text::Documents;
use serde_json::{Value, json};

use super::{inventory, place, print};
use crate::baseline::Baseline;
use crate::tally::Tally;

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Version of the program.
    pub version: String,
    /// Date of its facts about AWS.
    pub facts_as_of: String,
}

/// The whole answer. With a baseline each cause says whether it is new.
pub fn check(
    answer: &Answer,
    documents: &Documents,
    tool: &Tool,
    baseline: Option<&Baseline>,
) -> String {
    let findings = answer
        .findings
        .iter()
        .map(|one| finding(one, documents, baseline));
    print(&json!({
        "tool": {
            "name": "cofferdam",
            "version": tool.version,
            "facts_as_of": tool.facts_as_of,
        },
        "organization": {
            "id": answer.organization,
            "captured_at": answer.captured_at,
            "as_of": answer.as_of,
            "sources": answer.sources,
        },
        "summary": summary(answer),
        "diagnostics": place::diagnostics(&answer.diagnostics, documents),
        "findings": findings.collect::<Vec<_>>(),
        "inventory": inventory::rows(&answer.inventory, documents),
    }))
}

fn summary(answer: &Answer) -> Value {
    let tally = Tally::of(&answer.findings);
    let mut summary = json!({
        "proved": tally.proved,
        "violated": tally.violated,
        "excepted": tally.excepted,
        "undecided": tally.undecided,
        "not_yet_asked": answer.not_yet_asked,
    });
    if let (1.., Some(fields)) = (tally.kept, summary.as_object_mut()) {
        fields.insert("from_cache".to_owned(), tally.kept.into());
    }
    summary
}

fn finding(finding: &Finding, documents: &Documents, baseline: Option<&Baseline>) -> Value {
    let is_new = |cause: &Cause| baseline.map(|baseline| baseline.is_new(finding, cause));
    let causes: Vec<Value> = finding
        .causes
        .iter()
        .map(|one| cause(one, documents, is_new(one)))
        .collect();
    let repeated = |field| causes.first().and_then(|cause| cause.get(field)).cloned();
    let witness = repeated("witness").unwrap_or_else(|| json!({"steps": []}));
    let because = repeated("because").unwrap_or_else(|| json!([]));
    json!({
        "id": finding.id,
        "obligation": finding.obligation,
        "dataset": finding.dataset,
        "owner": finding.owner,
        "layer": finding.layer,
        "verdict": finding.verdict.word(),
        "severity": finding.severity.word(),
        "message": finding.message,
        "excepted_by": finding.excepted_by,
        "held_by": finding.held_by,
        "causes": causes,
        "causes_complete": finding.causes_complete,
        "witness": witness,
        "because": because,
        "assumptions": finding.assumptions,
        "facts": facts(finding),
        "missing": missing(finding, documents),
        "vacuous": finding.vacuous,
        "carried_by": reasons(&finding.carried_by, documents),
    })
}

fn cause(cause: &Cause, documents: &Documents, is_new: Option<bool>) -> Value {
    let mut value = json!({
        "fingerprint": cause.fingerprint,
        "origin": cause.origin,
        "because": reasons(&cause.because, documents),
        "witness": place::witness(&cause.witness),
        "principals": cause.principals,
        "sample": cause.sample,
        "would_fix": cause.would_fix,
        "excepted_by": cause.excepted_by,
    });
    if let (Some(is_new), Some(fields)) = (is_new, value.as_object_mut()) {
        fields.insert("new".to_owned(), is_new.into());
    }
    value
}

fn reasons(reasons: &[Reason], documents: &Documents) -> Vec<Value> {
    reasons
        .iter()
        .map(|reason| place::reason(reason, documents))
        .collect()
}

fn facts(finding: &Finding) -> Vec<Value> {
    let fact = |fact: &DatedFact| json!({"fact": fact.fact, "as_of": fact.as_of});
    finding.facts.iter().map(fact).collect()
}

fn missing(finding: &Finding, documents: &Documents) -> Vec<Value> {
    let missing = finding.missing.iter().map(|missing| {
        let place = missing.origin.map(|origin| documents.place(origin));
        json!({
            "key": missing.key,
            "why": missing.why,
            "file": place.as_ref().map(|place| &place.file),
            "line": place.as_ref().map(|place| place.line),
        })
    });
    missing.collect()
}
