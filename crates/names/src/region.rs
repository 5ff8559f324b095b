//! Region codes. Which ones exist changes every year and is data of the catalogue; here is only
//! what one looks like.

use std::fmt;
use std::str::FromStr;

use crate::error::NameError;

/// A Region, by its code, such as `eu-west-1` ("AWS Regions").
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Box<str>);

impl Region {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Region, NameError> {
        let part = |part: &str| {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !part.is_empty() && part.bytes().all(allowed)
        };
        let parts = text.split('-').count();
        if !(PARTS_MIN..=PARTS_MAX).contains(&parts) || !text.split('-').all(part) {
            return Err(NameError::new("a Region is written like `eu-west-1`"));
        }
        Ok(Region(text.into()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// `aws-global`, which CloudTrail and policies use for services without a Region.
const PARTS_MIN: usize = 2;

/// `us-gov-west-1` has four; one more leaves room.
const PARTS_MAX: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for text in ["eu-west-1", "us-gov-west-1", "aws-global", "eusc-de-east-1"] {
            assert_eq!(text.parse::<Region>().expect(text).to_string(), text);
        }
        for text in [
            "",
            "eu",
            "EU-West-1",
            "eu--1",
            "eu-west-",
            "eu-*",
            "eu west-1",
        ] {
            text.parse::<Region>().expect_err(text);
        }
    }
}
