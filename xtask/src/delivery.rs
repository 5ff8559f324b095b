//! Files of records as CloudTrail delivers them for an organization ("Finding your CloudTrail log
//! files", AWS CloudTrail user guide): one folder for each account, Region and day, compressed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The Region of the examples.
const REGION: &str = "eu-west-1";

/// The organization of the examples.
const ORGANIZATION: &str = "o-acme1a2b3c";

/// A file that is being written.
pub struct Delivery {
    out: BufWriter<GzEncoder<BufWriter<File>>>,
    any: bool,
}

impl Delivery {
    /// Begins the file of an account that is delivered at a time (`2026-11-20T10:00:00Z`); the number
    /// makes its name its own.
    pub fn create(
        directory: &Path,
        account: &str,
        when: &str,
        number: u64,
    ) -> io::Result<Delivery> {
        let (day, minute) = (
            when.get(..10).unwrap_or_default(),
            when.get(11..16).unwrap_or_default(),
        );
        let folder = directory.join(format!(
            "AWSLogs/{ORGANIZATION}/{account}/CloudTrail/{REGION}/{}",
            day.replace('-', "/")
        ));
        fs::create_dir_all(&folder)?;
        let name = format!(
            "{account}_CloudTrail_{REGION}_{}T{}Z_{number:016x}.json.gz",
            day.replace('-', ""),
            minute.replace(':', ""),
        );
        let out = BufWriter::new(File::create(folder.join(name))?);
        let mut out = BufWriter::new(GzEncoder::new(out, Compression::default()));
        out.write_all(br#"{"Records":["#)?;
        Ok(Delivery { out, any: false })
    }

    /// Adds a record, given as JSON.
    pub fn add(&mut self, record: &str) -> io::Result<()> {
        if self.any {
            self.out.write_all(b",")?;
        }
        self.any = true;
        self.out.write_all(record.as_bytes())
    }

    /// Ends the file.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.write_all(b"]}")?;
        self.out.into_inner()?.finish()?.flush()
    }
}

/// Seconds since 1970 as records write them.
pub fn iso(at: u64) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_records_write_them() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(iso(1_795_078_800), "2026-11-19T09:00:00Z");
    }
}
