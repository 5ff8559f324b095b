//! The smallest change that lets a call pass, and who can make it.
//!
//! Found by trying: each layer that refuses is taken out of the way, alone and together with others,
//! and the request is decided again. The first set that suffices counts, with those that the caller's
//! own account can change before those that somebody else must be asked for. A call that would pass
//! from another network needs no change of policies at all, and that is said first.

use cofferdam_authz::call::Call;
use cofferdam_authz::concrete::Ternary;
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::layers::{IdentitySide, LayerId, Layers, Sheet};
use cofferdam_authz::trace::{Determining, LayerOutcome, Trace};
use cofferdam_findings::inventory::Access;
use cofferdam_findings::story::Change;
use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{NamedPolicy, Organization};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::Documents;

use super::request::Asked;
use crate::cast::{Cast, known_as};
use crate::inventory::principals;
use crate::reach::{Question, Ways};
use crate::who_can::{self, What};

/// Layers that refuse one request: more than these never do at once, and every set of them is tried.
const REFUSING_MAX: usize = 8;

/// What to change, all of it together.
pub(super) fn changes<'a>(
    org: &'a Organization,
    cast: &Cast<'a>,
    party: &'a Party<'a>,
    call: &Call,
    asked: &[Asked<'a>],
) -> Vec<Change> {
    let refused: Vec<&Asked<'a>> = asked
        .iter()
        .filter(|one| one.outcome(call) != Outcome::Allowed)
        .collect();
    if refused.is_empty() {
        return Vec::new();
    }
    if let Some(elsewhere) = elsewhere(org, cast, party, asked) {
        return elsewhere;
    }
    let mut all = Vec::new();
    for one in refused {
        for change in smallest(org, party, call, one) {
            if !all.contains(&change) {
                all.push(change);
            }
        }
    }
    all.sort_by_key(|change| !change.yours);
    all
}

/// The call as it would pass without any change of policies.
fn elsewhere<'a>(
    org: &'a Organization,
    cast: &Cast<'a>,
    party: &Party<'a>,
    asked: &[Asked<'a>],
) -> Option<Vec<Change>> {
    let question = Question {
        org,
        cast,
        approval: None,
    };
    let name = known_as(party);
    let open = cast
        .existing()
        .find(|other| known_as(other) == name)
        .unwrap_or(party);
    let mut all = Vec::new();
    for one in asked.iter().filter(|one| !one.uses_key()) {
        let mut what = who_can::Asked::of(org, &one.action, &one.resource)
            .ok()?
            .what;
        if let (What::Store(store, _), Thing::Behind(_, door)) = (&mut what, one.thing) {
            store.door = Some(door);
        }
        let mut found = Ways::default();
        match &what {
            What::Store(store, _) => question.ways_of(open, "", store, &[None], &mut found),
            What::Target(target) => question.ways_of_to(open, "", target, &mut found),
        }
        let ways: Vec<Access> = principals(&found)
            .into_iter()
            .filter(|way| way.certain)
            .collect();
        if ways.is_empty() {
            return None;
        }
        for way in &ways {
            let change = as_call(way, &one.action.to_string());
            if !all.contains(&change) {
                all.push(change);
            }
        }
    }
    (!all.is_empty()).then_some(all)
}

fn as_call(way: &Access, action: &str) -> Change {
    let conditions = match way.conditions.is_empty() {
        true => String::new(),
        false => format!(", if {}", way.conditions.join("; ")),
    };
    Change {
        yours: true,
        owner: "you".to_owned(),
        layer: None,
        what: format!(
            "make {action} from {}{conditions}: it is allowed from there as policies are",
            way.from.join(" or ")
        ),
    }
}

