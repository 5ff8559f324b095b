//! The read operations of AWS as data.
//!
//! One row gives the call, how it follows from other calls, which errors mean "not there", and the
//! permission it needs. A collector executes the rows; the reader takes the absent codes from
//! them; docs and the read-only policy are printed from them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cofferdam_text::{Documents, Node};

const DATA: &str = include_str!("../data/operations.json");

/// One read operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `kms.get-key-policy`, as the CLI and the snapshot's files name it.
    pub operation: Box<str>,
    /// The service of the API, `kms`.
    pub service: Box<str>,
    /// The method of the API, `GetKeyPolicy`.
    pub method: Box<str>,
    /// Where it is called.
    pub scope: Scope,
    /// The Region in which it is called, where only one answers.
    pub at: Option<Box<str>>,
    /// Where the answer holds something in the one Region in which the thing lives; the other
    /// Regions answer that there is none.
    pub seek: Option<Box<str>>,
    /// What it is called for, where it is called more than once: for the results of each of these.
    pub for_each: Vec<ForEach>,
    /// Parameters that are always given, as JSON.
    pub parameters: Vec<(Box<str>, String)>,
    /// Parameters of which each value is a call of its own, as JSON.
    pub parameters_each: Vec<(Box<str>, String)>,
    /// Paths into the answer that are left out of a snapshot, because they may hold secrets.
    pub remove: Vec<Box<str>>,
    /// Error codes which state that the thing is not there ("Errors" on the operation's page of
    /// the service's API reference).
    pub absent_codes: Vec<Box<str>>,
    /// The permission that it needs, `kms:GetKeyPolicy`.
    pub permission: Box<str>,
    /// What it answers, in words.
    pub answers: Box<str>,
    /// The page that documents it.
    pub page: Box<str>,
}

/// How often an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Once, in the management account.
    Organization,
    /// In the management account, for one account and the units above it: only where one dataset is
    /// asked about alone.
    Path,
    /// Once in each account.
    Account,
    /// Once in each Region of each account.
    Region,
}

impl Scope {
    /// Whether it is asked where the organization is administered, and nowhere else.
    pub fn is_organizations(self) -> bool {
        matches!(self, Scope::Organization | Scope::Path)
    }
}

/// The call whose answer gives the arguments.
#[derive(Clone, Debug)]
pub struct ForEach {
    /// The other operation.
    pub operation: Box<str>,
    /// Where its answer has the values, such as `Keys[].KeyId`.
    pub items: Box<str>,
    /// The parameter that takes each value; `names[]` takes it as a list of one.
    pub parameter: Box<str>,
    /// Parameters that are taken over from the other call.
    pub carry: Vec<Box<str>>,
}

/// Every operation, in the order of the table.
pub fn operations() -> &'static [Operation] {
    static TABLE: LazyLock<Vec<Operation>> = LazyLock::new(table);
    &TABLE
}

/// The operation of a name.
pub(crate) fn named(name: &str) -> Option<&'static Operation> {
    static INDEX: LazyLock<BTreeMap<&'static str, &'static Operation>> = LazyLock::new(|| {
        operations()
            .iter()
            .map(|row| (&*row.operation, row))
            .collect()
    });
    INDEX.get(name).copied()
}

/// The table is our own data; a test notices a row that cannot be read.
fn table() -> Vec<Operation> {
    let root = Documents::new().read_json("operations.json", DATA.as_bytes().to_vec());
    let rows = root
        .ok()
        .map(|node| node.items().iter().filter_map(row).collect());
    rows.unwrap_or_default()
}

fn row(node: &Node) -> Option<Operation> {
    Some(Operation {
        operation: text(node, "operation")?,
        service: text(node, "service")?,
        method: text(node, "method")?,
        scope: scope(node.get("scope")?.as_str()?)?,
        at: text(node, "at"),
        seek: text(node, "seek"),
        for_each: for_each(node)?,
        parameters: parameters(node, "parameters"),
        parameters_each: parameters(node, "parameters_each"),
        remove: texts(node, "remove"),
        absent_codes: texts(node, "absent_codes"),
        permission: text(node, "permission").unwrap_or_default(),
        answers: text(node, "answers").unwrap_or_default(),
        page: text(node, "page").unwrap_or_default(),
    })
}

fn for_each(node: &Node) -> Option<Vec<ForEach>> {
    let calls = node.get("for_each").map(Node::items).unwrap_or_default();
    calls.iter().map(source_call).collect()
}

fn source_call(node: &Node) -> Option<ForEach> {
    Some(ForEach {
        operation: text(node, "operation")?,
        items: text(node, "items")?,
        parameter: text(node, "parameter")?,
        carry: texts(node, "carry"),
    })
}

fn scope(text: &str) -> Option<Scope> {
    match text {
        "organization" => Some(Scope::Organization),
        "path" => Some(Scope::Path),
        "account" => Some(Scope::Account),
        "region" => Some(Scope::Region),
        _ => None,
    }
}

fn parameters(node: &Node, key: &str) -> Vec<(Box<str>, String)> {
    let members = node.get(key).and_then(Node::as_object).unwrap_or_default();
    members
        .iter()
        .map(|member| (member.key.clone(), member.value.to_json()))
        .collect()
}

fn text(node: &Node, key: &str) -> Option<Box<str>> {
    node.get(key)?.text().map(Into::into)
}

fn texts(node: &Node, key: &str) -> Vec<Box<str>> {
    let items = node.get(key).map(Node::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.text().map(Into::into))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_can_be_read() {
        let root = Documents::new()
            .read_json("operations.json", DATA.as_bytes().to_vec())
            .unwrap();
        for node in root.items() {
            assert!(row(node).is_some(), "cannot read {}", node.to_json());
        }
    }

    #[test]
    fn what_an_operation_is_called_for_is_in_the_table() {
        for (row, call) in operations()
            .iter()
            .flat_map(|row| row.for_each.iter().map(move |call| (row, call)))
        {
            assert!(
                named(&call.operation).is_some(),
                "{} follows from {}",
                row.operation,
                call.operation
            );
        }
    }

    #[test]
    fn every_answer_that_is_read_has_an_operation() {
        let named_otherwise = [
            "organizations.list-children",
            "dynamodb.list-tags-of-resource",
            "sqs.list-queue-tags",
            "sns.list-tags-for-resource",
            "lambda.list-tags",
            "ecr.list-tags-for-resource",
        ];
        for row in crate::answers::rows().filter(|row| !named_otherwise.contains(&row.operation)) {
            assert!(
                named(row.operation).is_some(),
                "{} is not in the table",
                row.operation
            );
        }
    }
}
