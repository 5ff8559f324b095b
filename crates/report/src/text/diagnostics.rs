//! What is wrong with the input, as compilers say it: file, line, and what to do.

use cofferdam_text::{Diagnostic, Documents, Severity};

use crate::layout::{count, tame};
use crate::style::{Style, Tone};

/// Diagnostics shown before the rest are only counted: a broken snapshot has one for each file.
const SHOWN_MAX: usize = 50;

/// One block a diagnostic, in their order; empty when there are none.
pub fn diagnostics(list: &[Diagnostic], documents: &Documents, style: Style) -> String {
    let shown = list.iter().take(SHOWN_MAX);
    let mut text: String = shown.map(|one| block(one, documents, style)).collect();
    if let Some(more) = list.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        let more = count(more as u64, "diagnostic more", "diagnostics more");
        text.push_str(&format!("{more}; `--format json` lists all\n"));
    }
    text
}

fn block(diagnostic: &Diagnostic, documents: &Documents, style: Style) -> String {
    let located = documents.locate(diagnostic.clone());
    let (word, tone) = match located.severity {
        Severity::Error => ("error", Tone::Bad),
        Severity::Warning => ("warning", Tone::Doubt),
    };
    let mut text = format!("{}: {}\n", style.paint(tone, word), tame(&located.message));
    if let Some(file) = &located.file {
        let line = located
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let place = format!("{}{line}", tame(file));
        text.push_str(&format!("  --> {}\n", style.paint(Tone::Literal, &place)));
    }
    if let Some(help) = &located.help {
        text.push_str(&format!("  help: {}\n", tame(help)));
    }
    text
}
