//! Names of condition keys. AWS ignores the case of all of it, the key of a tag included, while a
//! report must repeat the text of the policy; so both spellings are kept.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::error::NameError;

/// Bytes of the longest condition key: room for an identity provider's URL (255 characters) and a
/// tag key (128 characters), both in UTF-8.
pub const CONTEXT_KEY_BYTES_MAX: usize = 2048;

/// One condition key, such as `aws:PrincipalTag/Team` ("IAM JSON policy elements: Condition").
///
/// Equality, order and hash ignore the case of ASCII letters in all of it. Displays as given. A
/// map by keys can be asked with plain text in lower case, such as `"aws:principalarn"`.
#[derive(Clone)]
pub struct ContextKey {
    given: Box<str>,
    folded: Box<str>,
    /// Where the prefix ends, at its colon.
    colon: u16,
    /// Where the name ends, at the slash or colon before the tag or at the end.
    name_end: u16,
}

impl ContextKey {
    /// Splits a key into the prefix before its first colon, the name, and what the name is about:
    /// `aws:PrincipalTag/Team`, `kms:EncryptionContext:dept`.
    ///
    /// # Errors
    /// When there is no colon, prefix or name is empty, or it is too long.
    pub fn parse(text: &str) -> Result<ContextKey, NameError> {
        if CONTEXT_KEY_BYTES_MAX < text.len() {
            let message = format!("a condition key has at most {CONTEXT_KEY_BYTES_MAX} bytes");
            return Err(NameError::new(message));
        }
        let Some((prefix, rest)) = text.split_once(':') else {
            let message = "a condition key is written `prefix:Name`, as in `aws:SourceIp`";
            return Err(NameError::new(message));
        };
        let name = rest.split(['/', ':']).next().unwrap_or_default();
        if prefix.is_empty() || name.is_empty() {
            let message = "a condition key has a prefix before its colon and a name after";
            return Err(NameError::new(message));
        }
        Ok(ContextKey {
            given: text.into(),
            folded: text.to_ascii_lowercase().into(),
            colon: offset(prefix.len()),
            name_end: offset(prefix.len() + 1 + name.len()),
        })
    }

    /// The whole key as given.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// The whole key in lower case, by which keys are compared.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The prefix in lower case: `aws`, a service, or an identity provider.
    pub fn prefix(&self) -> &str {
        self.folded
            .get(..usize::from(self.colon))
            .unwrap_or_default()
    }

    /// The name in lower case, without a tag: `principaltag`.
    pub fn name(&self) -> &str {
        self.folded
            .get(usize::from(self.colon) + 1..usize::from(self.name_end))
            .unwrap_or_default()
    }

    /// Prefix and name in lower case, without a tag: `aws:principaltag`, as tables of keys list it.
    pub fn base(&self) -> &str {
        self.folded
            .get(..usize::from(self.name_end))
            .unwrap_or_default()
    }

    /// What follows the name, as given: the key of a tag or of an encryption context.
    pub fn tag(&self) -> Option<&str> {
        self.given.get(usize::from(self.name_end) + 1..)
    }
}

/// Lengths are limited before they are narrowed.
fn offset(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

impl FromStr for ContextKey {
    type Err = NameError;

    fn from_str(text: &str) -> Result<ContextKey, NameError> {
        ContextKey::parse(text)
    }
}

impl fmt::Display for ContextKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.given)
    }
}

impl fmt::Debug for ContextKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.given)
    }
}

impl PartialEq for ContextKey {
    fn eq(&self, other: &ContextKey) -> bool {
        self.folded == other.folded
    }
}

impl Eq for ContextKey {}

impl PartialOrd for ContextKey {
    fn partial_cmp(&self, other: &ContextKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ContextKey {
    fn cmp(&self, other: &ContextKey) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for ContextKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl Borrow<str> for ContextKey {
    fn borrow(&self) -> &str {
        &self.folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn check(text: &str, prefix: &str, name: &str, tag: Option<&str>) {
        let key = ContextKey::parse(text).expect(text);
        assert_eq!(
            (key.prefix(), key.name(), key.tag()),
            (prefix, name, tag),
            "{text}"
        );
        assert_eq!(key.base(), format!("{prefix}:{name}"));
        assert_eq!(key.to_string(), text);
    }

    fn check_error(text: &str, expected: &str) {
        assert_eq!(
            ContextKey::parse(text).expect_err(text).to_string(),
            expected
        );
    }

    #[test]
    fn parts() {
        check("aws:SourceIp", "aws", "sourceip", None);
        check(
            "aws:PrincipalTag/Team/A:b",
            "aws",
            "principaltag",
            Some("Team/A:b"),
        );
        check("aws:RequestTag/", "aws", "requesttag", Some(""));
        check(
            "kms:EncryptionContext:Dept",
            "kms",
            "encryptioncontext",
            Some("Dept"),
        );
        check(
            "Oidc.example.com/id/AB:sub",
            "oidc.example.com/id/ab",
            "sub",
            None,
        );
    }

    /// "AWS global condition context keys": key names are not case-sensitive, tag keys included.
    #[test]
    fn case_is_ignored() {
        let key = |text: &str| ContextKey::parse(text).expect(text);
        assert_eq!(key("aws:ResourceTag/Team"), key("AWS:resourcetag/TEAM"));
        assert_ne!(key("aws:ResourceTag/Team"), key("aws:ResourceTag/Teams"));
        let context = BTreeMap::from([(key("aws:SourceVpce"), 1)]);
        assert_eq!(context.get("aws:sourcevpce"), Some(&1));
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        check_error(
            "SourceIp",
            "a condition key is written `prefix:Name`, as in `aws:SourceIp`",
        );
        check_error(
            "aws:",
            "a condition key has a prefix before its colon and a name after",
        );
        check_error(
            ":x",
            "a condition key has a prefix before its colon and a name after",
        );
        check_error(
            "aws:/x",
            "a condition key has a prefix before its colon and a name after",
        );
        check_error(&"a".repeat(2049), "a condition key has at most 2048 bytes");
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(text in "[a-zA-Z.]{1,5}:[A-Za-z]{1,5}([/:][a-zé/:]{0,5})?") {
            let key = ContextKey::parse(&text).expect("a key");
            prop_assert_eq!(key.to_string(), text.clone());
            prop_assert_eq!(ContextKey::parse(&text.to_ascii_uppercase()), Ok(key));
        }

        #[test]
        fn no_text_panics(text in "[a:/é]{0,12}") {
            let _ = ContextKey::parse(&text);
        }
    }
}
