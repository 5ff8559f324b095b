//! What an attacker takes away: which policies an edge deletes or detaches, and of whom.
//!
//! A denial is lifted by deleting the one policy that holds it; what the others deny stays. Policies
//! without denials are left out, since an attacker gains nothing by losing a grant.

use cofferdam_org::fact::Known;
use cofferdam_org::model::{Organization, PolicyId, Principal};
use cofferdam_policy::ast::Effect;

use crate::catalogue::{Edge, Operand};
use crate::decide::Truth;
use crate::power::Power;
use crate::setting::{Object, Setting};

/// What an edge takes away from a thing, or from those behind it.
pub fn removes(setting: &Setting<'_>, edge: &Edge, on: Object, subjects: &[usize]) -> Vec<Power> {
    if let Object::Resource(place) = on {
        let of_it = edge
            .needs
            .iter()
            .any(|need| need.operand == Operand::Target);
        return vec![match of_it {
            true => Power::Bare(place),
            // The policy of something beside it, such as an access point, which is not told.
            false => Power::Own(place),
        }];
    }
    let each = subjects.iter();
    each.flat_map(|place| {
        let principal = setting.context.org.principals.get(*place);
        let ids = principal.map_or(Vec::new(), |one| denying(setting, edge, one));
        ids.into_iter().map(|id| Power::Removed(*place, id))
    })
    .collect()
}

/// How far it is known what is taken away by that.
pub fn removal(setting: &Setting<'_>, power: Power) -> Truth {
    let org = setting.context.org;
    // Of a managed policy it is known how it is taken away, whatever it says.
    let known = |id| setting.is_managed(id) || org.policies.get(id).document.present().is_some();
    match power {
        Power::Removed(_, id) if known(id) => Truth::Certain,
        Power::Bare(_) => Truth::Certain,
        _ => Truth::Possible,
    }
}

/// The policies of somebody that an edge takes away and that may deny something.
fn denying(setting: &Setting<'_>, edge: &Edge, principal: &Principal) -> Vec<PolicyId> {
    let ids = principal.identity.present().into_iter().flatten();
    ids.copied()
        .filter(|id| takes(setting, edge, principal, *id) && denies(setting.context.org, *id))
        .collect()
}

/// Whether an edge is about such policies: detaching is about managed ones, deleting about those
/// inline, and what a group has is taken from the group alone ("Managed policies and inline
/// policies"). Of a policy that was not read it may not be known which it is.
fn takes(setting: &Setting<'_>, edge: &Edge, principal: &Principal, id: PolicyId) -> bool {
    let is_managed = setting.is_managed(id);
    let policy = setting.context.org.policies.get(id);
    let is_either = policy.document.present().is_none() && !is_managed && !policy.is_inline();
    let is_shared = principal.of_groups.contains(&id);
    edge.needs.iter().any(|need| {
        let name = need.action.name();
        let about_groups = name.contains("Group");
        // With a group goes all that it has.
        let takes_all = name.starts_with("Remove");
        let fits = takes_all || is_either || name.starts_with("Detach") == is_managed;
        about_groups == is_shared && fits
    })
}

/// Whether a policy may deny something: one that was not read may.
pub fn denies(org: &Organization, id: PolicyId) -> bool {
    match &org.policies.get(id).document {
        Known::Present(document) => {
            let mut statements = document.statements.iter();
            statements.any(|statement| statement.effect == Effect::Deny)
        }
        Known::Absent => false,
        Known::Unknown(_) => true,
    }
}
