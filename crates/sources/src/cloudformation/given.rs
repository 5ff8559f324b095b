//! Values of parameters that the user gives.
//!
//! `KEY=VALUE`, or a file: the list that the AWS CLI takes (`[{"ParameterKey", "ParameterValue"}]`),
//! the object of a template configuration file (`{"Parameters": {…}}`), or a plain object. A key may be
//! `STACK:KEY`, to give stacks different values.

use std::collections::BTreeMap;
use std::path::Path;

use cofferdam_text::{Diagnostic, Documents, Member, Node};

use super::place::Options;
use super::template::{self, Given};

/// Every value that was given, later ones over earlier ones.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    all: BTreeMap<String, String>,
}

impl Parameters {
    /// Those of one stack.
    pub fn of(&self, stack: &str) -> BTreeMap<String, Given> {
        let mut found = BTreeMap::new();
        for (key, value) in &self.all {
            if !key.contains(':') {
                found.insert(key.clone(), Given::Text(value.clone()));
            }
        }
        for (key, value) in &self.all {
            if let Some((_, key)) = key.split_once(':').filter(|(of, _)| *of == stack) {
                found.insert(key.to_owned(), Given::Text(value.clone()));
            }
        }
        found
    }
}

/// Reads everything that was given.
pub(super) fn read(options: &Options, documents: &mut Documents) -> Result<Parameters, Diagnostic> {
    let mut found = Parameters::default();
    for one in &options.parameters {
        match one.split_once('=') {
            Some((key, value)) => drop(found.all.insert(key.to_owned(), value.to_owned())),
            None => file(&mut found, Path::new(one), documents)?,
        }
    }
    Ok(found)
}

fn file(found: &mut Parameters, path: &Path, documents: &mut Documents) -> Result<(), Diagnostic> {
    let root = template::read(documents, path)?;
    found.all.extend(pairs(&root).ok_or_else(|| {
        let message = "this is no list of `ParameterKey` and `ParameterValue`";
        Diagnostic::in_file(path.display().to_string(), message)
            .with_help("write the list that `aws cloudformation create-stack --parameters` takes")
    })?);
    Ok(())
}

/// Keys and values in any of the forms.
pub(super) fn pairs(root: &Node) -> Option<Vec<(String, String)>> {
    if let Some(items) = root.as_array() {
        let pair = |item: &Node| {
            let key = item.get("ParameterKey")?.text()?.to_owned();
            let resolved = item.get("ResolvedValue").and_then(Node::text);
            let value = resolved.or_else(|| item.get("ParameterValue")?.text())?;
            Some((key, value.to_owned()))
        };
        return items.iter().map(pair).collect();
    }
    let members = root.get("Parameters").unwrap_or(root).as_object()?.iter();
    let pair = |member: &Member| Some((member.key.to_string(), member.value.text()?.to_owned()));
    members.map(pair).collect()
}
