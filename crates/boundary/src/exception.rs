//! Which exception covers a violation, if any.
//!
//! An exception does not hide a violation, it names who accepted it; so the answer is an id to
//! report. One whose time is over does not count, and is reported too, because its owner must
//! hear that the violation counts again. Whatever cannot be told from the principal's name alone,
//! such as the subject of a federated caller, is taken as not covered.

use cofferdam_names::{AccountId, Arn, Principal};

use crate::file::{Boundary, BreakGlass, Date, Exception, PlatformRole, Who, WhoAt};

/// What covers a violation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage<'a> {
    /// The id of the entry that covers it: an exception's, `break-glass …` or `platform-role …`.
    pub by: Option<&'a str>,
    /// The id of an entry that would cover it if its time were not over; only without `by`.
    pub expired: Option<&'a str>,
}

/// Who accepted that `principal` violates `obligation` on `dataset`, as of a day.
///
/// Exceptions are asked first, then break-glass, then platform roles, each in the order of the
/// files; what break-glass never lifts, nothing lifts for its principals. `principal` is best
/// given as the ARN of the role or user, since a session's ARN does not show the role's path.
/// Without a day, what has an end does not count.
pub fn covering<'a>(
    boundary: &'a Boundary,
    obligation: &str,
    dataset: &str,
    principal: &str,
    as_of: Option<Date>,
) -> Coverage<'a> {
    let case = Case {
        boundary,
        obligation,
        dataset,
        principal: Named::of(principal),
        as_of,
    };
    if boundary.break_glass.iter().any(|entry| case.never(entry)) {
        return Coverage::default();
    }
    let mut expired = None;
    for (id, counts) in case.candidates() {
        if counts {
            return Coverage {
                by: Some(id),
                expired: None,
            };
        }
        expired = expired.or(Some(id));
    }
    Coverage { by: None, expired }
}

/// Whether `who` certainly includes the principal of that name, as of a day.
pub fn includes(boundary: &Boundary, who: &Who, principal: &str, as_of: Option<Date>) -> bool {
    Named::of(principal).is(boundary, who, as_of)
}

/// Whether a pattern, in which `*` stands for any text and `?` for one character, accepts a text.
///
/// The time is at most the product of the lengths.
pub fn accepts(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // After the last star: where it stands, and how much of the text it has taken.
    let mut star = None;
    loop {
        match (pattern.get(at), text.get(seen)) {
            (None, None) => return true,
            (Some('*'), _) => {
                star = Some((at, seen));
                at += 1;
                continue;
            }
            (Some(expected), Some(found)) if *expected == '?' || expected == found => {
                (at, seen) = (at + 1, seen + 1);
                continue;
            }
            _ => {}
        }
        let Some((place, taken)) = star.filter(|(_, taken)| *taken < text.len()) else {
            return false;
        };
        star = Some((place, taken + 1));
        (at, seen) = (place + 1, taken + 1);
    }
}

/// Whether a pattern over ARNs accepts one: field by field, so that no star takes in a colon of a
/// role's path and with it the name that another role has.
fn arn_accepts(pattern: &str, arn: &str) -> bool {
    let (mut expected, mut found) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    (0..6).all(|_| {
        expected
            .next()
            .zip(found.next())
            .is_some_and(|(glob, text)| accepts(glob, text))
    })
}

/// Whether one of the patterns accepts the id of an obligation.
fn any_accepts(patterns: &[String], obligation: &str) -> bool {
    patterns.iter().any(|pattern| accepts(pattern, obligation))
}

impl Exception {
    /// Whether it speaks of that obligation.
    pub fn lifts(&self, obligation: &str) -> bool {
        any_accepts(&self.lifts, obligation)
    }

    /// Whether it speaks of that dataset.
    pub fn about(&self, dataset: &str) -> bool {
        self.datasets
            .as_ref()
            .is_none_or(|datasets| datasets.iter().any(|name| name == dataset))
    }
}

impl BreakGlass {
    /// Whether it lifts that obligation; what it never lifts, it does not.
    pub fn lifts(&self, obligation: &str) -> bool {
        any_accepts(&self.lifts, obligation) && !self.never_lifts(obligation)
    }

