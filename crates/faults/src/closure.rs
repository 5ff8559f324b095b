//! What an attacker comes to hold: edges taken until none adds anything.
//!
//! What is held is never lost again, since an attacker may keep what it has; so the order of steps
//! does not matter for what is reached in the end. Guards are decided again after every rewrite.
//! There are two closures of each start: one by certain edges only, one also by possible ones.

mod gained;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, ObjectLock};

use crate::alike::Mark;
use crate::carriers::{best, is_there, takes_a_function, takes_over};
use crate::catalogue::{Edge, Gain, Guard, Need, On, Operand};
use crate::decide::{Asked, Decider, Named, Truth};
use crate::delegates::{administers, reaches};
use crate::power::{Power, State, Taken};
use crate::requests::asked;
use crate::setting::{Actor, Object, Setting};

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// By edges that exist whatever the unknown facts are.
    Certain,
    /// Also by edges that exist for some completion of the unknown facts.
    Possible,
}

impl Mode {
    fn accepts(self, truth: Truth) -> bool {
        match self {
            Mode::Certain => truth == Truth::Certain,
            Mode::Possible => truth != Truth::No,
        }
    }
}

/// Takes edges.
pub struct Closure<'c, 's, 'a> {
    /// Who decides.
    pub decider: &'c Decider<'s, 'a>,
    /// The edges that may be taken.
    pub edges: &'c [Edge],
    /// What an actor may try, by its own policies or once it writes them.
    tries: RefCell<BTreeMap<(Actor, bool), Tries>>,
    /// Edges by which actors gain something on themselves.
    on_itself: Vec<usize>,
    /// Edges that the trust policy of a role may open.
    by_trust: Vec<usize>,
    /// Edges that take over a function to act as its role.
    by_function: Vec<usize>,
    /// All that single principals lead to, as far as it was found.
    found: RefCell<BTreeMap<(Mode, Actor), Arc<State>>>,
}

/// Actors of whom it is known already all that they lead to by themselves.
type Covered = BTreeMap<Actor, Arc<State>>;

/// Of actors that nothing tells apart, the one that acts.
type First = BTreeMap<Mark, Actor>;

/// Everything that one actor may try.
type Tries = Rc<Vec<Try>>;

/// An edge that an actor may try about an object, with what it would gain.
#[derive(Clone, Debug)]
struct Try {
    edge: usize,
    on: Object,
    gains: Vec<(Gain, Power)>,
}

/// One edge of one actor about one object.
#[derive(Clone, Copy)]
struct Use<'e> {
    edge: &'e Edge,
    actor: Actor,
    on: Object,
}

impl<'c, 's, 'a> Closure<'c, 's, 'a> {
    /// Nothing was tried yet. The decider must have been made for these edges.
    pub fn new(decider: &'c Decider<'s, 'a>, edges: &'c [Edge]) -> Self {
        let such = |is_such: fn(&Edge) -> bool| -> Vec<usize> {
            let all = edges.iter().enumerate();
            all.filter(|(_, edge)| is_such(edge))
                .map(|(at, _)| at)
                .collect()
        };
        Closure {
            decider,
            edges,
            tries: RefCell::default(),
            on_itself: such(is_on_itself),
            by_trust: such(is_by_trust),
            by_function: such(takes_a_function),
            found: RefCell::default(),
        }
    }

    /// Remembers all that a principal leads to, for those that come to act as it.
    pub fn remember(&self, mode: Mode, actor: Actor, state: &Arc<State>) {
        let mut found = self.found.borrow_mut();
        found.insert((mode, actor), Arc::clone(state));
    }

