//! Findings about the organization as a whole: one for each prohibition.

use cofferdam_findings::finding::{Finding, Missing, Severity};

use super::{Asked, carried_by, dated, excepted_by, sentence, verdict};
use crate::cause::causes;
use crate::exception::covering;
use crate::file::{Declared, Prohibition};
use crate::obligations::forbidden::{self, ID};
use crate::obligations::{Context, Part};

/// Asks every prohibition.
pub(super) fn ask(context: &Context<'_>) -> Vec<Asked> {
    let declared = context.boundary.forbidden.iter();
    let asked = declared.map(|declared| match declared {
        Declared::Read(prohibition) => {
            let mut part = forbidden::ask(context, prohibition);
            let proofs = std::mem::take(&mut part.answers.proofs);
            (finding(context, About::of(prohibition), part), proofs)
        }
        Declared::Unread(why) => (finding(context, About::default(), unread(why)), Vec::new()),
    });
    asked.collect()
}

/// What a finding says of the prohibition itself.
#[derive(Default)]
struct About<'p> {
    name: Option<&'p str>,
    owner: Option<&'p str>,
}

impl<'p> About<'p> {
    fn of(prohibition: &'p Prohibition) -> About<'p> {
        About {
            name: Some(&prohibition.name),
            owner: prohibition.owner.as_deref(),
        }
    }
}

fn unread(why: &Missing) -> Part {
    let holds = "what a prohibition forbids is refused to everybody".to_owned();
    let mut part = Part {
        broken: holds.clone(),
        holds,
        ..Part::default()
    };
    part.answers.missing.push(why.clone());
    part
}

/// Facts of the catalogue that prohibitions rest on.
const FACTS: &[&str] = &["actions", "rcp_services"];

fn finding(context: &Context<'_>, about: About<'_>, part: Part) -> Finding {
    let id = about
        .name
        .map_or_else(|| ID.to_owned(), |name| format!("{ID}:{name}"));
    let missing = missing(context, &part);
    let verdict = verdict(
        &part.answers,
        &missing,
        !context.boundary.missing.is_empty(),
    );
    let raw = [part.answers.raw.as_slice(), &part.answers.possible].concat();
    let mut found = causes(&id, &raw);
    for cause in &mut found {
        let cover = |name: &String| covering(context.boundary, ID, "", name, context.as_of).by;
        let mut covers = cause.sample.iter().map(cover);
        let first = covers.next().flatten();
        let all = covers.all(|by| by.is_some()) && cause.sample.len() as u64 == cause.principals;
        cause.excepted_by = first.filter(|_| all).map(str::to_owned);
    }
    Finding {
        obligation: ID,
        dataset: None,
        owner: about.owner.map(str::to_owned),
        layer: "organization",
        verdict,
        severity: Severity::High,
        message: sentence(verdict, &part),
        excepted_by: excepted_by(verdict, &found),
        held_by: None,
        causes_complete: !part.answers.cut_short,
        causes: found,
        assumptions: part.assumptions,
        facts: dated(context, FACTS),
        vacuous: part.answers.well_formed == 0,
        kept: false,
        carried_by: carried_by(verdict, &part.answers),
        missing,
        id,
    }
}

fn missing(context: &Context<'_>, part: &Part) -> Vec<Missing> {
    let all = part.answers.missing.iter().chain(&context.boundary.missing);
    let all: std::collections::BTreeSet<Missing> = all.cloned().collect();
    all.into_iter().collect()
}
