//! JSON text into the tree, in one pass over its bytes.
//!
//! It is our own because no JSON library keeps a byte range for every key and value, refuses
//! duplicate keys (which AWS refuses too, and which other readers resolve differently), and says
//! in the words of the user what to do about a trailing comma. A stack of what is open serves both
//! the depth limit and the message about a truncated file.

use crate::escape::{EscapeError, json_escape};
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::node::{Member, Node, Value};
use crate::origin::{DocumentId, Origin};

/// What is wrong, at a range of bytes of the text that was read.
#[derive(Debug)]
pub(crate) struct Problem {
    pub start: usize,
    pub end: usize,
    pub message: String,
    /// An offset whose line number completes the message. Counting lines takes a pass over the
    /// text, so it is left to whoever shows the problem.
    pub on_line_of: Option<usize>,
    pub help: Option<&'static str>,
}

/// Reads the one JSON value that `text` holds from offset `start` to its end.
pub(crate) fn read(text: &str, start: usize, document: DocumentId) -> Result<Node, Problem> {
    Reader {
        text,
        at: start,
        document,
        open: Vec::new(),
        nodes: 0,
    }
    .document()
}

/// The line of an offset, counted from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// The message about the limit on depth, in both formats.
pub(crate) fn depth_message() -> String {
    format!("values are nested deeper than {DEPTH_MAX} levels")
}

/// The first key that repeats an earlier one: (earlier, later).
pub(crate) fn duplicate_key(members: &[Member]) -> Option<(&Member, &Member)> {
    let mut sorted: Vec<&Member> = members.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    let repeated = pairs.filter(|(earlier, later)| earlier.key == later.key);
    repeated
        .min_by_key(|(_, later)| later.key_origin)
        .map(|(earlier, later)| (*earlier, *later))
}

/// The problem of a key that repeats an earlier one, in both formats.
pub(crate) fn duplicate_problem(earlier: &Member, later: &Member) -> Problem {
    let range = later.key_origin.span().range();
    Problem {
        start: range.start,
        end: range.end,
        message: format!("the key `{}` is already on line", later.key),
        on_line_of: Some(earlier.key_origin.span().range().start),
        help: Some("keep one of the two"),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    document: DocumentId,
    /// Where each array or object that is being read was opened.
    open: Vec<usize>,
    nodes: usize,
}

impl Reader<'_> {
    fn document(mut self) -> Result<Node, Problem> {
        self.skip_space();
        let node = self.node()?;
        self.skip_space();
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.expected("the end of the document")),
        }
    }

    fn node(&mut self) -> Result<Node, Problem> {
        self.nodes += 1;
        if NODES_MAX < self.nodes {
            let message = format!("the document holds more than {NODES_MAX} values");
            return Err(self.problem(self.at, 1, message, None));
        }
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Node {
            value,
            origin: self.origin(start),
        })
    }

    fn object(&mut self) -> Result<Value, Problem> {
        let members = self.list(b'}', "`,` or `}`", Reader::member)?;
        match duplicate_key(&members) {
            None => Ok(Value::Object(members.into())),
            Some((earlier, later)) => Err(duplicate_problem(earlier, later)),
        }
    }

    fn array(&mut self) -> Result<Value, Problem> {
        self.list(b']', "`,` or `]`", Reader::node)
            .map(|elements| Value::Array(elements.into()))
    }

    fn list<T>(
        &mut self,
        close: u8,
        separators: &str,
        item: fn(&mut Self) -> Result<T, Problem>,
    ) -> Result<Vec<T>, Problem> {
        self.enter()?;
        let mut items = Vec::new();
        self.skip_space();
        while self.peek() != Some(close) || !items.is_empty() {
            items.push(item(self)?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => break,
                _ => return Err(self.expected(separators)),
            }
            self.skip_space();
        }
        self.at += 1;
        self.open.pop();
        Ok(items)
    }

    fn enter(&mut self) -> Result<(), Problem> {
        if DEPTH_MAX <= self.open.len() {
            return Err(self.problem(self.at, 1, depth_message(), None));
        }
        self.open.push(self.at);
        self.at += 1;
        Ok(())
    }

    fn member(&mut self) -> Result<Member, Problem> {
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in double quotes"));
        }
        let start = self.at;
        let key = self.string()?;
        let key_origin = self.origin(start);
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.expected("`:` after the key"));
        }
        self.at += 1;
        self.skip_space();
        Ok(Member {
            key,
            key_origin,
            value: self.node()?,
        })
    }

    fn string(&mut self) -> Result<Box<str>, Problem> {
        let open = self.at;
        self.at += 1;
        let mut decoded = String::new();
        loop {
            let run = self.plain_run();
            match self.peek() {
                Some(b'"') if decoded.is_empty() => {
                    self.at += 1;
                    return Ok(run.into());
                }
                Some(b'"') => {
                    self.at += 1;
                    decoded.push_str(run);
                    return Ok(decoded.into());
                }
                Some(b'\\') => {
                    decoded.push_str(run);
                    decoded.push(self.escape()?);
                }
                Some(control) => return Err(self.control_problem(open, control)),
                None => return Err(self.unclosed("string", open)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        match json_escape(self.text.get(start + 1..).unwrap_or_default()) {
            Ok((character, bytes)) => {
                self.at += 1 + bytes;
                Ok(character)
            }
            Err(error) => Err(self.escape_problem(start, error)),
        }
    }

    fn number(&mut self) -> Result<Value, Problem> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let integer = self.digits()?;
        if integer.len() > 1 && integer.starts_with('0') {
            let message = "a number may not start with 0".to_owned();
            let help = "put it in double quotes if it is an identifier";
            return Err(self.problem(start, self.at - start, message, Some(help)));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Value::Number(
            self.text.get(start..self.at).unwrap_or_default().into(),
        ))
    }

    fn digits(&mut self) -> Result<&str, Problem> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if start == self.at {
            return Err(self.expected("a digit"));
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn word(&mut self) -> Result<Value, Problem> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let value = match rest.get(..length) {
            Some("null") => Value::Null,
            Some("true") => Value::Bool(true),
            Some("false") => Value::Bool(false),
            _ => return Err(self.expected("a value")),
        };
        self.at += length;
        Ok(value)
    }
}

/// Moving over the text.
impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Everything up to the next byte that may not stand for itself in a string.
    fn plain_run(&mut self) -> &'t str {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
        let length = rest.iter().position(special).unwrap_or(rest.len());
        let run = self.text.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        run
    }

    fn origin(&self, start: usize) -> Origin {
        Origin::new(self.document, start, self.at)
    }
}

