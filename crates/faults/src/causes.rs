//! Faults that one event would bring about together: a permission set, an identity provider, a role
//! that the same tool makes in every account. Each counts once in the depth "if they come together".

use std::collections::BTreeMap;

use cofferdam_findings::faults::{CommonCause, Depth};
use cofferdam_org::model::{Organization, PolicyId};
use cofferdam_policy::ast::{PrincipalPattern, Principals};

use crate::closure::Mode;
use crate::cuts::{Cuts, Target};
use crate::fault::Fault;
use crate::power::State;
use crate::setting::Setting;

/// How many groups are looked at for one dataset, the largest first: each costs a search.
const GROUPS_MAX: usize = 64;

/// A group of faults, by their places, with what they share.
pub type Group = (String, Vec<usize>);

/// Groups of faults that share a cause, the largest first.
pub fn groups(setting: &Setting<'_>, faults: &[&Fault]) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, fault) in faults.iter().enumerate() {
        let Fault::Compromise(place) = fault else {
            continue;
        };
        for what in shared(setting.context.org, *place) {
            groups.entry(what).or_default().push(at);
        }
    }
    let mut groups: Vec<Group> = groups
        .into_iter()
        .filter(|(_, faults)| faults.len() > 1)
        .collect();
    groups.sort_by_key(|(_, faults)| std::cmp::Reverse(faults.len()));
    groups.truncate(GROUPS_MAX);
    groups
}

/// What a principal may share with others.
fn shared(org: &Organization, place: usize) -> Vec<String> {
    let Some(principal) = org.principals.get(place) else {
        return Vec::new();
    };
    let mut shared = Vec::new();
    if let Some(set) = &principal.permission_set {
        shared.push(format!("permission set {set}"));
    }
    let trust = principal.trust.present();
    for provider in trust.into_iter().flat_map(|id| providers(org, *id)) {
        shared.push(format!("identity provider {provider}"));
    }
    let name = principal.arn.resource().rsplit('/').next();
    shared.extend(name.map(|name| format!("roles named {name} in several accounts")));
    shared
}

fn providers(org: &Organization, trust: PolicyId) -> Vec<String> {
    let document = org.policies.get(trust).document.present();
    let statements = document.map(|policy| policy.statements.iter());
    let mut providers = Vec::new();
    for statement in statements.into_iter().flatten() {
        if let Principals::Only(patterns) = &statement.principals {
            providers.extend(patterns.iter().filter_map(|pattern| match pattern {
                PrincipalPattern::Federated(provider) => Some(provider.to_string()),
                _ => None,
            }));
        }
    }
    providers.sort();
    providers.dedup();
    providers
}

/// The groups that bring the depth down, with the depth that is then left.
pub fn common(
    target: &Target<'_, '_, '_>,
    groups: Vec<Group>,
    singles: [&[&State]; 2],
    known: [&Cuts; 2],
    name: impl Fn(usize) -> String,
) -> Vec<CommonCause> {
    let modes = [Mode::Certain, Mode::Possible];
    let mut told = Vec::new();
    for (what, faults) in groups {
        let mut left = [None, None];
        for (at, mode) in modes.into_iter().enumerate() {
            let (Some(states), Some(cuts)) = (singles.get(at), known.get(at)) else {
                continue;
            };
            let before = cuts.depths().1;
            let together = target.together(states, &faults, mode);
            let after = target.breach_with(&together, states, mode, before);
            if let Some(slot) = left.get_mut(at) {
                *slot = after;
            }
        }
        let [must, may] = left;
        let depth = Depth { may, must };
        let before = known.map(|cuts| cuts.depths().1);
        if [must, may] != before {
            told.push(CommonCause {
                what,
                faults: faults.into_iter().map(&name).collect(),
                breach_depth: depth,
            });
        }
    }
    told
}
