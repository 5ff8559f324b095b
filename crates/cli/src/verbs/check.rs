//! `cofferdam check`: does the boundary hold, for every possible request?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use cofferdam_boundary::cache::Memory;
use cofferdam_boundary::file::Date;
use cofferdam_findings::finding::{Answer, Finding, Verdict};
use cofferdam_report::asff::Product;
use cofferdam_report::baseline::Baseline;
use cofferdam_text::{Documents, StablePlaces};

use crate::against;
use crate::args::{Sources, Wanted};
use crate::cache::{self, Cache, default_file, program};
use crate::certificate;
use crate::directory;
use crate::engine::{self, Options};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::formats::{Output, Shown};
use crate::input;
use crate::progress::Progress;
use crate::project::{self, Project};
use crate::terminal::Terminal;

/// Prove the boundary over every possible request, or show each way to break it
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Check {
    #[command(flatten)]
    sources: Sources,
    /// Show only datasets of this name; may be repeated
    #[arg(long, value_name = "NAME")]
    dataset: Vec<String>,
    /// Show only this obligation; `identity.*` means all of a layer; may be repeated
    #[arg(long, value_name = "ID")]
    obligation: Vec<String>,
    /// An earlier answer (`--format json`); what it knows is not shown in full again
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// What is now: a source as SOURCE is, or several. Only what the sources make worse than these is
    /// shown, and counts for the exit code
    #[arg(long, value_name = "SOURCE", conflicts_with_all = ["baseline", "certificate"])]
    against: Vec<PathBuf>,
    /// Write the answer to a file as well, in a format of its own; may be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    output: Vec<Output>,
    /// What findings for Security Hub (`asff`) are imported as, such as
    /// arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default
    #[arg(long, value_name = "ARN", value_parser = Product::parse)]
    product_arn: Option<Product>,
    /// What gives exit code 1
    #[arg(long, value_enum, default_value = "violated", value_name = "WHAT")]
    fail_on: FailOn,
    /// The day by which exceptions are judged; by default the day of the snapshot
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
    /// How many threads may work; by default one a processor
    #[arg(long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Write what proves each proved finding into this new directory, for `cofferdam verify`
    #[arg(long, value_name = "DIR")]
    certificate: Option<PathBuf>,
    /// Keep verdicts in this file, and take from it those about which nothing changed; by default a
    /// file in your own directory of caches
    #[arg(long, value_name = "FILE", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Ask everything anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam check                                        the project in this directory
  cofferdam check examples/acme-leaky                    another project
  cofferdam check snapshot/ --boundary boundary.yaml     the two apart
  cofferdam check --obligation 'network.*'               one layer
  cofferdam check --format json > answer.json            for programs
  cofferdam check --certificate proofs/                  proofs that others can check
  cofferdam check --baseline answer.json --fail-on new   only what is new fails a pipeline
  cofferdam check . plan.json                            what will be: a Terraform plan over what is
  cofferdam check . plan.json --against .                only what the plan makes worse
  cofferdam check --format markdown --output sarif=check.sarif --output junit=check.xml

Formats: text, json, sarif (2.1.0), junit, markdown (a comment on a change), github (notes at lines),
ocsf (Compliance Finding 1.5.0, one a line), asff (for `batch-import-findings`, a batch a line)";

/// What gives exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Any violation without an exception; undecided gives 3
    Violated,
    /// A violation that the baseline does not know; undecided gives 3
    New,
    /// A violation, or anything undecided
    Undecided,
}

/// Asks, prints, and says by the exit code what came out.
pub fn run(args: &Check, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.fail_on == FailOn::New && args.baseline.is_none() {
        return Err(Failure::usage(
            "`--fail-on new` needs something to compare with",
            "give an earlier answer: `--baseline answer.json`",
        ));
    }
    if !args.no_cache && args.certificate.is_none() {
        cache::prepare();
    }
    let mut project = project::open(&args.sources)?;
    let baseline = args
        .baseline
        .as_deref()
        .map(|file| read_baseline(file, &mut project.documents));
    let baseline = baseline.transpose()?;
    let mut answer = ask(args, &project, terminal)?;
    let worse = match args.against.as_slice() {
        [] => None,
        now => {
            let now = project::beside(&project, now, &args.sources)?;
            let before = ask(args, &now, terminal)?;
            Some(against::keep_worse(&mut answer, &before))
        }
    };
    terminal.diagnostics(&answer.diagnostics, &project.documents);
    let change = worse.map(against::Worse::sentence);
    let shown = Shown {
        change: change.as_deref(),
        answer: &answer,
        documents: &project.documents,
        baseline: baseline.as_ref(),
        product: args.product_arn.as_ref(),
    };
    let text = shown.in_format(terminal.wanted, terminal)?;
    for output in &args.output {
        shown.write(output, terminal)?;
    }
    let is_said = matches!(terminal.wanted, Wanted::Text | Wanted::Markdown);
    if let Some(sentence) = change.as_deref().filter(|_| !is_said) {
        terminal.note(sentence);
    }
    terminal.answer_keeping(&text, |redaction| redaction.for_answer(&answer))?;
    let exit = exit(args.fail_on, &answer, baseline.as_ref());
    // The process ends here: to take a large organization apart first would only take time.
    std::mem::forget((project, answer));
    Ok(exit)
}

