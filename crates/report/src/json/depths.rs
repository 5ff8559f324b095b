//! Certificates of depths as they are written; the reader is the checker's.

use cofferdam_findings::depths::{
    Attack, AttackStep, Bounds, Certificate, Claim, Closed, Cover, Exit, FORMAT, KIND, Sent,
};
use serde_json::{Map, Value, json};

use super::print;

/// A certificate, with what else is said of where it comes from.
pub fn depths(certificate: &Certificate, about: Map<String, Value>) -> String {
    let mut members = Map::new();
    members.insert("kind".into(), json!(KIND));
    members.insert("format".into(), json!(FORMAT.parse::<u32>().ok()));
    members.extend(about);
    members.insert("edges_sha256".into(), json!(certificate.edges));
    members.insert("faults".into(), json!(certificate.faults));
    members.insert("datasets".into(), list(&certificate.datasets, bounds));
    print(&Value::Object(members))
}

fn list<T>(items: &[T], one: impl Fn(&T) -> Value) -> Value {
    items.iter().map(one).collect()
}

fn bounds(bounds: &Bounds) -> Value {
    json!({
        "dataset": bounds.dataset,
        "searched_to": bounds.searched_to,
        "claims": list(&bounds.claims, claim),
        "at_most": list(&bounds.upper, attack),
        "at_least": list(&bounds.lower, cover),
        "unwritten": bounds.unwritten,
    })
}

fn claim(claim: &Claim) -> Value {
    json!({"of": claim.of.word(), "at_least": claim.at_least, "at_most": claim.at_most})
}

fn attack(attack: &Attack) -> Value {
    json!({
        "of": attack.of.word(),
        "faults": attack.faults,
        "steps": list(&attack.steps, step),
        "exit": exit(&attack.exit),
        "defeats": attack.defeats,
    })
}

fn step(step: &AttackStep) -> Value {
    json!({
        "edge": step.edge,
        "by": step.by,
        "on": step.on,
        "gains": step.gains,
        "requests": list(&step.requests, sent),
    })
}

fn exit(exit: &Exit) -> Value {
    json!({
        "reader": exit.reader,
        "store": exit.store,
        "door": exit.door,
        "requests": list(&exit.requests, sent),
    })
}

fn sent(sent: &Sent) -> Value {
    let context = sent.context.iter();
    let context: Map<String, Value> = context
        .map(|(key, values)| (key.clone(), json!(values)))
        .collect();
    json!({
        "principal": sent.principal,
        "action": sent.action,
        "resource": sent.resource,
        "context": context,
        "through": sent.through,
    })
}

fn cover(cover: &Cover) -> Value {
    json!({
        "of": cover.of.word(),
        "depth": cover.at_least,
        "states": list(&cover.states, closed),
    })
}

fn closed(closed: &Closed) -> Value {
    json!({"faults": closed.faults, "holds": closed.holds})
}
