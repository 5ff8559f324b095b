//! The answer of `check` as JUnit's XML, which every continuous integration shows as a list of tests.
//!
//! A dataset is a suite and each finding a test: proved passes, violated fails, undecided is an
//! error, and what an exception covers is skipped, with the exception's id.

use std::collections::BTreeMap;

use cofferdam_findings::finding::{Answer, Finding, Verdict};
use cofferdam_text::Documents;

use crate::baseline::Baseline;
use crate::issue::{Issue, by_finding};
use crate::snippet::whereabouts;

/// The whole answer. With a baseline, what it knows is skipped.
pub fn check(answer: &Answer, documents: &Documents, baseline: Option<&Baseline>) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cofferdam\">\n",
    );
    for (suite, tests) in suites(answer, documents, baseline) {
        text.push_str(&printed(suite, &tests));
    }
    text.push_str("</testsuites>\n");
    text
}

/// The tests of each dataset, in the order in which datasets first appear.
fn suites<'a>(
    answer: &'a Answer,
    documents: &Documents,
    baseline: Option<&Baseline>,
) -> Vec<(&'a str, Vec<Test<'a>>)> {
    let mut suites: Vec<(&str, Vec<Test<'_>>)> = Vec::new();
    let mut places = BTreeMap::new();
    for (finding, issues) in by_finding(answer, documents, baseline) {
        let place = *places.entry(name(finding)).or_insert(suites.len());
        if place == suites.len() {
            suites.push((name(finding), Vec::new()));
        }
        if let Some((_, tests)) = suites.get_mut(place) {
            tests.push(Test::of(finding, issues));
        }
    }
    suites
}

fn name(finding: &Finding) -> &str {
    finding.dataset.as_deref().unwrap_or("organization")
}

struct Test<'a> {
    finding: &'a Finding,
    issues: Vec<Issue<'a>>,
    outcome: Outcome,
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped(String),
}

impl<'a> Test<'a> {
    fn of(finding: &'a Finding, issues: Vec<Issue<'a>>) -> Test<'a> {
        let counting = issues.iter().filter(|issue| issue.counts());
        let outcome = match finding.verdict {
            Verdict::Proved => Outcome::Passed,
            Verdict::Undecided => Outcome::Error,
            Verdict::Violated if counting.clone().any(|issue| issue.new != Some(false)) => {
                Outcome::Failed
            }
            Verdict::Violated if counting.count() > 0 => {
                Outcome::Skipped("known from the baseline".to_owned())
            }
            Verdict::Violated => {
                let exception = issues.iter().find_map(|issue| issue.excepted);
                Outcome::Skipped(format!(
                    "covered by exception {}",
                    exception.unwrap_or_default()
                ))
            }
        };
        Test {
            finding,
            issues,
            outcome,
        }
    }

    fn printed(&self) -> String {
        let head = format!(
            "    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
            escaped(self.finding.obligation),
            escaped(&self.finding.id)
        );
        let message = escaped(&self.finding.message);
        let severity = self.finding.severity.word();
        let inside = match &self.outcome {
            Outcome::Passed => return format!("{head}/>\n"),
            Outcome::Skipped(why) => format!("<skipped message=\"{}\"/>", escaped(why)),
            Outcome::Failed => format!(
                "<failure type=\"{severity}\" message=\"{message}\">{}</failure>",
                escaped(&self.story())
            ),
            Outcome::Error => format!(
                "<error type=\"undecided\" message=\"{message}\">{}</error>",
                escaped(&self.story())
            ),
        };
        format!("{head}>\n      {inside}\n    </testcase>\n")
    }

    fn story(&self) -> String {
        let mut lines = Vec::new();
        for issue in &self.issues {
            lines.push(issue.story());
            for (what, place) in &issue.places {
                lines.push(format!("  {}: {what}", whereabouts(place)));
            }
        }
        lines.join("\n")
    }
}

fn printed(suite: &str, tests: &[Test<'_>]) -> String {
    let number = |wanted: &dyn Fn(&Outcome) -> bool| {
        tests.iter().filter(|test| wanted(&test.outcome)).count()
    };
    let mut text = format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"0\">\n",
        escaped(suite),
        tests.len(),
        number(&|outcome| *outcome == Outcome::Failed),
        number(&|outcome| *outcome == Outcome::Error),
        number(&|outcome| matches!(outcome, Outcome::Skipped(_))),
    );
    tests.iter().for_each(|test| text.push_str(&test.printed()));
    text.push_str("  </testsuite>\n");
    text
}

/// Text in XML; characters that XML cannot hold become a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ if character.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}
