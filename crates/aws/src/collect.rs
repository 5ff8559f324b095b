//! The whole organization: which accounts, which Regions, in which order.
//!
//! First who the reader is and whose organization it is, then the organization itself, then every
//! account's Regions, then everything else side by side. An account whose role cannot be assumed
//! is written down as unknown, operation by operation.

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use cofferdam_sources::{Operation, Scope, operations};
use serde_json::{Value, json};

use crate::budget::NOT_ASKED;
use crate::client::{At, Client, Outcome, Signer, lock};
use crate::failure::{CONNECTION, Failure, Sort, TIMEOUT};
use crate::http::Identity;
use crate::plan::{Answers, Group, groups, items};
use crate::request::Given;
use crate::run::{GLOBAL, Job, Run, Watch, in_order, place};
use crate::sessions::{Caller, NO_CREDENTIALS, Role, Sessions};
use crate::store::Store;
use crate::thin::Thing;

/// The operation that says whose organization it is.
const ORGANIZATION: &str = "organizations.describe-organization";
/// The operation that lists accounts.
const ACCOUNTS: &str = "organizations.list-accounts";
/// The operation that lists the Regions that an account has enabled.
const REGIONS: &str = "ec2.describe-regions";
/// The error of an account that belongs to no organization ("DescribeOrganization", AWS
/// Organizations API Reference).
const NO_ORGANIZATION: &str = "AWSOrganizationsNotInUseException";

/// What to collect, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is assumed in other accounts.
    pub role: Role,
    /// Only these accounts; none: all that are active.
    pub accounts: Vec<String>,
    /// Only these Regions; none: all that an account has enabled.
    pub regions: Vec<String>,
    /// The Region that answers for what has none.
    pub home: String,
    /// Where the snapshot goes.
    pub folder: PathBuf,
    /// Accounts and Regions that are read at a time.
    pub parallel: usize,
    /// What the manifest says made the snapshot.
    pub tool: String,
    /// Only what this one thing needs; none: everything.
    pub dataset: Option<Thing>,
    /// Of one thing alone: the calls that the organization may have; none: as many as leave the
    /// account that asks under ten in all.
    pub organization_calls: Option<u32>,
    /// Of one thing alone: an earlier snapshot, whose organization is taken over.
    pub organization: Option<PathBuf>,
}

/// What was collected.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// Files that were written, those of an earlier run included.
    pub files: usize,
    /// Operations that an earlier, interrupted run had finished.
    pub kept: usize,
    /// The id of the organization, if there is one.
    pub organization: Option<String>,
    /// Accounts that were read.
    pub accounts: usize,
    /// Calls whose answer is unknown, as the manifest lists them, but for those that were not made on
    /// purpose.
    pub refused: Vec<Value>,
    /// Accounts of which nothing could be read, with the reason.
    pub unread: BTreeMap<String, Failure>,
    /// Regions that `regions` left out, though some account has enabled them.
    pub left_out: Vec<String>,
    /// Calls that the organization had, where it may have wanted more.
    pub capped: Option<u32>,
    /// When an organization that was taken over from an earlier snapshot was read.
    pub organization_date: Option<String>,
    /// Calls that were made, by account.
    pub calls: BTreeMap<String, u32>,
    /// The account of the reader's own credentials.
    pub reader: String,
}

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// There are no credentials, or nothing can be read with them.
    NoSource(String),
    /// The folder cannot be used.
    Folder(String),
    /// It was interrupted; another run with the same options goes on from there.
    Interrupted(String),
}

/// Reads an organization into a snapshot.
///
/// # Errors
/// When there is no source, the folder cannot be used, or the collection was interrupted.
pub fn collect(
    options: &Options,
    client: &Client,
    identity: &dyn Identity,
    watch: &dyn Watch,
) -> Result<Collected, Stop> {
    let sessions = Sessions::open(client, identity, options.role.clone(), &options.home)
        .map_err(|failure| Stop::NoSource(no_source(&failure)))?;
    let began = moment(client);
    let store = Store::open(
        &options.folder,
        &fingerprint(options, sessions.caller()),
        &began,
    )
    .map_err(Stop::Folder)?;
    let run = Run::new(client, &sessions, &store, &options.home);
    let collection = Collection {
        options,
        run: &run,
        watch,
    };
    let collected = collection.collect()?;
    let stopped = lock(&run.stopped).clone();
    match stopped {
        Some(why) => Err(Stop::Interrupted(why)),
        None => collection.close(collected),
    }
}

