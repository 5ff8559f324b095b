//! Every edge by every principal on every object, over and over until nothing is new.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use cofferdam_authz::gather::Thing;
use cofferdam_faults::catalogue::{Edge, Gain, Guard, Need, On, Operand, edges};
use cofferdam_names::AccountId;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Compute, Details, PolicyId, PrincipalKind, Resource};
use cofferdam_policy::ast::Effect;

use super::decide::{Question, Truth, Who, allowed};
use super::world::{Change, World};
use crate::case::Case;

/// What an edge is about.
#[derive(Clone, Debug, PartialEq)]
enum Object {
    Principal(String),
    Policy(String, PolicyId),
    Guardrail(String, PolicyId),
    Resource(String),
    Trail(String),
    Endpoint(String, String),
    Account(AccountId),
    Organization,
    Nothing,
}

/// Follows every edge that is sure enough until nothing is new.
pub fn close(world: &mut World, case: &Case, enough: Truth) {
    loop {
        let deeds = round(world, case, enough);
        if deeds.is_empty() {
            return;
        }
        for deed in deeds {
            do_(world, deed);
        }
    }
}

/// What is new by every edge that is there now, for everybody that the attacker is. Nothing is done
/// before all is found, so that all is decided over the same edits.
fn round(world: &World, case: &Case, enough: Truth) -> BTreeSet<Deed> {
    let traced = std::env::var("COFFERDAM_TRACE").is_ok();
    let all = by_kind(world);
    let edits = world.edits();
    let mut found = BTreeSet::new();
    for actor in &world.who {
        let who = world.decided.borrow_mut().number(actor);
        let row = world.decided.borrow_mut().steps.remove(&[edits, who]);
        let mut row = row.unwrap_or_default();
        for ((at, edge), objects) in (0..).zip(edges()).zip(&all) {
            for (on, number) in objects.iter() {
                let known = row.get(&[at, *number]).copied();
                if known.is_some_and(|truth| truth < enough) {
                    continue;
                }
                let mut new = new(world, (edge, enough), actor, on);
                new.retain(|deed| !found.contains(deed));
                if new.is_empty() {
                    continue;
                }
                let truth = known.unwrap_or_else(|| exists(world, case, edge, actor, on));
                row.insert([at, *number], truth);
                if truth >= enough {
                    if traced {
                        println!("{} {actor} {on:?} {truth:?}: {new:?}", edge.id);
                    }
                    found.extend(new);
                }
            }
        }
        world.decided.borrow_mut().steps.insert([edits, who], row);
    }
    found
}

/// What an edge would change.
fn new(world: &World, (edge, enough): (&Edge, Truth), actor: &str, on: &Object) -> Vec<Deed> {
    let gains = edge.gains.iter();
    let gains = gains.filter(|gain| at_most(**gain) >= enough);
    let deeds = gains.flat_map(|gain| deeds(world, edge, actor, on, *gain));
    deeds.filter(|deed| !is_done(world, deed)).collect()
}

/// What rights a group or an ACL gives is not read.
fn at_most(gain: Gain) -> Truth {
    match gain {
        Gain::Rights | Gain::Acl => Truth::Possible,
        _ => Truth::Certain,
    }
}

/// What each edge may be about; of one kind it is told once.
fn by_kind(world: &World) -> Vec<Rc<Vec<Numbered>>> {
    let mut known: BTreeMap<&On, Rc<Vec<Numbered>>> = BTreeMap::new();
    let each = edges().iter().map(|edge| match edge.needs.is_empty() {
        true => Rc::default(),
        false => {
            let objects = known
                .entry(&edge.on)
                .or_insert_with(|| Rc::new(numbered(world, objects(world, &edge.on))));
            Rc::clone(objects)
        }
    });
    each.collect()
}

/// An object, and the number of its name.
type Numbered = (Object, u32);

fn numbered(world: &World, objects: Vec<Object>) -> Vec<Numbered> {
    let number = |on: &Object| world.decided.borrow_mut().number(&format!("{on:?}"));
    let each = objects.into_iter();
    each.map(|on| {
        let number = number(&on);
        (on, number)
    })
    .collect()
}

