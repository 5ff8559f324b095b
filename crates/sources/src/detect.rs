//! What kind of source a path is, by its content and not by its name alone.

use std::path::Path;

use cofferdam_text::{Diagnostic, Documents, Node};

use crate::files;

/// The kinds of sources that can be read.
pub(crate) enum Source {
    /// A directory with a manifest.
    Snapshot,
    /// Answers printed by the CLI, named by operation.
    Answers,
}

/// The name of a snapshot's manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// A member that only one kind of document has, and the kind in words.
const OTHERS: &[(&str, &str)] = &[
    ("configurationItems", "an AWS Config snapshot"),
    ("configurationItemVersion", "an AWS Config item"),
    ("planned_values", "a Terraform plan"),
    ("terraform_version", "a Terraform plan or state"),
    ("AWSTemplateFormatVersion", "a CloudFormation template"),
    ("Resources", "a CloudFormation template"),
];

/// Decides what a path is.
pub(crate) fn detect(path: &Path) -> Result<Source, Diagnostic> {
    if path.is_dir() {
        let manifest = path.join(MANIFEST).is_file();
        return Ok(if manifest {
            Source::Snapshot
        } else {
            Source::Answers
        });
    }
    if !path.is_file() {
        return Err(Diagnostic::in_file(
            path.display().to_string(),
            "no such file or directory",
        ));
    }
    if files::operation_of(path).is_some() {
        return Ok(Source::Answers);
    }
    Err(refusal(path))
}

/// Why a file that is no answer cannot be used.
fn refusal(path: &Path) -> Diagnostic {
    let name = path.display().to_string();
    match root(path) {
        Err(diagnostic) => diagnostic,
        Ok(node) => match OTHERS.iter().find(|(member, _)| node.get(member).is_some()) {
            Some((_, kind)) => Diagnostic::in_file(name, format!("this is {kind}, which this version does not read yet"))
                .with_help("give a snapshot directory, or answers of the AWS CLI"),
            None => Diagnostic::in_file(name, "this is no source that can be read")
                .with_help("answers of the AWS CLI are named SERVICE.OPERATION.json, such as kms.list-keys.json"),
        },
    }
}

fn root(path: &Path) -> Result<Node, Diagnostic> {
    let bytes = files::bytes(path)?;
    let name = path.display().to_string();
    let mut documents = Documents::new();
    let yaml = matches!(
        path.extension().and_then(|text| text.to_str()),
        Some("yaml" | "yml")
    );
    let read = if yaml {
        documents.read_yaml(&name, bytes)
    } else {
        documents.read_json(&name, bytes)
    };
    read.map_err(|diagnostic| documents.locate(diagnostic))
}
