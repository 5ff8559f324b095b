//! `audit.archive-immutable`: nobody but the archive's administrators may change, expire or delete
//! what was recorded, or its key, lock, policy, selectors; compliance-mode locks bind them too.

use cofferdam_authz::gather::{Party, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_catalog::Class;
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Details, Organization, Resource, Trail};

use super::everyone::everyone;
use super::keys::administration;
use super::{Approval, Context, Part};
use crate::ask::{Answers, Depth, Raw, ask as put};
use crate::cast::known_as;
use crate::file::{Audit, Dataset, WhoAt};
use crate::granted::Grants;
use crate::path::{Path, Request};
use crate::scope::{Scope, Store};

/// Asks it of the archive, its key and the trail.
pub fn ask<'a>(context: &Context<'a>, scope: &'a Scope<'a>) -> Vec<Part> {
    let Some(audit) = &scope.dataset.audit else {
        return Vec::new();
    };
    let name = &scope.dataset.name;
    let mut part = Part {
        holds: format!(
            "only its administrators can change the archive that records access to {name}"
        ),
        broken: format!("the archive that records access to {name} can be altered"),
        ..Part::default()
    };
    match context
        .org
        .resource(audit.archive.as_str())
        .and_then(Store::of)
    {
        Some(store) => of_archive(context, scope, audit, store, &mut part),
        None => part
            .answers
            .miss(audit.archive.to_string(), "the archive was not read"),
    }
    vec![part]
}

fn of_archive<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    audit: &'a Audit,
    store: Store<'a>,
    part: &mut Part,
) {
    lock(audit, store.resource, part);
    let question = Question {
        context: *context,
        approval: Approval {
            context: *context,
            dataset: scope.dataset,
        },
        except: audit.administrators.iter().collect(),
    };
    for (thing, service, actions, wanted) in guarded(context.org, audit, &store) {
        part.answers
            .join(question.everybody(thing, service, &actions, &wanted));
    }
}

/// What changes the evidence about a dataset: actions, and the things that they change.
pub(crate) fn changes(org: &Organization, dataset: &Dataset) -> Vec<(Vec<ActionName>, Wanted)> {
    let Some(audit) = &dataset.audit else {
        return Vec::new();
    };
    let archive = org.resource(audit.archive.as_str()).and_then(Store::of);
    let all = archive.map_or_else(Vec::new, |store| guarded(org, audit, &store));
    all.into_iter()
        .map(|(_, _, actions, wanted)| (actions, wanted))
        .collect()
}

/// Things whose change alters evidence, with the actions that change them.
type Guarded<'a> = (Thing<'a>, &'static str, Vec<ActionName>, Wanted);

fn guarded<'a>(org: &'a Organization, audit: &Audit, store: &Store<'a>) -> Vec<Guarded<'a>> {
    let mut guarded = Vec::new();
    for group in &store.groups {
        let changes = |action: &crate::scope::ClassedAction| {
            action
                .classes
                .iter()
                .any(|class| matches!(class, Class::Delete | Class::Administer))
        };
        if let Some(group) = group.only(changes) {
            guarded.push((
                Thing::Resource(store.resource),
                "s3",
                group.names(),
                group.wanted.clone(),
            ));
        }
    }
    if let Some(key) = org.key_of(store.resource) {
        guarded.push((
            Thing::Resource(key),
            "kms",
            administration(),
            Wanted::Exactly(key.arn.to_string()),
        ));
    }
    for trail in org.trails.iter().filter(|trail| is_declared(trail, audit)) {
        let actions = TRAIL_ACTIONS
            .iter()
            .filter_map(|name| ActionName::parse(name).ok())
            .collect();
        guarded.push((
            Thing::Owned(trail.account),
            "cloudtrail",
            actions,
            Wanted::Exactly(trail.arn.to_string()),
        ));
    }
    guarded
}

fn is_declared(trail: &Trail, audit: &Audit) -> bool {
    *trail.name == *audit.trail || trail.arn.as_str() == audit.trail
}

