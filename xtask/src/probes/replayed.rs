//! What was recorded, held against what the probes were for, and replayed.
//!
//! Three things must be exact, whatever the emulator answers: each probe has one record and its copies,
//! each record becomes the request of its probe, and every record counts once. The verdicts of the
//! replay are the emulator's, so each disagreement is printed with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::call::called;
use super::proxy::Exchange;
use super::record::{Known, Place, records};
use crate::delivery::{Delivery, iso};
use crate::example::{Outcome, program, remove};

/// An endpoint of nobody in the organization.
const FOREIGN: (&str, &str) = ("vpce-0f0f0f0f0f0f0f0f0", "999900000001");

/// What the emulator's verdicts come from, by what AWS is taken to have said.
const REASONS: [(&str, &str); 2] = [
    (
        "passed",
        "the emulator asks no policy for this call; a thing that is not in the caller's own account is not \
         there for it, which counts as passed",
    ),
    (
        "refused",
        "the emulator asks the bucket's policy alone, and knows neither endpoints nor TLS",
    ),
];

/// What went through the proxy, and what AWS's side knows beside it.
pub struct Recording {
    known: Known,
    /// Account by name.
    names: BTreeMap<String, String>,
    /// Service, id and account of each endpoint.
    endpoints: Vec<(String, String, String)>,
    /// Each exchange, where it came from, and whether it is one of a script's.
    all: Vec<(Exchange, Place, bool)>,
}

/// What the records of a log are, as they were written.
struct Written {
    folder: PathBuf,
    records: usize,
    copies: usize,
    /// The first record of each probe.
    probes: Vec<Value>,
}

impl Recording {
    /// Reads what AWS's side knows from the project's snapshot.
    pub fn of(project: &Path) -> Outcome<Recording> {
        let names = json_of(&project.join("terraform/accounts.auto.tfvars.json"))?;
        let names = names.get("accounts").and_then(Value::as_object);
        let names: BTreeMap<String, String> = names
            .into_iter()
            .flatten()
            .filter_map(|(name, id)| Some((name.clone(), id.as_str()?.to_owned())))
            .collect();
        let mut recording = Recording {
            known: Known {
                accounts: names.values().cloned().collect(),
                ..Known::default()
            },
            endpoints: Vec::new(),
            all: Vec::new(),
            names,
        };
        let accounts: BTreeSet<String> = recording.known.accounts.clone();
        for account in accounts {
            recording.account(&project.join("snapshot").join(&account), &account)?;
        }
        Ok(recording)
    }

    fn account(&mut self, folder: &Path, account: &str) -> Outcome<()> {
        let buckets = json_of(&folder.join("global/s3api.list-buckets.json"))?;
        for bucket in list(&buckets, "Buckets") {
            let name = text(bucket, "Name").to_owned();
            self.known.owners.insert(name, account.to_owned());
        }
        let endpoints = json_of(&folder.join("eu-west-1/ec2.describe-vpc-endpoints.json"))?;
        for endpoint in list(&endpoints, "VpcEndpoints") {
            let service = text(endpoint, "ServiceName").rsplit('.').next();
            let service = service.unwrap_or_default().to_owned();
            let id = text(endpoint, "VpcEndpointId").to_owned();
            self.endpoints.push((service, id, account.to_owned()));
        }
        Ok(())
    }

    /// Keeps what a script sent from the place that it names.
    pub fn add(&mut self, exchanges: Vec<Exchange>, place: &str) {
        let place = self.place(place);
        let kept = exchanges.into_iter().map(|one| (one, place.clone(), true));
        self.all.extend(kept);
    }

    /// Keeps what was sent to prepare the probes.
    pub fn add_beside(&mut self, exchanges: Vec<Exchange>) {
        let kept = exchanges.into_iter();
        self.all
            .extend(kept.map(|one| (one, Place::default(), false)));
    }

    fn place(&self, words: &str) -> Place {
        let all = self.endpoints.iter();
        let network = words.strip_prefix("from the network ");
        let account = network.and_then(|name| self.names.get(name));
        let id = words.strip_prefix("through the endpoint ");
        let through = all.filter(|(_, own, of)| Some(own.as_str()) == id || Some(of) == account);
        let mut endpoints: BTreeMap<String, (String, String)> = through
            .map(|(service, id, account)| (service.clone(), (id.clone(), account.clone())))
            .collect();
        if words == "through an endpoint of another organization" {
            let (id, account) = FOREIGN;
            endpoints.insert(String::new(), (id.to_owned(), account.to_owned()));
        }
        Place { endpoints }
    }

    /// Writes the log, and holds it against the probes and the sources.
    pub fn replay(
        mut self,
        project: &Path,
        work: &Path,
        answer: &Value,
        results: &Path,
    ) -> Outcome<()> {
        for (exchange, _, _) in &self.all {
            self.known.learn(exchange);
        }
        let written = self.write(&work.join("log"))?;
        println!(
            "{} requests went through the proxy; {} records, {} of them copies for the owners",
            self.all.len(),
            written.records,
            written.copies
        );
        let expected = expected(answer, results)?;
        let requests = requests(&written.probes, project, work)?;
        same(&expected, &requests)?;
        println!(
            "{} probes, each with one record that became its request",
            expected.len()
        );
        verdicts(&written, project)
    }

