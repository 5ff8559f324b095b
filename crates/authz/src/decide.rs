//! One request decided, with its reasons.

use cofferdam_org::model::Organization;

use crate::combine::{Decided, combine};
use crate::concrete::{Asked, Concrete, Ternary};
use crate::context::{Network, Situation};
use crate::gather::{self, Party, Thing};
use crate::held::Keys;
use crate::layers::Layers;
use crate::rewritten::Rewritten;
use crate::trace::Trace;

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The request passes.
    Allowed,
    /// Nothing allows it.
    ImplicitlyDenied,
    /// A statement denies it.
    ExplicitlyDenied,
    /// Two completions of the unknown facts give different decisions.
    Undecided,
}

impl Outcome {
    /// What truths about allowing and denying come to.
    pub(crate) fn of(decided: &Decided<Ternary>) -> Outcome {
        match (decided.denied, decided.allowed) {
            (Ternary::True, _) => Outcome::ExplicitlyDenied,
            (_, Ternary::True) => Outcome::Allowed,
            (Ternary::False, Ternary::False) => Outcome::ImplicitlyDenied,
            _ => Outcome::Undecided,
        }
    }

    /// The word of the contracts.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::ImplicitlyDenied => "implicitly_denied",
            Outcome::ExplicitlyDenied => "explicitly_denied",
            Outcome::Undecided => "undecided",
        }
    }
}

/// A decision with its reasons.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What was decided.
    pub outcome: Outcome,
    /// Whether it is certainly refused, even if it is not known by what.
    pub refused: bool,
    /// What each layer said and which statements matched.
    pub trace: Trace,
    /// What was unknown on the way.
    pub reasons: Vec<Box<str>>,
}

/// Decides one request under its layers.
pub fn decide(layers: &Layers<'_>, asked: &Asked<'_>, situation: &Situation<'_>) -> Decision {
    explain(layers, asked, situation, &Keys::default())
}

/// Decides one request under its layers; `keys` are those of the situation.
pub(crate) fn explain(
    layers: &Layers<'_>,
    asked: &Asked<'_>,
    situation: &Situation<'_>,
    keys: &Keys,
) -> Decision {
    let mut reading = Concrete::traced(asked, situation, keys);
    let decided = combine(&mut reading, layers);
    Decision {
        outcome: Outcome::of(&decided),
        refused: decided.allowed == Ternary::False,
        trace: reading.trace.unwrap_or_default(),
        reasons: reading.reasons.into_iter().collect(),
    }
}

/// Decides one request in an organization.
pub fn decide_in(
    org: &Organization,
    party: &Party<'_>,
    thing: Thing<'_>,
    asked: &Asked<'_>,
    forwarded_by: Option<&str>,
) -> Decision {
    decide_after(org, None, party, thing, asked, forwarded_by)
}

/// Decides one request after an attacker has rewritten some of what guards it.
pub fn decide_after(
    org: &Organization,
    after: Option<&Rewritten>,
    party: &Party<'_>,
    thing: Thing<'_>,
    asked: &Asked<'_>,
    forwarded_by: Option<&str>,
) -> Decision {
    let service = asked.action.service();
    let mut layers = gather::layers(org, party, thing, service);
    if let Some(rewritten) = after {
        layers = rewritten.after(org, party, thing, layers);
    }
    let network = if forwarded_by.is_some() {
        Network::Aws
    } else {
        Network::Stated
    };
    let mut situation = gather::situation(org, party, thing, service, network);
    situation.forwarded_by = forwarded_by;
    decide(&layers, asked, &situation)
}
