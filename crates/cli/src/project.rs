//! Sources on the command line into an organization and a boundary.
//!
//! A directory that holds a boundary is a project: its own `sources:` say where the organization is
//! read from. Anything else is a source itself.

use std::path::{Path, PathBuf};

use cofferdam_boundary::file::{Boundary, Date};
use cofferdam_org::fact::Facts;
use cofferdam_org::model::Organization;
use cofferdam_sources::terraform::Coverage;
use cofferdam_text::{Diagnostic, Documents, Node};

use crate::args::Sources;
use crate::engine;
use crate::failure::Failure;
use crate::input;

/// Everything that a verb asks about.
pub struct Project {
    /// All texts that were read.
    pub documents: Documents,
    /// The organization of all sources.
    pub organization: Organization,
    /// The boundary, if one is declared.
    pub boundary: Option<Boundary>,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// When the snapshot was taken.
    pub captured_at: Option<String>,
    /// The sources as the user would write them.
    pub sources: Vec<String>,
    /// How the attributes of Terraform plans were settled.
    pub coverage: Coverage,
}

impl Project {
    /// The day of the snapshot, by which approvals and exceptions are judged unless the user says
    /// otherwise; its time begins with the date, as ISO 8601 writes it.
    pub fn day(&self) -> Option<Date> {
        self.captured_at.as_deref()?.get(..10)?.parse().ok()
    }

    /// The boundary, for a question that makes no sense without one.
    pub fn boundary(&self) -> Result<&Boundary, Failure> {
        self.boundary.as_ref().ok_or_else(|| {
            Failure::usage(
                "without a boundary nothing is expected",
                "give a project or `--boundary FILE`, or draft one with `cofferdam init`",
            )
        })
    }
}

/// Reads the boundary first, since it says where the organization lies.
pub fn open(args: &Sources) -> Result<Project, Failure> {
    open_with_facts(args).map(|(project, _)| project)
}

/// Opens a project, and keeps the facts that its organization was built from.
pub fn open_with_facts(args: &Sources) -> Result<(Project, Facts), Failure> {
    let mut documents = Documents::new();
    let found = find(args)?;
    let (boundary, mut diagnostics) = read_boundary(&found.files, &mut documents)?;
    let sources = match (&found.project, &boundary) {
        (Some(directory), Some(boundary)) => found.sources(directory, boundary),
        _ => found.plain,
    };
    let read = engine::read(&sources, &args.terraform.options(), &mut documents)
        .map_err(|diagnostic| Failure::at(diagnostic, &documents))?;
    diagnostics.extend(read.diagnostics);
    let project = Project {
        documents,
        organization: read.organization,
        boundary,
        diagnostics,
        captured_at: read.captured_at,
        sources: read.sources,
        coverage: read.coverage,
    };
    Ok((project, read.facts))
}

/// The same boundary over other sources; a project among them stands for its own sources.
pub fn beside(project: &Project, sources: &[PathBuf], args: &Sources) -> Result<Project, Failure> {
    let other = Sources {
        sources: sources.to_vec(),
        boundary: None,
        terraform: args.terraform.clone(),
    };
    let mut other = open(&other)?;
    other.boundary = project.boundary.clone();
    Ok(other)
}

/// What the command line points at.
struct Found {
    project: Option<PathBuf>,
    /// Where the project stands among the sources.
    position: usize,
    plain: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Found {
    /// The project's own sources in its place among the others.
    fn sources(&self, directory: &Path, boundary: &Boundary) -> Vec<PathBuf> {
        let own: Vec<PathBuf> = boundary
            .sources
            .iter()
            .map(|source| directory.join(source))
            .collect();
        let (before, after) = self
            .plain
            .split_at_checked(self.position)
            .unwrap_or((&self.plain, &[]));
        [before, own.as_slice(), after].concat()
    }
}

fn find(args: &Sources) -> Result<Found, Failure> {
    let here = [PathBuf::from(".")];
    let given = if args.sources.is_empty() {
        here.as_slice()
    } else {
        &args.sources
    };
    let mut found = Found {
        project: None,
        position: 0,
        plain: Vec::new(),
        files: Vec::new(),
    };
    for source in given {
        let files = boundary_files(source);
        if files.is_empty() {
            found.plain.push(source.clone());
            continue;
        }
        if found.project.replace(source.clone()).is_some() {
            return Err(Failure::file(
                source,
                "this is a second project, and one check has one boundary",
                "give its snapshot directory as a source in place of the project",
            ));
        }
        found.position = found.plain.len();
        found.files = files;
    }
    if let Some(path) = &args.boundary {
        found.files = given_boundary(path)?;
    }
    if args.sources.is_empty() && found.project.is_none() {
        return Err(Failure::usage(
            "there is no boundary.yaml in the current directory",
            "give a project, a snapshot directory or several as SOURCE, or run `cofferdam init`",
        ));
    }
    Ok(found)
}

fn given_boundary(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let own = boundary_files(path);
    let files = if own.is_empty() {
        yaml_files(path)
    } else {
        own
    };
    match files.is_empty() {
        true => Err(Failure::file(
            path,
            "this directory holds no boundary file",
            "give a file that ends in .yaml, or a directory of them",
        )),
        false => Ok(files),
    }
}

/// The boundary files of a project; none if the directory is no project.
fn boundary_files(directory: &Path) -> Vec<PathBuf> {
    let one = directory.join("boundary.yaml");
    let mut files = yaml_files(&directory.join("boundary"));
    if one.is_file() {
        files.insert(0, one);
    }
    files
}

/// In the order of their names, so that the answer does not depend on the file system.
fn yaml_files(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == "yaml" || kind == "yml")
        })
        .collect();
    files.sort();
    files
}

/// A boundary file that cannot be read at all is no boundary: what it asks would silently be left
/// out of the answer.
fn read_boundary(
    files: &[PathBuf],
    documents: &mut Documents,
) -> Result<(Option<Boundary>, Vec<Diagnostic>), Failure> {
    if files.is_empty() {
        return Ok((None, Vec::new()));
    }
    let trees: Vec<Node> = files
        .iter()
        .map(|file| input::tree(file, documents))
        .collect::<Result<_, _>>()?;
    let (boundary, diagnostics) = engine::boundary(&trees);
    Ok((Some(boundary), diagnostics))
}