/// How far an edge is there for an actor and an object, over the edits so far.
fn exists(world: &World, case: &Case, edge: &Edge, actor: &str, on: &Object) -> Truth {
    if is_foreign(world, edge, actor, on) {
        return Truth::No;
    }
    let mut truth = Truth::Certain;
    for guard in &edge.guards {
        truth = truth.min(guarded(world, case, edge, actor, on, guard));
        if truth == Truth::No {
            return truth;
        }
    }
    for need in &edge.needs {
        if need.operand == Operand::Carrier {
            continue;
        }
        truth = truth.min(granted(world, case, actor, on, need));
        if truth == Truth::No {
            return truth;
        }
    }
    truth.min(taken_over(world, case, edge, actor, on))
}

fn objects(world: &World, on: &On) -> Vec<Object> {
    let org = &world.org;
    let of_kind = |kind: Kind| -> Vec<Object> {
        let resources = org.resources.iter().filter(|one| one.kind == kind);
        resources
            .map(|one| Object::Resource(one.arn.to_string()))
            .collect()
    };
    let principals = |kind: PrincipalKind| -> Vec<Object> {
        let of = org.principals.iter().filter(|one| one.kind == kind);
        of.map(|one| Object::Principal(one.arn.to_string()))
            .collect()
    };
    match on {
        On::Role => principals(PrincipalKind::Role),
        On::User => principals(PrincipalKind::User),
        On::Policy => {
            let managed = org.managed.iter();
            managed
                .map(|(arn, id)| Object::Policy(arn.to_string(), *id))
                .collect()
        }
        On::OrgPolicy => {
            let policies = org.organization_policies.iter();
            policies
                .map(|(name, id)| Object::Guardrail(name.to_string(), *id))
                .collect()
        }
        On::Bucket => of_kind(Kind::Bucket),
        On::Key => of_kind(Kind::Key),
        On::Table => of_kind(Kind::Table),
        On::Queue => of_kind(Kind::Queue),
        On::Topic => of_kind(Kind::Topic),
        On::Secret => of_kind(Kind::Secret),
        On::Function => of_kind(Kind::Function),
        On::Repository => of_kind(Kind::Repository),
        On::Trail => {
            let trails = org.trails.iter();
            trails
                .map(|one| Object::Trail(one.arn.to_string()))
                .collect()
        }
        On::Endpoint => {
            let endpoints = org.endpoints.iter();
            endpoints
                .map(|one| {
                    let arn = format!(
                        "arn:aws:ec2:{}:{}:vpc-endpoint/{}",
                        one.region, one.account, one.id
                    );
                    Object::Endpoint(arn, one.id.to_string())
                })
                .collect()
        }
        On::Account => org.accounts.keys().copied().map(Object::Account).collect(),
        On::Provider | On::PermissionSet => Vec::new(),
        On::Organization => vec![Object::Organization],
        On::Nothing | On::Group | On::Other(_) => vec![Object::Nothing],
    }
}

pub fn account_of(arn: &str) -> AccountId {
    arn.split(':').nth(4).unwrap().parse().unwrap()
}

fn management(world: &World) -> AccountId {
    let identity = world.org.identity.as_ref().unwrap();
    *identity.management.present().unwrap()
}

fn resource<'w>(world: &'w World, arn: &str) -> &'w Resource {
    world.org.resource(arn).unwrap()
}

fn owner(world: &World, on: &Object) -> Option<AccountId> {
    match on {
        Object::Principal(arn) | Object::Policy(arn, _) | Object::Trail(arn) => {
            Some(account_of(arn))
        }
        Object::Endpoint(arn, _) => Some(account_of(arn)),
        Object::Resource(arn) => Some(resource(world, arn).account),
        Object::Guardrail(..) | Object::Account(_) => Some(management(world)),
        Object::Organization | Object::Nothing => None,
    }
}

fn named(world: &World, on: &Object) -> String {
    let management = management(world);
    match on {
        Object::Principal(arn)
        | Object::Policy(arn, _)
        | Object::Resource(arn)
        | Object::Trail(arn)
        | Object::Endpoint(arn, _) => arn.clone(),
        Object::Guardrail(name, _) => format!(
            "arn:aws:organizations::{management}:policy/o-acme1a2b3c/service_control_policy/{name}"
        ),
        Object::Account(account) => {
            format!("arn:aws:organizations::{management}:account/o-acme1a2b3c/{account}")
        }
        Object::Organization | Object::Nothing => "*".to_owned(),
    }
}

