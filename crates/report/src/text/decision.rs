//! Decisions of cases: the word, the layers that made it, the statements, and what is missing.

use super::finding::spaced;
use crate::decision::{CaseError, Decided, Decision, Determining};
use crate::layout::{Page, count};
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
    if list.len() > 1 {
        closing(&mut page, list);
    }
    page.finish()
}

fn closing(page: &mut Page, list: &[Decided]) {
    let decisions = || {
        list.iter()
            .filter_map(|decided| decided.outcome.as_ref().ok())
    };
    let wrong = decisions()
        .filter(|decision| decision.as_expected() == Some(false))
        .count();
    let right = decisions()
        .filter(|decision| decision.as_expected() == Some(true))
        .count();
    let unread = list.len() - decisions().count();
    let cases = count(list.len() as u64, "case", "cases");
    let (sign, tone) = match wrong + unread {
        0 => ("✓", Tone::Good),
        _ => ("✗", Tone::Bad),
    };
    let text = format!("{cases}: {right} as expected, {wrong} not, {unread} could not be read");
    page.gap();
    page.hanging(0, &format!("{sign} "), tone, &text);
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
    let has_targets = decision.layers.iter().any(|layer| layer.target.is_some());
    let mut table = match has_targets {
        true => Table::new(&["layer", "attached to", "says"]),
        false => Table::new(&["layer", "says"]),
    };
    for layer in &decision.layers {
        let target = Cell::plain(layer.target.as_deref().unwrap_or_default());
        let mut row = vec![Cell::plain(spaced(layer.layer))];
        row.extend(has_targets.then_some(target));
        row.push(Cell::new(tone(layer.outcome), spaced(layer.outcome)));
        table.push(row);
    }
    if !table.is_empty() {
        let lines = table.print(page.style, 2);
        page.block(2, &lines);
    }
}

fn tone(outcome: &str) -> Tone {
    match outcome {
        "denies" | "does_not_allow" => Tone::Bad,
        "undecided" => Tone::Doubt,
        "allows" => Tone::Good,
        _ => Tone::Faint,
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
