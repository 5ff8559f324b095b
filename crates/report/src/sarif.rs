//! The answer of `check` in SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), which
//! code hosts show beside the lines of a change.
//!
//! A violation is a result of kind `fail`, an open question one of kind `open` with level `none`, as
//! the standard asks. What an exception covers is suppressed and not left out.

use cofferdam_findings::finding::{Answer, Severity, Verdict};
use cofferdam_text::{Diagnostic, Documents, Place};
use serde_json::{Map, Value, json};

use crate::baseline::Baseline;
use crate::issue::{Issue, issues};
use crate::json::{Tool, print};
use crate::rules;

/// The whole answer as one run.
pub fn check(
    answer: &Answer,
    documents: &Documents,
    tool: &Tool,
    baseline: Option<&Baseline>,
) -> String {
    let issues = issues(answer, documents, baseline);
    let rules = rule_ids(answer);
    let results: Vec<Value> = issues.iter().map(|issue| result(issue, &rules)).collect();
    let notes: Vec<Value> = answer
        .diagnostics
        .iter()
        .map(|one| notification(one, documents))
        .collect();
    print(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Cofferdam",
                "version": tool.version,
                "semanticVersion": tool.version,
                "rules": rules.iter().map(|id| rule(answer, id)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notes,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

/// The obligations that were asked, each once, in their order.
fn rule_ids(answer: &Answer) -> Vec<&'static str> {
    let mut ids: Vec<&str> = Vec::new();
    for finding in &answer.findings {
        if !ids.contains(&finding.obligation) {
            ids.push(finding.obligation);
        }
    }
    ids
}

fn rule(answer: &Answer, id: &str) -> Value {
    let mut findings = answer.findings.iter();
    let severity = findings
        .find(|finding| finding.obligation == id)
        .map_or(Severity::Low, |finding| finding.severity);
    json!({
        "id": id,
        "shortDescription": {"text": rules::sentence(id)},
        "defaultConfiguration": {"level": level(severity)},
        "properties": {"security-severity": score(severity), "tags": ["security"]},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// A number that code hosts sort by, in the ranges that they give these words (CVSS v3: critical
/// from 9.0, high from 7.0, medium from 4.0).
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "2.0",
    }
}

fn result(issue: &Issue<'_>, rules: &[&str]) -> Value {
    let finding = issue.finding;
    let is_open = finding.verdict == Verdict::Undecided;
    let mut result = json!({
        "ruleId": finding.obligation,
        "ruleIndex": rules.iter().position(|id| *id == finding.obligation),
        "kind": if is_open { "open" } else { "fail" },
        "level": if is_open { "none" } else { level(finding.severity) },
        "message": {"text": issue.story()},
        "locations": issue.places.first().map(location).into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {"cofferdam/v1": format!("{}/{}", finding.id, issue.fingerprint())},
        "properties": {
            "finding": finding.id,
            "dataset": finding.dataset,
            "owner": finding.owner,
            "severity": finding.severity.word(),
            "path": issue.path(),
        },
    });
    let mut put = |key: &str, value: Value| {
        if let Some(fields) = result.as_object_mut() {
            fields.insert(key.to_owned(), value);
        }
    };
    if let [_, further @ ..] = issue.places.as_slice()
        && !further.is_empty()
    {
        put("relatedLocations", further.iter().map(location).collect());
    }
    if let Some(exception) = issue.excepted {
        let why = format!("covered by exception {exception}");
        put(
            "suppressions",
            json!([{"kind": "external", "status": "accepted", "justification": why}]),
        );
    }
    if let Some(new) = issue.new {
        put(
            "baselineState",
            if new { "new" } else { "unchanged" }.into(),
        );
    }
    result
}

fn location((what, place): &(String, Place)) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&place.file)},
            "region": {"startLine": place.line.max(1), "startColumn": place.column.max(1)},
        },
        "message": {"text": what},
    });
    let names = [place.address.as_deref(), Some(place.pointer.as_str())];
    let names: Vec<Value> = names
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
        .map(|name| json!({"fullyQualifiedName": name, "kind": "member"}))
        .collect();
    if let (Some(fields), false) = (location.as_object_mut(), names.is_empty()) {
        fields.insert("logicalLocations".to_owned(), names.into());
    }
    location
}

fn notification(diagnostic: &Diagnostic, documents: &Documents) -> Value {
    let located = documents.locate(diagnostic.clone());
    let text = match &located.help {
        Some(help) => format!("{}; {help}", located.message),
        None => located.message,
    };
    let level = match located.severity {
        cofferdam_text::Severity::Error => "error",
        cofferdam_text::Severity::Warning => "warning",
    };
    let mut note = Map::new();
    note.insert("level".to_owned(), level.into());
    note.insert("message".to_owned(), json!({"text": text}));
    if let Some(file) = located.file {
        let mut physical = json!({"artifactLocation": {"uri": uri(&file)}});
        if let (Some(line), Some(fields)) = (located.line, physical.as_object_mut()) {
            fields.insert("region".to_owned(), json!({"startLine": line.max(1)}));
        }
        let place = json!([{"physicalLocation": physical}]);
        note.insert("locations".to_owned(), place);
    }
    note.into()
}

/// A file as a URI reference (RFC 3986): what may not stand in a path is percent-encoded.
fn uri(file: &str) -> String {
    let absolute = file.starts_with('/');
    let mut uri = String::from(if absolute { "file://" } else { "" });
    for byte in file.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_file_is_a_uri() {
        assert_eq!(uri("./a b/c.json"), "a%20b/c.json");
        assert_eq!(uri("/x/é"), "file:///x/%C3%A9");
    }
}
