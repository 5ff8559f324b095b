//! Files into facts and cases.
//!
//! A snapshot is the raw answers of AWS's own API, so this room is a table: one row says which
//! operation an answer belongs to, and which facts it states. Nothing is decided here. What could
//! not be read is a diagnostic and leaves facts unknown; it never stops the rest.

mod answers;
pub mod case;
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
mod snapshot;
mod sniff;

use std::path::{Path, PathBuf};

use cofferdam_org::fact::Facts;
use cofferdam_text::{Diagnostic, Documents};

use detect::Source;
use sink::{Listed, Sink};

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
}

/// Reads sources in order, later ones over earlier ones.
///
/// # Errors
/// When a source is not there, or is of a kind that cannot be used: then no answer would be about
/// what was asked.
pub fn read(paths: &[PathBuf], documents: &mut Documents) -> Result<Read, Diagnostic> {
    let mut all = Read::default();
    let mut listed = Listed::new();
    for path in paths {
        let one = source(path, documents);
        let (one, lists) = one.map_err(|diagnostic| documents.locate(diagnostic))?;
        let kept = all.facts.overlay_observed(one.facts);
        all.diagnostics.extend(one.diagnostics);
        all.diagnostics
            .extend(older::said(path, &kept, all.captured_at.as_deref()));
        all.captured_at = one.captured_at.or(all.captured_at);
        all.sources.push(path.display().to_string());
        listed.extend(lists);
    }
    let dated = published::managed(&mut all.facts, documents);
    all.diagnostics.extend(dated);
    finish::without_organization(&mut all.facts);
    finish::never_listed(&mut all.facts, &listed);
    all.diagnostics
        .extend(finish::unlisted_accounts(&mut all.facts));
    Ok(all)
}

fn source(path: &Path, documents: &mut Documents) -> Result<(Read, Listed), Diagnostic> {
    let mut sink = Sink::new(documents);
    let captured_at = match detect::detect(path)? {
        Source::Snapshot => manifest::read(&mut sink, path)?,
        Source::Answers => {
            snapshot::loose(&mut sink, path)?;
            None
        }
        Source::Config => config::read(&mut sink, path)?,
    };
    finish::finish(&mut sink);
    let (facts, diagnostics, listed) = sink.into_parts();
    Ok((
        Read {
            facts,
            diagnostics,
            captured_at,
            sources: Vec::new(),
        },
        listed,
    ))
}