fn no_source(failure: &Failure) -> String {
    match &*failure.code {
        NO_CREDENTIALS => format!("no AWS credentials: {}", failure.message),
        CONNECTION | TIMEOUT => format!("AWS cannot be reached: {}", failure.message),
        code => format!(
            "AWS does not take the credentials: {code}: {}",
            failure.message
        ),
    }
}

fn moment(client: &Client) -> String {
    let now = DateTime::from(client.clock().now());
    let whole = DateTime::from_secs(now.secs());
    whole.fmt(Format::DateTime).unwrap_or_default()
}

/// What must be the same for a run to go on with what another left.
fn fingerprint(options: &Options, caller: &Caller) -> Value {
    json!({"account": caller.account, "role": options.role.name, "accounts": options.accounts,
        "regions": options.regions, "home": options.home,
        "dataset": options.dataset.as_ref().map(|thing| &thing.arn),
        "organization_calls": options.organization_calls, "organization": options.organization})
}

/// A collection under way, with what was asked for.
pub(crate) struct Collection<'c> {
    pub options: &'c Options,
    pub run: &'c Run<'c>,
    pub watch: &'c dyn Watch,
}

/// The organization as far as the rest of the work needs it.
pub(crate) struct Frame {
    pub id: Option<String>,
    pub management: String,
    pub accounts: Vec<String>,
}

