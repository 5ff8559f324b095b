//! Events that contradict proofs about other things than the data: what nobody may do at all, the keys,
//! and the archive of what was recorded.
//!
//! Each proof says of some actions on some things that only certain principals can take them. So it
//! becomes a row of these four, and an event that passed contradicts it if the record shows the action, the
//! thing, and a caller who is certainly none of them. `audit.recorded` has no row: what is not recorded
//! leaves no event.

use cofferdam_authz::call::{Call, needed};
use cofferdam_authz::caller::{CallerKind, Membership};
use cofferdam_authz::concrete::{Asked, Concrete, Ternary};
use cofferdam_authz::context::Network;
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::held::Keys;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_findings::finding::Finding;
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::Known;
use cofferdam_policy::reading::condition;

use super::{Excluded, Told};
use crate::cast::known_as;
use crate::exception::{accepts, includes};
use crate::file::{Boundary, Dataset, Declared, Prohibition, Who, WhoAt, named};
use crate::obligations::{Context, archive, forbidden, keys};
use crate::path::host_of;
use crate::scope::Scope;

/// The obligations that have rows.
pub const BEYOND: [&str; 5] = [
    "encryption.second-plane",
    "encryption.unapproved-key-use",
    "encryption.separate-administration",
    "audit.archive-immutable",
    forbidden::ID,
];

/// One proof about some actions on some things.
pub(super) struct Row<'a> {
    finding: &'a Finding,
    actions: Vec<ActionName>,
    /// None: any resource.
    wanted: Vec<Wanted>,
    /// The services through which it is proved too, by host.
    through: Vec<&'static str>,
    who: Bound<'a>,
}

