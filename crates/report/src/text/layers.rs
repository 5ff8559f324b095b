//! The table of datasets and layers: where the eye goes first in a long answer.

use std::collections::BTreeMap;

use cofferdam_findings::finding::{Answer, Finding};

use super::summary::{dataset, in_order};
use crate::layout::{Page, count};
use crate::style::Tone;
use crate::table::{Cell, Table};
use crate::tally::Tally;

/// The first part of an obligation's id, in the order of the design.
const LAYERS: [&str; 6] = [
    "identity",
    "network",
    "encryption",
    "audit",
    "resource",
    "access",
];

/// Rows that fit on a screen. Where there are more datasets, those with something to do stay.
const ROWS_MAX: usize = 40;

type Layers<'a> = BTreeMap<&'a str, Tally>;

/// One row a dataset, one column a layer that was asked.
pub(super) fn by_layer(page: &mut Page, answer: &Answer) {
    let rows = tallies(answer);
    let columns = columns(answer);
    let mut names = in_order(answer.findings.iter().map(dataset));
    let all = names.len();
    if all > ROWS_MAX {
        names.retain(|name| rows.get(name).is_some_and(|row| row.values().any(has_work)));
        names.truncate(ROWS_MAX);
    }
    let mut head = vec!["dataset"];
    head.extend(&columns);
    let mut table = Table::new(&head);
    for name in &names {
        let row = rows.get(name);
        let cells = columns
            .iter()
            .map(|layer| cell(row.and_then(|row| row.get(layer))));
        table.push(
            std::iter::once(Cell::new(Tone::Strong, *name))
                .chain(cells)
                .collect(),
        );
    }
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
    if let Some(more) = all.checked_sub(names.len()).filter(|more| *more > 0) {
        let more = count(more as u64, "more dataset", "more datasets");
        page.prose(
            2,
            Tone::Faint,
            &format!("and {more}; `--format json` lists all"),
        );
    }
}

fn tallies(answer: &Answer) -> BTreeMap<&str, Layers<'_>> {
    let mut rows: BTreeMap<&str, Layers<'_>> = BTreeMap::new();
    for finding in &answer.findings {
        rows.entry(dataset(finding))
            .or_default()
            .entry(finding.layer)
            .or_default()
            .add(finding);
    }
    rows
}

fn has_work(tally: &Tally) -> bool {
    tally.violated + tally.undecided + tally.excepted > 0
}

/// The design's layers, then any other by name.
fn columns(answer: &Answer) -> Vec<&'static str> {
    let mut asked: Vec<&'static str> = answer.findings.iter().map(layer).collect();
    asked.sort_unstable();
    asked.dedup();
    let known = LAYERS.into_iter().filter(|layer| asked.contains(layer));
    let others = asked
        .iter()
        .copied()
        .filter(|layer| !LAYERS.contains(layer));
    known.chain(others).collect()
}

fn layer(finding: &Finding) -> &'static str {
    finding.layer
}

/// The worst comes first, since it is what the eye should meet.
fn cell(tally: Option<&Tally>) -> Cell {
    let tally = tally.copied().unwrap_or_default();
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
