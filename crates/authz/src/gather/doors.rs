//! The ways that lead to a bucket: directly, through an access point that was read, and through one
//! that was not.
//!
//! Anybody may make an access point for a bucket of somebody else ("Creating access points"), so the
//! last of them always exists; what its owner lets through is unknown, and no request through it is
//! ever certain to be allowed.

use cofferdam_org::fact::Known;
use cofferdam_org::model::{AccessPoint, Account, Organization, PublicAccessBlock, Resource};

use super::{Party, Thing, any_of, membership, relation, resource_control};
use crate::access_point::{Through, Way};
use crate::caller::Membership;
use crate::context::{Point, Shown};
use crate::layers::{LayerId, Layers, Relation, ResourceForm, Sheet};

/// A way to a bucket.
#[derive(Clone, Copy, Debug)]
pub enum Door<'a> {
    /// By its own name.
    Own,
    /// Through an access point that was read.
    Point(&'a AccessPoint),
    /// Through any other access point.
    Unread,
}

const OF_SOMEBODY: &str = "the access points of other accounts, and their policies, are not known";

/// How keys show the way.
pub(super) fn shown(org: &Organization, thing: Thing<'_>) -> Option<Point> {
    let Thing::Behind(bucket, door) = thing else {
        return None;
    };
    Some(match door {
        Door::Own => Point::Direct,
        Door::Point(point) => Point::Through(Shown {
            arn: point.arn.as_str().into(),
            account: point.account.to_string().into(),
            vpc_only: match &point.vpc {
                Known::Present(_) => Known::Present(true),
                Known::Absent if point.multi_region => Known::Unknown(
                    "the network origin that a multi-Region access point shows is not documented"
                        .into(),
                ),
                Known::Absent => Known::Present(false),
                Known::Unknown(why) => Known::Unknown(why.clone()),
            },
            of_owner: point.account == bucket.account,
        }),
        Door::Unread => Point::Elsewhere(org.points_read()),
    })
}

/// The layers of a request that comes by this way.
pub(super) fn layers<'a>(
    org: &'a Organization,
    party: &Party<'a>,
    bucket: &'a Resource,
    door: Door<'a>,
    own: Layers<'a>,
) -> Layers<'a> {
    let (way, vpc, at_point) = match door {
        Door::Own => return own,
        Door::Point(point) => (
            Some(point.arn.as_str().into()),
            point.vpc.clone(),
            at_point(org, party, point, &own),
        ),
        Door::Unread => (None, Known::Unknown(OF_SOMEBODY.into()), elsewhere(&own)),
    };
    let (restrict_public, ignore_public_acls) = match door {
        Door::Point(point) => (
            restrict_public(org, point, &own, &at_point),
            with_point(org, point, &own.ignore_public_acls, |block| {
                block.ignore_public_acls
            }),
        ),
        _ => (own.restrict_public.clone(), own.ignore_public_acls.clone()),
    };
    let at_point = Layers {
        restrict_public: match (&vpc, door) {
            // "An access point that has a VPC network origin is always considered non-public."
            (Known::Present(_), _) | (_, Door::Unread | Door::Own) => Known::Absent,
            (Known::Absent, _) => restrict_public.clone(),
            (Known::Unknown(why), _) => Known::Unknown(why.clone()),
        },
        ..at_point
    };
    Layers {
        restrict_public,
        ignore_public_acls,
        through: Some(Through {
            way: Way {
                bucket: bucket.arn.as_str().into(),
                point: way,
            },
            vpc,
            layers: Box::new(at_point),
        }),
        ..own
    }
}

fn at_point<'a>(
    org: &'a Organization,
    party: &Party<'a>,
    point: &'a AccessPoint,
    own: &Layers<'a>,
) -> Layers<'a> {
    let owned = Thing::Owned(point.account);
    Layers {
        relation: relation(&party.caller, Some(point.account), owned),
        resource_control: resource_control(org, party, owned, Some(point.account)),
        resource: point.policy.as_ref().map(|id| Sheet {
            layer: LayerId::AccessPoint,
            target: point.arn.as_str(),
            policy: org.policies.get(*id),
        }),
        form: ResourceForm::AccessPoint,
        reach: None,
        grants: Known::Absent,
        acl: Known::Absent,
        ..own.clone()
    }
}

/// Whoever owns it lets through whom they like.
fn elsewhere<'a>(own: &Layers<'a>) -> Layers<'a> {
    Layers {
        relation: match own.relation {
            Relation::Same | Relation::Cross => Relation::Cross,
            other => other,
        },
        resource_control: None,
        resource: Known::Unknown(OF_SOMEBODY.into()),
        form: ResourceForm::AccessPoint,
        reach: None,
        grants: Known::Absent,
        acl: Known::Absent,
        ..own.clone()
    }
}

/// The most restrictive of access point, bucket and both accounts; principals of these accounts
/// pass ("Blocking public access to your Amazon S3 storage").
fn restrict_public(
    org: &Organization,
    point: &AccessPoint,
    own: &Layers<'_>,
    at_point: &Layers<'_>,
) -> Known<bool> {
    if own.relation == Relation::Same || at_point.relation == Relation::Same {
        return Known::Absent;
    }
    with_point(org, point, &own.restrict_public, |block| {
        block.restrict_public_buckets
    })
}

/// A switch that is on for the bucket, the access point, or the account that owns the latter.
fn with_point(
    org: &Organization,
    point: &AccessPoint,
    bucket: &Known<bool>,
    switch: impl Fn(&PublicAccessBlock) -> bool,
) -> Known<bool> {
    if let Known::Present(true) = bucket {
        return Known::Present(true);
    }
    let account = org
        .accounts
        .get(&point.account)
        .map(|account: &Account| &account.public_access_block);
    let unlisted = match membership(org, point.account) {
        Membership::Member { .. } => None,
        _ if account.is_some() => None,
        _ => Some("block public access of the access point's account was not read"),
    };
    let more = any_of([Some(&point.public_access_block), account], switch);
    match (more, bucket, unlisted) {
        (Known::Present(true), ..) => Known::Present(true),
        (_, Known::Unknown(why), _) => Known::Unknown(why.clone()),
        (Known::Unknown(why), ..) => Known::Unknown(why),
        (_, _, Some(why)) => Known::Unknown(why.into()),
        (more, ..) => more,
    }
}
