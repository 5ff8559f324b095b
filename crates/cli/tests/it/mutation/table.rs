//! `docs/mutation.md`: a table for people that a test reads back.

use super::evidence::{Evidence, Row};
use super::opening::Opening;

const HEAD: &str = "\
# What each control is good for

Every protective statement, switch, attachment and selector of `examples/acme`, removed once, alone,
and what notices: an obligation that turns to violated; or a denied path that is refused by one
layer less, and by which it is still refused; or the parts of the defence each of which closes the
same way in by itself; or single controls each of which does; or that the boundary names nothing
that it guards. Parts are taken out of the way to find out what else holds: *resource policies* without their Denies and conditions; *what resource policies
allow* as if they allowed everything that they do not deny, or just what the control denies (*of
this*); *resource policies, whole* as if they allowed everything and denied nothing.

Written by `cargo xtask mutate`, which keeps the rows that still hold; a test asks every row again.

| part | of | control | removal | what notices | where |
|---|---|---|---|---|---|
";

const TURNS: &str = "violated";
const REFUSED: &str = "still refused by ";
const HELD: &str = "closed also by ";
const BEHIND: &str = "closed also by the control ";
const WITH: &str = ", once open: ";
const BESIDE: &str = "no obligation, because";
const NOTHING: &str = "NOTHING";

/// The whole file.
pub fn print(rows: &[Row]) -> String {
    let lines: String = rows.iter().map(line).collect();
    format!("{HEAD}{lines}")
}

fn line(row: &Row) -> String {
    let (what, place) = match &row.evidence {
        Evidence::Turns(finding, 0) => (TURNS.to_owned(), finding.clone()),
        Evidence::Turns(finding, more) => (TURNS.to_owned(), format!("{finding} (+{more})")),
        Evidence::Refused(path, layers) => {
            (format!("{REFUSED}{}", layers.join(", ")), path.clone())
        }
        Evidence::Held(set, finding) => {
            let parts: Vec<String> = set.iter().map(|opening| opening.words()).collect();
            (format!("{HELD}{}", parts.join("; ")), finding.clone())
        }
        Evidence::Behind(names, set, finding) => {
            let parts: Vec<String> = set.iter().map(|opening| opening.words()).collect();
            let with = match parts.is_empty() {
                true => String::new(),
                false => format!("{WITH}{}", parts.join("; ")),
            };
            (
                format!("{BEHIND}{}{with}", names.join(" and by ")),
                finding.clone(),
            )
        }
        Evidence::Beside(why) => (BESIDE.to_owned(), why.clone()),
        Evidence::Nothing => (NOTHING.to_owned(), String::new()),
    };
    format!("| {} | {what} | {place} |\n", row.control.join(" | "))
}

/// The rows of a file.
pub fn read(text: &str) -> Vec<Row> {
    let lines = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let line = line.strip_prefix("| ").unwrap().strip_suffix(" |").unwrap();
    let cells: Vec<&str> = line.split(" | ").collect();
    let control = [0, 1, 2, 3].map(|at| cells[at].to_owned());
    let evidence = evidence(cells[4], cells.get(5).copied().unwrap_or_default());
    Row { control, evidence }
}

fn evidence(what: &str, place: &str) -> Evidence {
    if what == TURNS {
        let (finding, more) = place.split_once(" (+").unwrap_or((place, "0)"));
        return Evidence::Turns(
            finding.to_owned(),
            more.trim_end_matches(')').parse().unwrap(),
        );
    }
    if let Some(layers) = what.strip_prefix(REFUSED) {
        return Evidence::Refused(
            place.to_owned(),
            layers.split(", ").map(str::to_owned).collect(),
        );
    }
    if let Some(rest) = what.strip_prefix(BEHIND) {
        let (names, parts) = rest.split_once(WITH).unwrap_or((rest, ""));
        let parts = parts.split("; ").filter(|words| !words.is_empty());
        return Evidence::Behind(
            names.split(" and by ").map(str::to_owned).collect(),
            parts.map(|words| Opening::of(words).unwrap()).collect(),
            place.to_owned(),
        );
    }
    if let Some(parts) = what.strip_prefix(HELD) {
        let set = parts
            .split("; ")
            .map(|words| Opening::of(words).unwrap())
            .collect();
        return Evidence::Held(set, place.to_owned());
    }
    match what {
        BESIDE => Evidence::Beside(place.to_owned()),
        _ => Evidence::Nothing,
    }
}
