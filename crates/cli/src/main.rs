//! The cofferdam command.
//!
//! The command line holds as little as it can: a verb opens its sources, asks one question of the
//! rooms that know, prints the answer and says by its exit code what the answer means. Answers go
//! to standard output and talk goes to standard error, so that a pipe carries only answers.

mod against;
mod args;
mod cache;
mod certificate;
mod coverage;
mod depths;
mod directory;
mod document;
mod engine;
mod exit;
mod failure;
mod faults;
mod formats;
mod input;
mod linting;
mod progress;
mod project;
mod questions;
mod replaying;
mod terminal;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Verb};
use exit::Exit;
use failure::Failure;
use terminal::Terminal;

/// A large organization is many small trees, made once and read often; with the system's allocator
/// a quarter of a check's time goes into making them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(&cli.global);
    match run(&cli.verb, &terminal) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.fail(&failure);
            Exit::Usage.into()
        }
    }
}

fn run(verb: &Verb, terminal: &Terminal) -> Result<Exit, Failure> {
    if !terminal.wanted.is_of(verb) {
        return Err(formats::refused(terminal.wanted));
    }
    match verb {
        Verb::Check(args) => verbs::check::run(args, terminal),
        Verb::Faults(args) => verbs::faults::run(args, terminal),
        Verb::Reach(args) => verbs::reach::run(args, terminal),
        Verb::Look(args) => verbs::look::run(args, terminal),
        Verb::Inventory(args) => verbs::inventory::run(args, terminal),
        Verb::Replay(args) => verbs::replay::run(args, terminal),
        Verb::Explain(args) => verbs::explain::run(args, terminal),
        Verb::WhoCan(args) => verbs::who_can::run(args, terminal),
        Verb::Can(args) => verbs::can::run(args, terminal),
        Verb::Test(args) => verbs::test::run(args, terminal),
        Verb::Decide(args) => verbs::decide::run(args, terminal),
        Verb::Prove(args) => verbs::prove::run(args, terminal),
        Verb::Compare(args) => verbs::compare::run(args, terminal),
        Verb::Lint(args) => verbs::lint::run(args, terminal),
        Verb::Collect(args) => verbs::collect::run(args, terminal),
        Verb::RolePolicy(args) => verbs::role_policy::run(args, terminal),
        Verb::Init(args) => verbs::init::run(args, terminal),
        Verb::Slice(args) => verbs::slice::run(args, terminal),
        Verb::Verify(args) => verbs::verify::run(args, terminal),
        Verb::Schema(args) => verbs::schema::run(args, terminal),
        Verb::Facts(args) => verbs::facts::run(args, terminal),
    }
}