    fn write(&self, folder: &Path) -> Outcome<Written> {
        remove(folder)?;
        let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut written = Written {
            folder: folder.to_owned(),
            records: 0,
            copies: 0,
            probes: Vec::new(),
        };
        for (number, (exchange, place, is_of_script)) in self.all.iter().enumerate() {
            let Some(call) = called(&exchange.request) else {
                let (method, target) = (&exchange.request.method, &exchange.request.target);
                return Err(format!("which call is {method} {target}?"));
            };
            let copies = records(exchange, number, place, &self.known);
            written.records += copies.len();
            written.copies += copies.len().saturating_sub(1);
            if *is_of_script && call.service != "sts" {
                let first = copies.first().map(|(_, record)| record.clone());
                written
                    .probes
                    .push(first.ok_or("a probe concerns no account")?);
            }
            for (account, record) in copies {
                files.entry(account).or_default().push(record);
            }
        }
        for (account, records) in &files {
            let at = self.all.first().map_or(0, |(exchange, ..)| exchange.at);
            deliver(folder, account, &iso(at), records)
                .map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        Ok(written)
    }
}

fn deliver(folder: &Path, account: &str, when: &str, records: &[Value]) -> std::io::Result<()> {
    let mut file = Delivery::create(folder, account, when, 1)?;
    for record in records {
        file.add(&record.to_string())?;
    }
    file.finish()
}

/// Caller, action and resource.
type Request = [String; 3];

/// What each line of the results was sent for, in the order in which it was sent.
fn expected(answer: &Value, results: &Path) -> Outcome<Vec<Request>> {
    let by_id: BTreeMap<&str, &Value> = list(answer, "results")
        .iter()
        .map(|one| (text(one, "id"), one))
        .collect();
    let lines =
        fs::read_to_string(results).map_err(|error| format!("{}: {error}", results.display()))?;
    let of = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let one = by_id.get(text(&line, "id")).ok_or("a result of no probe")?;
        let arguments: Vec<&str> = list(one, "command")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        Ok([
            text(&line, "caller").to_owned(),
            text(one, "action").to_owned(),
            resource(&arguments).ok_or("a command without a resource")?,
        ])
    };
    lines.lines().map(of).collect()
}

/// What a command of the kit is about.
fn resource(arguments: &[&str]) -> Option<String> {
    let value = |name: &str| {
        let mut values = arguments.iter();
        values.find_map(|one| {
            one.strip_prefix("--")?
                .strip_prefix(name)?
                .strip_prefix('=')
        })
    };
    if let Some(bucket) = value("bucket") {
        let key = value("key").map(|key| format!("/{key}"));
        return Some(format!("arn:aws:s3:::{bucket}{}", key.unwrap_or_default()));
    }
    let named = [
        "table-name",
        "secret-id",
        "topic-arn",
        "key-id",
        "function-name",
    ];
    named.iter().find_map(|name| value(name)).map(str::to_owned)
}

/// What the records become.
fn requests(probes: &[Value], project: &Path, work: &Path) -> Outcome<Vec<Request>> {
    let path = work.join("sent.json");
    fs::write(&path, json!({"Records": probes}).to_string())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let output = cofferdam(&["explain", "--format", "json", "--event"], &path, project)?;
    let answer: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("cofferdam explain: {error}: {said}")
    })?;
    let one = |story: &Value| {
        let request = story.pointer("/requests/0/request");
        ["principal", "action", "resource"]
            .map(|name| request.map_or("", |of| text(of, name)).to_owned())
    };
    Ok(list(&answer, "stories").iter().map(one).collect())
}

fn same(expected: &[Request], found: &[Request]) -> Outcome<()> {
    if expected.len() != found.len() {
        let (sent, told) = (expected.len(), found.len());
        return Err(format!(
            "{sent} probes were sent, {told} requests were recorded"
        ));
    }
    let differs = |(expected, found): &(&Request, &Request)| seen(expected) != **found;
    match expected.iter().zip(found).find(differs) {
        Some((expected, found)) => Err(format!("{expected:?} was recorded as {found:?}")),
        None => Ok(()),
    }
}

/// Of a stranger the organization's own records tell the account alone.
fn seen([caller, action, resource]: &Request) -> Request {
    let stranger = caller.split_once(":user/").map(|(head, _)| head);
    let account = stranger.and_then(|head| head.rsplit(':').next());
    let caller = match account {
        Some(account) => format!("arn:aws:iam::{account}:root"),
        None => caller.clone(),
    };
    [caller, action.clone(), resource.clone()]
}

