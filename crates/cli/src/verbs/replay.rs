//! `cofferdam replay`: does what happened agree with what the sources say, and with what is proved?

use std::path::{Path, PathBuf};

use clap::Args;
use cofferdam_findings::replay::Replay as Answer;
use cofferdam_report::redact::Redaction;
use cofferdam_report::{json, text};
use cofferdam_sources::event::stream::is_events;

use crate::args::{Format, Sources, Terraform};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::project;
use crate::replaying::{Asked, replay};
use crate::terminal::Terminal;

/// Decide what CloudTrail recorded, and compare with what AWS answered and with what is proved
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Replay {
    /// Events and sources, told apart by what they hold: files of CloudTrail (.json, .json.gz, one
    /// event a line), folders in its layout, what `aws cloudtrail lookup-events` prints; and sources as
    /// `check` takes them, by default the project in the current directory
    #[arg(value_name = "EVENTS|SOURCE")]
    paths: Vec<PathBuf>,
    /// Events; then every other path is a source; may be repeated
    #[arg(long, value_name = "PATH")]
    events: Vec<PathBuf>,
    /// Only events on this dataset
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// Do not prove the boundary first: events are compared with decisions only
    #[arg(long)]
    without_proofs: bool,
    /// The boundary file, or a directory of them, in place of the project's own
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    #[command(flatten)]
    terraform: Terraform,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam replay AWSLogs/                       a folder of CloudTrail against the project here
  cofferdam replay events.json.gz examples/acme   a file against another project
  cofferdam replay logs/ snapshot/ --dataset customer-records
  aws cloudtrail lookup-events --max-results 50 > last.json && cofferdam replay last.json snapshot/
  cofferdam replay --events logs/ --events more/ snapshot/ key-policies.json

Exit codes:
  0  no event contradicts a proof or the sources, though some may not be decidable
  1  an event contradicts a proof, or the sources decide one otherwise than AWS did
  3  not one event could be decided";

/// Prints the answer.
pub fn run(args: &Replay, terminal: &Terminal) -> Result<Exit, Failure> {
    let (events, sources) = sorted(args)?;
    let sources = Sources {
        sources,
        boundary: args.boundary.clone(),
        terraform: args.terraform.clone(),
    };
    let (mut project, facts) = project::open_with_facts(&sources)?;
    if let Some(name) = &args.dataset {
        known(&project, name)?;
    }
    let asked = Asked {
        events: &events,
        dataset: args.dataset.as_deref(),
        proofs: !args.without_proofs,
    };
    let progress = Progress::new(terminal.shows_progress());
    let answer = replay(&mut project, &facts, &asked, &progress)?;
    drop(progress);
    terminal.diagnostics(&project.diagnostics, &project.documents);
    let text = match terminal.format {
        Format::Text => text::replay(&answer, &project.documents, terminal.style),
        Format::Json => json::replay(&answer, &project.diagnostics, &project.documents),
    };
    terminal.answer_keeping(&text, |redaction: Redaction| redaction)?;
    Ok(exit(&answer))
}

/// What is events, and what is a source.
fn sorted(args: &Replay) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Failure> {
    for path in args.paths.iter().chain(&args.events) {
        if !path.exists() {
            return Err(Failure::file(
                path,
                "no such file or directory",
                "check the path",
            ));
        }
    }
    if !args.events.is_empty() {
        return Ok((args.events.clone(), args.paths.clone()));
    }
    let holds_events = |path: &&PathBuf| !is_source(path) && is_events(path);
    let (events, sources): (Vec<PathBuf>, Vec<PathBuf>) = args
        .paths
        .iter()
        .cloned()
        .partition(|path| holds_events(&path));
    match events.is_empty() {
        true => Err(Failure::usage(
            "none of these holds events of CloudTrail",
            "give a file or a folder of CloudTrail's, or name it with `--events PATH`",
        )),
        false => Ok((events, sources)),
    }
}

/// A project or a snapshot, whatever else lies in it.
fn is_source(path: &Path) -> bool {
    let marks = ["boundary.yaml", "boundary", "manifest.json"];
    path.is_dir() && marks.iter().any(|mark| path.join(mark).exists())
}

fn known(project: &project::Project, name: &str) -> Result<(), Failure> {
    let boundary = project.boundary()?;
    if boundary.dataset(name).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = boundary
        .datasets
        .iter()
        .map(|dataset| dataset.name.as_str())
        .collect();
    Err(Failure::usage(
        format!("there is no dataset `{name}`"),
        format!("use one of: {}", names.join(", ")),
    ))
}

/// Not one decided event is no answer; else what could not be decided is told by its number, since no
/// log shows everything that AWS decided by.
fn exit(answer: &Answer) -> Exit {
    let (agrees, disagrees, undecided) = answer.totals();
    let contradicted = answer
        .contradictions
        .iter()
        .any(|one| one.changed_since.is_none());
    Exit::from_flags(
        contradicted || disagrees > 0,
        agrees + disagrees == 0 && undecided > 0,
    )
}
