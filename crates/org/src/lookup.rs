//! Questions that decisions ask of an organization: paths, levels, and what an ARN names.

use cofferdam_names::AccountId;

use crate::fact::{Kind, Known};
use crate::model::{AccessPoint, Account, Attached, Details, Organization, Principal, Resource};

/// Units above an account, the root included. AWS nests five levels below the root ("Quotas for
/// AWS Organizations"); more can only be a loop in a damaged source.
const LEVELS_MAX: usize = 16;

/// What an ARN has after the resource that holds the policy over it, by service.
const BELOW: &[(&str, &str)] = &[
    // Objects: arn:aws:s3:::bucket/key
    ("s3", "/"),
    // Indexes and streams: table/NAME/index/I, table/NAME/stream/S
    ("dynamodb", "/index/"),
    ("dynamodb", "/stream/"),
];

impl Organization {
    /// Whether the account belongs to this organization. False if there is no organization.
    pub fn is_member(&self, account: AccountId) -> bool {
        self.identity.is_some() && self.accounts.contains_key(&account)
    }

    /// The paths of an account as `aws:PrincipalOrgPaths` has them: one string
    /// `o-…/r-…/ou-…/`. Absent for accounts that are not of the organization.
    pub fn account_path(&self, account: AccountId) -> Known<Vec<Box<str>>> {
        let Some(identity) = &self.identity else {
            return Known::Absent;
        };
        self.chain(account).map(|above| {
            let units: String = above.iter().rev().map(|unit| format!("{unit}/")).collect();
            vec![format!("{}/{units}", identity.id).into()]
        })
    }

    /// What is attached from the root down to the account itself, each with the id of its target.
    /// Absent for accounts that are not of the organization. Whether a management account is
    /// exempt is not decided here.
    pub fn levels(&self, account: AccountId) -> Known<Vec<(Box<str>, &Attached)>> {
        self.chain(account).map(|above| {
            let units = above.iter().rev().filter_map(|id| self.units.get(*id));
            let mut levels: Vec<_> = units
                .map(|unit| (unit.id.clone(), &unit.attached))
                .collect();
            let own = self.accounts.get(&account);
            levels.extend(own.map(|own| (own.id.to_string().into(), &own.attached)));
            levels
        })
    }

    /// The user or role of an ARN, with its path.
    pub fn principal(&self, arn: &str) -> Option<&Principal> {
        self.principals.get(self.place_of(arn)?)
    }

    /// Where in `principals` the user or role of this ARN stands.
    pub fn place_of(&self, arn: &str) -> Option<usize> {
        self.principals
            .binary_search_by(|principal| principal.arn.as_str().cmp(arn))
            .ok()
    }

    /// The resource that an ARN names, or that holds the policy over what it names: the bucket of
    /// an object, the table of an index or a stream. A version or alias of a function has a policy of
    /// its own, which is not read.
    pub fn resource(&self, arn: &str) -> Option<&Resource> {
        self.exactly(arn).or_else(|| self.exactly(holder(arn)?))
    }

    fn exactly(&self, arn: &str) -> Option<&Resource> {
        let at = self
            .resources
            .binary_search_by(|resource| resource.arn.as_str().cmp(arn))
            .ok()?;
        self.resources.get(at)
    }

    /// The access points through which a bucket can be reached, as far as they were read.
    pub fn points_of<'o>(&'o self, bucket: &Resource) -> impl Iterator<Item = &'o AccessPoint> {
        let name: Box<str> = bucket.arn.resource().into();
        let is_bucket = bucket.kind == Kind::Bucket;
        self.access_points
            .iter()
            .filter(move |point| is_bucket && point.buckets.contains(&name))
    }

    /// The accounts of which every access point was read.
    pub fn points_read(&self) -> Vec<AccountId> {
        let unread = |account: AccountId| {
            [Kind::AccessPoint, Kind::MultiRegionAccessPoint]
                .iter()
                .any(|kind| self.gap(account, *kind).is_some())
        };
        let accounts = self.accounts.keys().copied();
        accounts.filter(|account| !unread(*account)).collect()
    }

    /// The key that a resource is encrypted with, if it is a key of the organization.
    pub fn key_of(&self, resource: &Resource) -> Option<&Resource> {
        let key = resource.encryption.present()?.key.as_deref()?;
        self.resource(key)
            .filter(|found| matches!(found.details, Details::Key(_)))
    }

    /// Whether a member account administers a service for the organization, as registered with AWS
    /// Organizations ("Delegated administrator for AWS services that work with Organizations").
    pub fn administers(&self, account: AccountId, service: &str) -> Known<bool> {
        if self.identity.is_none() {
            return Known::Present(false);
        }
        match self.delegates.get(&account) {
            Some(Known::Present(services)) => {
                Known::Present(services.iter().any(|one| **one == *service))
            }
            Some(Known::Absent) => Known::Present(false),
            Some(Known::Unknown(why)) => Known::Unknown(why.clone()),
            None => match self.gap(account, Kind::DelegatedAdministrator) {
                Some(why) => Known::Unknown(why.into()),
                None => Known::Present(false),
            },
        }
    }

    /// Why things of a kind in an account might exist unseen, if they might.
    pub fn gap(&self, account: AccountId, kind: Kind) -> Option<&str> {
        let of_kind = self.gaps.iter().filter(|(_, what, _)| *what == kind);
        let mut of_account = of_kind.filter(|(of, ..)| of.is_empty() || of.parse() == Ok(account));
        of_account.next().map(|(_, _, why)| &**why)
    }

    /// Units above an account, the nearest first.
    fn chain(&self, account: AccountId) -> Known<Vec<&str>> {
        match (&self.identity, self.accounts.get(&account)) {
            (Some(_), Some(account)) => self.above(account),
            (None, _) => Known::Absent,
            (Some(_), None) => match self.gap(account, Kind::Account) {
                Some(why) => Known::Unknown(why.into()),
                None => Known::Absent,
            },
        }
    }

    fn above<'o>(&'o self, account: &'o Account) -> Known<Vec<&'o str>> {
        let mut chain = Vec::new();
        let mut parent = &account.parent;
        loop {
            let id = match parent {
                Known::Present(id) => &**id,
                Known::Absent if !chain.is_empty() => return Known::Present(chain),
                Known::Absent => {
                    return Known::Unknown(format!("account {} is in no unit", account.id).into());
                }
                Known::Unknown(why) => return Known::Unknown(why.clone()),
            };
            let Some(unit) = self.units.get(id) else {
                return Known::Unknown(format!("no source states unit {id}").into());
            };
            chain.push(id);
            if chain.len() > LEVELS_MAX {
                return Known::Unknown(
                    format!("units above account {} form a loop", account.id).into(),
                );
            }
            parent = &unit.parent;
        }
    }
}

/// The ARN of what holds the policy over an ARN that goes on below it.
fn holder(arn: &str) -> Option<&str> {
    let service = arn.split(':').nth(2)?;
    let mut cuts = BELOW.iter().filter(|(of, _)| *of == service);
    cuts.find_map(|(_, separator)| arn.find(separator))
        .and_then(|at| arn.get(..at))
}
