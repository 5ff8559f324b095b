//! Requests that nobody granted, told apart before anything is proved.
//!
//! Most principals of a large organization have nothing to do with most of its data: no policy of
//! theirs and none of the data's own lets them near, whatever the controls do. One coarse decision
//! shows that, without a formula. Only what somebody granted is worth a proof, and only such a proof
//! has controls that carry it. Where certificates are wanted nothing is skipped: each question then
//! has its formula.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use cofferdam_authz::coarse::{Span, may_allow};
use cofferdam_authz::context::Network;
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::prepared::Prepared;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_names::{ActionName, Arn};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, Grant, Organization, PolicyId, Resource};
use cofferdam_policy::ast::{Effect, Policy, PrincipalPattern, Principals};

use crate::cast::Cast;
use crate::obligations::Context;
use crate::scope::{Group, Store};

/// A caller and a thing, for questions of what is granted.
pub(crate) struct Grants<'q, 'a> {
    context: &'q Context<'a>,
    party: &'q Party<'a>,
    thing: Thing<'a>,
    service: &'q str,
    via: Option<&'q str>,
    prepared: OnceCell<Prepared<'q>>,
}

impl<'q, 'a: 'q> Grants<'q, 'a> {
    /// What a caller was granted on a store, by itself or through the services that repeat its
    /// requests.
    pub fn on_store(
        context: &'q Context<'a>,
        party: &'q Party<'a>,
        store: &Store<'a>,
        via: Option<&'q str>,
    ) -> Grants<'q, 'a> {
        Grants::on(context, party, store.thing(), store.service, via)
    }

    /// What a caller was granted on a thing that a service serves.
    pub fn on(
        context: &'q Context<'a>,
        party: &'q Party<'a>,
        thing: Thing<'a>,
        service: &'q str,
        via: Option<&'q str>,
    ) -> Grants<'q, 'a> {
        Grants {
            context,
            party,
            thing,
            service,
            via,
            prepared: OnceCell::new(),
        }
    }

    /// Whether it was granted none of these actions.
    pub fn nothing_of(&self, group: &Group) -> bool {
        !self.context.cast.certify && self.nothing(&group.names(), &group.wanted)
    }

    /// Whether it was granted none of these actions on what is wanted.
    pub fn nothing(&self, actions: &[ActionName], wanted: &Wanted) -> bool {
        if self.context.cast.certify {
            return false;
        }
        let span = Span { actions, wanted };
        self.lacks_own(span) || self.prepared().grants_nothing(span)
    }

    /// Before something of another account, the caller's own policies must allow too
    /// ("Cross-account policy evaluation logic"); a glance at them settles most callers.
    fn lacks_own(&self, span: Span<'_>) -> bool {
        let owner = match self.thing {
            // Some services let everybody in while there is no policy.
            Thing::Resource(resource) if resource.policy == Known::Absent => return false,
            Thing::Resource(resource) => resource.account,
            Thing::Role(role) | Thing::Kept(role) => role.account,
            // By an access point, policies may name the thing otherwise.
            Thing::Behind(..) | Thing::Elsewhere | Thing::Nothing | Thing::Owned(_) => {
                return false;
            }
        };
        if self.party.lifted {
            return false;
        }
        if self.party.caller.account == Some(owner) {
            return false;
        }
        let principal = self.party.principal;
        let Some(policies) = principal.and_then(|principal| principal.identity.present()) else {
            return false;
        };
        let document = |id: &PolicyId| &self.context.org.policies.get(*id).document;
        let may = |document: &Known<Policy>| may_allow(document, self.service, span);
        !policies.iter().map(document).any(may)
    }

    fn prepared(&self) -> &Prepared<'q> {
        let Context { org, .. } = *self.context;
        let (party, thing, service) = (self.party, self.thing, self.service);
        self.prepared.get_or_init(|| {
            let layers = gather::layers(org, party, thing, service);
            let mut situation = gather::situation(org, party, thing, service, Network::Stated);
            situation.forwarded_by = self.via;
            Prepared::new(layers, situation)
        })
    }
}

/// Whether parties were granted anything of one group of a store, directly or through a service
/// that repeats their requests, each asked once. It holds for every part of the group too.
pub(crate) struct Seen<'g> {
    group: &'g Group,
    nothing: RefCell<BTreeMap<usize, bool>>,
}

