//! `cofferdam faults`: how many things must fail before data leaves unrecorded, and how.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use cofferdam_faults::answer::Options;
use cofferdam_faults::fault::Universe;
use cofferdam_report::faults::View;

use super::reach::starts;
use crate::args::Sources;
use crate::depths;
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::faults;
use crate::formats::Output;
use crate::project;
use crate::terminal::Terminal;

/// Show how deep the boundary is: which compromises open it together, and what evidence is left
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Faults {
    #[command(flatten)]
    sources: Sources,
    /// Tell step by step what a compromise of this user or role, by its ARN, or of this account comes to;
    /// may be repeated
    #[arg(long, value_name = "PRINCIPAL|ACCOUNT")]
    from: Vec<String>,
    /// Which faults are counted
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        value_delimiter = ',',
        default_value = "compromise"
    )]
    faults: Vec<Kind>,
    /// Ask only about the dataset of this name; may be repeated
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    /// Try sets of up to this many faults
    #[arg(long, value_name = "NUMBER", default_value = "3")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(SEARCH_MAX)))]
    search_to: u32,
    /// Look for changes that raise the depth by one, and try each; takes several times as long
    #[arg(long)]
    harden: bool,
    /// Edges beside the catalogue's: a YAML list of maps with the columns of docs/edges.md
    #[arg(long, value_name = "FILE")]
    edges: Option<PathBuf>,
    /// Write the answer to a file as well, in a format of its own (text, json or svg); may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// Write what shows that the depths are so, for `cofferdam verify`
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Sets of more faults are too many to try, and too many to defend against.
const SEARCH_MAX: u32 = 4;

const EXAMPLES: &str = "\
Examples:
  cofferdam faults                                        the project in this directory
  cofferdam faults examples/acme --dataset customer-records
  cofferdam faults --faults compromise,account            whole accounts may fall too
  cofferdam faults --from arn:aws:iam::200000000002:role/app/claims-reader
  cofferdam faults --harden --output svg=faults.svg
  cofferdam faults --certificate depths.json              then: cofferdam verify depths.json .
Exit codes: 0; 1 if what the boundary requires (`require:`) certainly does not hold; 3 if that is
undecided, or something could not be read";

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Somebody else acts as a user or role
    Compromise,
    /// Somebody else holds everything in an account
    Account,
    /// A control says whatever is worst
    Misconfigure,
}

/// Asks, prints, and says by the exit code whether what is required holds.
pub fn run(args: &Faults, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut project = project::open(&args.sources)?;
    let edges = match &args.edges {
        Some(file) => faults::edges(file, &mut project)?,
        None => Vec::new(),
    };
    let counts = |kind| args.faults.contains(&kind);
    let options = Options {
        from: starts(&project, &args.from)?,
        from_all: args.from.is_empty(),
        universe: Universe {
            compromise: counts(Kind::Compromise),
            account: counts(Kind::Account),
            misconfigure: counts(Kind::Misconfigure),
        },
        search_to: args.search_to,
        weigh: true,
        harden: args.harden,
        brief: false,
        threads: engine::processors(),
        edges,
    };
    let wanted = args.certificate.is_some();
    let (found, bounds) =
        faults::ask_certified(&project, &options, &args.dataset, wanted, terminal)?;
    if let Some(file) = &args.certificate {
        depths::write(file, &project, &options, bounds, terminal)?;
    }
    let requirements = faults::requirements(&project, &found);
    let view = View {
        faults: &found,
        requirements: &requirements,
        named: !args.from.is_empty(),
    };
    faults::show(&view, &project, &args.output, terminal)?;
    Ok(faults::exit(&project, &requirements))
}
