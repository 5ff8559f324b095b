//! Accounts whose principals were not read: which of them must be asked by themselves.
//!
//! Where no source lists who is in an account, somebody there may reach anything, so each such account
//! is a question at each store; over hundreds of accounts nearly all of them are refused alike. The
//! accounts that stand alike are asked as one crowd first: it may do whatever somebody of any of them
//! may, so what it is refused is refused to each. A crowd that is not refused is halved, until those
//! are left who must be asked alone. Of these, accounts that stand alike and that nothing tells apart
//! have the same ways, and only the first of them is asked.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::gather::{Door, Party};
use cofferdam_names::AccountId;

use super::classes::{Scene, Standing};
use super::nameless::Named;
use super::{Answer, Asking, Question, Ways};
use crate::path::Path;
use crate::scope::{Group, Store};

/// A store, and the services that may repeat a request on the caller's behalf.
pub(super) type At<'q, 'a> = (&'q Store<'a>, &'q [Option<&'static str>]);

/// What accounts must share to have the same ways: how they stand, and the policies of each level.
type Alike = (usize, Result<Vec<Vec<usize>>, String>);

impl<'a> Question<'a> {
    /// Finds the ways of those who exist unread.
    pub(super) fn ways_of_unread(&self, at: At<'_, 'a>, found: &mut Ways) {
        let asked = self.unread_of(at);
        let named = (asked.len() > 1).then(|| self.named(at.0));
        let mut known: BTreeMap<Alike, (AccountId, Ways)> = BTreeMap::new();
        for account in asked {
            let Some((party, name)) = self.unread_in(account) else {
                continue;
            };
            let nameless = named
                .as_ref()
                .is_some_and(|named| named.leaves_out(account));
            let alike = nameless.then(|| self.alike(account, party, at.0)).flatten();
            if let Some((other, ways)) = alike.as_ref().and_then(|alike| known.get(alike)) {
                found.exchanged(&name, ways, (*other, account));
                continue;
            }
            let mut own = Ways {
                unsettled: std::mem::take(&mut found.unsettled),
                ..Ways::default()
            };
            self.ways_of(party, &name, at.0, at.1, &mut own);
            found.unsettled = std::mem::take(&mut own.unsettled);
            found.copy(&name, &own);
            if let Some(alike) = alike {
                known.insert(alike, (account, own));
            }
        }
    }

    /// Everybody whom something names that bears on a store.
    fn named(&self, store: &Store<'a>) -> Named {
        let org = self.org;
        let mut named = Named::everywhere(org);
        let key = org.key_of(store.resource);
        for resource in [Some(store.resource), key].into_iter().flatten() {
            named.text(resource.arn.as_str());
            named.text(&format!("{:?}", resource.encryption));
            named.text(&format!("{:?}", resource.details));
            let policy = resource.policy.present();
            policy.into_iter().for_each(|id| named.policy(org, *id));
        }
        if let Some(Door::Point(point)) = store.door {
            named.text(point.arn.as_str());
            let policy = point.policy.present();
            policy.into_iter().for_each(|id| named.policy(org, *id));
        }
        named
    }

    /// How an account stands; none if it owns what is asked for.
    fn alike(&self, account: AccountId, party: &Party<'a>, store: &Store<'a>) -> Option<Alike> {
        if self.owners(store).contains(&account) {
            return None;
        }
        let mut crowds = self.cast.crowds.iter();
        let standing = crowds.position(|crowd| crowd.accounts.contains(&account))?;
        let scene = Scene::new(self, party, store, (0, None));
        Some((standing, scene.service_control()))
    }

    /// The unread accounts of which somebody may have a way into a store.
    fn unread_of(&self, (store, vias): At<'_, 'a>) -> BTreeSet<AccountId> {
        let unread = self.cast.unread.iter().map(|(account, _)| *account);
        let unread: BTreeSet<AccountId> = unread.collect();
        // A crowd is asked as strangers to whatever account owns what is asked for.
        let owners = self.owners(store);
        let mut found: BTreeSet<AccountId> = unread.intersection(&owners).copied().collect();
        for crowd in &self.cast.crowds {
            let strangers: Vec<AccountId> = crowd
                .accounts
                .iter()
                .filter(|account| unread.contains(account) && !owners.contains(account))
                .copied()
                .collect();
            self.halve(&strangers, (store, vias), &mut found);
        }
        found
    }

    /// The accounts of the store, of its key and of the access point that leads to it.
    fn owners(&self, store: &Store<'a>) -> BTreeSet<AccountId> {
        let key = self.org.key_of(store.resource).map(|key| key.account);
        let point = match store.door {
            Some(Door::Point(point)) => Some(point.account),
            _ => None,
        };
        let itself = Some(store.resource.account);
        [itself, key, point].into_iter().flatten().collect()
    }

    fn halve(&self, accounts: &[AccountId], at: At<'_, 'a>, found: &mut BTreeSet<AccountId>) {
        if accounts.len() < 2 {
            return found.extend(accounts);
        }
        let crowd = Party::everyone_of(self.org, accounts.to_vec());
        if self.refuses(&crowd, at) {
            return;
        }
        let (one, other) = accounts.split_at(accounts.len() / 2);
        self.halve(one, at, found);
        self.halve(other, at, found);
    }

    /// Whether a party certainly has no way into a store.
    fn refuses(&self, party: &Party<'a>, (store, vias): At<'_, 'a>) -> bool {
        let numbered = vias.iter().copied().enumerate();
        let scenes: Vec<Scene<'_, '_>> = numbered
            .map(|via| Scene::new(self, party, store, via))
            .collect();
        let mut groups = store.groups.iter().enumerate();
        groups.all(|(index, group)| {
            scenes.iter().zip(vias).all(|(scene, via)| {
                matches!(scene.standing(index, group), Standing::Out)
                    || self.has_no_way(party, (store, group), *via)
            })
        })
    }

    fn has_no_way(
        &self,
        party: &Party<'a>,
        (store, group): (&Store<'a>, &Group),
        via: Option<&'static str>,
    ) -> bool {
        let mut path = Path::new(self.org, self.cast);
        let data = path.data(party, store, group, via);
        let whole = data.whole;
        let mut asking = Asking {
            question: self,
            party,
            name: "",
            group,
            path,
            data,
            via,
        };
        matches!(asking.solve(whole, |_, _| ()), Answer::No)
    }
}
