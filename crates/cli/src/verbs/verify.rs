//! `cofferdam verify`: do the proofs hold that a check has written?

use std::path::PathBuf;

use clap::Args;
use cofferdam_checker::{Checked, Files, MANIFEST, digest, finding, index};
use serde_json::{Value, json};

use crate::args::{Format, Sources};
use crate::certificate::{self, TRUSTED};
use crate::depths;
use crate::directory;
use crate::engine::{self, Options};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::faults;
use crate::progress::Progress;
use crate::project;
use crate::terminal::Terminal;

/// Check the proofs that `check --certificate` wrote, without the solver that found them, or the bounds
/// that `faults --certificate` wrote, without the search that found them
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Verify {
    /// The directory that `check --certificate` wrote, or that of one finding in it; or the file that
    /// `faults --certificate` wrote
    #[arg(value_name = "DIR|FILE")]
    directory: PathBuf,
    /// What was checked: a project or snapshots. They are hashed and compiled again, and the
    /// questions compared; without them only the formulas are checked
    #[arg(value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The boundary file, or a directory of them, in place of the project's own
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    /// The edges beside the catalogue's that `faults` was given
    #[arg(long, value_name = "FILE")]
    edges: Option<PathBuf>,
    #[command(flatten)]
    terraform: crate::args::Terraform,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam check examples/acme --certificate proofs/
  cofferdam verify proofs/                              the formulas only
  cofferdam verify proofs/ examples/acme                and that they come from these sources
  cofferdam faults examples/acme --certificate depths.json
  cofferdam verify depths.json examples/acme            attacks replayed, closed states tried
Exit codes: 0 everything holds; 1 something is refused; 2 nothing could be checked; 3 a certificate of
depths claims a bound for which it has no proof";

/// What became of each finding.
struct Outcome {
    place: String,
    result: Result<Checked, String>,
}

/// Checks, prints, and says by the exit code whether every proof holds.
pub fn run(args: &Verify, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.directory.is_file() {
        return bounds(args, terminal);
    }
    if !args.directory.exists() {
        return Err(Failure::file(
            &args.directory,
            "there is no such file or directory",
            "give what `cofferdam check --certificate` or `cofferdam faults --certificate` wrote",
        ));
    }
    let files = directory::read(&args.directory)?;
    if !files.contains_key(MANIFEST) {
        return Err(Failure::file(
            &args.directory,
            format!("there is no {MANIFEST} in this directory"),
            "give a directory that `cofferdam check --certificate` wrote",
        ));
    }
    let mut outcomes = check(&files);
    let with_sources = !args.sources.is_empty() || args.boundary.is_some();
    if with_sources {
        let result = compare(args, &files, terminal)?;
        let refused = result.err().map(|why| Outcome {
            place: "sources".to_owned(),
            result: Err(why),
        });
        outcomes.extend(refused);
    }
    let refused = outcomes.iter().any(|outcome| outcome.result.is_err());
    let text = match terminal.format {
        Format::Text => shown(&outcomes, with_sources),
        Format::Json => format!("{:#}\n", as_json(&outcomes, with_sources)),
    };
    terminal.answer(&text)?;
    Ok(Exit::from_flags(refused, false))
}

/// Bounds of depths, which only the sources can tell.
fn bounds(args: &Verify, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.sources.is_empty() && args.boundary.is_none() {
        return Err(Failure::usage(
            "a certificate of depths is checked against its sources, and none are given",
            "give them too: `cofferdam verify depths.json SOURCE`",
        ));
    }
    let mut project = project::open(&sources(args))?;
    let edges = match &args.edges {
        Some(file) => faults::edges(file, &mut project)?,
        None => Vec::new(),
    };
    depths::check(&args.directory, &project, &edges, terminal)
}

fn sources(args: &Verify) -> Sources {
    Sources {
        sources: args.sources.clone(),
        boundary: args.boundary.clone(),
        terraform: args.terraform.clone(),
    }
}

/// Each finding of a check, or the one finding that the directory is.
fn check(files: &Files) -> Vec<Outcome> {
    let listed = match index(files) {
        Ok(listed) => listed,
        Err(_) if !files.keys().any(|name| is_of_index(name)) => {
            return vec![one(String::new(), files)];
        }
        Err(refused) => {
            return vec![Outcome {
                place: MANIFEST.to_owned(),
                result: Err(refused.to_string()),
            }];
        }
    };
    let mut outcomes: Vec<Outcome> = listed
        .iter()
        .map(|(place, manifest)| of_index(files, place, manifest))
        .collect();
    let is_known = |name: &str| listed.iter().any(|(place, _)| below(name, place).is_some());
    let strangers = files
        .keys()
        .filter(|name| name.contains('/') && !is_known(name));
    outcomes.extend(strangers.map(|name| Outcome {
        place: name.clone(),
        result: Err("this file is in no certificate".to_owned()),
    }));
    outcomes
}

/// Whether the file lies in a finding's directory, so that this is the directory of a check.
fn is_of_index(name: &str) -> bool {
    name.ends_with(&format!("/{MANIFEST}"))
}

fn below<'n>(name: &'n str, place: &str) -> Option<&'n str> {
    name.strip_prefix(place)?.strip_prefix('/')
}

