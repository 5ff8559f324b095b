//! What a dataset is made of: resources, the forms under which requests name them, and the
//! actions that touch their data.
//!
//! Actions are grouped by what decides them alike: the form of the resource and the use of a key
//! that the service makes with them. One question then covers a whole group.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cofferdam_authz::access_point::carries;
use cofferdam_authz::context::is_point_key;
use cofferdam_authz::gather::{Door, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_catalog::{Class, DataAction, KeyCheck, all_data_actions};
use cofferdam_names::ActionName;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Organization, Resource};

use crate::file::Dataset;

/// One dataset with what was found of it.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The declaration.
    pub dataset: &'a Dataset,
    /// Resources that were found.
    pub stores: Vec<Store<'a>>,
    /// Declared resources that were not found.
    pub not_found: Vec<&'a str>,
}

/// A resource that holds data.
#[derive(Clone, Debug)]
pub struct Store<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// The way that leads to it, where a bucket is asked about by each of its ways; `None`: any.
    pub door: Option<Door<'a>>,
    /// The prefix of its service.
    pub service: &'static str,
    /// The actions on it, in groups.
    pub groups: Vec<Group>,
}

/// Actions that the same question covers.
#[derive(Clone, Debug)]
pub struct Group {
    /// The resources that requests name.
    pub wanted: Wanted,
    /// The use of a key that comes with each of them; empty if none does.
    pub key_actions: Vec<ActionName>,
    /// Against whom the service checks that use.
    pub key_check: KeyCheck,
    /// The actions.
    pub actions: Vec<ClassedAction>,
}

/// An action with the classes of what it does.
#[derive(Clone, Debug)]
pub struct ClassedAction {
    /// The action.
    pub name: ActionName,
    /// Its classes, the main one first.
    pub classes: Vec<Class>,
}

/// Kinds that hold data, with the prefix of their service and the resource type of the service
/// authorization reference that stands for the thing itself.
const STORES: [(Kind, &str, &str); 7] = [
    (Kind::Bucket, "s3", "bucket"),
    (Kind::Queue, "sqs", "queue"),
    (Kind::Topic, "sns", "topic"),
    (Kind::Secret, "secretsmanager", "Secret"),
    (Kind::Table, "dynamodb", "table"),
    (Kind::Function, "lambda", "function"),
    (Kind::Repository, "ecr", "repository"),
];

/// Resource types that lie below a store: its service, the type, and how its ARN goes on.
const BELOW: [(&str, &str, &str); 2] = [("s3", "object", "/"), ("dynamodb", "index", "/index/")];

/// A table's stream has a policy of its own, so it is a store of its own.
const STREAM: &str = "/stream/";

/// The prefix of the service that serves a kind of store.
pub fn service_of(kind: Kind) -> Option<&'static str> {
    STORES
        .iter()
        .find(|(of, ..)| *of == kind)
        .map(|(_, service, _)| *service)
}

impl<'a> Scope<'a> {
    /// Finds what a dataset declares.
    pub fn of(org: &'a Organization, dataset: &'a Dataset) -> Scope<'a> {
        let mut scope = Scope {
            dataset,
            stores: Vec::new(),
            not_found: Vec::new(),
        };
        for declared in &dataset.resources {
            match org.resource(declared.arn.as_str()).and_then(Store::of) {
                Some(store) => {
                    scope.stores.extend(store.doors(org));
                    scope.stores.extend(streams(org, declared.arn.as_str()));
                }
                None => scope.not_found.push(declared.arn.as_str()),
            }
        }
        scope
    }
}

/// The streams of a table that were read.
fn streams<'a>(org: &'a Organization, table: &str) -> impl Iterator<Item = Store<'a>> {
    let beginning = format!("{table}{STREAM}");
    // Resources stand in the order of their ARNs.
    let first = org
        .resources
        .partition_point(|resource| resource.arn.as_str() < beginning.as_str());
    let streams = org.resources.iter().skip(first);
    let streams = streams.take_while(move |resource| resource.arn.as_str().starts_with(&beginning));
    streams.filter_map(Store::of)
}

