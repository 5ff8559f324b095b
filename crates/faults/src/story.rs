//! An attack as people read it: who does what to what, why it works, and what is gained.

use std::collections::BTreeSet;

use cofferdam_findings::faults::AttackStep;
use cofferdam_findings::finding::Step;
use cofferdam_org::fact::Kind;

use crate::carriers::{best, is_there};
use crate::catalogue::{Edge, Gain, Guard, On};
use crate::cuts::{Breach, Cut};
use crate::decide::{Asked, Decider, Shown, Truth};
use crate::delegates::administers;
use crate::leak::{Leaks, Reader, Reads, Way};
use crate::power::{Power, State, Taken};
use crate::requests::asked;
use crate::setting::{Actor, Object, Setting};

const READ_DIRECTLY: &str = "The data is read outside what the boundary declares.";
const READ_BY_A_SERVICE: &str =
    "A service reads the data for whoever starts it, outside what the boundary declares.";

/// Tells attacks.
#[derive(Clone, Copy)]
pub struct Teller<'t, 's, 'a> {
    /// Decides each request again.
    pub decider: &'t Decider<'s, 'a>,
    /// The catalogue.
    pub edges: &'t [Edge],
}

impl<'a> Teller<'_, '_, 'a> {
    fn setting(&self) -> &Setting<'a> {
        self.decider.setting
    }

    /// The steps that lead to some powers.
    pub fn ways_to(&self, state: &State, powers: &[Power]) -> Vec<AttackStep> {
        let mut steps: Vec<AttackStep> = Vec::new();
        let mut last: Option<&Taken> = None;
        for at in self.needed(state, powers) {
            let Some(taken) = state.steps().get(at) else {
                continue;
            };
            let again = last.is_some_and(|last| is_same(last, taken));
            match (taken.edge.and_then(|edge| self.edges.get(edge)), again) {
                (Some(_), true) => {
                    if let Some(step) = steps.last_mut() {
                        let more = self.gained(taken);
                        step.gains = format!("{}, and {more}", step.gains);
                    }
                }
                (Some(edge), false) => {
                    let before = state.until(self.setting(), at);
                    steps.push(self.step(&before, edge, taken));
                }
                (None, _) => {}
            }
            last = Some(taken);
        }
        steps
    }

    /// The places of all steps that some powers build on, in the order in which they are taken.
    pub fn needed(&self, state: &State, powers: &[Power]) -> BTreeSet<usize> {
        let mut needed: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = powers
            .iter()
            .filter_map(|power| state.step_of(*power))
            .collect();
        while let Some(at) = open.pop() {
            if needed.insert(at) {
                open.extend(self.builds_on(state, at));
            }
        }
        needed
    }

    /// The steps without which this one could not be taken: the actor's own, and the rewrites that
    /// its requests need.
    fn builds_on(&self, state: &State, at: usize) -> Vec<usize> {
        let Some(taken) = state.steps().get(at) else {
            return Vec::new();
        };
        let mut powers: Vec<Power> = taken.by.map(Power::Is).into_iter().collect();
        if let Some(role) = made_by_trust(taken) {
            powers.push(Power::Trust(role));
        }
        if let Some(edge) = taken.edge.and_then(|edge| self.edges.get(edge)) {
            let before = state.until(self.setting(), at);
            powers.extend(self.rewrites_for(&before, edge, taken));
        }
        let steps = powers.iter().filter_map(|power| state.step_of(*power));
        steps.filter(|step| *step < at).collect()
    }

    /// The rewrites that a step needs. One that makes it certain, but may not be had itself, is left
    /// out where the step may be taken without: the way would hang on more than it has to.
    fn rewrites_for(&self, before: &State, edge: &Edge, taken: &Taken) -> Vec<Power> {
        let Some(actor) = taken.by else {
            return Vec::new();
        };
        let carrier = self.carrier(before, edge, taken);
        let requests: Vec<Asked> = edge
            .needs
            .iter()
            .filter_map(|need| asked(self.decider, Some(actor), taken.on, carrier, need))
            .collect();
        let truth = |state: &State| {
            let each = requests
                .iter()
                .map(|one| self.decider.allows(state, actor, one));
            each.min()
        };
        let now = truth(before);
        let needed = before.needed_for(self.setting(), |less| truth(less) >= now);
        let is_open = |power: &Power| {
            let step = before.step_of(*power).and_then(|at| before.steps().get(at));
            step.is_some_and(|step| step.possible)
        };
        if now == Some(Truth::Certain) && needed.iter().any(is_open) {
            return before.needed_for(self.setting(), |less| truth(less) != Some(Truth::No));
        }
        needed
    }

    /// What a step took over to act as the role that it carries.
    fn carrier(&self, before: &State, edge: &Edge, taken: &Taken) -> Option<Object> {
        let actor = taken.by?;
        best(self.decider, before, edge, actor, taken.on).1
    }

    fn step(&self, before: &State, edge: &Edge, taken: &Taken) -> AttackStep {
        let setting = self.setting();
        let rewrites = self.rewrites_for(before, edge, taken);
        let before = &before.with_only(setting, &rewrites);
        let carrier = self.carrier(before, edge, taken);
        let mut shown = Shown::default();
        let mut possible = taken.possible;
        for need in &edge.needs {
            let asked = taken.by.and_then(|actor| {
                let asked = asked(self.decider, Some(actor), taken.on, carrier, need)?;
                Some((actor, asked))
            });
            if let Some((actor, asked)) = asked {
                let one = self.decider.show(before, actor, &asked);
                possible |= !one.missing.is_empty();
                shown.requests.extend(one.requests);
                shown.because.extend(one.because);
                shown.missing.extend(one.missing);
            }
        }
        if taken.possible {
            shown.missing.extend(open_about(setting, edge, taken));
        }
        shown.because.sort();
        shown.because.dedup();
        let mut seen = BTreeSet::new();
        shown.missing.retain(|one| seen.insert(one.clone()));
        let on = on(setting, edge, taken);
        AttackStep {
            edge: edge.id.to_string(),
            principal: taken
                .by
                .map(|actor| setting.name(actor))
                .unwrap_or_default(),
            actions: edge
                .needs
                .iter()
                .map(|need| need.action.to_string())
                .collect(),
            on: match carrier {
                Some(carrier) => format!("{}, which has {on}", setting.called(carrier)),
                None => on,
            },
            gains: self.gained(taken),
            why: edge.text.to_string(),
            possible,
            missing: shown.missing,
            because: shown.because,
            requests: shown.requests,
        }
    }

    fn gained(&self, taken: &Taken) -> String {
        let edge = taken.edge.and_then(|edge| self.edges.get(edge));
        match (taken.power, edge) {
            (Power::Silence(..), Some(edge)) => {
                let on = on(self.setting(), edge, taken);
                format!("{} {on}", silenced(edge))
            }
            (power, _) => gained(self.setting(), power),
        }
    }

    /// How data leaves.
    pub fn leak(
        &self,
        leaks: &Leaks<'_, '_, 'a>,
        state: &State,
        way: &Way,
        reads: Reads,
    ) -> Vec<AttackStep> {
        let powers = leaks.powers(state, way, reads);
        let mut steps = self.ways_to(state, &powers);
        if way.copy.is_none() {
            steps.push(self.read(leaks, state, way, reads));
        }
        steps
    }

    fn read(
        &self,
        leaks: &Leaks<'_, '_, 'a>,
        state: &State,
        way: &Way,
        reads: Reads,
    ) -> AttackStep {
        let shown = leaks.show(state, way, reads);
        let store = leaks.scope.stores.get(way.store);
        let actions = shown.requests.iter().map(|step: &Step| step.action.clone());
        let first = shown.requests.first().map(|step| step.action.as_str());
        let first = first.and_then(|action| action.split(':').next());
        let starts_a_service =
            store.is_some_and(|store| first.is_some_and(|of| of != store.service));
        AttackStep {
            edge: READ.to_owned(),
            principal: match way.reader {
                Some(Reader::Actor(actor)) => self.setting().name(actor),
                Some(Reader::Anonymous) => "anonymous".to_owned(),
                _ => "anybody outside the organization".to_owned(),
            },
            actions: actions.collect(),
            on: store
                .map(|store| store.resource.arn.to_string())
                .unwrap_or_default(),
            gains: format!("the data of {}", leaks.scope.dataset.name),
            why: match starts_a_service {
                true => READ_BY_A_SERVICE.to_owned(),
                false => READ_DIRECTLY.to_owned(),
            },
            possible: way.truth == crate::decide::Truth::Possible,
            missing: shown.missing,
            because: shown.because,
            requests: shown.requests,
        }
    }

    /// How data leaves unrecorded.
    pub fn breach(&self, leaks: &Leaks<'_, '_, 'a>, cut: &Cut, breach: &Breach) -> Vec<AttackStep> {
        let powers: Vec<Power> = breach.defeats.iter().map(|defeat| defeat.by).collect();
        let mut steps = self.ways_to(&cut.state, &powers);
        for step in self.leak(leaks, &cut.state, &breach.way, breach.reads) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        steps
    }
}

