//! The answer of `check` in every format, to standard output and to files.
//!
//! A pipeline wants several at once: a comment for people, results for the code host, a record for the
//! lake. They are made of one answer, so that they cannot disagree.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use cofferdam_findings::finding::Answer;
use cofferdam_report::asff::Product;
use cofferdam_report::baseline::Baseline;
use cofferdam_report::json::{self, Tool};
use cofferdam_report::{annotations, asff, junit, markdown, ocsf, sarif, text};
use cofferdam_text::Documents;

use crate::args::Wanted;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// A format and the file that it is written to: `sarif=cofferdam.sarif`.
#[derive(Clone, Debug)]
pub struct Output {
    /// The format.
    pub format: Wanted,
    /// The file.
    pub file: PathBuf,
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Output, String> {
        let (format, file) = text
            .split_once('=')
            .filter(|(_, file)| !file.is_empty())
            .ok_or("expected FORMAT=FILE, such as sarif=cofferdam.sarif")?;
        Ok(Output {
            format: <Wanted as clap::ValueEnum>::from_str(format, false)?,
            file: PathBuf::from(file),
        })
    }
}

/// One answer and what its formats need beside it.
pub struct Shown<'a> {
    /// The answer.
    pub answer: &'a Answer,
    /// What it was read from.
    pub documents: &'a Documents,
    /// What was known before.
    pub baseline: Option<&'a Baseline>,
    /// What a change does, in a sentence, if the answer is about one.
    pub change: Option<&'a str>,
    /// Where Security Hub takes findings.
    pub product: Option<&'a Product>,
}

impl Shown<'_> {
    /// The answer in a format.
    pub fn in_format(&self, format: Wanted, terminal: &Terminal) -> Result<String, Failure> {
        let Shown {
            answer,
            documents,
            baseline,
            ..
        } = *self;
        Ok(match format {
            Wanted::Text => {
                let text = text::check(answer, documents, terminal.style, baseline);
                match self.change {
                    Some(sentence) => format!("{sentence}\n\n{text}"),
                    None => text,
                }
            }
            Wanted::Json => json::check(answer, documents, &tool(), baseline),
            Wanted::Sarif => sarif::check(answer, documents, &tool(), baseline),
            Wanted::Junit => junit::check(answer, documents, baseline),
            Wanted::Markdown => markdown::check(answer, documents, baseline, self.change),
            Wanted::Github => annotations::check(answer, documents, baseline),
            Wanted::Ocsf => ocsf::check(answer, documents, &tool(), self.time()?),
            Wanted::Asff => asff::check(answer, documents, self.product()?, self.time()?),
            Wanted::Svg => return Err(refused(format)),
        })
    }

    /// Writes the answer to a file that only its owner may read: it is a map of the organization.
    pub fn write(&self, output: &Output, terminal: &Terminal) -> Result<(), Failure> {
        let text = self.in_format(output.format, &terminal.without_color())?;
        let text = terminal.finished(&text, output.format, |redaction| {
            redaction.for_answer(self.answer)
        });
        write(&output.file, &text)
    }

    /// When the findings were made: the capture of the snapshot, or the day they are judged by.
    fn time(&self) -> Result<&str, Failure> {
        let captured = self.answer.captured_at.as_deref();
        captured.or(self.answer.as_of.as_deref()).ok_or_else(|| {
            Failure::usage(
                "this format needs a time, and the sources do not say when they were read",
                "give the day: `--as-of YYYY-MM-DD`",
            )
        })
    }

    fn product(&self) -> Result<&Product, Failure> {
        self.product.ok_or_else(|| {
            Failure::usage(
                "findings for Security Hub name the product that they are imported as",
                "give `--product-arn arn:aws:securityhub:REGION:ACCOUNT:product/ACCOUNT/default`",
            )
        })
    }
}

fn tool() -> Tool {
    Tool {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        facts_as_of: cofferdam_catalog::as_of().to_owned(),
    }
}

/// Why a verb does not write a format.
pub fn refused(format: Wanted) -> Failure {
    let who = match format {
        Wanted::Svg => "only `faults` and `reach` write this format",
        _ => "only `check` writes this format",
    };
    Failure::usage(who, "use `--format text` or `--format json`")
}

/// Writes an answer to a file that only its owner may read.
pub fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()));
    written.map_err(|error| {
        Failure::file(
            file,
            format!("the answer cannot be written: {error}"),
            "name a file in a directory that you may write to",
        )
    })
}
