//! What one compromise comes to: whom it becomes, what it rewrites, which data leaves.

use std::collections::BTreeMap;

use cofferdam_findings::faults::{AttackStep, Left, Reached};

use super::attack::Attacks;
use super::{further, title};
use crate::faults::{LAYERS, rank};
use crate::layout::{Page, as_sentence, count, some_of};
use crate::style::Tone;
use crate::table::{Cell, Table};

/// Stories told in full of each kind.
const STORIES_MAX: usize = 8;
/// Other edges named that come to what is told.
const LIKEWISE_MAX: usize = 12;
/// Principals named of those that come to the same.
const NAMED_MAX: usize = 3;
/// Rows of the table of all principals.
const ROWS_MAX: usize = 40;

/// One that was asked for, in full.
pub(super) fn story<'a>(page: &mut Page, reached: &'a Reached, attacks: &mut Attacks<'a>) {
    title(
        page,
        &crate::faults::called(&reached.principal),
        rank(reached),
    );
    page.prose(2, Tone::Strong, &as_sentence(&in_short(reached)));
    let becomes = reached.becomes.iter().map(|one| Story {
        text: match one.possible {
            true => format!("may become {}", one.principal),
            false => format!("becomes {}", one.principal),
        },
        possible: one.possible,
        steps: &one.steps,
    });
    told(page, "Whom it becomes", becomes.collect(), attacks);
    for layer in LAYERS {
        let rewrites = reached.rewrites.iter().filter(|one| one.layer == layer);
        let stories = rewrites.map(|one| Story {
            text: match one.possible {
                true => format!("perhaps {} {}", one.effect, one.object),
                false => format!("{} {}", one.effect, one.object),
            },
            possible: one.possible,
            steps: &one.steps,
        });
        let heading = format!("What it rewrites of the {layer} layer");
        told(page, &heading, stories.collect(), attacks);
    }
    let leaks = reached.leaks.iter().map(|one| Story {
        text: match one.possible {
            true => format!("data of {} may leave", one.dataset),
            false => format!("data of {} leaves", one.dataset),
        },
        possible: one.possible,
        steps: &one.steps,
    });
    told(page, "Whose data leaves", leaks.collect(), attacks);
    evidence(page, &reached.left);
}

/// What records and watches: what is lost, what may be, and what is out of reach.
fn evidence(page: &mut Page, left: &[Left]) {
    if left.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What evidence is left");
    let (touched, out): (Vec<&Left>, Vec<&Left>) =
        left.iter().partition(|one| one.lost || one.possible);
    for one in touched.iter().take(STORIES_MAX) {
        let (sign, tone, how) = match one.lost {
            true => ("✗ ", Tone::Bad, one.how.join("; ")),
            false => (
                "? ",
                Tone::Doubt,
                format!("perhaps {}", one.how.join("; perhaps ")),
            ),
        };
        page.hanging(4, sign, tone, &format!("{}: {how}", one.sink));
    }
    let more = touched.len().saturating_sub(STORIES_MAX);
    further(page, 4, more, "of them more", "of them more");
    if !out.is_empty() {
        let names: Vec<String> = out.iter().map(|one| one.sink.clone()).collect();
        let text = format!("out of its reach: {}", some_of(&names, NAMED_MAX));
        page.hanging(4, "✓ ", Tone::Good, &text);
    }
    page.prose(4, Tone::Faint, HISTORY);
}

/// What nobody can alter ("Working with CloudTrail event history").
const HISTORY: &str = "CloudTrail's event history keeps management events for 90 days \
    in each Region, whatever becomes of trails; reads of data are not in it.";

struct Story<'a> {
    text: String,
    possible: bool,
    steps: &'a [AttackStep],
}

fn told<'a>(page: &mut Page, heading: &str, stories: Vec<Story<'a>>, attacks: &mut Attacks<'a>) {
    if stories.is_empty() {
        return;
    }
    page.gap();
    page.label(2, heading);
    let stories = merged(stories);
    for (story, likewise) in stories.iter().take(STORIES_MAX) {
        let (sign, tone) = match story.possible {
            true => ("? ", Tone::Doubt),
            false => ("✗ ", Tone::Bad),
        };
        page.hanging(4, sign, tone, &story.text);
        attacks.tell(page, 6, story.steps);
        if !likewise.is_empty() {
            let text = format!("likewise by [{}]", some_of(likewise, LIKEWISE_MAX));
            page.prose(6, Tone::Faint, &as_sentence(&text));
        }
    }
    let left = stories.len().saturating_sub(STORIES_MAX);
    further(page, 4, left, "more of them", "more of them");
}

