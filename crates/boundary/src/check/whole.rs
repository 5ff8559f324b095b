//! Findings about the organization as a whole: one for each prohibition.

use std::collections::BTreeSet;

use cofferdam_findings::finding::{Finding, Missing, Severity};

use super::{Asked, carried_by, dated, excepted, excepted_by, sentence, verdict};
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
            (finding(context, Some(prohibition), part), proofs)
        }
        Declared::Unread(why) => (finding(context, None, unread(why)), Vec::new()),
    });
    asked.collect()
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

/// What was found about a prohibition; none, if it could not be read.
fn finding(context: &Context<'_>, about: Option<&Prohibition>, part: Part) -> Finding {
    let named = |prohibition: &Prohibition| format!("{ID}:{}", prohibition.name);
    let id = about.map_or_else(|| ID.to_owned(), named);
    let missing = missing(context, &part);
    let verdict = verdict(
        &part.answers,
        &missing,
        !context.boundary.missing.is_empty(),
    );
    let found = excepted(context, (ID, ""), &id, verdict, &part.answers);
    Finding {
        obligation: ID,
        dataset: None,
        owner: about.and_then(|prohibition| prohibition.owner.clone()),
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
    let all: BTreeSet<Missing> = all.cloned().collect();
    all.into_iter().collect()
}
