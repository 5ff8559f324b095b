//! `cofferdam collect`: a whole organization, read live into a snapshot.

mod preflight;
mod refusals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use cofferdam_aws::client::{ATTEMPTS, Client, Endpoints};
use cofferdam_aws::collect::{Collected, Options, Stop, collect};
use cofferdam_aws::live::{Live, Wall};
use cofferdam_aws::sessions::Role;
use cofferdam_aws::thin::Thing;
use serde_json::{Value, json};

use crate::args::{Format, Sources, Terraform};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::project::{self, Project};
use crate::terminal::Terminal;

/// Read an organization from AWS into a snapshot; only ever reads
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Collect {
    /// Where the snapshot goes; a folder that an interrupted run left is completed
    #[arg(long, default_value = "snapshot", value_name = "DIR")]
    out: PathBuf,
    /// The role that is assumed in every account but the reader's own, with its path
    #[arg(long, default_value = "cofferdam-read", value_name = "NAME")]
    role_name: String,
    /// The external id that the role's trust policy asks for
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Only these accounts; by default all of the organization
    #[arg(long, value_delimiter = ',', value_name = "ACCOUNT")]
    accounts: Vec<String>,
    /// Only these Regions; by default all that an account has enabled
    #[arg(long, value_delimiter = ',', value_name = "REGION")]
    regions: Vec<String>,
    /// The profile whose credentials read; by default those that the environment gives
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// An address in place of AWS's own, as `URL` for all services or `SERVICE=URL` for one
    #[arg(long, value_name = "[SERVICE=]URL")]
    endpoint_url: Vec<String>,
    /// The most calls that each account may have; what is left is unknown
    #[arg(long, value_name = "N")]
    max_calls: Option<u32>,
    /// Only what one bucket, table, queue, topic, secret, function, repository or key needs: the
    /// organization, its account, its key and its trail
    #[arg(long, value_name = "ARN")]
    dataset: Option<Thing>,
    /// With --dataset: the most calls about the organization; by default as many as leave the account
    /// that asks under ten in all
    #[arg(long, value_name = "N", requires = "dataset")]
    max_organization_calls: Option<u32>,
    /// With --dataset: take the organization over from an earlier snapshot of it, with its date
    #[arg(
        long,
        value_name = "SNAPSHOT",
        requires = "dataset",
        conflicts_with = "max_organization_calls"
    )]
    organization: Option<PathBuf>,
    /// Ask AWS nothing: say what an earlier snapshot shows to refuse the role
    #[arg(long, value_name = "SNAPSHOT")]
    preflight: Option<PathBuf>,
    /// Calls under way at a time
    #[arg(long, default_value_t = 16, value_name = "N")]
    parallel: usize,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam collect                                   the whole organization, into ./snapshot
  cofferdam collect --role-name audit/org-reader --profile security
  cofferdam collect --accounts 111122223333 --regions eu-west-1,us-east-1 --out records
  cofferdam collect --dataset s3://records --accounts 111122223333 --out thin
                                                      one bucket, in few calls

The role is what `cofferdam role-policy` prints. Run again after an interruption: it goes on.
Exit code 3: something could not be read, and is unknown in the snapshot.";

/// The Region that answers for what has none, where nothing names another.
const HOME: &str = "us-east-1";
/// Kinds of refusals that are listed; the manifest has them all.
const LISTED_MAX: usize = 20;
/// Characters of a message that are shown.
const MESSAGE_MAX: usize = 240;

