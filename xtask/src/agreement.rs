//! How often the sources agree with AWS: `cargo xtask agreement` writes `docs/agreement.md` from the
//! events that the project may publish, `cargo xtask agreement EVENTS SOURCE` prints the same of others.
//!
//! A rate is only as good as its events. Those of the project are written by hand from AWS's
//! documentation, so the page says what they can show and what they cannot. What somebody runs it over
//! himself is printed and never written, since logs are nobody else's business.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::Value;

/// The events of the project, what they are, and over which sources they are decided.
const OWN: [(&str, &str, &str); 2] = [
    (
        "xtask/agreement/documented.json",
        "examples/acme",
        "One record for each form of answer that *Troubleshoot access denied error messages* documents, \
         and for each approved path of the example. Which answer AWS gives follows from its \
         documentation; no AWS account was asked.",
    ),
    (
        "xtask/agreement/doubtful.json",
        "examples/acme",
        "Records whose answer is not what the sources say, on purpose: a replay must find each, or say \
         what it does not know.",
    ),
];

const PAGE: &str = "docs/agreement.md";

/// Runs it.
///
/// # Errors
/// When the program cannot be run or answers no JSON, or the page cannot be written.
pub fn run(arguments: &[String]) -> Result<(), String> {
    match arguments {
        [] => {
            let mut page = HEAD.to_owned();
            for (events, source, about) in OWN {
                section(&mut page, events, source, about)?;
            }
            page.push_str(TAIL);
            fs::write(PAGE, page).map_err(|error| format!("{PAGE} could not be written: {error}"))
        }
        [events, source] => {
            let mut page = String::new();
            section(&mut page, events, source, "As given.")?;
            print!("{page}");
            Ok(())
        }
        _ => Err("give nothing, or EVENTS and SOURCE".to_owned()),
    }
}

const HEAD: &str = "\
<!-- Made by `cargo xtask agreement`. -->

# How often Cofferdam agrees with AWS

Cofferdam decides requests by what AWS documents. Whether AWS itself decides so can only be seen from its
own answers: events of CloudTrail together with the policies that were in force. **No public set of both
is known to us.** Published logs come without their policies (the test data of log tools, of attack
ranges and of detection rules among them), and published policies without logs. So this page can not
say how often Cofferdam agrees with AWS; it says what was tried instead, and how to find the rate for an
organization of your own:

```sh
cofferdam replay AWSLogs/ snapshot/          # your rate, with each disagreement
cargo xtask agreement AWSLogs/ snapshot/     # the same in the form of this page, printed
```

";

const TAIL: &str = "\
## What came of it

Writing the first set found one error of Cofferdam's: `sts:GetCallerIdentity` needs no permission, and no
policy can refuse it, but over an organization it was decided like any other action. It is now one rule
of the decision (`crates/authz/src/free.rs`), and a replay counts it as no decision.

The example's own probes were sent to an emulator, recorded and replayed ([replay](replay.md#the-examples-own-probes)).
Its answers are not AWS's, so they are no part of these rates.

## What this cannot show

The records above were written by the same hands that wrote the decision, from the same pages. Where a page
is wrong, or was misread, both are wrong alike. The corpora of cases (`crates/authz/tests/cases`), each
with the title of the page it is from, and the naive evaluator that shares no code with the product
guard against misreading; only events of AWS's guard against the rest. Whoever runs a replay and finds
a disagreement that no change of the configuration explains has found either an error of Cofferdam's
or one of AWS's pages, and both are worth a report.
";

fn section(page: &mut String, events: &str, source: &str, about: &str) -> Result<(), String> {
    let answer = replay(events, source)?;
    let summary = answer.get("summary").unwrap_or(&Value::Null);
    let number = |name: &str| {
        summary
            .get(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let (agrees, disagrees) = (number("agrees"), number("disagrees"));
    let mut add = |text: String| {
        let _ = writeln!(page, "{text}");
    };
    add(format!("## {events}\n\n{about}\n"));
    add(format!(
        "Of {} records {} were decided: {agrees} agree, {disagrees} disagree. {} could not be decided.\n",
        number("records"),
        agrees + disagrees,
        number("cannot_decide"),
    ));
    add("| service | class | AWS said | agree | disagree | cannot decide |\n|---|---|---|---|---|---|".to_owned());
    for row in list(&answer, "classes") {
        let text = |name: &str| text(row, name);
        let number = |name: &str| row.get(name).and_then(Value::as_u64).unwrap_or_default();
        add(format!(
            "| {} | {} | {} | {} | {} | {} |",
            text("service"),
            text("class"),
            text("aws"),
            number("agrees"),
            number("disagrees"),
            number("cannot_decide")
        ));
    }
    add(String::new());
    for one in list(&answer, "disagreements") {
        let first = one.get("first").unwrap_or(&Value::Null);
        add(format!(
            "- **Disagrees**: {} calls {}. AWS: {}. Sources: {}. {}. Look at {}.",
            text(first, "principal"),
            text(first, "action"),
            text(one, "aws"),
            text(one, "decision").replace('_', " "),
            capital(&text(one, "why")),
            text(one, "look_at"),
        ));
    }
    for one in list(&answer, "cannot_decide") {
        let events = one
            .get("events")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        add(format!("- Cannot decide {events}: {}.", text(one, "why")));
    }
    for one in list(&answer, "no_decision") {
        let events = one
            .get("events")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        add(format!(
            "- No decision of AWS's, {events}: {}.",
            text(one, "why")
        ));
    }
    add(String::new());
    Ok(())
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    let found = answer.get(name).and_then(Value::as_array);
    found.map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    let found = value.get(name).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// Exit codes 1 and 3 are answers too.
fn replay(events: &str, source: &str) -> Result<Value, String> {
    let output = Command::new("cargo")
        .args(["run", "--quiet", "--package", "cofferdam-cli", "--"])
        .args(["replay", "--events", events, source])
        .args(["--format", "json", "--without-proofs"])
        .output()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("`cofferdam replay {events} {source}` gave no answer: {said}")
    })
}
