//! Who stands behind a thing that is no principal itself: whoever rewrites a permission set or an
//! identity provider rewrites the roles that come of it.

use cofferdam_org::model::PrincipalKind;
use cofferdam_policy::ast::{PrincipalPattern, Principals};

use crate::setting::{Object, Setting};

/// The places of the principals that stand behind a thing: itself, the roles made from a permission
/// set, the roles that trust an identity provider.
pub fn behind(setting: &Setting<'_>, on: Object) -> Vec<usize> {
    match on {
        Object::Principal(place) => vec![place],
        Object::PermissionSet(place) => of_permission_set(setting, place),
        Object::Provider(place) => of_provider(setting, place),
        _ => Vec::new(),
    }
}

/// The places of the roles as which code runs once a thing is taken over.
pub fn runs_as(setting: &Setting<'_>, on: Object) -> Vec<usize> {
    setting.carriers.roles(on).to_vec()
}

fn of_permission_set(setting: &Setting<'_>, place: usize) -> Vec<usize> {
    let set = setting.context.org.permission_sets.get(place);
    set.map_or(Vec::new(), |set| setting.made_from(&set.name).to_vec())
}

/// Only roles of its own account can trust a provider ("Identity providers and federation").
fn of_provider(setting: &Setting<'_>, place: usize) -> Vec<usize> {
    let org = setting.context.org;
    let Some(provider) = org.providers.get(place) else {
        return Vec::new();
    };
    let name = provider.to_string();
    let roles = provider.account_id().into_iter();
    let roles = roles.flat_map(|account| setting.principals_in(account));
    roles.filter(|role| trusts(setting, *role, &name)).collect()
}

/// Whether a role's trust policy names a provider.
pub(crate) fn trusts(setting: &Setting<'_>, role: usize, provider: &str) -> bool {
    let org = setting.context.org;
    let role = org.principals.get(role);
    let role = role.filter(|role| role.kind == PrincipalKind::Role);
    let trust = role.and_then(|role| role.trust.present());
    let document = trust.and_then(|id| org.policies.get(*id).document.present());
    let names = |pattern: &PrincipalPattern| match pattern {
        PrincipalPattern::Federated(named) => {
            **named == *provider || provider.ends_with(&format!(":oidc-provider/{named}"))
        }
        _ => false,
    };
    document.is_some_and(|document| {
        document.statements.iter().any(|statement| {
            matches!(&statement.principals, Principals::Only(list) if list.iter().any(names))
        })
    })
}
