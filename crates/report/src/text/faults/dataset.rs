//! What one dataset withstands.

use cofferdam_findings::faults::{
    CommonCause, CutSet, Depth, Depths, Evidence, Hardened, Hardening, Independence, LayerLoad,
};

use super::attack::Attacks;
use super::{further, title};
use crate::faults::{
    Attack, LAYERS, Row, evidence, figure, is_harmless, leaks, noun, nouns, object, range, rows,
    told, unsettled,
};
use crate::layout::{Page, as_sentence, count, some_of};
use crate::style::Tone;
use crate::table::{Cell, Table};

/// Attacks told in full for one dataset; more of them bury the first.
const CUT_SETS_MAX: usize = 6;
/// Rows of the table of single faults.
const ROWS_MAX: usize = 20;
/// Faults named of those that are equal.
const NAMED_MAX: usize = 3;
/// Control points named of a layer.
const POINTS_MAX: usize = 3;

/// The dataset, from its depths to what would raise them.
pub(super) fn one<'a>(page: &mut Page, depths: &'a Depths, attacks: &mut Attacks<'a>) {
    let end = format!(
        "breach depth {}",
        figure(depths.breach_depth, depths.searched_to)
    );
    title(page, &depths.dataset, &end);
    page.prose(2, Tone::Strong, &as_sentence(&told(depths)));
    page.gap();
    all_depths(page, depths);
    cut_sets(page, depths, attacks);
    survival(page, depths);
    layers(page, &depths.layers);
    matrix(page, depths);
    common_causes(page, depths);
    hardening(page, depths);
}

fn all_depths(page: &mut Page, depths: &Depths) {
    let rows = [
        ("leak", "before data leaves", depths.leak_depth),
        (
            "breach",
            "before data leaves and no evidence of it is left",
            depths.breach_depth,
        ),
        (
            "silent",
            "before even the tampering leaves no trace",
            depths.silent_depth,
        ),
    ];
    let mut table = Table::new(&["depth", "faults", "that must come together"]);
    for (name, meaning, depth) in rows {
        table.push(vec![
            Cell::new(Tone::Strong, name),
            Cell::new(tone(depth), range(depth, depths.searched_to)),
            Cell::plain(meaning),
        ]);
    }
    let lines = table.print(page.style, 2);
    page.block(2, &lines);
    for (opens, depth) in [("leak", depths.leak_depth), ("breach", depths.breach_depth)] {
        doubt(page, depths, opens, depth);
    }
}

/// Why a depth has two ends.
fn doubt(page: &mut Page, depths: &Depths, opens: &str, depth: Depth) {
    if depth.may == depth.must {
        return;
    }
    let missing = unsettled(depths, opens);
    let why = match missing.is_empty() {
        true => String::new(),
        false => format!(": {}", some_of(&missing, NAMED_MAX)),
    };
    let text = format!("which {opens} depth it is hangs on something unknown{why}");
    page.hanging(2, "? ", Tone::Doubt, &text);
}

fn tone(depth: Depth) -> Tone {
    match (depth.may, depth.must) {
        (_, Some(0 | 1)) => Tone::Bad,
        (Some(0 | 1), _) => Tone::Doubt,
        _ => Tone::Good,
    }
}

fn cut_sets<'a>(page: &mut Page, depths: &'a Depths, attacks: &mut Attacks<'a>) {
    if depths.cut_sets.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What is enough");
    let found = crate::faults::attacks(&depths.cut_sets);
    for attack in found.iter().take(CUT_SETS_MAX) {
        page.gap();
        cut_sets_alike(page, attack, attacks);
    }
    let left = found.iter().skip(CUT_SETS_MAX);
    let left = left.map(|attack| attack.sets.len()).sum();
    if left > 0 {
        page.gap();
    }
    further(page, 4, left, "set of faults more", "sets of faults more");
}

/// Sets whose attacks are equal: the first in full, the others by name.
fn cut_sets_alike<'a>(page: &mut Page, attack: &Attack<'a>, attacks: &mut Attacks<'a>) {
    let Some((first, others)) = attack.sets.split_first() else {
        return;
    };
    cut_set(page, first);
    let others: Vec<String> = others.iter().map(|set| objects(&set.faults)).collect();
    if !others.is_empty() {
        let text = format!("or likewise of {}", some_of(&others, NAMED_MAX));
        page.prose(10, Tone::Faint, &text);
    }
    attacks.tell(page, 6, &first.steps);
}

