//! A whole question as an SMT-LIB 2.6 script, for solvers that know nothing of this crate.
//!
//! Strings are strings with regular expressions, addresses bit vectors, numbers integers in units
//! of the last place, members of a finite set their positions. A set of strings becomes as many
//! optional elements as there are tests that may need one of their own, which loses nothing: a
//! larger set passes no test more. The script is written from the problem as it stands, before any
//! slicing, so that a comparison covers all of the search.

use crate::decimal::Comparison;
use crate::graph::{AtomId, Formula, Node};
use crate::network::Network;
use crate::pattern::{Case, Class, Pattern, Token};
use crate::problem::{Atom, Attribute, Domain, Part, PatternId, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// The script that asks whether the formula can hold: `sat` or `unsat`.
pub fn smt(problem: &Problem, formula: Formula) -> String {
    let reached = problem.graph.reachable(&[formula]);
    let mut script = Script {
        problem,
        out: "(set-info :smt-lib-version 2.6)\n(set-logic ALL)\n".to_owned(),
        slots: BTreeMap::new(),
        fresh: 0,
    };
    let nodes = || {
        let numbered = reached.iter().enumerate();
        numbered
            .filter_map(|(index, reached)| reached.then_some((index, problem.graph.node(index))))
    };
    let atoms: Vec<AtomId> = nodes()
        .filter_map(|(_, node)| match node {
            Node::Leaf(atom) => Some(*atom),
            _ => None,
        })
        .collect();
    script.declarations(&atoms);
    for (index, node) in nodes() {
        script.node(index, node);
    }
    script.line(&format!("(assert {})", signed(formula)));
    script.line("(check-sat)");
    script.out
}

struct Script<'p> {
    problem: &'p Problem,
    out: String,
    /// How many optional elements each set has.
    slots: BTreeMap<Attribute, usize>,
    fresh: usize,
}

