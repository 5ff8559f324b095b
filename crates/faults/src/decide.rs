//! Whether some request of an actor is allowed, after what an attacker has rewritten.
//!
//! First one coarse decision over all requests at once, which refuses most; what it leaves open is
//! asked of the symbolic reading. A request is certain if it is allowed whatever the unknown facts
//! are and comes from where a stolen credential can always be used: the internet. Through endpoints
//! of the organization it is possible only, since where a principal is placed is not modelled.

pub(crate) mod anew;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::coarse::{Span, may_allow};
use cofferdam_authz::concrete::{self as authz, Context, Ternary};
use cofferdam_authz::context::{Network, SessionTags};
use cofferdam_authz::decide::{Decision, Outcome, decide_after};
use cofferdam_authz::gather::{self, Party, Thing, session_of};
use cofferdam_authz::prepared::Prepared;
use cofferdam_authz::rewritten::{Rewritten, WRITTEN};
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::{Given, Interval, Wanted};
use cofferdam_authz::trace::{Determining, EffectWord};
use cofferdam_authz::witness::{key, replay_after};
use cofferdam_boundary::ask::step;
use cofferdam_boundary::cause::reason;
use cofferdam_boundary::path::{Path, Request};
use cofferdam_findings::finding::{Reason, Step};
use cofferdam_logic::{Formula, Model};
use cofferdam_names::ActionName;
use cofferdam_org::model::{Organization, PolicyId};
use cofferdam_policy::operand::Operand;
use cofferdam_policy::reading::Reading;
use cofferdam_policy::values;

use crate::catalogue::{Edge, Need, Operand as Done};
use crate::delegates::is_of_the_organization;
use crate::power::State;
use crate::setting::{Actor, Object, Setting};

/// Whether something holds: not, depending on something unknown, or certainly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not.
    No,
    /// It may.
    Possible,
    /// It does.
    Certain,
}

impl Truth {
    /// What a search found: what it gave up may be.
    pub(crate) fn of(found: &Found<'_>) -> Truth {
        match found {
            Found::Certain(_) => Truth::Certain,
            Found::Possible(_) | Found::GaveUp(_) => Truth::Possible,
            Found::Nothing(_) => Truth::No,
        }
    }
}

/// One request that an edge needs.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What of the catalogue it stands for.
    pub need: NeedId,
    /// The action.
    pub action: ActionName,
    /// The thing whose owner and own policy take part.
    pub on: Object,
    /// The resources that it may name, as `Wanted` has them.
    pub resource: Named,
    /// A service that the request passes a role to.
    pub passed_to: Option<Box<str>>,
    /// A policy that the request attaches, by ARN.
    pub attached: Option<Box<str>>,
}

/// An action and what it is done to, as some edges need it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedId(u32);

/// The use of a key, which no edge needs by itself.
const DECRYPT: NeedId = NeedId(u32::MAX);

/// How a request names its resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By this ARN or pattern.
    Like(Box<str>),
    /// By any ARN below this one.
    Under(Box<str>),
    /// In any way.
    Anyhow,
    /// As `*`, which is all that an action without resource types can be asked about.
    Whole,
}

/// A request that passes, as people see it.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// The requests, each decided again.
    pub requests: Vec<Step>,
    /// The statements that permit it.
    pub because: Vec<Reason>,
    /// What would settle it, where it hangs on something unknown.
    pub missing: Vec<String>,
}

/// What of the catalogue, by whom, about what, attaching which policy, and what of the rewrites
/// touches it.
type Question = (NeedId, Actor, Object, Option<Box<str>>, Rewritten);

/// A role, the host of a service, and what of the rewrites touches it.
type Admission = (usize, Box<str>, Rewritten);

/// An actor, a key, the host of a service that uses it for the actor, and what touches that.
type Forwarding = (Actor, usize, Box<str>, Rewritten);

