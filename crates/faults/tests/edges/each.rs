//! Every edge, as the engine decides it: it is there with just what it needs, and gone without any
//! one of its actions, under a denial or a boundary against it, and where a guard does not hold.

use std::fmt::Write;

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::file::Boundary;
use cofferdam_boundary::obligations::Context;
use cofferdam_faults::catalogue::{Edge, Gain, Guard, On, Operand, edges};
use cofferdam_faults::closure::{Closure, Mode};
use cofferdam_faults::decide::{Decider, Truth};
use cofferdam_faults::fault::start;
use cofferdam_faults::power::{Power, State};
use cofferdam_faults::setting::{Actor, Setting};

use crate::world::{Variant, World};

/// How far the edge is there in a fixture, for the principal of an ARN.
pub fn truth(text: &str, caller: &str, edge: &Edge) -> Truth {
    with(text, caller, edge, |closure, state, actor| {
        closure.exists(state, actor, edge)
    })
}

/// Whether the principal comes to hold anything by the edge.
fn powers(text: &str, caller: &str, edge: &Edge) -> bool {
    with(text, caller, edge, |closure, state, _| {
        let before = state.steps().len();
        let mut after = state.clone();
        closure.close(&mut after, Mode::Possible);
        after.steps().len() > before
    })
}