impl Script<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn declarations(&mut self, atoms: &[AtomId]) {
        let mut attributes: BTreeSet<Attribute> = BTreeSet::new();
        for id in atoms {
            let Some(atom) = self.problem.atom_of(*id) else {
                continue;
            };
            if matches!(atom, Atom::Flag(_)) {
                self.line(&format!("(declare-const f{} Bool)", id.0));
            }
            if let Some(a) = atom.attribute() {
                attributes.insert(a);
                *self.slots.entry(a).or_default() += 1;
            }
            if let Atom::Joined(_, parts) = atom {
                attributes.extend(parts.iter().filter_map(value));
            }
        }
        attributes.into_iter().for_each(|a| self.declare(a));
    }

    fn declare(&mut self, a: Attribute) {
        let name: String = self
            .problem
            .name(a)
            .chars()
            .filter(char::is_ascii_graphic)
            .collect();
        self.line(&format!("; a{} is {name}", a.0));
        let a_ = format!("a{}", a.0);
        match self.problem.domain(a) {
            Some(Domain::Text {
                shapes,
                many: false,
                ..
            }) => self.string(&a_, shapes),
            Some(Domain::Text { shapes, .. }) => {
                for slot in 0..self.slots.get(&a).copied().unwrap_or_default() {
                    self.line(&format!("(declare-const {a_}-{slot}-there Bool)"));
                    self.string(&format!("{a_}-{slot}"), shapes);
                }
            }
            Some(Domain::Finite { values }) => {
                self.line(&format!("(declare-const {a_} Int)"));
                self.line(&format!(
                    "(assert (and (<= 0 {a_}) (< {a_} {})))",
                    values.len()
                ));
            }
            Some(Domain::Number { .. }) => self.line(&format!("(declare-const {a_} Int)")),
            Some(Domain::Address) => {
                self.line(&format!("(declare-const {a_}-is-v4 Bool)"));
                self.line(&format!("(declare-const {a_}-v4 (_ BitVec 32))"));
                self.line(&format!("(declare-const {a_}-v6 (_ BitVec 128))"));
            }
            None => {}
        }
    }

    fn string(&mut self, name: &str, shapes: &[PatternId]) {
        self.line(&format!("(declare-const {name} String)"));
        let patterns = shapes.iter().filter_map(|id| self.problem.pattern(*id));
        let shapes: Vec<String> = patterns.map(|shape| inside(name, shape)).collect();
        self.line(&format!("(assert {})", any(&shapes)));
    }

    fn node(&mut self, index: usize, node: &Node) {
        let text = match node {
            Node::True => "true".to_owned(),
            Node::Leaf(id) => match self.problem.atom_of(*id) {
                Some(atom) => self.atom(*id, atom),
                None => "false".to_owned(),
            },
            Node::All(parts) => all(&parts.iter().map(|part| signed(*part)).collect::<Vec<_>>()),
        };
        self.line(&format!("(define-fun n{index} () Bool {text})"));
    }

    fn atom(&mut self, id: AtomId, atom: &Atom) -> String {
        match atom {
            Atom::Flag(_) => format!("f{}", id.0),
            Atom::Match(a, p) => self.inside(&format!("a{}", a.0), *p),
            Atom::OneOf(a, bits) => {
                let equal = bits
                    .members()
                    .map(|member| format!("(= a{} {member})", a.0));
                any(&equal.collect::<Vec<_>>())
            }
            Atom::Within(a, network) => within(*a, network),
            Atom::Compare(a, op, value) => {
                let sign = match op {
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "<=",
                    _ => "=",
                };
                format!("({sign} a{} {})", a.0, integer(value.units()))
            }
            Atom::Some(a, p) => {
                let each =
                    self.elements(*a, &[*p], |there, inside| format!("(and {there} {inside})"));
                any(&each)
            }
            Atom::Every(a, p) => self.every(*a, &[*p]),
            Atom::EveryOf(a, patterns) => self.every(*a, patterns),
            Atom::Joined(a, parts) => self.joined(*a, parts),
        }
    }

    fn inside(&self, name: &str, pattern: PatternId) -> String {
        let pattern = self.problem.pattern(pattern);
        pattern.map_or_else(|| "false".to_owned(), |pattern| inside(name, pattern))
    }

    fn every(&self, a: Attribute, patterns: &[PatternId]) -> String {
        all(&self.elements(a, patterns, |there, inside| {
            format!("(=> {there} {inside})")
        }))
    }

    /// Something said of each element of a set, that is there and in one of the patterns.
    fn elements(
        &self,
        a: Attribute,
        patterns: &[PatternId],
        say: impl Fn(&str, &str) -> String,
    ) -> Vec<String> {
        let count = self.slots.get(&a).copied().unwrap_or_default();
        let each = (0..count).map(|slot| {
            let name = format!("a{}-{slot}", a.0);
            let listed: Vec<String> = patterns.iter().map(|p| self.inside(&name, *p)).collect();
            say(&format!("{name}-there"), &any(&listed))
        });
        each.collect()
    }

    /// A concatenation. A run of anything at either end needs no string of its own.
    fn joined(&mut self, a: Attribute, parts: &[Part]) -> String {
        let folded = matches!(
            self.problem.domain(a),
            Some(Domain::Text {
                case: Case::Insensitive,
                ..
            })
        );
        let lower = |text: String| {
            if folded {
                format!("(str.to_lower {text})")
            } else {
                text
            }
        };
        let mut pieces = Pieces::default();
        for part in parts {
            match part {
                Part::Value(other) => pieces.push(lower(format!("a{}", other.0))),
                Part::Pattern(pattern) => self.pieces_of(pattern, &mut pieces, &lower),
            }
        }
        pieces.end();
        pieces.say(&lower(format!("a{}", a.0)))
    }

    fn pieces_of(
        &mut self,
        pattern: &Pattern,
        pieces: &mut Pieces,
        lower: &dyn Fn(String) -> String,
    ) {
        let mut rest: Vec<Token> = Vec::new();
        for token in pattern.tokens() {
            if *token == Token::Many(Class::Any) {
                self.piece_of(&std::mem::take(&mut rest), pieces, lower);
                pieces.cut();
            } else {
                rest.push(*token);
            }
        }
        self.piece_of(&rest, pieces, lower);
    }

    fn piece_of(
        &mut self,
        tokens: &[Token],
        pieces: &mut Pieces,
        lower: &dyn Fn(String) -> String,
    ) {
        if tokens.is_empty() {
            return;
        }
        let pattern = Pattern::from_tokens(tokens.to_vec());
        match pattern.as_literal() {
            Some(text) => pieces.push(lower(literal(&text))),
            None => {
                self.fresh += 1;
                let name = format!("p{}", self.fresh);
                pieces.bound.push(format!("({name} String)"));
                pieces.holds.push(inside(&name, &pattern));
                pieces.push(lower(name));
            }
        }
    }
}

