//! What is left if the management account falls, without asking everybody of the organization.
//!
//! Whoever holds that account comes to act as nearly everybody, so the whole closure is as large as
//! the organization, once for all datasets. Most datasets need it not: either what the account leads
//! to at first opens them already, or they stay closed even if everything is held but power over
//! their own stores and keys, and everybody near tries for that. What an attacker holds only grows,
//! so the first says that data leaves, and the second that it does not.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::closure::{Mode, everybody};
use crate::cuts::Target;
use crate::evidence::{archive, keys};
use crate::fault::start;
use crate::power::{Power, State};
use crate::setting::{Actor, Setting};

/// What the management account leads to, once that was asked.
#[derive(Default)]
pub struct Management {
    first: OnceLock<State>,
    last: OnceLock<State>,
}

impl Management {
    /// Whether data leaves for certain, with no evidence that lasts, once the management account
    /// falls; `None`: which account that is, is not known.
    pub fn opens(&self, target: &Target<'_, '_, '_>) -> Option<bool> {
        let closure = target.closure;
        let setting = closure.decider.setting;
        let management = setting.management()?;
        let first = self.first.get_or_init(|| {
            let mut state = start(setting, &everybody(setting, management));
            closure.close_near(&mut state, Mode::Certain, management);
            state
        });
        let opens = |state: &State| target.effect(state, Mode::Certain).breach.is_some();
        if opens(first) {
            return Some(true);
        }
        if stays_closed(target) {
            return Some(false);
        }
        Some(opens(self.last.get_or_init(|| {
            let mut state = first.clone();
            closure.close(&mut state, Mode::Certain);
            state
        })))
    }
}

/// Whether no data leaves even if everything is held but power over the stores and their keys, and
/// everybody near has tried for that.
fn stays_closed(target: &Target<'_, '_, '_>) -> bool {
    let closure = target.closure;
    let setting = closure.decider.setting;
    let Some((objects, actors)) = near(target) else {
        return false;
    };
    let mut powers: Vec<Power> = actors
        .iter()
        .flat_map(|actor| all_over(setting, *actor))
        .collect();
    let org = setting.context.org;
    powers.extend(org.accounts.keys().copied().map(Power::Guardrails));
    powers.extend(org.organization_policies.values().copied().map(Power::Text));
    powers.extend((0..org.endpoints.len()).map(Power::Endpoint));
    powers.extend(evidence(target, &objects));
    let mut state = start(setting, &powers);
    closure.close_about(&mut state, Mode::Certain, &objects);
    target.effect(&state, Mode::Certain).leak.is_none()
}

/// The stores and keys of a dataset, and whoever may have to do with them; `None`: anybody may.
fn near(target: &Target<'_, '_, '_>) -> Option<(BTreeSet<usize>, BTreeSet<Actor>)> {
    let setting = target.closure.decider.setting;
    let org = setting.context.org;
    let mut objects = BTreeSet::new();
    let mut actors = BTreeSet::new();
    for store in &target.leaks.scope.stores {
        if !store.is_itself() {
            return None;
        }
        for resource in [Some(store.resource), org.key_of(store.resource)]
            .into_iter()
            .flatten()
        {
            objects.insert(setting.place_of(resource)?);
            let named = setting.named_from_elsewhere(resource)?;
            let named = named.into_iter().map(Actor::Existing);
            let made = |actor| setting.account(actor).map(Actor::Made);
            actors.extend(named.flat_map(|actor| [Some(actor), made(actor)]).flatten());
            actors.extend(setting.actors_of(resource.account));
        }
    }
    Some((objects, actors))
}

/// Every power over a principal, with acting as it.
fn all_over(setting: &Setting<'_>, actor: Actor) -> Vec<Power> {
    let mut powers = vec![Power::Is(actor)];
    if let (Actor::Existing(place), Some(principal)) = (actor, setting.principal(actor)) {
        powers.extend([
            Power::Identity(place),
            Power::Inline(place),
            Power::Boundary(place),
            Power::Tags(place),
            Power::Trust(place),
        ]);
        let ids = principal.identity.present().into_iter().flatten();
        powers.extend(ids.map(|id| Power::Removed(place, *id)));
    }
    powers
}

/// Every power over what records the reads, but over the data itself and its keys.
fn evidence(target: &Target<'_, '_, '_>, but: &BTreeSet<usize>) -> Vec<Power> {
    let setting = target.closure.decider.setting;
    let mut powers = Vec::new();
    for place in target.sinks.witnesses() {
        powers.push(Power::Blind(place));
        powers.extend(target.sinks.leaving(setting, place));
        let Some(trail) = setting.trail(place) else {
            continue;
        };
        let stores = archive(setting, trail)
            .into_iter()
            .chain(keys(setting, trail));
        for store in stores.filter(|store| !but.contains(store)) {
            powers.extend([
                Power::Own(store),
                Power::Evidence(store),
                Power::Unkey(store),
            ]);
        }
    }
    powers
}
