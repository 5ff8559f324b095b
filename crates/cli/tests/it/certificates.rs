//! Certificates from outside: the proofs of an example hold, with and without its sources, and none
//! holds once a byte of it or of a source has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use cofferdam_checker::{Files, finding};
use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme");

/// Runs the program; gives the exit code and what it says on standard output and error.
fn cofferdam(args: &[&str]) -> (Option<i32>, String) {
    let program = env!("CARGO_BIN_EXE_cofferdam");
    let output = Command::new(program).args(args).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn fresh(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

/// The proofs of the example, written once for all tests.
static PROOFS: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = fresh("proofs-of-acme");
    let (code, said) = cofferdam(&[
        "check",
        EXAMPLE,
        "--certificate",
        directory.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(0), "{said}");
    directory
});

fn files(directory: &Path) -> Files {
    let mut files = Files::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(directory).unwrap().to_str().unwrap();
            files.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
        }
    }
    files
}

/// The directories of findings, with their files.
fn findings() -> BTreeMap<String, Files> {
    let mut findings: BTreeMap<String, Files> = BTreeMap::new();
    for (name, bytes) in files(&PROOFS) {
        if let Some((place, below)) = name.split_once('/') {
            findings
                .entry(place.to_owned())
                .or_default()
                .insert(below.to_owned(), bytes);
        }
    }
    findings
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn every_proof_of_the_sound_example_holds() {
    let proofs = PROOFS.to_str().unwrap();
    let (code, said) = cofferdam(&["verify", proofs, "--format", "json"]);
    assert_eq!(code, Some(0), "{said}");
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(answer["valid"], true);
    assert_eq!(answer["formula_only"], true);
    let checked = answer["findings"].as_array().unwrap();
    let expected = fs::read_to_string(format!("{EXAMPLE}/expected-findings.txt")).unwrap();
    let proved = expected
        .lines()
        .filter(|line| line.starts_with("proved ") && !is_searched(line))
        .count();
    assert_eq!(
        checked.len(),
        proved,
        "each proved finding has a certificate, but for what a search over attacks found"
    );
    let sum = |key: &str| -> u64 { checked.iter().map(|one| one[key].as_u64().unwrap()).sum() };
    assert!(
        sum("lemmas") > 50 && sum("steps") > 100,
        "the proofs are not all empty: {said}"
    );
}

/// What single faults do is searched, and refuted by no formula.
fn is_searched(line: &str) -> bool {
    line.contains("evidence.survives") || line.contains("independence.layers")
}

/// What is recorded is a question about events, which is refuted like any other.
#[test]
fn that_accesses_are_recorded_is_shown_by_formulas() {
    let findings = findings();
    let recorded = findings
        .iter()
        .filter(|(place, _)| place.contains("audit.recorded"));
    let mut steps = 0;
    for (place, files) in recorded {
        let checked = finding(files).unwrap();
        assert!(checked.questions > 0, "{place} has no question");
        steps += checked.steps;
    }
    assert!(steps > 0, "every question is false as it was compiled");
}

#[test]
fn proofs_belong_to_the_sources_they_were_made_from() {
    let proofs = PROOFS.to_str().unwrap();
    let (code, said) = cofferdam(&["verify", proofs, EXAMPLE]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the questions are the same"), "{said}");

    let other = fresh("changed-acme");
    copy(Path::new(EXAMPLE), &other);
    let boundary = other.join("boundary.yaml");
    let text = fs::read_to_string(&boundary).unwrap();
    fs::write(&boundary, format!("{text}# one line more\n")).unwrap();
    let (code, said) = cofferdam(&["verify", proofs, other.to_str().unwrap()]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("boundary.yaml is not what it was"), "{said}");
}

#[test]
fn one_finding_can_be_checked_alone() {
    let place = findings()
        .into_keys()
        .find(|place| place.contains("unapproved"))
        .unwrap();
    let directory = PROOFS.join(place);
    let (code, said) = cofferdam(&["verify", directory.to_str().unwrap(), EXAMPLE]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = cofferdam(&["verify", EXAMPLE]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_certificate_is_never_written_over_another() {
    let proofs = PROOFS.to_str().unwrap();
    let (code, said) = cofferdam(&["check", EXAMPLE, "--certificate", proofs]);
    assert_eq!(code, Some(2), "{said}");
}

/// How many positions of each file are changed.
const POSITIONS: usize = 8;

#[test]
fn no_byte_of_a_certificate_may_change() {
    let mut changed = 0;
    for (place, mut files) in findings().into_iter().step_by(5) {
        finding(&files).unwrap();
        for name in files.keys().cloned().collect::<Vec<_>>() {
            let length = files[&name].len();
            for number in 0..POSITIONS.min(length) {
                // Spread over the file, never at the same column of each line.
                let position = (number * length / POSITIONS.min(length) + number) % length;
                let bit = 1 << (number % 8);
                files.get_mut(&name).unwrap()[position] ^= bit;
                let refused = finding(&files).is_err();
                assert!(refused, "{place}/{name}: byte {position} may change");
                files.get_mut(&name).unwrap()[position] ^= bit;
                changed += 1;
            }
        }
    }
    assert!(changed > 500, "only {changed} bytes were changed");
}

#[test]
fn no_file_of_a_check_may_change_or_be_missing_or_added() {
    let directory = fresh("changed-proofs");
    copy(&PROOFS, &directory);
    let path = directory.to_str().unwrap();
    let refused = |what: &str| {
        let (code, said) = cofferdam(&["verify", path]);
        assert_eq!(code, Some(1), "{what}: {said}");
    };
    for name in ["manifest.json", "manifest.sha256"] {
        let file = directory.join(name);
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&file, bad).unwrap();
        refused(name);
        fs::write(&file, good).unwrap();
    }
    let (place, _) = findings().into_iter().next().unwrap();
    let one = directory.join(&place);
    fs::rename(&one, directory.join("elsewhere")).unwrap();
    refused("a finding is missing");
    fs::rename(directory.join("elsewhere"), &one).unwrap();
    fs::write(one.join("more.txt"), "").unwrap();
    refused("a file is in no manifest");
    fs::remove_file(one.join("more.txt")).unwrap();
}
