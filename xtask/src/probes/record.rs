//! An exchange as the records that CloudTrail would have written of it ("CloudTrail record contents for
//! management, data, and network activity events", "CloudTrail userIdentity element").
//!
//! The emulator writes no records, so what AWS's side knows is put together here: who holds an access
//! key from the answers that gave it out, the place from the script that was run, the rest from the
//! request and its answer. A call across accounts gets a copy for each account of the organization.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::call::{Called, called, scope};
use super::proxy::Exchange;
use crate::delivery::iso;

/// Where a script was to be run: the id and the account of the endpoint of each service, an empty name
/// standing for all. On loopback there is neither network nor TLS, so both are told as the place has
/// them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// None on the internet.
    pub endpoints: BTreeMap<String, (String, String)>,
}

/// An address that documents may use (RFC 5737), and one in a network of the example.
const ADDRESSES: (&str, &str) = ("198.51.100.7", "10.20.0.7");

/// How unsigned requests are told.
const NOBODY: &str = "ANONYMOUS_PRINCIPAL";

/// What AWS's side knows beside the exchange.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// `userIdentity` by access key.
    pub callers: BTreeMap<String, Value>,
    /// The accounts of buckets.
    pub owners: BTreeMap<String, String>,
    /// The accounts of the organization.
    pub accounts: BTreeSet<String>,
}

impl Known {
    /// Learns whose an access key is: the answer to AssumeRole gives it out, that to GetCallerIdentity
    /// tells its holder.
    pub fn learn(&mut self, exchange: &Exchange) {
        let name = called(&exchange.request).map(|call| (call.name, call.parameters));
        let found = match name {
            Some((name, parameters)) if name == "AssumeRole" => {
                session(exchange, parameters.get("roleArn"))
            }
            Some((name, _)) if name == "GetCallerIdentity" => user(exchange),
            _ => None,
        };
        if let Some((key, identity)) = found {
            self.callers.entry(key).or_insert(identity);
        }
    }
}

fn session(exchange: &Exchange, role: Option<&Value>) -> Option<(String, Value)> {
    let body = &exchange.answer.body;
    let key = within(body, "AccessKeyId")?;
    let (arn, id) = (within(body, "Arn")?, within(body, "AssumedRoleId")?);
    let role = role?.as_str()?;
    let account = role.split(':').nth(4)?;
    let role_id = id.split(':').next()?;
    let identity = json!({
        "type": "AssumedRole", "principalId": id, "arn": arn, "accountId": account, "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": role_id, "arn": role, "accountId": account,
                "userName": role.rsplit('/').next(),
            },
            "attributes": {"creationDate": iso(exchange.at), "mfaAuthenticated": "false"},
        },
    });
    Some((key.to_owned(), identity))
}

/// The emulator names its user as one of STS.
fn user(exchange: &Exchange) -> Option<(String, Value)> {
    let (key, _, _) = scope(&exchange.request)?;
    let body = &exchange.answer.body;
    let arn = within(body, "Arn")?.replace("arn:aws:sts:", "arn:aws:iam:");
    let (_, name) = arn.split_once(":user/")?;
    let identity = json!({
        "type": "IAMUser", "principalId": within(body, "UserId"), "arn": arn,
        "accountId": within(body, "Account"), "accessKeyId": key, "userName": name,
    });
    Some((key, identity))
}

/// The records of one exchange, each with the account that it is delivered to: that of the caller
/// first. None for a request that no form of the kit makes, or that concerns no account of the
/// organization.
pub fn records(
    exchange: &Exchange,
    number: usize,
    place: &Place,
    known: &Known,
) -> Vec<(String, Value)> {
    let Some(call) = called(&exchange.request) else {
        return Vec::new();
    };
    let identity = identity(exchange, known);
    let own = account(&identity);
    let owner = call.owner(|bucket| known.owners.get(bucket).cloned());
    let mut recipients = vec![own.clone()];
    recipients.extend(owner.clone().filter(|owner| *owner != own));
    recipients.retain(|account| known.accounts.contains(account));
    let shared = (recipients.len() > 1).then(|| id(exchange, number, 9));
    let copy = |(copy, recipient): (usize, String)| {
        let mut record = record(exchange, &call, place);
        for (name, value) in [
            ("eventID", json!(id(exchange, number, copy))),
            ("sharedEventID", json!(shared)),
            ("recipientAccountId", json!(recipient)),
            ("resources", resources(&call, owner.as_deref())),
            ("userIdentity", as_seen_by(&identity, &recipient)),
        ] {
            put(&mut record, name, value);
        }
        (recipient, record)
    };
    recipients.into_iter().enumerate().map(copy).collect()
}

