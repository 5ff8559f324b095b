//! What holds, what it rests on, and how much there is of everything.

use std::collections::BTreeSet;

use cofferdam_findings::finding::{Answer, Finding, Verdict};

use crate::baseline::Baseline;
use crate::layout::{Page, count};
use crate::style::Tone;
use crate::table::{Cell, Table};
use crate::tally::{Tally, select};

/// The first part of an obligation's id, in the order of the design.
const LAYERS: [&str; 6] = [
    "identity",
    "network",
    "encryption",
    "audit",
    "resource",
    "access",
];

/// What is proved, one line an obligation.
pub(super) fn proved(page: &mut Page, answer: &Answer) {
    let findings = select(answer, Verdict::Proved, false);
    let mut table = Table::new(&["obligation", "datasets", "note"]);
    for obligation in in_order(findings.iter().map(|finding| finding.obligation)) {
        let of: Vec<&&Finding> = findings
            .iter()
            .filter(|finding| finding.obligation == obligation)
            .collect();
        table.push(vec![
            Cell::new(Tone::Good, format!("✓ {obligation}")),
            Cell::plain(in_order(of.iter().map(|finding| dataset(finding))).join(", ")),
            Cell::new(Tone::Doubt, notes(&of)),
        ]);
    }
    if table.is_empty() {
        return;
    }
    page.gap();
    page.label(0, "Proved, for every possible request");
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
}

fn notes(findings: &[&&Finding]) -> String {
    let mut notes = Vec::new();
    for finding in findings {
        if finding.vacuous {
            notes.push(format!(
                "vacuous for {}: no such request is possible",
                dataset(finding)
            ));
        }
        if let Some(layer) = finding.held_by {
            notes.push(format!("{} is held by {layer} alone", dataset(finding)));
        }
    }
    in_order(notes.iter().map(String::as_str)).join("; ")
}

fn dataset(finding: &Finding) -> &str {
    finding.dataset.as_deref().unwrap_or("the organization")
}

/// What all verdicts take for granted.
pub(super) fn grounds(page: &mut Page, answer: &Answer) {
    let assumptions = answer
        .findings
        .iter()
        .flat_map(|finding| &finding.assumptions)
        .map(String::as_str);
    let assumptions = in_order(assumptions);
    if !assumptions.is_empty() {
        page.gap();
        page.label(0, "Taken for granted");
    }
    for assumption in assumptions {
        page.hanging(2, "- ", Tone::Plain, assumption);
    }
    let facts: BTreeSet<String> = answer
        .findings
        .iter()
        .flat_map(|finding| &finding.facts)
        .map(|fact| format!("{} ({})", fact.fact, fact.as_of))
        .collect();
    if !facts.is_empty() {
        page.gap();
        let facts = facts.into_iter().collect::<Vec<_>>().join(", ");
        page.hanging(
            0,
            "Facts about AWS, as of their date: ",
            Tone::Faint,
            &facts,
        );
    }
}

/// The table of datasets and layers, the totals and the verdict.
pub(super) fn totals(page: &mut Page, answer: &Answer, baseline: Option<&Baseline>) {
    page.gap();
    page.label(0, "Summary");
    let lines = by_layer(answer).print(page.style, 2);
    page.block(2, &lines);
    page.gap();
    if !answer.not_yet_asked.is_empty() {
        page.hanging(
            0,
            "Not yet asked: ",
            Tone::Faint,
            &answer.not_yet_asked.join(", "),
        );
    }
    let tally = Tally::of(&answer.findings);
    page.prose(0, Tone::Plain, &numbers(tally));
    if !answer.diagnostics.is_empty() {
        let parts = count(answer.diagnostics.len() as u64, "diagnostic", "diagnostics");
        page.prose(
            0,
            Tone::Doubt,
            &format!("{parts} about the input, on standard error"),
        );
    }
    verdict(
        page,
        tally,
        baseline.map(|baseline| baseline.has_new(answer)),
    );
}

fn by_layer(answer: &Answer) -> Table {
    let layers: Vec<&'static str> = LAYERS
        .into_iter()
        .chain(others(answer))
        .filter(|layer| is_asked(answer, layer))
        .collect();
    let mut head = vec!["dataset"];
    head.extend(&layers);
    let mut table = Table::new(&head);
    for name in in_order(answer.findings.iter().map(dataset)) {
        let mut row = vec![Cell::new(Tone::Strong, name)];
        row.extend(layers.iter().map(|layer| {
            cell(
                answer
                    .findings
                    .iter()
                    .filter(|one| dataset(one) == name && one.layer == *layer),
            )
        }));
        table.push(row);
    }
    table
}

fn is_asked(answer: &Answer, layer: &str) -> bool {
    answer.findings.iter().any(|finding| finding.layer == layer)
}

fn others(answer: &Answer) -> Vec<&'static str> {
    let mut others: Vec<&'static str> = answer.findings.iter().map(|one| one.layer).collect();
    others.retain(|layer| !LAYERS.contains(layer));
    others.sort_unstable();
    others.dedup();
    others
}

/// The worst comes first, since it is what the eye should meet.
fn cell<'a>(findings: impl Iterator<Item = &'a Finding>) -> Cell {
    let tally = Tally::of(findings);
    let parts = [
        ("✗", tally.violated, Tone::Bad),
        ("?", tally.undecided, Tone::Doubt),
        ("✗ excepted", tally.excepted, Tone::Doubt),
        ("✓", tally.proved, Tone::Good),
    ];
    let present: Vec<_> = parts
        .into_iter()
        .filter(|(_, number, _)| *number > 0)
        .collect();
    let Some((_, _, tone)) = present.first() else {
        return Cell::new(Tone::Faint, "-");
    };
    let words: Vec<String> = present
        .iter()
        .map(|(sign, number, _)| format!("{sign} {number}"))
        .collect();
    Cell::new(*tone, words.join(" "))
}

fn numbers(tally: Tally) -> String {
    let mut text = format!(
        "{} asked: {} proved, {} violated, {} undecided",
        count(tally.asked() as u64, "obligation", "obligations"),
        tally.proved,
        tally.violated,
        tally.undecided
    );
    if tally.excepted > 0 {
        let all = tally.violated + tally.excepted;
        text.push_str(&format!(
            ", {} under an exception (without exceptions: {all} violated)",
            tally.excepted
        ));
    }
    text
}

fn verdict(page: &mut Page, tally: Tally, has_new: Option<bool>) {
    let (tone, text) = match tally {
        Tally { violated: 1.., .. } => (Tone::Bad, "✗ The boundary does not hold"),
        Tally { undecided: 1.., .. } => (
            Tone::Doubt,
            "? Nothing breaks the boundary for certain, but it is not proved",
        ),
        Tally {
            proved: 0,
            excepted: 0,
            ..
        } => (Tone::Doubt, "? Nothing was asked"),
        Tally { excepted: 1.., .. } => (Tone::Good, "✓ The boundary holds, exceptions apart"),
        _ => (Tone::Good, "✓ The boundary holds"),
    };
    let news = match has_new {
        None => "",
        Some(true) => ", and there is something new since the baseline",
        Some(false) => ", with nothing new since the baseline",
    };
    page.prose(0, tone, &format!("{text}{news}."));
}

/// Each text once, in the order of first appearance.
fn in_order<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}
