//! One dataset: its depths, what each single fault does, and which layers fall together.

use cofferdam_findings::faults::{Depth, Depths, Evidence, Independence};

use super::canvas::{CHARACTER, Canvas, LINE, shortened};
use super::reached::short;
use crate::faults::{LAYERS, Row, evidence, figure, headline, is_harmless, leaks, object, rows};
use crate::layout::{as_sentence, count, length};

/// Rows of the survival table; the rest are counted.
const ROWS_MAX: usize = 24;
/// Characters of a name.
const NAME_MAX: usize = 56;
/// Characters of a reason; the whole of it shows when it is pointed at.
const WHY_MAX: usize = 96;
/// Between two columns.
const BETWEEN: usize = 3 * CHARACTER;
/// Width of a cell of the matrix, as wide as the longest layer needs.
const CELL: usize = 14 * CHARACTER;

pub(super) fn draw(canvas: &mut Canvas, depths: &Depths, hide: &dyn Fn(&str) -> String) {
    canvas.heading("title", &as_sentence(&headline(depths)));
    let figures = [
        ("leak", depths.leak_depth),
        ("breach", depths.breach_depth),
        ("silent", depths.silent_depth),
    ]
    .map(|(name, depth)| format!("{name} depth {}", figure(depth, depths.searched_to)));
    canvas.paragraph("faint", &figures.join(", "));
    survival(canvas, depths, hide);
    matrix(canvas, depths);
}

/// A field of the table.
struct Field {
    class: &'static str,
    text: String,
    full: Option<String>,
}

impl Field {
    fn new(class: &'static str, text: impl Into<String>) -> Field {
        Field {
            class,
            text: text.into(),
            full: None,
        }
    }

    /// With a longer form.
    fn cut(text: &str, full: String, width: usize) -> Field {
        Field {
            class: "",
            text: shortened(text, width),
            full: Some(full),
        }
    }
}

fn survival(canvas: &mut Canvas, depths: &Depths, hide: &dyn Fn(&str) -> String) {
    if depths.survival.is_empty() {
        return;
    }
    let (idle, some): (Vec<Row<'_>>, Vec<Row<'_>>) = rows(&depths.survival)
        .into_iter()
        .partition(|row| is_harmless(row.said));
    canvas.heading("strong", "What each single fault does");
    let head = [
        "fault",
        "data leaves",
        "layers it controls",
        "evidence",
        "why",
    ];
    let mut table = vec![head.map(|title| Field::new("faint", title))];
    table.extend(some.iter().take(ROWS_MAX).map(|row| fields(row, hide)));
    if !some.is_empty() {
        grid(canvas, &table);
    }
    let left = some.len().saturating_sub(ROWS_MAX);
    if left > 0 {
        let text = format!("And {}.", count(left as u64, "row more", "rows more"));
        canvas.paragraph("faint", &text);
    }
    let idle: u64 = idle.iter().map(|row| row.faults.len() as u64).sum();
    if idle > 0 {
        let number = count(idle, "fault does", "faults do");
        let text = format!(
            "{number} nothing alone: no data leaves, no layer falls, the evidence survives."
        );
        canvas.paragraph("good", &text);
    }
}

fn fields(row: &Row<'_>, hide: &dyn Fn(&str) -> String) -> [Field; 5] {
    let said = row.said;
    let leaks_class = match leaks(said) {
        "yes" => "bad",
        "may" => "doubt",
        _ => "good",
    };
    let evidence_class = match said.evidence {
        Evidence::Survives => "good",
        _ => "bad",
    };
    let layers = match said.layers.is_empty() {
        true => "none".to_owned(),
        false => said.layers.join(", "),
    };
    let why = hide(&said.why);
    [
        faults(row, hide),
        Field::new(leaks_class, leaks(said)),
        Field::new("", layers),
        Field::new(evidence_class, evidence(said)),
        Field::cut(&why, why.clone(), WHY_MAX),
    ]
}

/// The first of them by name, the others as a count; all of a few in full.
fn faults(row: &Row<'_>, hide: &dyn Fn(&str) -> String) -> Field {
    let hidden: Vec<String> = row
        .faults
        .iter()
        .take(FULL_MAX)
        .map(|one| hide(one))
        .collect();
    let first = hidden.first().map_or("", String::as_str);
    let others = match row.faults.len() {
        0 | 1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    let room = NAME_MAX.saturating_sub(length(&others));
    let name = shortened(&short(object(first)), room);
    Field {
        class: "",
        text: format!("{name}{others}"),
        full: Some(hidden.join(", ")),
    }
}

/// Faults that are named in full when a row is pointed at.
const FULL_MAX: usize = 20;

/// A table whose columns are as wide as their texts.
fn grid<const N: usize>(canvas: &mut Canvas, table: &[[Field; N]]) {
    let mut widths = [0; N];
    for row in table {
        for (width, field) in widths.iter_mut().zip(row) {
            *width = length(&field.text).max(*width);
        }
    }
    let whole: usize = widths.iter().map(|width| width * CHARACTER + BETWEEN).sum();
    for (number, row) in table.iter().enumerate() {
        canvas.top += LINE;
        let mut x = canvas.left();
        for (field, width) in row.iter().zip(widths) {
            let at = (x, canvas.top);
            canvas.text(at, field.class, &field.text, field.full.as_deref());
            x += width * CHARACTER + BETWEEN;
        }
        if number == 0 {
            let left = canvas.left();
            canvas.rule(left, left + whole - BETWEEN, canvas.top + 6);
            canvas.top += 6;
        }
    }
    canvas.top += LINE / 2;
}

/// The layers against each other: faults before both of a pair fall.
fn matrix(canvas: &mut Canvas, depths: &Depths) {
    let pairs = &depths.independence;
    let named: Vec<&'static str> = LAYERS
        .into_iter()
        .filter(|layer| pairs.iter().any(|pair| has(pair, layer)))
        .collect();
    if named.is_empty() {
        return;
    }
    canvas.heading("strong", "Faults before one attacker controls both layers");
    let (left, top) = (canvas.left(), canvas.top);
    for (column, name) in named.iter().enumerate().skip(1) {
        canvas.text((left + column * CELL, top + LINE), "faint", name, None);
    }
    for (line, row) in named.iter().enumerate().take(named.len() - 1) {
        let y = top + (line + 1) * (LINE + 10);
        canvas.text((left, y + LINE), "faint", row, None);
        for (column, other) in named.iter().enumerate().skip(line + 1) {
            let found = pairs.iter().find(|pair| has(pair, row) && has(pair, other));
            if let Some(pair) = found {
                cell(canvas, (left + column * CELL, y), pair.depth, depths);
            }
        }
    }
    canvas.top = top + named.len() * (LINE + 10) + 4;
    if pairs.iter().any(|pair| pair.depth.may != pair.depth.must) {
        let key = "1–2: one may be enough, two certainly are.";
        canvas.paragraph("faint", key);
    }
}

fn cell(canvas: &mut Canvas, at: (usize, usize), depth: Depth, depths: &Depths) {
    let (x, y) = at;
    let class = match (depth.may, depth.must) {
        (_, Some(0 | 1)) => "bad",
        (Some(0 | 1), _) => "doubt",
        _ => "good",
    };
    canvas.rectangle((x, y + 2), (CELL - 8, LINE + 4), "box");
    let text = figure(depth, depths.searched_to);
    canvas.text((x + CHARACTER, y + LINE), class, &text, None);
}

fn has(pair: &Independence, layer: &str) -> bool {
    pair.layers.0 == layer || pair.layers.1 == layer
}