/// Reads AWS and writes the snapshot.
pub fn run(args: &Collect, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(snapshot) = &args.preflight {
        return predict(args, snapshot, terminal);
    }
    let endpoints = endpoints(args)?;
    let live =
        Live::open(args.profile.as_deref()).map_err(|why| Failure::usage(why, "try again"))?;
    let client = Client::new(&live, &Wall, endpoints, args.parallel)
        .attempts(attempts())
        .at_most(args.max_calls);
    let options = options(args, live.region());
    let progress = Progress::new(terminal.shows_progress());
    let collected = collect(&options, &client, &live, &progress);
    drop(progress);
    let collected = collected.map_err(|stop| stopped(stop, args))?;
    let text = match terminal.format {
        Format::Json => format!("{:#}\n", as_json(args, &collected)),
        Format::Text => as_text(args, &collected),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(Exit::from_flags(false, !collected.refused.is_empty()))
}

/// What an earlier snapshot says of the calls to come.
fn predict(args: &Collect, snapshot: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let project = read(snapshot)?;
    let role = args.role_name.trim_start_matches('/');
    let predicted = preflight::predict(&project, role, &args.accounts)?;
    let text = match terminal.format {
        Format::Text => predicted.text(role),
        Format::Json => format!("{:#}\n", predicted.json()),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(predicted.exit())
}

fn read(snapshot: &Path) -> Result<Project, Failure> {
    project::open(&Sources {
        sources: vec![snapshot.to_owned()],
        boundary: None,
        terraform: Terraform::default(),
    })
}

fn options(args: &Collect, region: Option<&str>) -> Options {
    let first = args.regions.first().map(String::as_str);
    Options {
        role: Role {
            name: args.role_name.trim_start_matches('/').to_owned(),
            external_id: args.external_id.clone(),
        },
        accounts: args.accounts.clone(),
        regions: args.regions.clone(),
        home: region.or(first).unwrap_or(HOME).to_owned(),
        folder: args.out.clone(),
        parallel: args.parallel.max(1),
        dataset: args.dataset.clone(),
        organization_calls: args.max_organization_calls,
        organization: args.organization.clone(),
        tool: format!("cofferdam collect {}", env!("CARGO_PKG_VERSION")),
    }
}

/// The number of attempts that the AWS SDKs take from the environment.
fn attempts() -> u32 {
    let named = std::env::var("AWS_MAX_ATTEMPTS").ok();
    named.and_then(|text| text.parse().ok()).unwrap_or(ATTEMPTS)
}

fn endpoints(args: &Collect) -> Result<Endpoints, Failure> {
    let mut found = Endpoints::new();
    if let Ok(url) = std::env::var("AWS_ENDPOINT_URL")
        && !url.is_empty()
    {
        found.insert(None, url.trim_end_matches('/').to_owned());
    }
    for text in &args.endpoint_url {
        let (service, url) = match text.split_once('=') {
            Some((service, url)) if !service.contains(':') => (Some(service.to_owned()), url),
            _ => (None, text.as_str()),
        };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Failure::usage(
                format!("`{url}` is no address"),
                "write it with https:// in front",
            ));
        }
        found.insert(service, url.trim_end_matches('/').to_owned());
    }
    Ok(found)
}

fn stopped(stop: Stop, args: &Collect) -> Failure {
    match stop {
        Stop::NoSource(why) => Failure::usage(
            why,
            "log in with the AWS CLI, or name a profile with --profile",
        ),
        Stop::Folder(why) => Failure::usage(why, "see docs/collect.md"),
        Stop::Interrupted(why) => Failure::usage(
            why,
            format!(
                "what was read is kept in {}; renew the credentials and run the same command again",
                args.out.display()
            ),
        ),
    }
}

impl cofferdam_aws::Watch for Progress {
    fn step(&self, done: usize, total: usize, what: &str) {
        Progress::step(self, done, total, what);
    }
}

fn as_json(args: &Collect, collected: &Collected) -> Value {
    let unread: Vec<Value> = collected
        .unread
        .iter()
        .map(|(account, failure)| {
            json!({"account": account, "error": {"code": failure.code, "message": failure.message}})
        })
        .collect();
    json!({
        "snapshot": args.out.display().to_string(),
        "organization": collected.organization,
        "accounts": collected.accounts,
        "files": collected.files,
        "kept": collected.kept,
        "unread_accounts": unread,
        "regions_left_out": collected.left_out,
        "refused": collected.refused,
        "calls": collected.calls,
        "organization_calls_used_up": collected.capped,
        "organization_as_of": collected.organization_date,
    })
}

