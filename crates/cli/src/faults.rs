//! How questions about faults are asked of the other rooms, what the boundary requires of the
//! answers, and how they are written.

use std::path::Path;

use cofferdam_boundary::cache::{Memory, of_everything};
use cofferdam_boundary::cast::Cast;
use cofferdam_boundary::check;
use cofferdam_boundary::file::{Boundary, Date, Require};
use cofferdam_boundary::obligations::Context;
use cofferdam_boundary::scope::Scope;
use cofferdam_faults::answer::{Options, certified};
use cofferdam_faults::catalogue::{self, Edge};
use cofferdam_faults::obligations;
pub use cofferdam_faults::obligations::IDS;
use cofferdam_faults::setting::Setting;
use cofferdam_findings::depths::Bounds;
use cofferdam_findings::faults::{Depth, Depths, Faults};
use cofferdam_findings::finding::{Finding, Verdict};
use cofferdam_names::NameError;
use cofferdam_report::faults::{Requirement, View, range};
use cofferdam_report::redact::Redaction;
use cofferdam_report::{json, svg, text};
use cofferdam_text::Severity;

use crate::args::Wanted;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::formats::{self, Output};
use crate::input;
use crate::progress::Progress;
use crate::project::Project;
use crate::terminal::Terminal;

/// Told how many steps of how many are done, and what they are about.
type Progressing<'p> = &'p (dyn Fn(usize, usize, &str) + Sync);

/// Edges of a user's own. What is wrong in the file is a diagnostic, and the rest counts.
pub fn edges(file: &Path, project: &mut Project) -> Result<Vec<Edge>, Failure> {
    let tree = input::tree(file, &mut project.documents)?;
    let (edges, wrong) = catalogue::read(&tree);
    project.diagnostics.extend(wrong);
    Ok(edges)
}

/// Asks what faults lead to, of the datasets of these names or of all.
pub fn ask(
    project: &Project,
    options: &Options,
    datasets: &[String],
    terminal: &Terminal,
) -> Result<Faults, Failure> {
    Ok(ask_certified(project, options, datasets, false, terminal)?.0)
}

/// The same, with bounds of the depths that somebody else can check, if they are wanted.
pub fn ask_certified(
    project: &Project,
    options: &Options,
    datasets: &[String],
    wanted: bool,
    terminal: &Terminal,
) -> Result<(Faults, Vec<Bounds>), Failure> {
    let org = &project.organization;
    let undeclared = project.boundary.is_none().then(|| check::undeclared(org));
    let Some(boundary) = project.boundary.as_ref().or(undeclared.as_ref()) else {
        return Ok((Faults::default(), Vec::new()));
    };
    let cast = Cast::of(org);
    let context = Context {
        org,
        boundary,
        cast: &cast,
        as_of: project.day(),
    };
    let setting = Setting::new(context);
    let scopes = scopes(project, boundary, datasets)?;
    let progress = Progress::new(terminal.shows_progress());
    let listen = |done: usize, total: usize| {
        progress.step(done, total, "what single faults lead to");
    };
    certified(&setting, &scopes, options, &listen, wanted).map_err(|error| defect(&error))
}

/// That an action of an edge is none.
pub fn defect(error: &NameError) -> Failure {
    Failure::usage(
        format!("an edge of the catalogue is not understood: {error}"),
        "this is a defect of the program; please report it",
    )
}

/// What the boundary requires of single faults, as findings: taken from an earlier run if nothing
/// at all has changed since, because an attack may lead through anything that was read.
pub fn findings(
    project: &Project,
    as_of: Option<Date>,
    memory: Option<&Memory<'_>>,
    threads: usize,
    progress: Progressing<'_>,
) -> Vec<Finding> {
    let org = &project.organization;
    let Some(boundary) = &project.boundary else {
        return Vec::new();
    };
    let ids = IDS.join(" ");
    let question = memory.and_then(|memory| {
        let question = of_everything(org, boundary, as_of, memory, &ids)?;
        Some((memory.verdicts, question))
    });
    if let Some((verdicts, question)) = &question
        && let Some(kept) = verdicts.get(question)
    {
        return kept;
    }
    let cast = Cast::of(org);
    let context = Context {
        org,
        boundary,
        cast: &cast,
        as_of,
    };
    let found = obligations::findings(&context, threads, &|done, total| {
        progress(done, total, "what single faults lead to");
    });
    if let Some((verdicts, question)) = question {
        verdicts.put(question, &found);
    }
    found
}

