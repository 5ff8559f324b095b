//! A CloudTrail event into the call that it records.
//!
//! An event is not the request that AWS decided: it names a session where policies see a role, a
//! call where policies see actions, and few of the condition keys ("CloudTrail record contents").
//! What it does not say stays unknown, never absent. The tables here say which field becomes what,
//! so that replaying a log and explaining one event read it alike.

use std::collections::BTreeMap;

use cofferdam_authz::call::{Answered, Blame, Call};
use cofferdam_authz::concrete::Context;
use cofferdam_catalog::{action_of_event, resource_type_arn};
use cofferdam_names::{ActionName, Arn, ContextKey};
use cofferdam_text::{Diagnostic, Node};

use crate::message;

/// The most events that one file may hold; a log file of CloudTrail has some thousands.
pub const EVENTS_MAX: usize = 100_000;

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// `eventID`, by which copies of one event are told to be one.
    pub id: Option<String>,
    /// `eventTime`.
    pub time: Option<String>,
    /// `awsRegion`.
    pub region: Option<String>,
    /// The account that the event was delivered to.
    pub recipient: Option<String>,
    /// The call that it records.
    pub call: Call,
}

/// Reads one event, a list of events, or a file of CloudTrail (`Records`), or what `lookup-events`
/// prints without its wrapping.
pub fn read(node: &Node) -> Vec<Result<Event, Diagnostic>> {
    let records = node.get("Records").unwrap_or(node);
    let events = records.items();
    if events.len() > EVENTS_MAX {
        let message = format!("the file holds more than {EVENTS_MAX} events");
        return vec![Err(Diagnostic::error(node.origin, message))];
    }
    events.iter().map(event).collect()
}

fn event(node: &Node) -> Result<Event, Diagnostic> {
    let wrong = |message: &str| Err(Diagnostic::error(node.origin, message));
    let (Some(source), Some(name)) = (text(node, "eventSource"), text(node, "eventName")) else {
        return wrong("this is no CloudTrail event: eventSource or eventName is missing");
    };
    let Some(principal) = principal(node) else {
        return wrong("who made this call cannot be told from userIdentity");
    };
    let Some(name) = call_name(source, name) else {
        let message = format!("which action {name} of {source} is, is not known");
        return Err(Diagnostic::error(node.origin, message));
    };
    let mut call = Call {
        principal,
        resource: resource(node, &name),
        name,
        context: context(node),
        forwarded_by: forwarded_by(node),
        parameters: parameters(node),
        answer: answer(node),
        notes: Vec::new(),
    };
    note(node, &mut call);
    Ok(Event {
        id: text(node, "eventID").map(str::to_owned),
        time: text(node, "eventTime").map(str::to_owned),
        region: text(node, "awsRegion").map(str::to_owned),
        recipient: text(node, "recipientAccountId").map(str::to_owned),
        call,
    })
}

/// A field by its path.
fn at<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    path.split('.')
        .try_fold(node, |node, field| node.get(field))
}

fn text<'n>(node: &'n Node, path: &str) -> Option<&'n str> {
    at(node, path).and_then(Node::text)
}

/// A call that is several requests keeps its own name; any other has that of its action.
fn call_name(source: &str, name: &str) -> Option<ActionName> {
    let service = source.split('.').next().unwrap_or(source);
    if cofferdam_catalog::needs(service, name).next().is_some() {
        return ActionName::parse(&format!("{service}:{name}")).ok();
    }
    let (service, action) = action_of_event(source, name)?;
    ActionName::parse(&format!("{service}:{action}")).ok()
}

/// Who called ("CloudTrail userIdentity element").
fn principal(node: &Node) -> Option<String> {
    let kind = text(node, "userIdentity.type").unwrap_or_default();
    let arn = text(node, "userIdentity.arn").map(str::to_owned);
    let account = text(node, "userIdentity.accountId");
    match kind {
        "AWSService" => text(node, "userIdentity.invokedBy").map(str::to_owned),
        "AWSAccount" if account.is_none_or(|account| account.eq_ignore_ascii_case("anonymous")) => {
            Some("anonymous".to_owned())
        }
        "AWSAccount" => arn.or_else(|| Some(format!("arn:aws:iam::{}:root", account?))),
        "Root" => arn.or_else(|| Some(format!("arn:aws:iam::{}:root", account?))),
        "SAMLUser" | "WebIdentityUser" => {
            text(node, "userIdentity.identityProvider").map(str::to_owned)
        }
        _ => arn,
    }
}