fn with<T>(
    text: &str,
    caller: &str,
    edge: &Edge,
    ask: impl FnOnce(&Closure<'_, '_, '_>, &State, Actor) -> T,
) -> T {
    let org = cofferdam_fixture::organization(text);
    let boundary = Boundary::default();
    let cast = Cast::of(&org);
    let setting = Setting::new(Context {
        org: &org,
        boundary: &boundary,
        cast: &cast,
        as_of: None,
    });
    let place = org
        .principals
        .iter()
        .position(|one| one.arn.as_str() == caller);
    let actor = Actor::Existing(place.expect("the caller"));
    let decider = Decider::new(&setting, std::slice::from_ref(edge)).expect("an engine");
    let closure = Closure::new(&decider, std::slice::from_ref(edge));
    let state = start(&setting, &[Power::Is(actor)]);
    ask(&closure, &state, actor)
}

/// What the row promises of an edge where all that it names is there.
fn promised(edge: &Edge) -> Truth {
    let declared = |guard: &Guard| matches!(guard, Guard::Declared(_));
    let open = |guard: &Guard| matches!(guard, Guard::Exists(_) | Guard::Mfa | Guard::Unconfirmed);
    if edge.needs.is_empty() || edge.guards.iter().any(declared) {
        return Truth::No;
    }
    match matches!(edge.on, On::Other(_)) || edge.guards.iter().any(open) {
        true => Truth::Possible,
        false => Truth::Certain,
    }
}

/// All ways in which an edge is tried, each with what must come out.
fn tries(edge: &Edge) -> Vec<(Variant, Truth)> {
    let whole = promised(edge);
    let mut tries = vec![(Variant::Whole, whole)];
    if whole == Truth::No {
        return tries;
    }
    let has = |guard: &Guard| edge.guards.contains(guard);
    let delegated = edge
        .guards
        .iter()
        .any(|guard| matches!(guard, Guard::Delegate(_)));
    let central = delegated || has(&Guard::Management);
    for place in 0..edge.needs.len() {
        tries.push((Variant::Without(place), Truth::No));
        // What is tried in the management account no guardrail binds.
        let denied = if central { whole } else { Truth::No };
        tries.push((Variant::Guardrail(place), denied));
        tries.push((Variant::Boundary(place), Truth::No));
    }
    if edge
        .guards
        .iter()
        .any(|guard| matches!(guard, Guard::Trusts(_) | Guard::TrustsCaller))
    {
        tries.push((Variant::TrustsAnother, Truth::No));
    }
    if delegated {
        tries.push((Variant::Delegated, whole));
        tries.push((Variant::DelegatedOther, Truth::No));
        tries.push((Variant::DelegatesUntold, whole.min(Truth::Possible)));
    }
    if central || has(&Guard::Member) {
        tries.push((Variant::Moved, Truth::No));
    }
    let foreign =
        has(&Guard::OwnAccount) && matches!(edge.on, On::Bucket | On::Key | On::Repository);
    if foreign {
        tries.push((Variant::Foreign, Truth::No));
    }
    // A role that is made under a boundary may still do something.
    if has(&Guard::NoBoundaryForced) {
        tries.push((Variant::Otherwise, Truth::Possible));
    }
    let world = World {
        edge,
        variant: Variant::Whole,
    };
    if !world.asked_for().is_empty() {
        tries.push((Variant::Uncarried, Truth::No));
        tries.push((Variant::Unlisted, Truth::Possible));
    }
    // What grants do not name is not taken over.
    if edge
        .needs
        .iter()
        .any(|need| need.operand == Operand::Carrier)
    {
        tries.push((Variant::CarriedElsewhere, Truth::No));
    }
    let facts = [
        Guard::NotServiceLinked,
        Guard::Acls,
        Guard::Versioned,
        Guard::Unversioned,
        Guard::Unlocked,
        Guard::OrganizationTrail,
    ];
    if facts.iter().any(has) {
        tries.push((Variant::Otherwise, Truth::No));
    }
    tries
}

fn check(group: char) {
    let mut wrong = String::new();
    let mut tried = 0;
    for edge in edges().iter().filter(|edge| edge.id.starts_with(group)) {
        let mut table = String::new();
        let mut differs = false;
        for (variant, expected) in tries(edge) {
            tried += 1;
            let world = World { edge, variant };
            let got = truth(&world.text(), &world.caller(), edge);
            let mark = if got == expected { "" } else { "   <-- wrong" };
            differs |= got != expected;
            let _ = writeln!(
                table,
                "    {:?}: {expected:?} expected, {got:?} decided{mark}",
                world.variant
            );
        }
        if differs {
            let _ = write!(wrong, "\n{} {}\n{table}", edge.id, edge.text);
        }
    }
    println!("group {group}: {tried} tries");
    assert!(
        wrong.is_empty(),
        "of {tried} tries these edges are decided wrongly:\n{wrong}"
    );
}

#[test]
fn becoming_a_principal() {
    check('A');
}

#[test]
fn rewriting_the_organization() {
    check('B');
}

#[test]
fn rewriting_resources() {
    check('C');
}

#[test]
fn rewriting_networks() {
    check('D');
}

#[test]
fn rewriting_encryption() {
    check('E');
}

#[test]
fn blinding_the_audit() {
    check('F');
}

/// Links that only their owner knows: the edge is never there by itself, and is there for whoever has
/// its actions once it is stated without that guard.
#[test]
fn declared_links() {
    let declared = |guard: &Guard| matches!(guard, Guard::Declared(_));
    // Whoever presents a token or an assertion calls without credentials of AWS.
    let by_token = |edge: &&Edge| edge.needs.iter().any(|need| need.action.service() == "sts");
    let links = edges()
        .iter()
        .filter(|edge| edge.guards.iter().any(declared));
    for edge in links.filter(|edge| !edge.needs.is_empty() && !by_token(edge)) {
        let mut stated = edge.clone();
        stated.guards.retain(|guard| !declared(guard));
        let there = |edge: &Edge| {
            let world = World {
                edge,
                variant: Variant::Whole,
            };
            truth(&world.text(), &world.caller(), edge)
        };
        assert_eq!(there(edge), Truth::No, "{} by itself", edge.id);
        assert_ne!(there(&stated), Truth::No, "{} stated", edge.id);
    }
}

/// What somebody with the whole bundle comes to hold is what the row says.
#[test]
fn what_is_gained_is_held() {
    for edge in edges().iter().filter(|edge| promised(edge) != Truth::No) {
        let world = World {
            edge,
            variant: Variant::Whole,
        };
        let held = powers(&world.text(), &world.caller(), edge);
        let expected = edge.gains.iter().any(|gain| is_modelled(edge, *gain));
        assert_eq!(held, expected, "{} gains {:?}", edge.id, edge.gains);
    }
}

/// Whether the organization model has a place for what is gained.
fn is_modelled(edge: &Edge, gain: Gain) -> bool {
    let principal = matches!(
        edge.on,
        On::Role | On::User | On::PermissionSet | On::Provider
    );
    let store = matches!(
        edge.on,
        On::Bucket
            | On::Key
            | On::Table
            | On::Queue
            | On::Topic
            | On::Secret
            | On::Function
            | On::Repository
    );
    match gain {
        Gain::Become | Gain::Code | Gain::Tags => principal,
        // What only shows in another way what anybody may read takes off no block.
        Gain::PublicFloor => store && !edge.guards.contains(&Guard::Exists("public-read".into())),
        Gain::Resource | Gain::Copy | Gain::Rekey | Gain::Unkey => store,
        Gain::Undeny => principal || store,
        Gain::Account => edge.on == On::Account,
        Gain::Names | Gain::Credential => false,
        _ => true,
    }
}
