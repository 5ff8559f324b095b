//! Answers of `explain`.

use cofferdam_findings::story::{AwsSaid, Change, Story, Told};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Value, json};

use super::{place, print};

/// One story after the other.
pub fn stories(list: &[Story], diagnostics: &[Diagnostic], documents: &Documents) -> String {
    print(&json!({
        "diagnostics": place::diagnostics(diagnostics, documents),
        "stories": list.iter().map(|one| story(one, documents)).collect::<Vec<_>>(),
    }))
}

fn story(story: &Story, documents: &Documents) -> Value {
    let missing = story
        .missing
        .iter()
        .map(|one| json!({"key": one.key, "why": one.why}));
    json!({
        "title": story.title,
        "decision": story.decision,
        "aws": story.aws.as_ref().map(aws),
        "requests": story.requests.iter().map(|one| told(one, documents)).collect::<Vec<_>>(),
        "changes": story.changes.iter().map(change).collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "notes": story.notes,
    })
}

fn aws(said: &AwsSaid) -> Value {
    json!({"said": said.words, "policy": said.policy, "agrees": said.agrees, "why": said.why})
}

fn told(told: &Told, documents: &Documents) -> Value {
    let layers = told
        .layers
        .iter()
        .map(|one| json!({"layer": one.layer, "target": one.target, "outcome": one.outcome}));
    let places = told
        .places
        .iter()
        .map(|(from, decision)| json!({"from": from, "decision": decision}));
    json!({
        "what": told.what,
        "request": place::step(&told.step),
        "from": told.from,
        "decision_there": told.there,
        "places": places.collect::<Vec<_>>(),
        "layers": layers.collect::<Vec<_>>(),
        "because": told.because.iter().map(|one| place::reason(one, documents)).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    json!({
        "yours": change.yours,
        "owner": change.owner,
        "layer": change.layer,
        "what": change.what,
    })
}
