//! The solver against exhaustive enumeration: small random formulas over few attributes.
//!
//! Whatever enumeration satisfies, the solver must call satisfiable; every model is evaluated by
//! an evaluator of this file's own, which shares no code with the solver; every core is asked again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use cofferdam_logic::{
    Attribute, Case, Class, Comparison, Decimal, Formula, Limits, Model, Network, Outcome, Part,
    Pattern, Problem, Reason, Solver, Token,
};
use proptest::prelude::*;
use std::net::IpAddr;

/// Patterns over the letters a and b. `%` is a run of anything but b, `#` one digit.
const PATTERNS: [&str; 18] = [
    "", "a", "b", "ab", "a*", "*a", "*", "?", "a?", "*b*", "*ab*", "a*b", "%", "a%", "%b%", "?*",
    "#", "b#*",
];

const NETWORKS: [&str; 5] = [
    "10.0.0.0/8",
    "10.1.0.0/16",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/32",
];

const ADDRESSES: [&str; 5] = [
    "10.0.0.1",
    "10.1.0.1",
    "11.0.0.1",
    "2001:db8::1",
    "2001:db9::1",
];

/// How texts are joined: `t` and `u` stand for values, the rest is pattern.
const JOINS: [&str; 5] = ["u", "au", "u*", "*ub", "uu"];

#[derive(Clone, Debug)]
enum Tree {
    Flag(usize),
    Text(usize),
    Other(usize),
    Joined(usize),
    Some(usize),
    Every(usize),
    EveryOf(usize, usize),
    Member(u8),
    Within(usize),
    Number(u8, i64),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

#[derive(Clone, Debug, Default)]
struct World {
    flags: [bool; 2],
    text: String,
    other: String,
    set: Vec<String>,
    member: u32,
    address: String,
    /// Twice the value, so that what lies between two whole numbers has one too.
    number: i64,
}

fn pattern(text: &str) -> Pattern {
    let token = |letter| match letter {
        '*' => Token::Many(Class::Any),
        '?' => Token::One(Class::Any),
        '%' => Token::Many(Class::Except('b')),
        '#' => Token::One(Class::Digit),
        other => Token::Char(other),
    };
    Pattern::from_tokens(text.chars().map(token).collect())
}

/// The textbook matcher.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        (['*', rest @ ..], _) => (0..=text.len()).any(|n| naive(rest, &text[n..])),
        (['%', rest @ ..], _) => (0..=text.len())
            .take_while(|n| text[..*n].iter().all(|c| *c != 'b'))
            .any(|n| naive(rest, &text[n..])),
        (['?', rest @ ..], [_, tail @ ..]) => naive(rest, tail),
        (['#', rest @ ..], [c, tail @ ..]) => c.is_ascii_digit() && naive(rest, tail),
        ([p, rest @ ..], [c, tail @ ..]) => p == c && naive(rest, tail),
        _ => false,
    }
}

fn matches(index: usize, text: &str) -> bool {
    naive(
        &PATTERNS[index].chars().collect::<Vec<_>>(),
        &text.chars().collect::<Vec<_>>(),
    )
}

fn joins(index: usize, text: &str, other: &str) -> bool {
    let spelled: String = JOINS[index]
        .chars()
        .map(|c| {
            if c == 'u' {
                other.into()
            } else {
                c.to_string()
            }
        })
        .collect();
    naive(
        &spelled.chars().collect::<Vec<_>>(),
        &text.chars().collect::<Vec<_>>(),
    )
}

fn comparison(op: u8) -> Comparison {
    [
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::GreaterOrEqual,
        Comparison::Greater,
    ][usize::from(op)]
}

fn holds(tree: &Tree, world: &World) -> bool {
    match tree {
        Tree::Flag(n) => world.flags[*n],
        Tree::Text(p) => matches(*p, &world.text),
        Tree::Other(p) => matches(*p, &world.other),
        Tree::Joined(j) => joins(*j, &world.text, &world.other),
        Tree::Some(p) => world.set.iter().any(|text| matches(*p, text)),
        Tree::Every(p) => world.set.iter().all(|text| matches(*p, text)),
        Tree::EveryOf(p, q) => {
            let listed = |text: &String| matches(*p, text) || matches(*q, text);
            world.set.iter().all(listed)
        }
        Tree::Member(set) => set >> world.member & 1 == 1,
        Tree::Within(n) => {
            let network: Network = NETWORKS[*n].parse().unwrap();
            network.contains(world.address.parse::<IpAddr>().unwrap())
        }
        Tree::Number(op, value) => match op {
            0 => world.number < 2 * value,
            1 => world.number <= 2 * value,
            2 => world.number == 2 * value,
            3 => world.number != 2 * value,
            4 => world.number >= 2 * value,
            _ => world.number > 2 * value,
        },
        Tree::Not(inner) => !holds(inner, world),
        Tree::All(parts) => parts.iter().all(|part| holds(part, world)),
        Tree::Any(parts) => parts.iter().any(|part| holds(part, world)),
    }
}

