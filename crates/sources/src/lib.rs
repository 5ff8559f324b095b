//! Files into facts and cases.
//!
//! A snapshot is the raw answers of AWS's own API, so this room is a table: one row says which
//! operation an answer belongs to, and which facts it states. Nothing is decided here. What could
//! not be read is a diagnostic and leaves facts unknown; it never stops the rest.

mod ahead;
mod answers;
pub mod case;
pub mod cloudformation;
mod config;
mod detect;
pub mod event;
mod files;
mod finish;
mod manifest;
pub mod message;
mod older;
mod operations;
mod published;
mod sink;
pub mod slice;
mod snapshot;
mod sniff;
pub mod terraform;
mod written;

use std::path::{Path, PathBuf};

use cofferdam_org::fact::Facts;
use cofferdam_text::{Diagnostic, Documents};

use cloudformation::Stacks;
use detect::Source;
use sink::{Listed, Sink};
use terraform::Coverage;
use terraform::overlay::Overlay;
use written::Ages;

pub use operations::{ForEach, Operation, Scope, operations};

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// The facts of all sources, later ones over earlier ones.
    pub facts: Facts,
    /// What was wrong, with files and lines.
    pub diagnostics: Vec<Diagnostic>,
    /// When the snapshot was taken, as its manifest writes it; of the last source that says so.
    pub captured_at: Option<String>,
    /// The sources as the user wrote them.
    pub sources: Vec<String>,
    /// How the attributes of plans were settled.
    pub coverage: Coverage,
}

/// What the user says beside the sources themselves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Of Terraform's plans and states.
    pub terraform: terraform::Options,
    /// Of CloudFormation's templates.
    pub cloudformation: cloudformation::Options,
}

/// Reads sources in order, later ones over earlier ones.
///
/// # Errors
/// When a source is not there, or is of a kind that cannot be used: then no answer would be about
/// what was asked.
pub fn read(paths: &[PathBuf], documents: &mut Documents) -> Result<Read, Diagnostic> {
    read_with(paths, &Options::default(), documents)
}

/// Reads sources in order, as [`read`] does, with what the user says beside them.
///
/// # Errors
/// As for [`read`].
pub fn read_with(
    paths: &[PathBuf],
    options: &Options,
    documents: &mut Documents,
) -> Result<Read, Diagnostic> {
    let mut all = Read::default();
    let mut listed = Listed::new();
    let kinds: Vec<_> = paths.iter().map(|path| detect::detect(path)).collect();
    let recorded = kinds.iter().any(|kind| matches!(kind, Ok(Source::Config)));
    let stacks = stacks(paths, &kinds, options, documents)
        .map_err(|diagnostic| documents.locate(diagnostic))?;
    let mut ages = Ages::new();
    for (path, kind) in paths.iter().zip(kinds) {
        let one = kind.and_then(|kind| source((path, kind), options, &stacks, documents));
        let (one, lists, changes, written) =
            one.map_err(|diagnostic| documents.locate(diagnostic))?;
        match changes {
            Some(changes) => {
                changes.before(&mut all.facts);
                all.facts.overlay(one.facts);
                changes.after(&mut all.facts);
            }
            None => {
                let kept = all.facts.overlay_observed(one.facts);
                all.diagnostics
                    .extend(older::said(path, &kept, &ages, all.captured_at.as_deref()));
            }
        }
        ages.extend(written);
        all.coverage.extend(one.coverage);
        all.diagnostics.extend(one.diagnostics);
        all.captured_at = one.captured_at.or(all.captured_at);
        all.sources.push(path.display().to_string());
        listed.extend(lists);
    }
    published::everything(&mut all.facts, documents);
    let dated = published::managed(&mut all.facts, documents);
    all.diagnostics.extend(dated);
    finish::without_organization(&mut all.facts);
    finish::never_listed(&mut all.facts, &listed, recorded);
    all.diagnostics
        .extend(finish::unlisted_accounts(&mut all.facts));
    Ok(all)
}

/// Templates refer to each other, so all of them are read before any states its facts.
fn stacks(
    paths: &[PathBuf],
    kinds: &[Result<Source, Diagnostic>],
    options: &Options,
    documents: &mut Documents,
) -> Result<Stacks, Diagnostic> {
    let found = paths
        .iter()
        .zip(kinds)
        .filter_map(|(path, kind)| match kind {
            Ok(Source::CloudFormation(form)) => Some((path.as_path(), *form)),
            _ => None,
        });
    Stacks::load(found, &options.cloudformation, documents)
}

/// Puts what AWS Config recorded behind the other answers of a snapshot.
fn behind(
    path: &Path,
    items: &[PathBuf],
    facts: &mut Facts,
    documents: &mut Documents,
) -> Vec<Diagnostic> {
    let mut sink = Sink::new(documents);
    let captured_at = config::behind(&mut sink, items);
    let (recorded, mut diagnostics, _) = sink.into_parts();
    let live = std::mem::replace(facts, recorded);
    let kept = facts.overlay_observed(live);
    diagnostics.extend(older::said(
        path,
        &kept,
        &Ages::new(),
        captured_at.as_deref(),
    ));
    diagnostics
}

fn source(
    (path, kind): (&Path, Source),
    options: &Options,
    stacks: &Stacks,
    documents: &mut Documents,
) -> Result<(Read, Listed, Option<Overlay>, Ages), Diagnostic> {
    let mut sink = Sink::new(documents);
    let mut changes = None;
    let mut coverage = Coverage::default();
    let mut ages = Ages::new();
    let captured_at = match kind {
        Source::Snapshot => manifest::read(&mut sink, path)?,
        Source::Answers => {
            snapshot::loose(&mut sink, path)?;
            None
        }
        Source::Config => config::read(&mut sink, path)?,
        Source::Events => {
            ages = written::read(&mut sink, path)?;
            None
        }
        Source::Terraform => {
            let (overlay, settled) = terraform::read(&mut sink, path, &options.terraform)?;
            (changes, coverage) = (Some(overlay), settled);
            None
        }
        Source::CloudFormation(_) => {
            changes = Some(stacks.facts(path, &mut sink));
            None
        }
    };
    // What answers state together has no meaning in a plan, which says what it changes.
    if changes.is_none() {
        finish::finish(&mut sink);
    }
    let items = std::mem::take(&mut sink.items);
    let (mut facts, mut diagnostics, listed) = sink.into_parts();
    if !items.is_empty() {
        diagnostics.extend(behind(path, &items, &mut facts, documents));
    }
    Ok((
        Read {
            facts,
            diagnostics,
            captured_at,
            sources: Vec::new(),
            coverage,
        },
        listed,
        changes,
        ages,
    ))
}
