//! Policy documents in properties.
//!
//! A value that the template does not tell stays in its place as a hole, so that only this part of
//! its statement is unknown. Where a hole stands for more than a value (a list of statements, a
//! whole condition), what the policy says is not known at all.

use cofferdam_names::deferred;
use cofferdam_org::fact::Known;
use cofferdam_text::{Documents, Node};

use super::eval::is_open;
use super::parts::{Made, below, untold};

/// The document under a path of properties; nothing if there is none.
pub(super) fn read(documents: &mut Documents, made: &Made, path: &str) -> Option<Known<Node>> {
    let node = below(&made.properties, path)?;
    Some(opened(documents, node))
}

/// The document in an evaluated value: an object, or text that holds one.
pub(super) fn opened(documents: &mut Documents, node: &Node) -> Known<Node> {
    if is_open(node) {
        return Known::Unknown(untold(node.as_str().unwrap_or_default()).into());
    }
    let document = match node.as_str() {
        None => node.clone(),
        Some("") => return Known::Absent,
        Some(_) => match documents.read_embedded(node) {
            Ok(document) => document,
            Err(diagnostic) => return Known::Unknown(diagnostic.message.into()),
        },
    };
    match unsound(&document) {
        Some(why) => Known::Unknown(why.into()),
        None => Known::Present(document),
    }
}

/// What of a document is not told, where that is more than a value.
fn unsound(document: &Node) -> Option<String> {
    let statements = document.get("Statement")?;
    let mut statements = statements.items().iter();
    statements.find_map(|statement| {
        hole_itself(statement).or_else(|| {
            let members = statement.as_object()?.iter();
            let mut found = members.map(|member| match &*member.key {
                "Effect" | "Action" | "NotAction" | "Sid" => any_hole(&member.value),
                "Condition" => condition(&member.value),
                _ => None,
            });
            found.find_map(|one| one)
        })
    })
}

/// Operators and keys must be told; their values need not be.
fn condition(node: &Node) -> Option<String> {
    hole_itself(node).or_else(|| {
        let operators = node.as_object()?.iter();
        let mut found = operators.map(|operator| {
            hole_itself(&operator.value).or_else(|| {
                let mut keys = operator.value.as_object()?.iter();
                keys.find(|key| deferred::has_hole(&key.key))
                    .map(|key| untold(&key.key))
            })
        });
        found.find_map(|one| one)
    })
}

fn hole_itself(node: &Node) -> Option<String> {
    is_open(node).then(|| untold(node.as_str().unwrap_or_default()))
}

fn any_hole(node: &Node) -> Option<String> {
    let mut items = node.items().iter();
    items.find_map(|item| {
        let text = item.as_str().filter(|text| deferred::has_hole(text))?;
        Some(untold(text))
    })
}
