//! The sheet that is drawn on: it grows downwards, and knows its width when it is done.

use std::fmt::Write as _;

use crate::layout::{length, tame, wrap};

/// Width of one character of the monospaced text.
pub(super) const CHARACTER: usize = 8;
/// Width of one character of a title.
const TITLE: usize = 10;
/// Height of one line of text.
pub(super) const LINE: usize = 20;
/// Empty space around everything.
const MARGIN: usize = 24;
/// Columns of running text.
const COLUMNS: usize = 110;

/// Shapes and text, from top to bottom.
pub(super) struct Canvas {
    shapes: String,
    /// Where the next part begins.
    pub(super) top: usize,
    right: usize,
}

impl Canvas {
    pub(super) fn new() -> Canvas {
        Canvas {
            shapes: String::new(),
            top: MARGIN,
            right: 0,
        }
    }

    /// Where lines begin.
    pub(super) fn left(&self) -> usize {
        MARGIN
    }

    /// One line of text with its baseline at `y`; a longer form of it shows when it is pointed at.
    pub(super) fn text(&mut self, at: (usize, usize), class: &str, text: &str, full: Option<&str>) {
        let (x, y) = at;
        let character = if class == "title" { TITLE } else { CHARACTER };
        self.reach(x + character * length(text));
        let tip = full.map(tooltip).unwrap_or_default();
        let text = escape(text);
        let _ = writeln!(
            self.shapes,
            r#"<text x="{x}" y="{y}" class="{class}">{text}{tip}</text>"#
        );
    }

    /// A box.
    pub(super) fn rectangle(&mut self, at: (usize, usize), size: (usize, usize), class: &str) {
        let ((x, y), (width, height)) = (at, size);
        self.reach(x + width);
        let _ = writeln!(
            self.shapes,
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="4" class="{class}"/>"#
        );
    }

    /// A horizontal line.
    pub(super) fn rule(&mut self, from: usize, to: usize, y: usize) {
        let _ = writeln!(
            self.shapes,
            r#"<line x1="{from}" y1="{y}" x2="{to}" y2="{y}" class="rule"/>"#
        );
    }

    /// A curve with an arrow at its end, by the data of a path.
    pub(super) fn arrow(&mut self, path: &str, class: &str, right: usize) {
        self.reach(right);
        let _ = writeln!(
            self.shapes,
            r#"<path d="{path}" class="{class}" marker-end="url(#arrow)"/>"#
        );
    }

    /// Running text over the whole width, from the top on.
    pub(super) fn paragraph(&mut self, class: &str, text: &str) {
        for line in wrap(text, COLUMNS) {
            self.top += LINE;
            self.text((MARGIN, self.top), class, &line, None);
        }
    }

    /// A line over what follows.
    pub(super) fn heading(&mut self, class: &str, text: &str) {
        self.top += LINE;
        self.paragraph(class, text);
        self.top += LINE / 2;
    }

    fn reach(&mut self, right: usize) {
        self.right = self.right.max(right);
    }

    /// The drawing as a file.
    pub(super) fn finish(self, title: &str, description: &str) -> String {
        let (width, height) = (self.right + MARGIN, self.top + MARGIN);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
             <title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
             <style>{STYLE}</style>\n{ARROW}\
             <rect width=\"{width}\" height=\"{height}\" class=\"sheet\"/>\n{}</svg>\n",
            escape(title),
            escape(description),
            self.shapes
        )
    }
}

/// What shows when a shape is pointed at.
fn tooltip(text: &str) -> String {
    format!("<title>{}</title>", escape(text))
}

/// Text that cannot be taken for markup, with control characters shown.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in tame(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// At most `width` characters, the middle left out: a name differs at its end.
pub(super) fn shortened(text: &str, width: usize) -> String {
    let long = length(text);
    if long <= width {
        return text.to_owned();
    }
    let front = width / 3;
    let back = width.saturating_sub(front + 1);
    let characters = || text.chars();
    let front: String = characters().take(front).collect();
    let back: String = characters().skip(long - back).collect();
    format!("{front}…{back}")
}

/// The tip of an arrow, in the colour of its line.
const ARROW: &str = r#"<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" class="tip"/></marker></defs>
"#;

/// Colours for a light page and a dark one. 13.3 pixels make the usual monospaced fonts as wide as
/// `CHARACTER` says.
const STYLE: &str = "\
text{font:13.3px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1b1f24;white-space:pre}\
.sheet{fill:#fff}.strong{font-weight:700}.title{font-weight:700;font-size:16px}.faint{fill:#59636e}\
.good{fill:#116329}.bad{fill:#a40e26;font-weight:700}.doubt{fill:#7d4e00;font-weight:700}\
.rule{stroke:#d1d9e0}.box{fill:#f6f8fa;stroke:#59636e}.start{fill:#ddf4ff;stroke:#0550ae;stroke-width:2}\
.object{fill:#fff8c5;stroke:#7d4e00}.data{fill:#ffebe9;stroke:#a40e26;stroke-width:2}\
.edge{fill:none;stroke:#59636e;stroke-width:1.5}.may{stroke-dasharray:6 4}.tip{fill:#59636e}\
.label{font-size:11.7px;stroke:#fff;stroke-width:4px;paint-order:stroke}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.sheet{fill:#0d1117}.faint{fill:#9198a1}\
.good{fill:#56d364}.bad{fill:#ff8182}.doubt{fill:#e3b341}.rule{stroke:#3d444d}\
.box{fill:#151b23;stroke:#9198a1}.start{fill:#0c2d6b;stroke:#79c0ff}.object{fill:#341a00;stroke:#e3b341}\
.data{fill:#490202;stroke:#ff8182}.edge{stroke:#9198a1}.tip{fill:#9198a1}.label{stroke:#0d1117}}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_cut_in_their_middle() {
        assert_eq!(escape("a<b>&\"\u{1b}"), "a&lt;b&gt;&amp;&quot;\\u{1b}");
        assert_eq!(shortened("abcdefghijkl", 7), "ab…ijkl");
        assert_eq!(shortened("abc", 7), "abc");
    }
}
