//! `cofferdam can`: what one principal reaches, and which roles it can become.

use clap::Args;
use cofferdam_report::{json, text};

use crate::args::{Format, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project;
use crate::questions;
use crate::terminal::Terminal;

/// List the stores and keys that one principal reaches, and the roles that it can assume
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Can {
    /// The ARN of a user, a role or a session; an account for its root user; a service's host name;
    /// `anonymous`; or `outside` for everybody of other accounts
    principal: String,
    #[command(flatten)]
    sources: Sources,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam can arn:aws:iam::200000000002:role/app/claims-reader examples/acme
  cofferdam can outside snapshot/
  cofferdam can cloudtrail.amazonaws.com snapshot/";

/// Prints both lists; that something is reached is no failure.
pub fn run(args: &Can, terminal: &Terminal) -> Result<Exit, Failure> {
    let project = project::open(&args.sources)?;
    let answer = questions::can(&project, &args.principal)?;
    terminal.diagnostics(&project.diagnostics, &project.documents);
    let text = match terminal.format {
        Format::Text => text::can(&answer, terminal.style),
        Format::Json => json::can(&answer, &project.diagnostics, &project.documents),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(Exit::Fine)
}
