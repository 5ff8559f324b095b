//! S3 access points and multi-Region access points.
//!
//! Operations name a multi-Region access point by its name, policies by its alias; what is stated
//! of one is kept under its name.

use cofferdam_org::fact::{Attribute, Entity, Kind, Known};
use cofferdam_text::Node;

use crate::sink::{Call, Sink, list};

/// The access point of a call that names one.
pub(super) fn asked(call: &Call) -> Option<Entity> {
    call.asked("Name").map(|name| entity(call, name))
}

fn entity(call: &Call, name: &str) -> Entity {
    Entity::new(
        Kind::AccessPoint,
        of_account(call).arn("s3", "accesspoint/", name),
    )
}

/// The account that the call is made for, which need not be the one that makes it.
fn of_account<'a>(call: &Call<'a>) -> Call<'a> {
    Call {
        account: call.asked("AccountId").unwrap_or(call.account),
        ..*call
    }
}

/// The multi-Region access point of a call that names one.
pub(super) fn asked_multi_region(call: &Call) -> Option<Entity> {
    call.asked("Name").map(|name| multi_region(call, name))
}

fn multi_region(call: &Call, name: &str) -> Entity {
    let everywhere = Call {
        region: "",
        ..of_account(call)
    };
    let id = everywhere.arn("s3", "accesspoint/", name);
    Entity::new(Kind::MultiRegionAccessPoint, id)
}

pub(super) fn listed(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "AccessPointList") {
        let Some(name) = sink.need(node, "Name") else {
            continue;
        };
        let stated = node.get("AccessPointArn").and_then(Node::text);
        let id = stated.map_or_else(|| entity(call, name).id, Into::into);
        let found = sink.exists(&of_account(call), Kind::AccessPoint, id, node);
        let bucket = node
            .get("Bucket")
            .map(|bucket| list(vec![bucket.clone()], bucket.origin));
        sink.put(&found, Attribute::Buckets, bucket.as_ref());
        sink.put(&found, Attribute::NetworkOrigin, node.get("NetworkOrigin"));
        let vpc = node
            .get("VpcConfiguration")
            .and_then(|vpc| vpc.get("VpcId"));
        sink.put(&found, Attribute::Vpc, vpc);
    }
}

pub(super) fn described(sink: &mut Sink, call: &Call, answer: &Node) {
    match asked(call) {
        Some(entity) => sink.put(
            &entity,
            Attribute::PublicAccessBlock,
            answer.get("PublicAccessBlockConfiguration"),
        ),
        None => sink.misshapen(answer, "a call with `Name`"),
    }
}

pub(super) fn policy(sink: &mut Sink, call: &Call, answer: &Node) {
    match asked(call) {
        Some(entity) => sink.policy(&entity, Attribute::ResourcePolicy, answer.get("Policy")),
        None => sink.misshapen(answer, "a call with `Name`"),
    }
}

pub(super) fn multi_region_listed(sink: &mut Sink, call: &Call, answer: &Node) {
    for node in sink.list(answer, "AccessPoints") {
        let Some(name) = sink.need(node, "Name") else {
            continue;
        };
        let everywhere = Call {
            region: "",
            ..of_account(call)
        };
        let id = multi_region(call, name).id;
        let found = sink.exists(&everywhere, Kind::MultiRegionAccessPoint, id, node);
        let alias = node
            .get("Alias")
            .map(|alias| list(vec![alias.clone()], alias.origin));
        sink.put(&found, Attribute::Aliases, alias.as_ref());
        let regions = node.get("Regions").map(Node::items).unwrap_or_default();
        let buckets: Option<Vec<Node>> = regions
            .iter()
            .map(|region| region.get("Bucket").cloned())
            .collect();
        if let Some(buckets) = buckets {
            let buckets = list(buckets, node.origin);
            sink.put(&found, Attribute::Buckets, Some(&buckets));
        }
        sink.put(
            &found,
            Attribute::PublicAccessBlock,
            node.get("PublicAccessBlock"),
        );
    }
}

/// The policy in force; one that is still on its way may be in force by now.
pub(super) fn multi_region_policy(sink: &mut Sink, call: &Call, answer: &Node) {
    let Some(entity) = asked_multi_region(call) else {
        return sink.misshapen(answer, "a call with `Name`");
    };
    let policies = answer.get("Policy");
    let part = |name: &str| policies?.get(name)?.get("Policy");
    match (part("Established"), part("Proposed")) {
        (established, Some(proposed)) if established.and_then(Node::text) != proposed.text() => {
            let why = "a change of the policy is on its way to the Regions";
            sink.facts.state(
                entity,
                Attribute::ResourcePolicy,
                Known::Unknown(why.into()),
            );
        }
        (established, _) => sink.policy(&entity, Attribute::ResourcePolicy, established),
    }
}