/// The pieces of a concatenation between runs of anything.
#[derive(Default)]
struct Pieces {
    done: Vec<Vec<String>>,
    open: Vec<String>,
    bound: Vec<String>,
    holds: Vec<String>,
}

impl Pieces {
    fn push(&mut self, piece: String) {
        self.open.push(piece);
    }

    fn cut(&mut self) {
        self.done.push(std::mem::take(&mut self.open));
    }

    fn end(&mut self) {
        self.cut();
    }

    fn say(mut self, whole: &str) -> String {
        let joined: Vec<String> = self
            .done
            .iter()
            .map(|pieces| concatenated(pieces))
            .collect();
        match joined.as_slice() {
            [only] => self.holds.push(format!("(= {whole} {only})")),
            [first, last] => self.holds.extend([
                format!("(str.prefixof {first} {whole})"),
                format!("(str.suffixof {last} {whole})"),
                format!("(<= (+ (str.len {first}) (str.len {last})) (str.len {whole}))"),
            ]),
            more => {
                let runs: Vec<String> = (1..more.len()).map(|run| format!("r{run}")).collect();
                self.bound
                    .extend(runs.iter().map(|run| format!("({run} String)")));
                let mut all = Vec::new();
                for (place, piece) in more.iter().enumerate() {
                    all.push(piece.clone());
                    all.extend(runs.get(place).cloned());
                }
                self.holds
                    .push(format!("(= {whole} {})", concatenated(&all)));
            }
        }
        match self.bound.is_empty() {
            true => all(&self.holds),
            false => format!("(exists ({}) {})", self.bound.join(" "), all(&self.holds)),
        }
    }
}

fn value(part: &Part) -> Option<Attribute> {
    match part {
        Part::Value(a) => Some(*a),
        Part::Pattern(_) => None,
    }
}

fn signed(formula: Formula) -> String {
    let name = format!("n{}", formula.index());
    if formula.is_negated() {
        format!("(not {name})")
    } else {
        name
    }
}

fn concatenated(pieces: &[String]) -> String {
    match pieces {
        [] => "\"\"".to_owned(),
        [only] => only.clone(),
        _ => format!("(str.++ {})", pieces.join(" ")),
    }
}

fn any(parts: &[String]) -> String {
    match parts {
        [] => "false".to_owned(),
        [only] => only.clone(),
        _ => format!("(or {})", parts.join(" ")),
    }
}

fn all(parts: &[String]) -> String {
    match parts {
        [] => "true".to_owned(),
        [only] => only.clone(),
        _ => format!("(and {})", parts.join(" ")),
    }
}

fn integer(value: i128) -> String {
    if value < 0 {
        format!("(- {})", value.unsigned_abs())
    } else {
        value.to_string()
    }
}

fn within(a: Attribute, network: &Network) -> String {
    let (first, last) = network.bounds();
    let a = a.0;
    match network {
        Network::V4(..) => {
            format!("(and a{a}-is-v4 (bvule #x{first:08x} a{a}-v4) (bvule a{a}-v4 #x{last:08x}))")
        }
        Network::V6(..) => format!(
            "(and (not a{a}-is-v4) (bvule #x{first:032x} a{a}-v6) (bvule a{a}-v6 #x{last:032x}))"
        ),
    }
}

fn inside(name: &str, pattern: &Pattern) -> String {
    match pattern.as_literal() {
        Some(text) => format!("(= {name} {})", literal(&text)),
        None => format!("(str.in_re {name} {})", expression(pattern)),
    }
}

/// A pattern as a regular expression; characters that follow each other are one string.
fn expression(pattern: &Pattern) -> String {
    let mut parts = Vec::new();
    let mut plain = String::new();
    for token in pattern.tokens() {
        if let Token::Char(letter) = token {
            plain.push(*letter);
            continue;
        }
        flush(&mut plain, &mut parts);
        parts.push(match token {
            Token::Char(letter) => exactly(&letter.to_string()),
            Token::AnyCase(letter) => format!(
                "(re.union {} {})",
                exactly(&letter.to_ascii_lowercase().to_string()),
                exactly(&letter.to_ascii_uppercase().to_string())
            ),
            Token::One(class) => of_class(*class),
            Token::Many(Class::Any) => "re.all".to_owned(),
            Token::Many(class) => format!("(re.* {})", of_class(*class)),
        });
    }
    flush(&mut plain, &mut parts);
    match parts.as_slice() {
        [] => exactly(""),
        [only] => only.clone(),
        _ => format!("(re.++ {})", parts.join(" ")),
    }
}

