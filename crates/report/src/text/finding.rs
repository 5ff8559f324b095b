//! One finding in full: the sentence, each way in with its statements, and what would close it.

use std::collections::BTreeSet;

use cofferdam_findings::finding::{Cause, Finding, Missing, Reason, Step};
use cofferdam_text::{Documents, Origin};

use super::summary::{class, subject};
use crate::layout::{Page, as_sentence, count, length, some_of, tame};
use crate::snippet::{underline, whereabouts};
use crate::style::Tone;

/// Causes of one finding shown in full; the rest are named.
const CAUSES_MAX: usize = 6;
/// Principals named as examples.
const SAMPLE_MAX: usize = 3;

/// Prints findings, showing the text of each statement and each way in once.
pub(super) struct Findings<'a> {
    documents: &'a Documents,
    shown: BTreeSet<Origin>,
    /// Each cause that was shown, with the heading of its finding.
    told: Vec<(&'a Cause, String)>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(documents: &'a Documents) -> Findings<'a> {
        Findings {
            documents,
            shown: BTreeSet::new(),
            told: Vec::new(),
        }
    }

    pub(super) fn violated(&mut self, page: &mut Page, finding: &'a Finding) {
        title(
            page,
            "✗ VIOLATED",
            Tone::Bad,
            finding,
            finding.severity.word(),
        );
        about(page, finding);
        let causes = finding.causes.len();
        for (number, cause) in finding.causes.iter().enumerate().take(CAUSES_MAX) {
            let which = format!("{} of {causes}", number + 1);
            match self.told.iter().find(|(told, _)| is_same_way(told, cause)) {
                Some((_, heading)) => repeated(page, &which, cause, heading),
                None => {
                    self.cause(page, &which, cause);
                    self.told.push((cause, heading(finding)));
                }
            }
        }
        further_causes(page, finding);
    }

    pub(super) fn undecided(&mut self, page: &mut Page, finding: &Finding) {
        title(page, "? UNDECIDED", Tone::Doubt, finding, "");
        about(page, finding);
        if !finding.missing.is_empty() {
            page.gap();
            page.label(2, "To settle it, find out");
        }
        for missing in &finding.missing {
            self.missing(page, missing);
        }
        for cause in finding.causes.iter().take(CAUSES_MAX) {
            self.cause(page, "that may be", cause);
        }
    }

    fn missing(&self, page: &mut Page, missing: &Missing) {
        page.hanging(
            4,
            "? ",
            Tone::Plain,
            &format!("{}: {}", missing.key, missing.why),
        );
        if let Some(origin) = missing.origin {
            let place = whereabouts(&self.documents.place(origin));
            page.hanging(6, "--> ", Tone::Literal, &place);
        }
    }

    fn cause(&mut self, page: &mut Page, which: &str, cause: &Cause) {
        page.gap();
        page.label(2, &format!("Cause {which}: {}", cause.origin));
        page.prose(4, Tone::Plain, &principals(cause));
        if let Some(exception) = &cause.excepted_by {
            page.prose(
                4,
                Tone::Doubt,
                &format!("Covered by exception {exception}."),
            );
        }
        witness(page, &cause.witness.steps);
        self.because(page, &cause.because);
        if !cause.would_fix.is_empty() {
            page.gap();
            page.label(4, "To close it");
            page.prose(6, Tone::Good, &as_sentence(&cause.would_fix));
        }
    }

    fn because(&mut self, page: &mut Page, reasons: &[Reason]) {
        self.because_of(page, reasons, label);
    }

    /// Statements with their text, and under each what it does.
    pub(super) fn because_of(
        &mut self,
        page: &mut Page,
        reasons: &[Reason],
        does: impl Fn(&Reason) -> String,
    ) {
        if reasons.is_empty() {
            return;
        }
        page.gap();
        page.label(4, "Because of");
        for reason in reasons {
            self.reason(page, 6, reason, &does(reason));
        }
    }

    /// The same at a margin of the caller's and without a word before them; those that were shown
    /// are only named.
    pub(super) fn statements(&mut self, page: &mut Page, indent: usize, reasons: &[Reason]) {
        for reason in reasons {
            let shown = |origin: &Origin| self.shown.contains(origin);
            match reason.origin.as_ref().is_some_and(shown) {
                true => {
                    let layer = spaced(reason.layer);
                    let text = format!("{} ({layer}), shown above", sentence(reason));
                    page.prose(indent, Tone::Faint, &text);
                }
                false => self.reason(page, indent, reason, &label(reason)),
            }
        }
    }

    fn reason(&mut self, page: &mut Page, indent: usize, reason: &Reason, does: &str) {
        page.prose(
            indent,
            Tone::Plain,
            &format!("{} ({})", sentence(reason), spaced(reason.layer)),
        );
        let Some(origin) = reason.origin else { return };
        let place = self.documents.place(origin);
        if !self.shown.insert(origin) {
            let place = format!("{} (shown above)", whereabouts(&place));
            return page.hanging(indent + 1, "--> ", Tone::Literal, &place);
        }
        let excerpt = underline(&place, does, page.style);
        page.block(indent, &excerpt);
    }
}

