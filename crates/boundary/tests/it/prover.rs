//! The prover held against the engine: what is proved of all requests must hold of each.
//!
//! A generator writes small organizations out of realistic and of nasty statements. For each proof
//! it then makes hundreds of concrete requests, biased to what the policies test, and decides them
//! one by one: none that the obligation forbids may be allowed. The concrete decision shares no
//! formula with the proof. `COFFERDAM_CASES` says how many organizations; `COFFERDAM_SEED` where to
//! begin.

pub mod draw;
pub mod random;
mod sample;

use std::collections::BTreeMap;

use cofferdam_findings::finding::{Finding, Verdict};

use crate::common::{asked, spelled};
use draw::organization_and_boundary;
use random::Random;
use sample::Sampler;

/// Organizations per run: enough to meet each pair of drawn conditions, within seconds.
const CASES: u64 = 200;

/// Concrete requests per organization.
const REQUESTS: usize = 300;

const ASKED: [&str; 3] = [
    "identity.outside-organization",
    "identity.unapproved-principal",
    "network.unexpected-source",
];

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn no_allowed_request_contradicts_a_proof() {
    let (first, count) = (
        from_environment("COFFERDAM_SEED", 0),
        from_environment("COFFERDAM_CASES", CASES),
    );
    let half = first + count / 2;
    let (mut tally, mut wrong) = (Tally::new(), Vec::new());
    std::thread::scope(|threads| {
        let halves = [first..half, half..first + count].map(|seeds| threads.spawn(|| all(seeds)));
        for half in halves {
            let (counted, found) = half.join().expect("no organization stops the check");
            wrong.extend(found);
            for (what, times) in counted {
                *tally.entry(what).or_default() += times;
            }
        }
    });
    println!("{tally:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let proved = tally.get("proved").copied().unwrap_or_default();
    assert!(
        proved * 10 > count,
        "too few proofs to say anything: {tally:?}"
    );
}

/// How often each thing happened.
type Tally = BTreeMap<String, u64>;

/// How many contradictions one look needs.
const ENOUGH: usize = 5;

fn all(seeds: std::ops::Range<u64>) -> (Tally, Vec<String>) {
    let (mut tally, mut wrong) = (Tally::new(), Vec::new());
    for seed in seeds {
        if wrong.len() < ENOUGH {
            one(seed, &mut tally, &mut wrong);
        }
    }
    (tally, wrong)
}

fn one(seed: u64, tally: &mut Tally, wrong: &mut Vec<String>) {
    let (organization, boundary) = organization_and_boundary(&mut Random::new(seed));
    let org = cofferdam_fixture::organization(&spelled(&organization));
    let declared = crate::common::declared(&spelled(&boundary));
    let answer = asked(&org, &declared, &ASKED);
    let mut count = |what: &str| *tally.entry(what.to_owned()).or_default() += 1;
    let mut say = |what: String| {
        wrong.push(format!("seed {seed}: {what}\n{organization}\n{boundary}"));
    };
    for finding in &answer.findings {
        count(finding.verdict.word());
        if let Some(why) = not_replayed(finding) {
            say(format!("{}: {why}", finding.id));
        }
    }
    let proved = |id: &str| {
        let mut of = answer.findings.iter().filter(|finding| finding.id == id);
        of.any(|finding| finding.verdict == Verdict::Proved)
    };
    let mut sampler = Sampler::new(&org, &declared, Random::new(seed ^ 0x5eed));
    for _ in 0..REQUESTS {
        let request = sampler.draw();
        count("requests");
        let Some(found) = sampler.decide(&request) else {
            continue;
        };
        count("allowed");
        for id in found.contradicts {
            count("forbidden and allowed");
            if proved(&id) {
                say(format!("{id} is proved, yet allowed is {}", found.text));
                return;
            }
        }
    }
}

/// Witnesses of violations were decided again before anybody sees them.
fn not_replayed(finding: &Finding) -> Option<String> {
    let defect = finding
        .missing
        .iter()
        .find(|missing| missing.why.contains("defect"));
    if let Some(missing) = defect {
        let shown = finding
            .causes
            .iter()
            .map(|cause| format!("{:#?}", cause.witness));
        return Some(format!(
            "{}: {}\n{}",
            missing.key,
            missing.why,
            shown.collect::<String>()
        ));
    }
    let steps = finding.causes.iter().flat_map(|cause| &cause.witness.steps);
    let mut refused = steps.filter(|step| step.decision != "allowed");
    if finding.verdict != Verdict::Violated {
        return None;
    }
    refused
        .next()
        .map(|step| format!("a witness was not allowed: {step:?}"))
}
