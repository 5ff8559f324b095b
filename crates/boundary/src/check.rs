//! Asks every obligation of every dataset and turns the answers into findings.

mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use cofferdam_findings::finding::{Answer, Cause, DatedFact, Finding, Missing, Verdict};
use cofferdam_org::model::Organization;

use crate::ask::Answers;
use crate::cache::{Key, Keys, Memory};
use crate::cast::Cast;
use crate::cause::{causes, reason};
use crate::exception::covering;
use crate::file::{Boundary, Dataset, Date, ResourceDeclared};
use crate::obligations::{About, Context, OBLIGATIONS, Obligation, Part, forbidden};
use crate::proof::Proof;
use crate::scope::Scope;
use crate::unread;

/// What a check may be told.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// The day by which approvals and exceptions are judged.
    pub as_of: Option<Date>,
    /// How many threads may work; the answer is the same whatever their number.
    pub threads: usize,
    /// Told after each question: how many are answered, of how many, and which comes now.
    pub progress: &'o (dyn Fn(usize, usize, &str) + Sync),
    /// The ids of obligations to ask; all if empty.
    pub obligations: &'o [&'o str],
}

/// Obligations whose ids are reserved and that nothing asks yet.
pub const NOT_YET_ASKED: [&str; 10] = [
    "boundary.exemption-tamper",
    "data.copies-inside",
    "durability.destroy",
    "identity.federation",
    "identity.foreign-resource",
    "identity.on-behalf",
    "inventory.selector-safe",
    "inventory.undeclared",
    "resource.indirect-delivery",
    "resource.sharing",
];

/// Checks a boundary: one finding for each obligation, dataset and class, in the order of the
/// datasets and of [`OBLIGATIONS`].
pub fn check(org: &Organization, boundary: &Boundary, options: &Options<'_>) -> Answer {
    asked_of(&Cast::of(org), org, boundary, options, None).answer
}

/// Checks like [`check`], and takes verdicts from earlier runs where nothing changed that their
/// questions can read.
pub fn recall(
    org: &Organization,
    boundary: &Boundary,
    options: &Options<'_>,
    memory: &Memory<'_>,
) -> Answer {
    asked_of(&Cast::of(org), org, boundary, options, Some(memory)).answer
}

/// An answer with what its proofs are made of.
#[derive(Debug)]
pub struct Certified {
    /// The answer, as [`check`] gives it.
    pub answer: Answer,
    /// For each finding of the answer that is proved, by its place, the questions that were asked.
    pub proofs: Vec<(usize, Vec<Proof>)>,
    /// The principals that the sources state, by account, if proofs are kept.
    pub members: Vec<(String, Vec<String>)>,
}

/// Checks like [`check`], and keeps each question of a proof with its refutation.
pub fn certify(org: &Organization, boundary: &Boundary, options: &Options<'_>) -> Certified {
    let mut cast = Cast::of(org);
    cast.certify = true;
    asked_of(&cast, org, boundary, options, None)
}

fn asked_of(
    cast: &Cast<'_>,
    org: &Organization,
    boundary: &Boundary,
    options: &Options<'_>,
    memory: Option<&Memory<'_>>,
) -> Certified {
    let context = Context {
        org,
        boundary,
        cast,
        as_of: options.as_of,
    };
    let threads = options.threads;
    let scopes: Vec<Scope<'_>> = side_by_side(&boundary.datasets, threads, |_, dataset| {
        Scope::of(org, dataset)
    });
    let asked: Vec<&Obligation> = OBLIGATIONS
        .iter()
        .filter(|obligation| {
            options.obligations.is_empty() || options.obligations.contains(&obligation.id)
        })
        .collect();
    let questions: Vec<(&Scope<'_>, &Obligation)> = scopes
        .iter()
        .flat_map(|scope| asked.iter().map(move |obligation| (scope, *obligation)))
        .collect();
    let memory = memory.and_then(|memory| Recall::of(&context, &scopes, threads, memory));
    let mut answers = answer(&context, &questions, options, memory.as_ref());
    if options.obligations.is_empty() || options.obligations.contains(&forbidden::ID) {
        answers.extend(whole::ask(&context));
    }
    let (findings, proofs): (Vec<Finding>, Vec<Vec<Proof>>) = answers.into_iter().unzip();
    let proofs = proofs.into_iter().enumerate();
    let is_proved = |place: usize| {
        let finding = findings.get(place);
        finding.is_some_and(|finding| finding.verdict == Verdict::Proved)
    };
    Certified {
        proofs: proofs
            .filter(|(place, _)| cast.certify && is_proved(*place))
            .collect(),
        members: match cast.certify {
            true => crate::proof::members(cast),
            false => Vec::new(),
        },
        answer: Answer {
            organization: org
                .identity
                .as_ref()
                .map(|identity| identity.id.to_string()),
            as_of: options.as_of.map(|date| date.to_string()),
            findings,
            not_yet_asked: NOT_YET_ASKED.to_vec(),
            ..Answer::default()
        },
    }
}

