//! `cofferdam lint`: what AWS refuses in policies, and what says something else than it seems to.

use std::path::{Path, PathBuf};

use clap::Args;
use cofferdam_findings::finding::Missing;
use cofferdam_findings::lint::Lints;
use cofferdam_policy::kind::PolicyKind;
use cofferdam_report::{json, text};
use cofferdam_text::{Diagnostic, Documents, Severity};

use crate::args::{Format, Sources};
use crate::document::{self, Kind};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::linting::{self, Document};
use crate::terminal::Terminal;
use crate::{input, project};

/// Find what AWS refuses in policies, and what says something else than it seems to
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Lint {
    /// Policy documents, or answers of the AWS CLI that hold one, JSON or YAML (`-` is standard input);
    /// or one project or snapshot, all of whose policies are meant; by default the project in the
    /// current directory
    #[arg(value_name = "FILE|SOURCE")]
    what: Vec<PathBuf>,
    /// The kind of the documents; guessed from their elements when clear
    #[arg(long, value_enum)]
    kind: Option<Kind>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam lint policies/*.json --kind service-control
  cofferdam lint bucket-policy.json
  aws s3api get-bucket-policy --bucket records | cofferdam lint -
  cofferdam lint snapshot/                          every policy of an organization
Exit codes: 0 nothing that AWS refuses, 1 something that it refuses, 3 a policy could not be read";

/// Lints, prints, and says by the exit code what came out.
pub fn run(args: &Lint, terminal: &Terminal) -> Result<Exit, Failure> {
    let sources = args.what.iter().any(|path| path.is_dir()) || args.what.is_empty();
    let (lints, documents, said) = match sources {
        true => of_sources(args)?,
        false => of_files(args)?,
    };
    terminal.diagnostics(&said, &documents);
    let text = match terminal.format {
        Format::Text => text::lints(&lints, &documents, terminal.style),
        Format::Json => json::lints(&lints, &said, &documents),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(Exit::from_flags(
        lints.count(Severity::Error) > 0,
        !lints.unread.is_empty(),
    ))
}

type Answer = (Lints, Documents, Vec<Diagnostic>);

fn of_sources(args: &Lint) -> Result<Answer, Failure> {
    if args.kind.is_some() {
        return Err(Failure::usage(
            "`--kind` is about documents, and a source knows the kinds of its policies",
            "leave it out, or give policy documents",
        ));
    }
    let project = project::open(&Sources {
        sources: args.what.clone(),
        boundary: None,
        terraform: crate::args::Terraform::default(),
    })?;
    let lints = linting::organization(&project.organization, &project.documents);
    let of_policies = |said: &Diagnostic| {
        lints.policies.iter().any(|policy| {
            let mut remarks = policy.remarks.iter();
            remarks.any(|remark| remark.diagnostic.origin == said.origin && said.origin.is_some())
        })
    };
    // What is wrong with a policy is in its remarks.
    let said = project.diagnostics.iter().filter(|said| !of_policies(said));
    let said = said.cloned().collect();
    Ok((lints, project.documents, said))
}

fn of_files(args: &Lint) -> Result<Answer, Failure> {
    let mut documents = Documents::new();
    let mut lints = Lints::default();
    let mut wrong = Vec::new();
    for path in &args.what {
        match of_file(path, args.kind, &mut documents)? {
            Ok(document) => {
                let known = cofferdam_policy::lint::Known::default();
                lints
                    .policies
                    .push(linting::lint(&document, &known, &documents));
            }
            Err(diagnostic) => {
                lints.unread.push(Missing {
                    key: input::name(path),
                    why: diagnostic.message.clone(),
                    origin: diagnostic.origin,
                });
                wrong.extend(Failure::at(diagnostic, &documents).0);
            }
        }
    }
    match lints.policies.is_empty() {
        true => Err(Failure(wrong)),
        false => Ok((lints, documents, Vec::new())),
    }
}

/// One document, or what is wrong with it as a text.
fn of_file(
    path: &Path,
    kind: Option<Kind>,
    documents: &mut Documents,
) -> Result<Result<Document, Diagnostic>, Failure> {
    let tree = match input::parsed(path, documents)? {
        Ok(tree) => tree,
        Err(diagnostic) => return Ok(Err(diagnostic)),
    };
    let Some(tree) = document::within(tree, documents) else {
        let message = "this is no policy: it has no `Statement`";
        let help = "give a policy document, or the answer of AWS that holds one";
        let name = input::name(path);
        return Ok(Err(Diagnostic::in_file(name, message).with_help(help)));
    };
    let guessed = || document::guess(&tree).unwrap_or(PolicyKind::Identity);
    let meant = kind.map_or_else(guessed, Kind::of);
    Ok(Ok(Document {
        name: input::name(path),
        kind: linting::narrowed(meant, &tree),
        guessed: kind.is_none(),
        service: None,
        tree,
    }))
}
