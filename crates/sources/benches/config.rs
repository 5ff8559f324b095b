//! How long AWS Config's items take to read, and in how much memory.
//!
//! `cargo xtask generate-config FILE.json.gz`, then
//! `cargo bench -p cofferdam-sources --bench config -- FILE.json.gz`. The file is not made here:
//! making it takes longer than reading it. Without a file nothing is measured.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement stops where it is wrong, and prints

use std::path::PathBuf;
use std::time::Instant;

use cofferdam_org::fact::{Attribute, Kind};
use cofferdam_text::Documents;

const KINDS: &[Kind] = &[
    Kind::Role,
    Kind::ManagedPolicy,
    Kind::Bucket,
    Kind::Key,
    Kind::Queue,
    Kind::Function,
    Kind::Endpoint,
];

fn main() {
    let files = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    for file in files {
        let start = Instant::now();
        let mut documents = Documents::new();
        let read = cofferdam_sources::read(&[PathBuf::from(&file)], &mut documents).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let entities: usize = KINDS
            .iter()
            .map(|kind| read.facts.of_kind(*kind).count())
            .sum();
        let policies = KINDS.iter().flat_map(|kind| read.facts.of_kind(*kind));
        let policies = policies.filter(|entity| {
            let stated = read.facts.get(entity, Attribute::ResourcePolicy);
            stated.present().is_some()
        });
        println!(
            "{file}: {seconds:.1} s, {entities} resources with {} resource policies, {} diagnostics, {}",
            policies.count(),
            read.diagnostics.len(),
            peak().unwrap_or_default(),
        );
    }
}

/// The most memory that the process held, where the system tells.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    Some(format!("at most {} kB", line.split_whitespace().nth(1)?))
}
