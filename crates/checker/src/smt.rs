//! A lemma as an SMT-LIB 2.6 script, for solvers that know nothing of this project.
//!
//! The script asserts the opposite of the lemma, so a solver must answer `unsat`. Strings are
//! strings, addresses are bit vectors, numbers are integers in units of the last place, members of
//! a finite set are their positions.
//!
//! Solvers differ in what they find easy. All tests of a string stand in one regular expression, a
//! run of all characters but one is written as what does not hold that one, and the shapes of an
//! attribute are left out where the lemma holds without them: so both of the solvers that we try
//! answer within milliseconds.

use std::fmt::Write;
use std::net::IpAddr;

use crate::clauses::Clause;
use crate::formula::{Class, Domain, Formula, Node, Order, Part, Token};
use crate::lemma::{SetTests, Test, by_attribute, denied, looks_at, no_element};
use crate::refused::Refused;
use crate::words;

/// The script of one lemma.
pub fn script(clause: &Clause, formula: &Formula) -> Result<String, Refused> {
    let tests = denied(clause, formula)?;
    let mut script = Script {
        formula,
        out: String::new(),
        fresh: 0,
        joins: tests
            .iter()
            .any(|(node, _)| matches!(node, Node::Joined(..))),
    };
    script
        .out
        .push_str("(set-info :smt-lib-version 2.6)\n(set-logic ALL)\n(set-info :status unsat)\n");
    let mut attributes: Vec<u32> = tests.iter().flat_map(|(node, _)| looks_at(node)).collect();
    attributes.sort_unstable();
    attributes.dedup();
    attributes.iter().for_each(|a| script.declare(*a));
    let sorted = by_attribute(&tests);
    for a in attributes {
        script.tests(a, sorted.get(&a).map_or(&[], Vec::as_slice))?;
    }
    script.out.push_str("(check-sat)\n");
    Ok(script.out)
}

struct Script<'f> {
    formula: &'f Formula,
    out: String,
    fresh: usize,
    /// Whether texts are joined into one another, so that none stands alone.
    joins: bool,
}

