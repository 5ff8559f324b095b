//! Asking everybody of the organization: all principals of an account at once, and where that
//! cannot be proved, those that exist.

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::gather::Party;
use cofferdam_names::AccountId;

use crate::ask::Answers;
use crate::cast::Cast;
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
    cast: &'a Cast<'a>,
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
    existing(cast, &open, |_| true, one, &mut everyone);
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
    existing(cast, &open, |own| own == account, one, &mut everyone);
    everyone
}

fn existing<'a>(
    cast: &'a Cast<'a>,
    open: &[AccountId],
    among: impl Fn(AccountId) -> bool,
    mut one: impl FnMut(&'a Party<'a>) -> Answers,
    everyone: &mut Everyone,
) {
    for party in cast.existing() {
        let account = party.caller.account;
        let in_open = account.is_some_and(|account| open.contains(&account));
        let linked = is_service_linked(party) && account.is_some_and(&among);
        if in_open || linked {
            let mut found = one(party);
            if found.nothing() && found.proofs.is_empty() {
                found.proofs.extend(declared(cast, party));
            }
            everyone.answers.join(found);
        }
    }
    for (account, why) in cast
        .unread
        .iter()
        .filter(|(account, _)| open.contains(account))
    {
        everyone
            .answers
            .miss(format!("principals of account {account}"), why.to_string());
    }
    everyone.only_existing = !open.is_empty();
}

/// Whether a party is a service-linked role, which only its own service uses.
pub(super) fn is_service_linked(party: &Party<'_>) -> bool {
    matches!(
        party.caller.kind,
        CallerKind::Role {
            service_linked: true,
            ..
        }
    )
}

/// What a proof takes for granted that could only look at principals that exist.
pub(super) const EXISTING: &str = "rests on the principals that exist: in some account a new principal with wide policies would get in";