fn cut_set(page: &mut Page, set: &CutSet) {
    let opened = match (set.opens, set.possible) {
        ("breach", false) => "data leaves, and no evidence of it is left",
        ("breach", true) => "data may leave with no evidence of it left",
        (_, false) => "data leaves",
        (_, true) => "data may leave",
    };
    let (sign, tone) = match set.possible {
        true => ("? ", Tone::Doubt),
        false => ("✗ ", Tone::Bad),
    };
    let already = match set.faults.is_empty() {
        true => " already, before anything falls",
        false => "",
    };
    page.hanging(4, sign, tone, &format!("{opened}{already}"));
    for (number, fault) in set.faults.iter().enumerate() {
        let mark = if number == 0 { "by " } else { "and " };
        page.hanging(6, mark, Tone::Strong, &noun(fault));
    }
}

/// `ARN together with ARN`.
fn objects(faults: &[String]) -> String {
    let objects: Vec<&str> = faults.iter().map(|fault| object(fault)).collect();
    objects.join(" together with ")
}

fn survival(page: &mut Page, depths: &Depths) {
    if depths.survival.is_empty() {
        return;
    }
    let (idle, rows): (Vec<Row<'_>>, Vec<Row<'_>>) = rows(&depths.survival)
        .into_iter()
        .partition(|row| is_harmless(row.said));
    page.gap();
    page.label(2, "What each single fault does");
    if !rows.is_empty() {
        let mut table = Table::new(&["faults", "data leaves", "layers it controls", "evidence"]);
        for row in rows.iter().take(ROWS_MAX) {
            table.push_with_note(cells(row), note(row));
        }
        let lines = table.print(page.style, 4);
        page.block(4, &lines);
        further(
            page,
            4,
            rows.len().saturating_sub(ROWS_MAX),
            "row more",
            "rows more",
        );
    }
    let idle: u64 = idle.iter().map(|row| row.faults.len() as u64).sum();
    if idle > 0 {
        let other = if rows.is_empty() { "" } else { "other " };
        let number = count(idle, &format!("{other}fault"), &format!("{other}faults"));
        let does = if idle == 1 { "does" } else { "do" };
        let text = format!(
            "{number} alone {does} nothing to it: no data leaves, no layer falls, the evidence \
             survives."
        );
        page.hanging(4, "✓ ", Tone::Good, &text);
    }
}

fn cells(row: &Row<'_>) -> Vec<Cell> {
    let leaks_tone = match leaks(row.said) {
        "yes" => Tone::Bad,
        "may" => Tone::Doubt,
        _ => Tone::Good,
    };
    let evidence_tone = match row.said.evidence {
        Evidence::Survives if row.said.evidence_open => Tone::Doubt,
        Evidence::Survives => Tone::Good,
        _ => Tone::Bad,
    };
    let layers = match row.said.layers.is_empty() {
        true => "none".to_owned(),
        false => row.said.layers.join(", "),
    };
    vec![
        Cell::plain(row.faults.len().to_string()),
        Cell::new(leaks_tone, leaks(row.said)),
        Cell::plain(layers),
        Cell::new(evidence_tone, evidence(row.said)),
    ]
}

fn note(row: &Row<'_>) -> String {
    let names = nouns(&row.faults, NAMED_MAX);
    match row.said.why.is_empty() {
        true => names,
        false => format!("{names}: {}", row.said.why),
    }
}

fn layers(page: &mut Page, layers: &[LayerLoad]) {
    if layers.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What carries the boundary");
    let mut table = Table::new(&["layer", "carries", "control points"]);
    for load in layers {
        let (tone, word) = match (load.bearing, load.control_points.is_empty()) {
            (true, _) => (Tone::Good, "yes"),
            (false, false) => (Tone::Doubt, "present, not load-bearing"),
            (false, true) => (Tone::Faint, "absent"),
        };
        let points = match load.control_points.len() {
            0 => String::new(),
            number => count(number as u64, "object", "objects"),
        };
        let row = vec![
            Cell::plain(load.layer),
            Cell::new(tone, word),
            Cell::plain(points),
        ];
        match load.control_points.is_empty() {
            true => table.push(row),
            false => table.push_with_note(row, some_of(&load.control_points, POINTS_MAX)),
        }
    }
    let lines = table.print(page.style, 4);
    page.block(4, &lines);
}

/// The layers against each other, and below which fault takes two together.
fn matrix(page: &mut Page, depths: &Depths) {
    if depths.independence.is_empty() {
        return;
    }
    let named: Vec<&'static str> = LAYERS
        .into_iter()
        .filter(|layer| is_of_a_pair(&depths.independence, layer))
        .collect();
    page.gap();
    page.label(2, "Faults before two layers fall together");
    let head: Vec<&'static str> = std::iter::once("")
        .chain(named.iter().skip(1).copied())
        .collect();
    let mut table = Table::new(&head);
    for (number, row) in named.iter().enumerate().take(named.len().saturating_sub(1)) {
        let mut cells = vec![Cell::plain(*row)];
        for (at, column) in named.iter().enumerate().skip(1) {
            cells.push(match pair(&depths.independence, row, column) {
                Some(pair) if at > number => {
                    Cell::new(tone(pair.depth), figure(pair.depth, depths.searched_to))
                }
                _ => Cell::plain(""),
            });
        }
        table.push(cells);
    }
    let lines = table.print(page.style, 4);
    page.block(4, &lines);
    together(page, &depths.independence);
}