/// A service that calls as the principal shows in invokedBy.
fn forwarded_by(node: &Node) -> Option<String> {
    let service = text(node, "userIdentity.type") == Some("AWSService");
    let host = text(node, "userIdentity.invokedBy").filter(|host| host.contains('.'))?;
    (!service).then(|| host.to_owned())
}

/// Fields that hold the value of a condition key as policies see it.
const KEYS: [(&str, &str); 5] = [
    ("vpcEndpointId", "aws:SourceVpce"),
    ("userAgent", "aws:UserAgent"),
    ("eventTime", "aws:CurrentTime"),
    ("awsRegion", "aws:RequestedRegion"),
    (
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "aws:MultiFactorAuthPresent",
    ),
];

/// Further fields, of sessions.
const SESSION_KEYS: [(&str, &str); 3] = [
    (
        "userIdentity.sessionContext.attributes.creationDate",
        "aws:TokenIssueTime",
    ),
    (
        "userIdentity.sessionContext.sourceIdentity",
        "aws:SourceIdentity",
    ),
    (
        "userIdentity.sessionContext.webIdFederationData.federatedProvider",
        "aws:FederatedProvider",
    ),
];

fn context(node: &Node) -> Context {
    let mut context = Context::new();
    let mut put = |name: &str, value: &str| {
        if let Ok(key) = ContextKey::parse(name) {
            context.insert(key, vec![value.into()]);
        }
    };
    for (field, key) in KEYS.iter().chain(&SESSION_KEYS) {
        if let Some(value) = text(node, field) {
            put(key, value);
        }
    }
    if let Some(version) = text(node, "tlsDetails.tlsVersion") {
        put("aws:SecureTransport", "true");
        if let Some(number) = version.strip_prefix("TLSv") {
            put("s3:TlsVersion", number);
        }
    }
    if let Some(address) = address(node) {
        put(
            if through_endpoint(node) {
                "aws:VpcSourceIp"
            } else {
                "aws:SourceIp"
            },
            address,
        );
    }
    for (pair, value) in encryption_context(node) {
        put(&format!("kms:EncryptionContext:{pair}"), value);
    }
    context
}

/// A call that AWS makes shows a host name in place of an address.
fn address(node: &Node) -> Option<&str> {
    let address = text(node, "sourceIPAddress")?;
    address.parse::<std::net::IpAddr>().ok().map(|_| address)
}

fn through_endpoint(node: &Node) -> bool {
    text(node, "vpcEndpointId").is_some()
}

fn encryption_context(node: &Node) -> impl Iterator<Item = (&str, &str)> {
    let pairs = at(node, "requestParameters.encryptionContext").and_then(Node::as_object);
    pairs
        .unwrap_or_default()
        .iter()
        .filter_map(|pair| Some((&*pair.key, pair.value.text()?)))
}

/// The resource: what the event lists, else what the parameters say.
fn resource(node: &Node, name: &ActionName) -> Option<String> {
    let listed = at(node, "resources").map(Node::items).unwrap_or_default();
    let arns = listed
        .iter()
        .filter_map(|one| text(one, "ARN").or(text(one, "arn")));
    let own = |arn: &&str| Arn::parse(arn).is_ok_and(|arn| arn.service() == service_of(name));
    let longest = arns.filter(own).max_by_key(|arn| arn.len());
    let from_parameters = PARAMETERS
        .iter()
        .filter(|(service, ..)| *service == name.service())
        .find_map(|(_, parameters, template)| filled(node, parameters, template));
    let arn = from_parameters.or_else(|| longest.map(str::to_owned));
    arn.or_else(|| takes_none(name).then(|| "*".to_owned()))
}

/// Whose ARNs an action is about: a role's session is asked of STS and named by IAM.
fn service_of(name: &ActionName) -> &str {
    if name.service() == "sts" {
        "iam"
    } else {
        name.service()
    }
}

fn takes_none(name: &ActionName) -> bool {
    let known = cofferdam_catalog::action(name.service(), name.name());
    known.is_some_and(|action| action.resource_types().next().is_none())
}

/// By service: parameters that must all be there, and the ARN that they make. The first that fits
/// counts, so the longer stand first.
const PARAMETERS: [(&str, &[&str], &str); 15] = [
    ("s3", &["bucketName", "key"], "arn:aws:s3:::{}/{}"),
    ("s3", &["bucketName"], "arn:aws:s3:::{}"),
    ("sts", &["roleArn"], "{}"),
    ("kms", &["keyId"], "{}"),
    ("secretsmanager", &["secretId"], "{}"),
    ("sns", &["topicArn"], "{}"),
    ("sns", &["targetArn"], "{}"),
    (
        "dynamodb",
        &["tableName"],
        "arn:aws:dynamodb:{region}:{account}:table/{}",
    ),
    (
        "lambda",
        &["functionName"],
        "arn:aws:lambda:{region}:{account}:function:{}",
    ),
    (
        "ecr",
        &["repositoryName"],
        "arn:aws:ecr:{region}:{account}:repository/{}",
    ),
    ("sqs", &["queueUrl"], "{queue}"),
    ("iam", &["roleName"], "arn:aws:iam::{account}:role/{}"),
    ("iam", &["userName"], "arn:aws:iam::{account}:user/{}"),
    ("iam", &["policyArn"], "{}"),
    (
        "glue",
        &["jobName"],
        "arn:aws:glue:{region}:{account}:job/{}",
    ),
];