fn identity(exchange: &Exchange, known: &Known) -> Value {
    let nobody = json!({"type": "AWSAccount", "principalId": "", "accountId": NOBODY});
    let key = scope(&exchange.request).map(|(key, _, _)| key);
    key.and_then(|key| known.callers.get(&key).cloned())
        .unwrap_or(nobody)
}

fn account(identity: &Value) -> String {
    let account = identity.get("accountId").and_then(Value::as_str);
    account.unwrap_or_default().to_owned()
}

/// The owner of a resource does not see who in the other account called.
fn as_seen_by(identity: &Value, recipient: &str) -> Value {
    if account(identity) == recipient {
        return identity.clone();
    }
    json!({
        "type": "AWSAccount",
        "principalId": identity.get("principalId"),
        "accountId": identity.get("accountId"),
    })
}

/// What all copies have in common.
fn record(exchange: &Exchange, call: &Called, place: &Place) -> Value {
    let is_data = call.is_data();
    let mut record = json!({
        "eventVersion": "1.11",
        "eventTime": iso(exchange.at),
        "eventSource": format!("{}.amazonaws.com", call.service),
        "eventName": call.name,
        "awsRegion": call.region,
        "userAgent": exchange.request.header("user-agent"),
        "requestParameters": call.parameters,
        "responseElements": given_out(exchange, call),
        "readOnly": call.reads(),
        "eventType": "AwsApiCall",
        "managementEvent": !is_data,
        "eventCategory": if is_data { "Data" } else { "Management" },
        "tlsDetails": {"tlsVersion": "TLSv1.3", "clientProvidedHostHeader": exchange.request.header("host")},
    });
    if let Some((code, message)) = error(exchange) {
        put(&mut record, "errorCode", json!(code));
        put(&mut record, "errorMessage", json!(message));
    }
    let (address, endpoint) = from(place, &call.service);
    put(&mut record, "sourceIPAddress", json!(address));
    if let Some((id, account)) = endpoint {
        put(&mut record, "vpcEndpointId", json!(id));
        put(&mut record, "vpcEndpointAccountId", json!(account));
    }
    record
}

/// The address, and the endpoint with its account. Without an endpoint for the service a call leaves the
/// network by another way.
fn from<'p>(place: &'p Place, service: &str) -> (&'static str, Option<(&'p str, &'p str)>) {
    let (internet, inside) = ADDRESSES;
    let all = &place.endpoints;
    match all.get(service).or_else(|| all.get("")) {
        Some((id, account)) => (inside, Some((id, account))),
        None => (internet, None),
    }
}

/// Of a session that was begun the access key is told, but no secret.
fn given_out(exchange: &Exchange, call: &Called) -> Value {
    let body = &exchange.answer.body;
    if call.name != "AssumeRole" || exchange.answer.status >= 400 {
        return Value::Null;
    }
    json!({
        "credentials": {
            "accessKeyId": within(body, "AccessKeyId"), "expiration": within(body, "Expiration"),
        },
        "assumedRoleUser": {
            "assumedRoleId": within(body, "AssumedRoleId"), "arn": within(body, "Arn"),
        },
    })
}

fn resources(call: &Called, owner: Option<&str>) -> Value {
    let listed = call.resources.iter();
    let one = |(kind, arn): &(&str, String)| match *kind {
        "AWS::S3::Object" => json!({"type": kind, "ARN": arn}),
        _ => json!({"accountId": owner, "type": kind, "ARN": arn}),
    };
    match listed.len() {
        0 => Value::Null,
        _ => listed.map(one).collect(),
    }
}