/// What comes to the same in words is told once, with the ids of the other edges that lead there.
fn merged(stories: Vec<Story<'_>>) -> Vec<(Story<'_>, Vec<String>)> {
    let mut rows: Vec<(Story<'_>, Vec<String>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for story in stories {
        let place = *places.entry(story.text.clone()).or_insert(rows.len());
        match rows.get_mut(place) {
            Some((_, likewise)) => {
                likewise.extend(story.steps.last().map(|step| step.edge.clone()))
            }
            None => rows.push((story, Vec::new())),
        }
    }
    rows
}

fn in_short(reached: &Reached) -> String {
    let parts = [
        (reached.becomes.len(), "becomes", "principal", "principals"),
        (reached.rewrites.len(), "rewrites", "object", "objects"),
        (reached.leaks.len(), "lets data of", "dataset", "datasets"),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, verb, one, many)| format!("{verb} {}", count(*number as u64, one, many)))
        .collect();
    let leave = if reached.leaks.is_empty() {
        ""
    } else {
        " leave"
    };
    match said.is_empty() {
        true => {
            "a compromise of it stays what it is: it becomes nobody and rewrites nothing".into()
        }
        false => format!("a compromise of it {}{leave}", said.join(", ")),
    }
}

/// All of them, one row each; those that come to nothing are counted.
pub(super) fn overview(page: &mut Page, principals: &[Reached]) {
    let (idle, some): (Vec<&Reached>, Vec<&Reached>) =
        principals.iter().partition(|one| is_idle(one));
    if principals.is_empty() {
        return;
    }
    page.gap();
    page.label(0, "What a compromise of each principal comes to");
    let mut sorted = some;
    sorted.sort_by_key(|one| std::cmp::Reverse(weight(one)));
    let mut table = Table::new(&[
        "becomes",
        "rewrites",
        "data leaves of",
        "in its own account",
    ]);
    let rows: Vec<&[&Reached]> = sorted
        .chunk_by(|one, other| said(one) == said(other))
        .collect();
    for row in rows.iter().take(ROWS_MAX) {
        let names: Vec<String> = row.iter().map(|one| one.principal.clone()).collect();
        let cells = row.first().map(|one| cells(one)).unwrap_or_default();
        table.push_with_note(cells, some_of(&names, NAMED_MAX));
    }
    if !table.is_empty() {
        let lines = table.print(page.style, 2);
        page.block(2, &lines);
    }
    further(
        page,
        2,
        rows.len().saturating_sub(ROWS_MAX),
        "row more",
        "rows more",
    );
    if !idle.is_empty() {
        let number = count(idle.len() as u64, "principal", "principals");
        let comes = match idle.len() {
            1 => "comes to nothing more than what it is",
            _ => "come to nothing more than what they are",
        };
        let text = format!("{number} {comes}.");
        page.hanging(2, "✓ ", Tone::Good, &text);
    }
    if !sorted.is_empty() {
        let text = "`--from PRINCIPAL` tells how, step by step.";
        page.prose(2, Tone::Faint, text);
    }
}

fn is_idle(reached: &Reached) -> bool {
    reached.becomes.is_empty() && reached.rewrites.is_empty() && reached.leaks.is_empty()
}

fn weight(reached: &Reached) -> (usize, bool, usize, usize) {
    (
        reached.leaks.len(),
        reached.administrator,
        reached.rewrites.len(),
        reached.becomes.len(),
    )
}

fn cells(reached: &Reached) -> Vec<Cell> {
    said(reached).map(Cell::plain).into()
}

/// What a row says.
fn said(reached: &Reached) -> [String; 4] {
    let leaks: Vec<String> = reached
        .leaks
        .iter()
        .map(|leak| match leak.possible {
            true => format!("{} (may)", leak.dataset),
            false => leak.dataset.clone(),
        })
        .collect();
    let leaks = match leaks.is_empty() {
        true => "none".to_owned(),
        false => leaks.join(", "),
    };
    [
        count(reached.becomes.len() as u64, "principal", "principals"),
        count(reached.rewrites.len() as u64, "object", "objects"),
        leaks,
        rank(reached).to_owned(),
    ]
}
