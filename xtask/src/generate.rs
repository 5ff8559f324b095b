//! Organizations of any size as snapshots: `cargo xtask generate DIRECTORY [NAME=VALUE…]`.
//!
//! Large organizations are alike in one way: few distinct policies behind many principals, because
//! permission sets, StackSets and vending machines stamp the same roles into every account. The
//! generator makes such ones, plus roles whose policies name the account's own buckets, and some
//! that policies of other accounts name. With `datasets=N` the buckets are declared in a boundary
//! file, most of them soundly. The same seed gives the same files.

mod account;
mod boundary;
mod bucket;
mod dataset;
mod key;
mod organization;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use crate::options::Task;

/// The capture time of a generated snapshot.
pub const CAPTURED_AT: &str = "2026-11-22T09:00:00Z";
/// The Region in which everything lies.
pub const REGION: &str = "eu-west-1";
/// The organization's id.
pub const ORGANIZATION: &str = "o-large1a2b3";
/// The management account.
pub const MANAGEMENT: u64 = 100_000_000_001;
/// The first member account; the others follow.
const FIRST_MEMBER: u64 = 200_000_000_001;
/// The name of the organization's trail, where datasets are declared.
const TRAIL: &str = "org-trail";
/// For how many days its archive is kept.
const RETENTION_DAYS: u32 = 400;
/// How many roles the platform stamps into every account; the teams' own come after them.
const STAMPED: u64 = 10;

/// How large an organization is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Accounts, the management account included.
    pub accounts: u64,
    /// Roles in each account.
    pub roles: u64,
    /// Buckets in each member account.
    pub buckets: u64,
    /// How many of the buckets a boundary declares as datasets; none: no boundary is written.
    pub datasets: u64,
    /// What random choices follow from.
    pub seed: u64,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape {
            accounts: 1_000,
            roles: 20,
            buckets: 2,
            datasets: 0,
            seed: 1,
        }
    }
}

impl Shape {
    /// The account of a number below `accounts`.
    pub fn account(&self, index: u64) -> u64 {
        match index {
            0 => MANAGEMENT,
            _ => FIRST_MEMBER + index - 1,
        }
    }

    /// The name of a member account's bucket.
    pub fn bucket(account: u64, index: u64) -> String {
        format!("data-{account:012}-{index}")
    }

    /// The bucket of its account that a role of this number uses, if it uses any.
    fn bucket_of_role(&self, number: u64) -> Option<u64> {
        let uses = number >= STAMPED && number.is_multiple_of(2);
        let spread = if self.datasets == 0 { 1 } else { self.buckets };
        uses.then(|| number / 2 % spread.max(1))
    }

    /// The ARN of the organization's trail.
    fn trail(&self) -> String {
        format!("arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/{TRAIL}")
    }

    /// The bucket that it delivers to, in the first member account.
    fn archive(&self) -> String {
        format!("archive-{:012}", self.account(1))
    }

    /// Who administers the archive.
    fn archive_administrator(&self) -> String {
        format!(
            "arn:aws:iam::{:012}:role/platform/org-admin",
            self.account(1)
        )
    }

    /// Enough buckets in each member account for the datasets.
    fn with_enough_buckets(mut self) -> Shape {
        let members = self.accounts.saturating_sub(1).max(1);
        self.buckets = self.buckets.max(self.datasets.div_ceil(members));
        self
    }
}

/// Makes a snapshot from the task's arguments.
///
/// # Errors
/// When an argument cannot be read or a file cannot be written; says which.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut shape = Shape::default();
    let task = Task {
        usage: "generate DIRECTORY",
        about: "Makes the snapshot of an organization of any size.",
        numbers: vec![
            ("accounts", &mut shape.accounts),
            ("roles", &mut shape.roles),
            ("buckets", &mut shape.buckets),
            ("datasets", &mut shape.datasets),
            ("seed", &mut shape.seed),
        ],
    };
    let Some(directory) = task.read(arguments)? else {
        return Ok(());
    };
    write(Path::new(directory), &shape.with_enough_buckets())
        .map_err(|error| format!("{directory} could not be written: {error}"))
}

/// Writes the snapshot of an organization of a shape.
///
/// # Errors
/// When a file cannot be written.
pub fn write(directory: &Path, shape: &Shape) -> io::Result<()> {
    let mut snapshot = Snapshot {
        directory,
        read: Vec::new(),
    };
    organization::write(&mut snapshot, shape)?;
    for index in 0..shape.accounts {
        account::write(&mut snapshot, shape, index)?;
    }
    snapshot.manifest()?;
    match shape.datasets {
        0 => Ok(()),
        _ => boundary::write(directory, shape),
    }
}

/// A snapshot being written.
struct Snapshot<'a> {
    directory: &'a Path,
    read: Vec<Value>,
}

impl Snapshot<'_> {
    /// One call: its whole answer.
    fn answer(&mut self, place: &Place, operation: &str, answer: &Value) -> io::Result<()> {
        let file = self.note(place, operation, "json")?;
        fs::write(self.directory.join(file), answer.to_string())
    }

    /// One call per resource: a line each.
    fn calls(&mut self, place: &Place, operation: &str, calls: &[Value]) -> io::Result<()> {
        let file = self.note(place, operation, "jsonl")?;
        let mut out = io::BufWriter::new(fs::File::create(self.directory.join(file))?);
        for call in calls {
            writeln!(out, "{call}")?;
        }
        out.flush()
    }

    fn note(&mut self, place: &Place, operation: &str, extension: &str) -> io::Result<String> {
        let folder = format!("{}/{}", place.account, place.region);
        fs::create_dir_all(self.directory.join(&folder))?;
        let file = format!("{folder}/{operation}.{extension}");
        self.read.push(json!({
            "file": file, "account": place.account, "region": place.region, "operation": operation,
        }));
        Ok(file)
    }

    fn manifest(self) -> io::Result<()> {
        let manifest = json!({
            "version": 1, "captured_at": CAPTURED_AT, "partition": "aws",
            "organization": {"id": ORGANIZATION, "management_account": id(MANAGEMENT)},
            "tool": "cargo xtask generate", "read": self.read, "completed": [], "refused": [],
        });
        fs::write(self.directory.join("manifest.json"), manifest.to_string())
    }
}

/// Where a call was made.
struct Place {
    account: String,
    region: &'static str,
}

impl Place {
    fn global(account: u64) -> Place {
        Place {
            account: id(account),
            region: "global",
        }
    }

    fn regional(account: u64) -> Place {
        Place {
            account: id(account),
            region: REGION,
        }
    }
}

/// Twelve digits.
fn id(account: u64) -> String {
    format!("{account:012}")
}

fn statement(effect: &str, action: Value, resource: Value) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": resource})
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A small generator of numbers that look random (SplitMix64 by Sebastiano Vigna), so that the same
/// seed gives the same organization on every machine.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to one below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}
