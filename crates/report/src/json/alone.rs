//! `prove` and `compare` (contracts, sections 3 and 2).

use cofferdam_findings::alone::{Comparison, Difference, Proof};
use cofferdam_findings::finding::{Reason, Step};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Map, Value, json};

use super::{place, print};

/// The answer to a property asked of one document.
pub fn proof(proof: &Proof, diagnostics: &[Diagnostic], documents: &Documents) -> String {
    let answer = json!({
        "verdict": proof.verdict.word(),
        "witness": proof.witness.as_ref().map(|step| request(step, None)),
        "because": proof.because.iter().map(|one| statement(one, documents)).collect::<Vec<_>>(),
        "vacuous": proof.vacuous,
        "assumptions": proof.assumptions,
        "missing": proof.missing,
        "elapsed_us": proof.elapsed_us,
    });
    noted(answer, diagnostics, documents)
}

/// What each of two documents allows beyond the other.
pub fn comparison(
    comparison: &Comparison,
    diagnostics: &[Diagnostic],
    documents: &Documents,
) -> String {
    let answer = json!({
        "relation": comparison.relation(),
        "allowed_only_by_new": difference(&comparison.only_new),
        "allowed_only_by_old": difference(&comparison.only_old),
        "missing": comparison.missing(),
        "elapsed_us": comparison.elapsed_us,
    });
    noted(answer, diagnostics, documents)
}

/// An answer with what is wrong with the input, if anything is.
fn noted(mut answer: Value, diagnostics: &[Diagnostic], documents: &Documents) -> String {
    if let (Some(fields), false) = (answer.as_object_mut(), diagnostics.is_empty()) {
        let listed = place::diagnostics(diagnostics, documents);
        fields.insert("diagnostics".to_owned(), listed.into());
    }
    print(&answer)
}

fn difference(difference: &Difference) -> Value {
    match difference {
        Difference::Some(step, future, _) => request(step, Some(*future)),
        Difference::None | Difference::Undecided(_) => Value::Null,
    }
}

fn request(step: &Step, future: Option<bool>) -> Value {
    let mut object = Map::new();
    object.insert("principal".to_owned(), json!(step.principal));
    object.insert("action".to_owned(), json!(step.action));
    object.insert("resource".to_owned(), json!(step.resource));
    let context: Map<String, Value> = step
        .context
        .iter()
        .map(|(key, values)| (key.clone(), one_or_many(values)))
        .collect();
    object.insert("context".to_owned(), Value::Object(context));
    if let Some(future) = future {
        object.insert("future_action".to_owned(), json!(future));
    }
    Value::Object(object)
}

/// A key with one value is written as text; several values, or none, as a list.
fn one_or_many(values: &[String]) -> Value {
    match values {
        [one] => json!(one),
        many => json!(many),
    }
}

fn statement(reason: &Reason, documents: &Documents) -> Value {
    let place = reason.origin.map(|origin| documents.place(origin));
    json!({
        "statement": reason.statement,
        "sid": reason.sid,
        "pointer": place.as_ref().map(|place| place.pointer.clone()),
        "line": place.as_ref().map(|place| place.line),
    })
}
