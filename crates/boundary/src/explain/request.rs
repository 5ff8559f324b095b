//! One request of a call, decided from every network that it may have come from.

use std::collections::BTreeSet;

use cofferdam_authz::call::{Answered, Blame, Call, Wanted};
use cofferdam_authz::caller::CallerKind;
use cofferdam_authz::concrete;
use cofferdam_authz::context::Network;
use cofferdam_authz::decide::{Decision, Outcome, decide};
use cofferdam_authz::gather::{self, Party, Thing};
use cofferdam_authz::layers::{LayerId, Layers};
use cofferdam_authz::trace::Determining;
use cofferdam_catalog::KeyCheck;
use cofferdam_findings::finding::{Missing, Reason, Step};
use cofferdam_findings::story::{LayerTold, Told};
use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::Known;
use cofferdam_org::model::Organization;

use super::weight;
use crate::path::host_of;
use crate::scope::{Group, Store};
use crate::who_can::{self, What};

/// One request with everything that was decided of it.
pub(super) struct Asked<'a> {
    pub(super) action: ActionName,
    pub(super) resource: String,
    pub(super) thing: Thing<'a>,
    pub(super) service: &'a str,
    pub(super) what: String,
    /// The service that makes it as the caller.
    pub(super) forwarded_by: Option<String>,
    /// Decisions by place, of which there is at least one.
    pub(super) places: Vec<Placed<'a>>,
    /// Why it cannot be decided at all.
    pub(super) unknown: Option<String>,
    pub(super) notes: Vec<String>,
}

/// A decision at one place.
pub(super) struct Placed<'a> {
    pub(super) network: Network<'a>,
    pub(super) decision: Decision,
}

impl Placed<'_> {
    /// What was decided: a request that is certainly refused is not undecided, though it may not be
    /// known whether a Deny does it or a missing Allow.
    pub(super) fn outcome(&self) -> Outcome {
        match self.decision.outcome {
            Outcome::Undecided if self.decision.refused => Outcome::ImplicitlyDenied,
            outcome => outcome,
        }
    }
}

/// A request, and the use of the key that it makes.
pub(super) fn asked<'a>(
    org: &'a Organization,
    party: &'a Party<'a>,
    call: &Call,
    wanted: &Wanted,
) -> Vec<Asked<'a>> {
    let resource = wanted.resource.clone().unwrap_or_else(|| "*".to_owned());
    let found = match &wanted.resource {
        Some(resource) => who_can::Asked::of(org, &wanted.action, resource),
        None => Err("on which resource is not said (give it with --resource)".to_owned()),
    };
    let mut request = Asked {
        action: wanted.action.clone(),
        resource,
        thing: Thing::Nothing,
        service: "",
        what: wanted.what.clone(),
        forwarded_by: call.forwarded_by.clone(),
        places: Vec::new(),
        unknown: None,
        notes: Vec::new(),
    };
    if let Some((_, _, name)) = who_can::behind_point(org, &request.resource) {
        request.resource = name;
    }
    let mut keys = Vec::new();
    match found {
        Ok(found) => {
            request.notes = found.notes;
            match found.what {
                What::Store(store, _) => {
                    request.thing = store.thing();
                    request.service = store.service;
                    keys = key_uses(org, party, &store);
                }
                What::Target(target) => {
                    request.thing = target.thing;
                    request.service = target.service;
                }
            }
        }
        Err(why) => {
            request.unknown = Some(format!(
                "{why}, so neither its policy nor its owner is known"
            ));
            request.thing = party.caller.account.map_or(Thing::Nothing, Thing::Owned);
            request.service = who_can::known_service(&wanted.action);
        }
    }
    request.decide(org, party, call);
    let mut all = vec![request];
    for mut key in keys {
        key.decide(org, party, call);
        all.push(key);
    }
    all
}

