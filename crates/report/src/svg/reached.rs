//! The blast radius of one compromise: columns from where it starts to what it reaches.

use std::collections::BTreeMap;

use cofferdam_findings::faults::{Left, Reached};

use super::canvas::{CHARACTER, Canvas, LINE, shortened};
use super::graph::{self, Edge, Graph, Kind, Node};
use crate::faults::{called, object, rank};
use crate::layout::{count, length, some_of};

/// Characters of a name in a box.
const NAME_MAX: usize = 44;
/// Room for arrows and their labels between two columns.
const GUTTER: usize = 190;
/// Height of a box with two lines.
const BOX: usize = 2 * LINE + 6;
/// Between two boxes.
const GAP: usize = 14;
/// Height of a label.
const LABEL: usize = 13;
/// Trails, log groups, alarms and detectors named in a line below.
const SINKS_MAX: usize = 6;
/// Ids named at an arrow.
const LABELS_MAX: usize = 3;

pub(super) fn draw(canvas: &mut Canvas, reached: &Reached, hide: &dyn Fn(&str) -> String) {
    canvas.heading("title", &hide(&called(&reached.principal)));
    canvas.paragraph("faint", rank(reached));
    let graph = graph::of(reached);
    if graph.nodes.len() < 2 {
        canvas.paragraph("good", "It becomes nobody and rewrites nothing.");
        return;
    }
    canvas.top += LINE;
    let boxes = placed(&graph, canvas.left(), canvas.top, hide);
    for edge in &graph.edges {
        let ends = boxes.get(edge.from).zip(boxes.get(edge.to));
        if let Some((from, to)) = ends {
            arrow(canvas, edge, from, to);
        }
    }
    for (node, place) in graph.nodes.iter().zip(&boxes) {
        boxed(canvas, node, place, hide);
    }
    let mut labels: BTreeMap<usize, usize> = BTreeMap::new();
    for edge in graph.edges.iter().filter(|edge| !edge.labels.is_empty()) {
        let ends = boxes.get(edge.from).zip(boxes.get(edge.to));
        if let Some((from, to)) = ends {
            let above = labels.entry(edge.to).or_default();
            label(canvas, edge, (from, to), *above);
            *above += 1;
        }
    }
    let bottom = boxes.iter().map(|place| place.y + BOX).max();
    canvas.top = bottom.unwrap_or(canvas.top) + LINE / 2;
    evidence(canvas, &reached.left, hide);
    let key = "Arrows carry the ids of edges of the catalogue. Dashed, with a question mark: it hangs on something unknown.";
    canvas.paragraph("faint", key);
}

/// What records and watches, and whether it is put out.
fn evidence(canvas: &mut Canvas, left: &[Left], hide: &dyn Fn(&str) -> String) {
    let rows = [
        ("bad", "put out", named(left, |one| one.lost)),
        ("doubt", "perhaps put out", named(left, |one| one.possible)),
        (
            "good",
            "out of its reach",
            named(left, |one| !one.lost && !one.possible),
        ),
    ];
    for (class, what, names) in rows.iter().filter(|(_, _, names)| !names.is_empty()) {
        let names = some_of(names, SINKS_MAX);
        canvas.paragraph(class, &hide(&format!("Evidence {what}: {names}")));
    }
}

fn named(left: &[Left], such: impl Fn(&Left) -> bool) -> Vec<String> {
    let those = left.iter().filter(|one| such(one));
    those.map(|one| one.sink.clone()).collect()
}

/// Where a node stands.
struct Place {
    x: usize,
    y: usize,
    width: usize,
    name: String,
    kind: String,
}

impl Place {
    fn middle(&self) -> usize {
        self.y + BOX / 2
    }
}

/// Columns from left to right, in each the kinds in their order.
fn placed(graph: &Graph, left: usize, top: usize, hide: &dyn Fn(&str) -> String) -> Vec<Place> {
    let columns = graph
        .nodes
        .iter()
        .map(|node| node.column)
        .max()
        .unwrap_or(0);
    let in_column = |column| {
        graph
            .nodes
            .iter()
            .filter(move |node| node.column == column)
            .count()
    };
    let tallest = (0..=columns).map(in_column).max().unwrap_or(0);
    let mut places: Vec<Place> = graph
        .nodes
        .iter()
        .map(|node| unplaced(node, hide))
        .collect();
    let mut x = left;
    for column in 0..=columns {
        let mut members: Vec<usize> = (0..graph.nodes.len())
            .filter(|number| {
                graph
                    .nodes
                    .get(*number)
                    .is_some_and(|node| node.column == column)
            })
            .collect();
        members.sort_by_key(|number| graph.nodes.get(*number).map(|node| node.kind));
        let widths = members.iter().filter_map(|number| places.get(*number));
        let width = widths.map(|place| place.width).max().unwrap_or(0);
        let top = top + (tallest - members.len()) * (BOX + GAP) / 2;
        for (line, number) in members.iter().enumerate() {
            if let Some(place) = places.get_mut(*number) {
                (place.x, place.y, place.width) = (x, top + line * (BOX + GAP), width);
            }
        }
        x += width + GUTTER;
    }
    places
}

