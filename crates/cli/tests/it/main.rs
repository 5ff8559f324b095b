//! The program from outside: exit codes, what goes to which stream, and what is written.

#[cfg(test)]
mod alone;

#[cfg(test)]
mod application;

#[cfg(test)]
mod certificates;

#[cfg(test)]
mod collecting;

#[cfg(test)]
mod damage;

#[cfg(test)]
mod depths;

#[cfg(test)]
mod evasion;

#[cfg(test)]
mod examples;

#[cfg(test)]
mod faults;

#[cfg(test)]
mod formats;

#[cfg(test)]
mod hard;

#[cfg(test)]
mod linting;

#[cfg(test)]
mod kept;

#[cfg(test)]
mod mutation;

#[cfg(test)]
mod plans;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod probing;

#[cfg(test)]
mod published;

#[cfg(test)]
mod questions;

#[cfg(test)]
mod replaying;

#[cfg(test)]
mod thin;

#[cfg(test)]
mod program {
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output, Stdio};
    use std::sync::LazyLock;

    fn cofferdam(args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_cofferdam"))
            .args(args)
            .output()
            .unwrap()
    }

    /// Runs it and checks the exit code; gives standard output and standard error.
    #[track_caller]
    fn check(args: &[&str], code: i32) -> (String, String) {
        let output = cofferdam(args);
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
        assert!(
            code != 2 || out.is_empty(),
            "exit 2 has no answer, but: {out}"
        );
        (out, err)
    }

    /// An empty directory of this test.
    fn directory(name: &str) -> PathBuf {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// A snapshot of one account with one bucket.
    fn snapshot(home: &Path) {
        let account = home.join("snapshot/111122223333/global");
        fs::create_dir_all(&account).unwrap();
        let manifest = r#"{"version": 1, "captured_at": "2026-11-22T08:00:00Z", "partition": "aws",
            "read": [{"file": "111122223333/global/s3api.list-buckets.json",
                "account": "111122223333", "region": "global", "operation": "s3api.list-buckets"}]}"#;
        fs::write(home.join("snapshot/manifest.json"), manifest).unwrap();
        let buckets = r##"{"Buckets": [{"Name": "a\"b: #x"}, {"Name": "records"}]}"##;
        fs::write(account.join("s3api.list-buckets.json"), buckets).unwrap();
    }

    #[test]
    fn a_wrong_command_line_gives_2_and_says_what_to_do() {
        for (args, says) in [
            (&["check", "/nowhere"][..], "nowhere"),
            (&["check", "--fail-on", "new"], "--baseline"),
            (&["check", "--as-of", "tomorrow"], "YYYY-MM-DD"),
            (&["decide", "/nowhere.json"], "cannot be read"),
            (&["look", "records"], "s3://BUCKET"),
            (&["schema", "nothing"], "decision-case"),
            (&["facts", "s3:Nothing"], "service:Action"),
            (&["unknown"], "unrecognized subcommand"),
        ] {
            let (_, err) = check(args, 2);
            assert!(err.contains(says), "{args:?} does not say `{says}`: {err}");
        }
    }

    #[test]
    fn every_verb_shows_examples() {
        for verb in [
            "check",
            "look",
            "inventory",
            "who-can",
            "can",
            "explain",
            "test",
            "decide",
            "prove",
            "compare",
            "verify",
            "lint",
            "faults",
            "reach",
            "init",
            "schema",
            "facts",
        ] {
            let (out, _) = check(&[verb, "--help"], 0);
            assert!(out.contains("Examples:\n  cofferdam "), "{verb}: {out}");
        }
    }

    #[test]
    fn every_schema_is_printed_as_json() {
        let (names, _) = check(&["schema"], 0);
        for line in names.lines() {
            let name = line.split_whitespace().next().unwrap();
            let (out, _) = check(&["schema", name], 0);
            let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
            assert_eq!(
                schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
                "{name}"
            );
        }
    }

    #[test]
    fn facts_carry_their_dates() {
        let (out, _) = check(&["facts", "--format", "json"], 0);
        let facts: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert!(
            facts["tables"]
                .as_array()
                .unwrap()
                .iter()
                .all(|table| table["as_of"].is_string())
        );
        let (out, _) = check(&["facts", "--as-of", "2126-01-01"], 0);
        assert!(
            out.contains("managed_policies") && out.contains(" days old"),
            "{out}"
        );
        for (name, says) in [
            ("S3:getobject", "aws s3api get-object"),
            ("arn:aws:iam::aws:policy/AdministratorAccess", "\"*\""),
            ("kms", "32768 bytes"),
            ("cloudtrail.amazonaws.com", "sends source"),
            ("scp.size", "10240"),
        ] {
            let (out, _) = check(&["facts", name], 0);
            assert!(out.contains(says), "{name}: {out}");
        }
    }

    #[test]
    fn init_drafts_a_boundary_that_reads_without_complaint_and_never_overwrites() {
        let home = directory("init");
        snapshot(&home);
        let path = home.to_str().unwrap();
        check(&["init", path], 0);
        let draft = fs::read_to_string(home.join("boundary.yaml")).unwrap();
        let mut documents = cofferdam_text::Documents::new();
        let tree = documents
            .read_yaml("boundary.yaml", draft.clone().into_bytes())
            .unwrap();
        let (boundary, diagnostics) = cofferdam_boundary::file::read(&[tree]);
        assert_eq!(diagnostics, [], "{draft}");
        assert_eq!(boundary.datasets.len(), 2, "{draft}");
        let (_, err) = check(&["init", path], 2);
        assert!(err.contains("already"), "{err}");
        assert_eq!(
            fs::read_to_string(home.join("boundary.yaml")).unwrap(),
            draft
        );
    }

    #[test]
    fn a_boundary_that_cannot_be_read_is_no_boundary() {
        let home = directory("broken");
        snapshot(&home);
        fs::write(home.join("boundary.yaml"), "version: 1\ndatasets: [\n").unwrap();
        let (_, err) = check(&["check", home.to_str().unwrap()], 2);
        assert!(err.contains("boundary.yaml:"), "{err}");
    }

    #[test]
    fn a_reader_that_leaves_early_is_no_error() {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
            .args(["schema", "boundary"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty());
    }

    fn example(name: &str) -> String {
        format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    fn json(text: &str) -> serde_json::Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[test]
    fn a_boundary_that_holds_gives_0() {
        let (out, _) = check(&["check", &example("acme")], 0);
        assert!(out.ends_with("✓ The boundary holds.\n"), "{out}");
    }

    /// The leaky example's answer, asked once for all tests.
    fn leaky() -> &'static str {
        static ANSWER: LazyLock<String> =
            LazyLock::new(|| check(&["check", &example("acme-leaky"), "--format", "json"], 1).0);
        &ANSWER
    }

    #[test]
    fn violations_give_1_with_a_witness_each() {
        let answer = json(leaky());
        let findings = answer["findings"].as_array().unwrap().iter();
        let violated = findings.filter(|finding| finding["verdict"] == "violated");
        let counted = violated.filter(|finding| finding["excepted_by"].is_null());
        let mut number = 0;
        for finding in counted {
            number += 1;
            assert_ne!(
                finding["causes"],
                serde_json::json!([]),
                "{}",
                finding["id"]
            );
            assert_eq!(
                finding["witness"], finding["causes"][0]["witness"],
                "{}",
                finding["id"]
            );
        }
        assert!(number > 0);
        assert_eq!(answer["summary"]["violated"], number);
    }

    #[test]
    fn what_a_baseline_knows_fails_no_pipeline() {
        let file = directory("baseline").join("answer.json");
        fs::write(&file, leaky()).unwrap();
        let undecided = json(leaky())["summary"]["undecided"] != 0;
        let args = [
            "check",
            &example("acme-leaky"),
            "--fail-on",
            "new",
            "--baseline",
        ];
        let (out, _) = check(
            &[&args[..], &[file.to_str().unwrap()]].concat(),
            if undecided { 3 } else { 0 },
        );
        assert!(out.contains("nothing new since the baseline"), "{out}");
        check(&[&args[..], &[&example("acme/boundary.yaml")]].concat(), 2);
    }

    #[test]
    fn the_answer_is_the_same_whatever_the_number_of_threads() {
        let args = [
            "check",
            &example("acme-leaky"),
            "--format",
            "json",
            "--threads",
            "1",
        ];
        assert_eq!(check(&args, 1).0, leaky());
    }

    #[test]
    fn one_layer_and_one_dataset_may_be_asked_alone() {
        let acme = example("acme");
        let args = [
            "check",
            &acme,
            "--obligation",
            "audit.*",
            "--dataset",
            "customer-records",
        ];
        let (out, _) = check(&[&args[..], &["--format", "json"]].concat(), 0);
        for finding in json(&out)["findings"].as_array().unwrap() {
            assert_eq!(finding["layer"], "audit");
            assert_eq!(finding["dataset"], "customer-records");
        }
        let (_, err) = check(&["check", &acme, "--dataset", "nothing"], 2);
        assert!(err.contains("customer-records"), "{err}");
    }

    #[test]
    fn redaction_leaves_no_account_on_either_stream() {
        let output = cofferdam(&["inventory", &example("acme-leaky"), "--redact=key"]);
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).unwrap();
            for account in ["100000000006", "200000000002", "o-acme1a2b3c"] {
                assert!(!text.contains(account), "{account} is left in {text}");
            }
        }
    }

    #[test]
    fn one_resource_is_shown_without_a_boundary() {
        let snapshot = example("acme/snapshot");
        let (out, _) = check(&["look", "s3://acme-customer-records", &snapshot], 0);
        assert!(out.contains("arn:aws:s3:::acme-customer-records"), "{out}");
        let (_, err) = check(&["look", "s3://nothing", &snapshot], 2);
        assert!(err.contains("acme-customer-records"), "{err}");
    }

    #[test]
    fn the_inventory_has_a_row_for_each_resource() {
        let (out, _) = check(&["inventory", &example("acme"), "--format", "json"], 0);
        assert!(
            json(&out)["inventory"].as_array().unwrap().len() >= 3,
            "{out}"
        );
    }

    #[test]
    fn a_damaged_snapshot_is_said_and_never_proved() {
        let home = directory("damaged");
        snapshot(&home);
        fs::write(
            home.join("snapshot/111122223333/global/s3api.list-buckets.json"),
            "{\"Buckets\": [",
        )
        .unwrap();
        let output = cofferdam(&["check", home.join("snapshot").to_str().unwrap()]);
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("s3api.list-buckets.json:1"), "{err}");
    }

    const CASES: &str = r#"[
        {"name": "allowed", "request": {"principal": "arn:aws:iam::111122223333:role/app",
            "action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", "resource_account": "111122223333"},
         "identity_policies": [{"policy": {"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}],
         "expect": {"decision": "allowed"}},
        {"name": "malformed", "request": {"principal": "nobody"}}
    ]"#;

    #[test]
    fn a_malformed_case_is_answered_in_its_place() {
        let file = directory("cases").join("cases.json");
        fs::write(&file, CASES).unwrap();
        let output = cofferdam(&["decide", file.to_str().unwrap(), "--format", "json"]);
        assert_eq!(output.status.code(), Some(2));
        let out = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<_> = out.lines().map(json).collect();
        assert_eq!(answers[0]["decision"], "allowed", "{out}");
        assert_eq!(answers[0]["as_expected"], true, "{out}");
        assert_eq!(answers[1]["name"], "malformed", "{out}");
        assert!(answers[1]["error"]["message"].is_string(), "{out}");
    }
}