fn read_baseline(file: &Path, documents: &mut Documents) -> Result<Baseline, Failure> {
    let tree = input::tree(file, documents)?;
    Baseline::read(&tree).map_err(|why| {
        Failure::file(
            file,
            format!("this is no earlier answer: {why}"),
            "run `cofferdam check --format json`",
        )
    })
}

fn ask(args: &Check, project: &Project, terminal: &Terminal) -> Result<Answer, Failure> {
    let obligations = wanted(
        "obligation",
        &args.obligation,
        &engine::obligations(project),
    )?;
    let progress = Progress::new(terminal.shows_progress());
    let options = Options {
        as_of: args.as_of.or(project.day()),
        obligations: &obligations,
        inventory: args
            .output
            .iter()
            .map(|output| output.format)
            .chain([terminal.wanted])
            .any(Wanted::names_resources),
        threads: args.threads.unwrap_or_else(engine::processors).max(1),
        progress: &|done, total, what| progress.step(done, total, what),
    };
    let mut answer = match &args.certificate {
        Some(directory) => certified(directory, project, &options, terminal)?,
        None => remembered(args, project, &options, terminal),
    };
    let names: Vec<String> = answer
        .findings
        .iter()
        .filter_map(|one| one.dataset.clone())
        .collect();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let datasets = wanted("dataset", &args.dataset, &Vec::from_iter(names))?;
    keep(&mut answer, &args.dataset, &datasets);
    Ok(answer)
}

/// Checks with what earlier runs answered, unless the user wants none of it.
fn remembered(
    args: &Check,
    project: &Project,
    options: &Options<'_>,
    terminal: &Terminal,
) -> Answer {
    let named = || {
        args.cache
            .clone()
            .or_else(|| default_file(&project.sources))
    };
    let file = (!args.no_cache).then(named).flatten();
    let (Some(file), Some(program)) = (file, program()) else {
        return engine::check(project, options);
    };
    let places = StablePlaces::of(&project.documents);
    let (cache, why) = Cache::open(&file, program, &places);
    if let Some(why) = why {
        terminal.note(&format!(
            "{}: {why}; everything is asked anew",
            file.display()
        ));
    }
    let memory = Memory {
        verdicts: &cache,
        places: &places,
        program,
    };
    let answer = engine::recall(project, options, &memory);
    if let Err(error) = cache.save(&file, args.obligation.is_empty()) {
        terminal.note(&format!(
            "{}: verdicts were not kept: {error}",
            file.display()
        ));
    }
    answer
}

/// Asks, and writes the proofs of the whole answer: what is shown of it makes no difference.
fn certified(
    directory: &Path,
    project: &Project,
    options: &Options<'_>,
    terminal: &Terminal,
) -> Result<Answer, Failure> {
    directory::is_new(directory)?;
    let certified = engine::certify(project, options);
    let written = certificate::of(project, &certified)?;
    directory::write(directory, &written)?;
    terminal.note(&format!(
        "the proofs of {} findings are in {}",
        certified.proofs.len(),
        directory.display()
    ));
    Ok(certified.answer)
}

/// Every dataset is asked all the same: one may hold a key that another one shares.
fn keep(answer: &mut Answer, asked: &[String], datasets: &[&str]) {
    let is_shown = |name: &str| asked.is_empty() || datasets.contains(&name);
    answer
        .findings
        .retain(|finding| is_shown(finding.dataset.as_deref().unwrap_or_default()));
    answer.inventory.retain(|row| is_shown(&row.dataset));
}

/// The names that the patterns choose, all if there is no pattern. A pattern that chooses nothing is
/// a slip of the pen, and must not pass for an empty answer.
fn wanted<'a>(what: &str, patterns: &[String], names: &[&'a str]) -> Result<Vec<&'a str>, Failure> {
    for pattern in patterns {
        if !names.iter().any(|name| matches(pattern, name)) {
            let help = format!("use one of: {}", names.join(", "));
            return Err(Failure::usage(
                format!("there is no {what} `{pattern}`"),
                help,
            ));
        }
    }
    let is_chosen =
        |name: &&&str| patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, name));
    Ok(names.iter().filter(is_chosen).copied().collect())
}

/// A name, or the beginning of one before a `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

fn exit(fail_on: FailOn, answer: &Answer, baseline: Option<&Baseline>) -> Exit {
    let counts =
        |finding: &Finding| finding.verdict == Verdict::Violated && finding.excepted_by.is_none();
    let violated = answer.findings.iter().any(counts);
    let undecided = answer
        .findings
        .iter()
        .any(|one| one.verdict == Verdict::Undecided);
    let fails = match fail_on {
        FailOn::Violated => violated,
        FailOn::New => baseline.is_some_and(|baseline| baseline.has_new(answer)),
        FailOn::Undecided => violated || undecided,
    };
    Exit::from_flags(fails, undecided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_or_a_beginning() {
        assert!(matches("identity.*", "identity.who-becomes"));
        assert!(!matches("identity", "identity.who-becomes"));
        assert!(matches("records", "records"));
    }
}
