//! Where a request may come from, as a boundary tells networks apart.
//!
//! Each network that a request can have is one place. Where the boundary expects some addresses of
//! a network only, that network is two places, one expected and one not.

use std::collections::BTreeMap;

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::context::Network;
use cofferdam_authz::gather::{self, Party};
use cofferdam_authz::symbolic::Interval;
use cofferdam_authz::witness::key;
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Endpoint, Organization};
use cofferdam_policy::matching::action_matches;
use cofferdam_policy::operand::{self, Operand};
use cofferdam_policy::reading::Reading;

use super::Question;
use crate::cast::known_as;
use crate::file::{Access, Boundary, Can, EndpointsDeclared, NetworkDeclared, Who};
use crate::path::{Path, exactly, known};
use crate::scope::Group;

/// A place by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceName {
    /// The names of the declared networks that it belongs to, else what it is in words.
    pub words: String,
    /// The endpoint's id, where it is one.
    pub endpoint: Option<Box<str>>,
}

/// A place as a formula about one hop.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it is called.
    pub name: PlaceName,
    /// The hop comes from it.
    pub holds: Interval,
    /// Whether the approval expects requests from it.
    pub expected: bool,
}

/// What the boundary says of some actions of a principal.
pub(super) enum Sanction<'a> {
    /// There is no boundary.
    Unasked,
    /// They are not approved.
    Refused,
    /// They are approved from these networks.
    From(Vec<&'a NetworkDeclared>),
    /// They are approved wherever they come from: administration, which has no `from`.
    Anywhere,
    /// A service is approved, if it acts for the resource or account that the boundary names.
    ForSource,
}

/// Keys by which a service says for whom it acts ("The confused deputy problem").
const SOURCE_KEYS: [&str; 2] = ["aws:SourceArn", "aws:SourceAccount"];

impl Sanction<'_> {
    /// Whether a way from a place is approved; `None` without a boundary.
    pub(super) fn approves(&self, expected: bool, conditions: &[String]) -> Option<bool> {
        match self {
            Sanction::Unasked => None,
            Sanction::Refused => Some(false),
            Sanction::From(_) => Some(expected),
            Sanction::Anywhere => Some(true),
            Sanction::ForSource => {
                let named = |text: &String| SOURCE_KEYS.iter().any(|key| text.starts_with(key));
                Some(conditions.iter().any(named))
            }
        }
    }
}

/// The actions of a class in a group, those together that the same approvals cover.
pub(super) fn cells<'a>(
    question: &Question<'a>,
    party: &Party<'_>,
    group: &Group,
    class: Class,
) -> Vec<(Sanction<'a>, Vec<ActionName>)> {
    let of_class = group
        .actions
        .iter()
        .filter(|action| action.classes.contains(&class));
    let names: Vec<ActionName> = of_class.map(|action| action.name.clone()).collect();
    let Some(approval) = &question.approval else {
        return alone(Sanction::Unasked, names);
    };
    let principal = known_as(party);
    if class == Class::Administer {
        let is_one = approval.among(&approval.dataset.administrators, &principal);
        let sanction = if is_one {
            Sanction::Anywhere
        } else {
            Sanction::Refused
        };
        return alone(sanction, names);
    }
    let access: Vec<(usize, &Access)> = approval.dataset.access.iter().enumerate().collect();
    let mine = access.into_iter().filter(|(_, access)| {
        approval.among(&access.who, &principal) || names_service(access, party)
    });
    let mine: Vec<(usize, &Access)> = mine.collect();
    let mut cells: BTreeMap<Vec<usize>, Vec<ActionName>> = BTreeMap::new();
    for name in names {
        let by = mine
            .iter()
            .filter(|(_, access)| covers(access, class, &name));
        cells
            .entry(by.map(|(index, _)| *index).collect())
            .or_default()
            .push(name);
    }
    let sanctioned = |by: Vec<usize>| {
        let by = mine
            .iter()
            .filter(|(index, _)| by.contains(index))
            .map(|(_, access)| *access);
        sanction(approval.context.boundary, by.collect())
    };
    cells
        .into_iter()
        .map(|(by, names)| (sanctioned(by), names))
        .collect()
}

