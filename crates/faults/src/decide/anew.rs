//! Decisions for certificates: without anything remembered, over all of the rewrites at once, and
//! as requests that somebody else can decide again.

use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::concrete::Context;
use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::rewritten::Rewritten;
use cofferdam_authz::search::Found;
use cofferdam_authz::witness::{Request, key};
use cofferdam_boundary::path::Path;
use cofferdam_logic::Model;
use cofferdam_names::ContextKey;

use super::{ATTACKER, Asked, Decider, NOT_CHOSEN, Named, NeedId, Truth, acting, carried, plain};
use crate::setting::{Actor, Object};

impl<'a> Decider<'_, 'a> {
    /// Whether some such request is allowed after all of the rewrites.
    pub(crate) fn allows_anew(&self, after: &Rewritten, actor: Actor, asked: &Asked) -> Truth {
        self.decide(after, actor, asked)
    }

    /// Whether a role's trust policy admits a service after all of the rewrites.
    pub(crate) fn admits_anew(&self, after: &Rewritten, role: usize, host: &str) -> Truth {
        let on = Object::Principal(role);
        let Some(arn) = self.setting.arn(on) else {
            return Truth::No;
        };
        let asked = Asked {
            need: NeedId::default(),
            action: self.assume.clone(),
            on,
            resource: Named::Like(arn.into()),
            passed_to: None,
            attached: None,
        };
        let party = Party::service(host);
        self.best(after, |after| self.settle(after, &party, &asked, None))
    }

    /// Whether some principal may use a key itself, or have a service use it.
    pub(crate) fn uses_anew(
        &self,
        after: &Rewritten,
        actor: Actor,
        key: usize,
        host: &str,
    ) -> bool {
        let on = Object::Resource(key);
        let Some(arn) = self.setting.arn(on) else {
            return false;
        };
        let asked = Asked {
            need: NeedId::default(),
            action: self.decrypt.clone(),
            on,
            resource: Named::Like(arn.into()),
            passed_to: None,
            attached: None,
        };
        self.decide(after, actor, &asked) != Truth::No
            || self.forwards(after, actor, &asked, host) != Truth::No
    }

    /// What a request is made to.
    pub(crate) fn thing_anew(
        &self,
        after: &Rewritten,
        actor: Actor,
        asked: &Asked,
    ) -> Option<Thing<'a>> {
        self.thing(after, self.setting.party(actor)?, asked)
    }

    /// A request that certainly passes after the rewrites; `None`: there is none.
    pub(crate) fn certain_request(
        &self,
        after: &Rewritten,
        actor: Actor,
        asked: &Asked,
    ) -> Option<Request> {
        let party = self.setting.party(actor)?;
        let choices = after.choices(self.setting.context.org).into_iter();
        let mut found = choices.filter_map(|after| self.request_under(&after, party, asked));
        found.next()
    }

    fn request_under(
        &self,
        after: &Rewritten,
        party: &Party<'a>,
        asked: &Asked,
    ) -> Option<Request> {
        if !self.is_possible(after, party, asked, None) {
            return None;
        }
        if self.is_plain(after, party, asked) {
            return Some(Request {
                principal: acting_as(party),
                action: asked.action.clone(),
                resource: match &asked.resource {
                    Named::Like(arn) => arn.to_string(),
                    Named::Under(arn) => format!("{arn}x"),
                    Named::Anyhow | Named::Whole => "*".to_owned(),
                },
                context: plain(asked, false),
                forwarded_by: None,
                network: String::new(),
            });
        }
        let question = (asked, None);
        let found = self.ask(after, party, question, |path, _, found| match found {
            Found::Certain(model) => requests(path, &model).into_iter().next(),
            _ => None,
        });
        found.flatten()
    }
}

/// The requests of a model, in the order of the path.
pub(crate) fn requests(path: &Path<'_>, model: &Model<'_>) -> Vec<Request> {
    let taken = path.hops.iter().filter(|hop| model.holds(hop.taken));
    taken
        .filter_map(|hop| path.query.request(hop.number, model))
        .collect()
}

/// Keys that whoever holds a credential does not choose, each with a value that it may have.
pub(crate) fn carried_keys() -> impl Iterator<Item = (ContextKey, &'static str)> {
    let keys = NOT_CHOSEN.iter();
    keys.filter_map(|name| Some((key(name)?, carried(name))))
}

/// The name under which a party sends requests.
pub(crate) fn acting_as(party: &Party<'_>) -> String {
    let caller = acting(party).caller;
    match &caller.kind {
        CallerKind::Role { session, .. } => session.to_string(),
        _ => caller.display(),
    }
}

/// The address from which attackers call.
pub(crate) fn attacker() -> &'static str {
    ATTACKER.trim_end_matches("/32")
}

/// A context with every key that belongs to how a session was made.
pub(crate) fn with_carried(context: &Context) -> Context {
    let mut context = context.clone();
    for (key, value) in carried_keys() {
        context.insert(key, vec![value.into()]);
    }
    context
}