impl<'f> Script<'f> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn domain(&self, a: u32) -> Option<&'f Domain> {
        self.formula
            .attributes
            .get(&a)
            .map(|attribute| &attribute.domain)
    }

    fn declare(&mut self, a: u32) {
        let name = self
            .formula
            .attributes
            .get(&a)
            .map_or("", |attribute| attribute.name.as_str());
        let name: String = name.chars().filter(|c| matches!(c, ' '..='~')).collect();
        self.line(&format!("; a{a} is {name}"));
        match self.domain(a) {
            Some(Domain::Text { many: false, .. }) => {
                self.line(&format!("(declare-const a{a} String)"));
            }
            Some(Domain::Finite(values)) => {
                self.line(&format!("(declare-const a{a} Int)"));
                self.line(&format!(
                    "(assert (and (<= 0 a{a}) (< a{a} {})))",
                    values.len()
                ));
            }
            Some(Domain::Number) => self.line(&format!("(declare-const a{a} Int)")),
            Some(Domain::Address) => {
                self.line(&format!("(declare-const a{a}-is-v4 Bool)"));
                self.line(&format!("(declare-const a{a}-v4 (_ BitVec 32))"));
                self.line(&format!("(declare-const a{a}-v6 (_ BitVec 128))"));
            }
            _ => {}
        }
    }

    fn tests(&mut self, a: u32, tests: &[Test<'_>]) -> Result<(), Refused> {
        match self.domain(a) {
            Some(Domain::Text {
                many: true, shapes, ..
            }) => self.set(a, shapes, &SetTests::of(tests)),
            Some(Domain::Text { shapes, .. }) => self.text(a, shapes, tests),
            _ => {
                for (node, sign) in tests {
                    let holds = self.test(a, node);
                    self.holds(&holds, *sign);
                }
                Ok(())
            }
        }
    }

    fn holds(&mut self, test: &str, sign: bool) {
        self.line(&match sign {
            true => format!("(assert {test})"),
            false => format!("(assert (not {test}))"),
        });
    }

    fn text(&mut self, a: u32, shapes: &[Vec<Token>], tests: &[Test<'_>]) -> Result<(), Refused> {
        let (mut within, mut without) = (Vec::new(), Vec::new());
        for (node, sign) in tests {
            match node {
                Node::Match(_, pattern) => {
                    if *sign {
                        within.push(std::slice::from_ref(pattern));
                    } else {
                        without.push(pattern.as_slice());
                    }
                }
                Node::Joined(_, parts) => {
                    let holds = self.joined(a, parts);
                    self.holds(&holds, *sign);
                }
                _ => {}
            }
        }
        self.string(&format!("a{a}"), shapes, &within, &without)
    }

    /// What one string must be, in one expression: in one pattern of each list of `within`, in none
    /// of `without`. The shapes are left out where nothing else asks for the string and it is
    /// impossible without them.
    fn string(
        &mut self,
        name: &str,
        shapes: &[Vec<Token>],
        within: &[&[Vec<Token>]],
        without: &[&[Token]],
    ) -> Result<(), Refused> {
        let anything = [vec![Token::Many(Class::Any)]];
        let shapes = match !self.joins && no_element(&anything, within, without)? {
            true => &anything,
            false => shapes,
        };
        let in_one = |patterns: &[Vec<Token>]| {
            let each: Vec<String> = patterns.iter().map(|one| expression(one)).collect();
            joined_by("re.union", &each)
        };
        let mut parts = vec![in_one(shapes)];
        parts.extend(within.iter().map(|patterns| in_one(patterns)));
        let denied = without.iter();
        parts.extend(denied.map(|pattern| format!("(re.comp {})", expression(pattern))));
        parts.retain(|part| part != "re.all");
        if !parts.is_empty() {
            let all = joined_by("re.inter", &parts);
            self.line(&format!("(assert (str.in_re {name} {all}))"));
        }
        Ok(())
    }

    fn test(&mut self, a: u32, node: &Node) -> String {
        match node {
            Node::Member(_, members) => {
                let equal: Vec<String> = members
                    .iter()
                    .map(|member| format!("(= a{a} {member})"))
                    .collect();
                joined_by("or", &equal)
            }
            Node::Within(_, first, last) => within(a, *first, *last),
            Node::Compare(_, order, value) => {
                let sign = match order {
                    Order::Less => "<",
                    Order::LessOrEqual => "<=",
                    Order::Equal => "=",
                };
                format!("({sign} a{a} {})", integer(*value))
            }
            _ => "true".to_owned(),
        }
    }

    /// A concatenation: some strings in the patterns between the values make it up.
    fn joined(&mut self, a: u32, parts: &[Part]) -> String {
        let folded = matches!(self.domain(a), Some(Domain::Text { folded: true, .. }));
        let lower = |text: String| {
            if folded {
                format!("(str.to_lower {text})")
            } else {
                text
            }
        };
        let mut pieces = Vec::new();
        let mut bound = Vec::new();
        let mut holds = Vec::new();
        for part in parts {
            match part {
                Part::Value(other) => pieces.push(format!("a{other}")),
                Part::Tokens(tokens) => match words::only(tokens) {
                    Some(text) => pieces.push(literal(&text)),
                    None => {
                        self.fresh += 1;
                        let name = format!("p{}", self.fresh);
                        bound.push(format!("({name} String)"));
                        holds.push(inside(&name, tokens));
                        pieces.push(name);
                    }
                },
            }
        }
        let whole = match pieces.as_slice() {
            [] => "\"\"".to_owned(),
            [only] => only.clone(),
            _ => format!("(str.++ {})", pieces.join(" ")),
        };
        holds.push(format!("(= {} {})", lower(format!("a{a}")), lower(whole)));
        match bound.is_empty() {
            true => joined_by("and", &holds),
            false => format!(
                "(exists ({}) {})",
                bound.join(" "),
                joined_by("and", &holds)
            ),
        }
    }

    /// Each element that must be there, under what holds of every element.
    fn set(&mut self, a: u32, shapes: &[Vec<Token>], tests: &SetTests<'_>) -> Result<(), Refused> {
        for (number, (patterns, is_inside)) in tests.some.iter().enumerate() {
            let name = format!("a{a}-{number}");
            self.line(&format!("(declare-const {name} String)"));
            let (mut within, mut without) = (tests.within.clone(), tests.without.clone());
            if *is_inside {
                within.push(patterns);
            } else {
                without.extend(patterns.iter().map(Vec::as_slice));
            }
            self.string(&name, shapes, &within, &without)?;
        }
        Ok(())
    }
}

/// Several terms under one sign; a single one needs none, and none at all is the sign's unit.
fn joined_by(sign: &str, parts: &[String]) -> String {
    match parts {
        [] if sign == "or" => "false".to_owned(),
        [] if sign == "re.union" => "re.none".to_owned(),
        [] => "true".to_owned(),
        [only] => only.clone(),
        _ => format!("({sign} {})", parts.join(" ")),
    }
}

fn integer(value: i128) -> String {
    match value < 0 {
        true => format!("(- {})", value.unsigned_abs()),
        false => value.to_string(),
    }
}

fn within(a: u32, first: IpAddr, last: IpAddr) -> String {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => format!(
            "(and a{a}-is-v4 (bvule #x{:08x} a{a}-v4) (bvule a{a}-v4 #x{:08x}))",
            u32::from(first),
            u32::from(last)
        ),
        (IpAddr::V6(first), IpAddr::V6(last)) => format!(
            "(and (not a{a}-is-v4) (bvule #x{:032x} a{a}-v6) (bvule a{a}-v6 #x{:032x}))",
            u128::from(first),
            u128::from(last)
        ),
        _ => "false".to_owned(),
    }
}

