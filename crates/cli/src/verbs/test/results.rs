//! `cofferdam test --results`: what AWS answered, beside what was decided.
//!
//! A line counts only for the caller whom its probe is for. AWS checks permission first, so an error
//! of another kind after it may show a permission; only errors that AWS documents so are taken for
//! one, and every other error settles nothing.

use std::collections::BTreeMap;
use std::path::Path;

use cofferdam_authz::call::{Answered, BlamedKind};
use cofferdam_authz::layers::LayerId;
use cofferdam_findings::kit::{Answer, Compared, Planned, Sender, Standing};
use cofferdam_findings::probe::Expected;
use cofferdam_names::Arn;
use cofferdam_org::model::Organization;
use cofferdam_sources::message;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;

/// No kit has a thousandth of this many bytes of answers.
const FILE_MAX: u64 = 64 << 20;
/// Codes of a refusal.
const REFUSED: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthorizationError",
    "403",
];
/// Codes that follow only on a permission ("Testing your permissions", AWS KMS developer guide).
const PASSED: [&str; 2] = ["DryRunOperation", "DryRunOperationException"];

/// Answers, and lines that are none.
#[derive(Debug, Default)]
pub struct Lines {
    /// Answers in the order of the file.
    pub answers: Vec<Answer>,
    /// Numbers of lines that are no answer.
    pub broken: Vec<usize>,
}

/// Reads a file of results.
///
/// # Errors
/// When it cannot be read at all.
pub fn read(path: &Path) -> Result<Lines, Failure> {
    let cannot = |why: String| Failure::file(path, why, "give the file that the scripts wrote");
    let size = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?;
    if size.len() > FILE_MAX {
        return Err(cannot("it is too large for results".into()));
    }
    let bytes = std::fs::read(path).map_err(|error| cannot(error.to_string()))?;
    Ok(lines(&String::from_utf8_lossy(&bytes)))
}

fn lines(text: &str) -> Lines {
    let mut found = Lines::default();
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        match answer(line) {
            Some(answer) => found.answers.push(answer),
            None => found.broken.push(number + 1),
        }
    }
    found
}

fn answer(line: &str) -> Option<Answer> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
    Some(Answer {
        id: text("id")?,
        caller: text("caller")?,
        at: text("at")?,
        exit: value.get("exit")?.as_i64()?,
        code: text("code")?,
        message: text("message")?,
    })
}

/// Compares; of several lines of one probe a contradiction counts before all others, then the last.
pub fn compare(org: &Organization, planned: Vec<Planned>, answers: &[Answer]) -> Vec<Compared> {
    let mut by_id: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    for answer in answers {
        by_id.entry(&answer.id).or_default().push(answer);
    }
    let one = |planned: Planned| {
        let of = by_id.get(planned.id.as_str()).map(Vec::as_slice);
        let all: Vec<Compared> = of
            .unwrap_or_default()
            .iter()
            .map(|answer| judged(org, &planned, answer))
            .collect();
        let settled = |one: &&Compared| one.standing == Standing::AsExpected;
        let loudest = all.iter().find(|one| one.standing == Standing::Contradicts);
        let found = loudest
            .or_else(|| all.iter().rev().find(settled))
            .or(all.last());
        found.cloned().unwrap_or_else(|| unanswered(planned))
    };
    planned.into_iter().map(one).collect()
}

/// Ids that no probe has: of another kit, or of a boundary that has changed since.
pub fn strange<'a>(compared: &[Compared], answers: &'a [Answer]) -> Vec<&'a str> {
    let known = |id: &str| compared.iter().any(|one| one.planned.id == id);
    let mut ids: Vec<&str> = answers.iter().map(|one| one.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.retain(|id| !known(id));
    ids
}

fn unanswered(planned: Planned) -> Compared {
    let (standing, note) = match &planned.sent {
        Ok(_) => (Standing::NotRun, None),
        Err(why) => (Standing::NotProbed, Some(why.clone())),
    };
    Compared {
        planned,
        standing,
        answer: None,
        named: None,
        note,
    }
}

fn judged(org: &Organization, planned: &Planned, answer: &Answer) -> Compared {
    let named = layer(&answer.message);
    let (standing, note) = standing(org, planned, answer, named);
    Compared {
        planned: planned.clone(),
        standing,
        answer: Some(answer.clone()),
        named,
        note,
    }
}