struct Asked {
    problem: Problem,
    text: Attribute,
    other: Attribute,
    set: Attribute,
    member: Attribute,
    address: Attribute,
    number: Attribute,
    flags: [Formula; 2],
}

impl Asked {
    fn new() -> Self {
        let mut p = Problem::new();
        Self {
            text: p.text("text", vec![], Case::Sensitive),
            other: p.text("other", vec![], Case::Sensitive),
            set: p.texts("set", vec![], Case::Sensitive),
            member: p.finite("member", ["w", "x", "y", "z"].map(str::to_owned).to_vec()),
            address: p.address("address"),
            number: p.number("number"),
            flags: [p.flag("f"), p.flag("g")],
            problem: p,
        }
    }

    fn build(&mut self, tree: &Tree) -> Formula {
        let p = &mut self.problem;
        match tree {
            Tree::Flag(n) => self.flags[*n],
            Tree::Text(i) => p.matches(self.text, &pattern(PATTERNS[*i])),
            Tree::Other(i) => p.matches(self.other, &pattern(PATTERNS[*i])),
            Tree::Joined(j) => {
                let part = |c: char| match c {
                    'u' => Part::Value(self.other),
                    c => Part::Pattern(pattern(&c.to_string())),
                };
                p.joined(self.text, &JOINS[*j].chars().map(part).collect::<Vec<_>>())
            }
            Tree::Some(i) => p.some(self.set, &pattern(PATTERNS[*i])),
            Tree::Every(i) => p.every(self.set, &pattern(PATTERNS[*i])),
            Tree::EveryOf(i, j) => {
                p.every_of(self.set, &[pattern(PATTERNS[*i]), pattern(PATTERNS[*j])])
            }
            Tree::Member(set) => p.one_of(self.member, (0..4).filter(|m| set >> m & 1 == 1)),
            Tree::Within(n) => p.within(self.address, &NETWORKS[*n].parse().unwrap()),
            Tree::Number(op, v) => {
                p.compare(self.number, comparison(*op), Decimal::from_integer(*v))
            }
            Tree::Not(inner) => !self.build(inner),
            Tree::All(parts) => {
                let parts: Vec<Formula> = parts.iter().map(|part| self.build(part)).collect();
                self.problem.all(&parts)
            }
            Tree::Any(parts) => {
                let parts: Vec<Formula> = parts.iter().map(|part| self.build(part)).collect();
                self.problem.any(&parts)
            }
        }
    }

    fn world(&self, model: &Model<'_>) -> World {
        let number = model.number(self.number);
        let above = (-20..=20)
            .find(|n| Decimal::from_integer(*n) >= number)
            .unwrap();
        let whole = Decimal::from_integer(above) == number;
        World {
            flags: self.flags.map(|flag| model.holds(flag)),
            text: model.text(self.text).to_owned(),
            other: model.text(self.other).to_owned(),
            set: model.texts(self.set).to_vec(),
            member: model.finite(self.member),
            address: model.address(self.address).to_string(),
            number: 2 * above - i64::from(!whole),
        }
    }
}

fn words(longest: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = words.clone();
    for _ in 0..longest {
        last = last
            .iter()
            .flat_map(|w| ["a", "b", "7"].map(|c| format!("{w}{c}")))
            .collect();
        words.extend(last.clone());
    }
    words
}

fn worlds_of_texts() -> Vec<World> {
    let words = words(3);
    let mut worlds = Vec::new();
    for text in &words {
        for other in &words {
            for flag in [false, true] {
                let flags = [flag, false];
                worlds.push(World {
                    text: text.clone(),
                    other: other.clone(),
                    flags,
                    address: "10.0.0.1".into(),
                    ..World::default()
                });
            }
        }
    }
    worlds
}

fn worlds_of_sets() -> Vec<World> {
    let words = words(2);
    let mut sets = vec![vec![]];
    for (place, first) in words.iter().enumerate() {
        sets.push(vec![first.clone()]);
        sets.extend(
            words[place + 1..]
                .iter()
                .map(|second| vec![first.clone(), second.clone()]),
        );
    }
    let with_flags = |set: Vec<String>| {
        [[false, false], [false, true], [true, false], [true, true]].map(|flags| World {
            set: set.clone(),
            flags,
            address: "10.0.0.1".into(),
            ..World::default()
        })
    };
    sets.into_iter().flat_map(with_flags).collect()
}

fn worlds_of_points() -> Vec<World> {
    let mut worlds = Vec::new();
    for member in 0..4 {
        for number in -3..=7 {
            for address in ADDRESSES {
                for flag in [false, true] {
                    worlds.push(World {
                        member,
                        number,
                        address: address.into(),
                        flags: [flag, false],
                        ..World::default()
                    });
                }
            }
        }
    }
    worlds
}

