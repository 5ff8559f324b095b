//! `collect --preflight`: what an earlier snapshot says will refuse the reader.
//!
//! Each call of the table is decided over the snapshot as the reader's role would make it, before
//! anybody makes it: once for each account and Region where it lists, once for each resource that
//! the snapshot knows where it reads one.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_authz::call::{Blame, Call};
use cofferdam_names::Arn;
use cofferdam_sources::{Operation, Scope, operations};
use serde_json::{Value, json};

use super::refusals::{self, Explained};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::questions;

/// Refusals that are listed; the count says how many there are.
const LISTED_MAX: usize = 40;

/// What is predicted.
pub struct Predicted {
    /// Calls that were decided.
    pub calls: usize,
    /// Accounts in which the role is not there, though their roles were read.
    pub without_role: Vec<String>,
    /// Calls that will be refused, by account.
    pub refused: Vec<(String, Explained)>,
    /// Calls of which the snapshot cannot tell.
    pub undecided: usize,
}

/// Decides every call of the table over an earlier snapshot.
///
/// # Errors
/// When the snapshot holds no account.
pub fn predict(project: &Project, role: &str, chosen: &[String]) -> Result<Predicted, Failure> {
    let mut predicted = Predicted {
        calls: 0,
        without_role: Vec::new(),
        refused: Vec::new(),
        undecided: 0,
    };
    for account in accounts(project, chosen) {
        if !has_role(project, &account, role) {
            predicted.without_role.push(account);
            continue;
        }
        for call in calls(project, &account, role) {
            predicted.calls += 1;
            decide(project, &account, &call, role, &mut predicted);
        }
    }
    if predicted.calls == 0 && predicted.without_role.is_empty() {
        return Err(Failure::usage(
            "the snapshot holds no account to predict anything of",
            "give a snapshot that `cofferdam collect` wrote",
        ));
    }
    Ok(predicted)
}

fn decide(project: &Project, account: &str, call: &Call, role: &str, predicted: &mut Predicted) {
    let Ok(story) = questions::explain(project, call) else {
        predicted.undecided += 1;
        return;
    };
    match story.decision {
        "allowed" => {}
        "undecided" => predicted.undecided += 1,
        _ => {
            let blame = Blame::default();
            let explained = refusals::of_story(call, &blame, Some(&story), Some(project), role);
            predicted.refused.push((account.to_owned(), explained));
        }
    }
}

fn accounts(project: &Project, chosen: &[String]) -> Vec<String> {
    let ids = project.organization.accounts.values();
    let active = ids.filter(|one| {
        one.status
            .present()
            .is_none_or(|status| **status != *"SUSPENDED")
    });
    active
        .map(|one| one.id.to_string())
        .filter(|id| chosen.is_empty() || chosen.contains(id))
        .collect()
}

fn has_role(project: &Project, account: &str, role: &str) -> bool {
    let end = format!(":{account}:role/{role}");
    let mut principals = project.organization.principals.iter();
    principals.any(|one| one.arn.as_str().ends_with(&end))
}

/// The calls of one account, as the reader's role makes them.
fn calls(project: &Project, account: &str, role: &str) -> Vec<Call> {
    let things = things(project, account);
    let regions = regions(&things);
    let mut found = Vec::new();
    for row in operations()
        .iter()
        .filter(|row| !row.scope.is_organizations())
    {
        if row.for_each.is_empty() {
            let everywhere = BTreeSet::from(["global".to_owned()]);
            let asked = match row.scope {
                Scope::Region => &regions,
                _ => &everywhere,
            };
            let one = |region| refusals::call(row, account, region, "*".into(), role);
            found.extend(asked.iter().filter_map(|region| one(region)));
        } else {
            let service = row.operation.split('.').next().unwrap_or_default();
            let of_service = things.get(service).into_iter().flatten();
            found.extend(of_service.filter_map(|thing| of_thing(row, account, thing, role)));
        }
    }
    found
}

fn of_thing(row: &Operation, account: &str, thing: &Thing, role: &str) -> Option<Call> {
    let region = match row.scope {
        Scope::Region => &*thing.region,
        _ => "global",
    };
    refusals::call(row, account, region, thing.arn.clone(), role)
}

