//! Certificates of depths from outside: what `faults` writes `verify` believes, and nothing that was
//! changed in it, in the sources or in the edges.
//!
//! Each test keeps only the part of the certificate that it is about, since every state is tried
//! edge by edge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme-leaky");

/// The dataset of the example that one principal leaks, and no single one without a trace.
const DATASET: &str = "record-events";

/// Runs the program and checks the exit code; gives all that it says.
#[track_caller]
fn check(args: &[&str], code: i32) -> String {
    let program = env!("CARGO_BIN_EXE_cofferdam");
    let output = Command::new(program).args(args).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}");
    said
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("depths-{name}.json"))
}

/// The certificate of one dataset, written once for all tests.
static CERTIFICATE: LazyLock<Value> = LazyLock::new(|| {
    let path = file("written");
    let certificate = path.to_str().unwrap();
    let args = ["faults", EXAMPLE, "--dataset", DATASET, "--search-to", "1"];
    let one = "arn:aws:iam::300000000001:role/experiment";
    let said = check(
        &[&args[..], &["--from", one, "--certificate", certificate]].concat(),
        0,
    );
    assert!(said.contains("lower bounds are in"), "{said}");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
});

/// A part of the certificate, changed and written.
fn written(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut certificate = CERTIFICATE.clone();
    change(&mut certificate);
    let path = file(name);
    let text = serde_json::to_string_pretty(&certificate).unwrap();
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn list<'v>(of: &'v mut Value, key: &str) -> &'v mut Vec<Value> {
    of[key].as_array_mut().unwrap()
}

/// The last attack, which takes steps, alone.
fn attack(all: &mut Value) -> &mut Value {
    let bounds = &mut all["datasets"][0];
    list(bounds, "at_least").clear();
    list(bounds, "claims").clear();
    list(bounds, "at_most").retain(|attack| !attack["steps"].as_array().unwrap().is_empty());
    list(bounds, "at_most").truncate(1);
    &mut bounds["at_most"][0]
}

/// The cover of breaches, alone.
fn cover(all: &mut Value) -> &mut Value {
    let bounds = &mut all["datasets"][0];
    list(bounds, "at_most").clear();
    list(bounds, "claims").clear();
    list(bounds, "at_least").retain(|cover| cover["of"] == "breach");
    &mut bounds["at_least"][0]
}

/// The line on which something first stands in a file.
fn line(path: &str, what: &str) -> usize {
    let text = fs::read_to_string(path).unwrap();
    1 + text.lines().position(|line| line.contains(what)).unwrap()
}

#[track_caller]
fn refused(name: &str, change: impl FnOnce(&mut Value), expected: &[&str]) -> String {
    let path = written(name, change);
    let said = check(&["verify", &path, EXAMPLE], 1);
    for expected in expected {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    said
}

#[test]
fn an_attack_holds_until_it_is_changed() {
    let path = written("attack", |all| _ = attack(all));
    let said = check(&["verify", &path, EXAMPLE], 0);
    for expected in [
        "holds    record-events: leak depth at most 1, by an attack that was replayed",
        "no bound is claimed",
        "trusted all the same",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    refused(
        "step-removed",
        |all| drop(list(attack(all), "steps").pop()),
        &["record-events: leak depth at most 1", "refused  line "],
    );
    let said = refused(
        "request-changed",
        |all| {
            let step = &mut attack(all)["steps"][0];
            step["requests"][0]["action"] = "iam:ListRoles".into();
        },
        &["step 1 (", "iam:ListRoles", "the edge needs"],
    );
    let at = line(file("request-changed").to_str().unwrap(), "iam:ListRoles");
    let near = (at - 2..=at).any(|line| said.contains(&format!("line {line}:")));
    assert!(near, "line {at} or just above it is not named:\n{said}");
}

#[test]
fn a_cover_holds_until_it_is_changed() {
    let path = written("cover", |all| _ = cover(all));
    let said = check(&["verify", &path, EXAMPLE], 0);
    let expected = "holds    record-events: breach depth at least 2, by ";
    assert!(said.contains(expected), "{said}");
    refused(
        "power-dropped",
        |all| {
            for state in list(cover(all), "states") {
                list(state, "holds").retain(|power| !power.as_str().unwrap().starts_with("own "));
            }
        },
        &["refused  line ", "which this state lacks"],
    );
    refused(
        "fault-uncovered",
        |all| {
            for state in list(cover(all), "states") {
                let faults = list(state, "faults");
                faults.retain(|fault| !fault.as_str().unwrap().contains("claims-reader"));
            }
        },
        &["refused  line ", "claims-reader", "starts inside no state"],
    );
}

#[test]
fn a_certificate_of_other_sources_or_edges_is_refused() {
    let edges = file("edges").with_extension("yaml");
    let added = "- {id: X01, on: \"-\", needs: \"athena:StartQueryExecution@any\", guard: \"-\", gain: alert, \
                 layer: audit, text: Runs it., source: ours}\n";
    fs::write(&edges, added).unwrap();
    let path = written("sources", |all| _ = attack(all));
    let said = check(
        &["verify", &path, EXAMPLE, "--edges", edges.to_str().unwrap()],
        1,
    );
    assert!(said.contains("depths-edges.yaml was not read"), "{said}");
    let sound = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme");
    let said = check(&["verify", &path, sound], 1);
    assert!(said.contains("was not read, or not as it is"), "{said}");
}

#[test]
fn what_is_claimed_and_not_shown_is_undecided() {
    let path = written("unshown", |all| {
        let claims = all["datasets"][0]["claims"].clone();
        attack(all);
        all["datasets"][0]["claims"] = claims;
        all["datasets"][0]["unwritten"] = serde_json::json!(["the breach by nobody: a test"]);
    });
    let said = check(&["verify", &path, EXAMPLE], 3);
    for expected in [
        "unshown  record-events: breach depth at least 2",
        "not certified: record-events: the breach by nobody: a test",
        "3 bounds are claimed: 1 shown, 2 left without proof",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    let said = check(&["--format", "json", "verify", &path, EXAMPLE], 3);
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(answer["valid"], true);
    assert_eq!(
        (&answer["claimed"], &answer["shown"]),
        (&3.into(), &1.into())
    );
}

#[test]
fn without_sources_or_in_another_format_nothing_is_checked() {
    let path = written("alone", |_| {});
    let said = check(&["verify", &path], 2);
    assert!(said.contains("is checked against its sources"), "{said}");
    let path = written("format", |all| all["format"] = 2.into());
    let said = check(&["verify", &path, EXAMPLE], 2);
    assert!(
        said.contains("no certificate of depths in format 1"),
        "{said}"
    );
}

/// The schema names every member that is written, and nothing that is not.
#[test]
fn the_schema_is_of_what_is_written() {
    let schema = check(&["schema", "depths"], 0);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    follows(&CERTIFICATE, &schema, &schema, "");
}

/// Whether a value has what a schema requires, and no members that it does not know.
fn follows(value: &Value, schema: &Value, root: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#").unwrap();
        return follows(value, root.pointer(name).unwrap(), root, at);
    }
    let required = schema["required"].as_array().into_iter().flatten();
    for key in required.filter_map(Value::as_str) {
        assert!(value.get(key).is_some(), "{at}/{key} is missing");
    }
    for item in value.as_array().into_iter().flatten() {
        follows(item, &schema["items"], root, &format!("{at}/-"));
    }
    for (key, member) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(key);
        let other = schema.get("additionalProperties");
        let schema = known
            .or(other)
            .unwrap_or_else(|| panic!("{at}/{key} is not known"));
        follows(member, schema, root, &format!("{at}/{key}"));
    }
}
