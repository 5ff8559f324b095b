//! Every text that was read, and the readers that add to them.
//!
//! Texts stay for as long as origins into them may be shown. A policy inside a string is a
//! document of its own, whose parent is the string that held it: its statements then have lines
//! and pointers of their own, and still lead back to the file.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::Diagnostic;
use crate::escape::percent_decode;
use crate::json::{self, Problem};
use crate::limits::{DOCUMENT_BYTES_MAX, EMBEDDED_DEPTH_MAX};
use crate::node::Node;
use crate::origin::{DocumentId, Origin};
use crate::reserved::{Parsed, Reserved, decode_utf8, size_message};
use crate::yaml;

/// All texts that were read, in the order of reading.
#[derive(Debug, Default)]
pub struct Documents {
    documents: Vec<Document>,
    /// What parts of documents are called where they were written: where each begins, where it ends
    /// and its name.
    parts: BTreeMap<(u32, u32), (u32, String)>,
}

#[derive(Debug)]
struct Document {
    name: String,
    /// Empty as long as it is only reserved, and of a text that could not be read at all.
    text: Option<String>,
    format: Format,
    /// The string that holds this text, if it lies within another document.
    parent: Option<Origin>,
    /// Where the text lies in its file, if it is a part of one.
    part: Option<Part>,
}

/// Where a text lies in a file that is too large to be held whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Line breaks before the text.
    pub lines: u32,
    /// The JSON pointer of the text in its file, such as `/configurationItems/7`.
    pub pointer: Box<str>,
}

/// How a text is read again when somebody asks for a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Plain,
    Json,
    JsonLines,
    Yaml,
}

impl Documents {
    /// No texts yet.
    pub fn new() -> Documents {
        Documents::default()
    }

    /// Adds a text without reading it; `name` is the file as the user would write it.
    pub fn add(&mut self, name: &str, text: String) -> DocumentId {
        self.push(name, text, Format::Plain, None)
    }

    /// Keeps a place for a JSON document, which may then be read on any thread.
    pub fn reserve_json(&mut self, name: &str) -> Reserved {
        Reserved::new(self.make_room(name, Format::Json), Format::Json)
    }

    /// Keeps a place for a file of JSON Lines, which may then be read on any thread.
    pub fn reserve_json_lines(&mut self, name: &str) -> Reserved {
        Reserved::new(self.make_room(name, Format::JsonLines), Format::JsonLines)
    }

    /// Takes in what was read for a reserved place: the values of the document, or of its lines,
    /// and what was wrong.
    ///
    /// A line that cannot be read is a diagnostic, and the others are still returned.
    pub fn keep(&mut self, parsed: Parsed) -> (Vec<Node>, Vec<Diagnostic>) {
        let Parsed { id, read } = parsed;
        let name = self.name(id).to_owned();
        let values = match read {
            Ok(values) => values,
            Err(refusal) => {
                let before = self.document(id).and_then(|one| one.part.as_ref());
                let before = before.map_or(0, |part| part.lines);
                return (Vec::new(), vec![refusal.named(&name, before)]);
            }
        };
        if let Some(document) = self.documents.get_mut(id.0 as usize) {
            document.text = Some(values.text);
        }
        let problems = values.problems.into_iter();
        let mut diagnostics: Vec<_> = problems.map(|one| self.diagnose(id, one)).collect();
        if values.unshown > 0 {
            let message = format!("{} more lines cannot be read", values.unshown);
            diagnostics.push(Diagnostic::in_file(name, message));
        }
        (values.nodes, diagnostics)
    }

    /// Adds and reads one JSON document.
    ///
    /// # Errors
    /// When it is too large, not UTF-8, not JSON, nested too deep, or repeats a key.
    pub fn read_json(&mut self, name: &str, bytes: Vec<u8>) -> Result<Node, Diagnostic> {
        let reserved = self.reserve_json(name);
        self.keep_one(reserved.read(bytes))
    }

    /// Adds and reads one JSON value out of a larger file, which is read value by value. Its places
    /// are those of the whole file.
    ///
    /// # Errors
    /// As for [`read_json`](Documents::read_json).
    pub fn read_json_part(
        &mut self,
        name: &str,
        bytes: Vec<u8>,
        part: Part,
    ) -> Result<Node, Diagnostic> {
        let reserved = self.reserve_json(name);
        if let Some(document) = self.documents.last_mut() {
            document.part = Some(part);
        }
        self.keep_one(reserved.read(bytes))
    }

