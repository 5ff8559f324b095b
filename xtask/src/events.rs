//! Logs of the example organization of any size: `cargo xtask generate-events DIRECTORY [events=N] [seed=N]`.
//!
//! What a replay must stand is volume, and what real logs have beside it: sessions and objects that
//! are never twice the same, copies, refusals, services, and records that are no requests. The files
//! lie as CloudTrail delivers them for an organization. The same seed gives the same bytes.

mod kinds;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use xtask::generate::Random;

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
    let (directory, options) = arguments
        .split_first()
        .ok_or("name a directory, and perhaps events=N seed=N")?;
    let mut shape = Shape {
        events: 1_000_000,
        seed: 1,
    };
    for option in options {
        set(&mut shape, option)?;
    }
    write(Path::new(directory), &shape)
        .map_err(|error| format!("{directory} could not be written: {error}"))
}

fn set(shape: &mut Shape, option: &str) -> Result<(), String> {
    let (name, value) = option
        .split_once('=')
        .ok_or_else(|| format!("`{option}` is not NAME=VALUE"))?;
    let place = match name {
        "events" => &mut shape.events,
        "seed" => &mut shape.seed,
        _ => return Err(format!("`{name}` is none of events, seed")),
    };
    *place = value
        .parse()
        .map_err(|_| format!("`{value}` is not a number"))?;
    Ok(())
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
    let when = time(first);
    let (day, minute) = (
        when.get(..10).unwrap_or_default(),
        when.get(11..16).unwrap_or_default(),
    );
    let folder = directory.join(format!(
        "AWSLogs/o-acme1a2b3c/100000000006/CloudTrail/eu-west-1/{}",
        day.replace('-', "/")
    ));
    fs::create_dir_all(&folder)?;
    let name = format!(
        "100000000006_CloudTrail_eu-west-1_{}T{}Z_{:016x}.json.gz",
        day.replace('-', ""),
        minute.replace(':', ""),
        random.below(u64::MAX)
    );
    let out = BufWriter::new(File::create(folder.join(name))?);
    let mut out = BufWriter::new(GzEncoder::new(out, Compression::default()));
    out.write_all(br#"{"Records":["#)?;
    for number in 0..count {
        if number > 0 {
            out.write_all(b",")?;
        }
        let record = kinds::record(random, &time(first + number));
        out.write_all(record.as_bytes())?;
    }
    out.write_all(b"]}")?;
    out.into_inner()?.finish()?.flush()
}

/// The time of the event of a number.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]
fn time(number: u64) -> String {
    let at = START + (number as f64 * SECONDS_APART) as u64;
    let (days, rest) = (at / 86_400, at % 86_400);
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// The date of a day since 1970, by counting.
fn civil(days: u64) -> (u64, u64, u64) {
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let (mut year, mut rest) = (1970, days);
    while rest >= 365 + u64::from(leap(year)) {
        rest -= 365 + u64::from(leap(year));
        year += 1;
    }
    let months = [
        31,
        28 + u64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let mut month = 1;
    for days in months {
        if rest < days {
            break;
        }
        rest -= days;
        month += 1;
    }
    (year, month, rest + 1)
}
