//! Verdicts that are kept in a file: the same answer, and never one that does not belong to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme-leaky")
}

/// A new place for the file of a test.
fn file(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_file(&path);
    path
}

/// What `check` says of the example: standard output and standard error.
fn check(more: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(["check", example().to_str().unwrap()])
        .args(["--obligation", "identity.*", "--obligation", "resource.*"])
        .args(more)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

const NOTE: &str = "from the cache of an earlier run";

/// The text without what it says of the cache.
fn verdicts(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains(NOTE));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_was_kept_is_shown_and_counted() {
    let path = file("kept.verdicts");
    let named = path.to_str().unwrap();
    let (anew, _) = check(&["--no-cache"]);
    let (first, _) = check(&["--cache", named]);
    let (second, _) = check(&["--cache", named]);
    assert_eq!(anew, first);
    assert!(second.contains(NOTE), "{second}");
    assert_eq!(anew, verdicts(&second).trim_end().to_owned() + "\n");
    let (json, _) = check(&["--cache", named, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let count = json["findings"].as_array().unwrap().len();
    assert_eq!(json["summary"]["from_cache"], count);
}

#[test]
fn a_damaged_file_is_not_read() {
    let path = file("damaged.verdicts");
    let named = path.to_str().unwrap();
    let (anew, _) = check(&["--cache", named]);
    let whole = fs::read(&path).unwrap();
    let mut turned = whole.clone();
    let middle = turned.len() / 2;
    turned[middle] ^= 1;
    for damaged in [
        turned,
        whole[..whole.len() / 2].to_vec(),
        b"verdicts".to_vec(),
    ] {
        fs::write(&path, damaged).unwrap();
        let (text, talk) = check(&["--cache", named]);
        assert_eq!(text, anew);
        assert!(talk.contains("everything is asked anew"), "{talk}");
    }
    // It was written anew.
    assert!(check(&["--cache", named]).0.contains(NOTE));
}

#[test]
fn without_the_cache_nothing_is_read_or_written() {
    let path = file("unwanted.verdicts");
    let named = path.to_str().unwrap();
    check(&["--cache", named]);
    let kept = fs::read(&path).unwrap();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unwanted-proofs");
    let _ = fs::remove_dir_all(&directory);
    let proofs = [
        "--certificate",
        directory.to_str().unwrap(),
        "--cache",
        named,
    ];
    for more in [&["--no-cache"][..], &proofs] {
        let (text, _) = check(more);
        assert!(!text.contains(NOTE), "{more:?}: {text}");
        assert_eq!(fs::read(&path).unwrap(), kept);
    }
}

#[test]
#[cfg(unix)]
fn only_its_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let path = file("private.verdicts");
    check(&["--cache", path.to_str().unwrap()]);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