fn filled(node: &Node, parameters: &[&str], template: &str) -> Option<String> {
    let mut arn = template.to_owned();
    for parameter in parameters {
        let value = text(node, &format!("requestParameters.{parameter}"))?;
        if template == "{queue}" {
            return queue(node, value);
        }
        let value = if Arn::parse(value).is_ok() && template != "{}" {
            return Some(value.to_owned());
        } else {
            value
        };
        arn = arn.replacen("{}", value, 1);
    }
    let region = text(node, "awsRegion").unwrap_or_default();
    let account = text(node, "recipientAccountId").or(text(node, "userIdentity.accountId"))?;
    let arn = arn
        .replace("{region}", region)
        .replace("{account}", account);
    Arn::parse(&arn).is_ok().then_some(arn)
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`.
fn queue(node: &Node, url: &str) -> Option<String> {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    let region = text(node, "awsRegion")?;
    resource_type_arn("sqs", "queue")?;
    Some(format!("arn:aws:sqs:{region}:{account}:{name}"))
}

/// Every parameter that is a text or a list of texts, by its path.
fn parameters(node: &Node) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    if let Some(parameters) = node.get("requestParameters") {
        collect(parameters, "", 0, &mut found);
    }
    found
}

/// Parameters that decide nothing lie deeper.
const PARAMETER_DEPTH: usize = 4;

fn collect(node: &Node, path: &str, depth: usize, found: &mut BTreeMap<String, Vec<String>>) {
    if depth > PARAMETER_DEPTH {
        return;
    }
    for member in node.as_object().unwrap_or_default() {
        let name = if path.is_empty() {
            member.key.to_string()
        } else {
            format!("{path}.{}", member.key)
        };
        let leaf = member.key.to_string();
        for value in member.value.items() {
            if let Some(value) = value.text() {
                found
                    .entry(name.clone())
                    .or_default()
                    .push(value.to_owned());
                if leaf != name {
                    found
                        .entry(leaf.clone())
                        .or_default()
                        .push(value.to_owned());
                }
            } else {
                found.entry(name.clone()).or_default();
                collect(value, &name, depth + 1, found);
            }
        }
    }
}

/// Codes with which AWS refuses ("Troubleshoot access denied error messages", and the error pages of
/// each service).
const REFUSALS: [&str; 7] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationErrorException",
    "Client.UnauthorizedOperation",
    "KMSAccessDeniedException",
    "UnauthorizedOperation",
    "VpceAccessDenied",
];

/// Codes of calls that never came to a decision.
const NOT_DECIDED: [&str; 6] = [
    "ExpiredToken",
    "InvalidClientTokenId",
    "RequestLimitExceeded",
    "SignatureDoesNotMatch",
    "Throttling",
    "ThrottlingException",
];

fn answer(node: &Node) -> Answered {
    let code = text(node, "errorCode").unwrap_or_default();
    if code.is_empty() {
        return Answered::Passed;
    }
    if NOT_DECIDED.contains(&code) {
        return Answered::NotTold;
    }
    if !REFUSALS.contains(&code) {
        return Answered::Passed;
    }
    let said = text(node, "errorMessage").and_then(|text| message::read(text).ok());
    match said.map(|call| call.answer) {
        Some(refused @ Answered::Refused(_)) => refused,
        _ => Answered::Refused(Blame::default()),
    }
}

/// What an event never says.
fn note(node: &Node, call: &mut Call) {
    if text(node, "eventType") == Some("AwsVpceEvent") {
        call.notes.push(
            "a network activity event carries neither parameters nor resources: the resource is \
             in the account owner's own event"
                .to_owned(),
        );
    }
    if call.resource.is_none() {
        call.notes
            .push("the event does not say on which resource: give it with --resource".to_owned());
    }
    if text(node, "userIdentity.type") == Some("AssumedRole") {
        call.notes.push(
            "an event shows neither session policies nor session tags: both are taken as unset"
                .to_owned(),
        );
    }
}

#[cfg(test)]
mod tests;
