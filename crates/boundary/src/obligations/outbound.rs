//! `network.outbound`: through the organization's endpoints no resource outside it is written,
//! except service-owned and partners'.

use cofferdam_authz::beside::literal;
use cofferdam_authz::context::Network;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::{Interval, Wanted};
use cofferdam_authz::witness::key;
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;
use cofferdam_org::model::Endpoint;
use cofferdam_policy::operand::Operand;
use cofferdam_policy::reading::Reading;

use super::{Context, Part};
use crate::ask::{Answers, ask as put};
use crate::cast::known_as;
use crate::file::{Dataset, EndpointsDeclared};
use crate::path::{Path, Request, exactly};
use crate::scope::Scope;

/// Asks it of the endpoints through which the dataset may be reached, and of those beside them in
/// the same VPC: what was read through one leaves through another.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!(
            "nothing outside the organization is written through the networks that reach {name}"
        ),
        broken: format!(
            "something outside the organization can be written through a network that reaches {name}"
        ),
        ..Part::default()
    };
    for endpoint in endpoints(context, scope.dataset) {
        let actions = writes(&endpoint.service);
        if actions.is_empty() {
            continue;
        }
        let cast = context.cast;
        let inside = cast.crowds.iter().map(|crowd| &crowd.party);
        for party in inside.chain([&cast.outsiders]) {
            part.answers
                .join(through(context, endpoint, party, &actions));
        }
    }
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

/// Endpoints of the networks that the dataset's approvals name, and their neighbours.
fn endpoints<'a>(context: &Context<'a>, dataset: &Dataset) -> Vec<&'a Endpoint> {
    let names = dataset.access.iter().flat_map(|access| &access.from);
    let networks: Vec<_> = names
        .filter_map(|name| context.boundary.networks.get(name))
        .collect();
    let named = |endpoint: &&Endpoint| {
        networks.iter().any(|network| match &network.endpoints {
            EndpointsDeclared::These(ids) => ids.contains(&endpoint.id),
            EndpointsDeclared::Organization => context.org.is_member(endpoint.account),
            EndpointsDeclared::None => false,
        })
    };
    let declared: Vec<&Endpoint> = context.org.endpoints.iter().filter(named).collect();
    let beside = |endpoint: &&Endpoint| {
        declared
            .iter()
            .any(|known| known.vpc == endpoint.vpc && known.account == endpoint.account)
    };
    context.org.endpoints.iter().filter(beside).collect()
}

fn writes(service: &str) -> Vec<ActionName> {
    let actions = cofferdam_catalog::data_actions(service, Class::Write);
    actions
        .filter_map(|action| ActionName::parse(&format!("{service}:{}", action.name())).ok())
        .collect()
}

fn through<'a>(
    context: &Context<'a>,
    endpoint: &'a Endpoint,
    party: &'a Party<'a>,
    actions: &[ActionName],
) -> Answers {
    let mut path = Path::new(context.org, context.cast);
    let made = path.request(
        Request {
            party,
            thing: Thing::Elsewhere,
            service: &endpoint.service,
            actions: actions.to_vec(),
            wanted: Wanted::Under(beginning(&endpoint.service, &endpoint.region)),
            forwarded_by: None,
            given: Vec::new(),
        },
        cofferdam_logic::Formula::TRUE,
        None,
    );
    let here = path.query.network_is(made.hop, |network| match network {
        Network::Endpoint(own, _) => own.id == endpoint.id,
        _ => false,
    });
    let foreign = foreign(&mut path, context, made.hop);
    let goal = path.all(&[made.allowed, exactly(here), foreign]);
    put(&mut path, &known_as(party), goal)
}

/// How ARNs of somebody's resources begin.
fn beginning(service: &str, region: &str) -> String {
    match service {
        "s3" => "arn:aws:s3:::somebody-elses-bucket/".to_owned(),
        "dynamodb" => format!("arn:aws:dynamodb:{region}:999988887777:table/"),
        "secretsmanager" => format!("arn:aws:secretsmanager:{region}:999988887777:secret:"),
        "kms" => format!("arn:aws:kms:{region}:999988887777:key/"),
        other => format!("arn:aws:{other}:{region}:999988887777:"),
    }
}

/// The resource's account is neither ours nor a partner's.
fn foreign(path: &mut Path<'_>, context: &Context<'_>, hop: usize) -> Interval {
    let partners = context
        .boundary
        .partners
        .iter()
        .flat_map(|partner| &partner.accounts);
    let known: Vec<Operand> = context
        .org
        .accounts
        .keys()
        .chain(partners)
        .map(|account| literal(&account.to_string()))
        .collect();
    let mut reading = path.query.reading(hop);
    match key("aws:ResourceAccount") {
        Some(key) if !known.is_empty() => {
            let ours = reading.some_value(&key, &known);
            path.not(ours)
        }
        _ => reading.known(true),
    }
}
