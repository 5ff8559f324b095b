//! The question of a certificate as text: everything a checker needs and nothing else.
//!
//! One thing a line, defined before it is used, so that a reader can check while reading.
//! `docs/verify.md` describes the lines; the text is the same whenever the question is.

use crate::graph::{Formula, Graph, Node};
use crate::pattern::{Case, Class, Pattern, Token};
use crate::problem::{Atom, Attribute, Domain, Part, PatternId, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// Writes the question.
pub(crate) fn formula_text(
    problem: &Problem,
    graph: &Graph,
    demands: &[Formula],
    assumptions: &[Formula],
) -> String {
    let roots = [demands, assumptions].concat();
    let nodes = graph.numbered(&roots);
    let numbers: BTreeMap<u32, u32> = nodes
        .iter()
        .map(|(number, index)| (*index, *number))
        .collect();
    let mut writer = Writer {
        problem,
        graph,
        numbers,
        out: "formula 1\n".to_owned(),
    };
    writer.domains(&nodes);
    for (number, index) in &nodes {
        writer.node(*number, *index);
    }
    writer.roots("demand", demands);
    writer.roots("assume", assumptions);
    writer.out
}

struct Writer<'p> {
    problem: &'p Problem,
    graph: &'p Graph,
    /// Numbers of nodes by their places in the arena.
    numbers: BTreeMap<u32, u32>,
    out: String,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// The patterns and attributes that the nodes name.
    fn domains(&mut self, nodes: &[(u32, u32)]) {
        let mut used = Used::default();
        for (_, index) in nodes {
            if let Node::Leaf(atom) = self.graph.node(*index as usize)
                && let Some(atom) = self.problem.atom_of(*atom)
            {
                used.atom(self.problem, atom);
            }
        }
        for id in used.patterns {
            let pattern = self.problem.pattern(id).map(tokens).unwrap_or_default();
            self.line(&format!("pattern {id}{pattern}"));
        }
        for a in used.attributes {
            let domain = self.problem.domain(a).map(domain).unwrap_or_default();
            let name = quoted(self.problem.name(a));
            self.line(&format!("attribute {} {name} {domain}", a.0));
        }
    }

    fn node(&mut self, number: u32, index: u32) {
        let text = match self.graph.node(index as usize) {
            Node::True => "true".to_owned(),
            Node::Leaf(atom) => self
                .problem
                .atom_of(*atom)
                .map(atom_text)
                .unwrap_or_default(),
            Node::All(parts) => {
                let parts = parts.iter().map(|part| format!(" {}", self.signed(*part)));
                format!("all{}", parts.collect::<String>())
            }
        };
        self.line(&format!("node {number} {text}"));
    }

    fn signed(&self, formula: Formula) -> i64 {
        let number = self.numbers.get(&formula.node()).copied();
        i64::from(number.unwrap_or_default()) * if formula.is_negated() { -1 } else { 1 }
    }

    fn roots(&mut self, word: &str, roots: &[Formula]) {
        for root in roots {
            let text = format!("{word} {}", self.signed(*root));
            self.line(&text);
        }
    }
}

/// What the atoms of a question name.
#[derive(Default)]
struct Used {
    attributes: BTreeSet<Attribute>,
    patterns: BTreeSet<PatternId>,
}

impl Used {
    fn atom(&mut self, problem: &Problem, atom: &Atom) {
        if let Atom::Match(_, p) | Atom::Some(_, p) | Atom::Every(_, p) = atom {
            self.patterns.insert(*p);
        }
        if let Atom::EveryOf(_, patterns) = atom {
            self.patterns.extend(patterns.iter().copied());
        }
        if let Atom::Joined(_, parts) = atom {
            for part in parts {
                if let Part::Value(a) = part {
                    self.attribute(problem, *a);
                }
            }
        }
        if let Some(a) = atom.attribute() {
            self.attribute(problem, a);
        }
    }

