//! `cofferdam reach`: what one compromise comes to, whatever the boundary requires.

use clap::Args;
use cofferdam_faults::answer::Options;
use cofferdam_report::faults::View;

use crate::args::Sources;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::faults;
use crate::formats::Output;
use crate::project::{self, Project};
use crate::terminal::Terminal;

/// Show what one compromise comes to: whom it becomes, what it rewrites, whose data leaves
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Reach {
    #[command(flatten)]
    sources: Sources,
    /// A user or role by its ARN, or an account by its number; may be repeated
    #[arg(long, value_name = "PRINCIPAL|ACCOUNT", required = true)]
    from: Vec<String>,
    /// Write the answer to a file as well, in a format of its own (text, json or svg); may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam reach snapshot/ --from arn:aws:iam::111122223333:role/ci/pipeline
  cofferdam reach plan.json --from arn:aws:iam::111122223333:user/start
  cofferdam reach --from 111122223333                     everybody in an account, its root user too
  cofferdam reach --from arn:aws:iam::111122223333:role/ci/pipeline --format svg > reach.svg
Exit codes: 0, whatever is reached; 3 if something could not be read";

/// How many of them are named when the one asked for is not there.
const NAMED_MAX: usize = 12;

/// Prints what each comes to; that something is reached is no failure.
pub fn run(args: &Reach, terminal: &Terminal) -> Result<Exit, Failure> {
    let project = project::open(&args.sources)?;
    let options = Options {
        from: starts(&project, &args.from)?,
        ..Options::default()
    };
    let found = faults::ask(&project, &options, &[], terminal)?;
    let view = View {
        faults: &found,
        requirements: &[],
        named: true,
    };
    faults::show(&view, &project, &args.output, terminal)?;
    Ok(faults::exit(&project, &[]))
}

/// The principals and accounts that were asked for; one that the sources do not hold must not pass for
/// one that comes to nothing.
pub fn starts(project: &Project, asked: &[String]) -> Result<Vec<String>, Failure> {
    let organization = &project.organization;
    let accounts = organization.accounts.keys().map(ToString::to_string);
    let principals = organization
        .principals
        .iter()
        .map(|one| one.arn.to_string());
    let mut known: Vec<String> = accounts.chain(principals).collect();
    let unknown = asked.iter().find(|name| !known.contains(name));
    let Some(name) = unknown else {
        return Ok(asked.to_vec());
    };
    let more = if known.len() > NAMED_MAX { ", …" } else { "" };
    known.truncate(NAMED_MAX);
    Err(Failure::usage(
        format!("the sources hold no user, role or account `{name}`"),
        format!("they hold: {}{more}", known.join(", ")),
    ))
}
