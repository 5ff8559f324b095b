//! `cofferdam look`: one resource, without any boundary: who can read it, from where, with which
//! key, recorded where, every way in.

use clap::Args;
use cofferdam_org::model::{Details, Organization};

use super::inventory::show;
use crate::args::Sources;
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project;
use crate::terminal::Terminal;

/// Show every way into one resource; needs no boundary
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Look {
    /// An ARN, or `s3://BUCKET`
    resource: String,
    #[command(flatten)]
    sources: Sources,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam look s3://acme-customer-records examples/acme
  cofferdam look arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab snapshot/";

/// How many resources are named when the one asked for is not there.
const NAMED_MAX: usize = 12;

/// Prints the one block.
pub fn run(args: &Look, terminal: &Terminal) -> Result<Exit, Failure> {
    let arn = arn_of(&args.resource)?;
    let project = project::open(&args.sources)?;
    if project.organization.resource(&arn).is_none() {
        return Err(not_found(&arn, &project.organization));
    }
    let rows = engine::look(&project, &arn);
    if rows.is_empty() {
        return Err(Failure::usage(
            format!("`{arn}` neither holds data nor guards any"),
            "name a bucket, a table, a queue, a topic, a secret, a function, a repository or a key",
        ));
    }
    show(&rows, &project, terminal)
}

fn arn_of(text: &str) -> Result<String, Failure> {
    if let Some(path) = text.strip_prefix("s3://") {
        let bucket = path.split('/').next().unwrap_or(path);
        return Ok(format!("arn:aws:s3:::{bucket}"));
    }
    match text.starts_with("arn:") {
        true => Ok(text.to_owned()),
        false => Err(Failure::usage(
            format!("`{text}` is no resource"),
            "write an ARN, or s3://BUCKET for a bucket",
        )),
    }
}

fn not_found(arn: &str, organization: &Organization) -> Failure {
    let stores = organization
        .resources
        .iter()
        .filter(|one| !matches!(one.details, Details::Key(_)));
    let mut names: Vec<&str> = stores
        .take(NAMED_MAX + 1)
        .map(|one| one.arn.as_str())
        .collect();
    let more = if names.len() > NAMED_MAX { ", …" } else { "" };
    names.truncate(NAMED_MAX);
    let help = match names.is_empty() {
        true => "the sources hold no resource at all".to_owned(),
        false => format!("they hold: {}{more}", names.join(", ")),
    };
    Failure::usage(format!("the sources hold no resource `{arn}`"), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_may_be_written_as_a_url() {
        assert_eq!(
            arn_of("s3://records/2026/a").unwrap(),
            "arn:aws:s3:::records"
        );
        assert_eq!(
            arn_of("arn:aws:s3:::records").unwrap(),
            "arn:aws:s3:::records"
        );
        assert!(arn_of("records").is_err());
    }
}
