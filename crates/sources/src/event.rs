//! A CloudTrail event into the call that it records.
//!
//! An event is not the request that AWS decided: it names a session where policies see a role, a
//! call where policies see actions, and few of the condition keys ("CloudTrail record contents").
//! What it does not say stays unknown, never absent. The tables here say which field becomes what,
//! so that replaying a log and explaining one event read it alike.

mod answer;
pub mod changes;
mod edits;
mod keys;
mod resource;
mod session;
mod shape;
pub mod stream;
mod value;
mod who;

use std::collections::BTreeMap;

use cofferdam_authz::call::Call;
use cofferdam_catalog::{action_of_event, needs, variant_of_event};
use cofferdam_names::ActionName;
use cofferdam_text::{Diagnostic, Node};

use keys::Rows;
use resource::Ways;

pub use session::{Session, begins_session};
pub use shape::NoRequest;
pub use value::Value;
pub use who::Who;

/// The most events that one document may hold; a log file of CloudTrail has some thousands.
pub const EVENTS_MAX: usize = 100_000;

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// `eventID`, by which copies of one event are told to be one.
    pub id: Option<String>,
    /// `sharedEventID`, which the copies for several accounts have in common.
    pub shared_id: Option<String>,
    /// `eventTime`.
    pub time: Option<String>,
    /// `awsRegion`.
    pub region: Option<String>,
    /// The account that the event was delivered to.
    pub recipient: Option<String>,
    /// The id of the access key that signed the call.
    pub access_key: Option<String>,
    /// The unique id of the caller.
    pub unique_id: Option<String>,
    /// Whether only the caller's account is told; the call then names its root.
    pub only_account: bool,
    /// Whether it tells of a call through an endpoint to the endpoint's owner, without its resource.
    pub network_activity: bool,
    /// The call that it records.
    pub call: Call,
}

/// Reads events; keeps what it worked out about the calls of each name.
#[derive(Debug, Default)]
pub struct Reader {
    plans: BTreeMap<Box<str>, BTreeMap<Box<str>, Option<Plan>>>,
}

/// How the events of one name are read.
#[derive(Debug)]
struct Plan {
    plain: Named,
    /// A parameter, and what the call is if it has that.
    variant: Option<(&'static str, Named)>,
    keys: Rows,
}

/// One name that a call may have.
#[derive(Debug)]
struct Named {
    name: ActionName,
    ways: Ways,
    /// Whether parameters of the call make further permissions needed.
    asks_parameters: bool,
}

impl Named {
    fn of(name: ActionName) -> Named {
        let asks = |need: cofferdam_catalog::Need| need.parameter.is_some();
        Named {
            ways: Ways::of(&name),
            asks_parameters: needs(name.service(), name.name()).any(asks),
            name,
        }
    }
}

impl Plan {
    fn of(source: &str, name: &str) -> Option<Plan> {
        let plain = call_name(source, name)?;
        let variant = variant_of_event(source, name).and_then(|(parameter, action)| {
            let name = ActionName::parse(action).ok()?;
            Some((parameter, Named::of(name)))
        });
        Some(Plan {
            keys: Rows::of(plain.service()),
            plain: Named::of(plain),
            variant,
        })
    }

    fn named(&self, record: &Value<'_>) -> &Named {
        let has = |parameter: &str| {
            let parameters = record.get("requestParameters");
            parameters.is_some_and(|of| of.text_at(parameter).is_some())
        };
        match &self.variant {
            Some((parameter, variant)) if has(parameter) => variant,
            _ => &self.plain,
        }
    }
}

impl Reader {
    /// Reads one record.
    ///
    /// # Errors
    /// When it records no request, or cannot be understood.
    pub fn read(&mut self, record: &Value<'_>) -> Result<Event, NoRequest> {
        shape::shape(record)?;
        let field = |name: &str| record.text_at(name).map(str::to_owned);
        let names = record
            .text_at("eventSource")
            .zip(record.text_at("eventName"));
        let Some((source, name)) = names else {
            return shape::unclear(
                "this is no CloudTrail event: eventSource or eventName is missing",
            );
        };
        let Some(who) = who::who(record) else {
            return shape::unclear("who made this call cannot be told from userIdentity");
        };
        let Some(plan) = self.plan(source, name) else {
            return shape::unclear(format!("which action {name} of {source} is, is not known"));
        };
        let named = plan.named(record);
        Ok(Event {
            id: field("eventID"),
            shared_id: field("sharedEventID"),
            time: field("eventTime"),
            region: field("awsRegion"),
            recipient: field("recipientAccountId"),
            access_key: record
                .text_at("userIdentity.accessKeyId")
                .map(str::to_owned),
            unique_id: unique_id(record),
            only_account: who.only_account,
            network_activity: is_network_activity(record),
            call: Call {
                principal: who.principal,
                resource: named.ways.resource(record),
                name: named.name.clone(),
                context: plan.keys.context(record),
                forwarded_by: who.forwarded_by,
                parameters: match named.asks_parameters {
                    true => parameters(record),
                    false => BTreeMap::new(),
                },
                answer: answer::answer(record),
                notes: Vec::new(),
            },
        })
    }

