//! Where the policy of a resource is in force.
//!
//! Some services evaluate their resource policies for some actions or callers only, or let everybody
//! in while there is none; the catalogue holds these exceptions, each with its page. Here they
//! become part of what *combine* reads.

use cofferdam_catalog::policy_reach;
use cofferdam_names::{ActionName, Arn, ContextKey};
use cofferdam_policy::ast::ActionPattern;
use cofferdam_policy::matching::action_matches;

use crate::caller::CallerKind;
use crate::combine::Deciding;
use crate::layers::Relation;

/// Why nobody's policies settle what a resource without a policy lets everybody do.
pub(crate) const NOT_ASKED: &str =
    "while the resource has no policy, its service asks no policy at all";
/// Why a Deny does not settle what a root user may do.
pub(crate) const ROOT_KEEPS: &str =
    "whether a policy can deny its own owner's root user to change it is not documented";

/// What the policy of one resource can govern, where that is less than everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    in_force: Vec<ActionPattern>,
    only_services: bool,
    across: Vec<ActionPattern>,
    pub(crate) open: Vec<ActionPattern>,
    pub(crate) root_keeps: Vec<ActionPattern>,
    tested_keys: Vec<&'static str>,
}

impl Reach {
    /// The exceptions for a resource, if its service makes any.
    pub fn of(arn: &Arn) -> Option<Reach> {
        let service = arn.service();
        let found = policy_reach(service, arn.resource())?;
        let patterns = |names: &mut dyn Iterator<Item = &'static str>| {
            let of = |name: &str| ActionPattern::Of {
                service: service.into(),
                name: name.to_ascii_lowercase().into(),
            };
            names.map(of).collect()
        };
        Some(Reach {
            in_force: patterns(&mut found.in_force()),
            only_services: found.only_services(),
            across: patterns(&mut found.across()),
            open: patterns(&mut found.open()),
            root_keeps: patterns(&mut found.root_keeps()),
            tested_keys: found.tested_keys().collect(),
        })
    }

    /// Whether the service leaves a condition key of a request for this action untested.
    pub(crate) fn ignores(&self, action: &ActionName, key: &ContextKey) -> bool {
        let (service, name) = (action.service(), action.name());
        let of_clients = self
            .open
            .iter()
            .any(|pattern| action_matches(pattern, service, name));
        let tested = |known: &&'static str| known.eq_ignore_ascii_case(key.as_str());
        of_clients && !self.tested_keys.is_empty() && !self.tested_keys.iter().any(tested)
    }

    /// Whether the policy is asked about the request at all.
    pub(crate) fn is_in_force<R: Deciding>(&self, reading: &mut R) -> R::Truth {
        let service = matches!(reading.caller().kind, CallerKind::Service(_));
        if self.only_services && !service {
            return reading.known(false);
        }
        reading.action(&self.in_force)
    }

    /// Whether it can grant the request to a caller who so stands to the owner.
    pub(crate) fn can_grant<R: Deciding>(&self, reading: &mut R, relation: Relation) -> R::Truth {
        match relation {
            Relation::Cross | Relation::Anonymous => reading.action(&self.across),
            Relation::Same | Relation::Service | Relation::Federated => reading.known(true),
        }
    }
}
