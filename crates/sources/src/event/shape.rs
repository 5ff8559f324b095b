//! What kind of record it is, and whether AWS decided a request by policies when it wrote it.
//!
//! A trail holds more than calls: findings of Insights, what services did by themselves, sums over
//! many calls. None of these is one request, and taking it for one would count an answer that nobody
//! gave ("CloudTrail record contents for management, data, and network activity events", "CloudTrail
//! record contents for aggregated events", "CloudTrail userIdentity element").

use super::value::Value;

/// Why a record is no request that can be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoRequest {
    /// It records something else, which is in order.
    Other(&'static str),
    /// It cannot be understood, with the reason.
    Unclear(String),
}

/// Major version of the records that are understood; a record of a later minor version only adds
/// members ("CloudTrail record contents", eventVersion).
const MAJOR: &str = "1";

/// Values of eventType, with what they are.
const TYPES: [(&str, &str); 5] = [
    (
        "AwsServiceEvent",
        "a service's own event: nobody asked for it",
    ),
    (
        "AwsConsoleSignIn",
        "a sign-in to the console, which no policy decides",
    ),
    (
        "AwsConsoleAction",
        "an action of the console that is no call of an API",
    ),
    (
        "AwsCloudTrailInsight",
        "a finding of CloudTrail Insights about many calls",
    ),
    (
        "AwsAggregatedEvent",
        "an aggregated record: a sum over many calls, of which none is told",
    ),
];

/// Values of eventCategory that are no calls.
const CATEGORIES: [(&str, &str); 2] = [
    (
        "Insight",
        "a finding of CloudTrail Insights about many calls",
    ),
    (
        "Aggregated",
        "an aggregated record: a sum over many calls, of which none is told",
    ),
];

/// Callers whom no IAM policy speaks of.
const NOBODY: [(&str, &str); 2] = [
    (
        "IdentityCenterUser",
        "a call with a token of IAM Identity Center, which no IAM policy decides",
    ),
    (
        "Directory",
        "a call by a user of a directory, which no IAM policy decides",
    ),
];

/// Looks at a record from outside.
pub fn shape(record: &Value<'_>) -> Result<(), NoRequest> {
    if record.members().is_empty() {
        return unclear("this is no CloudTrail event: it is no object with members");
    }
    if let Some(what) = named(&CATEGORIES, record.text_at("eventCategory")) {
        return Err(NoRequest::Other(what));
    }
    if let Some(what) = named(&TYPES, record.text_at("eventType")) {
        return Err(NoRequest::Other(what));
    }
    if let Some(version) = record.text_at("eventVersion")
        && version.split('.').next() != Some(MAJOR)
    {
        return unclear(format!(
            "records of version {version} are not known, only those of version {MAJOR}"
        ));
    }
    match named(&NOBODY, record.text_at("userIdentity.type")) {
        Some(what) => Err(NoRequest::Other(what)),
        None => Ok(()),
    }
}

fn named(table: &[(&str, &'static str)], word: Option<&str>) -> Option<&'static str> {
    let word = word?;
    table
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, what)| *what)
}

/// A record that cannot be understood.
pub fn unclear<T>(why: impl Into<String>) -> Result<T, NoRequest> {
    Err(NoRequest::Unclear(why.into()))
}
