//! Member accounts that administer something for the organization: services, by registration, and
//! AWS Organizations itself, by the organization's own policy.

use std::collections::BTreeMap;

use cofferdam_names::AccountId;
use cofferdam_policy::kind::PolicyKind;

use super::access::Builder;
use crate::fact::{Attribute, Kind, Known};
use crate::model::PolicyId;

/// The services that each registered account administers.
pub(super) fn delegates(builder: &mut Builder) -> BTreeMap<AccountId, Known<Vec<Box<str>>>> {
    let mut delegates = BTreeMap::new();
    for entity in builder.existing(Kind::DelegatedAdministrator) {
        let services = builder.texts(entity, Attribute::AdministeredServices);
        match entity.id.parse() {
            Ok(account) => drop(delegates.insert(account, services)),
            Err(_) => {
                let why = format!("`{}` is not an account id", entity.id);
                let gap = ("".into(), Kind::DelegatedAdministrator, why.into());
                builder.gaps.push(gap);
            }
        }
    }
    delegates
}

/// The policy of the organization itself ("Resource-based delegation policy", AWS Organizations
/// user guide).
pub(super) fn delegation(builder: &mut Builder) -> Option<Known<PolicyId>> {
    let entity = *builder.existing(Kind::Organization).first()?;
    let name = "delegation policy of the organization";
    Some(builder.policy(
        entity,
        Attribute::ResourcePolicy,
        PolicyKind::Resource,
        name,
    ))
}