fn granted(world: &World, case: &Case, actor: &str, on: &Object, need: &Need) -> Truth {
    let own = account_of(actor);
    let mut stated = Vec::new();
    let name = named(world, on);
    let (about, resources) = match &need.operand {
        Operand::Target => (on.clone(), vec![name]),
        Operand::Passed(host) => {
            stated.push(("iam:PassedToService".to_owned(), host.clone()));
            (on.clone(), vec![name])
        }
        Operand::Objects => (on.clone(), vec![format!("{name}/some/object")]),
        Operand::Itself => match world.org.principal(actor) {
            Some(_) => (Object::Principal(actor.to_owned()), vec![actor.to_owned()]),
            None => return Truth::No,
        },
        Operand::Policy => {
            let policies = customer_policies(world, on);
            (on.clone(), policies)
        }
        Operand::New | Operand::Any => (Object::Nothing, anything(own, need.action.name())),
        Operand::Carrier => unreachable!("asked of each thing that an edge may take over"),
    };
    let action = format!("{}:{}", need.action.service(), need.action.name());
    let thing = match &about {
        // Whoever administers what is the organization's acts on it as on its own; guards say who.
        Object::Organization | Object::Nothing | Object::Account(_) | Object::Guardrail(..) => {
            Thing::Owned(own)
        }
        Object::Resource(arn) => Thing::Resource(resource(world, arn)),
        Object::Principal(arn) if need.action.service() == "sts" => {
            Thing::Role(world.org.principal(arn).unwrap())
        }
        other => Thing::Owned(owner(world, other).unwrap()),
    };
    let each = resources.iter().map(|resource| {
        let asked = Question {
            who: Who::Named(actor),
            action: &action,
            thing,
            resource,
            stated: stated.clone(),
            forwarded_by: None,
        };
        as_tagged(world, case, &asked, actor)
    });
    each.max().unwrap_or(Truth::No)
}

/// The managed policies of a principal that are its own account's.
fn customer_policies(world: &World, on: &Object) -> Vec<String> {
    let Object::Principal(arn) = on else {
        return Vec::new();
    };
    let ids = &world.org.principal(arn).unwrap().identity;
    let has = |id: &PolicyId| ids.present().is_none_or(|ids| ids.contains(id));
    let managed = world.org.managed.iter().filter(|(_, id)| has(id));
    let managed = managed.map(|(name, _)| name.to_string());
    managed
        .filter(|name| name.contains(&format!(":{}:policy/", account_of(arn))))
        .collect()
}

/// What an edge asks of one thing that carries the role, or stands beside the actor.
fn taken_over(world: &World, case: &Case, edge: &Edge, actor: &str, on: &Object) -> Truth {
    let needs = edge.needs.iter();
    let needs: Vec<&Need> = needs
        .filter(|need| need.operand == Operand::Carrier)
        .collect();
    if needs.is_empty() {
        return Truth::Certain;
    }
    let guard = edge.guards.iter().find(|guard| asks_for(guard).is_some());
    let each = carriers(world, guard.unwrap(), actor, on).into_iter();
    let each = each.map(|one| {
        let thing = match one.kind {
            Kind::Function => Thing::Resource(resource(world, one.arn.as_str())),
            _ => Thing::Owned(one.account),
        };
        let each = needs.iter().map(|need| {
            let action = format!("{}:{}", need.action.service(), need.action.name());
            let asked = Question {
                who: Who::Named(actor),
                action: &action,
                thing,
                resource: one.arn.as_str(),
                stated: Vec::new(),
                forwarded_by: None,
            };
            as_tagged(world, case, &asked, actor)
        });
        each.min().unwrap()
    });
    each.max().unwrap_or(Truth::No)
}

fn asks_for(guard: &Guard) -> Option<Kind> {
    match guard {
        Guard::CarriedBy(kind) | Guard::ThereIs(kind) => Some(*kind),
        _ => None,
    }
}

/// Cases tell everything that runs.
fn carriers<'w>(world: &'w World, guard: &Guard, actor: &str, on: &Object) -> Vec<&'w Compute> {
    let kind = asks_for(guard).unwrap();
    let of_kind = world.org.compute.iter().filter(|one| one.kind == kind);
    let found = of_kind.filter(|one| match (guard, on) {
        (Guard::CarriedBy(_), Object::Principal(role)) => {
            let roles = one.roles.present();
            roles.is_some_and(|roles| roles.iter().any(|carried| **carried == **role))
        }
        (Guard::ThereIs(_), _) => one.account == account_of(actor),
        _ => false,
    });
    found.collect()
}