fn alone(sanction: Sanction<'_>, names: Vec<ActionName>) -> Vec<(Sanction<'_>, Vec<ActionName>)> {
    if names.is_empty() {
        Vec::new()
    } else {
        vec![(sanction, names)]
    }
}

fn covers(access: &Access, class: Class, action: &ActionName) -> bool {
    access.can.iter().any(|can| match can {
        Can::Class(approved) => *approved == class,
        Can::Action(pattern) => action_matches(pattern, action.service(), action.name()),
    })
}

fn names_service(access: &Access, party: &Party<'_>) -> bool {
    let CallerKind::Service(host) = &party.caller.kind else {
        return false;
    };
    access
        .who
        .iter()
        .any(|who| matches!(&who.who, Who::Service { host: named, .. } if named == host))
}

/// A service has no network of its own, but may be approved for one source only.
fn sanction<'a>(boundary: &'a Boundary, by: Vec<&Access>) -> Sanction<'a> {
    let who = || by.iter().flat_map(|access| &access.who).map(|who| &who.who);
    let limited = |who: &Who| {
        matches!(who, Who::Service { source_arn, source_account, .. }
            if source_arn.is_some() || source_account.is_some())
    };
    if by.is_empty() {
        return Sanction::Refused;
    }
    if who().any(limited) {
        return Sanction::ForSource;
    }
    if who().any(|who| matches!(who, Who::Service { .. })) {
        return Sanction::Anywhere;
    }
    let names = by.iter().flat_map(|access| &access.from);
    Sanction::From(
        names
            .filter_map(|name| boundary.networks.get(name))
            .collect(),
    )
}

/// Every place that a hop may come from.
pub(super) fn places<'a>(
    path: &mut Path<'a>,
    question: &Question<'_>,
    hop: usize,
    sanction: &Sanction<'_>,
    via: Option<&str>,
    group: &Group,
) -> Vec<Place> {
    if let Some(host) = via {
        let name = PlaceName {
            words: format!("{host} on the caller's behalf"),
            endpoint: None,
        };
        return vec![Place {
            name,
            holds: known(true),
            expected: true,
        }];
    }
    let declared: &[&NetworkDeclared] = match sanction {
        Sanction::From(networks) => networks,
        _ => &[],
    };
    candidates(path, hop, group)
        .into_iter()
        .flat_map(|network| split(path, question, hop, declared, &network))
        .collect()
}

/// A network as one place, or as an expected and an unexpected part of it.
fn split<'a>(
    path: &mut Path<'a>,
    question: &Question<'_>,
    hop: usize,
    declared: &[&NetworkDeclared],
    network: &Network<'a>,
) -> Vec<Place> {
    let is = path
        .query
        .network_is(hop, |other| other.display() == network.display());
    let here = exactly(is);
    let name = name(question, network);
    let place = |name: PlaceName, holds: Interval, expected: bool| Place {
        name,
        holds,
        expected,
    };
    match standing(question, declared, network) {
        Standing::Expected => vec![place(name, here, true)],
        Standing::Unexpected => vec![place(name, here, false)],
        Standing::ByAddress => {
            let parts: Vec<Interval> = declared
                .iter()
                .map(|one| expected(path, hop, one))
                .collect();
            let inside = path.any(&parts);
            let outside = path.not(inside);
            let part = |which: &str| PlaceName {
                words: format!("{which} addresses through {}", name.words),
                endpoint: name.endpoint.clone(),
            };
            vec![
                place(part("declared"), path.all(&[here, inside]), true),
                place(part("other"), path.all(&[here, outside]), false),
            ]
        }
    }
}

/// What an approval expects of a network.
enum Standing {
    Expected,
    Unexpected,
    /// Some of its addresses.
    ByAddress,
}

