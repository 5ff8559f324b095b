//! Account numbers: twelve digits, of which the first may be zero.
//!
//! Kept as a number because there is one in every fact and every request, and because a text that
//! lost its zeros in a spreadsheet must fail to parse rather than become another account.

use std::fmt;
use std::str::FromStr;

use crate::error::NameError;

/// An AWS account, by its number ("View AWS account identifiers"). Displays as twelve digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

impl AccountId {
    /// The account with this number, unless it has more than twelve digits.
    pub const fn from_number(number: u64) -> Option<AccountId> {
        if number < NUMBERS {
            Some(AccountId(number))
        } else {
            None
        }
    }

    /// The account's number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl FromStr for AccountId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<AccountId, NameError> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NameError::new("an account id holds digits only"));
        }
        if text.len() != DIGITS {
            let message = format!("an account id has 12 digits, and this has {}", text.len());
            return Err(NameError::new(message));
        }
        let number = text
            .parse()
            .map_err(|_| NameError::new("an account id is a number"))?;
        Ok(AccountId(number))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:012}", self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

const DIGITS: usize = 12;

/// How many numbers have twelve digits.
const NUMBERS: u64 = 1_000_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_error(text: &str, expected: &str) {
        let error = text.parse::<AccountId>().expect_err(text);
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn refusals_say_what_is_wrong() {
        check_error(
            "11122223333",
            "an account id has 12 digits, and this has 11",
        );
        check_error("", "an account id has 12 digits, and this has 0");
        check_error("1111-2222-3333", "an account id holds digits only");
        assert_eq!(AccountId::from_number(NUMBERS), None);
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(number in 0..NUMBERS) {
            let account = AccountId::from_number(number).expect("in range");
            prop_assert_eq!(account.to_string().len(), DIGITS);
            prop_assert_eq!(account.to_string().parse(), Ok(account));
        }
    }
}
