//! How the calls of the table are made, from AWS's own service models: `cargo xtask shapes`.
//!
//! botocore carries a model of every service. A small script takes from the pinned version what the
//! table of read operations calls. Python is needed to make the data anew, never to build or test.

use std::path::Path;
use std::process::Command;

/// The day at which the pinned version of botocore was the newest.
const AS_OF: &str = "2026-11-22";

/// Writes `crates/aws/data/shapes.json`.
pub fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask has no parent folder")?;
    let venv = root.join("target/shapes/venv");
    let python = venv.join("bin/python");
    if !python.exists() {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    let install = ["-m", "pip", "install", "--quiet", "--requirement"];
    succeed(
        Command::new(&python)
            .args(install)
            .arg(root.join("xtask/aws/requirements.txt")),
    )?;
    succeed(
        Command::new(&python)
            .arg(root.join("xtask/aws/shapes.py"))
            .arg(root.join("crates/sources/data/operations.json"))
            .arg(root.join("crates/aws/data/shapes.json"))
            .arg(AS_OF),
    )
}

fn succeed(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} failed: {status}")),
        Err(error) => Err(format!("{command:?} did not start: {error}")),
    }
}
