//! What an edge is about, what guards it and what it gains, read off the catalogue a second time.
//!
//! The search has these rules too, bound up with its indexes. Here every object of the organization
//! counts, whoever acts, and who stands behind a thing is found by looking at everybody.

use cofferdam_authz::rewritten::Rewritten;
use cofferdam_names::AccountId;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Compute, Details, ObjectLock, PrincipalKind};

use crate::behind::trusts;
use crate::carriers::{stated, takes, unseen};
use crate::catalogue::{Edge, Gain, Guard, Need, On, Operand};
use crate::decide::{Asked, Decider, Named, NeedId, Truth};
use crate::delegates::{administers, reaches};
use crate::power::{Power, State};
use crate::remove::{removal, removes};
use crate::setting::{Actor, Object, Setting};

/// The rules of one organization.
#[derive(Clone, Copy)]
pub struct Rules<'r, 's, 'a> {
    /// Decides requests.
    pub decider: &'r Decider<'s, 'a>,
}

/// One edge of one actor about one object.
#[derive(Clone, Copy)]
pub struct Use<'e> {
    /// The edge.
    pub edge: &'e Edge,
    /// Its place in the catalogue.
    pub place: usize,
    /// Who takes it.
    pub actor: Actor,
    /// About what.
    pub on: Object,
}

/// Things that an edge may take over.
#[derive(Default)]
struct Carrying {
    /// Those that are known.
    known: Vec<Object>,
    /// Whether there may be others that no source lists.
    unseen: bool,
}

impl Carrying {
    fn is_there(&self) -> Truth {
        match (self.known.is_empty(), self.unseen) {
            (false, _) => Truth::Certain,
            (true, true) => Truth::Possible,
            (true, false) => Truth::No,
        }
    }

    /// The known ones, and one that nobody saw.
    fn all(self) -> Vec<Option<Object>> {
        let unseen = self.unseen.then_some(None);
        self.known.into_iter().map(Some).chain(unseen).collect()
    }
}

