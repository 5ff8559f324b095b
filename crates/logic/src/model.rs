//! A model: one value for every attribute, and the truth of every flag.

use crate::cells::{Point, holds_at};
use crate::decimal::Decimal;
use crate::graph::{AtomId, Formula};
use crate::pattern::{Case, Pattern, Token};
use crate::problem::{Atom, Attribute, Domain, Part, Problem};
use std::net::{IpAddr, Ipv4Addr};

/// The value of one attribute.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    Text(String),
    Texts(Vec<String>),
    Point(Point),
}

/// Values that satisfy a question.
#[derive(Clone, Debug)]
pub struct Model<'p> {
    problem: &'p Problem,
    values: Vec<Value>,
    flags: Vec<bool>,
}

/// Values picked from outside, for a formula to be evaluated at.
pub trait Values {
    /// The value of a text attribute.
    fn text(&mut self, name: &str) -> String;
    /// The elements of a set-valued attribute.
    fn texts(&mut self, name: &str) -> Vec<String>;
    /// The value of an address attribute.
    fn address(&mut self, name: &str) -> IpAddr;
    /// The value of a number attribute.
    fn number(&mut self, name: &str) -> Decimal;
    /// The position of a finite attribute's value, below `count`.
    fn member(&mut self, name: &str, count: usize) -> u32;
    /// Whether a flag holds.
    fn flag(&mut self, name: &str) -> bool;
}

impl<'p> Model<'p> {
    /// A model with picked values; `None` if a text is in no shape of its attribute. It need not
    /// satisfy anything: [`Model::holds`] tells what it does satisfy.
    pub fn picked(problem: &'p Problem, values: &mut impl Values) -> Option<Self> {
        let attributes = (0..problem.attribute_count()).map(Attribute);
        let picked = attributes.map(|a| pick(problem, a, values));
        let picked = picked.collect::<Option<Vec<Value>>>()?;
        let ids = (0..problem.atom_count()).map(|id| AtomId(u32::try_from(id).unwrap_or(u32::MAX)));
        let flags = ids.map(|id| match problem.atom_of(id) {
            Some(Atom::Flag(name)) => values.flag(name),
            _ => false,
        });
        let flags = flags.collect();
        Some(Self::new(problem, picked, flags))
    }

    pub(crate) fn new(problem: &'p Problem, values: Vec<Value>, flags: Vec<bool>) -> Self {
        Self {
            problem,
            values,
            flags,
        }
    }

    /// The value of a text attribute; empty for other kinds.
    pub fn text(&self, a: Attribute) -> &str {
        match self.value(a) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// The elements of a set-valued attribute, sorted; empty for other kinds.
    pub fn texts(&self, a: Attribute) -> &[String] {
        match self.value(a) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// The value of an address attribute; unspecified for other kinds.
    pub fn address(&self, a: Attribute) -> IpAddr {
        match self.value(a) {
            Some(Value::Point(Point::Address(address))) => *address,
            _ => Ipv4Addr::UNSPECIFIED.into(),
        }
    }

    /// The value of a number attribute; zero for other kinds.
    pub fn number(&self, a: Attribute) -> Decimal {
        match self.value(a) {
            Some(Value::Point(Point::Number(number))) => *number,
            _ => Decimal::default(),
        }
    }

    /// The position of a finite attribute's value; zero for other kinds.
    pub fn finite(&self, a: Attribute) -> u32 {
        match self.value(a) {
            Some(Value::Point(Point::Member(member))) => *member,
            _ => 0,
        }
    }

    /// Whether a formula of the problem holds, evaluated from the values and nothing else.
    pub fn holds(&self, f: Formula) -> bool {
        self.problem.graph.evaluate(f, |atom| self.atom_holds(atom))
    }

    fn value(&self, a: Attribute) -> Option<&Value> {
        self.values.get(a.0 as usize)
    }

    fn atom_holds(&self, id: AtomId) -> bool {
        let Some(atom) = self.problem.atom_of(id) else {
            return false;
        };
        let accepts = |pattern: u32, text: &String| {
            let pattern = self.problem.pattern(pattern);
            pattern.is_some_and(|pattern| pattern.accepts(text, Case::Sensitive))
        };
        match atom {
            Atom::Flag(_) => self.flags.get(id.0 as usize).copied().unwrap_or(false),
            Atom::Match(a, p) => matches!(self.value(*a), Some(Value::Text(t)) if accepts(*p, t)),
            Atom::Some(a, p) => self.texts(*a).iter().any(|text| accepts(*p, text)),
            Atom::Every(a, p) => self.texts(*a).iter().all(|text| accepts(*p, text)),
            Atom::EveryOf(a, patterns) => {
                let listed = |text: &String| patterns.iter().any(|p| accepts(*p, text));
                self.texts(*a).iter().all(listed)
            }
            Atom::Joined(a, parts) => {
                let pattern =
                    joined_pattern(self.problem, *a, parts, |other| Some(self.text(other)));
                pattern.is_some_and(|pattern| pattern.accepts(self.text(*a), Case::Sensitive))
            }
            Atom::OneOf(a, _) | Atom::Within(a, _) | Atom::Compare(a, ..) => {
                matches!(self.value(*a), Some(Value::Point(point)) if holds_at(atom, *point))
            }
        }
    }
}

fn pick(problem: &Problem, a: Attribute, values: &mut impl Values) -> Option<Value> {
    let name = problem.name(a);
    let fits = |shapes: &[u32], text: &String| {
        let patterns = shapes.iter().filter_map(|shape| problem.pattern(*shape));
        patterns
            .into_iter()
            .any(|shape| shape.accepts(text, Case::Sensitive))
    };
    Some(match problem.domain(a)? {
        Domain::Text {
            shapes,
            many: false,
            ..
        } => Value::Text(Some(values.text(name)).filter(|text| fits(shapes, text))?),
        Domain::Text { shapes, .. } => {
            let mut texts = values.texts(name);
            texts.sort();
            texts.dedup();
            Value::Texts(Some(texts).filter(|texts| texts.iter().all(|text| fits(shapes, text)))?)
        }
        Domain::Address => Value::Point(Point::Address(values.address(name))),
        Domain::Number { .. } => Value::Point(Point::Number(values.number(name))),
        Domain::Finite { values: listed } => {
            Value::Point(Point::Member(values.member(name, listed.len())))
        }
    })
}

/// The pattern that a concatenation is once values are known; nothing while one is missing.
pub(crate) fn joined_pattern<'v>(
    problem: &Problem,
    target: Attribute,
    parts: &[Part],
    value: impl Fn(Attribute) -> Option<&'v str>,
) -> Option<Pattern> {
    let mut tokens = Vec::new();
    for part in parts {
        match part {
            Part::Pattern(pattern) => tokens.extend_from_slice(pattern.tokens()),
            Part::Value(a) => tokens.extend(value(*a)?.chars().map(Token::Char)),
        }
    }
    let pattern = Pattern::from_tokens(tokens);
    match problem.domain(target) {
        Some(Domain::Text {
            case: Case::Insensitive,
            ..
        }) => Some(pattern.any_case()),
        _ => Some(pattern),
    }
}
