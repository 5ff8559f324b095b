//! What a question can read, hashed.
//!
//! There are three parts. The *common* part is what any question may read: accounts, units,
//! principals and their policies, access points, endpoints, trails, what is not known, and all of the declaration
//! but its datasets. The part of a *dataset* is its declaration, the resources that it names or
//! that lie below them, the keys of these, its archive, and the accesses declared for data under
//! the same keys. The part of an *obligation* is its id and, for the one that tells services acting
//! for our own buckets apart, the names of all buckets.
//!
//! Every structure is taken apart field by field, so that a new field does not compile until
//! somebody says here what becomes of it. Policies are taken by content and place, not by their
//! number, so that one more policy moves no other.

use std::collections::BTreeMap;

use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{
    AccessPoint, Account, Attached, Details, Endpoint, NamedPolicy, Organization, PolicyId,
    Principal, Resource, Unit,
};
use cofferdam_text::{Origin, StablePlaces};

use super::Memory;
use super::digest::{Digest, Key};
use crate::file::{Boundary, Dataset, Date};
use crate::scope::Scope;

/// The keys of the questions of one run.
pub(crate) struct Keys<'k> {
    org: &'k Organization,
    policies: Policies<'k>,
    common: Key,
    buckets: Key,
    /// Hashes of the accesses to data under each key.
    under: BTreeMap<&'k str, Vec<Key>>,
}

impl<'k> Keys<'k> {
    /// Hashes what all questions have in common; none where the declaration could not be read in
    /// full, since then nothing is settled anyway.
    pub fn of(
        org: &'k Organization,
        boundary: &'k Boundary,
        as_of: Option<Date>,
        memory: &Memory<'k>,
    ) -> Option<Keys<'k>> {
        if !boundary.missing.is_empty() {
            return None;
        }
        let policies = Policies {
            org,
            places: memory.places,
        };
        let mut common = Digest::default();
        common.add(memory.program);
        common.add(as_of);
        policies.organization(org, &mut common);
        declared(boundary, &mut common);
        let mut buckets = Digest::default();
        let all = org.resources.iter().filter(|one| one.kind == Kind::Bucket);
        all.for_each(|bucket| buckets.add(&bucket.arn));
        Some(Keys {
            org,
            policies,
            common: common.key(),
            buckets: buckets.key(),
            under: accesses(boundary),
        })
    }

    /// What is one dataset's own; none where part of its declaration could not be read.
    pub fn dataset(&self, scope: &Scope<'_>) -> Option<Key> {
        if !scope.dataset.missing.is_empty() {
            return None;
        }
        let mut own = Digest::default();
        dataset(scope.dataset, &mut own);
        own.add(scope.stores.len());
        for store in &scope.stores {
            self.resource_and_key(store.resource, &mut own);
        }
        own.add(&scope.not_found);
        for declared in &scope.dataset.keys {
            let key = self.org.resource(declared.arn.as_str());
            own.add(key.is_some());
            key.into_iter()
                .for_each(|key| self.policies.resource(key, &mut own));
            own.add(self.under.get(declared.arn.as_str()));
        }
        let audit = scope.dataset.audit.as_ref();
        let archive = audit.and_then(|audit| self.org.resource(audit.archive.as_str()));
        own.add(archive.is_some());
        archive
            .into_iter()
            .for_each(|archive| self.resource_and_key(archive, &mut own));
        Some(own.key())
    }

    fn resource_and_key(&self, resource: &Resource, own: &mut Digest) {
        self.policies.resource(resource, own);
        let key = self.org.key_of(resource);
        own.add(key.is_some());
        key.into_iter()
            .for_each(|key| self.policies.resource(key, own));
    }

    /// The question that an obligation asks of a dataset.
    pub fn question(&self, obligation: &str, dataset: Key) -> Key {
        let mut question = Digest::default();
        question.add((self.common, dataset, obligation));
        if obligation == ABOUT_BUCKETS {
            question.add(self.buckets);
        }
        question.key()
    }
}

