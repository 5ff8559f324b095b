//! What stands above an account: its units, and the policies attached to each of them.
//!
//! Whoever asks about one dataset need not read every policy of the organization, but those on the
//! way from its account to the root. The calls go in the order of what they decide, because they may
//! be few: which accounts are ours (else nobody is known to be a stranger), what is switched on,
//! resource control policies (they bind strangers too), then service control policies; the dataset's
//! account before that of its key. What is not asked is written down as such, call by call.

use std::collections::{BTreeMap, BTreeSet};

use cofferdam_sources::Operation;
use serde_json::{Value, json};

use crate::client::{At, Client};
use crate::collect::{Collection, Frame, active, named};
use crate::failure::Failure;
use crate::plan::items;
use crate::request::Given;
use crate::run::{GLOBAL, Lines, ended};
use crate::store::Place;

const ACCOUNTS: &str = "organizations.list-accounts";
const ROOTS: &str = "organizations.list-roots";
const PARENTS: &str = "organizations.list-parents";
const ATTACHED: &str = "organizations.list-policies-for-target";
const POLICY: &str = "organizations.describe-policy";
/// Every operation of this file, in the order in which their answers are written: the last says that
/// the way was read.
const WRITTEN: [&str; 4] = [ROOTS, PARENTS, POLICY, ATTACHED];
/// Types of policies, those first that decide most about a dataset.
const TYPES: [&str; 2] = ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"];
/// Policies of AWS's own, attached by default, which allow everything. Their text is documented and
/// cannot be changed ("Service control policies" and "Resource control policies", AWS Organizations
/// user guide), so it is not asked for.
const DOCUMENTED: [&str; 2] = ["p-FullAWSAccess", "p-RCPFullAWSAccess"];
/// Units stand at most five deep below the root ("Quotas for AWS Organizations"); a way beyond twice
/// that goes in circles.
const DEPTH_MAX: usize = 12;

/// The account in which the organization is asked gets fewer than ten calls in all, where nobody says
/// how many the organization may have.
pub const CALLS: u32 = 9;

impl Collection<'_> {
    /// Lists the accounts of the organization.
    pub fn members(&self, frame: &mut Frame) {
        let Some(row) = named(ACCOUNTS) else {
            return;
        };
        let answers = self.run.group(&self.own(&frame.management, vec![row]));
        let lines = answers.iter().flat_map(|(_, lines)| lines);
        frame
            .accounts
            .extend(lines.flat_map(|(_, answer)| active(answer)));
        frame.accounts.sort();
        frame.accounts.dedup();
    }

    /// Reads what stands above accounts, the first of them first.
    pub fn ways(&self, frame: &Frame, accounts: &[String]) {
        let last = (frame.management.clone(), GLOBAL.into(), ATTACHED.into());
        let told = self.options.organization.is_some() || self.run.store.entry(&last).is_some();
        if frame.id.is_none() || told {
            return;
        }
        let mut ways = Ways {
            collection: self,
            rest: self.rest(),
            management: &frame.management,
            lines: BTreeMap::new(),
            above: BTreeMap::new(),
            asked: BTreeSet::new(),
        };
        ways.read(accounts);
        ways.write();
    }

    /// Lets the organization have no more than so many calls from here on.
    pub fn cap(&self) {
        let client: &Client = self.run.client;
        let spent = client.budget.spent();
        let here = spent.get(&self.caller().account).copied();
        let left = match self.options.organization_calls {
            Some(all) => all.saturating_sub(client.budget.of_service(SERVICE)),
            None => CALLS.saturating_sub(here.unwrap_or_default()),
        };
        client.budget.cap(SERVICE, left);
    }
}

/// The service that is asked here.
pub(crate) const SERVICE: &str = "organizations";

/// Ways from accounts to the root while they are read.
struct Ways<'w> {
    collection: &'w Collection<'w>,
    /// Why the ways of other accounts are not known.
    rest: Option<Failure>,
    management: &'w str,
    lines: BTreeMap<&'static str, Lines>,
    /// What stands directly above an account or unit.
    above: BTreeMap<String, String>,
    /// Calls that were made or left out already.
    asked: BTreeSet<(&'static str, String)>,
}

