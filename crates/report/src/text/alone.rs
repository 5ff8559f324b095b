//! `prove` and `compare` for people: the verdict, the request, the statements underlined.

use cofferdam_findings::alone::{Comparison, Difference, Proof};
use cofferdam_findings::finding::{Reason, Step, Verdict};
use cofferdam_text::Documents;

use crate::layout::Page;
use crate::snippet::underline;
use crate::style::{Style, Tone};

/// The answer to a property asked of one document.
pub fn proof(proof: &Proof, question: &str, documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    match proof.verdict {
        Verdict::Proved => {
            page.hanging(
                0,
                "✓ ",
                Tone::Good,
                &format!("proved: the policy allows no request {question}"),
            );
            if proof.vacuous {
                page.hanging(2, "! ", Tone::Doubt, "vacuous: it allows no request at all");
            }
        }
        Verdict::Violated => {
            page.hanging(
                0,
                "✗ ",
                Tone::Bad,
                &format!("violated: the policy allows a request {question}"),
            );
        }
        Verdict::Undecided => {
            page.hanging(
                0,
                "? ",
                Tone::Doubt,
                &format!("undecided: whether the policy allows a request {question}"),
            );
        }
    }
    for why in &proof.missing {
        page.hanging(2, "? ", Tone::Doubt, why);
    }
    if let Some(step) = &proof.witness {
        request(&mut page, step);
    }
    statements(&mut page, &proof.because, documents, style);
    for assumption in &proof.assumptions {
        page.hanging(
            2,
            "- ",
            Tone::Plain,
            &format!("takes for granted that {assumption}"),
        );
    }
    page.finish()
}

/// What each of two documents allows beyond the other.
pub fn comparison(comparison: &Comparison, documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    let (sign, tone, text) = match comparison.relation() {
        "equivalent" => ("✓ ", Tone::Good, "equivalent: both allow the same requests"),
        "narrower" => (
            "✓ ",
            Tone::Good,
            "narrower: the new policy allows strictly less",
        ),
        "wider" => ("✗ ", Tone::Bad, "wider: the new policy allows more"),
        "incomparable" => (
            "✗ ",
            Tone::Bad,
            "incomparable: each policy allows something that the other does not",
        ),
        _ => ("? ", Tone::Doubt, "undecided"),
    };
    page.hanging(0, sign, tone, text);
    for why in comparison.missing() {
        page.hanging(2, "? ", Tone::Doubt, why);
    }
    for (who, difference) in [("new", &comparison.only_new), ("old", &comparison.only_old)] {
        if let Difference::Some(step, future, because) = difference {
            page.gap();
            page.label(2, &format!("Only the {who} policy allows"));
            request(&mut page, step);
            if *future {
                page.prose(
                    4,
                    Tone::Doubt,
                    "Only an action that AWS may add later shows this.",
                );
            }
            statements(&mut page, because, documents, style);
        }
    }
    page.finish()
}

fn request(page: &mut Page, step: &Step) {
    page.gap();
    page.prose(
        4,
        Tone::Plain,
        &format!(
            "{} calls {} on {}",
            step.principal, step.action, step.resource
        ),
    );
    for (key, values) in &step.context {
        page.prose(
            6,
            Tone::Plain,
            &format!("with {key} = {}", values.join(", ")),
        );
    }
    if let Some(command) = &step.command {
        page.command(4, command);
    }
}

fn statements(page: &mut Page, because: &[Reason], documents: &Documents, style: Style) {
    for reason in because {
        if let Some(origin) = reason.origin {
            let place = documents.place(origin);
            page.gap();
            page.block(4, &underline(&place, "this allows it", style));
        }
    }
}