/// The question that an answer belongs to which may rest on anything that was read or declared;
/// none where the declaration could not be read in full.
pub fn of_everything(
    org: &Organization,
    boundary: &Boundary,
    as_of: Option<Date>,
    memory: &Memory<'_>,
    asked: &str,
) -> Option<Key> {
    let keys = Keys::of(org, boundary, as_of, memory)?;
    let mut all = Digest::default();
    all.add((keys.common, asked, boundary.datasets.len()));
    for one in &boundary.datasets {
        if !one.missing.is_empty() {
            return None;
        }
        dataset(one, &mut all);
    }
    all.add(org.resources.len());
    for resource in &org.resources {
        keys.policies.resource(resource, &mut all);
    }
    all.add((org.managed.len(), org.organization_policies.len()));
    for (name, id) in org.managed.iter().chain(&org.organization_policies) {
        all.add(name);
        keys.policies.policy(*id, &mut all);
    }
    Some(all.key())
}

/// The obligation that reads the names of all buckets.
const ABOUT_BUCKETS: &str = "identity.confused-deputy";

/// Accesses to data under each key, dataset by dataset.
fn accesses(boundary: &Boundary) -> BTreeMap<&str, Vec<Key>> {
    let mut under: BTreeMap<&str, Vec<Key>> = BTreeMap::new();
    for dataset in boundary.datasets.iter().filter(|one| !one.keys.is_empty()) {
        let mut access = Digest::default();
        access.add(&dataset.access);
        let access = access.key();
        for key in &dataset.keys {
            under.entry(key.arn.as_str()).or_default().push(access);
        }
    }
    under
}

/// All of a declaration but its datasets.
fn declared(boundary: &Boundary, into: &mut Digest) {
    let Boundary {
        version,
        sources: _,
        organizations,
        partners,
        networks,
        datasets: _,
        exceptions,
        break_glass,
        platform_roles,
        assume,
        require,
        forbidden,
        // Reserved fields change no verdict.
        reserved: _,
        missing: _,
        origin,
    } = boundary;
    into.add((version, organizations, partners, networks));
    into.add((exceptions, break_glass, platform_roles, assume, require));
    into.add((forbidden, origin.is_some()));
}

fn dataset(dataset: &Dataset, into: &mut Digest) {
    let Dataset {
        name,
        class,
        owner,
        resources,
        keys,
        access,
        administrators,
        key_administrators,
        audit,
        missing: _,
        origin: _,
    } = dataset;
    into.add((name, class, owner, resources, keys));
    into.add((access, administrators, key_administrators, audit));
}

/// Hashes what may refer to policies, by their content.
struct Policies<'k> {
    org: &'k Organization,
    places: &'k StablePlaces<'k>,
}

