//! Everybody who might make a request: outsiders, nobody in particular, every principal that was
//! read, every root, and the crowds that stand for all principals of a part of the organization.

use std::collections::BTreeMap;

use cofferdam_authz::caller::{CallerKind, Membership};
use cofferdam_authz::context::SessionTags;
use cofferdam_authz::gather::{Party, membership};
use cofferdam_names::{AccountId, Arn};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Organization, Principal, PrincipalKind};
use cofferdam_policy::ast::{Actions, Effect};
use cofferdam_policy::matching::action_matches;

use crate::memo::Memo;

/// The parties of an organization.
#[derive(Debug)]
pub struct Cast<'a> {
    /// Anyone of an account outside the organization.
    pub outsiders: Party<'a>,
    /// An unsigned request.
    pub anonymous: Party<'a>,
    /// Users and roles that were read, in the order of their ARNs.
    pub principals: Vec<Party<'a>>,
    /// The root users of the accounts.
    pub roots: Vec<Party<'a>>,
    /// All principals of accounts that stand alike. In a crowd of several accounts nobody is taken
    /// to be of the account that owns what is asked for; that one is asked by itself.
    pub crowds: Vec<Crowd<'a>>,
    /// All principals of each account.
    pub alone: BTreeMap<AccountId, Crowd<'a>>,
    /// Accounts whose principals could not be read, with the reason.
    pub unread: Vec<(AccountId, Box<str>)>,
    /// Whether each question asked of them is kept with its refutation, for certificates.
    pub certify: bool,
    /// What was found once and serves more than one question.
    pub(crate) memo: Memo,
    index: Index,
}

/// Where everybody who exists stands in the order of [`Cast::existing`], so that a question about a
/// few accounts does not go through all of them.
#[derive(Debug, Default)]
struct Index {
    of_account: BTreeMap<AccountId, Vec<usize>>,
    service_linked: Vec<usize>,
}

/// All principals of some accounts, existing or yet to be created.
#[derive(Debug)]
pub struct Crowd<'a> {
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// The symbolic caller.
    pub party: Party<'a>,
}

impl<'a> Cast<'a> {
    /// Gathers them.
    pub fn of(org: &'a Organization) -> Cast<'a> {
        let all = org.principals.iter();
        let principals: Vec<_> = all.map(|principal| party(org, principal)).collect();
        let accounts = org.accounts.keys();
        let roots: Vec<_> = accounts
            .filter_map(|account| Party::root(org, *account))
            .collect();
        Cast {
            outsiders: Party::outsiders(org),
            anonymous: Party::anonymous(),
            index: Index::of(principals.iter().chain(&roots)),
            principals,
            roots,
            crowds: crowds(org),
            alone: org
                .accounts
                .keys()
                .map(|account| (*account, crowd(org, vec![*account])))
                .collect(),
            unread: unread(org),
            certify: false,
            memo: Memo::default(),
        }
    }

    /// The crowds that together are everybody of the organization, for something of this account.
    pub fn crowds_for(&self, owner: AccountId) -> impl Iterator<Item = &Crowd<'a>> {
        let others = self
            .crowds
            .iter()
            .filter(move |some| some.accounts != [owner]);
        others.chain(self.alone.get(&owner))
    }

    /// Every party of the organization that exists: users, roles and roots.
    pub fn existing(&self) -> impl Iterator<Item = &Party<'a>> {
        self.principals.iter().chain(&self.roots)
    }

    /// Somebody by the place in [`Cast::existing`].
    pub(crate) fn nth(&self, place: usize) -> Option<&Party<'a>> {
        match place.checked_sub(self.principals.len()) {
            None => self.principals.get(place),
            Some(place) => self.roots.get(place),
        }
    }

    /// The places of everybody of an account.
    pub(crate) fn places_in(&self, account: AccountId) -> &[usize] {
        let places = self.index.of_account.get(&account);
        places.map(Vec::as_slice).unwrap_or_default()
    }

    /// The places of roles that only services can use.
    pub(crate) fn service_linked(&self) -> &[usize] {
        &self.index.service_linked
    }

    /// Those at these places, each once and in the order of everybody.
    pub(crate) fn at(&self, mut places: Vec<usize>) -> Vec<&Party<'a>> {
        places.sort_unstable();
        places.dedup();
        let parties = places.into_iter();
        parties.filter_map(|place| self.nth(place)).collect()
    }
}

impl Index {
    fn of<'p, 'a: 'p>(existing: impl Iterator<Item = &'p Party<'a>>) -> Index {
        let mut index = Index::default();
        for (place, party) in existing.enumerate() {
            if let Some(account) = party.caller.account {
                index.of_account.entry(account).or_default().push(place);
            }
            if is_service_linked(party) {
                index.service_linked.push(place);
            }
        }
        index
    }
}

/// A service-linked role: only its service can use it, so nobody can make or misuse one.
pub fn is_service_linked(party: &Party<'_>) -> bool {
    matches!(
        party.caller.kind,
        CallerKind::Role {
            service_linked: true,
            ..
        }
    )
}

fn party<'a>(org: &Organization, principal: &'a Principal) -> Party<'a> {
    let mut party = Party::of(org, principal);
    if may_be_tagged(org, principal) {
        party.session_tags = SessionTags::Open;
    }
    party
}

/// Whether the trust policy lets anybody tag sessions at all ("Pass session tags in AWS STS"). An
/// unread trust policy may.
fn may_be_tagged(org: &Organization, principal: &Principal) -> bool {
    if principal.kind != PrincipalKind::Role {
        return false;
    }
    let document = match &principal.trust {
        Known::Present(id) => &org.policies.get(*id).document,
        Known::Absent => return false,
        Known::Unknown(_) => return true,
    };
    let policy = match document {
        Known::Present(policy) => policy,
        Known::Absent => return false,
        Known::Unknown(_) => return true,
    };
    policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && match &statement.actions {
                Actions::Only(patterns) => patterns
                    .iter()
                    .any(|p| action_matches(p, "sts", "TagSession")),
                Actions::Except(_) => true,
            }
    })
}

/// Accounts that stand alike share a crowd, because questions are asked of every crowd.
fn crowds(org: &Organization) -> Vec<Crowd<'_>> {
    let mut groups: Vec<(Membership, Vec<AccountId>)> = Vec::new();
    for account in org.accounts.keys() {
        let standing = membership(org, *account);
        match groups.iter_mut().find(|(known, _)| *known == standing) {
            Some((_, accounts)) => accounts.push(*account),
            None => groups.push((standing, vec![*account])),
        }
    }
    groups
        .into_iter()
        .map(|(_, accounts)| crowd(org, accounts))
        .collect()
}

fn crowd<'a>(org: &'a Organization, accounts: Vec<AccountId>) -> Crowd<'a> {
    Crowd {
        party: Party::everyone_of(org, accounts.clone()),
        accounts,
    }
}

fn unread(org: &Organization) -> Vec<(AccountId, Box<str>)> {
    let mut unread = Vec::new();
    for account in org.accounts.keys() {
        let why = org
            .gap(*account, Kind::Role)
            .or_else(|| org.gap(*account, Kind::User));
        if let Some(why) = why {
            unread.push((*account, why.into()));
        }
    }
    unread
}

/// The ARN under which approvals and exceptions know a party.
pub fn known_as(party: &Party<'_>) -> String {
    party
        .caller
        .principal_arn()
        .map_or_else(|| party.caller.display(), Arn::to_string)
}
