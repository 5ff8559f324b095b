//! Records out of files of any size, one at a time, in memory that does not grow with them.
//!
//! A file is never read whole: bytes are decompressed in pieces, and each record is cut out by
//! looking at quotes and brackets only. So a stream that ends early still gives the records before
//! its end, and one that is broken in one record still gives the next. What could not be read is
//! named with its file and the offset in its text.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use cofferdam_text::Diagnostic;

use super::value::Value;
use crate::{config, files, written};

/// The largest record that is read: four times what CloudTrail writes at most (256 KB).
pub const RECORD_BYTES_MAX: usize = 1024 * 1024;

/// Bytes that are taken from the decompressor at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What a stream of bytes holds, piece by piece.
#[derive(Debug, PartialEq)]
pub enum Piece<'a> {
    /// One record, and its text.
    Record(Value<'a>, &'a [u8]),
    /// Something that is none, in words.
    Broken(String),
}

/// The files of events below a path, in the order of their names: of a folder those that CloudTrail
/// delivered, or if there are none all that end like one.
///
/// # Errors
/// When the path cannot be read.
pub fn event_files(path: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let all = files::below(path)?;
    let delivered: Vec<PathBuf> = all
        .iter()
        .filter(|file| written::is_delivered(file))
        .cloned()
        .collect();
    match delivered.is_empty() {
        true => Ok(all.into_iter().filter(|file| may_hold(file)).collect()),
        false => Ok(delivered),
    }
}

/// How the names of files of events end.
const ENDINGS: [&str; 4] = [".json", ".json.gz", ".jsonl", ".jsonl.gz"];

fn may_hold(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

/// Whether a path holds events: a file by its beginning, a folder by the names of its files.
pub fn is_events(path: &Path) -> bool {
    if path.is_dir() {
        return files::below(path)
            .is_ok_and(|files| files.iter().any(|file| written::is_delivered(file)));
    }
    let beginning = config::beginning(path, BEGINNING_BYTES).unwrap_or_default();
    let text = String::from_utf8_lossy(&beginning);
    let trimmed = text.trim_start();
    let starts = trimmed.starts_with('{') || trimmed.starts_with('[');
    starts && MARKS.iter().any(|mark| text.contains(mark))
}

/// The first record of any file of events lies in so much of it.
const BEGINNING_BYTES: u64 = 16 * 1024;

/// What only events hold.
const MARKS: [&str; 3] = ["\"eventSource\"", "\"CloudTrailEvent\"", "\"eventVersion\""];

/// Reads a file, and tells of each piece with its offset in the decompressed text.
///
/// # Errors
/// When the file cannot be opened.
pub fn read_file(path: &Path, tell: impl FnMut(u64, Piece<'_>)) -> Result<(), Diagnostic> {
    read(config::open(path)?, tell);
    Ok(())
}

/// Reads a stream, and tells of each piece with its offset.
pub fn read(mut input: impl Read, mut tell: impl FnMut(u64, Piece<'_>)) {
    let mut cutter = Cutter::default();
    loop {
        let filled = cutter.buffer.len();
        cutter.buffer.resize(filled + PIECE_BYTES, 0);
        let piece = cutter.buffer.get_mut(filled..).unwrap_or_default();
        let read = input.read(piece);
        let count = *read.as_ref().unwrap_or(&0);
        cutter.buffer.truncate(filled + count);
        match read {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                let message = format!("the file ends early: {}", in_words(&error));
                tell(cutter.offset + filled as u64, Piece::Broken(message));
                return;
            }
            Ok(0) => return cutter.finish(&mut tell),
            Ok(_) => cutter.cut(&mut tell),
        }
    }
}

fn in_words(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::UnexpectedEof => "its compressed stream is cut off",
        ErrorKind::InvalidData | ErrorKind::InvalidInput => "its compressed stream is damaged",
        _ => "it cannot be read",
    }
}

/// Where the cutter is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum At {
    /// Between things, outside of records.
    #[default]
    Outside,
    /// Inside a string outside of records.
    Name { escaped: bool },
    /// In a record, so many brackets deep, inside a string or not.
    Record {
        depth: usize,
        text: bool,
        escaped: bool,
    },
}

/// Cuts records out of the text.
#[derive(Debug, Default)]
struct Cutter {
    /// Text that was read and not yet cut.
    buffer: Vec<u8>,
    /// Where the buffer begins in the stream.
    offset: u64,
    /// How much of the buffer was looked at.
    seen: usize,
    /// Where in the buffer the record, or the name, begins.
    start: usize,
    at: At,
    /// Whether the text is one object around a list of records, and we are in it.
    wrapped: bool,
    /// The open record is larger than any may be, and is left out.
    skipping: bool,
    /// Other text since the last record.
    stray: Option<u64>,
}

/// The members of an object around records.
const WRAPPERS: [&[u8]; 3] = [b"\"Records\"", b"\"Events\"", b"\"NextToken\""];

