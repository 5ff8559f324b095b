//! Edges that a user adds: a YAML list of maps, with the columns of the table as keys.
//!
//! What is wrong is told with its place and left out; the other edges of the file stay. An action
//! that the catalogue of actions does not hold is a warning only, since AWS adds actions every week.

use std::collections::BTreeSet;

use cofferdam_text::{Diagnostic, Member, Node};

use super::row::{self, Row, Wrong};
use super::{Edge, edge};

/// How many edges a user may add: more than the built-in catalogue, few enough to try each on every
/// principal.
pub const EDGES_MAX: usize = 1000;

/// The keys of a map, which are the columns of the table.
const COLUMNS: [&str; 8] = [
    "id", "on", "needs", "guard", "gain", "layer", "text", "source",
];

/// The edges of a user's file, in its order, with what is wrong in it.
pub fn read(document: &Node) -> (Vec<Edge>, Vec<Diagnostic>) {
    let mut edges = Vec::new();
    let mut found = Vec::new();
    let Some(items) = document.as_array() else {
        let message = format!(
            "a list of edges was expected, but here is {}",
            document.kind()
        );
        return (edges, vec![Diagnostic::error(document.origin, message)]);
    };
    let mut ids = BTreeSet::new();
    for item in items.iter().take(EDGES_MAX) {
        match one(item, &mut ids, &mut found) {
            Ok(edge) => edges.push(edge),
            Err(diagnostic) => found.push(diagnostic),
        }
    }
    if let Some(first) = items.get(EDGES_MAX) {
        let message =
            format!("at most {EDGES_MAX} edges are read; this and later ones are left out");
        found.push(Diagnostic::error(first.origin, message));
    }
    (edges, found)
}

fn one(
    item: &Node,
    ids: &mut BTreeSet<String>,
    found: &mut Vec<Diagnostic>,
) -> Result<Edge, Diagnostic> {
    let Some(members) = item.as_object() else {
        let message = format!("an edge is a map, but here is {}", item.kind());
        return Err(Diagnostic::error(item.origin, message));
    };
    if let Some(member) = members.iter().find(|one| !COLUMNS.contains(&&*one.key)) {
        return Err(unknown_key(member));
    }
    let made = row::edge(&row_of(item)?).map_err(|wrong| told(item, wrong))?;
    if edge(&made.id).is_some() || !ids.insert(made.id.clone()) {
        let message = format!("edge `{}` exists already", made.id);
        let diagnostic = Diagnostic::error(at(item, "id"), message);
        return Err(diagnostic.with_help("give it an id of its own"));
    }
    found.extend(unknown_actions(item, &made));
    Ok(made)
}

fn unknown_key(member: &Member) -> Diagnostic {
    let message = format!("an edge has no `{}`", member.key);
    let help = format!("its keys are {}", COLUMNS.join(", "));
    Diagnostic::error(member.key_origin, message).with_help(help)
}

fn told(item: &Node, wrong: Wrong) -> Diagnostic {
    let diagnostic = Diagnostic::error(at(item, wrong.column), wrong.message);
    match wrong.help {
        Some(help) => diagnostic.with_help(help),
        None => diagnostic,
    }
}

fn at(item: &Node, column: &str) -> cofferdam_text::Origin {
    item.get(column).map_or(item.origin, |node| node.origin)
}

fn unknown_actions(item: &Node, made: &Edge) -> Vec<Diagnostic> {
    let unknown = made.needs.iter().map(|need| &need.action);
    let unknown = unknown
        .filter(|action| cofferdam_catalog::action(action.service(), action.name()).is_none());
    unknown
        .map(|action| {
            let message = format!("action {action} is not in the catalogue of actions");
            Diagnostic::warning(at(item, "needs"), message).with_help(
                "check its spelling; an action that does not exist gives nobody anything",
            )
        })
        .collect()
}

fn row_of(item: &Node) -> Result<Row<'_>, Diagnostic> {
    Ok(Row {
        id: one_word(item, "id", "")?,
        on: one_word(item, "on", "-")?,
        needs: list(item, "needs", row::needs)?,
        guards: list(item, "guard", row::guards)?,
        gains: list(item, "gain", row::gains)?,
        layer: one_word(item, "layer", "-")?,
        text: one_word(item, "text", "")?,
        source: one_word(item, "source", "")?,
    })
}

fn one_word<'a>(
    item: &'a Node,
    column: &'static str,
    default: &'a str,
) -> Result<&'a str, Diagnostic> {
    match item.get(column) {
        None => Ok(default),
        Some(node) => node.text().ok_or_else(|| not_text(node, column)),
    }
}

/// A column that may be written as in the table, or as a list of its words.
fn list<'a>(
    item: &'a Node,
    column: &'static str,
    split: fn(&'a str) -> Vec<&'a str>,
) -> Result<Vec<&'a str>, Diagnostic> {
    let Some(node) = item.get(column) else {
        return Ok(Vec::new());
    };
    let mut words = Vec::new();
    for part in node.items() {
        let text = part.text().ok_or_else(|| not_text(part, column))?;
        words.extend(split(text));
    }
    Ok(words)
}

fn not_text(node: &Node, column: &str) -> Diagnostic {
    let message = format!("`{column}` is text, but here is {}", node.kind());
    Diagnostic::error(node.origin, message)
}