impl Ways<'_> {
    fn read(&mut self, accounts: &[String]) {
        let (root, types) = self.root();
        for kind in types.iter().take(1) {
            root.iter().for_each(|root| self.policies(root, kind));
        }
        // No organization policy binds the management account ("SCP effects on permissions" and
        // "RCP effects on permissions", AWS Organizations user guide).
        let management = self.management;
        for account in accounts.iter().filter(|one| *one != management) {
            let way = self.way(account);
            for kind in &types {
                way.iter().for_each(|target| self.policies(target, kind));
            }
        }
    }

    /// The root, and the types of policies that are switched on. Where that was not answered they may
    /// all be.
    fn root(&mut self) -> (Option<String>, Vec<&'static str>) {
        let Some(answer) = self.ask(ROOTS, json!({})) else {
            return (None, TYPES.to_vec());
        };
        let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
        let root = items(&answer, "Roots[]").into_iter().next();
        let on: Vec<String> = items(&answer, "Roots[].PolicyTypes[]")
            .into_iter()
            .filter(|kind| text(kind, "Status").as_deref() == Some("ENABLED"))
            .filter_map(|kind| text(kind, "Type"))
            .collect();
        let types = TYPES
            .into_iter()
            .filter(|kind| on.iter().any(|on| on == kind));
        (root.and_then(|root| text(root, "Id")), types.collect())
    }

    /// The root, the units below it and the account, as far as it was answered.
    fn way(&mut self, account: &str) -> Vec<String> {
        let mut way = vec![account.to_owned()];
        while let Some(child) = way.last().filter(|one| !one.starts_with("r-")).cloned() {
            let above = match self.above.get(&child) {
                Some(known) => Some(known.clone()),
                None => self.parent(&child),
            };
            match above.filter(|_| way.len() < DEPTH_MAX) {
                Some(above) => way.push(above),
                None => break,
            }
        }
        way.reverse();
        way
    }

    fn parent(&mut self, child: &str) -> Option<String> {
        let answer = self.ask(PARENTS, json!({"ChildId": child}))?;
        let found = items(&answer, "Parents[].Id").into_iter().next()?;
        let found = found.as_str()?.to_owned();
        self.above.insert(child.to_owned(), found.clone());
        Some(found)
    }

    /// The policies of a type that are attached to one target, with their texts.
    fn policies(&mut self, target: &str, kind: &str) {
        let Some(answer) = self.ask(ATTACHED, json!({"TargetId": target, "Filter": kind})) else {
            return;
        };
        let ids = items(&answer, "Policies[].Id").into_iter();
        let ids = ids.filter_map(Value::as_str);
        for id in ids.filter(|id| !DOCUMENTED.contains(id)) {
            self.ask(POLICY, json!({"PolicyId": id}));
        }
    }

    /// One call, which is made once at most; its answer, if there is one.
    fn ask(&mut self, operation: &'static str, given: Value) -> Option<Value> {
        let run = self.collection.run;
        let row = named(operation)?;
        if run.is_stopped() || !self.asked.insert((operation, given.to_string())) {
            return None;
        }
        let given: Given = given.as_object().cloned().unwrap_or_default();
        let caller = self.collection.caller();
        let at = At {
            account: &caller.account,
            region: &self.collection.options.home,
            partition: &caller.partition,
        };
        let signer = run.sessions.signer(&caller.account);
        let outcome = run.call(row, &given, &at, &signer);
        if let Some(why) = ended(&outcome) {
            run.stop(why);
            return None;
        }
        let answer = outcome.response.clone();
        self.lines
            .entry(operation)
            .or_default()
            .push((given, outcome));
        answer
    }

    fn write(&self) {
        let run = self.collection.run;
        let none = Lines::new();
        for row in WRITTEN.into_iter().filter_map(named) {
            let lines = self.lines.get(&*row.operation).unwrap_or(&none);
            if !run.is_stopped() {
                let of_targets = [PARENTS, ATTACHED].contains(&&*row.operation);
                let rest = self.rest.clone().filter(|_| of_targets);
                run.write(row, &self.place(row), lines, rest);
            }
        }
    }

    fn place(&self, row: &Operation) -> Place {
        (
            self.management.to_owned(),
            GLOBAL.into(),
            row.operation.to_string(),
        )
    }
}
