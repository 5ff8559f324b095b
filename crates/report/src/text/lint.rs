//! `lint` for people: each remark with its text underlined, and what to do.

use cofferdam_findings::lint::{Linted, Lints, Remark};
use cofferdam_text::{Documents, Origin, Severity};

use crate::layout::{Page, count};
use crate::snippet::{underline, whereabouts};
use crate::style::{Style, Tone};

/// Remarks of one policy shown in full; the rest are counted: a policy that is wrong everywhere is
/// wrong for one reason.
const SHOWN_MAX: usize = 40;

/// Policy by policy, then the numbers.
pub fn lints(lints: &Lints, documents: &Documents, style: Style) -> String {
    let mut page = Page::new(style);
    for policy in &lints.policies {
        of_policy(&mut page, policy, documents);
    }
    for missing in &lints.unread {
        page.gap();
        let text = format!("{} is not read: {}", missing.key, missing.why);
        page.hanging(0, "? ", Tone::Doubt, &text);
        if let Some(origin) = missing.origin {
            let place = whereabouts(&documents.place(origin));
            page.hanging(2, "--> ", Tone::Literal, &place);
        }
    }
    page.gap();
    summary(&mut page, lints);
    page.finish()
}

fn of_policy(page: &mut Page, policy: &Linted, documents: &Documents) {
    if policy.remarks.is_empty() {
        return;
    }
    page.gap();
    let guessed = if policy.guessed { ", guessed" } else { "" };
    page.label(0, &format!("{} ({}{guessed})", policy.name, policy.kind));
    for remark in policy.remarks.iter().take(SHOWN_MAX) {
        of_remark(page, remark, policy.origin, documents);
    }
    if let Some(more) = policy.remarks.len().checked_sub(SHOWN_MAX + 1) {
        let more = count(more as u64 + 1, "remark more", "remarks more");
        page.prose(
            2,
            Tone::Doubt,
            &format!("{more}; `--format json` lists all"),
        );
    }
}

fn of_remark(page: &mut Page, remark: &Remark, document: Origin, documents: &Documents) {
    let diagnostic = &remark.diagnostic;
    let (mark, tone) = match diagnostic.severity {
        Severity::Error => ("✗ ", Tone::Bad),
        Severity::Warning => ("! ", Tone::Doubt),
    };
    page.gap();
    let text = format!("{} [{}]", diagnostic.message, remark.rule);
    page.hanging(2, mark, tone, &text);
    if let Some(origin) = diagnostic.origin {
        let place = documents.place(origin);
        match diagnostic.origin == Some(document) {
            // The whole document as its own excerpt says nothing.
            true => page.hanging(4, "--> ", Tone::Literal, &whereabouts(&place)),
            false => page.block(4, &underline(&place, "", page.style)),
        }
    }
    if let Some(help) = &diagnostic.help {
        page.hanging(4, "help: ", Tone::Good, help);
    }
}

fn summary(page: &mut Page, lints: &Lints) {
    let (errors, warnings) = (lints.count(Severity::Error), lints.count(Severity::Warning));
    let policies = count(lints.policies.len() as u64, "policy", "policies");
    let (mark, tone) = match (errors, lints.unread.len()) {
        (0, 0) => ("✓ ", Tone::Good),
        (0, _) => ("? ", Tone::Doubt),
        _ => ("✗ ", Tone::Bad),
    };
    let mut text = format!(
        "{policies} read: {}, {}",
        count(errors as u64, "error", "errors"),
        count(warnings as u64, "warning", "warnings")
    );
    if !lints.unread.is_empty() {
        text.push_str(&format!("; {} not read", lints.unread.len()));
    }
    if lints.left_out > 0 {
        let own = count(lints.left_out as u64, "policy", "policies");
        text.push_str(&format!("; {own} of AWS itself left out"));
    }
    page.hanging(0, mark, tone, &text);
}