/// What is asked where no boundary is declared.
pub const WITHOUT_BOUNDARY: [&str; 3] = [
    "resource.public",
    "identity.outside-organization",
    "audit.recorded",
];

/// The boundary of an organization that declares none: every data store that was found is a
/// dataset of class `unclassified`.
pub fn undeclared(org: &Organization) -> Boundary {
    let stores = org
        .resources
        .iter()
        .filter(|resource| crate::scope::service_of(resource.kind).is_some());
    let datasets = stores
        .map(|resource| Dataset {
            name: resource.arn.to_string(),
            class: "unclassified".to_owned(),
            owner: None,
            resources: vec![ResourceDeclared {
                arn: resource.arn.clone(),
                origin: resource.origin,
            }],
            keys: Vec::new(),
            access: Vec::new(),
            administrators: Vec::new(),
            key_administrators: Vec::new(),
            audit: None,
            missing: Vec::new(),
            origin: resource.origin,
        })
        .collect();
    Boundary {
        version: crate::file::VERSION,
        datasets,
        ..Boundary::default()
    }
}

/// A finding with what its proof is made of.
type Asked = (Finding, Vec<Proof>);

/// What an earlier run answered.
struct Recall<'m> {
    memory: &'m Memory<'m>,
    keys: Keys<'m>,
    /// The part of each dataset, by its name; none for those that nothing is kept of.
    datasets: BTreeMap<&'m str, Option<Key>>,
}

impl<'m> Recall<'m> {
    fn of(
        context: &Context<'m>,
        scopes: &[Scope<'m>],
        threads: usize,
        memory: &'m Memory<'m>,
    ) -> Option<Recall<'m>> {
        let Context { org, boundary, .. } = *context;
        let keys = Keys::of(org, boundary, context.as_of, memory)?;
        let datasets = side_by_side(scopes, threads, |_, scope| {
            (scope.dataset.name.as_str(), keys.dataset(scope))
        });
        Some(Recall {
            memory,
            datasets: datasets.into_iter().collect(),
            keys,
        })
    }

    fn question(&self, scope: &Scope<'_>, obligation: &Obligation) -> Option<Key> {
        let dataset = *self.datasets.get(scope.dataset.name.as_str())?;
        Some(self.keys.question(obligation.id, dataset?))
    }
}

/// Takes what an earlier run answered, or asks and keeps.
fn recalled<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    obligation: &Obligation,
    recall: Option<&Recall<'_>>,
) -> Vec<Asked> {
    let question = recall.and_then(|recall| {
        let question = recall.question(scope, obligation)?;
        Some((recall.memory.verdicts, question))
    });
    let Some((verdicts, question)) = question else {
        return of_obligation(context, scope, obligation);
    };
    if let Some(findings) = verdicts.get(&question) {
        let kept = findings.into_iter();
        return kept.map(|finding| (finding, Vec::new())).collect();
    }
    let asked = of_obligation(context, scope, obligation);
    let findings: Vec<Finding> = asked.iter().map(|(finding, _)| finding.clone()).collect();
    verdicts.put(question, &findings);
    asked
}