/// The use of the key by the service, as the caller.
fn key_uses<'a>(org: &'a Organization, party: &Party<'_>, store: &Store<'a>) -> Vec<Asked<'a>> {
    let checked = |group: &&Group| group.key_check == KeyCheck::Caller;
    let groups = store.groups.iter().filter(checked);
    let actions: BTreeSet<&ActionName> = groups.flat_map(|group| &group.key_actions).collect();
    let Known::Present(encryption) = &store.resource.encryption else {
        return Vec::new();
    };
    let host = host_of(store.service);
    let use_of = |action: &ActionName, name: &str| Asked {
        action: action.clone(),
        resource: name.to_owned(),
        thing: Thing::Nothing,
        service: "kms",
        what: format!("made by {host} on the caller's behalf{USES_KEY}"),
        forwarded_by: Some(host.to_owned()),
        places: Vec::new(),
        unknown: None,
        notes: Vec::new(),
    };
    let Some(name) = &encryption.key else {
        if party.caller.account == Some(store.resource.account) {
            return Vec::new();
        }
        let mut uses: Vec<Asked<'a>> = actions
            .into_iter()
            .map(|action| use_of(action, "the AWS managed key of the service"))
            .collect();
        for one in &mut uses {
            one.thing = Thing::Owned(store.resource.account);
            one.notes
                .push("the AWS managed key of a service works for its own account only".to_owned());
        }
        return uses;
    };
    let found = org.key_of(store.resource);
    let uses = actions.into_iter().map(|action| {
        let mut one = use_of(action, found.map_or(name, |key| key.arn.as_str()));
        match found {
            Some(key) => one.thing = Thing::Resource(key),
            None => one.unknown = Some(format!("the key {name} was not read")),
        }
        one
    });
    uses.collect()
}

impl<'a> Asked<'a> {
    fn decide(&mut self, org: &'a Organization, party: &'a Party<'a>, call: &Call) {
        self.places = networks(org, party, call, self)
            .into_iter()
            .map(|network| Placed {
                decision: self.decide_at(org, party, call, &network, |layers| layers),
                network,
            })
            .collect();
    }

    /// Decides at one place, under layers that may be changed.
    fn decide_at<'l>(
        &self,
        org: &'l Organization,
        party: &'l Party<'l>,
        call: &Call,
        network: &Network<'l>,
        change: impl FnOnce(Layers<'l>) -> Layers<'l>,
    ) -> Decision
    where
        'a: 'l,
    {
        let layers = change(gather::layers(org, party, self.thing, self.service));
        let mut situation =
            gather::situation(org, party, self.thing, self.service, network.clone());
        situation.forwarded_by = self.forwarded_by.as_deref();
        let mut context = call.context.clone();
        if self.forwarded_by != call.forwarded_by {
            context.retain(|key, _| !NETWORK_KEYS.contains(&key.folded()));
        }
        let asked = concrete::Asked {
            action: &self.action,
            resource: &self.resource,
            context: &context,
            strict: false,
        };
        decide(&layers, &asked, &situation)
    }

    /// Whether it would pass under changed layers, whatever is not known.
    pub(super) fn would_pass<'l>(
        &self,
        org: &'l Organization,
        party: &'l Party<'l>,
        call: &Call,
        network: &Network<'l>,
        change: impl FnOnce(Layers<'l>) -> Layers<'l>,
    ) -> bool
    where
        'a: 'l,
    {
        let decision = self.decide_at(org, party, call, network, change);
        !decision.refused && decision.outcome != Outcome::ExplicitlyDenied
    }

    /// Whether a service makes it to use a key.
    pub(super) fn uses_key(&self) -> bool {
        self.what.ends_with(USES_KEY)
    }

