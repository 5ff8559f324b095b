//! Policies that stand by themselves: managed policies and organization policies.
//!
//! They are read before anything that attaches them. One that is attached and not among the facts
//! exists all the same, with an unknown document. What an AWS managed policy said on a day may be
//! among the facts, and then it is marked: nobody can check it in the snapshot.

use cofferdam_policy::kind::PolicyKind;

use super::access::Builder;
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::PolicyId;

/// Reads every managed policy and organization policy.
pub(super) fn read(builder: &mut Builder) {
    for entity in builder.existing(Kind::ManagedPolicy) {
        let id = standing(builder, entity, PolicyKind::Identity, "managed policy");
        if builder.get(entity, Attribute::Dated).present().is_some() {
            builder.dated.insert(id);
        }
        builder.managed.insert(entity.id.clone(), id);
    }
    for entity in builder.existing(Kind::OrganizationPolicy) {
        if let Some((kind, what)) = organization_kind(builder, entity) {
            let id = standing(builder, entity, kind, what);
            builder.organization_policies.insert(entity.id.clone(), id);
        }
    }
}

fn standing(builder: &mut Builder, entity: &Entity, kind: PolicyKind, what: &str) -> PolicyId {
    let name = match builder.text(entity, Attribute::Name).present() {
        Some(name) => format!("{what} {name} ({})", entity.id),
        None => format!("{what} {}", entity.id),
    };
    let origin = builder.origin(entity);
    match builder.policy(entity, Attribute::Document, kind, &name) {
        Known::Present(id) => id,
        Known::Absent => {
            builder.unread(&name, &format!("no document is stated for {name}"), origin)
        }
        Known::Unknown(why) => builder.unread(&name, &why, origin),
    }
}

/// Tag, backup and other policies are not written in the policy language, and are left out.
fn organization_kind(builder: &mut Builder, entity: &Entity) -> Option<(PolicyKind, &'static str)> {
    let kind = builder.text(entity, Attribute::PolicyType);
    match kind.present().map(|text| &**text) {
        Some("RESOURCE_CONTROL_POLICY") => Some((PolicyKind::ResourceControl, "RCP")),
        Some("SERVICE_CONTROL_POLICY") | None => Some((PolicyKind::ServiceControl, "SCP")),
        Some(_) => None,
    }
}

/// The managed policy of an ARN.
pub(super) fn managed(builder: &mut Builder, arn: &str) -> PolicyId {
    if let Some(id) = builder.managed.get(arn) {
        return *id;
    }
    let why = format!("the document of {arn} is not in the source");
    let id = builder.unread(&format!("managed policy {arn}"), &why, None);
    builder.managed.insert(arn.into(), id);
    id
}

/// The organization policy of an id.
pub(super) fn organization(builder: &mut Builder, id: &str) -> PolicyId {
    if let Some(known) = builder.organization_policies.get(id) {
        return *known;
    }
    let why = format!("the document of {id} is not in the source");
    let made = builder.unread(&format!("organization policy {id}"), &why, None);
    builder.organization_policies.insert(id.into(), made);
    made
}