    /// Whether that obligation binds its principals whatever lifts it elsewhere.
    pub fn never_lifts(&self, obligation: &str) -> bool {
        any_accepts(&self.never_lifts, obligation)
    }
}

impl PlatformRole {
    /// Whether it lifts that obligation.
    pub fn lifts(&self, obligation: &str) -> bool {
        any_accepts(&self.lifts, obligation)
    }
}

/// One violation to be covered.
struct Case<'a, 'q> {
    boundary: &'a Boundary,
    obligation: &'q str,
    dataset: &'q str,
    principal: Named<'q>,
    as_of: Option<Date>,
}

impl<'a> Case<'a, '_> {
    fn never(&self, entry: &BreakGlass) -> bool {
        entry.never_lifts(self.obligation) && self.among(&entry.who)
    }

    /// The entries that speak of this violation, and whether they still count.
    fn candidates(&self) -> impl Iterator<Item = (&'a str, bool)> {
        let exceptions = self
            .boundary
            .exceptions
            .iter()
            .filter(|entry| self.excepted(entry));
        let glass = self.boundary.break_glass.iter();
        let glass = glass.filter(|entry| entry.lifts(self.obligation) && self.among(&entry.who));
        let roles = self.boundary.platform_roles.iter();
        let roles = roles
            .filter(|entry| entry.lifts(self.obligation) && self.principal.fits(&entry.pattern));
        exceptions
            .map(|entry| (entry.id.as_str(), Date::within(self.as_of, entry.expires)))
            .chain(glass.map(|entry| (entry.id.as_str(), true)))
            .chain(roles.map(|entry| (entry.id.as_str(), Date::within(self.as_of, entry.expires))))
    }

    fn excepted(&self, entry: &Exception) -> bool {
        entry.lifts(self.obligation)
            && entry.about(self.dataset)
            && entry.who.as_ref().is_none_or(|who| self.among(who))
    }

    fn among(&self, who: &[WhoAt]) -> bool {
        who.iter()
            .any(|entry| self.principal.is(self.boundary, &entry.who, self.as_of))
    }
}

/// A principal by name: an ARN, an account, a service host, or a word such as `anonymous`.
struct Named<'q> {
    text: &'q str,
    arn: Option<Arn>,
}

