//! Redaction leaves no name in any format.

use crate::json::{self, Tool};
use crate::redact::Redaction;
use crate::style::Style;
use crate::text;
use cofferdam_text::Documents;

use super::sample::sample;

fn formats() -> Vec<String> {
    let (answer, documents) = sample();
    let redaction = Redaction::new("key").for_answer(&answer);
    let tool = Tool {
        version: "1".into(),
        facts_as_of: "2026-11-20".into(),
    };
    let product = "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default";
    let product = crate::asff::Product::parse(product).unwrap();
    let at = "2026-11-22";
    vec![
        redaction.apply(&crate::sarif::check(&answer, &documents, &tool, None)),
        redaction.apply(&crate::junit::check(&answer, &documents, None)),
        redaction.apply(&crate::markdown::check(&answer, &documents, None, None)),
        redaction.apply(&crate::ocsf::check(&answer, &documents, &tool, at)),
        redaction.apply(&crate::asff::check(&answer, &documents, &product, at)),
        redaction.apply(&text::check(&answer, &documents, Style::PLAIN, None)),
        redaction.apply(&json::check(&answer, &documents, &tool, None)),
        redaction.apply(&text::inventory(
            &answer.inventory,
            &documents,
            Style::PLAIN,
        )),
    ]
}

#[test]
fn no_account_organization_or_foreign_name_is_left() {
    for shown in formats() {
        for gone in [
            "999900000001",
            "100000000005",
            "o-acme1a2b3c",
            "claims-reader",
            "role/etl",
        ] {
            assert!(!shown.contains(gone), "{gone} is still in:\n{shown}");
        }
        assert!(
            shown.contains("acme-customer-records"),
            "the question stays readable:\n{shown}"
        );
    }
}

#[test]
fn redacted_json_is_still_json_with_the_same_fields() {
    let (answer, documents) = sample();
    let tool = Tool {
        version: "1".into(),
        facts_as_of: "2026-11-20".into(),
    };
    let shown = json::check(&answer, &documents, &tool, None);
    let redacted = Redaction::new("key").for_answer(&answer).apply(&shown);
    let lines = |text: &str| text.lines().map(field).collect::<Vec<_>>();
    assert_eq!(lines(&shown), lines(&redacted));
    Documents::new()
        .read_json("redacted.json", redacted.into_bytes())
        .unwrap();
}

/// The name of the field on a line, where there is one outside a context.
fn field(line: &str) -> String {
    line.split_once("\": ")
        .map_or("", |(name, _)| name)
        .trim()
        .to_owned()
}
