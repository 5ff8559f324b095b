//! The table of records: each by hand, in the shapes that AWS documents, with its requests.
//!
//! `records.txt` holds a title, a record and what it stands for. A record is laid over the members
//! that all have (`base`), and its `userIdentity` may be the name of one of the callers above.
//! `UPDATE_EXPECT=1` writes down what comes out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cofferdam_authz::call::{Answered, needed};
use cofferdam_names::Arn;
use serde_json::{Map, Value as Json};

use crate::event::{NoRequest, Reader, Value};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/event/tests/records.txt");

/// Cases that the table must have.
const CASES_MIN: usize = 80;

struct Case {
    title: String,
    record: String,
    expected: String,
}

#[test]
fn every_record_stands_for_the_right_requests() {
    let text = std::fs::read_to_string(FILE).unwrap();
    let (callers, cases) = parse(&text);
    assert!(cases.len() >= CASES_MIN, "only {} records", cases.len());
    let mut wrong = String::new();
    let mut renewed = head(&text);
    for case in &cases {
        let got = told(&completed(&case.record, &callers));
        if got != case.expected {
            write!(wrong, "\n## {}\n{got}", case.title).unwrap();
        }
        write!(renewed, "\n## {}\n{}\n{got}", case.title, case.record).unwrap();
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(FILE, renewed).unwrap();
    } else {
        assert!(wrong.is_empty(), "UPDATE_EXPECT=1 writes this down:{wrong}");
    }
}

fn head(text: &str) -> String {
    text.split_once("\n## ").unwrap().0.to_owned()
}

fn parse(text: &str) -> (BTreeMap<String, Json>, Vec<Case>) {
    let mut callers = BTreeMap::new();
    for line in head(text).lines() {
        if let Some((name, value)) = line
            .strip_prefix("@ ")
            .and_then(|rest| rest.split_once(' '))
        {
            callers.insert(name.to_owned(), serde_json::from_str(value).unwrap());
        }
    }
    let cases = text.split("\n## ").skip(1).map(|case| {
        let (title, rest) = case.split_once('\n').unwrap();
        let lines = rest.lines();
        let (record, expected): (Vec<&str>, Vec<&str>) =
            lines.partition(|line| !line.starts_with("=> ") && !line.trim().is_empty());
        let expected = expected.iter().filter(|line| !line.trim().is_empty());
        Case {
            title: title.to_owned(),
            record: record.join("\n"),
            expected: expected.map(|line| format!("{line}\n")).collect(),
        }
    });
    (callers, cases.collect())
}

/// The record with the members that all have; `null` takes one away.
fn completed(record: &str, callers: &BTreeMap<String, Json>) -> String {
    let Ok(Json::Object(own)) = serde_json::from_str::<Json>(record) else {
        return record.to_owned();
    };
    let mut all: Map<String, Json> = callers["base"].as_object().unwrap().clone();
    for (name, value) in own {
        match (name.as_str(), &value) {
            ("userIdentity", Json::String(caller)) => {
                all.insert(name, callers[caller].clone());
            }
            (_, Json::Null) => {
                all.remove(&name);
            }
            _ => {
                all.insert(name, value);
            }
        }
    }
    Json::Object(all).to_string()
}

/// Keys that every record shows.
const PLAIN: [&str; 4] = [
    "aws:currenttime",
    "aws:requestedregion",
    "aws:tokenissuetime",
    "aws:userid",
];

fn told(record: &str) -> String {
    let record = Value::parse(record.as_bytes()).unwrap_or(Value::Null);
    let event = match Reader::default().read(&record) {
        Ok(event) => event,
        Err(NoRequest::Other(what)) => return format!("=> no request: {what}\n"),
        Err(NoRequest::Unclear(why)) => return format!("=> unclear: {why}\n"),
    };
    let call = &event.call;
    let mut out = format!("=> {}", call.principal);
    if event.only_account {
        out.push_str(", or whoever else of its account");
    }
    if let Some(host) = &call.forwarded_by {
        write!(out, ", through {host}").unwrap();
    }
    let account = Arn::parse(&call.principal)
        .ok()
        .and_then(|arn| arn.account_id());
    for request in needed(call, account).requests {
        let resource = request.resource.as_deref().unwrap_or("unknown");
        write!(out, "\n=>   {} on {resource}", request.action).unwrap();
    }
    for (key, values) in &call.context {
        if !PLAIN.contains(&key.folded()) {
            write!(out, "\n=>     {key} = {}", values.join(", ")).unwrap();
        }
    }
    let answer = match &call.answer {
        Answered::Passed => "passed".to_owned(),
        Answered::NotTold => "not decided".to_owned(),
        Answered::Refused(blame) => {
            let kind = blame.kind.map_or("nothing", |kind| kind.words());
            let how = match blame.explicit {
                Some(true) => "a Deny of the ",
                Some(false) => "no Allow of the ",
                None => "",
            };
            format!("refused, naming {how}{kind}")
        }
    };
    let network = match event.network_activity {
        true => ", as the endpoint's owner sees it",
        false => "",
    };
    write!(out, "\n=>   {answer}{network}\n").unwrap();
    if let Some(session) = Reader::session(&record) {
        let policies = if session.has_policies {
            " narrowed by policies"
        } else {
            ""
        };
        let more = if session.more_tags {
            ", perhaps more"
        } else {
            ""
        };
        let tags = session
            .tags
            .iter()
            .map(|(key, value)| format!(" {key}={value}"));
        let tags: String = tags.collect();
        writeln!(
            out,
            "=>   begins session {}{policies}, tags:{tags}{more}",
            session.access_key
        )
        .unwrap();
    }
    out
}