/// A resource that calls of the table are about.
struct Thing {
    arn: String,
    region: String,
}

/// What an account holds, by the service that the table's operations name.
fn things(project: &Project, account: &str) -> BTreeMap<String, Vec<Thing>> {
    let mut found: BTreeMap<String, Vec<Thing>> = BTreeMap::new();
    let resources = project.organization.resources.iter();
    let resources = resources
        .filter(|one| one.account.to_string() == account)
        .map(|one| (service(&one.arn), &one.arn, one.region.present()));
    let points = project.organization.access_points.iter();
    let points = points
        .filter(|one| one.arn.account() == account)
        .map(|one| ("s3control".to_owned(), &one.arn, None));
    for (service, arn, region) in resources.chain(points) {
        let stated = region.map(|region| region.to_string());
        let region = stated.unwrap_or_else(|| arn.region().to_owned());
        found.entry(service).or_default().push(Thing {
            arn: arn.as_str().to_owned(),
            region,
        });
    }
    found
}

fn service(arn: &Arn) -> String {
    match arn.service() {
        "s3" => "s3api".to_owned(),
        other => other.to_owned(),
    }
}

fn regions(things: &BTreeMap<String, Vec<Thing>>) -> BTreeSet<String> {
    let regions = things.values().flatten().map(|thing| thing.region.clone());
    regions.filter(|region| !region.is_empty()).collect()
}

/// What the role's own policies lack, as one statement for the accounts that lack the same.
fn lacks(lacking: &[&(String, Explained)]) -> String {
    let mut by_account: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (account, explained) in lacking {
        let action = explained.lacks.as_deref().unwrap_or_default();
        by_account.entry(account).or_default().insert(action);
    }
    let mut by_actions: BTreeMap<BTreeSet<&str>, BTreeSet<&str>> = BTreeMap::new();
    for (account, actions) in by_account {
        by_actions.entry(actions).or_default().insert(account);
    }
    let one = |(actions, accounts): (BTreeSet<&str>, BTreeSet<&str>)| {
        let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
        format!(
            "  account {}\n    no policy of the role allows {} of the actions\n    \
             would admit the reader, in a policy of the role: {statement}\n",
            joined(&accounts),
            actions.len()
        )
    };
    by_actions.into_iter().map(one).collect()
}

fn joined(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

impl Predicted {
    /// In words.
    pub fn text(&self, role: &str) -> String {
        let mut text = format!(
            "{} calls of the role {role} decided over the snapshot: {} will be refused, {} cannot be told\n",
            self.calls,
            self.refused.len(),
            self.undecided
        );
        for account in &self.without_role {
            text.push_str(&format!(
                "account {account} has no role {role}: nothing of it will be read\n"
            ));
        }
        let (lacking, others): (Vec<_>, Vec<_>) = self
            .refused
            .iter()
            .partition(|(_, explained)| explained.lacks.is_some());
        text.push_str(&lacks(&lacking));
        let mut shown: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (account, explained) in others {
            shown
                .entry(refusals::lines(explained))
                .or_default()
                .insert(account);
        }
        for (lines, accounts) in shown.iter().take(LISTED_MAX) {
            text.push_str(&format!("  account {}\n{lines}", joined(accounts)));
        }
        if shown.len() > LISTED_MAX {
            text.push_str(&format!("  … and {} more\n", shown.len() - LISTED_MAX));
        }
        text
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let refused: Vec<Value> = self
            .refused
            .iter()
            .map(|(account, one)| {
                let admit = one.admit.as_ref();
                json!({"account": account, "what": one.what, "by": one.by, "statement": one.statement,
                    "admit": admit.map(|admit| json!({"place": admit.place, "text": admit.text}))})
            })
            .collect();
        json!({"calls": self.calls, "accounts_without_role": self.without_role,
            "refused": refused, "undecided": self.undecided})
    }

    /// Something will not be read, or nobody can tell.
    pub fn exit(&self) -> Exit {
        let whole = self.refused.is_empty() && self.without_role.is_empty() && self.undecided == 0;
        Exit::from_flags(false, !whole)
    }
}
