//! Directories of a certificate: written whole into a new place, and read whole.
//!
//! A certificate is checked as a set of files, so that none can be left out or slipped in between
//! the check and the reading.

use std::fs;
use std::path::Path;

use cofferdam_checker::Files;

use crate::failure::Failure;

/// Files that one certificate may have; a finding of a large organization has thousands.
const FILES: usize = 1_000_000;

/// How deep directories may lie in each other: a check, a finding, a question, its lemmas.
const DEPTH: usize = 6;

/// That nothing is there yet: a certificate is never mixed with an older one.
pub fn is_new(directory: &Path) -> Result<(), Failure> {
    let is_empty = fs::read_dir(directory).map(|mut entries| entries.next().is_none());
    if is_empty.unwrap_or(!directory.exists()) {
        return Ok(());
    }
    Err(Failure::file(
        directory,
        "this directory is there already",
        "give a new one, or remove it first",
    ))
}

/// Writes the files below the directory.
pub fn write(directory: &Path, files: &Files) -> Result<(), Failure> {
    for (name, bytes) in files {
        let path = directory.join(name);
        let parent = path.parent().unwrap_or(directory);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, bytes));
        written.map_err(|error| {
            let message = format!("this file cannot be written: {error}");
            Failure::file(&path, message, "check the directory and its permissions")
        })?;
    }
    Ok(())
}

/// Reads every file below the directory.
pub fn read(directory: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    read_below(directory, "", DEPTH, &mut files)?;
    Ok(files)
}

fn read_below(path: &Path, name: &str, depth: usize, files: &mut Files) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let message = format!("this directory cannot be read: {error}");
        Failure::file(
            path,
            message,
            "give a directory that `cofferdam check --certificate` wrote",
        )
    };
    if depth == 0 || files.len() > FILES {
        return Err(Failure::file(
            path,
            "this is too large for a certificate",
            "give a directory that `cofferdam check --certificate` wrote",
        ));
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let own = entry.file_name().to_string_lossy().into_owned();
        let below = if name.is_empty() {
            own
        } else {
            format!("{name}/{own}")
        };
        if entry.path().is_dir() {
            read_below(&entry.path(), &below, depth - 1, files)?;
        } else {
            files.insert(below, fs::read(entry.path()).map_err(failed)?);
        }
    }
    Ok(())
}
