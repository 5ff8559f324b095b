//! Attacks as stories: who does what on what, why that works, who permits it, what is gained.

use cofferdam_findings::faults::AttackStep;
use cofferdam_text::Documents;

use super::super::finding::Findings;
use crate::layout::{Page, as_sentence, length};
use crate::style::Tone;

/// Tells attacks, and each step in full only once.
pub(super) struct Attacks<'a> {
    findings: Findings<'a>,
    told: Vec<&'a AttackStep>,
}

impl<'a> Attacks<'a> {
    pub(super) fn new(documents: &'a Documents) -> Attacks<'a> {
        Attacks {
            findings: Findings::new(documents),
            told: Vec::new(),
        }
    }

    /// The numbered steps.
    pub(super) fn tell(&mut self, page: &mut Page, indent: usize, steps: &'a [AttackStep]) {
        for (number, step) in steps.iter().enumerate() {
            let mark = format!("{}. ", number + 1);
            let margin = indent + length(&mark);
            let told = self.told.contains(&step);
            page.hanging(indent, &mark, Tone::Plain, &deed(step, told));
            if !told {
                self.details(page, margin, step);
                self.told.push(step);
            }
        }
    }

    fn details(&mut self, page: &mut Page, indent: usize, step: &AttackStep) {
        page.prose(indent, Tone::Faint, &as_sentence(&step.why));
        if step.possible {
            let text = match step.missing.is_empty() {
                true => "whether it can do so hangs on something unknown".to_owned(),
                false => format!(
                    "whether it can do so is not certain: {}",
                    step.missing.join("; ")
                ),
            };
            page.hanging(indent, "? ", Tone::Doubt, &text);
        }
        if !step.gains.is_empty() {
            page.hanging(indent, "→ ", Tone::Strong, &step.gains);
        }
        self.findings.statements(page, indent, &step.because);
        let commands = step
            .requests
            .iter()
            .filter_map(|request| request.command.as_deref());
        commands.for_each(|command| page.command(indent, command));
    }
}

/// `ARN uses iam:PutRolePolicy on ARN  [B02]`.
fn deed(step: &AttackStep, told: bool) -> String {
    let AttackStep {
        principal,
        on,
        edge,
        ..
    } = step;
    let on = match on.is_empty() {
        true => String::new(),
        false => format!(" on {on}"),
    };
    let told = if told { ", as told above" } else { "" };
    format!(
        "{principal} {} {}{on} [{edge}]{told}",
        if step.possible { "may use" } else { "uses" },
        step.actions.join(" + ")
    )
}
