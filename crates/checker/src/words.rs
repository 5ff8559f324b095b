//! Whether some string is in all of these patterns and in none of those.
//!
//! Every pattern is read side by side, one character after the other, and what each has reached is
//! remembered. Characters that no pattern tells apart are tried once. There is no string if nothing
//! new can be reached.

use std::collections::BTreeSet;

use crate::formula::{Class, Token};
use crate::refused::Refused;

/// Combinations of places that one lemma may reach. Twelve infix patterns need about 100,000.
const COMBINATIONS: usize = 2_000_000;

/// Where a reader of one pattern may be.
type Places = Vec<usize>;

/// Whether there is a string in one of the shapes (any string if there are none) that is in all of
/// `within` and in none of `without`.
pub fn is_empty(
    shapes: &[Vec<Token>],
    within: &[&[Token]],
    without: &[&[Token]],
) -> Result<bool, Refused> {
    for shape in shapes {
        let all: Vec<&[Token]> = std::iter::once(shape.as_slice())
            .chain(within.iter().copied())
            .collect();
        if !is_empty_together(&all, without)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The string that a pattern stands for, if it stands for one only.
pub fn only(pattern: &[Token]) -> Option<String> {
    let letter = |token: &Token| match token {
        Token::Letter(letter) => Some(*letter),
        _ => None,
    };
    pattern.iter().map(letter).collect()
}

/// Whether the string is in the pattern.
pub fn accepts(pattern: &[Token], text: &str) -> bool {
    let mut places = start(pattern);
    for letter in text.chars() {
        places = step(pattern, &places, letter);
    }
    places.contains(&pattern.len())
}

fn is_empty_together(within: &[&[Token]], without: &[&[Token]]) -> Result<bool, Refused> {
    if let Some(text) = within.iter().find_map(|pattern| only(pattern)) {
        let fits = within.iter().all(|pattern| accepts(pattern, &text));
        return Ok(!fits || without.iter().any(|pattern| accepts(pattern, &text)));
    }
    let patterns: Vec<&[Token]> = within.iter().chain(without).copied().collect();
    let letters = letters(&patterns);
    let first: Vec<Places> = patterns.iter().map(|pattern| start(pattern)).collect();
    let mut seen = BTreeSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(state) = open.pop() {
        if is_accepted(&patterns, within.len(), &state) {
            return Ok(false);
        }
        for letter in &letters {
            let pairs = patterns.iter().zip(&state);
            let next: Vec<Places> = pairs.map(|(p, places)| step(p, places, *letter)).collect();
            let dead = next.iter().take(within.len()).any(Vec::is_empty);
            if !dead && seen.insert(next.clone()) {
                open.push(next);
            }
        }
        if seen.len() > COMBINATIONS {
            return Err(Refused::new(
                "a lemma about strings is too large to be checked",
            ));
        }
    }
    Ok(true)
}

fn is_accepted(patterns: &[&[Token]], within: usize, state: &[Places]) -> bool {
    let ends = patterns
        .iter()
        .zip(state)
        .map(|(pattern, places)| places.contains(&pattern.len()));
    ends.enumerate()
        .all(|(number, ends)| ends == (number < within))
}

fn start(pattern: &[Token]) -> Places {
    reached(pattern, BTreeSet::from([0]))
}

fn step(pattern: &[Token], places: &Places, letter: char) -> Places {
    let mut next = BTreeSet::new();
    for place in places {
        match pattern.get(*place) {
            Some(token) if !token.takes(letter) => {}
            Some(Token::Many(_)) => next.extend([*place]),
            Some(_) => next.extend([place + 1]),
            None => {}
        }
    }
    reached(pattern, next)
}

/// Adds the places behind a run, which may be empty. Places before the last run of any character
/// are left out: what is accepted from them is accepted from that run too.
fn reached(pattern: &[Token], mut places: BTreeSet<usize>) -> Places {
    let mut new: Vec<usize> = places.iter().copied().collect();
    while let Some(place) = new.pop() {
        if matches!(pattern.get(place), Some(Token::Many(_))) && places.insert(place + 1) {
            new.push(place + 1);
        }
    }
    let is_any = |place: &&usize| pattern.get(**place) == Some(&Token::Many(Class::Any));
    match places.iter().rev().find(is_any).copied() {
        Some(last) => places.split_off(&last).into_iter().collect(),
        None => places.into_iter().collect(),
    }
}

/// One character for each way in which the patterns treat characters.
fn letters(patterns: &[&[Token]]) -> Vec<char> {
    let tokens: BTreeSet<Token> = patterns
        .iter()
        .flat_map(|pattern| pattern.iter().copied())
        .collect();
    let mut kinds = BTreeSet::new();
    let mut letters = Vec::new();
    for letter in candidates(&tokens) {
        let kind: Vec<bool> = tokens.iter().map(|token| token.takes(letter)).collect();
        if kinds.insert(kind) {
            letters.push(letter);
        }
    }
    letters
}

/// ASCII, every character that is written out, and one that is neither: classes name ASCII
/// characters only.
fn candidates(tokens: &BTreeSet<Token>) -> Vec<char> {
    let mut named: BTreeSet<char> = ('\0'..='\u{7f}').collect();
    for token in tokens {
        match token {
            Token::Letter(letter)
            | Token::Fold(letter)
            | Token::One(Class::Except(letter))
            | Token::Many(Class::Except(letter)) => named.extend([*letter]),
            _ => {}
        }
    }
    let other = ('\u{80}'..=char::MAX).find(|letter| !named.contains(letter));
    named.into_iter().chain(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Vec<Token> {
        let token = |letter| match letter {
            '*' => Token::Many(Class::Any),
            '?' => Token::One(Class::Any),
            '#' => Token::One(Class::Listed("0123456789")),
            other => Token::Letter(other),
        };
        text.chars().map(token).collect()
    }

    fn check(within: &[&str], without: &[&str], expected: bool) {
        let patterns = |globs: &[&str]| globs.iter().map(|text| glob(text)).collect::<Vec<_>>();
        let (within, without) = (patterns(within), patterns(without));
        let within: Vec<&[Token]> = within.iter().map(Vec::as_slice).collect();
        let without: Vec<&[Token]> = without.iter().map(Vec::as_slice).collect();
        let empty = is_empty(&[glob("*")], &within, &without);
        assert_eq!(empty, Ok(expected), "{within:?} without {without:?}");
    }

    #[test]
    fn strings_are_found_where_there_are_some() {
        check(&["a*", "*b"], &[], false);
        check(&["a*", "b*"], &[], true);
        check(&["*ab*", "*ba*"], &["*aba*", "*bab*"], false);
        check(&["*ab*", "*ba*"], &["*a*"], true);
        check(&["a?"], &["a*"], true);
        check(&["a*"], &["a", "a?*"], true);
        check(&["a*"], &["a", "a??*"], false);
        check(&["###"], &["#*"], true);
        check(&["?"], &["#"], false);
        check(&["a"], &["a*"], true);
    }
}