/// Public addresses are declared by themselves; private ones only narrow an endpoint, because
/// everybody may have them.
fn standing(
    question: &Question<'_>,
    declared: &[&NetworkDeclared],
    network: &Network<'_>,
) -> Standing {
    let holding = || declared.iter().filter(|one| holds(question, one, network));
    let public = matches!(network, Network::Public);
    if holding().any(|one| one.source_ips.is_empty()) {
        return Standing::Expected;
    }
    if holding().next().is_some() || public && declared.iter().any(|one| !one.cidrs.is_empty()) {
        return Standing::ByAddress;
    }
    Standing::Unexpected
}

/// The networks that the hop was made with.
fn candidates<'a>(path: &Path<'a>, hop: usize, group: &Group) -> Vec<Network<'a>> {
    let Some(info) = path.hops.iter().find(|info| info.number == hop) else {
        return Vec::new();
    };
    if matches!(info.party.caller.kind, CallerKind::Service(_)) {
        return vec![Network::Aws];
    }
    let Some(resource) = info.thing.resource() else {
        let service = group.actions.first().map(|action| action.name.service());
        return gather::networks(path.org, service.unwrap_or_default(), &Known::Absent);
    };
    let service = crate::scope::service_of(resource.kind).unwrap_or(KEY_SERVICE);
    gather::networks(path.org, service, &resource.region)
}

/// What has no store's service is a key.
const KEY_SERVICE: &str = "kms";

/// Whether a declared network holds a network: an endpoint, by its id or its VPC.
fn holds(question: &Question<'_>, declared: &NetworkDeclared, network: &Network<'_>) -> bool {
    match network {
        Network::Endpoint(endpoint, _) => contains(question.org, declared, endpoint),
        _ => false,
    }
}

/// Whether a declared network holds an endpoint, or its VPC.
pub fn contains(org: &Organization, declared: &NetworkDeclared, endpoint: &Endpoint) -> bool {
    let by_id = match &declared.endpoints {
        EndpointsDeclared::These(ids) => ids.contains(&endpoint.id),
        EndpointsDeclared::Organization => org.is_member(endpoint.account),
        EndpointsDeclared::None => false,
    };
    let in_vpc = |vpc: &crate::file::VpcDeclared| {
        endpoint.vpc == Known::Present(vpc.id.clone()) && *endpoint.region == *vpc.region.as_str()
    };
    by_id || declared.vpcs.iter().any(in_vpc)
}

/// That a hop comes from a declared network.
pub fn expected(path: &mut Path<'_>, hop: usize, declared: &NetworkDeclared) -> Interval {
    let org = path.org;
    let through = path.query.network_is(hop, |network| match network {
        Network::Endpoint(endpoint, _) => contains(org, declared, endpoint),
        _ => false,
    });
    let mut behind = vec![exactly(through)];
    if !declared.source_ips.is_empty() {
        behind.push(within(path, hop, "aws:VpcSourceIp", &declared.source_ips));
    }
    let private = path.all(&behind);
    let public = within(path, hop, "aws:SourceIp", &declared.cidrs);
    path.any(&[private, public])
}

fn name(question: &Question<'_>, network: &Network<'_>) -> PlaceName {
    let declared = question
        .approval
        .iter()
        .flat_map(|one| one.context.boundary.networks.values());
    let names: Vec<&str> = declared
        .filter(|one| holds(question, one, network))
        .map(|one| one.name.as_str())
        .collect();
    let words = if names.is_empty() {
        network.display()
    } else {
        names.join(" and ")
    };
    let endpoint = match network {
        Network::Endpoint(endpoint, _) => Some(endpoint.id.clone()),
        _ => None,
    };
    PlaceName { words, endpoint }
}

/// That a hop shows an address of one of these blocks.
fn within(path: &mut Path<'_>, hop: usize, name: &str, blocks: &[operand::Network]) -> Interval {
    let operands: Vec<Operand> = blocks.iter().copied().map(Operand::Address).collect();
    match key(name) {
        Some(key) if !operands.is_empty() => path.query.reading(hop).some_value(&key, &operands),
        _ => known(false),
    }
}