    fn attribute(&mut self, problem: &Problem, a: Attribute) {
        self.attributes.insert(a);
        if let Some(Domain::Text { shapes, .. }) = problem.domain(a) {
            self.patterns.extend(shapes.iter().copied());
        }
    }
}

fn domain(domain: &Domain) -> String {
    match domain {
        Domain::Text { shapes, case, many } => {
            let kind = if *many { "texts" } else { "text" };
            let case = match case {
                Case::Sensitive => "sensitive",
                Case::Insensitive => "insensitive",
            };
            let shapes: String = shapes.iter().map(|shape| format!(" {shape}")).collect();
            format!("{kind} {case}{shapes}")
        }
        Domain::Address => "address".to_owned(),
        Domain::Number { .. } => "number".to_owned(),
        Domain::Finite { values } => {
            let values: String = values
                .iter()
                .map(|value| format!(" {}", quoted(value)))
                .collect();
            format!("finite{values}")
        }
    }
}

fn atom_text(atom: &Atom) -> String {
    match atom {
        Atom::Flag(name) => format!("flag {}", quoted(name)),
        Atom::Match(a, p) => format!("match {} {p}", a.0),
        Atom::OneOf(a, bits) => {
            let members: String = bits.members().map(|member| format!(" {member}")).collect();
            format!("member {}{members}", a.0)
        }
        Atom::Within(a, network) => format!("within {} {network}", a.0),
        Atom::Compare(a, op, value) => format!("compare {} {} {value}", a.0, op.sign()),
        Atom::Some(a, p) => format!("some {} {p}", a.0),
        Atom::Every(a, p) => format!("every {} {p}", a.0),
        Atom::EveryOf(a, patterns) => {
            let patterns: String = patterns.iter().map(|p| format!(" {p}")).collect();
            format!("every {}{patterns}", a.0)
        }
        Atom::Joined(a, parts) => {
            let parts: String = parts.iter().map(part_text).collect();
            format!("joined {}{parts}", a.0)
        }
    }
}

fn part_text(part: &Part) -> String {
    match part {
        Part::Value(a) => format!(" value {}", a.0),
        Part::Pattern(pattern) => tokens(pattern),
    }
}

/// Tokens, each after a space: runs of plain characters as one quoted text.
fn tokens(pattern: &Pattern) -> String {
    let mut out = String::new();
    let mut plain = String::new();
    for token in pattern.tokens() {
        match token {
            Token::Char(letter) => plain.push(*letter),
            other => {
                flush(&mut plain, &mut out);
                out.push(' ');
                out.push_str(&token_text(*other));
            }
        }
    }
    flush(&mut plain, &mut out);
    out
}

fn flush(plain: &mut String, out: &mut String) {
    if !plain.is_empty() {
        out.push(' ');
        out.push_str(&quoted(plain));
        plain.clear();
    }
}

fn token_text(token: Token) -> String {
    match token {
        Token::Char(letter) => quoted(letter.encode_utf8(&mut [0; 4])),
        Token::AnyCase(letter) => format!("fold{}", quoted(letter.encode_utf8(&mut [0; 4]))),
        Token::One(class) => format!("one {}", class_text(class)),
        Token::Many(class) => format!("many {}", class_text(class)),
    }
}

fn class_text(class: Class) -> String {
    match class {
        Class::Any => "any".to_owned(),
        Class::Except(letter) => format!("except{}", quoted(letter.encode_utf8(&mut [0; 4]))),
        Class::Digit => "digit".to_owned(),
        Class::Hex => "hex".to_owned(),
        Class::LowerAlnum => "lower-alnum".to_owned(),
        Class::Alnum => "alnum".to_owned(),
        Class::Word => "word".to_owned(),
        Class::Path => "path".to_owned(),
        Class::Host => "host".to_owned(),
    }
}

/// In double quotes; a backslash, a quote and whatever is not plain ASCII by its number.
fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            ' '..='~' if letter != '"' && letter != '\\' => out.push(letter),
            other => out.push_str(&format!("\\{{{:x}}}", u32::from(other))),
        }
    }
    out.push('"');
    out
}
