//! From a model to a request that a person can read, and back through the concrete decision.
//!
//! No witness leaves this room unless it was decided again over the documents as they are: a
//! model that does not replay is a defect of ours, and is said to be one.

use std::collections::BTreeMap;

use cofferdam_logic::{Formula, Model};
use cofferdam_names::{ActionName, Arn, ContextKey, Principal};
use cofferdam_org::model::Organization;
use cofferdam_policy::values;

use crate::caller::{Caller, CallerKind, EVERY_SERVICE};
use crate::concrete::{Asked, Context};
use crate::context::Network;
use crate::decide::{Decision, decide_after};
use crate::gather::{Party, Thing, kind_of, session_of};
use crate::matching::ANY_SESSION;
use crate::rewritten::Rewritten;
use crate::symbolic::{Around, Query, Slot};

/// One concrete request of a data path.
#[derive(Clone, Debug)]
pub struct Request {
    /// ARN, service host or `anonymous`.
    pub principal: String,
    /// What is to be done.
    pub action: ActionName,
    /// To what.
    pub resource: String,
    /// What the request states.
    pub context: Context,
    /// The service that repeats it as the caller.
    pub forwarded_by: Option<String>,
    /// Where it comes from, in words.
    pub network: String,
}

/// Derived from the caller or the resource: a replay finds them again by itself.
const DERIVED: [&str; 16] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:username",
    "aws:userid",
    "s3:resourceaccount",
    "kms:calleraccount",
    "aws:viaawsservice",
];

impl Query<'_> {
    /// The request that a model means for a hop.
    pub fn request(&self, hop: usize, model: &Model<'_>) -> Option<Request> {
        let state = self.state(hop)?;
        let caller = state.hop.situation.caller;
        let network = self.chosen_network(hop, model)?;
        Some(Request {
            principal: self.principal_text(caller, model),
            action: self.chosen_action(hop, model)?,
            resource: match &state.resource {
                Slot::Text(_, attribute) => model.text(*attribute).to_owned(),
                Slot::Values(values) => values.first().map(ToString::to_string).unwrap_or_default(),
                _ => return None,
            },
            context: self.context_of(hop, model),
            forwarded_by: state.hop.situation.forwarded_by.map(str::to_owned),
            network: network_words(network),
        })
    }

    fn principal_text(&self, caller: &Caller, model: &Model<'_>) -> String {
        match &caller.kind {
            CallerKind::Anyone(_) => match self.caller_attribute() {
                Some(attribute) => acting(model.text(attribute)),
                None => caller.display(),
            },
            CallerKind::Service(host) if **host == *EVERY_SERVICE => {
                match self.caller_attribute() {
                    Some(attribute) => model.text(attribute).to_owned(),
                    None => caller.display(),
                }
            }
            CallerKind::Role { role, session, .. } if session.resource().ends_with(ANY_SESSION) => {
                session_of(role, "session").to_string()
            }
            CallerKind::Role { session, .. } => session.to_string(),
            _ => caller.display(),
        }
    }

    fn context_of(&self, hop: usize, model: &Model<'_>) -> Context {
        let mut context = BTreeMap::new();
        let Some(state) = self.state(hop) else {
            return context;
        };
        let crowd = matches!(state.hop.situation.caller.kind, CallerKind::Anyone(_));
        for (key, cases) in &state.slots {
            let Some((_, slot)) = cases.iter().find(|(guard, _)| model.holds(*guard)) else {
                continue;
            };
            let follows = DERIVED.contains(&key.folded()) && matches!(slot, Slot::Values(_));
            let named =
                crowd && matches!(key.folded(), "aws:principalaccount" | "aws:principaltype");
            if follows || named {
                continue;
            }
            if let Some(values) = slot_values(slot, model) {
                context.insert(key.clone(), values);
            }
        }
        if let (CallerKind::Anyone(_), Some(caller)) =
            (&state.hop.situation.caller.kind, self.caller_attribute())
        {
            state_path(model.text(caller), &mut context);
        }
        context
    }
}

/// The path of a role does not show in its sessions' ARN, and policies may name it: the request
/// states it.
fn state_path(caller: &str, context: &mut Context) {
    let role = Arn::parse(caller).ok();
    let Some(Principal::Role { path, .. }) = role.as_ref().and_then(Arn::principal) else {
        return;
    };
    if let (true, Some(key)) = (path != "/", key("aws:PrincipalArn")) {
        context.insert(key, vec![caller.into()]);
    }
}