/// The smallest set of layers that must change for one request.
fn smallest<'a>(
    org: &'a Organization,
    party: &'a Party<'a>,
    call: &Call,
    asked: &Asked<'a>,
) -> Vec<Change> {
    let Some(shown) = asked.shown(call).filter(|_| asked.unknown.is_none()) else {
        return Vec::new();
    };
    let refusing = refusing(&shown.decision.trace);
    let own = |layer: LayerId| owner(org, party, asked, layer, &shown.decision.trace).0;
    let Some(consent) = consent(party) else {
        return Vec::new();
    };
    let passes = |set: &[LayerId]| {
        asked.would_pass(org, party, call, &shown.network, |layers| {
            set.iter().fold(layers, |layers, layer| {
                out_of_the_way(layers, *layer, &consent)
            })
        })
    };
    let Some(set) = first(&refusing, own, passes) else {
        return Vec::new();
    };
    set.into_iter()
        .map(|layer| {
            let (yours, owner) = owner(org, party, asked, layer, &shown.decision.trace);
            Change {
                yours,
                owner,
                layer: Some(layer.id()),
                what: words(
                    layer,
                    party,
                    &asked.action.to_string(),
                    &asked.resource,
                    &shown.decision.trace,
                ),
            }
        })
        .collect()
}

/// Layers that deny, or that do not allow, in their order.
pub(super) fn refusing(trace: &Trace) -> Vec<LayerId> {
    let refuses = |one: &&LayerOutcome| one.denies == Ternary::True || one.allows == Ternary::False;
    let beside = |layer: LayerId| matches!(layer, LayerId::Grant | LayerId::Acl);
    let mut layers: Vec<LayerId> = trace
        .layers
        .iter()
        .filter(refuses)
        .map(|one| one.layer)
        .collect();
    layers.retain(|layer| !beside(*layer));
    layers.sort();
    layers.dedup();
    layers.truncate(REFUSING_MAX);
    layers
}

/// The first set that suffices: few that others own before many, small before large.
pub(super) fn first(
    layers: &[LayerId],
    own: impl Fn(LayerId) -> bool,
    passes: impl Fn(&[LayerId]) -> bool,
) -> Option<Vec<LayerId>> {
    let mut sets: Vec<Vec<LayerId>> = (1_u32..1 << layers.len().min(REFUSING_MAX))
        .map(|bits| {
            let chosen = layers
                .iter()
                .enumerate()
                .filter(|(at, _)| bits & (1 << at) != 0);
            chosen.map(|(_, layer)| *layer).collect()
        })
        .collect();
    sets.sort_by_key(|set| (set.iter().filter(|layer| !own(**layer)).count(), set.len()));
    sets.into_iter().find(|set| passes(set))
}

/// A policy that consents to everything the caller does, in place of one that does not.
fn consent(party: &Party<'_>) -> Option<NamedPolicy> {
    let who = match party.caller.principal_arn() {
        Some(arn) => format!(r#"{{"AWS": "{arn}"}}"#),
        None => match party.caller.display() {
            host if host.ends_with(".amazonaws.com") => format!(r#"{{"Service": "{host}"}}"#),
            _ => r#""*""#.to_owned(),
        },
    };
    consenting(&who, PolicyKind::Resource)
}

/// The text of such a policy, read as policies are.
pub(super) fn consenting(who: &str, kind: PolicyKind) -> Option<NamedPolicy> {
    let principal = match kind {
        PolicyKind::Identity => String::new(),
        _ => format!(r#""Principal": {who}, "#),
    };
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {principal}"Action": "*", "Resource": "*"}}]}}"#
    );
    let node = Documents::new()
        .read_json("a policy that consents", text.into())
        .ok()?;
    let (policy, _) = cofferdam_policy::parse::parse(&node, kind);
    Some(NamedPolicy {
        name: "a policy that consents".into(),
        document: Known::Present(policy),
        origin: None,
    })
}

fn out_of_the_way<'p>(
    mut layers: Layers<'p>,
    layer: LayerId,
    consent: &'p NamedPolicy,
) -> Layers<'p> {
    match layer {
        LayerId::ServiceControl => layers.service_control = None,
        LayerId::ResourceControl => layers.resource_control = None,
        LayerId::Identity => layers.identity = IdentitySide::Everything,
        LayerId::PermissionsBoundary => layers.boundary = Known::Absent,
        LayerId::Session => layers.session = None,
        LayerId::Endpoint => layers.endpoints.clear(),
        LayerId::BlockPublicAccess => layers.restrict_public = Known::Absent,
        LayerId::Trust | LayerId::Resource | LayerId::AccessPoint | LayerId::KeyPolicy => {
            layers.resource = Known::Present(Sheet {
                layer,
                target: "",
                policy: consent,
            });
        }
        LayerId::Grant | LayerId::Acl => {}
    }
    layers
}

