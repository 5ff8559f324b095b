//! `cofferdam inventory`: for each dataset, who reaches it, from where, with which key, and where
//! that is recorded.

use clap::Args;
use cofferdam_findings::inventory::Row;
use cofferdam_report::{json, text};

use crate::args::{Format, Sources};
use crate::coverage;
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{self, Project};
use crate::terminal::Terminal;

/// List for each dataset who reaches it, from where, with which key, and where it is recorded
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Inventory {
    #[command(flatten)]
    sources: Sources,
    /// Say how the attributes of Terraform plans were settled instead, and what stays unknown
    #[arg(long)]
    coverage: bool,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam inventory                          the project in this directory
  cofferdam inventory snapshot/                every data store found, without a boundary
  cofferdam inventory snapshot/ plan.json      as a Terraform plan would make it
  cofferdam inventory plan.json --coverage     what the plan leaves unknown, with addresses
  cofferdam inventory --format json > inventory.json";

/// Prints the rows; a gap in them is no failure.
pub fn run(args: &Inventory, terminal: &Terminal) -> Result<Exit, Failure> {
    let project = project::open(&args.sources)?;
    if args.coverage {
        return show_coverage(&project, terminal);
    }
    let rows = engine::inventory(&project, project.day());
    show(&rows, &project, terminal)
}

/// Prints how a plan's attributes were settled; what stays unknown is no failure.
fn show_coverage(project: &Project, terminal: &Terminal) -> Result<Exit, Failure> {
    terminal.diagnostics(&project.diagnostics, &project.documents);
    let text = match terminal.format {
        Format::Text => coverage::text(&project.coverage),
        Format::Json => coverage::json(&project.coverage),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(Exit::Fine)
}

/// Prints rows in the format asked for.
pub fn show(rows: &[Row], project: &Project, terminal: &Terminal) -> Result<Exit, Failure> {
    let documents = &project.documents;
    terminal.diagnostics(&project.diagnostics, documents);
    let text = match terminal.format {
        Format::Text => text::inventory(rows, documents, terminal.style),
        Format::Json => json::inventory(rows, &project.diagnostics, documents),
    };
    terminal.answer_keeping(&text, |redaction| redaction.for_rows(rows))?;
    Ok(Exit::Fine)
}