/// With the tags that the actor has, and with those that an attacker chose for it.
pub fn as_tagged(world: &World, case: &Case, asked: &Question<'_>, actor: &str) -> Truth {
    let now = allowed(world, case, asked);
    match world.tagged(actor, &tags(case)) {
        Some(other) => now.max(allowed(&other, case, asked)),
        None => now,
    }
}

/// Tags that an attacker would choose.
pub fn tags(case: &Case) -> Vec<(String, String)> {
    let chosen = case.chosen.iter();
    chosen
        .filter_map(|(key, value)| {
            let key = key.strip_prefix("aws:PrincipalTag/")?;
            Some((key.to_owned(), value.clone()))
        })
        .collect()
}

/// Names of things that the model does not hold; cases allow such actions on everything or on
/// nothing.
fn anything(account: AccountId, action: &str) -> Vec<String> {
    let named = match action {
        "CreateBucket" => "arn:aws:s3:::acme-logs-made".to_owned(),
        "PutObject" | "GetObject" => "arn:aws:s3:::acme-logs-made/object".to_owned(),
        "CreateRole" => format!("arn:aws:iam::{account}:role/made-by-the-attacker"),
        _ => return vec!["*".to_owned()],
    };
    vec!["*".to_owned(), named]
}

fn yes(holds: bool) -> Truth {
    match holds {
        true => Truth::Certain,
        false => Truth::No,
    }
}

fn fact<T>(fact: &Known<T>, such: impl Fn(&T) -> bool) -> Truth {
    match fact {
        Known::Present(value) => yes(such(value)),
        Known::Absent => Truth::No,
        Known::Unknown(_) => Truth::Possible,
    }
}

fn opposite(truth: Truth) -> Truth {
    match truth {
        Truth::No => Truth::Certain,
        Truth::Possible => Truth::Possible,
        Truth::Certain => Truth::No,
    }
}

fn guarded(
    world: &World,
    case: &Case,
    edge: &Edge,
    actor: &str,
    on: &Object,
    guard: &Guard,
) -> Truth {
    match guard {
        Guard::Trusts(host) => match on {
            Object::Principal(role) => {
                let asked = Question {
                    who: Who::Service(host),
                    action: "sts:AssumeRole",
                    thing: Thing::Role(world.org.principal(role).unwrap()),
                    resource: role,
                    stated: Vec::new(),
                    forwarded_by: None,
                };
                allowed(world, case, &asked)
            }
            _ => Truth::No,
        },
        Guard::TrustsCaller | Guard::NoBoundaryForced => Truth::Certain,
        // Only roles that are not service-linked are bound.
        Guard::NotServiceLinked => Truth::Certain,
        // Of AWS Organizations itself no case lets a member dispose.
        Guard::Delegate(service) => {
            let services = world.org.delegates.get(&account_of(actor));
            let services = services.and_then(Known::present).into_iter().flatten();
            let registered = services.into_iter().any(|one| **one == **service);
            yes(registered || account_of(actor) == management(world))
        }
        Guard::Management => yes(account_of(actor) == management(world)),
        Guard::CarriedBy(_) | Guard::ThereIs(_) => {
            yes(!carriers(world, guard, actor, on).is_empty())
        }
        Guard::Member => yes(account_of(actor) != management(world)),
        Guard::Declared(_) => Truth::No,
        Guard::OwnAccount => {
            yes(owner(world, on).is_none_or(|account| account == account_of(actor)))
        }
        Guard::Exists(_) | Guard::Mfa | Guard::Unconfirmed => Truth::Possible,
        Guard::OrganizationTrail => match on {
            Object::Trail(arn) => {
                let mut trails = world.org.trails.iter();
                let trail = trails.find(|one| one.arn.as_str() == arn).unwrap();
                fact(&trail.organization, |on| *on)
            }
            _ => Truth::Possible,
        },
        Guard::Acls | Guard::Versioned | Guard::Unversioned | Guard::Unlocked => {
            bucket(world, edge, on, guard)
        }
    }
}

fn bucket(world: &World, edge: &Edge, on: &Object, guard: &Guard) -> Truth {
    let Object::Resource(arn) = on else {
        return Truth::Possible;
    };
    let Details::Bucket(bucket) = &resource(world, arn).details else {
        return Truth::Possible;
    };
    let mut needs = edge.needs.iter();
    let bypass = needs.any(|need| need.action.name() == "BypassGovernanceRetention");
    match guard {
        Guard::Acls => opposite(fact(&bucket.acls_disabled, |disabled| *disabled)),
        Guard::Versioned => fact(&bucket.versioning, |on| *on),
        Guard::Unversioned => opposite(fact(&bucket.versioning, |on| *on)),
        _ => opposite(fact(&bucket.object_lock, |lock| {
            match lock.mode.as_deref() {
                Some("COMPLIANCE") => true,
                Some("GOVERNANCE") => !bypass,
                _ => false,
            }
        })),
    }
}

