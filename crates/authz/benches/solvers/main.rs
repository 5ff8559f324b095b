//! Questions about policies against cvc5 and z3: `cargo bench -p cofferdam-authz --bench solvers`.
//!
//! A seeded set of questions in families is asked here, and each search that a question comes to is
//! written out as SMT-LIB and asked of both solvers, which are installed from their registry into a
//! virtual environment under `target/`. Any answer that differs is a failure. What is printed are
//! processor times and their ratio: ours of the whole question, with its witness, theirs of reading
//! and solving its searches; nothing asserts one. Arguments are directories of policies
//! whose mutants are compared too, `--limit MS` for the foreign solvers, `--each N` for questions a
//! family, `--z3-every N` because z3 leaves many of them open.
// A benchmark that cannot run should stop.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(dead_code, reason = "the generator serves the tests as well")]

#[path = "../decide/clock.rs"]
mod clock;
#[path = "../../tests/it/alone/draw.rs"]
mod draw;
mod families;
mod foreign;
mod perimeter;

use std::path::PathBuf;

use families::{Asked, Family};
use foreign::Reply;

struct Arguments {
    directories: Vec<PathBuf>,
    limit: u64,
    each: usize,
    z3_every: usize,
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        directories: Vec::new(),
        limit: 5_000,
        each: 90,
        z3_every: 8,
    };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut number = || given.next().unwrap().parse().unwrap();
        match argument.as_str() {
            "--bench" => {}
            "--limit" => arguments.limit = number(),
            "--each" => arguments.each = usize::try_from(number()).unwrap(),
            "--z3-every" => arguments.z3_every = usize::try_from(number()).unwrap(),
            directory => arguments.directories.push(directory.into()),
        }
    }
    arguments
}

fn main() {
    let arguments = arguments();
    let families = families::all(&arguments.directories, arguments.each);
    let questions: usize = families.iter().map(|family| family.asked.len()).sum();
    println!("{questions} questions");
    let target = foreign::directory();
    let cvc5 = foreign::answers("cvc5", &target, &families, arguments.limit, 1);
    let z3 = foreign::answers(
        "z3",
        &target,
        &families,
        arguments.limit,
        arguments.z3_every,
    );
    let mut wrong = 0;
    println!("microseconds a question: median, 90th and 99th percentile");
    for (place, family) in families.iter().enumerate() {
        wrong += report(family, "cvc5", &cvc5[place]) + report(family, "z3", &z3[place]);
    }
    let all: Vec<u64> = families
        .iter()
        .flat_map(|family| &family.asked)
        .map(|one| one.micros)
        .collect();
    println!("all {}: ours {}", all.len(), percentiles(all));
    assert_eq!(wrong, 0, "answers that differ");
}

/// Prints one family against one solver; how many answers differ.
fn report(family: &Family, solver: &str, replies: &[Option<Reply>]) -> usize {
    let pairs = family.asked.iter().zip(replies);
    let pairs: Vec<(&Asked, &Reply)> = pairs
        .filter_map(|(asked, reply)| Some((asked, reply.as_ref()?)))
        .collect();
    let mut wrong = 0;
    for (asked, reply) in &pairs {
        for difference in &reply.differences {
            println!(
                "DIFFERS {} {solver}: {difference}\n{}",
                family.name, asked.shown
            );
            wrong += 1;
        }
    }
    let open = pairs.iter().filter(|(_, reply)| reply.open > 0).count();
    let closed = || pairs.iter().filter(|(_, reply)| reply.open == 0);
    let ours = percentile(closed().map(|(asked, _)| asked.micros).collect(), 50);
    let theirs = percentile(closed().map(|(_, reply)| reply.micros).collect(), 50);
    println!(
        "{:<24} {:>4} questions: ours {}; {solver} {}, {open} left open, ratio {:.0}",
        family.name,
        pairs.len(),
        percentiles(pairs.iter().map(|(asked, _)| asked.micros).collect()),
        percentiles(pairs.iter().map(|(_, reply)| reply.micros).collect()),
        theirs as f64 / ours.max(1) as f64,
    );
    wrong
}

fn percentile(mut values: Vec<u64>, percent: usize) -> u64 {
    values.sort_unstable();
    let place = values.len().saturating_sub(1) * percent / 100;
    values.get(place).copied().unwrap_or_default()
}

fn percentiles(values: Vec<u64>) -> String {
    let at = |percent| percentile(values.clone(), percent);
    format!("{} {} {}", at(50), at(90), at(99))
}