/// Whether the caller's own account can change a layer, and whose it is.
fn owner(
    org: &Organization,
    party: &Party<'_>,
    asked: &Asked<'_>,
    layer: LayerId,
    trace: &Trace,
) -> (bool, String) {
    let own = party.caller.account;
    let of = |account: Option<AccountId>| {
        let yours = account.is_some() && account == own;
        (
            yours,
            account.map_or("its owner".to_owned(), |account| called(org, account)),
        )
    };
    match layer {
        LayerId::ServiceControl | LayerId::ResourceControl => (false, management(org)),
        LayerId::PermissionsBoundary => {
            let (_, name) = of(own);
            (
                false,
                format!("whoever sets permissions boundaries in {name}"),
            )
        }
        LayerId::Identity | LayerId::Session => of(own),
        LayerId::Endpoint => {
            let said = trace
                .layers
                .iter()
                .find(|one| one.layer == layer && one.word() != "allows");
            let id = said.map_or("", |one| &*one.target);
            of(org
                .endpoints
                .iter()
                .find(|endpoint| &*endpoint.id == id)
                .map(|one| one.account))
        }
        _ => of(asked.owner(party)),
    }
}

fn called(org: &Organization, account: AccountId) -> String {
    match org.accounts.get(&account).map(|known| &*known.name) {
        Some(name) if !name.is_empty() => format!("account {account} ({name})"),
        _ => format!("account {account}"),
    }
}

fn management(org: &Organization) -> String {
    let management = org
        .identity
        .as_ref()
        .and_then(|one| one.management.present().copied());
    match management {
        Some(account) => format!(
            "the organization's administrators in {}",
            called(org, account)
        ),
        None => "the organization's administrators".to_owned(),
    }
}

/// What to do about a layer.
pub(super) fn words(
    layer: LayerId,
    party: &Party<'_>,
    action: &str,
    resource: &str,
    trace: &Trace,
) -> String {
    let who = known_as(party);
    let denies: Vec<String> = denying(trace, layer).collect();
    if !denies.is_empty() {
        return format!(
            "except {who} from {}, or narrow {}",
            denies.join(" and "),
            if denies.len() == 1 { "it" } else { "them" }
        );
    }
    match layer {
        LayerId::ServiceControl => {
            format!(
                "allow {action} in a service control policy at {}",
                silent(trace, layer)
            )
        }
        LayerId::Identity => format!("allow {action} on {resource} in an identity policy of {who}"),
        LayerId::PermissionsBoundary => {
            format!("let the permissions boundary of {who} allow {action} on {resource}")
        }
        LayerId::Session => {
            format!("take a session whose session policies allow {action} on {resource}")
        }
        LayerId::Endpoint => format!(
            "allow {action} on {resource} in the policy of endpoint {}",
            silent(trace, layer)
        ),
        LayerId::BlockPublicAccess => format!(
            "name {who} in the bucket policy: RestrictPublicBuckets withholds what a public policy grants"
        ),
        LayerId::KeyPolicy => format!("allow {who} {action} in the key policy of {resource}"),
        LayerId::Trust => format!("allow {who} {action} in the trust policy of {resource}"),
        _ => format!("allow {who} {action} in the policy of {resource}"),
    }
}

fn denying(trace: &Trace, layer: LayerId) -> impl Iterator<Item = String> {
    let denies =
        move |one: &&Determining| one.layer == layer && one.effect.word() == "Deny" && one.certain;
    let mut names: Vec<String> = trace.statements.iter().filter(denies).map(named).collect();
    names.sort();
    names.dedup();
    names.into_iter()
}

fn named(one: &Determining) -> String {
    match (&one.sid, one.statement) {
        (Some(sid), _) => format!("\"{sid}\" of {}", one.document),
        (None, Some(number)) => format!("statement {number} of {}", one.document),
        (None, None) => one.document.to_string(),
    }
}

/// The first level that does not allow.
fn silent(trace: &Trace, layer: LayerId) -> String {
    let said = trace
        .layers
        .iter()
        .find(|one| one.layer == layer && one.word() == "does_not_allow");
    said.map_or_else(|| "every level".to_owned(), |one| one.target.to_string())
}
