//! Inventory rows (contracts, section 4, `inventory`).

use cofferdam_findings::inventory::{Access, DataEvents, Row};
use cofferdam_text::{Diagnostic, Documents};
use serde_json::{Value, json};

use super::{place, print};

/// The rows as a list of their own, for `inventory` and `look`.
pub fn inventory(list: &[Row], diagnostics: &[Diagnostic], documents: &Documents) -> String {
    print(&json!({
        "diagnostics": place::diagnostics(diagnostics, documents),
        "inventory": rows(list, documents),
    }))
}

pub(super) fn rows(list: &[Row], documents: &Documents) -> Vec<Value> {
    list.iter().map(|one| row(one, documents)).collect()
}

fn row(row: &Row, documents: &Documents) -> Value {
    let policy = row
        .resource_policy
        .as_ref()
        .map(|reason| place::reason(reason, documents));
    json!({
        "dataset": row.dataset,
        "resource": row.resource,
        "principals": row.principals.iter().map(access).collect::<Vec<_>>(),
        "networks": row.networks,
        "endpoints": row.endpoints,
        "keys": row.keys,
        "resource_policy": policy,
        "data_events": events(&row.data_events),
        "encryption_key_checked_against": checked_against(row),
        "gaps": row.gaps,
    })
}

/// A closed set, also for a row that nobody filled in.
fn checked_against(row: &Row) -> &'static str {
    match row.encryption_key_checked_against {
        "" => "none",
        word => word,
    }
}

fn access(access: &Access) -> Value {
    json!({
        "principal": access.principal,
        "can": access.can,
        "from": access.from,
        "approved": access.approved,
        "certain": access.certain,
        "conditions": access.conditions,
    })
}

fn events(events: &DataEvents) -> Value {
    json!({
        "read": events.read,
        "write": events.write,
        "trails": events.trails,
        "archives": events.archives,
    })
}