/// The id of the last step, which is in no catalogue.
pub const READ: &str = "read";

/// The role whose trust policy the attacker wrote to act as it.
fn made_by_trust(taken: &Taken) -> Option<usize> {
    match (taken.edge, taken.power, taken.on) {
        (None, Power::Is(_) | Power::Tags(_), Object::Principal(role)) => Some(role),
        _ => None,
    }
}

fn is_same(last: &Taken, taken: &Taken) -> bool {
    (last.edge, last.by, last.on) == (taken.edge, taken.by, taken.on)
}

/// What the model does not hold and an edge rests on, in words.
fn open_about(setting: &Setting<'_>, edge: &Edge, taken: &Taken) -> Vec<String> {
    let unsaid = |what: &str| {
        format!(
            "no source says whether this exists: {}",
            what.replace('-', " ")
        )
    };
    let kind = match (&edge.on, taken.on) {
        (On::Other(kind), Object::Nothing) => Some(unsaid(kind)),
        _ => None,
    };
    let untold = |guard: &Guard, kind: &Kind| {
        let word = Guard::KINDS.iter().find(|(_, one)| one == kind)?.0;
        let actor = taken.by?;
        let there = is_there(setting, guard, actor, taken.on);
        let unread = || match kind {
            Kind::ManagedNode => format!(
                "no source says whether an instance of it is a managed node, that is, whether the SSM Agent \
                 on it is registered (`{}` does)",
                listing(*kind)
            ),
            _ => format!(
                "no source lists every {} there (`{}` does)",
                word.replace('-', " "),
                listing(*kind)
            ),
        };
        (there != Truth::Certain).then(unread)
    };
    let administers = |service: &str| {
        let actor = taken.by?;
        let sure = administers(setting, actor, edge, service) == Truth::Certain;
        let unread = || format!("no source says that its account administers {service}");
        (!sure).then(unread)
    };
    let guards = edge.guards.iter().filter_map(|guard| match guard {
        Guard::Exists(what) => Some(unsaid(what)),
        Guard::CarriedBy(kind) | Guard::ThereIs(kind) => untold(guard, kind),
        Guard::Delegate(service) => administers(service),
        Guard::Member => {
            let sure = taken.by.map(|actor| setting.is_member(actor)) == Some(Truth::Certain);
            let untold = "no source says whether its account is a member of an organization";
            (!sure).then(|| untold.to_owned())
        }
        Guard::Unconfirmed => Some("no page of AWS states that it works".to_owned()),
        _ => None,
    });
    kind.into_iter().chain(guards).collect()
}