/// What enumeration, models and cores must agree on.
fn check(tree: &Tree, worlds: &[World], may_be_undecided: bool) {
    let mut asked = Asked::new();
    let goal = asked.build(tree);
    let expected = worlds.iter().any(|world| holds(tree, world));
    let asked = asked;
    let outcome = Solver::new(&asked.problem, goal, Limits::default()).solve(&[]);
    match outcome {
        Outcome::Satisfiable(model) => {
            assert!(
                model.holds(goal),
                "model of {}",
                asked.problem.display(goal)
            );
            let world = asked.world(&model);
            assert!(
                holds(tree, &world),
                "{world:?} of {}",
                asked.problem.display(goal)
            );
        }
        Outcome::Unsatisfiable(_) => {
            assert!(
                !expected,
                "enumeration satisfies {}",
                asked.problem.display(goal)
            );
        }
        Outcome::Undecided(Reason::Relation) if may_be_undecided => {}
        Outcome::Undecided(reason) => panic!("{reason}: {}", asked.problem.display(goal)),
    }
}

/// Each part as an assumption: cores must be refuted by enumeration and by a fresh solver.
fn check_core(parts: &[Tree], worlds: &[World], may_be_undecided: bool) {
    let mut asked = Asked::new();
    let formulas: Vec<Formula> = parts.iter().map(|part| asked.build(part)).collect();
    let mut solver = Solver::new(&asked.problem, Formula::TRUE, Limits::default());
    match solver.solve(&formulas) {
        Outcome::Satisfiable(model) => {
            let world = asked.world(&model);
            assert!(parts.iter().all(|part| holds(part, &world)), "{world:?}");
        }
        Outcome::Unsatisfiable(core) => {
            let used: Vec<&Tree> = parts
                .iter()
                .zip(&formulas)
                .filter(|(_, formula)| core.contains(**formula))
                .map(|(part, _)| part)
                .collect();
            let met = worlds
                .iter()
                .find(|world| used.iter().all(|part| holds(part, world)));
            assert!(met.is_none(), "{met:?} satisfies the core");
            let mut fresh = Solver::new(&asked.problem, Formula::TRUE, Limits::default());
            let again = fresh.solve(core.assumptions());
            assert!(
                matches!(again, Outcome::Unsatisfiable(_)),
                "the core alone is refuted"
            );
        }
        Outcome::Undecided(Reason::Relation) if may_be_undecided => {}
        Outcome::Undecided(reason) => panic!("{reason}"),
    }
}

fn trees(leaf: impl Strategy<Value = Tree> + 'static) -> impl Strategy<Value = Tree> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|tree| Tree::Not(Box::new(tree))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::All),
            prop::collection::vec(inner, 1..4).prop_map(Tree::Any),
        ]
    })
}

fn text_leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        1 => (0..1usize).prop_map(Tree::Flag),
        6 => (0..PATTERNS.len()).prop_map(Tree::Text),
    ]
}

fn joined_leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        2 => (0..PATTERNS.len()).prop_map(Tree::Text),
        2 => (0..PATTERNS.len()).prop_map(Tree::Other),
        1 => (0..JOINS.len()).prop_map(Tree::Joined),
    ]
}

fn set_leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        1 => (0..2usize).prop_map(Tree::Flag),
        3 => (0..PATTERNS.len()).prop_map(Tree::Some),
        3 => (0..PATTERNS.len()).prop_map(Tree::Every),
        3 => (0..PATTERNS.len(), 0..PATTERNS.len()).prop_map(|(i, j)| Tree::EveryOf(i, j)),
    ]
}

fn point_leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        1 => (0..1usize).prop_map(Tree::Flag),
        3 => (0..16u8).prop_map(Tree::Member),
        3 => (0..NETWORKS.len()).prop_map(Tree::Within),
        3 => (0..6u8, -1i64..3).prop_map(|(op, value)| Tree::Number(op, value)),
    ]
}

fn conjunctions(leaf: impl Strategy<Value = Tree> + 'static) -> impl Strategy<Value = Vec<Tree>> {
    prop::collection::vec(trees(leaf), 2..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts(parts in conjunctions(text_leaf())) {
        let worlds = worlds_of_texts();
        check(&Tree::All(parts.clone()), &worlds, false);
        check_core(&parts, &worlds, false);
    }

    #[test]
    fn joined_texts(parts in conjunctions(joined_leaf())) {
        let worlds = worlds_of_texts();
        check(&Tree::All(parts.clone()), &worlds, true);
        check_core(&parts, &worlds, true);
    }

    #[test]
    fn sets(parts in conjunctions(set_leaf())) {
        let worlds = worlds_of_sets();
        check(&Tree::All(parts.clone()), &worlds, false);
        check_core(&parts, &worlds, false);
    }

    #[test]
    fn points(parts in conjunctions(point_leaf())) {
        let worlds = worlds_of_points();
        check(&Tree::All(parts.clone()), &worlds, false);
        check_core(&parts, &worlds, false);
    }
}
