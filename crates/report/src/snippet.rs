//! The text of a statement, underlined, under the place where it lies.
//!
//! A policy that AWS returned as a string is shown decoded: the arrow names the file and the line of
//! the string, and the numbered lines are those of the policy itself.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin as Arrow, Renderer, Snippet};
use cofferdam_text::{Excerpt, Place};

use crate::layout::tame;
use crate::style::Style;

/// The excerpt of `place` with `label` at what is underlined.
pub(crate) fn underline(place: &Place, label: &str, style: Style) -> String {
    let (text, range) = dedented(&place.excerpt);
    let snippet = Snippet::source(text)
        .line_start(place.excerpt.first_line as usize)
        .fold(false)
        .annotation(AnnotationKind::Primary.span(range).label(label));
    let group = Group::with_level(Level::NOTE).element(Arrow::path(whereabouts(place)));
    let rendered = renderer(style).render(&[group.element(snippet)]);
    rendered
        .lines()
        .filter(|line| !is_gap(line))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The renderer's sign that lines were left out between the arrow and the excerpt: they always are.
fn is_gap(line: &str) -> bool {
    line.contains(GAP) && !line.contains('│')
}

const GAP: char = '⸬';

/// The lines without the margin that all of them share: a statement deep in an answer would
/// otherwise begin in the middle of the page.
fn dedented(excerpt: &Excerpt) -> (String, Range<usize>) {
    let filled = excerpt.text.lines().filter(|line| !line.trim().is_empty());
    let margin = filled
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min();
    let margin = margin.unwrap_or(0);
    let mut text = String::with_capacity(excerpt.text.len());
    let (mut start, mut end) = (excerpt.span.start as usize, excerpt.span.end as usize);
    let (first, last) = (start, end);
    let mut offset = 0;
    for line in excerpt.text.split_inclusive('\n') {
        let cut = margin.min(line.len() - line.trim_start_matches(' ').len());
        start -= if offset <= first {
            cut.min(first - offset)
        } else {
            0
        };
        end -= if offset <= last {
            cut.min(last - offset)
        } else {
            0
        };
        text.push_str(line.get(cut..).unwrap_or_default());
        offset += line.len();
    }
    (text, start..end)
}

/// `snapshot/a.json:12`; for a policy that is a string in its file, that too, and the place in it.
pub(crate) fn whereabouts(place: &Place) -> String {
    let mut text = format!("{}:{}", tame(&place.file), place.line);
    if let Some(address) = &place.address {
        text.push_str(&format!(", {}", tame(address)));
    }
    match place.document_line {
        Some(_) if place.excerpt.printed => text.push_str(", decoded and laid out"),
        Some(_) => text.push_str(", decoded"),
        None if place.excerpt.printed => text.push_str(", laid out"),
        None => return text,
    }
    if !place.pointer.is_empty() {
        text.push_str(&format!(", {}", tame(&place.pointer)));
    }
    text
}

fn renderer(style: Style) -> Renderer {
    let renderer = if style.color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer
        .decor_style(DecorStyle::Unicode)
        .term_width(style.width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cofferdam_text::Documents;

    #[test]
    fn a_margin_goes_and_the_underline_follows() {
        let text = "{\n      \"a\": {\n        \"b\": 1\n      }\n}";
        let mut documents = Documents::new();
        let node = documents.read_json("a.json", text.into()).unwrap();
        let place = documents.place(node.get("a").unwrap().origin);
        let (lines, range) = dedented(&place.excerpt);
        assert_eq!(lines, "\"a\": {\n  \"b\": 1\n}");
        assert_eq!(&lines[range], "{\n  \"b\": 1\n}");
    }
}
