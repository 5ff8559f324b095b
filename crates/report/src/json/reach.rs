//! Answers of `who-can` and `can`.

use cofferdam_findings::inventory::Access;
use cofferdam_findings::reach::{Becomes, Can, Reached, WhoCan};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Value, json};

use super::{place, print};

/// Everybody who can do one thing.
pub fn who_can(answer: &WhoCan, diagnostics: &[Diagnostic], documents: &Documents) -> String {
    print(&json!({
        "diagnostics": place::diagnostics(diagnostics, documents),
        "action": answer.action,
        "resource": answer.resource,
        "keys": answer.keys,
        "principals": answer.principals.iter().map(access).collect::<Vec<_>>(),
        "unclear": answer.unclear,
        "notes": answer.notes,
    }))
}

fn access(access: &Access) -> Value {
    json!({
        "principal": access.principal,
        "from": access.from,
        "certain": access.certain,
        "conditions": access.conditions,
    })
}

/// What one principal can do.
pub fn can(answer: &Can, diagnostics: &[Diagnostic], documents: &Documents) -> String {
    print(&json!({
        "diagnostics": place::diagnostics(diagnostics, documents),
        "principal": answer.principal,
        "reaches": answer.things.iter().map(reached).collect::<Vec<_>>(),
        "roles": answer.roles.iter().map(becomes).collect::<Vec<_>>(),
        "unclear": answer.unclear,
    }))
}

fn reached(thing: &Reached) -> Value {
    json!({
        "resource": thing.resource,
        "can": thing.can,
        "from": thing.from,
        "certain": thing.certain,
        "conditions": thing.conditions,
    })
}

fn becomes(role: &Becomes) -> Value {
    json!({
        "role": role.role,
        "through": role.through,
        "from": role.from,
        "certain": role.certain,
        "conditions": role.conditions,
    })
}
