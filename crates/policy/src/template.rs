//! Text with wildcards and policy variables, split once.
//!
//! The same text means different things under different operators and language versions, so the
//! reader is told which signs count. What an escape such as `${*}` stands for is literal from then
//! on: nothing downstream can take it for a wildcard again.

use cofferdam_names::ContextKey;

use crate::operand::{Part, Template};

/// Which signs of a text have a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signs {
    /// `*` and `?`.
    pub wildcards: bool,
    /// `${…}`: only in Version 2012-10-17.
    pub variables: bool,
}

impl Template {
    /// The template that accepts every text.
    pub fn everything() -> Template {
        Template {
            parts: vec![Part::Many],
        }
    }

    /// Splits a text; the error says what is wrong with a variable ("IAM policy elements: Variables
    /// and tags").
    pub fn parse(text: &str, signs: Signs) -> Result<Template, String> {
        let mut parts = Parts::default();
        let mut rest = text;
        while let Some(sign) = rest.chars().next() {
            rest = match sign {
                '$' if signs.variables && rest.starts_with("${") => variable(rest, &mut parts)?,
                '*' if signs.wildcards => parts.many(after(rest, 1)),
                '?' if signs.wildcards => parts.sign(Part::One, after(rest, 1)),
                other => parts.literal(other, after(rest, other.len_utf8())),
            };
        }
        Ok(Template {
            parts: parts.finish(),
        })
    }

    /// Whether it has no wildcard: what `StringEquals` can say.
    pub fn is_exact(&self) -> bool {
        !self
            .parts
            .iter()
            .any(|part| matches!(part, Part::One | Part::Many))
    }

    /// Whether it has a policy variable.
    pub fn has_variable(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Variable { .. }))
    }

    /// The text that reads back as this template; `None` if no text does, because a wildcard sign
    /// stands for itself and the language version has no escape.
    pub fn print(&self, signs: Signs) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(literal) => print_literal(literal, signs, &mut text)?,
                Part::One => text.push('?'),
                Part::Many => text.push('*'),
                Part::Variable { key, default: None } => text.push_str(&format!("${{{key}}}")),
                Part::Variable {
                    key,
                    default: Some(default),
                } => {
                    text.push_str(&format!("${{{key}, '{default}'}}"));
                }
            }
        }
        Some(text)
    }
}

fn print_literal(literal: &str, signs: Signs, text: &mut String) -> Option<()> {
    for sign in literal.chars() {
        let special = match sign {
            '*' | '?' => signs.wildcards,
            '$' => signs.variables,
            _ => false,
        };
        match special {
            true if signs.variables => text.push_str(&format!("${{{sign}}}")),
            true => return None,
            false => text.push(sign),
        }
    }
    Some(())
}

fn after(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

/// Reads a text that begins with `${`, and returns what follows the brace that closes it.
fn variable<'t>(text: &'t str, parts: &mut Parts) -> Result<&'t str, String> {
    for (escape, sign) in [("${*}", '*'), ("${?}", '?'), ("${$}", '$')] {
        if let Some(rest) = text.strip_prefix(escape) {
            return Ok(parts.literal(sign, rest));
        }
    }
    let body = after(text, 2);
    let end = body
        .find([',', '}'])
        .ok_or("a variable is not closed with }")?;
    let (name, rest) = (body.get(..end).unwrap_or_default(), after(body, end));
    let key = ContextKey::parse(name)
        .map_err(|why| format!("the variable ${{{name}}} does not name a condition key: {why}"))?;
    let Some(rest) = rest.strip_prefix(',') else {
        return Ok(parts.sign(Part::Variable { key, default: None }, after(rest, 1)));
    };
    let (default, rest) = rest
        .strip_prefix(" '")
        .and_then(|quoted| quoted.split_once("'}"))
        .ok_or("a variable's default must be written as ${key, 'default'}")?;
    Ok(parts.sign(
        Part::Variable {
            key,
            default: Some(default.into()),
        },
        rest,
    ))
}

/// Parts under construction: adjacent literals are one, and so are adjacent stars.
#[derive(Default)]
struct Parts {
    done: Vec<Part>,
    literal: String,
}

impl Parts {
    fn literal<'t>(&mut self, sign: char, rest: &'t str) -> &'t str {
        self.literal.push(sign);
        rest
    }

    fn many<'t>(&mut self, rest: &'t str) -> &'t str {
        if self.literal.is_empty() && self.done.last() == Some(&Part::Many) {
            return rest;
        }
        self.sign(Part::Many, rest)
    }

    fn sign<'t>(&mut self, part: Part, rest: &'t str) -> &'t str {
        self.flush();
        self.done.push(part);
        rest
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            let literal = std::mem::take(&mut self.literal);
            self.done.push(Part::Literal(literal.into()));
        }
    }

    fn finish(mut self) -> Vec<Part> {
        self.flush();
        self.done
    }
}
