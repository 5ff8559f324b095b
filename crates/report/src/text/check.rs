//! The answer of `check`: what is broken, what is not known, what holds, how much of each.

use cofferdam_findings::finding::{Answer, Finding, Verdict};
use cofferdam_text::Documents;

use super::finding::Findings;
use super::summary;
use crate::baseline::Baseline;
use crate::layout::{Page, count};
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};
use crate::tally::{is_excepted, select};

/// Violations shown in full; the rest are lines of a table, since nobody reads further.
const FULL_MAX: usize = 25;

/// The whole answer as a page. With a baseline only what it does not know is shown in full.
pub fn check(
    answer: &Answer,
    documents: &Documents,
    style: Style,
    baseline: Option<&Baseline>,
) -> String {
    let mut page = Page::new(style);
    head(&mut page, answer);
    violated(&mut page, answer, documents, baseline);
    excepted(&mut page, answer);
    undecided(&mut page, answer, documents);
    summary::proved(&mut page, answer);
    summary::grounds(&mut page, answer);
    summary::totals(&mut page, answer, baseline);
    page.finish()
}

fn head(page: &mut Page, answer: &Answer) {
    let organization = answer
        .organization
        .as_deref()
        .unwrap_or("no organization found");
    let mut line = format!("Organization {organization}");
    if let Some(captured) = &answer.captured_at {
        line.push_str(&format!(", captured {captured}"));
    }
    if let Some(as_of) = &answer.as_of {
        line.push_str(&format!(", exceptions judged as of {as_of}"));
    }
    page.prose(0, Tone::Strong, &line);
    if !answer.sources.is_empty() {
        page.prose(
            0,
            Tone::Faint,
            &format!("Read from {}", answer.sources.join(", ")),
        );
    }
}

fn violated(page: &mut Page, answer: &Answer, documents: &Documents, baseline: Option<&Baseline>) {
    let (new, known): (Vec<&Finding>, Vec<&Finding>) = by_severity(answer)
        .into_iter()
        .partition(|finding| baseline.is_none_or(|baseline| baseline.is_news(finding)));
    let mut shown = Findings::new(documents);
    for finding in new.iter().take(FULL_MAX) {
        shown.violated(page, finding);
    }
    short_list(
        page,
        "Violated as well",
        BAD,
        new.get(FULL_MAX..).unwrap_or_default(),
    );
    short_list(page, "Violated, and known from the baseline", BAD, &known);
}

fn by_severity(answer: &Answer) -> Vec<&Finding> {
    let mut findings = select(answer, Verdict::Violated, false);
    findings.sort_by_key(|finding| finding.severity);
    findings
}

const BAD: (&str, Tone) = ("✗", Tone::Bad);

/// Lines printed of a list; the rest are counted.
const SHORT_MAX: usize = 200;

fn short_list(page: &mut Page, title: &str, (sign, tone): (&str, Tone), findings: &[&Finding]) {
    if findings.is_empty() {
        return;
    }
    let mut table = Table::new(&["", "finding", "severity", "causes", "in short"]);
    for finding in findings.iter().take(SHORT_MAX) {
        table.push(vec![
            Cell::new(tone, sign),
            Cell::plain(&finding.id),
            Cell::plain(finding.severity.word()),
            Cell::plain(finding.causes.len().to_string()),
            Cell::plain(&finding.message),
        ]);
    }
    page.gap();
    page.label(0, title);
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
    if let Some(more) = findings
        .len()
        .checked_sub(SHORT_MAX)
        .filter(|more| *more > 0)
    {
        page.prose(
            2,
            Tone::Plain,
            &format!("and {more} more; `--format json` lists all"),
        );
    }
}

fn excepted(page: &mut Page, answer: &Answer) {
    let findings: Vec<&Finding> = answer
        .findings
        .iter()
        .filter(|finding| is_excepted(finding))
        .collect();
    if findings.is_empty() {
        return;
    }
    let mut table = Table::new(&["", "finding", "exception", "in short"]);
    for finding in findings.iter().take(SHORT_MAX) {
        table.push(vec![
            Cell::new(Tone::Doubt, "✗"),
            Cell::plain(&finding.id),
            Cell::plain(finding.excepted_by.as_deref().unwrap_or_default()),
            Cell::plain(&finding.message),
        ]);
    }
    page.gap();
    let title = count(findings.len() as u64, "violation", "violations");
    page.label(0, &format!("{title} under an exception, not counted"));
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
}

fn undecided(page: &mut Page, answer: &Answer, documents: &Documents) {
    let mut shown = Findings::new(documents);
    let findings = select(answer, Verdict::Undecided, false);
    for finding in findings.iter().take(FULL_MAX) {
        shown.undecided(page, finding);
    }
    let rest = findings.get(FULL_MAX..).unwrap_or_default();
    short_list(page, "Undecided as well", ("?", Tone::Doubt), rest);
}
