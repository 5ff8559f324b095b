//! The project's own tasks, one file each, so that nothing a release needs lives only in a shell
//! history. `cargo xtask` without a name lists them.

mod agreement;
mod collect;
mod config;
mod delivery;
mod events;
mod example;
mod facts;
mod mutate;
mod plans;
mod probes;
mod shapes;

use std::error::Error;
use std::process::ExitCode;

use xtask::generate;

type Ended = Result<(), Box<dyn Error>>;

/// Name, what it does, and the function.
type Task = (&'static str, &'static str, fn(&[String]) -> Ended);

/// All of them. Those that take a place tell more with `--help`.
const TASKS: [Task; 11] = [
    (
        "agreement",
        "how often the sources agree with AWS, as docs/agreement.md; or of EVENTS and SOURCE, printed",
        |arguments| Ok(agreement::run(arguments)?),
    ),
    (
        "collect",
        "read the emulated example live, be killed, go on, and compare the verdicts",
        |_| Ok(collect::run()?),
    ),
    (
        "example",
        "make the snapshots of the examples anew, or of those that are named",
        |names| Ok(example::run(names)?),
    ),
    (
        "facts",
        "regenerate the generated tables of the catalogue",
        |_| facts::run(),
    ),
    (
        "generate",
        "an organization of any size as a snapshot",
        |arguments| Ok(generate::run(arguments)?),
    ),
    (
        "generate-config",
        "a snapshot of AWS Config of any size",
        |arguments| Ok(config::run(arguments)?),
    ),
    (
        "generate-events",
        "a log of the example organization of any size, in CloudTrail's layout",
        |arguments| Ok(events::run(arguments)?),
    ),
    (
        "mutate",
        "find out what notices the removal of each control of the example",
        |_| Ok(mutate::run()?),
    ),
    (
        "plans",
        "make the Terraform plans of the tests anew",
        |_| Ok(plans::run()?),
    ),
    (
        "probes",
        "run the example's kit of probes against an emulator, record it as CloudTrail would, and replay that",
        |_| Ok(probes::run()?),
    ),
    (
        "shapes",
        "regenerate how the calls of the table are made, from AWS's service models",
        |_| Ok(shapes::run()?),
    ),
];

/// The tasks that tell of themselves what they take.
const HELPED: [&str; 3] = ["generate", "generate-config", "generate-events"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Ended {
    let named = arguments.first().map_or("", String::as_str);
    let Some((name, about, task)) = TASKS.iter().find(|(name, ..)| *name == named) else {
        return Err(format!("name a task:\n\n{}", list()).into());
    };
    let rest = arguments.get(1..).unwrap_or_default();
    let asks = rest.iter().any(|one| one == "--help" || one == "-h");
    if asks && !HELPED.contains(name) {
        println!("cargo xtask {name}: {about}");
        return Ok(());
    }
    task(rest)
}

fn list() -> String {
    let lines = TASKS
        .iter()
        .map(|(name, about, _)| format!("  {name:<16} {about}\n"));
    lines.collect()
}
