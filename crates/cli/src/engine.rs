//! The one file that knows how the other rooms are called.
//!
//! Verbs say what they want in words of findings; this file turns it into calls. A room that changes
//! its interface changes this file and no verb.

use std::path::PathBuf;

use cofferdam_authz::case::{self as authz, Case};
use cofferdam_authz::trace::Determining as Said;
use cofferdam_boundary::cache::Memory;
use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::check::Certified;
use cofferdam_boundary::file::{self, Boundary, Date};
use cofferdam_boundary::obligations::{OBLIGATIONS, forbidden};
use cofferdam_boundary::{check, inventory, look, probes};
use cofferdam_findings::finding::{Answer, Finding};
use cofferdam_findings::inventory::Row;
use cofferdam_findings::probe::Probe;
use cofferdam_org::fact::Facts;
use cofferdam_org::model::Organization;
use cofferdam_report::decision::{
    CaseError, Decided, Decision, Determining, LayerOutcome, MissingFact, Split,
};
use cofferdam_sources::case;
use cofferdam_sources::terraform::Coverage;
use cofferdam_text::{Diagnostic, Documents, Node, Origin};

use crate::faults;
use crate::project::Project;

/// What the sources say.
pub struct Read {
    /// The facts that the organization was built from.
    pub facts: Facts,
    /// The organization of all sources.
    pub organization: Organization,
    /// What could not be read.
    pub diagnostics: Vec<Diagnostic>,
    /// When the snapshot was taken.
    pub captured_at: Option<String>,
    /// The sources as the user wrote them.
    pub sources: Vec<String>,
    /// How the attributes of Terraform plans were settled.
    pub coverage: Coverage,
}

/// How a check is made.
pub struct Options<'a> {
    /// The day by which exceptions are judged.
    pub as_of: Option<Date>,
    /// The ids of the obligations to ask.
    pub obligations: &'a [&'a str],
    /// Whether the inventory is wanted too.
    pub inventory: bool,
    /// How many threads may work.
    pub threads: usize,
    /// Told how many questions of how many are answered, and which comes now.
    pub progress: &'a (dyn Fn(usize, usize, &str) + Sync),
}

/// How many threads may work side by side on this machine.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Reads sources in order, later ones over earlier ones.
pub fn read(
    paths: &[PathBuf],
    options: &cofferdam_sources::Options,
    documents: &mut Documents,
) -> Result<Read, Diagnostic> {
    let read = cofferdam_sources::read_with(paths, options, documents)?;
    let (organization, found) = cofferdam_org::build::build(&read.facts);
    let diagnostics = read.diagnostics.into_iter().chain(found).collect();
    Ok(Read {
        facts: read.facts,
        organization,
        diagnostics,
        captured_at: read.captured_at,
        sources: read.sources,
        coverage: read.coverage,
    })
}

/// Reads the files of a boundary as one.
pub fn boundary(files: &[Node]) -> (Boundary, Vec<Diagnostic>) {
    file::read(files)
}

/// The ids of what can be asked of this project: little where nothing is declared.
pub fn obligations(project: &Project) -> Vec<&'static str> {
    match project.boundary {
        Some(_) => {
            let of_datasets = OBLIGATIONS.iter().map(|obligation| obligation.id);
            let of_all = of_datasets.chain([forbidden::ID]);
            of_all.chain(of_faults(project)).collect()
        }
        None => check::WITHOUT_BOUNDARY.to_vec(),
    }
}

/// The ids of what is asked of single faults, where the boundary requires anything.
fn of_faults(project: &Project) -> impl Iterator<Item = &'static str> {
    let boundary = project.boundary.iter();
    let requires = boundary.filter(|boundary| boundary.require.origin.is_some());
    requires.flat_map(|_| faults::IDS)
}

/// Asks the boundary's obligations; where none is declared, those of every store that was found.
pub fn check(project: &Project, options: &Options<'_>) -> Answer {
    let answer = asked_of(project, options, check::check);
    completed(answer, project, options, None)
}

/// Asks like [`check`], but for what was answered before and did not change.
pub fn recall(project: &Project, options: &Options<'_>, memory: &Memory<'_>) -> Answer {
    let answer = asked_of(project, options, |organization, boundary, asked| {
        check::recall(organization, boundary, asked, memory)
    });
    completed(answer, project, options, Some(memory))
}

/// Asks like [`check`], and keeps what each proof is made of.
pub fn certify(project: &Project, options: &Options<'_>) -> Certified {
    let mut certified = asked_of(project, options, check::certify);
    certified.answer = completed(certified.answer, project, options, None);
    certified
}

