//! One call as a story: what was decided and why, what AWS said, and what to change.
//!
//! Whoever reads this was just refused. So the answer stands first, the statements that made it are
//! shown with their text, and the end says what to do, by oneself or by asking whom.

use cofferdam_findings::finding::{Missing, Reason};
use cofferdam_findings::story::{AwsSaid, Change, LayerTold, Story, Told};
use cofferdam_text::Documents;

use super::finding::{Findings, spaced};
use crate::layout::{Page, as_sentence};
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// One story after the other.
pub fn stories(list: &[Story], documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    let mut findings = Findings::new(documents);
    for story in list {
        page.gap();
        one(&mut page, story, &mut findings);
    }
    page.finish()
}

fn one(page: &mut Page, story: &Story, findings: &mut Findings<'_>) {
    let (sign, tone) = sign(story.decision);
    let title = format!("{}: {}", spaced(story.decision), story.title);
    page.hanging(0, &format!("{sign} "), tone, &title);
    for note in &story.notes {
        page.prose(2, Tone::Faint, &as_sentence(note));
    }
    if let Some(said) = &story.aws {
        aws(page, said);
    }
    let several = story.requests.len() > 1;
    for (number, told) in story.requests.iter().enumerate() {
        page.gap();
        let mark = if several {
            format!("{}. ", number + 1)
        } else {
            String::new()
        };
        request(page, &mark, told, findings);
    }
    missing(page, &story.missing);
    changes(page, story);
}

fn sign(decision: &str) -> (&'static str, Tone) {
    match decision {
        "allowed" => ("✓", Tone::Good),
        "undecided" => ("?", Tone::Doubt),
        _ => ("✗", Tone::Bad),
    }
}

fn aws(page: &mut Page, said: &AwsSaid) {
    let (sign, tone) = match said.agrees {
        Some(true) => ("✓ ", Tone::Good),
        Some(false) => ("✗ ", Tone::Bad),
        None => ("? ", Tone::Doubt),
    };
    page.gap();
    page.prose(2, Tone::Strong, &format!("AWS said: {}", said.words));
    if let Some(policy) = &said.policy {
        page.prose(4, Tone::Literal, policy);
    }
    page.hanging(4, sign, tone, &as_sentence(&said.why));
}

fn request(page: &mut Page, mark: &str, told: &Told, findings: &mut Findings<'_>) {
    let step = &told.step;
    let (sign, tone) = sign(step.decision);
    let asks = match step.resource.as_str() {
        "*" => step.action.clone(),
        resource => format!("{} on {resource}", step.action),
    };
    page.hanging(2, mark, Tone::Strong, &asks);
    let indent = 2 + mark.chars().count();
    page.prose(indent, Tone::Faint, &told.what);
    let said = match (&told.from, told.places.is_empty()) {
        (Some(from), true) => format!("{}, from {from}", spaced(step.decision)),
        (_, false) if step.decision == "undecided" => {
            "it depends on where it comes from".to_owned()
        }
        _ => spaced(step.decision),
    };
    page.hanging(indent, &format!("{sign} "), tone, &said);
    places(page, indent, told);
    shown_for(page, indent, told);
    layers(page, indent, &told.layers);
    let undecided = told.there == "undecided";
    findings.because_of(page, &told.because, |reason| does(reason, undecided));
}

fn does(reason: &Reason, undecided: bool) -> String {
    let word = match reason.effect.as_str() {
        "Deny" if undecided => "this may deny it",
        "Deny" => "this denies it",
        _ if undecided => "this may allow it",
        _ => "this allows it",
    };
    word.to_owned()
}

/// The layers are those of one place.
fn shown_for(page: &mut Page, indent: usize, told: &Told) {
    if let Some(from) = told.from.as_ref().filter(|_| !told.places.is_empty()) {
        page.gap();
        page.prose(indent + 2, Tone::Strong, &format!("From {from}"));
    }
}

fn places(page: &mut Page, indent: usize, told: &Told) {
    for (place, decision) in &told.places {
        let (sign, tone) = sign(decision);
        let text = format!("from {place}: {}", spaced(decision));
        page.hanging(indent + 2, &format!("{sign} "), tone, &text);
    }
}

fn layers(page: &mut Page, indent: usize, layers: &[LayerTold]) {
    if layers.is_empty() {
        return;
    }
    let mut table = Table::new(&["layer", "attached to", "says"]);
    for (layer, target) in levels(layers) {
        let tone = match layer.outcome {
            "denies" | "does_not_allow" => Tone::Bad,
            "undecided" => Tone::Doubt,
            "allows" => Tone::Good,
            _ => Tone::Faint,
        };
        table.push(vec![
            Cell::plain(spaced(layer.layer)),
            Cell::plain(target),
            Cell::new(tone, spaced(layer.outcome)),
        ]);
    }
    page.gap();
    let lines = table.print(page.style, indent + 2);
    page.block(indent + 2, &lines);
}

/// Levels of one layer that say the same one after the other are one row.
fn levels(layers: &[LayerTold]) -> Vec<(&LayerTold, String)> {
    let alike = |a: &LayerTold, b: &LayerTold| a.layer == b.layer && a.outcome == b.outcome;
    let row = |run: &[LayerTold]| match run {
        [] => String::new(),
        [one] => one.target.clone(),
        [first, .., last] => format!("{} to {}", first.target, last.target),
    };
    let runs = layers.chunk_by(alike);
    runs.filter_map(|run| Some((run.first()?, row(run))))
        .collect()
}

fn missing(page: &mut Page, missing: &[Missing]) {
    if missing.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What is not known");
    for one in missing {
        page.hanging(4, "? ", Tone::Doubt, &format!("{}: {}", one.key, one.why));
    }
}

fn changes(page: &mut Page, story: &Story) {
    if story.changes.is_empty() {
        return;
    }
    let (yours, others): (Vec<&Change>, Vec<&Change>) =
        story.changes.iter().partition(|change| change.yours);
    page.gap();
    page.label(2, "The smallest change");
    let as_call = yours.iter().all(|change| change.layer.is_none()) && others.is_empty();
    if as_call && yours.len() > 1 {
        page.prose(4, Tone::Plain, "No policy has to change. Either:");
    }
    for change in yours {
        let layer = change
            .layer
            .map(|layer| format!(" ({}, {})", spaced(layer), change.owner));
        let text = format!("{}{}", change.what, layer.unwrap_or_default());
        page.hanging(4, "you can: ", Tone::Good, &text);
    }
    for change in others {
        let layer = change
            .layer
            .map_or_else(String::new, |layer| format!(" ({})", spaced(layer)));
        let text = format!("{} to {}{layer}", change.owner, change.what);
        page.hanging(4, "ask ", Tone::Plain, &text);
    }
}
