//! Accounts that no policy at hand tells apart.
//!
//! An account whose number stands in no policy that is asked, nor in the name of anything asked about,
//! can be exchanged for another such account: whatever is decided about the one is decided about the
//! other, with the numbers exchanged. That holds as long as every text treats numbers alike, so a
//! pattern that has digits and wildcards together, or a variable, makes nobody exchangeable. Texts are
//! looked at as a whole, on purpose: what is overlooked would be a wrong answer, and what is found for
//! nothing is one question more.

use std::collections::BTreeSet;

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId};
use cofferdam_policy::print::print;

/// The digits of an account's number.
const DIGITS: usize = 12;

/// The accounts that texts name.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    accounts: BTreeSet<AccountId>,
    /// Whether some text may tell accounts apart without naming them.
    blurred: bool,
}

impl Named {
    /// What binds everybody: the policies of the organization and of its endpoints.
    pub fn everywhere(org: &Organization) -> Named {
        let mut named = Named::default();
        let organization = org.organization_policies.values().copied();
        let endpoints = org.endpoints.iter();
        let endpoints = endpoints.filter_map(|one| one.policy.present().copied());
        organization
            .chain(endpoints)
            .for_each(|id| named.policy(org, id));
        named
    }

    /// Takes in a policy. One that was not read says nothing to anybody, so it tells nobody apart.
    pub fn policy(&mut self, org: &Organization, id: PolicyId) {
        let Known::Present(policy) = &org.policies.get(id).document else {
            return;
        };
        match print(policy) {
            Ok(text) => self.text(&text),
            Err(_) => self.blurred = true,
        }
    }

    /// Takes in any text.
    pub fn text(&mut self, text: &str) {
        self.blurred |= text.contains("${");
        let part = |other: char| !(other.is_ascii_digit() || other == '*' || other == '?');
        for run in text.split(part) {
            let digits = run.chars().any(|one| one.is_ascii_digit());
            self.blurred |= digits && run.contains(['*', '?']);
            if run.len() == DIGITS {
                self.accounts.extend(run.parse::<AccountId>().ok());
            } else if run.len() > DIGITS {
                // A longer number may hold one.
                self.blurred = true;
            }
        }
    }

    /// Whether an account can be exchanged for others of which the same is said.
    pub fn leaves_out(&self, account: AccountId) -> bool {
        !self.blurred && !self.accounts.contains(&account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, named: &str, exchangeable: bool) {
        let mut all = Named::default();
        all.text(text);
        let account = named.parse().unwrap();
        assert_eq!(all.leaves_out(account), exchangeable, "{text}");
    }

    #[test]
    fn only_who_is_told_apart_by_no_text_is_exchangeable() {
        let one = "100000000001";
        check("arn:aws:iam::*:role/app-7", one, true);
        check("arn:aws:iam::100000000002:root", one, true);
        check("arn:aws:iam::100000000001:root", one, false);
        check("arn:aws:s3:::data-100000000001", one, false);
        check("arn:aws:iam::1000*:root", one, false);
        check("arn:aws:iam::10000000000?:root", one, false);
        check("arn:aws:s3:::data-${aws:PrincipalAccount}", one, false);
        check("x1000000000011", one, false);
    }
}
