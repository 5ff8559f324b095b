//! One caller and one thing, made ready for many requests.
//!
//! What depends on the two alone (the layers, the keys that follow from them) is found once; a
//! request then costs only what it says itself. The quick answer and the one with reasons go
//! through the same combination; only what they keep differs.

use cofferdam_org::model::Organization;

use crate::coarse::{self, Outline, Span};
use crate::combine::combine;
use crate::concrete::{Asked, Concrete};
use crate::context::{Network, Situation};
use crate::decide::{self, Decision, Outcome};
use crate::gather::{self, Party, Thing};
use crate::held::Keys;
use crate::layers::Layers;

/// What decides every request of one caller to one thing of one service.
#[derive(Debug)]
pub struct Prepared<'a> {
    layers: Layers<'a>,
    situation: Situation<'a>,
    keys: Keys,
}

impl<'a> Prepared<'a> {
    /// Layers with the situation that they were gathered for.
    pub fn new(layers: Layers<'a>, situation: Situation<'a>) -> Prepared<'a> {
        Prepared {
            layers,
            situation,
            keys: Keys::default(),
        }
    }

    /// A caller and a thing of an organization. Requests state their network themselves.
    pub fn of(
        org: &'a Organization,
        party: &'a Party<'a>,
        thing: Thing<'a>,
        service: &'a str,
    ) -> Prepared<'a> {
        let layers = gather::layers(org, party, thing, service);
        let situation = gather::situation(org, party, thing, service, Network::Stated);
        Prepared::new(layers, situation)
    }

    /// What is decided, without reasons.
    pub fn outcome(&self, asked: &Asked<'_>) -> Outcome {
        let mut reading = Concrete::quick(asked, &self.situation, &self.keys);
        Outcome::of(&combine(&mut reading, &self.layers))
    }

    /// What all requests of a span have in common; `None` for callers that are many themselves.
    pub fn outline(&self, span: Span<'_>) -> Option<Outline> {
        coarse::outline(&self.layers, &self.situation, &self.keys, span)
    }

    /// Whether nothing that is deployed grants any request of a span, whatever the controls are;
    /// the caller may be many.
    pub fn grants_nothing(&self, span: Span<'_>) -> bool {
        coarse::ungranted(&self.layers, &self.situation, &self.keys, span)
    }

    /// The layers that apply.
    pub fn layers(&self) -> &Layers<'a> {
        &self.layers
    }

    /// What is decided, with reasons.
    pub fn explain(&self, asked: &Asked<'_>) -> Decision {
        decide::explain(&self.layers, asked, &self.situation, &self.keys)
    }
}
