//! The kit of probes from outside: scripts that a shell runs over a stand-in for the AWS CLI, and what
//! `test --results` makes of the answers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use cofferdam_findings::kit::{Planned, Sender};
use cofferdam_findings::probe::Expected;
use serde_json::Value;

const CANARY: &str = "customer-records=2026/canary";
const READER: &str = "arn:aws:sts::200000000002:assumed-role/claims-reader/me";
const DENIED: &str = "An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:sts::200000000002:assumed-role/claims-reader/me is not authorized to perform: s3:GetObject on resource: \\\"arn:aws:s3:::acme-customer-records/2026/canary\\\" with an explicit deny in a resource-based policy";

fn acme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme");
    path.display().to_string()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn cofferdam(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .args(args)
        .output()
        .unwrap()
}

#[track_caller]
fn check(args: &[&str], code: i32) -> String {
    let output = cofferdam(args);
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    out + &err
}

/// A folder with a program `aws` that does what its text says.
fn stand_in(folder: &Path, text: &str) -> PathBuf {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let aws = bin.join("aws");
    fs::write(&aws, format!("#!/bin/sh\n{text}\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&aws, fs::Permissions::from_mode(0o755)).unwrap();
    }
    bin
}

/// Runs a script with the stand-in before everything else.
#[track_caller]
fn run(script: &Path, bin: &Path, results: &Path) {
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .arg(script)
        .env("PATH", path)
        .env("RESULTS", results)
        .output()
        .unwrap();
    assert!(output.status.success(), "{script:?}: {output:?}");
    assert!(output.stdout.is_empty(), "{script:?} printed {output:?}");
}

/// The kit of the example: many tests read it, and none changes it.
fn emitted() -> &'static Path {
    static KIT: OnceLock<PathBuf> = OnceLock::new();
    KIT.get_or_init(|| {
        let kit = folder("probes-kit");
        let args = ["test", &acme(), "--canary", CANARY, "--emit-probes"];
        let text = check(&[&args[..], &[kit.to_str().unwrap()]].concat(), 0);
        assert!(text.contains("no safe form"), "{text}");
        kit
    })
}

/// A folder of the test's own, and the kit's scripts by the words of their head.
fn kit(name: &str) -> (PathBuf, BTreeMap<String, PathBuf>) {
    let mut scripts = BTreeMap::new();
    for entry in fs::read_dir(emitted()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let head: Vec<&str> = text.lines().skip(1).take(2).collect();
        if path.extension().is_some_and(|ending| ending == "sh") {
            scripts.insert(head.join(" "), path);
        }
    }
    (folder(name), scripts)
}

