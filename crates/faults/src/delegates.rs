//! Member accounts that administer a service for the organization, or AWS Organizations itself.
//!
//! A delegate is as strong as its registration says, for that service and no other: it acts on what
//! belongs to the organization as on its own, and still it is a member that guardrails bind. The
//! management account is out of its reach ("Delegated administrator for AWS services that work
//! with Organizations").

use cofferdam_authz::caller::Caller;
use cofferdam_authz::matching::{Named, names};
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_policy::ast::{Actions, Effect, Policy, Principals, Resources, Statement};
use cofferdam_policy::matching::{ResourceShape, action_matches, resource_shape};
use cofferdam_policy::operand::Template;

use crate::catalogue::{Edge, Operand};
use crate::decide::Truth;
use crate::setting::{Actor, Object, Setting};

/// The name by which guards call AWS Organizations itself, which no registration delegates but the
/// organization's own policy.
const ORGANIZATIONS: &str = "organizations";

/// Whether an actor administers what an edge needs, as the management account or as a delegate.
pub fn administers(setting: &Setting<'_>, actor: Actor, edge: &Edge, service: &str) -> Truth {
    let (Some(management), Some(account)) = (setting.management(), setting.account(actor)) else {
        return Truth::No;
    };
    if account == management {
        return Truth::Certain;
    }
    match service {
        ORGANIZATIONS => by_policy(setting, actor, edge),
        _ => match setting.context.org.administers(account, service) {
            Known::Present(true) => Truth::Certain,
            Known::Present(false) | Known::Absent => Truth::No,
            Known::Unknown(_) => Truth::Possible,
        },
    }
}

/// Whether an actor that administers a service may turn it on this object: a permission set that is
/// provisioned in the management account only the management account changes ("Delegated
/// administration", IAM Identity Center user guide).
pub fn reaches(setting: &Setting<'_>, actor: Actor, edge: &Edge, on: Object) -> Truth {
    let management = setting.management();
    let changed = edge
        .needs
        .iter()
        .any(|need| need.operand == Operand::Target);
    let (Object::PermissionSet(place), true) = (on, changed) else {
        return Truth::Certain;
    };
    if setting.account(actor) == management {
        return Truth::Certain;
    }
    let org = setting.context.org;
    let (Some(set), Some(management)) = (org.permission_sets.get(place), management) else {
        return Truth::No;
    };
    let mut roles = setting.made_from(&set.name).iter();
    if roles.any(|role| setting.owner(Object::Principal(*role)) == Some(management)) {
        return Truth::No;
    }
    match &set.assignments {
        Known::Present(all) if all.iter().any(|one| one.account == management) => Truth::No,
        Known::Present(_) | Known::Absent => Truth::Certain,
        Known::Unknown(_) => Truth::Possible,
    }
}

/// Whether it is known who administers services, and AWS Organizations, beside the management
/// account.
pub fn are_known(setting: &Setting<'_>) -> bool {
    let org = setting.context.org;
    let unlisted =
        |(_, kind, _): &(Box<str>, Kind, Box<str>)| *kind == Kind::DelegatedAdministrator;
    let mut services = org.delegates.values();
    !org.gaps.iter().any(unlisted)
        && services.all(|services| services.unknown().is_none())
        && org
            .delegation
            .as_ref()
            .is_none_or(|policy| policy.unknown().is_none())
}

/// What the organization's own policy lets an actor do of what an edge needs.
fn by_policy(setting: &Setting<'_>, actor: Actor, edge: &Edge) -> Truth {
    let org = setting.context.org;
    let policy = match &org.delegation {
        None | Some(Known::Absent) => return Truth::No,
        Some(Known::Unknown(_)) => return Truth::Possible,
        Some(Known::Present(id)) => &org.policies.get(*id).document,
    };
    let (Known::Present(policy), Some(party)) = (policy, setting.party(actor)) else {
        return Truth::Possible;
    };
    let needs = edge.needs.iter().map(|need| &need.action);
    let own = needs.filter(|action| action.service() == ORGANIZATIONS);
    let each = own.map(|action| granted(policy, &party.caller, action));
    each.min().unwrap_or(Truth::Possible)
}

/// Whether a policy allows an action to somebody, whatever it is done to: what hangs on a condition
/// or a resource is possible.
fn granted(policy: &Policy, caller: &Caller, action: &ActionName) -> Truth {
    let said = |effect: Effect| {
        let statements = policy.statements.iter();
        let of_effect = statements.filter(|one| one.effect == effect);
        let each = of_effect.map(|one| speaks_of(one, caller, action));
        each.max().unwrap_or(Truth::No)
    };
    match said(Effect::Deny) {
        Truth::Certain => Truth::No,
        Truth::Possible => said(Effect::Allow).min(Truth::Possible),
        Truth::No => said(Effect::Allow),
    }
}

fn speaks_of(statement: &Statement, caller: &Caller, action: &ActionName) -> Truth {
    if statement.unreadable.is_some() {
        return Truth::Possible;
    }
    let open = !statement.conditions.is_empty();
    let open = if open {
        Truth::Possible
    } else {
        Truth::Certain
    };
    let truth = open.min(speaks_to(&statement.principals, caller));
    let resource = match &statement.resources {
        Resources::NotGiven => Truth::Certain,
        Resources::Only(all) if all.iter().any(is_everything) => Truth::Certain,
        Resources::Only(_) | Resources::Except(_) => Truth::Possible,
    };
    match covers(&statement.actions, action) {
        true => truth.min(resource),
        false => Truth::No,
    }
}

fn is_everything(template: &Template) -> bool {
    matches!(resource_shape(template), ResourceShape::Everything)
}

fn covers(actions: &Actions, action: &ActionName) -> bool {
    let named = |pattern| action_matches(pattern, action.service(), action.name());
    match actions {
        Actions::Only(patterns) => patterns.iter().any(named),
        Actions::Except(patterns) => !patterns.iter().any(named),
    }
}

fn speaks_to(principals: &Principals, caller: &Caller) -> Truth {
    let truth = |named: Named| match named {
        Named::Yes => Truth::Certain,
        Named::No => Truth::No,
        Named::Unknown(_) => Truth::Possible,
    };
    match principals {
        Principals::NotGiven => Truth::No,
        Principals::Only(patterns) => {
            let each = patterns.iter().map(|pattern| truth(names(pattern, caller)));
            each.max().unwrap_or(Truth::No)
        }
        Principals::Except(_) => Truth::Possible,
    }
}

/// Whether an object belongs to the organization as a whole, so that whoever administers it acts on
/// it as on its own.
pub fn is_of_the_organization(on: Object) -> bool {
    matches!(
        on,
        Object::PermissionSet(_) | Object::Account(_) | Object::Guardrail(_)
    )
}

/// The accounts that stand under those who administer the organization's members.
pub fn members<'s>(setting: &'s Setting<'_>) -> impl Iterator<Item = AccountId> + 's {
    let management = setting.management();
    let accounts = setting.context.org.accounts.keys().copied();
    accounts.filter(move |account| Some(*account) != management)
}