impl Collection<'_> {
    fn collect(&self) -> Result<Collected, Stop> {
        if let Some(thing) = &self.options.dataset {
            return self.thin(thing);
        }
        let frame = self.frame()?;
        self.known(&frame)?;
        let (readable, unread) = self.accounts(&frame);
        let regions = self.regions(&frame, &readable)?;
        let mut jobs = Vec::new();
        for account in &readable {
            jobs.extend(self.jobs(account, regions.of(account)));
        }
        for (account, failure) in &unread {
            for job in self.jobs(account, regions.of(account)) {
                self.refuse(&job, failure);
            }
        }
        self.run.all(&jobs, self.options.parallel, self.watch);
        Ok(Collected {
            organization: frame.id,
            accounts: readable.len(),
            unread,
            left_out: regions.left_out,
            ..Collected::default()
        })
    }

    pub fn caller(&self) -> &Caller {
        self.run.sessions.caller()
    }

    /// A job for what the reader asks with its own credentials.
    pub fn own(&self, account: &str, group: Group) -> Job {
        Job {
            account: account.to_owned(),
            reader: self.caller().account.clone(),
            label: GLOBAL.into(),
            region: self.options.home.clone(),
            group,
            only: None,
            seed: Answers::new(),
        }
    }

    fn frame(&self) -> Result<Frame, Stop> {
        let Some((id, management)) = self.organization()? else {
            return Ok(self.alone());
        };
        let mut accounts = Vec::new();
        for group in groups(Scope::Organization) {
            self.watch.step(0, 1, "the organization");
            let job = self.sought(self.own(&management, group));
            let answers = self.run.group(&job);
            for (row, lines) in answers {
                if *row.operation == *ACCOUNTS {
                    accounts = lines
                        .iter()
                        .flat_map(|(_, answer)| active(answer))
                        .collect();
                }
            }
        }
        if accounts.is_empty() {
            accounts.push(self.caller().account.clone());
        }
        accounts.sort();
        Ok(Frame {
            id: Some(id),
            management,
            accounts,
        })
    }

    /// What there is without an organization: the account of the reader.
    pub fn alone(&self) -> Frame {
        Frame {
            id: None,
            management: self.caller().account.clone(),
            accounts: vec![self.caller().account.clone()],
        }
    }

    /// The organization's id and management account; none for an account that is in none. The answer
    /// is kept, so that nobody asks again.
    pub fn organization(&self) -> Result<Option<(String, String)>, Stop> {
        let outcome = self.ask(ORGANIZATION, &self.caller().account, &self.options.home);
        if let Some(failure) = &outcome.failure {
            return match &*failure.code {
                NO_ORGANIZATION => Ok(None),
                code => Err(Stop::NoSource(format!(
                    "the organization cannot be read: {code}: {}",
                    failure.message
                ))),
            };
        }
        let text = |name: &str| {
            let found = outcome.response.as_ref()?.get("Organization")?.get(name)?;
            Some(found.as_str()?.to_owned())
        };
        match (text("Id"), text("MasterAccountId")) {
            (Some(id), Some(management)) => {
                if let Some(row) = named(ORGANIZATION) {
                    let place = place(&self.own(&management, vec![row]), row);
                    self.run
                        .write(row, &place, &vec![(Given::new(), outcome)], None);
                }
                Ok(Some((id, management)))
            }
            _ => Err(Stop::NoSource(
                "the answer about the organization names no id".into(),
            )),
        }
    }

    fn ask(&self, operation: &str, account: &str, region: &str) -> Outcome {
        let at = At {
            account,
            region,
            partition: &self.caller().partition,
        };
        let signer = self.run.sessions.signer(account);
        self.run.client.ask(operation, &Given::new(), &at, &signer)
    }

    /// A group whose things live in one Region is asked there: the first that answers with any.
    fn sought(&self, job: Job) -> Job {
        let Some(row) = job.group.iter().find(|row| row.seek.is_some()) else {
            return job;
        };
        let path = row.seek.as_deref().unwrap_or_default();
        if self.run.store.entry(&place(&job, row)).is_some() {
            return job;
        }
        let here = self.enabled(&job.reader).unwrap_or_default();
        let others = here
            .into_iter()
            .filter(|region| *region != self.options.home);
        let mut failed = None;
        for region in [self.options.home.clone()].into_iter().chain(others) {
            let outcome = self.ask(&row.operation, &job.reader, &region);
            let found = outcome.response.as_ref();
            if found.is_some_and(|answer| !items(answer, &format!("{path}[]")).is_empty()) {
                return Job { region, ..job };
            }
            failed = failed.or(outcome.failure);
        }
        // It may be in the Region that did not answer.
        if let Some(failure) = failed {
            self.run.refuse(&place(&job, row), &failure);
        }
        job
    }

    /// An account that was named must be one that can be read.
    fn known(&self, frame: &Frame) -> Result<(), Stop> {
        let mut chosen = self.options.accounts.iter();
        match chosen.find(|account| !frame.accounts.contains(account)) {
            Some(account) => Err(Stop::NoSource(format!(
                "{account} is no account that the organization lists as active"
            ))),
            None => Ok(()),
        }
    }

    /// Accounts that can be read, and those that cannot with the reason.
    pub fn accounts(&self, frame: &Frame) -> (Vec<String>, BTreeMap<String, Failure>) {
        let chosen = &self.options.accounts;
        let wanted: Vec<String> = frame
            .accounts
            .iter()
            .filter(|account| chosen.is_empty() || chosen.contains(account))
            .cloned()
            .collect();
        let tried = in_order(&wanted, self.options.parallel, |account| {
            self.run.sessions.signer(account).keys(None).err()
        });
        let mut readable = Vec::new();
        let mut unread = BTreeMap::new();
        for (account, failure) in wanted.into_iter().zip(tried) {
            match failure {
                None => readable.push(account),
                Some(failure) => {
                    if failure.kind == Sort::Expired || failure.code == NO_CREDENTIALS {
                        self.run
                            .stop(format!("the credentials have run out ({})", failure.code));
                    }
                    unread.insert(account.clone(), self.not_assumed(&account, failure));
                }
            }
        }
        (readable, unread)
    }

    fn not_assumed(&self, account: &str, failure: Failure) -> Failure {
        let role = self.run.sessions.role_arn(account);
        Failure {
            message: format!("{role} cannot be assumed: {}", failure.message),
            ..failure
        }
    }

    /// The Regions that each account has enabled.
    fn regions(&self, frame: &Frame, accounts: &[String]) -> Result<Regions, Stop> {
        let asked = in_order(accounts, self.options.parallel, |account| {
            self.enabled(account)
        });
        let found: BTreeMap<String, Vec<String>> = accounts
            .iter()
            .cloned()
            .zip(asked)
            .filter_map(|(account, regions)| Some((account, regions?)))
            .collect();
        let own = [&frame.management, &self.caller().account];
        let general = own
            .into_iter()
            .find_map(|account| found.get(account))
            .or_else(|| found.values().next())
            .cloned();
        Regions::new(found, general, &self.options.regions).ok_or_else(|| {
            Stop::NoSource("the enabled Regions cannot be read; name them with --regions".into())
        })
    }

    fn enabled(&self, account: &str) -> Option<Vec<String>> {
        let row = named(REGIONS)?;
        let job = Job {
            account: account.to_owned(),
            reader: account.to_owned(),
            label: GLOBAL.into(),
            region: self.options.home.clone(),
            group: vec![row],
            only: None,
            seed: Answers::new(),
        };
        let answers = self.run.group(&job);
        let (_, lines) = answers.first()?;
        let (_, answer) = lines.first()?;
        let names = items(answer, "Regions[].RegionName").into_iter();
        let mut names: Vec<String> = names
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect();
        names.sort();
        Some(names).filter(|names| !names.is_empty())
    }

    /// Everything of one account.
    fn jobs(&self, account: &str, regions: &[String]) -> Vec<Job> {
        let job = |label: &str, region: &str, group: Group| Job {
            account: account.to_owned(),
            reader: account.to_owned(),
            label: label.to_owned(),
            region: region.to_owned(),
            group,
            only: None,
            seed: Answers::new(),
        };
        let home = &self.options.home;
        let mut jobs: Vec<Job> = groups(Scope::Account)
            .into_iter()
            .map(|group| job(GLOBAL, home, group))
            .collect();
        for region in regions {
            let groups = groups(Scope::Region).into_iter();
            jobs.extend(groups.map(|group| job(region, region, group)));
        }
        jobs
    }

    fn refuse(&self, job: &Job, failure: &Failure) {
        for row in &job.group {
            let place = place(job, row);
            if self.run.store.entry(&place).is_none() {
                self.run.refuse(&place, failure);
            }
        }
    }

    /// Writes the manifest.
    fn close(&self, collected: Collected) -> Result<Collected, Stop> {
        let store = self.run.store;
        let entries = store.entries();
        let read: Vec<Value> = entries
            .iter()
            .filter_map(|((account, region, operation), entry)| {
                let file = entry.file.as_ref()?;
                Some(json!({"file": file, "account": account, "region": region, "operation": operation}))
            })
            .collect();
        let refused: Vec<Value> = entries
            .into_iter()
            .flat_map(|(_, entry)| entry.refused)
            .collect();
        let management = self.management(&read);
        let mut organization =
            json!({"id": collected.organization, "management_account": management});
        if let (Some(date), Some(object)) =
            (&collected.organization_date, organization.as_object_mut())
        {
            object.insert("captured_at".into(), json!(date));
        }
        let manifest = json!({
            "version": 1,
            "captured_at": store.began,
            "partition": self.caller().partition,
            "organization": organization,
            "tool": self.options.tool,
            "read": read,
            "completed": [],
            "left_out": {"regions": collected.left_out, "but": self.options.dataset.as_ref().map(|thing| &thing.arn)},
            "refused": refused,
        });
        store.close(&manifest).map_err(Stop::Folder)?;
        let code =
            |entry: &Value| entry.pointer("/error/code").and_then(Value::as_str) == Some(NOT_ASKED);
        let refused: Vec<Value> = refused.into_iter().filter(|entry| !code(entry)).collect();
        Ok(Collected {
            files: read.len(),
            kept: store.kept,
            refused,
            calls: self.run.client.budget.spent(),
            reader: self.caller().account.clone(),
            ..collected
        })
    }

    /// The account below which the organization's own answers lie.
    fn management(&self, read: &[Value]) -> Option<String> {
        let found = read
            .iter()
            .find(|entry| entry.get("operation").and_then(Value::as_str) == Some(ORGANIZATION));
        Some(found?.get("account")?.as_str()?.to_owned())
    }
}

