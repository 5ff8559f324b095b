//! What each kind of policy may contain.
//!
//! AWS changes it too: service control policies took up the full language in 2025, and their quota
//! was raised in 2026. A new kind is a new row.

use crate::tables::POLICY_KINDS;
use crate::words::words;

words! {
    /// Whether an element must, may or must not be there.
    Element {
        /// It must be there.
        Required = "required",
        /// It may be there.
        Optional = "optional",
        /// It must not be there.
        Forbidden = "forbidden",
    }
}

/// What one kind of policy may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grammar {
    /// The kind in words, with its article.
    pub name: &'static str,
    /// `Principal` (or `NotPrincipal`).
    pub principal: Element,
    /// Whether `NotPrincipal` may stand for `Principal`.
    pub not_principal: bool,
    /// Whether `NotAction` may stand for `Action`.
    pub not_action: bool,
    /// `Resource` or `NotResource`.
    pub resource: Element,
    /// Whether a statement may allow.
    pub allow: bool,
    /// Whether only the characters of IAM documents are valid: tab, line feed, carriage return and
    /// U+0020 to U+00FF ("IAM and AWS STS quotas").
    pub iam_characters: bool,
    /// The page that states the elements.
    pub page: &'static str,
    sizes: &'static str,
}

impl Grammar {
    /// Of a kind that the catalogue does not list: nothing is said of it.
    pub const UNLISTED: Grammar = Grammar {
        name: "a policy of an unlisted kind",
        principal: Element::Optional,
        not_principal: true,
        not_action: true,
        resource: Element::Optional,
        allow: true,
        iam_characters: false,
        page: "",
        sizes: "",
    };

    /// Names of the [`quota`](crate::quota)s on its length, the narrowest first; none if that depends
    /// on the service.
    pub fn sizes(&self) -> impl DoubleEndedIterator<Item = &'static str> {
        self.sizes.split(',').filter(|name| !name.is_empty())
    }
}

/// The grammar of a kind, by its word: `identity`, `service-control`, ….
pub fn grammar(kind: &str) -> Option<Grammar> {
    let row = POLICY_KINDS.find(&[kind])?;
    Some(Grammar {
        name: row.column(1),
        principal: Element::from_word(row.column(2))?,
        not_principal: row.column(3) == "yes",
        not_action: row.column(4) == "yes",
        resource: Element::from_word(row.column(5))?,
        allow: row.column(6) == "yes",
        iam_characters: row.column(7) == "iam",
        page: row.column(9),
        sizes: row.column(8),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "RCP syntax", "SCP syntax".
    #[test]
    fn grammars_by_kind() {
        let control = grammar("resource-control").unwrap();
        assert_eq!(
            (control.principal, control.allow),
            (Element::Required, false)
        );
        assert!(!control.not_action && !control.not_principal);
        let control = grammar("service-control").unwrap();
        assert_eq!(
            (control.principal, control.allow),
            (Element::Forbidden, true)
        );
        assert_eq!(grammar("bucket"), None);
    }

    #[test]
    fn every_row_parses_and_its_quotas_exist() {
        for row in POLICY_KINDS.all() {
            let found = grammar(row.column(0)).unwrap_or_else(|| panic!("{}", row.column(0)));
            for size in found.sizes() {
                assert!(crate::quota(size).is_some(), "{size}");
            }
        }
    }
}