/// Decides, and remembers what was decided.
pub struct Decider<'s, 'a> {
    /// What is looked at.
    pub setting: &'s Setting<'a>,
    ids: BTreeMap<usize, (NeedId, usize)>,
    actions: Vec<ActionName>,
    known: RefCell<BTreeMap<Question, Truth>>,
    admitted: RefCell<BTreeMap<Admission, Truth>>,
    forwarded: RefCell<BTreeMap<Forwarding, Truth>>,
    opening: RefCell<BTreeMap<(NeedId, Object), bool>>,
    granting: RefCell<BTreeMap<PolicyId, Rc<Vec<bool>>>>,
    granted: RefCell<BTreeMap<usize, Rc<Vec<bool>>>>,
    assume: ActionName,
    decrypt: ActionName,
}

impl<'s, 'a> Decider<'s, 'a> {
    /// Nothing was decided yet.
    ///
    /// # Errors
    /// If the name of the action that assumes a role is not understood, which would be a defect.
    pub fn new(
        setting: &'s Setting<'a>,
        edges: &[Edge],
    ) -> Result<Self, cofferdam_names::NameError> {
        let (ids, actions) = number(edges);
        Ok(Decider {
            setting,
            ids,
            actions,
            granted: RefCell::default(),
            known: RefCell::default(),
            admitted: RefCell::default(),
            forwarded: RefCell::default(),
            opening: RefCell::default(),
            granting: RefCell::default(),
            assume: ActionName::parse("sts:AssumeRole")?,
            decrypt: ActionName::parse("kms:Decrypt")?,
        })
    }

    /// Whether some such request of an actor is allowed.
    pub fn allows(&self, state: &State, actor: Actor, asked: &Asked) -> Truth {
        if !self.may_at_all(state, actor, asked) {
            return Truth::No;
        }
        let after = self.touching(state, actor, asked);
        let key = (asked.need, actor, asked.on, asked.attached.clone(), after);
        if let Some(truth) = self.known.borrow().get(&key) {
            return *truth;
        }
        let truth = self.decide(&key.4, actor, asked);
        self.known.borrow_mut().insert(key, truth);
        truth
    }

    /// What of the catalogue a need is; needs are known by where they stand in the edges that the
    /// decider was made for.
    pub fn id_of(&self, need: &Need) -> NeedId {
        self.numbers(need).0
    }

    fn numbers(&self, need: &Need) -> (NeedId, usize) {
        let at = std::ptr::from_ref(need).addr();
        self.ids.get(&at).copied().unwrap_or_default()
    }

    /// Whether the attacker writes the policies that grant an actor its rights.
    pub fn writes_own(&self, state: &State, actor: Actor) -> bool {
        let Some(principal) = self.setting.principal(actor) else {
            return true;
        };
        let rewritten = state.rewritten();
        let Some(ids) = principal.identity.present() else {
            return true;
        };
        rewritten.identities.contains(principal.arn.as_str())
            || ids.iter().any(|id| rewritten.texts.contains(id))
    }

    /// A glance at the actor's own policies: whether they may grant an action at all.
    pub fn grants(&self, actor: Actor, need: &Need) -> bool {
        let (Some(principal), Actor::Existing(place)) = (self.setting.principal(actor), actor)
        else {
            return true;
        };
        let Some(ids) = principal.identity.present() else {
            return true;
        };
        let (_, action) = self.numbers(need);
        let granted = self.granted_to(place, ids);
        granted.get(action).copied().unwrap_or(true)
    }

    fn granted_to(&self, place: usize, ids: &[PolicyId]) -> Rc<Vec<bool>> {
        if let Some(granted) = self.granted.borrow().get(&place) {
            return Rc::clone(granted);
        }
        let mut granted = vec![false; self.actions.len()];
        for id in ids {
            for (mine, theirs) in granted.iter_mut().zip(self.grants_of(*id).iter()) {
                *mine |= theirs;
            }
        }
        let granted = Rc::new(granted);
        let mut all = self.granted.borrow_mut();
        all.insert(place, Rc::clone(&granted));
        granted
    }