    fn setting(&self) -> &Setting<'a> {
        self.decider.setting
    }

    /// Everything that the attacker comes to hold.
    pub fn close(&self, state: &mut State, mode: Mode) {
        self.close_on(state, mode, &[]);
    }

    /// The same, where all that some actors can do under other states is held already. An edge is
    /// one actor's; so such an actor gains more only by what was rewritten beside its own state.
    pub fn close_on(&self, state: &mut State, mode: Mode, closed: &[&State]) {
        self.close_by(state, mode, closed, None);
    }

    /// What those of one account come to, with what was found of others that they act as: less than
    /// everything, at the cost of one account.
    pub fn close_near(&self, state: &mut State, mode: Mode, account: AccountId) {
        self.close_by(state, mode, &[], Some(account));
    }

    fn close_by(&self, state: &mut State, mode: Mode, closed: &[&State], only: Option<AccountId>) {
        let mut done: BTreeMap<Actor, usize> = BTreeMap::new();
        let mut covered = Covered::new();
        until_nothing_new(state, |state, actor, first| {
            if only.is_some() && only != self.setting().account(actor) {
                self.join_found(state, mode, actor, &mut covered);
                return;
            }
            if self.is_spare(state, actor, first) {
                return self.act_on_itself(state, mode, actor);
            }
            let then = done.insert(actor, state.steps().len());
            let mut closed = closed.iter().copied();
            let known = closed.find(|other| other.holds(Power::Is(actor)));
            let new: Vec<Power> = match (then, known) {
                (Some(then), _) => state.since(then),
                (None, Some(known)) => state.beside(known),
                (None, None) => match self.join_found(state, mode, actor, &mut covered) {
                    Some(found) => state.beside(&found),
                    None => return self.act(state, mode, actor),
                },
            };
            self.act_after(state, mode, actor, &new);
        });
    }

    /// What everybody comes to by edges about these resources alone.
    pub fn close_about(&self, state: &mut State, mode: Mode, places: &BTreeSet<usize>) {
        until_nothing_new(state, |state, actor, first| {
            if !self.is_spare(state, actor, first) {
                for place in places {
                    self.act_on(state, mode, actor, Object::Resource(*place));
                }
            }
        });
    }

    /// Whether another actor that nothing tells from this one acts already.
    fn is_spare(&self, state: &State, actor: Actor, first: &mut First) -> bool {
        let Some(mark) = self.setting().mark(state, actor) else {
            return false;
        };
        *first.entry(mark).or_insert(actor) != actor
    }

    /// Takes over all that an actor leads to by itself, if that was found before.
    fn join_found(
        &self,
        state: &mut State,
        mode: Mode,
        actor: Actor,
        covered: &mut Covered,
    ) -> Option<Arc<State>> {
        if let Some(found) = covered.get(&actor) {
            return Some(Arc::clone(found));
        }
        let found = self.found.borrow().get(&(mode, actor)).map(Arc::clone)?;
        state.join(self.setting(), &found);
        for other in found.actors() {
            covered.entry(other).or_insert_with(|| Arc::clone(&found));
        }
        Some(found)
    }

    /// What an actor gains on itself, as nobody else can for it.
    fn act_on_itself(&self, state: &mut State, mode: Mode, actor: Actor) {
        for at in &self.on_itself {
            self.try_edge(state, mode, actor, *at, Object::Nothing);
        }
    }

    fn try_edge(&self, state: &mut State, mode: Mode, actor: Actor, at: usize, on: Object) {
        let edge = self.edges.get(at);
        let Some(edge) = edge.filter(|edge| !self.is_barred(actor, edge)) else {
            return;
        };
        let gains = self.gains(at, Use { edge, actor, on });
        let edge = at;
        self.take(state, mode, actor, &Try { edge, on, gains });
    }

    fn act(&self, state: &mut State, mode: Mode, actor: Actor) {
        for one in self.tries(state, actor).iter() {
            self.take(state, mode, actor, one);
        }
        let opened: Vec<Object> = state.opened().iter().copied().collect();
        for on in opened {
            self.act_on(state, mode, actor, on);
        }
    }

    /// What an actor can do more once these are held, which it could not before.
    fn act_after(&self, state: &mut State, mode: Mode, actor: Actor, new: &[Power]) {
        if new.iter().any(|power| self.touches(mode, actor, *power)) {
            return self.act(state, mode, actor);
        }
        for power in new {
            match power {
                Power::Own(place) | Power::Bare(place) => {
                    self.act_on(state, mode, actor, Object::Resource(*place))
                }
                Power::Trust(place) => {
                    self.act_on(state, mode, actor, Object::Principal(*place));
                }
                Power::Tags(place) => {
                    let on = Object::Principal(*place);
                    for one in self.tries(state, actor).iter().filter(|one| one.on == on) {
                        self.take(state, mode, actor, one);
                    }
                }
                _ => {}
            }
        }
    }

    /// What an actor can do to a resource whose policy the attacker writes, or to a role whose trust
    /// policy it writes: it acts as the role already, but not everything that trust opens is that.
    fn act_on(&self, state: &mut State, mode: Mode, actor: Actor, on: Object) {
        match on {
            Object::Resource(place) => {
                for (at, edge) in self.edges.iter().enumerate() {
                    if self.setting().is_of(place, &edge.on) {
                        self.try_edge(state, mode, actor, at, on);
                    }
                }
                for role in self.setting().carriers.roles(on) {
                    for at in &self.by_function {
                        self.try_edge(state, mode, actor, *at, Object::Principal(*role));
                    }
                }
            }
            Object::Principal(_) => {
                for at in &self.by_trust {
                    self.try_edge(state, mode, actor, *at, on);
                }
            }
            _ => {}
        }
    }

    /// What an actor may try, found once by a glance at policies.
    fn tries(&self, state: &State, actor: Actor) -> Tries {
        let key = (actor, self.decider.writes_own(state, actor));
        if let Some(tries) = self.tries.borrow().get(&key) {
            return Rc::clone(tries);
        }
        let mut tries = Vec::new();
        for (at, edge) in self.surest_first() {
            let objects = self.candidates(actor, key.1, edge).into_iter();
            tries.extend(objects.map(|on| Try {
                edge: at,
                on,
                gains: self.gains(at, Use { edge, actor, on }),
            }));
        }
        let tries = Rc::new(tries);
        let mut all = self.tries.borrow_mut();
        all.insert(key, Rc::clone(&tries));
        tries
    }

    /// The edges, those that hang on nothing that no source can state first: of several ways to the
    /// same that is the one to be told.
    fn surest_first(&self) -> Vec<(usize, &'c Edge)> {
        let mut edges: Vec<(usize, &Edge)> = self.edges.iter().enumerate().collect();
        edges.sort_by_key(|(_, edge)| {
            let unsaid = |guard: &&Guard| matches!(guard, Guard::Exists(_) | Guard::Unconfirmed);
            edge.guards.iter().filter(unsaid).count()
        });
        edges
    }

    fn gains(&self, place: usize, this: Use<'_>) -> Vec<(Gain, Power)> {
        let gains = this.edge.gains.iter();
        gains
            .flat_map(|gain| {
                let powers = self.powers(place, this, *gain);
                powers.into_iter().map(move |power| (*gain, power))
            })
            .collect()
    }

    /// Whether a rewrite can change decisions about an actor on things that were not rewritten.
    fn touches(&self, mode: Mode, actor: Actor, power: Power) -> bool {
        let setting = self.setting();
        let itself = |place: usize| actor == Actor::Existing(place);
        match power {
            Power::Identity(place)
            | Power::Inline(place)
            | Power::Removed(place, _)
            | Power::Boundary(place)
            | Power::Tags(place) => itself(place),
            Power::Guardrails(_) => true,
            Power::Text(id) => setting.is_guardrail(id) || setting.has_attached(actor, id),
            Power::Endpoint(_) => mode == Mode::Possible,
            _ => false,
        }
    }

    /// The things about which an actor may take an edge, by a glance at its own policies and at
    /// those of things that have one.
    fn candidates(&self, actor: Actor, writes_own: bool, edge: &Edge) -> Vec<Object> {
        let setting = self.setting();
        let (own, others): (Vec<&Need>, Vec<&Need>) = edge
            .needs
            .iter()
            .partition(|need| has_own_policy(&edge.on, need));
        let granted = |need: &&Need| writes_own || self.decider.grants(actor, need);
        let (on_functions, others): (Vec<&Need>, Vec<&Need>) = others
            .into_iter()
            .partition(|need| need.operand == Operand::Carrier && takes_a_function(edge));
        if edge.needs.is_empty() || self.is_barred(actor, edge) || !others.iter().all(granted) {
            return Vec::new();
        }
        // AWS lets nobody assume a role whom its trust policy does not name.
        let by_trust = edge.on == On::Role && !own.is_empty() && others.is_empty();
        let mut objects = if by_trust {
            setting.roles_that_trust(actor)
        } else if !own.is_empty() && !own.iter().all(granted) {
            setting.objects_that_grant(&edge.on, actor)
        } else {
            setting.objects(&edge.on, actor)
        };
        if !on_functions.is_empty() {
            let granted = on_functions.iter().all(granted);
            self.reach_functions(actor, granted, &mut objects);
        }
        objects.retain(|on| !setting.names_everybody(actor, *on) || self.opens(&own, *on));
        objects
    }

    /// The roles of the functions that an actor may take over: by its own policies those of its
    /// account and those of others that let it in, without them those that let it in by name.
    fn reach_functions(&self, actor: Actor, granted: bool, roles: &mut Vec<Object>) {
        let setting = self.setting();
        let functions = match granted {
            true => setting.objects(&On::Function, actor),
            false => {
                roles.clear();
                setting.objects_that_grant(&On::Function, actor)
            }
        };
        let carried = functions.iter().flat_map(|on| setting.carriers.roles(*on));
        roles.extend(carried.map(|role| Object::Principal(*role)));
        roles.sort_unstable();
        roles.dedup();
    }

    /// Whether the own policy of a thing, which names everybody, grants what is asked of it.
    fn opens(&self, own: &[&Need], on: Object) -> bool {
        let mut needs = own
            .iter()
            .filter_map(|need| asked(self.decider, None, on, None, need));
        needs.all(|asked| self.decider.opens(&asked))
    }

    /// How far an actor can take an edge, about whatever it is easiest for.
    pub fn exists(&self, state: &State, actor: Actor, edge: &Edge) -> Truth {
        let writes_own = self.decider.writes_own(state, actor);
        let objects = self.candidates(actor, writes_own, edge).into_iter();
        let each = objects.map(|on| self.truth(state, Mode::Possible, Use { edge, actor, on }));
        each.max().unwrap_or(Truth::No)
    }

    /// Whether an edge is not an actor's, whatever it is about.
    fn is_barred(&self, actor: Actor, edge: &Edge) -> bool {
        edge.guards.iter().any(|guard| match guard {
            Guard::Management => !self.manages(actor),
            Guard::Delegate(service) => {
                administers(self.setting(), actor, edge, service) == Truth::No
            }
            Guard::Member => self.manages(actor),
            Guard::Declared(_) => true,
            _ => false,
        })
    }

    fn take(&self, state: &mut State, mode: Mode, actor: Actor, one: &Try) {
        if one.gains.iter().all(|(_, power)| state.holds(*power)) {
            return;
        }
        let Some(edge) = self.edges.get(one.edge) else {
            return;
        };
        let this = Use {
            edge,
            actor,
            on: one.on,
        };
        let truth = self.truth(state, mode, this);
        if !mode.accepts(truth) {
            return;
        }
        for (gain, power) in &one.gains {
            let truth = truth.min(gained::certainty(self.setting(), *gain, *power));
            if mode.accepts(truth) {
                let step = Taken {
                    power: *power,
                    edge: Some(one.edge),
                    by: Some(actor),
                    on: one.on,
                    possible: truth == Truth::Possible,
                };
                if state.take(self.setting(), step) {
                    self.follow(state, *power);
                }
            }
        }
    }

    /// Whether the edge exists now.
    fn truth(&self, state: &State, mode: Mode, this: Use<'_>) -> Truth {
        if self.is_elsewhere(this) {
            return Truth::No;
        }
        // Whether there is a thing of a kind of which no source states one is not known.
        let mut truth = match (&this.edge.on, this.on) {
            (On::Other(_), Object::Nothing) => Truth::Possible,
            _ => Truth::Certain,
        };
        if !mode.accepts(truth) {
            return truth;
        }
        for guard in &this.edge.guards {
            truth = truth.min(self.guard(state, this, guard));
            if !mode.accepts(truth) {
                return truth;
            }
        }
        for need in &this.edge.needs {
            if need.operand == Operand::Carrier {
                continue;
            }
            truth = truth.min(self.need(state, this, need));
            if !mode.accepts(truth) {
                return truth;
            }
        }
        let (carried, _) = best(self.decider, state, this.edge, this.actor, this.on);
        truth.min(carried)
    }

    /// Whether an edge that asks nothing of its object is about one of another account: what is made
    /// beside a thing is made by its own account.
    fn is_elsewhere(&self, this: Use<'_>) -> bool {
        let about = |need: &Need| {
            matches!(
                need.operand,
                Operand::Target | Operand::Objects | Operand::Passed(_)
            )
        };
        let setting = self.setting();
        matches!(this.on, Object::Resource(_) | Object::Principal(_))
            && !takes_over(this.edge)
            && !this.edge.needs.iter().any(about)
            && setting.owner(this.on) != setting.account(this.actor)
    }

    fn need(&self, state: &State, this: Use<'_>, need: &Need) -> Truth {
        match asked(self.decider, Some(this.actor), this.on, None, need) {
            Some(asked)
                if asked.action.name().starts_with("Attach") && asked.action.service() == "iam" =>
            {
                self.attaches(state, this.actor, asked)
            }
            Some(asked) if need.operand == Operand::Policy => {
                policies_of(self.setting(), this, &asked)
                    .iter()
                    .map(|asked| self.decider.allows(state, this.actor, asked))
                    .max()
                    .unwrap_or(Truth::No)
            }
            Some(asked) => self.decider.allows(state, this.actor, &asked),
            None => Truth::No,
        }
    }

    /// Whether an actor may attach a policy that allows everything; if only some others, it is
    /// not known what they allow ("IAM and AWS STS condition context keys": `iam:PolicyARN`).
    fn attaches(&self, state: &State, actor: Actor, asked: Asked) -> Truth {
        let with = |policy: &str| {
            let asked = Asked {
                attached: Some(policy.into()),
                ..asked.clone()
            };
            self.decider.allows(state, actor, &asked)
        };
        let everything = with(ADMINISTRATOR);
        if everything == Truth::Certain {
            return everything;
        }
        let own = self.setting().account(actor);
        let own =
            own.map(|account| with(&format!("arn:aws:iam::{account}:policy/of-the-attacker")));
        let others = with(IAM_ADMINISTRATOR).max(own.unwrap_or(Truth::No));
        everything.max(others.min(Truth::Possible))
    }

    fn guard(&self, state: &State, this: Use<'_>, guard: &Guard) -> Truth {
        let setting = self.setting();
        match guard {
            Guard::Trusts(host) => match this.on {
                Object::Principal(role) => self.decider.admits(state, role, host),
                _ => Truth::No,
            },
            // The decision on a role is made under its trust policy.
            Guard::TrustsCaller => Truth::Certain,
            Guard::NotServiceLinked => match this.on {
                Object::Principal(place) if setting.can_be_used(place) => Truth::Certain,
                _ => Truth::No,
            },
            Guard::Management => certain(self.manages(this.actor)),
            Guard::Member => setting.is_member(this.actor),
            Guard::Delegate(service) => administers(setting, this.actor, this.edge, service)
                .min(reaches(setting, this.actor, this.edge, this.on)),
            Guard::Declared(_) => Truth::No,
            Guard::OwnAccount => certain(match setting.owner(this.on) {
                Some(owner) => setting.account(this.actor) == Some(owner),
                None => true,
            }),
            Guard::Acls
            | Guard::Versioned
            | Guard::Unversioned
            | Guard::Unlocked
            | Guard::OrganizationTrail => self.state_of(this, guard),
            // Decided with a boundary that may be forced left open.
            Guard::NoBoundaryForced => Truth::Certain,
            Guard::CarriedBy(_) | Guard::ThereIs(_) => {
                is_there(setting, guard, this.actor, this.on)
            }
            Guard::Exists(_) | Guard::Mfa | Guard::Unconfirmed => Truth::Possible,
        }
    }

    /// A guard on how a bucket or trail is set up.
    fn state_of(&self, this: Use<'_>, guard: &Guard) -> Truth {
        let setting = self.setting();
        if let (Guard::OrganizationTrail, Object::Trail(place)) = (guard, this.on) {
            return setting
                .trail(place)
                .map_or(Truth::No, |trail| holds(&trail.organization, |on| *on));
        }
        let Object::Resource(place) = this.on else {
            return Truth::Possible;
        };
        let Some(Details::Bucket(bucket)) = setting.resource(place).map(|one| &one.details) else {
            return Truth::Possible;
        };
        let bypasses = this
            .edge
            .needs
            .iter()
            .any(|need| need.action.name() == BYPASS);
        let locked = |lock: &ObjectLock| match lock.mode.as_deref() {
            Some("COMPLIANCE") => true,
            Some(_) => !bypasses,
            None => false,
        };
        match guard {
            Guard::Acls => not(holds(&bucket.acls_disabled, |disabled| *disabled)),
            Guard::Versioned => holds(&bucket.versioning, |on| *on),
            Guard::Unversioned => not(holds(&bucket.versioning, |on| *on)),
            _ => not(holds(&bucket.object_lock, locked)),
        }
    }

    fn manages(&self, actor: Actor) -> bool {
        let management = self.setting().management();
        management.is_some() && self.setting().account(actor) == management
    }

    /// What follows of itself.
    fn follow(&self, state: &mut State, power: Power) {
        let Some(step) = state.step_of(power) else {
            return;
        };
        if let Power::Trust(role) = power {
            // Whoever writes the trust policy names itself in it.
            let becomes = Taken {
                power: Power::Is(Actor::Existing(role)),
                edge: None,
                by: state.steps().get(step).and_then(|step| step.by),
                on: Object::Principal(role),
                possible: state.steps().get(step).is_some_and(|step| step.possible),
            };
            // And says there that it may tag the session ("Passing session tags in AWS STS").
            let tags = Taken {
                power: Power::Tags(role),
                ..becomes.clone()
            };
            if self.setting().can_be_used(role) {
                state.take(self.setting(), becomes);
                state.take(self.setting(), tags);
            }
        }
    }
}

