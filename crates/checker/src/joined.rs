//! Whether texts that are joined into one another can pass all tests.
//!
//! Leaving something out only makes more possible, so every step here that loses a tie between
//! texts is safe: what is impossible afterwards was impossible before. A text that must equal
//! another takes over its tests; a text that can be one string only is that string; any other is
//! replaced, where it is part of a third, by each pattern that it is known to be in.

use std::collections::{BTreeMap, BTreeSet};

use crate::formula::{Class, Domain, Formula, Node, Part, Token};
use crate::lemma::Test;
use crate::refused::Refused;
use crate::words;

/// Ways to replace the parts of one concatenation that are tried together.
const WAYS: usize = 256;

/// Texts that are one and the same.
#[derive(Clone)]
struct Text<'f> {
    attributes: BTreeSet<u32>,
    /// It is in some pattern of each list.
    shapes: Vec<&'f [Vec<Token>]>,
    within: Vec<Vec<Token>>,
    without: Vec<Vec<Token>>,
}

struct Concatenation<'f> {
    target: u32,
    parts: &'f [Part],
    sign: bool,
    /// Whether it disregards case.
    folded: bool,
}

/// Whether the tests are impossible together; `false` where that does not show.
pub fn is_impossible(tests: &[Test<'_>], formula: &Formula) -> Result<bool, Refused> {
    let concatenations = concatenations(tests, formula);
    for texts in split(texts(tests, formula)) {
        if !is_impossible_here(&concatenations, texts)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The same texts, each in one of its shapes, in every way; as they are if there are too many.
fn split(texts: Vec<Text<'_>>) -> Vec<Vec<Text<'_>>> {
    let count = |text: &Text<'_>| text.shapes.iter().map(|list| list.len()).product::<usize>();
    let ways = texts.iter().map(count).try_fold(1, usize::checked_mul);
    if ways.is_none_or(|ways| ways > WAYS) {
        return vec![texts];
    }
    let mut ways: Vec<Vec<Text<'_>>> = vec![Vec::new()];
    for text in &texts {
        let shaped = text.in_each_shape();
        ways = ways
            .iter()
            .flat_map(|way| {
                shaped
                    .iter()
                    .map(move |text| [way.as_slice(), std::slice::from_ref(text)].concat())
            })
            .collect();
    }
    ways
}

fn is_impossible_here(
    concatenations: &[Concatenation<'_>],
    mut texts: Vec<Text<'_>>,
) -> Result<bool, Refused> {
    for equal in concatenations.iter().filter(|one| is_equality(one)) {
        if let [Part::Value(other)] = equal.parts {
            merge(&mut texts, equal.target, *other);
        }
    }
    if some_is_denied_and_follows(concatenations, &texts)? {
        return Ok(true);
    }
    // What one concatenation settles, the next may build on.
    for _ in concatenations {
        for one in concatenations.iter().filter(|one| !is_equality(one)) {
            apply(one, &mut texts);
        }
    }
    if some_is_empty(&texts)? {
        return Ok(true);
    }
    for one in concatenations.iter().filter(|one| one.sign && !one.folded) {
        if cannot_be_cut(one, &texts)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a concatenation must not be, though texts are equal or one that must be is, part by part,
/// the same or within it.
fn some_is_denied_and_follows(
    concatenations: &[Concatenation<'_>],
    texts: &[Text<'_>],
) -> Result<bool, Refused> {
    let exact = |sign| {
        let wanted = move |one: &&Concatenation<'_>| one.sign == sign && !one.folded;
        concatenations.iter().filter(wanted)
    };
    for denied in exact(false) {
        if matches!(denied.parts, [Part::Value(other)] if same(texts, denied.target, *other)) {
            return Ok(true);
        }
        for held in exact(true).filter(|held| same(texts, held.target, denied.target)) {
            if is_within(held.parts, denied.parts, texts)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether two attributes are one text.
fn same(texts: &[Text<'_>], left: u32, right: u32) -> bool {
    let both =
        |text: &Text<'_>| text.attributes.contains(&left) && text.attributes.contains(&right);
    left == right || texts.iter().any(both)
}

/// Whether every part lies within the part at its place.
fn is_within(narrow: &[Part], wide: &[Part], texts: &[Text<'_>]) -> Result<bool, Refused> {
    if narrow.len() != wide.len() {
        return Ok(false);
    }
    for pair in narrow.iter().zip(wide) {
        let fits = match pair {
            (Part::Value(left), Part::Value(right)) => same(texts, *left, *right),
            (Part::Tokens(own), Part::Tokens(other)) => {
                words::is_empty(std::slice::from_ref(own), &[], &[other.as_slice()])?
            }
            _ => false,
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lets the target of a concatenation know what that is known to be.
fn apply(one: &Concatenation<'_>, texts: &mut [Text<'_>]) {
    let added = replaced(one, texts);
    let mut targets = texts.iter_mut();
    if let Some(text) = targets.find(|text| text.attributes.contains(&one.target)) {
        let known = if one.sign {
            &mut text.within
        } else {
            &mut text.without
        };
        let new: Vec<Vec<Token>> = added
            .into_iter()
            .filter(|one| !known.contains(one))
            .collect();
        known.extend(new);
    }
}

fn some_is_empty(texts: &[Text<'_>]) -> Result<bool, Refused> {
    for text in texts {
        if text.is_empty()? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Values for the parts of a concatenation, by attribute.
type Values = BTreeMap<u32, String>;

/// Whether the concatenation must be one string, and no way to cut that string into the parts
/// leaves each part a value.
fn cannot_be_cut(one: &Concatenation<'_>, texts: &[Text<'_>]) -> Result<bool, Refused> {
    let target = texts
        .iter()
        .find(|text| text.attributes.contains(&one.target));
    let Some(word) = target.and_then(Text::only) else {
        return Ok(false);
    };
    let mut ways = Vec::new();
    if !cuts(one.parts, &word, &Values::new(), &mut ways) {
        return Ok(false);
    }
    for values in ways {
        let mut texts = texts.to_vec();
        for text in &mut texts {
            let own = values.iter().filter(|(a, _)| text.attributes.contains(a));
            let own: Vec<Vec<Token>> = own.map(|(_, value)| letters(value)).collect();
            text.within.extend(own);
        }
        if !some_is_empty(&texts)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every way to cut the string; whether these are all.
fn cuts(parts: &[Part], rest: &str, values: &Values, ways: &mut Vec<Values>) -> bool {
    let Some((part, parts)) = parts.split_first() else {
        if rest.is_empty() {
            ways.push(values.clone());
        }
        return ways.len() <= WAYS;
    };
    let ends = rest
        .char_indices()
        .map(|(place, _)| place)
        .chain([rest.len()]);
    ends.filter_map(|end| rest.split_at_checked(end))
        .all(|(piece, rest)| match part {
            Part::Tokens(tokens) => {
                !words::accepts(tokens, piece) || cuts(parts, rest, values, ways)
            }
            Part::Value(a) => {
                let mut values = values.clone();
                let other = values.insert(*a, piece.to_owned());
                other.is_some_and(|other| other != piece) || cuts(parts, rest, &values, ways)
            }
        })
}

fn letters(text: &str) -> Vec<Token> {
    text.chars().map(Token::Letter).collect()
}

fn concatenations<'f>(tests: &[Test<'f>], formula: &Formula) -> Vec<Concatenation<'f>> {
    let folds = |a: &u32| {
        let domain = formula.attributes.get(a).map(|attribute| &attribute.domain);
        matches!(domain, Some(Domain::Text { folded: true, .. }))
    };
    let one = |(node, sign): &Test<'f>| match node {
        Node::Joined(target, parts) => Some(Concatenation {
            target: *target,
            parts,
            sign: *sign,
            folded: folds(target),
        }),
        _ => None,
    };
    tests.iter().filter_map(one).collect()
}

fn is_equality(one: &Concatenation<'_>) -> bool {
    one.sign && !one.folded && matches!(one.parts, [Part::Value(_)])
}

fn texts<'f>(tests: &[Test<'f>], formula: &'f Formula) -> Vec<Text<'f>> {
    let mut texts: BTreeMap<u32, Text<'f>> = BTreeMap::new();
    for (node, sign) in tests {
        for a in crate::lemma::looks_at(node) {
            texts.entry(a).or_insert_with(|| Text::new(a, formula));
        }
        if let Node::Match(a, pattern) = node
            && let Some(text) = texts.get_mut(a)
        {
            if *sign {
                &mut text.within
            } else {
                &mut text.without
            }
            .push(pattern.clone());
        }
    }
    texts.into_values().collect()
}

fn merge(texts: &mut Vec<Text<'_>>, left: u32, right: u32) {
    let place =
        |texts: &[Text<'_>], a: u32| texts.iter().position(|text| text.attributes.contains(&a));
    let (Some(l), Some(r)) = (place(texts, left), place(texts, right)) else {
        return;
    };
    if l == r {
        return;
    }
    let taken = texts.remove(l.max(r));
    if let Some(kept) = texts.get_mut(l.min(r)) {
        kept.attributes.extend(taken.attributes);
        kept.shapes.extend(taken.shapes);
        kept.within.extend(taken.within);
        kept.without.extend(taken.without);
    }
}

impl<'f> Text<'f> {
    fn new(a: u32, formula: &'f Formula) -> Self {
        let domain = formula
            .attributes
            .get(&a)
            .map(|attribute| &attribute.domain);
        let shapes = match domain {
            Some(Domain::Text { shapes, .. }) => vec![shapes.as_slice()],
            _ => Vec::new(),
        };
        Self {
            attributes: BTreeSet::from([a]),
            shapes,
            within: Vec::new(),
            without: Vec::new(),
        }
    }

    /// The same text in each shape of its own alone.
    fn in_each_shape(&self) -> Vec<Text<'f>> {
        let lists = self.shapes.iter().flat_map(|list| list.iter());
        let in_shape = |shape: &'f Vec<Token>| Text {
            shapes: vec![std::slice::from_ref(shape)],
            ..self.clone()
        };
        lists.map(in_shape).collect()
    }

    fn is_empty(&self) -> Result<bool, Refused> {
        let without: Vec<&[Token]> = self.without.iter().map(Vec::as_slice).collect();
        let Some((first, others)) = self.shapes.split_first() else {
            return Ok(false);
        };
        // One pattern of each further list, in every way.
        let mut ways: Vec<Vec<&[Token]>> = vec![self.within.iter().map(Vec::as_slice).collect()];
        for list in others {
            ways = ways
                .iter()
                .flat_map(|way| {
                    list.iter()
                        .map(move |shape| [way.as_slice(), &[shape.as_slice()]].concat())
                })
                .collect();
            if ways.len() > WAYS {
                return Ok(false);
            }
        }
        for way in &ways {
            if !words::is_empty(first, way, &without)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The string that it must be, if some pattern leaves one only.
    fn only(&self) -> Option<String> {
        let shapes = self.shapes.iter().filter_map(|list| match list {
            [only] => Some(only),
            _ => None,
        });
        self.within
            .iter()
            .chain(shapes)
            .find_map(|pattern| words::only(pattern))
    }

    /// Patterns that it is known to be in.
    fn patterns(&self) -> Vec<Vec<Token>> {
        if let Some(text) = self.only() {
            return vec![letters(&text)];
        }
        let shapes = self.shapes.iter().filter_map(|list| match list {
            [only] => Some(only.clone()),
            _ => None,
        });
        let known: Vec<Vec<Token>> = self.within.iter().cloned().chain(shapes).collect();
        match known.is_empty() {
            true => vec![vec![Token::Many(Class::Any)]],
            false => known,
        }
    }
}

/// Patterns that a concatenation is surely in; or, where it must not be one, the pattern that it
/// is if every part is settled.
fn replaced(one: &Concatenation<'_>, texts: &[Text<'_>]) -> Vec<Vec<Token>> {
    let mut ways: Vec<Vec<Token>> = vec![Vec::new()];
    for part in one.parts {
        let choices = match part {
            Part::Tokens(tokens) => vec![tokens.clone()],
            Part::Value(a) => {
                let text = texts.iter().find(|text| text.attributes.contains(a));
                let settled = text.is_some_and(|text| text.only().is_some());
                if !one.sign && !settled {
                    return Vec::new();
                }
                text.map(Text::patterns).unwrap_or_default()
            }
        };
        ways = ways
            .iter()
            .flat_map(|way| {
                choices
                    .iter()
                    .map(move |choice| [way.as_slice(), choice].concat())
            })
            .take(WAYS)
            .collect();
    }
    match one.folded {
        true => ways.into_iter().map(folded).collect(),
        false => ways,
    }
}

fn folded(tokens: Vec<Token>) -> Vec<Token> {
    let fold = |token| match token {
        Token::Letter(letter) if letter.is_ascii_alphabetic() => Token::Fold(letter),
        other => other,
    };
    tokens.into_iter().map(fold).collect()
}
