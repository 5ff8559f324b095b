//! A record as it lies in its text, without a copy of what has no escapes.
//!
//! Logs are read by the million and thrown away, so unlike every other document a record keeps no
//! places but that of its own beginning: a tree with the place of each member takes five times as
//! long to make. What is shown of an event names its file and the offset of its record.

use std::borrow::Cow;
use std::fmt;

use cofferdam_text::Node;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// One value of a record. Of two members with one name the first counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A string, or a number as text.
    Text(Cow<'a, str>),
    /// Values in order.
    List(Vec<Value<'a>>),
    /// Members in order.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// Reads one record; `None` if the text is no JSON, or is nested deeper than any record is.
    pub fn parse(text: &'a [u8]) -> Option<Value<'a>> {
        serde_json::from_slice(text).ok()
    }

    /// The same of a document that keeps its places.
    pub fn of(node: &'a Node) -> Value<'a> {
        if let Some(members) = node.as_object() {
            let members = members.iter();
            return Value::Object(
                members
                    .map(|member| (Cow::from(&*member.key), Value::of(&member.value)))
                    .collect(),
            );
        }
        if let Some(items) = node.as_array() {
            return Value::List(items.iter().map(Value::of).collect());
        }
        match (node.as_bool(), node.text()) {
            (Some(truth), _) => Value::Bool(truth),
            (_, Some(text)) => Value::Text(text.into()),
            _ => Value::Null,
        }
    }

    /// A member by its name.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// A member by its path, with dots.
    pub fn at(&self, path: &str) -> Option<&Value<'a>> {
        path.split('.')
            .try_fold(self, |value, name| value.get(name))
    }

    /// The text of a string, a number or a truth value.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    /// The text at a path; an empty one says nothing.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path)
            .and_then(Value::text)
            .filter(|text| !text.is_empty())
    }

    /// The members of an object, in order.
    pub fn members(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        match self {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The values of a list, else this one alone; of nothing, none.
    pub fn items(&self) -> &[Value<'a>] {
        match self {
            Value::List(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Value<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Text(number.to_string().into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Text(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Text(number.to_string().into()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(key), value)) = map.next_entry()? {
            members.push((key, value));
        }
        Ok(Value::Object(members))
    }
}

/// The name of a member, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Text(text) => Ok(Name(text)),
            _ => Ok(Name(Cow::Borrowed(""))),
        }
    }
}
