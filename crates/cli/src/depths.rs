//! Certificates of depths: written by `faults --certificate`, checked by `verify`.
//!
//! Attacks and closed states mean nothing without the organization that they are about, so these
//! certificates are checked against the sources or not at all.

use std::path::Path;

use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_checker::digest;
use cofferdam_faults::answer::Options;
use cofferdam_faults::catalogue::{self, Edge};
use cofferdam_faults::certificate::read;
use cofferdam_faults::certificate::verify::{Outcome, Refused, Shows, verify};
use cofferdam_faults::setting::Setting;
use cofferdam_findings::depths::{Bounds, Certificate, Claim, Of};
use cofferdam_report::json;
use cofferdam_text::{Documents, Node, Origin};
use serde_json::{Map, Value};

use crate::args::Format;
use crate::certificate::Inputs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::terminal::Terminal;
use crate::{engine, faults, formats, input};

/// What nobody but the sources, the program and the catalogue can say.
const TRUSTED: [&str; 4] = [
    "the parser and the model, that they hold the sources as they are",
    "the decision of a request, and what it says of all requests of a kind",
    "the catalogue of edges: what an attacker can do in one step",
    "that more powers never forbid",
];

/// Writes the bounds of an answer.
pub fn write(
    file: &Path,
    project: &Project,
    options: &Options,
    bounds: Vec<Bounds>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let counted = [
        (options.universe.compromise, "compromise"),
        (options.universe.account, "account"),
        (options.universe.misconfigure, "misconfigure"),
    ];
    let counted = counted.into_iter().filter(|(counted, _)| *counted);
    let certificate = Certificate {
        faults: counted.map(|(_, word)| word.to_owned()).collect(),
        edges: hash(&all(&options.edges)),
        datasets: bounds,
    };
    formats::write(file, &json::depths(&certificate, about(project)))?;
    let attacks = certificate.datasets.iter().map(|one| one.upper.len());
    let covers = certificate.datasets.iter().map(|one| one.lower.len());
    terminal.note(&format!(
        "{} attacks and {} lower bounds are in {}",
        attacks.sum::<usize>(),
        covers.sum::<usize>(),
        file.display()
    ));
    let unwritten = certificate.datasets.iter().flat_map(|one| &one.unwritten);
    for why in unwritten {
        terminal.note(&format!("not certified: {why}"));
    }
    Ok(())
}

