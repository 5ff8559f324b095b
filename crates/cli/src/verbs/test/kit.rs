//! `cofferdam test --emit-probes`: the paths as scripts for whoever has the roles.
//!
//! The canary is another object than the one that a path was decided with, and policies may tell
//! objects apart, so the path is decided again for the canary before anybody expects an answer.

use std::path::Path;

use cofferdam_boundary::kit::forms::{Kind, kind};
use cofferdam_boundary::kit::{Canaries, planned};
use cofferdam_findings::kit::Planned;
use cofferdam_findings::probe::{Expected, Probe};
use cofferdam_text::Documents;
use serde_json::Value;

use crate::engine;
use crate::failure::Failure;
use crate::project::Project;

/// `DATASET=NAME`, as flags give canaries.
///
/// # Errors
/// When a flag is none, or names a dataset that the boundary does not declare.
pub fn canaries(flags: &[String], probes: &[Probe]) -> Result<Canaries, Failure> {
    let mut found = Canaries::new();
    for flag in flags {
        let named = flag.split_once('=');
        let Some((dataset, name)) = named.filter(|(_, name)| !name.is_empty()) else {
            let help = "write --canary customer-records=2026/canary";
            return Err(Failure::usage(format!("`{flag}` is no canary"), help));
        };
        if !probes.iter().any(|probe| probe.dataset == dataset) {
            let message = format!("no dataset `{dataset}` has paths to try");
            return Err(Failure::usage(
                message,
                "name a dataset of the boundary file",
            ));
        }
        found.insert(dataset.to_owned(), name.to_owned());
    }
    Ok(found)
}

/// The probes as they can be sent, each with what was decided of its canary.
pub fn plan(project: &Project, probes: &[Probe], canaries: &Canaries) -> Vec<Planned> {
    let mut all = planned(&project.organization, probes, canaries);
    for one in &mut all {
        let Some(probe) = probes.iter().find(|probe| probe.name == one.name) else {
            continue;
        };
        if one.sent.is_ok() && kind(&one.action) == Ok(Kind::Object) {
            let canary = canaries.get(&one.dataset).map(String::as_str);
            of_canary(
                one,
                probe,
                canary.or(Kind::Object.usual()).unwrap_or_default(),
            );
        }
        if one.sent.is_ok() && one.decision == "undecided" {
            one.sent = Err("what it comes to is undecided".into());
        }
    }
    all
}

/// Decides the first request again, with the canary as its object.
fn of_canary(one: &mut Planned, probe: &Probe, canary: &str) {
    let first = probe.cases.first().and_then(|case| again(case, canary));
    let Some(first) = first else {
        one.sent = Err("it could not be decided again for the canary".into());
        return;
    };
    let later = probe.steps.iter().skip(1).map(|step| step.decision);
    let all: Vec<&'static str> = std::iter::once(first).chain(later).collect();
    let refused = all.iter().find(|word| word.ends_with("denied")).copied();
    let open = all.contains(&"undecided").then_some("undecided");
    let decision = refused.or(open).unwrap_or("allowed");
    let same = probe
        .steps
        .first()
        .is_some_and(|step| step.decision == first);
    if !same {
        one.refused_by.clear();
    }
    one.decision = decision;
    if !agrees(one) && one.decision != "undecided" {
        one.sent = Err(format!(
            "of the canary {canary} it is decided to be {decision}: name one where the path leads, with --canary"
        ));
    }
}

/// Whether what was decided is what the boundary asks for.
fn agrees(one: &Planned) -> bool {
    (one.decision == "allowed") == (one.expected == Expected::Allowed)
}

fn again(case: &str, canary: &str) -> Option<&'static str> {
    let mut case: Value = serde_json::from_str(case).ok()?;
    let resource = case.pointer_mut("/request/resource")?;
    let bucket = resource.as_str()?.split('/').next()?.to_owned();
    *resource = Value::String(format!("{bucket}/{canary}"));
    case.as_object_mut()?.remove("expect");
    let mut documents = Documents::new();
    let tree = documents
        .read_json("canary", case.to_string().into_bytes())
        .ok()?;
    let (decided, _) = engine::decide(&tree, &documents);
    let outcome = decided.into_iter().next()?.outcome.ok()?;
    Some(outcome.decision)
}

/// Writes the files of the kit.
///
/// # Errors
/// When the directory holds a kit already or cannot be written.
pub fn write(planned: &[Planned], directory: &Path) -> Result<usize, Failure> {
    let cannot = |path: &Path, error: std::io::Error| {
        let message = format!("this cannot be written: {error}");
        Failure::file(path, message, "give a directory that you may write to")
    };
    std::fs::create_dir_all(directory).map_err(|error| cannot(directory, error))?;
    let mut there = std::fs::read_dir(directory).map_err(|error| cannot(directory, error))?;
    if there.next().is_some() {
        let help =
            "name one that is empty or not there: an old script must not be run for a new one";
        return Err(Failure::file(
            directory,
            "this directory is not empty",
            help,
        ));
    }
    let files = cofferdam_report::kit::files(planned);
    for (name, text) in &files {
        let path = directory.join(name);
        std::fs::write(&path, text).map_err(|error| cannot(&path, error))?;
    }
    Ok(files.len() - 1)
}
