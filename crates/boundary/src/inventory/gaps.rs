//! What is missing or weak in a row, one sentence each, column by column.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_catalog::KeyCheck;
use cofferdam_findings::inventory::{Access, Row};
use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::Endpoint;

use super::coverage::{self, Missing};
use crate::file::{Audit, Dataset};
use crate::reach::{Question, Ways};
use crate::recording::Recorded;
use crate::scope::{Store, service_of};

/// The gaps of a row whose other columns are filled in.
pub(super) fn gaps(
    question: &Question<'_>,
    store: &Store<'_>,
    ways: &Ways,
    row: &Row,
) -> Vec<String> {
    let mut gaps = Vec::new();
    principals(question, store, ways, row, &mut gaps);
    networks(question, row, &mut gaps);
    encryption(question, store, row, &mut gaps);
    policy(store, &mut gaps);
    recording(question, store, ways, &mut gaps);
    if let Some(approval) = &question.approval {
        declared(question, store, approval.dataset, row, &mut gaps);
    }
    gaps
}

fn principals(
    question: &Question<'_>,
    store: &Store<'_>,
    ways: &Ways,
    row: &Row,
    gaps: &mut Vec<String>,
) {
    let who = |wanted: &dyn Fn(&Access) -> bool| -> BTreeSet<&str> {
        let chosen = row.principals.iter().filter(|access| wanted(access));
        chosen.map(|access| access.principal.as_str()).collect()
    };
    let unapproved = who(&|access| access.approved == Some(false) && access.certain);
    if !unapproved.is_empty() {
        gaps.push(format!("reached without approval by {}", some(&unapproved)));
    }
    let unsure = who(&|access| access.approved != Some(true) && !access.certain);
    if !unsure.is_empty() {
        gaps.push(format!(
            "may be reached, which hangs on something unknown, by {}",
            some(&unsure)
        ));
    }
    gaps.extend(unread(&question.cast.unread));
    for (principal, why) in &ways.unclear {
        gaps.push(format!(
            "whether {principal} reaches it was not decided: {why}"
        ));
    }
    if let Known::Unknown(why) = &store.resource.region {
        gaps.push(format!("its Region is not known: {why}"));
    }
}

/// Accounts whose principals were not all read, those together that share the reason.
fn unread(accounts: &[(AccountId, Box<str>)]) -> Vec<String> {
    let mut reasons: Vec<Unread> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (account, why) in accounts {
        let account = account.to_string();
        let place = *places
            .entry(why.replace(&account, ""))
            .or_insert(reasons.len());
        match reasons.get_mut(place) {
            Some(reason) => reason.accounts.push(account),
            None => reasons.push(Unread {
                why,
                accounts: vec![account],
            }),
        }
    }
    reasons.iter().map(Unread::sentence).collect()
}

/// Accounts that share a reason, in the words of the first.
struct Unread<'a> {
    why: &'a str,
    accounts: Vec<String>,
}

impl Unread<'_> {
    fn sentence(&self) -> String {
        let names: BTreeSet<&str> = self.accounts.iter().map(String::as_str).collect();
        let word = if names.len() == 1 {
            "account"
        } else {
            "accounts"
        };
        let (names, why) = (some(&names), self.why);
        format!("the principals of {word} {names} were not all read: {why}")
    }
}

/// How many names a sentence holds.
const NAMES_MAX: usize = 3;