fn compared(results: &Path, code: i32) -> Value {
    let args = ["test", &acme(), "--canary", CANARY, "--format", "json"];
    let results = ["--results", results.to_str().unwrap()];
    let output = cofferdam(&[&args[..], &results].concat());
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A stand-in that is somebody, and answers each command in one way.
fn answering(folder: &Path, caller: &str, answer: &str) -> PathBuf {
    let text =
        format!("case \"$*\" in\n*get-caller-identity*) echo {caller} ;;\n*) {answer} ;;\nesac");
    stand_in(folder, &text)
}

fn denying() -> String {
    format!("echo 'a secret byte'; printf '\\n%s\\n' \"{DENIED}\" >&2; exit 254")
}

const INTERNET: &str =
    "# Run as: role claims-reader of account 200000000002 # Run: from the internet";

#[test]
fn every_script_is_one_that_a_shell_takes() {
    let (_, scripts) = kit("probes-syntax");
    assert!(scripts.len() > 10, "{scripts:?}");
    for script in scripts.values() {
        let output = Command::new("sh").arg("-n").arg(script).output().unwrap();
        assert!(output.status.success(), "{script:?}: {output:?}");
        // A better judge, where there is one.
        if let Ok(output) = Command::new("shellcheck").arg(script).output() {
            assert!(output.status.success(), "{script:?}: {output:?}");
        }
    }
}

#[test]
fn answers_as_decided_are_evidence_and_what_was_not_run_is_missing() {
    let (folder, scripts) = kit("probes-expected");
    let results = folder.join("results.jsonl");
    let bin = answering(&folder, READER, &denying());
    run(&scripts[INTERNET], &bin, &results);
    let text = fs::read_to_string(&results).unwrap();
    assert!(!text.contains("a secret byte"), "{text}");
    let answer = compared(&results, 3);
    assert_eq!(answer["summary"]["as_expected"], 3, "{}", answer["summary"]);
    assert!(answer["summary"]["not_run"].as_u64().unwrap() > 20);
    assert_eq!(answer["unattested_datasets"][0], "claims-credential");
    let all = answer["results"].as_array().unwrap();
    let held = all.iter().find(|one| one["standing"] == "as_expected");
    let held = held.unwrap();
    assert_eq!(held["answer"]["caller"], READER);
    assert_eq!(held["answer"]["code"], "AccessDenied");
    assert_eq!(held["layer_named_by_aws"], "resource");
}

#[test]
fn a_planted_contradiction_is_found_and_shown_first() {
    let (folder, scripts) = kit("probes-contradiction");
    let results = folder.join("results.jsonl");
    let answer = format!(
        "case \"$*\" in *get-object*) echo 'a secret byte' ;; *) {} ;; esac",
        denying()
    );
    let bin = answering(&folder, READER, &answer);
    run(&scripts[INTERNET], &bin, &results);
    let answer = compared(&results, 1);
    assert_eq!(answer["summary"]["contradicts"], 1, "{}", answer["summary"]);
    let shown = check(
        &[
            "test",
            &acme(),
            "--canary",
            CANARY,
            "--results",
            results.to_str().unwrap(),
        ],
        1,
    );
    let first = shown.lines().find(|line| line.contains(['✓', '✗', '?']));
    assert!(first.unwrap().contains('✗'), "{shown}");
    assert!(shown.contains("AWS allowed it"), "{shown}");
}

#[test]
fn a_layer_that_was_not_decided_to_refuse_contradicts_too() {
    let (folder, scripts) = kit("probes-layer");
    let results = folder.join("results.jsonl");
    let answer = denying().replace("resource-based policy", "service control policy");
    let bin = answering(&folder, READER, &answer);
    run(&scripts[INTERNET], &bin, &results);
    let answer = compared(&results, 1);
    let note = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|one| {
            one["note"]
                .as_str()
                .filter(|note| note.contains("AWS names"))
        });
    assert_eq!(
        note.unwrap(),
        "AWS names service_control, and of that layer no refusal was decided, only of resource"
    );
}

#[test]
fn what_says_nothing_about_permission_settles_nothing() {
    for (name, caller, answer, standing) in [
        (
            "other",
            "arn:aws:sts::200000000002:assumed-role/somebody/me",
            denying(),
            "wrong_caller",
        ),
        (
            "missing",
            READER,
            "echo 'An error occurred (NoSuchKey) when calling the GetObject operation: x' >&2; exit 254".to_owned(),
            "could_not_run",
        ),
        ("broken", READER, "exit 255".to_owned(), "could_not_run"),
    ] {
        let (folder, scripts) = kit(&format!("probes-{name}"));
        let results = folder.join("results.jsonl");
        let bin = answering(&folder, caller, &answer);
        run(&scripts[INTERNET], &bin, &results);
        let answer = compared(&results, 3);
        assert_eq!(answer["summary"][standing], 3, "{name}: {}", answer["summary"]);
    }
}

#[test]
fn lines_that_are_no_answers_are_counted_and_passed_over() {
    let folder = folder("probes-lines");
    let results = folder.join("results.jsonl");
    let strange = r#"{"id":"0123","caller":"anonymous","at":"","exit":0,"code":"","message":""}"#;
    fs::write(&results, format!("{{\n\u{0}garbage\n{strange}\n")).unwrap();
    let answer = compared(&results, 3);
    assert_eq!(answer["unreadable_lines"], serde_json::json!([1, 2]));
    assert_eq!(answer["unknown_ids"], serde_json::json!(["0123"]));
}

