//! Logs of the example organization of any size: `cargo xtask generate-events DIRECTORY [events=N] [seed=N]`.
//!
//! What a replay must stand is volume, and what real logs have beside it: sessions and objects that
//! are never twice the same, copies, refusals, services, and records that are no requests. The files
//! lie as CloudTrail delivers them for an organization. The same seed gives the same bytes.

mod kinds;

use std::io;
use std::path::Path;

use xtask::generate::Random;
use xtask::options::Task;

use crate::delivery::{Delivery, iso};

/// The account whose log it is.
const ACCOUNT: &str = "100000000006";

/// Events of one file; CloudTrail writes some thousands.
const EVENTS_OF_FILE: u64 = 5_000;

/// Seconds between two events: a million of them are three days.
const SECONDS_APART: f64 = 0.25;

/// The beginning of the log, three days before the example's snapshot was taken.
const START: u64 = 1_795_078_800;

/// How many events, and what random choices follow from.
struct Shape {
    events: u64,
    seed: u64,
}

/// Makes a log from the task's arguments.
///
/// # Errors
/// When an argument cannot be read or a file cannot be written; says which.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let mut shape = Shape {
        events: 1_000_000,
        seed: 1,
    };
    let task = Task {
        usage: "generate-events DIRECTORY",
        about: "Makes a log of the example organization, as CloudTrail delivers it.",
        numbers: vec![("events", &mut shape.events), ("seed", &mut shape.seed)],
    };
    let Some(directory) = task.read(arguments)? else {
        return Ok(());
    };
    write(Path::new(directory), &shape)
        .map_err(|error| format!("{directory} could not be written: {error}"))
}

fn write(directory: &Path, shape: &Shape) -> io::Result<()> {
    let mut random = Random(shape.seed);
    let mut done = 0;
    while done < shape.events {
        let count = EVENTS_OF_FILE.min(shape.events - done);
        file(directory, done, count, &mut random)?;
        done += count;
    }
    Ok(())
}

fn file(directory: &Path, first: u64, count: u64, random: &mut Random) -> io::Result<()> {
    let name = random.below(u64::MAX);
    let mut file = Delivery::create(directory, ACCOUNT, &time(first), name)?;
    for number in 0..count {
        file.add(&kinds::record(random, &time(first + number)))?;
    }
    file.finish()
}

/// The time of the event of a number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]
fn time(number: u64) -> String {
    iso(START + (number as f64 * SECONDS_APART) as u64)
}
