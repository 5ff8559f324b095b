//! `collect` from outside, against a server of our own on this machine: the real client, real
//! sockets, and a process that is killed in the middle.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use cofferdam_aws::replay::Replay;

const ORGANIZATION: &str = include_str!("../../../aws/tests/recordings/organization.txt");
const ASSUMED: &str = "\
>* AssumeRole
< 200
<R><AssumeRoleResult><Credentials><AccessKeyId>ASIATWO</AccessKeyId><SecretAccessKey>example</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-11-22T10:00:00Z</Expiration></Credentials></AssumeRoleResult></R>
";
const REFUSED: &str = "\
>* AssumeRole
< 403
<R><Error><Code>AccessDenied</Code><Message>no</Message></Error></R>
";

/// A server that answers by recordings; it ends with the test's process.
pub struct Server {
    pub replay: Arc<Replay>,
    address: String,
}

impl Server {
    pub fn start(recordings: &[&str], pause: Duration) -> Server {
        let replay = Arc::new(Replay::parse(&recordings.join("\n")).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shared = replay.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let replay = shared.clone();
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while serve(&mut reader, &replay, pause).is_some() {}
                });
            }
        });
        Server { replay, address }
    }
}

/// Answers one request; none when the other side has gone.
fn serve(reader: &mut BufReader<TcpStream>, replay: &Replay, pause: Duration) -> Option<()> {
    let mut text = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        text.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    text.push_str(&String::from_utf8_lossy(&body));
    thread::sleep(pause);
    let answer = replay.answer(text).ok()?;
    let head = format!(
        "HTTP/1.1 {} x\r\ncontent-length: {}\r\n\r\n",
        answer.status,
        answer.body.len()
    );
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&answer.body).ok()
}

pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// The command with credentials of its own, whatever the machine has.
pub fn command(server: &Server, folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cofferdam"));
    command
        .args(["collect", "--endpoint-url", &server.address, "--out"])
        .arg(folder)
        .args(more)
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_CONFIG_FILE", "/nowhere")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
    command
}

#[track_caller]
pub fn check(output: &Output, code: i32) -> (String, String) {
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    let err = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    (out, err)
}

/// Every file with its text; the capture time is left out, because each run has its own.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                let text = std::fs::read_to_string(&path).unwrap();
                let lines = text
                    .lines()
                    .filter(|line| !line.contains("\"captured_at\""));
                found.insert(name, lines.collect());
            }
        }
    }
    found
}

const NOW: Duration = Duration::ZERO;

#[test]
fn an_organization_is_collected_over_real_sockets_and_can_be_checked() {
    let server = Server::start(&[ASSUMED, ORGANIZATION], NOW);
    let folder = folder("live");
    let output = command(&server, &folder, &["--format", "json"])
        .output()
        .unwrap();
    let (out, _) = check(&output, 0);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["accounts"], 2);
    assert_eq!(answer["refused"], serde_json::json!([]));
    let signed = server.replay.seen();
    assert!(
        signed
            .iter()
            .all(|text| text.contains("authorization: AWS4-HMAC-SHA256"))
    );

    let checked = Command::new(env!("CARGO_BIN_EXE_cofferdam"))
        .arg("check")
        .arg(&folder)
        .output()
        .unwrap();
    assert!(matches!(checked.status.code(), Some(0 | 3)), "{checked:?}");
}

#[test]
fn a_refused_role_is_said_and_makes_the_exit_code_three() {
    let server = Server::start(&[REFUSED, ORGANIZATION], NOW);
    let folder = folder("live-refused");
    let output = command(&server, &folder, &[]).output().unwrap();
    let (out, _) = check(&output, 3);
    for said in [
        "account 200000000001 is unknown: AccessDenied",
        "would admit the reader, in the role's trust policy:",
    ] {
        assert!(out.contains(said), "{out}");
    }
}

#[test]
fn a_process_that_was_killed_goes_on_to_the_same_snapshot() {
    let server = Server::start(&[ASSUMED, ORGANIZATION], NOW);
    let whole = folder("live-whole");
    check(&command(&server, &whole, &[]).output().unwrap(), 0);

    let slow = Server::start(&[ASSUMED, ORGANIZATION], Duration::from_millis(20));
    let folder = folder("live-killed");
    let mut child = command(&slow, &folder, &["--parallel", "2"])
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while slow.replay.seen().len() < 60 && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(folder.join("collect.journal").exists() && !folder.join("manifest.json").exists());

    let (out, _) = check(&command(&server, &folder, &[]).output().unwrap(), 0);
    assert!(out.contains("were kept from the run before"), "{out}");
    assert_eq!(files(&folder), files(&whole));
}

#[test]
fn without_credentials_the_exit_code_is_two_and_nothing_is_written() {
    let server = Server::start(&[ORGANIZATION], NOW);
    let folder = folder("live-none");
    let mut command = command(&server, &folder, &[]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let (out, err) = check(&command.output().unwrap(), 2);
    assert!(
        out.is_empty() && err.contains("no AWS credentials"),
        "{err}"
    );
    assert!(!folder.exists());
}

#[test]
fn an_earlier_snapshot_predicts_what_will_be_refused() {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/snapshot");
    let predict = |role: &str| {
        Command::new(env!("CARGO_BIN_EXE_cofferdam"))
            .args(["collect", "--role-name", role, "--preflight"])
            .arg(&snapshot)
            .output()
            .unwrap()
    };
    let (out, _) = check(&predict("nobody"), 3);
    let said = "account 100000000006 has no role nobody: nothing of it will be read";
    assert!(out.contains(said), "{out}");
    // A role of the example that may do little: its own policies lack almost everything.
    let (out, _) = check(&predict("app/claims-reader"), 3);
    let said = "would admit the reader, in a policy of the role:";
    assert!(out.contains(said), "{out}");
}
