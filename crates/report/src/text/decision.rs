//! Decisions of cases: the word, the layers that made it, the statements, and what is missing.

use super::finding::spaced;
use crate::decision::{CaseError, Decided, Decision, Determining};
use crate::layout::Page;
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// One block a case, in order.
pub fn decisions(list: &[Decided], style: Style) -> String {
    let mut page = Page::new(style);
    for decided in list {
        page.gap();
        match &decided.outcome {
            Ok(decision) => block(&mut page, &decided.name, decision),
            Err(error) => failed(&mut page, &decided.name, error),
        }
    }
    page.finish()
}

fn block(page: &mut Page, name: &str, decision: &Decision) {
    let (sign, tone) = match decision.decision {
        "allowed" => ("✓", Tone::Good),
        "undecided" => ("?", Tone::Doubt),
        _ => ("✗", Tone::Bad),
    };
    let word = spaced(decision.decision);
    page.hanging(0, &format!("{sign} "), tone, &format!("{word}: {name}"));
    layers(page, decision);
    for statement in &decision.determining {
        page.hanging(2, "- ", Tone::Plain, &sentence(statement));
    }
    for missing in &decision.missing {
        page.hanging(
            2,
            "? ",
            Tone::Doubt,
            &format!("{}: {}", missing.key, missing.why),
        );
    }
    if let Some(residual) = &decision.residual {
        page.hanging(2, "allowed if ", Tone::Plain, residual);
    }
    for split in &decision.split {
        let text = format!("{}: {}", split.resource, spaced(split.decision));
        page.hanging(2, "| ", Tone::Plain, &text);
    }
    expectation(page, decision);
}

fn layers(page: &mut Page, decision: &Decision) {
    let mut table = Table::new(&["layer", "attached to", "says"]);
    for layer in &decision.layers {
        let tone = match layer.outcome {
            "denies" | "does_not_allow" => Tone::Bad,
            "undecided" => Tone::Doubt,
            "allows" => Tone::Good,
            _ => Tone::Faint,
        };
        table.push(vec![
            Cell::plain(spaced(layer.layer)),
            Cell::plain(layer.target.as_deref().unwrap_or_default()),
            Cell::new(tone, spaced(layer.outcome)),
        ]);
    }
    if !table.is_empty() {
        let lines = table.print(page.style, 2);
        page.block(2, &lines);
    }
}

fn sentence(statement: &Determining) -> String {
    let number = statement
        .statement
        .map(|number| format!(" {number}"))
        .unwrap_or_default();
    let sid = statement
        .sid
        .as_ref()
        .map(|sid| format!(" \"{sid}\""))
        .unwrap_or_default();
    let line = statement
        .line
        .map(|line| format!("line {line}, "))
        .unwrap_or_default();
    format!(
        "{} by statement{number}{sid} of {} ({}; {line}{})",
        statement.effect,
        statement.policy,
        spaced(statement.layer),
        statement.pointer
    )
}

fn expectation(page: &mut Page, decision: &Decision) {
    let Some(expected) = &decision.expected else {
        return;
    };
    match decision.as_expected() {
        Some(true) => page.prose(2, Tone::Good, "✓ as expected"),
        _ => page.prose(2, Tone::Bad, &format!("✗ expected {}", spaced(expected))),
    }
}

fn failed(page: &mut Page, name: &str, error: &CaseError) {
    page.hanging(0, "! ", Tone::Bad, &format!("could not be read: {name}"));
    page.prose(2, Tone::Plain, &error.message);
    if let Some(file) = &error.file {
        let line = error
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        page.hanging(2, "--> ", Tone::Literal, &format!("{file}{line}"));
    }
}
