//! What the fuzz targets share: changes to JSON, and an answer as a report takes it.

pub mod mutate;

use cofferdam_authz::case::{self, Case};
use cofferdam_authz::trace::Determining as Said;
use cofferdam_report::decision::{
    CaseError, Decided, Decision, Determining, LayerOutcome, MissingFact, Split,
};
use cofferdam_sources::case::{Malformed, ReadCase, place};
use cofferdam_text::{Diagnostic, Documents, Origin};

/// A case decided, or the reason why it cannot be, with what is said about its policies.
pub fn decided(
    read: Result<ReadCase, Malformed>,
    documents: &Documents,
) -> (Decided, Vec<Diagnostic>) {
    match read {
        Ok(read) => (answered(&read.case, documents), read.diagnostics),
        Err(malformed) => (refused(malformed, documents), Vec::new()),
    }
}

fn refused(malformed: Malformed, documents: &Documents) -> Decided {
    let located = documents.locate(*malformed.diagnostic);
    Decided {
        name: malformed.name,
        outcome: Err(CaseError {
            file: located.file,
            line: located.line,
            message: located.message,
        }),
    }
}

fn answered(case: &Case, documents: &Documents) -> Decided {
    let answer = case::decide(case);
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
    let determining = answer.determining.into_iter();
    Decided {
        name: answer.name,
        outcome: Ok(Decision {
            decision: answer.outcome.word(),
            layers: layers.collect(),
            determining: determining
                .map(|one| shown(one, case.origin, documents))
                .collect(),
            missing: missing.collect(),
            residual: answer.residual,
            split: split.collect(),
            expected: answer.expected.map(|expected| expected.word().to_owned()),
        }),
    }
}

fn shown(said: Said, case: Option<Origin>, documents: &Documents) -> Determining {
    let at = case
        .zip(said.origin)
        .map(|(case, at)| place(documents, case, at));
    let (pointer, line) = at.unzip();
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
