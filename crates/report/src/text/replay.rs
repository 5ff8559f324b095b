//! A replay for people: what contradicts a proof first, then the rates, then each disagreement.

use cofferdam_findings::replay::{Contradiction, Counted, Disagreement, Group, Replay, Sample};
use cofferdam_text::Documents;

use super::finding::{Findings, spaced};
use crate::layout::{Page, as_sentence, count};
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// Reasons that are shown of each list; the JSON answer has all.
const REASONS_MAX: usize = 12;

/// Disagreements that are shown in full; the JSON answer has more.
const DISAGREEMENTS_MAX: usize = 20;

/// The whole answer.
pub fn replay(answer: &Replay, documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    contradictions(&mut page, answer);
    earlier(&mut page, answer);
    rates(&mut page, answer);
    disagreements(&mut page, answer, &mut Findings::new(documents));
    reasons(&mut page, "Could not be decided", &answer.undecided);
    reasons(&mut page, "No decision of AWS's", &answer.no_decisions);
    reasons(&mut page, "Not understood", &answer.unclear);
    broken(&mut page, answer);
    for note in &answer.notes {
        page.gap();
        page.prose(0, Tone::Faint, &as_sentence(note));
    }
    closing(&mut page, answer);
    page.finish()
}

fn contradictions(page: &mut Page, answer: &Replay) {
    let loud = answer
        .contradictions
        .iter()
        .filter(|one| one.changed_since.is_none());
    for one in loud {
        page.gap();
        let title = format!(
            "AWS allowed what is proved to be impossible: {}",
            about(one)
        );
        page.hanging(0, "✗ ", Tone::Bad, &title);
        contradiction(page, one);
        page.gap();
        page.prose(2, Tone::Strong, "What to do");
        page.prose(4, Tone::Plain, &what_to_do(one));
    }
}

/// What was proved, of a dataset or of the organization.
fn about(one: &Contradiction) -> String {
    match one.dataset.is_empty() {
        true => one.finding.clone(),
        false => format!("{} on {}", one.obligation, one.dataset),
    }
}

fn contradiction(page: &mut Page, one: &Contradiction) {
    page.prose(
        2,
        Tone::Plain,
        &format!("Proved: {}", as_sentence(&one.proved)),
    );
    page.prose(
        2,
        Tone::Plain,
        &format!("But {}.", one.why.trim_end_matches('.')),
    );
    sample(page, 2, &one.sample, one.events);
}

fn what_to_do(one: &Contradiction) -> String {
    let owner = one.owner.as_deref().unwrap_or("whoever answers for it");
    let first = format!(
        "Treat it as an incident until it is explained: tell {owner}, and read the event in full."
    );
    let then = match one.decision {
        "allowed" => {
            "The sources allow this very request, so the proof is wrong: that is an error of \
             Cofferdam's. Report it with the event and the policies."
        }
        "undecided" => {
            "Collect a new snapshot and check it: what was in force may not be what the sources hold. If \
             it still proves this, the error is Cofferdam's: report it with the event."
        }
        _ => {
            "The sources refuse it, so they are not what was in force: collect a new snapshot and check \
             it. If it still proves this, the error is Cofferdam's: report it with the event."
        }
    };
    format!("{first} {then}")
}

/// What a change of the configuration may explain.
fn earlier(page: &mut Page, answer: &Replay) {
    let quiet = answer.contradictions.iter();
    for one in quiet {
        let Some(since) = &one.changed_since else {
            continue;
        };
        page.gap();
        let title = format!("Proved now, and allowed then: {}", about(one));
        page.hanging(0, "! ", Tone::Doubt, &title);
        contradiction(page, one);
        page.prose(2, Tone::Plain, &format!("Between the two, {since}."));
    }
}

fn sample(page: &mut Page, indent: usize, sample: &Sample, events: u64) {
    let on = match &sample.resource {
        Some(resource) if resource != "*" => format!(" on {resource}"),
        Some(_) => String::new(),
        None => " on a resource that is not told".to_owned(),
    };
    let from = sample
        .from
        .as_ref()
        .map(|from| format!(", from {from}"))
        .unwrap_or_default();
    let call = format!("{} calls {}{on}{from}", sample.principal, sample.action);
    page.prose(indent, Tone::Plain, &call);
    let more = match events {
        0 | 1 => String::new(),
        _ => format!(", the first of {}", count(events, "event", "events")),
    };
    let place = format!(
        "event {} at {}{more}: {} (offset {})",
        sample.event, sample.time, sample.file, sample.offset
    );
    page.prose(indent + 2, Tone::Faint, &place);
}

fn rates(page: &mut Page, answer: &Replay) {
    if answer.groups.is_empty() {
        return;
    }
    page.gap();
    let mut table = Table::new(&[
        "service",
        "class",
        "AWS said",
        "events",
        "agree",
        "disagree",
        "undecided",
    ]);
    for group in &answer.groups {
        table.push(row(group));
    }
    let lines = table.print(page.style, 0);
    page.block(0, &lines);
}

fn row(group: &Group) -> Vec<Cell> {
    let all = group.agrees + group.disagrees + group.undecided;
    let number = |tone: Tone, number: u64| match number {
        0 => Cell::new(Tone::Faint, "-"),
        _ => Cell::new(tone, number.to_string()),
    };
    vec![
        Cell::plain(group.service.as_str()),
        Cell::plain(group.class.as_str()),
        Cell::plain(group.answer.as_str()),
        Cell::plain(all.to_string()),
        number(Tone::Good, group.agrees),
        number(Tone::Bad, group.disagrees),
        number(Tone::Doubt, group.undecided),
    ]
}

