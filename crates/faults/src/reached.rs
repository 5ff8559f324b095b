//! What one compromised principal leads to.

use std::collections::BTreeSet;

use cofferdam_authz::context::Network;
use cofferdam_authz::gather::{self, Thing};
use cofferdam_authz::layers::ResourceForm;
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::{Hop, Interval, Query, Wanted};
use cofferdam_findings::faults::{AttackStep, Becomes, Reached, Rewrite};
use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;

use crate::catalogue::{Edge, Layer, On};
use crate::decide::{MAY_DENY, Truth};
use crate::fault::Fault;
use crate::power::{Power, State, Taken};
use crate::setting::{Actor, Object, Setting};
use crate::story::{Teller, on, silenced};

/// Everything that an attacker comes to by one fault, the certain before the possible.
pub fn reached(
    teller: &Teller<'_, '_, '_>,
    fault: &Fault,
    certain: &State,
    possible: &State,
) -> Reached {
    let setting = teller.decider.setting;
    let (principal, account) = match fault {
        Fault::Compromise(place) => {
            let actor = Actor::Existing(*place);
            (setting.name(actor), setting.account(actor))
        }
        Fault::Account(account) => (fault.name(setting), Some(*account)),
        Fault::Misconfigure(..) => (fault.name(setting), None),
    };
    let mut reached = Reached {
        principal,
        administrator: administers(setting, account, certain) == Truth::Certain,
        administrator_possible: administers(setting, account, possible) != Truth::No,
        ..Reached::default()
    };
    let mut rewrites: Vec<(bool, Rewrite)> = Vec::new();
    let mut seen: BTreeSet<Power> = fault.start(setting).powers().collect();
    for (state, possible) in [(certain, false), (possible, true)] {
        for step in state.steps() {
            if !seen.insert(step.power) {
                continue;
            }
            let told = || teller.ways_to(state, &[step.power]);
            match step.power {
                Power::Is(actor) => reached.becomes.push(Becomes {
                    principal: setting.name(actor),
                    possible,
                    steps: told(),
                }),
                power => rewrites.push((
                    is_unseen(teller.edges, step),
                    rewrite(teller, state, power, possible),
                )),
            }
        }
    }
    reached.becomes.sort_by_key(|one| unknowns(&one.steps));
    rewrites.sort_by_key(|(unseen, one)| (*unseen, unknowns(&one.steps)));
    reached.rewrites = rewrites.into_iter().map(|(_, one)| one).collect();
    reached
}

/// On how many unknown things a way hangs: what hangs on the fewest is told first, and what only an
/// unknown denial would stop before what only an unknown grant would allow.
fn unknowns(steps: &[AttackStep]) -> (bool, usize, usize) {
    let possible = steps.iter().any(|step| step.possible);
    let missing = steps.iter().flat_map(|step| &step.missing);
    let missing: BTreeSet<&String> = missing.collect();
    let granting = missing.iter().filter(|why| !why.ends_with(MAY_DENY));
    (possible, granting.count(), missing.len())
}

/// Whether a power is about something of which no source states one, which is told last.
fn is_unseen(edges: &[Edge], taken: &Taken) -> bool {
    let edge = taken.edge.and_then(|edge| edges.get(edge));
    taken.on == Object::Nothing && edge.is_some_and(|edge| matches!(edge.on, On::Other(_)))
}

fn rewrite(teller: &Teller<'_, '_, '_>, state: &State, power: Power, possible: bool) -> Rewrite {
    let setting = teller.decider.setting;
    let taken = state.step_of(power).and_then(|at| state.steps().get(at));
    let edge = taken.and_then(|taken| teller.edges.get(taken.edge?));
    let object = match power {
        Power::Silence(..) | Power::Net(_) => edge
            .zip(taken)
            .map(|(edge, taken)| on(setting, edge, taken)),
        Power::Text(id) => Some(setting.context.org.policies.get(id).name.to_string()),
        _ => object_of(power).map(|object| setting.called(object)),
    };
    let of_edge = edge.filter(|_| matches!(power, Power::Silence(..)));
    Rewrite {
        layer: of_edge
            .and_then(|edge| edge.layer)
            .map_or(layer_of(setting, power), Layer::word),
        object: object.unwrap_or_default(),
        effect: of_edge.map_or(effect(setting, power), silenced),
        edge: edge.map(|edge| edge.id.to_string()).unwrap_or_default(),
        possible,
        steps: teller.ways_to(state, &[power]),
    }
}