fn standing(
    org: &Organization,
    planned: &Planned,
    answer: &Answer,
    named: Option<&'static str>,
) -> (Standing, Option<String>) {
    if !is_sender(org, &planned.caller, &answer.caller) {
        let note = format!("it was sent by {}", answer.caller);
        return (Standing::WrongCaller, Some(note));
    }
    let Some(allowed) = allowed(answer) else {
        return (Standing::CouldNotRun, Some(unsettled(answer)));
    };
    match (allowed, planned.expected) {
        (true, Expected::Allowed) => (Standing::AsExpected, None),
        (true, Expected::Refused) => (Standing::Contradicts, Some("AWS allowed it".into())),
        (false, Expected::Allowed) => {
            let by = named.map_or(String::new(), |layer| format!(", by {layer}"));
            (Standing::Contradicts, Some(format!("AWS refused it{by}")))
        }
        (false, Expected::Refused) => match named {
            Some(layer)
                if !planned.refused_by.is_empty() && !planned.refused_by.contains(&layer) =>
            {
                let note = format!(
                    "AWS names {layer}, and of that layer no refusal was decided, only of {}",
                    planned.refused_by.join(", ")
                );
                (Standing::Contradicts, Some(note))
            }
            _ => (Standing::AsExpected, None),
        },
    }
}

/// Whether AWS gave permission; none if its answer does not say.
fn allowed(answer: &Answer) -> Option<bool> {
    if answer.exit == 0 || PASSED.contains(&&*answer.code) {
        return Some(true);
    }
    REFUSED.contains(&&*answer.code).then_some(false)
}

fn unsettled(answer: &Answer) -> String {
    match answer.code.as_str() {
        "" => format!(
            "the AWS CLI ended with {}: {}",
            answer.exit,
            answer.message.trim()
        ),
        "NoSuchKey" | "404" | "ResourceNotFoundException" => {
            format!("{}: the canary is not there", answer.code)
        }
        code => format!("{code} says nothing about permission"),
    }
}

fn is_sender(org: &Organization, wanted: &Sender, caller: &str) -> bool {
    let arn = Arn::parse(caller).ok();
    let account = arn.as_ref().map(Arn::account);
    match wanted {
        Sender::Anonymous => caller == "anonymous",
        Sender::Service(_) => false,
        Sender::User(user) => caller == user,
        Sender::Outside => {
            let account = arn.as_ref().and_then(Arn::account_id);
            account.is_some_and(|account| !org.accounts.contains_key(&account))
        }
        Sender::Role(of, name) => {
            let resource = arn.as_ref().map(Arn::resource).unwrap_or_default();
            let role = resource.strip_prefix("assumed-role/");
            let role = role.and_then(|session| session.split('/').next());
            account == Some(of) && role == Some(name)
        }
    }
}

/// The layer that AWS's message names, in our words.
fn layer(text: &str) -> Option<&'static str> {
    let call = message::read(text).ok()?;
    let Answered::Refused(blame) = call.answer else {
        return None;
    };
    let on_key = call.name.service() == "kms";
    let layer = match blame.kind? {
        BlamedKind::ServiceControl => LayerId::ServiceControl,
        BlamedKind::ResourceControl => LayerId::ResourceControl,
        BlamedKind::Identity => LayerId::Identity,
        BlamedKind::PermissionsBoundary => LayerId::PermissionsBoundary,
        BlamedKind::Session => LayerId::Session,
        BlamedKind::Resource if on_key => LayerId::KeyPolicy,
        BlamedKind::Resource => LayerId::Resource,
        BlamedKind::Trust => LayerId::Trust,
        BlamedKind::Endpoint => LayerId::Endpoint,
    };
    Some(layer.id())
}

/// 1 for a contradiction, else 3 where something that was to be run has no answer.
pub fn exit(compared: &[Compared]) -> Exit {
    let any = |standings: &[Standing]| {
        let mut all = compared.iter();
        all.any(|one| standings.contains(&one.standing))
    };
    let open = [
        Standing::NotRun,
        Standing::CouldNotRun,
        Standing::WrongCaller,
    ];
    Exit::from_flags(any(&[Standing::Contradicts]), any(&open))
}