    /// Whether the own policy of a thing grants a request to anybody of the organization at all.
    pub fn opens(&self, asked: &Asked) -> bool {
        let key = (asked.need, asked.on);
        if let Some(opens) = self.opening.borrow().get(&key) {
            return *opens;
        }
        let service = asked.action.service();
        let opens = self.setting.thing(asked.on, service).is_none_or(|thing| {
            let org = self.setting.context.org;
            let prepared = Prepared::of(org, self.setting.anybody(), thing, service);
            let wanted = wanted(&asked.resource);
            let actions = std::slice::from_ref(&asked.action);
            !prepared.grants_nothing(Span {
                actions,
                wanted: &wanted,
            })
        });
        self.opening.borrow_mut().insert(key, opens);
        opens
    }

    /// Which actions of the catalogue a document may grant.
    fn grants_of(&self, id: PolicyId) -> Rc<Vec<bool>> {
        if let Some(granting) = self.granting.borrow().get(&id) {
            return Rc::clone(granting);
        }
        let document = &self.setting.context.org.policies.get(id).document;
        let may = |action: &ActionName| {
            let span = Span {
                actions: std::slice::from_ref(action),
                wanted: &Wanted::Anything,
            };
            may_allow(document, action.service(), span)
        };
        let granting: Rc<Vec<bool>> = Rc::new(self.actions.iter().map(may).collect());
        let mut all = self.granting.borrow_mut();
        all.insert(id, Rc::clone(&granting));
        granting
    }

    /// Whether an actor may decrypt with a key, itself or through a service, after the rewrites.
    pub fn decrypts(&self, state: &State, actor: Actor, key: usize, host: &str) -> Truth {
        let on = Object::Resource(key);
        let Some(arn) = self.setting.arn(on) else {
            return Truth::No;
        };
        let asked = Asked {
            need: DECRYPT,
            action: self.decrypt.clone(),
            on,
            resource: Named::Like(arn.into()),
            passed_to: None,
            attached: None,
        };
        let direct = self.allows(state, actor, &asked);
        if direct != Truth::No {
            return direct;
        }
        let key = (actor, key, host.into(), self.touching(state, actor, &asked));
        if let Some(truth) = self.forwarded.borrow().get(&key) {
            return *truth;
        }
        let truth = self.forwards(&key.3, actor, &asked, host);
        self.forwarded.borrow_mut().insert(key, truth);
        truth
    }

    /// Whether a service may do something for an actor.
    fn forwards(&self, after: &Rewritten, actor: Actor, asked: &Asked, host: &str) -> Truth {
        let Some(party) = self.setting.party(actor) else {
            return Truth::No;
        };
        self.best(after, |after| {
            match self.is_possible(after, party, asked, Some(host)) {
                true => self.settle(after, party, asked, Some(host)),
                false => Truth::No,
            }
        })
    }

    /// Whether a role's trust policy admits a service, after the rewrites.
    pub fn admits(&self, state: &State, role: usize, host: &str) -> Truth {
        let asked = Asked {
            need: NeedId::default(),
            action: self.assume.clone(),
            on: Object::Principal(role),
            resource: match self.setting.arn(Object::Principal(role)) {
                Some(arn) => Named::Like(arn.into()),
                None => return Truth::No,
            },
            passed_to: None,
            attached: None,
        };
        let own = self.touching(state, Actor::Existing(role), &asked);
        let key = (role, Box::<str>::from(host), own);
        if let Some(truth) = self.admitted.borrow().get(&key) {
            return *truth;
        }
        let party = Party::service(host);
        let truth = self.best(&key.2, |after| self.settle(after, &party, &asked, None));
        self.admitted.borrow_mut().insert(key, truth);
        truth
    }

