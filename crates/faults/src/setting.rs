//! What every question about faults may look at: the organization with its parties as an attacker
//! would act as them, and the things that edges are about.
//!
//! Sessions of a compromised principal carry the tags of its role and no others, unless an edge
//! lets the attacker choose them; so the tags that a usual caller may bring are not taken for
//! granted here.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::caller::{Caller, CallerKind, Membership};
use cofferdam_authz::context::SessionTags;
use cofferdam_authz::gather::{Party, Thing, membership, session_of};
use cofferdam_boundary::cast::is_service_linked;
use cofferdam_boundary::granted::{granted_beside, let_in, named_in};
use cofferdam_boundary::obligations::Context;
use cofferdam_names::{AccountId, Arn};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Organization, PolicyId, Principal, PrincipalKind, Resource, Trail};

use cofferdam_policy::ast::{Effect, PrincipalPattern, Principals};

use crate::alike::{Mark, Marks};
use crate::carriers::Carriers;
use crate::catalogue::On;
use crate::decide::Truth;
use crate::power::State;

/// Who acts for an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actor {
    /// A user, role or root user that exists, by its place among everybody.
    Existing(usize),
    /// A role that the attacker made in an account, with any policies.
    Made(AccountId),
}

/// A thing that an edge is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// A user or role, by its place.
    Principal(usize),
    /// A managed policy.
    Policy(PolicyId),
    /// A service or resource control policy.
    Guardrail(PolicyId),
    /// A store, key or other resource, by its place.
    Resource(usize),
    /// A trail.
    Trail(usize),
    /// A VPC endpoint.
    Endpoint(usize),
    /// An OIDC or SAML provider.
    Provider(usize),
    /// A permission set.
    PermissionSet(usize),
    /// Something that carries a role and has no policy of its own.
    Compute(usize),
    /// An account of the organization.
    Account(AccountId),
    /// Nothing in particular.
    Nothing,
}

/// The organization with everything that attacks are about.
pub struct Setting<'a> {
    /// The organization, the boundary and everybody.
    pub context: Context<'a>,
    /// What acts as which role.
    pub carriers: Carriers,
    /// In the order of everybody, each with the tags of its role alone.
    parties: Vec<Party<'a>>,
    made: BTreeMap<AccountId, Party<'a>>,
    /// Everybody of the organization, with any policies.
    anybody: Party<'a>,
    /// Roles whose trust policy may name somebody, by the place of that somebody.
    trusting: BTreeMap<usize, Vec<usize>>,
    /// Roles whose trust policy may name everybody.
    trusting_all: Vec<usize>,
    /// Resources of other accounts that may let somebody in, by the place of that somebody.
    naming: BTreeMap<usize, Vec<usize>>,
    /// Resources that let somebody in by name, which suffices within one account.
    direct: BTreeMap<usize, Vec<usize>>,
    /// Resources that may let everybody in: by their policy, or beside it.
    naming_all: BTreeSet<usize>,
    resources_of: BTreeMap<AccountId, Vec<usize>>,
    principals_of: BTreeMap<AccountId, Vec<usize>>,
    roots: BTreeMap<AccountId, usize>,
    /// Roles that were made from a permission set, by its name.
    made_from: BTreeMap<&'a str, Vec<usize>>,
    policies: BTreeMap<AccountId, Vec<PolicyId>>,
    managed_names: BTreeMap<PolicyId, &'a str>,
    guardrail_names: BTreeMap<PolicyId, &'a str>,
    /// What tells actors apart.
    marks: Marks<'a>,
}