    /// Takes in what was read for a document of one value.
    fn keep_one(&mut self, parsed: Parsed) -> Result<Node, Diagnostic> {
        let name = self.name(parsed.id).to_owned();
        let (mut nodes, mut diagnostics) = self.keep(parsed);
        match (nodes.pop(), diagnostics.pop()) {
            (Some(node), _) => Ok(node),
            (None, Some(diagnostic)) => Err(diagnostic),
            (None, None) => Err(Diagnostic::in_file(&name, "the document is empty")),
        }
    }

    /// Adds and reads one YAML document.
    ///
    /// # Errors
    /// As for [`read_json`](Documents::read_json), and for aliases and second documents.
    pub fn read_yaml(&mut self, name: &str, bytes: Vec<u8>) -> Result<Node, Diagnostic> {
        if DOCUMENT_BYTES_MAX < bytes.len() {
            return Err(Diagnostic::in_file(
                name,
                size_message(bytes.len(), DOCUMENT_BYTES_MAX),
            ));
        }
        let text = decode_utf8(bytes).map_err(|refusal| refusal.named(name, 0))?;
        let document = self.push(name, text, Format::Yaml, None);
        let read = yaml::read(self.text(document), document);
        read.map_err(|problem| self.diagnose(document, problem))
    }

    /// Adds a file of JSON Lines and reads every line; blank lines are skipped.
    ///
    /// A line that cannot be read is a diagnostic, and the others are still returned. Origins
    /// point into the whole file.
    pub fn read_json_lines(&mut self, name: &str, bytes: Vec<u8>) -> (Vec<Node>, Vec<Diagnostic>) {
        let reserved = self.reserve_json_lines(name);
        self.keep(reserved.read(bytes))
    }

    /// Reads the JSON that a string holds, percent-decoded first if it begins with a percent sign,
    /// as the answers of IAM's API hold policies.
    ///
    /// # Errors
    /// When the node is no string or its text is not one JSON document.
    pub fn read_embedded(&mut self, string_node: &Node) -> Result<Node, Diagnostic> {
        let origin = string_node.origin;
        let text = embedded_text(string_node).map_err(|message| self.located(origin, message))?;
        if EMBEDDED_DEPTH_MAX <= self.chain(origin).count() {
            let message = format!("more than {EMBEDDED_DEPTH_MAX} documents lie in each other");
            return Err(self.located(origin, message));
        }
        if DOCUMENT_BYTES_MAX < text.len() {
            return Err(self.located(origin, size_message(text.len(), DOCUMENT_BYTES_MAX)));
        }
        let name = self.name(origin.document()).to_owned();
        let document = self.push(&name, text, Format::Json, Some(origin));
        let read = json::read(self.text(document), 0, document);
        read.map_err(|problem| self.diagnose(document, problem))
    }

    /// The text of a document, after decoding.
    pub fn text(&self, document: DocumentId) -> &str {
        let document = self.document(document);
        document
            .and_then(|document| document.text.as_deref())
            .unwrap_or_default()
    }

    /// The file that a document lies in, as the user would write it.
    pub fn name(&self, document: DocumentId) -> &str {
        self.document(document)
            .map_or("", |document| &document.name)
    }

