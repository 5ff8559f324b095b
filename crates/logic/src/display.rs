//! Formulas for people: conjunctions and disjunctions spelled out, atoms by attribute name.

use crate::graph::{Formula, Node};
use crate::problem::{Atom, Attribute, Part, Problem};

/// Characters after which a long formula is cut: it is for reading, not for parsing.
const LENGTH_LIMIT: usize = 4_096;

/// Nesting shown before parts are elided.
const DEPTH_LIMIT: usize = 32;

/// Members of a finite set that are listed.
const MEMBERS_SHOWN: usize = 4;

impl Problem {
    /// A readable form of a formula, cut where it gets long.
    pub fn display(&self, f: Formula) -> String {
        let mut out = String::new();
        self.write(f, 0, &mut out);
        out
    }

    fn write(&self, f: Formula, depth: usize, out: &mut String) {
        if out.len() > LENGTH_LIMIT || depth > DEPTH_LIMIT {
            out.push('…');
            return;
        }
        match self.graph.node(f.index()) {
            Node::True => out.push_str(if f.is_negated() { "false" } else { "true" }),
            Node::Leaf(atom) => {
                let text = self
                    .atom_of(*atom)
                    .map(|atom| self.describe(atom))
                    .unwrap_or_default();
                out.push_str(&if f.is_negated() {
                    format!("not {text}")
                } else {
                    text
                });
            }
            Node::All(parts) => {
                let joiner = if f.is_negated() { " or " } else { " and " };
                out.push('(');
                for (place, part) in parts.iter().enumerate() {
                    out.push_str(if place == 0 { "" } else { joiner });
                    self.write(part.negated_if(f.is_negated()), depth + 1, out);
                }
                out.push(')');
            }
        }
    }

    fn describe(&self, atom: &Atom) -> String {
        let pattern = |id: &u32| self.pattern(*id).map(|p| p.to_string()).unwrap_or_default();
        match atom {
            Atom::Flag(name) => name.to_string(),
            Atom::Match(a, p) => format!("{} is \"{}\"", self.name(*a), pattern(p)),
            Atom::OneOf(a, bits) => {
                format!("{} is {}", self.name(*a), self.members(*a, bits.members()))
            }
            Atom::Within(a, network) => format!("{} is in {network}", self.name(*a)),
            Atom::Compare(a, op, value) => format!("{} {} {value}", self.name(*a), op.sign()),
            Atom::Some(a, p) => format!("some {} is \"{}\"", self.name(*a), pattern(p)),
            Atom::Every(a, p) => format!("every {} is \"{}\"", self.name(*a), pattern(p)),
            Atom::EveryOf(a, patterns) => {
                let listed: Vec<String> = patterns.iter().map(pattern).collect();
                format!(
                    "every {} is one of \"{}\"",
                    self.name(*a),
                    listed.join("\", \"")
                )
            }
            Atom::Joined(a, parts) => format!("{} is \"{}\"", self.name(*a), self.parts(parts)),
        }
    }

    fn members(&self, a: Attribute, members: impl Iterator<Item = usize>) -> String {
        let members: Vec<&str> = members
            .filter_map(|m| self.values(a).get(m))
            .map(String::as_str)
            .collect();
        let shown: Vec<&str> = members.iter().copied().take(MEMBERS_SHOWN).collect();
        match members.len().saturating_sub(shown.len()) {
            0 => format!("[{}]", shown.join(", ")),
            more => format!("[{} and {more} more]", shown.join(", ")),
        }
    }

    fn parts(&self, parts: &[Part]) -> String {
        let part = |part: &Part| match part {
            Part::Pattern(pattern) => pattern.to_string(),
            Part::Value(a) => format!("${{{}}}", self.name(*a)),
        };
        parts.iter().map(part).collect()
    }
}
