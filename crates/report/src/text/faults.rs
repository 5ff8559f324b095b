//! What faults lead to, told to people: what each dataset withstands, the attacks as stories, and
//! what would raise the depth.
//!
//! The numbers come first and the attacks behind them follow. A step that several attacks share is
//! told in full once, with the statements that permit it.

mod attack;
mod dataset;
mod reached;

use cofferdam_findings::finding::Verdict;
use cofferdam_text::Documents;

use crate::faults::View;
use crate::layout::{Page, as_sentence, count, length, tame};
use crate::style::{Style, Tone};
use attack::Attacks;

/// The page: requirements, datasets, principals, and what was taken for granted.
pub fn faults(view: &View<'_>, documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    let mut attacks = Attacks::new(documents);
    if !view.faults.datasets.is_empty() {
        let counted = format!("Counted as faults: {}.", view.faults.universe);
        page.prose(0, Tone::Faint, &counted);
    }
    requirements(&mut page, view);
    for depths in &view.faults.datasets {
        dataset::one(&mut page, depths, &mut attacks);
    }
    if view.named {
        for reached in &view.faults.principals {
            reached::story(&mut page, reached, &mut attacks);
        }
    } else {
        reached::overview(&mut page, &view.faults.principals);
    }
    assumptions(&mut page, &view.faults.assumptions);
    page.finish()
}

fn requirements(page: &mut Page, view: &View<'_>) {
    if view.requirements.is_empty() {
        return;
    }
    page.gap();
    page.label(0, "What the boundary requires");
    for requirement in view.requirements {
        let (sign, tone) = match requirement.verdict {
            Verdict::Proved => ("✓ ", Tone::Good),
            Verdict::Violated => ("✗ ", Tone::Bad),
            Verdict::Undecided => ("? ", Tone::Doubt),
        };
        let text = format!("{}: {}", requirement.dataset, requirement.message);
        page.hanging(2, sign, tone, &text);
    }
}

fn assumptions(page: &mut Page, assumptions: &[String]) {
    if assumptions.is_empty() {
        return;
    }
    page.gap();
    page.label(0, "Taken for granted");
    for assumption in assumptions {
        page.hanging(2, "- ", Tone::Plain, &as_sentence(assumption));
    }
}

/// A title with a rule to the edge of the page.
fn title(page: &mut Page, text: &str, end: &str) {
    let text = tame(text);
    let used = length(&text) + length(end) + 2;
    let rule = "─".repeat(page.style.width.saturating_sub(used).max(2));
    let line = format!(
        "{} {} {}",
        page.style.paint(Tone::Strong, &text),
        page.style.paint(Tone::Faint, &rule),
        page.style.paint(Tone::Strong, end)
    );
    page.gap();
    page.block(0, line.trim_end());
}

/// What was left out of a list, and how to see it.
fn further(page: &mut Page, indent: usize, left: usize, one: &str, many: &str) {
    if left > 0 {
        let number = count(left as u64, one, many);
        let text = format!("And {number}: `--format json` lists all.");
        page.prose(indent, Tone::Faint, &text);
    }
}
