//! Control points: the things of each layer on which a dataset rests, and which of them an attacker
//! has power over.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::layers::LayerId;
use cofferdam_boundary::cast::known_as;
use cofferdam_boundary::obligations::{Approval, OBLIGATIONS};
use cofferdam_boundary::scope::Scope;
use cofferdam_findings::faults::LayerLoad;
use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::PolicyId;

use crate::evidence::{Sinks, archive, keys};
use crate::power::{Power, State};
use crate::setting::{Object, Setting};

/// The layers of the design, in the order in which they are shown.
pub const LAYERS: [&str; 6] = [
    "organization",
    "identity",
    "resource",
    "network",
    "encryption",
    "audit",
];

/// What of each layer a dataset rests on.
#[derive(Clone, Debug, Default)]
pub struct Points {
    /// Powers that control a control point of a layer, with what people call the point. One thing
    /// may serve two layers: the key of the data that the archive is under as well.
    powers: BTreeMap<(Power, usize), String>,
    /// Which layers carry something, as far as that was asked.
    bearing: Option<BTreeSet<&'static str>>,
}

impl Points {
    /// The control points of a dataset.
    pub fn of(setting: &Setting<'_>, scope: &Scope<'_>, sinks: &Sinks) -> Points {
        let mut points = Points::default();
        points.guardrails(setting, scope);
        points.identities(setting, scope);
        points.stores(setting, scope);
        points.networks(setting, scope);
        points.audit(setting, sinks);
        points
    }

    fn add(&mut self, layer: &str, powers: impl IntoIterator<Item = Power>, name: &str) {
        let layer = LAYERS
            .iter()
            .position(|one| *one == layer)
            .unwrap_or_default();
        for power in powers {
            self.powers.insert((power, layer), name.to_owned());
        }
    }

    /// The organization policies that bind the accounts of the data and of its keys.
    fn guardrails(&mut self, setting: &Setting<'_>, scope: &Scope<'_>) {
        let org = setting.context.org;
        let mut accounts: BTreeSet<AccountId> = BTreeSet::new();
        for store in &scope.stores {
            accounts.insert(store.resource.account);
            accounts.extend(org.key_of(store.resource).map(|key| key.account));
        }
        for account in accounts
            .into_iter()
            .filter(|account| org.is_member(*account))
        {
            self.add(
                "organization",
                [Power::Guardrails(account)],
                &format!("organization policies of account {account}"),
            );
            for id in attached(setting, account) {
                let name = setting.called(Object::Guardrail(id));
                self.add("organization", [Power::Text(id)], &name);
            }
        }
    }

    /// Who is approved: their policies, boundaries, trusts and tags.
    fn identities(&mut self, setting: &Setting<'_>, scope: &Scope<'_>) {
        let approval = Approval {
            context: setting.context,
            dataset: scope.dataset,
        };
        let who = scope.dataset.access.iter().flat_map(|access| &access.who);
        for party in approval.candidates(who) {
            let name = known_as(party);
            let Some(place) = setting.context.org.place_of(&name) else {
                continue;
            };
            if !approval.knows(&name) {
                continue;
            }
            let powers = [
                Power::Identity(place),
                Power::Inline(place),
                Power::Boundary(place),
                Power::Tags(place),
                Power::Trust(place),
            ];
            self.add("identity", powers, &name);
        }
    }

    fn stores(&mut self, setting: &Setting<'_>, scope: &Scope<'_>) {
        let org = setting.context.org;
        for store in &scope.stores {
            let name = store.resource.arn.as_str();
            if let Some(place) = setting.place_of(store.resource) {
                let powers = [
                    Power::Own(place),
                    Power::Bare(place),
                    Power::Floor(place),
                    Power::Public(store.resource.account),
                ];
                self.add("resource", powers, name);
            }
            let key = org.key_of(store.resource);
            if let Some(place) = key.and_then(|key| setting.place_of(key)) {
                let name = setting.called(Object::Resource(place));
                self.add("encryption", [Power::Own(place)], &name);
            }
        }
    }

