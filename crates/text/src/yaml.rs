//! YAML events into the same tree as JSON.
//!
//! People write boundaries and templates in YAML; everything behind this file sees only the tree.
//! What has no meaning in JSON is refused rather than guessed: aliases, keys that are not scalars,
//! several documents in a file. A tag of its own, such as `!Sub`, becomes an object with that one
//! member, since only the room that knows the template language can say what it means.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as Marks, StrInput, Tag};

use crate::json::{Problem, depth_message, duplicate_key, duplicate_problem};
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::node::{Member, Node, Value};
use crate::origin::{DocumentId, Origin};
use crate::yaml_scalar::core_value;

/// Reads the one YAML document that `text` holds.
pub(crate) fn read(text: &str, document: DocumentId) -> Result<Node, Problem> {
    refuse_control_characters(text)?;
    let offsets = Offsets::of(text);
    let parser = Parser::new_from_str(text);
    Reader {
        text,
        offsets,
        parser,
        document,
        depth: 0,
        nodes: 0,
    }
    .document()
}

/// The YAML parser takes a NUL for the end of its input, so that a document would be cut short in
/// silence; YAML forbids the others as well.
fn refuse_control_characters(text: &str) -> Result<(), Problem> {
    let forbidden = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r');
    let Some((start, found)) = text.char_indices().find(|(_, c)| forbidden(*c)) else {
        return Ok(());
    };
    Err(Problem {
        start,
        end: start + 1,
        message: format!(
            "the control character U+{:04X} may not stand in YAML",
            u32::from(found)
        ),
        on_line_of: None,
        help: Some("remove it, or write it as an escape in double quotes"),
    })
}

/// A collection's values and the offset where it ends.
type Content = (Value, usize);

type Tagged<'t> = Option<Cow<'t, Tag>>;

struct Reader<'t> {
    text: &'t str,
    offsets: Offsets,
    parser: Parser<'t, StrInput<'t>>,
    document: DocumentId,
    depth: usize,
    nodes: usize,
}

