//! Whether a lemma holds in every world: whether its opposite is impossible.
//!
//! The opposite of a clause is a list of tests that must all come out so. Tests on different
//! attributes have nothing to do with each other unless something joins them, so the opposite is
//! impossible if the tests on one attribute, or on some that are joined, already are.

use std::collections::{BTreeMap, BTreeSet};

use crate::clauses::Clause;
use crate::formula::{Domain, Formula, Node, Part, Token};
use crate::joined;
use crate::points;
use crate::refused::Refused;
use crate::words;

/// A test, and whether it must hold or must not.
pub type Test<'f> = (&'f Node, bool);

/// Accepts the clause only if it holds by itself.
pub fn check(clause: &Clause, formula: &Formula) -> Result<(), Refused> {
    let refuse = |why: &str| Refused::new(format!("the clause {clause:?} {why}"));
    let tests = denied(clause, formula).map_err(|why| why.at(&format!("clause {clause:?}")))?;
    for group in groups(&tests) {
        let impossible = is_impossible(&group, formula);
        if impossible.map_err(|why| why.at(&format!("clause {clause:?}")))? {
            return Ok(());
        }
    }
    Err(refuse(
        "neither spells out the question nor holds by itself",
    ))
}

/// What the opposite of a clause demands of each attribute. Flags demand nothing of any.
pub fn denied<'f>(clause: &Clause, formula: &'f Formula) -> Result<Vec<Test<'f>>, Refused> {
    let mut tests = Vec::new();
    for literal in clause {
        match formula.node(*literal) {
            Some(Node::Flag) => {}
            Some(node) if node.attribute().is_some() => tests.push((node, *literal < 0)),
            _ => {
                return Err(Refused::new(
                    "a lemma speaks of something else than attributes",
                ));
            }
        }
    }
    Ok(tests)
}

/// The attributes that a test looks at.
pub fn looks_at(node: &Node) -> BTreeSet<u32> {
    let mut all: BTreeSet<u32> = node.attribute().into_iter().collect();
    if let Node::Joined(_, parts) = node {
        all.extend(parts.iter().filter_map(|part| match part {
            Part::Value(a) => Some(*a),
            Part::Tokens(_) => None,
        }));
    }
    all
}

/// Tests that share attributes, together.
fn groups<'f>(tests: &[Test<'f>]) -> Vec<Vec<Test<'f>>> {
    let mut groups: Vec<(BTreeSet<u32>, Vec<Test<'f>>)> = Vec::new();
    for test in tests {
        let mut own = (looks_at(test.0), vec![*test]);
        let (shared, apart) = groups
            .into_iter()
            .partition(|(known, _)| !known.is_disjoint(&own.0));
        groups = apart;
        let shared: Vec<_> = shared;
        for (attributes, tests) in shared {
            own.0.extend(attributes);
            own.1.extend(tests);
        }
        groups.push(own);
    }
    groups.into_iter().map(|(_, tests)| tests).collect()
}

fn is_impossible(tests: &[Test<'_>], formula: &Formula) -> Result<bool, Refused> {
    if tests
        .iter()
        .any(|(node, _)| matches!(node, Node::Joined(..)))
    {
        return joined::is_impossible(tests, formula);
    }
    let attribute = tests.first().and_then(|(node, _)| node.attribute());
    let attribute = attribute.and_then(|a| formula.attributes.get(&a));
    match attribute.map(|attribute| &attribute.domain) {
        Some(Domain::Text {
            shapes,
            many: false,
            ..
        }) => one(shapes, tests),
        Some(Domain::Text {
            shapes, many: true, ..
        }) => set(shapes, tests),
        Some(domain) => Ok(points::is_empty(domain, tests)),
        None => Ok(false),
    }
}

/// Whether no string passes the tests.
fn one(shapes: &[Vec<Token>], tests: &[Test<'_>]) -> Result<bool, Refused> {
    let (mut within, mut without) = (Vec::new(), Vec::new());
    for (node, sign) in tests {
        if let Node::Match(_, pattern) = node {
            if *sign { &mut within } else { &mut without }.push(pattern.as_slice());
        }
    }
    words::is_empty(shapes, &within, &without)
}

/// What a set of strings must be like.
#[derive(Default)]
pub struct SetTests<'f> {
    /// Each needs an element of its own: in one of the patterns, or outside all of them.
    pub some: Vec<(&'f [Vec<Token>], bool)>,
    /// Lists of patterns of which every element is in one.
    pub within: Vec<&'f [Vec<Token>]>,
    /// Patterns that no element is in.
    pub without: Vec<&'f [Token]>,
}

impl<'f> SetTests<'f> {
    /// Sorts tests by what they ask for.
    pub fn of(tests: &[Test<'f>]) -> Self {
        let mut sorted = Self::default();
        for (node, sign) in tests {
            match (node, sign) {
                (Node::Some(_, pattern), true) => {
                    sorted.some.push((std::slice::from_ref(pattern), true));
                }
                (Node::Some(_, pattern), false) => sorted.without.push(pattern),
                (Node::Every(_, patterns), true) => sorted.within.push(patterns),
                (Node::Every(_, patterns), false) => sorted.some.push((patterns, false)),
                _ => {}
            }
        }
        sorted
    }
}

/// Whether no set passes the tests: some element that must be there cannot be.
fn set(shapes: &[Vec<Token>], tests: &[Test<'_>]) -> Result<bool, Refused> {
    let sorted = SetTests::of(tests);
    for (patterns, inside) in &sorted.some {
        let (mut within, mut without) = (sorted.within.clone(), sorted.without.clone());
        if *inside {
            within.push(patterns);
        } else {
            without.extend(patterns.iter().map(Vec::as_slice));
        }
        if no_element(shapes, &within, &without)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Picks out of lists of patterns that are looked at; more leave a lemma unproved.
const PICKS: usize = 512;

/// Whether no string is in one pattern of each list and in none of `without`: whichever patterns
/// are picked.
pub fn no_element(
    shapes: &[Vec<Token>],
    within: &[&[Vec<Token>]],
    without: &[&[Token]],
) -> Result<bool, Refused> {
    let mut picks: Vec<Vec<&[Token]>> = vec![Vec::new()];
    for list in within {
        picks = picks
            .iter()
            .flat_map(|pick| {
                list.iter()
                    .map(move |pattern| [pick.as_slice(), &[pattern.as_slice()]].concat())
            })
            .collect();
        if picks.len() > PICKS {
            return Ok(false);
        }
    }
    for pick in &picks {
        if !words::is_empty(shapes, pick, without)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The tests of each attribute.
pub fn by_attribute<'f>(tests: &[Test<'f>]) -> BTreeMap<u32, Vec<Test<'f>>> {
    let mut sorted: BTreeMap<u32, Vec<Test<'f>>> = BTreeMap::new();
    for test in tests {
        if let Some(a) = test.0.attribute() {
            sorted.entry(a).or_default().push(*test);
        }
    }
    sorted
}
