//! A generated table: its header, its rows in order, and the checksum that notices a hand edit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::Result;

/// What a table says about itself.
pub(super) struct Header<'a> {
    /// The table's name, which is its file's.
    pub table: &'a str,
    /// The day at which its facts held.
    pub as_of: &'a str,
    /// Where they come from.
    pub source: &'a str,
    /// The names of the columns, divided by tabs.
    pub columns: &'a str,
}

/// Sorts the rows and writes the table.
pub(super) fn write(header: &Header<'_>, mut rows: Vec<String>) -> Result<()> {
    rows.sort_by_key(|row| row.to_ascii_lowercase());
    rows.dedup();
    let body: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let Header {
        table,
        as_of,
        source,
        columns,
    } = header;
    let header = format!(
        "# table: {table}\n# as of: {as_of}\n# source: {source}\n# regenerate: cargo xtask facts\n# checksum: fnv1a64 {:016x}\n# columns: {columns}\n",
        fnv1a(body.as_bytes()),
    );
    fs::write(path(table), header + &body)?;
    eprintln!("{table}: {} rows", rows.len());
    Ok(())
}

/// The rows of a table of the catalogue, column by column.
pub(super) fn read(table: &str) -> Result<Vec<Vec<String>>> {
    let text = fs::read_to_string(path(table))?;
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    let columns = |row: &str| row.split('\t').map(str::to_owned).collect();
    Ok(rows.map(columns).collect())
}

fn path(table: &str) -> PathBuf {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let repository = repository.map(Path::to_path_buf).unwrap_or_default();
    repository.join(format!("crates/catalog/data/{table}.tsv"))
}

/// A list in one column.
pub(super) fn joined(items: &BTreeSet<String>) -> Result<String> {
    if let Some(bad) = items
        .iter()
        .find(|item| item.contains(',') || item.is_empty())
    {
        return Err(format!("a list item may not be empty or hold a comma: {bad:?}").into());
    }
    Ok(items
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(","))
}

/// One row.
pub(super) fn line(columns: &[&str]) -> Result<String> {
    if let Some(bad) = columns
        .iter()
        .find(|c| !c.is_ascii() || c.contains(['\t', '\n']))
    {
        return Err(format!("a column must be plain ASCII without tabs: {bad:?}").into());
    }
    let shown: Vec<&str> = columns
        .iter()
        .map(|c| if c.is_empty() { "-" } else { c })
        .collect();
    Ok(shown.join("\t"))
}

/// The 64-bit Fowler-Noll-Vo hash 1a: enough to notice a hand edit, and short enough to restate in
/// the test that notices it.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
