//! How the attributes of a Terraform plan were settled, as a table that can be put into a page.

use cofferdam_sources::terraform::{Coverage, Rule};
use serde_json::{Value, json};

/// The rules in the order in which they are tried, by the names of the output.
const RULES: &[(Rule, &str)] = &[
    (Rule::Stated, "stated"),
    (Rule::Default, "default"),
    (Rule::Reference, "reference"),
    (Rule::Document, "document"),
    (Rule::Sources, "sources"),
    (Rule::Unknown, "unknown"),
];

/// A row of counts in Markdown, and the attributes that stay unknown.
pub fn text(coverage: &Coverage) -> String {
    let names: Vec<&str> = RULES.iter().map(|(_, name)| *name).collect();
    let counts = RULES
        .iter()
        .map(|(rule, _)| coverage.count(*rule).to_string());
    let counts: Vec<String> = counts.collect();
    let mut out = format!(
        "| {} |\n|{}\n| {} |\n",
        names.join(" | "),
        "---|".repeat(names.len()),
        counts.join(" | ")
    );
    for left in unknown(coverage) {
        out.push_str(&format!("\n- unknown: `{left}`"));
    }
    out.push('\n');
    out
}

/// The same for programs.
pub fn json(coverage: &Coverage) -> String {
    let name = |rule: Rule| {
        let found = RULES.iter().find(|(one, _)| *one == rule);
        found.map_or("", |(_, name)| *name)
    };
    let counts = RULES
        .iter()
        .map(|(rule, name)| ((*name).to_owned(), Value::from(coverage.count(*rule))));
    let attributes = coverage.iter().map(
        |one| json!({"address": one.address, "attribute": one.attribute, "rule": name(one.rule)}),
    );
    let counts: serde_json::Map<String, Value> = counts.collect();
    let answer = json!({
        "settled": counts,
        "attributes": attributes.collect::<Vec<_>>(),
    });
    format!("{answer:#}\n")
}

fn unknown(coverage: &Coverage) -> impl Iterator<Item = String> {
    let left = coverage.iter().filter(|one| one.rule == Rule::Unknown);
    left.map(|one| format!("{}.{}", one.address, one.attribute))
}