/// Saying what is wrong.
impl Reader<'_> {
    fn problem(
        &self,
        start: usize,
        length: usize,
        message: String,
        help: Option<&'static str>,
    ) -> Problem {
        Problem {
            start,
            end: (start + length).min(self.text.len()),
            message,
            on_line_of: None,
            help,
        }
    }

    fn expected(&self, what: &str) -> Problem {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(found) = found_token(rest) else {
            return self.ended(what);
        };
        let message = format!("expected {what}, found `{}`", visible(found));
        let before = self.text.get(..self.at).unwrap_or_default().trim_end();
        self.problem(self.at, found.len(), message, advice(before, found))
    }

    fn ended(&self, what: &str) -> Problem {
        match self.open.last() {
            Some(open) => self.unclosed(self.name_of(*open), *open),
            None => self.problem(
                self.at,
                0,
                format!("the text ends where {what} is expected"),
                None,
            ),
        }
    }

    fn name_of(&self, open: usize) -> &'static str {
        if self.text.as_bytes().get(open) == Some(&b'{') {
            "object"
        } else {
            "array"
        }
    }

    fn unclosed(&self, kind: &str, open: usize) -> Problem {
        let message = format!("the text ends inside the {kind} that was opened on line");
        let help = "the file may be cut off: fetch it again, or close what is open";
        let problem = self.problem(self.text.len(), 0, message, Some(help));
        Problem {
            on_line_of: Some(open),
            ..problem
        }
    }

    fn control_problem(&self, open: usize, control: u8) -> Problem {
        if control == b'\n' || control == b'\r' {
            let message = "the string is not closed on its line".to_owned();
            let help = "close it with a double quote, or write a line break in it as \\n";
            return self.problem(open, self.at - open, message, Some(help));
        }
        let message = format!("the control character U+{control:04X} stands in a string");
        self.problem(self.at, 1, message, Some("write it as a \\u escape"))
    }

    fn escape_problem(&self, start: usize, error: EscapeError) -> Problem {
        let rest = self.text.get(start..).unwrap_or_default();
        let (message, help) = match error {
            EscapeError::Ends => ("the text ends inside a string", "the file may be cut off"),
            EscapeError::Unknown => ("no escape of JSON begins so", "write a backslash as \\\\"),
            EscapeError::NotHex => ("`\\u` needs four hexadecimal digits", "write \\u0041 for A"),
            EscapeError::LoneSurrogate => (
                "half of a surrogate pair stands alone",
                "write both halves, or the character itself",
            ),
        };
        let length = rest.chars().take(2).map(char::len_utf8).sum();
        self.problem(start, length, message.to_owned(), Some(help))
    }
}

/// What a message shows as found: a word, or one character.
fn found_token(rest: &str) -> Option<&str> {
    let first = rest.chars().next()?;
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = rest
        .chars()
        .take(WORD_SHOWN_MAX)
        .take_while(|c| in_word(*c));
    let length: usize = word.map(char::len_utf8).sum();
    rest.get(..length.max(first.len_utf8()))
}

fn visible(found: &str) -> String {
    if found.contains(char::is_control) {
        found.escape_debug().to_string()
    } else {
        found.to_owned()
    }
}

/// What to do about a character that JSON does not expect.
fn advice(before: &str, found: &str) -> Option<&'static str> {
    match found {
        "}" | "]" if before.ends_with(',') => Some("remove the comma before it"),
        "/" | "#" => Some("JSON has no comments: remove it"),
        "'" | "‘" | "“" | "’" | "”" => Some("write strings in straight double quotes"),
        "True" | "False" | "None" | "TRUE" | "FALSE" | "NULL" | "Null" => {
            Some("write true, false or null in lower case")
        }
        "\"" if !before.ends_with(['{', '[', ',', ':']) => {
            Some("a comma or colon is missing before it")
        }
        "{" | "[" if before.ends_with(['}', ']']) => {
            Some("a comma is missing before it, or the file holds several documents")
        }
        word if word.starts_with(char::is_alphabetic) => Some("write text in double quotes"),
        _ => None,
    }
}

/// Characters of an unexpected word that a message repeats.
const WORD_SHOWN_MAX: usize = 24;