/// Code and message of an answer. A refusal without either is how the emulator writes S3's.
fn error(exchange: &Exchange) -> Option<(String, String)> {
    let (status, body) = (exchange.answer.status, &exchange.answer.body);
    if status < 400 {
        return None;
    }
    let tree: Value = serde_json::from_str(body).unwrap_or_default();
    let member = |name: &str| tree.get(name).and_then(Value::as_str);
    let code = member("__type").map(|name| name.rsplit('#').next().unwrap_or(name));
    let code = code
        .or_else(|| within(body, "Code"))
        .filter(|code| !code.is_empty());
    let message = member("message").or_else(|| member("Message"));
    let message = message.or_else(|| within(body, "Message"));
    let usual = match status {
        403 => "AccessDenied",
        500.. => "InternalFailure",
        _ => "InvalidRequest",
    };
    let code = code.unwrap_or(usual);
    Some((
        code.to_owned(),
        message.unwrap_or("Access Denied").to_owned(),
    ))
}

/// Unique within a log: the second, the number of the exchange, and which copy it is.
fn id(exchange: &Exchange, number: usize, copy: usize) -> String {
    format!("{:08x}-0000-4000-800{copy}-{number:012x}", exchange.at)
}

fn put(record: &mut Value, name: &str, value: Value) {
    if value.is_null() {
        return;
    }
    if let Some(members) = record.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// The text of the first element of a name; answers of STS and S3 have no other structure that matters.
fn within<'b>(body: &'b str, name: &str) -> Option<&'b str> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim())
}

#[cfg(test)]
mod tests {
    use super::super::call::tests::sent;
    use super::super::http::Answer;
    use super::*;

    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:444455556666:table/t";
    const ASSUMED: &str = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
        <Expiration>2026-11-23T05:00:00Z</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:probe\
        </AssumedRoleId><Arn>arn:aws:sts::111122223333:assumed-role/reader/probe</Arn></AssumedRoleUser>\
        </AssumeRoleResult></AssumeRoleResponse>";

    fn exchange(request: [&str; 4], status: u16, body: &str) -> Exchange {
        let [service, line, target, text] = request;
        Exchange {
            at: 1_795_406_400,
            request: sent(service, line, target, text),
            answer: Answer {
                status,
                body: body.to_owned(),
            },
        }
    }

    /// What is known after the role `app/reader` of 111122223333 was assumed; the table's account is of
    /// the organization too.
    fn known() -> Known {
        let mut known = Known {
            owners: BTreeMap::from([("b".to_owned(), "111122223333".to_owned())]),
            accounts: ["111122223333", "444455556666"].map(str::to_owned).into(),
            ..Known::default()
        };
        known.learn(&assumed());
        known
    }

    fn assumed() -> Exchange {
        let form = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fapp%2Freader&RoleSessionName=probe";
        exchange(["sts", "POST /", "", form], 200, ASSUMED)
    }

    /// Each copy: recipient, who, name, error, shared or not, from.
    #[track_caller]
    fn check(exchange: &Exchange, place: &Place, expected: &[[&str; 6]]) {
        let found = records(exchange, 1, place, &known());
        let found: Vec<[String; 6]> = found
            .iter()
            .map(|(recipient, record)| {
                let text = |path: &str| {
                    let found = record.pointer(path).and_then(Value::as_str);
                    found.unwrap_or("-").to_owned()
                };
                let arn = record.pointer("/userIdentity/arn").is_some();
                [
                    recipient.clone(),
                    text(if arn {
                        "/userIdentity/arn"
                    } else {
                        "/userIdentity/accountId"
                    }),
                    text("/eventSource") + " " + &text("/eventName"),
                    text("/errorCode"),
                    text("/sharedEventID"),
                    text("/sourceIPAddress") + " " + &text("/vpcEndpointId"),
                ]
            })
            .collect();
        let expected: Vec<[String; 6]> =
            expected.iter().map(|row| row.map(str::to_owned)).collect();
        assert_eq!(found, expected);
    }

    const READER: &str = "arn:aws:sts::111122223333:assumed-role/reader/probe";
    const SHARED: &str = "6b03ba40-0000-4000-8009-000000000001";

