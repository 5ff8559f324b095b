//! AWS Config's snapshots of any size: `cargo xtask generate-config FILE.json.gz [items=N] [seed=N]`.
//!
//! What a reader must stand is volume: most items are of types that nobody asks about, long, and
//! begin with relationships that name other types. One item in ten is of a type that is read. Every
//! second one is spelled as the API answers it. The same seed gives the same bytes.

mod items;

use std::fs::File;
use std::io::{self, BufWriter, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use xtask::options::Task;

/// How many items a snapshot holds, and what random choices follow from.
struct Shape {
    items: u64,
    seed: u64,
}

/// Makes a snapshot from the task's arguments.
///
/// # Errors
/// When an argument cannot be read or the file cannot be written; says which.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut shape = Shape {
        items: 1_000_000,
        seed: 1,
    };
    let task = Task {
        usage: "generate-config FILE.json.gz",
        about: "Makes a snapshot as AWS Config delivers it.",
        numbers: vec![("items", &mut shape.items), ("seed", &mut shape.seed)],
    };
    let Some(file) = task.read(arguments)? else {
        return Ok(());
    };
    write(file, &shape).map_err(|error| format!("{file} could not be written: {error}"))
}

fn write(file: &str, shape: &Shape) -> io::Result<()> {
    let file = BufWriter::new(File::create(file)?);
    let mut out = BufWriter::new(GzEncoder::new(file, Compression::fast()));
    out.write_all(
        br#"{"fileVersion":"1.0","configSnapshotId":"generated","configurationItems":["#,
    )?;
    let mut random = Random(shape.seed);
    for number in 0..shape.items {
        if number > 0 {
            out.write_all(b",")?;
        }
        let item = items::item(number, &mut random);
        let item = match number % 2 {
            0 => item.in_file(),
            _ => item.in_answer(),
        };
        serde_json::to_writer(&mut out, &item)?;
    }
    out.write_all(b"]}")?;
    out.into_inner()?.finish()?.flush()
}

/// An item before it is spelled.
struct Item {
    kind: &'static str,
    account: u64,
    region: &'static str,
    id: String,
    arn: String,
    configuration: Value,
    supplementary: Value,
    relationships: Value,
    tags: Value,
    status: &'static str,
    /// Seconds since the first of November 2026.
    captured: u64,
}

/// The first of November 2026, in seconds since 1970.
const NOVEMBER: u64 = 1_793_491_200;

impl Item {
    /// As a file in Config's bucket holds it.
    fn in_file(self) -> Value {
        let (day, second) = (self.captured / 86_400, self.captured % 86_400);
        let time = format!(
            "2026-11-{:02}T{:02}:{:02}:{:02}.000Z",
            day + 1,
            second / 3600,
            second / 60 % 60,
            second % 60
        );
        json!({
            "relatedEvents": [], "relationships": self.relationships,
            "configuration": self.configuration, "supplementaryConfiguration": self.supplementary,
            "tags": self.tags, "configurationItemVersion": "1.3", "configurationItemCaptureTime": time,
            "configurationStateId": self.captured, "awsAccountId": format!("{:012}", self.account),
            "configurationItemStatus": self.status, "resourceType": self.kind, "resourceId": self.id,
            "resourceName": self.id, "ARN": self.arn, "awsRegion": self.region,
            "availabilityZone": "Not Applicable", "configurationStateMd5Hash": "",
        })
    }

    /// As an answer of the API holds it.
    fn in_answer(self) -> Value {
        let parts = self.supplementary.as_object().cloned().unwrap_or_default();
        let parts = parts.into_iter();
        let parts: serde_json::Map<_, _> = parts
            .map(|(key, value)| (key, Value::String(value.to_string())))
            .collect();
        json!({
            "version": "1.3", "accountId": format!("{:012}", self.account),
            "configurationItemCaptureTime": NOVEMBER + self.captured, "configurationItemStatus": self.status,
            "configurationStateId": self.captured.to_string(), "configurationItemMD5Hash": "",
            "arn": self.arn, "resourceType": self.kind, "resourceId": self.id, "resourceName": self.id,
            "awsRegion": self.region, "availabilityZone": "Not Applicable", "tags": self.tags,
            "relatedEvents": [], "relationships": self.relationships,
            "configuration": self.configuration.to_string(), "supplementaryConfiguration": parts,
        })
    }
}

/// A small generator of numbers: the same everywhere, and good enough for choices.
struct Random(u64);

impl Random {
    /// A number below `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn hex(&mut self) -> String {
        format!("{:017x}", self.below(u64::MAX))
    }
}
