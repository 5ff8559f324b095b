//! A case made ready to be decided many times: what a caller with many requests, or a measurement,
//! goes through.
//!
//! The answer is the concrete reading's own. Where it does not know, `decide` asks further.

use super::world::{self, World};
use super::{Case, keys};
use crate::concrete::Asked;
use crate::context::Terms;
use crate::prepared::Prepared;

/// One world of a case, with what follows for its keys.
#[derive(Clone, Debug)]
pub struct Ready<'c> {
    case: &'c Case,
    world: World,
    fixed: Terms,
}

impl<'c> Ready<'c> {
    /// The worlds of a case: one, unless it leaves open what no key tells.
    pub fn worlds(case: &'c Case) -> Vec<Ready<'c>> {
        let ready = |world: World| Ready {
            fixed: keys::fixed(case, &world, &keys::situation(case, &world)),
            world,
            case,
        };
        world::worlds(case).into_iter().map(ready).collect()
    }

    /// Its layers and keys.
    pub fn prepared(&self) -> Prepared<'_> {
        let mut situation = keys::situation(self.case, &self.world);
        situation.fixed = Some(&self.fixed);
        Prepared::new(world::layers(self.case, &self.world), situation)
    }

    /// What the case asks.
    pub fn asked(&self) -> Asked<'_> {
        let request = &self.case.request;
        Asked {
            action: &request.action,
            resource: &request.resource,
            context: &request.context,
            strict: self.case.strict,
        }
    }
}
