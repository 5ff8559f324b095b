//! What holds, what it rests on, and how much there is of everything.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_findings::finding::{Answer, Finding, Verdict};

use super::layers::by_layer;
use crate::baseline::Baseline;
use crate::layout::{Page, count, some_of};
use crate::style::Tone;
use crate::table::{Cell, Table};
use crate::tally::Tally;

/// Datasets named in one cell; the rest are counted.
const NAMED_MAX: usize = 12;

/// What is proved, one line an obligation.
pub(super) fn proved(page: &mut Page, answer: &Answer) {
    let datasets = answer.findings.iter();
    let datasets = in_order(datasets.filter_map(|one| one.dataset.as_deref())).len();
    let mut table = Table::new(&["", "obligation", "datasets", "note"]);
    for obligation in in_order(answer.findings.iter().map(|finding| finding.obligation)) {
        let asked = answer
            .findings
            .iter()
            .filter(|finding| finding.obligation == obligation);
        let (proved, open): (Vec<&Finding>, Vec<&Finding>) =
            asked.partition(|finding| finding.verdict == Verdict::Proved);
        if !proved.is_empty() {
            table.push(vec![
                Cell::new(Tone::Good, "✓"),
                Cell::plain(obligation),
                Cell::plain(for_which(&proved, &open, datasets)),
                Cell::new(Tone::Doubt, notes(&proved)),
            ]);
        }
    }
    if table.is_empty() {
        return;
    }
    page.gap();
    page.label(0, "Proved, for every possible request");
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
}

/// The datasets; where a class of actions of one is not proved, those classes that are.
fn for_which(proved: &[&Finding], open: &[&Finding], datasets: usize) -> String {
    let names = in_order(proved.iter().map(|finding| subject(finding)));
    let whole = names.len() == datasets && proved.iter().all(|one| one.dataset.is_some());
    if whole && datasets > 1 && open.is_empty() {
        return format!("all {datasets}");
    }
    let partly: BTreeSet<&str> = open.iter().map(|finding| subject(finding)).collect();
    let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in proved
        .iter()
        .filter(|finding| partly.contains(subject(finding)))
    {
        classes
            .entry(subject(finding))
            .or_default()
            .extend(class(finding));
    }
    let shown = names
        .into_iter()
        .map(|name| match classes.get(name).map(Vec::as_slice) {
            None | Some([]) => name.to_owned(),
            Some(classes) => format!("{name} ({})", classes.join(", ")),
        });
    some_of(&shown.collect::<Vec<_>>(), NAMED_MAX)
}

/// The class of actions, where the id has one: `obligation:dataset:class`.
pub(super) fn class(finding: &Finding) -> Option<&str> {
    finding.dataset.as_ref()?;
    finding.id.splitn(3, ':').nth(2)
}

/// What a reader must know of these proofs, each note once with the datasets it is about.
fn notes(findings: &[&Finding]) -> String {
    let mut notes = Vec::new();
    let of = |wanted: &dyn Fn(&Finding) -> bool| {
        let those = findings
            .iter()
            .filter(|one| wanted(one))
            .map(|one| subject(one));
        owned(in_order(those))
    };
    let all = of(&|_| true).len();
    let about = |names: &[String]| match names.len() {
        number if number == all => String::new(),
        _ => format!(" for {}", some_of(names, NAMED_MAX)),
    };
    let vacuous = of(&|finding| finding.vacuous);
    if !vacuous.is_empty() {
        notes.push(format!(
            "vacuous{}: no such request is possible",
            about(&vacuous)
        ));
    }
    for layer in in_order(findings.iter().filter_map(|finding| finding.held_by)) {
        let held = of(&|finding| finding.held_by == Some(layer));
        notes.push(format!("held by {layer} alone{}", about(&held)));
    }
    notes.join("; ")
}

/// What a finding is about: a dataset, or what its id names of the organization.
pub(super) fn subject(finding: &Finding) -> &str {
    let named = || finding.id.split_once(':').map(|(_, name)| name);
    let dataset = finding.dataset.as_deref().or_else(named);
    dataset.unwrap_or("the organization")
}

pub(super) fn dataset(finding: &Finding) -> &str {
    finding.dataset.as_deref().unwrap_or("the organization")
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
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
        page.prose(
            0,
            Tone::Faint,
            &format!("Facts about AWS, each as of its date: {facts}"),
        );
    }
}

/// The table of datasets and layers, the totals and the verdict.
pub(super) fn totals(page: &mut Page, answer: &Answer, baseline: Option<&Baseline>) {
    page.gap();
    page.label(0, "Summary");
    by_layer(page, answer);
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
    if tally.kept > 0 {
        let kept = count(tally.kept as u64, "verdict", "verdicts");
        let text = format!("{kept} from the cache of an earlier run; --no-cache asks anew");
        page.prose(0, Tone::Plain, &text);
    }
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

fn numbers(tally: Tally) -> String {
    let mut text = tally.sentence();
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
pub(super) fn in_order<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}
