//! What went wrong with a call, in AWS's own words where it said any.

use serde_json::Value;

use crate::http::{Broken, Response};
use crate::shapes::Protocol;
use crate::xml;

/// An error of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// AWS's code, such as `AccessDenied`; one of ours where there was no answer.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// What it means for the collector.
    pub kind: Sort,
    /// The Region that the service names in place of the one that was asked.
    pub region: Option<String>,
}

/// What an error means for the collector. For the snapshot all are the same: unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Too many calls: wait and ask again.
    Throttled,
    /// The service or the network failed: ask again.
    Passing,
    /// The credentials have run out.
    Expired,
    /// The Region does not know the account: it is not enabled.
    RegionOff,
    /// The service has moved to another Region, which it names.
    Moved,
    /// An answer that asking again does not change.
    Final,
}

/// Codes that ask to slow down ("Retry behavior", AWS SDKs and Tools Reference Guide).
const THROTTLED: [&str; 13] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

/// Codes of failures that pass (the same page).
const PASSING: [&str; 6] = [
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "ServiceUnavailable",
];

/// Codes of credentials that have run out ("Common errors", AWS Security Token Service).
const EXPIRED: [&str; 4] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "TokenRefreshRequired",
];

/// Codes with which a Region that is not enabled refuses credentials ("Enable or disable AWS
/// Regions in your account", AWS Account Management reference guide).
const REGION_OFF: [&str; 4] = [
    "AuthFailure",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "OptInRequired",
];

/// Codes with which S3 sends to another Region ("Making requests", Amazon S3).
const MOVED: [&str; 4] = [
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
];

/// Longer messages are no messages.
const MESSAGE_MAX: usize = 2_000;

/// The code where no answer came within the time limit.
pub const TIMEOUT: &str = "Timeout";
/// The code where the connection failed.
pub const CONNECTION: &str = "ConnectionFailed";
/// The code where an answer cannot be read.
pub const MALFORMED: &str = "MalformedAnswer";

impl Failure {
    /// An error by its code.
    pub fn new(code: &str, message: &str) -> Failure {
        Failure {
            code: code.to_owned(),
            message: message.chars().take(MESSAGE_MAX).collect(),
            kind: sort(code),
            region: None,
        }
    }

    /// An answer that cannot be read.
    pub(crate) fn malformed(message: &str) -> Failure {
        Failure {
            kind: Sort::Passing,
            ..Failure::new(MALFORMED, message)
        }
    }

    /// No answer.
    pub(crate) fn broken(broken: &Broken) -> Failure {
        let failure = match broken {
            Broken::Timeout => Failure::new(TIMEOUT, "no answer within the time limit"),
            Broken::Connection(why) => Failure::new(CONNECTION, why),
        };
        Failure {
            kind: Sort::Passing,
            ..failure
        }
    }
}

fn sort(code: &str) -> Sort {
    let lists: [(&[&str], Sort); 5] = [
        (&THROTTLED, Sort::Throttled),
        (&PASSING, Sort::Passing),
        (&EXPIRED, Sort::Expired),
        (&REGION_OFF, Sort::RegionOff),
        (&MOVED, Sort::Moved),
    ];
    let found = lists.iter().find(|(codes, _)| codes.contains(&code));
    found.map_or(Sort::Final, |(_, sort)| *sort)
}

/// The error that an answer states.
pub(crate) fn stated(protocol: Protocol, response: &Response) -> Failure {
    let body = String::from_utf8_lossy(&response.body);
    let (code, message, region) = match protocol {
        Protocol::Json | Protocol::RestJson => in_json(response, &body),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => in_xml(&body),
    };
    let code = code.unwrap_or_else(|| format!("HTTP{}", response.status));
    let message = message.unwrap_or_else(|| {
        format!(
            "the server answered with status {} and said no more",
            response.status
        )
    });
    let mut failure = Failure::new(&code, &message);
    if failure.kind == Sort::Final {
        failure.kind = by_status(response.status);
    }
    let named = response.header("x-amz-bucket-region").map(str::to_owned);
    failure.region = named.or(region);
    failure
}

fn by_status(status: u16) -> Sort {
    match status {
        429 => Sort::Throttled,
        500 | 502..=504 => Sort::Passing,
        301 | 307 => Sort::Moved,
        _ => Sort::Final,
    }
}

/// Code, message, and the Region to go to.
type Stated = (Option<String>, Option<String>, Option<String>);

fn in_json(response: &Response, body: &str) -> Stated {
    let value: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
    // Services that once answered in XML give the code of that time apart.
    let old = response.header("x-amzn-query-error");
    let old = old.and_then(|text| Some(text.split(';').next()?.to_owned()));
    let named = response.header("x-amzn-errortype").map(str::to_owned);
    let code = old.or_else(|| bare(&named.or_else(|| text("__type")).or_else(|| text("code"))?));
    let message = ["message", "Message", "errorMessage"];
    (code, message.iter().find_map(|key| text(key)), None)
}

/// `ns#Code:http://…` without what is around the code.
fn bare(text: &str) -> Option<String> {
    let code = text.rsplit('#').next()?.split(':').next()?;
    Some(code.to_owned()).filter(|code| !code.is_empty())
}

/// The code and message of an XML answer, wherever the protocol puts them.
fn in_xml(body: &str) -> Stated {
    let Ok(document) = xml::document(body) else {
        return (None, None, None);
    };
    let root = document.root_element();
    let error = root
        .descendants()
        .find(|node| node.tag_name().name() == "Error")
        .unwrap_or(root);
    let text = |name| xml::child(error, name).map(xml::text);
    (text("Code"), text("Message"), text("Region"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        protocol: Protocol,
        status: u16,
        body: &str,
        header: Option<&str>,
        expected: (&str, Sort),
    ) {
        let response = Response {
            status,
            headers: header
                .into_iter()
                .map(|value| ("x-amzn-errortype".to_owned(), value.to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        };
        let found = stated(protocol, &response);
        assert_eq!((&*found.code, found.kind), expected, "{body}");
    }

    #[test]
    fn the_code_of_an_error_is_found_in_every_protocol() {
        use Protocol::{Ec2, Json, Query, RestJson, RestXml};
        for (protocol, status, body, header, expected) in [
            (
                Query,
                403,
                "<ErrorResponse xmlns='x'><Error><Code>AccessDenied</Code><Message>m</Message></Error></ErrorResponse>",
                None,
                ("AccessDenied", Sort::Final),
            ),
            (
                Ec2,
                401,
                "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>",
                None,
                ("AuthFailure", Sort::RegionOff),
            ),
            (
                RestXml,
                404,
                "<Error><Code>NoSuchBucketPolicy</Code></Error>",
                None,
                ("NoSuchBucketPolicy", Sort::Final),
            ),
            (RestXml, 301, "", None, ("HTTP301", Sort::Moved)),
            (
                Json,
                400,
                r#"{"__type": "com.amazonaws#ThrottlingException"}"#,
                None,
                ("ThrottlingException", Sort::Throttled),
            ),
            (
                Json,
                400,
                r#"{"__type": "ExpiredTokenException"}"#,
                None,
                ("ExpiredTokenException", Sort::Expired),
            ),
            (
                RestJson,
                404,
                "{}",
                Some("ResourceNotFoundException:http://x"),
                ("ResourceNotFoundException", Sort::Final),
            ),
            (RestJson, 503, "<html>", None, ("HTTP503", Sort::Passing)),
            (Query, 429, "", None, ("HTTP429", Sort::Throttled)),
        ] {
            check(protocol, status, body, header, expected);
        }
    }
}