pub(crate) fn named(operation: &str) -> Option<&'static Operation> {
    operations().iter().find(|row| *row.operation == *operation)
}

/// Nobody can act in a closed account, and no role of it can be assumed ("Closing an account", AWS
/// Organizations user guide).
pub(crate) fn active(answer: &Value) -> Vec<String> {
    let accounts = items(answer, "Accounts[]").into_iter();
    accounts
        .filter(|account| account.get("Status").and_then(Value::as_str) != Some("SUSPENDED"))
        .filter_map(|account| Some(account.get("Id")?.as_str()?.to_owned()))
        .collect()
}

/// Which Regions are read where.
struct Regions {
    by_account: BTreeMap<String, Vec<String>>,
    general: Vec<String>,
    left_out: Vec<String>,
}

impl Regions {
    /// Accounts that could not say read those of the organization's own; none where nothing says
    /// any.
    fn new(
        found: BTreeMap<String, Vec<String>>,
        general: Option<Vec<String>>,
        chosen: &[String],
    ) -> Option<Regions> {
        let known: Vec<String> = found.values().flatten().cloned().collect();
        let mut left_out: Vec<String> = known
            .into_iter()
            .filter(|region| !chosen.is_empty() && !chosen.contains(region))
            .collect();
        left_out.sort();
        left_out.dedup();
        let kept = |regions: Vec<String>| match chosen.is_empty() {
            true => regions,
            false => chosen.to_vec(),
        };
        let general = match general {
            None if chosen.is_empty() => return None,
            general => kept(general.unwrap_or_default()),
        };
        let by_account = found
            .into_iter()
            .map(|(account, regions)| (account, kept(regions)))
            .collect();
        Some(Regions {
            by_account,
            general,
            left_out,
        })
    }

    fn of(&self, account: &str) -> &[String] {
        self.by_account.get(account).unwrap_or(&self.general)
    }
}
