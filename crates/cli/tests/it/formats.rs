//! The formats of other tools from outside: files beside the answer, and who may read them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(args)
        .env("COFFERDAM_CACHE", "")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    root.join(name).display().to_string()
}

fn directory() -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats");
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn one_run_writes_several_formats_for_their_owner_alone() {
    let (project, directory) = (example("acme-leaky"), directory());
    let file = |format: &str| directory.join(format).display().to_string();
    let sarif = format!("sarif={}", file("sarif"));
    let junit = format!("junit={}", file("junit"));
    let only = [
        "--obligation",
        "identity.*",
        "--output",
        &sarif,
        "--output",
        &junit,
    ];
    let (code, out, err) = run(&[&["check", &project, "--format", "markdown"], &only[..]].concat());
    assert_eq!(code, Some(1), "{err}");
    assert!(out.starts_with("### ✗ "), "{out}");
    let sarif: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(file("sarif")).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for rule in sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
    {
        assert_ne!(
            rule["id"], rule["shortDescription"]["text"],
            "a rule without a sentence"
        );
    }
    let mode = fs::metadata(file("junit")).unwrap().permissions().mode();
    assert_eq!(
        mode & 0o777,
        0o600,
        "an answer is a map of the organization"
    );
}

#[test]
fn a_format_that_lacks_something_says_what() {
    let project = example("acme");
    for (args, said) in [
        (
            vec![
                "look",
                "s3://acme-customer-records",
                &project,
                "--format",
                "sarif",
            ],
            "only `check`",
        ),
        (vec!["check", &project, "--format", "asff"], "--product-arn"),
        (vec!["check", &project, "--output", "sarif"], "FORMAT=FILE"),
        (vec!["check", &project, "--output", "pdf=x"], "pdf"),
    ] {
        let (code, out, err) = run(&args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        assert!(out.is_empty(), "{args:?}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
}
