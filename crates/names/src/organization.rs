//! Organization ids. AWS documents ten to thirty-two characters after `o-`; examples are shorter,
//! so only the alphabet and the upper bound are held to.

use std::fmt;
use std::str::FromStr;

use crate::error::NameError;

/// An AWS organization, by its id (`o-…`; "Organization", AWS Organizations API Reference).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgId(Box<str>);

impl OrgId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrgId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<OrgId, NameError> {
        let Some(unique) = text.strip_prefix("o-") else {
            return Err(NameError::new("an organization id begins with `o-`"));
        };
        if !unique
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        {
            let message = "an organization id holds lower-case letters and digits only";
            return Err(NameError::new(message));
        }
        if unique.is_empty() || UNIQUE_BYTES_MAX < unique.len() {
            let message = "an organization id has 1 to 32 characters after `o-`";
            return Err(NameError::new(message));
        }
        Ok(OrgId(text.into()))
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

const UNIQUE_BYTES_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        for text in ["o-abc", "o-a1b2c3d4e5"] {
            assert_eq!(text.parse::<OrgId>().expect(text).to_string(), text);
        }
        for text in [
            "",
            "o-",
            "r-abcd",
            "O-abc",
            "o-ABC",
            "o-a*",
            &format!("o-{}", "a".repeat(33)),
        ] {
            text.parse::<OrgId>().expect_err(text);
        }
    }
}
