//! Who can do one thing: every principal, with the networks and the conditions under which.
//!
//! The question goes through the same ways as the inventory, so that the two cannot say different
//! things. Most principals cost nothing: where no layer of theirs can allow the action, the formula
//! is false as soon as it is made, and no solver is asked.

use cofferdam_authz::gather::{Door, Thing};
use cofferdam_authz::symbolic::Wanted;
use cofferdam_catalog::{Class, KeyCheck, data_action};
use cofferdam_findings::reach::WhoCan;
use cofferdam_names::{ActionName, Arn};
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{AccessPoint, Organization, Resource};

use crate::cast::{Cast, known_as};
use crate::inventory::{PRINCIPALS_ONE_BY_ONE, by_account, principals};
use crate::look;
use crate::reach::{Question, Target, Way, Ways};
use crate::scope::{ClassedAction, Group, Store};

/// What an action is asked of.
pub(crate) struct Asked<'a> {
    /// The thing, as ways into it are asked.
    pub(crate) what: What<'a>,
    /// How the question was understood.
    pub(crate) notes: Vec<String>,
}

/// The two forms of ways.
pub(crate) enum What<'a> {
    /// A store or a key: a data path, with the services that may repeat the request.
    Store(Store<'a>, Vec<Option<&'static str>>),
    /// Anything else: one request.
    Target(Target<'a>),
}

/// Everybody who can do `action` to `resource`, an ARN (of a store: the store itself, something in
/// it, or a pattern over what it holds) or `*`.
///
/// # Errors
/// When the sources do not state the resource, in words.
pub fn who_can(
    org: &Organization,
    cast: &Cast<'_>,
    action: &ActionName,
    resource: &str,
) -> Result<WhoCan, String> {
    let question = Question {
        org,
        cast,
        approval: None,
    };
    let asked = Asked::of(org, action, resource)?;
    let ways = match &asked.what {
        What::Store(store, vias) => by_every_door(&question, store, vias),
        What::Target(target) => {
            let mut ways = question.ways_to(target);
            ways.ways
                .retain(|way| counts(cast, action, target, &way.principal));
            ways
        }
    };
    Ok(answer(&asked, action, resource, &ways))
}

/// The ways into a store by each way that leads to it.
fn by_every_door<'a>(
    question: &Question<'a>,
    store: &Store<'a>,
    vias: &[Option<&'static str>],
) -> Ways {
    let doors = match store.door {
        None => store.clone().doors(question.org),
        Some(_) => vec![store.clone()],
    };
    let mut all = Ways::default();
    for store in &doors {
        let mut found = question.ways(store, vias);
        if let Some(way) = store.way() {
            let through = |one: &mut Way| one.conditions.insert(0, way.clone());
            found.ways.iter_mut().for_each(through);
        }
        all.add(found);
    }
    all
}

/// Whoever brings a token of a provider is nobody yet, and only they call AssumeRoleWith…; what names
/// no resource everybody does in an account of their own.
fn counts(cast: &Cast<'_>, action: &ActionName, target: &Target<'_>, who: &str) -> bool {
    let existing = cast.existing().any(|party| known_as(party) == who);
    let crowd = [&cast.outsiders, &cast.anonymous]
        .iter()
        .any(|party| known_as(party) == who);
    match target.thing {
        Thing::Nothing => existing,
        _ if action.name().starts_with("AssumeRoleWith") => !existing && !crowd,
        _ => true,
    }
}

fn answer(asked: &Asked<'_>, action: &ActionName, resource: &str, ways: &Ways) -> WhoCan {
    let mut list = principals(ways);
    for access in &mut list {
        access.can = vec![action.to_string()];
    }
    let many = list.len() > PRINCIPALS_ONE_BY_ONE;
    let shown = if many {
        by_account(list.clone())
    } else {
        list.clone()
    };
    let unclear = ways
        .unclear
        .iter()
        .map(|(who, why)| format!("{who}: {why}"));
    WhoCan {
        action: action.to_string(),
        resource: resource.to_owned(),
        keys: asked.keys(),
        principals: list,
        shown,
        unclear: unclear.collect(),
        notes: asked.notes.clone(),
    }
}