fn of_index(files: &Files, place: &str, manifest: &str) -> Outcome {
    let own = files
        .iter()
        .filter_map(|(name, bytes)| Some((below(name, place)?.to_owned(), bytes.clone())));
    let own: Files = own.collect();
    if own.get(MANIFEST).map(|bytes| digest(bytes)).as_deref() != Some(manifest) {
        return Outcome {
            place: place.to_owned(),
            result: Err(format!("{MANIFEST} is not the one of this check")),
        };
    }
    one(place.to_owned(), &own)
}

fn one(place: String, files: &Files) -> Outcome {
    Outcome {
        place,
        result: finding(files).map_err(|refused| refused.to_string()),
    }
}

/// Reads the sources again and compares what is asked of them.
fn compare(
    args: &Verify,
    files: &Files,
    terminal: &Terminal,
) -> Result<Result<(), String>, Failure> {
    let project = project::open(&sources(args))?;
    let manifest: Value = files
        .get(MANIFEST)
        .and_then(|bytes| serde_json::from_slice(bytes).ok())
        .unwrap_or_default();
    let day = manifest.get("as_of").and_then(Value::as_str);
    let obligation = manifest.get("obligation").and_then(Value::as_str);
    let obligations: Vec<&str> = engine::obligations(&project)
        .into_iter()
        .filter(|id| obligation.is_none_or(|wanted| wanted == *id))
        .collect();
    let progress = Progress::new(terminal.shows_progress());
    let options = Options {
        as_of: day.and_then(|day| day.parse().ok()),
        obligations: &obligations,
        inventory: false,
        threads: engine::processors(),
        progress: &|done, total, what| progress.step(done, total, what),
    };
    let again = certificate::of(&project, &engine::certify(&project, &options))?;
    Ok(same(files, &again))
}

