//! Which elements a policy of each kind may hold.
//!
//! AWS refuses a document that breaks these rules, or ignores part of it; either way what it would
//! mean is not what it says.

use crate::rows::Row;
use crate::tables::POLICY_KINDS;
use crate::words::words;

words! {
    /// Whether an element may stand in a policy.
    Rule {
        /// Every statement needs it.
        Required = "required",
        /// It may stand there.
        Allowed = "allowed",
        /// It may stand in statements that deny only.
        DenyOnly = "deny only",
        /// Every statement needs it, and it may only be `*`.
        Star = "star",
        /// It may not stand there.
        Forbidden = "forbidden",
    }
}

/// The grammar of one kind of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyKind {
    /// The kind's name, such as `service-control`.
    pub name: &'static str,
    /// The element `Principal`; where it is required, `NotPrincipal` may stand for it if that is
    /// allowed at all.
    pub principal: Rule,
    /// The element `NotPrincipal`.
    pub not_principal: Rule,
    /// The elements `Resource` and `NotResource`, one of them.
    pub resource: Rule,
    /// The element `NotAction` in place of `Action`.
    pub not_action: Rule,
    /// Statements with the effect Allow.
    pub allow: Rule,
    /// The quota on its size, by the name it has in [`crate::quota`].
    pub size_quota: &'static str,
    /// What else matters, or nothing.
    pub note: &'static str,
}

/// The grammar of that kind of policy.
pub fn policy_kind(name: &str) -> Option<PolicyKind> {
    POLICY_KINDS.find(&[name]).and_then(of)
}

/// The grammar of every kind, in order.
pub fn policy_kinds() -> impl Iterator<Item = PolicyKind> {
    POLICY_KINDS.all().filter_map(of)
}

fn of(row: Row) -> Option<PolicyKind> {
    let rule = |index| Rule::from_word(row.column(index));
    Some(PolicyKind {
        name: row.column(0),
        principal: rule(1)?,
        not_principal: rule(2)?,
        resource: rule(3)?,
        not_action: rule(4)?,
        allow: rule(5)?,
        size_quota: row.column(6),
        note: row.column(7),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quotas::quota;

    /// "RCP syntax", "SCP syntax", "IAM JSON policy elements: NotPrincipal".
    #[test]
    fn kinds_differ() {
        let kind = |name| policy_kind(name).unwrap_or_else(|| panic!("no kind {name}"));
        assert_eq!(kind("resource-control").principal, Rule::Star);
        assert_eq!(kind("resource-control").allow, Rule::Forbidden);
        assert_eq!(kind("resource-control").not_action, Rule::Forbidden);
        assert_eq!(kind("service-control").not_action, Rule::Allowed);
        assert_eq!(kind("service-control").principal, Rule::Forbidden);
        assert_eq!(kind("trust").not_principal, Rule::Forbidden);
        assert_eq!(policy_kind("poem"), None);
    }

    #[test]
    fn every_row_parses_and_names_a_quota() {
        assert_eq!(policy_kinds().count(), POLICY_KINDS.all().count());
        for kind in policy_kinds() {
            assert!(
                quota(kind.size_quota).is_some(),
                "{}: {}",
                kind.name,
                kind.size_quota
            );
        }
    }
}