/// Whether no need of the edge speaks of an object of another account, which nobody then reaches.
fn is_foreign(world: &World, edge: &Edge, actor: &str, on: &Object) -> bool {
    let about = |need: &Need| {
        matches!(
            need.operand,
            Operand::Target | Operand::Objects | Operand::Passed(_)
        )
    };
    !matches!(on, Object::Guardrail(..) | Object::Account(_))
        && owner(world, on).is_some_and(|owner| owner != account_of(actor))
        && !edge.needs.iter().any(about)
        && !takes_over(edge)
}

/// Whether the first guard about things that may be taken over names what carries the role.
fn takes_over(edge: &Edge) -> bool {
    let guard = edge.guards.iter().find(|guard| asks_for(guard).is_some());
    let mut needs = edge.needs.iter();
    matches!(guard, Some(Guard::CarriedBy(_))) && needs.any(|need| need.operand == Operand::Carrier)
}

/// One thing that an attacker does by an edge.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Become(String),
    Make(AccountId),
    Whole(AccountId),
    Edit(Change),
}

fn is_done(world: &World, deed: &Deed) -> bool {
    match deed {
        Deed::Become(arn) => world.who.contains(arn),
        Deed::Make(account) => {
            let made = format!("arn:aws:iam::{account}:role/made-by-the-attacker");
            world.who.contains(&made)
        }
        Deed::Whole(account) => {
            is_done(world, &Deed::Make(*account))
                && world.who.contains(&format!("arn:aws:iam::{account}:root"))
        }
        Deed::Edit(change) => world.holds(change),
    }
}

fn do_(world: &mut World, deed: Deed) {
    match deed {
        Deed::Become(arn) => world.become_(&arn),
        Deed::Make(account) => world.make(account),
        Deed::Whole(account) => world.whole(account),
        Deed::Edit(change) => world.change(change),
    };
}

/// What an edge gains, as what is done to the organization.
fn deeds(world: &World, edge: &Edge, actor: &str, on: &Object, gain: Gain) -> Vec<Deed> {
    let own = || account_of(actor);
    let accounts = || world.org.accounts.keys().copied();
    match (gain, on) {
        (Gain::Become | Gain::Code, Object::Principal(arn)) => vec![Deed::Become(arn.clone())],
        (Gain::Create | Gain::Named, _) => vec![Deed::Make(own())],
        // Root sessions and contact data of the management account are its own
        // ("Centralize root access for member accounts").
        (Gain::Account, Object::Account(account)) if *account == management(world) => Vec::new(),
        (Gain::Account, Object::Account(account)) => vec![Deed::Whole(*account)],
        // What is deployed to the whole organization is not deployed to its management account
        // ("Target accounts for StackSets").
        (Gain::Organization, _) => accounts()
            .filter(|account| *account != management(world))
            .map(Deed::Whole)
            .collect(),
        (Gain::Guardrails, Object::Guardrail(_, id)) => vec![Deed::Edit(Change::Text(*id))],
        (Gain::Guardrails, Object::Account(account)) => released(edge, *account),
        // An account that leaves takes off its own guardrails and nobody else's.
        (Gain::Guardrails, Object::Nothing) => released(edge, own()),
        (Gain::Guardrails, _) => accounts()
            .flat_map(|account| released(edge, account))
            .collect(),
        _ => {
            let changes = edits(world, edge, actor, on, gain);
            changes.into_iter().map(Deed::Edit).collect()
        }
    }
}

/// An account is bound no longer; if it goes, the trails of the organization lose it too.
fn released(edge: &Edge, account: AccountId) -> Vec<Deed> {
    let mut changes = vec![Change::Guardrails(account)];
    let mut needs = edge.needs.iter().map(|need| need.action.name());
    if needs.any(|name| {
        name == "LeaveOrganization"
            || name == "RemoveAccountFromOrganization"
            || name == "DeleteOrganization"
    }) {
        changes.push(Change::Left(account));
    }
    changes.into_iter().map(Deed::Edit).collect()
}