    /// Places that go with what AWS answered, for from one of them the call came; all, if none does.
    fn counted(&self, call: &Call) -> Vec<&Placed<'a>> {
        let fits = |keep: &dyn Fn(&Decision) -> bool| {
            let fit = self.places.iter().filter(|one| keep(&one.decision));
            fit.collect::<Vec<&Placed<'a>>>()
        };
        let refuses = |one: &Decision| one.outcome != Outcome::Allowed;
        let tried = match &call.answer {
            Answered::Passed => vec![fits(&|one| one.outcome == Outcome::Allowed)],
            Answered::NotTold => Vec::new(),
            Answered::Refused(blame) => {
                vec![fits(&|one| blamed(one, blame)), fits(&refuses)]
            }
        };
        let found = tried.into_iter().find(|fit| !fit.is_empty());
        found.unwrap_or_else(|| self.places.iter().collect())
    }

    /// What is decided of it.
    pub(super) fn outcome(&self, call: &Call) -> Outcome {
        let outcomes: BTreeSet<&str> = self
            .counted(call)
            .iter()
            .map(|one| one.outcome().word())
            .collect();
        let worst = self.shown(call).map(|one| one.outcome());
        let told = match (worst, outcomes.len()) {
            (Some(outcome), 1) => outcome,
            (Some(outcome), _) if !outcomes.contains("allowed") => outcome,
            _ => Outcome::Undecided,
        };
        match &self.unknown {
            Some(_) if told != Outcome::ExplicitlyDenied => Outcome::Undecided,
            _ => told,
        }
    }

    /// The place that stands for all: the worst that counts.
    pub(super) fn shown(&self, call: &Call) -> Option<&Placed<'a>> {
        let counted = self.counted(call);
        let worst = counted.iter().map(|one| weight(one.outcome())).max()?;
        counted
            .into_iter()
            .find(|one| weight(one.outcome()) == worst)
    }

    /// Whose the resource is.
    pub(super) fn owner(&self, party: &Party<'_>) -> Option<AccountId> {
        match self.thing {
            Thing::Resource(resource) | Thing::Behind(resource, _) => Some(resource.account),
            Thing::Role(role) | Thing::Kept(role) => Some(role.account),
            Thing::Owned(account) => Some(account),
            Thing::Nothing => party.caller.account,
            Thing::Elsewhere => None,
        }
    }

    /// For the story.
    pub(super) fn told(&self, call: &Call) -> Told {
        let differs = self
            .places
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.outcome() != b.outcome()));
        let place = |one: &Placed<'_>| (one.network.display(), one.outcome().word());
        let shown = self.shown(call);
        let from = shown
            .filter(|_| self.places.len() > 1)
            .map(|one| match differs {
                true => one.network.display(),
                false => "any network".to_owned(),
            });
        Told {
            what: self.what.clone(),
            step: self.step(call),
            from,
            places: if differs {
                self.places.iter().map(place).collect()
            } else {
                Vec::new()
            },
            layers: shown.map(|one| layers(&one.decision)).unwrap_or_default(),
            because: shown.map(because).unwrap_or_default(),
            there: shown.map_or("undecided", |one| one.outcome().word()),
        }
    }

    fn step(&self, call: &Call) -> Step {
        let own = self.forwarded_by == call.forwarded_by;
        let stated = call.context.iter().filter(|_| own);
        let context = stated.map(|(key, values)| {
            (
                key.to_string(),
                values.iter().map(ToString::to_string).collect(),
            )
        });
        Step {
            principal: call.principal.clone(),
            action: self.action.to_string(),
            resource: self.resource.clone(),
            context: context.collect(),
            decision: self.outcome(call).word(),
            note: None,
            command: None,
        }
    }

    /// What would settle it.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let undecided = |one: &&Placed<'a>| one.outcome() == Outcome::Undecided;
        let reasons = self
            .places
            .iter()
            .filter(undecided)
            .flat_map(|one| &one.decision.reasons);
        let whys = reasons.map(ToString::to_string).chain(self.unknown.clone());
        whys.map(|why| Missing {
            key: self.action.to_string(),
            why,
            origin: None,
        })
        .collect()
    }
}

/// What is said of the use of a key.
const USES_KEY: &str = ", to use the key";

