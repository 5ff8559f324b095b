//! The text of a statement, underlined, under the place where it lies.
//!
//! A policy that AWS returned as a string is shown decoded: the arrow names the file and the line of
//! the string, and the numbered lines are those of the policy itself.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin as Arrow, Renderer, Snippet};
use cofferdam_text::Place;

use crate::layout::tame;
use crate::style::Style;

/// The excerpt of `place` with `label` at what is underlined.
pub(crate) fn underline(place: &Place, label: &str, style: Style) -> String {
    let excerpt = &place.excerpt;
    let range = excerpt.span.start as usize..excerpt.span.end as usize;
    let snippet = Snippet::source(excerpt.text.as_str())
        .line_start(excerpt.first_line as usize)
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

/// `snapshot/a.json:12, line 31 of the policy in it (/Statement/2)`.
pub(crate) fn whereabouts(place: &Place) -> String {
    let mut text = format!("{}:{}", tame(&place.file), place.line);
    match place.document_line {
        Some(_) if place.excerpt.printed => text.push_str(", decoded and laid out"),
        Some(_) => text.push_str(", decoded"),
        None if place.excerpt.printed => text.push_str(", laid out"),
        None => {}
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