/// Answers the questions, each by one thread alone, and joins them in their own order.
fn answer<'a>(
    context: &Context<'a>,
    questions: &[(&'a Scope<'a>, &Obligation)],
    options: &Options<'_>,
    recall: Option<&Recall<'_>>,
) -> Vec<Asked> {
    let answered = side_by_side(questions, options.threads, |index, (scope, obligation)| {
        let what = format!("{} of {}", obligation.id, scope.dataset.name);
        (options.progress)(index, questions.len(), &what);
        recalled(context, scope, obligation, recall)
    });
    (options.progress)(questions.len(), questions.len(), "done");
    answered.into_iter().flatten().collect()
}

/// Works on each item by one thread alone, and joins what comes out in the order of the items.
pub fn side_by_side<'t, T: Sync, R: Send>(
    items: &'t [T],
    threads: usize,
    work: impl Fn(usize, &'t T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(index, item)));
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(run)).collect();
        // What a thread leaves unasked must never look like nothing found.
        let joined = workers.into_iter().map(|worker| worker.join());
        joined
            .flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn of_obligation<'a>(
    context: &Context<'a>,
    scope: &'a Scope<'a>,
    obligation: &Obligation,
) -> Vec<Asked> {
    let parts = (obligation.ask)(context, scope);
    let parts = if parts.is_empty() {
        unasked(context, scope, obligation)
    } else {
        parts
    };
    parts
        .into_iter()
        .map(|mut part| {
            let proofs = std::mem::take(&mut part.answers.proofs);
            (finding(context, scope, &obligation.about(), part), proofs)
        })
        .collect()
}

/// An obligation about which nothing could be asked is only reported where something is missing.
fn unasked(context: &Context<'_>, scope: &Scope<'_>, obligation: &Obligation) -> Vec<Part> {
    let unread = unread::missing(context, scope, obligation.id);
    let declared = scope.not_found.is_empty() && scope.dataset.missing.is_empty();
    if declared && unread.is_empty() {
        return Vec::new();
    }
    let holds = format!("{} of {}", obligation.id, scope.dataset.name);
    vec![Part {
        holds: holds.clone(),
        broken: holds,
        ..Part::default()
    }]
}

/// The finding of an obligation about a dataset, from what was asked: here, or by another room.
pub fn finding(
    context: &Context<'_>,
    scope: &Scope<'_>,
    obligation: &About,
    part: Part,
) -> Finding {
    let dataset = scope.dataset;
    let suffix = part
        .class
        .map(|class| format!(":{}", class.word()))
        .unwrap_or_default();
    let id = format!("{}:{}{suffix}", obligation.id, dataset.name);
    let missing = missing(context, scope, obligation, &part.answers);
    let uncertain = is_misread(context, scope) && obligation.id != ABOUT_NO_APPROVAL
        || !unread::doubts(context, scope, obligation.id).is_empty();
    let verdict = verdict(&part.answers, &missing, uncertain);
    let about = (obligation.id, dataset.name.as_str());
    let found = excepted(context, about, &id, verdict, &part.answers);
    Finding {
        obligation: obligation.id,
        dataset: Some(dataset.name.clone()),
        owner: dataset.owner.clone(),
        layer: obligation.id.split('.').next().unwrap_or_default(),
        verdict,
        severity: obligation.severity,
        message: sentence(verdict, &part),
        excepted_by: excepted_by(verdict, &found),
        held_by: part.held_by.filter(|_| verdict == Verdict::Proved),
        causes_complete: !part.answers.cut_short,
        causes: found,
        assumptions: part.assumptions,
        facts: dated(context, obligation.facts),
        vacuous: part.answers.well_formed == 0,
        carried_by: carried_by(verdict, &part.answers),
        kept: false,
        missing,
        id,
    }
}

fn sentence(verdict: Verdict, part: &Part) -> String {
    match verdict {
        Verdict::Proved => part.holds.clone(),
        Verdict::Violated => part.broken.clone(),
        Verdict::Undecided => format!("whether {} cannot be told", part.holds),
    }
}

/// Nothing that a boundary declares can permit what this obligation forbids.
const ABOUT_NO_APPROVAL: &str = "resource.public";

