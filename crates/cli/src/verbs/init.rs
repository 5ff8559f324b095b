//! `cofferdam init`: a first boundary, drafted from what a snapshot holds.
//!
//! A draft approves nobody, so that the first check says who reaches what, and each approval is a
//! line that somebody wrote on purpose.

mod draft;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::args::Sources;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project;
use crate::terminal::Terminal;

/// Draft a commented boundary.yaml from a snapshot; never overwrites one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Init {
    /// A directory that holds snapshot/, or a snapshot itself
    #[arg(default_value = ".", value_name = "DIR|SOURCE")]
    directory: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam init                   reads ./snapshot/, writes ./boundary.yaml
  cofferdam init work/snapshot     reads that snapshot, writes work/boundary.yaml";

const FILE: &str = "boundary.yaml";
const SNAPSHOT: &str = "snapshot";
const MANIFEST: &str = "manifest.json";

/// Reads the snapshot and writes the draft beside it.
pub fn run(args: &Init, terminal: &Terminal) -> Result<Exit, Failure> {
    let (home, source) = places(&args.directory)?;
    let file = home.join(FILE);
    if file.exists() || home.join("boundary").is_dir() {
        return Err(exists(&file));
    }
    let path = home.join(&source);
    let project = project::open(&Sources {
        sources: vec![path],
        boundary: None,
        terraform: crate::args::Terraform::default(),
    })?;
    terminal.diagnostics(&project.diagnostics, &project.documents);
    create(&file, &draft::draft(&project.organization, &source))?;
    terminal.note(&format!(
        "wrote {}; now run: cofferdam check {}",
        file.display(),
        home.display()
    ));
    Ok(Exit::Fine)
}

/// Where the boundary goes, and what the snapshot is called from there.
fn places(directory: &Path) -> Result<(PathBuf, String), Failure> {
    if directory.join(SNAPSHOT).is_dir() {
        return Ok((directory.to_owned(), format!("{SNAPSHOT}/")));
    }
    let full = directory
        .canonicalize()
        .unwrap_or_else(|_| directory.to_owned());
    let name = full.file_name().and_then(|name| name.to_str());
    match (directory.join(MANIFEST).is_file(), name, directory.parent()) {
        (true, Some(name), Some(parent)) => Ok((parent.to_owned(), format!("{name}/"))),
        _ => Err(Failure::file(
            directory,
            "there is no snapshot here",
            "give a snapshot, or a directory that holds one as snapshot/; docs/snapshot.md says how to take one",
        )),
    }
}

fn create(file: &Path, text: &str) -> Result<(), Failure> {
    let opened = OpenOptions::new().write(true).create_new(true).open(file);
    match opened.and_then(|mut opened| opened.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(exists(file)),
        Err(error) => Err(Failure::file(
            file,
            format!("this cannot be written: {error}"),
            "check the directory's permissions",
        )),
    }
}

fn exists(file: &Path) -> Failure {
    Failure::file(
        file,
        "there is a boundary already",
        "edit it, or move it away first",
    )
}
