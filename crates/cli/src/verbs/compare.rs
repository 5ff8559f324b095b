//! `cofferdam compare`: what a new policy allows beyond an old one, and the other way round.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use cofferdam_authz::alone::{self, Answer};
use cofferdam_findings::alone::{Comparison, Difference};
use cofferdam_report::{json, text};
use cofferdam_text::Documents;

use crate::args::Format;
use crate::document::{self, Kind, step};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Compare two policies over every possible request
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Compare {
    /// The policy that is there
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The policy that would replace it
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The kind of both; guessed when clear
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Exit with 1 if NEW allows anything that OLD does not
    #[arg(long, value_enum, value_name = "RELATION")]
    forbid: Option<Forbid>,
}

/// What a pipeline may forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Forbid {
    /// Anything new
    Wider,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam compare deployed.json proposed.json
  cofferdam compare deployed.json proposed.json --forbid wider     for a pipeline
Exit codes: 0 whatever the relation, 3 undecided; with `--forbid wider` 1 if NEW allows anything new";

/// Compares, prints, and says by the exit code what came out.
pub fn run(args: &Compare, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::new();
    let [old, new] = document::read_both([&args.old, &args.new], args.kind, &mut documents)?;
    let diagnostics = [&old.diagnostics[..], &new.diagnostics].concat();
    terminal.diagnostics(&diagnostics, &documents);
    let start = Instant::now();
    let found = alone::compare(old.document(), new.document());
    let elapsed_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let comparison = Comparison {
        only_new: difference(found.only_new, &new),
        only_old: difference(found.only_old, &old),
        elapsed_us,
    };
    let text = match terminal.format {
        Format::Text => text::comparison(&comparison, &documents, terminal.style),
        Format::Json => json::comparison(&comparison, &diagnostics, &documents),
    };
    terminal.answer(&text)?;
    let forbidden = args.forbid == Some(Forbid::Wider) && comparison.is_wider();
    Ok(Exit::from_flags(
        forbidden,
        comparison.relation() == "undecided",
    ))
}

fn difference(answer: Answer, read: &document::Read) -> Difference {
    match answer {
        Answer::None => Difference::None,
        Answer::Undecided(reasons) => Difference::Undecided(reasons),
        Answer::Some(shown) => {
            let because = read.reasons(&shown.because);
            Difference::Some(Box::new(step(&shown)), shown.future_action, because)
        }
    }
}
