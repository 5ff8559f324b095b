//! `cofferdam decide`: self-contained questions, one decision each.

use std::path::PathBuf;

use clap::Args;
use cofferdam_report::decision::Decided;
use cofferdam_report::{json, text};
use cofferdam_text::Documents;

use crate::args::Format;
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::terminal::Terminal;

/// Decide requests that are written down with all their policies; needs no organization
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Decide {
    /// Files of one case or a list of them, JSON or YAML; `-` is standard input
    #[arg(required = true, value_name = "CASE")]
    cases: Vec<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam decide case.yaml
  cofferdam decide cases/*.json --format json      one object a line, in order
  cofferdam schema decision-case                   how a case is written";

/// Prints all decisions. A malformed case is answered in its place, and gives 2 after the others.
pub fn run(args: &Decide, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut documents = Documents::new();
    let (mut decided, mut notes) = (Vec::new(), Vec::new());
    for path in &args.cases {
        let tree = input::tree(path, &mut documents)?;
        let (of_file, about) = engine::decide(&tree, &documents);
        decided.extend(of_file);
        notes.extend(about);
    }
    terminal.diagnostics(&notes, &documents);
    let text = match terminal.format {
        Format::Text => text::decisions(&decided, terminal.style),
        Format::Json => json::decisions(&decided),
    };
    terminal.answer_keeping(&text, |redaction| redaction)?;
    Ok(exit(&decided))
}

fn exit(decided: &[Decided]) -> Exit {
    if decided.iter().any(|one| one.outcome.is_err()) {
        return Exit::Usage;
    }
    let decisions = || decided.iter().filter_map(|one| one.outcome.as_ref().ok());
    let failed = decisions().any(|one| one.as_expected() == Some(false));
    let open = decisions().any(|one| one.expected.is_none() && one.decision == "undecided");
    Exit::from_flags(failed, open)
}
