//! Opening what Config delivers: JSON, mostly compressed.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use cofferdam_text::Diagnostic;
use cofferdam_text::limits::DOCUMENT_BYTES_MAX;
use flate2::bufread::MultiGzDecoder;

/// What every gzip file begins with (RFC 1952, "Member header and trailer").
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Bytes that are read from the disk at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// The text of a file as it is read, decompressed where it is compressed.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, Diagnostic> {
    let problem = |error: std::io::Error| {
        let message = format!("the file cannot be read: {}", error.kind());
        Diagnostic::in_file(path.display().to_string(), message)
    };
    let file = File::open(path).map_err(problem)?;
    let mut input = BufReader::with_capacity(BUFFER_BYTES, file);
    let compressed = input.fill_buf().map_err(problem)?.starts_with(GZIP);
    Ok(match compressed {
        true => Box::new(MultiGzDecoder::new(input)),
        false => Box::new(input),
    })
}

/// The beginning of a file's text, as far as it can be read.
pub(crate) fn beginning(path: &Path, bytes: u64) -> Result<Vec<u8>, Diagnostic> {
    let mut text = Vec::new();
    // What cannot be read is complained about when the file is read in full.
    let _ = open(path)?.take(bytes).read_to_end(&mut text);
    Ok(text)
}

/// The whole text of a small file.
pub(crate) fn whole(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    beginning(path, DOCUMENT_BYTES_MAX as u64 + 1)
}
