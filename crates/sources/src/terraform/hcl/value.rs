//! Values of expressions. What is not known is a text with a hole.

use cofferdam_names::deferred;
use cofferdam_text::{Node, Value as Tree};

/// A value of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    /// May hold holes; one hole alone may stand for a value of any type.
    Text(String),
    List(Vec<Value>),
    /// In the order of the keys, as the language has it.
    Map(Vec<(String, Value)>),
    /// An instance of a resource or a data source, by its place in the plan.
    Instance(usize),
}

impl Value {
    /// A value that is not known, by what it is called.
    pub fn unknown(of: &str) -> Value {
        Value::Text(deferred::open(of))
    }

    /// Whether nothing of it is known.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Text(text) if super::is_open(text))
    }

    /// Whether a part of it is not known.
    pub fn has_hole(&self) -> bool {
        match self {
            Value::Text(text) => deferred::has_hole(text),
            Value::List(items) => items.iter().any(Value::has_hole),
            Value::Map(members) => members.iter().any(|(_, value)| value.has_hole()),
            Value::Instance(_) => true,
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    /// The value as text, where the language makes one of it.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Text(text) | Value::Number(text) => Some(text.clone()),
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) | Value::Instance(_) => None,
        }
    }

    /// A value of a plan.
    pub fn of(node: &Node) -> Value {
        match &node.value {
            Tree::Null => Value::Null,
            Tree::Bool(truth) => Value::Bool(*truth),
            Tree::Number(text) => Value::Number(text.to_string()),
            Tree::String(text) => Value::Text(text.to_string()),
            Tree::Array(items) => Value::List(items.iter().map(Value::of).collect()),
            Tree::Object(members) => {
                let members = members.iter();
                Value::map(
                    members
                        .map(|one| (one.key.to_string(), Value::of(&one.value)))
                        .collect(),
                )
            }
        }
    }

    /// A map in the order of its keys.
    pub fn map(mut members: Vec<(String, Value)>) -> Value {
        members.sort_by(|a, b| a.0.cmp(&b.0));
        Value::Map(members)
    }

    /// The member or element of a key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(members) => {
                let found = members.iter().find(|(name, _)| name == key);
                found.map(|(_, value)| value)
            }
            Value::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// As `jsonencode` writes it.
    pub fn json(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(truth) => truth.to_string(),
            Value::Number(text) => text.clone(),
            Value::Text(text) => quoted(text),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Value::json).collect();
                format!("[{}]", items.join(","))
            }
            Value::Map(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{}:{}", quoted(key), value.json()))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            Value::Instance(_) => quoted(&deferred::open("a whole resource")),
        }
    }
}

/// A string of JSON.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            sign if sign.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(sign))),
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}