/// The policy of AWS that allows everything.
const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// The policy of AWS that allows everything in IAM, and so everything in the end.
const IAM_ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/IAMFullAccess";

/// The right to delete what only a lock in governance mode holds ("Locking objects with Object
/// Lock").
const BYPASS: &str = "BypassGovernanceRetention";

/// The request for each policy of the customer's that somebody has; all, if its policies were not
/// read.
fn policies_of(setting: &Setting<'_>, this: Use<'_>, asked: &Asked) -> Vec<Asked> {
    let Object::Principal(place) = this.on else {
        return vec![asked.clone()];
    };
    let principal = setting.context.org.principals.get(place);
    let Some(ids) = principal.and_then(|one| one.identity.present()) else {
        return vec![asked.clone()];
    };
    let theirs = ids.iter().map(|id| Object::Policy(*id));
    let written = theirs.filter(|on| setting.owner(*on) == setting.owner(this.on));
    written
        .filter_map(|on| {
            let arn = setting.arn(on)?;
            Some(Asked {
                on,
                resource: Named::Like(arn.into()),
                ..asked.clone()
            })
        })
        .collect()
}

/// Whether an edge is about nothing but whoever takes it.
fn is_on_itself(edge: &Edge) -> bool {
    let about = |need: &Need| need.operand == Operand::Itself;
    let gains = |gain: &Gain| {
        matches!(
            gain,
            Gain::Become
                | Gain::Code
                | Gain::Identity
                | Gain::Rights
                | Gain::Undeny
                | Gain::Boundary
                | Gain::Trust
                | Gain::Tags
        )
    };
    edge.on == On::Nothing && (edge.needs.iter().any(about) || edge.gains.iter().any(gains))
}

