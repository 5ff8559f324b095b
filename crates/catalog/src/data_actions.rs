//! Which actions touch data or its guard, and whose right to the key each of them tests.
//!
//! The service authorization reference says "Read" of `s3:GetObject` and of `s3:GetBucketPolicy`
//! alike; a boundary cares about the first only. So the actions of the data stores are reviewed one
//! by one here. An action is one of three things: it touches data or its guard, it was reviewed and
//! does not, or nobody has reviewed it. The last two are never the same.

use crate::rows::Row;
use crate::tables::DATA_ACTIONS;
use crate::words::words;

words! {
    /// What an action does to data or to its guard.
    Class {
        /// Gets content, or hands it to where the caller chose.
        Read = "read",
        /// Creates or changes content.
        Write = "write",
        /// Removes content, at once or later.
        Delete = "delete",
        /// Sees names, sizes, tags and metadata of content.
        List = "list",
        /// Changes who may do the others, where copies go, the key, or what is kept.
        Administer = "administer",
    }
}

words! {
    /// Whose permission on the key is tested when an action touches encrypted data.
    KeyCheck {
        /// The caller's: the service makes the call with the caller's session.
        Caller = "caller",
        /// The service's own, by a grant or its principal: the caller needs nothing.
        Service = "service",
        /// Nobody's: the action uses no key.
        Unused = "none",
        /// Not settled by AWS's documentation; take it as nobody's in a proof.
        Unknown = "unknown",
    }
}

/// An action that touches data or its guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataAction {
    row: Row,
    class: Class,
    key_check: KeyCheck,
}

/// What the review of an action said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It touches data or its guard.
    Data(DataAction),
    /// It touches neither.
    NotData,
    /// Nobody has reviewed it.
    Unknown,
}

/// The data action of that name, whatever its case; `None` both for reviewed actions that touch no
/// data and for actions not reviewed, which [`review`] tells apart.
pub fn data_action(service: &str, name: &str) -> Option<DataAction> {
    DATA_ACTIONS.find(&[service, name]).and_then(DataAction::of)
}

/// What is known about an action's class.
pub fn review(service: &str, name: &str) -> Review {
    match DATA_ACTIONS.find(&[service, name]) {
        Some(row) => DataAction::of(row).map_or(Review::NotData, Review::Data),
        None => Review::Unknown,
    }
}

/// The actions of a data store that do what `class` says, beside other things or alone, in order.
pub fn data_actions(service: &str, class: Class) -> impl Iterator<Item = DataAction> {
    all_data_actions(service).filter(move |action| action.does(class))
}

/// Every action of a data store that touches data or its guard, in order.
pub fn all_data_actions(service: &str) -> impl Iterator<Item = DataAction> {
    DATA_ACTIONS.starting(&[service]).filter_map(DataAction::of)
}

/// The services whose actions are reviewed, in order.
pub fn data_stores() -> Vec<&'static str> {
    let mut stores: Vec<&'static str> = DATA_ACTIONS.all().map(|row| row.column(0)).collect();
    stores.dedup();
    stores
}

impl DataAction {
    fn of(row: Row) -> Option<Self> {
        let class = row.list(2).next().and_then(Class::from_word)?;
        let key_check = KeyCheck::from_word(row.column(5))?;
        Some(Self {
            row,
            class,
            key_check,
        })
    }

