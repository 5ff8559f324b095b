//! Origins into what a person can look up: file, line, pointer and the text to underline.
//!
//! Nothing of it is stored with the tree. A report shows dozens of places out of millions of
//! nodes, so each is found by reading its document again. A policy that AWS returned as one long
//! line is laid out anew for the excerpt, because nobody can read an underline at column 1900.

use crate::documents::Documents;
use crate::json::line_of;
use crate::limits::{EXCERPT_LINE_BYTES_MAX, EXCERPT_LINES_MAX};
use crate::node::Node;
use crate::origin::{Origin, Span};
use crate::print;

/// Where something lies, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The outermost file, as the user would write it.
    pub file: String,
    /// Line in that file, counted from 1; for a document within a string, that of the string.
    pub line: u32,
    /// Column in characters, counted from 1, likewise.
    pub column: u32,
    /// Line within a document that is itself a string, counted from 1; `None` for a file.
    pub document_line: Option<u32>,
    /// JSON pointer within the innermost document (or the line of a file of JSON Lines), such as
    /// `/Statement/2`; empty for the whole.
    pub pointer: String,
    /// What the part is called where it was written: a Terraform address, a logical id.
    pub address: Option<String>,
    /// The text to show.
    pub excerpt: Excerpt,
}

/// A few lines with the part to underline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Whole lines, without the last line break.
    pub text: String,
    /// What to underline, in bytes of `text`.
    pub span: Span,
    /// Number of the first line, counted from 1.
    pub first_line: u32,
    /// Whether the document was laid out anew, so that lines are those of this layout.
    pub printed: bool,
}

impl Documents {
    /// Where an origin lies. Reads its document again, so it is for what will be shown.
    pub fn place(&self, origin: Origin) -> Place {
        let outer = self.outermost(origin);
        let (line, column) = line_and_column(self.text(outer.document()), outer.span());
        let text = self.text(origin.document());
        let tree = self.reread(origin);
        let embedded = self.is_embedded(origin.document());
        let part = self.part(origin).map_or("", |part| &part.pointer);
        let lines_before = self.lines_before(outer);
        Place {
            file: self.name(outer.document()).to_owned(),
            line: line.saturating_add(lines_before),
            column,
            document_line: embedded.then(|| line_and_column(text, origin.span()).0),
            pointer: part.to_owned()
                + &tree
                    .as_ref()
                    .map(|tree| pointer(tree, origin.span()))
                    .unwrap_or_default(),
            address: self.called(origin).map(str::to_owned),
            excerpt: excerpt_at(text, origin, tree.as_ref(), self.lines_before(origin)),
        }
    }
}

fn line_and_column(text: &str, span: Span) -> (u32, u32) {
    let offset = span.start as usize;
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let column = 1 + before.get(line_start..).unwrap_or_default().chars().count();
    (narrow(line_of(text, offset)), narrow(column))
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The pointer of the innermost node that holds `span`; a key stands for its value.
fn pointer(root: &Node, span: Span) -> String {
    let (mut path, mut node) = (String::new(), root);
    while let Some((step, child)) = step_towards(node, span) {
        path.push('/');
        path.push_str(&step);
        node = child;
    }
    path
}

fn step_towards(node: &Node, span: Span) -> Option<(String, &Node)> {
    let holds = |child: &Node| child.origin.span().contains(span);
    if let Some(elements) = node.as_array() {
        let (index, child) = elements
            .iter()
            .enumerate()
            .find(|(_, child)| holds(child))?;
        return Some((index.to_string(), child));
    }
    let holding = |key: Origin, child: &Node| key.span().contains(span) || holds(child);
    let members = node.as_object()?;
    let member = members
        .iter()
        .find(|member| holding(member.key_origin, &member.value))?;
    Some((
        member.key.replace('~', "~0").replace('/', "~1"),
        &member.value,
    ))
}

/// The excerpt with the lines of the file that the text is a part of.
fn excerpt_at(text: &str, origin: Origin, tree: Option<&Node>, lines_before: u32) -> Excerpt {
    let shown = excerpt(text, origin, tree);
    match shown.printed {
        true => shown,
        false => Excerpt {
            first_line: shown.first_line.saturating_add(lines_before),
            ..shown
        },
    }
}

fn excerpt(text: &str, origin: Origin, tree: Option<&Node>) -> Excerpt {
    let shown = select_lines(text, origin.span(), false);
    if shown
        .text
        .lines()
        .all(|line| line.len() <= EXCERPT_LINE_BYTES_MAX)
    {
        return shown;
    }
    let printed = tree.map(|tree| print::pretty(tree, Some(origin)));
    match printed
        .as_ref()
        .and_then(|printed| Some((&printed.text, printed.watched?)))
    {
        Some((layout, span)) => cut_long_line(select_lines(layout, span, true)),
        None => cut_long_line(shown),
    }
}

/// The whole lines that a span covers, up to the limit.
fn select_lines(text: &str, span: Span, printed: bool) -> Excerpt {
    let range = span.range();
    let (before, rest) = text.split_at_checked(range.start).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let inside = range.end.min(text.len()).saturating_sub(before.len());
    let breaks = rest.match_indices('\n').map(|(at, _)| before.len() + at);
    let mut shown = breaks.enumerate().map(|(count, at)| (count + 1, at));
    let last = EXCERPT_LINES_MAX as usize;
    let end = shown.find(|(count, at)| before.len() + inside <= *at || last <= *count);
    let end = end.map_or(text.len(), |(_, at)| at);
    let lines = text
        .get(start..end)
        .unwrap_or_default()
        .trim_end_matches('\r');
    let within = |offset: usize| offset.saturating_sub(start).min(lines.len());
    Excerpt {
        text: lines.to_owned(),
        span: Span::of(within(before.len()), within(before.len() + inside)),
        first_line: narrow(line_of(text, start)),
        printed,
    }
}

/// Only a piece around the start of the span, if a line is too long to show.
fn cut_long_line(excerpt: Excerpt) -> Excerpt {
    if excerpt
        .text
        .lines()
        .all(|line| line.len() <= EXCERPT_LINE_BYTES_MAX)
    {
        return excerpt;
    }
    let (text, span) = (&excerpt.text, excerpt.span.range());
    let line_start = text.get(..span.start).and_then(|before| before.rfind('\n'));
    let line_start = line_start.map_or(0, |line_break| line_break + 1);
    let wanted = span.start.saturating_sub(CUT_BEFORE_BYTES).max(line_start);
    let start = text.ceil_char_boundary(wanted);
    let end = text.floor_char_boundary(start + EXCERPT_LINE_BYTES_MAX);
    let piece = text.get(start..end).unwrap_or_default();
    let piece = piece.lines().next().unwrap_or_default();
    let within = |offset: usize| offset.saturating_sub(start).min(piece.len());
    let skipped = text.get(..start).unwrap_or_default().matches('\n').count();
    Excerpt {
        span: Span::of(within(span.start), within(span.end)),
        first_line: excerpt.first_line.saturating_add(narrow(skipped)),
        printed: excerpt.printed,
        text: piece.to_owned(),
    }
}

/// Bytes that a cut line shows before its span, so that the reader sees the key.
const CUT_BEFORE_BYTES: usize = 40;