impl<'a> Rules<'_, '_, 'a> {
    fn setting(&self) -> &Setting<'a> {
        self.decider.setting
    }

    /// What was rewritten, as far as it can touch what one actor does: documents that were taken
    /// from others are no matter.
    pub fn after(&self, state: &State, actor: Option<Actor>) -> Rewritten {
        let principal = actor.and_then(|actor| self.setting().principal(actor));
        let arn = principal.map(|one| one.arn.as_str());
        let mut after = state.rewritten().clone();
        after.removed.retain(|of, _| Some(&**of) == arn);
        after
    }

    /// Every object of a kind.
    pub fn objects(&self, on: &On) -> Vec<Object> {
        let org = self.setting().context.org;
        let of = |kind: PrincipalKind| -> Vec<Object> {
            let principals = org.principals.iter().enumerate();
            let such = principals.filter(|(_, one)| one.kind == kind);
            such.map(|(place, _)| Object::Principal(place)).collect()
        };
        let up_to = |count: usize, object: fn(usize) -> Object| (0..count).map(object).collect();
        match on {
            On::Other(_) => {
                let compute = org.compute.iter().enumerate();
                let stated = compute.filter(|(_, one)| on.stated() == Some(one.kind));
                let stated = stated.map(|(place, _)| Object::Compute(place));
                stated.chain([Object::Nothing]).collect()
            }
            On::Nothing | On::Group | On::Organization => vec![Object::Nothing],
            On::Role => of(PrincipalKind::Role),
            On::User => of(PrincipalKind::User),
            On::Policy => org.managed.values().copied().map(Object::Policy).collect(),
            On::OrgPolicy => {
                let ids = org.organization_policies.values().copied();
                ids.map(Object::Guardrail).collect()
            }
            On::Trail => up_to(org.trails.len(), Object::Trail),
            On::Endpoint => up_to(org.endpoints.len(), Object::Endpoint),
            On::Provider => up_to(org.providers.len(), Object::Provider),
            On::PermissionSet => up_to(org.permission_sets.len(), Object::PermissionSet),
            On::Account => org.accounts.keys().copied().map(Object::Account).collect(),
            On::Bucket => self.of_kind(Kind::Bucket),
            On::Key => self.of_kind(Kind::Key),
            On::Table => self.of_kind(Kind::Table),
            On::Queue => self.of_kind(Kind::Queue),
            On::Topic => self.of_kind(Kind::Topic),
            On::Secret => self.of_kind(Kind::Secret),
            On::Function => self.of_kind(Kind::Function),
            On::Repository => self.of_kind(Kind::Repository),
        }
    }

    fn of_kind(&self, kind: Kind) -> Vec<Object> {
        let resources = self.setting().context.org.resources.iter().enumerate();
        let such = resources.filter(|(_, one)| one.kind == kind);
        such.map(|(place, _)| Object::Resource(place)).collect()
    }

    /// Everybody of an account that somebody can act as, and whoever can be made there.
    pub fn everybody(&self, account: AccountId) -> Vec<Power> {
        let setting = self.setting();
        let count = setting.context.cast.existing().count();
        let existing = (0..count).map(Actor::Existing);
        let own = existing.filter(|actor| match actor {
            Actor::Existing(place) => {
                setting.can_be_used(*place) && setting.account(*actor) == Some(account)
            }
            Actor::Made(_) => false,
        });
        own.chain([Actor::Made(account)]).map(Power::Is).collect()
    }

    /// Everybody of some accounts: nobody administers the management account from elsewhere.
    fn members(&self, accounts: impl Iterator<Item = AccountId>) -> Vec<Power> {
        let members = accounts.filter(|account| self.setting().management() != Some(*account));
        members
            .flat_map(|account| self.everybody(account))
            .collect()
    }

    /// How far an edge's guards hold.
    pub fn guards(&self, after: &Rewritten, this: Use<'_>) -> Truth {
        if this.edge.needs.is_empty() || self.is_elsewhere(this) || self.is_untold(this) {
            return Truth::No;
        }
        let mut truth = match (&this.edge.on, this.on) {
            (On::Other(_), Object::Nothing) => Truth::Possible,
            _ => Truth::Certain,
        };
        for guard in &this.edge.guards {
            truth = truth.min(self.guard(after, this, guard));
        }
        truth
    }

    /// Of log groups and the like, those of the actor's own account count, and something that nobody
    /// stated only where none is.
    fn is_untold(&self, this: Use<'_>) -> bool {
        let Some(kind) = this.edge.on.stated() else {
            return false;
        };
        let account = self.setting().account(this.actor);
        let mut compute = self.setting().context.org.compute.iter();
        match this.on {
            Object::Nothing => compute.any(|one| one.kind == kind && Some(one.account) == account),
            on => self.setting().owner(on) != account,
        }
    }

    /// What is made beside a thing is made by the account of the thing.
    fn is_elsewhere(&self, this: Use<'_>) -> bool {
        let names_it = this.edge.needs.iter().any(|need| {
            matches!(
                need.operand,
                Operand::Target | Operand::Objects | Operand::Passed(_)
            )
        });
        // What carries the role is named, and its owner and its policy have their say.
        let carries = |guard: &&Guard| matches!(guard, Guard::CarriedBy(_) | Guard::ThereIs(_));
        let carried = this.edge.guards.iter().find(carries);
        let takes = |need: &Need| need.operand == Operand::Carrier;
        let names_carrier =
            matches!(carried, Some(Guard::CarriedBy(_))) && this.edge.needs.iter().any(takes);
        let has_owner = matches!(this.on, Object::Resource(_) | Object::Principal(_));
        let setting = self.setting();
        has_owner
            && !names_it
            && !names_carrier
            && setting.owner(this.on) != setting.account(this.actor)
    }

    fn guard(&self, after: &Rewritten, this: Use<'_>, guard: &Guard) -> Truth {
        let setting = self.setting();
        let manages = || {
            let account = setting.account(this.actor);
            account.is_some() && account == setting.management()
        };
        match (guard, this.on) {
            (Guard::Trusts(host), Object::Principal(role)) => {
                self.decider.admits_anew(after, role, host)
            }
            (Guard::NotServiceLinked, Object::Principal(place)) => {
                certain(setting.can_be_used(place))
            }
            (Guard::Trusts(_) | Guard::NotServiceLinked | Guard::Declared(_), _) => Truth::No,
            (Guard::TrustsCaller | Guard::NoBoundaryForced, _) => Truth::Certain,
            (Guard::Management, _) => certain(manages()),
            (Guard::Delegate(service), on) => administers(setting, this.actor, this.edge, service)
                .min(reaches(setting, this.actor, this.edge, on)),
            (Guard::CarriedBy(_) | Guard::ThereIs(_), _) => self.carriers(this, guard).is_there(),
            (Guard::Member, _) => setting.is_member(this.actor),
            (Guard::OwnAccount, on) => {
                let owner = setting.owner(on);
                certain(owner.is_none() || owner == setting.account(this.actor))
            }
            (Guard::OrganizationTrail, Object::Trail(place)) => {
                let trail = setting.trail(place);
                trail.map_or(Truth::No, |trail| if_known(&trail.organization, |on| *on))
            }
            (
                Guard::Acls
                | Guard::Versioned
                | Guard::Unversioned
                | Guard::Unlocked
                | Guard::OrganizationTrail,
                on,
            ) => self.bucket(this.edge, on, guard),
            (Guard::Exists(_) | Guard::Mfa | Guard::Unconfirmed, _) => Truth::Possible,
        }
    }

    /// A guard on how a bucket is set up; of what is no bucket nothing is known.
    fn bucket(&self, edge: &Edge, on: Object, guard: &Guard) -> Truth {
        let resource = match on {
            Object::Resource(place) => self.setting().resource(place),
            _ => None,
        };
        let Some(Details::Bucket(bucket)) = resource.map(|one| &one.details) else {
            return Truth::Possible;
        };
        let no = |fact: &Known<bool>| match if_known(fact, |on| *on) {
            Truth::Certain => Truth::No,
            Truth::Possible => Truth::Possible,
            Truth::No => Truth::Certain,
        };
        match guard {
            Guard::Acls => no(&bucket.acls_disabled),
            Guard::Versioned => if_known(&bucket.versioning, |on| *on),
            Guard::Unversioned => no(&bucket.versioning),
            Guard::Unlocked => no(&bucket.object_lock.clone().map(|lock| is_held(edge, &lock))),
            _ => Truth::Possible,
        }
    }

    /// What an edge may take over to act as the role that it carries; nothing in particular where it
    /// asks nothing of such a thing.
    pub fn taken_over(&self, this: Use<'_>) -> Vec<Option<Object>> {
        let asks = |need: &Need| need.operand == Operand::Carrier;
        if !this.edge.needs.iter().any(asks) {
            return vec![None];
        }
        let carries = |guard: &&Guard| matches!(guard, Guard::CarriedBy(_) | Guard::ThereIs(_));
        let guards = this.edge.guards.iter().filter(carries);
        let mut each: Vec<Carrying> = guards.map(|guard| self.carriers(this, guard)).collect();
        // A managed node has the ARN of its instance, which may be known where the node is not.
        each.sort_by_key(|found| found.known.is_empty());
        let first = each.into_iter().next();
        let mut all = first.map_or(Vec::new(), Carrying::all);
        // What nobody saw has no policy that lets in somebody of another account.
        let owner = self.setting().owner(this.on);
        let is_own = owner.is_none() || owner == self.setting().account(this.actor);
        all.retain(|carrier| is_own || carrier.is_some());
        all
    }

    /// Everything that a guard speaks of.
    fn carriers(&self, this: Use<'_>, guard: &Guard) -> Carrying {
        let org = self.setting().context.org;
        let (account, kind, role) = match (guard, this.on) {
            (Guard::ThereIs(kind), _) => (self.setting().account(this.actor), *kind, None),
            (Guard::CarriedBy(kind), Object::Principal(role)) => {
                (self.setting().owner(this.on), *kind, Some(role))
            }
            _ => return Carrying::default(),
        };
        let Some(account) = account else {
            return Carrying::default();
        };
        let number = account.to_string();
        let mut found = Carrying {
            unseen: org.gaps.iter().any(|(of, gap, _)| {
                *gap == kind && (**of == *number || of.parse::<AccountId>().is_err())
            }),
            ..Carrying::default()
        };
        let role = role.map(|role| org.principals.get(role).map(|one| one.arn.as_str()));
        for (place, one) in org
            .compute
            .iter()
            .enumerate()
            .filter(|(_, one)| one.kind == kind)
        {
            let is_it = match (&role, &one.roles) {
                (None, _) => one.account == account,
                (Some(role), Known::Present(roles)) => {
                    roles.iter().any(|arn| Some(&**arn) == *role)
                }
                (Some(_), Known::Unknown(_)) => {
                    found.unseen |= one.account == account;
                    false
                }
                (Some(_), Known::Absent) => false,
            };
            if is_it {
                found.known.push(self.compute(place, one));
            }
        }
        found
    }

    /// A function is a resource of its own.
    fn compute(&self, place: usize, one: &Compute) -> Object {
        let mut resources = self.setting().context.org.resources.iter();
        let function = resources.position(|other| other.arn == one.arn);
        match function.filter(|_| one.kind == Kind::Function) {
            Some(function) => Object::Resource(function),
            None => Object::Compute(place),
        }
    }

    /// The roles as which code runs in a thing.
    fn runs_as(&self, on: Object) -> Vec<usize> {
        let org = self.setting().context.org;
        let mut roles = Vec::new();
        for (place, one) in org.compute.iter().enumerate() {
            if self.compute(place, one) != on {
                continue;
            }
            let carried = one.roles.present().into_iter().flatten();
            roles.extend(carried.filter_map(|arn| {
                let mut principals = org.principals.iter();
                principals.position(|principal| principal.arn.as_str() == &**arn)
            }));
        }
        roles
    }

    /// The requests that a need stands for, any of which meets it.
    pub fn asked(
        &self,
        actor: Actor,
        on: Object,
        carrier: Option<Object>,
        need: &Need,
    ) -> Vec<Asked> {
        let arn = |object: Object| self.setting().arn(object).map(Box::<str>::from);
        let (object, resource) = match &need.operand {
            Operand::Target => (on, Some(arn(on).map_or(Named::Anyhow, Named::Like))),
            Operand::Passed(_) => (on, arn(on).map(Named::Like)),
            Operand::Objects => {
                let under = arn(on).map(|arn| Named::Under(format!("{arn}/").into()));
                (on, under)
            }
            Operand::Itself => match actor {
                Actor::Existing(place) => {
                    let itself = Object::Principal(place);
                    (itself, arn(itself).map(Named::Like))
                }
                Actor::Made(_) => (on, None),
            },
            Operand::Carrier if carrier.is_some() => {
                let carrier = carrier.unwrap_or(Object::Nothing);
                (carrier, arn(carrier).map(Named::Like))
            }
            Operand::Carrier => {
                let unseen = unseen(self.setting(), Some(actor), need);
                (Object::Nothing, Some(unseen))
            }
            Operand::Any if takes(self.setting(), on, need) => (on, stated(self.setting(), on)),
            Operand::New | Operand::Any | Operand::Policy => {
                let known = cofferdam_catalog::action(need.action.service(), need.action.name());
                // An action without resource types is allowed on `*` or not at all.
                let typed = known.is_none_or(|known| known.resource_types().next().is_some());
                let named = if typed { Named::Anyhow } else { Named::Whole };
                (Object::Nothing, Some(named))
            }
        };
        let Some(resource) = resource else {
            return Vec::new();
        };
        let passed_to = match &need.operand {
            Operand::Passed(host) => Some(host.as_str().into()),
            _ => None,
        };
        let asked = Asked {
            need: NeedId::default(),
            action: need.action.clone(),
            on: object,
            resource,
            passed_to,
            attached: None,
        };
        match (&need.operand, on) {
            (Operand::Policy, Object::Principal(place)) => self.its_policies(place, asked),
            _ => vec![asked],
        }
    }

    /// The same of each policy that somebody has and that its account wrote; of any, if they were
    /// not read.
    fn its_policies(&self, place: usize, asked: Asked) -> Vec<Asked> {
        let setting = self.setting();
        let principal = setting.context.org.principals.get(place);
        let Some(ids) = principal.and_then(|one| one.identity.present()) else {
            return vec![asked];
        };
        let theirs = ids.iter().map(|id| Object::Policy(*id));
        let owner = setting.owner(Object::Principal(place));
        let written = theirs.filter(|on| setting.owner(*on) == owner);
        let named = written.filter_map(|on| Some((on, setting.arn(on)?)));
        let each = named.map(|(on, arn)| Asked {
            on,
            resource: Named::Like(arn.into()),
            ..asked.clone()
        });
        each.collect()
    }

    /// Everything that an edge gains, with how sure the gain is once the edge is taken.
    pub fn gains(&self, this: Use<'_>) -> Vec<(Power, Truth)> {
        let gains = this.edge.gains.iter();
        gains
            .flat_map(|gain| {
                let powers = self.powers(this, *gain);
                powers.into_iter().map(move |power| {
                    let truth = match gain {
                        Gain::Rights | Gain::Acl => Truth::Possible,
                        Gain::Undeny => removal(self.setting(), power),
                        _ => Truth::Certain,
                    };
                    (power, truth)
                })
            })
            .collect()
    }

    fn powers(&self, this: Use<'_>, gain: Gain) -> Vec<Power> {
        let setting = self.setting();
        let account = setting.account(this.actor);
        let behind = self.behind(this);
        let each = |power: fn(usize) -> Power| -> Vec<Power> {
            behind.iter().copied().map(power).collect()
        };
        let here = |power: fn(AccountId) -> Power| account.map(power).into_iter().collect();
        let silence = account.map(|account| Power::Silence(this.place, account, this.on));
        let silent: Vec<Power> = silence.into_iter().collect();
        let thing = |power: fn(usize) -> Power| match this.on {
            Object::Resource(place) => vec![power(place)],
            _ => Vec::new(),
        };
        let thing_or_silence = |power: fn(usize) -> Power| match this.on {
            Object::Resource(place) => vec![power(place)],
            _ => silent.clone(),
        };
        let puts = |need: &Need| need.action.name().starts_with("Put");
        match gain {
            Gain::Become | Gain::Code => {
                let roles = self.runs_as(this.on).into_iter();
                let all = behind.iter().copied().chain(roles);
                all.map(|place| Power::Is(Actor::Existing(place))).collect()
            }
            Gain::Identity if this.edge.needs.iter().any(puts) => {
                [each(Power::Identity), each(Power::Inline)].concat()
            }
            Gain::Identity | Gain::Rights => each(Power::Identity),
            Gain::Undeny => removes(setting, this.edge, this.on, &behind),
            Gain::Boundary => each(Power::Boundary),
            Gain::Trust => each(Power::Trust),
            Gain::Tags => each(Power::Tags),
            Gain::Create | Gain::Named => here(|account| Power::Is(Actor::Made(account))),
            Gain::Policy => match this.on {
                Object::Policy(id) => vec![Power::Text(id)],
                _ => Vec::new(),
            },
            Gain::Guardrails => self.freed(this, account),
            Gain::Account => match this.on {
                Object::Account(account) => self.members([account].into_iter()),
                _ => Vec::new(),
            },
            Gain::Organization => self.members(setting.context.org.accounts.keys().copied()),
            Gain::Resource | Gain::Acl | Gain::Encryption => thing(Power::Own),
            Gain::PublicFloor => match block(this.edge) {
                Block::None => Vec::new(),
                Block::Account => here(Power::Public),
                Block::Thing => thing(Power::Floor),
            },
            Gain::Copy => thing(Power::Copy),
            Gain::Unkey | Gain::Rekey => thing(Power::Unkey),
            Gain::Destroy => thing_or_silence(Power::Destroy),
            Gain::Evidence => thing_or_silence(Power::Evidence),
            Gain::Network => match this.on {
                Object::Endpoint(place) => vec![Power::Endpoint(place)],
                _ => here(Power::Net),
            },
            Gain::Blind => match this.on {
                Object::Trail(place) => vec![Power::Blind(place)],
                _ => silent,
            },
            Gain::Alert => silent,
            Gain::Names | Gain::Credential => Vec::new(),
        }
    }

    /// The users and roles that stand behind the object, or the actor where there is none.
    fn behind(&self, this: Use<'_>) -> Vec<usize> {
        let org = self.setting().context.org;
        let all = || org.principals.iter().enumerate();
        match (&this.edge.on, this.on) {
            (On::Nothing, _) => match this.actor {
                Actor::Existing(place) if place < org.principals.len() => vec![place],
                _ => Vec::new(),
            },
            (_, Object::Principal(place)) => vec![place],
            (_, Object::PermissionSet(place)) => {
                let set = org.permission_sets.get(place).map(|set| &*set.name);
                let made = all().filter(|(_, one)| {
                    one.permission_set.is_some() && one.permission_set.as_deref() == set
                });
                made.map(|(place, _)| place).collect()
            }
            (_, Object::Provider(place)) => {
                let Some(provider) = org.providers.get(place) else {
                    return Vec::new();
                };
                let (name, account) = (provider.to_string(), provider.account_id());
                let own = all().filter(|(_, one)| Some(one.account) == account);
                let usable = own.filter(|(place, _)| self.setting().can_be_used(*place));
                let trusting = usable.filter(|(place, _)| trusts(self.setting(), *place, &name));
                trusting.map(|(place, _)| place).collect()
            }
            _ => Vec::new(),
        }
    }

    fn freed(&self, this: Use<'_>, own: Option<AccountId>) -> Vec<Power> {
        let all = self.setting().context.org.accounts.keys().copied();
        let freed: Vec<AccountId> = match (this.on, &this.edge.on) {
            (Object::Guardrail(id), _) => return vec![Power::Text(id)],
            (Object::Account(account), _) => vec![account],
            (_, On::Nothing) => own.into_iter().collect(),
            _ => all.collect(),
        };
        // Who is no longer of the organization is in none of its trails either.
        let gone = this.edge.needs.iter().any(|need| {
            let name = need.action.name();
            name.contains("LeaveOrganization")
                || name == "RemoveAccountFromOrganization"
                || name == "DeleteOrganization"
        });
        let left = freed.iter().copied().filter(|_| gone).map(Power::Left);
        let bound = freed.iter().copied().map(Power::Guardrails);
        bound.chain(left).collect()
    }
}