impl<'t> Reader<'t> {
    fn document(mut self) -> Result<Node, Problem> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => break,
                (Event::StreamStart | Event::DocumentEnd | Event::Nothing, _) => {}
                (Event::DocumentStart(_), marks) if root.is_some() => {
                    let help = "put each document into a file of its own";
                    return Err(self.problem(marks, "a second document begins here", Some(help)));
                }
                (Event::DocumentStart(_), _) => {
                    let (event, marks) = self.next()?;
                    root = Some(self.node(event, marks)?);
                }
                (_, marks) => return Err(self.problem(marks, "expected one document", None)),
            }
        }
        root.ok_or_else(|| Problem {
            start: 0,
            end: 0,
            message: "the document is empty".to_owned(),
            on_line_of: None,
            help: None,
        })
    }

    fn next(&mut self) -> Result<(Event<'t>, Marks), Problem> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.scan_problem(&error)),
            None => Ok((Event::StreamEnd, Marks::default())),
        }
    }

    fn node(&mut self, event: Event<'t>, marks: Marks) -> Result<Node, Problem> {
        self.nodes += 1;
        if NODES_MAX < self.nodes {
            let message = format!("the document holds more than {NODES_MAX} values");
            return Err(self.problem(marks, message, None));
        }
        match event {
            Event::Scalar(text, style, _, tag) => self.scalar(&text, style, tag, marks),
            Event::SequenceStart(_, tag) => self.collection(tag, marks, Reader::sequence),
            Event::MappingStart(_, tag) => self.collection(tag, marks, Reader::mapping),
            Event::Alias(_) => {
                let help = "write the value out where it is used";
                Err(self.problem(marks, "aliases are not supported", Some(help)))
            }
            _ => Err(self.problem(marks, "expected a value", None)),
        }
    }

    fn collection(
        &mut self,
        tag: Tagged<'t>,
        marks: Marks,
        read: fn(&mut Self, usize) -> Result<Content, Problem>,
    ) -> Result<Node, Problem> {
        if DEPTH_MAX <= self.depth {
            return Err(self.problem(marks, depth_message(), None));
        }
        self.depth += 1;
        let start = self.offsets.byte(self.text, marks.start.index());
        let (value, end) = read(self, start)?;
        self.depth -= 1;
        let node = Node {
            value,
            origin: Origin::new(self.document, start, end),
        };
        match tag_of(tag.as_deref()) {
            TagKind::None | TagKind::Core(CoreTag::Collection) => Ok(node),
            TagKind::Local(name) => Ok(self.tagged(&name, node)),
            _ => Err(self.tag_problem(marks, tag.as_deref())),
        }
    }

    fn sequence(&mut self, start: usize) -> Result<Content, Problem> {
        let (mut elements, mut end) = (Vec::new(), start);
        loop {
            match self.next()? {
                (Event::SequenceEnd, marks) => {
                    return Ok((
                        Value::Array(elements.into()),
                        self.end_of(start, end, marks),
                    ));
                }
                (event, marks) => elements.push(self.node(event, marks)?),
            }
            end = elements.last().map_or(end, end_offset);
        }
    }

    fn mapping(&mut self, start: usize) -> Result<Content, Problem> {
        let (mut members, mut end) = (Vec::<Member>::new(), start);
        loop {
            match self.next()? {
                (Event::MappingEnd, marks) => {
                    let end = self.end_of(start, end, marks);
                    return self.without_duplicates(members).map(|value| (value, end));
                }
                (event, marks) => members.push(self.member(event, marks)?),
            }
            end = members
                .last()
                .map_or(end, |member| end_offset(&member.value));
        }
    }

    fn without_duplicates(&self, members: Vec<Member>) -> Result<Value, Problem> {
        match duplicate_key(&members) {
            None => Ok(Value::Object(members.into())),
            Some((earlier, later)) => Err(duplicate_problem(earlier, later)),
        }
    }

    fn member(&mut self, event: Event<'t>, marks: Marks) -> Result<Member, Problem> {
        let Event::Scalar(key, _, _, None) = event else {
            return Err(self.problem(marks, "expected a key that is plain text", None));
        };
        let key_origin = self.origin(marks);
        let (event, marks) = self.next()?;
        Ok(Member {
            key: key.into(),
            key_origin,
            value: self.node(event, marks)?,
        })
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Tagged<'t>,
        marks: Marks,
    ) -> Result<Node, Problem> {
        let string = || Value::String(text.into());
        let value = match tag_of(tag.as_deref()) {
            TagKind::None if style == ScalarStyle::Plain => core_value(text),
            TagKind::Core(CoreTag::Plain) => core_value(text),
            TagKind::None | TagKind::Core(CoreTag::String) => string(),
            TagKind::Local(name) => {
                let node = Node {
                    value: string(),
                    origin: self.origin(marks),
                };
                return Ok(self.tagged(&name, node));
            }
            _ => return Err(self.tag_problem(marks, tag.as_deref())),
        };
        Ok(Node {
            value,
            origin: self.origin(marks),
        })
    }

    /// `!Name value` as an object with the one member `!Name`, from the tag to the value's end.
    fn tagged(&self, name: &str, value: Node) -> Node {
        let (start, end) = (value.origin.span().start as usize, end_offset(&value));
        let before = self.text.get(..start).unwrap_or_default();
        let tag_start = before.trim_end().strip_suffix(name).map_or(start, str::len);
        let key_origin = Origin::new(self.document, tag_start, start.min(tag_start + name.len()));
        let member = Member {
            key: name.into(),
            key_origin,
            value,
        };
        let origin = Origin::new(self.document, tag_start, end);
        Node {
            value: Value::Object([member].into()),
            origin,
        }
    }
}

