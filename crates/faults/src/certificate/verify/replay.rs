//! Attacks, replayed: each step's requests are decided over what the steps before have rewritten.

use cofferdam_authz::concrete::Context;
use cofferdam_authz::decide::Outcome;
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::symbolic::Wanted;
use cofferdam_authz::witness::{Request, replay_after};
use cofferdam_findings::depths::{Attack, AttackStep, FOLLOWS, Of, Sent};
use cofferdam_text::Origin;

use super::closed::{attaches, follow};
use super::{Checker, Dataset, Refused};
use crate::catalogue::{Need, Operand};
use crate::certificate::rules::Use;
use crate::certificate::sending::{Made, may_send, request};
use crate::closure::Mode;
use crate::decide::anew::with_carried;
use crate::decide::{Asked, Named, Truth};
use crate::fault::start;
use crate::power::{Power, State, Taken};
use crate::setting::{Actor, Object};

impl<'a> Checker<'_, '_, 'a> {
    /// That these faults suffice.
    ///
    /// # Errors
    /// The part that does not replay.
    pub fn attack(&self, dataset: &Dataset<'_, '_, 'a>, attack: &Attack) -> Result<(), Refused> {
        let mut begins = Vec::new();
        for (at, name) in attack.faults.iter().enumerate() {
            let again = attack.faults.iter().take(at).any(|other| other == name);
            let found = self.fault(dataset, name).filter(|_| !again);
            let Some((_, fault)) = found else {
                let what = format!("`{name}` is not counted as a fault, or stands here twice");
                return Err(refused(attack.at, what));
            };
            begins.extend(self.begins(fault));
        }
        let mut state = start(self.setting(), &begins);
        for (number, step) in (1..).zip(&attack.steps) {
            let told = |what: Refused| {
                let what = Refused {
                    what: format!("step {number} ({}): {}", step.edge, what.what),
                    ..what
                };
                Refused {
                    at: what.at.or(step.at),
                    ..what
                }
            };
            self.step(&mut state, step).map_err(told)?;
        }
        self.evidence_is_lost(dataset, attack, &state)?;
        self.leaves(dataset, attack, &state)
    }

    fn step(&self, state: &mut State, step: &AttackStep) -> Result<(), Refused> {
        let fail = |what: String| refused(step.at, what);
        let actor = self.names.read_actor(&step.by);
        let actor = actor.ok_or_else(|| fail(format!("there is nobody `{}`", step.by)))?;
        let on = self.names.read_object(&step.on);
        let on = on.ok_or_else(|| fail(format!("there is nothing `{}`", step.on)))?;
        let gains = match &*step.edge {
            FOLLOWS => self.followed(state, on).map_err(fail)?,
            _ => self.taken(state, step, actor, on)?,
        };
        if step.gains.is_empty() {
            return Err(fail("it gains nothing".to_owned()));
        }
        for text in &step.gains {
            let power = self
                .names
                .read_power(text)
                .filter(|one| gains.contains(one));
            let power = power.ok_or_else(|| fail(format!("this does not gain `{text}`")))?;
            let taken = Taken {
                power,
                edge: None,
                by: Some(actor),
                on,
                possible: false,
            };
            state.take(self.setting(), taken);
        }
        Ok(())
    }

    /// Whoever writes a trust policy acts as the role.
    fn followed(&self, state: &State, on: Object) -> Result<Vec<Power>, String> {
        let Object::Principal(role) = on else {
            return Err("only a role has a trust policy".to_owned());
        };
        if !state.holds(Power::Trust(role)) {
            return Err(format!(
                "nobody has written the trust of `{}`",
                self.names.object(on)
            ));
        }
        Ok(follow(self.setting(), role))
    }

    /// What an edge certainly gains that is taken now.
    fn taken(
        &self,
        state: &State,
        step: &AttackStep,
        actor: Actor,
        on: Object,
    ) -> Result<Vec<Power>, Refused> {
        let fail = |what: String| refused(step.at, what);
        let found = self.names.edge(&step.edge);
        let found = found.and_then(|place| Some((place, self.edges.get(place)?)));
        let (place, edge) = found.ok_or_else(|| fail("there is no such edge".to_owned()))?;
        if !state.holds(Power::Is(actor)) {
            return Err(fail(format!("nobody acts as `{}` yet", step.by)));
        }
        let rules = self.rules();
        let this = Use {
            edge,
            place,
            actor,
            on,
        };
        if !rules.objects(&edge.on).contains(&on) {
            return Err(fail(format!("`{}` is not what the edge is about", step.on)));
        }
        if rules.guards(&rules.after(state, Some(actor)), this) != Truth::Certain {
            return Err(fail("its guards do not certainly hold".to_owned()));
        }
        self.needs(state, this, &step.requests, step.at)?;
        let gains = rules.gains(this).into_iter();
        let sure = gains.filter(|(_, truth)| *truth == Truth::Certain);
        Ok(sure.map(|(power, _)| power).collect())
    }

    /// That the requests are those that the edge needs, one for each, and are allowed.
    fn needs(
        &self,
        state: &State,
        this: Use<'_>,
        sent: &[Sent],
        at: Option<Origin>,
    ) -> Result<(), Refused> {
        let needs = &this.edge.needs;
        if needs.len() != sent.len() {
            let what = format!("{} requests where it needs {}", sent.len(), needs.len());
            return Err(refused(at, what));
        }
        let taken_over = self.rules().taken_over(this).into_iter();
        let mut last = refused(at, "there is nothing that it could take over".to_owned());
        for carrier in taken_over {
            let mut each = needs.iter().zip(sent);
            let all = each.try_for_each(|(need, sent)| {
                self.need(state, this, carrier, need, sent).map_err(|what| {
                    let what = format!("{} on {}: {what}", sent.action, sent.resource);
                    refused(sent.at.or(at), what)
                })
            });
            match all {
                Ok(()) => return Ok(()),
                Err(why) => last = why,
            }
        }
        Err(last)
    }

