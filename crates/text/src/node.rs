//! The tree that JSON and YAML share.
//!
//! Numbers stay text: AWS compares some of them as strings, account numbers lose zeros as
//! integers, and nothing may be rounded on its way to a report. Members keep their order and the
//! place of their key, because a diagnostic about a misspelled key must underline the key.

use std::sync::Arc;

use crate::origin::Origin;
use crate::print;

/// One value with the place where it was read.
#[derive(Clone, Debug)]
pub struct Node {
    /// What was read.
    pub value: Value,
    /// Where it was read.
    pub origin: Origin,
}

/// What a node holds. Lists are shared, so that a part of an answer can be a fact without a copy.
#[derive(Clone, Debug)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(Box<str>),
    /// A string, decoded.
    String(Box<str>),
    /// Values in order.
    Array(Arc<[Node]>),
    /// Members in the order of the text; no key occurs twice.
    ///
    /// A YAML value with a tag of its own, such as `!Sub text`, is an object with the one member
    /// `!Sub`.
    Object(Arc<[Member]>),
}

/// One key of an object with its value.
#[derive(Clone, Debug)]
pub struct Member {
    /// The key, decoded.
    pub key: Box<str>,
    /// Where the key was read, with its quotes.
    pub key_origin: Origin,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let member = self
            .as_object()?
            .iter()
            .find(|member| &*member.key == key)?;
        Some(&member.value)
    }

    /// The decoded text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if this is `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The number as it was written, if this is one.
    pub fn as_number(&self) -> Option<&str> {
        match &self.value {
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What this is, with its article, for messages: "expected a string, found an array".
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// An array's elements, else this node alone: wherever AWS takes "one or a list".
    pub fn items(&self) -> &[Node] {
        self.as_array().unwrap_or(std::slice::from_ref(self))
    }

    /// The text of a string, a number or a boolean: wherever AWS takes any of them as text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// This tree as JSON on one line, without spaces.
    ///
    /// A YAML number that JSON cannot write, such as `0x1F` or `012`, is printed as a string.
    pub fn to_json(&self) -> String {
        print::compact(self)
    }

    /// This tree as JSON over lines, two spaces a level.
    pub fn to_json_pretty(&self) -> String {
        print::pretty(self, None).text
    }
}
