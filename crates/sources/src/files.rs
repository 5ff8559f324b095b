//! Files of a source: finding them in a stable order, and reading their bytes under limits.

use std::fs;
use std::path::{Path, PathBuf};

use cofferdam_text::Diagnostic;
use cofferdam_text::limits::LINES_BYTES_MAX;

/// Directories below a source: a snapshot has two levels, a tree of loose files a few more.
const DEPTH_MAX: usize = 16;

/// Files of one source: a thousand accounts with thirty Regions of thirty operations fit.
const FILES_MAX: usize = 1_000_000;

/// The name of an answer's file: `SERVICE.OPERATION[.RESOURCE].json` or `.jsonl`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AnswerName {
    /// `kms.list-keys`.
    pub operation: String,
    /// The resource that the call was about, where the name says so.
    pub resource: Option<String>,
    /// Whether the file holds one call a line.
    pub lines: bool,
}

/// The operation that a file is named by.
pub(crate) fn operation_of(path: &Path) -> Option<AnswerName> {
    let name = path.file_name()?.to_str()?;
    let (stem, lines) = match name.strip_suffix(".jsonl") {
        Some(stem) => (stem, true),
        None => (name.strip_suffix(".json")?, false),
    };
    let mut parts = stem.splitn(3, '.');
    let (service, operation) = (parts.next()?, parts.next()?);
    let resource = parts.next().map(str::to_owned);
    is_operation(operation).then(|| AnswerName {
        operation: format!("{service}.{operation}"),
        resource,
        lines,
    })
}

fn is_operation(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.contains('-') && text.bytes().all(word)
}

/// Whether a file is named as AWS delivers JSON to a bucket, with the word of the service.
pub(crate) fn is_delivered(path: &Path, word: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        name.contains(word) && (name.ends_with(".json.gz") || name.ends_with(".json"))
    })
}

/// The bytes of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let problem = |message: String| Diagnostic::in_file(path.display().to_string(), message);
    let size = fs::metadata(path)
        .map_err(|error| problem(words(&error)))?
        .len();
    if usize::try_from(size).map_or(true, |size| LINES_BYTES_MAX < size) {
        return Err(problem(format!(
            "the file has {size} bytes; at most {LINES_BYTES_MAX} are read"
        )));
    }
    fs::read(path).map_err(|error| problem(words(&error)))
}

fn words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "the file is missing".to_owned(),
        kind => format!("the file cannot be read: {kind}"),
    }
}

/// Every file below a directory, or the file itself, in the order of their paths. Symbolic links
/// to directories are not followed.
pub(crate) fn below(path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    walk(path, 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(directory: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Diagnostic> {
    let problem = |message: String| Diagnostic::in_file(directory.display().to_string(), message);
    if depth > DEPTH_MAX {
        return Err(problem(format!(
            "directories are nested deeper than {DEPTH_MAX}"
        )));
    }
    let entries = fs::read_dir(directory).map_err(|error| problem(words(&error)))?;
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path(), depth + 1, found)?,
            Ok(_) if entry.path().is_file() => found.push(entry.path()),
            Ok(_) | Err(_) => {}
        }
        if found.len() > FILES_MAX {
            return Err(problem(format!("there are more than {FILES_MAX} files")));
        }
    }
    Ok(())
}
