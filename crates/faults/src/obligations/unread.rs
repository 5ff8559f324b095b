//! What was not read and bears on single faults, whatever their search comes to.
//!
//! A fault that nobody knows of is not searched, and a trail, archive or key that was not read has
//! no guard that could fall. Where there may be one, "no single fault" would be about too few.

use std::collections::BTreeSet;

use cofferdam_boundary::scope::Scope;
use cofferdam_findings::finding::Missing;
use cofferdam_org::fact::{Kind, Known};
use cofferdam_org::model::{Resource, Trail};

use crate::evidence::{Sinks, archive};
use crate::setting::Setting;

fn entry(key: impl Into<String>, why: impl Into<String>) -> Missing {
    Missing {
        key: key.into(),
        why: why.into(),
        origin: None,
    }
}

/// Accounts whose principals were not read.
pub(super) fn principals(setting: &Setting<'_>) -> Vec<Missing> {
    let unread = setting.context.cast.unread.iter();
    unread
        .map(|(account, why)| entry(format!("principals of account {account}"), &**why))
        .collect()
}

/// Why there may be trails that nobody read.
pub(super) fn more_trails(setting: &Setting<'_>) -> Option<Vec<Missing>> {
    let org = setting.context.org;
    let mut accounts = org.accounts.keys();
    let why = accounts.find_map(|account| org.gap(*account, Kind::Trail))?;
    Some(vec![entry("trails", why)])
}

/// Archives and keys of the dataset's trails that were not read.
pub(super) fn trails(setting: &Setting<'_>, sinks: &Sinks) -> Vec<Missing> {
    let trails = sinks.witnesses().filter_map(|place| setting.trail(place));
    let missing: BTreeSet<Missing> = trails.flat_map(|trail| of_trail(setting, trail)).collect();
    missing.into_iter().collect()
}

fn of_trail(setting: &Setting<'_>, trail: &Trail) -> Vec<Missing> {
    let mut missing = Vec::new();
    match (&trail.bucket, archive(setting, trail)) {
        (Known::Unknown(why), _) => missing.push(entry(trail.arn.as_str(), &**why)),
        (Known::Present(bucket), None) => {
            let why = format!("{} delivers to it, and it was not read", trail.name);
            missing.push(entry(&**bucket, why));
        }
        (Known::Absent, _) => {}
        (_, Some(place)) => {
            let bucket = setting.resource(place);
            missing.extend(bucket.and_then(|bucket| of_resource(setting, bucket)));
        }
    }
    let key = trail.key.as_ref().map(|key| Some(&**key));
    missing.extend(of_key(setting, trail.arn.as_str(), key));
    missing
}

/// Keys of the dataset that were not read.
pub(super) fn keys(setting: &Setting<'_>, scope: &Scope<'_>) -> Vec<Missing> {
    let stores = scope.stores.iter();
    let missing: BTreeSet<Missing> = stores
        .filter_map(|store| of_resource(setting, store.resource))
        .collect();
    missing.into_iter().collect()
}

fn of_resource(setting: &Setting<'_>, resource: &Resource) -> Option<Missing> {
    let key = resource.encryption.as_ref();
    let key = key.map(|encryption| encryption.key.as_deref());
    of_key(setting, resource.arn.as_str(), key)
}

/// AWS's own keys have policies that nobody changes ("AWS managed keys").
fn of_key(setting: &Setting<'_>, of: &str, key: Known<Option<&str>>) -> Option<Missing> {
    match key {
        Known::Unknown(why) => Some(entry(format!("key of {of}"), &*why)),
        Known::Present(Some(key)) => {
            let read = setting.context.org.resource(key).is_some();
            let own = key.contains("alias/aws/");
            (!read && !own).then(|| entry(key, format!("{of} is under it, and it was not read")))
        }
        Known::Present(None) | Known::Absent => None,
    }
}
