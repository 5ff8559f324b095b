//! Files and standard input, read whole and up to a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use cofferdam_text::limits::DOCUMENT_BYTES_MAX;
use cofferdam_text::{Diagnostic, Documents, Node};

use crate::failure::Failure;

/// A YAML or JSON file as a tree; `-` is standard input. JSON by its name, else YAML, which reads
/// JSON too.
pub fn tree(path: &Path, documents: &mut Documents) -> Result<Node, Failure> {
    parsed(path, documents)?.map_err(|diagnostic| Failure::at(diagnostic, documents))
}

/// The same, where a text that is neither JSON nor YAML is an answer too.
pub fn parsed(path: &Path, documents: &mut Documents) -> Result<Result<Node, Diagnostic>, Failure> {
    let bytes = read(path)?;
    let name = name(path);
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json")
        || (is_stdin(path) && starts_json(&bytes));
    Ok(match is_json {
        true => documents.read_json(&name, bytes),
        false => documents.read_yaml(&name, bytes),
    })
}

/// What a file is called in answers.
pub fn name(path: &Path) -> String {
    match is_stdin(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// The bytes of a file. One byte more than the limit is read, so that the reader of the tree can
/// name the limit itself.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let limit = DOCUMENT_BYTES_MAX as u64 + 1;
    let mut bytes = Vec::new();
    let result = match is_stdin(path) {
        true => io::stdin().lock().take(limit).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)),
    };
    match result {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::file(
            path,
            format!("this file cannot be read: {error}"),
            "check the path and its permissions",
        )),
    }
}

/// What is pasted on standard input, as text.
pub fn pasted() -> Result<String, Failure> {
    let bytes = read(Path::new("-"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn starts_json(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}