    /// A glance at the actor's own policies, which settles most: what has no policy of its own
    /// they alone can grant.
    fn may_at_all(&self, state: &State, actor: Actor, asked: &Asked) -> bool {
        let setting = self.setting;
        let Some(thing) = setting.thing(asked.on, asked.action.service()) else {
            return asked.on == Object::Nothing;
        };
        let (Thing::Owned(_) | Thing::Kept(_), Some(principal)) = (thing, setting.principal(actor))
        else {
            return true;
        };
        let rewritten = state.rewritten();
        let identities = &rewritten.identities;
        let Some(ids) = principal.identity.present() else {
            return true;
        };
        let wanted = wanted(&asked.resource);
        let actions = std::slice::from_ref(&asked.action);
        let span = Span {
            actions,
            wanted: &wanted,
        };
        let org = setting.context.org;
        identities.contains(principal.arn.as_str())
            || ids.iter().any(|id| {
                let document = &org.policies.get(*id).document;
                rewritten.texts.contains(id) || may_allow(document, asked.action.service(), span)
            })
    }

    /// What of the rewrites can touch the decision at all, so that it is made once for all states
    /// that differ elsewhere only.
    fn touching(&self, state: &State, actor: Actor, asked: &Asked) -> Rewritten {
        let all = state.rewritten();
        if all.is_empty() {
            return Rewritten::default();
        }
        let setting = self.setting;
        let own = setting.arn(asked.on);
        let principal = setting.principal(actor).map(|one| one.arn.as_str());
        let accounts = [setting.account(actor), setting.owner(asked.on)];
        let things: Vec<&str> = own.as_deref().into_iter().collect();
        let kept = matches!(asked.on, Object::Principal(_)).then_some(own.as_deref());
        let principals: Vec<&str> = principal.into_iter().chain(kept.flatten()).collect();
        all.only(&things, &principals, accounts.into_iter().flatten())
    }

    fn decide(&self, after: &Rewritten, actor: Actor, asked: &Asked) -> Truth {
        let Some(party) = self.setting.party(actor) else {
            return Truth::No;
        };
        self.best(after, |after| self.decide_under(after, party, asked))
    }

    /// The best that comes of any choice of what is deleted.
    fn best(&self, after: &Rewritten, decide: impl Fn(&Rewritten) -> Truth) -> Truth {
        let mut best = Truth::No;
        for choice in after.choices(self.setting.context.org) {
            best = best.max(decide(&choice));
            if best == Truth::Certain {
                break;
            }
        }
        best
    }

    fn decide_under(&self, after: &Rewritten, party: &Party<'a>, asked: &Asked) -> Truth {
        if !self.is_possible(after, party, asked, None) {
            return Truth::No;
        }
        match self.is_plain(after, party, asked) {
            true => Truth::Certain,
            false => self.settle(after, party, asked, None),
        }
    }

    /// Whether a plain request from the internet certainly passes, both without and with what a
    /// stolen session may carry. It spares most questions the symbolic reading.
    fn is_plain(&self, after: &Rewritten, party: &Party<'a>, asked: &Asked) -> bool {
        let Some(thing) = self.thing(after, party, asked) else {
            return false;
        };
        let org = self.setting.context.org;
        let resource = match &asked.resource {
            Named::Like(arn) if arn.contains(['*', '?']) => return false,
            Named::Like(arn) => arn.to_string(),
            Named::Under(arn) => format!("{arn}x"),
            Named::Anyhow | Named::Whole => "*".to_owned(),
        };
        let party = acting(party);
        [false, true].into_iter().all(|carried| {
            let context = plain(asked, carried);
            let one = authz::Asked {
                action: &asked.action,
                resource: &resource,
                context: &context,
                strict: true,
            };
            let decided = decide_after(org, Some(after), &party, thing, &one, None);
            decided.outcome == Outcome::Allowed
        })
    }

    fn settle(
        &self,
        after: &Rewritten,
        party: &Party<'a>,
        asked: &Asked,
        through: Option<&str>,
    ) -> Truth {
        let question = (asked, through);
        let truth = self.ask(after, party, question, |_, _, found| Truth::of(&found));
        truth.unwrap_or(Truth::No)
    }