impl<'a> Setting<'a> {
    /// Looks through an organization once.
    pub fn new(context: Context<'a>) -> Setting<'a> {
        let org = context.org;
        let mut setting = Setting {
            context,
            carriers: Carriers::of(org),
            parties: context.cast.existing().map(without_tags).collect(),
            made: org
                .accounts
                .keys()
                .map(|account| (*account, made(org, *account)))
                .collect(),
            anybody: anybody(org),
            trusting: BTreeMap::new(),
            trusting_all: Vec::new(),
            naming: BTreeMap::new(),
            direct: BTreeMap::new(),
            naming_all: BTreeSet::new(),
            resources_of: BTreeMap::new(),
            principals_of: BTreeMap::new(),
            roots: BTreeMap::new(),
            made_from: BTreeMap::new(),
            policies: BTreeMap::new(),
            managed_names: BTreeMap::new(),
            guardrail_names: BTreeMap::new(),
            marks: Marks::of(org),
        };
        setting.index_principals();
        setting.index_resources();
        setting.index_policies();
        setting
    }

    fn index_principals(&mut self) {
        let Context { org, cast, .. } = self.context;
        let parties = self.parties.iter().enumerate();
        let roots = parties.filter(|(_, party)| matches!(party.caller.kind, CallerKind::Root(_)));
        self.roots = roots
            .filter_map(|(place, party)| Some((party.caller.account?, place)))
            .collect();
        for (place, principal) in org.principals.iter().enumerate() {
            let of_account = self.principals_of.entry(principal.account).or_default();
            of_account.push(place);
            if let Some(set) = principal.permission_set.as_deref() {
                self.made_from.entry(set).or_default().push(place);
            }
            if principal.kind != PrincipalKind::Role {
                continue;
            }
            match named_in(org, cast, &principal.trust) {
                None => self.trusting_all.push(place),
                Some(named) => {
                    for by in named {
                        self.trusting.entry(by).or_default().push(place);
                    }
                }
            }
        }
    }

    fn index_resources(&mut self) {
        let Context { org, cast, .. } = self.context;
        for (place, resource) in org.resources.iter().enumerate() {
            let of_account = self.resources_of.entry(resource.account).or_default();
            of_account.push(place);
            let granted = granted_beside(cast, resource).unwrap_or_default();
            let mut direct = named_by_arn(org, &resource.policy);
            direct.extend(granted);
            for by in direct {
                let of = self.direct.entry(by).or_default();
                if of.last() != Some(&place) {
                    of.push(place);
                }
            }
            match let_in(org, cast, resource) {
                None => {
                    self.naming_all.insert(place);
                }
                Some(named) => {
                    for by in named {
                        if self.account_at(by) != Some(resource.account) {
                            self.naming.entry(by).or_default().push(place);
                        }
                    }
                }
            }
        }
    }

    fn index_policies(&mut self) {
        let org = self.context.org;
        for (arn, id) in &org.managed {
            self.managed_names.insert(*id, arn);
            let account = Arn::parse(arn).ok().and_then(|arn| arn.account_id());
            if let Some(account) = account {
                self.policies.entry(account).or_default().push(*id);
            }
        }
        for (name, id) in &org.organization_policies {
            self.guardrail_names.insert(*id, name);
        }
    }

    /// The party that an actor acts as.
    pub fn party(&self, actor: Actor) -> Option<&Party<'a>> {
        match actor {
            Actor::Existing(place) => self.parties.get(place),
            Actor::Made(account) => self.made.get(&account),
        }
    }