fn as_text(args: &Collect, collected: &Collected) -> String {
    let calls: u32 = collected.calls.values().sum();
    let mut text = format!(
        "{}: {} files of {} accounts, {calls} calls\n",
        args.out.display(),
        collected.files,
        collected.accounts
    );
    if collected.kept > 0 {
        text.push_str(&format!(
            "{} operations were kept from the run before\n",
            collected.kept
        ));
    }
    for (account, failure) in &collected.unread {
        text.push_str(&format!(
            "account {account} is unknown: {}: {}\n",
            failure.code,
            short(&failure.message)
        ));
        if refusals::is_denied(&failure.code) {
            text.push_str(&format!(
                "    would admit the reader, in the role's trust policy: {}\n",
                refusals::trust(&collected.reader)
            ));
        }
    }
    if !collected.left_out.is_empty() {
        text.push_str(&format!(
            "not asked, so not known: Regions {}\n",
            collected.left_out.join(", ")
        ));
    }
    text + &organization(collected) + &refusals(args, collected)
}

/// What the organization was asked, where it was not asked everything.
fn organization(collected: &Collected) -> String {
    let mut text = String::new();
    if let Some(date) = &collected.organization_date {
        text.push_str(&format!(
            "taken over, not asked: the organization as of {date}\n"
        ));
    }
    if let Some(had) = collected.capped {
        text.push_str(&format!(
            "not asked, so not known: the organization beyond {had} calls; it is read with \
             --max-organization-calls N, or taken over with --organization SNAPSHOT\n"
        ));
    }
    text
}

/// A message on one line; the manifest has it in full.
fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MESSAGE_MAX) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line,
    }
}

/// Refusals of one operation with one code.
struct Kind<'c> {
    count: usize,
    first: &'c Value,
}

/// Refused calls, counted by operation and code; those of whole accounts are said already.
fn refusals(args: &Collect, collected: &Collected) -> String {
    let kinds = kinds(collected);
    if kinds.is_empty() {
        return String::new();
    }
    let denied = kinds.keys().any(|(_, code)| refusals::is_denied(code));
    let project = denied.then(|| read(&args.out).ok()).flatten();
    let all: usize = kinds.values().map(|kind| kind.count).sum();
    let mut text = format!("unknown: {all} calls were refused or failed\n");
    for ((operation, code), kind) in kinds.iter().take(LISTED_MAX) {
        text.push_str(&format!(
            "  {operation}  {code}  {} times, first in {} {}: {}\n",
            kind.count,
            member(kind.first, "/account"),
            member(kind.first, "/region"),
            short(member(kind.first, "/error/message"))
        ));
        if refusals::is_denied(code) {
            text.push_str(&explained(args, kind.first, project.as_ref()).unwrap_or_default());
        }
    }
    if kinds.len() > LISTED_MAX {
        text.push_str("  … the manifest lists all of them under `refused`\n");
    }
    text
}

fn kinds(collected: &Collected) -> BTreeMap<(&str, &str), Kind<'_>> {
    let mut kinds: BTreeMap<(&str, &str), Kind> = BTreeMap::new();
    for first in &collected.refused {
        if !collected.unread.contains_key(member(first, "/account")) {
            let kind = (member(first, "/operation"), member(first, "/error/code"));
            kinds.entry(kind).or_insert(Kind { count: 0, first }).count += 1;
        }
    }
    kinds
}

fn member<'v>(value: &'v Value, at: &str) -> &'v str {
    value
        .pointer(at)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn explained(args: &Collect, refused: &Value, project: Option<&Project>) -> Option<String> {
    let role = args.role_name.trim_start_matches('/');
    let (account, region) = (member(refused, "/account"), member(refused, "/region"));
    let row = refusals::operation(member(refused, "/operation"))?;
    let none = Value::Null;
    let request = refused.get("request").unwrap_or(&none);
    let resource = refusals::resource(request, account, region);
    let call = refusals::call(row, account, region, resource, role)?;
    let explained = refusals::explain(call, member(refused, "/error/message"), project, role);
    Some(refusals::lines(&explained))
}