    /// The session that a record began, whatever became of the call else.
    pub fn session(record: &Value<'_>) -> Option<Session> {
        session::session(record)
    }

    fn plan(&mut self, source: &str, name: &str) -> Option<&Plan> {
        let known = self
            .plans
            .get(source)
            .is_some_and(|of| of.contains_key(name));
        if !known {
            let of = self.plans.entry(source.into()).or_default();
            // Names that nobody knows come from outside, and must not fill the memory.
            if of.len() >= NAMES_MAX {
                of.clear();
            }
            of.insert(name.into(), Plan::of(source, name));
        }
        self.plans.get(source)?.get(name)?.as_ref()
    }
}

/// Names of calls of one service that are kept; the largest service has some seven hundred.
const NAMES_MAX: usize = 4096;

/// Reads one event, a list of events, a file of CloudTrail (`Records`), or what `lookup-events`
/// prints, which holds each event as a text.
pub fn read(node: &Node) -> Vec<Result<Event, Diagnostic>> {
    let records = node.get("Records").or_else(|| node.get("Events"));
    let events = records.unwrap_or(node).items();
    if events.len() > EVENTS_MAX {
        let message = format!("the file holds more than {EVENTS_MAX} events");
        return vec![Err(Diagnostic::error(node.origin, message))];
    }
    let mut reader = Reader::default();
    let mut one = |event: &Node| {
        let inner = event.get("CloudTrailEvent").and_then(Node::as_str);
        let record = match inner {
            Some(text) => Value::parse(text.as_bytes()).unwrap_or(Value::Null),
            None => Value::of(event),
        };
        match reader.read(&record) {
            Ok(mut event) => {
                note(&record, &mut event);
                Ok(event)
            }
            Err(NoRequest::Other(what)) => {
                Err(Diagnostic::error(event.origin, format!("this is {what}")))
            }
            Err(NoRequest::Unclear(why)) => Err(Diagnostic::error(event.origin, why)),
        }
    };
    events.iter().map(&mut one).collect()
}

/// A call that is several requests keeps its own name; any other has that of its action.
fn call_name(source: &str, name: &str) -> Option<ActionName> {
    let service = source.split('.').next().unwrap_or(source);
    if needs(service, name).next().is_some() {
        return ActionName::parse(&format!("{service}:{name}")).ok();
    }
    let (service, action) = action_of_event(source, name)?;
    ActionName::parse(&format!("{service}:{action}")).ok()
}

/// The id of the user or role; a session's name follows it.
fn unique_id(record: &Value<'_>) -> Option<String> {
    let id = record.text_at("userIdentity.principalId")?;
    let id = id.split(':').next().unwrap_or(id);
    let is_id = id.len() >= 16 && id.starts_with('A');
    is_id.then(|| id.to_owned())
}

/// Both spellings occur ("CloudTrail record contents", eventType).
fn is_network_activity(record: &Value<'_>) -> bool {
    record.text_at("eventCategory") == Some("NetworkActivity")
        || record
            .text_at("eventType")
            .is_some_and(|kind| kind.starts_with("AwsVpceEvent"))
}

/// Every parameter that is a text or a list of texts, by its path and by its own name; of an object
/// the names of its members, as `NAME.keys`.
fn parameters(record: &Value<'_>) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    if let Some(parameters) = record.get("requestParameters") {
        collect(parameters, "", 0, &mut found);
    }
    found
}

/// Parameters that decide nothing lie deeper.
const PARAMETER_DEPTH: usize = 4;

fn collect(value: &Value<'_>, path: &str, depth: usize, found: &mut BTreeMap<String, Vec<String>>) {
    if depth > PARAMETER_DEPTH {
        return;
    }
    for (leaf, member) in value.members() {
        let name = match path {
            "" => leaf.to_string(),
            _ => format!("{path}.{leaf}"),
        };
        let mut put = |name: &str, text: &str| {
            let values = found.entry(name.to_owned()).or_default();
            values.push(text.to_owned());
        };
        for (key, _) in member.members() {
            put(&format!("{name}.keys"), key);
        }
        for text in member.items().iter().filter_map(Value::text) {
            put(&name, text);
            if *leaf != name {
                put(leaf, text);
            }
        }
        for inner in member.items().iter().filter(|item| item.text().is_none()) {
            found.entry(name.clone()).or_default();
            collect(inner, &name, depth + 1, found);
        }
    }
}

/// What an event never says.
fn note(record: &Value<'_>, event: &mut Event) {
    let notes = &mut event.call.notes;
    if event.network_activity {
        notes.push(
            "a network activity event carries neither parameters nor resources: the resource is \
             in the account owner's own event"
                .to_owned(),
        );
    }
    if event.only_account {
        notes.push(
            "the event is the copy for the resource's owner and names only the caller's account"
                .to_owned(),
        );
    }
    if event.call.resource.is_none() {
        notes.push("the event does not say on which resource: give it with --resource".to_owned());
    }
    if record.text_at("userIdentity.type") == Some("AssumedRole") {
        notes.push(
            "an event shows neither session policies nor session tags: both are taken as unset"
                .to_owned(),
        );
    }
}

#[cfg(test)]
mod tests;
