//! One request decided, with its reasons.

use cofferdam_org::model::Organization;

use crate::combine::combine;
use crate::concrete::{Asked, Concrete, Ternary};
use crate::context::{Network, Situation};
use crate::gather::{self, Party, Thing};
use crate::layers::Layers;
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
    let mut reading = Concrete::traced(asked, situation);
    let decided = combine(&mut reading, layers);
    let outcome = match (decided.denied, decided.allowed) {
        (Ternary::True, _) => Outcome::ExplicitlyDenied,
        (_, Ternary::True) => Outcome::Allowed,
        (Ternary::False, Ternary::False) => Outcome::ImplicitlyDenied,
        _ => Outcome::Undecided,
    };
    Decision {
        outcome,
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
    let service = asked.action.service();
    let layers = gather::layers(org, party, thing, service);
    let network = if forwarded_by.is_some() {
        Network::Aws
    } else {
        Network::Stated
    };
    let mut situation = gather::situation(org, party, thing, service, network);
    situation.forwarded_by = forwarded_by;
    decide(&layers, asked, &situation)
}