/// How a principal acts: a role by a session of it.
fn acting(arn: &str) -> String {
    match Arn::parse(arn) {
        Ok(arn) if matches!(arn.principal(), Some(Principal::Role { .. })) => {
            session_of(&arn, "session").to_string()
        }
        _ => arn.to_owned(),
    }
}

fn network_words(network: &Network<'_>) -> String {
    match network {
        Network::Endpoint(endpoint, _) => format!("through the endpoint {}", endpoint.id),
        Network::ForeignEndpoint => "through an endpoint of another organization".to_owned(),
        Network::UnreadEndpoint => "through an endpoint of ours that was not read".to_owned(),
        Network::Public => "from the internet".to_owned(),
        Network::Aws => "from AWS's own network".to_owned(),
        Network::Stated => String::new(),
    }
}

/// The values that a slot has in a model; `None` if the key is absent or cannot be told.
fn slot_values(slot: &Slot, model: &Model<'_>) -> Option<Vec<Box<str>>> {
    let there = |present: Formula| model.holds(present);
    let one = |text: String| Some(vec![text.into_boxed_str()]);
    match slot {
        Slot::Absent | Slot::Unknown(_) => None,
        Slot::Values(values) => Some(values.clone()),
        Slot::Text(present, attribute) if there(*present) => one(model.text(*attribute).to_owned()),
        Slot::Part(present, attribute, around) if there(*present) => {
            one(part_of(model.text(*attribute), *around).to_owned())
        }
        Slot::Texts(present, attribute) if there(*present) => Some(
            model
                .texts(*attribute)
                .iter()
                .map(|text| text.as_str().into())
                .collect(),
        ),
        Slot::Bool(present, attribute) if there(*present) => {
            one(crate::symbolic::bool_word(model.finite(*attribute)).to_owned())
        }
        Slot::Number(present, attribute) if there(*present) => {
            one(model.number(*attribute).to_string())
        }
        Slot::Instant(present, attribute) if there(*present) => one(values::print_instant(
            milliseconds(&model.number(*attribute).to_string()),
        )),
        Slot::Address(present, attribute) if there(*present) => {
            one(model.address(*attribute).to_string())
        }
        _ => None,
    }
}

/// Milliseconds of a decimal number of seconds, cut off below.
fn milliseconds(seconds: &str) -> i64 {
    values::decimal(seconds)
        .and_then(|decimal| i64::try_from(decimal.billionths / 1_000_000).ok())
        .unwrap_or_default()
}

fn part_of(text: &str, around: Around) -> &str {
    match around {
        Around::AccountOfArn => text.split(':').nth(4).unwrap_or_default(),
        Around::HeadOfPath => text.split('/').next().unwrap_or_default(),
    }
}

/// Decides a request of a model again, over the documents as they are.
pub fn replay<'a>(
    org: &'a Organization,
    request: &Request,
    thing: Thing<'a>,
    party: &Party<'a>,
) -> Decision {
    replay_after(org, None, request, thing, party)
}

/// The same after an attacker has rewritten some of what guards it.
pub fn replay_after<'a>(
    org: &'a Organization,
    after: Option<&Rewritten>,
    request: &Request,
    thing: Thing<'a>,
    party: &Party<'a>,
) -> Decision {
    let party = concrete_party(request, party);
    let asked = Asked {
        action: &request.action,
        resource: &request.resource,
        context: &request.context,
        strict: true,
    };
    let forwarded_by = request.forwarded_by.as_deref();
    decide_after(org, after, &party, thing, &asked, forwarded_by)
}

/// The caller that a model picked out of a crowd, or the same party with a session of its own.
fn concrete_party<'a>(request: &Request, party: &Party<'a>) -> Party<'a> {
    let mut party = party.clone();
    let Ok(arn) = Arn::parse(&request.principal) else {
        return party;
    };
    match &mut party.caller.kind {
        CallerKind::Role { session, .. } => *session = arn,
        CallerKind::Anyone(_) => {
            // The role's path shows only in aws:PrincipalArn, which the request then states.
            let stated = request
                .context
                .get("aws:principalarn")
                .and_then(|values| values.first());
            let role = stated.and_then(|text| Arn::parse(text).ok());
            if let Some(kind) = role.as_ref().and_then(kind_of).or_else(|| kind_of(&arn)) {
                party.caller.kind = kind;
                party.caller.account = arn.account_id();
            }
        }
        _ => {}
    }
    party.session_tags = crate::context::SessionTags::Stated;
    party
}

/// A context key by name; the names that this room asks for are well formed.
pub fn key(name: &str) -> Option<ContextKey> {
    ContextKey::parse(name).ok()
}
