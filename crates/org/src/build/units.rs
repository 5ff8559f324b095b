//! The organization, its units and its accounts, with the policies attached to each.
//!
//! A policy type that is not enabled has no attachments at all, which is not the same as an empty
//! list of attachments ("Enabling a policy type", AWS Organizations user guide).

use std::collections::BTreeMap;

use cofferdam_names::AccountId;
use cofferdam_text::Node;

use super::access::{Builder, truth};
use super::managed;
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::{Account, Attached, Identity, PolicyId, PublicAccessBlock, Unit};

/// The organization's own id and management account. If several are stated, the first by id.
pub(super) fn identity(builder: &mut Builder) -> Option<Identity> {
    let entity = *builder.existing(Kind::Organization).first()?;
    let management = builder.shaped(entity, Attribute::Management, "an account id", account_id);
    Some(Identity {
        id: entity.id.clone(),
        management,
    })
}

/// The root and the organizational units.
pub(super) fn units(builder: &mut Builder) -> BTreeMap<Box<str>, Unit> {
    let types = Types::read(builder);
    let entities = builder.existing(Kind::Unit);
    entities
        .into_iter()
        .map(|entity| (entity.id.clone(), unit(builder, &types, entity)))
        .collect()
}

fn unit(builder: &mut Builder, types: &Types, entity: &Entity) -> Unit {
    let parent = builder.text(entity, Attribute::Parent);
    Unit {
        id: entity.id.clone(),
        name: name(builder, entity),
        parent,
        attached: attached(builder, types, entity),
    }
}

/// The accounts, in the order of their numbers.
pub(super) fn accounts(builder: &mut Builder) -> BTreeMap<AccountId, Account> {
    let types = Types::read(builder);
    let mut accounts = BTreeMap::new();
    for entity in builder.members() {
        if let Some(id) = builder.account_of(entity) {
            accounts.insert(id, account(builder, &types, entity, id));
        }
    }
    accounts
}

fn account(builder: &mut Builder, types: &Types, entity: &Entity, id: AccountId) -> Account {
    Account {
        id,
        name: name(builder, entity),
        parent: builder.text(entity, Attribute::Parent),
        attached: attached(builder, types, entity),
        status: builder.text(entity, Attribute::Status),
        tags: builder.tags(entity),
        public_access_block: public_access_block(builder, entity),
    }
}

impl<'f> Builder<'f> {
    /// Accounts that a source states to be there. A fact about an account alone does not make it
    /// a member: answers are also read from accounts of nobody's list.
    fn members(&self) -> Vec<&'f Entity> {
        let mut entities = self.existing(Kind::Account);
        entities.retain(|entity| self.get(entity, Attribute::Exists).present().is_some());
        entities
    }

    fn account_of(&mut self, entity: &Entity) -> Option<AccountId> {
        let id = entity.id.parse().ok();
        if id.is_none() {
            let why = format!("`{}` is not an account id", entity.id);
            self.gaps.push(("".into(), Kind::Account, why.into()));
        }
        id
    }
}

/// Block public access of an account or a bucket. A switch that is not there is off.
pub(super) fn public_access_block(
    builder: &mut Builder,
    entity: &Entity,
) -> Known<PublicAccessBlock> {
    let expected = "the four switches of block public access";
    builder.shaped(entity, Attribute::PublicAccessBlock, expected, switches)
}

fn switches(node: &Node) -> Option<PublicAccessBlock> {
    node.as_object()?;
    let switch = |key| node.get(key).map_or(Some(false), truth);
    Some(PublicAccessBlock {
        block_public_acls: switch("BlockPublicAcls")?,
        ignore_public_acls: switch("IgnorePublicAcls")?,
        block_public_policy: switch("BlockPublicPolicy")?,
        restrict_public_buckets: switch("RestrictPublicBuckets")?,
    })
}

/// Which policy types are enabled on the root, read once.
struct Types {
    service: Known<bool>,
    resource: Known<bool>,
}

impl Types {
    fn read(builder: &mut Builder) -> Types {
        let root = builder
            .existing(Kind::Unit)
            .into_iter()
            .find(|unit| unit.id.starts_with("r-"));
        let types = match root {
            Some(root) => builder.texts(root, Attribute::PolicyTypes),
            None => Known::Unknown("no source states the organization's root".into()),
        };
        let enabled = |kind: &str| {
            types
                .as_ref()
                .map(|types| types.iter().any(|stated| **stated == *kind))
        };
        Types {
            service: enabled("SERVICE_CONTROL_POLICY"),
            resource: enabled("RESOURCE_CONTROL_POLICY"),
        }
    }
}

fn attached(builder: &mut Builder, types: &Types, entity: &Entity) -> Attached {
    let mut of = |enabled: &Known<bool>, attribute| match enabled {
        Known::Present(false) | Known::Absent => Known::Absent,
        Known::Present(true) => ids(builder, entity, attribute),
        Known::Unknown(why) => not_empty(ids(builder, entity, attribute), why.clone()),
    };
    Attached {
        service_control: of(&types.service, Attribute::ServiceControlPolicies),
        resource_control: of(&types.resource, Attribute::ResourceControlPolicies),
    }
}

/// Something attached shows that the type is enabled; nothing attached shows neither.
fn not_empty(ids: Known<Vec<PolicyId>>, why: Box<str>) -> Known<Vec<PolicyId>> {
    match ids {
        Known::Present(ids) if ids.is_empty() => Known::Unknown(why),
        other => other,
    }
}

fn ids(builder: &mut Builder, entity: &Entity, attribute: Attribute) -> Known<Vec<PolicyId>> {
    let texts = builder.texts(entity, attribute);
    texts.map(|texts| {
        texts
            .iter()
            .map(|id| managed::organization(builder, id))
            .collect()
    })
}

fn name(builder: &mut Builder, entity: &Entity) -> Box<str> {
    match builder.text(entity, Attribute::Name) {
        Known::Present(name) => name,
        Known::Absent | Known::Unknown(_) => entity.id.clone(),
    }
}

pub(super) fn account_id(node: &Node) -> Option<AccountId> {
    node.text()?.parse().ok()
}
