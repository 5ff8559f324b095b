//! `cofferdam explain`: why a call passes or not, and the smallest change.
//!
//! The call comes as a developer has it: typed, pasted as a message, as a CloudTrail event, or as a
//! decision case, which needs no organization.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use cofferdam_authz::call::{Answered, Call};
use cofferdam_authz::concrete::Context;
use cofferdam_findings::story::{Story, Told};
use cofferdam_names::ContextKey;
use cofferdam_report::redact::Redaction;
use cofferdam_report::{json, text};
use cofferdam_text::{Diagnostic, Documents};

use crate::args::{Format, Sources};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project;
use crate::terminal::Terminal;
use crate::{input, questions};

/// Explain why a call passes or is refused, by whose statement, and the smallest change
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// The AccessDenied message as AWS wrote it; `-` reads it from standard input
    #[arg(long, value_name = "TEXT", group = "what")]
    message: Option<String>,
    /// A CloudTrail event, a list of them or a log file; `-` is standard input
    #[arg(long, value_name = "FILE", group = "what")]
    event: Option<PathBuf>,
    /// A decision case, which needs no source; `-` is standard input
    #[arg(long, value_name = "FILE", group = "what", conflicts_with = "sources")]
    case: Option<PathBuf>,
    /// Who calls: an ARN, best of the session; a service's host name; or `anonymous`
    #[arg(long, value_name = "ARN", group = "what", requires = "action")]
    principal: Option<String>,
    /// What is called, as `s3:GetObject` or `s3:CopyObject`
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// To what: an ARN, `s3://BUCKET/KEY`, or `*`; also completes a message or an event
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// A condition key of the request that is known; several values of one key are repeated
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// A parameter of the call that makes further permissions needed
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
    #[command(flatten)]
    sources: Sources,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam explain --principal arn:aws:sts::200000000002:assumed-role/claims-reader/s \\
      --action s3:GetObject --resource s3://acme-customer-records/a examples/acme
  cofferdam explain --message \"$(cat error.txt)\" snapshot/
  aws s3 cp s3://acme-customer-records/a . 2>&1 | cofferdam explain --message - snapshot/
  cofferdam explain --event event.json snapshot/
  cofferdam explain --case case.yaml
  cofferdam explain --principal ARN --action lambda:CreateFunction --resource ARN \\
      --param role=arn:aws:iam::111122223333:role/app snapshot/";

/// Prints one story a call. A refusal is no failure; a story that contradicts AWS's answer is.
pub fn run(args: &Explain, terminal: &Terminal) -> Result<Exit, Failure> {
    if let Some(path) = &args.case {
        return of_cases(path, terminal);
    }
    let mut documents = Documents::new();
    let (calls, mut diagnostics) = calls(args, &mut documents)?;
    diagnostics = diagnostics
        .into_iter()
        .map(|one| located(one, &documents))
        .collect();
    let project = project::open(&args.sources)?;
    let stories: Vec<Story> = calls
        .iter()
        .map(|call| questions::explain(&project, call))
        .collect::<Result<_, _>>()?;
    diagnostics.extend(project.diagnostics.iter().cloned());
    show(&stories, &diagnostics, &project.documents, terminal)
}

/// Of a document that is not kept: what is to be shown goes along.
fn located(diagnostic: Diagnostic, documents: &Documents) -> Diagnostic {
    Diagnostic {
        origin: None,
        ..documents.locate(diagnostic)
    }
}

fn of_cases(path: &std::path::Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::new();
    let tree = input::tree(path, &mut documents)?;
    let (stories, notes) = questions::explain_cases(&tree)
        .map_err(|diagnostic| Failure::at(diagnostic, &documents))?;
    show(&stories, &notes, &documents, terminal)
}

/// The names of accounts are a map of the organization too, and no pseudonym stands for them.
fn nameless(stories: &[Story]) -> Vec<Story> {
    let mut stories = stories.to_vec();
    for change in stories.iter_mut().flat_map(|story| &mut story.changes) {
        let number = change.owner.split(" (").next().unwrap_or_default();
        change.owner = number.to_owned();
    }
    stories
}

