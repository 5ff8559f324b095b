//! AWS's quotas, as data: a constant in code goes stale without anybody noticing.

use crate::rows::Row;
use crate::tables::{QUOTAS, RESOURCE_POLICIES};

/// One quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The catalogue's name for it, such as `scp.size`.
    pub name: &'static str,
    /// Its value where nobody asked AWS to raise it.
    pub default: u64,
    /// What it counts, such as `characters`.
    pub unit: &'static str,
    /// How far AWS raises it on request; `None` if it does not, or if that is not known.
    pub raised_to: Option<u64>,
    /// What else matters, or nothing.
    pub note: &'static str,
}

/// The quota of that name.
pub fn quota(name: &str) -> Option<Quota> {
    QUOTAS.find(&[name]).and_then(of)
}

/// Every quota, in order.
pub fn quotas() -> impl Iterator<Item = Quota> {
    QUOTAS.all().filter_map(of)
}

/// What is known of the resource policies that a service stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourcePolicy {
    /// The service prefix.
    pub service: &'static str,
    /// What people call such a policy: `bucket policy`.
    pub name: &'static str,
    /// The name of the [`Quota`] on its size.
    pub size: &'static str,
}

/// The resource policies of a service; `None` if this catalogue knows none, which says nothing.
pub fn resource_policy(service: &str) -> Option<ResourcePolicy> {
    RESOURCE_POLICIES
        .find(&[service])
        .map(|row| ResourcePolicy {
            service: row.column(0),
            name: row.column(1),
            size: row.column(2),
        })
}

fn of(row: Row) -> Option<Quota> {
    Some(Quota {
        name: row.column(0),
        default: row.column(1).parse().ok()?,
        unit: row.column(2),
        raised_to: row.column(3).parse().ok(),
        note: row.column(4),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Quotas for AWS Organizations" (raised for SCPs on 2026-05-15), "IAM and AWS STS quotas".
    #[test]
    fn quotas_by_name() {
        for (name, default, raised_to) in [
            ("scp.size", 10_240, None),
            ("scp.per-target", 10, None),
            ("rcp.size", 5_120, None),
            ("rcp.per-target", 5, None),
            ("managed-policy.size", 6_144, None),
            ("trust-policy.size", 2_048, Some(8_192)),
            ("queue-policy.size", 8_192, None),
        ] {
            let found = quota(name).unwrap_or_else(|| panic!("no quota {name}"));
            assert_eq!(
                (found.default, found.raised_to),
                (default, raised_to),
                "{name}"
            );
        }
        assert_eq!(quota("scp"), None);
    }

    #[test]
    fn every_resource_policy_has_its_quota() {
        for row in RESOURCE_POLICIES.all() {
            let found = resource_policy(row.column(0)).unwrap();
            assert!(quota(found.size).is_some(), "{}", found.size);
        }
        assert_eq!(resource_policy("ec2"), None);
    }

    #[test]
    fn every_row_parses() {
        assert_eq!(quotas().count(), QUOTAS.all().count());
    }
}
