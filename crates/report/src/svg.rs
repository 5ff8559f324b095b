//! Drawings of faults, laid out here and written as SVG: no script, no font, no image and nothing
//! else from elsewhere, so that a page with a strict content security policy can hold them.
//!
//! Text is text, so that it can be found, copied and read aloud. Its width must be known to lay it
//! out: a monospaced font makes that exact. Colour never carries meaning alone: what is uncertain is
//! dashed or ends in a question mark, and each verdict is a word.

mod canvas;
mod depths;
mod graph;
mod reached;

use crate::faults::View;
use canvas::Canvas;

/// The survival table and the matrix of layers of each dataset; where no dataset was asked about,
/// what each principal reaches. `hide` replaces names, such as [`Redaction::apply`]; names must be
/// hidden before they are shortened.
///
/// [`Redaction::apply`]: crate::redact::Redaction::apply
pub fn faults(view: &View<'_>, hide: &dyn Fn(&str) -> String) -> String {
    let faults = view.faults;
    let mut canvas = Canvas::new();
    if !faults.datasets.is_empty() {
        let counted = format!("Counted as faults: {}.", hide(&faults.universe));
        canvas.paragraph("faint", &counted);
    }
    for depths in &faults.datasets {
        depths::draw(&mut canvas, depths, hide);
    }
    if view.named || faults.datasets.is_empty() {
        for reached in faults.principals.iter().take(GRAPHS_MAX) {
            reached::draw(&mut canvas, reached, hide);
        }
        let left = faults.principals.len().saturating_sub(GRAPHS_MAX);
        if left > 0 {
            let number = crate::layout::count(left as u64, "principal", "principals");
            canvas.paragraph("faint", &format!("And {number} more, which are not drawn."));
        }
    }
    let title = match faults.datasets.is_empty() {
        true => "What a compromise reaches",
        false => "What faults do to the boundary",
    };
    canvas.finish(title, &described(view, hide))
}

/// Graphs in one drawing; more of them are no picture.
const GRAPHS_MAX: usize = 12;

/// The drawing in a few sentences, for those who do not see it.
fn described(view: &View<'_>, hide: &dyn Fn(&str) -> String) -> String {
    let datasets = view
        .faults
        .datasets
        .iter()
        .map(|one| format!("{}. ", crate::faults::headline(one)));
    let asked = view.named || view.faults.datasets.is_empty();
    let principals = view
        .faults
        .principals
        .iter()
        .filter(|_| asked)
        .take(GRAPHS_MAX)
        .map(|one| {
            format!(
                "{} becomes {}, rewrites {} and lets data of {} leave. ",
                hide(&one.principal),
                crate::layout::count(one.becomes.len() as u64, "principal", "principals"),
                crate::layout::count(one.rewrites.len() as u64, "object", "objects"),
                crate::layout::count(one.leaks.len() as u64, "dataset", "datasets"),
            )
        });
    let text: String = datasets.chain(principals).collect();
    text.trim_end().to_owned()
}
