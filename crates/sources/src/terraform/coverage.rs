//! How the attributes of a plan that decide about access were settled.

use std::collections::BTreeMap;

use super::resolve::Rule;

/// One attribute of an instance with the rule that settled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// `module.a.aws_s3_bucket_policy.b`.
    pub address: String,
    /// The attribute's name in the provider's schema.
    pub attribute: String,
    /// What settled it.
    pub rule: Rule,
}

/// All attributes that hold policies or name keys, principals and other things, in the order of
/// their addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    settled: BTreeMap<(String, String), Rule>,
}

impl Coverage {
    pub(super) fn add(&mut self, address: &str, attribute: &str, rule: Rule) {
        let key = (address.to_owned(), attribute.to_owned());
        self.settled.insert(key, rule);
    }

    /// Adds those of another source.
    pub fn extend(&mut self, other: Coverage) {
        self.settled.extend(other.settled);
    }

    /// Whether no plan was read.
    pub fn is_empty(&self) -> bool {
        self.settled.is_empty()
    }

    /// Every attribute.
    pub fn iter(&self) -> impl Iterator<Item = Settlement> {
        self.settled
            .iter()
            .map(|((address, attribute), rule)| Settlement {
                address: address.clone(),
                attribute: attribute.clone(),
                rule: *rule,
            })
    }

    /// How many attributes a rule settled.
    pub fn count(&self, rule: Rule) -> usize {
        self.settled.values().filter(|one| **one == rule).count()
    }
}
