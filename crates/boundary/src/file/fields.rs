//! Objects with known fields: what may be written where, as data.
//!
//! A [`Shape`] says which fields an object has and what one looks like; the reader checks it once
//! and every message takes its advice from it, so that no message can disagree with the shape.

use cofferdam_text::{Diagnostic, Node, Origin};

use super::log::{Log, shown};

/// Bytes of one name or reason: longer ones are not written by people, and would fill reports.
const TEXT_BYTES_MAX: usize = 1024;

/// Elements of one list; an organization has fewer accounts, datasets and principals than this.
const LIST_MAX: usize = 100_000;

/// What an object may hold.
pub(super) struct Shape {
    /// What it is, with its article: `a dataset`.
    pub(super) what: &'static str,
    /// The fields that are read.
    pub(super) fields: &'static [&'static str],
    /// The fields that are kept and not yet asked.
    pub(super) reserved: &'static [&'static str],
    /// One as people write it.
    pub(super) example: &'static str,
    /// Whether an unknown field is an error: in what lifts or assumes something, a misspelled
    /// field would make it lift more.
    pub(super) strict: bool,
}

/// An object that was checked against its shape.
#[derive(Clone, Copy)]
pub(super) struct Fields<'n> {
    pub(super) shape: &'static Shape,
    node: &'n Node,
}

impl<'n> Fields<'n> {
    /// The value of a field, unless it is left out or empty.
    pub(super) fn get(&self, field: &str) -> Option<&'n Node> {
        self.node.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn origin(&self) -> Origin {
        self.node.origin
    }

    /// The reserved fields that were written, with their values.
    pub(super) fn reserved(&self) -> impl Iterator<Item = (&'static str, &'n Node)> + use<'n> {
        let node = self.node;
        self.shape
            .reserved
            .iter()
            .filter_map(move |field| Some((*field, node.get(field)?)))
    }
}

impl Log {
    /// The object as fields of `shape`, if it is an object.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        shape: &'static Shape,
    ) -> Option<Fields<'n>> {
        let Some(members) = node.as_object() else {
            self.expected(
                node,
                shape.what,
                "an object",
                format!("write {}", shape.example),
            );
            return None;
        };
        for member in members {
            self.known_field(shape, &member.key, member.key_origin);
            if member.value.is_null() {
                self.error(
                    member.value.origin,
                    format!("`{}` of {} is empty", shown(&member.key), shape.what),
                    "write a value, or leave the field out",
                );
            }
        }
        Some(Fields { shape, node })
    }

    fn known_field(&mut self, shape: &'static Shape, key: &str, at: Origin) {
        if shape.fields.contains(&key) {
            return;
        }
        if shape.reserved.contains(&key) {
            self.not_yet_asked(key, at);
            return;
        }
        let message = format!("`{}` is not a field of {}", shown(key), shape.what);
        let known = shape.fields.iter().chain(shape.reserved).copied();
        let help = self
            .suggestion(key, known)
            .unwrap_or_else(|| format!("its fields are {}", shape.fields.join(", ")));
        match shape.strict {
            true => self.error(at, message, help),
            false => self.warning(at, message, help),
        }
    }

    /// The notice for what is reserved.
    pub(super) fn not_yet_asked(&mut self, field: &str, at: Origin) {
        let message = format!("`{field}` is not yet asked");
        self.add(
            Diagnostic::warning(at, message)
                .with_help("it is read and kept, and changes no verdict"),
        );
    }

    /// A field that must be there.
    pub(super) fn required<'n>(&mut self, fields: &Fields<'n>, field: &str) -> Option<&'n Node> {
        let found = fields.get(field);
        if found.is_none() {
            let shape = fields.shape;
            let message = format!("{} needs the field `{field}`", shape.what);
            self.error(fields.origin(), message, format!("write {}", shape.example));
        }
        found
    }

    /// The text of a field that may be left out.
    pub(super) fn text(&mut self, fields: &Fields<'_>, field: &str) -> Option<String> {
        self.plain(
            fields.get(field)?,
            &format!("`{field}` of {}", fields.shape.what),
        )
        .map(str::to_owned)
    }

    /// The text of a field that must be there.
    pub(super) fn required_text(&mut self, fields: &Fields<'_>, field: &str) -> Option<String> {
        self.required(fields, field)?;
        self.text(fields, field)
    }

    /// Text for names and reasons: a string or number, not empty, not long, on one line.
    pub(super) fn plain<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n str> {
        let Some(text) = node.text().filter(|_| node.as_bool().is_none()) else {
            self.expected(
                node,
                what,
                "text",
                "write text, in quotes if it has signs of YAML in it",
            );
            return None;
        };
        let wrong = match text {
            "" => "is empty",
            text if text.len() > TEXT_BYTES_MAX => "is longer than 1024 bytes",
            text if text.chars().any(char::is_control) => {
                "holds a line break or a control character"
            }
            _ => return Some(text),
        };
        self.error(
            node.origin,
            format!("{what} {wrong}"),
            "write a short text on one line",
        );
        None
    }

    /// The elements of a field that may be left out.
    pub(super) fn list<'n>(&mut self, fields: &Fields<'n>, field: &str) -> &'n [Node] {
        let Some(node) = fields.get(field) else {
            return &[];
        };
        self.elements(node, &format!("`{field}` of {}", fields.shape.what))
    }

    /// The elements of a list.
    pub(super) fn elements<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        let Some(elements) = node.as_array() else {
            self.expected(node, what, "a list", "write it in brackets: [ … ]");
            return &[];
        };
        if elements.len() > LIST_MAX {
            self.error(
                node.origin,
                format!("{what} has more than {LIST_MAX} elements"),
                "divide it",
            );
            return &[];
        }
        elements
    }

    /// The texts of a field that is a list, or left out.
    pub(super) fn texts(&mut self, fields: &Fields<'_>, field: &str) -> Vec<String> {
        let what = format!("an element of `{field}`");
        let nodes = self.list(fields, field);
        nodes
            .iter()
            .filter_map(|node| self.plain(node, &what))
            .map(str::to_owned)
            .collect()
    }

    /// The truth value of a field.
    pub(super) fn flag(&mut self, fields: &Fields<'_>, field: &str) -> Option<bool> {
        let node = fields.get(field)?;
        if node.as_bool().is_none() {
            let what = format!("`{field}` of {}", fields.shape.what);
            self.expected(
                node,
                &what,
                "true or false",
                "write true or false, without quotes",
            );
        }
        node.as_bool()
    }

    /// The whole number of a field.
    pub(super) fn count(&mut self, fields: &Fields<'_>, field: &str) -> Option<u32> {
        let node = fields.get(field)?;
        let count = node.as_number().and_then(|number| number.parse().ok());
        if count.is_none() {
            let message = format!("`{field}` of {} must be a whole number", fields.shape.what);
            self.error(
                node.origin,
                message,
                format!("write {field}: 2, without quotes"),
            );
        }
        count
    }
}
