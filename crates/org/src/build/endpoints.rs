//! VPC endpoints.

use cofferdam_policy::kind::PolicyKind;

use super::access::Builder;
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::Endpoint;

/// Every endpoint, in the order of the ids.
pub(super) fn endpoints(builder: &mut Builder) -> Vec<Endpoint> {
    let entities = builder.existing(Kind::Endpoint);
    entities
        .into_iter()
        .filter_map(|entity| endpoint(builder, entity))
        .collect()
}

fn endpoint(builder: &mut Builder, entity: &Entity) -> Option<Endpoint> {
    let account = builder.account(entity, None)?;
    let name = format!("endpoint policy of {}", entity.id);
    let region = builder.text(entity, Attribute::Region);
    let region = region.present().cloned().unwrap_or_default();
    let service = builder.text(entity, Attribute::Service);
    Some(Endpoint {
        id: entity.id.clone(),
        account,
        vpc: builder.text(entity, Attribute::Vpc),
        service: service
            .present()
            .map(|name| short(name, &region).into())
            .unwrap_or_default(),
        gateway: gateway(builder, entity),
        policy: builder.policy(
            entity,
            Attribute::ResourcePolicy,
            PolicyKind::Endpoint,
            &name,
        ),
        region,
        origin: builder.origin(entity),
    })
}

fn gateway(builder: &mut Builder, entity: &Entity) -> Known<bool> {
    builder
        .text(entity, Attribute::EndpointType)
        .map(|kind| &*kind == "Gateway")
}

/// What follows the Region in `com.amazonaws.REGION.SERVICE`; other names stay whole.
fn short<'n>(name: &'n str, region: &str) -> &'n str {
    let below = name.strip_prefix("com.amazonaws.");
    let service = below.and_then(|rest| rest.strip_prefix(region)?.strip_prefix('.'));
    service.unwrap_or(name)
}
