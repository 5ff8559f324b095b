//! Probes as somebody can send them: who, from where, with which command.
//!
//! A probe is the first request of its path; what AWS does on the caller's behalf follows from it. A
//! path that nobody can send, or that no safe form tries, is kept with the reason.

pub mod forms;

use std::collections::BTreeMap;

use cofferdam_findings::finding::Step;
use cofferdam_findings::kit::{Planned, Sender};
use cofferdam_findings::probe::Probe;
use cofferdam_names::Arn;
use cofferdam_org::model::Organization;
use sha2::{Digest as _, Sha256};

/// Canaries by dataset, where they are not the usual ones.
pub type Canaries = BTreeMap<String, String>;

/// Bytes of the hash that make an id: enough for thousands of probes.
const ID_BYTES: usize = 6;

/// How a note begins on a request that AWS makes.
const FORWARDED: &str = "made by ";

/// The probes with the commands that send them.
pub fn planned(org: &Organization, probes: &[Probe], canaries: &Canaries) -> Vec<Planned> {
    let all = probes.iter();
    all.filter_map(|probe| one(org, probe, canaries)).collect()
}

fn one(org: &Organization, probe: &Probe, canaries: &Canaries) -> Option<Planned> {
    let step = probe.steps.first()?;
    let canary = canaries.get(&probe.dataset).map(String::as_str);
    let caller = sender(org, &step.principal);
    let sent = unsendable(step, &caller).map_or_else(
        || {
            forms::arguments(&step.action, &step.resource, canary)
                .and_then(|all| placed(all, step, &caller))
        },
        Err,
    );
    Some(Planned {
        id: id(probe, step),
        name: probe.name.clone(),
        dataset: probe.dataset.clone(),
        caller,
        vantage: step
            .note
            .clone()
            .unwrap_or_else(|| "from anywhere".to_owned()),
        action: step.action.clone(),
        sent,
        expected: probe.expected,
        decision: probe.decision,
        refused_by: probe.refused_by.clone(),
    })
}

/// Why nobody can send a request, whatever it asks for.
fn unsendable(step: &Step, caller: &Sender) -> Option<String> {
    let by_aws = |key: &str| value(step, key).is_some();
    let forwarded = step
        .note
        .as_ref()
        .is_some_and(|note| note.starts_with(FORWARDED));
    if let Sender::Service(host) = caller {
        return Some(format!("only {host} itself can send it"));
    }
    if forwarded || by_aws("kms:ViaService") || by_aws("aws:CalledVia") {
        return Some("AWS itself makes this call on the caller's behalf".into());
    }
    (value(step, "aws:SecureTransport") == Some("false"))
        .then(|| "without TLS the signature and what is read would be open on the way".into())
}

/// The arguments with the Region of the request, and without a signature where there is none.
fn placed(mut arguments: Vec<String>, step: &Step, caller: &Sender) -> Result<Vec<String>, String> {
    let region = value(step, "aws:RequestedRegion");
    let has = arguments.iter().any(|one| one.starts_with("--region="));
    if let Some(region) = region.filter(|_| !has) {
        arguments.push(format!("--region={region}"));
    }
    if *caller == Sender::Anonymous {
        arguments.push("--no-sign-request".into());
    }
    Ok(arguments)
}

fn value<'s>(step: &'s Step, key: &str) -> Option<&'s str> {
    let (_, values) = step
        .context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    values.first().map(String::as_str)
}

fn sender(org: &Organization, principal: &str) -> Sender {
    let Ok(arn) = Arn::parse(principal) else {
        return match principal {
            "anonymous" => Sender::Anonymous,
            service => Sender::Service(service.to_owned()),
        };
    };
    let ours = arn
        .account_id()
        .is_some_and(|account| org.accounts.contains_key(&account));
    let role = arn.resource().strip_prefix("assumed-role/");
    match role.and_then(|session| session.split('/').next()) {
        Some(role) => Sender::Role(arn.account().to_owned(), role.to_owned()),
        None if ours => Sender::User(principal.to_owned()),
        None => Sender::Outside,
    }
}

/// What is tried, as a name: the canary is no part of it.
fn id(probe: &Probe, step: &Step) -> String {
    let mut hash = Sha256::new();
    for part in [&probe.name, &step.principal, &step.action, &step.resource] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let bytes = digest.iter().take(ID_BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