/// Puts the obligations to the boundary, or to what stands for one.
fn asked_of<T>(
    project: &Project,
    options: &Options<'_>,
    ask: impl Fn(&Organization, &Boundary, &check::Options<'_>) -> T,
) -> T {
    let organization = &project.organization;
    let asked = check::Options {
        as_of: options.as_of,
        threads: options.threads,
        progress: options.progress,
        obligations: options.obligations,
    };
    match &project.boundary {
        Some(boundary) => ask(organization, boundary, &asked),
        None => ask(organization, &check::undeclared(organization), &asked),
    }
}

fn completed(
    mut answer: Answer,
    project: &Project,
    options: &Options<'_>,
    memory: Option<&Memory<'_>>,
) -> Answer {
    if faults::IDS
        .iter()
        .any(|id| options.obligations.contains(id))
    {
        let found = faults::findings(
            project,
            options.as_of,
            memory,
            options.threads,
            options.progress,
        );
        let asked = |one: &Finding| options.obligations.contains(&one.obligation);
        answer.findings.extend(found.into_iter().filter(asked));
    }
    if project.boundary.is_none() {
        let findings = answer.findings.iter_mut();
        findings.for_each(|finding| finding.assumptions.push(UNDECLARED.to_owned()));
    }
    answer.captured_at.clone_from(&project.captured_at);
    answer.sources.clone_from(&project.sources);
    answer.diagnostics.clone_from(&project.diagnostics);
    if options.inventory {
        answer.inventory = inventory(project, options.as_of);
    }
    answer
}

const UNDECLARED: &str = "no boundary is declared: every store that was found is a dataset, and \
                          the organization is the one that was found";

/// Who reaches each resource of the boundary's datasets, or of every store that was found.
pub fn inventory(project: &Project, as_of: Option<Date>) -> Vec<Row> {
    let organization = &project.organization;
    let cast = Cast::of(organization);
    match &project.boundary {
        Some(boundary) => inventory::inventory(organization, boundary, &cast, as_of),
        None => {
            let boundary = check::undeclared(organization);
            inventory::inventory(organization, &boundary, &cast, as_of)
        }
    }
}

/// Who reaches one resource, with or without a boundary.
pub fn look(project: &Project, arn: &str) -> Vec<Row> {
    look::look(&project.organization, arn, &Cast::of(&project.organization))
}

/// The denied and approved paths of the boundary.
pub fn probes(project: &Project, boundary: &Boundary, as_of: Option<Date>) -> Vec<Probe> {
    let organization = &project.organization;
    probes::probes(organization, boundary, &Cast::of(organization), as_of)
}

/// Decides the cases of one file; what AWS would refuse in their policies is said beside.
pub fn decide(file: &Node, documents: &Documents) -> (Vec<Decided>, Vec<Diagnostic>) {
    let mut notes = Vec::new();
    let decided = case::read(file).into_iter().map(|read| match read {
        Ok(read) => {
            notes.extend(read.diagnostics);
            answered(&read.case, documents)
        }
        Err(malformed) => refused(malformed, documents),
    });
    (decided.collect(), notes)
}

fn refused(malformed: case::Malformed, documents: &Documents) -> Decided {
    let located = documents.locate(*malformed.diagnostic);
    let error = CaseError {
        file: located.file,
        line: located.line,
        message: located.message,
    };
    Decided {
        name: malformed.name,
        outcome: Err(error),
    }
}

fn answered(case: &Case, documents: &Documents) -> Decided {
    let answer = authz::decide(case);
    let layers = answer.layers.into_iter().map(|said| LayerOutcome {
        layer: said.layer.id(),
        target: (!said.target.is_empty()).then(|| said.target.into_string()),
        outcome: said.outcome,
    });
    let missing = answer.missing.into_iter().map(|one| MissingFact {
        key: one.key,
        why: one.why,
    });
    let split = answer.split.into_iter().map(|one| Split {
        resource: one.resource,
        decision: one.outcome.word(),
    });
    let statements = answer.determining.into_iter();
    let decision = Decision {
        decision: answer.outcome.word(),
        layers: layers.collect(),
        determining: statements
            .map(|one| determining(one, case.origin, documents))
            .collect(),
        missing: missing.collect(),
        residual: answer.residual,
        split: split.collect(),
        expected: answer.expected.map(|expected| expected.word().to_owned()),
    };
    Decided {
        name: answer.name,
        outcome: Ok(decision),
    }
}

fn determining(said: Said, case: Option<Origin>, documents: &Documents) -> Determining {
    let place = case
        .zip(said.origin)
        .map(|(case, at)| case::place(documents, case, at));
    let (pointer, line) = place.unzip();
    Determining {
        layer: said.layer.id(),
        policy: said.document.into_string(),
        statement: said.statement,
        sid: said.sid.map(str::into_string),
        effect: said.effect.word(),
        pointer: pointer.unwrap_or_default(),
        line,
    }
}