/// Whether the sources are those that were hashed, and the questions those that they come to.
fn same(files: &Files, again: &Files) -> Result<(), String> {
    let read = |files: &Files, name: &str| -> Value {
        let bytes = files.get(name);
        bytes
            .and_then(|bytes| serde_json::from_slice(bytes).ok())
            .unwrap_or_default()
    };
    let (said, now) = (read(files, MANIFEST), read(again, MANIFEST));
    if said.get("inputs_sha256") != now.get("inputs_sha256") {
        return Err(changed(&said, &now));
    }
    let manifests = again.keys().filter(|name| is_of_index(name));
    let now: Vec<Value> = manifests.map(|name| read(again, name)).collect();
    let of_finding = |id: &Value| {
        now.iter()
            .find(|manifest| manifest.get("finding") == Some(id))
    };
    let said: Vec<Value> = match said.get("finding") {
        Some(_) => vec![said],
        None => {
            let manifests = files.keys().filter(|name| is_of_index(name));
            manifests.map(|name| read(files, name)).collect()
        }
    };
    for manifest in &said {
        let id = manifest.get("finding").cloned().unwrap_or_default();
        let name = id.as_str().unwrap_or_default();
        let now =
            of_finding(&id).ok_or_else(|| format!("{name} is not proved of these sources"))?;
        for key in [
            "questions",
            "case_split",
            "assumptions",
            "verdict",
            "message",
        ] {
            if manifest.get(key) != now.get(key) {
                return Err(format!("{name}: these sources come to other {key}"));
            }
        }
    }
    Ok(())
}

fn hashes(manifest: &Value) -> Vec<&Value> {
    inputs(manifest)
        .iter()
        .filter_map(|input| input.get("sha256"))
        .collect()
}

/// Names a file that was read now and is none of those that were hashed.
fn changed(said: &Value, now: &Value) -> String {
    let known = hashes(said);
    let is_other = |input: &&Value| {
        input
            .get("sha256")
            .is_none_or(|hash| !known.contains(&hash))
    };
    let other = inputs(now)
        .iter()
        .find(is_other)
        .filter(|_| !known.is_empty());
    match other
        .and_then(|input| input.get("file"))
        .and_then(Value::as_str)
    {
        Some(name) => format!("{name} is not what it was when the proof was made"),
        None => "other files were read when the proof was made".to_owned(),
    }
}

fn inputs(manifest: &Value) -> &[Value] {
    let inputs = manifest.get("inputs").and_then(Value::as_array);
    inputs.map(Vec::as_slice).unwrap_or_default()
}

fn shown(outcomes: &[Outcome], with_sources: bool) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        text.push_str(&match &outcome.result {
            Ok(checked) => line(checked),
            Err(why) => format!("refused  {}: {why}\n", outcome.place),
        });
    }
    let refused = outcomes
        .iter()
        .filter(|outcome| outcome.result.is_err())
        .count();
    text.push_str(&match refused {
        0 => format!("\n{} findings: every proof holds\n", outcomes.len()),
        _ => format!("\n{refused} refused\n"),
    });
    text.push_str(match with_sources {
        true => "the sources were hashed and compiled again: the questions are the same\n",
        false => "formula only: give SOURCE to see that the questions come from it\n",
    });
    text.push_str(&format!("trusted all the same: {}\n", TRUSTED.join("; ")));
    text
}

fn line(checked: &Checked) -> String {
    let made_of = match checked.questions - checked.plain {
        _ if checked.questions == 0 => "rests on facts, and on no question".to_owned(),
        0 => "every question is false as it was compiled".to_owned(),
        refuted => format!(
            "{refuted} refuted with {} lemmas in {} steps",
            checked.lemmas, checked.steps
        ),
    };
    format!("holds    {}: {made_of}\n", checked.finding)
}

fn as_json(outcomes: &[Outcome], with_sources: bool) -> Value {
    let findings = outcomes.iter().map(|outcome| match &outcome.result {
        Ok(checked) => json!({"finding": checked.finding, "holds": true,
            "questions": checked.questions, "false_as_compiled": checked.plain,
            "clauses": checked.definitions, "lemmas": checked.lemmas, "steps": checked.steps,
            "accounts": {"everyone": checked.cover.everyone, "existing": checked.cover.existing,
                "partly": checked.cover.partly, "not_asked": checked.cover.not_asked}}),
        Err(why) => json!({"finding": outcome.place, "holds": false, "why": why}),
    });
    let valid = outcomes.iter().all(|outcome| outcome.result.is_ok());
    json!({"valid": valid, "formula_only": !with_sources, "trusted": TRUSTED,
        "findings": findings.collect::<Vec<_>>()})
}
