//! What AWS answered, by the code and the message of a record.
//!
//! Any error but a refusal came after the decision, which let the request pass; but some requests
//! never came so far ("CloudTrail record contents", errorCode; "Troubleshoot access denied error
//! messages"; the error pages of each service).

use cofferdam_authz::call::{Answered, Blame, BlamedKind};

use super::value::Value;
use crate::message;

/// Codes with which AWS refuses.
const REFUSALS: [&str; 11] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "KMSAccessDeniedException",
    "NotAuthorized",
    "NotAuthorizedException",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "VpceAccessDenied",
];

/// Beginnings of the codes of calls that never came to a decision: throttled, unsigned, malformed.
const NOT_DECIDED: [&str; 22] = [
    "AuthFailure",
    "Client.AuthFailure",
    "Client.RequestLimitExceeded",
    "ExpiredToken",
    "IncompleteSignature",
    "InternalError",
    "InternalFailure",
    "InternalServer",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidParameter",
    "InvalidSignature",
    "InvalidToken",
    "MissingParameter",
    "RequestExpired",
    "RequestLimitExceeded",
    "RequestTimeTooSkewed",
    "ServiceUnavailable",
    "SignatureDoesNotMatch",
    "SlowDown",
    "Throttl",
    "Validation",
];

/// The answer.
pub fn answer(record: &Value<'_>) -> Answered {
    let Some(code) = record.text_at("errorCode") else {
        return Answered::Passed;
    };
    if REFUSALS.contains(&code) {
        return Answered::Refused(blame(record, code));
    }
    let not_decided = NOT_DECIDED.iter();
    match not_decided.into_iter().any(|start| code.starts_with(start)) {
        true => Answered::NotTold,
        false => Answered::Passed,
    }
}

/// What the message names; the code of an endpoint's refusal names its layer by itself.
fn blame(record: &Value<'_>, code: &str) -> Blame {
    let said = record.text_at("errorMessage");
    let said = said.and_then(|text| message::read(text).ok());
    match said.map(|call| call.answer) {
        Some(Answered::Refused(blame)) if blame.kind.is_some() => blame,
        _ if code == "VpceAccessDenied" => Blame {
            kind: Some(BlamedKind::Endpoint),
            ..Blame::default()
        },
        Some(Answered::Refused(blame)) => blame,
        _ => Blame::default(),
    }
}