impl Policies<'_> {
    fn organization(&self, org: &Organization, into: &mut Digest) {
        let Organization {
            identity,
            units,
            accounts,
            // By way of those to which they are attached.
            policies: _,
            managed: _,
            organization_policies: _,
            principals,
            // Each dataset takes its own.
            resources: _,
            endpoints,
            trails,
            providers,
            permission_sets,
            gaps,
            dated,
            access_points,
            // What runs where, and who administers what, no obligation asks.
            compute: _,
            delegates: _,
            delegation: _,
        } = org;
        into.add((identity, units.len(), accounts.len()));
        units.values().for_each(|unit| self.unit(unit, into));
        let accounts = accounts.values();
        accounts.for_each(|account| self.account(account, into));
        into.add((principals.len(), endpoints.len()));
        let principals = principals.iter();
        principals.for_each(|principal| self.principal(principal, into));
        let endpoints = endpoints.iter();
        endpoints.for_each(|endpoint| self.endpoint(endpoint, into));
        into.add((trails, providers, permission_sets, gaps));
        into.add((dated.len(), access_points.len()));
        dated.iter().for_each(|id| self.policy(*id, into));
        let points = access_points.iter();
        points.for_each(|point| self.access_point(point, into));
    }

    fn access_point(&self, point: &AccessPoint, into: &mut Digest) {
        let AccessPoint {
            arn,
            account,
            buckets,
            vpc,
            policy,
            public_access_block,
            multi_region,
            origin: _,
        } = point;
        into.add((
            arn,
            account,
            buckets,
            vpc,
            public_access_block,
            multi_region,
        ));
        self.one(policy, into);
    }

    fn unit(&self, unit: &Unit, into: &mut Digest) {
        let Unit {
            id,
            name,
            parent,
            attached,
        } = unit;
        into.add((id, name, parent));
        self.attached(attached, into);
    }

    fn account(&self, account: &Account, into: &mut Digest) {
        let Account {
            id,
            name,
            parent,
            attached,
            status,
            tags,
            public_access_block,
        } = account;
        into.add((id, name, parent, status, tags, public_access_block));
        self.attached(attached, into);
    }

    fn attached(&self, attached: &Attached, into: &mut Digest) {
        let Attached {
            service_control,
            resource_control,
        } = attached;
        self.all(service_control, into);
        self.all(resource_control, into);
    }

    fn principal(&self, principal: &Principal, into: &mut Digest) {
        let Principal {
            arn,
            account,
            kind,
            unique_id,
            tags,
            identity,
            of_groups,
            boundary,
            trust,
            permission_set,
            origin: _,
        } = principal;
        into.add((arn, account, kind, unique_id, tags, permission_set));
        self.all(identity, into);
        self.all(&Known::Present(of_groups.clone()), into);
        self.one(boundary, into);
        self.one(trust, into);
    }

    fn resource(&self, resource: &Resource, into: &mut Digest) {
        let Resource {
            arn,
            kind,
            account,
            region,
            policy,
            tags,
            encryption,
            details,
            origin: _,
        } = resource;
        into.add((arn, kind, account, region, tags, encryption, details));
        self.one(policy, into);
        match details {
            Details::Bucket(bucket) => {
                let grants = bucket.acl.present().into_iter().flatten();
                grants.for_each(|grant| self.place(grant.origin, into));
            }
            Details::Key(key) => {
                let grants = key.grants.present().into_iter().flatten();
                grants.for_each(|grant| self.place(grant.origin, into));
            }
            Details::Plain => {}
        }
    }

    fn endpoint(&self, endpoint: &Endpoint, into: &mut Digest) {
        let Endpoint {
            id,
            account,
            region,
            vpc,
            service,
            gateway,
            policy,
            origin: _,
        } = endpoint;
        into.add((id, account, region, vpc, service, gateway));
        self.one(policy, into);
    }

    fn all(&self, policies: &Known<Vec<PolicyId>>, into: &mut Digest) {
        into.add(policies.as_ref().map(Vec::len));
        let policies = policies.present().into_iter().flatten();
        policies.for_each(|id| self.policy(*id, into));
    }

    fn one(&self, policy: &Known<PolicyId>, into: &mut Digest) {
        into.add(policy.as_ref().map(|_| ()));
        let policy = policy.present().into_iter();
        policy.for_each(|id| self.policy(*id, into));
    }

    fn policy(&self, id: PolicyId, into: &mut Digest) {
        let NamedPolicy {
            name,
            document,
            origin,
        } = self.org.policies.get(id);
        into.add((name, document));
        self.place(*origin, into);
        for statement in document
            .present()
            .iter()
            .flat_map(|policy| &*policy.statements)
        {
            self.place(Some(statement.origin), into);
        }
    }

    /// Where something stands that a finding may cite.
    fn place(&self, origin: Option<Origin>, into: &mut Digest) {
        into.add(origin.and_then(|origin| self.places.place(origin)));
    }
}
