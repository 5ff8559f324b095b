//! The one file that knows how the other rooms are called.
//!
//! Verbs say what they want in words of findings; this file turns it into calls. A room that changes
//! its interface changes this file and no verb.

use std::path::PathBuf;

use cofferdam_boundary::check;
use cofferdam_boundary::file::{self, Boundary, Date};
use cofferdam_findings::finding::Answer;
use cofferdam_findings::inventory::Row;
use cofferdam_findings::probe::Probe;
use cofferdam_org::model::Organization;
use cofferdam_report::decision::Decided;
use cofferdam_text::{Diagnostic, Documents, Node};

use crate::failure::Failure;
use crate::project::Project;

/// What the sources say.
pub struct Read {
    /// The organization of all sources.
    pub organization: Organization,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// When the snapshot was taken.
    pub captured_at: Option<String>,
    /// The sources as the user wrote them.
    pub sources: Vec<String>,
}

/// How a check is made.
pub struct Options<'a> {
    /// The day by which exceptions are judged.
    pub as_of: Option<Date>,
    /// How many threads may work.
    pub threads: usize,
    /// Told how many questions of how many are answered, and which comes now.
    pub progress: &'a (dyn Fn(usize, usize, &str) + Sync),
}

/// Reads sources in order, later ones over earlier ones.
pub fn read(paths: &[PathBuf], documents: &mut Documents) -> Result<Read, Diagnostic> {
    let read = cofferdam_sources::read(paths, documents)?;
    let (organization, found) = cofferdam_org::build::build(&read.facts);
    let diagnostics = read.diagnostics.into_iter().chain(found).collect();
    Ok(Read {
        organization,
        diagnostics,
        captured_at: read.captured_at,
        sources: read.sources,
    })
}

/// Reads the files of a boundary as one.
pub fn boundary(files: &[Node]) -> (Boundary, Vec<Diagnostic>) {
    file::read(files)
}

fn unfinished<T>(verb: &str) -> Result<T, Failure> {
    Err(Failure::usage(
        format!("`{verb}` is not part of this build"),
        "use a later build",
    ))
}

/// Asks every obligation of the boundary; without one, whatever can be asked of any store.
pub fn check(project: &Project, options: &Options<'_>) -> Result<Answer, Failure> {
    let organization = &project.organization;
    let undeclared = project
        .boundary
        .is_none()
        .then(|| check::undeclared(organization));
    let obligations: &[&str] = if undeclared.is_some() {
        &check::WITHOUT_BOUNDARY
    } else {
        &[]
    };
    let Some(boundary) = project.boundary.as_ref().or(undeclared.as_ref()) else {
        return unfinished("check");
    };
    let how = check::Options {
        as_of: options.as_of,
        threads: options.threads,
        progress: options.progress,
        obligations,
    };
    let mut answer = check::check(organization, boundary, &how);
    if undeclared.is_some() {
        let found = "no boundary is declared: every store that was found is a dataset, and the organization is the one that was found";
        answer
            .findings
            .iter_mut()
            .for_each(|finding| finding.assumptions.push(found.to_owned()));
    }
    answer.captured_at.clone_from(&project.captured_at);
    answer.sources.clone_from(&project.sources);
    answer.diagnostics.clone_from(&project.diagnostics);
    Ok(answer)
}

/// Who reaches each resource of the boundary's datasets.
pub fn inventory(_project: &Project) -> Result<Vec<Row>, Failure> {
    unfinished("inventory")
}

/// Who reaches one resource, with or without a boundary.
pub fn look(_project: &Project, _arn: &str) -> Result<Vec<Row>, Failure> {
    unfinished("look")
}

/// The denied and approved paths of the boundary.
pub fn probes(_project: &Project, _boundary: &Boundary) -> Result<Vec<Probe>, Failure> {
    unfinished("test")
}

/// Decides the cases of one file.
pub fn decide(_file: &Node, _documents: &mut Documents) -> Result<Vec<Decided>, Failure> {
    unfinished("decide")
}