fn some(names: &BTreeSet<&str>) -> String {
    let shown: Vec<&str> = names.iter().take(NAMES_MAX).copied().collect();
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Where a boundary approves a network, unapproved use of it is told above; without one, anything
/// that is open to the internet is.
fn networks(question: &Question<'_>, row: &Row, gaps: &mut Vec<String>) {
    let from_anywhere = |access: &&Access| {
        access.from.iter().any(|from| from == super::ANY_NETWORK) && question.approval.is_none()
    };
    let open: BTreeSet<&str> = row
        .principals
        .iter()
        .filter(from_anywhere)
        .map(|access| access.principal.as_str())
        .collect();
    if !open.is_empty() {
        gaps.push(format!("reached from any network by {}", some(&open)));
    }
    for id in &row.endpoints {
        let endpoint = question
            .org
            .endpoints
            .iter()
            .find(|endpoint| *endpoint.id == **id);
        gaps.extend(endpoint.and_then(endpoint_policy));
    }
}

fn endpoint_policy(endpoint: &Endpoint) -> Option<String> {
    match &endpoint.policy {
        Known::Present(_) => None,
        Known::Absent => Some(format!(
            "endpoint {} has no policy, so it lets everything through",
            endpoint.id
        )),
        Known::Unknown(why) => Some(format!(
            "the policy of endpoint {} was not read: {why}",
            endpoint.id
        )),
    }
}

fn encryption(question: &Question<'_>, store: &Store<'_>, row: &Row, gaps: &mut Vec<String>) {
    if service_of(store.resource.kind).is_none() {
        return;
    }
    match &store.resource.encryption {
        Known::Unknown(why) => gaps.push(format!("its encryption was not read: {why}")),
        Known::Absent => gaps.push("no customer key encrypts it: AWS owns the key".to_owned()),
        Known::Present(encryption) => match &encryption.key {
            None => gaps.push("no customer key encrypts it: AWS manages the key".to_owned()),
            Some(name) if question.org.key_of(store.resource).is_none() => {
                gaps.push(format!("its key {name} was not read"));
            }
            Some(_) if row.encryption_key_checked_against != KeyCheck::Caller.word() => {
                gaps.push(
                    "its key is no second plane: the caller's right to it is not checked"
                        .to_owned(),
                );
            }
            Some(_) => {}
        },
    }
}

fn policy(store: &Store<'_>, gaps: &mut Vec<String>) {
    match &store.resource.policy {
        Known::Present(_) => {}
        Known::Absent => gaps.push("it has no resource policy".to_owned()),
        Known::Unknown(why) => gaps.push(format!("its resource policy was not read: {why}")),
    }
}

fn recording(question: &Question<'_>, store: &Store<'_>, ways: &Ways, gaps: &mut Vec<String>) {
    let (_, missing) = coverage::data_events(question.org, store);
    let of = |wanted: fn(&Recorded) -> bool| {
        missing
            .iter()
            .filter(move |missing| wanted(&missing.recorded))
            .collect::<Vec<_>>()
    };
    let never = of(|recorded| matches!(recorded, Recorded::No(_)));
    gaps.extend(sentence("not recorded", &never));
    gaps.extend(sentence(
        "not always recorded",
        &of(|recorded| matches!(recorded, Recorded::Partly(_))),
    ));
    gaps.extend(sentence(
        "not known to be recorded",
        &of(|recorded| matches!(recorded, Recorded::Unknown(_))),
    ));
    let open: Vec<String> = ways.unsettled.keys().map(ToString::to_string).collect();
    let open: BTreeSet<&str> = open.iter().map(String::as_str).collect();
    if let Some(principal) = ways.unsettled.values().next() {
        let open = some(&open);
        gaps.push(format!(
            "AWS's pages do not settle whether these are recorded, which {principal} may call: {open}"
        ));
    }
}

/// The actions of one kind, with the reason of the first.
fn sentence(what: &str, missing: &[&Missing]) -> Option<String> {
    let first = missing.first()?;
    let names: Vec<String> = missing.iter().map(|one| one.action.to_string()).collect();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let why = match &first.recorded {
        Recorded::Yes => return None,
        Recorded::No(why) | Recorded::Unknown(why) => why.clone(),
        Recorded::Partly(missed) => format!("the trail misses {missed}"),
    };
    Some(format!("{what}: {} ({why})", some(&names)))
}

/// Where what is there is not what was declared.
fn declared(
    question: &Question<'_>,
    store: &Store<'_>,
    dataset: &Dataset,
    row: &Row,
    gaps: &mut Vec<String>,
) {
    let keys: Vec<&str> = dataset.keys.iter().map(|key| key.arn.as_str()).collect();
    for key in row.keys.iter().filter(|key| !keys.contains(&key.as_str())) {
        let found = question.org.key_of(store.resource).is_some();
        if found && !is_replica(question, key, &keys) {
            gaps.push(format!("its key {key} is none of those declared"));
        }
    }
    match &dataset.audit {
        None => gaps.push("the boundary declares no trail for it".to_owned()),
        Some(audit) => gaps.extend(archive(question, audit)),
    }
}

/// Keys of one multi-Region key share their id ("Multi-Region keys in AWS KMS").
fn is_replica(question: &Question<'_>, key: &str, declared: &[&str]) -> bool {
    let id = |arn: &str| arn.rsplit(':').next().map(str::to_owned);
    let multi = question.org.resource(key).is_some() && key.contains(":key/mrk-");
    multi && declared.iter().any(|other| id(other) == id(key))
}

fn archive(question: &Question<'_>, audit: &Audit) -> Option<String> {
    let named = |name: &str, arn: &str| name == audit.trail || arn == audit.trail;
    let mut trails = question
        .org
        .trails
        .iter()
        .filter(|trail| named(&trail.name, trail.arn.as_str()))
        .peekable();
    if trails.peek().is_none() {
        return Some(format!("the declared trail {} was not read", audit.trail));
    }
    let bucket = audit.archive.bucket_name().unwrap_or_default();
    let delivers: Vec<Option<bool>> = trails
        .map(|trail| coverage::delivers_to(trail, bucket))
        .collect();
    if delivers.contains(&Some(true)) {
        return None;
    }
    let verb = if delivers.contains(&None) {
        "may not deliver"
    } else {
        "does not deliver"
    };
    Some(format!(
        "trail {} {verb} to the declared archive {}",
        audit.trail, audit.archive
    ))
}