    /// Everybody of the organization as one, with any policies.
    pub fn anybody(&self) -> &Party<'a> {
        &self.anybody
    }

    /// Under which mark an actor stands, if another may stand for it.
    pub fn mark(&self, state: &State, actor: Actor) -> Option<Mark> {
        self.marks.mark(self, state, actor)
    }

    /// The user or role behind an actor.
    pub fn principal(&self, actor: Actor) -> Option<&'a Principal> {
        match actor {
            Actor::Existing(place) => self.context.org.principals.get(place),
            Actor::Made(_) => None,
        }
    }

    /// The account of an actor.
    pub fn account(&self, actor: Actor) -> Option<AccountId> {
        match actor {
            Actor::Existing(place) => self.account_at(place),
            Actor::Made(account) => Some(account),
        }
    }

    fn account_at(&self, place: usize) -> Option<AccountId> {
        self.parties.get(place)?.caller.account
    }

    /// What people call an actor.
    pub fn name(&self, actor: Actor) -> String {
        match actor {
            Actor::Made(account) => format!("a role that the attacker makes in {account}"),
            Actor::Existing(_) => self
                .party(actor)
                .map(cofferdam_boundary::cast::known_as)
                .unwrap_or_default(),
        }
    }

    /// The resource at a place.
    pub fn resource(&self, place: usize) -> Option<&'a Resource> {
        self.context.org.resources.get(place)
    }

    /// Whether a resource's own policy, or its account, may have to do with an actor at all: across
    /// accounts both sides must allow ("Cross-account policy evaluation logic").
    pub fn is_near(&self, actor: Actor, place: usize) -> bool {
        let owner = self.resource(place).map(|resource| resource.account);
        if owner.is_none() || self.account(actor) == owner {
            return true;
        }
        let named = |by: usize| {
            let named = self.naming.get(&by);
            named.is_some_and(|named| named.contains(&place))
        };
        self.naming_all.contains(&place)
            || match actor {
                Actor::Existing(by) => named(by),
                Actor::Made(account) => match self.root(account) {
                    Some(Actor::Existing(root)) => named(root),
                    _ => true,
                },
            }
    }

    /// The places of everybody whom a resource lets in; `None`: anybody.
    pub fn named_from_elsewhere(&self, resource: &Resource) -> Option<Vec<usize>> {
        let place = self.place_of(resource)?;
        if self.naming_all.contains(&place) {
            return None;
        }
        let_in(self.context.org, self.context.cast, resource)
    }

    /// The trail at a place.
    pub fn trail(&self, place: usize) -> Option<&'a Trail> {
        self.context.org.trails.get(place)
    }

    /// The place of a resource.
    pub fn place_of(&self, resource: &Resource) -> Option<usize> {
        let resources = &self.context.org.resources;
        resources
            .binary_search_by(|other| other.arn.as_str().cmp(resource.arn.as_str()))
            .ok()
    }

    /// Users and roles of an account that somebody can act as, by their places.
    pub fn principals_in(&self, account: AccountId) -> impl Iterator<Item = usize> + '_ {
        let places = self.principals_of.get(&account).into_iter().flatten();
        places.copied().filter(|place| self.can_be_used(*place))
    }

    /// Everybody of an account whom somebody can act as, and whoever can be made in it.
    pub fn actors_of(&self, account: AccountId) -> impl Iterator<Item = Actor> + '_ {
        let existing = self.principals_in(account).map(Actor::Existing);
        let others = self.root(account).into_iter();
        existing.chain(others).chain([Actor::Made(account)])
    }

    /// Service-linked roles can be used by their services only.
    pub fn can_be_used(&self, place: usize) -> bool {
        self.parties
            .get(place)
            .is_some_and(|party| !is_service_linked(party))
    }

    /// Whether a policy is a managed one.
    pub fn is_managed(&self, id: PolicyId) -> bool {
        self.managed_names.contains_key(&id)
    }

    /// Whether a policy is one of the organization's.
    pub fn is_guardrail(&self, id: PolicyId) -> bool {
        self.guardrail_names.contains_key(&id)
    }

    /// Whether a policy is attached to an actor, or is its permissions boundary.
    pub fn has_attached(&self, actor: Actor, id: PolicyId) -> bool {
        self.principal(actor).is_some_and(|principal| {
            let identity = principal.identity.present();
            identity.is_none_or(|ids| ids.contains(&id)) || principal.boundary == Known::Present(id)
        })
    }

    /// What something is that has no policy of its own.
    pub fn kind_of_compute(&self, object: Object) -> Option<Kind> {
        match object {
            Object::Compute(place) => self.context.org.compute.get(place).map(|one| one.kind),
            _ => None,
        }
    }

    /// Whether a resource is a key.
    pub fn is_key(&self, place: usize) -> bool {
        self.resource(place)
            .is_some_and(|resource| resource.kind == Kind::Key)
    }

    /// The root user of an account.
    pub fn root(&self, account: AccountId) -> Option<Actor> {
        self.roots.get(&account).copied().map(Actor::Existing)
    }

    /// The places of the roles that were made from the permission set of a name.
    pub fn made_from(&self, set: &str) -> &[usize] {
        self.made_from.get(set).map_or(&[], Vec::as_slice)
    }

    /// The management account, if it is known.
    pub fn management(&self) -> Option<AccountId> {
        let identity = self.context.org.identity.as_ref()?;
        identity.management.present().copied()
    }

    /// Whether an actor's account is a member of an organization, which sources need not tell.
    pub fn is_member(&self, actor: Actor) -> Truth {
        match self.management() {
            Some(management) if self.account(actor) == Some(management) => Truth::No,
            Some(_) => Truth::Certain,
            None => Truth::Possible,
        }
    }

    /// The things that an edge of a kind may be about for an actor whose own policies may grant
    /// what it needs.
    pub fn objects(&self, on: &On, actor: Actor) -> Vec<Object> {
        let Some(account) = self.account(actor) else {
            return Vec::new();
        };
        match on {
            On::Other(_) => self.others(on, account),
            On::Nothing | On::Group | On::Organization => vec![Object::Nothing],
            On::Role => self.of_kind(account, PrincipalKind::Role),
            On::User => self.of_kind(account, PrincipalKind::User),
            On::Policy => {
                let policies = self.policies.get(&account).into_iter().flatten();
                policies.copied().map(Object::Policy).collect()
            }
            On::OrgPolicy => {
                let policies = self.guardrail_names.keys().copied();
                policies.map(Object::Guardrail).collect()
            }
            On::Account => {
                let accounts = self.context.org.accounts.keys().copied();
                accounts.map(Object::Account).collect()
            }
            On::Trail => self.trails(account),
            On::Endpoint => self.endpoints(account),
            On::Provider => self.providers(account),
            On::PermissionSet => {
                let sets = 0..self.context.org.permission_sets.len();
                sets.map(Object::PermissionSet).collect()
            }
            _ => {
                let own = self.resources_of.get(&account).into_iter().flatten();
                let elsewhere = match actor {
                    Actor::Existing(place) => self.naming.get(&place).map(Vec::as_slice),
                    Actor::Made(_) => None,
                };
                let places = own.chain(elsewhere.unwrap_or_default());
                self.of_resources(on, places.chain(&self.naming_all))
            }
        }
    }

    /// The things whose own policy may let an actor in that has no policy for it.
    pub fn objects_that_grant(&self, on: &On, actor: Actor) -> Vec<Object> {
        if *on == On::Role {
            return self.roles_that_trust(actor);
        }
        let direct = match actor {
            Actor::Existing(place) => self.direct.get(&place).map(Vec::as_slice),
            Actor::Made(_) => None,
        };
        let places = direct.unwrap_or_default().iter().chain(&self.naming_all);
        self.of_resources(on, places)
    }

    /// Whether nothing but that it may let everybody in brings a thing near an actor.
    pub fn names_everybody(&self, actor: Actor, on: Object) -> bool {
        let named = |by: &BTreeMap<usize, Vec<usize>>, place: usize| match actor {
            Actor::Existing(actor) => by.get(&actor).is_some_and(|of| of.contains(&place)),
            Actor::Made(_) => false,
        };
        match on {
            Object::Resource(place) => {
                self.naming_all.contains(&place)
                    && self.owner(on) != self.account(actor)
                    && !named(&self.direct, place)
            }
            _ => false,
        }
    }

    /// What sources state of a kind; nothing in particular where they state none.
    fn others(&self, on: &On, account: AccountId) -> Vec<Object> {
        let stated = on.stated().map(|kind| self.carriers.of_kind(account, kind));
        match stated {
            Some(stated) if !stated.is_empty() => stated.to_vec(),
            _ => vec![Object::Nothing],
        }
    }

    fn of_kind(&self, account: AccountId, kind: PrincipalKind) -> Vec<Object> {
        let places = self.principals_in(account);
        let of_kind = places.filter(|place| {
            let principal = self.context.org.principals.get(*place);
            principal.is_some_and(|principal| principal.kind == kind)
        });
        of_kind.map(Object::Principal).collect()
    }

    /// Roles whose trust policy may name an actor.
    pub fn roles_that_trust(&self, actor: Actor) -> Vec<Object> {
        let mut roles: BTreeSet<Object> = BTreeSet::new();
        match actor {
            Actor::Existing(place) => {
                let trusting = self.trusting.get(&place).into_iter().flatten();
                roles.extend(trusting.copied().map(Object::Principal));
            }
            Actor::Made(account) => roles.extend(self.trusting_account(account)),
        }
        roles.extend(self.trusting_all.iter().copied().map(Object::Principal));
        roles.into_iter().collect()
    }

    /// Roles that trust some principal of an account may trust all of it.
    fn trusting_account(&self, account: AccountId) -> Vec<Object> {
        let root = match self.root(account) {
            Some(Actor::Existing(place)) => place,
            _ => return Vec::new(),
        };
        let trusting = self.trusting.get(&root).into_iter().flatten();
        trusting.copied().map(Object::Principal).collect()
    }

    /// Whether a resource is of the kind that an edge is about.
    pub fn is_of(&self, place: usize, on: &On) -> bool {
        let kind = self.resource(place).map(|resource| resource.kind);
        kind.is_some() && kind == kind_of(on)
    }

    fn of_resources<'p>(&self, on: &On, places: impl Iterator<Item = &'p usize>) -> Vec<Object> {
        let places: BTreeSet<usize> = places.copied().collect();
        let of_kind = places.into_iter().filter(|place| self.is_of(*place, on));
        of_kind.map(Object::Resource).collect()
    }

    fn trails(&self, account: AccountId) -> Vec<Object> {
        let trails = self.context.org.trails.iter().enumerate();
        let own = trails.filter(|(_, trail)| trail.account == account);
        own.map(|(place, _)| Object::Trail(place)).collect()
    }

    fn endpoints(&self, account: AccountId) -> Vec<Object> {
        let endpoints = self.context.org.endpoints.iter().enumerate();
        let own = endpoints.filter(|(_, endpoint)| endpoint.account == account);
        own.map(|(place, _)| Object::Endpoint(place)).collect()
    }

    fn providers(&self, account: AccountId) -> Vec<Object> {
        let providers = self.context.org.providers.iter().enumerate();
        let own = providers.filter(|(_, arn)| arn.account_id() == Some(account));
        own.map(|(place, _)| Object::Provider(place)).collect()
    }

    /// The account that owns an object.
    pub fn owner(&self, object: Object) -> Option<AccountId> {
        let org = self.context.org;
        match object {
            Object::Principal(place) => org.principals.get(place).map(|one| one.account),
            Object::Resource(place) => org.resources.get(place).map(|one| one.account),
            Object::Trail(place) => org.trails.get(place).map(|one| one.account),
            Object::Endpoint(place) => org.endpoints.get(place).map(|one| one.account),
            Object::Provider(place) => org.providers.get(place)?.account_id(),
            Object::Compute(place) => org.compute.get(place).map(|one| one.account),
            Object::Policy(id) => Arn::parse(self.managed_names.get(&id)?).ok()?.account_id(),
            Object::Guardrail(_) | Object::Account(_) | Object::PermissionSet(_) => {
                self.management()
            }
            Object::Nothing => None,
        }
    }

    /// The ARN of an object, as requests name it.
    pub fn arn(&self, object: Object) -> Option<String> {
        let org = self.context.org;
        let organization = || {
            let id = &org.identity.as_ref()?.id;
            Some((self.management()?, id))
        };
        Some(match object {
            Object::Principal(place) => org.principals.get(place)?.arn.to_string(),
            Object::Resource(place) => org.resources.get(place)?.arn.to_string(),
            Object::Trail(place) => org.trails.get(place)?.arn.to_string(),
            Object::Provider(place) => org.providers.get(place)?.to_string(),
            Object::Compute(place) => org.compute.get(place)?.arn.to_string(),
            Object::PermissionSet(place) => org.permission_sets.get(place)?.arn.to_string(),
            Object::Policy(id) => (*self.managed_names.get(&id)?).to_owned(),
            Object::Endpoint(place) => {
                let endpoint = org.endpoints.get(place)?;
                format!(
                    "arn:aws:ec2:{}:{}:vpc-endpoint/{}",
                    endpoint.region, endpoint.account, endpoint.id
                )
            }
            Object::Guardrail(id) => {
                let (management, organization) = organization()?;
                let name = self.guardrail_names.get(&id)?;
                format!("arn:aws:organizations::{management}:policy/{organization}/*/{name}")
            }
            Object::Account(account) => {
                let (management, organization) = organization()?;
                format!("arn:aws:organizations::{management}:account/{organization}/{account}")
            }
            Object::Nothing => return None,
        })
    }

    /// What people call an object.
    pub fn called(&self, object: Object) -> String {
        match object {
            Object::Guardrail(id) => self.context.org.policies.get(id).name.to_string(),
            Object::Account(account) => format!("account {account}"),
            _ => self.arn(object).unwrap_or_default(),
        }
    }

    /// What the decision about an object's own policy looks at; everything else is a thing of its
    /// owner's without a policy.
    pub fn thing(&self, object: Object, service: &str) -> Option<Thing<'a>> {
        let org = self.context.org;
        Some(match object {
            Object::Principal(place) if service == "sts" => Thing::Role(org.principals.get(place)?),
            Object::Principal(place) => Thing::Kept(org.principals.get(place)?),
            Object::Resource(place) => Thing::Resource(org.resources.get(place)?),
            _ => Thing::Owned(self.owner(object)?),
        })
    }
}

