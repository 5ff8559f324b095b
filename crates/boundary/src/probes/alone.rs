//! Which layers refuse a request by themselves, were all others out of the way.
//!
//! A layer is out of the way if it neither denies nor has to consent. So each layer is decided
//! again with nothing else around it; a list of two layers then means that either could be removed
//! and the request would still be refused.

use cofferdam_authz::concrete::{Asked, Ternary};
use cofferdam_authz::context::Situation;
use cofferdam_authz::decide::{Decision, decide};
use cofferdam_authz::layers::{IdentitySide, LayerId, Layers, Relation, ResourceForm, Sheet};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::ast::Effect;

/// A request with its layers, to be decided in parts.
pub(super) struct Alone<'d> {
    /// Everything that applies.
    pub layers: &'d Layers<'d>,
    /// The request.
    pub asked: &'d Asked<'d>,
    /// What its context follows from.
    pub situation: &'d Situation<'d>,
    /// What all layers decide together.
    pub whole: &'d Decision,
}

impl Alone<'_> {
    /// The layers that refuse it, in the order in which requests meet them.
    pub(super) fn refusing(&self) -> Vec<LayerId> {
        let simple = [
            (LayerId::ServiceControl, self.service_control()),
            (LayerId::ResourceControl, self.resource_control()),
            (LayerId::Identity, self.identity()),
            (LayerId::PermissionsBoundary, self.boundary()),
            (LayerId::Endpoint, self.endpoint()),
            (LayerId::BlockPublicAccess, self.public_access()),
            (self.resource_layer(), self.resource()),
        ];
        simple
            .into_iter()
            .filter(|(_, refuses)| *refuses)
            .map(|(layer, _)| layer)
            .collect()
    }

    fn refused(&self, layers: &Layers<'_>) -> bool {
        decide(layers, self.asked, self.situation).refused
    }

    /// Nothing that could refuse.
    fn nothing(&self) -> Layers<'_> {
        Layers {
            caller: self.layers.caller.clone(),
            relation: Relation::Same,
            service_control: None,
            resource_control: None,
            identity: IdentitySide::Everything,
            boundary: Known::Absent,
            session: None,
            resource: Known::Absent,
            form: ResourceForm::None,
            grants: Known::Absent,
            acl: Known::Absent,
            restrict_public: Known::Absent,
            ignore_public_acls: Known::Absent,
            endpoints: Vec::new(),
            reach: None,
            through: None,
        }
    }

    fn service_control(&self) -> bool {
        let service_control = self.layers.service_control.clone();
        self.refused(&Layers {
            service_control,
            ..self.nothing()
        })
    }

    fn resource_control(&self) -> bool {
        let resource_control = self.layers.resource_control.clone();
        self.refused(&Layers {
            resource_control,
            ..self.nothing()
        })
    }

    fn boundary(&self) -> bool {
        let boundary = self.layers.boundary.clone();
        self.refused(&Layers {
            boundary,
            ..self.nothing()
        })
    }

    fn endpoint(&self) -> bool {
        let endpoints = self.layers.endpoints.clone();
        self.refused(&Layers {
            endpoints,
            ..self.nothing()
        })
    }

    /// Identity policies that do not allow only refuse where the resource does not grant either.
    fn identity(&self) -> bool {
        let alone = Layers {
            identity: self.layers.identity.clone(),
            ..self.nothing()
        };
        if !self.refused(&alone) {
            return false;
        }
        let decision = decide(&alone, self.asked, self.situation);
        let said = decision
            .trace
            .layers
            .iter()
            .find(|said| said.layer == LayerId::Identity);
        if said.is_some_and(|said| said.denies == Ternary::True) {
            return true;
        }
        let Known::Present(sheet) = &self.layers.resource else {
            return self.refused(&self.granting(Known::Absent));
        };
        let grants = without_denies(sheet.policy);
        self.refused(&self.granting(Known::Present(Sheet {
            policy: &grants,
            ..*sheet
        })))
    }

    /// Both sides of consent, without any Deny of the resource's.
    fn granting<'s>(&'s self, resource: Known<Sheet<'s>>) -> Layers<'s> {
        Layers {
            identity: self.layers.identity.clone(),
            ..self.with_resource(resource)
        }
    }

    fn with_resource<'s>(&'s self, resource: Known<Sheet<'s>>) -> Layers<'s> {
        Layers {
            relation: self.layers.relation,
            form: self.layers.form,
            resource,
            grants: self.layers.grants.clone(),
            acl: self.layers.acl.clone(),
            ignore_public_acls: self.layers.ignore_public_acls.clone(),
            ..self.nothing()
        }
    }

    fn resource(&self) -> bool {
        self.refused(&self.with_resource(self.layers.resource.clone()))
    }

    fn resource_layer(&self) -> LayerId {
        match (&self.layers.resource, self.layers.form) {
            (Known::Present(sheet), _) => sheet.layer,
            (_, ResourceForm::RootOfTrust) => LayerId::KeyPolicy,
            _ => LayerId::Resource,
        }
    }

    /// Block public access only takes back what a public policy grants.
    fn public_access(&self) -> bool {
        let blocks = |said: &&cofferdam_authz::trace::LayerOutcome| {
            said.layer == LayerId::BlockPublicAccess && said.denies == Ternary::True
        };
        self.whole.trace.layers.iter().any(|said| blocks(&said))
    }
}

fn without_denies(policy: &NamedPolicy) -> NamedPolicy {
    let document = policy.document.as_ref().map(|document| {
        let mut document = document.clone();
        document
            .statements
            .retain(|statement| statement.effect == Effect::Allow);
        document
    });
    NamedPolicy {
        document,
        ..policy.clone()
    }
}