/// Whether an edge is about a role, and the trust policy of that has a say in it.
fn is_by_trust(edge: &Edge) -> bool {
    let mut needs = edge.needs.iter();
    edge.on == On::Role && needs.any(|need| has_own_policy(&edge.on, need))
}

/// Whether a fact is there and such; a fact that is absent is not.
fn holds<T>(fact: &Known<T>, such: impl Fn(&T) -> bool) -> Truth {
    match fact {
        Known::Present(value) => certain(such(value)),
        Known::Absent => Truth::No,
        Known::Unknown(_) => Truth::Possible,
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::Certain => Truth::No,
        Truth::Possible => Truth::Possible,
        Truth::No => Truth::Certain,
    }
}

/// Lets everybody act whom the attacker acts as, again and again until that adds nothing.
fn until_nothing_new(state: &mut State, mut act: impl FnMut(&mut State, Actor, &mut First)) {
    loop {
        let before = state.steps().len();
        let mut first = First::new();
        let actors: Vec<Actor> = state.actors().collect();
        for actor in actors {
            act(state, actor, &mut first);
        }
        if state.steps().len() == before {
            return;
        }
    }
}

/// Acting as everybody of an account, and as whoever can be made in it.
pub fn everybody(setting: &Setting<'_>, account: AccountId) -> Vec<Power> {
    setting.actors_of(account).map(Power::Is).collect()
}

fn certain(holds: bool) -> Truth {
    match holds {
        true => Truth::Certain,
        false => Truth::No,
    }
}

/// Whether the request is made to something whose own policy may grant it.
fn has_own_policy(on: &On, need: &Need) -> bool {
    let bound = matches!(need.operand, Operand::Target | Operand::Objects);
    bound
        && match on {
            On::Role => need.action.service() == "sts",
            On::Bucket
            | On::Key
            | On::Table
            | On::Queue
            | On::Topic
            | On::Secret
            | On::Function
            | On::Repository => true,
            _ => false,
        }
}
