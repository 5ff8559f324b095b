//! The request that a need of an edge stands for: by whom, about what, and how it names it.

use cofferdam_names::ActionName;

use crate::carriers::{stated, takes, unseen};
use crate::catalogue::{Need, Operand};
use crate::decide::{Asked, Decider, Named};
use crate::setting::{Actor, Object};

/// The request that a need stands for, without an actor anybody's; `carrier` is what the edge takes
/// over, if it names it.
pub fn asked(
    decider: &Decider<'_, '_>,
    actor: Option<Actor>,
    on: Object,
    carrier: Option<Object>,
    need: &Need,
) -> Option<Asked> {
    let setting = decider.setting;
    let like = |object: Object| setting.arn(object).map(|arn| Named::Like(arn.into()));
    let (object, resource, passed_to) = match &need.operand {
        Operand::Target => (on, like(on).unwrap_or(Named::Anyhow), None),
        Operand::Passed(host) => (on, like(on)?, Some(host.as_str().into())),
        Operand::Objects => {
            let arn = setting.arn(on)?;
            (on, Named::Under(format!("{arn}/").into()), None)
        }
        Operand::Itself => {
            let Some(Actor::Existing(place)) = actor else {
                return None;
            };
            let itself = Object::Principal(place);
            (itself, like(itself)?, None)
        }
        Operand::Carrier if carrier.is_some() => {
            let carrier = carrier?;
            (carrier, like(carrier)?, None)
        }
        Operand::Any if takes(setting, on, need) => (on, stated(setting, on)?, None),
        Operand::Carrier => (Object::Nothing, unseen(setting, actor, need), None),
        Operand::New | Operand::Any | Operand::Policy => {
            (Object::Nothing, of_any(&need.action), None)
        }
    };
    Some(Asked {
        need: decider.id_of(need),
        action: need.action.clone(),
        on: object,
        resource,
        passed_to,
        attached: None,
    })
}

/// How a request names a thing that the model does not hold: actions without resource types know only
/// `*`, which no statement about some resources matches ("Actions, resources, and condition keys
/// for AWS services").
fn of_any(action: &ActionName) -> Named {
    let known = cofferdam_catalog::action(action.service(), action.name());
    match known.is_some_and(|known| known.resource_types().next().is_none()) {
        true => Named::Whole,
        false => Named::Anyhow,
    }
}
