//! Documents that are read apart from the others.
//!
//! To read a text takes nothing but its bytes and the number that its origins carry. So a place is
//! kept first, in the order of the files, and the reading may happen on any thread: numbers, and
//! with them everything that is printed, do not depend on which file was finished first.

use crate::diagnostic::Diagnostic;
use crate::documents::Format;
use crate::json::{self, Problem};
use crate::limits::{DOCUMENT_BYTES_MAX, LINE_DIAGNOSTICS_MAX, LINES_BYTES_MAX};
use crate::node::Node;
use crate::origin::DocumentId;

/// A place kept for one document of JSON or of JSON Lines.
#[derive(Debug)]
pub struct Reserved {
    id: DocumentId,
    format: Format,
}

/// What was read for a reserved place, to be taken in by the documents that kept it.
#[derive(Debug)]
pub struct Parsed {
    pub(crate) id: DocumentId,
    pub(crate) read: Result<Values, Refusal>,
}

/// A text with its values.
#[derive(Debug, Default)]
pub(crate) struct Values {
    pub text: String,
    pub nodes: Vec<Node>,
    /// What is wrong with lines that could not be read.
    pub problems: Vec<Problem>,
    /// Lines beyond those of which it is said what is wrong.
    pub unshown: usize,
}

impl Values {
    fn add(&mut self, value: Result<Node, Problem>) {
        match value {
            Ok(node) => self.nodes.push(node),
            Err(problem) if self.problems.len() < LINE_DIAGNOSTICS_MAX => {
                self.problems.push(problem);
            }
            Err(_) => self.unshown += 1,
        }
    }
}

/// Why a text as a whole could not be read.
#[derive(Debug)]
pub(crate) struct Refusal {
    message: String,
    line: Option<u32>,
    help: Option<&'static str>,
}

impl Refusal {
    fn new(message: impl Into<String>) -> Refusal {
        Refusal {
            message: message.into(),
            line: None,
            help: None,
        }
    }

    /// The diagnostic about a file of that name, or about a part with so many lines before it.
    pub fn named(self, name: &str, before: u32) -> Diagnostic {
        let mut diagnostic = Diagnostic::in_file(name, self.message);
        let line = match before {
            0 => self.line,
            _ => Some(self.line.unwrap_or(1)),
        };
        diagnostic.line = line.map(|line| line.saturating_add(before));
        match self.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }
}

impl Reserved {
    pub(crate) fn new(id: DocumentId, format: Format) -> Reserved {
        Reserved { id, format }
    }

    /// Reads the bytes of the document; blank lines of JSON Lines are skipped.
    pub fn read(&self, bytes: Vec<u8>) -> Parsed {
        let lines = self.format == Format::JsonLines;
        let limit = if lines {
            LINES_BYTES_MAX
        } else {
            DOCUMENT_BYTES_MAX
        };
        let text = match bytes.len() {
            length if limit < length => Err(Refusal::new(size_message(length, limit))),
            _ => decode_utf8(bytes),
        };
        let read = text.map(|text| {
            let mut values = Values::default();
            match lines {
                true => ranges(&text).for_each(|range| values.add(self.line(&text, range))),
                false => values.add(json::read(&text, 0, self.id)),
            }
            Values { text, ..values }
        });
        Parsed { id: self.id, read }
    }

    fn line(&self, text: &str, (start, end): (usize, usize)) -> Result<Node, Problem> {
        if DOCUMENT_BYTES_MAX < end - start {
            return Err(Problem {
                start,
                end,
                message: size_message(end - start, DOCUMENT_BYTES_MAX),
                on_line_of: None,
                help: None,
            });
        }
        json::read(text.get(..end).unwrap_or_default(), start, self.id)
    }
}

/// The message about the limit on the size of a text.
pub(crate) fn size_message(bytes: usize, limit: usize) -> String {
    format!("the document has {bytes} bytes, and at most {limit} are read")
}

/// The text that bytes of UTF-8 stand for.
pub(crate) fn decode_utf8(mut bytes: Vec<u8>) -> Result<String, Refusal> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Refusal {
            help: Some("save it as UTF-8"),
            ..Refusal::new("the file is UTF-16, and only UTF-8 is read")
        });
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error
            .as_bytes()
            .get(..error.utf8_error().valid_up_to())
            .unwrap_or_default();
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        Refusal {
            line: u32::try_from(line).ok(),
            help: Some("save it as UTF-8"),
            ..Refusal::new("the file is not UTF-8 on this line")
        }
    })
}

/// The ranges of the lines that are not blank, without their line breaks.
fn ranges(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let ends = text.split_inclusive('\n').scan(0, |end, line| {
        let start = *end;
        *end += line.len();
        Some((start, line))
    });
    let trimmed = ends.map(|(start, line)| (start, start + line.trim_end().len()));
    trimmed.filter(|(start, end)| start < end)
}

/// UTF-8 files written on Windows often begin with it; it is no part of the text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