fn is_of_a_pair(pairs: &[Independence], layer: &str) -> bool {
    pairs
        .iter()
        .any(|pair| pair.layers.0 == layer || pair.layers.1 == layer)
}

/// The pair, whichever of the two stands first in it.
fn pair<'a>(pairs: &'a [Independence], one: &str, other: &str) -> Option<&'a Independence> {
    pairs
        .iter()
        .find(|pair| pair.layers == (one, other) || pair.layers == (other, one))
}

/// Single faults that take two layers, each with the pairs that it takes.
fn together(page: &mut Page, pairs: &[Independence]) {
    let mut single: Vec<(&str, bool, Vec<String>)> = Vec::new();
    for pair in pairs {
        let [fault] = pair.cut_set.as_slice() else {
            continue;
        };
        let name = format!("{} and {}", pair.layers.0, pair.layers.1);
        let certain = pair.depth.must == Some(1);
        let known = |(one, sure, _): &&mut (&str, bool, Vec<String>)| {
            *one == fault.as_str() && *sure == certain
        };
        match single.iter_mut().find(known) {
            Some((.., names)) => names.push(name),
            None => single.push((fault, certain, vec![name])),
        }
    }
    for (fault, certain, pairs) in single.iter().take(ROWS_MAX) {
        let (sign, tone, takes) = match certain {
            true => ("✗ ", Tone::Bad, "takes"),
            false => ("? ", Tone::Doubt, "may take"),
        };
        let text = format!("{} {takes} {}", noun(fault), pairs.join("; "));
        page.hanging(4, sign, tone, &text);
    }
    let left = single.len().saturating_sub(ROWS_MAX);
    further(page, 4, left, "such fault more", "such faults more");
}

fn common_causes(page: &mut Page, depths: &Depths) {
    if depths.common_causes.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What would bring several faults about at once");
    for cause in depths.common_causes.iter().take(ROWS_MAX) {
        one_cause(page, cause, depths.searched_to);
    }
    let left = depths.common_causes.len().saturating_sub(ROWS_MAX);
    further(page, 4, left, "common cause more", "common causes more");
}

fn one_cause(page: &mut Page, cause: &CommonCause, searched_to: u32) {
    let depth = range(cause.breach_depth, searched_to);
    let text = format!(
        "{}: if {} come together, the breach depth is {depth}",
        cause.what,
        count(cause.faults.len() as u64, "fault", "faults")
    );
    page.hanging(4, "- ", Tone::Plain, &text);
    let faults: Vec<&str> = cause.faults.iter().map(String::as_str).collect();
    page.prose(6, Tone::Faint, &nouns(&faults, NAMED_MAX));
}

fn hardening(page: &mut Page, depths: &Depths) {
    if depths.hardening.is_empty() {
        return;
    }
    page.gap();
    page.label(2, "What would raise the depth");
    for change in depths.hardening.iter().take(ROWS_MAX) {
        one_change(page, change, depths.searched_to);
    }
    let left = depths.hardening.len().saturating_sub(ROWS_MAX);
    further(page, 4, left, "set of changes more", "sets of changes more");
}

fn one_change(page: &mut Page, change: &Hardening, searched_to: u32) {
    let before = range(change.before, searched_to);
    match &change.hardened {
        Hardened::Not(why) => {
            let text = format!(
                "{} depth {before}: nothing was found, since {why}",
                change.of
            );
            page.hanging(4, "– ", Tone::Plain, &text);
        }
        Hardened::By {
            changes,
            statements,
            after,
            smallest,
        } => {
            let after = range(*after, searched_to);
            let text = format!("{} depth {before} becomes {after}", change.of);
            page.hanging(4, "✓ ", Tone::Good, &text);
            for sentence in changes {
                page.hanging(6, "- ", Tone::Plain, &as_sentence(sentence));
            }
            if *smallest {
                page.prose(6, Tone::Faint, "No fewer changes of these kinds raise it.");
            }
            for (document, statement) in statements {
                page.prose(6, Tone::Plain, &format!("add to {document}:"));
                page.block(8, &printed(statement));
            }
        }
    }
}

/// A statement laid out; control characters are escaped in JSON already.
fn printed(statement: &str) -> String {
    let parsed: Result<serde_json::Value, _> = serde_json::from_str(statement);
    parsed.map_or_else(
        |_| crate::layout::tame(statement),
        |value| format!("{value:#}"),
    )
}
