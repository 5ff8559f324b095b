//! The access point that a case's request goes through.
//!
//! Source: "Configuring IAM policies for using access points"; "Blocking public access to your Amazon
//! S3 storage" for the three levels of block public access, of which the most restrictive counts.

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;

use super::world::{World, control, is_service_linked, sheet};
use super::{Case, ControlLevel};
use crate::access_point::{Through, Way};
use crate::context::Shown;
use crate::layers::{LayerId, Layers, Level, Relation, ResourceForm, Sheet};

/// An S3 access point, also a multi-Region one.
#[derive(Clone, Debug)]
pub struct AccessPoint {
    /// Its ARN.
    pub arn: Box<str>,
    /// Who owns it.
    pub account: AccountId,
    /// The ARN of the bucket behind it.
    pub bucket: Box<str>,
    /// The VPC that it is restricted to; absent: none; unknown: it is not said which.
    pub vpc: Known<Box<str>>,
    /// Its policy; `None`: it has none.
    pub policy: Option<NamedPolicy>,
    /// Whether its own `RestrictPublicBuckets`, or that of its account, is in force; `None`: the
    /// layer does not exist.
    pub restrict_public: Option<bool>,
    /// RCPs of its account by level, where that is not the bucket's; `None`: no organization.
    pub resource_control: Option<Vec<ControlLevel>>,
}

impl AccessPoint {
    /// As keys show it.
    pub(super) fn shown(&self, owner: Option<AccountId>) -> Shown {
        Shown {
            arn: self.arn.clone(),
            account: self.account.to_string().into(),
            vpc_only: match &self.vpc {
                Known::Present(_) | Known::Unknown(_) => Known::Present(true),
                // A multi-Region access point has no network origin of its own.
                Known::Absent if self.arn.ends_with(MULTI_REGION) => Known::Unknown(
                    "the network origin that a multi-Region access point shows is not documented"
                        .into(),
                ),
                Known::Absent => Known::Present(false),
            },
            of_owner: owner == Some(self.account),
        }
    }

    /// How the caller's account stands to its owner's.
    fn relation(&self, world: &World) -> Relation {
        match world.relation {
            Relation::Same | Relation::Cross if world.caller.account == Some(self.account) => {
                Relation::Same
            }
            Relation::Same | Relation::Cross => Relation::Cross,
            other => other,
        }
    }

    /// Whether its account owns the bucket too.
    fn is_of_owner(&self, world: &World) -> bool {
        world.owner == Some(self.account)
    }
}

/// How the names of multi-Region access points end.
const MULTI_REGION: &str = ".mrap";

/// The layers of a request to the bucket, sent through the access point.
pub(super) fn through<'a>(case: &'a Case, world: &'a World, bucket: Layers<'a>) -> Layers<'a> {
    let Some(point) = &case.access_point else {
        return bucket;
    };
    let restricted = restrict_public(case, point, world);
    let at_point = Layers {
        relation: point.relation(world),
        resource_control: resource_control(case, point, world),
        resource: policy(point),
        form: ResourceForm::AccessPoint,
        reach: None,
        grants: Known::Absent,
        acl: Known::Absent,
        restrict_public: match point.vpc {
            // "An access point that has a VPC network origin is always considered non-public."
            Known::Present(_) | Known::Unknown(_) => Known::Absent,
            Known::Absent => restricted.clone(),
        },
        ..bucket.clone()
    };
    Layers {
        restrict_public: restricted,
        through: Some(Through {
            way: Way {
                bucket: point.bucket.clone(),
                point: Some(point.arn.clone()),
            },
            vpc: point.vpc.clone(),
            layers: Box::new(at_point),
        }),
        ..bucket
    }
}

fn policy(point: &AccessPoint) -> Known<Sheet<'_>> {
    match &point.policy {
        Some(policy) => Known::Present(Sheet {
            target: &point.arn,
            ..sheet(LayerId::AccessPoint, policy)
        }),
        None => Known::Absent,
    }
}

/// One switch for the access point, the bucket and both accounts; their own principals pass.
fn restrict_public(case: &Case, point: &AccessPoint, world: &World) -> Known<bool> {
    let own = world.relation == Relation::Same || point.relation(world) == Relation::Same;
    match (case.restrict_public, point.restrict_public) {
        _ if own => Known::Absent,
        (None, None) => Known::Absent,
        (bucket, point) => Known::Present(bucket == Some(true) || point == Some(true)),
    }
}

fn resource_control<'a>(
    case: &'a Case,
    point: &'a AccessPoint,
    world: &World,
) -> Option<Known<Vec<Level<'a>>>> {
    if is_service_linked(world) || point.is_of_owner(world) && case.resource.management {
        return None;
    }
    let levels = match &point.resource_control {
        Some(levels) => levels,
        None if point.is_of_owner(world) => case.resource_control.as_ref()?,
        None => return None,
    };
    Some(Known::Present(control(LayerId::ResourceControl, levels)))
}
