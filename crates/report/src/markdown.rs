//! The answer of `check` as a comment on a change, in GitHub Flavored Markdown.
//!
//! It says in one sentence whether the boundary holds, then for each way to break it the request, the
//! statement with its file and line, and what would close it. With a baseline, what it knows is only
//! counted: a comment is about what the author changed.

use std::collections::BTreeSet;

use cofferdam_findings::finding::{Answer, Step};
use cofferdam_text::Documents;

use crate::baseline::Baseline;
use crate::issue::{Issue, issues};
use crate::layout::count;
use crate::snippet::{underline, whereabouts};
use crate::style::Style;
use crate::tally::Tally;
use crate::text::spaced;

/// Issues told in full; the rest are lines. A comment of GitHub holds 65,536 characters.
const FULL_MAX: usize = 10;

/// Issues that are lines; the rest are counted.
const LINES_MAX: usize = 50;

/// The whole comment. `change` says in a sentence what a change does, if the answer is about one.
pub fn check(
    answer: &Answer,
    documents: &Documents,
    baseline: Option<&Baseline>,
    change: Option<&str>,
) -> String {
    let issues = issues(answer, documents, baseline);
    let counting: Vec<&Issue<'_>> = issues.iter().filter(|issue| issue.counts()).collect();
    let (known, mut news): (Vec<&Issue<'_>>, Vec<&Issue<'_>>) = counting
        .into_iter()
        .partition(|issue| issue.new == Some(false));
    news.sort_by_key(|issue| issue.finding.severity);
    let open: Vec<&Issue<'_>> = issues
        .iter()
        .filter(|issue| issue.cause.is_none() && issue.excepted.is_none() && !issue.counts())
        .filter(|issue| issue.new != Some(false))
        .collect();
    let sign = match (news.as_slice(), open.as_slice()) {
        ([_, ..], _) => "✗",
        ([], [_, ..]) => "?",
        ([], []) => "✓",
    };
    let sentence = match change {
        Some(change) => inline(change),
        None => headline(&news, &open, answer, baseline.is_some()),
    };
    let mut text = format!("### {sign} {sentence}\n");
    let mut shown = BTreeSet::new();
    for issue in news.iter().take(FULL_MAX) {
        text.push_str(&full(issue, &mut shown));
    }
    text.push_str(&lines(
        "More ways",
        news.get(FULL_MAX..).unwrap_or_default(),
    ));
    text.push_str(&lines("Undecided", &open));
    text.push_str(&footer(answer, known.len()));
    text
}

fn headline(
    news: &[&Issue<'_>],
    open: &[&Issue<'_>],
    answer: &Answer,
    is_compared: bool,
) -> String {
    let ways = count(news.len() as u64, "way", "ways");
    match (news, open, is_compared) {
        ([_, ..], _, true) => {
            format!("**{ways}** to break the boundary that the baseline does not know.")
        }
        ([_, ..], _, false) => format!("The boundary does not hold: **{ways}** to break it."),
        ([], [_, ..], _) => {
            "Nothing is certain to break the boundary, but it is not proved.".to_owned()
        }
        ([], [], true) => "Nothing is worse than in the baseline.".to_owned(),
        ([], [], false) if answer.findings.is_empty() => "Nothing was asked.".to_owned(),
        ([], [], false) => "The boundary holds, for every possible request.".to_owned(),
    }
}

/// An issue, with the text of each statement that was not shown before.
fn full(issue: &Issue<'_>, shown: &mut BTreeSet<String>) -> String {
    let finding = issue.finding;
    let mut text = format!(
        "\n**{}** ({}, `{}`)\n",
        inline(&issue.sentence()),
        finding.severity.word(),
        code(&finding.id)
    );
    let steps = issue.cause.map(|cause| cause.witness.steps.as_slice());
    let path: Vec<String> = steps.unwrap_or_default().iter().map(request).collect();
    if !path.is_empty() {
        text.push_str(&fenced(&path.join("\n")));
    }
    for (what, place) in &issue.places {
        let lies = code(&whereabouts(place));
        text.push_str(&format!("\n{} at `{lies}`\n", inline(what)));
        if !shown.insert(lies) {
            continue;
        }
        // The line above the excerpt says where it lies.
        let excerpt = underline(place, "this allows it", Style::PLAIN);
        let (_, excerpt) = excerpt.split_once('\n').unwrap_or(("", &excerpt));
        text.push_str(&fenced(excerpt.trim_end()));
    }
    let advice = issue.advice();
    if !advice.is_empty() {
        text.push_str(&format!("\n**To close it:** {}\n", inline(&advice)));
    }
    text
}

/// A request with a line for each thing that it says.
fn request(step: &Step) -> String {
    let mut lines = vec![
        step.principal.clone(),
        format!("  calls {} on {}", step.action, step.resource),
    ];
    for (number, (key, values)) in step.context.iter().enumerate() {
        let word = if number == 0 { "with" } else { "    " };
        lines.push(format!("  {word} {key} = {}", values.join(", ")));
    }
    let note = step.note.as_ref().map(|note| format!(" ({note})"));
    let decision = spaced(step.decision);
    lines.push(format!("  is {decision}{}", note.unwrap_or_default()));
    lines.join("\n")
}

fn lines(title: &str, issues: &[&Issue<'_>]) -> String {
    if issues.is_empty() {
        return String::new();
    }
    let number = issues.len();
    let mut text = format!("\n<details><summary>{title}: {number}</summary>\n\n");
    for issue in issues.iter().take(LINES_MAX) {
        let advice = match issue.cause {
            Some(_) => String::new(),
            None => format!(" {}", inline(&issue.advice())),
        };
        text.push_str(&format!("- {}{advice}\n", inline(&issue.sentence())));
    }
    if let Some(more @ 1..) = number.checked_sub(LINES_MAX) {
        text.push_str(&format!("- and {more} more\n"));
    }
    text.push_str("\n</details>\n");
    text
}

fn footer(answer: &Answer, known: usize) -> String {
    let tally = Tally::of(&answer.findings);
    let mut text = format!("\n{}", tally.sentence());
    if tally.excepted > 0 {
        text.push_str(&format!(", {} under an exception", tally.excepted));
    }
    if known > 0 {
        let known = count(known as u64, "way", "ways");
        text.push_str(&format!("; {known} known from the baseline"));
    }
    if !answer.diagnostics.is_empty() {
        let parts = count(answer.diagnostics.len() as u64, "part", "parts");
        text.push_str(&format!("; {parts} of the input could not be read in full"));
    }
    text + ".\n"
}

/// A block of code, behind more backticks than it holds in a row.
fn fenced(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("\n{fence}text\n{text}\n{fence}\n")
}

/// Text in a code span, which a backtick would end.
fn code(text: &str) -> String {
    text.replace('`', "'").replace(['\n', '\r'], " ")
}

/// Running text: what Markdown or HTML would take for a mark is escaped.
fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            // A mention would notify somebody.
            '@' => escaped.push_str("@\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