/// Whether two findings are broken by the same request through the same statements.
fn is_same_way(one: &Cause, other: &Cause) -> bool {
    one.because == other.because
        && one.witness == other.witness
        && one.would_fix == other.would_fix
        && one.excepted_by == other.excepted_by
}

fn repeated(page: &mut Page, which: &str, cause: &Cause, heading: &str) {
    page.gap();
    page.label(2, &format!("Cause {which}: {}", cause.origin));
    page.prose(
        4,
        Tone::Plain,
        &format!("The same request as above, under {heading}."),
    );
}

/// `identity.outside-organization  customer-records (read)`.
fn heading(finding: &Finding) -> String {
    let class = class(finding)
        .map(|class| format!(" ({class})"))
        .unwrap_or_default();
    tame(&format!(
        "{}  {}{class}",
        finding.obligation,
        subject(finding)
    ))
}

fn title(page: &mut Page, word: &str, tone: Tone, finding: &Finding, end: &str) {
    let text = heading(finding);
    let used = length(word) + length(&text) + length(end) + 4;
    let rule = "─".repeat(page.style.width.saturating_sub(used).max(2));
    let line = format!(
        "{}  {} {} {}",
        page.style.paint(tone, word),
        page.style.paint(Tone::Strong, &text),
        page.style.paint(Tone::Faint, &rule),
        page.style.paint(tone, end)
    );
    page.gap();
    page.block(0, line.trim_end());
}

fn about(page: &mut Page, finding: &Finding) {
    page.prose(2, Tone::Plain, &as_sentence(&finding.message));
    let mut facts = Vec::new();
    if let Some(owner) = &finding.owner {
        facts.push(format!("owner {owner}"));
    }
    facts.push(format!("finding {}", finding.id));
    page.prose(2, Tone::Faint, &facts.join(", "));
}

fn further_causes(page: &mut Page, finding: &Finding) {
    let further: Vec<String> = finding
        .causes
        .iter()
        .skip(CAUSES_MAX)
        .map(|cause| cause.origin.clone())
        .collect();
    if !further.is_empty() {
        let number = count(further.len() as u64, "more cause", "more causes");
        page.gap();
        page.prose(
            2,
            Tone::Plain,
            &format!("And {number}: {}", some_of(&further, CAUSES_MAX)),
        );
    }
    if !finding.causes_complete {
        page.gap();
        page.prose(
            2,
            Tone::Doubt,
            "There may be further causes: the search stopped at its limit.",
        );
    }
}

fn principals(cause: &Cause) -> String {
    if cause.principals == 0 && cause.sample.is_empty() {
        return String::new();
    }
    let number = count(cause.principals.max(1), "principal", "principals");
    let shown = cause.sample.len().min(SAMPLE_MAX) as u64;
    let such_as = if shown < cause.principals {
        ", such as"
    } else {
        ":"
    };
    match cause.sample.is_empty() {
        true => format!("Lets {number} through."),
        false => format!(
            "Lets {number} through{such_as} {}",
            cause
                .sample
                .iter()
                .take(SAMPLE_MAX)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

/// The request in words, and as a command where there is one.
fn witness(page: &mut Page, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    page.gap();
    page.label(
        4,
        if steps.len() == 1 {
            "This request"
        } else {
            "These requests"
        },
    );
    for (number, step) in steps.iter().enumerate() {
        let mark = if steps.len() == 1 {
            String::new()
        } else {
            format!("{}. ", number + 1)
        };
        request(page, &mark, step);
    }
    let commands: Vec<&str> = steps
        .iter()
        .filter_map(|step| step.command.as_deref())
        .collect();
    for command in &commands {
        page.command(6, command);
    }
}

fn request(page: &mut Page, mark: &str, step: &Step) {
    page.hanging(6, mark, Tone::Strong, &step.principal);
    let indent = 6 + length(mark);
    page.prose(
        indent,
        Tone::Plain,
        &format!("calls {} on {}", step.action, step.resource),
    );
    for (number, (key, values)) in step.context.iter().enumerate() {
        let mark = if number == 0 { "with " } else { "     " };
        page.hanging(
            indent,
            mark,
            Tone::Plain,
            &format!("{key} = {}", listed(values)),
        );
    }
    let note = step
        .note
        .as_ref()
        .map(|note| format!(" ({note})"))
        .unwrap_or_default();
    page.hanging(
        indent,
        "is ",
        Tone::Strong,
        &format!("{}{note}", spaced(step.decision)),
    );
}

fn listed(values: &[String]) -> String {
    match values {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// `statement 2 "Partner" of the bucket policy of acme-records`.
pub(crate) fn sentence(reason: &Reason) -> String {
    match (reason.statement, &reason.sid) {
        (Some(number), Some(sid)) => format!("statement {number} \"{sid}\" of {}", reason.document),
        (Some(number), None) => format!("statement {number} of {}", reason.document),
        (None, _) => reason.document.clone(),
    }
}

fn label(reason: &Reason) -> String {
    match reason.effect.as_str() {
        "Allow" => "this allows it".to_owned(),
        "Deny" => "this denies, but not this request".to_owned(),
        other => other.to_owned(),
    }
}

/// `permissions_boundary` as people write it.
pub(crate) fn spaced(id: &str) -> String {
    id.replace('_', " ")
}