/// The command that tells whether something that carries a role is there.
fn listing(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "aws lambda list-functions",
        Kind::Instance => "aws ec2 describe-instances",
        Kind::ManagedNode => "aws ssm describe-instance-information",
        Kind::InstanceProfile => "aws iam list-instance-profiles",
        Kind::TaskDefinition => "aws ecs list-task-definitions",
        _ => "aws ecs list-clusters",
    }
}

/// What an edge was about, in words.
pub fn on(setting: &Setting<'_>, edge: &Edge, taken: &Taken) -> String {
    match (taken.on, &edge.on) {
        (Object::Nothing, On::Other(kind)) => {
            let account = taken.by.and_then(|actor| setting.account(actor));
            let account = account.map(|account| account.to_string());
            let kind = kind.replace('-', " ");
            let article = article(&kind);
            format!("{article} {kind} of {}", account.unwrap_or_default())
        }
        (Object::Nothing, _) => {
            let account = taken.by.and_then(|actor| setting.account(actor));
            account
                .map(|account| format!("account {account}"))
                .unwrap_or_default()
        }
        (object, _) => setting.called(object),
    }
}

fn article(noun: &str) -> &'static str {
    match noun.starts_with(['a', 'e', 'i', 'o']) || noun.starts_with("hsm") {
        true => "an",
        false => "a",
    }
}