/// Names that want to be more than names.
fn hostile() -> Vec<String> {
    let mut found: Vec<String> = [
        "'; touch pwned; '",
        "$(touch pwned)",
        "`touch pwned`",
        "a\ntouch pwned\n",
        "a\r\ntouch pwned",
        "\\'; touch pwned #",
        "\"$(touch pwned)\"",
        "-rf --delete",
        "* ? [a-z] ~ ${HOME} $HOME !! &",
        "é漢字🦀",
    ]
    .map(str::to_owned)
    .to_vec();
    // And whatever else a key may hold: a sequence that is the same each time.
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let alphabet: Vec<char> = "'\"\\`$(){};&|<>\n\t #*?~!-=a1é".chars().collect();
    for _ in 0..200 {
        let mut text = String::new();
        for _ in 0..12 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(alphabet[usize::try_from(state % alphabet.len() as u64).unwrap()]);
        }
        found.push(text);
    }
    found
}

#[test]
fn hostile_names_reach_the_command_as_they_are_and_run_nothing() {
    let folder = folder("probes-hostile");
    let names = hostile();
    let planned: Vec<Planned> = names
        .iter()
        .enumerate()
        .map(|(number, name)| Planned {
            id: format!("{number:012}"),
            name: name.clone(),
            dataset: name.clone(),
            caller: Sender::Anonymous,
            vantage: name.lines().next().unwrap_or_default().to_owned(),
            action: "s3:GetObject".into(),
            sent: Ok(vec!["s3api".into(), format!("--key={name}"), name.clone()]),
            expected: Expected::Refused,
            decision: "explicitly_denied",
            refused_by: vec![],
        })
        .collect();
    let seen = folder.join("seen");
    let record = format!(
        "shift 4\nfor one in \"$@\"; do printf '%s\\0' \"$one\" >>'{}'; done\nexit 3",
        seen.display()
    );
    let bin = stand_in(&folder, &record);
    let results = folder.join("results.jsonl");
    let mut wanted: Vec<String> = Vec::new();
    for (number, (name, text)) in cofferdam_report::kit::files(&planned).iter().enumerate() {
        if name.ends_with(".sh") {
            let script = folder.join(format!("{number}.sh"));
            fs::write(&script, text).unwrap();
            let _ = fs::remove_file(&seen);
            let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
            let output = Command::new("sh")
                .arg(&script)
                .current_dir(&folder)
                .env("PATH", path)
                .env("RESULTS", &results)
                .output()
                .unwrap();
            assert!(output.stderr.is_empty(), "{text}\n{output:?}");
            let bytes = String::from_utf8(fs::read(&seen).unwrap()).unwrap();
            wanted.extend(bytes.split_terminator('\0').map(str::to_owned));
        }
    }
    for name in &names {
        assert!(
            wanted.contains(&format!("--key={name}")),
            "{name:?} was lost"
        );
        assert!(wanted.contains(name), "{name:?} was lost");
    }
    assert_eq!(wanted.len(), names.len() * 3);
    assert!(!folder.join("pwned").exists(), "a name was run");
    let lines = fs::read_to_string(&results).unwrap();
    assert_eq!(lines.lines().count(), names.len());
    for line in lines.lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}

#[test]
fn a_kit_is_never_mixed_with_another() {
    let kit = emitted().to_str().unwrap();
    let args = ["test", &acme(), "--emit-probes", kit];
    let text = check(&args, 2);
    assert!(text.contains("this directory is not empty"), "{text}");
    let text = check(&["test", &acme(), "--canary", "nobody=x"], 2);
    assert!(text.contains("no dataset `nobody`"), "{text}");
}
