//! Columns: as wide as they need to be, wrapped where the page is too narrow.

use crate::layout::{length, wrap};
use crate::style::{Style, Tone};

/// Rows under a head.
pub(crate) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Row>,
}

struct Row {
    cells: Vec<Cell>,
    /// What is said under the row, across all columns.
    note: Option<String>,
}

/// One field.
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Cell {
        Cell {
            text: text.into(),
            tone,
        }
    }

    pub(crate) fn plain(text: impl Into<String>) -> Cell {
        Cell::new(Tone::Plain, text)
    }
}

impl Table {
    pub(crate) fn new(head: &[&'static str]) -> Table {
        Table {
            head: head.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(Row {
            cells: row,
            note: None,
        });
    }

    /// A row with a line under it, for what would not fit into a column.
    pub(crate) fn push_with_note(&mut self, row: Vec<Cell>, note: String) {
        self.rows.push(Row {
            cells: row,
            note: Some(note),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table in lines of `style`, less `indent` columns.
    pub(crate) fn print(&self, style: Style, indent: usize) -> String {
        let width = style.width.saturating_sub(indent);
        let widths = self.widths(width);
        let head: Vec<Cell> = self
            .head
            .iter()
            .map(|title| Cell::new(Tone::Faint, *title))
            .collect();
        let mut text = print_row(&head, &widths, style);
        for row in &self.rows {
            text.push_str(&print_row(&row.cells, &widths, style));
            for line in row
                .note
                .iter()
                .flat_map(|note| wrap(note, width.saturating_sub(NOTE.len())))
            {
                text.push_str(&format!("{NOTE}{}\n", style.paint(Tone::Faint, &line)));
            }
        }
        text
    }

    /// The widths that the texts ask for, the widest column giving way until all fit.
    fn widths(&self, page: usize) -> Vec<usize> {
        let mut widths: Vec<usize> = self.head.iter().map(|title| length(title)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(length(&cell.text));
            }
        }
        let between = SPACE.len() * widths.len().saturating_sub(1);
        let room = page.saturating_sub(between);
        while widths.iter().sum::<usize>() > room {
            let over = widths.iter().sum::<usize>() - room;
            let Some(widest) = widths.iter_mut().max() else {
                break;
            };
            let narrower = widest.saturating_sub(over.min(STEP)).max(COLUMN_MIN);
            if narrower == *widest {
                break;
            }
            *widest = narrower;
        }
        widths
    }
}

const SPACE: &str = "  ";
/// How far a note stands in.
const NOTE: &str = "    ";
/// No column is made narrower than a short name needs.
const COLUMN_MIN: usize = 12;
/// How much the widest column gives way at a time, so that two wide ones share the loss.
const STEP: usize = 4;

fn print_row(row: &[Cell], widths: &[usize], style: Style) -> String {
    let cells: Vec<(Vec<String>, Tone)> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| (fold(&cell.text, *width), cell.tone))
        .collect();
    let height = cells
        .iter()
        .map(|(lines, _)| lines.len())
        .max()
        .unwrap_or(0);
    (0..height)
        .map(|number| print_line(&cells, widths, number, style))
        .collect()
}

fn print_line(
    cells: &[(Vec<String>, Tone)],
    widths: &[usize],
    number: usize,
    style: Style,
) -> String {
    let mut line = String::new();
    let mut pending = 0;
    for ((lines, tone), width) in cells.iter().zip(widths) {
        let text = lines.get(number).map_or("", String::as_str);
        if !text.is_empty() {
            line.push_str(&" ".repeat(pending));
            line.push_str(&style.paint(*tone, text));
            pending = 0;
        }
        pending += width.saturating_sub(length(text)) + SPACE.len();
    }
    line.push('\n');
    line
}

/// Wraps, and breaks words that are longer than the column after a separator.
fn fold(text: &str, width: usize) -> Vec<String> {
    wrap(text, width)
        .into_iter()
        .flat_map(|line| break_word(line, width))
        .collect()
}

fn break_word(mut word: String, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    while length(&word) > width {
        let hard = word
            .char_indices()
            .nth(width)
            .map_or(word.len(), |(at, _)| at);
        let fits = word.get(..hard).unwrap_or(&word);
        let soft = fits
            .rfind(['/', ':', ','])
            .map(|at| at + 1)
            .filter(|at| *at > width / 2);
        let rest = word.split_off(soft.unwrap_or(hard));
        pieces.push(std::mem::replace(&mut word, rest));
    }
    pieces.push(word);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(width: usize, rows: &[[&str; 3]], expected: Expect) {
        let mut table = Table::new(&["name", "who", "says"]);
        for row in rows {
            table.push(row.iter().map(|text| Cell::plain(*text)).collect());
        }
        expected.assert_eq(&table.print(
            Style {
                width,
                color: false,
            },
            0,
        ));
    }

    #[test]
    fn columns_align_and_lines_have_no_trailing_space() {
        check(
            80,
            &[["a", "someone", ""], ["longer", "", "yes"]],
            expect![[r#"
                name    who      says
                a       someone
                longer           yes
            "#]],
        );
    }

    #[test]
    fn a_narrow_page_wraps_the_widest_column() {
        check(
            52,
            &[[
                "reader",
                "arn:aws:iam::200000000002:role/app/claims-reader",
                "may read this",
            ]],
            expect![[r#"
                name    who                            says
                reader  arn:aws:iam::200000000002:     may read this
                        role/app/claims-reader
            "#]],
        );
    }
}