impl<'q> Named<'q> {
    fn of(text: &'q str) -> Named<'q> {
        Named {
            text,
            arn: Arn::parse(text).ok(),
        }
    }

    fn is(&self, boundary: &Boundary, who: &Who, as_of: Option<Date>) -> bool {
        match who {
            Who::Role(role) => self.text == role.as_str() || self.is_session_of(role),
            Who::User(user) => self.text == user.as_str(),
            Who::RolePattern { pattern, .. } => self.fits(pattern),
            Who::PermissionSet { name, accounts, .. } => self.is_permission_set(name, accounts),
            Who::Service {
                host,
                source_arn: None,
                source_account: None,
            } => self.text == &**host,
            Who::Partner { name, .. } => self.is_partner(boundary, name, as_of),
            Who::Account(account) => self.account() == Some(*account),
            Who::Service { .. } | Who::Oidc { .. } | Who::Saml { .. } => false,
        }
    }

    fn account(&self) -> Option<AccountId> {
        match &self.arn {
            Some(arn) => arn.account_id(),
            None => self.text.parse().ok(),
        }
    }

    fn is_session_of(&self, role: &Arn) -> bool {
        self.arn.as_ref().is_some_and(|arn| arn.is_session_of(role))
    }

    /// Whether a pattern over role ARNs accepts it; a session's path is not known, so a session
    /// only fits as a role without one.
    fn fits(&self, pattern: &str) -> bool {
        let Some(arn) = &self.arn else { return false };
        match arn.principal() {
            Some(Principal::AssumedRole { role, .. }) => {
                let (partition, account) = (arn.partition(), arn.account());
                arn_accepts(
                    pattern,
                    &format!("arn:{partition}:iam::{account}:role/{role}"),
                )
            }
            _ => arn_accepts(pattern, self.text),
        }
    }

    /// Roles of a permission set are `AWSReservedSSO_NAME_` with 16 hexadecimal digits, under a
    /// path that only IAM Identity Center can use ("IAM Identity Center: Referencing permission
    /// sets in resource policies").
    fn is_permission_set(&self, name: &str, accounts: &[AccountId]) -> bool {
        let role = match self.arn.as_ref().and_then(Arn::principal) {
            Some(Principal::Role { path, name }) if path.starts_with(SSO_PATH) => name,
            Some(Principal::AssumedRole { role, .. }) => role,
            _ => return false,
        };
        let set = role
            .strip_prefix("AWSReservedSSO_")
            .and_then(|set| set.rsplit_once('_'));
        let listed = |account| accounts.is_empty() || accounts.contains(&account);
        self.account().is_some_and(listed)
            && set.is_some_and(|(set, suffix)| set == name && is_suffix(suffix))
    }

    fn is_partner(&self, boundary: &Boundary, name: &str, as_of: Option<Date>) -> bool {
        let partner = boundary
            .partner(name)
            .filter(|partner| Date::within(as_of, partner.expires));
        partner
            .zip(self.account())
            .is_some_and(|(partner, account)| partner.accounts.contains(&account))
    }
}

/// Where IAM Identity Center puts its roles.
const SSO_PATH: &str = "/aws-reserved/sso.amazonaws.com/";

fn is_suffix(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use cofferdam_text::Documents;

    use super::*;

    const FILE: &str = r#"
version: 1
partners: [{name: p, accounts: ["999900000001"], expires: 2027-01-31}]
datasets: [{name: d, owner: o, resources: [{arn: "arn:aws:s3:::b"}]}, {name: e, owner: o, resources: [{arn: "arn:aws:s3:::c"}]}]
exceptions:
- {id: OLD, lifts: ["network.*"], datasets: [d], who: [{role: "arn:aws:iam::111122223333:role/app/x"}], reason: r, owner: o, expires: 2026-12-31}
- {id: ONE, lifts: [network.unexpected-source], datasets: [d], who: [{role: "arn:aws:iam::111122223333:role/app/x"}], reason: r, owner: o, expires: 2027-03-31}
- {id: ALL, lifts: [resource.public], reason: r, owner: o, expires: 2027-03-31}
- {id: SET, lifts: [network.outbound], who: [{permission-set: Ops, accounts: ["111122223333"]}, {partner: p}, {service: backup.amazonaws.com}], reason: r, owner: o, expires: 2027-03-31}
- {id: GLASS, lifts: ["audit.*"], who: [{account: "111122223333"}], reason: r, owner: o, expires: 2027-03-31}
break-glass:
- {who: [{role: "arn:aws:iam::111122223333:role/glass"}], lifts: ["*"], never-lifts: ["audit.*"]}
platform-roles:
- {pattern: "arn:aws:iam::*:role/Tower", lifts: ["identity.*"], reason: r, owner: o, expires: 2027-06-30}
"#;

    fn check(obligation: &str, dataset: &str, principal: &str, day: &str, expected: &str) {
        let node = Documents::new()
            .read_yaml("b.yaml", FILE.into())
            .expect("the test is YAML");
        let (boundary, diagnostics) = crate::file::read(&[node]);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let found = covering(&boundary, obligation, dataset, principal, day.parse().ok());
        let shown = match (found.by, found.expired) {
            (Some(id), _) => id.to_owned(),
            (None, Some(id)) => format!("expired {id}"),
            (None, None) => "nothing".to_owned(),
        };
        assert_eq!(
            shown, expected,
            "{obligation} on {dataset} by {principal} on {day}"
        );
    }

    const ROLE: &str = "arn:aws:iam::111122223333:role/app/x";
    const SOURCE: &str = "network.unexpected-source";

    #[test]
    fn an_exception_covers_its_obligation_dataset_and_principal_until_its_last_day() {
        check(SOURCE, "d", ROLE, "2026-12-31", "OLD");
        check(SOURCE, "d", ROLE, "2027-01-01", "ONE");
        check(SOURCE, "d", ROLE, "2027-03-31", "ONE");
        check(SOURCE, "d", ROLE, "2027-04-01", "expired OLD");
        check(SOURCE, "d", ROLE, "unknown", "expired OLD");
        check(SOURCE, "e", ROLE, "2027-01-01", "nothing");
        check("network.outbound", "d", ROLE, "2027-01-01", "expired OLD");
        check("identity.who-becomes", "d", ROLE, "2027-01-01", "nothing");
        check(
            SOURCE,
            "d",
            "arn:aws:iam::111122223333:role/other/x",
            "2027-01-01",
            "nothing",
        );
        check("resource.public", "e", "anonymous", "2027-01-01", "ALL");
    }

    #[test]
    fn a_session_is_of_the_role_of_its_name() {
        check(
            SOURCE,
            "d",
            "arn:aws:sts::111122223333:assumed-role/x/s",
            "2027-01-01",
            "ONE",
        );
        check(
            SOURCE,
            "d",
            "arn:aws:sts::999999999999:assumed-role/x/s",
            "2027-01-01",
            "nothing",
        );
        check(
            SOURCE,
            "d",
            "arn:aws:sts::111122223333:assumed-role/y/s",
            "2027-01-01",
            "nothing",
        );
    }

    #[test]
    fn sets_of_principals() {
        let outbound = |principal: &str, day: &str, expected: &str| {
            check("network.outbound", "e", principal, day, expected);
        };
        let role =
            "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ops_0123456789abcdef";
        outbound(
            &format!("arn:aws:iam::111122223333:{role}"),
            "2027-01-01",
            "SET",
        );
        outbound(
            &format!("arn:aws:iam::111122224444:{role}"),
            "2027-01-01",
            "nothing",
        );
        let made_up = "arn:aws:iam::111122223333:role/AWSReservedSSO_Ops_0123456789abcdef";
        outbound(made_up, "2027-01-01", "nothing");
        outbound("arn:aws:iam::999900000001:role/r", "2027-01-31", "SET");
        outbound("arn:aws:iam::999900000001:role/r", "2027-02-01", "nothing");
        outbound("backup.amazonaws.com", "2027-02-01", "SET");
    }

    #[test]
    fn what_break_glass_never_lifts_nothing_lifts() {
        let glass = "arn:aws:iam::111122223333:role/glass";
        check(
            "identity.who-becomes",
            "d",
            glass,
            "2027-01-01",
            "break-glass role/glass",
        );
        check("audit.recorded", "d", ROLE, "2027-01-01", "GLASS");
        check("audit.recorded", "d", glass, "2027-01-01", "nothing");
    }

    #[test]
    fn platform_roles_are_matched_field_by_field() {
        let public = "identity.unapproved-principal";
        let id = "platform-role arn:aws:iam::*:role/Tower";
        check(
            public,
            "d",
            "arn:aws:iam::111122224444:role/Tower",
            "2027-01-01",
            id,
        );
        check(
            public,
            "d",
            "arn:aws:sts::111122224444:assumed-role/Tower/s",
            "2027-01-01",
            id,
        );
        check(
            public,
            "d",
            "arn:aws:iam::111122224444:role/Tower",
            "2027-07-01",
            &format!("expired {id}"),
        );
        check(
            public,
            "d",
            "arn:aws:iam::111122224444:role/app/Tower",
            "2027-01-01",
            "nothing",
        );
        check(
            public,
            "d",
            "arn:aws:iam::111122224444:role/x:role/Tower",
            "2027-01-01",
            "nothing",
        );
    }

    #[test]
    fn globs() {
        for (pattern, text) in [
            ("*", ""),
            ("a*c", "abbc"),
            ("a*b*c", "aXbYbZc"),
            ("?b", "éb"),
            ("identity.*", "identity.x"),
        ] {
            assert!(accepts(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a*c", "abb"),
            ("?", ""),
            ("a", "ab"),
            ("*b", "ba"),
        ] {
            assert!(!accepts(pattern, text), "{pattern} {text}");
        }
        assert!(
            !accepts(&"*a".repeat(500), &"a".repeat(499)),
            "in less than exponential time"
        );
    }
}
