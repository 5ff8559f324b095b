//! The AWS managed policies with their documents.
//!
//! AWS publishes them through its API alone. The Python package `moto` (Apache-2.0) restates all of
//! them as data, taken from that API. Its own date is when it was packed; the data are older, and
//! held at least until the day on which the newest of these policies was changed, which is the date
//! of the tables. Statements are rows, so that a renewal shows what AWS changed; actions are grouped
//! by service, which saves a fifth of the text.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::table::{Header, line, write};
use super::{Result, wheel};

/// The version that every document states; another would need a column.
const LANGUAGE: &str = "2012-10-17";

/// Downloads the package and writes the tables.
pub(super) fn run(work: &Path) -> Result<()> {
    let (folder, version, _) = wheel("moto", work)?;
    let module = fs::read_to_string(folder.join("moto/iam/aws_managed_policies.py"))?;
    let policies = policies(&module)?;
    let updated = policies
        .values()
        .filter_map(|policy| text(policy, "UpdateDate").ok());
    let as_of = day(updated.max().ok_or("there is no policy")?);
    let source = format!("AWS managed policies, as restated by moto {version} (Apache-2.0)");
    let header = |table, columns| Header {
        table,
        as_of,
        source: &source,
        columns,
    };
    let (mut names, mut statements) = (Vec::new(), Vec::new());
    for (name, policy) in &policies {
        let name = named(name, policy)?;
        names.push(line(&[
            &name,
            text(policy, "DefaultVersionId")?,
            day(text(policy, "UpdateDate")?),
        ])?);
        statements.extend(rows(&name, policy).map_err(|error| format!("{name}: {error}"))?);
    }
    write(
        &header("managed_policies", "path and name\tversion\tupdated"),
        names,
    )?;
    let principals = principals(&policies).into_iter().collect();
    write(&header("named_principals", "service principal"), principals)?;
    write(
        &header(
            "managed_statements",
            "path and name of the policy\tstatement\tSid\tEffect\tactions (! before what NotAction lists)\tresources (likewise)\tCondition",
        ),
        statements,
    )
}

/// Keys whose values are service principals.
const OF_SERVICES: [&str; 3] = [
    "aws:principalservicename",
    "iam:awsservicename",
    "iam:passedtoservice",
];

/// Host names of services that the policies name in full: AWS publishes no list of them, and these
/// are written by itself.
fn principals(policies: &Map<String, Value>) -> BTreeSet<String> {
    let documents = policies
        .values()
        .filter_map(|policy| policy.get("Document")?.get("Statement"));
    let conditions = documents
        .flat_map(items)
        .filter_map(|statement| statement.get("Condition")?.as_object());
    let tests = conditions
        .flat_map(Map::values)
        .filter_map(Value::as_object)
        .flatten();
    let of_services =
        tests.filter(|(key, _)| OF_SERVICES.contains(&key.to_ascii_lowercase().as_str()));
    let names = of_services
        .flat_map(|(_, values)| items(values))
        .filter_map(Value::as_str);
    names
        .filter(|name| is_host(name))
        .map(str::to_owned)
        .collect()
}

fn is_host(name: &str) -> bool {
    let plain = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter)
    };
    name.ends_with(".amazonaws.com") && name.chars().all(plain)
}

/// The data are one JSON text in a module of Python, between three quotes and without escapes.
fn policies(module: &str) -> Result<Map<String, Value>> {
    let text = module
        .split("\"\"\"")
        .nth(1)
        .ok_or("the module holds no text")?;
    match text.contains('\\') {
        true => Err("the module's text has escapes, which are not read here".into()),
        false => Ok(serde_json::from_str(text)?),
    }
}

/// As in its ARN: `service-role/AWSLambdaRole`.
fn named(name: &str, policy: &Value) -> Result<String> {
    let path = text(policy, "Path")?.trim_start_matches('/');
    Ok(format!("{path}{name}"))
}

fn rows(name: &str, policy: &Value) -> Result<Vec<String>> {
    let document = policy.get("Document").ok_or("no document")?;
    if text(document, "Version")? != LANGUAGE {
        return Err("another version of the language".into());
    }
    let statements = items(document.get("Statement").ok_or("no statements")?);
    let numbered = (0..).zip(statements);
    numbered
        .map(|(number, statement)| row(name, number, statement))
        .collect()
}

fn row(name: &str, number: usize, statement: &Value) -> Result<String> {
    let known = [
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    let members = statement.as_object().ok_or("a statement is no object")?;
    if let Some(other) = members.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("a statement with the element {other}").into());
    }
    let condition = match statement.get("Condition") {
        Some(condition) => condition.to_string(),
        None => String::new(),
    };
    line(&[
        name,
        &format!("{number:03}"),
        statement.get("Sid").and_then(Value::as_str).unwrap_or(""),
        text(statement, "Effect")?,
        &listed(statement, "Action", "NotAction", grouped)?,
        &listed(statement, "Resource", "NotResource", spaced)?,
        &condition,
    ])
}

/// One element or its negation, as a list without a space in any item.
fn listed(
    statement: &Value,
    name: &str,
    negation: &str,
    write: fn(&[&str]) -> String,
) -> Result<String> {
    let (element, mark) = match (statement.get(name), statement.get(negation)) {
        (Some(element), None) => (element, ""),
        (None, Some(element)) => (element, "!"),
        _ => return Err(format!("neither or both of {name} and {negation}").into()),
    };
    let texts: Option<Vec<&str>> = items(element).iter().map(Value::as_str).collect();
    let texts = texts.ok_or("an item is no text")?;
    let plain = |text: &&&str| text.contains([' ', '"', '\\', ',']) || text.starts_with('!');
    match texts.iter().find(plain) {
        Some(text) => Err(format!("an item that these tables cannot hold: {text}").into()),
        None => Ok(format!("{mark}{}", write(&texts))),
    }
}

/// `s3:GetObject,PutObject kms:Decrypt`: the service once for those that follow each other.
fn grouped(actions: &[&str]) -> String {
    let mut text = String::new();
    let mut last = None;
    for action in actions {
        let service = action.split_once(':').map(|(service, _)| service);
        match action.split_once(':') {
            Some((_, name)) if service == last => text.push_str(&format!(",{name}")),
            _ if text.is_empty() => text.push_str(action),
            _ => text.push_str(&format!(" {action}")),
        }
        last = service;
    }
    text
}

fn spaced(resources: &[&str]) -> String {
    resources.join(" ")
}

fn items(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn text<'a>(holder: &'a Value, member: &str) -> Result<&'a str> {
    let value = holder.get(member).and_then(Value::as_str);
    Ok(value.ok_or_else(|| format!("no text member {member}"))?)
}

/// `2026-09-30` of an instant.
fn day(instant: &str) -> &str {
    instant.get(.."2026-01-01".len()).unwrap_or(instant)
}
