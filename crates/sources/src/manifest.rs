//! A snapshot with a manifest: what was read, what was refused, and when.
//!
//! The manifest is the word of whoever took the snapshot. A file that it names and that is missing
//! counts as unread; a file that it does not name is not read, because nothing says what it is an
//! answer to.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use cofferdam_text::{Diagnostic, Node, Severity};

use crate::ahead;
use crate::answers;
use crate::detect::MANIFEST;
use crate::files;
use crate::sink::Sink;
use crate::snapshot::{self, Entry, PARTITION, Place};

/// Version of the layout that this reader knows.
const VERSION: &str = "1";

/// Reads a snapshot; gives when it was taken.
pub(crate) fn read(sink: &mut Sink, directory: &Path) -> Result<Option<String>, Diagnostic> {
    let path = directory.join(MANIFEST);
    let name = path.display().to_string();
    let manifest =
        match files::bytes(&path).and_then(|bytes| sink.documents.read_json(&name, bytes)) {
            Ok(manifest) => manifest,
            Err(diagnostic) => {
                sink.complain(diagnostic);
                snapshot::loose(sink, directory)?;
                return Ok(None);
            }
        };
    version(&manifest)?;
    let named = entries(sink, directory, &manifest);
    refusals(sink, &manifest);
    left_out(sink, &manifest);
    taken_over(sink, &manifest);
    not_named(sink, directory, &named)?;
    Ok(manifest
        .get("captured_at")
        .and_then(Node::text)
        .map(str::to_owned))
}

fn version(manifest: &Node) -> Result<(), Diagnostic> {
    match manifest.get("version") {
        Some(node) if node.text() != Some(VERSION) => {
            let message = format!("only version {VERSION} of the snapshot layout can be read");
            Err(Diagnostic::error(node.origin, message))
        }
        _ => Ok(()),
    }
}

/// Reads every file that the manifest names; gives their paths.
fn entries(sink: &mut Sink, directory: &Path, manifest: &Node) -> BTreeSet<PathBuf> {
    let partition = manifest
        .get("partition")
        .and_then(Node::text)
        .unwrap_or(PARTITION);
    let mut named = BTreeSet::from([directory.join(MANIFEST)]);
    let mut found = Vec::new();
    for node in sink.list(manifest, "read") {
        let Some(file) = sink.need(node, "file") else {
            continue;
        };
        if !is_below(Path::new(file)) {
            sink.complain(Diagnostic::error(
                node.origin,
                format!("`{file}` lies outside the snapshot"),
            ));
            continue;
        }
        let path = directory.join(file);
        found.extend(entry(sink, &path, node, partition));
        named.insert(path);
    }
    let files: Vec<&Path> = found.iter().map(|entry| entry.path.as_path()).collect();
    ahead::each(sink, &files, |sink, number, bytes| {
        if let Some(entry) = found.get(number) {
            snapshot::file(sink, entry, bytes);
        }
    });
    named
}

/// A manifest may come from elsewhere: it must not reach files that the user did not name.
fn is_below(file: &Path) -> bool {
    file.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// What an entry says of its file, if the file states facts.
fn entry<'m>(sink: &mut Sink, path: &Path, node: &'m Node, partition: &str) -> Option<Entry<'m>> {
    let stated = node
        .get("operation")
        .and_then(Node::text)
        .map(str::to_owned);
    let Some(operation) = stated.or_else(|| files::operation_of(path).map(|name| name.operation))
    else {
        sink.misshapen(node, "an object with `operation`");
        return None;
    };
    let Some(row) = snapshot::row_of(sink, path, &operation) else {
        present(sink, path);
        return None;
    };
    Some(Entry {
        path: path.to_owned(),
        row,
        place: place(node, partition),
        request: node.get("request"),
    })
}

/// A file that states no fact yet must be there all the same: the manifest says that it was read.
fn present(sink: &mut Sink, path: &Path) {
    if !path.is_file() {
        sink.complain(Diagnostic::in_file(
            path.display().to_string(),
            "the file is missing",
        ));
    }
}

fn place(node: &Node, partition: &str) -> Place {
    let text = |key| node.get(key).and_then(Node::text).unwrap_or_default();
    let region = if text("region") == "global" {
        ""
    } else {
        text("region")
    };
    Place {
        account: text("account").to_owned(),
        region: region.to_owned(),
        partition: partition.to_owned(),
    }
}

fn refusals(sink: &mut Sink, manifest: &Node) {
    let partition = manifest
        .get("partition")
        .and_then(Node::text)
        .unwrap_or(PARTITION);
    for node in sink.list(manifest, "refused") {
        let Some(operation) = sink.need(node, "operation") else {
            continue;
        };
        let (Some(row), Some(error)) = (answers::row(operation), node.get("error")) else {
            continue;
        };
        let place = place(node, partition);
        snapshot::refused(sink, row, &place.call(node.get("request")), error);
    }
}

/// What was not asked on purpose is there, and nobody sees it.
fn left_out(sink: &mut Sink, manifest: &Node) {
    let Some(all) = manifest.get("left_out") else {
        return;
    };
    let regions = all.get("regions").map(Node::items).unwrap_or_default();
    let names: Vec<&str> = regions.iter().filter_map(Node::text).collect();
    if !names.is_empty() {
        let message = format!(
            "not read, so what lies there is not seen: {}",
            names.join(", ")
        );
        warn(sink, all, message, "collect without --regions to see it");
    }
    if let Some(arn) = all.get("but").and_then(Node::text) {
        let message = format!("only what {arn} needs was read: the rest is not seen");
        warn(sink, all, message, "collect without --dataset to see it");
    }
}

/// An organization that is older than the rest.
fn taken_over(sink: &mut Sink, manifest: &Node) {
    let organization = manifest.get("organization");
    let Some(date) = organization.and_then(|one| one.get("captured_at")) else {
        return;
    };
    let message = format!(
        "the organization, its accounts and its policies are as of {}, from an earlier snapshot",
        date.text().unwrap_or("a day that is not said")
    );
    warn(
        sink,
        date,
        message,
        "collect without --organization to read them anew",
    );
}

fn warn(sink: &mut Sink, node: &Node, message: String, help: &str) {
    let mut diagnostic = Diagnostic::error(node.origin, message);
    diagnostic.severity = Severity::Warning;
    sink.complain(diagnostic.with_help(help));
}

fn not_named(
    sink: &mut Sink,
    directory: &Path,
    named: &BTreeSet<PathBuf>,
) -> Result<(), Diagnostic> {
    for file in files::below(directory)? {
        if files::operation_of(&file).is_some() && !named.contains(&file) {
            let help = format!("add it to the list `read` in {MANIFEST}");
            let message = "the manifest does not name this file, so it was not read";
            sink.complain(snapshot::warning(&file, message).with_help(help));
        }
    }
    Ok(())
}
