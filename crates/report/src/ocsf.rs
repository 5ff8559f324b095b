//! The answer of `check` as events of the Open Cybersecurity Schema Framework, one a line: class
//! Compliance Finding (2003) of version 1.5.0, as security lakes take them.
//!
//! Every finding is an event, also what is proved: a lake is asked what holds, too. A way to break an
//! obligation is an event of its own, so that its uid stays the same as long as the way does.

use std::collections::BTreeMap;

use cofferdam_findings::finding::{Answer, Finding, Severity, Verdict};
use cofferdam_text::Documents;
use serde_json::{Value, json};

use crate::issue::{Issue, by_finding};
use crate::json::Tool;
use crate::moment::milliseconds;
use crate::rules;

/// The whole answer, one event a line.
///
/// `at` is the time of the findings in ISO 8601.
pub fn check(answer: &Answer, documents: &Documents, tool: &Tool, at: &str) -> String {
    let resources = resources(answer);
    let time = milliseconds(at).unwrap_or(0);
    let event = |finding: &Finding, issue: Option<&Issue<'_>>| {
        let none = Vec::new();
        let dataset = finding.dataset.as_deref().unwrap_or_default();
        let mut event = event(answer, finding, issue, time);
        let listed = resources.get(dataset).unwrap_or(&none);
        put(&mut event, "resources", resource_details(finding, listed));
        put(&mut event, "metadata", metadata(tool));
        format!("{event}\n")
    };
    let mut text = String::new();
    for (finding, issues) in by_finding(answer, documents, None) {
        if issues.is_empty() {
            text.push_str(&event(finding, None));
        }
        for issue in &issues {
            text.push_str(&event(finding, Some(issue)));
        }
    }
    text
}

/// The ARNs of each dataset's resources, as far as the inventory lists them.
pub(crate) fn resources(answer: &Answer) -> BTreeMap<&str, Vec<&str>> {
    let mut resources: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in &answer.inventory {
        resources
            .entry(&row.dataset)
            .or_default()
            .push(&row.resource);
    }
    resources
}

fn event(answer: &Answer, finding: &Finding, issue: Option<&Issue<'_>>, time: i64) -> Value {
    let is_suppressed = issue.is_some_and(|issue| issue.excepted.is_some());
    let (severity, severity_id) = severity(finding);
    let (state, state_id) = match is_suppressed {
        true => ("Suppressed", 3),
        false => ("New", 1),
    };
    let mut event = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200_301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": state_id,
        "status": state,
        "message": finding.message,
        "compliance": compliance(finding),
        "finding_info": {
            "uid": uid(finding, issue),
            "title": rules::sentence(finding.obligation),
            "desc": issue.map_or_else(|| finding.message.clone(), Issue::story),
            "types": [finding.obligation],
            "created_time": time,
        },
        "unmapped": {
            "organization": answer.organization,
            "verdict": finding.verdict.word(),
            "path": issue.map(Issue::path).unwrap_or_default(),
            "exception": issue.and_then(|issue| issue.excepted),
            "vacuous": finding.vacuous,
        },
    });
    let advice = issue.map(Issue::advice).unwrap_or_default();
    if !advice.is_empty() {
        put(&mut event, "remediation", json!({"desc": advice}));
    }
    event
}

fn compliance(finding: &Finding) -> Value {
    let (status, status_id) = match finding.verdict {
        Verdict::Proved => ("Pass", 1),
        Verdict::Violated => ("Fail", 3),
        Verdict::Undecided => ("Unknown", 0),
    };
    json!({
        "control": finding.obligation,
        "standards": ["Declared data boundary"],
        "status": status,
        "status_id": status_id,
    })
}

fn severity(finding: &Finding) -> (&'static str, u8) {
    match (finding.verdict, finding.severity) {
        (Verdict::Proved, _) => ("Informational", 1),
        (_, Severity::Low) => ("Low", 2),
        (_, Severity::Medium) => ("Medium", 3),
        (_, Severity::High) => ("High", 4),
        (_, Severity::Critical) => ("Critical", 5),
    }
}

fn resource_details(finding: &Finding, arns: &[&str]) -> Value {
    let name = finding.dataset.as_deref();
    let one = |arn: Option<&str>| {
        let mut resource = json!({"name": name.unwrap_or("organization"), "type": "dataset"});
        if let Some(arn) = arn {
            put(&mut resource, "uid", arn.into());
        }
        if let Some(owner) = &finding.owner {
            put(&mut resource, "labels", json!([format!("owner:{owner}")]));
        }
        resource
    };
    match arns {
        [] => json!([one(None)]),
        arns => arns.iter().map(|arn| one(Some(arn))).collect(),
    }
}

fn metadata(tool: &Tool) -> Value {
    json!({
        "version": "1.5.0",
        "product": {"name": "Cofferdam", "vendor_name": "Cofferdam", "version": tool.version},
    })
}

/// The finding, and of a way to break it which.
pub(crate) fn uid(finding: &Finding, issue: Option<&Issue<'_>>) -> String {
    match issue.and_then(|issue| issue.cause) {
        Some(cause) => format!("{}/{}", finding.id, cause.fingerprint),
        None => finding.id.clone(),
    }
}

fn put(value: &mut Value, key: &str, field: Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.insert(key.to_owned(), field);
    }
}
