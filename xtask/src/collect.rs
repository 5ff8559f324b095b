//! `cofferdam collect` against a live counterpart: `cargo xtask collect`.
//!
//! Terraform fills the emulator with the sound example; the program reads it over HTTP as it would
//! read AWS, is killed in the middle of a second collection and goes on; then `check` is asked about
//! what was collected and about the committed snapshot. Every difference is printed, and is an
//! error: what the emulator lacks is completed by the same files as in the committed example.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::example::{
    Emulator, Example, Outcome, Tools, collector, create, ended, program, remove,
};

/// Files after which the second collection is killed.
const KILLED_AFTER: usize = 150;
/// How long a collection may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(600);

/// Collects, is killed, goes on, compares.
pub fn run() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask has no parent folder")?;
    let tools = Tools::find(root)?;
    let example = Example {
        root,
        name: "acme",
        work: root.join("target/collect"),
    };
    let emulator = example.filled(&tools)?;
    let whole = example.work.join("project/snapshot");
    remove(&example.work.join("project"))?;
    create(&example.work.join("project"))?;
    let begun = Instant::now();
    let mut collect = collector(&emulator, &example.work, &whole)?;
    ended(&mut collect, &[0, 3], "cofferdam collect")?;
    println!("collected in {} seconds", begun.elapsed().as_secs());
    let killed = example.work.join("killed");
    killed_and_gone_on(&emulator, &example.work, &killed)?;
    // Times of the run and ids that the emulator draws go in both alike.
    example.finish(&tools, &emulator, &whole)?;
    example.finish(&tools, &emulator, &killed)?;
    same(&whole, &killed)?;
    compare(root, &example.work.join("project"))
}

/// Kills a collection and lets it go on.
fn killed_and_gone_on(emulator: &Emulator, work: &Path, folder: &Path) -> Outcome<()> {
    remove(folder)?;
    let mut first = collector(emulator, work, folder)?
        .spawn()
        .map_err(|error| format!("cofferdam collect did not start: {error}"))?;
    let begun = Instant::now();
    while files(folder)?.len() < KILLED_AFTER && begun.elapsed() < PATIENCE {
        sleep(Duration::from_millis(50));
    }
    let stop = |error| format!("the collection could not be killed: {error}");
    first.kill().map_err(stop)?;
    first.wait().map_err(stop)?;
    let left = files(folder)?.len();
    if folder.join("manifest.json").exists() {
        return Err("the collection had ended before it was killed".into());
    }
    let mut second = collector(emulator, work, folder)?;
    ended(&mut second, &[0, 3], "cofferdam collect, again")?;
    println!("killed after {left} files, and gone on");
    Ok(())
}

/// Compares two snapshots file by file.
fn same(one: &Path, other: &Path) -> Outcome<()> {
    let (one, other) = (files(one)?, files(other)?);
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differs = |name: &&&String| one.get(**name) != other.get(**name);
    let differing: Vec<&&String> = names.iter().filter(differs).collect();
    println!(
        "{} files, {} differ after the kill",
        names.len(),
        differing.len()
    );
    match differing.is_empty() {
        true => Ok(()),
        false => Err(format!("these files differ: {differing:?}")),
    }
}

/// Every file below a folder by its name.
fn files(folder: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let (Ok(name), Ok(text)) =
                (path.strip_prefix(folder), fs::read_to_string(&path))
            {
                found.insert(name.display().to_string(), text);
            }
        }
    }
    Ok(found)
}

/// Asks `check` about the committed example and about what was collected.
fn compare(root: &Path, project: &Path) -> Outcome<()> {
    let acme = root.join("examples/acme");
    let boundary = fs::read(acme.join("boundary.yaml"))
        .and_then(|text| fs::write(project.join("boundary.yaml"), text));
    boundary.map_err(|error| format!("boundary.yaml: {error}"))?;
    let (committed, collected) = (verdicts(&acme)?, verdicts(project)?);
    println!("{:<70} {:<12} collected", "finding", "committed");
    let ids: BTreeSet<&String> = committed.keys().chain(collected.keys()).collect();
    let mut differ = 0;
    for id in &ids {
        let (one, other) = (committed.get(*id), collected.get(*id));
        if one != other {
            differ += 1;
            let word = |verdict: Option<&String>| verdict.map_or("-".to_owned(), String::clone);
            println!("{id:<70} {:<12} {}", word(one), word(other));
        }
    }
    println!("{} findings, {differ} of them differ", ids.len());
    match differ {
        0 => Ok(()),
        _ => Err("the verdicts differ".into()),
    }
}

fn verdicts(project: &Path) -> Outcome<BTreeMap<String, String>> {
    let output = Command::new(program()?)
        .args(["check", "--format", "json"])
        .arg(project)
        .output()
        .map_err(|error| format!("cofferdam check did not start: {error}"))?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cofferdam check: {error}"))?;
    let findings = answer.get("findings").and_then(Value::as_array);
    let text = |finding: &Value, key: &str| Some(finding.get(key)?.as_str()?.to_owned());
    let pairs = findings.into_iter().flatten();
    Ok(pairs
        .filter_map(|finding| Some((text(finding, "id")?, text(finding, "verdict")?)))
        .collect())
}
