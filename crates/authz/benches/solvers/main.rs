//! Questions about policies against cvc5 and z3: `cargo bench -p cofferdam-authz --bench solvers`.
//!
//! A seeded set of questions in families is asked here, and each search that a question comes to is
//! written out as SMT-LIB and asked of both solvers, which are installed from their registry into a
//! virtual environment under `target/`. An answer that differs is a failure, and so is a script that
//! a solver cannot read. What is printed are processor times and their ratio: ours of the whole
//! question, from the parsed policies to the replayed witness, theirs of reading and solving its
//! searches. A question that a solver leaves open counts with the time that it was given, so that a
//! ratio is a lower bound there. No test asserts a time.
//!
//! Arguments: directories of policies whose mutants are compared too; `--each N`, the questions of a
//! family; `--limit MS` for each script of the other solvers; `--z3-every N`, because z3 leaves many
//! open; `--family WORD`, the families whose name holds it; `--ours`, to ask no other solver;
//! `--quick`, to compare answers only.
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

use families::{Asked, Family, Scale};
use foreign::{Reply, Terms};

/// The allocator of the product.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Arguments {
    directories: Vec<PathBuf>,
    limit: u64,
    z3_every: usize,
    ours: bool,
    family: String,
    scale: Scale,
}

fn arguments() -> Arguments {
    let mut arguments = Arguments {
        directories: Vec::new(),
        limit: 5_000,
        z3_every: 4,
        ours: false,
        family: String::new(),
        scale: Scale {
            each: 90,
            quick: false,
        },
    };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut number = || given.next().unwrap().parse().unwrap();
        match argument.as_str() {
            "--bench" | "--test" => {}
            "--limit" => arguments.limit = number(),
            "--each" => arguments.scale.each = usize::try_from(number()).unwrap(),
            "--z3-every" => arguments.z3_every = usize::try_from(number()).unwrap(),
            "--family" => arguments.family = given.next().unwrap(),
            "--ours" => arguments.ours = true,
            "--quick" => arguments.scale.quick = true,
            directory => arguments.directories.push(directory.into()),
        }
    }
    arguments
}

fn main() {
    let arguments = arguments();
    let families = families::all(&arguments.directories, arguments.scale, &arguments.family);
    if !arguments.scale.quick {
        println!(
            "| family | questions | with a request | searches | median | 90th | 99th | most |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        families
            .iter()
            .for_each(|family| ours(family.name, &family.asked));
        ours("all", families.iter().flat_map(|family| &family.asked));
        let asked = families.iter().flat_map(|family| &family.asked);
        let searches = asked.flat_map(|asked| &asked.searches);
        let open = searches.filter(|search| search.holds.is_none()).count();
        println!("\nSearches that we leave open: {open}");
    }
    if !arguments.ours {
        let wrong = against(&arguments, &families, "cvc5", 1)
            + against(&arguments, &families, "z3", arguments.z3_every);
        assert_eq!(wrong, 0, "answers that differ");
    }
}

/// Asks another solver every so many questions; how many answers differ.
fn against(arguments: &Arguments, families: &[Family], solver: &str, every: usize) -> usize {
    let terms = Terms {
        limit: arguments.limit,
        every,
    };
    let replies = foreign::answers(solver, families, terms);
    let pairs = || families.iter().zip(&replies);
    if arguments.scale.quick {
        let all = pairs().flat_map(|(_, replies)| replies.iter().flatten());
        let open = all.clone().filter(|reply| reply.open > 0).count();
        let alike: usize = all.clone().map(|reply| reply.alike).sum();
        let asked = all.count();
        println!("{solver}: {asked} questions, {open} left open, {alike} searches alike");
    } else {
        println!("\n| family | questions | open | searches alike | ours | {solver} | ratio |");
        println!("|---|---|---|---|---|---|---|");
        pairs().for_each(|(family, replies)| {
            report(family.name, &asked_of(family, replies).collect::<Vec<_>>());
        });
        let boundaries = pairs().filter(|(family, _)| family.name.starts_with("boundary"));
        let asked = boundaries.flat_map(|(family, replies)| asked_of(family, replies));
        report("all boundaries", &asked.collect::<Vec<_>>());
    }
    pairs()
        .map(|(family, replies)| differences(family, solver, replies))
        .sum()
}

fn asked_of<'a>(
    family: &'a Family,
    replies: &'a [Option<Reply>],
) -> impl Iterator<Item = (&'a Asked, &'a Reply)> {
    let pairs = family.asked.iter().zip(replies);
    pairs.filter_map(|(asked, reply)| Some((asked, reply.as_ref()?)))
}

/// Prints the answers that differ; how many.
fn differences(family: &Family, solver: &str, replies: &[Option<Reply>]) -> usize {
    let mut wrong = 0;
    for (asked, reply) in asked_of(family, replies) {
        for difference in &reply.differences {
            println!(
                "DIFFERS {} {solver}: {difference}\n{}",
                family.name, asked.shown
            );
            wrong += 1;
        }
    }
    wrong
}

/// Prints our times of some questions.
fn ours<'a>(name: &str, asked: impl IntoIterator<Item = &'a Asked>) {
    let asked: Vec<&Asked> = asked.into_iter().collect();
    let searches: usize = asked.iter().map(|one| one.searches.len()).sum();
    let is_found = |one: &&&Asked| one.searches.iter().any(|search| search.holds == Some(true));
    let found = asked.iter().filter(is_found).count();
    let micros: Vec<u64> = asked.iter().map(|one| one.micros).collect();
    let at = |percent| milliseconds(percentile(micros.clone(), percent));
    println!(
        "| {name} | {} | {found} | {searches} | {} | {} | {} | {} |",
        asked.len(),
        at(50),
        at(90),
        at(99),
        at(100)
    );
}

/// Prints questions that were asked of us and of one solver.
fn report(name: &str, pairs: &[(&Asked, &Reply)]) {
    let open = pairs.iter().filter(|(_, reply)| reply.open > 0).count();
    let alike: usize = pairs.iter().map(|(_, reply)| reply.alike).sum();
    let ours = percentile(pairs.iter().map(|(asked, _)| asked.micros).collect(), 50);
    let theirs = percentile(pairs.iter().map(|(_, reply)| reply.micros).collect(), 50);
    println!(
        "| {name} | {} | {open} | {alike} | {} | {} | {:.0} |",
        pairs.len(),
        milliseconds(ours),
        milliseconds(theirs),
        theirs as f64 / ours.max(1) as f64,
    );
}

fn milliseconds(micros: u64) -> String {
    format!("{:.2}", micros as f64 / 1_000.0)
}

fn percentile(mut values: Vec<u64>, percent: usize) -> u64 {
    values.sort_unstable();
    let place = values.len().saturating_sub(1) * percent / 100;
    values.get(place).copied().unwrap_or_default()
}