impl Cutter {
    fn cut(&mut self, tell: &mut impl FnMut(u64, Piece<'_>)) {
        while let Some(&byte) = self.buffer.get(self.seen) {
            match self.at {
                At::Outside => self.outside(byte),
                At::Name { escaped } => self.name(byte, escaped),
                At::Record { text: true, .. } => self.in_text(),
                At::Record { depth, .. } => self.in_record(byte, depth, tell),
            }
        }
        self.shift(tell);
    }

    /// Between records: lists and commas mean nothing, an object is a record unless it is around them.
    fn outside(&mut self, byte: u8) {
        match byte {
            b'{' => {
                self.start = self.seen;
                self.at = At::Record {
                    depth: 1,
                    text: false,
                    escaped: false,
                };
            }
            b'"' => {
                self.start = self.seen;
                self.at = At::Name { escaped: false };
            }
            b'[' | b']' | b'}' | b',' | b':' => {}
            _ if byte.is_ascii_whitespace() || self.wrapped => {}
            _ => {
                let here = self.offset + self.seen as u64;
                self.stray.get_or_insert(here);
            }
        }
        self.seen += 1;
    }

    fn name(&mut self, byte: u8, escaped: bool) {
        self.seen += 1;
        self.at = match byte {
            b'"' if !escaped => At::Outside,
            _ => At::Name {
                escaped: byte == b'\\' && !escaped,
            },
        };
    }

    /// To the end of a string, which is most of the text.
    fn in_text(&mut self) {
        let At::Record {
            depth,
            mut escaped,
            mut text,
        } = self.at
        else {
            return;
        };
        let rest = self.buffer.get(self.seen..).unwrap_or_default();
        let mut count = 0;
        for &byte in rest {
            count += 1;
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == b'"' {
                text = false;
                break;
            }
        }
        self.seen += count;
        self.at = At::Record {
            depth,
            text,
            escaped,
        };
        if !text && depth == 1 {
            self.unwrap();
        }
    }

    /// An object whose first member is that of a wrapper is no record: what is in it may be.
    fn unwrap(&mut self) {
        let open = self.buffer.get(self.start..self.seen).unwrap_or_default();
        let inside = open.get(1..).unwrap_or_default().trim_ascii_start();
        if WRAPPERS.contains(&inside) {
            self.wrapped = true;
            self.at = At::Outside;
        }
    }

    fn in_record(&mut self, byte: u8, depth: usize, tell: &mut impl FnMut(u64, Piece<'_>)) {
        self.seen += 1;
        let depth = match byte {
            b'{' | b'[' => depth + 1,
            b'}' | b']' => depth - 1,
            _ => depth,
        };
        self.at = At::Record {
            depth,
            text: byte == b'"',
            escaped: false,
        };
        if depth == 0 {
            self.at = At::Outside;
            self.record(tell);
        }
    }

    fn record(&mut self, tell: &mut impl FnMut(u64, Piece<'_>)) {
        self.told_stray(tell);
        if std::mem::take(&mut self.skipping) {
            return;
        }
        let bytes = self.buffer.get(self.start..self.seen).unwrap_or_default();
        let offset = self.offset + self.start as u64;
        match Value::parse(bytes) {
            Some(record) => one(offset, record, bytes, tell),
            None => tell(
                offset,
                Piece::Broken("this record is no JSON, or is nested too deeply".to_owned()),
            ),
        }
    }

    fn told_stray(&mut self, tell: &mut impl FnMut(u64, Piece<'_>)) {
        if let Some(offset) = self.stray.take() {
            tell(
                offset,
                Piece::Broken("there is text here that is no record".to_owned()),
            );
        }
    }

    /// Drops what was cut, and what is too large to keep.
    fn shift(&mut self, tell: &mut impl FnMut(u64, Piece<'_>)) {
        let keep = match self.at {
            At::Record { .. } if !self.skipping => self.start,
            _ => self.seen,
        };
        self.buffer.drain(..keep.min(self.buffer.len()));
        self.offset += keep as u64;
        self.seen -= keep;
        self.start = self.start.saturating_sub(keep);
        if self.buffer.len() > RECORD_BYTES_MAX {
            let message = format!("this record is larger than {RECORD_BYTES_MAX} bytes");
            tell(self.offset, Piece::Broken(message));
            self.skipping = true;
        }
    }

    fn finish(mut self, tell: &mut impl FnMut(u64, Piece<'_>)) {
        self.told_stray(tell);
        if matches!(self.at, At::Record { .. }) && !self.skipping {
            let offset = self.offset + self.start as u64;
            tell(
                offset,
                Piece::Broken("the file ends in the middle of a record".to_owned()),
            );
        }
    }
}

/// What `lookup-events` prints holds the record as a text.
fn one(offset: u64, record: Value<'_>, text: &[u8], tell: &mut impl FnMut(u64, Piece<'_>)) {
    let Some(inner) = record.get("CloudTrailEvent").and_then(Value::text) else {
        return tell(offset, Piece::Record(record, text));
    };
    match Value::parse(inner.as_bytes()) {
        Some(record) => tell(offset, Piece::Record(record, inner.as_bytes())),
        None => tell(
            offset,
            Piece::Broken("the text of this CloudTrailEvent is no JSON".to_owned()),
        ),
    }
}

#[cfg(test)]
mod tests;
