//! The kit of probes against a live counterpart: `cargo xtask probes`.
//!
//! Terraform fills the emulator with the sound example, and every script of the example's kit runs with
//! the AWS CLI as the caller that it names, through a proxy that records what CloudTrail would. That
//! tries the mechanics only: the emulator asks hardly any policy, so paths that must be refused come
//! back as contradictions, which `test --results` and `replay` must find; no probe may stay without an
//! answer, and each record must become the request that its probe was for.

mod call;
mod http;
mod proxy;
mod record;
mod replayed;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use self::proxy::Proxy;
use self::replayed::Recording;
use crate::example::{Example, Outcome, Tools, program, remove, succeed};

const REGION: &str = "eu-west-1";
/// Canaries by dataset; that of the table is the key of an item.
const CANARIES: [&str; 2] = [
    "customer-records=2026/canary",
    r#"claims-cases={"case":{"S":"canary"}}"#,
];
/// What the owner puts there, as the kit's page says; the emulator lets nobody put an object there.
const PUT: &str = "secretsmanager put-secret-value --secret-id claims/registry-credential --secret-string canary --version-stages cofferdam-canary";

/// Writes the kit, runs it, compares, and replays what was recorded.
pub fn run() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("xtask has no parent folder")?;
    let tools = Tools::find(root)?;
    let example = Example {
        root,
        name: "acme",
        work: root.join("target/probes"),
    };
    let emulator = example.filled(&tools)?;
    let project = root.join("examples/acme");
    let kit = example.work.join("kit");
    remove(&kit)?;
    let emit = test(&project, &["--emit-probes", &kit.display().to_string()])?;
    print!("{}", String::from_utf8_lossy(&emit.stdout));
    let proxy = Proxy::start(emulator.address())?;
    let sender = Sender {
        bin: installed(root, &example.work)?,
        address: proxy.address(),
        work: &example.work,
    };
    sender.canaries()?;
    let results = example.work.join("results.jsonl");
    // Nothing is there at the first run.
    let _ = fs::remove_file(&results);
    let mut recording = Recording::of(&project)?;
    recording.add_beside(proxy.taken());
    for script in scripts(&kit)? {
        let place = sender.send(&script, &results)?;
        recording.add(proxy.taken(), &place);
    }
    let answer = judge(&project, &results)?;
    recording.replay(&project, &example.work, &answer, &results)
}

fn test(project: &Path, more: &[&str]) -> Outcome<Output> {
    let mut command = Command::new(program()?);
    command.arg("test").arg(project).args(more);
    for canary in CANARIES {
        command.args(["--canary", canary]);
    }
    command
        .output()
        .map_err(|error| format!("cofferdam test did not start: {error}"))
}

/// A folder with the AWS CLI.
fn installed(root: &Path, work: &Path) -> Outcome<PathBuf> {
    let venv = work.join("venv");
    if !venv.join("bin/aws").exists() {
        let mut make = Command::new("python3");
        succeed(make.args(["-m", "venv"]).arg(&venv), "python3 -m venv")?;
        let mut install = Command::new(venv.join("bin/python"));
        let install = install
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(root.join("xtask/probes/requirements.txt"));
        succeed(install, "pip install")?;
    }
    Ok(venv.join("bin"))
}

fn scripts(kit: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(kit).map_err(|error| format!("{}: {error}", kit.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut scripts: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "sh"))
        .collect();
    scripts.sort();
    Ok(scripts)
}

/// Whoever runs the scripts.
struct Sender<'s> {
    bin: PathBuf,
    address: &'s str,
    work: &'s Path,
}

/// Credentials by the names of their variables.
type Keys = BTreeMap<String, String>;

impl Sender<'_> {
    fn command(&self, program: &Path, keys: &Keys) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command
            .env("PATH", format!("{}:{path}", self.bin.display()))
            .env("AWS_ENDPOINT_URL", self.address)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_CONFIG_FILE", self.work.join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.work.join("none"))
            .current_dir(self.work)
            .envs(keys);
        command
    }

    fn canaries(&self) -> Outcome<()> {
        let keys = self.session("100000000006", "platform/data-admin")?;
        let mut aws = self.command(&self.bin.join("aws"), &keys);
        aws.args(PUT.split(' ')).stdout(Stdio::null());
        succeed(&mut aws, "putting a canary")
    }

    /// Runs a script as the caller whom its second line names; says the place that its third line names.
    fn send(&self, script: &Path, results: &Path) -> Outcome<String> {
        let text =
            fs::read_to_string(script).map_err(|error| format!("{}: {error}", script.display()))?;
        let mut head = text.lines().skip(1);
        let role = head.next().unwrap_or_default();
        let role = role.strip_prefix("# Run as: role ");
        let place = head.next().unwrap_or_default();
        let keys = match role.and_then(|role| role.split_once(" of account ")) {
            Some((role, account)) => self.session(account, role)?,
            // An account of nobody's organization.
            None => own(),
        };
        let mut sh = self.command(Path::new("sh"), &keys);
        sh.arg(script).env("RESULTS", results);
        succeed(&mut sh, "a script of the kit")?;
        Ok(place.trim_start_matches("# Run: ").to_owned())
    }

    fn session(&self, account: &str, role: &str) -> Outcome<Keys> {
        let mut aws = self.command(&self.bin.join("aws"), &own());
        let arn = format!("arn:aws:iam::{account}:role/{role}");
        let output = aws
            .args([
                "sts",
                "assume-role",
                "--output",
                "json",
                "--role-session-name",
                "probe",
                "--role-arn",
                &arn,
            ])
            .output()
            .map_err(|error| format!("aws did not start: {error}"))?;
        let answer: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
            format!(
                "{arn}: {error}: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })?;
        let of = |name: &str| {
            let found = answer.pointer(&format!("/Credentials/{name}"));
            found.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Ok(Keys::from([
            ("AWS_ACCESS_KEY_ID".to_owned(), of("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), of("SecretAccessKey")),
            ("AWS_SESSION_TOKEN".to_owned(), of("SessionToken")),
        ]))
    }
}

fn own() -> Keys {
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
        .map(|name| (name.to_owned(), "example".to_owned()))
        .into()
}

/// Whether each answer was taken for what it is; gives what `test --results` says.
fn judge(project: &Path, results: &Path) -> Outcome<Value> {
    let results = results.display().to_string();
    let output = test(project, &["--format", "json", "--results", &results])?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cofferdam test --results: {error}"))?;
    let empty = Vec::new();
    let all = answer
        .get("results")
        .and_then(Value::as_array)
        .unwrap_or(&empty);
    let text = |one: &Value, key: &str| {
        one.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for one in all {
        let code = one
            .pointer("/answer/code")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let key = (
            text(one, "expected"),
            text(one, "standing"),
            code.to_owned(),
        );
        *counts.entry(key).or_default() += 1;
    }
    for ((expected, standing, code), count) in &counts {
        println!("{count:>4} expected {expected}: {standing} {code}");
    }
    let number = |expected: &str, standing: &str| -> usize {
        let of = counts
            .iter()
            .filter(|((one, other, _), _)| one == expected && other == standing);
        of.map(|(_, count)| count).sum()
    };
    let silent = number("allowed", "not_run") + number("refused", "not_run");
    let found = number("refused", "contradicts");
    match (silent, found, output.status.code()) {
        (0, 1.., Some(1)) => Ok(answer),
        (silent, found, code) => Err(format!(
            "{silent} probes have no answer, {found} contradictions were found, exit code {code:?}"
        )),
    }
}
