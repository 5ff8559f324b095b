//! The denied and approved paths of a boundary: what was expected, what was decided, and which
//! layers would have refused alone.
//!
//! A path that only one layer refuses is pointed out: it holds, but the next mistake opens it.

use std::collections::BTreeMap;

use cofferdam_findings::probe::{Expected, Probe};

use super::finding::spaced;
use crate::layout::{Page, count};
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// The table, then what is not as expected, then the paths that one layer alone holds.
pub fn probes(list: &[Probe], style: Style) -> String {
    let mut page = Page::new(style);
    for (dataset, probes) in by_dataset(list) {
        page.gap();
        page.prose(0, Tone::Strong, &format!("Dataset {dataset}"));
        let lines = table(&probes).print(style, 2);
        page.block(2, &lines);
    }
    unexpected(&mut page, list);
    held_by_one(&mut page, list);
    closing(&mut page, list);
    page.finish()
}

fn by_dataset(list: &[Probe]) -> BTreeMap<&str, Vec<&Probe>> {
    let mut datasets: BTreeMap<&str, Vec<&Probe>> = BTreeMap::new();
    for probe in list {
        datasets.entry(&probe.dataset).or_default().push(probe);
    }
    datasets
}

fn table(probes: &[&Probe]) -> Table {
    let mut table = Table::new(&["path", "expected", "decided", "refused by each of"]);
    for probe in probes {
        table.push(vec![
            Cell::plain(short_name(probe)),
            Cell::plain(word(probe.expected)),
            decided(probe),
            refusers(probe),
        ]);
    }
    table
}

/// The dataset stands above the table.
fn short_name(probe: &Probe) -> &str {
    let name = probe
        .name
        .strip_prefix(&probe.dataset)
        .unwrap_or(&probe.name);
    name.trim_start_matches([':', ' '])
}

fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Refused => "refused",
        Expected::Allowed => "allowed",
    }
}

fn decided(probe: &Probe) -> Cell {
    let decision = spaced(probe.decision);
    match (probe.as_expected, probe.decision) {
        (true, _) => Cell::new(Tone::Good, format!("✓ {decision}")),
        (false, "undecided") => Cell::new(Tone::Doubt, format!("? {decision}")),
        (false, _) => Cell::new(Tone::Bad, format!("✗ {decision}")),
    }
}

fn refusers(probe: &Probe) -> Cell {
    let layers: Vec<String> = probe.refused_by.iter().map(|layer| spaced(layer)).collect();
    match (is_held_by_one(probe), layers.is_empty()) {
        (true, _) => Cell::new(Tone::Doubt, format!("! only {}", layers.join(", "))),
        (false, true) => Cell::new(Tone::Faint, "-"),
        (false, false) => Cell::plain(layers.join(", ")),
    }
}

fn is_held_by_one(probe: &Probe) -> bool {
    probe.expected == Expected::Refused && probe.as_expected && probe.refused_by.len() == 1
}

fn unexpected(page: &mut Page, list: &[Probe]) {
    for probe in list.iter().filter(|probe| !probe.as_expected) {
        page.gap();
        let text = format!("{}: {}", probe.name, spaced(probe.decision));
        page.hanging(0, "✗ ", Tone::Bad, &text);
        for step in &probe.steps {
            let call = format!(
                "{} calls {} on {}",
                step.principal, step.action, step.resource
            );
            page.prose(4, Tone::Plain, &call);
            for (key, values) in &step.context {
                page.prose(6, Tone::Plain, &format!("{key} = {}", values.join(", ")));
            }
            if let Some(command) = &step.command {
                page.command(4, command);
            }
        }
    }
}

fn held_by_one(page: &mut Page, list: &[Probe]) {
    let single: Vec<&Probe> = list.iter().filter(|probe| is_held_by_one(probe)).collect();
    if single.is_empty() {
        return;
    }
    page.gap();
    page.label(
        0,
        "Held by one layer alone: one mistake there opens the path",
    );
    for probe in single {
        let layer = probe
            .refused_by
            .first()
            .map(|layer| spaced(layer))
            .unwrap_or_default();
        page.hanging(
            2,
            "! ",
            Tone::Doubt,
            &format!("{} (only {layer})", probe.name),
        );
    }
}

fn closing(page: &mut Page, list: &[Probe]) {
    let wrong = list.iter().filter(|probe| !probe.as_expected).count();
    let paths = count(list.len() as u64, "path", "paths");
    page.gap();
    match wrong {
        0 => page.prose(0, Tone::Good, &format!("✓ {paths}, all as expected")),
        _ => page.prose(
            0,
            Tone::Bad,
            &format!("✗ {wrong} of {paths} not as expected"),
        ),
    }
}
