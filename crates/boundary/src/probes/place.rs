//! The networks that probes come from: what they are called, what requests from them state.

use cofferdam_authz::context::{Network, term};
use cofferdam_authz::gather::{Party, Thing, membership, situation};
use cofferdam_authz::symbolic::Interval;
use cofferdam_authz::term::{Domain, Shape, Term};
use cofferdam_authz::witness::key;
use cofferdam_names::ContextKey;
use cofferdam_org::model::{Endpoint, Organization};
use cofferdam_policy::operand::Network as Block;

use crate::file::NetworkDeclared;
use crate::path::{Path, exactly, known};
use crate::reach;

/// Where a probe comes from.
#[derive(Clone, Debug)]
pub(super) enum Place<'p> {
    /// A declared network, which an approval expects.
    Declared(&'p NetworkDeclared),
    /// An endpoint of the organization.
    Endpoint(&'p Endpoint),
    /// An endpoint of somebody else.
    ForeignEndpoint,
    /// The internet.
    Internet,
    /// AWS's own network: a service has no other.
    Aws,
    /// From wherever it may pass; a plain request comes from the internet.
    Anywhere,
}

impl Place<'_> {
    /// Whether an approval expects it.
    pub(super) fn is_approved(&self) -> bool {
        matches!(self, Place::Declared(_) | Place::Aws)
    }

    /// That a hop comes from here.
    pub(super) fn holds(&self, path: &mut Path<'_>, hop: usize) -> Interval {
        let of = |path: &mut Path<'_>, wanted: &dyn Fn(&Network<'_>) -> bool| {
            exactly(path.query.network_is(hop, wanted))
        };
        match self {
            Place::Anywhere | Place::Aws => known(true),
            Place::Declared(declared) => reach::expected(path, hop, declared),
            Place::Endpoint(endpoint) => of(
                path,
                &|network| matches!(network, Network::Endpoint(other, _) if other.id == endpoint.id),
            ),
            Place::ForeignEndpoint => {
                of(path, &|network| matches!(network, Network::ForeignEndpoint))
            }
            Place::Internet => of(path, &|network| matches!(network, Network::Public)),
        }
    }

    /// In words, for a step.
    pub(super) fn words(&self) -> String {
        match self {
            Place::Declared(declared) => format!("from the network {}", declared.name),
            Place::Endpoint(endpoint) => format!("through the endpoint {}", endpoint.id),
            Place::ForeignEndpoint => "through an endpoint of another organization".to_owned(),
            Place::Internet | Place::Anywhere => "from the internet".to_owned(),
            Place::Aws => "from AWS's own network".to_owned(),
        }
    }

    /// The network keys of a request to a service.
    pub(super) fn context(
        &self,
        org: &Organization,
        service: &str,
        elsewhere: &str,
    ) -> Vec<(ContextKey, Vec<Box<str>>)> {
        let network = match self {
            Place::Endpoint(endpoint) => through(org, endpoint),
            Place::Declared(declared) => {
                let mut endpoints = org
                    .endpoints
                    .iter()
                    .filter(|endpoint| *endpoint.service == *service);
                match endpoints.find(|endpoint| reach::contains(org, declared, endpoint)) {
                    Some(endpoint) => through(org, endpoint),
                    None if !declared.cidrs.is_empty() => Network::Public,
                    None => return named_only(declared),
                }
            }
            Place::ForeignEndpoint => Network::ForeignEndpoint,
            Place::Internet | Place::Anywhere => Network::Public,
            Place::Aws => Network::Aws,
        };
        let (public, private) = match self {
            Place::Declared(declared) => (declared.cidrs.first(), declared.source_ips.first()),
            _ => (None, None),
        };
        let first = |block: Option<&Block>, other: &str| {
            block.map_or_else(|| other.to_owned(), |block| block.address.to_string())
        };
        let addresses = Addresses {
            public: first(public, elsewhere),
            private: first(private, PRIVATE),
        };
        keys(org, service, network, &addresses)
    }
}

/// The addresses that a request shows.
struct Addresses {
    public: String,
    private: String,
}

/// An address that many networks use (RFC 1918).
const PRIVATE: &str = "10.0.0.7";

/// Keys that say where a request comes from ("AWS global condition context keys").
const NETWORK_KEYS: [&str; 8] = [
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
];

fn through<'e>(org: &Organization, endpoint: &'e Endpoint) -> Network<'e> {
    Network::Endpoint(endpoint, membership(org, endpoint.account))
}

/// A declared endpoint that was not read: all that is known is its id.
fn named_only(declared: &NetworkDeclared) -> Vec<(ContextKey, Vec<Box<str>>)> {
    let crate::file::EndpointsDeclared::These(ids) = &declared.endpoints else {
        return Vec::new();
    };
    let id = ids.first().cloned();
    key("aws:SourceVpce")
        .zip(id)
        .map(|(key, id)| (key, vec![id]))
        .into_iter()
        .collect()
}

fn keys(
    org: &Organization,
    service: &str,
    network: Network<'_>,
    addresses: &Addresses,
) -> Vec<(ContextKey, Vec<Box<str>>)> {
    let nobody = Party::anonymous();
    let situation = situation(org, &nobody, Thing::Nothing, service, network);
    let stated = NETWORK_KEYS.iter().filter_map(|name| {
        let key = key(name)?;
        let values = match term(&key, &situation) {
            Term::Values(values) => values,
            Term::Open(open) => vec![example(&open.domain, name, addresses)?.into()],
            _ => return None,
        };
        Some((key, values))
    });
    stated.collect()
}

/// What a key of somebody else's endpoint may well hold; keys that not every endpoint sends are
/// left out.
fn example<'e>(domain: &Domain, name: &str, addresses: &'e Addresses) -> Option<&'e str> {
    Some(match domain {
        Domain::Address if name == "aws:VpcSourceIp" => &addresses.private,
        Domain::Address => &addresses.public,
        Domain::Shaped(Shape::Endpoint) => "vpce-0f0e1d2c3b4a59687",
        Domain::Shaped(Shape::Vpc) => "vpc-0f0e1d2c3b4a59687",
        Domain::Shaped(Shape::Account) => "999988887777",
        Domain::Shaped(Shape::Organization) => "o-f0reign123",
        _ => return None,
    })
}