/// The places of those whom an Allow of a policy names by their ARN.
fn named_by_arn(org: &Organization, policy: &Known<PolicyId>) -> Vec<usize> {
    let document = policy.present().map(|id| &org.policies.get(*id).document);
    let statements = document
        .and_then(Known::present)
        .map(|policy| policy.statements.iter());
    let mut places = Vec::new();
    for statement in statements.into_iter().flatten() {
        if let (Effect::Allow, Principals::Only(patterns)) =
            (statement.effect, &statement.principals)
        {
            places.extend(patterns.iter().filter_map(|pattern| match pattern {
                PrincipalPattern::Arn(arn) => org.place_of(arn.as_str()),
                _ => None,
            }));
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

fn without_tags<'a>(party: &Party<'a>) -> Party<'a> {
    let mut party = party.clone();
    party.session_tags = SessionTags::None;
    party
}

fn anybody<'a>(org: &Organization) -> Party<'a> {
    let mut party = Party::everyone_of(org, org.accounts.keys().copied().collect());
    party.caller.membership = Membership::Unknown;
    party.lifted = true;
    party
}

/// A role that an attacker makes: any policies, and no boundary unless one is forced on it.
fn made<'a>(org: &Organization, account: AccountId) -> Party<'a> {
    let text = format!("arn:aws:iam::{account}:role/made-by-the-attacker");
    let mut party = Party::everyone_of(org, vec![account]);
    if let Ok(role) = Arn::parse(&text) {
        party.caller = Caller {
            kind: CallerKind::Role {
                session: session_of(&role, "session"),
                role,
                service_linked: false,
            },
            account: Some(account),
            membership: membership(org, account),
        };
    }
    party.lifted = true;
    party
}

/// The kind of the organization's model that a word of the catalogue names.
fn kind_of(on: &On) -> Option<Kind> {
    Some(match on {
        On::Bucket => Kind::Bucket,
        On::Key => Kind::Key,
        On::Table => Kind::Table,
        On::Queue => Kind::Queue,
        On::Topic => Kind::Topic,
        On::Secret => Kind::Secret,
        On::Function => Kind::Function,
        On::Repository => Kind::Repository,
        _ => return None,
    })
}
