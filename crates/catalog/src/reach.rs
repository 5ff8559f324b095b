//! What the resource policies of some services can govern, where that is less than everything.
//!
//! Most services evaluate the policy of a resource for every action on it and for every caller.
//! The rows here are the exceptions that AWS documents; a service without a row has none that is
//! known.

use crate::rows::Row;
use crate::tables::POLICY_REACH;

/// What the policies of one kind of resource can govern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyReach {
    row: Row,
}

/// The exception for a resource, by its service and the last field of its ARN; `None`: none is
/// known.
pub fn policy_reach(service: &str, resource: &str) -> Option<PolicyReach> {
    POLICY_REACH
        .starting(&[service])
        .find(|row| resource.starts_with(row.column(1)))
        .map(|row| PolicyReach { row })
}

impl PolicyReach {
    /// The actions for which the policy is in force, with wildcards; all, if it holds `*`.
    pub fn in_force(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.row.list(2)
    }

    /// Whether it is in force for AWS services only.
    pub fn only_services(&self) -> bool {
        self.row.column(3) == "services"
    }

    /// The actions that it can grant to other accounts; all, if it holds `*`.
    pub fn across(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.row.list(4)
    }

    /// What everybody who reaches the resource may do while it has no policy.
    pub fn open(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.row.list(5)
    }

    /// What the root user of the owner keeps, perhaps, whatever the policy denies.
    pub fn root_keeps(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.row.list(6)
    }

    /// The condition keys that are tested for the actions of [`PolicyReach::open`]; none listed: all.
    pub fn tested_keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.row.list(7)
    }

    /// The title of the page that says so.
    pub fn page(&self) -> &'static str {
        self.row.column(8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exceptions_are_found_by_resource() {
        let group = policy_reach("logs", "log-group:app:*").unwrap();
        assert!(group.only_services());
        assert!(group.in_force().eq(["CreateLogStream", "PutLogEvents"]));
        assert_eq!(policy_reach("logs", "destination:d"), None);
        assert_eq!(policy_reach("s3", "records"), None);
        let queue = policy_reach("sqs", "jobs").unwrap();
        assert!(queue.in_force().eq(["*"]));
        assert!(POLICY_REACH.all().all(|row| !row.column(8).is_empty()));
    }
}