    fn get_item(service: &'static str) -> [&'static str; 4] {
        let body = r#"{"TableName": "arn:aws:dynamodb:eu-west-1:444455556666:table/t"}"#;
        [service, "POST /", "DynamoDB_20120810.GetItem", body]
    }

    #[test]
    fn a_call_within_an_account() {
        let endpoint = ("vpce-1".to_owned(), "111122223333".to_owned());
        let network = Place {
            endpoints: BTreeMap::from([("s3".to_owned(), endpoint)]),
        };
        let call = exchange(["s3", "GET /b/k", "", ""], 403, "");
        let row = |from| {
            [
                "111122223333",
                READER,
                "s3.amazonaws.com GetObject",
                "AccessDenied",
                "-",
                from,
            ]
        };
        check(&call, &network, &[row("10.20.0.7 vpce-1")]);
        check(&call, &Place::default(), &[row("198.51.100.7 -")]);
    }

    #[test]
    fn a_call_across_accounts_has_a_copy_for_each() {
        let missing = r#"{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no"}"#;
        let call = exchange(get_item("dynamodb"), 400, missing);
        let name = "dynamodb.amazonaws.com GetItem";
        let code = "ResourceNotFoundException";
        let from = "198.51.100.7 -";
        check(
            &call,
            &Place::default(),
            &[
                ["111122223333", READER, name, code, SHARED, from],
                ["444455556666", "111122223333", name, code, SHARED, from],
            ],
        );
    }

    #[test]
    fn of_strangers_and_of_nobody_only_the_owner_has_a_copy() {
        let name = "dynamodb.amazonaws.com GetItem";
        let nobody = exchange(get_item(""), 200, "{}");
        let row = |who| [["444455556666", who, name, "-", "-", "198.51.100.7 -"]];
        check(&nobody, &Place::default(), &row(NOBODY));
        let mut known = known();
        let whoami = "<Arn>arn:aws:sts::999900000001:user/moto</Arn><UserId>AIDAEXAMPLE</UserId><Account>999900000001</Account>";
        let form = "Action=GetCallerIdentity";
        known.callers.clear();
        let asked = exchange(["sts", "POST /", "", form], 200, whoami);
        known.learn(&asked);
        let copies = records(
            &exchange(get_item("dynamodb"), 200, "{}"),
            1,
            &Place::default(),
            &known,
        );
        let who = copies[0].1.pointer("/userIdentity").unwrap();
        assert_eq!(
            *who,
            json!({"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "999900000001"})
        );
        assert_eq!(copies.len(), 1);
        assert!(records(&asked, 1, &Place::default(), &known).is_empty());
    }

    #[test]
    fn a_whole_record() {
        let (_, record) = records(&assumed(), 7, &Place::default(), &known()).remove(0);
        let at = |path: &str| record.pointer(path).cloned().unwrap_or_default();
        assert_eq!(
            at("/responseElements/credentials/accessKeyId"),
            "ASIAEXAMPLE"
        );
        assert_eq!(at("/eventTime"), "2026-11-23T04:00:00Z");
        assert_eq!(at("/eventID"), "6b03ba40-0000-4000-8000-000000000007");
        assert_eq!(at("/readOnly"), true);
        assert_eq!(at("/managementEvent"), true);
        assert_eq!(
            at("/resources"),
            json!([{"accountId": "111122223333", "type": "AWS::IAM::Role", "ARN": "arn:aws:iam::111122223333:role/app/reader"}])
        );
        let issuer = known().callers["ASIAEXAMPLE"]["sessionContext"]["sessionIssuer"].clone();
        assert_eq!(issuer["arn"], "arn:aws:iam::111122223333:role/app/reader");
        assert_eq!(issuer["principalId"], "AROAEXAMPLE");
        let call = exchange(get_item("dynamodb"), 200, "{}");
        let (_, record) = records(&call, 1, &Place::default(), &known()).remove(0);
        assert_eq!(
            record["resources"],
            json!([{"accountId": "444455556666", "type": "AWS::DynamoDB::Table", "ARN": TABLE}])
        );
        assert_eq!(record["eventCategory"], "Data");
    }
}
