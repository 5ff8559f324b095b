//! What was not read and bears on an obligation, whatever its own questions come to.
//!
//! An obligation asks about the accounts, principals and endpoints that it knows. If there may be
//! more of them, the answer "no request" is about too few, so the verdict is undecided and names
//! the list that is missing.

use cofferdam_findings::finding::Missing;
use cofferdam_names::AccountId;
use cofferdam_org::fact::Kind;
use cofferdam_org::model::Organization;

use crate::file::{Access, EndpointsDeclared, NetworkDeclared, Who};
use crate::obligations::Context;
use crate::scope::Scope;

/// What is missing for an obligation of that id about this dataset.
pub(crate) fn missing(context: &Context<'_>, scope: &Scope<'_>, obligation: &str) -> Vec<Missing> {
    let mut found = Vec::new();
    if obligation != ABOUT_EVERYBODY {
        found.extend(accounts(context.org));
    }
    if ABOUT_APPROVED.contains(&obligation) {
        let who = scope.dataset.access.iter().flat_map(|access| &access.who);
        found.extend(who.flat_map(|who| approved(context, &who.who)));
    }
    if obligation == THROUGH_ENDPOINTS {
        let networks = scope.dataset.access.iter().flat_map(networks(context));
        found.extend(networks.flat_map(|network| endpoints(context.org, network)));
    }
    found
}

/// What is missing so that even a request found does not settle an obligation: declared endpoints
/// that may exist unread. A request through one of them would be taken for one through somebody
/// else's.
pub(crate) fn doubts(context: &Context<'_>, scope: &Scope<'_>, obligation: &str) -> Vec<Missing> {
    if !ABOUT_NETWORKS.contains(&obligation) {
        return Vec::new();
    }
    let org = context.org;
    let mut accounts = org.accounts.keys();
    let Some(why) = accounts.find_map(|account| org.gap(*account, Kind::Endpoint)) else {
        return Vec::new();
    };
    let networks = scope.dataset.access.iter().flat_map(networks(context));
    let unread = networks.flat_map(|network| not_found(org, network));
    unread.map(|id| entry(id, why)).collect()
}

/// Ask whether requests come through declared endpoints.
const ABOUT_NETWORKS: [&str; 2] = ["access.approved-works", "network.unexpected-source"];

/// Declared endpoints that were not found.
fn not_found<'c>(org: &Organization, network: &'c NetworkDeclared) -> Vec<&'c str> {
    let EndpointsDeclared::These(ids) = &network.endpoints else {
        return Vec::new();
    };
    let ids = ids.iter().map(|id| &**id);
    ids.filter(|id| org.endpoints.iter().all(|known| *known.id != **id))
        .collect()
}

/// Asks of anonymous callers and of any AWS account, wherever the borders are.
const ABOUT_EVERYBODY: &str = "resource.public";

/// Ask of each approved principal that was read.
const ABOUT_APPROVED: [&str; 2] = ["identity.who-becomes", "network.unexpected-source"];

/// Asks of each declared endpoint that was read, and of those beside it.
const THROUGH_ENDPOINTS: &str = "network.outbound";

fn entry(key: impl Into<String>, why: impl Into<String>) -> Missing {
    Missing {
        key: key.into(),
        why: why.into(),
        origin: None,
    }
}

/// Why the organization may have accounts that nobody listed.
pub(crate) fn accounts(org: &Organization) -> Option<Missing> {
    org.identity.as_ref()?;
    let gap = org
        .gaps
        .iter()
        .find(|(_, kind, _)| *kind == Kind::Account)?;
    Some(entry("accounts of the organization", &*gap.2))
}

/// Approved principals that may exist in accounts whose principals were not read.
fn approved(context: &Context<'_>, who: &Who) -> Vec<Missing> {
    let unread = context.cast.unread.iter();
    unread
        .filter(|(account, _)| may_be_in(context.org, who, *account))
        .map(|(account, why)| entry(name(who, *account), &**why))
        .collect()
}

fn may_be_in(org: &Organization, who: &Who, account: AccountId) -> bool {
    match who {
        Who::Role(arn) | Who::User(arn) => {
            arn.account_id() == Some(account) && org.principal(arn.as_str()).is_none()
        }
        Who::RolePattern { pattern, .. } => match pattern.split(':').nth(4) {
            Some(of) if !of.contains(['*', '?']) => of == account.to_string(),
            _ => true,
        },
        Who::PermissionSet { accounts, .. } => accounts.is_empty() || accounts.contains(&account),
        Who::Account(approved) => *approved == account,
        Who::Oidc { .. } | Who::Saml { .. } | Who::Service { .. } | Who::Partner { .. } => false,
    }
}

fn name(who: &Who, account: AccountId) -> String {
    match who {
        Who::Role(arn) | Who::User(arn) => arn.to_string(),
        _ => format!("principals of account {account}"),
    }
}

fn networks<'c>(context: &Context<'c>) -> impl Fn(&Access) -> Vec<&'c NetworkDeclared> {
    let networks = &context.boundary.networks;
    move |access| {
        let names = access.from.iter();
        names.filter_map(|name| networks.get(name)).collect()
    }
}

/// Declared endpoints that were not found, and accounts of which more may exist.
fn endpoints(org: &Organization, network: &NetworkDeclared) -> Vec<Missing> {
    let unlisted = |account: AccountId| {
        let why = org.gap(account, Kind::Endpoint)?;
        Some(entry(format!("endpoints of account {account}"), why))
    };
    match &network.endpoints {
        EndpointsDeclared::None => Vec::new(),
        EndpointsDeclared::Organization => {
            org.accounts.keys().copied().filter_map(unlisted).collect()
        }
        EndpointsDeclared::These(ids) => {
            let one = |id: &str| match org.endpoints.iter().find(|known| &*known.id == id) {
                Some(endpoint) => unlisted(endpoint.account),
                None => Some(entry(id, "declared, and not found in what was read")),
            };
            ids.iter().filter_map(|id| one(id)).collect()
        }
    }
}
