//! `lint` for programs.

use cofferdam_findings::finding::Missing;
use cofferdam_findings::lint::{Linted, Lints, Remark};
use cofferdam_text::{Diagnostic, Documents, Severity};
use serde_json::{Value, json};

use super::place::diagnostics;
use super::print;

/// All policies with their remarks, those without any too.
pub fn lints(lints: &Lints, said: &[Diagnostic], documents: &Documents) -> String {
    let policies = lints.policies.iter().map(|one| policy(one, documents));
    let unread = lints.unread.iter().map(|one| unread(one, documents));
    print(&json!({
        "summary": {
            "policies": lints.policies.len(),
            "errors": lints.count(Severity::Error),
            "warnings": lints.count(Severity::Warning),
            "unread": lints.unread.len(),
            "left_out": lints.left_out,
        },
        "diagnostics": diagnostics(said, documents),
        "policies": policies.collect::<Vec<_>>(),
        "unread": unread.collect::<Vec<_>>(),
    }))
}

fn policy(policy: &Linted, documents: &Documents) -> Value {
    // A place reads its document again, and there are as many policies as an organization has.
    let place = documents.locate(Diagnostic::error(policy.origin, ""));
    let remarks = policy.remarks.iter().map(|one| remark(one, documents));
    json!({
        "name": policy.name,
        "kind": policy.kind,
        "guessed": policy.guessed,
        "file": place.file,
        "line": place.line,
        "remarks": remarks.collect::<Vec<_>>(),
    })
}

fn remark(remark: &Remark, documents: &Documents) -> Value {
    let diagnostic = &remark.diagnostic;
    let place = diagnostic.origin.map(|origin| documents.place(origin));
    json!({
        "rule": remark.rule,
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": diagnostic.message,
        "help": diagnostic.help,
        "statement": remark.statement,
        "file": place.as_ref().map(|place| &place.file),
        "line": place.as_ref().map(|place| place.line),
        "pointer": place.as_ref().map(|place| &place.pointer),
        "document_line": place.as_ref().and_then(|place| place.document_line),
    })
}

fn unread(missing: &Missing, documents: &Documents) -> Value {
    let place = missing.origin.map(|origin| documents.place(origin));
    json!({
        "name": missing.key,
        "why": missing.why,
        "file": place.as_ref().map(|place| &place.file),
        "line": place.as_ref().map(|place| place.line),
    })
}
