//! Asking everybody of the organization: all principals of an account at once, and where that
//! cannot be proved, those that exist.

use cofferdam_authz::gather::{Party, Thing};
use cofferdam_names::AccountId;
use cofferdam_org::model::Organization;

use crate::ask::Answers;
use crate::cast::Cast;
use crate::granted::near;
use crate::proof::declared;

/// What asking everybody came to.
#[derive(Debug, Default)]
pub(super) struct Everyone {
    /// The answers of crowds that were proved, and of those that exist elsewhere.
    pub answers: Answers,
    /// Whether the answer rests on the principals that exist.
    pub only_existing: bool,
}

/// Asks all principals of every account but the owner's together, the owner's by themselves, then
/// whoever exists where a crowd could not be excluded. Service-linked roles belong to no crowd and
/// are always asked.
pub(super) fn everyone<'a>(
    (org, cast): (&'a Organization, &'a Cast<'a>),
    thing: Thing<'a>,
    owner: AccountId,
    mut crowd: impl FnMut(&'a Party<'a>) -> Answers,
    one: impl FnMut(&'a Party<'a>) -> Answers,
) -> Everyone {
    let mut everyone = Everyone::default();
    let mut open: Vec<AccountId> = Vec::new();
    for some in cast.crowds_for(owner) {
        let found = crowd(&some.party);
        if found.nothing() {
            everyone.answers.join(found);
        } else {
            open.extend(&some.accounts);
        }
    }
    let among = Among {
        open: &open,
        linked_of: None,
        near: near(org, cast, thing).filter(|_| !cast.certify),
    };
    existing(cast, &among, one, &mut everyone);
    everyone
}

/// Asks all principals of one account, then whoever exists in it if they cannot be excluded.
pub(super) fn of_account<'a>(
    cast: &'a Cast<'a>,
    account: AccountId,
    mut crowd: impl FnMut(&'a Party<'a>) -> Answers,
    one: impl FnMut(&'a Party<'a>) -> Answers,
) -> Everyone {
    let mut everyone = Everyone::default();
    let Some(alone) = cast.alone.get(&account) else {
        return everyone;
    };
    let found = crowd(&alone.party);
    let mut open = Vec::new();
    if found.nothing() {
        everyone.answers.join(found);
    } else {
        open.push(account);
    }
    let among = Among {
        open: &open,
        linked_of: Some(account),
        near: None,
    };
    existing(cast, &among, one, &mut everyone);
    everyone
}

/// Who is asked one by one.
struct Among<'o> {
    /// Everybody of these accounts.
    open: &'o [AccountId],
    /// The service-linked roles of this account, or of all.
    linked_of: Option<AccountId>,
    /// But only those at these places: everybody else was granted nothing.
    near: Option<Vec<usize>>,
}

impl Among<'_> {
    fn places(&self, cast: &Cast<'_>) -> Vec<usize> {
        let open = self.open.iter();
        let mut places: Vec<usize> = open
            .flat_map(|account| cast.places_in(*account))
            .copied()
            .collect();
        let linked = cast.service_linked().iter().copied();
        places.extend(linked.filter(|place| {
            let account = cast.nth(*place).and_then(|party| party.caller.account);
            account.is_some_and(|account| self.linked_of.is_none_or(|of| of == account))
        }));
        places
    }

    fn is_near(&self, place: &usize) -> bool {
        let near = self.near.as_ref();
        near.is_none_or(|near| near.binary_search(place).is_ok())
    }
}

fn existing<'a>(
    cast: &'a Cast<'a>,
    among: &Among<'_>,
    mut one: impl FnMut(&'a Party<'a>) -> Answers,
    everyone: &mut Everyone,
) {
    let mut places = among.places(cast);
    let all = places.len();
    places.retain(|place| among.is_near(place));
    if places.len() < all {
        everyone.answers.join(Answers::nothing_to_ask());
    }
    for party in cast.at(places) {
        let mut found = one(party);
        if found.nothing() && found.proofs.is_empty() {
            found.proofs.extend(declared(cast, party));
        }
        everyone.answers.join(found);
    }
    for (account, why) in cast
        .unread
        .iter()
        .filter(|(account, _)| among.open.contains(account))
    {
        everyone
            .answers
            .miss(format!("principals of account {account}"), why.to_string());
    }
    everyone.only_existing = !among.open.is_empty();
}

/// What a proof takes for granted that could only look at principals that exist.
pub(super) const EXISTING: &str = "rests on the principals that exist: in some account a new principal with wide policies would get in";