    /// The request itself, decided again, with the statements that permit it.
    pub fn show(&self, state: &State, actor: Actor, asked: &Asked) -> Shown {
        let after = self.touching(state, actor, asked);
        let Some(party) = self.setting.party(actor) else {
            return Shown::default();
        };
        let after = self.surest(&after, party, asked);
        let question = (asked, None);
        let shown = self.ask(&after, party, question, |path, search, found| match found {
            Found::Certain(model) => shown(path, search, &model, Vec::new()),
            Found::Possible(model) => {
                let missing = path.query.reasons().map(ToOwned::to_owned).collect();
                shown(path, search, &model, missing)
            }
            Found::GaveUp(why) => Shown {
                missing: vec![why],
                ..Shown::default()
            },
            Found::Nothing(_) => Shown::default(),
        });
        let mut shown = shown.unwrap_or_default();
        // Where any resource will do, none in particular is shown.
        if asked.resource == Named::Anyhow && self.is_plain(&after, party, asked) {
            for step in &mut shown.requests {
                step.resource = "*".to_owned();
                step.command = None;
            }
        }
        shown
    }

    /// The choice of what is deleted under which a request is surest to pass.
    fn surest(&self, after: &Rewritten, party: &Party<'a>, asked: &Asked) -> Rewritten {
        let choices = after.choices(self.setting.context.org).into_iter();
        let best = choices.max_by_key(|after| self.decide_under(after, party, asked));
        best.unwrap_or_default()
    }

    /// One coarse decision over all such requests.
    fn is_possible(
        &self,
        after: &Rewritten,
        party: &Party<'a>,
        asked: &Asked,
        through: Option<&str>,
    ) -> bool {
        let org = self.setting.context.org;
        let service = asked.action.service();
        let Some(thing) = self.thing(after, party, asked) else {
            return false;
        };
        let wanted = wanted(&asked.resource);
        let span = Span {
            actions: std::slice::from_ref(&asked.action),
            wanted: &wanted,
        };
        is_possible(org, after, party, (thing, service), span, through)
    }

