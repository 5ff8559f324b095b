//! Origins, diagnostics, reasons and requests as JSON: the parts that several answers share.

use cofferdam_findings::finding::{Reason, Step, Witness};
use cofferdam_text::{Diagnostic, Documents, Severity};
use serde_json::{Map, Value, json};

/// The list `diagnostics`.
pub(super) fn diagnostics(list: &[Diagnostic], documents: &Documents) -> Vec<Value> {
    list.iter().map(|one| diagnostic(one, documents)).collect()
}

fn diagnostic(diagnostic: &Diagnostic, documents: &Documents) -> Value {
    let located = documents.locate(diagnostic.clone());
    let severity = match located.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    json!({
        "severity": severity,
        "file": located.file,
        "line": located.line,
        "message": located.message,
        "help": located.help,
    })
}

/// What `because` lists.
pub(super) fn reason(reason: &Reason, documents: &Documents) -> Value {
    let place = reason.origin.map(|origin| documents.place(origin));
    json!({
        "document": reason.document,
        "layer": reason.layer,
        "statement": reason.statement,
        "sid": reason.sid,
        "pointer": place.as_ref().map(|place| &place.pointer),
        "file": place.as_ref().map(|place| &place.file),
        "line": place.as_ref().map(|place| place.line),
        "address": place.as_ref().and_then(|place| place.address.as_ref()),
        "document_line": place.as_ref().and_then(|place| place.document_line),
        "effect": reason.effect,
    })
}

/// A data path.
pub(super) fn witness(witness: &Witness) -> Value {
    json!({"steps": witness.steps.iter().map(step).collect::<Vec<_>>()})
}

/// One request of a data path.
pub(super) fn step(step: &Step) -> Value {
    let mut request = json!({
        "principal": step.principal,
        "action": step.action,
        "resource": step.resource,
        "context": context(step),
        "decision": step.decision,
    });
    let further = [("note", &step.note), ("command", &step.command)];
    for (name, text) in further {
        if let (Some(text), Some(fields)) = (text, request.as_object_mut()) {
            fields.insert(name.to_owned(), text.as_str().into());
        }
    }
    request
}

/// One value as a string, several as a list.
fn context(step: &Step) -> Value {
    let mut keys = Map::new();
    for (key, values) in &step.context {
        let value = match values.as_slice() {
            [one] => json!(one),
            many => json!(many),
        };
        keys.insert(key.clone(), value);
    }
    Value::Object(keys)
}