/// Which block of public access an edge takes off.
enum Block {
    None,
    Account,
    Thing,
}

/// A website of what anybody may read takes off none; each of the others holds alone ("Blocking public
/// access to your Amazon S3 storage").
fn block(edge: &Edge) -> Block {
    let shows = |guard: &Guard| matches!(guard, Guard::Exists(what) if what == "public-read");
    let mut names = edge.needs.iter().map(|need| need.action.name());
    if edge.guards.iter().any(shows) {
        Block::None
    } else if names.any(|name| name == "PutAccountPublicAccessBlock") {
        Block::Account
    } else {
        Block::Thing
    }
}

/// Whether a lock keeps this edge from deleting: a right to bypass goes round governance mode only
/// ("Locking objects with Object Lock").
fn is_held(edge: &Edge, lock: &ObjectLock) -> bool {
    let bypasses = |need: &Need| need.action.name() == "BypassGovernanceRetention";
    match lock.mode.as_deref() {
        Some("COMPLIANCE") => true,
        Some(_) => !edge.needs.iter().any(bypasses),
        None => false,
    }
}

fn certain(holds: bool) -> Truth {
    if holds { Truth::Certain } else { Truth::No }
}

fn if_known<T>(fact: &Known<T>, such: impl Fn(&T) -> bool) -> Truth {
    match fact {
        Known::Present(value) => certain(such(value)),
        Known::Absent => Truth::No,
        Known::Unknown(_) => Truth::Possible,
    }
}
