//! What an attacker takes away rather than writes: documents of principals, policies of resources.
//!
//! Who deletes a document loses what it granted with what it denied, so for each request there is a
//! choice: it goes or it stays. A document without grants goes in any case. One request needs at
//! most one grant of those that could go, so that keeping each of them alone, none, or all of them
//! leaves no choice out that lets more through.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId};
use cofferdam_policy::ast::Effect;

use super::Rewritten;
use crate::layers::IdentitySide;

/// A document of a user or role, by the ARN of that.
type Removed<'r> = (&'r str, PolicyId);

impl Rewritten {
    /// The rewrites that one request may be decided under: for each document that could be deleted,
    /// whether it is. A request passes if it passes under any.
    pub fn choices(&self, org: &Organization) -> Vec<Rewritten> {
        let granting: Vec<Removed<'_>> = self
            .each_removed()
            .filter(|(arn, id)| {
                let grants = self.texts.contains(id) || grants(org, *id);
                grants && !self.identities.contains(*arn)
            })
            .collect();
        let opening: Vec<&str> = self
            .bare
            .iter()
            .map(|arn| &**arn)
            .filter(|arn| opens(org, arn))
            .collect();
        let mut kept: Vec<Vec<Removed<'_>>> = vec![Vec::new()];
        kept.extend(granting.iter().map(|one| vec![*one]));
        if granting.len() > 1 {
            kept.push(granting);
        }
        let mut choices: Vec<Rewritten> = kept.iter().map(|kept| self.keeping(kept)).collect();
        if !opening.is_empty() {
            let closed: Vec<Rewritten> = choices
                .iter()
                .map(|choice| choice.holding(&opening))
                .collect();
            choices.extend(closed);
        }
        choices
    }

    fn each_removed(&self) -> impl Iterator<Item = Removed<'_>> {
        let of = self.removed.iter();
        of.flat_map(|(arn, ids)| ids.iter().map(|id| (&**arn, *id)))
    }

    fn keeping(&self, kept: &[Removed<'_>]) -> Rewritten {
        let mut choice = self.clone();
        for (arn, id) in kept {
            if let Some(ids) = choice.removed.get_mut(*arn) {
                ids.remove(id);
            }
        }
        choice.removed.retain(|_, ids| !ids.is_empty());
        choice
    }

    fn holding(&self, kept: &[&str]) -> Rewritten {
        let mut choice = self.clone();
        choice.bare.retain(|one| !kept.contains(&&**one));
        choice
    }

    pub(super) fn removed_from(
        &self,
        principals: &[&str],
    ) -> BTreeMap<Box<str>, BTreeSet<PolicyId>> {
        let named = principals.iter();
        let of = named.filter_map(|arn| self.removed.get_key_value(*arn));
        of.map(|(arn, ids)| (arn.clone(), ids.clone())).collect()
    }

    pub(super) fn remove(&self, org: &Organization, arn: &str, identity: &mut IdentitySide<'_>) {
        let Some(gone) = self.removed.get(arn) else {
            return;
        };
        if let IdentitySide::Policies(Known::Present(sheets))
        | IdentitySide::AllBut(Known::Present(sheets)) = identity
        {
            sheets.retain(|sheet| {
                let mut gone = gone.iter();
                !gone.any(|id| std::ptr::eq(org.policies.get(*id), sheet.policy))
            });
        }
    }
}

fn grants(org: &Organization, id: PolicyId) -> bool {
    match &org.policies.get(id).document {
        Known::Present(document) => {
            let mut statements = document.statements.iter();
            statements.any(|statement| statement.effect == Effect::Allow)
        }
        Known::Absent => false,
        Known::Unknown(_) => true,
    }
}

fn opens(org: &Organization, arn: &str) -> bool {
    match org.resource(arn).map(|resource| &resource.policy) {
        Some(Known::Present(id)) => grants(org, *id),
        Some(Known::Unknown(_)) => true,
        _ => false,
    }
}