fn disagreements(page: &mut Page, answer: &Replay, findings: &mut Findings<'_>) {
    for one in answer.disagreements.iter().take(DISAGREEMENTS_MAX) {
        page.gap();
        disagreement(page, one, findings);
    }
    let shown = answer.disagreements.len().min(DISAGREEMENTS_MAX) as u64;
    let left = answer.disagreements_in_all - shown.min(answer.disagreements_in_all);
    if left > 0 {
        page.gap();
        let more = count(
            left,
            "more kind of disagreement",
            "more kinds of disagreements",
        );
        page.prose(
            0,
            Tone::Faint,
            &format!("… and {more}: see `--format json`."),
        );
    }
}

fn disagreement(page: &mut Page, one: &Disagreement, findings: &mut Findings<'_>) {
    let title = format!("AWS: {}. Sources: {}.", one.aws, spaced(one.decision));
    page.hanging(0, "✗ ", Tone::Bad, &title);
    if let Some(policy) = &one.policy {
        page.prose(2, Tone::Literal, policy);
    }
    sample(page, 2, &one.sample, one.events);
    if !one.layers.is_empty() && one.decision != "allowed" {
        let layers = one.layers.join(", ");
        page.prose(2, Tone::Plain, &format!("Refused here by: {layers}."));
    }
    findings.because_of(page, &one.because, |reason| does(reason.effect.as_str()));
    page.gap();
    page.prose(2, Tone::Plain, &as_sentence(&one.why));
    page.prose(2, Tone::Strong, &format!("Look at {}.", one.look_at));
}

fn does(effect: &str) -> String {
    match effect {
        "Deny" => "this denies it here",
        _ => "this allows it here",
    }
    .to_owned()
}

fn reasons(page: &mut Page, title: &str, list: &[Counted]) {
    if list.is_empty() {
        return;
    }
    page.gap();
    page.label(0, title);
    for one in list.iter().take(REASONS_MAX) {
        let events = count(one.events, "event", "events");
        page.hanging(2, "- ", Tone::Plain, &format!("{events}: {}", one.why));
        page.prose(4, Tone::Faint, &one.first);
    }
    let left = list.len().saturating_sub(REASONS_MAX) as u64;
    if left > 0 {
        let more = count(left, "more reason", "more reasons");
        page.prose(
            2,
            Tone::Faint,
            &format!("… and {more}: see `--format json`."),
        );
    }
}

fn broken(page: &mut Page, answer: &Replay) {
    if answer.broken.is_empty() {
        return;
    }
    page.gap();
    page.label(0, "Could not be read");
    for one in answer.broken.iter().take(REASONS_MAX) {
        let line = format!("{} (offset {}): {}", one.file, one.offset, one.why);
        page.hanging(2, "- ", Tone::Doubt, &line);
    }
    let left = answer.broken_in_all.saturating_sub(REASONS_MAX as u64);
    if left > 0 {
        page.prose(
            2,
            Tone::Faint,
            &format!("… and {}.", count(left, "more place", "more places")),
        );
    }
}

fn closing(page: &mut Page, answer: &Replay) {
    let (agrees, disagrees, undecided) = answer.totals();
    let decided = agrees + disagrees;
    page.gap();
    page.prose(0, Tone::Plain, &read(answer));
    if answer.changes > 0 {
        let changes = format!(
            "{} the configuration; of {} the new policy is known.",
            count(answer.changes, "event changed", "events changed"),
            grouped(answer.moved),
        );
        page.prose(0, Tone::Plain, &changes);
    }
    if answer.proofs > 0 {
        let proofs = format!("Held against {}.", count(answer.proofs, "proof", "proofs"));
        page.prose(0, Tone::Plain, &proofs);
    }
    let loud = answer
        .contradictions
        .iter()
        .filter(|one| one.changed_since.is_none())
        .count();
    let (sign, tone) = match (loud, disagrees, decided) {
        (0, 0, 0) => ("? ", Tone::Doubt),
        (0, 0, _) => ("✓ ", Tone::Good),
        _ => ("✗ ", Tone::Bad),
    };
    let rate = format!(
        "{} of {} decided events agree ({}); {} could be decided ({} of {}).",
        grouped(agrees),
        grouped(decided),
        percent(agrees, decided),
        percent(decided, decided + undecided),
        grouped(decided),
        grouped(decided + undecided),
    );
    page.hanging(0, sign, tone, &rate);
    if loud > 0 {
        let kinds = count(
            loud as u64,
            "kind of event contradicts",
            "kinds of events contradict",
        );
        page.hanging(0, "✗ ", Tone::Bad, &format!("{kinds} a proof."));
    }
}

fn read(answer: &Replay) -> String {
    let mut parts = vec![format!(
        "{} in {}",
        count(answer.records, "record", "records"),
        count(answer.files, "file", "files")
    )];
    let mut add = |number: u64, one: &str, many: &str| {
        if number > 0 {
            parts.push(count(number, one, many));
        }
    };
    add(answer.duplicates, "duplicate", "duplicates");
    add(answer.twins, "copy for an owner", "copies for owners");
    add(
        answer.of_other_datasets,
        "event on other data",
        "events on other data",
    );
    let period = match &answer.period {
        Some((first, last)) if first == last => format!(", at {first}"),
        Some((first, last)) => format!(", from {first} to {last}"),
        None => String::new(),
    };
    format!("{}{period}.", parts.join(", "))
}

fn grouped(number: u64) -> String {
    count(number, "", "").trim_end().to_owned()
}

/// With one decimal, never rounded up to the whole.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "none".to_owned();
    }
    let tenths = part.saturating_mul(1000) / whole;
    format!("{}.{} %", tenths / 10, tenths % 10)
}
