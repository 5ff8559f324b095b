//! The answer of `check` in the AWS Security Finding Format, as `aws securityhub
//! batch-import-findings --cli-input-json` takes it ("AWS Security Finding Format (ASFF)", AWS Security
//! Hub user guide).
//!
//! Lengths are the format's own; what is longer is cut, with a sign that it was. Security Hub takes a
//! hundred findings at a time, so the answer is one object a line.

use cofferdam_findings::finding::{Answer, Finding, Severity, Verdict};
use cofferdam_names::Arn;
use cofferdam_text::Documents;
use serde_json::{Value, json};

use crate::issue::{Issue, by_finding};
use crate::ocsf::{resources, uid};
use crate::rules;

/// Findings that one call may import ("BatchImportFindings", AWS Security Hub API reference).
const BATCH_MAX: usize = 100;

const ID_MAX: usize = 512;
const TITLE_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 1024;
const RECOMMENDATION_MAX: usize = 512;
const RESOURCES_MAX: usize = 32;

/// Where findings are imported to: the ARN of the product in Security Hub, with its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    arn: String,
    account: String,
    region: String,
}

impl Product {
    /// From an ARN such as `arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default`.
    ///
    /// # Errors
    /// In words, when it is no such ARN.
    pub fn parse(text: &str) -> Result<Product, String> {
        let arn = Arn::parse(text).map_err(|why| why.to_string())?;
        if arn.service() != "securityhub" || arn.account_id().is_none() || arn.region().is_empty() {
            return Err(
                "expected the ARN of a product of Security Hub with Region and account, such as \
                        arn:aws:securityhub:REGION:ACCOUNT:product/ACCOUNT/default"
                    .to_owned(),
            );
        }
        Ok(Product {
            arn: text.to_owned(),
            account: arn.account().to_owned(),
            region: arn.region().to_owned(),
        })
    }
}

/// The whole answer, one batch a line. `at` is the time of the findings in ISO 8601.
pub fn check(answer: &Answer, documents: &Documents, product: &Product, at: &str) -> String {
    let resources = resources(answer);
    let at = match at.len() {
        10 => format!("{at}T00:00:00Z"),
        _ => at.to_owned(),
    };
    let mut all = Vec::new();
    for (finding, issues) in by_finding(answer, documents, None) {
        let dataset = finding.dataset.as_deref().unwrap_or_default();
        let listed = resources.get(dataset).map_or(&[][..], Vec::as_slice);
        let one = |issue| of_finding(finding, issue, product, (&at, listed));
        if issues.is_empty() {
            all.push(one(None));
        }
        all.extend(issues.iter().map(|issue| one(Some(issue))));
    }
    let batches = all.chunks(BATCH_MAX);
    batches
        .map(|batch| format!("{}\n", json!({"Findings": batch})))
        .collect()
}

fn of_finding(
    finding: &Finding,
    issue: Option<&Issue<'_>>,
    product: &Product,
    (at, resources): (&str, &[&str]),
) -> Value {
    let description = issue.map_or_else(|| finding.message.clone(), Issue::story);
    let excepted = issue.and_then(|issue| issue.excepted);
    let mut value = json!({
        "SchemaVersion": "2018-10-08",
        "Id": cut(&uid(finding, issue), ID_MAX),
        "ProductArn": product.arn,
        "ProductName": "Cofferdam",
        "CompanyName": "Cofferdam",
        "GeneratorId": finding.obligation,
        "AwsAccountId": product.account,
        "Region": product.region,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "CreatedAt": at,
        "UpdatedAt": at,
        "Severity": {"Label": label(finding)},
        "Title": cut(rules::sentence(finding.obligation), TITLE_MAX),
        "Description": cut(&description, DESCRIPTION_MAX),
        "Resources": resource_list(finding, resources),
        "Compliance": {"Status": status(finding)},
        "Workflow": {"Status": if excepted.is_some() { "SUPPRESSED" } else { "NEW" }},
        "RecordState": if finding.verdict == Verdict::Proved { "ARCHIVED" } else { "ACTIVE" },
    });
    let advice = issue.map(Issue::advice).unwrap_or_default();
    if let (Some(fields), false) = (value.as_object_mut(), advice.is_empty()) {
        let text = cut(&advice, RECOMMENDATION_MAX);
        let remediation = json!({"Recommendation": {"Text": text}});
        fields.insert("Remediation".to_owned(), remediation);
    }
    value
}

fn label(finding: &Finding) -> &'static str {
    match (finding.verdict, finding.severity) {
        (Verdict::Proved, _) => "INFORMATIONAL",
        (_, Severity::Low) => "LOW",
        (_, Severity::Medium) => "MEDIUM",
        (_, Severity::High) => "HIGH",
        (_, Severity::Critical) => "CRITICAL",
    }
}

fn status(finding: &Finding) -> &'static str {
    match finding.verdict {
        Verdict::Proved => "PASSED",
        Verdict::Violated => "FAILED",
        Verdict::Undecided => "NOT_AVAILABLE",
    }
}

fn resource_list(finding: &Finding, arns: &[&str]) -> Vec<Value> {
    let one = |id: &str| json!({"Type": "Other", "Id": id});
    match arns {
        [] => vec![one(finding.dataset.as_deref().unwrap_or("organization"))],
        arns => arns
            .iter()
            .take(RESOURCES_MAX)
            .map(|arn| one(arn))
            .collect(),
    }
}

/// At most so many characters, the last a sign that there were more.
fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    kept + "…"
}
