//! What AWS's services can be asked: actions, resource types and the names of condition keys.
//!
//! Generated from AWS's service authorization reference. An action that is missing here is not
//! known to exist; a policy that names it may still be right, since AWS adds actions every week.

use crate::rows::Row;
use crate::tables::{ACTIONS, RESOURCE_TYPES, SERVICES};
use crate::words::words;

words! {
    /// What an action does to a resource ("Access levels in policy summaries").
    Access {
        /// Gets content or attributes.
        Read = "Read",
        /// Creates, changes or deletes.
        Write = "Write",
        /// Sees that resources exist.
        List = "List",
        /// Changes only tags.
        Tagging = "Tagging",
        /// Changes who may do what.
        PermissionsManagement = "Permissions management",
    }
}

/// One action of the service authorization reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    row: Row,
    access: Access,
}

/// A resource type that an action accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceUse {
    /// The type's name in the service authorization reference, such as `object`.
    pub name: &'static str,
    /// Whether the reference marks it as required for the action.
    pub required: bool,
}

/// Every service prefix of the reference, such as `s3`, in order.
pub fn services() -> impl Iterator<Item = &'static str> {
    SERVICES.all().map(|row| row.column(0))
}

/// The name that AWS gives to a service, such as `Amazon S3`, by its prefix.
pub fn service_name(service: &str) -> Option<&'static str> {
    SERVICES.find(&[service]).map(|row| row.column(1))
}

/// Every action of every service, in order.
pub fn actions() -> impl Iterator<Item = Action> {
    ACTIONS.all().filter_map(Action::of)
}

/// Every action of a service, in order; none if the service is not known.
pub fn actions_of(service: &str) -> impl Iterator<Item = Action> {
    ACTIONS.starting(&[service]).filter_map(Action::of)
}

/// The action of that name, whatever its case.
pub fn action(service: &str, name: &str) -> Option<Action> {
    ACTIONS.find(&[service, name]).and_then(Action::of)
}

/// The names of a service's resource types, in order.
pub fn resource_types_of(service: &str) -> impl Iterator<Item = &'static str> {
    RESOURCE_TYPES.starting(&[service]).map(|row| row.column(1))
}

/// The shape of a resource type's ARN, such as `arn:${Partition}:s3:::${BucketName}`.
pub fn resource_type_arn(service: &str, resource_type: &str) -> Option<&'static str> {
    RESOURCE_TYPES
        .find(&[service, resource_type])
        .map(|row| row.column(2))
}

/// The condition keys that a resource type carries for every action on it.
pub fn resource_type_keys(
    service: &str,
    resource_type: &str,
) -> impl Iterator<Item = &'static str> {
    RESOURCE_TYPES
        .find(&[service, resource_type])
        .into_iter()
        .flat_map(|row| row.list(3))
}

impl Action {
    fn of(row: Row) -> Option<Self> {
        Access::from_word(row.column(2)).map(|access| Self { row, access })
    }

    /// The service prefix, such as `s3`.
    pub fn service(&self) -> &'static str {
        self.row.column(0)
    }

    /// The name in AWS's spelling, without the service, such as `GetObject`.
    pub fn name(&self) -> &'static str {
        self.row.column(1)
    }

    /// Its access level.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The resource types it accepts; none if only `*` makes sense as its resource.
    pub fn resource_types(&self) -> impl Iterator<Item = ResourceUse> {
        self.row
            .list(3)
            .map(|written| match written.strip_suffix('*') {
                Some(name) => ResourceUse {
                    name,
                    required: true,
                },
                None => ResourceUse {
                    name: written,
                    required: false,
                },
            })
    }

    /// The condition keys that it can carry beside the global ones, in order without repeats:
    /// those of the action and those of its resource types. A name that ends with `/` or `:`
    /// stands for every key with that prefix.
    pub fn condition_keys(&self) -> Vec<&'static str> {
        let service = self.service();
        let of_types = self
            .resource_types()
            .flat_map(|used| resource_type_keys(service, used.name));
        let mut keys: Vec<&'static str> = self.row.list(4).chain(of_types).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Further actions, as `service:Action`, that the caller needs for the call to succeed.
    pub fn dependent_actions(&self) -> impl Iterator<Item = &'static str> {
        self.row.list(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(service: &str, name: &str, access: Access, types: &[&str]) {
        let found = action(service, name).unwrap_or_else(|| panic!("no {service}:{name}"));
        assert_eq!(found.access(), access, "access level of {service}:{name}");
        let have: Vec<&str> = found.resource_types().map(|used| used.name).collect();
        assert_eq!(have, types, "resource types of {service}:{name}");
    }

    #[test]
    fn actions_by_name_in_any_case() {
        check(
            "s3",
            "GetObject",
            Access::Read,
            &["accesspointobject", "object"],
        );
        check(
            "S3",
            "getOBJECT",
            Access::Read,
            &["accesspointobject", "object"],
        );
        check(
            "kms",
            "CreateGrant",
            Access::PermissionsManagement,
            &["key"],
        );
        check("sts", "GetCallerIdentity", Access::Read, &[]);
        assert_eq!(
            action("s3", "getobject").map(|found| found.name()),
            Some("GetObject")
        );
        assert_eq!(action("s3", "GetObjec"), None);
        assert_eq!(action("s4", "GetObject"), None);
    }

    #[test]
    fn every_action_parses_and_names_known_types() {
        let mut count = 0;
        for action in actions() {
            count += 1;
            for used in action.resource_types() {
                let arn = resource_type_arn(action.service(), used.name);
                assert!(
                    arn.is_some(),
                    "{}:{} on {}",
                    action.service(),
                    action.name(),
                    used.name
                );
            }
        }
        assert_eq!(
            count,
            ACTIONS.all().count(),
            "an access level is not one of the words"
        );
    }

    #[test]
    fn actions_of_a_service() {
        assert!(actions_of("s3").count() > 150);
        assert!(actions_of("s3").all(|action| action.service() == "s3"));
        assert_eq!(actions_of("no-such-service").count(), 0);
        let total: usize = services().map(|service| actions_of(service).count()).sum();
        assert_eq!(total, actions().count());
    }

    #[test]
    fn condition_keys_of_action_and_type() {
        let keys = action("s3", "GetObject").unwrap().condition_keys();
        assert!(
            keys.contains(&"s3:ExistingObjectTag/"),
            "a key of the action"
        );
        assert!(
            keys.contains(&"s3:DataAccessPointArn"),
            "a key of its resource type"
        );
    }

    #[test]
    fn arn_templates() {
        assert_eq!(
            resource_type_arn("s3", "bucket"),
            Some("arn:${Partition}:s3:::${BucketName}")
        );
        assert_eq!(resource_type_arn("s3", "pail"), None);
        assert_eq!(service_name("s3"), Some("Amazon S3"));
    }
}