    fn thing(&self, after: &Rewritten, party: &Party<'a>, asked: &Asked) -> Option<Thing<'a>> {
        match asked.on {
            Object::Nothing => party.caller.account.map(Thing::Owned),
            // Guards say who administers it; those do as with their own.
            on if is_of_the_organization(on) => party.caller.account.map(Thing::Owned),
            on => match self.setting.thing(on, asked.action.service())? {
                // An attacker who writes tags may choose any.
                Thing::Kept(one) if after.tags.contains(one.arn.as_str()) => {
                    Some(Thing::Owned(one.account))
                }
                thing => Some(thing),
            },
        }
    }

    /// Puts the question to the symbolic reading.
    fn ask<T>(
        &self,
        after: &Rewritten,
        party: &Party<'a>,
        (asked, through): (&Asked, Option<&str>),
        tell: impl FnOnce(&Path<'_>, &Search<'_, '_>, Found<'_>) -> T,
    ) -> Option<T> {
        let context = &self.setting.context;
        let thing = self.thing(after, party, asked)?;
        let mut path = Path::new(context.org, context.cast);
        path.after = Some(after);
        let made = path.request(request(party, thing, asked, through), Formula::TRUE, None);
        let at_large = at_large(&mut path, made.hop);
        let goal = path.all(&[made.allowed, at_large]);
        let goal = path.query.goal(&[goal]);
        let mut search = Search::new(&path.query, goal);
        let found = search.find();
        Some(tell(&path, &search, found))
    }
}

/// Numbers what edges need: for each need by where it stands, its number among equal ones and that
/// of its action.
fn number(edges: &[Edge]) -> (BTreeMap<usize, (NeedId, usize)>, Vec<ActionName>) {
    let mut needs: BTreeMap<(&ActionName, &Done), NeedId> = BTreeMap::new();
    let mut places: BTreeMap<&ActionName, usize> = BTreeMap::new();
    let mut actions = Vec::new();
    let mut ids = BTreeMap::new();
    for need in edges.iter().flat_map(|edge| &edge.needs) {
        let next = NeedId(u32::try_from(needs.len() + 1).unwrap_or(u32::MAX));
        let id = *needs.entry((&need.action, &need.operand)).or_insert(next);
        let place = *places.entry(&need.action).or_insert_with(|| {
            actions.push(need.action.clone());
            actions.len() - 1
        });
        ids.insert(std::ptr::from_ref(need).addr(), (id, place));
    }
    (ids, actions)
}

/// One coarse decision over all requests of a span, after the rewrites, which refuses most.
pub(crate) fn is_possible<'a>(
    org: &'a Organization,
    after: &Rewritten,
    party: &Party<'a>,
    (thing, service): (Thing<'a>, &str),
    span: Span<'_>,
    through: Option<&str>,
) -> bool {
    if after.tags_of(party) {
        return true;
    }
    let layers = gather::layers(org, party, thing, service);
    let layers = after.after(org, party, thing, layers);
    let mut situation = gather::situation(org, party, thing, service, Network::Stated);
    situation.forwarded_by = through;
    let prepared = Prepared::new(layers, situation);
    prepared
        .outline(span)
        .is_none_or(|outline| outline.possible)
}

fn request<'p>(
    party: &'p Party<'p>,
    thing: Thing<'p>,
    asked: &'p Asked,
    through: Option<&'p str>,
) -> Request<'p> {
    let passed = asked.passed_to.as_deref();
    let passed = passed.map(|host| ("iam:PassedToService", Given::Value(host.to_owned())));
    let attached = asked.attached.as_deref();
    let attached = attached.map(|policy| ("iam:PolicyARN", Given::Value(policy.to_owned())));
    let given = passed.into_iter().chain(attached).chain(not_chosen());
    Request {
        party,
        thing,
        service: asked.action.service(),
        actions: vec![asked.action.clone()],
        wanted: wanted(&asked.resource),
        forwarded_by: through,
        given: given.collect(),
    }
}

/// What a request shows that anybody may send from the internet, alone or with every key that
/// belongs to how a session was made.
fn plain(asked: &Asked, is_carried: bool) -> Context {
    let mut context = Context::new();
    let mut put = |name: &str, value: &str| {
        if let Some(key) = key(name) {
            context.insert(key, vec![value.into()]);
        }
    };
    put("aws:SourceIp", ATTACKER.trim_end_matches("/32"));
    put("aws:SecureTransport", "true");
    if let Some(host) = &asked.passed_to {
        put("iam:PassedToService", host);
    }
    if let Some(policy) = &asked.attached {
        put("iam:PolicyARN", policy);
    }
    for name in NOT_CHOSEN.iter().filter(|_| is_carried) {
        put(name, carried(name));
    }
    context
}

/// A value that a key has which belongs to how a session was made.
fn carried(name: &str) -> &'static str {
    match name {
        "aws:MultiFactorAuthPresent" => "true",
        "aws:MultiFactorAuthAge" => "60",
        _ => "carried",
    }
}

/// The party in a session of its own.
fn acting<'a>(party: &Party<'a>) -> Party<'a> {
    let mut party = party.clone();
    if let CallerKind::Role { role, session, .. } = &mut party.caller.kind {
        *session = session_of(role, "session");
    }
    party.session_tags = SessionTags::Stated;
    party
}

/// Keys that whoever holds a credential cannot choose: they belong to how its session was made.
const NOT_CHOSEN: [&str; 6] = [
    "aws:MultiFactorAuthPresent",
    "aws:MultiFactorAuthAge",
    "aws:SourceIdentity",
    "aws:FederatedProvider",
    "aws:Ec2InstanceSourceVpc",
    // A boundary that is forced on whatever is made leaves less than what the edge says.
    "iam:PermissionsBoundary",
];

