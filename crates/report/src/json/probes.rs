//! Probes: the denied and approved paths with what was decided.

use cofferdam_findings::probe::{Expected, Probe};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Value, json};

use super::{place, print};

/// All probes with their totals. The cases themselves are written to files, so that `decide` runs
/// them again.
pub fn probes(list: &[Probe], diagnostics: &[Diagnostic], documents: &Documents) -> String {
    let held = list.iter().filter(|probe| probe.as_expected).count();
    print(&json!({
        "summary": {"as_expected": held, "not_as_expected": list.len() - held},
        "diagnostics": place::diagnostics(diagnostics, documents),
        "probes": list.iter().map(probe).collect::<Vec<_>>(),
    }))
}

fn probe(probe: &Probe) -> Value {
    let expected = match probe.expected {
        Expected::Refused => "refused",
        Expected::Allowed => "allowed",
    };
    let only_one = probe.expected == Expected::Refused && probe.refused_by.len() == 1;
    json!({
        "name": probe.name,
        "dataset": probe.dataset,
        "steps": probe.steps.iter().map(place::step).collect::<Vec<_>>(),
        "expected": expected,
        "decision": probe.decision,
        "refused_by": probe.refused_by,
        "held_by_one_layer": only_one,
        "as_expected": probe.as_expected,
    })
}