fn flush(plain: &mut String, parts: &mut Vec<String>) {
    if !plain.is_empty() {
        parts.push(exactly(&std::mem::take(plain)));
    }
}

fn exactly(text: &str) -> String {
    format!("(str.to_re {})", literal(text))
}

fn of_class(class: Class) -> String {
    match class {
        Class::Any => "re.allchar".to_owned(),
        Class::Except(letter) => {
            format!("(re.diff re.allchar {})", exactly(&letter.to_string()))
        }
        listed => {
            let members = (0u8..128)
                .map(char::from)
                .filter(|letter| listed.contains(*letter));
            let ranges: Vec<String> = ranges(members)
                .into_iter()
                .map(|(first, last)| {
                    let (first, last) = (literal(&first.to_string()), literal(&last.to_string()));
                    format!("(re.range {first} {last})")
                })
                .collect();
            match ranges.as_slice() {
                [only] => only.clone(),
                _ => format!("(re.union {})", ranges.join(" ")),
            }
        }
    }
}

/// Ascending characters as ranges without gaps.
fn ranges(letters: impl Iterator<Item = char>) -> Vec<(char, char)> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    for letter in letters {
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
            other => out.push_str(&format!("\\u{{{:x}}}", u32::from(other))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(build: impl Fn(&mut Problem) -> Formula, expected: &[&str]) {
        let mut problem = Problem::new();
        let formula = build(&mut problem);
        let text = smt(&problem, formula);
        for line in expected {
            assert!(
                text.lines().any(|own| own == *line),
                "no line `{line}` in\n{text}"
            );
        }
    }

    #[test]
    fn strings_are_strings_with_expressions() {
        check(
            |p| {
                let a = p.text("name", vec![], Case::Sensitive);
                p.matches(a, &Pattern::glob("a\"*?"))
            },
            &[
                "(declare-const a0 String)",
                "(define-fun n1 () Bool (str.in_re a0 (re.++ (str.to_re \"a\"\"\") re.allchar re.all)))",
                "(assert n1)",
                "(check-sat)",
            ],
        );
    }

    #[test]
    fn sets_have_an_element_for_each_test() {
        check(
            |p| {
                let a = p.texts("tags", vec![], Case::Sensitive);
                let some = p.some(a, &Pattern::literal("x"));
                let every = p.every_of(a, &[Pattern::literal("x"), Pattern::literal("y")]);
                p.all(&[some, !every])
            },
            &[
                "(declare-const a0-0-there Bool)",
                "(declare-const a0-1 String)",
                "(define-fun n1 () Bool (or (and a0-0-there (= a0-0 \"x\")) (and a0-1-there (= a0-1 \"x\"))))",
                "(assert n3)",
            ],
        );
    }

    #[test]
    fn a_run_at_the_end_of_a_concatenation_is_a_beginning() {
        check(
            |p| {
                let a = p.text("resource", vec![], Case::Sensitive);
                let b = p.text("user", vec![], Case::Sensitive);
                p.joined(
                    a,
                    &[
                        Part::Pattern(Pattern::literal("home/")),
                        Part::Value(b),
                        Part::Pattern(Pattern::glob("/*")),
                    ],
                )
            },
            &[
                "(define-fun n1 () Bool (and (str.prefixof (str.++ \"home/\" a1 \"/\") a0) (str.suffixof \"\" a0) (<= (+ (str.len (str.++ \"home/\" a1 \"/\")) (str.len \"\")) (str.len a0))))",
            ],
        );
    }

    #[test]
    fn addresses_are_bit_vectors_and_members_positions() {
        check(
            |p| {
                let ip = p.address("ip");
                let block = "10.0.0.0/8".parse().unwrap();
                let inside = p.within(ip, &block);
                let f = p.finite("f", ["a", "b", "c"].map(str::to_owned).to_vec());
                let member = p.one_of(f, [1, 2]);
                p.all(&[inside, member])
            },
            &[
                "(define-fun n1 () Bool (and a0-is-v4 (bvule #x0a000000 a0-v4) (bvule a0-v4 #x0affffff)))",
                "(assert (and (<= 0 a1) (< a1 3)))",
                "(define-fun n2 () Bool (or (= a1 1) (= a1 2)))",
            ],
        );
    }
}