/// Actions that stop a trail or change what it keeps and where.
const TRAIL_ACTIONS: [&str; 4] = [
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
];

/// A compliance-mode lock for at least the declared time ("S3 Object Lock").
fn lock(audit: &Audit, archive: &Resource, part: &mut Part) {
    part.answers.asked += 1;
    part.answers.well_formed += 1;
    let Details::Bucket(bucket) = &archive.details else {
        return;
    };
    let lock = match &bucket.object_lock {
        Known::Present(lock) => lock,
        Known::Absent => {
            return part
                .answers
                .raw
                .push(unlocked(archive, "Object Lock is off"));
        }
        Known::Unknown(why) => return part.answers.miss(archive.arn.to_string(), why.to_string()),
    };
    let days = audit.retention_days.unwrap_or(1);
    match (lock.mode.as_deref(), lock.days) {
        (Some("COMPLIANCE"), Some(kept)) if days <= kept => {}
        (Some("COMPLIANCE"), Some(kept)) => {
            part.answers.raw.push(unlocked(
                archive,
                &format!("the lock keeps {kept} days, {days} are declared"),
            ));
        }
        (mode, _) => {
            let mode = mode.unwrap_or("no mode");
            part.answers.raw.push(unlocked(
                archive,
                &format!("the default lock is {mode}, which some may lift"),
            ));
        }
    }
}

fn unlocked(archive: &Resource, why: &str) -> Raw {
    let fix = format!(
        "{why}: set a default retention in COMPLIANCE mode on {}",
        archive.arn
    );
    Raw::flaw(format!("Object Lock of {}", archive.arn), fix)
}

struct Question<'a> {
    context: Context<'a>,
    approval: Approval<'a>,
    except: Vec<&'a WhoAt>,
}

impl<'a> Question<'a> {
    fn everybody(
        &self,
        thing: Thing<'a>,
        service: &'static str,
        actions: &[ActionName],
        wanted: &Wanted,
    ) -> Answers {
        let cast = self.context.cast;
        let mut answers = Answers::default();
        let owner = match thing {
            Thing::Resource(resource) | Thing::Behind(resource, _) => resource.account,
            Thing::Role(role) | Thing::Kept(role) => role.account,
            Thing::Owned(account) => account,
            Thing::Elsewhere | Thing::Nothing => return answers,
        };
        if !matches!(thing, Thing::Kept(_) | Thing::Owned(_)) {
            for party in [&cast.outsiders, &cast.anonymous] {
                answers.join(self.one(party, thing, service, actions, wanted));
            }
        }
        let inside = everyone(
            (self.context.org, cast),
            thing,
            owner,
            |crowd| self.one(crowd, thing, service, actions, wanted),
            |party| {
                if self.approval.among_refs(&self.except, &known_as(party)) {
                    return Answers::nothing_to_ask();
                }
                self.one(party, thing, service, actions, wanted)
            },
        );
        answers.join(inside.answers);
        answers
    }

    fn one(
        &self,
        party: &'a Party<'a>,
        thing: Thing<'a>,
        service: &'static str,
        actions: &[ActionName],
        wanted: &Wanted,
    ) -> Answers {
        let granted = Grants::on(&self.context, party, thing, service, None);
        if granted.nothing(actions, wanted) {
            return Answers::nothing_to_ask();
        }
        let mut path = Path::new(self.context.org, self.context.cast);
        path.depth = Depth::of(party);
        let request = Request {
            party,
            thing,
            service,
            actions: actions.to_vec(),
            wanted: wanted.clone(),
            forwarded_by: None,
            given: Vec::new(),
        };
        let made = path.request(request, cofferdam_logic::Formula::TRUE, None);
        let excepted = self
            .approval
            .is_one_of(&mut path.query, made.hop, &self.except);
        let others = path.not(excepted);
        let goal = path.all(&[made.allowed, others]);
        put(&mut path, &known_as(party), goal)
    }
}
