//! What kind of source a path is, by its content and not by its name alone.

use std::path::Path;

use cofferdam_text::{Diagnostic, Documents, Node};

use crate::cloudformation::Form;
use crate::sniff::{self, Keys};
use crate::{config, files, written};

/// The kinds of sources that can be read.
pub(crate) enum Source {
    /// A directory with a manifest.
    Snapshot,
    /// Answers printed by the CLI, named by operation.
    Answers,
    /// Items of AWS Config.
    Config,
    /// Events of CloudTrail, of which those that write policies count.
    Events,
    /// A plan or a state, as `terraform show -json` prints it.
    Terraform,
    /// A template, an application or a change set of CloudFormation.
    CloudFormation(Form),
}

/// The name of a snapshot's manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Decides what a path is.
pub(crate) fn detect(path: &Path) -> Result<Source, Diagnostic> {
    if path.is_dir() {
        return directory(path);
    }
    if !path.is_file() {
        return Err(Diagnostic::in_file(
            path.display().to_string(),
            "no such file or directory",
        ));
    }
    let keys = sniff::keys(&config::beginning(path, sniff::BYTES)?);
    if is_config(&keys) {
        return Ok(Source::Config);
    }
    if keys.has("Records") || keys.has("Events") {
        return Ok(Source::Events);
    }
    if files::operation_of(path).is_some() {
        return Ok(Source::Answers);
    }
    if keys.has("format_version") {
        return Ok(Source::Terraform);
    }
    if keys.has("terraform_version") {
        let message = "this is Terraform's own state file, which has no published format";
        let help = "give what `terraform show -json` prints of it";
        return Err(Diagnostic::in_file(path.display().to_string(), message).with_help(help));
    }
    if keys.has("Changes") && keys.has("ChangeSetName") {
        return Ok(Source::CloudFormation(Form::Changes));
    }
    let template = keys.has("Resources") || is_template(&root(path)?);
    match template {
        true => Ok(Source::CloudFormation(Form::Template)),
        false => Err(refusal(path.display().to_string())),
    }
}

/// `Resources` is the one section that a template must have ("Template sections").
fn is_template(root: &Node) -> bool {
    root.get("Resources")
        .is_some_and(|node| node.as_object().is_some())
        || root.get("AWSTemplateFormatVersion").is_some()
}

fn directory(path: &Path) -> Result<Source, Diagnostic> {
    let manifest = path.join(MANIFEST);
    if manifest.is_file() {
        let keys = sniff::keys(&config::beginning(&manifest, sniff::BYTES)?);
        return Ok(match keys.has("artifacts") {
            true => Source::CloudFormation(Form::Assembly),
            false => Source::Snapshot,
        });
    }
    let files = files::below(path)?;
    let any = |is: fn(&Path) -> bool| files.iter().any(|file| is(file));
    Ok(if any(config::is_delivered) {
        Source::Config
    } else if any(written::is_delivered) {
        Source::Events
    } else {
        Source::Answers
    })
}

/// Lists of items, one item, a notification of one, or the answer of a query.
fn is_config(keys: &Keys) -> bool {
    let lists = [
        "configurationItems",
        "baseConfigurationItems",
        "BaseConfigurationItems",
    ];
    let item = keys.has_inside("resourceType") && keys.has_inside("configurationItemStatus");
    lists.iter().any(|list| keys.has(list))
        || item
        || keys.has_inside("configurationItem")
        || keys.has("Results") && keys.has("QueryInfo")
}

/// Why a file that is no answer cannot be used.
fn refusal(name: String) -> Diagnostic {
    Diagnostic::in_file(name, "this is no source that can be read")
        .with_help("answers of the AWS CLI are named SERVICE.OPERATION.json, such as kms.list-keys.json; plans are written with `terraform show -json`")
}

fn root(path: &Path) -> Result<Node, Diagnostic> {
    let bytes = files::bytes(path)?;
    let name = path.display().to_string();
    let mut documents = Documents::new();
    let json = path.extension().is_some_and(|kind| kind == "json");
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let yaml = !json && first != Some(&b'{');
    let read = if yaml {
        documents.read_yaml(&name, bytes)
    } else {
        documents.read_json(&name, bytes)
    };
    read.map_err(|diagnostic| documents.locate(diagnostic))
}
