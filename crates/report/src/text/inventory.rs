//! The inventory: for each resource who reaches it, from where, with which key, recorded where.
//!
//! These are the columns that a data owner is asked to fill in by hand elsewhere. A gap in any of
//! them is marked, so that nobody takes an empty column for a good one.

use std::collections::BTreeSet;

use cofferdam_findings::finding::Reason;
use cofferdam_findings::inventory::{Access, DataEvents, Row};
use cofferdam_text::Documents;

use super::finding::sentence;
use crate::layout::{Page, count};
use crate::snippet::whereabouts;
use crate::style::{Style, Tone};
use crate::table::{Cell, Table};

/// Principals listed for one resource; the rest are counted.
const PRINCIPALS_MAX: usize = 100;

/// One block a resource, in the order of the rows.
pub fn inventory(rows: &[Row], documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    let mut dataset = None;
    for row in rows {
        if dataset.replace(row.dataset.as_str()) != Some(row.dataset.as_str()) {
            heading(&mut page, &row.dataset);
        }
        block(&mut page, row, documents);
    }
    closing(&mut page, rows);
    page.finish()
}

fn heading(page: &mut Page, dataset: &str) {
    if !dataset.is_empty() {
        page.gap();
        page.prose(0, Tone::Strong, &format!("Dataset {dataset}"));
    }
}

fn block(page: &mut Page, row: &Row, documents: &Documents) {
    page.gap();
    page.prose(0, Tone::Strong, &row.resource);
    principals(page, &row.principals);
    page.gap();
    field(page, "networks", &list(&row.networks, "none gets through"));
    field(page, "endpoints", &list(&row.endpoints, "none"));
    field(page, "keys", &keys(row));
    field(
        page,
        "policy",
        &policy(row.resource_policy.as_ref(), documents),
    );
    field(page, "data events", &events(&row.data_events));
    for gap in &row.gaps {
        page.hanging(2, "! ", Tone::Bad, &format!("gap: {gap}"));
    }
}

fn field(page: &mut Page, name: &str, text: &str) {
    page.hanging(2, &format!("{name:<13}"), Tone::Plain, text);
}

fn list(items: &[String], none: &str) -> String {
    if items.is_empty() {
        none.to_owned()
    } else {
        items.join(", ")
    }
}

fn principals(page: &mut Page, principals: &[Access]) {
    if principals.is_empty() {
        return page.prose(2, Tone::Plain, "Nobody reaches it.");
    }
    let shared = shared_conditions(principals);
    let mut table = Table::new(&["who", "can", "from", "approved"]);
    for access in principals.iter().take(PRINCIPALS_MAX) {
        let row = vec![
            Cell::plain(&access.principal),
            Cell::plain(access.can.join(", ")),
            Cell::plain(access.from.join(", ")),
            approved(access),
        ];
        match conditions(access, &shared) {
            Some(conditions) => table.push_with_note(row, conditions),
            None => table.push(row),
        }
    }
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
    if let Some(more) = principals
        .len()
        .checked_sub(PRINCIPALS_MAX)
        .filter(|more| *more > 0)
    {
        let more = count(more as u64, "more principal", "more principals");
        page.prose(
            2,
            Tone::Plain,
            &format!("and {more}; `--format json` lists all"),
        );
    }
    if !shared.is_empty() {
        let shared = shared.into_iter().collect::<Vec<_>>().join("; ");
        page.prose(2, Tone::Plain, &format!("each of them only if {shared}"));
    }
}

/// What holds for everybody is said once.
pub(super) fn shared_conditions(principals: &[Access]) -> BTreeSet<&str> {
    let [first, _, ..] = principals else {
        return BTreeSet::new();
    };
    let mut shared: BTreeSet<&str> = first.conditions.iter().map(String::as_str).collect();
    for access in principals {
        shared.retain(|one| access.conditions.iter().any(|own| own == one));
    }
    shared
}

fn approved(access: &Access) -> Cell {
    match access.approved {
        Some(true) => Cell::new(Tone::Good, "✓ yes"),
        Some(false) => Cell::new(Tone::Bad, "✗ no"),
        None => Cell::new(Tone::Faint, "-"),
    }
}

pub(super) fn conditions(access: &Access, shared: &BTreeSet<&str>) -> Option<String> {
    let own = access
        .conditions
        .iter()
        .filter(|one| !shared.contains(one.as_str()));
    let own: Vec<&str> = own.map(String::as_str).collect();
    match (access.certain, own.is_empty()) {
        (true, true) => None,
        (true, false) => Some(format!("if {}", own.join("; "))),
        (false, true) => Some("? hangs on something unknown".to_owned()),
        (false, false) => Some(format!(
            "? hangs on something unknown; if {}",
            own.join("; ")
        )),
    }
}

fn keys(row: &Row) -> String {
    let checked = match row.encryption_key_checked_against {
        "caller" => "checked against the caller",
        "service" => "checked against the service, so no second plane",
        _ => "no key of the customer is checked",
    };
    if row.keys.is_empty() {
        checked.to_owned()
    } else {
        format!("{}; {checked}", row.keys.join(", "))
    }
}

fn policy(reason: Option<&Reason>, documents: &Documents) -> String {
    let Some(reason) = reason else {
        return "none".to_owned();
    };
    match reason.origin {
        Some(origin) => {
            format!(
                "{}, at {}",
                sentence(reason),
                whereabouts(&documents.place(origin))
            )
        }
        None => sentence(reason),
    }
}

fn events(events: &DataEvents) -> String {
    let word = |recorded: Option<bool>| match recorded {
        Some(true) => "✓ recorded",
        Some(false) => "✗ not recorded",
        None => "? unknown",
    };
    let mut text = format!("reads {}, writes {}", word(events.read), word(events.write));
    if !events.trails.is_empty() {
        text.push_str(&format!("; by {}", events.trails.join(", ")));
    }
    if !events.archives.is_empty() {
        text.push_str(&format!("; into {}", events.archives.join(", ")));
    }
    text
}

fn closing(page: &mut Page, rows: &[Row]) {
    let gaps: usize = rows.iter().map(|row| row.gaps.len()).sum();
    let (tone, text) = match gaps {
        0 => (Tone::Good, "✓ no gap".to_owned()),
        _ => (
            Tone::Bad,
            format!("! {}", count(gaps as u64, "gap", "gaps")),
        ),
    };
    page.gap();
    page.prose(
        0,
        tone,
        &format!(
            "{} in {}",
            text,
            count(rows.len() as u64, "resource", "resources")
        ),
    );
}