/// Edits of one object.
fn edits(world: &World, edge: &Edge, actor: &str, on: &Object, gain: Gain) -> Vec<Change> {
    let bound = match on {
        Object::Principal(arn) => Some(arn.clone()),
        _ => None,
    };
    // Only what is about nothing else is about the actor itself.
    let itself = world.org.principal(actor).map(|_| actor.to_owned());
    let itself = itself.filter(|_| edge.on == On::Nothing);
    let subject = bound.clone().or(itself);
    let resource = match on {
        Object::Resource(arn) => Some(arn.clone()),
        _ => None,
    };
    let change = match gain {
        Gain::Identity | Gain::Rights => return attached(edge, subject),
        Gain::Undeny => return taken(world, edge, resource, subject),
        Gain::Boundary => subject.map(Change::Boundary),
        Gain::Tags => subject.map(Change::Tags),
        Gain::Trust => bound.map(Change::Trust),
        Gain::Policy => match on {
            Object::Policy(_, id) => Some(Change::Text(*id)),
            _ => None,
        },
        Gain::Resource | Gain::Acl | Gain::Encryption => resource.map(Change::Own),
        Gain::PublicFloor => return unblocked(edge, actor, resource),
        Gain::Copy => resource.map(Change::Copy),
        Gain::Unkey | Gain::Rekey => resource.map(Change::Unkey),
        Gain::Destroy => resource.map(Change::Destroy),
        Gain::Evidence => resource.map(Change::Evidence),
        Gain::Network => Some(match on {
            Object::Endpoint(_, id) => Change::Endpoint(id.clone()),
            _ => Change::Net(account_of(actor)),
        }),
        Gain::Blind => match on {
            Object::Trail(arn) => Some(Change::Blind(arn.clone())),
            _ => None,
        },
        _ => None,
    };
    change.into_iter().collect()
}

/// A block of public access of a bucket or of the actor's account, of which each holds alone. What
/// serves a bucket as a website takes off neither.
fn unblocked(edge: &Edge, actor: &str, resource: Option<String>) -> Vec<Change> {
    let change = match edge.needs[0].action.name() {
        "PutBucketPublicAccessBlock" => resource.map(Change::Floor),
        "PutAccountPublicAccessBlock" => Some(Change::Public(account_of(actor))),
        _ => None,
    };
    change.into_iter().collect()
}

/// What an edge may take away that denies something. The policy of something beside a bucket, which
/// is not told, may say anything of the bucket.
fn taken(
    world: &World,
    edge: &Edge,
    resource: Option<String>,
    subject: Option<String>,
) -> Vec<Change> {
    let need = &edge.needs[0];
    match (resource, subject) {
        (Some(arn), _) if need.operand == Operand::Target => vec![Change::Deletable(arn)],
        (Some(arn), _) => vec![Change::Own(arn)],
        (None, Some(arn)) => {
            let name = need.action.name();
            let documents = denying(world, &arn, name.contains("Group"), name);
            let gone = documents.into_iter();
            gone.map(|id| Change::Removable(arn.clone(), id)).collect()
        }
        (None, None) => Vec::new(),
    }
}

fn denying(world: &World, arn: &str, of_group: bool, action: &str) -> Vec<PolicyId> {
    let Some(one) = world.org.principal(arn) else {
        return Vec::new();
    };
    let managed: Vec<PolicyId> = world.org.managed.values().copied().collect();
    let ids = one.identity.present().into_iter().flatten().copied();
    ids.filter(|id| {
        let right = match action {
            "RemoveUserFromGroup" => true,
            _ => action.starts_with("Detach") == managed.contains(id),
        };
        let denies = match &world.org.policies.get(*id).document {
            Known::Present(document) => {
                let mut statements = document.statements.iter();
                statements.any(|statement| statement.effect == Effect::Deny)
            }
            Known::Absent => false,
            Known::Unknown(_) => true,
        };
        right && denies && one.of_groups.contains(id) == of_group
    })
    .collect()
}

/// A policy attached, and what lies inline written over where the edge does that.
fn attached(edge: &Edge, subject: Option<String>) -> Vec<Change> {
    let mut needs = edge.needs.iter();
    let overwrites =
        needs.any(|need| matches!(need.action.name(), "PutRolePolicy" | "PutUserPolicy"));
    let inline = subject.clone().filter(|_| overwrites).map(Change::Inline);
    let identity = subject.map(Change::Identity);
    inline.into_iter().chain(identity).collect()
}
