//! Other solvers: installed, asked, and held against our answers.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::families::{Asked, Family};

/// What another solver makes of one question.
#[derive(Default)]
pub struct Reply {
    /// Processor time of all its searches, in microseconds.
    pub micros: u64,
    /// Searches that it answers as we do.
    pub alike: usize,
    /// Searches that it did not answer within its limit, or we did not.
    pub open: usize,
    /// Searches that it answers otherwise.
    pub differences: Vec<String>,
}

/// What is built, with the scripts and the other solvers beside it.
fn target() -> PathBuf {
    let stated = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    stated.unwrap_or_else(|| root().join("target"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Python that `xtask/foreign/run.sh` installs solvers into, or else the same made here.
fn python() -> PathBuf {
    let home = target().join("foreign/venv");
    let python = home.join("bin/python");
    let run = |program: &Path, arguments: &[&OsStr]| {
        let status = Command::new(program).args(arguments).status().unwrap();
        assert!(status.success(), "{} {arguments:?}", program.display());
    };
    if !python.exists() {
        let listed = root().join("xtask/foreign/requirements.txt");
        let made = ["-m", "venv"].map(OsStr::new);
        run(
            Path::new("python3"),
            &[&made[..], &[home.as_os_str()]].concat(),
        );
        let install = ["-m", "pip", "install", "--quiet", "-r"].map(OsStr::new);
        run(&python, &[&install[..], &[listed.as_os_str()]].concat());
    }
    python
}

/// What a solver is asked: the limit of each script in milliseconds of processor time, and every which question.
#[derive(Clone, Copy)]
pub struct Terms {
    pub limit: u64,
    pub every: usize,
}

/// The replies of one solver, question by question; none where it was not asked.
pub fn answers(solver: &str, families: &[Family], terms: Terms) -> Vec<Vec<Option<Reply>>> {
    let directory = target().join("solvers");
    let scripts = directory.join("scripts");
    fs::create_dir_all(&scripts).unwrap();
    let mut paths = Vec::new();
    let asked = families
        .iter()
        .flat_map(|family| family.asked.iter().step_by(terms.every));
    for search in asked.flat_map(|asked| &asked.searches) {
        let path = scripts.join(format!("{solver}-{}.smt2", paths.len()));
        fs::write(&path, &search.script).unwrap();
        paths.push(path);
    }
    let mut lines = said(solver, &directory, &paths, terms.limit).into_iter();
    let mut reply = |asked: &Asked| {
        let mut reply = Reply::default();
        for search in &asked.searches {
            reply.take(search.holds, &lines.next().unwrap());
        }
        reply
    };
    let mut of_family = |family: &Family| {
        let numbered = family.asked.iter().enumerate();
        let replies =
            numbered.map(|(place, asked)| (place % terms.every == 0).then(|| reply(asked)));
        replies.collect()
    };
    families.iter().map(&mut of_family).collect()
}

/// A line for each script.
fn said(solver: &str, directory: &Path, paths: &[PathBuf], limit: u64) -> Vec<String> {
    let listed: String = paths
        .iter()
        .map(|path| format!("{}\n", path.display()))
        .collect();
    let list = directory.join(format!("{solver}.list"));
    fs::write(&list, listed).unwrap();
    let drive = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/solvers/drive.py");
    let output = Command::new(python())
        .args([drive, solver, &limit.to_string()])
        .arg(&list)
        .stderr(std::process::Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<String> = said.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), paths.len(), "{solver} did not answer them all");
    lines
}

impl Reply {
    fn take(&mut self, ours: Option<bool>, line: &str) {
        let (micros, answer) = line.split_once(' ').unwrap();
        self.micros += micros.parse::<u64>().unwrap();
        let theirs = match answer {
            "sat" => Some(true),
            "unsat" => Some(false),
            _ => None,
        };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours != theirs => {
                self.differences
                    .push(format!("we say {ours}, it says {answer}"));
            }
            (Some(_), Some(_)) => self.alike += 1,
            _ => self.open += 1,
        }
        if answer.starts_with("error") {
            self.differences.push(answer.to_owned());
        }
    }
}
