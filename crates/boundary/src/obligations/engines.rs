//! Services that repeat requests as their caller ("Forward access sessions").
//!
//! What they repeat comes from AWS's own network with the caller's identity, so that a control on
//! networks or on aws:ViaAWSService may spare it. Every obligation about data paths asks for them.

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::{Interval, Wanted};
use cofferdam_catalog::forwarded_from;
use cofferdam_logic::Formula;
use cofferdam_names::ActionName;

use super::Context;
use crate::ask::{Answers, Depth, ask as put};
use crate::cast::known_as;
use crate::granted::{Grants, SOME_ENGINE};
use crate::path::{DataPath, Made, Path, Request};
use crate::scope::{Group, Store};

/// A service that repeats requests as the caller.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The prefix of its own actions.
    pub service: &'static str,
    /// Its name in aws:CalledVia.
    pub host: &'static str,
    /// Actions of its own that make it call others.
    pub starts: Vec<ActionName>,
    /// Actions of the group that it then calls.
    pub forwards: Vec<ActionName>,
}

/// Engines that the catalogue knows for the actions of a group. A service's own use of a store it
/// serves is the data request itself and no engine.
pub fn engines(service: &str, group: &Group) -> Vec<Engine> {
    let mut engines: Vec<Engine> = Vec::new();
    for action in group.names() {
        for forward in forwarded_from(action.service(), action.name()) {
            let (Some(host), true) = (forward.called_via, forward.service != service) else {
                continue;
            };
            let Ok(start) = ActionName::parse(&format!("{}:{}", forward.service, forward.action))
            else {
                continue;
            };
            let engine = match engines
                .iter_mut()
                .find(|engine| engine.service == forward.service)
            {
                Some(engine) => engine,
                None => {
                    engines.push(Engine {
                        service: forward.service,
                        host,
                        starts: Vec::new(),
                        forwards: Vec::new(),
                    });
                    let Some(engine) = engines.last_mut() else {
                        continue;
                    };
                    engine
                }
            };
            engine.starts.push(start);
            engine.forwards.push(action.clone());
        }
    }
    for engine in &mut engines {
        engine.starts.sort();
        engine.starts.dedup();
        engine.forwards.sort();
        engine.forwards.dedup();
    }
    engines
}

/// Asks whether a party gets to data through engines: `goal` adds to each path what is asked.
///
/// First as if every engine could be started; only where a path is then left does it matter who
/// may start which. Nobody governs what an outsider starts at home.
pub(super) fn through_engines<'a>(
    context: &Context<'a>,
    party: &'a Party<'a>,
    store: &'a Store<'a>,
    group: &Group,
    depth: Depth,
    goal: impl Fn(&mut Path<'a>, &DataPath) -> Interval,
) -> Answers {
    let mut answers = Answers::default();
    if matches!(party.caller.kind, CallerKind::Anonymous) {
        return answers;
    }
    if Grants::on_store(context, party, store, Some(SOME_ENGINE)).nothing_of(group) {
        return answers;
    }
    let is_crowd = matches!(party.caller.kind, CallerKind::Anyone(_));
    let mut settled: Vec<ActionName> = Vec::new();
    for engine in engines(store.service, group) {
        let forwarded = |action: &ActionName| engine.forwards.contains(action);
        let Some(group) =
            group.only(|action| forwarded(&action.name) && !settled.contains(&action.name))
        else {
            continue;
        };
        let mut path = Path::new(context.org, context.cast);
        path.depth = depth;
        let data = path.data(party, store, &group, Some(engine.host));
        let wanted = goal(&mut path, &data);
        let mut found = put(&mut path, &known_as(party), wanted);
        if found.nothing() && !path.query.asks_for(data.data.hop, CALLED_VIA) {
            // No policy tells engines apart, so that the next would fare alike.
            settled.extend(group.names());
        }
        if !is_crowd && !found.nothing() {
            let mut path = Path::new(context.org, context.cast);
            path.depth = depth;
            let start = start(&mut path, &engine, party, store);
            let data = path.data(party, store, &group, Some(engine.host));
            let wanted = goal(&mut path, &data);
            let wanted = path.all(&[start.allowed, wanted]);
            found = put(&mut path, &known_as(party), wanted);
        }
        answers.join(found);
    }
    answers
}

/// How the keys begin by which policies tell engines apart.
const CALLED_VIA: &str = "aws:calledvia";

/// Adds the request that starts an engine.
pub fn start<'a>(
    path: &mut Path<'a>,
    engine: &Engine,
    party: &'a Party<'a>,
    store: &Store<'_>,
) -> Made {
    path.request(
        Request {
            party,
            thing: Thing::Nothing,
            service: engine.service,
            actions: engine.starts.clone(),
            wanted: starting_point(engine.service, party, store),
            forwarded_by: None,
            given: Vec::new(),
        },
        Formula::TRUE,
        Some(format!("starts the read through {}", engine.host)),
    )
}

/// What an engine is started on: something of the caller's own account, in the store's Region.
pub fn starting_point(engine: &str, party: &Party<'_>, store: &Store<'_>) -> Wanted {
    let region = store.resource.region.present().map_or("*", |region| region);
    let account = party
        .caller
        .account
        .map(|account| account.to_string())
        .unwrap_or_default();
    let beginning = format!("arn:aws:{engine}:{region}:{account}:");
    match engine {
        "athena" => Wanted::Like(format!("{beginning}workgroup/?*")),
        _ => Wanted::Like(format!("{beginning}*")),
    }
}
