//! Trees and strings printed as JSON.
//!
//! The pretty printer can watch for one span and say where it was printed: that is how an excerpt
//! underlines a statement of a policy that AWS returned as one line of two thousand characters.

use std::fmt::{self, Write};

use crate::node::{Member, Node, Value};
use crate::origin::{Origin, Span};
use crate::yaml_scalar;

/// Displays a string as JSON, with quotes and escapes.
///
/// ```
/// assert_eq!(cofferdam_text::Quoted("a\"b\n").to_string(), r#""a\"b\n""#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'t>(pub &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        quote(self.0, out)
    }
}

/// A pretty-printed tree, and where in it the watched span went.
pub(crate) struct Printed {
    pub text: String,
    pub watched: Option<Span>,
}

pub(crate) fn compact(node: &Node) -> String {
    Printer::new(None, None).print(node).text
}

pub(crate) fn pretty(node: &Node, watch: Option<Origin>) -> Printed {
    Printer::new(Some(0), watch).print(node)
}

struct Printer {
    out: String,
    /// The level of indentation; `None` prints on one line.
    level: Option<usize>,
    watch: Option<Origin>,
    watched: Option<Span>,
}

impl Printer {
    fn new(level: Option<usize>, watch: Option<Origin>) -> Printer {
        Printer {
            out: String::new(),
            level,
            watch,
            watched: None,
        }
    }

    fn print(mut self, node: &Node) -> Printed {
        self.node(node);
        Printed {
            text: self.out,
            watched: self.watched,
        }
    }

    fn node(&mut self, node: &Node) {
        let start = self.out.len();
        match &node.value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(truth) => self.out.push_str(if *truth { "true" } else { "false" }),
            Value::Number(text) if yaml_scalar::is_json_number(text) => self.out.push_str(text),
            Value::Number(text) | Value::String(text) => self.string(text),
            Value::Array(elements) => self.list('[', ']', elements, Printer::node),
            Value::Object(members) => self.list('{', '}', members, Printer::member),
        }
        self.note(node.origin, start);
    }

    fn member(&mut self, member: &Member) {
        let start = self.out.len();
        self.string(&member.key);
        self.note(member.key_origin, start);
        self.out
            .push_str(if self.level.is_some() { ": " } else { ":" });
        self.node(&member.value);
    }

    fn list<T>(&mut self, open: char, close: char, items: &[T], each: fn(&mut Printer, &T)) {
        self.out.push(open);
        self.level = self.level.map(|level| level + 1);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.line_break();
            each(self, item);
        }
        self.level = self.level.map(|level| level - 1);
        if !items.is_empty() {
            self.line_break();
        }
        self.out.push(close);
    }

    fn line_break(&mut self) {
        if let Some(level) = self.level {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", level));
        }
    }

    fn string(&mut self, text: &str) {
        // Writing into a String cannot fail.
        let _ = quote(text, &mut self.out);
    }

    fn note(&mut self, origin: Origin, start: usize) {
        if self.watch == Some(origin) {
            self.watched = Some(Span::of(start, self.out.len()));
        }
    }
}

fn quote(text: &str, out: &mut impl Write) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.find(needs_escape) {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        let mut characters = special.chars();
        if let Some(character) = characters.next() {
            escape(character, out)?;
        }
        rest = characters.as_str();
    }
    out.write_str(rest)?;
    out.write_char('"')
}

fn needs_escape(character: char) -> bool {
    matches!(character, '"' | '\\' | '\u{0}'..='\u{1f}' | '\u{7f}')
}

fn escape(character: char, out: &mut impl Write) -> fmt::Result {
    match character {
        '"' => out.write_str("\\\""),
        '\\' => out.write_str("\\\\"),
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        other => write!(out, "\\u{:04x}", u32::from(other)),
    }
}