/// Replays the log; every record must count, and every disagreement must be one of the emulator's.
fn verdicts(written: &Written, project: &Path) -> Outcome<()> {
    let shown = cofferdam(&["replay", "--events"], &written.folder, project)?;
    let path = written.folder.with_file_name("replay.txt");
    fs::write(&path, &shown.stdout).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{}", end(&String::from_utf8_lossy(&shown.stdout)));
    println!("The whole replay: {}", path.display());
    let output = cofferdam(
        &["replay", "--format", "json", "--events"],
        &written.folder,
        project,
    )?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cofferdam replay: {error}"))?;
    let summary = answer.get("summary").unwrap_or(&Value::Null);
    let number = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or(0);
    let undecided: u64 = list(&answer, "no_decision").iter().map(events).sum();
    let decided = number("agrees") + number("disagrees") + number("cannot_decide");
    let counted = decided + undecided + number("copies_for_owners");
    let records = written.records as u64;
    if number("records") != records
        || counted != records
        || number("copies_for_owners") != written.copies as u64
    {
        return Err(format!(
            "{records} records were written, {counted} counted: {summary}"
        ));
    }
    let strange = list(&answer, "not_understood").len() + list(&answer, "unreadable").len();
    if strange > 0 || list(&answer, "contradictions").is_empty() || output.status.code() != Some(1)
    {
        return Err(format!(
            "the replay found no contradiction, or did not understand a record: {answer}"
        ));
    }
    why(&answer)
}

/// The paragraph with the totals.
fn end(text: &str) -> &str {
    text.trim_end()
        .rsplit_once("\n\n")
        .map_or(text, |(_, last)| last)
}

/// Prints why the emulator disagrees.
fn why(answer: &Value) -> Outcome<()> {
    let mut counts: BTreeMap<(String, &str), u64> = BTreeMap::new();
    for one in list(answer, "disagreements") {
        let said = text(one, "aws");
        let reason = REASONS.iter().find(|(start, _)| said.starts_with(start));
        let (_, reason) = reason.ok_or(format!("a disagreement that nothing explains: {one}"))?;
        let action = one.get("first").map_or("", |first| text(first, "action"));
        let key = (format!("{action} {said}"), *reason);
        *counts.entry(key).or_default() += events(one);
    }
    for ((what, reason), count) in &counts {
        println!("{count:>4} disagree, {what}: {reason}");
    }
    Ok(())
}

fn events(one: &Value) -> u64 {
    one.get("events").and_then(Value::as_u64).unwrap_or(0)
}

fn cofferdam(arguments: &[&str], events: &Path, project: &Path) -> Outcome<Output> {
    let mut command = Command::new(program()?);
    let command = command.args(arguments).arg(events).arg(project);
    command
        .output()
        .map_err(|error| format!("cofferdam did not start: {error}"))
}

fn json_of(path: &Path) -> Outcome<Value> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    let found = value.get(name).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_scripts_name() {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/acme");
        let recording = Recording::of(&project).unwrap();
        let told = |words: &str| {
            let place = recording.place(words);
            let all = place.endpoints.into_iter();
            let all = all.map(|(service, (id, account))| format!("{service} {id} {account}"));
            all.collect::<Vec<String>>()
        };
        assert_eq!(told("from the internet"), Vec::<String>::new());
        let claims = told("from the network claims");
        assert!(
            claims.contains(&"s3 vpce-5b09e9226d75e565d 200000000002".to_owned()),
            "{claims:?}"
        );
        assert_eq!(
            told("through the endpoint vpce-5481f2fa7df229668"),
            ["s3 vpce-5481f2fa7df229668 200000000001"]
        );
        assert_eq!(
            told("through an endpoint of another organization"),
            [" vpce-0f0f0f0f0f0f0f0f0 999900000001"]
        );
        assert_eq!(
            recording.known.owners["acme-customer-records"],
            "100000000006"
        );
    }

    #[test]
    fn what_commands_are_about() {
        let of = |line: &str| resource(&line.split(' ').collect::<Vec<_>>()).unwrap_or_default();
        assert_eq!(
            of("s3api get-object --bucket=b --key=a/c /dev/null"),
            "arn:aws:s3:::b/a/c"
        );
        assert_eq!(of("s3api list-objects-v2 --bucket=b"), "arn:aws:s3:::b");
        assert_eq!(of("dynamodb get-item --table-name=t --key={}"), "t");
        assert_eq!(of("kms encrypt --key-id=k"), "k");
    }

    #[test]
    fn a_record_for_another_request_is_found() {
        let one = |caller: &str| [caller, "s3:GetObject", "arn:aws:s3:::b/k"].map(str::to_owned);
        assert!(same(&[one("a")], &[one("a")]).is_ok());
        assert!(same(&[one("a")], &[one("b")]).is_err());
        assert!(same(&[one("a")], &[]).is_err());
        let stranger = one("arn:aws:sts::123456789012:user/moto");
        assert!(same(&[stranger], &[one("arn:aws:iam::123456789012:root")]).is_ok());
    }
}