/// Whether a decision goes with what AWS named. AWS names a missing Allow only where nothing denies.
fn blamed(decision: &Decision, blame: &Blame) -> bool {
    let word = match blame.explicit {
        None => return false,
        Some(true) => "denies",
        Some(false) => "does_not_allow",
    };
    let certain = decision.outcome != Outcome::ExplicitlyDenied || blame.explicit == Some(true);
    let mut said = decision
        .trace
        .layers
        .iter()
        .filter(|one| one.word() == word);
    certain && said.any(|one| blame.kind.is_none_or(|kind| kind.covers(one.layer)))
}

/// Keys of the first request of a path, which no forwarded one carries.
const NETWORK_KEYS: [&str; 6] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:useragent",
];

/// Every place that the call may have come from, as far as it does not say. Nobody explains a call
/// that came through an endpoint of a stranger.
fn networks<'a>(
    org: &'a Organization,
    party: &Party<'_>,
    call: &Call,
    asked: &Asked<'a>,
) -> Vec<Network<'a>> {
    let by_aws = matches!(party.caller.kind, CallerKind::Service(_));
    if by_aws || asked.forwarded_by.is_some() {
        return vec![Network::Aws];
    }
    let stated = |name: &str| {
        let found = call.context.iter().find(|(key, _)| key.folded() == name);
        found
            .and_then(|(_, values)| values.first())
            .map(|value| &**value)
    };
    let region = match asked.thing.resource() {
        Some(resource) => resource.region.clone(),
        None => Known::Absent,
    };
    let mut all = gather::networks(org, asked.service, &region);
    all.retain(|network| !matches!(network, Network::ForeignEndpoint));
    let is_it = |network: &Network<'_>| {
        matches!(network, Network::Endpoint(endpoint, _)
            if Some(&*endpoint.id) == stated("aws:sourcevpce"))
    };
    if stated("aws:sourcevpce").is_some() {
        let known: Vec<Network<'a>> = all.into_iter().filter(is_it).collect();
        return if known.is_empty() {
            vec![Network::Stated]
        } else {
            known
        };
    }
    if stated("aws:sourceip").is_some() {
        return vec![Network::Public];
    }
    if stated("aws:sourcevpc").is_some() {
        return vec![Network::Stated];
    }
    all
}

fn layers(decision: &Decision) -> Vec<LayerTold> {
    let beside = |layer: LayerId| matches!(layer, LayerId::Grant | LayerId::Acl);
    let all = decision.trace.layers.iter();
    let needed = all.filter(|one| !beside(one.layer) || one.word() != "does_not_allow");
    let said = needed.map(|one| LayerTold {
        layer: one.layer.id(),
        target: one.target.to_string(),
        outcome: one.word(),
    });
    said.collect()
}

/// Of a refusal the statements that deny: where nothing allows, no statement is at fault. Of the rest
/// those that allow, apart from what organizations attach everywhere.
fn because(placed: &Placed<'_>) -> Vec<Reason> {
    let all = placed.decision.trace.statements.iter();
    let denies = |one: &Determining| one.effect.word() == "Deny";
    let everywhere = |one: &Determining| {
        matches!(
            one.layer,
            LayerId::ServiceControl | LayerId::ResourceControl
        )
    };
    let counts = |one: &&Determining| match placed.outcome() {
        Outcome::ExplicitlyDenied => denies(one) && one.certain,
        Outcome::Undecided => !one.certain,
        Outcome::Allowed => !denies(one) && !everywhere(one),
        Outcome::ImplicitlyDenied => false,
    };
    let mut chosen: Vec<&Determining> = all.filter(counts).collect();
    chosen.sort();
    chosen.dedup();
    chosen.into_iter().map(reason).collect()
}

/// A statement as findings speak of it.
pub(super) fn reason(one: &Determining) -> Reason {
    Reason {
        document: one.document.to_string(),
        layer: one.layer.id(),
        statement: one.statement,
        sid: one.sid.as_deref().map(str::to_owned),
        effect: one.effect.word().to_owned(),
        origin: one.origin,
    }
}