/// Whether a part of the declaration could not be read: what violates the rest may be approved by
/// that part.
fn is_misread(context: &Context<'_>, scope: &Scope<'_>) -> bool {
    !scope.dataset.missing.is_empty() || !context.boundary.missing.is_empty()
}

fn verdict(answers: &Answers, missing: &[Missing], uncertain: bool) -> Verdict {
    match (
        answers.raw.is_empty() || uncertain,
        missing.is_empty() && answers.possible.is_empty(),
    ) {
        (false, _) => Verdict::Violated,
        (true, false) => Verdict::Undecided,
        (true, true) => Verdict::Proved,
    }
}

/// What the questions missed, and what the declaration and the sources lack.
fn missing(
    context: &Context<'_>,
    scope: &Scope<'_>,
    obligation: &About,
    answers: &Answers,
) -> Vec<Missing> {
    let mut all: BTreeSet<Missing> = answers.missing.iter().cloned().collect();
    all.extend(scope.dataset.missing.iter().cloned());
    all.extend(context.boundary.missing.iter().cloned());
    all.extend(unread::missing(context, scope, obligation.id));
    all.extend(unread::doubts(context, scope, obligation.id));
    for arn in &scope.not_found {
        let why = "declared, and not found in what was read".to_owned();
        all.insert(Missing {
            key: (*arn).to_owned(),
            why,
            origin: None,
        });
    }
    all.into_iter().collect()
}

/// The causes of a finding: of a violation what certainly violates, else also what may. Each is
/// marked where it is excepted from the obligation and dataset that it is about.
fn excepted(
    context: &Context<'_>,
    about: (&str, &str),
    id: &str,
    verdict: Verdict,
    answers: &Answers,
) -> Vec<Cause> {
    let raw = match verdict {
        Verdict::Violated => answers.raw.clone(),
        _ => [answers.raw.as_slice(), &answers.possible].concat(),
    };
    let mut found = causes(id, &raw);
    found
        .iter_mut()
        .for_each(|cause| except(context, about, answers, cause));
    found
}

/// Marks a cause as excepted if whoever gets in that way is covered.
fn except(
    context: &Context<'_>,
    (obligation, dataset): (&str, &str),
    answers: &Answers,
    cause: &mut Cause,
) {
    let names: BTreeSet<&str> = answers
        .raw
        .iter()
        .map(|raw| raw.principal.as_str())
        .filter(|name| cause.sample.iter().any(|sample| sample == name))
        .collect();
    let cover = |name: &str| {
        covering(context.boundary, obligation, dataset, name, context.as_of)
            .by
            .map(str::to_owned)
    };
    if cause.principals == 0 {
        cause.excepted_by = cover("");
        return;
    }
    let mut covers = names.iter().map(|name| cover(name));
    let first = covers.next().flatten();
    if first.is_some() && covers.all(|by| by.is_some()) && names.len() as u64 == cause.principals {
        cause.excepted_by = first;
    }
}

fn excepted_by(verdict: Verdict, causes: &[Cause]) -> Option<String> {
    if verdict != Verdict::Violated || causes.iter().any(|cause| cause.excepted_by.is_none()) {
        return None;
    }
    causes.first().and_then(|cause| cause.excepted_by.clone())
}

/// The tables of the catalogue that a verdict rests on: those of its obligation, and that of the AWS
/// managed policies where one stands for a document that no source holds.
fn dated(context: &Context<'_>, facts: &[&str]) -> Vec<DatedFact> {
    let managed = (!context.org.dated.is_empty()).then_some(&"managed_policies");
    let names = facts.iter().chain(managed);
    let tables = names.filter_map(|name| cofferdam_catalog::table(name));
    tables
        .map(|table| DatedFact {
            fact: table.name.to_owned(),
            as_of: table.as_of.to_owned(),
        })
        .collect()
}

/// The controls that carry a proof, each once.
fn carried_by(verdict: Verdict, answers: &Answers) -> Vec<cofferdam_findings::finding::Reason> {
    if verdict != Verdict::Proved {
        return Vec::new();
    }
    let controls: BTreeSet<_> = answers.controls.iter().collect();
    controls.into_iter().map(reason).collect()
}