/// What a power is, in words.
pub fn gained(setting: &Setting<'_>, power: Power) -> String {
    let principal = |place: usize| setting.name(Actor::Existing(place));
    let resource = |place: usize| setting.called(Object::Resource(place));
    match power {
        Power::Is(actor) => format!("acts as {}", setting.name(actor)),
        Power::Identity(place) => format!("writes the policies of {}", principal(place)),
        Power::Removed(place, id) => {
            let name = &setting.context.org.policies.get(id).name;
            format!("takes {name} from {}", principal(place))
        }
        Power::Inline(place) => format!("writes over the inline policies of {}", principal(place)),
        Power::Boundary(place) => {
            format!("removes the permissions boundary of {}", principal(place))
        }
        Power::Tags(place) => format!("chooses the tags of {}", principal(place)),
        Power::Trust(place) => format!("writes the trust policy of {}", principal(place)),
        Power::Text(id) => {
            format!("writes {}", setting.context.org.policies.get(id).name)
        }
        Power::Guardrails(account) => {
            format!("removes the organization policies that bind account {account}")
        }
        Power::Left(account) => {
            format!("takes account {account} out of the organization and its trails")
        }
        Power::Own(place) => format!("writes the policy of {}", resource(place)),
        Power::Bare(place) => format!("deletes the policy of {}", resource(place)),
        Power::Floor(place) => format!("takes block public access from {}", resource(place)),
        Power::Public(account) => format!("takes block public access from account {account}"),
        Power::Endpoint(place) => {
            format!(
                "writes the policy of {}",
                setting.called(Object::Endpoint(place))
            )
        }
        Power::Copy(place) => format!("copies what {} holds", resource(place)),
        Power::Unkey(place) if setting.is_key(place) => {
            format!("makes the key {} unusable", resource(place))
        }
        Power::Unkey(place) => format!("has {} encrypt under another key", resource(place)),
        Power::Destroy(place) => format!("destroys {}", resource(place)),
        Power::Blind(place) => format!("stops {}", setting.called(Object::Trail(place))),
        Power::Evidence(place) => format!("alters or expires what lies in {}", resource(place)),
        Power::Net(account) => format!("changes the networks of account {account}"),
        Power::Silence(_, account, _) => format!("silences what watches account {account}"),
    }
}

/// What an edge does to something that has no policy of its own, the worst first.
pub fn silenced(edge: &Edge) -> &'static str {
    let worst = edge.gains.iter().find_map(|gain| match gain {
        Gain::Destroy => Some("destroys"),
        Gain::Blind => Some("stops"),
        _ => None,
    });
    let alters = || {
        let of_evidence = edge.gains.contains(&Gain::Evidence);
        of_evidence.then_some("alters or expires what lies in")
    };
    worst.or_else(alters).unwrap_or("silences")
}