impl<'g> Seen<'g> {
    /// Nobody was asked about yet.
    pub fn of(group: &'g Group) -> Seen<'g> {
        Seen {
            group,
            nothing: RefCell::default(),
        }
    }

    /// Whether a party of the cast was granted nothing at all.
    pub fn nothing<'a>(
        &self,
        context: &Context<'a>,
        party: &'a Party<'a>,
        store: &Store<'a>,
    ) -> bool {
        let place = std::ptr::from_ref(party).addr();
        *self.nothing.borrow_mut().entry(place).or_insert_with(|| {
            [None, Some(SOME_ENGINE)]
                .into_iter()
                .all(|via| Grants::on_store(context, party, store, via).nothing_of(self.group))
        })
    }
}

/// Stands for each service that repeats requests where it is asked what was granted: which one it
/// is, is left open there.
pub(crate) const SOME_ENGINE: &str = "engine.amazonaws.com";

/// The places of everybody whom a policy on a thing may name in an Allow; `None` for everybody.
/// AWS lets nobody assume a role whom its trust policy does not name ("Methods to assume a role").
pub fn named_in(
    org: &Organization,
    cast: &Cast<'_>,
    policy: &Known<PolicyId>,
) -> Option<Vec<usize>> {
    if cast.certify {
        return None;
    }
    let document = match policy {
        Known::Present(id) => &org.policies.get(*id).document,
        Known::Absent => return Some(Vec::new()),
        Known::Unknown(_) => return None,
    };
    let policy = match document {
        Known::Present(policy) => policy,
        Known::Absent => return Some(Vec::new()),
        Known::Unknown(_) => return None,
    };
    let mut places = Vec::new();
    let statements = policy.statements.iter();
    for statement in statements.filter(|statement| statement.effect == Effect::Allow) {
        let patterns = match &statement.principals {
            Principals::Only(patterns) => patterns.as_slice(),
            Principals::NotGiven => &[],
            Principals::Except(_) => return None,
        };
        for pattern in patterns {
            match pattern {
                PrincipalPattern::Account(account) => places.extend(cast.places_in(*account)),
                PrincipalPattern::Arn(arn) => match org.place_of(arn.as_str()) {
                    Some(place) => places.push(place),
                    None => places.extend(cast.places_in(arn.account_id()?)),
                },
                PrincipalPattern::Service(_) | PrincipalPattern::Federated(_) => {}
                _ => return None,
            }
        }
    }
    places.sort_unstable();
    places.dedup();
    Some(places)
}

/// The places of everybody who may have been granted something on a thing: whoever is of its
/// account, and whom it lets in itself; `None` for everybody.
pub(crate) fn near(org: &Organization, cast: &Cast<'_>, thing: Thing<'_>) -> Option<Vec<usize>> {
    let Thing::Resource(resource) = thing else {
        return None;
    };
    // Some services let everybody in while there is no policy.
    if resource.policy == Known::Absent {
        return None;
    }
    let mut places = let_in(org, cast, resource)?;
    places.extend(cast.places_in(resource.account));
    places.sort_unstable();
    places.dedup();
    Some(places)
}

/// The places of everybody whom the policy of a resource, and what grants beside it, may name;
/// `None` for everybody.
pub fn let_in(org: &Organization, cast: &Cast<'_>, resource: &Resource) -> Option<Vec<usize>> {
    let mut places = named_in(org, cast, &resource.policy)?;
    places.extend(granted_beside(cast, resource)?);
    places.sort_unstable();
    places.dedup();
    Some(places)
}

/// The places of everybody whom the grants of a key or the access control lists of a bucket may
/// name; `None` for everybody ("Grants in AWS KMS", "Access control list (ACL) overview"). The lists
/// of objects are never read.
pub fn granted_beside(cast: &Cast<'_>, resource: &Resource) -> Option<Vec<usize>> {
    match &resource.details {
        Details::Bucket(bucket) => match (&bucket.acls_disabled, &bucket.acl) {
            (Known::Present(true), _) | (_, Known::Absent) => Some(Vec::new()),
            (_, Known::Present(_) | Known::Unknown(_)) => None,
        },
        Details::Key(key) => match &key.grants {
            Known::Unknown(_) => None,
            Known::Absent => Some(Vec::new()),
            Known::Present(grants) => grantees(cast, grants),
        },
        Details::Plain => Some(Vec::new()),
    }
}

fn grantees(cast: &Cast<'_>, grants: &[Grant]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    for grant in grants {
        if let Ok(arn) = Arn::parse(&grant.grantee) {
            places.extend(cast.places_in(arn.account_id()?));
        }
    }
    Some(places)
}