fn inside(name: &str, pattern: &[Token]) -> String {
    match words::only(pattern) {
        Some(text) => format!("(= {name} {})", literal(&text)),
        None => format!("(str.in_re {name} {})", expression(pattern)),
    }
}

/// A pattern as a regular expression; characters that follow each other are one string.
fn expression(pattern: &[Token]) -> String {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for token in pattern {
        if let Token::Letter(letter) = token {
            plain.push(*letter);
            continue;
        }
        if !plain.is_empty() {
            parts.push(format!(
                "(str.to_re {})",
                literal(&std::mem::take(&mut plain))
            ));
        }
        parts.push(match token {
            Token::Letter(_) => String::new(),
            Token::Fold(letter) => format!(
                "(re.union (str.to_re {}) (str.to_re {}))",
                literal(&letter.to_ascii_lowercase().to_string()),
                literal(&letter.to_ascii_uppercase().to_string())
            ),
            Token::One(class) => class_expression(*class),
            Token::Many(Class::Any) => "re.all".to_owned(),
            Token::Many(Class::Except(letter)) => {
                let letter = literal(&letter.to_string());
                format!("(re.comp (re.++ re.all (str.to_re {letter}) re.all))")
            }
            Token::Many(class) => format!("(re.* {})", class_expression(*class)),
        });
    }
    if !plain.is_empty() {
        parts.push(format!("(str.to_re {})", literal(&plain)));
    }
    match parts.is_empty() {
        true => "(str.to_re \"\")".to_owned(),
        false => joined_by("re.++", &parts),
    }
}

fn class_expression(class: Class) -> String {
    match class {
        Class::Any => "re.allchar".to_owned(),
        Class::Except(letter) => format!(
            "(re.diff re.allchar (str.to_re {}))",
            literal(&letter.to_string())
        ),
        Class::Listed(letters) => {
            let ranges: Vec<String> = ranges(letters)
                .iter()
                .map(|(first, last)| match first == last {
                    true => format!("(str.to_re {})", literal(&first.to_string())),
                    false => format!(
                        "(re.range {} {})",
                        literal(&first.to_string()),
                        literal(&last.to_string())
                    ),
                })
                .collect();
            joined_by("re.union", &ranges)
        }
    }
}

/// Characters as ranges without gaps.
fn ranges(letters: &str) -> Vec<(char, char)> {
    let mut sorted: Vec<char> = letters.chars().collect();
    sorted.sort_unstable();
    let mut ranges: Vec<(char, char)> = Vec::new();
    for letter in sorted {
        match ranges.last_mut() {
            Some((_, last)) if u32::from(*last) + 1 == u32::from(letter) => *last = letter,
            _ => ranges.push((letter, letter)),
        }
    }
    ranges
}

/// A string of the language: quotes doubled, whatever is not plain by its number.
fn literal(text: &str) -> String {
    let mut out = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\"\""),
            ' '..='~' if letter != '\\' => out.push(letter),
            other => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(other));
            }
        }
    }
    out.push('"');
    out
}
