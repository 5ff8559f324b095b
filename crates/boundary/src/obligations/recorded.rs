//! `audit.recorded`: every allowed data request on the dataset is recorded by a trail that delivers
//! to the archive.
//!
//! Actions that the trail misses are no gap as long as nobody may take them, so they are asked of
//! everybody first.

use std::cell::Cell;

use cofferdam_authz::gather::Door;
use cofferdam_authz::gather::Party;
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::Trail;

use super::everyone::everyone;
use super::{Context, Part};
use crate::ask::{Answers, Depth, ask as put};
use crate::cast::known_as;
use crate::file::Audit;
use crate::granted::Grants;
use crate::path::Path;
use crate::proof::{self, Proof};
use crate::recording::{Recorded, recorded, refutation};
use crate::scope::{Group, Scope, Store};

/// Classes whose requests touch content.
const DATA: [Class; 4] = [Class::Read, Class::Write, Class::Delete, Class::List];

/// Asks it.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!("every allowed data request on {name} is recorded in the archive"),
        broken: format!("an allowed data request on {name} leaves no record in the archive"),
        ..Part::default()
    };
    let trails = match &scope.dataset.audit {
        Some(audit) => declared(context, audit, &mut part),
        None => context.org.trails.iter().collect(),
    };
    if let (true, Some(why)) = (trails.is_empty(), trails_unlisted(context)) {
        part.answers.asked += 1;
        part.answers.well_formed += 1;
        part.answers.miss("trails", why);
        return vec![part];
    }
    for store in scope.stores.iter().filter(|store| store.is_itself()) {
        for group in &store.groups {
            if let Some(group) =
                group.only(|action| action.classes.iter().any(|class| DATA.contains(class)))
            {
                of_group(context, store, &group, &trails, &mut part);
            }
        }
    }
    through_points(context, scope, &mut part);
    (part.answers.asked > 0)
        .then_some(part)
        .into_iter()
        .collect()
}

/// Events of requests through an access point name it beside the object; no page says which of the
/// two a selector is asked of ("Monitoring and logging access points").
fn through_points<'a>(context: &Context<'a>, scope: &'a Scope<'a>, part: &mut Part) {
    for store in &scope.stores {
        let Some(Door::Point(point)) = store.door else {
            continue;
        };
        let of_data = |group: &Group| {
            group.only(|action| action.classes.iter().any(|class| DATA.contains(class)))
        };
        let groups: Vec<Group> = store.groups.iter().filter_map(of_data).collect();
        let passes = groups.iter().any(|group| {
            let question = Question {
                context,
                store,
                group,
            };
            !question.allowed(&group.names()).nothing()
        });
        if passes {
            let why = "which selectors record requests through an access point is not documented";
            part.answers.miss(point.arn.as_str(), why);
        }
    }
}

/// Why there may be trails that nobody read.
fn trails_unlisted<'a>(context: &Context<'a>) -> Option<&'a str> {
    let mut accounts = context.org.accounts.keys();
    accounts.find_map(|account| context.org.gap(*account, Kind::Trail))
}

/// The declared trail, if it delivers to the declared archive.
fn declared<'a>(context: &Context<'a>, audit: &Audit, part: &mut Part) -> Vec<&'a Trail> {
    let named = |trail: &&Trail| *trail.name == *audit.trail || trail.arn.as_str() == audit.trail;
    let trails: Vec<&Trail> = context.org.trails.iter().filter(named).collect();
    if trails.is_empty() {
        part.answers
            .miss(audit.trail.clone(), "no trail of that name was read");
    }
    let bucket = audit.archive.bucket_name().unwrap_or_default();
    let delivers = |trail: &&Trail| match &trail.bucket {
        Known::Present(name) => **name == *bucket,
        Known::Absent => false,
        Known::Unknown(_) => true,
    };
    trails.into_iter().filter(delivers).collect()
}