/// Whom a proof binds.
enum Bound<'a> {
    /// Everybody but these.
    AllBut(Vec<&'a WhoAt>),
    /// These.
    Only(Vec<&'a WhoAt>),
    /// As a prohibition says.
    By(&'a Prohibition),
}

/// The rows of a proof.
pub(super) fn rows<'a>(
    context: &Context<'a>,
    scopes: &[Scope<'a>],
    finding: &'a Finding,
) -> Vec<Row<'a>> {
    if finding.obligation == forbidden::ID {
        return prohibited(context, finding).into_iter().collect();
    }
    let named = finding.dataset.as_deref();
    let scope = scopes
        .iter()
        .find(|scope| Some(scope.dataset.name.as_str()) == named);
    let Some(scope) = scope else {
        return Vec::new();
    };
    let row = |actions, wanted, who| Row {
        finding,
        actions,
        wanted,
        through: Vec::new(),
        who,
    };
    let dataset = scope.dataset;
    let keys_of: Vec<Wanted> = dataset
        .keys
        .iter()
        .map(|key| Wanted::Exactly(key.arn.to_string()))
        .collect();
    match finding.obligation {
        "encryption.separate-administration" => vec![row(
            keys::administration(),
            keys_of,
            Bound::AllBut(dataset.key_administrators.iter().collect()),
        )],
        "encryption.second-plane" => vec![row(
            keys::administration(),
            keys_of,
            Bound::Only(dataset.administrators.iter().collect()),
        )],
        "encryption.unapproved-key-use" => {
            let stores = scope.stores.iter();
            let through: Vec<&'static str> = stores.map(|store| host_of(store.service)).collect();
            let uses = key_uses(context, dataset).into_iter();
            uses.map(|(actions, users)| Row {
                through: through.clone(),
                ..row(actions, keys_of.clone(), Bound::AllBut(users))
            })
            .collect()
        }
        "audit.archive-immutable" => archive::changes(context.org, dataset)
            .into_iter()
            .map(|(actions, wanted)| {
                let audit = dataset.audit.iter();
                let but = audit.flat_map(|audit| &audit.administrators).collect();
                row(actions, vec![wanted], Bound::AllBut(but))
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Opening something under the keys, and granting their use, each with those who may.
fn key_uses<'a>(
    context: &Context<'a>,
    dataset: &'a Dataset,
) -> Vec<(Vec<ActionName>, Vec<&'a WhoAt>)> {
    let mut uses: Vec<(Vec<ActionName>, Vec<&WhoAt>)> = Vec::new();
    let found = dataset.keys.iter();
    let mut users: Vec<&WhoAt> = found
        .filter_map(|key| context.org.resource(key.arn.as_str()))
        .flat_map(|key| keys::users(context, key))
        .collect();
    uses.push((keys::actions(&keys::DECRYPT), users.clone()));
    users.extend(&dataset.key_administrators);
    uses.push((keys::actions(&keys::GRANT), users));
    uses
}

fn prohibited<'a>(context: &Context<'a>, finding: &'a Finding) -> Option<Row<'a>> {
    let name = finding.id.strip_prefix(forbidden::ID)?.strip_prefix(':')?;
    let mut declared = context.boundary.forbidden.iter();
    let prohibition = declared.find_map(|one| match one {
        Declared::Read(prohibition) if prohibition.name == name => Some(prohibition),
        _ => None,
    })?;
    let resources = prohibition.resources.iter();
    Some(Row {
        finding,
        actions: prohibition.actions.iter().flat_map(named).collect(),
        wanted: resources
            .map(|pattern| Wanted::Like(pattern.to_string()))
            .collect(),
        through: Vec::new(),
        who: Bound::By(prohibition),
    })
}

/// The proofs that a call that passed contradicts.
pub(super) fn excluded<'a>(
    context: &Context<'a>,
    rows: &[Row<'a>],
    party: &Party<'_>,
    told: &Told,
) -> Vec<Excluded<'a>> {
    let requests = needed(&told.call, party.caller.account).requests;
    let mut found: Vec<Excluded<'a>> = Vec::new();
    for row in rows {
        for one in &requests {
            let resource = one.resource.as_deref();
            let why = contradicts(context, row, party, told, (&one.action, resource));
            if let Some(why) = why {
                found.push(Excluded {
                    finding: row.finding,
                    why,
                });
                break;
            }
        }
    }
    found
}

/// Why a request is one that a proof excludes, if it certainly is.
fn contradicts(
    context: &Context<'_>,
    row: &Row<'_>,
    party: &Party<'_>,
    told: &Told,
    (action, resource): (&ActionName, Option<&str>),
) -> Option<String> {
    let forwarded = told.call.forwarded_by.as_deref();
    let direct = forwarded.is_none_or(|host| row.through.contains(&host));
    let reached = match resource {
        Some(arn) => row.wanted.iter().any(|wanted| covers(wanted, arn)),
        None => false,
    };
    let same = |one: &ActionName| {
        one.service() == action.service() && one.name().eq_ignore_ascii_case(action.name())
    };
    if !direct || !(reached || row.wanted.is_empty()) || !row.actions.iter().any(same) {
        return None;
    }
    let name = caller(party, told)?;
    let boundary = context.boundary;
    let among = |who: &&WhoAt| {
        includes(boundary, &who.who, &name, context.as_of)
            || told.only_account && may_be_of(boundary, &who.who, party.caller.account)
    };
    match &row.who {
        Bound::AllBut(but) if but.iter().any(among) => None,
        Bound::AllBut(_) => Some(format!("{name} is none of those who may")),
        Bound::Only(who) => (!told.only_account && who.iter().any(among))
            .then(|| format!("{name} administers the data and changed the key")),
        Bound::By(prohibition) => {
            let bound = binds(context, prohibition, party, resource)
                && !prohibition.except.iter().any(|who| among(&who))
                && prohibition
                    .who
                    .as_ref()
                    .is_none_or(|who| !told.only_account && who.iter().any(|who| among(&who)))
                && holds(context, prohibition, party, &told.call, (action, resource));
            bound.then(|| format!("{name} did what {} forbids", prohibition.name))
        }
    }
}

/// Who called, where that is certain.
fn caller(party: &Party<'_>, told: &Told) -> Option<String> {
    let name = known_as(party);
    let known = party.principal.is_some();
    match (&party.caller.kind, &party.caller.membership) {
        // No service control policy binds these.
        (
            CallerKind::Role {
                service_linked: true,
                ..
            }
            | CallerKind::Service(_),
            _,
        ) => None,
        (CallerKind::Anonymous, _) | (_, Membership::Foreign) => Some(name),
        (CallerKind::Root(_), Membership::Member { .. }) => (!told.only_account).then_some(name),
        (_, Membership::Member { .. }) => known.then_some(name),
        _ => None,
    }
}

/// Whether somebody of a foreign account may be meant, where only the account is told.
pub(super) fn may_be_of(boundary: &Boundary, who: &Who, account: Option<AccountId>) -> bool {
    let Some(account) = account else { return true };
    match who {
        Who::Role(arn) | Who::User(arn) => arn.account_id() == Some(account),
        Who::Account(own) => *own == account,
        Who::Partner { name, .. } => {
            let mut partners = boundary.partners.iter();
            partners.any(|one| one.name == *name && one.accounts.contains(&account))
        }
        Who::Service { .. } | Who::Oidc { .. } | Who::Saml { .. } => false,
        Who::PermissionSet { accounts, .. } => accounts.contains(&account),
        Who::RolePattern { pattern, .. } => {
            let of = pattern.split(':').nth(4);
            of.is_none_or(|of| accepts(of, &account.to_string()))
        }
    }
}

/// Strangers are bound only where the thing itself refuses them, the management account only there or
/// where it is named.
fn binds(
    context: &Context<'_>,
    prohibition: &Prohibition,
    party: &Party<'_>,
    resource: Option<&str>,
) -> bool {
    let org = context.org;
    let has_owner = resource.is_some_and(|arn| {
        !prohibition.resources.is_empty()
            && (org.resource(arn).is_some() || org.principal(arn).is_some())
    });
    let is_ours = matches!(party.caller.membership, Membership::Member { .. });
    let Some(account) = party.caller.account.filter(|_| is_ours) else {
        return has_owner && prohibition.who.is_none();
    };
    let management = org.identity.as_ref().map(|identity| &identity.management);
    match prohibition.accounts.is_empty() {
        false => prohibition.accounts.contains(&account),
        true => has_owner || management != Some(&Known::Present(account)),
    }
}

/// Whether all conditions certainly hold of the request, by what its record states.
fn holds(
    context: &Context<'_>,
    prohibition: &Prohibition,
    party: &Party<'_>,
    call: &Call,
    (action, resource): (&ActionName, Option<&str>),
) -> bool {
    let asked = Asked {
        action,
        resource: resource.unwrap_or("*"),
        context: &call.context,
        strict: false,
    };
    let service = action.service();
    let thing = Thing::Nothing;
    let situation = gather::situation(context.org, party, thing, service, Network::Stated);
    let keys = Keys::default();
    let mut reading = Concrete::new(&asked, &situation, &keys);
    let mut all = prohibition.when.iter();
    all.all(|one| condition(&mut reading, one) == Ternary::True)
}

fn covers(wanted: &Wanted, arn: &str) -> bool {
    match wanted {
        Wanted::Exactly(own) => own == arn,
        Wanted::Under(start) => arn.len() > start.len() && arn.starts_with(start.as_str()),
        Wanted::Like(pattern) => accepts(pattern, arn),
        Wanted::Anything => true,
    }
}
