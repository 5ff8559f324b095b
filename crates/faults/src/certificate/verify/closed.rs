//! That no edge leads out of a state: every edge of every actor about every object is looked at.

use std::collections::BTreeMap;

use cofferdam_authz::coarse::{Span, may_allow};
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_names::ActionName;
use cofferdam_org::model::PolicyId;

use super::Checker;
use crate::catalogue::{Need, On, Operand};
use crate::certificate::rules::Use;
use crate::decide::{Asked, Truth};
use crate::power::{Power, State};
use crate::setting::{Actor, Object, Setting};

/// What was decided about one state.
#[derive(Default)]
struct Known<'e> {
    allowed: BTreeMap<(Actor, &'e ActionName, &'e Operand, Object), bool>,
    granted: BTreeMap<(Actor, &'e ActionName), bool>,
    objects: BTreeMap<&'e On, Vec<Object>>,
}

impl<'c> Checker<'c, '_, '_> {
    /// That nobody whom the attacker acts as can take an edge that gains something new.
    pub(super) fn closed(&self, state: &State) -> Result<(), String> {
        let mut known = Known::default();
        let mut granting = BTreeMap::new();
        self.follows(state)?;
        for actor in state.actors() {
            let after = self.rules().after(state, Some(actor));
            for place in 0..self.edges.len() {
                let (known, granting) = (&mut known, &mut granting);
                self.leads_nowhere((state, &after), actor, place, known, granting)?;
            }
        }
        Ok(())
    }

    /// Whoever writes a trust policy acts as the role, with any tags.
    fn follows(&self, state: &State) -> Result<(), String> {
        for power in state.powers() {
            let Power::Trust(role) = power else {
                continue;
            };
            let mut follow = follow(self.setting(), role).into_iter();
            if let Some(lacks) = follow.find(|one| !state.holds(*one)) {
                let (power, lacks) = (self.names.power(power), self.names.power(lacks));
                return Err(format!("`{power}` gains `{lacks}`, which this state lacks"));
            }
        }
        Ok(())
    }

