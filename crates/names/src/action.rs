//! Names of single actions. AWS ignores their case, and reports should show it as AWS writes it,
//! so the name is kept as given and compared without regard to case.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::error::NameError;

/// One action, such as `s3:GetObject`; no pattern ("IAM JSON policy elements: Action").
///
/// Equality, order and hash ignore case. Displays the service in lower case and the name as given.
#[derive(Clone)]
pub struct ActionName {
    service: Box<str>,
    name: Box<str>,
}

impl ActionName {
    /// Splits `service:Name`.
    ///
    /// # Errors
    /// When there is no colon, a part is empty, or a part holds a wildcard or anything else that
    /// action names do not have.
    pub fn parse(text: &str) -> Result<ActionName, NameError> {
        let Some((service, name)) = text.split_once(':') else {
            return Err(NameError::new(
                "an action is written `service:Name`, with a colon",
            ));
        };
        if service.is_empty() || name.is_empty() {
            return Err(NameError::new(
                "an action has a service before its colon and a name after",
            ));
        }
        if text.contains(['*', '?']) {
            return Err(NameError::new(
                "this is a pattern, and one action was expected",
            ));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !(service.bytes().all(allowed) && name.bytes().all(allowed)) {
            return Err(NameError::new(
                "an action holds only letters, digits and `-`, `_`, `.`",
            ));
        }
        Ok(ActionName {
            service: service.to_ascii_lowercase().into(),
            name: name.into(),
        })
    }

    /// The service prefix, in lower case.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The name after the colon, as given.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn folded(&self) -> impl Iterator<Item = u8> {
        self.name.bytes().map(|byte| byte.to_ascii_lowercase())
    }
}

impl FromStr for ActionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<ActionName, NameError> {
        ActionName::parse(text)
    }
}

impl fmt::Display for ActionName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.service, self.name)
    }
}

impl fmt::Debug for ActionName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl PartialEq for ActionName {
    fn eq(&self, other: &ActionName) -> bool {
        self.service == other.service && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl Eq for ActionName {}

impl PartialOrd for ActionName {
    fn partial_cmp(&self, other: &ActionName) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ActionName {
    fn cmp(&self, other: &ActionName) -> Ordering {
        self.service
            .cmp(&other.service)
            .then_with(|| self.folded().cmp(other.folded()))
    }
}

impl Hash for ActionName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.service.hash(state);
        self.folded().for_each(|byte| state.write_u8(byte));
        state.write_u8(0xff);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_error(text: &str, expected: &str) {
        assert_eq!(
            ActionName::parse(text).expect_err(text).to_string(),
            expected
        );
    }

    /// "IAM JSON policy elements: Action": prefix and name ignore case.
    #[test]
    fn case_is_ignored() {
        let action = ActionName::parse("S3:GetObject").expect("an action");
        assert_eq!(
            action,
            ActionName::parse("s3:GETOBJECT").expect("an action")
        );
        assert_eq!(action.to_string(), "s3:GetObject");
        assert!(action < ActionName::parse("s3:putobject").expect("an action"));
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        check_error(
            "GetObject",
            "an action is written `service:Name`, with a colon",
        );
        check_error(
            "s3:",
            "an action has a service before its colon and a name after",
        );
        check_error("s3:Get*", "this is a pattern, and one action was expected");
        check_error(
            "s3:Get Object",
            "an action holds only letters, digits and `-`, `_`, `.`",
        );
        check_error(
            "s3:a:b",
            "an action holds only letters, digits and `-`, `_`, `.`",
        );
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(text in "[a-z0-9-]{1,8}:[A-Za-z0-9]{1,12}") {
            let action = ActionName::parse(&text).expect("an action");
            prop_assert_eq!(action.to_string(), text.clone());
            prop_assert_eq!(ActionName::parse(&text.to_uppercase()), Ok(action));
        }
    }
}