    /// The endpoints of the networks that approvals name.
    fn networks(&mut self, setting: &Setting<'_>, scope: &Scope<'_>) {
        let context = setting.context;
        let names = scope.dataset.access.iter().flat_map(|access| &access.from);
        for declared in names.filter_map(|name| context.boundary.networks.get(name)) {
            for (place, endpoint) in context.org.endpoints.iter().enumerate() {
                if cofferdam_boundary::reach::contains(context.org, declared, endpoint) {
                    let powers = [Power::Endpoint(place), Power::Net(endpoint.account)];
                    self.add("network", powers, &endpoint.id);
                }
            }
        }
    }

    fn audit(&mut self, setting: &Setting<'_>, sinks: &Sinks) {
        for trail in sinks.witnesses() {
            let Some(at) = setting.trail(trail) else {
                continue;
            };
            self.add("audit", [Power::Blind(trail)], at.arn.as_str());
            self.add("audit", sinks.leaving(setting, trail), at.arn.as_str());
            if let Some(place) = archive(setting, at) {
                let powers = [
                    Power::Own(place),
                    Power::Bare(place),
                    Power::Evidence(place),
                    Power::Destroy(place),
                ];
                let name = setting.called(Object::Resource(place));
                self.add("audit", powers, &name);
            }
            for place in keys(setting, at) {
                let name = setting.called(Object::Resource(place));
                self.add("audit", [Power::Own(place), Power::Unkey(place)], &name);
            }
        }
    }

    /// The powers over control points, each with what people call the point.
    pub fn powers(&self) -> impl Iterator<Item = (Power, &str)> {
        let powers = self.powers.iter();
        powers.map(|((power, _), name)| (*power, name.as_str()))
    }

    /// The layers of which an attacker controls a control point, each with one power.
    pub fn controlled(&self, state: &State) -> BTreeMap<usize, Power> {
        let mut controlled = BTreeMap::new();
        for (power, layer) in self.powers.keys() {
            if state.holds(*power) {
                controlled.entry(*layer).or_insert(*power);
            }
        }
        controlled
    }

    /// Looks at what the proofs of the dataset rest on.
    pub fn weigh(&mut self, setting: &Setting<'_>, scope: &Scope<'_>) {
        let mut bearing = BTreeSet::from(["identity"]);
        for obligation in OBLIGATIONS.iter().filter(|one| is_about_data(one.id)) {
            for part in (obligation.ask)(&setting.context, scope) {
                let controls = part.answers.controls.iter();
                bearing.extend(controls.filter_map(|control| layer_of(control.layer)));
            }
        }
        if scope.dataset.audit.is_some() {
            bearing.insert("audit");
        }
        self.bearing = Some(bearing);
    }

    /// The layers as people see them.
    pub fn layers(&self) -> Vec<LayerLoad> {
        let Some(bearing) = &self.bearing else {
            return Vec::new();
        };
        LAYERS
            .iter()
            .enumerate()
            .map(|(at, layer)| {
                let of_layer = self.powers.iter().filter(|((_, of), _)| *of == at);
                let mut names: Vec<String> = of_layer.map(|(_, name)| name.clone()).collect();
                names.sort();
                names.dedup();
                LayerLoad {
                    layer,
                    // What has no control point carries nothing, whatever is asked of it.
                    bearing: bearing.contains(layer) && !names.is_empty(),
                    control_points: names,
                }
            })
            .collect()
    }
}

/// Obligations whose proofs say what keeps data in.
fn is_about_data(id: &str) -> bool {
    [
        "resource.public",
        "identity.outside-organization",
        "identity.unapproved-principal",
        "network.unexpected-source",
        "encryption.second-plane",
    ]
    .contains(&id)
}

/// The layer of the design that a layer of decisions belongs to.
fn layer_of(id: LayerId) -> Option<&'static str> {
    Some(match id.id() {
        "service_control" | "resource_control" => "organization",
        "identity" | "permissions_boundary" | "session" | "trust" => "identity",
        "resource" | "acl" | "block_public_access" | "access_point" => "resource",
        "endpoint" => "network",
        "key_policy" | "grant" => "encryption",
        "audit" => "audit",
        _ => return None,
    })
}

/// The organization policies attached on the way from the root to an account.
fn attached(setting: &Setting<'_>, account: AccountId) -> BTreeSet<PolicyId> {
    let Known::Present(levels) = setting.context.org.levels(account) else {
        return BTreeSet::new();
    };
    let lists = levels
        .iter()
        .flat_map(|(_, at)| [&at.service_control, &at.resource_control]);
    lists
        .filter_map(Known::present)
        .flatten()
        .copied()
        .collect()
}