    fn leads_nowhere(
        &self,
        (state, after): (&State, &Rewritten),
        actor: Actor,
        place: usize,
        known: &mut Known<'c>,
        granting: &mut BTreeMap<(PolicyId, &'c ActionName), bool>,
    ) -> Result<(), String> {
        let edges: &'c [_] = self.edges;
        let Some(edge) = edges.get(place) else {
            return Ok(());
        };
        for need in edge
            .needs
            .iter()
            .filter(|need| !asks_a_policy(&edge.on, need))
        {
            let granted = *known
                .granted
                .entry((actor, &need.action))
                .or_insert_with(|| self.may_be_granted(after, actor, &need.action, granting));
            if !granted {
                return Ok(());
            }
        }
        let rules = self.rules();
        let objects = known.objects.entry(&edge.on);
        let objects = objects.or_insert_with(|| rules.objects(&edge.on)).clone();
        for on in objects {
            let this = Use {
                edge,
                place,
                actor,
                on,
            };
            let mut gains = rules.gains(this).into_iter();
            let Some((new, _)) = gains.find(|(power, _)| !state.holds(*power)) else {
                continue;
            };
            if rules.guards(after, this) == Truth::No {
                continue;
            }
            let mut taken_over = rules.taken_over(this).into_iter();
            if taken_over.any(|carrier| {
                let mut needs = edge.needs.iter();
                needs.all(|need| self.may(after, this, carrier, need, known))
            }) {
                return Err(format!(
                    "`{}` may take edge {} on `{}` and gain `{}`, which this state lacks",
                    self.names.actor(actor),
                    edge.id,
                    self.names.object(on),
                    self.names.power(new),
                ));
            }
        }
        Ok(())
    }

    /// Whether a need may be met, by the decision over everything that was rewritten.
    fn may(
        &self,
        after: &Rewritten,
        this: Use<'_>,
        carrier: Option<Object>,
        need: &'c Need,
        known: &mut Known<'c>,
    ) -> bool {
        let about = match need.operand {
            Operand::Carrier => carrier.unwrap_or(Object::Nothing),
            _ => this.on,
        };
        let key = (this.actor, &need.action, &need.operand, about);
        if let Some(allowed) = known.allowed.get(&key) {
            return *allowed;
        }
        let allowed = self.may_anew(after, this, carrier, need);
        known.allowed.insert(key, allowed);
        allowed
    }

    fn may_anew(
        &self,
        after: &Rewritten,
        this: Use<'_>,
        carrier: Option<Object>,
        need: &Need,
    ) -> bool {
        let asked = self.rules().asked(this.actor, this.on, carrier, need);
        let asked = asked.into_iter();
        let with = |mut asked: Asked, attached: Option<String>| {
            asked.attached = attached.map(Into::into);
            self.decider.allows_anew(after, this.actor, &asked) != Truth::No
        };
        let may = |asked: Asked| match attaches(&need.action) {
            false => with(asked, None),
            true => {
                let mut policies = self.policies_of(this.actor);
                policies.any(|arn| with(asked.clone(), Some(arn)))
            }
        };
        asked.into_iter().any(may)
    }

    /// Policies that an attacker would attach: those of AWS that lead to everything, and its own.
    pub(super) fn policies_of(&self, actor: Actor) -> impl Iterator<Item = String> {
        let own = self.setting().account(actor);
        let own = own.map(|account| format!("arn:aws:iam::{account}:policy/of-the-attacker"));
        let of_aws = ["AdministratorAccess", "IAMFullAccess"];
        let of_aws = of_aws.map(|name| format!("arn:aws:iam::aws:policy/{name}"));
        of_aws.into_iter().chain(own)
    }

    /// Whether an actor's own policies may grant an action at all. Where nothing else can grant it,
    /// that they do not settles the question.
    fn may_be_granted(
        &self,
        rewritten: &Rewritten,
        actor: Actor,
        action: &'c ActionName,
        granting: &mut BTreeMap<(PolicyId, &'c ActionName), bool>,
    ) -> bool {
        let setting = self.setting();
        let Some(principal) = setting.principal(actor) else {
            return true;
        };
        let Some(ids) = principal.identity.present() else {
            return true;
        };
        let mut grants = |id: &PolicyId| {
            *granting.entry((*id, action)).or_insert_with(|| {
                let span = Span {
                    actions: std::slice::from_ref(action),
                    wanted: &Wanted::Anything,
                };
                let document = &setting.context.org.policies.get(*id).document;
                may_allow(document, action.service(), span)
            })
        };
        rewritten.identities.contains(principal.arn.as_str())
            || ids
                .iter()
                .any(|id| rewritten.texts.contains(id) || grants(id))
    }
}

/// What follows for whoever writes a role's trust policy: it names itself there, and says that it
/// may tag the session ("Passing session tags in AWS STS").
pub(super) fn follow(setting: &Setting<'_>, role: usize) -> Vec<Power> {
    match setting.can_be_used(role) {
        true => vec![Power::Is(Actor::Existing(role)), Power::Tags(role)],
        false => Vec::new(),
    }
}

/// Whether a request attaches a policy to somebody.
pub(in crate::certificate) fn attaches(action: &ActionName) -> bool {
    action.service() == "iam" && action.name().starts_with("Attach")
}

/// Whether the thing that is asked for has a policy of its own, which may grant what the actor's
/// policies do not.
fn asks_a_policy(on: &On, need: &Need) -> bool {
    // A function that is taken over has a policy.
    if need.operand == Operand::Carrier {
        return true;
    }
    let about_it = matches!(
        need.operand,
        Operand::Target | Operand::Objects | Operand::Passed(_)
    );
    let has_none = matches!(
        on,
        On::Nothing
            | On::User
            | On::Group
            | On::Policy
            | On::Trail
            | On::Endpoint
            | On::PermissionSet
            | On::Provider
            | On::OrgPolicy
            | On::Account
            | On::Organization
            | On::Other(_)
    );
    about_it && !has_none && (*on != On::Role || need.action.service() == "sts")
}
