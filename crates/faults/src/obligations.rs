//! `independence.layers` and `evidence.survives`: what a boundary requires of single faults, as
//! findings beside those of the other obligations.
//!
//! They are asked where the boundary says what it requires (`require:`), of the compromise of each
//! principal that exists and is not declared sound.

use cofferdam_boundary::file::{Dataset, Layer};
use cofferdam_boundary::scope::Scope;
use cofferdam_findings::faults::{AttackStep, CutSet, Depth, Depths, Independence};
use cofferdam_findings::finding::{Cause, Finding, Missing, Severity, Verdict, Witness};
use cofferdam_names::NameError;

use crate::answer::{Options, answer};
use crate::setting::Setting;

/// Their ids, in the order of findings.
pub const IDS: [&str; 2] = ["evidence.survives", "independence.layers"];

/// Asks both of every dataset, if the boundary requires anything.
///
/// # Errors
/// If the name of an action is not understood, which would be a defect.
pub fn findings(setting: &Setting<'_>, scopes: &[Scope<'_>]) -> Result<Vec<Finding>, NameError> {
    let require = &setting.context.boundary.require;
    if require.origin.is_none() {
        return Ok(Vec::new());
    }
    let options = Options {
        search_to: 1,
        ..Options::default()
    };
    let found = answer(setting, scopes, &options, &|_, _| {})?;
    let mut findings = Vec::new();
    for (scope, depths) in scopes.iter().zip(&found.datasets) {
        let dataset = scope.dataset;
        if dataset.audit.is_some() {
            findings.push(survives(dataset, depths, &found.assumptions));
        }
        if !require.disjoint.is_empty() {
            let pairs = &require.disjoint;
            findings.push(independent(dataset, depths, pairs, &found.assumptions));
        }
    }
    Ok(findings)
}

/// A single fault after which data leaves and nothing that lasts shows it.
fn survives(dataset: &Dataset, depths: &Depths, assumptions: &[String]) -> Finding {
    let name = &dataset.name;
    let cuts: Vec<&CutSet> = depths
        .cut_sets
        .iter()
        .filter(|cut| cut.opens == "breach" && cut.faults.len() <= 1)
        .collect();
    let causes = cuts.iter().map(|cut| {
        let what = cut.faults.first().map_or("no fault at all", String::as_str);
        cause(IDS[0], name, what, &cut.steps)
    });
    finding(
        dataset,
        IDS[0],
        verdict(depths.breach_depth),
        [
            format!("after any single fault, evidence of what was read of {name} survives"),
            format!("a single fault lets data of {name} leave with no evidence that lasts"),
        ],
        (
            causes.collect(),
            missing(cuts.iter().flat_map(|cut| &cut.steps)),
        ),
        assumptions,
    )
}

/// A single fault that controls two layers which the boundary wants apart.
fn independent(
    dataset: &Dataset,
    depths: &Depths,
    pairs: &[(Layer, Layer)],
    assumptions: &[String],
) -> Finding {
    let name = &dataset.name;
    let required = |one: &&Independence| {
        pairs.iter().any(|(first, second)| {
            let words = (first.word(), second.word());
            one.layers == words || one.layers == (words.1, words.0)
        })
    };
    let asked: Vec<&Independence> = depths.independence.iter().filter(required).collect();
    let worst = asked.iter().fold(Depth::default(), |worst, one| Depth {
        may: least(worst.may, one.depth.may),
        must: least(worst.must, one.depth.must),
    });
    let broken = asked
        .iter()
        .filter(|one| one.depth.may == Some(1) || one.depth.must == Some(1));
    let broken: Vec<&&Independence> = broken.collect();
    let causes = broken.iter().map(|one| {
        let (first, second) = one.layers;
        let fault = one.cut_set.first().map_or("", String::as_str);
        let what = format!("{fault} controls {first} and {second}");
        cause(IDS[1], name, &what, &one.steps)
    });
    finding(
        dataset,
        IDS[1],
        verdict(worst),
        [
            format!("no single fault controls two layers of {name} that must stand apart"),
            format!("a single fault controls two layers of {name} that must stand apart"),
        ],
        (
            causes.collect(),
            missing(broken.iter().flat_map(|one| &one.steps)),
        ),
        assumptions,
    )
}

fn least(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    [one, other].into_iter().flatten().min()
}

/// What a depth says of single faults.
fn verdict(depth: Depth) -> Verdict {
    let single = |size: Option<u32>| size.is_some_and(|size| size <= 1);
    match (single(depth.must), single(depth.may)) {
        (true, _) => Verdict::Violated,
        (false, true) => Verdict::Undecided,
        (false, false) => Verdict::Proved,
    }
}

fn finding(
    dataset: &Dataset,
    obligation: &'static str,
    verdict: Verdict,
    [holds, broken]: [String; 2],
    (causes, missing): (Vec<Cause>, Vec<Missing>),
    assumptions: &[String],
) -> Finding {
    let proved = verdict == Verdict::Proved;
    Finding {
        id: format!("{obligation}:{}", dataset.name),
        obligation,
        dataset: Some(dataset.name.clone()),
        owner: dataset.owner.clone(),
        layer: obligation.split('.').next().unwrap_or_default(),
        verdict,
        severity: Severity::High,
        message: match verdict {
            Verdict::Proved => holds,
            Verdict::Violated => broken,
            Verdict::Undecided => format!("whether {holds} cannot be told"),
        },
        excepted_by: None,
        held_by: None,
        causes: if proved { Vec::new() } else { causes },
        causes_complete: true,
        assumptions: assumptions.to_vec(),
        facts: Vec::new(),
        missing: if verdict == Verdict::Undecided {
            missing
        } else {
            Vec::new()
        },
        vacuous: false,
        carried_by: Vec::new(),
        kept: false,
    }
}

fn cause(obligation: &str, dataset: &str, what: &str, steps: &[AttackStep]) -> Cause {
    let requests = steps.iter().flat_map(|step| step.requests.clone());
    let mut because: Vec<_> = steps.iter().flat_map(|step| step.because.clone()).collect();
    because.sort();
    because.dedup();
    let fixes = steps.iter().find(|step| step.edge != crate::story::READ);
    Cause {
        fingerprint: cofferdam_boundary::cause::fingerprint_of(&[obligation, dataset, what]),
        origin: what.to_owned(),
        because,
        witness: Witness {
            steps: requests.collect(),
        },
        principals: 0,
        sample: Vec::new(),
        would_fix: fixes.map_or_else(
            || "see `cofferdam faults`".to_owned(),
            |step| {
                format!(
                    "keep {} from {} on {}",
                    step.principal,
                    step.actions.join(" and "),
                    step.on
                )
            },
        ),
        excepted_by: None,
    }
}

fn missing<'s>(steps: impl Iterator<Item = &'s AttackStep>) -> Vec<Missing> {
    let mut missing: Vec<Missing> = steps
        .filter(|step| step.possible)
        .map(|step| Missing {
            key: format!("{} on {}", step.actions.join(" and "), step.on),
            why: match step.missing.as_slice() {
                [] => step.why.clone(),
                reasons => reasons.join("; "),
            },
            origin: None,
        })
        .collect();
    missing.sort();
    missing.dedup();
    missing
}
