//! The examples from outside: the sound one is proved whole, the leaky one gives exactly its
//! committed list, and each cause in it can be followed to a request and to a line of a file.

use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use expect_test::expect_file;
use serde_json::Value;

/// An example's answer and its exit code, with nothing on standard error.
fn answer(name: &str) -> (Value, Option<i32>) {
    let project = format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(["check", &project, "--format", "json"])
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(err, "", "{name} is read without complaint");
    let answer = serde_json::from_slice(&output.stdout).unwrap();
    (answer, output.status.code())
}

/// The two answers, each asked once for all tests.
static ACME: LazyLock<(Value, Option<i32>)> = LazyLock::new(|| answer("acme"));
static LEAKY: LazyLock<(Value, Option<i32>)> = LazyLock::new(|| answer("acme-leaky"));

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// One line a finding: verdict, id, and how many causes where it is not proved.
fn lines(answer: &Value, which: fn(&str) -> bool) -> String {
    let findings = list(&answer["findings"]).iter();
    let lines = findings.filter_map(|finding| {
        let verdict = finding["verdict"].as_str().unwrap();
        let causes = list(&finding["causes"]).len();
        let causes = match verdict {
            "proved" => String::new(),
            _ => format!(" {causes}"),
        };
        which(verdict).then(|| format!("{verdict} {}{causes}\n", finding["id"].as_str().unwrap()))
    });
    lines.collect()
}

#[test]
fn the_sound_example_is_proved_whole() {
    let (answer, code) = &*ACME;
    assert_eq!(lines(answer, |verdict| verdict != "proved"), "");
    assert_eq!(*code, Some(0));
    assert_eq!(answer["diagnostics"], serde_json::json!([]));
    expect_file!["../../../../examples/acme/expected-findings.txt"]
        .assert_eq(&lines(answer, |_| true));
}

#[test]
fn no_proof_of_the_sound_example_is_vacuous() {
    for finding in list(&ACME.0["findings"]) {
        assert_eq!(finding["vacuous"], false, "{}", finding["id"]);
    }
}

#[test]
fn the_leaky_example_gives_its_committed_list() {
    let (answer, code) = &*LEAKY;
    expect_file!["../../../../examples/acme-leaky/expected-findings.txt"]
        .assert_eq(&lines(answer, |verdict| verdict != "proved"));
    assert_eq!(*code, Some(1));
    assert_eq!(answer["diagnostics"], serde_json::json!([]));
}

/// Every cause with the finding that it is of.
fn causes(answer: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    list(&answer["findings"]).iter().flat_map(|finding| {
        list(&finding["causes"])
            .iter()
            .map(move |cause| (finding, cause))
    })
}

#[test]
fn every_violation_has_a_cause_and_repeats_its_first() {
    for finding in list(&LEAKY.0["findings"]) {
        if finding["verdict"] == "violated" {
            let first = &finding["causes"][0];
            assert_eq!(finding["witness"], first["witness"], "{}", finding["id"]);
            assert_eq!(finding["because"], first["because"], "{}", finding["id"]);
            assert_eq!(finding["causes_complete"], true, "{}", finding["id"]);
        }
    }
}

#[test]
fn every_cause_shows_requests_that_are_allowed_or_names_the_thing_at_fault() {
    for (finding, cause) in causes(&LEAKY.0) {
        let steps = list(&cause["witness"]["steps"]);
        let id = &finding["id"];
        for step in steps {
            assert_eq!(step["decision"], "allowed", "{id}: {step:#}");
        }
        let says = |field: &str| cause[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(says("origin") && says("would_fix"), "{id}: {cause:#}");
        let fault = list(&cause["because"]).is_empty() && cause["principals"] == 0;
        assert!(
            !steps.is_empty() || fault,
            "{id}: neither request nor fault"
        );
    }
}

#[test]
fn every_statement_responsible_lies_where_it_is_said_to() {
    for (finding, cause) in causes(&LEAKY.0) {
        for reason in list(&cause["because"]) {
            check_place(&finding["id"], reason);
        }
    }
}

/// The line that is named exists, and holds the statement's name where it has one.
fn check_place(id: &Value, reason: &Value) {
    let file = reason["file"]
        .as_str()
        .unwrap_or_else(|| panic!("{id}: {reason:#}"));
    assert!(file.contains("examples/acme-leaky/"), "{id}: {file}");
    let text = fs::read_to_string(file).unwrap();
    let line = usize::try_from(reason["line"].as_u64().unwrap()).unwrap();
    let rest: Vec<&str> = text.lines().skip(line - 1).take(40).collect();
    assert!(!rest.is_empty(), "{id}: {file} has no line {line}");
    if let Some(sid) = reason["sid"].as_str() {
        assert!(
            rest.join("\n").contains(sid),
            "{id}: no `{sid}` at {file}:{line}"
        );
    }
}
