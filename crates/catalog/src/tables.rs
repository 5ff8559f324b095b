//! The tables themselves, and what each says about its own date and source.
//!
//! Every perishable fact about AWS is in one of these files, so that a verdict can name the facts
//! that it rests on, and so that they can be renewed without touching code.

use crate::rows::Rows;
use std::sync::LazyLock;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $file:literal,)+) => {
        // Statics, since each use of a constant may take its own copy of the text into the binary.
        $($(#[$doc])* pub(crate) static $name: Rows =
            Rows::new(include_str!(concat!("../data/", $file, ".tsv")));)+

        static ALL: &[&Rows] = &[$(&$name),+];

        #[cfg(test)]
        const FILES: &[&str] = &[$($file),+];
    };
}

tables! {
    ACTIONS = "actions",
    CALLS = "calls",
    COMMANDS = "commands",
    DATA_ACTIONS = "data_actions",
    ENDPOINT_OWNER_KEYS = "endpoint_owner_keys",
    ENDPOINTS = "endpoints",
    EVENT_NAMES = "event_names",
    EVENT_RESOURCES = "event_resources",
    EVENT_VARIANTS = "event_variants",
    FORWARDED = "forwarded",
    GLOBAL_KEYS = "global_keys",
    KEY_ORIGINS = "key_origins",
    MANAGED_POLICIES = "managed_policies",
    MANAGED_STATEMENTS = "managed_statements",
    NAMED_PRINCIPALS = "named_principals",
    NETWORK_ACTIVITY = "network_activity",
    PARTITIONS = "partitions",
    POLICY_KINDS = "policy_kinds",
    POLICY_REACH = "policy_reach",
    QUOTAS = "quotas",
    RCP_EXEMPT = "rcp_exempt",
    RCP_SERVICES = "rcp_services",
    RECORDING = "recording",
    RESOURCE_POLICIES = "resource_policies",
    RESOURCE_TYPES = "resource_types",
    SERVICE_KEYS = "service_keys",
    SERVICE_OWNED = "service_owned",
    SERVICE_PRINCIPALS = "service_principals",
    SERVICES = "services",
}

/// What a table says about itself; `cofferdam facts` lists these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The table's name, which is also its file's.
    pub name: &'static str,
    /// The day at which its facts held, as `YYYY-MM-DD`.
    pub as_of: &'static str,
    /// Where its facts come from: AWS pages by title, or a package with its version.
    pub source: &'static str,
    /// How it is renewed: a command, or "by hand".
    pub regenerate: &'static str,
    /// How many facts it holds.
    pub rows: usize,
}

impl Table {
    fn of(rows: &Rows) -> Self {
        let header = |name| rows.header(name).unwrap_or("");
        Self {
            name: header("table"),
            as_of: header("as of"),
            source: header("source"),
            regenerate: header("regenerate"),
            rows: rows.all().count(),
        }
    }
}

/// All tables of the catalogue, by name. The first call counts every row, so it is for display.
pub fn tables() -> &'static [Table] {
    static TABLES: LazyLock<Vec<Table>> =
        LazyLock::new(|| ALL.iter().copied().map(Table::of).collect());
    &TABLES
}

/// The table of that name.
pub fn table(name: &str) -> Option<Table> {
    let wanted = |rows: &&Rows| rows.header("table") == Some(name);
    ALL.iter().copied().find(wanted).map(Table::of)
}

/// The date of the oldest table, as `YYYY-MM-DD`: what "facts as of" says of the whole catalogue.
pub fn as_of() -> &'static str {
    ALL.iter()
        .filter_map(|rows| rows.header("as of"))
        .min()
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fnv1a(bytes: &[u8]) -> u64 {
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }

    fn is_date(text: &str) -> bool {
        let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
        matches!(parts[..], [Some(2020..), Some(1..=12), Some(1..=31)]) && text.len() == 10
    }

    #[test]
    fn every_table_has_its_header() {
        for (rows, file) in ALL.iter().zip(FILES) {
            let table = Table::of(rows);
            assert_eq!(table.name, *file, "the header names the file");
            assert!(is_date(table.as_of), "{file}: `# as of:` is not a date");
            assert!(!table.source.is_empty(), "{file}: no `# source:`");
            assert!(!table.regenerate.is_empty(), "{file}: no `# regenerate:`");
            assert!(table.rows > 0, "{file}: no rows");
        }
    }

    #[test]
    fn every_row_has_all_columns_in_ascii() {
        for (rows, file) in ALL.iter().zip(FILES) {
            let columns = rows.header("columns").expect("columns").split('\t').count();
            for line in rows.body().lines() {
                assert!(line.is_ascii(), "{file}: not ASCII: {line}");
                let have: Vec<&str> = line.split('\t').collect();
                assert_eq!(have.len(), columns, "{file}: columns of: {line}");
                assert!(
                    have.iter().all(|c| !c.is_empty()),
                    "{file}: write `-` in: {line}"
                );
            }
        }
    }

    #[test]
    fn every_table_is_sorted_without_repeats() {
        for (rows, file) in ALL.iter().zip(FILES) {
            let lines: Vec<String> = rows.body().lines().map(str::to_ascii_lowercase).collect();
            for pair in lines.windows(2) {
                assert!(
                    pair[0] < pair[1],
                    "{file}: out of order or repeated: {}",
                    pair[1]
                );
            }
        }
    }

    /// The binary search agrees with a walk over all rows.
    #[test]
    fn every_row_is_found_by_its_first_columns() {
        for (rows, file) in ALL.iter().zip(FILES) {
            for row in rows.all() {
                let key = [row.column(0), row.column(1)];
                let key = if key[1].is_empty() {
                    &key[..1]
                } else {
                    &key[..]
                };
                assert!(
                    rows.starting(key).any(|found| found == row),
                    "{file}: {key:?}"
                );
            }
        }
    }

    #[test]
    fn generated_tables_are_as_generated() {
        let generated = |rows: &&&Rows| rows.header("regenerate") == Some("cargo xtask facts");
        for rows in ALL.iter().filter(generated) {
            let sum = format!("fnv1a64 {:016x}", fnv1a(rows.body().as_bytes()));
            assert_eq!(
                rows.header("checksum"),
                Some(sum.as_str()),
                "{:?} was edited by hand: change the generator and run `cargo xtask facts`",
                rows.header("table"),
            );
        }
        assert_eq!(ALL.iter().filter(generated).count(), 8);
    }

    #[test]
    fn the_catalogue_is_as_old_as_its_oldest_table() {
        assert!(tables().iter().all(|table| table.as_of >= as_of()));
        assert_eq!(table("quotas").map(|table| table.name), Some("quotas"));
        assert_eq!(table("nothing"), None);
    }
}
