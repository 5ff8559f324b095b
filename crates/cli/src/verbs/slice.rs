//! `cofferdam slice`: the part of a snapshot that a pipeline needs to check one change.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use cofferdam_sources::slice::{Wanted, slice};
use sha2::{Digest, Sha256};

use crate::directory;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Write the part of a snapshot that can matter to a change, for a pipeline that need not hold it all
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Slice {
    /// A snapshot with a manifest
    #[arg(value_name = "SNAPSHOT")]
    snapshot: PathBuf,
    /// The change: a Terraform plan as JSON, or any other source that is one file; may be repeated
    #[arg(long = "for", value_name = "PLAN", required = true)]
    plans: Vec<PathBuf>,
    /// The boundary that the change is checked against, file or directory
    #[arg(long, value_name = "FILE")]
    boundary: Option<PathBuf>,
    /// Where to write the slice; a new directory
    #[arg(short, long, value_name = "DIR", default_value = "slice")]
    output: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam slice snapshot/ --for plan.json --boundary boundary.yaml -o context/
  cofferdam check context/ plan.json --boundary boundary.yaml";

/// Cuts, writes, and says how much is left.
pub fn run(args: &Slice, terminal: &Terminal) -> Result<Exit, Failure> {
    directory::is_new(&args.output)?;
    let mut texts = Vec::new();
    let mut about = vec![(
        "of".to_owned(),
        hash(&bytes(&args.snapshot.join("manifest.json"))?),
    )];
    for plan in &args.plans {
        let text = bytes(plan)?;
        about.push((format!("for {}", plan.display()), hash(&text)));
        texts.push(String::from_utf8_lossy(&text).into_owned());
    }
    let boundary = boundary(args)?;
    let forbids = boundary.iter().any(|text| text.lines().any(is_prohibition));
    texts.extend(boundary);
    let wanted = Wanted {
        texts: &texts,
        forbids,
        about: &about,
        hash: &hash,
    };
    let cut = slice(&args.snapshot, &wanted).map_err(|why| {
        let message = format!("no slice can be cut: {}", why.message);
        Failure::file(
            &args.snapshot,
            message,
            "give a snapshot directory with its manifest.json",
        )
    })?;
    for (name, text) in &cut.files {
        write(&args.output.join(name), text)?;
    }
    let ((stores, of_stores), (accounts, of_accounts)) = (cut.stores, cut.accounts);
    terminal.note(&format!(
        "wrote {} files to {}: {stores} of {of_stores} stores and keys, the principals of {accounts} of {of_accounts} accounts",
        cut.files.len(),
        args.output.display()
    ));
    Ok(Exit::Fine)
}

/// A key of the boundary file under which things are forbidden to everybody.
fn is_prohibition(line: &str) -> bool {
    line.trim_start_matches([' ', '-']).starts_with("forbid")
}

/// The texts of the boundary that is given, or of none.
fn boundary(args: &Slice) -> Result<Vec<String>, Failure> {
    let Some(path) = &args.boundary else {
        return Ok(Vec::new());
    };
    let mut files = vec![path.clone()];
    if path.is_dir() {
        let listed = fs::read_dir(path).map_err(|error| unread(path, &error))?;
        files = listed
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_file())
            .collect();
        files.sort();
    }
    let texts = files
        .iter()
        .map(|file| Ok(String::from_utf8_lossy(&bytes(file)?).into_owned()));
    texts.collect()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unread(path, &error))
}

fn unread(path: &Path, error: &std::io::Error) -> Failure {
    Failure::file(
        path,
        format!("this cannot be read: {error}"),
        "check the path and its permissions",
    )
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a file that only its owner may read: a slice is a map, if a smaller one.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::file(
            path,
            format!("this file cannot be written: {error}"),
            "check the directory and its permissions",
        )
    };
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
    fs::write(path, text).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(())
}
