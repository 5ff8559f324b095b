//! `cofferdam test`: the denied and the approved paths that a boundary implies, decided one by one,
//! written as scripts that somebody else sends, and compared with what AWS answered.

mod kit;
mod results;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use cofferdam_findings::kit::Planned;
use cofferdam_findings::probe::Probe;
use cofferdam_report::{json, text};

use crate::args::{Format, Sources};
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::{self, Project};
use crate::terminal::Terminal;

/// Try the paths that must be refused and those that must work, and name every layer that refuses
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Test {
    #[command(flatten)]
    sources: Sources,
    /// Keep the paths as decision cases in this directory, one file a dataset, for `decide`
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Write the paths as shell scripts in this directory, for you to run with your own roles; Cofferdam
    /// sends nothing
    #[arg(long, value_name = "DIR", conflicts_with = "results")]
    emit_probes: Option<PathBuf>,
    /// What the scripts read in place of data: an object's key, an item's key in JSON, a version's stage
    #[arg(long, value_name = "DATASET=NAME")]
    canary: Vec<String>,
    /// Compare what the scripts wrote with what is decided
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam test                         the project in this directory
  cofferdam test --write cases/          keep them, and run them again with:
  cofferdam decide cases/*.json
  cofferdam test --emit-probes kit/ --canary customer-records=2026/canary
  cofferdam test --results results.jsonl --canary customer-records=2026/canary
  cofferdam test --results results.jsonl --format json > evidence.json

Exit codes with --results: 1 if AWS's answer contradicts a decision, 3 if a probe was not run.";

/// Prints the table; a path that is not as expected gives 1, one that is undecided 3.
pub fn run(args: &Test, terminal: &Terminal) -> Result<Exit, Failure> {
    let project = project::open(&args.sources)?;
    let boundary = project.boundary()?;
    let probes = engine::probes(&project, boundary, project.day());
    terminal.diagnostics(&project.diagnostics, &project.documents);
    let canaries = kit::canaries(&args.canary, &probes)?;
    if let Some(file) = &args.results {
        let planned = kit::plan(&project, &probes, &canaries);
        return compare(file, planned, &project, &probes, terminal);
    }
    if let Some(directory) = &args.emit_probes {
        return emit(
            directory,
            &kit::plan(&project, &probes, &canaries),
            terminal,
        );
    }
    let text = shown(&probes, &project, terminal);
    terminal.answer_keeping(&text, |redaction| redaction.for_probes(&probes))?;
    if let Some(directory) = &args.write {
        write(&probes, directory)?;
        terminal.note(&format!("the cases are in {}", directory.display()));
    }
    Ok(exit(&probes))
}

/// Writes the kit, and says what is in it.
fn emit(directory: &Path, planned: &[Planned], terminal: &Terminal) -> Result<Exit, Failure> {
    let scripts = kit::write(planned, directory)?;
    let sent = planned.iter().filter(|one| one.sent.is_ok()).count();
    let left = planned.len() - sent;
    let shown = directory.display();
    let text = match terminal.format {
        Format::Text => format!(
            "{shown}: {sent} probes in {scripts} scripts; {left} paths have no safe form\n{shown}/README.md says how to run them\n"
        ),
        Format::Json => format!(
            "{:#}\n",
            serde_json::json!({"kit": shown.to_string(), "scripts": scripts, "probes": sent, "not_probed": left})
        ),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(Exit::from_flags(false, false))
}

/// Shows what AWS answered beside what was decided.
fn compare(
    file: &Path,
    planned: Vec<Planned>,
    project: &Project,
    probes: &[Probe],
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let lines = results::read(file)?;
    let compared = results::compare(&project.organization, planned, &lines.answers);
    let strange = results::strange(&compared, &lines.answers);
    for (count, what) in [
        (
            lines.broken.len(),
            "lines are no answers, and were passed over",
        ),
        (
            strange.len(),
            "answers are of probes that are none now: of another kit, or of a boundary that has changed since",
        ),
    ] {
        if count > 0 {
            terminal.note(&format!("{count} {what}"));
        }
    }
    let text = match terminal.format {
        Format::Text => text::evidence(&compared, terminal.style),
        Format::Json => json::evidence(&compared, &strange, &lines.broken),
    };
    terminal.answer_keeping(&text, |redaction| redaction.for_probes(probes))?;
    Ok(results::exit(&compared))
}

fn shown(probes: &[Probe], project: &Project, terminal: &Terminal) -> String {
    match terminal.format {
        Format::Text => text::probes(probes, terminal.style),
        Format::Json => json::probes(probes, &project.diagnostics, &project.documents),
    }
}

fn exit(probes: &[Probe]) -> Exit {
    let wrong = || probes.iter().filter(|probe| !probe.as_expected);
    let undecided = wrong().any(|probe| probe.decision == "undecided");
    Exit::from_flags(
        wrong().any(|probe| probe.decision != "undecided"),
        undecided,
    )
}

/// One file a dataset, a list of cases each; a file of an earlier run is replaced.
fn write(probes: &[Probe], directory: &Path) -> Result<(), Failure> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for probe in probes {
        let cases = probe.cases.iter().map(|case| case.trim_end());
        files.entry(&probe.dataset).or_default().extend(cases);
    }
    let cannot = |path: &Path, error: std::io::Error| {
        let message = format!("this cannot be written: {error}");
        Failure::file(path, message, "give a directory that you may write to")
    };
    std::fs::create_dir_all(directory).map_err(|error| cannot(directory, error))?;
    for (dataset, cases) in files {
        let path = directory.join(format!("{}.json", file_name(dataset)));
        let text = format!("[\n{}\n]\n", cases.join(",\n"));
        std::fs::write(&path, text).map_err(|error| cannot(&path, error))?;
    }
    Ok(())
}

/// A dataset's name comes from a file, and must not choose another directory.
fn file_name(dataset: &str) -> String {
    let plain = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => character,
        _ => '-',
    };
    dataset.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_file_name_stays_in_its_directory() {
        assert_eq!(super::file_name("../etc/x y"), "---etc-x-y");
    }
}
