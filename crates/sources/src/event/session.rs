//! What the call that began a session says of it.
//!
//! A record of a session's call shows neither its tags nor its session policies. The record of the
//! call that gave out the credentials does, and the two share the id of the access key
//! ("CloudTrail userIdentity element", accessKeyId; "Pass session tags in AWS STS").

use super::keys::pairs;
use super::value::Value;

/// A session as it began.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    /// The id of its access key.
    pub access_key: Box<str>,
    /// Its tags.
    pub tags: Vec<(Box<str>, Box<str>)>,
    /// Whether tags of an earlier session go on in it, or a provider may have set some: the list
    /// above is then not all.
    pub more_tags: bool,
    /// Whether session policies narrow it.
    pub has_policies: bool,
}

/// Calls that begin a session, and whether it may have tags that its parameters do not show: those
/// of the token or of an earlier session.
const CALLS: [(&str, bool); 6] = [
    ("AssumeRole", false),
    ("AssumeRoleWithSAML", true),
    ("AssumeRoleWithWebIdentity", true),
    ("AssumeRoot", false),
    ("GetFederationToken", false),
    ("GetSessionToken", false),
];

/// Whether a call may begin a session.
pub fn begins_session(source: &str, name: &str) -> bool {
    source == "sts.amazonaws.com" && CALLS.iter().any(|(call, _)| *call == name)
}

/// The session that a record began.
pub fn session(record: &Value<'_>) -> Option<Session> {
    let name = record.text_at("eventName")?;
    let (_, by_token) = CALLS.iter().find(|(call, _)| *call == name)?;
    let access_key = record.text_at("responseElements.credentials.accessKeyId")?;
    // A role that is assumed from a session takes over that session's transitive tags.
    let chained = matches!(
        record.text_at("userIdentity.type"),
        Some("AssumedRole" | "FederatedUser" | "Role")
    );
    let parameters = record.get("requestParameters");
    let given = |name: &str| parameters.is_some_and(|of| of.get(name).is_some_and(is_something));
    let tags = pairs(parameters.and_then(|of| of.get("tags")));
    Some(Session {
        access_key: access_key.into(),
        tags: tags
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect(),
        more_tags: *by_token || chained,
        has_policies: given("policy") || given("policyArns"),
    })
}

fn is_something(value: &Value<'_>) -> bool {
    !matches!(value, Value::Null)
}
