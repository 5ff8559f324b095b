//! What acts as roles: instance profiles, instances, functions, task definitions. Beside these, what
//! requests are about that has neither a role nor a policy of its own: clusters, and what keeps or
//! watches evidence.
//!
//! A source names a role by its ARN or by its name alone, and an instance names its profile, which
//! names the role; what a name stands for is settled here, once every source was read.

use std::collections::BTreeMap;

use cofferdam_text::Node;

use super::access::Builder;
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::Compute;

/// Kinds that state their roles themselves, and those that have none.
const KINDS: &[Kind] = &[
    Kind::Function,
    Kind::InstanceProfile,
    Kind::Instance,
    Kind::ManagedNode,
    Kind::TaskDefinition,
    Kind::Cluster,
    Kind::LogGroup,
    Kind::Alarm,
    Kind::Detector,
];

/// Everything that acts as roles, in the order of kinds and ARNs.
pub(super) fn compute(builder: &mut Builder) -> Vec<Compute> {
    let roles = Names::of(builder, Kind::Role);
    let profiles = Names::of(builder, Kind::InstanceProfile);
    let mut found = Vec::new();
    for kind in KINDS {
        for entity in builder.existing(*kind) {
            let carried = match kind {
                Kind::Instance => of_instance(builder, entity, &profiles, &roles),
                Kind::ManagedNode => {
                    let instance = Entity::new(Kind::Instance, entity.id.clone());
                    of_instance(builder, &instance, &profiles, &roles)
                }
                Kind::Cluster | Kind::LogGroup | Kind::Alarm | Kind::Detector => Known::Absent,
                _ => of_itself(builder, entity, &roles),
            };
            found.extend(one(builder, entity, carried));
        }
    }
    found
}

fn one(builder: &mut Builder, entity: &Entity, roles: Known<Vec<Box<str>>>) -> Option<Compute> {
    let arn = builder.arn(entity)?;
    Some(Compute {
        kind: entity.kind,
        account: builder.account(entity, Some(&arn))?,
        roles,
        origin: builder.origin(entity),
        arn,
    })
}

fn of_itself(builder: &mut Builder, entity: &Entity, names: &Names) -> Known<Vec<Box<str>>> {
    let account = account_of(&entity.id);
    let stated = builder.texts(entity, Attribute::Roles);
    stated.and_then(|roles| {
        let roles = roles.iter().map(|role| names.find(account, role, "role"));
        let mut found = Vec::new();
        for role in roles {
            match role {
                Known::Present(role) => found.push(role),
                Known::Absent => {}
                Known::Unknown(why) => return Known::Unknown(why),
            }
        }
        match found.is_empty() {
            true => Known::Absent,
            false => Known::Present(found),
        }
    })
}

/// An instance acts as the role of its instance profile ("IAM roles for Amazon EC2").
fn of_instance(
    builder: &mut Builder,
    entity: &Entity,
    profiles: &Names,
    roles: &Names,
) -> Known<Vec<Box<str>>> {
    let expected = "an instance profile";
    let text = |node: &Node| node.text().map(Box::<str>::from);
    let profile = builder.shaped(entity, Attribute::InstanceProfile, expected, text);
    let account = account_of(&entity.id);
    let profile = profile.and_then(|profile| profiles.find(account, &profile, expected));
    profile.and_then(|arn| of_itself(builder, &Entity::new(Kind::InstanceProfile, arn), roles))
}

/// The account in an ARN.
fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// ARNs of a kind by account and name. Names are unique within an account whatever the path ("IAM
/// identifiers").
struct Names(BTreeMap<(Box<str>, Box<str>), Box<str>>);

impl Names {
    fn of(builder: &Builder, kind: Kind) -> Names {
        let each = builder.existing(kind).into_iter().filter_map(|entity| {
            let (_, name) = entity.id.rsplit_once('/')?;
            let account = account_of(&entity.id);
            Some(((account.into(), name.into()), entity.id.clone()))
        });
        Names(each.collect())
    }

    /// The ARN of what is named in an account.
    fn find(&self, account: &str, named: &str, what: &str) -> Known<Box<str>> {
        if named.starts_with("arn:") {
            return Known::Present(named.into());
        }
        let found = self.0.get(&(account.into(), named.into()));
        match found {
            Some(arn) => Known::Present(arn.clone()),
            None => Known::Unknown(
                format!("no source states the {what} {named} of account {account}").into(),
            ),
        }
    }
}
