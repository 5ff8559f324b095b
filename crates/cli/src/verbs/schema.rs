//! `cofferdam schema`: the published formats as JSON Schemas.

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Print the JSON Schema of a format; without a name, list them
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Schema {
    /// Which format
    name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  cofferdam schema
  cofferdam schema boundary > boundary.schema.json";

/// Name, what it describes, and the schema itself.
const SCHEMAS: &[(&str, &str, &str)] = &[
    (
        "boundary",
        "the boundary file",
        include_str!("../../schemas/boundary.json"),
    ),
    (
        "decision-case",
        "what `decide` reads",
        include_str!("../../schemas/decision-case.json"),
    ),
    (
        "decision",
        "what `decide` answers",
        include_str!("../../schemas/decision.json"),
    ),
    (
        "comparison",
        "what `compare` answers",
        include_str!("../../schemas/comparison.json"),
    ),
    (
        "proof",
        "what `prove` answers",
        include_str!("../../schemas/proof.json"),
    ),
    (
        "check",
        "what `check` answers",
        include_str!("../../schemas/check.json"),
    ),
    (
        "faults",
        "what `faults` and `reach` answer",
        include_str!("../../schemas/faults.json"),
    ),
    (
        "depths",
        "what `faults --certificate` writes",
        include_str!("../../schemas/depths.json"),
    ),
    (
        "inventory",
        "what `inventory` and `look` answer",
        include_str!("../../schemas/inventory.json"),
    ),
    (
        "who-can",
        "what `who-can` answers",
        include_str!("../../schemas/who-can.json"),
    ),
    (
        "can",
        "what `can` answers",
        include_str!("../../schemas/can.json"),
    ),
    (
        "explanation",
        "what `explain` answers",
        include_str!("../../schemas/explanation.json"),
    ),
    (
        "replay",
        "what `replay` answers",
        include_str!("../../schemas/replay.json"),
    ),
    (
        "lint",
        "what `lint` answers",
        include_str!("../../schemas/lint.json"),
    ),
    (
        "snapshot-manifest",
        "the manifest of a snapshot",
        include_str!("../../schemas/snapshot-manifest.json"),
    ),
];

/// Prints one schema, or their names.
pub fn run(args: &Schema, terminal: &Terminal) -> Result<Exit, Failure> {
    let Some(wanted) = &args.name else {
        terminal.answer(&names())?;
        return Ok(Exit::Fine);
    };
    let Some((_, _, schema)) = SCHEMAS.iter().find(|(name, _, _)| name == wanted) else {
        let names: Vec<&str> = SCHEMAS.iter().map(|(name, _, _)| *name).collect();
        let help = format!("use one of: {}", names.join(", "));
        return Err(Failure::usage(
            format!("there is no schema `{wanted}`"),
            help,
        ));
    };
    terminal.answer(schema)?;
    Ok(Exit::Fine)
}

fn names() -> String {
    SCHEMAS
        .iter()
        .map(|(name, about, _)| format!("{name:<18} {about}\n"))
        .collect()
}
