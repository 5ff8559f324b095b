//! What an attacker has come to hold, and by which steps.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::rewritten::Rewritten;
use cofferdam_names::AccountId;
use cofferdam_org::model::PolicyId;

use crate::setting::{Actor, Object, Setting};

/// One thing that an attacker holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// It acts as somebody.
    Is(Actor),
    /// It writes the identity policies of a user or role.
    Identity(usize),
    /// It writes over the inline policies of a user or role.
    Inline(usize),
    /// It takes one of its identity policies, which denies something, from a user or role.
    Removed(usize, PolicyId),
    /// It takes the permissions boundary from a user or role.
    Boundary(usize),
    /// It chooses the tags of a user or role.
    Tags(usize),
    /// It writes the trust policy of a role.
    Trust(usize),
    /// It writes the text of a managed, service control or resource control policy.
    Text(PolicyId),
    /// It takes away what binds an account.
    Guardrails(AccountId),
    /// It takes an account out of the organization, whose trails record it no longer.
    Left(AccountId),
    /// It writes the policy of a resource or key.
    Own(usize),
    /// It deletes the policy of a resource.
    Bare(usize),
    /// It takes off a bucket's own block of public access.
    Floor(usize),
    /// It takes off the block of public access of a whole account.
    Public(AccountId),
    /// It writes the policy of an endpoint.
    Endpoint(usize),
    /// What a store holds leaves by itself.
    Copy(usize),
    /// A key no longer works, and what is under it cannot be read.
    Unkey(usize),
    /// A store and what it holds are gone.
    Destroy(usize),
    /// A trail records no longer.
    Blind(usize),
    /// What lies in a store as evidence can be altered or expired.
    Evidence(usize),
    /// It changes routes, doors and filters of the networks of an account.
    Net(AccountId),
    /// Something that watches or is watched is put out by an edge: the place of the edge, the account,
    /// and what it is about.
    Silence(usize, AccountId, Object),
}

impl Power {
    /// Whether later decisions are made over something else because of it.
    pub fn rewrites(self) -> bool {
        matches!(
            self,
            Power::Identity(_)
                | Power::Inline(_)
                | Power::Removed(..)
                | Power::Boundary(_)
                | Power::Tags(_)
                | Power::Trust(_)
                | Power::Text(_)
                | Power::Guardrails(_)
                | Power::Own(_)
                | Power::Bare(_)
                | Power::Floor(_)
                | Power::Public(_)
                | Power::Endpoint(_)
        )
    }
}

/// One step of an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it gains.
    pub power: Power,
    /// The place of the edge in the catalogue; `None`: where the attack starts, or what follows of
    /// itself.
    pub edge: Option<usize>,
    /// Who takes it.
    pub by: Option<Actor>,
    /// What it is about.
    pub on: Object,
    /// Whether it hangs on something unknown.
    pub possible: bool,
}

/// What an attacker holds, in the order in which it came to hold it.
#[derive(Clone, Debug, Default)]
pub struct State {
    held: BTreeMap<Power, usize>,
    taken: Vec<Taken>,
    rewritten: Rewritten,
    opened: BTreeSet<Object>,
}

impl State {
    /// Whether something is held.
    pub fn holds(&self, power: Power) -> bool {
        self.held.contains_key(&power)
    }