fn about(project: &Project) -> Map<String, Value> {
    let inputs = Inputs::of(project);
    let identity = project.organization.identity.as_ref();
    let fields = serde_json::json!({
        "tool": {"name": "cofferdam", "version": env!("CARGO_PKG_VERSION"),
            "facts_as_of": cofferdam_catalog::as_of()},
        "organization": identity.map(|identity| identity.id.to_string()),
        "captured_at": project.captured_at,
        "trusted": TRUSTED,
        "inputs_sha256": inputs.sha256,
        "inputs": inputs.files,
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn all(own: &[Edge]) -> Vec<Edge> {
    catalogue::edges().iter().chain(own).cloned().collect()
}

/// The hash of edges as they were understood.
fn hash(edges: &[Edge]) -> String {
    digest(format!("{edges:?}").as_bytes())
}

/// What became of a certificate.
struct Checked {
    documents: Documents,
    outcomes: Vec<Result<Outcome, Refused>>,
    claimed: Vec<Claimed>,
    unwritten: Vec<String>,
}

/// One bound that a certificate claims.
struct Claimed {
    dataset: String,
    of: Of,
    bound: Bound,
    /// Whether some part of the file shows it.
    standing: Standing,
}

enum Bound {
    AtMost(u32),
    AtLeast(u32),
}

/// How a bound stands that is claimed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Something that holds shows it.
    Holds,
    /// What would show it was refused.
    Refused,
    /// Nothing in the file would show it.
    Unshown,
}

/// Checks a certificate against a project whose user adds these edges.
pub fn check(
    file: &Path,
    project: &Project,
    edges: &[Edge],
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut documents = Documents::new();
    let node = input::tree(file, &mut documents)?;
    let certificate = read(&node).map_err(|wrong| Failure::at(wrong, &documents))?;
    let edges = all(edges);
    let outcomes = match strange(&node, &certificate, project, &edges) {
        Some(what) => vec![Err(Refused { at: None, what })],
        None => outcomes(project, &edges, &certificate)?,
    };
    let unwritten = certificate.datasets.iter().flat_map(|one| {
        let why = one.unwritten.iter();
        why.map(|why| format!("{}: {why}", one.dataset))
    });
    let checked = Checked {
        documents,
        claimed: claimed(&certificate, &outcomes),
        outcomes,
        unwritten: unwritten.collect(),
    };
    terminal.answer(&match terminal.format {
        Format::Text => checked.text(),
        Format::Json => format!("{:#}\n", checked.json()),
    })?;
    let unshown = checked.stand(Standing::Unshown) > 0;
    Ok(Exit::from_flags(checked.refused() > 0, unshown))
}

/// The bounds that are claimed, each with what became of it.
fn claimed(certificate: &Certificate, outcomes: &[Result<Outcome, Refused>]) -> Vec<Claimed> {
    let mut claimed = Vec::new();
    for bounds in &certificate.datasets {
        for claim in &bounds.claims {
            for bound in each(claim) {
                claimed.push(Claimed {
                    dataset: bounds.dataset.clone(),
                    of: claim.of,
                    standing: standing(&bounds.dataset, claim.of, &bound, outcomes),
                    bound,
                });
            }
        }
    }
    claimed
}

/// The bounds of a claim. That a depth is at least 0 says nothing.
fn each(claim: &Claim) -> Vec<Bound> {
    let at_most = claim.at_most.map(Bound::AtMost);
    let at_least = (claim.at_least > 0).then_some(Bound::AtLeast(claim.at_least));
    at_most.into_iter().chain(at_least).collect()
}

fn standing(
    dataset: &str,
    of: Of,
    bound: &Bound,
    outcomes: &[Result<Outcome, Refused>],
) -> Standing {
    let shows = |outcome: &&Outcome| {
        let same = outcome.dataset == dataset && outcome.of == of;
        same && match (bound, outcome.shows) {
            (Bound::AtMost(bound), Shows::AtMost(faults)) => faults <= *bound as usize,
            (Bound::AtLeast(bound), Shows::AtLeast(depth, _)) => depth >= *bound,
            _ => false,
        }
    };
    let mut such = outcomes.iter().flatten().filter(shows).peekable();
    // Where the file is not about these sources, all that it claims is refused.
    let strange = outcomes.iter().any(Result::is_err);
    match such.peek().is_some() {
        true if such.any(|outcome| outcome.result.is_ok()) => Standing::Holds,
        true => Standing::Refused,
        false if strange => Standing::Refused,
        false => Standing::Unshown,
    }
}

/// Why a certificate is not about these sources and edges, if it is not.
fn strange(
    node: &Node,
    certificate: &Certificate,
    project: &Project,
    edges: &[Edge],
) -> Option<String> {
    let inputs = Inputs::of(project);
    let said = node.get("inputs_sha256").and_then(Node::as_str);
    if said != Some(&inputs.sha256) {
        let known = node.get("inputs").map(Node::items).unwrap_or_default();
        let is_known = |input: &&Value| {
            let hash = input.get("sha256").and_then(Value::as_str);
            let mut known = known.iter();
            !known.any(|one| one.get("sha256").and_then(Node::as_str) == hash)
        };
        let name = inputs.files.iter().find(is_known);
        let name = name
            .and_then(|input| input.get("file"))
            .and_then(Value::as_str);
        return Some(match name {
            Some(name) => {
                format!("{name} was not read, or not as it is, when the certificate was made")
            }
            None => "other files were read when the certificate was made".to_owned(),
        });
    }
    (certificate.edges != hash(edges)).then(|| {
        "an attacker may take other edges than when the certificate was made; \
         give the same --edges, and the same version of the program"
            .to_owned()
    })
}

fn outcomes(
    project: &Project,
    edges: &[Edge],
    certificate: &Certificate,
) -> Result<Vec<Result<Outcome, Refused>>, Failure> {
    let (org, boundary) = (&project.organization, project.boundary()?);
    let cast = Cast::of(org);
    let setting = Setting::new(Context {
        org,
        boundary,
        cast: &cast,
        as_of: project.day(),
    });
    let datasets = boundary.datasets.iter();
    let scopes: Vec<Scope<'_>> = datasets.map(|one| Scope::of(org, one)).collect();
    let threads = engine::processors();
    verify(&setting, &scopes, edges, certificate, threads).map_err(|error| faults::defect(&error))
}

impl Checked {
    fn refused(&self) -> usize {
        let failed = |one: &&Result<Outcome, Refused>| match one {
            Ok(outcome) => outcome.result.is_err(),
            Err(_) => true,
        };
        self.outcomes.iter().filter(failed).count()
    }

    fn stand(&self, standing: Standing) -> usize {
        let such = self.claimed.iter().filter(|one| one.standing == standing);
        such.count()
    }

    /// How many bounds are claimed, and what became of them.
    fn summary(&self) -> String {
        let counts = [
            (Standing::Holds, "shown"),
            (Standing::Refused, "refused"),
            (Standing::Unshown, "left without proof"),
        ];
        let counts = counts.map(|(standing, word)| (self.stand(standing), word));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let claimed = match self.claimed.len() {
            0 => "no bound is claimed".to_owned(),
            1 => format!("1 bound is claimed: {}", counts.join(", ")),
            many => format!("{many} bounds are claimed: {}", counts.join(", ")),
        };
        match self.refused() {
            0 => claimed,
            1 => format!("{claimed}; 1 part of the file is refused"),
            many => format!("{claimed}; {many} parts of the file are refused"),
        }
    }

    fn line(&self, at: Option<Origin>) -> Option<u32> {
        at.map(|at| self.documents.place(at).line)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut shown: Vec<(String, usize)> = Vec::new();
        for outcome in &self.outcomes {
            match outcome {
                Ok(outcome) => match &outcome.result {
                    Ok(()) => {
                        let line = said(outcome);
                        match shown.iter_mut().find(|(known, _)| *known == line) {
                            Some((_, count)) => *count += 1,
                            None => shown.push((line, 1)),
                        }
                    }
                    Err(refused) => {
                        let about = said(outcome);
                        text.push_str(&self.refusal(refused, &format!("{about}: ")));
                    }
                },
                Err(refused) => text.push_str(&self.refusal(refused, "")),
            }
        }
        let times = |count: usize| match count {
            1 => String::new(),
            count => format!(", {count} times"),
        };
        let held = shown.iter();
        let held: String = held
            .map(|(line, count)| format!("holds    {line}{}\n", times(*count)))
            .collect();
        text.insert_str(0, &held);
        for one in &self.claimed {
            if one.standing == Standing::Unshown {
                text.push_str(&format!("unshown  {}\n", one.words()));
            }
        }
        for why in &self.unwritten {
            text.push_str(&format!("not certified: {why}\n"));
        }
        text.push_str(&format!("\n{}\n", self.summary()));
        text.push_str(&format!("trusted all the same: {}\n", TRUSTED.join("; ")));
        text
    }

    fn refusal(&self, refused: &Refused, about: &str) -> String {
        let line = self.line(refused.at);
        let line = line
            .map(|line| format!("line {line}: "))
            .unwrap_or_default();
        format!("refused  {line}{about}{}\n", refused.what)
    }

    fn json(&self) -> Value {
        let refused = |refused: &Refused| (refused.what.clone(), self.line(refused.at));
        let rows = self.outcomes.iter().map(|outcome| {
            let why = match outcome {
                Ok(outcome) => outcome.result.as_ref().err().map(refused),
                Err(wrong) => Some(refused(wrong)),
            };
            let outcome = outcome.as_ref().ok();
            let (at_most, at_least) = match outcome.map(|outcome| outcome.shows) {
                Some(Shows::AtMost(faults)) => (Some(faults), None),
                Some(Shows::AtLeast(depth, _)) => (None, Some(depth)),
                None => (None, None),
            };
            serde_json::json!({
                "dataset": outcome.map(|outcome| outcome.dataset.as_str()),
                "of": outcome.map(|outcome| outcome.of.word()),
                "at_most": at_most,
                "at_least": at_least,
                "holds": why.is_none(),
                "why": why.as_ref().map(|(why, _)| why),
                "line": why.as_ref().and_then(|(_, line)| *line),
            })
        });
        let rows: Vec<Value> = rows.collect();
        let unshown = self.claimed.iter();
        let unshown = unshown.filter(|one| one.standing == Standing::Unshown);
        let unshown: Vec<String> = unshown.map(Claimed::words).collect();
        serde_json::json!({"valid": self.refused() == 0, "trusted": TRUSTED, "bounds": rows,
            "claimed": self.claimed.len(), "shown": self.stand(Standing::Holds),
            "unshown": unshown, "unwritten": self.unwritten})
    }
}

impl Claimed {
    fn words(&self) -> String {
        let (dataset, of) = (&self.dataset, self.of.word());
        match self.bound {
            Bound::AtMost(depth) => format!("{dataset}: {of} depth at most {depth}"),
            Bound::AtLeast(depth) => format!("{dataset}: {of} depth at least {depth}"),
        }
    }
}

/// What a part of a certificate shows.
fn said(outcome: &Outcome) -> String {
    let (dataset, of) = (&outcome.dataset, outcome.of.word());
    match outcome.shows {
        Shows::AtMost(faults) => {
            format!("{dataset}: {of} depth at most {faults}, by an attack that was replayed")
        }
        Shows::AtLeast(depth, states) => {
            let states = match states {
                1 => "a state that nobody leaves".to_owned(),
                states => format!("{states} states that nobody leaves"),
            };
            format!("{dataset}: {of} depth at least {depth}, by {states}")
        }
    }
}