/// Places and problems.
impl Reader<'_> {
    fn origin(&mut self, marks: Marks) -> Origin {
        let (start, end) = self.range(marks);
        let scalar = self.text.get(start..end).unwrap_or_default();
        Origin::new(self.document, start, start + scalar.trim_end().len())
    }

    fn range(&mut self, marks: Marks) -> (usize, usize) {
        let start = self.offsets.byte(self.text, marks.start.index());
        (
            start,
            start.max(self.offsets.byte(self.text, marks.end.index())),
        )
    }

    /// Where a collection ends: after its bracket in flow style, after its last value otherwise,
    /// since the parser sees a block's end only at the next token.
    fn end_of(&mut self, start: usize, last: usize, marks: Marks) -> usize {
        let close = match self.text.as_bytes().get(start) {
            Some(b'{') => '}',
            Some(b'[') => ']',
            _ => return last,
        };
        let (from, to) = self.range(marks);
        let found = [from, to]
            .into_iter()
            .find(|at| self.at(*at).starts_with(close));
        found.map_or(last, |at| last.max(at + close.len_utf8()))
    }

    fn at(&self, offset: usize) -> &str {
        self.text.get(offset..).unwrap_or_default()
    }

    fn problem(
        &mut self,
        marks: Marks,
        message: impl Into<String>,
        help: Option<&'static str>,
    ) -> Problem {
        let (start, end) = self.range(marks);
        Problem {
            start,
            end,
            message: message.into(),
            on_line_of: None,
            help,
        }
    }

    fn tag_problem(&mut self, marks: Marks, tag: Option<&Tag>) -> Problem {
        let name = tag.map(ToString::to_string).unwrap_or_default();
        let message = format!("the tag `{name}` does not fit this value");
        self.problem(marks, message, Some("remove the tag"))
    }

    fn scan_problem(&mut self, error: &ScanError) -> Problem {
        let marks = Marks::empty(*error.marker());
        if error.info() == FLOW_TOO_DEEP {
            return self.problem(marks, depth_message(), None);
        }
        let help = error.info().contains("tab").then_some("indent with spaces");
        self.problem(marks, format!("this is not YAML: {}", error.info()), help)
    }
}

fn end_offset(node: &Node) -> usize {
    node.origin.span().end as usize
}

enum TagKind {
    None,
    Core(CoreTag),
    /// With its exclamation mark.
    Local(String),
    Unknown,
}

enum CoreTag {
    String,
    /// Null, boolean or number, which the text itself tells.
    Plain,
    Collection,
}

fn tag_of(tag: Option<&Tag>) -> TagKind {
    let Some(tag) = tag else { return TagKind::None };
    if tag.is_yaml_core_schema() {
        return match tag.suffix.as_str() {
            "str" => TagKind::Core(CoreTag::String),
            "null" | "bool" | "int" | "float" => TagKind::Core(CoreTag::Plain),
            "seq" | "map" => TagKind::Core(CoreTag::Collection),
            _ => TagKind::Unknown,
        };
    }
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        ("!", "") | ("", "!") => TagKind::Core(CoreTag::String),
        ("!", name) => TagKind::Local(format!("!{name}")),
        _ => TagKind::Unknown,
    }
}

/// Turns the parser's offsets, which count characters, into bytes. Events come almost in order, so
/// it walks from where it was.
struct Offsets {
    ascii: bool,
    at: Checkpoint,
}

#[derive(Clone, Copy, Default)]
struct Checkpoint {
    character: usize,
    byte: usize,
}

impl Offsets {
    fn of(text: &str) -> Offsets {
        Offsets {
            ascii: text.is_ascii(),
            at: Checkpoint::default(),
        }
    }

    fn byte(&mut self, text: &str, character: usize) -> usize {
        if self.ascii {
            return character.min(text.len());
        }
        let Checkpoint {
            character: from,
            byte,
        } = self.at;
        let (before, after) = text.split_at_checked(byte).unwrap_or((text, ""));
        let moved: usize = if from <= character {
            byte + after
                .chars()
                .take(character - from)
                .map(char::len_utf8)
                .sum::<usize>()
        } else {
            byte - before
                .chars()
                .rev()
                .take(from - character)
                .map(char::len_utf8)
                .sum::<usize>()
        };
        self.at = Checkpoint {
            character,
            byte: moved,
        };
        moved
    }
}

/// What the parser says of brackets inside brackets past a limit of its own, which it meets before
/// it hands out the first of them.
const FLOW_TOO_DEEP: &str = "recursion limit exceeded";