    /// Everything that is held.
    pub fn powers(&self) -> impl Iterator<Item = Power> + '_ {
        self.held.keys().copied()
    }

    /// Everybody that the attacker acts as.
    pub fn actors(&self) -> impl Iterator<Item = Actor> + '_ {
        // `Is` is the first kind of power in their order.
        self.held.keys().map_while(|power| match power {
            Power::Is(actor) => Some(*actor),
            _ => None,
        })
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Taken] {
        &self.taken
    }

    /// What was gained from a step on.
    pub fn since(&self, step: usize) -> Vec<Power> {
        let new = self.taken.iter().skip(step);
        new.map(|taken| taken.power).collect()
    }

    /// What is held beside all that another state holds.
    pub fn beside(&self, other: &State) -> Vec<Power> {
        if self.held.len() == other.held.len() {
            return Vec::new();
        }
        self.powers().filter(|power| !other.holds(*power)).collect()
    }

    /// The step that gained something.
    pub fn step_of(&self, power: Power) -> Option<usize> {
        self.held.get(&power).copied()
    }

    /// What decisions are made over.
    pub fn rewritten(&self) -> &Rewritten {
        &self.rewritten
    }

    /// Things whose own policy the attacker writes, wherever they are.
    pub fn opened(&self) -> &BTreeSet<Object> {
        &self.opened
    }

    /// Takes a step, unless its gain is held already. Says whether it was new.
    pub fn take(&mut self, setting: &Setting<'_>, step: Taken) -> bool {
        let power = step.power;
        if self.holds(power) {
            return false;
        }
        self.held.insert(power, self.taken.len());
        self.taken.push(step);
        self.rewrite(setting, power);
        true
    }

    /// Two states, and what they hold together. The steps of the second follow those of the first.
    pub fn join(&mut self, setting: &Setting<'_>, other: &State) {
        for step in &other.taken {
            self.take(setting, step.clone());
        }
    }

    fn rewrite(&mut self, setting: &Setting<'_>, power: Power) {
        let org = setting.context.org;
        let arn = |place: usize| {
            let principal = org.principals.get(place);
            principal.map(|principal| Box::<str>::from(principal.arn.as_str()))
        };
        match power {
            Power::Identity(place) => self.rewritten.identities.extend(arn(place)),
            Power::Inline(place) => self.rewritten.inlines.extend(arn(place)),
            Power::Removed(place, id) => {
                if let Some(arn) = arn(place) {
                    self.rewritten.removed.entry(arn).or_default().insert(id);
                }
            }
            Power::Boundary(place) => self.rewritten.boundaries.extend(arn(place)),
            Power::Tags(place) => self.rewritten.tags.extend(arn(place)),
            Power::Trust(place) => {
                self.rewritten.own.extend(arn(place));
                self.opened.insert(Object::Principal(place));
            }
            Power::Text(id) => {
                self.rewritten.texts.insert(id);
            }
            Power::Guardrails(account) => {
                self.rewritten.guardrails.insert(account);
            }
            Power::Public(account) => {
                self.rewritten.public.insert(account);
            }
            Power::Own(place) | Power::Bare(place) | Power::Floor(place) => {
                let resource = org.resources.get(place);
                let arn = resource.map(|resource| Box::<str>::from(resource.arn.as_str()));
                match power {
                    Power::Own(_) => self.rewritten.own.extend(arn),
                    Power::Bare(_) => self.rewritten.bare.extend(arn),
                    _ => self.rewritten.floors.extend(arn),
                }
                self.opened.insert(Object::Resource(place));
            }
            Power::Endpoint(place) => {
                let endpoint = org.endpoints.get(place);
                let id = endpoint.map(|endpoint| endpoint.id.clone());
                self.rewritten.endpoints.extend(id);
            }
            Power::Is(_)
            | Power::Left(_)
            | Power::Copy(_)
            | Power::Unkey(_)
            | Power::Destroy(_)
            | Power::Blind(_)
            | Power::Evidence(_)
            | Power::Net(_)
            | Power::Silence(..) => {}
        }
    }

    /// The same actors after what somebody else has rewritten.
    pub fn under(&self, other: &State) -> State {
        let actors = self
            .held
            .iter()
            .filter(|(power, _)| matches!(power, Power::Is(_)));
        State {
            held: actors.map(|(power, step)| (*power, *step)).collect(),
            taken: self.taken.clone(),
            rewritten: other.rewritten.clone(),
            opened: other.opened.clone(),
        }
    }

    /// What was held before a step was taken.
    pub fn until(&self, setting: &Setting<'_>, step: usize) -> State {
        let mut before = State::default();
        for taken in self.taken.iter().take(step) {
            before.take(setting, taken.clone());
        }
        before
    }

    /// A smallest part of the rewrites under which something still holds that holds under all;
    /// where there are several, of those that were made first, which build on the least.
    pub fn needed_for(&self, setting: &Setting<'_>, holds: impl Fn(&State) -> bool) -> Vec<Power> {
        let mut rewrites: Vec<Power> = self.powers().filter(|power| power.rewrites()).collect();
        rewrites.sort_by_key(|power| self.step_of(*power));
        let holds = |powers: &[Power]| holds(&self.with_only(setting, powers));
        if rewrites.is_empty() || holds(&[]) {
            return Vec::new();
        }
        let mut needed = least(&[], &rewrites, &holds);
        needed.sort_unstable();
        needed
    }

    /// The same actors after these rewrites alone.
    pub fn with_only(&self, setting: &Setting<'_>, rewrites: &[Power]) -> State {
        let mut state = State {
            held: self.actors().map(|actor| (Power::Is(actor), 0)).collect(),
            ..State::default()
        };
        for power in rewrites {
            state.rewrite(setting, *power);
        }
        state
    }
}

/// A smallest part of some powers without which, beside others, something would not hold; the
/// first are kept where there is a choice (Junker, "QuickXplain", 2004).
fn least(beside: &[Power], of: &[Power], holds: &impl Fn(&[Power]) -> bool) -> Vec<Power> {
    let (first, second) = of.split_at(of.len() / 2);
    if first.is_empty() {
        return of.to_vec();
    }
    let rest = |known: &[Power], open: &[Power]| match holds(known) {
        true => Vec::new(),
        false => least(known, open, holds),
    };
    let mut found = rest(&[beside, first].concat(), second);
    found.extend(rest(&[beside, found.as_slice()].concat(), first));
    found
}
