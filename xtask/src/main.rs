//! The project's own tasks, one file each, so that nothing a release needs lives only in a shell
//! history. `cargo xtask` without a name lists them.

mod agreement;
mod collect;
mod config;
mod events;
mod example;
mod facts;
mod mutate;
mod plans;
mod probes;
mod shapes;

use std::process::ExitCode;

use xtask::generate;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("example") => example::run(arguments.get(1..).unwrap_or_default()).map_err(Into::into),
        Some("agreement") => agreement::run(arguments.get(1..).unwrap_or_default()).map_err(Into::into),
        Some("collect") => collect::run().map_err(Into::into),
        Some("facts") => facts::run(),
        Some("mutate") => mutate::run().map_err(Into::into),
        Some("plans") => plans::run().map_err(Into::into),
        Some("probes") => probes::run().map_err(Into::into),
        Some("shapes") => shapes::run().map_err(Into::into),
        Some("generate") => generate::run(arguments.get(1..).unwrap_or_default()).map_err(Into::into),
        Some("generate-events") => events::run(arguments.get(1..).unwrap_or_default()).map_err(Into::into),
        Some("generate-config") => config::run(arguments.get(1..).unwrap_or_default()).map_err(Into::into),
        _ => Err("name a task: agreement (how often the sources agree with AWS, as docs/agreement.md), collect (read the emulated example live, be killed, go on, and compare the verdicts), example (make the snapshots of the examples anew), facts (regenerate the generated tables of the catalogue), plans (make the Terraform plans of the tests anew), probes (run the kit of probes against the emulated example), shapes (regenerate how the calls of the table are made, from AWS's service models), generate (an organization of any size as a snapshot), generate-config (a snapshot of AWS Config of any size), generate-events (a log of the example organization of any size, in CloudTrail's layout), mutate (find out what notices the removal of each control of the example)".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