impl<'a> Asked<'a> {
    /// Finds what the resource is.
    pub(crate) fn of(
        org: &'a Organization,
        action: &ActionName,
        resource: &str,
    ) -> Result<Asked<'a>, String> {
        if resource == "*" {
            return Ok(nothing(action));
        }
        let arn = Arn::parse(resource).map_err(|_| format!("`{resource}` is no ARN"))?;
        if let Some(found) = org.resource(resource) {
            return Ok(of_resource(found, action, resource));
        }
        if let Some((point, bucket, name)) = behind_point(org, resource) {
            let mut asked = of_resource(bucket, action, &name);
            asked
                .notes
                .push(format!("{name}, through the access point {}", point.arn));
            if let What::Store(store, _) = &mut asked.what {
                store.door = Some(Door::Point(point));
            }
            return Ok(asked);
        }
        if let Some(role) = org.principal(resource) {
            return Ok(of_role(org, role, action));
        }
        elsewhere(org, action, &arn)
    }

    fn keys(&self) -> Vec<String> {
        let What::Store(store, _) = &self.what else {
            return Vec::new();
        };
        let uses = |group: &&Group| group.key_check == KeyCheck::Caller;
        let checked = store.groups.iter().find(uses).is_some();
        match &store.resource.encryption {
            Known::Present(encryption) if checked => {
                encryption.key.iter().map(ToString::to_string).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What an ARN through an access point of one bucket names.
pub(crate) fn behind_point<'a>(
    org: &'a Organization,
    resource: &str,
) -> Option<(&'a AccessPoint, &'a Resource, String)> {
    let named = |point: &&AccessPoint| {
        let rest = resource.strip_prefix(point.arn.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let point = org.access_points.iter().find(named)?;
    let [bucket] = point.buckets.as_slice() else {
        return None;
    };
    let arn = format!("arn:{}:s3:::{bucket}", point.arn.partition());
    let bucket = org.resource(&arn)?;
    let rest = resource.strip_prefix(point.arn.as_str())?;
    let name = match rest.strip_prefix("/object/") {
        Some(key) => format!("{arn}/{key}"),
        None => rest.is_empty().then_some(arn)?,
    };
    Some((point, bucket, name))
}

fn plain(what: What<'_>) -> Asked<'_> {
    Asked {
        what,
        notes: Vec::new(),
    }
}

fn nothing<'a>(action: &ActionName) -> Asked<'a> {
    Asked {
        what: What::Target(Target {
            thing: Thing::Nothing,
            service: known_service(action),
            policy: None,
            group: group(action, Wanted::Exactly("*".to_owned())),
        }),
        notes: vec!["each principal within its own account, since no resource is named".to_owned()],
    }
}

/// The prefix of an action's service as the catalogue spells it; of one it does not know, nothing,
/// which no endpoint serves.
pub(crate) fn known_service(action: &ActionName) -> &'static str {
    cofferdam_catalog::services()
        .find(|service| service.eq_ignore_ascii_case(action.service()))
        .unwrap_or_default()
}

/// One action as a group of its own.
pub(crate) fn group(action: &ActionName, wanted: Wanted) -> Group {
    let data = data_action(action.service(), action.name());
    let classes = data.map_or_else(|| vec![Class::Read], |data| vec![data.class()]);
    Group {
        wanted,
        key_actions: Vec::new(),
        key_check: KeyCheck::Unused,
        actions: vec![ClassedAction {
            name: action.clone(),
            classes,
        }],
    }
}

fn of_resource<'a>(found: &'a Resource, action: &ActionName, resource: &str) -> Asked<'a> {
    let (store, vias) = match (Store::of(found), found.kind) {
        (Some(store), _) => (store, vec![None]),
        (None, Kind::Key) => (look::key(found), look::vias()),
        (None, _) => {
            let target = Target {
                thing: Thing::Resource(found),
                service: known_service(action),
                policy: None,
                group: group(action, Wanted::Exactly(resource.to_owned())),
            };
            return plain(What::Target(target));
        }
    };
    let groups = groups_of(&store, action, resource);
    let notes = groups
        .iter()
        .filter_map(|group| note(&group.wanted, resource));
    let mut notes: Vec<String> = notes.collect();
    notes.dedup();
    Asked {
        what: What::Store(Store { groups, ..store }, vias),
        notes,
    }
}

/// The groups of a store with this action alone, about what was named.
fn groups_of(store: &Store<'_>, action: &ActionName, resource: &str) -> Vec<Group> {
    let of_action = store.groups.iter().filter_map(|group| {
        let mut only = group.only(|one| one.name == *action)?;
        for one in &mut only.actions {
            one.classes.truncate(1);
        }
        Some(only)
    });
    let whole = store.resource.arn.as_str() == resource;
    let mut groups: Vec<Group> = of_action
        .map(|group| Group {
            wanted: narrowed(&group.wanted, resource, whole),
            ..group
        })
        .collect();
    if groups.is_empty() {
        groups.push(group(action, Wanted::Exactly(resource.to_owned())));
    }
    groups
}

/// What lies in a store may be named one by one or by a pattern; the store itself stands for all of
/// it.
fn narrowed(wanted: &Wanted, resource: &str, whole: bool) -> Wanted {
    match wanted {
        Wanted::Under(beginning) if !whole && resource.starts_with(beginning.as_str()) => {
            if resource.contains(['*', '?']) {
                Wanted::Like(resource.to_owned())
            } else {
                Wanted::Exactly(resource.to_owned())
            }
        }
        other => other.clone(),
    }
}

fn note(wanted: &Wanted, resource: &str) -> Option<String> {
    match wanted {
        Wanted::Under(beginning) => Some(format!("asked of everything under {beginning}")),
        Wanted::Exactly(asked) if asked != resource => Some(format!(
            "the action is one on {asked}, so that is what is asked about"
        )),
        _ => None,
    }
}

/// A role is assumed under its trust policy; IAM's own actions on it are not asked of that policy.
fn of_role<'a>(
    org: &'a Organization,
    role: &'a cofferdam_org::model::Principal,
    action: &ActionName,
) -> Asked<'a> {
    let assumed = action.service() == "sts";
    let policy = role.trust.present().filter(|_| assumed);
    plain(What::Target(Target {
        thing: if assumed {
            Thing::Role(role)
        } else {
            Thing::Owned(role.account)
        },
        service: known_service(action),
        policy: policy.and_then(|id| org.policies.get(*id).document.present()),
        group: group(action, Wanted::Exactly(role.arn.to_string())),
    }))
}

/// Services whose things are all read, so that one which is not there is not known at all.
const READ_WHOLE: [&str; 8] = [
    "dynamodb",
    "ecr",
    "kms",
    "lambda",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
];

fn elsewhere<'a>(
    org: &'a Organization,
    action: &ActionName,
    arn: &Arn,
) -> Result<Asked<'a>, String> {
    if READ_WHOLE.contains(&arn.service()) {
        return Err(format!("the sources hold no resource `{arn}`"));
    }
    let Some(account) = arn
        .account_id()
        .filter(|account| org.accounts.contains_key(account))
    else {
        return Err(format!("`{arn}` lies in no account of the sources"));
    };
    let wanted = match arn.as_str().contains(['*', '?']) {
        true => Wanted::Like(arn.to_string()),
        false => Wanted::Exactly(arn.to_string()),
    };
    Ok(Asked {
        what: What::Target(Target {
            thing: Thing::Owned(account),
            service: known_service(action),
            policy: None,
            group: group(action, wanted),
        }),
        notes: vec![format!(
            "the sources hold no policy on {arn}: it is taken to have none"
        )],
    })
}

#[cfg(test)]
mod tests;