impl<'a> Store<'a> {
    /// The store that a resource is, if its kind holds data.
    pub fn of(resource: &'a Resource) -> Option<Store<'a>> {
        let (_, service, itself) = *STORES.iter().find(|(kind, ..)| *kind == resource.kind)?;
        let is_stream = resource.kind == Kind::Table && resource.arn.as_str().contains(STREAM);
        let itself = if is_stream { "stream" } else { itself };
        Some(Store {
            resource,
            door: None,
            service,
            groups: groups(resource, service, itself),
        })
    }

    /// The store by each way that leads to it, its own name first. A bucket that has no access
    /// points, and whose policy tests none, is asked about once, by any way.
    pub fn doors(self, org: &'a Organization) -> Vec<Store<'a>> {
        let points: Vec<Door<'a>> = org.points_of(self.resource).map(Door::Point).collect();
        if points.is_empty() && !tests_points(org, self.resource) {
            return vec![self];
        }
        let mut doors = Vec::new();
        for door in points.into_iter().chain([Door::Unread]) {
            let groups = self.groups.iter();
            let carried = groups.filter_map(|group| group.only(|action| carries(&action.name)));
            doors.push(Store {
                door: Some(door),
                groups: carried.collect(),
                ..self.clone()
            });
        }
        let own = Store {
            door: Some(Door::Own),
            ..self
        };
        doors.insert(0, own);
        doors
    }

    /// What requests to the store are made to.
    pub fn thing(&self) -> Thing<'a> {
        match self.door {
            None => Thing::Resource(self.resource),
            Some(door) => Thing::Behind(self.resource, door),
        }
    }

    /// Whether requests name the store itself; else they name an access point.
    pub fn is_itself(&self) -> bool {
        matches!(self.door, None | Some(Door::Own))
    }

    /// The way that leads to the store, in words, where it is not its own name.
    pub fn way(&self) -> Option<String> {
        match self.door {
            None | Some(Door::Own) => None,
            Some(Door::Point(point)) => Some(format!("through the access point {}", point.arn)),
            Some(Door::Unread) => Some("through an access point of somebody else".to_owned()),
        }
    }

    /// Every action of a class.
    pub fn actions(&self, class: Class) -> Vec<ActionName> {
        let actions = self.groups.iter().flat_map(|group| &group.actions);
        let mut names: Vec<ActionName> = actions
            .filter(|action| action.classes.contains(&class))
            .map(|action| action.name.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Whether the policy of a bucket tells access points apart.
fn tests_points(org: &Organization, resource: &Resource) -> bool {
    let Known::Present(id) = &resource.policy else {
        return false;
    };
    let policy = org.policies.get(*id);
    let Known::Present(document) = &policy.document else {
        return false;
    };
    let conditions = document.statements.iter().flat_map(|one| &one.conditions);
    resource.kind == Kind::Bucket
        && conditions
            .into_iter()
            .any(|condition| is_point_key(condition.key.folded()))
}

impl Group {
    /// The group with only those actions for which `keep` holds; `None` if none is left.
    pub fn only(&self, keep: impl Fn(&ClassedAction) -> bool) -> Option<Group> {
        let actions: Vec<ClassedAction> = self
            .actions
            .iter()
            .filter(|action| keep(action))
            .cloned()
            .collect();
        (!actions.is_empty()).then(|| Group {
            actions,
            ..self.clone()
        })
    }

    /// The names of its actions.
    pub fn names(&self) -> Vec<ActionName> {
        self.actions
            .iter()
            .map(|action| action.name.clone())
            .collect()
    }
}

/// What decides a group: form of the resource, key actions, who is checked.
type Likeness = (String, Vec<ActionName>, &'static str);

fn groups(resource: &Resource, service: &'static str, itself: &str) -> Vec<Group> {
    let mut groups: BTreeMap<Likeness, Group> = BTreeMap::new();
    let known = KNOWN.get(service).map(Vec::as_slice).unwrap_or_default();
    for action in known {
        for on in &action.on {
            let Some(wanted) = wanted(resource, service, itself, on) else {
                continue;
            };
            let likeness = (
                format!("{wanted:?}"),
                action.key_actions.clone(),
                action.key_check.word(),
            );
            let group = groups.entry(likeness).or_insert_with(|| Group {
                wanted,
                key_actions: action.key_actions.clone(),
                key_check: action.key_check,
                actions: Vec::new(),
            });
            group.actions.push(action.classed.clone());
        }
    }
    groups.into_values().collect()
}

/// What the catalogue says of an action.
struct KnownAction {
    classed: ClassedAction,
    on: Vec<&'static str>,
    key_actions: Vec<ActionName>,
    key_check: KeyCheck,
}

/// The data actions of every service that stores data, parsed once: each dataset asks for them.
static KNOWN: LazyLock<BTreeMap<&'static str, Vec<KnownAction>>> = LazyLock::new(|| {
    let services = STORES.iter().map(|(_, service, _)| *service);
    services.map(|service| (service, known(service))).collect()
});

fn known(service: &'static str) -> Vec<KnownAction> {
    let parsed = |action: DataAction| {
        let name = ActionName::parse(&format!("{service}:{}", action.name())).ok()?;
        Some(KnownAction {
            classed: ClassedAction {
                name,
                classes: action.classes().collect(),
            },
            on: action.on().collect(),
            key_actions: key_actions(&action),
            key_check: action.key_check(),
        })
    };
    all_data_actions(service).filter_map(parsed).collect()
}

/// `HeadBucket`-like questions aside, an action on "everything" is one on the thing itself.
fn wanted(resource: &Resource, service: &str, itself: &str, on: &str) -> Option<Wanted> {
    let arn = resource.arn.as_str();
    if on == itself {
        return Some(Wanted::Exactly(arn.to_owned()));
    }
    if itself == "stream" {
        return None;
    }
    let (.., below) = BELOW
        .iter()
        .find(|(of, kind, _)| *of == service && *kind == on)?;
    Some(Wanted::Under(format!("{arn}{below}")))
}

fn key_actions(action: &DataAction) -> Vec<ActionName> {
    let mut names: Vec<ActionName> = action
        .kms_actions()
        .filter_map(|name| ActionName::parse(name).ok())
        .collect();
    names.sort();
    names
}
