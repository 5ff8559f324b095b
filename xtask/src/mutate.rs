//! The mutation test's table, made anew: `cargo xtask mutate`.
//!
//! The work is done by the test itself, which knows the engine; this task only tells it to write,
//! so that the other tasks need not build what they do not use.

use std::path::Path;
use std::process::Command;

/// Writes `docs/mutation.md`, which takes minutes, and prints it.
pub fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask has no parent folder")?;
    let status = Command::new("cargo")
        .args([
            "test",
            "--release",
            "--package",
            "cofferdam-cli",
            "--test",
            "it",
            "mutation",
        ])
        .env("COFFERDAM_MUTATE", "1")
        .current_dir(root)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    let table = std::fs::read_to_string(root.join("docs/mutation.md"))
        .map_err(|error| format!("docs/mutation.md: {error}"))?;
    print!("{table}");
    match status.success() {
        true => Ok(()),
        false => Err("the table was written, and the test that reads it fails".to_owned()),
    }
}
