//! What AWS answered to probes, beside what was decided: contradictions first.

use std::collections::BTreeSet;

use cofferdam_findings::kit::{Compared, Standing};
use cofferdam_findings::probe::Expected;

use super::finding::spaced;
use crate::kit::who;
use crate::layout::{Page, count};
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// Standings that are shown path by path, in this order; the rest is counted.
const SHOWN: [Standing; 4] = [
    Standing::Contradicts,
    Standing::WrongCaller,
    Standing::CouldNotRun,
    Standing::AsExpected,
];

/// The table, and what is missing in it.
pub fn evidence(list: &[Compared], style: Style) -> String {
    let mut page = Page::new(style);
    let mut table = Table::new(&["path", "sent by", "expected", "answer"]);
    for standing in SHOWN {
        for one in list.iter().filter(|one| one.standing == standing) {
            match note(one) {
                Some(note) => table.push_with_note(row(one), note),
                None => table.push(row(one)),
            }
        }
    }
    if !table.is_empty() {
        let lines = table.print(style, 0);
        page.block(0, &lines);
    }
    for dataset in unattested(list) {
        page.gap();
        let text = format!(
            "no approved path of {dataset} was seen to work: its refusals may be of a canary that is not there"
        );
        page.hanging(0, "! ", Tone::Doubt, &text);
    }
    closing(&mut page, list);
    page.finish()
}

fn row(one: &Compared) -> Vec<Cell> {
    let expected = match one.planned.expected {
        Expected::Refused => "refused",
        Expected::Allowed => "allowed",
    };
    let code = one
        .answer
        .as_ref()
        .map_or("", |answer| answer.code.as_str());
    let answer = match (
        code,
        one.answer.as_ref().is_some_and(|answer| answer.exit == 0),
    ) {
        (_, true) => "allowed".to_owned(),
        ("", _) => "no answer".to_owned(),
        (code, _) => code.to_owned(),
    };
    let (tone, mark) = match one.standing {
        Standing::AsExpected => (Tone::Good, "✓"),
        Standing::Contradicts => (Tone::Bad, "✗"),
        _ => (Tone::Doubt, "?"),
    };
    vec![
        Cell::plain(one.planned.name.clone()),
        Cell::plain(who(&one.planned.caller)),
        Cell::plain(expected),
        Cell::new(tone, format!("{mark} {answer}")),
    ]
}

fn note(one: &Compared) -> Option<String> {
    let note = one.note.as_deref()?;
    Some(match (one.standing, &one.answer) {
        (Standing::Contradicts, Some(answer)) => format!(
            "{note}; decided {}; {} at {}",
            spaced(one.planned.decision),
            answer.caller,
            answer.at
        ),
        _ => note.to_owned(),
    })
}

/// Datasets of which refusals were seen and no approved path that worked.
pub fn unattested(list: &[Compared]) -> BTreeSet<&str> {
    let seen = |expected: Expected| {
        let held = list.iter().filter(move |one| {
            one.standing == Standing::AsExpected && one.planned.expected == expected
        });
        held.map(|one| one.planned.dataset.as_str())
            .collect::<BTreeSet<&str>>()
    };
    let allowed = seen(Expected::Allowed);
    let refused = seen(Expected::Refused);
    refused.difference(&allowed).copied().collect()
}

fn closing(page: &mut Page, list: &[Compared]) {
    let number = |standing: Standing| list.iter().filter(|one| one.standing == standing).count();
    let wrong = number(Standing::Contradicts);
    page.gap();
    let paths = count(number(Standing::AsExpected) as u64, "path", "paths");
    let mut parts = vec![format!("{paths} as expected")];
    for (standing, words) in [
        (Standing::WrongCaller, "sent by somebody else"),
        (Standing::CouldNotRun, "could not be tried"),
        (Standing::NotRun, "not run"),
        (Standing::NotProbed, "without a safe form"),
    ] {
        match number(standing) {
            0 => {}
            some => parts.push(format!("{some} {words}")),
        }
    }
    let rest = parts.join(", ");
    match wrong {
        0 => page.prose(
            0,
            Tone::Good,
            &format!("✓ nothing contradicts what was decided: {rest}"),
        ),
        _ => page.prose(
            0,
            Tone::Bad,
            &format!(
                "✗ {} what was decided: {rest}",
                count(wrong as u64, "answer contradicts", "answers contradict")
            ),
        ),
    }
}
