//! Which calls follow from which answers.
//!
//! The table says it (`for_each`); this file only follows it: it sorts the operations of a scope
//! into groups that depend on nothing outside, which can be read side by side, and turns answers
//! into the requests of the operations after them.

use std::collections::BTreeSet;

use cofferdam_sources::{ForEach, Operation, Scope, operations};
use serde_json::Value;

use crate::request::Given;

/// A worklist that feeds itself (units within units) must end even if a server answers in circles.
const REQUESTS_MAX: usize = 1_000_000;

/// Operations that follow from each other, in the order of the table.
pub(crate) type Group = Vec<&'static Operation>;

/// Answers that were read, by operation.
pub(crate) type Answers = Vec<(&'static Operation, Vec<(Given, Value)>)>;

/// The groups of a scope, in the order of the table.
pub(crate) fn groups(scope: Scope) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for row in operations().iter().filter(|row| row.scope == scope) {
        let named = |group: &Group| {
            group.iter().any(|other| {
                row.for_each
                    .iter()
                    .any(|call| call.operation == other.operation)
            })
        };
        let (joined, apart): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(named);
        groups = apart;
        let mut group: Group = joined.into_iter().flatten().collect();
        group.push(row);
        groups.push(group);
    }
    groups
}

/// Whether an operation is one line per call in a snapshot ("What lies where", docs/snapshot.md).
pub(crate) fn has_lines(row: &Operation) -> bool {
    !row.for_each.is_empty()
        || !row.parameters.is_empty()
        || !row.parameters_each.is_empty()
        || !row.absent_codes.is_empty()
}

/// The requests of an operation that are not among those done.
pub(crate) fn requests(
    row: &Operation,
    account: &str,
    answers: &Answers,
    done: &mut BTreeSet<String>,
) -> Vec<Given> {
    let fixed: Given = row
        .parameters
        .iter()
        .map(|(name, json)| (name.to_string(), parameter(json, account)))
        .collect();
    let all = match row.for_each.is_empty() {
        true => each(row, &fixed),
        false => followed(row, &fixed, answers),
    };
    all.into_iter()
        .filter(|given| done.len() < REQUESTS_MAX && done.insert(key(given)))
        .collect()
}

/// A request as text, by which it is known again.
fn key(given: &Given) -> String {
    Value::Object(given.clone()).to_string()
}

fn parameter(json: &str, account: &str) -> Value {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    match value.as_str() {
        Some("${account}") => account.into(),
        _ => value,
    }
}

/// Every value of `parameters_each` is a call; without one there is one call.
fn each(row: &Operation, fixed: &Given) -> Vec<Given> {
    let Some((name, json)) = row.parameters_each.first() else {
        return vec![fixed.clone()];
    };
    let values: Vec<Value> = serde_json::from_str(json).unwrap_or_default();
    let with = |value: Value| {
        let mut given = fixed.clone();
        given.insert(name.to_string(), value);
        given
    };
    values.into_iter().map(with).collect()
}

fn followed(row: &Operation, fixed: &Given, answers: &Answers) -> Vec<Given> {
    let mut found = Vec::new();
    for call in &row.for_each {
        let of_call = answers
            .iter()
            .filter(|(other, _)| other.operation == call.operation);
        for (request, response) in of_call.flat_map(|(_, lines)| lines) {
            for value in items(response, &call.items) {
                found.push(follow(call, request, value, fixed));
            }
        }
    }
    found
}

fn follow(call: &ForEach, request: &Given, value: &Value, fixed: &Given) -> Given {
    let carried = call
        .carry
        .iter()
        .filter_map(|name| Some((name.to_string(), request.get(&**name)?.clone())));
    let mut given: Given = carried.collect();
    let (name, value) = match call.parameter.strip_suffix("[]") {
        Some(name) => (name, Value::Array(vec![value.clone()])),
        None => (&*call.parameter, value.clone()),
    };
    given.insert(name.to_owned(), value);
    given.extend(fixed.clone());
    given
}

/// The values at a path such as `Keys[].KeyId`.
pub(crate) fn items<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in path.split('.') {
        let (name, many) = match step.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (step, false),
        };
        let inner = found.into_iter().filter_map(|item| item.get(name));
        let inner = inner.filter(|item| !item.is_null());
        found = match many {
            true => inner
                .flat_map(|item| item.as_array().into_iter().flatten())
                .collect(),
            false => inner.collect(),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(operation: &str) -> &'static Operation {
        operations()
            .iter()
            .find(|row| *row.operation == *operation)
            .unwrap()
    }

    #[test]
    fn no_group_depends_on_another() {
        for scope in [Scope::Organization, Scope::Account, Scope::Region] {
            for group in groups(scope) {
                let names: Vec<&str> = group.iter().map(|row| &*row.operation).collect();
                for call in group.iter().flat_map(|row| &row.for_each) {
                    assert!(
                        names.contains(&&*call.operation),
                        "{names:?} lacks {}",
                        call.operation
                    );
                }
            }
        }
    }

    fn check(operation: &str, answers: &Answers, expected: Value) {
        let found = requests(named(operation), "1", answers, &mut BTreeSet::new());
        assert_eq!(json!(found), expected, "{operation}");
    }

    #[test]
    fn requests_follow_from_answers() {
        let given = |value: Value| value.as_object().unwrap().clone();
        check("kms.list-keys", &vec![], json!([{}]));
        check(
            "organizations.list-policies",
            &vec![],
            json!([{"Filter": "SERVICE_CONTROL_POLICY"}, {"Filter": "RESOURCE_CONTROL_POLICY"}]),
        );
        check(
            "s3control.list-access-points",
            &vec![],
            json!([{"AccountId": "1"}]),
        );
        let keys = json!({"Keys": [{"KeyId": "a"}, {"KeyId": "b"}]});
        check(
            "kms.get-key-policy",
            &vec![(named("kms.list-keys"), vec![(Given::new(), keys)])],
            json!([{"KeyId": "a", "PolicyName": "default"}, {"KeyId": "b", "PolicyName": "default"}]),
        );
        let services = json!({"serviceArns": ["s"]});
        check(
            "ecs.describe-services",
            &vec![(
                named("ecs.list-services"),
                vec![(given(json!({"cluster": "c"})), services)],
            )],
            json!([{"cluster": "c", "services": ["s"]}]),
        );
    }
}