    /// The service prefix, such as `s3`.
    pub fn service(&self) -> &'static str {
        self.row.column(0)
    }

    /// The name in AWS's spelling, without the service.
    pub fn name(&self) -> &'static str {
        self.row.column(1)
    }

    /// The class that it is named by: what it is mainly for.
    pub fn class(&self) -> Class {
        self.class
    }

    /// All its classes, the main one first: `dynamodb:BatchWriteItem` writes and deletes.
    pub fn classes(&self) -> impl Iterator<Item = Class> + use<> {
        self.row.list(2).filter_map(Class::from_word)
    }

    /// Whether `class` is one of its classes.
    pub fn does(&self, class: Class) -> bool {
        self.classes().any(|own| own == class)
    }

    /// The resource types that it acts on, by their names in the service authorization reference;
    /// none if it acts on the account or on whatever its parameters say.
    pub fn on(&self) -> impl Iterator<Item = &'static str> {
        self.row.list(3)
    }

    /// The actions on the KMS key, as `kms:Decrypt`, that the service makes when the data is under
    /// a customer managed key. All are needed.
    pub fn kms_actions(&self) -> impl Iterator<Item = &'static str> {
        self.row.list(4)
    }

    /// Whose permission on the key those actions test.
    pub fn key_check(&self) -> KeyCheck {
        self.key_check
    }

    /// What else a reviewer wrote down, or nothing.
    pub fn note(&self) -> &'static str {
        self.row.column(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::{Access, action, actions_of};

    #[track_caller]
    fn check(name: &str, class: Class, kms: &[&str], key_check: KeyCheck) {
        let (service, action) = name.split_once(':').unwrap();
        let found = data_action(service, action).unwrap_or_else(|| panic!("{name} is no data"));
        assert_eq!(found.class(), class, "class of {name}");
        assert_eq!(
            found.kms_actions().collect::<Vec<_>>(),
            kms,
            "key use of {name}"
        );
        assert_eq!(
            found.key_check(),
            key_check,
            "whose key permission {name} tests"
        );
    }

    /// "Using server-side encryption with AWS KMS keys (SSE-KMS)", "Key management" of Amazon SQS,
    /// "Secret encryption and decryption in AWS Secrets Manager", "How Amazon DynamoDB uses AWS KMS",
    /// "Encryption at rest" of Amazon ECR.
    #[test]
    fn classes_and_key_use() {
        let decrypt = &["kms:Decrypt"][..];
        let both = &["kms:Decrypt", "kms:GenerateDataKey"][..];
        check("s3:GetObject", Class::Read, decrypt, KeyCheck::Caller);
        check(
            "s3:getobjectversion",
            Class::Read,
            decrypt,
            KeyCheck::Caller,
        );
        check(
            "s3:PutObject",
            Class::Write,
            &["kms:GenerateDataKey"],
            KeyCheck::Caller,
        );
        check("s3:ListBucket", Class::List, &[], KeyCheck::Unused);
        check(
            "s3:PutBucketPolicy",
            Class::Administer,
            &[],
            KeyCheck::Unused,
        );
        check(
            "s3:DeleteObjectVersion",
            Class::Delete,
            &[],
            KeyCheck::Unused,
        );
        check("sqs:ReceiveMessage", Class::Read, decrypt, KeyCheck::Caller);
        check("sqs:SendMessage", Class::Write, both, KeyCheck::Caller);
        check(
            "secretsmanager:GetSecretValue",
            Class::Read,
            decrypt,
            KeyCheck::Caller,
        );
        check("dynamodb:Query", Class::Read, decrypt, KeyCheck::Caller);
        check("ecr:BatchGetImage", Class::Read, decrypt, KeyCheck::Service);
        check("kms:CreateGrant", Class::Administer, &[], KeyCheck::Unused);
    }

    #[test]
    fn not_data_and_unknown_differ() {
        assert_eq!(review("s3", "GetBucketLocation"), Review::NotData);
        assert_eq!(review("s3", "NoSuchAction"), Review::Unknown);
        assert_eq!(review("glue", "GetTable"), Review::Unknown);
        assert_eq!(data_action("s3", "GetBucketLocation"), None);
    }

    /// A new action of a data store must be classed before the tables can be renewed.
    #[test]
    fn every_action_of_every_store_is_reviewed() {
        for store in data_stores() {
            let unreviewed: Vec<&str> = actions_of(store)
                .map(|action| action.name())
                .filter(|name| review(store, name) == Review::Unknown)
                .collect();
            assert!(
                unreviewed.is_empty(),
                "{store}: class these actions: {unreviewed:?}"
            );
        }
    }

    #[test]
    fn every_row_names_a_real_action_and_its_types() {
        for row in DATA_ACTIONS.all() {
            let name = format!("{}:{}", row.column(0), row.column(1));
            let known = action(row.column(0), row.column(1)).unwrap_or_else(|| panic!("no {name}"));
            assert_eq!(known.name(), row.column(1), "spelling of {name}");
            for on in row.list(3) {
                assert!(
                    known.resource_types().any(|used| used.name == on),
                    "{name} on {on}"
                );
            }
        }
    }

    #[test]
    fn every_row_parses() {
        for row in DATA_ACTIONS.all() {
            let name = format!("{}:{}", row.column(0), row.column(1));
            if row.column(2) == "none" {
                assert_eq!(
                    (row.column(3), row.column(4), row.column(5)),
                    ("", "", ""),
                    "{name}"
                );
                continue;
            }
            let found = DataAction::of(row).unwrap_or_else(|| panic!("cannot read {name}"));
            assert_eq!(
                found.classes().count(),
                row.list(2).count(),
                "classes of {name}"
            );
            assert_eq!(
                found.kms_actions().count() > 0,
                matches!(found.key_check(), KeyCheck::Caller | KeyCheck::Service),
                "key actions of {name}"
            );
        }
    }

    /// ValidateResourcePolicy only checks a policy, and is the one exception.
    #[test]
    fn permissions_management_administers() {
        for store in data_stores() {
            let guards = actions_of(store)
                .filter(|action| action.access() == Access::PermissionsManagement)
                .filter(|action| action.name() != "ValidateResourcePolicy");
            for guard in guards {
                let found = data_action(store, guard.name());
                assert!(
                    found.is_some_and(|found| found.does(Class::Administer)),
                    "{store}:{} manages permissions, so it administers",
                    guard.name()
                );
            }
        }
    }
}
