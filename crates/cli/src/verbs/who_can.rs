//! `cofferdam who-can`: everybody who can do one thing, from where, under which conditions.

use clap::Args;
use cofferdam_report::{json, text};

use crate::args::{Format, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project;
use crate::questions;
use crate::terminal::Terminal;

/// List everybody who can do one thing, from where and under which conditions
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct WhoCan {
    /// What is done, as `s3:GetObject`
    action: String,
    /// To what: an ARN, `s3://BUCKET/KEY`, or `*` for an action without a resource
    resource: String,
    #[command(flatten)]
    sources: Sources,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam who-can s3:GetObject s3://acme-customer-records examples/acme
  cofferdam who-can kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab snapshot/
  cofferdam who-can sts:AssumeRole arn:aws:iam::111122223333:role/app/claims-reader snapshot/";

/// Prints the list; that somebody can is no failure.
pub fn run(args: &WhoCan, terminal: &Terminal) -> Result<Exit, Failure> {
    let action = questions::action(&args.action)?;
    let resource = questions::resource(&args.resource)?;
    let project = project::open(&args.sources)?;
    let answer = questions::who_can(&project, &action, &resource)?;
    terminal.diagnostics(&project.diagnostics, &project.documents);
    let text = match terminal.format {
        Format::Text => text::who_can(&answer, terminal.style),
        Format::Json => json::who_can(&answer, &project.diagnostics, &project.documents),
    };
    terminal.answer_keeping(&text, |redaction| redaction.for_resource(&resource))?;
    Ok(Exit::Fine)
}