    fn need(
        &self,
        state: &State,
        this: Use<'_>,
        carrier: Option<Object>,
        need: &Need,
        sent: &Sent,
    ) -> Result<(), String> {
        let request = request(sent)?;
        if request.action != need.action {
            return Err(format!("the edge needs {}", need.action));
        }
        if need.operand == Operand::Carrier && carrier.is_none() {
            return Err("no source lists what is taken over".to_owned());
        }
        let asked = self.rules().asked(this.actor, this.on, carrier, need);
        let asked = asked.into_iter();
        let mut meant = asked.filter(|one| self.is_meant(this.actor, one, &request.resource));
        let asked = meant.next().ok_or("the edge is not about this")?;
        let after = self.rules().after(state, Some(this.actor));
        let party = self.setting().party(this.actor);
        let thing = self.decider.thing_anew(&after, this.actor, &asked);
        let (party, thing) = party.zip(thing).ok_or("there is no such request")?;
        let fixed = fixed(&asked);
        let made = Made {
            request: &request,
            party,
            thing,
            tags: after.tags_of(party),
            fixed: &fixed,
        };
        let contexts = [request.context.clone()];
        let mut refused = Err(String::new());
        for choice in after.choices(self.setting().context.org) {
            refused = self.is_allowed(&choice, made, &contexts);
            if refused.is_ok() {
                break;
            }
        }
        refused
    }

    /// Whether a request names what is asked about. Where anything will do, it lies in the actor's
    /// own account.
    fn is_meant(&self, actor: Actor, asked: &Asked, resource: &str) -> bool {
        match &asked.resource {
            Named::Like(pattern) => like(pattern, resource),
            Named::Under(under) => resource.len() > under.len() && resource.starts_with(&**under),
            Named::Whole => resource == "*",
            Named::Anyhow => {
                let account = resource.split(':').nth(4).unwrap_or_default();
                let own = self.setting().account(actor).map(|own| own.to_string());
                account.is_empty() || account == "*" || own.as_deref() == Some(account)
            }
        }
    }

    /// That a request is its sender's to send, and is allowed however its session was made. The
    /// contexts are those that it may show, whichever it will.
    pub(super) fn is_allowed(
        &self,
        after: &Rewritten,
        made: Made<'_, 'a>,
        contexts: &[Context],
    ) -> Result<(), String> {
        let org = self.setting().context.org;
        if !matches!(
            made.party.caller.kind,
            cofferdam_authz::caller::CallerKind::Anyone(_)
        ) {
            let name = crate::decide::anew::acting_as(made.party);
            if made.request.principal != name {
                return Err(format!(
                    "it is sent by {}, not by {name}",
                    made.request.principal
                ));
            }
        }
        may_send(org, made)?;
        let carried: Vec<Context> = contexts.iter().map(with_carried).collect();
        for context in contexts.iter().chain(&carried) {
            let request = Request {
                context: context.clone(),
                ..made.request.clone()
            };
            let decision = replay_after(org, Some(after), &request, made.thing, made.party);
            if decision.outcome != Outcome::Allowed {
                return Err(format!("the decision is {}", decision.outcome.word()));
            }
        }
        Ok(())
    }

    /// Of a breach, that the powers are held by which recording is put out.
    fn evidence_is_lost(
        &self,
        dataset: &Dataset<'_, '_, 'a>,
        attack: &Attack,
        state: &State,
    ) -> Result<(), Refused> {
        let fail = |what: String| refused(attack.at, what);
        for text in &attack.defeats {
            let power = self.names.read_power(text);
            if !power.is_some_and(|power| state.holds(power)) {
                return Err(fail(format!("`{text}` is not held")));
            }
        }
        let out = dataset.sinks.defeated(self.setting(), state, Mode::Certain);
        if attack.of == Of::Breach && out.is_none() && attack.exit.reader.is_none() {
            return Err(fail("what is copied out is recorded".to_owned()));
        }
        Ok(())
    }
}

/// What the purpose of a request fixes.
fn fixed(asked: &Asked) -> Vec<(&'static str, String)> {
    let passed = asked.passed_to.iter();
    let passed = passed.map(|host| ("iam:passedtoservice", host.to_string()));
    let attached = attaches(&asked.action).then(|| {
        let everything = "arn:aws:iam::aws:policy/AdministratorAccess";
        ("iam:policyarn", everything.to_owned())
    });
    passed.chain(attached).collect()
}

pub(super) fn refused(at: Option<Origin>, what: String) -> Refused {
    Refused { at, what }
}

/// Whether a text is of a pattern in which `*` stands for any text and `?` for one character.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    cofferdam_boundary::exception::accepts(pattern, text)
}

/// Whether a resource is one of those that are meant.
pub(super) fn is_wanted(wanted: &Wanted, resource: &str) -> bool {
    match wanted {
        Wanted::Exactly(arn) => arn == resource,
        Wanted::Under(arn) => resource.len() > arn.len() && resource.starts_with(&**arn),
        Wanted::Like(pattern) => like(pattern, resource),
        Wanted::Anything => true,
    }
}