fn object_of(power: Power) -> Option<Object> {
    Some(match power {
        Power::Identity(place)
        | Power::Removed(place, _)
        | Power::Inline(place)
        | Power::Boundary(place)
        | Power::Tags(place)
        | Power::Trust(place) => Object::Principal(place),
        Power::Guardrails(account) | Power::Left(account) | Power::Public(account) => {
            Object::Account(account)
        }
        Power::Own(place)
        | Power::Bare(place)
        | Power::Floor(place)
        | Power::Copy(place)
        | Power::Unkey(place)
        | Power::Destroy(place)
        | Power::Evidence(place) => Object::Resource(place),
        Power::Endpoint(place) => Object::Endpoint(place),
        Power::Blind(place) => Object::Trail(place),
        Power::Is(_) | Power::Text(_) | Power::Net(_) | Power::Silence(..) => return None,
    })
}

/// The layer that an object belongs to by its kind.
fn layer_of(setting: &Setting<'_>, power: Power) -> &'static str {
    match power {
        Power::Is(_)
        | Power::Identity(_)
        | Power::Removed(..)
        | Power::Inline(_)
        | Power::Boundary(_)
        | Power::Tags(_)
        | Power::Trust(_) => "identity",
        Power::Text(id) => match setting.is_guardrail(id) {
            true => "organization",
            false => "identity",
        },
        Power::Guardrails(_) => "organization",
        Power::Own(place) | Power::Unkey(place) => match setting.is_key(place) {
            true => "encryption",
            false => "resource",
        },
        Power::Bare(_)
        | Power::Floor(_)
        | Power::Public(_)
        | Power::Copy(_)
        | Power::Destroy(_) => "resource",
        Power::Endpoint(_) | Power::Net(_) => "network",
        Power::Left(_) | Power::Blind(_) | Power::Evidence(_) | Power::Silence(..) => "audit",
    }
}

fn effect(setting: &Setting<'_>, power: Power) -> &'static str {
    match power {
        Power::Is(_) => "becomes",
        Power::Identity(_) | Power::Text(_) | Power::Own(_) | Power::Endpoint(_) => "rewrites",
        Power::Trust(_) => "rewrites who may assume",
        Power::Removed(..) => "takes a denying policy from",
        Power::Bare(_) => "deletes the policy of",
        Power::Inline(_) => "writes over the inline policies of",
        Power::Boundary(_) => "removes the permissions boundary of",
        Power::Tags(_) => "chooses the tags of",
        Power::Guardrails(_) => "removes the organization policies of",
        Power::Floor(_) | Power::Public(_) => "takes block public access from",
        Power::Copy(_) => "copies out",
        Power::Unkey(place) if setting.is_key(place) => "makes unusable",
        Power::Unkey(_) => "changes the key of",
        Power::Destroy(_) => "destroys",
        Power::Left(_) => "takes out of the organization's trails",
        Power::Blind(_) => "stops",
        Power::Evidence(_) => "alters or expires",
        Power::Net(_) => "changes the networks of",
        Power::Silence(..) => "silences",
    }
}

/// Whether somebody of the principal's own account whom the attacker acts as is allowed every
/// action on everything, as far as identity policies and boundaries go: service control policies
/// bind administrators too.
fn administers(setting: &Setting<'_>, account: Option<AccountId>, state: &State) -> Truth {
    let actors = state
        .actors()
        .filter(|actor| setting.account(*actor) == account);
    let each = actors.map(|actor| has_everything(setting, actor, state));
    each.max().unwrap_or(Truth::No)
}

/// Whether no request is refused by an actor's own policies and boundary.
fn has_everything(setting: &Setting<'_>, actor: Actor, state: &State) -> Truth {
    let org = setting.context.org;
    let (Some(party), Some(account)) = (setting.party(actor), setting.account(actor)) else {
        return Truth::No;
    };
    let thing = Thing::Owned(account);
    let layers = gather::layers(org, party, thing, ANY);
    let mut layers = state.rewritten().after(org, party, thing, layers);
    layers.service_control = None;
    layers.resource_control = None;
    layers.form = ResourceForm::None;
    layers.resource = Known::Absent;
    layers.endpoints.clear();
    let mut query = Query::new();
    let hop = query.hop(Hop {
        situation: gather::situation(org, party, thing, ANY, Network::Public),
        networks: vec![Network::Public],
        actions: Vec::new(),
        wanted: Wanted::Anything,
        session: 0,
        given: Vec::new(),
    });
    let allowed = query.decide(hop, &layers).allowed;
    let refused = Interval {
        must: query.problem.not(allowed.may),
        may: query.problem.not(allowed.must),
    };
    let goal = query.goal(&[refused]);
    match Search::new(&query, goal).find() {
        Found::Nothing(_) => Truth::Certain,
        Found::Certain(_) => Truth::No,
        Found::Possible(_) | Found::GaveUp(_) => Truth::Possible,
    }
}

/// No service in particular.
const ANY: &str = "*";