pub(crate) fn not_chosen() -> impl Iterator<Item = (&'static str, Given)> {
    let why = "how the session was made that was stolen is not known";
    NOT_CHOSEN
        .iter()
        .map(move |key| (*key, Given::Unknown(why)))
}

fn wanted(named: &Named) -> Wanted {
    match named {
        Named::Like(pattern) if pattern.contains(['*', '?']) => Wanted::Like(pattern.to_string()),
        Named::Like(arn) => Wanted::Exactly(arn.to_string()),
        Named::Under(arn) => Wanted::Under(arn.to_string()),
        Named::Anyhow => Wanted::Anything,
        Named::Whole => Wanted::Exactly("*".to_owned()),
    }
}

/// That a hop comes from where a stolen credential can always be used; from elsewhere it may.
pub(crate) fn at_large(path: &mut Path<'_>, hop: usize) -> Interval {
    let public = path
        .query
        .network_is(hop, |network| matches!(network, Network::Public));
    let aws = path
        .query
        .network_is(hop, |network| matches!(network, Network::Aws));
    let here = from_attacker(path, hop);
    let out_there = path.query.problem.all(&[public, here]);
    Interval {
        must: path.query.problem.any(&[out_there, aws]),
        may: Formula::TRUE,
    }
}

/// Stands for any address on the internet that no policy knows.
const ATTACKER: &str = "185.76.9.77/32";

fn from_attacker(path: &mut Path<'_>, hop: usize) -> Formula {
    let block = values::network(ATTACKER);
    let (Some(key), Some(block)) = (key("aws:SourceIp"), block) else {
        return Formula::TRUE;
    };
    let operand = Operand::Address(block);
    path.query.reading(hop).some_value(&key, &[operand]).must
}

/// A model's requests, each decided again over the documents as they are after the rewrite.
pub(crate) fn shown(
    path: &Path<'_>,
    search: &Search<'_, '_>,
    model: &Model<'_>,
    mut missing: Vec<String>,
) -> Shown {
    let mut shown = Shown::default();
    for hop in path.hops.iter().filter(|hop| model.holds(hop.taken)) {
        let Some(request) = path.query.request(hop.number, model) else {
            continue;
        };
        let decision = replay_after(path.org, path.after, &request, hop.thing, hop.party);
        if decision.outcome != Outcome::Allowed && missing.is_empty() {
            missing.push("a request did not replay; please report this as a defect".to_owned());
        }
        shown.requests.push(step(&request, hop, decision.outcome));
        if decision.outcome == Outcome::Undecided {
            shown.because.extend(allowing(&decision));
            if is_denial_open(&decision) {
                for why in &mut missing {
                    why.push_str(MAY_DENY);
                }
            }
        }
    }
    let permits = search.permits(model);
    let because = permits.iter().filter(|permit| &*permit.document != WRITTEN);
    shown.because.extend(because.map(reason));
    missing.sort();
    missing.dedup();
    shown.missing = missing;
    shown.because.sort();
    shown.because.dedup();
    shown
}

/// Said of something unknown where known statements allow a request.
pub(crate) const MAY_DENY: &str = ": a denial in it would stop this, which is allowed otherwise";

/// Whether all that is open about a request is whether something denies it.
fn is_denial_open(decision: &Decision) -> bool {
    let mut layers = decision.trace.layers.iter();
    layers.all(|layer| layer.allows != Ternary::Unknown)
}

/// The statements that allow an undecided request as far as is known: a model need not rest on them.
fn allowing(decision: &Decision) -> impl Iterator<Item = Reason> {
    let statements = decision.trace.statements.iter();
    let allow = |one: &&Determining| {
        one.effect == EffectWord::Allow && one.certain && &*one.document != WRITTEN
    };
    statements.filter(allow).map(|one| Reason {
        document: one.document.to_string(),
        layer: one.layer.id(),
        statement: one.statement,
        sid: one.sid.as_ref().map(ToString::to_string),
        effect: one.effect.word().to_owned(),
        origin: one.origin,
    })
}