fn unplaced(node: &Node, hide: &dyn Fn(&str) -> String) -> Place {
    let kind = kind(node);
    let name = match node.names.first() {
        Some(name) if node.count == 1 => shortened(&short(object(&hide(name))), NAME_MAX),
        _ => many(node),
    };
    Place {
        x: 0,
        y: 0,
        width: CHARACTER * (length(&name).max(length(&kind)) + 2),
        name,
        kind,
    }
}

fn kind(node: &Node) -> String {
    match node.kind {
        Kind::Start => "compromised".to_owned(),
        Kind::Principal => "becomes".to_owned(),
        Kind::Object(layer) => format!("rewrites: {layer}"),
        Kind::Data => "data leaves".to_owned(),
    }
}

fn many(node: &Node) -> String {
    let number = node.count as u64;
    match node.kind {
        Kind::Start | Kind::Principal => count(number, "principal", "principals"),
        Kind::Object(_) => count(number, "object", "objects"),
        Kind::Data => count(number, "dataset", "datasets"),
    }
}

/// An ARN as people call it: `role/app/reader of 111122223333`.
pub(super) fn short(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, _, _, "", rest] => (*rest).to_owned(),
        ["arn", _, _, _, account, rest] => format!("{rest} of {account}"),
        _ => arn.to_owned(),
    }
}

fn boxed(canvas: &mut Canvas, node: &Node, place: &Place, hide: &dyn Fn(&str) -> String) {
    let class = match node.kind {
        Kind::Start => "start",
        Kind::Principal => "box",
        Kind::Object(_) => "object",
        Kind::Data => "data",
    };
    canvas.rectangle((place.x, place.y), (place.width, BOX), class);
    let names: Vec<String> = node.names.iter().map(|name| hide(name)).collect();
    let x = place.x + CHARACTER;
    canvas.text((x, place.y + LINE - 2), "faint", &place.kind, None);
    let full = names.join(", ");
    canvas.text(
        (x, place.y + 2 * LINE - 2),
        "strong",
        &place.name,
        Some(&full),
    );
}

fn arrow(canvas: &mut Canvas, edge: &Edge, from: &Place, to: &Place) {
    let class = if edge.possible { "edge may" } else { "edge" };
    let (x, y) = (from.x + from.width, from.middle());
    let forward = to.x > x;
    let (end, bend) = match forward {
        true => (to.x, GUTTER / 2),
        false => (to.x + to.width, GUTTER / 3),
    };
    let second = if forward { end - bend } else { end + bend };
    let path = format!(
        "M{x} {y}C{} {y} {second} {} {end} {}",
        x + bend,
        to.middle(),
        to.middle()
    );
    canvas.arrow(&path, class, x.max(end) + bend);
}

/// The ids stand before the tip, where arrows from one box have parted, and under those of other
/// arrows to the same box.
fn label(canvas: &mut Canvas, edge: &Edge, (from, to): (&Place, &Place), above: usize) {
    let mut text = edge
        .labels
        .iter()
        .take(LABELS_MAX)
        .cloned()
        .collect::<Vec<_>>()
        .join("+");
    if edge.labels.len() > LABELS_MAX {
        text.push('…');
    }
    if edge.possible {
        text.push('?');
    }
    let width = length(&text) * CHARACTER;
    let x = match to.x > from.x + from.width {
        true => to.x.saturating_sub(width + 16),
        false => to.x + to.width + 16,
    };
    let full = edge.labels.join(", ");
    let y = to.middle() + 4 + above * LABEL;
    canvas.text((x, y), "label", &text, Some(&full));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_shown_as_people_call_them() {
        assert_eq!(
            short("arn:aws:iam::111122223333:role/app/reader"),
            "role/app/reader of 111122223333"
        );
        assert_eq!(short("arn:aws:s3:::records"), "records");
        assert_eq!(short("111122223333"), "111122223333");
    }
}
