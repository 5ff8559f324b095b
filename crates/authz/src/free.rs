//! Calls that need no permission: whoever has credentials may make them, whatever policies say.
//!
//! Sources: the page of GetCallerIdentity in the AWS STS API reference (no permissions are required, and
//! an explicit Deny does not stop it), "Permissions for GetSessionToken" (none are required for a user,
//! and policies cannot control it). The policy of an endpoint still says what passes through it
//! ("Control access to AWS STS with VPC endpoint policies"). GetAccessKeyInfo is none of them: its page
//! promises nothing.

use std::sync::LazyLock;

use cofferdam_names::ActionName;
use cofferdam_policy::ast::ActionPattern;

use crate::caller::CallerKind;
use crate::combine::{Decided, Deciding, decide_one, endpoints};
use crate::layers::Layers;

/// Their service.
const SERVICE: &str = "sts";

/// Their names, in small letters: for everybody, and for users and root users, who alone have the
/// long-term credentials that it takes.
const NAMES: [&str; 2] = ["getcalleridentity", "getsessiontoken"];

static ACTIONS: LazyLock<[ActionPattern; 2]> = LazyLock::new(|| {
    NAMES.map(|name| ActionPattern::Of {
        service: SERVICE.into(),
        name: name.into(),
    })
});

const WHO: &str = "whether the caller has the long-term credentials of a user is not known";

/// Whether an action is one of them, for some caller.
pub fn needs_none(action: &ActionName) -> bool {
    let named = |name: &&str| action.name().eq_ignore_ascii_case(name);
    action.service() == SERVICE && NAMES.iter().any(named)
}

/// Decides about one thing under its own name, or without any policy where none is asked.
pub(crate) fn decide<R: Deciding>(reading: &mut R, layers: &Layers<'_>) -> Decided<R::Truth> {
    let free = free(reading);
    if reading.settled(free, false) {
        return decide_one(reading, layers);
    }
    let endpoint = endpoints(reading, layers);
    let open = reading.not(endpoint.denies);
    let passes = reading.and(endpoint.allows, open);
    if reading.settled(free, true) {
        return Decided {
            allowed: passes,
            denied: endpoint.denies,
        };
    }
    let asked = decide_one(reading, layers);
    let not_free = reading.not(free);
    let freely = reading.and(free, passes);
    let stopped = reading.and(free, endpoint.denies);
    let denied = reading.and(not_free, asked.denied);
    Decided {
        allowed: reading.or(asked.allowed, freely),
        denied: reading.or(denied, stopped),
    }
}

/// The request needs no permission.
fn free<R: Deciding>(reading: &mut R) -> R::Truth {
    if reading.service().is_some_and(|service| service != SERVICE) {
        return reading.known(false);
    }
    let [who, token] = &*ACTIONS;
    let asks_who = reading.action(std::slice::from_ref(who));
    let asks_token = reading.action(std::slice::from_ref(token));
    let has_key = match &reading.caller().kind {
        CallerKind::Service(_) | CallerKind::Anonymous | CallerKind::Federated(_) => {
            return reading.known(false);
        }
        CallerKind::User(_) | CallerKind::Root(_) => reading.known(true),
        CallerKind::Role { .. } | CallerKind::FederatedUser { .. } => reading.known(false),
        CallerKind::Anyone(_) => reading.both(asks_token, |reading| reading.unknown(WHO)),
    };
    let token = reading.and(asks_token, has_key);
    reading.or(asks_who, token)
}
