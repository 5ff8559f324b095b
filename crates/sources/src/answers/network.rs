//! EC2: VPCs and their endpoints.

use cofferdam_org::fact::{Attribute, Entity, Kind};
use cofferdam_text::Node;

use super::{About, Row};
use crate::sink::{Call, Sink};

pub(super) const ROWS: &[Row] = &[
    Row {
        operation: "ec2.describe-vpcs",
        about: About::List {
            kinds: &[Kind::Vpc],
            whole: false,
        },
        read: vpcs,
    },
    Row {
        operation: "ec2.describe-vpc-endpoints",
        about: About::List {
            kinds: &[Kind::Endpoint],
            whole: false,
        },
        read: endpoints,
    },
];

fn vpcs(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "Vpcs") {
        if let Some(id) = sink.need(node, "VpcId") {
            owned(sink, call, Kind::Vpc, id, node);
        }
    }
}

/// A shared VPC is described in accounts that do not own it: the owner is the one that is stated.
fn owned(sink: &mut Sink, call: &Call, kind: Kind, id: &str, node: &Node) -> Entity {
    let owner = node
        .get("OwnerId")
        .and_then(Node::text)
        .unwrap_or(call.account);
    let entity = sink.exists(
        &Call {
            account: owner,
            ..*call
        },
        kind,
        id,
        node,
    );
    sink.put(&entity, Attribute::Tags, node.get("Tags"));
    entity
}

fn endpoints(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "VpcEndpoints") {
        let Some(id) = sink.need(node, "VpcEndpointId") else {
            continue;
        };
        let entity = owned(sink, call, Kind::Endpoint, id, node);
        sink.put(&entity, Attribute::Vpc, node.get("VpcId"));
        sink.put(&entity, Attribute::Service, node.get("ServiceName"));
        sink.put(
            &entity,
            Attribute::EndpointType,
            node.get("VpcEndpointType"),
        );
        sink.policy(
            &entity,
            Attribute::ResourcePolicy,
            node.get("PolicyDocument"),
        );
    }
}
