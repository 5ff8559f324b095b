//! `cofferdam prove`: one property of one policy, for every possible request.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use cofferdam_authz::alone::{self, Answer, Question};
use cofferdam_findings::alone::Proof;
use cofferdam_findings::finding::Verdict;
use cofferdam_names::AccountId;
use cofferdam_policy::ast::ActionPattern;
use cofferdam_report::{json, text};
use cofferdam_text::Documents;

use crate::args::Format;
use crate::document::{self, Kind, step};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Prove that one policy allows no such request, or show one; several restrictions hold together
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Prove {
    /// A policy document, JSON or YAML; `-` is standard input
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// The caller is in none of these organizations
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    outside_organization: Vec<String>,
    /// The caller is of none of these accounts
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    outside_accounts: Vec<AccountId>,
    /// The caller is anonymous
    #[arg(long)]
    public: bool,
    /// The request comes through none of these VPC endpoints
    #[arg(long, value_name = "ENDPOINT", value_delimiter = ',')]
    without_endpoints: Vec<String>,
    /// AWS services acting by themselves count as outside
    #[arg(long)]
    services_too: bool,
    /// Only this action; wildcards allowed; may be repeated
    #[arg(long, value_name = "ACTION", value_delimiter = ',')]
    action: Vec<String>,
    /// The kind of the policy; guessed when clear
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam prove bucket-policy.json --outside-organization o-abc
  cofferdam prove key-policy.json --outside-accounts 111122223333,444455556666 --action kms:Decrypt
  cofferdam prove queue.json --public
  cofferdam prove bucket-policy.json --outside-organization o-abc --without-endpoints vpce-1
Exit codes: 0 proved, 1 violated, 3 undecided";

/// Asks, prints, and says by the exit code what came out.
pub fn run(args: &Prove, terminal: &Terminal) -> Result<Exit, Failure> {
    let question = question(args)?;
    let mut documents = Documents::new();
    let read = document::read(&args.policy, args.kind, &mut documents)?;
    terminal.diagnostics(&read.diagnostics, &documents);
    let start = Instant::now();
    let proof = alone::prove(read.document(), &question);
    let elapsed_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let proof = shown(proof, &read, elapsed_us);
    let text = match terminal.format {
        Format::Text => text::proof(&proof, &words(args), &documents, terminal.style),
        Format::Json => json::proof(&proof, &read.diagnostics, &documents),
    };
    terminal.answer(&text)?;
    Ok(Exit::from_flags(
        proof.verdict == Verdict::Violated,
        proof.verdict == Verdict::Undecided,
    ))
}

fn question(args: &Prove) -> Result<Question, Failure> {
    let asks = args.public
        || !args.outside_organization.is_empty()
        || !args.outside_accounts.is_empty()
        || !args.without_endpoints.is_empty();
    if !asks {
        return Err(Failure::usage(
            "there is no question",
            "add `--outside-organization`, `--outside-accounts`, `--public` or `--without-endpoints`",
        ));
    }
    are_ids(&args.outside_organization, "o-", "an organization")?;
    are_ids(&args.without_endpoints, "vpce-", "a VPC endpoint")?;
    let actions = args
        .action
        .iter()
        .map(|action| pattern(action))
        .collect::<Result<_, _>>()?;
    Ok(Question {
        outside_organizations: args.outside_organization.clone(),
        outside_accounts: args.outside_accounts.clone(),
        public: args.public,
        without_endpoints: args.without_endpoints.clone(),
        services_too: args.services_too,
        actions,
    })
}

/// Refuses what a slip or an empty variable of a script leaves behind: no request has such an id, and
/// the answer would be about something else.
fn are_ids(given: &[String], beginning: &str, of: &str) -> Result<(), Failure> {
    let is_id = |id: &&String| {
        id.strip_prefix(beginning)
            .is_some_and(|rest| !rest.is_empty())
    };
    match given.iter().find(|id| !is_id(id)) {
        None => Ok(()),
        Some(other) => Err(Failure::usage(
            format!("`{other}` is no id of {of}"),
            format!("write `{beginning}…`"),
        )),
    }
}

fn pattern(action: &str) -> Result<ActionPattern, Failure> {
    if action == "*" {
        return Ok(ActionPattern::Every);
    }
    match action.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() => Ok(ActionPattern::Of {
            service: service.to_ascii_lowercase().into(),
            name: name.to_ascii_lowercase().into(),
        }),
        _ => Err(Failure::usage(
            format!("`{action}` is no action"),
            "write `service:Name`, such as `s3:GetObject` or `s3:Get*`",
        )),
    }
}

fn shown(proof: alone::Proof, read: &document::Read, elapsed_us: u64) -> Proof {
    let mut shown = Proof {
        verdict: Verdict::Proved,
        witness: None,
        because: Vec::new(),
        vacuous: proof.vacuous,
        assumptions: Vec::new(),
        missing: Vec::new(),
        elapsed_us,
    };
    match proof.answer {
        Answer::None => {}
        Answer::Some(found) => {
            shown.verdict = Verdict::Violated;
            shown.because = read.reasons(&found.because);
            shown.witness = Some(step(&found));
            if found.future_action {
                shown
                    .assumptions
                    .push("AWS adds such an action: no action of today shows it".to_owned());
            }
        }
        Answer::Undecided(reasons) => {
            shown.verdict = Verdict::Undecided;
            shown.missing = reasons;
        }
    }
    shown
}

/// The question in words, after "a request".
fn words(args: &Prove) -> String {
    let mut words = Vec::new();
    if args.public {
        words.push("from an anonymous caller".to_owned());
    }
    if !args.outside_organization.is_empty() {
        words.push(format!(
            "from outside {}",
            args.outside_organization.join(", ")
        ));
    }
    if !args.outside_accounts.is_empty() {
        let accounts: Vec<String> = args
            .outside_accounts
            .iter()
            .map(ToString::to_string)
            .collect();
        words.push(format!("from outside {}", accounts.join(", ")));
    }
    if !args.without_endpoints.is_empty() {
        words.push(format!(
            "through none of {}",
            args.without_endpoints.join(", ")
        ));
    }
    words.join(" and ")
}
