//! S3 access points, also multi-Region ones.

use cofferdam_names::Arn;
use cofferdam_policy::kind::PolicyKind;

use super::access::Builder;
use super::units::public_access_block;
use crate::fact::{Attribute, Entity, Kind, Known};
use crate::model::AccessPoint;

/// Every access point, in the order of the ARNs.
pub(super) fn access_points(builder: &mut Builder) -> Vec<AccessPoint> {
    let mut found = Vec::new();
    for kind in [Kind::AccessPoint, Kind::MultiRegionAccessPoint] {
        let entities = builder.existing(kind);
        found.extend(
            entities
                .into_iter()
                .filter_map(|entity| access_point(builder, entity)),
        );
    }
    found.sort_by(|a: &AccessPoint, b: &AccessPoint| a.arn.as_str().cmp(b.arn.as_str()));
    found
}

fn access_point(builder: &mut Builder, entity: &Entity) -> Option<AccessPoint> {
    let stated = builder.arn(entity)?;
    let account = builder.account(entity, Some(&stated))?;
    let multi_region = entity.kind == Kind::MultiRegionAccessPoint;
    let arn = if multi_region {
        by_alias(builder, entity, &stated)?
    } else {
        stated
    };
    let name = format!("access point policy of {}", arn.resource());
    let buckets = builder.texts(entity, Attribute::Buckets);
    if !matches!(buckets, Known::Present(_)) {
        builder.gaps.push((
            account.to_string().into(),
            entity.kind,
            format!("the buckets behind {arn} were not read").into(),
        ));
    }
    Some(AccessPoint {
        account,
        buckets: buckets.present().cloned().unwrap_or_default(),
        vpc: vpc(builder, entity, multi_region),
        policy: builder.policy(
            entity,
            Attribute::ResourcePolicy,
            PolicyKind::Resource,
            &name,
        ),
        public_access_block: public_access_block(builder, entity),
        multi_region,
        origin: builder.origin(entity),
        arn,
    })
}

/// Policies and keys name a multi-Region access point by its alias, operations by its name.
fn by_alias(builder: &mut Builder, entity: &Entity, stated: &Arn) -> Option<Arn> {
    let aliases = builder.texts(entity, Attribute::Aliases);
    let alias = aliases.present().and_then(|aliases| aliases.first());
    let arn = alias.and_then(|alias| {
        let (partition, account) = (stated.partition(), stated.account());
        Arn::parse(&format!(
            "arn:{partition}:s3::{account}:accesspoint/{alias}"
        ))
        .ok()
    });
    if arn.is_none() {
        builder.gaps.push((
            stated.account().into(),
            entity.kind,
            format!("the alias of {stated} was not read").into(),
        ));
    }
    arn
}

/// The VPC that requests must come from.
fn vpc(builder: &mut Builder, entity: &Entity, multi_region: bool) -> Known<Box<str>> {
    if multi_region {
        return Known::Absent;
    }
    match builder.text(entity, Attribute::NetworkOrigin) {
        Known::Present(origin) if &*origin == "Internet" => Known::Absent,
        Known::Present(_) => match builder.text(entity, Attribute::Vpc) {
            Known::Absent => {
                Known::Unknown(format!("the VPC of {} was not read", entity.id).into())
            }
            vpc => vpc,
        },
        Known::Absent => Known::Absent,
        Known::Unknown(why) => Known::Unknown(why),
    }
}
