//! Who can do one thing, and what one principal can do.

use std::collections::BTreeSet;

use cofferdam_findings::inventory::Access;
use cofferdam_findings::reach::{Becomes, Can, Reached, WhoCan};

use super::inventory::{conditions, shared_conditions};
use crate::layout::{Page, as_sentence, count};
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// Everybody who can, one row each.
pub fn who_can(answer: &WhoCan, style: Style) -> String {
    let mut page = Page::new(style);
    let title = format!("Who can {} on {}", answer.action, answer.resource);
    page.prose(0, Tone::Strong, &title);
    for note in &answer.notes {
        page.prose(2, Tone::Faint, &as_sentence(note));
    }
    page.gap();
    everybody(&mut page, &answer.shown);
    everyone_counted(&mut page, answer);
    for key in &answer.keys {
        page.gap();
        let text = format!("{key}, whose use by the caller is part of the answer");
        page.hanging(2, "key  ", Tone::Plain, &text);
    }
    unclear(&mut page, &answer.unclear);
    page.finish()
}

fn everybody(page: &mut Page, principals: &[Access]) {
    if principals.is_empty() {
        return page.hanging(2, "✓ ", Tone::Good, "Nobody can.");
    }
    let shared = shared_conditions(principals);
    let mut table = Table::new(&["who", "from"]);
    for access in principals {
        let row = vec![
            Cell::new(Tone::Plain, &access.principal),
            Cell::plain(access.from.join(", ")),
        ];
        match conditions(access, &shared) {
            Some(conditions) => table.push_with_note(row, conditions),
            None => table.push(row),
        }
    }
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
    if !shared.is_empty() {
        let shared = shared.into_iter().collect::<Vec<_>>().join("; ");
        page.gap();
        page.prose(2, Tone::Plain, &format!("Each of them only if {shared}."));
    }
}

/// Entries that stand for several are counted.
fn everyone_counted(page: &mut Page, answer: &WhoCan) {
    if answer.shown.len() < answer.principals.len() {
        let all = count(answer.principals.len() as u64, "way in", "ways in");
        page.gap();
        page.prose(
            2,
            Tone::Faint,
            &format!("{all}; `--format json` names every principal."),
        );
    }
}

fn unclear(page: &mut Page, unclear: &[String]) {
    if unclear.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What could not be told");
    for why in unclear {
        page.hanging(4, "? ", Tone::Doubt, why);
    }
}

/// What it reaches, store by store, and what it can become.
pub fn can(answer: &Can, style: Style) -> String {
    let mut page = Page::new(style);
    page.prose(
        0,
        Tone::Strong,
        &format!("What {} can do", answer.principal),
    );
    page.gap();
    things(&mut page, &answer.things);
    page.gap();
    roles(&mut page, &answer.roles);
    unclear(&mut page, &answer.unclear);
    page.finish()
}

fn things(page: &mut Page, things: &[Reached]) {
    page.label(2, "Stores and keys");
    if things.is_empty() {
        return page.prose(
            4,
            Tone::Plain,
            "It reaches none of those that the sources state.",
        );
    }
    let shared = in_common(things.iter().map(|thing| thing.conditions.as_slice()));
    let mut last = None;
    for thing in things {
        if last.replace(&thing.resource) != Some(&thing.resource) {
            page.hanging(4, "", Tone::Literal, &thing.resource);
        }
        let way = format!("{} from {}", thing.can.join(", "), thing.from.join(", "));
        page.hanging(6, "- ", Tone::Plain, &way);
        notes(page, thing.certain, &thing.conditions, &shared);
    }
    each(page, &shared);
}

fn roles(page: &mut Page, roles: &[Becomes]) {
    page.label(2, "Roles that it can assume");
    if roles.is_empty() {
        return page.prose(4, Tone::Plain, "None of those that the sources state.");
    }
    let shared = in_common(roles.iter().map(|role| role.conditions.as_slice()));
    for role in roles {
        page.hanging(4, "", Tone::Literal, &role.role);
        let way = match role.through.last() {
            Some(last) => format!("through {last}, from {}", role.from.join(", ")),
            None => format!("from {}", role.from.join(", ")),
        };
        page.hanging(6, "- ", Tone::Plain, &way);
        notes(page, role.certain, &role.conditions, &shared);
    }
    each(page, &shared);
    let direct = roles.iter().filter(|role| role.through.is_empty()).count();
    let more = match roles.len() - direct {
        0 => String::new(),
        further => format!(", {further} of them through another"),
    };
    let roles = count(roles.len() as u64, "role", "roles");
    let text = format!("{roles}{more}; `cofferdam can ROLE` shows what each reaches.");
    page.prose(4, Tone::Faint, &text);
}

/// What holds of several is said once.
fn in_common<'c>(mut all: impl Iterator<Item = &'c [String]>) -> BTreeSet<&'c str> {
    let Some(first) = all.next() else {
        return BTreeSet::new();
    };
    let mut shared: BTreeSet<&str> = first.iter().map(String::as_str).collect();
    let mut several = false;
    for conditions in all {
        several = true;
        shared.retain(|one| conditions.iter().any(|own| own == one));
    }
    if several { shared } else { BTreeSet::new() }
}

fn each(page: &mut Page, shared: &BTreeSet<&str>) {
    if !shared.is_empty() {
        let shared: Vec<&str> = shared.iter().copied().collect();
        page.prose(
            4,
            Tone::Plain,
            &format!("Each of them only if {}.", shared.join("; ")),
        );
    }
}

fn notes(page: &mut Page, certain: bool, conditions: &[String], shared: &BTreeSet<&str>) {
    let own: Vec<&String> = conditions
        .iter()
        .filter(|one| !shared.contains(one.as_str()))
        .collect();
    let doubts = own.iter().filter(|one| one.starts_with(UNKNOWN)).count();
    if !certain && doubts == 0 {
        page.hanging(8, "? ", Tone::Doubt, "hangs on something unknown");
    }
    for condition in own {
        match condition.starts_with(UNKNOWN) {
            true => page.hanging(8, "? ", Tone::Doubt, condition),
            false => page.hanging(8, "if ", Tone::Faint, condition),
        }
    }
}

/// How a condition begins that is no property of the request.
const UNKNOWN: &str = "unknown: ";