    /// The files that were read, by name, with their texts after decoding, in the order of reading.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.documents.iter().filter(|one| one.parent.is_none());
        files.filter_map(|one| Some((one.name.as_str(), one.text.as_deref()?)))
    }

    /// The value that was read at an origin, read again: trees are not kept, texts are. `None` if
    /// no value lies exactly there.
    pub fn node(&self, origin: Origin) -> Option<Node> {
        let id = origin.document();
        let text = self.text(id);
        match self.document(id)?.format {
            Format::Plain => None,
            Format::Yaml => find(&yaml::read(text, id).ok()?, origin).cloned(),
            Format::Json | Format::JsonLines => {
                let range = origin.span().range();
                json::read(text.get(..range.end)?, range.start, id).ok()
            }
        }
    }

    /// A part of a document that another reader has found, by its bytes.
    pub fn range(&self, document: DocumentId, bytes: Range<usize>) -> Origin {
        Origin::new(document, bytes.start, bytes.end)
    }

    /// Says what a part of a document is called where it was written, such as the address of a
    /// resource in a plan. Parts lie beside each other, never in each other.
    pub fn call(&mut self, part: Origin, name: &str) {
        let span = part.span();
        let begin = (part.document().0, span.start);
        self.parts.insert(begin, (span.end, name.to_owned()));
    }

    /// What the part is called that an origin lies in.
    pub fn called(&self, origin: Origin) -> Option<&str> {
        self.chain(origin).find_map(|origin| {
            let (document, span) = (origin.document().0, origin.span());
            let mut before = self.parts.range(..=(document, span.start));
            let ((of, _), (end, name)) = before.next_back()?;
            (*of == document && span.end <= *end).then_some(name.as_str())
        })
    }

    /// The diagnostic with the file and line of its origin, where it has one.
    pub fn locate(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let Some(origin) = diagnostic.origin {
            let outer = self.outermost(origin);
            let start = outer.span().start as usize;
            let line = json::line_of(self.text(outer.document()), start);
            let line = u32::try_from(line).ok();
            diagnostic.file = Some(self.name(outer.document()).to_owned());
            diagnostic.line = line.map(|line| line.saturating_add(self.lines_before(outer)));
        }
        diagnostic
    }

    /// Every document, in the order of reading.
    pub(crate) fn ids(&self) -> impl Iterator<Item = DocumentId> {
        let all = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        (0..all).map(DocumentId)
    }

    /// The place in a file: the origin itself, or the string that its document lies in.
    pub(crate) fn outermost(&self, origin: Origin) -> Origin {
        self.chain(origin).last().unwrap_or(origin)
    }

    /// Whether a document is the text of a string in another one.
    pub(crate) fn is_embedded(&self, document: DocumentId) -> bool {
        self.document(document)
            .is_some_and(|document| document.parent.is_some())
    }

    /// Lines of the file before the text that an origin points into.
    pub(crate) fn lines_before(&self, origin: Origin) -> u32 {
        self.part(origin).map_or(0, |part| part.lines)
    }

    /// Where the text that an origin points into lies in its file, if it is a part of one.
    pub(crate) fn part(&self, origin: Origin) -> Option<&Part> {
        self.document(origin.document())?.part.as_ref()
    }

    /// Reads again the tree that an origin points into, if the text was one.
    pub(crate) fn reread(&self, origin: Origin) -> Option<Node> {
        let id = origin.document();
        let text = self.text(id);
        match self.document(id)?.format {
            Format::Plain => None,
            Format::Json => json::read(text, 0, id).ok(),
            Format::Yaml => yaml::read(text, id).ok(),
            Format::JsonLines => {
                let (start, end) = line_around(text, origin.span().start as usize);
                json::read(text.get(..end)?, start, id).ok()
            }
        }
    }

    /// The origin, then the string that its document lies in, and so on to the file.
    fn chain(&self, origin: Origin) -> impl Iterator<Item = Origin> {
        std::iter::successors(Some(origin), |inner| {
            self.document(inner.document())?.parent
        })
    }

    fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id.0 as usize)
    }

    fn push(
        &mut self,
        name: &str,
        text: String,
        format: Format,
        parent: Option<Origin>,
    ) -> DocumentId {
        let id = self.make_room(name, format);
        if let Some(document) = self.documents.last_mut() {
            document.text = Some(text);
            document.parent = parent;
        }
        id
    }

    fn make_room(&mut self, name: &str, format: Format) -> DocumentId {
        let id = DocumentId(u32::try_from(self.documents.len()).unwrap_or(u32::MAX));
        self.documents.push(Document {
            name: name.to_owned(),
            text: None,
            format,
            parent: None,
            part: None,
        });
        id
    }

    fn diagnose(&self, document: DocumentId, problem: Problem) -> Diagnostic {
        let origin = Origin::new(document, problem.start, problem.end);
        let mut message = problem.message;
        if let Some(offset) = problem.on_line_of {
            let line = json::line_of(self.text(document), offset);
            message = format!("{message} {}", line + self.lines_before(origin) as usize);
        }
        let diagnostic = self.located(origin, message);
        match problem.help {
            Some(help) => diagnostic.with_help(help),
            None => diagnostic,
        }
    }

    fn located(&self, origin: Origin, message: String) -> Diagnostic {
        self.locate(Diagnostic::error(origin, message))
    }
}

/// The outermost value of a tree that was read at the origin.
fn find(node: &Node, origin: Origin) -> Option<&Node> {
    if node.origin == origin {
        return Some(node);
    }
    let members = node.as_object().unwrap_or_default().iter();
    let elements = node.as_array().unwrap_or_default().iter();
    let mut inside = members.map(|member| &member.value).chain(elements);
    inside.find_map(|child| match child.origin.span().contains(origin.span()) {
        true => find(child, origin),
        false => None,
    })
}

fn embedded_text(node: &Node) -> Result<String, String> {
    let Some(text) = node.as_str() else {
        return Err(format!(
            "expected a string that holds JSON, found {}",
            node.kind()
        ));
    };
    if !text.starts_with('%') {
        return Ok(text.to_owned());
    }
    percent_decode(text)
        .map_err(|reason| format!("the text in this string cannot be read: {reason}"))
}

fn line_around(text: &str, offset: usize) -> (usize, usize) {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let end = after
        .find('\n')
        .map_or(text.len(), |length| offset + length);
    (start, end)
}
