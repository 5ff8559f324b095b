//! The mutation test of the boundary: a proof is only worth something if it breaks when what it
//! rests on is taken away.
//!
//! Every control of the sound example is removed once, alone, from a copy in memory, and the
//! boundary is asked again. Finding out what notices takes minutes, so it is written down once
//! (`cargo xtask mutate` writes `docs/mutation.md`), and the test asks only what each row claims.

mod control;
mod evidence;
mod opening;
mod reasons;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::check::{self, Options};
use cofferdam_boundary::file::{self, Boundary, Date};
use cofferdam_findings::finding::Finding;
use cofferdam_findings::probe::Probe;
use cofferdam_org::model::Organization;
use cofferdam_text::Documents;

use evidence::{Evidence, Row};

/// The sound example with its boundary.
pub struct Example {
    org: Organization,
    boundary: Boundary,
    /// The boundary as it is written.
    declaration: String,
    as_of: Option<Date>,
    /// Threads of one check.
    threads: usize,
}

impl Example {
    fn read(threads: usize) -> Example {
        let home = root().join("examples/acme");
        let mut documents = Documents::new();
        let read = cofferdam_sources::read(&[home.join("snapshot")], &mut documents).unwrap();
        let (org, complaints) = cofferdam_org::build::build(&read.facts);
        assert_eq!((read.diagnostics, complaints), (Vec::new(), Vec::new()));
        let declaration = fs::read_to_string(home.join("boundary.yaml")).unwrap();
        let tree = documents.read_yaml("boundary.yaml", declaration.clone().into_bytes());
        let (boundary, complaints) = file::read(&[tree.unwrap()]);
        assert_eq!(complaints, []);
        let day = read.captured_at.as_deref().and_then(|time| time.get(..10));
        let as_of = day.and_then(|day| day.parse().ok());
        Example {
            org,
            boundary,
            declaration,
            as_of,
            threads,
        }
    }

    fn check(&self, org: &Organization, obligations: &[&str]) -> Vec<Finding> {
        let options = Options {
            as_of: self.as_of,
            threads: self.threads,
            progress: &|_, _, _| {},
            obligations,
        };
        check::check(org, &self.boundary, &options).findings
    }

    fn probes(&self, org: &Organization) -> Vec<Probe> {
        cofferdam_boundary::probes::probes(org, &self.boundary, &Cast::of(org), self.as_of)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The table on disk, written anew where `cargo xtask mutate` asks for it.
fn rows() -> Vec<Row> {
    let path = root().join("docs/mutation.md");
    if std::env::var_os("COFFERDAM_MUTATE").is_some() {
        let example = Example::read(processors());
        let before = fs::read_to_string(&path).unwrap_or_default();
        let rows = evidence::gather(&example, &table::read(&before));
        fs::write(&path, table::print(&rows)).unwrap();
    }
    table::read(&fs::read_to_string(path).unwrap())
}

fn processors() -> usize {
    available_parallelism().map_or(1, |number| number.get())
}

#[test]
fn the_removal_of_every_control_is_noticed_as_the_table_says() {
    let rows = rows();
    let example = Example::read(1);
    let named: Vec<[String; 4]> = rows.iter().map(|row| row.control.clone()).collect();
    let there: Vec<[String; 4]> = control::controls(&example.org)
        .iter()
        .map(control::Control::words)
        .collect();
    assert_eq!(named, there, "the table is not about this example: {AGAIN}");
    let unnoticed: Vec<&Row> = rows
        .iter()
        .filter(|row| row.evidence == Evidence::Nothing)
        .collect();
    assert!(
        unnoticed.is_empty(),
        "nothing notices that these are gone: {unnoticed:#?}"
    );
    let wrong = wrong(&example, &rows);
    assert!(wrong.is_empty(), "no longer so, {AGAIN}: {wrong:#?}");
}

const AGAIN: &str = "run `cargo xtask mutate`, and read what changed";

/// Rows that do not hold. Each is asked by one thread alone; the next free one takes the next.
fn wrong<'r>(example: &Example, rows: &'r [Row]) -> Vec<&'r Row> {
    let next = AtomicUsize::new(0);
    let ask = || {
        let mut wrong = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !example.holds(row) {
                wrong.push(row);
            }
        }
        wrong
    };
    scope(|threads| {
        let workers: Vec<_> = (0..processors()).map(|_| threads.spawn(ask)).collect();
        let found = workers.into_iter();
        found.flat_map(|worker| worker.join().unwrap()).collect()
    })
}