fn of_group<'a>(
    context: &Context<'a>,
    store: &'a Store<'a>,
    group: &Group,
    trails: &[&Trail],
    part: &mut Part,
) {
    part.answers.asked += 1;
    part.answers.well_formed += 1;
    let (mut missed, mut unclear) = (Vec::new(), Vec::new());
    let mut why = String::new();
    for action in group.names() {
        let (recorded, by) = best(context, store, &action, trails);
        match recorded {
            Recorded::Yes => part
                .answers
                .proofs
                .extend(kept(context, store, &action, by)),
            Recorded::No(reason) => {
                why = reason;
                missed.push(action);
            }
            Recorded::Partly(event) => {
                why = format!("the trail misses {event}");
                missed.push(action);
            }
            Recorded::Unknown(reason) => unclear.push((action, reason)),
        }
    }
    let fix = format!("record it: {why}");
    let question = Question {
        context,
        store,
        group,
    };
    let mut found = question.allowed(&missed);
    for raw in &mut found.raw {
        raw.fix = Some(fix.clone());
        raw.permits.clear();
        raw.fault = Some(format!("trails over {}", store.resource.arn));
        raw.principal.clear();
    }
    found.raw.truncate(1);
    part.answers.join(found);
    let names: Vec<ActionName> = unclear.iter().map(|(action, _)| action.clone()).collect();
    let open = question.allowed(&names);
    if !open.nothing() {
        for (action, reason) in unclear {
            part.answers.miss(action.to_string(), reason);
        }
    }
}

/// Why no event of an action escapes the trail that records it, if somebody wants the proof.
fn kept(
    context: &Context<'_>,
    store: &Store<'_>,
    action: &ActionName,
    by: Option<&Trail>,
) -> Option<Proof> {
    let trail = by.filter(|_| context.cast.certify)?;
    let found = refutation(trail, store, action, store.resource.account);
    let request = format!("an event of {action} on {}", store.resource.arn);
    Some(proof::kept(trail.arn.to_string(), request, found))
}

/// What the best of several trails says, and which one it is if it records everything.
fn best<'t>(
    context: &Context<'_>,
    store: &Store<'_>,
    action: &ActionName,
    trails: &[&'t Trail],
) -> (Recorded, Option<&'t Trail>) {
    let mut best = Recorded::No("no declared trail delivers to the archive".to_owned());
    for trail in trails {
        let one = recorded(context.org, trail, store, action, store.resource.account);
        best = match (best, one) {
            (Recorded::Yes, _) | (_, Recorded::Yes) => return (Recorded::Yes, Some(trail)),
            (_, Recorded::Unknown(why)) | (Recorded::Unknown(why), _) => Recorded::Unknown(why),
            (_, one) => one,
        };
    }
    (best, None)
}

struct Question<'q, 'a> {
    context: &'q Context<'a>,
    store: &'a Store<'a>,
    group: &'q Group,
}

impl<'a> Question<'_, 'a> {
    /// Whether anybody may take one of these actions: outsiders, then whoever is inside. The first
    /// who may is enough.
    fn allowed(&self, actions: &[ActionName]) -> Answers {
        let Some(group) = self.group.only(|action| actions.contains(&action.name)) else {
            return Answers::default();
        };
        let cast = self.context.cast;
        for party in [&cast.outsiders, &cast.anonymous] {
            let found = self.one(party, &group);
            if !found.nothing() {
                return found;
            }
        }
        let done = Cell::new(false);
        let one = |party| {
            if done.get() {
                return Answers::default();
            }
            let found = self.one(party, &group);
            done.set(!found.nothing());
            found
        };
        everyone(
            (self.context.org, cast),
            self.store.thing(),
            self.store.resource.account,
            |crowd| self.one(crowd, &group),
            one,
        )
        .answers
    }

    fn one(&self, party: &'a Party<'a>, group: &Group) -> Answers {
        if Grants::on_store(self.context, party, self.store, None).nothing_of(group) {
            return Answers::nothing_to_ask();
        }
        let mut path = Path::new(self.context.org, self.context.cast);
        path.depth = Depth::of(party);
        let data = path.data(party, self.store, group, None);
        put(&mut path, &known_as(party), data.whole)
    }
}