fn show(
    stories: &[Story],
    diagnostics: &[Diagnostic],
    documents: &Documents,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    terminal.diagnostics(diagnostics, documents);
    let hidden;
    let stories = if terminal.redacts() {
        hidden = nameless(stories);
        &hidden
    } else {
        stories
    };
    let text = match terminal.format {
        Format::Text => text::stories(stories, documents, terminal.style),
        Format::Json => json::stories(stories, diagnostics, documents),
    };
    let asked = stories.iter().flat_map(|story| &story.requests);
    let keep = |redaction| asked.fold(redaction, keeping);
    terminal.answer_keeping(&text, keep)?;
    Ok(exit(stories))
}

/// What is asked about stays readable.
fn keeping(redaction: Redaction, told: &Told) -> Redaction {
    redaction.for_resource(&told.step.resource)
}

fn exit(stories: &[Story]) -> Exit {
    let contradicts = |story: &Story| {
        let said = story.aws.as_ref();
        said.is_some_and(|said| said.agrees == Some(false))
    };
    let undecided = stories.iter().any(|story| story.decision == "undecided");
    Exit::from_flags(stories.iter().any(contradicts), undecided)
}

/// The calls that are asked about, completed by what was typed beside.
fn calls(
    args: &Explain,
    documents: &mut Documents,
) -> Result<(Vec<Call>, Vec<Diagnostic>), Failure> {
    let (mut calls, diagnostics) = match (&args.message, &args.event, &args.principal) {
        (Some(text), ..) => (vec![of_message(text)?], Vec::new()),
        (_, Some(path), _) => {
            let tree = input::tree(path, documents)?;
            questions::calls_of_events(&tree)
        }
        (.., Some(principal)) => (vec![typed(args, principal)?], Vec::new()),
        (None, None, None) => return Err(nothing_asked()),
    };
    if calls.is_empty() {
        return Err(Failure(
            diagnostics
                .into_iter()
                .map(|one| located(one, documents))
                .collect(),
        ));
    }
    let context = context(&args.context)?;
    for call in &mut calls {
        call.context.extend(context.clone());
        call.parameters.extend(parameters(&args.param)?);
        if let Some(resource) = &args.resource {
            call.resource = Some(questions::resource(resource)?);
        }
    }
    Ok((calls, diagnostics))
}

fn nothing_asked() -> Failure {
    Failure::usage(
        "nothing is asked",
        "give a --message, an --event, a --case, or --principal, --action and --resource",
    )
}

fn of_message(text: &str) -> Result<Call, Failure> {
    match text {
        "-" => questions::call_of_message(&input::pasted()?),
        text => questions::call_of_message(text),
    }
}

fn typed(args: &Explain, principal: &str) -> Result<Call, Failure> {
    let action = args.action.as_deref().unwrap_or_default();
    Ok(Call {
        principal: principal.to_owned(),
        name: questions::action(action)?,
        resource: None,
        context: Context::new(),
        forwarded_by: None,
        parameters: BTreeMap::new(),
        answer: Answered::NotTold,
        notes: Vec::new(),
    })
}

fn pair(text: &str) -> Result<(&str, &str), Failure> {
    text.split_once('=')
        .ok_or_else(|| Failure::usage(format!("`{text}` has no value"), "write it as NAME=VALUE"))
}

fn context(pairs: &[String]) -> Result<Context, Failure> {
    let mut context = Context::new();
    for text in pairs {
        let (name, value) = pair(text)?;
        let key = ContextKey::parse(name).map_err(|why| {
            Failure::usage(
                format!("`{name}` is no condition key: {why}"),
                "write it as aws:SourceVpce=vpce-1",
            )
        })?;
        context.entry(key).or_default().push(value.into());
    }
    Ok(context)
}

fn parameters(pairs: &[String]) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in pairs {
        let (name, value) = pair(text)?;
        parameters
            .entry(name.to_owned())
            .or_default()
            .push(value.to_owned());
    }
    Ok(parameters)
}