/// The datasets that were asked about. A name that is none must not pass for an empty answer.
fn scopes<'a>(
    project: &'a Project,
    boundary: &'a Boundary,
    names: &[String],
) -> Result<Vec<Scope<'a>>, Failure> {
    for name in names {
        if !boundary.datasets.iter().any(|one| one.name == *name) {
            let known: Vec<&str> = boundary
                .datasets
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            let help = format!("use one of: {}", known.join(", "));
            return Err(Failure::usage(
                format!("there is no dataset `{name}`"),
                help,
            ));
        }
    }
    let asked = |name: &String| names.is_empty() || names.contains(name);
    let datasets = boundary.datasets.iter().filter(|one| asked(&one.name));
    Ok(datasets
        .map(|one| Scope::of(&project.organization, one))
        .collect())
}

/// What the boundary requires, judged dataset by dataset.
pub fn requirements(project: &Project, faults: &Faults) -> Vec<Requirement> {
    let Some(boundary) = &project.boundary else {
        return Vec::new();
    };
    let require = &boundary.require;
    let judged = faults.datasets.iter().flat_map(|one| judge(require, one));
    judged.collect()
}

fn judge(require: &Require, depths: &Depths) -> Vec<Requirement> {
    let requirement = |what: String, message: String, verdict| Requirement {
        dataset: depths.dataset.clone(),
        what,
        message,
        verdict,
    };
    let mut judged = Vec::new();
    if let Some(asked) = require.breach_depth {
        let verdict = at_least(depths.breach_depth, asked, depths.searched_to);
        let found = range(depths.breach_depth, depths.searched_to);
        let message = format!("a breach depth of {asked} is required, and it is {found}");
        judged.push(requirement(
            format!("breach-depth {asked}"),
            message,
            verdict,
        ));
    }
    for (one, other) in &require.disjoint {
        let words = (one.word(), other.word());
        let pair = depths
            .independence
            .iter()
            .find(|pair| pair.layers == words || pair.layers == (words.1, words.0));
        let depth = pair.map_or(Depth::default(), |pair| pair.depth);
        let verdict = at_least(depth, 2, depths.searched_to);
        let message = format!(
            "no single fault may control both {} and {}, and {}",
            words.0,
            words.1,
            match verdict {
                Verdict::Proved => "none does",
                Verdict::Violated => "one does",
                Verdict::Undecided => "whether one does hangs on something unknown",
            }
        );
        let what = format!("disjoint {}, {}", words.0, words.1);
        judged.push(requirement(what, message, verdict));
    }
    judged
}

/// Whether a depth is certainly as large as required, certainly not, or neither.
fn at_least(depth: Depth, required: u32, searched_to: u32) -> Verdict {
    let known = |size: Option<u32>| size.unwrap_or(searched_to.saturating_add(1));
    if depth.must.is_some_and(|must| must < required) {
        return Verdict::Violated;
    }
    match known(depth.may) >= required {
        true => Verdict::Proved,
        false => Verdict::Undecided,
    }
}

/// What an exit code says of an answer: 1 if a requirement is certainly not met, 3 if one is
/// undecided or part of the sources could not be read.
pub fn exit(project: &Project, requirements: &[Requirement]) -> Exit {
    let has = |verdict| requirements.iter().any(|one| one.verdict == verdict);
    let unread = project
        .diagnostics
        .iter()
        .any(|one| one.severity == Severity::Error);
    Exit::from_flags(has(Verdict::Violated), has(Verdict::Undecided) || unread)
}

/// Writes an answer to standard output, and to files in formats of their own.
pub fn show(
    view: &View<'_>,
    project: &Project,
    outputs: &[Output],
    terminal: &Terminal,
) -> Result<(), Failure> {
    terminal.diagnostics(&project.diagnostics, &project.documents);
    for output in outputs {
        let text = written(view, project, output.format, &terminal.without_color())?;
        formats::write(&output.file, &text)?;
    }
    terminal.answer_finished(&written(view, project, terminal.wanted, terminal)?)
}

/// The answer in a format, with pseudonyms if the user asked for them.
fn written(
    view: &View<'_>,
    project: &Project,
    format: Wanted,
    terminal: &Terminal,
) -> Result<String, Failure> {
    let documents = &project.documents;
    let keep = |redaction: Redaction| redaction.for_faults(view.faults);
    let whole = match format {
        Wanted::Text => text::faults(view, documents, terminal.style),
        Wanted::Json => json::faults(view, &project.diagnostics, documents),
        Wanted::Svg => return Ok(svg::faults(view, &|name| terminal.name(name, keep))),
        _ => return Err(formats::refused(format)),
    };
    Ok(terminal.finished(&whole, format, keep).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_met_broken_or_hangs_on_the_unknown() {
        let check = |may, must, required, expected| {
            assert_eq!(at_least(Depth { may, must }, required, 3), expected);
        };
        check(Some(2), Some(2), 2, Verdict::Proved);
        check(Some(1), Some(1), 2, Verdict::Violated);
        check(Some(1), Some(2), 2, Verdict::Undecided);
        check(Some(1), None, 2, Verdict::Undecided);
        check(None, None, 4, Verdict::Proved);
        check(None, None, 5, Verdict::Undecided);
    }
}
