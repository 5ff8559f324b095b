//! Other solvers: installed, asked, and held against our answers.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::families::Family;

/// What another solver makes of one question.
#[derive(Default)]
pub struct Reply {
    /// Processor time of all its searches, in microseconds.
    pub micros: u64,
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

/// Where scripts are put.
pub fn directory() -> PathBuf {
    let directory = target().join("solvers");
    fs::create_dir_all(&directory).unwrap();
    directory
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

/// The replies of one solver to every question, or to every so many of them.
pub fn answers(
    solver: &str,
    target: &Path,
    families: &[Family],
    limit: u64,
    every: usize,
) -> Vec<Vec<Option<Reply>>> {
    let scripts = target.join("scripts");
    fs::create_dir_all(&scripts).unwrap();
    let mut listed = String::new();
    let mut number = 0;
    for family in families {
        for asked in family.asked.iter().step_by(every) {
            for search in &asked.searches {
                let path = scripts.join(format!("{number}.smt2"));
                fs::write(&path, &search.script).unwrap();
                writeln!(listed, "{}", path.display()).unwrap();
                number += 1;
            }
        }
    }
    let list = target.join(format!("{solver}.list"));
    fs::write(&list, listed).unwrap();
    let drive = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/solvers/drive.py");
    let limit = limit.to_string();
    let list = list.to_str().unwrap();
    let output = Command::new(python())
        .args([drive, solver, &limit, list])
        .stderr(std::process::Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut lines = said.lines();
    let of_family = |family: &Family| {
        let replies = family.asked.iter().enumerate().map(|(place, asked)| {
            (place % every == 0).then(|| {
                let mut reply = Reply::default();
                for search in &asked.searches {
                    let line = lines.next().unwrap_or("0 nothing");
                    reply.take(search.holds, line);
                }
                reply
            })
        });
        replies.collect()
    };
    families.iter().map(of_family).collect()
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
            (Some(_), Some(_)) => {}
            _ => self.open += 1,
        }
        if answer.starts_with("error") {
            self.differences.push(answer.to_owned());
        }
    }
}
