//! A pattern read one character at a time, made deterministic as far as a search needs it.
//!
//! A state is the set of token positions reached. Positions that a run of the same class covers are
//! dropped, so patterns of literals and stars get about as many states as they have tokens.

use crate::pattern::{Class, Pattern, Token};
use rustc_hash::FxHashMap;

/// The state with no position: no continuation is in the language.
pub(crate) const DEAD: u32 = 0;

/// The state before the first character.
pub(crate) const START: u32 = 1;

/// What a search needs to know of a state.
#[derive(Clone, Debug)]
pub(crate) struct State {
    positions: Box<[u32]>,
    /// The empty continuation is in the language.
    pub accepts: bool,
    /// Every continuation is in the language.
    pub universal: bool,
    /// The length of the shortest continuation in the language.
    pub shortest: u32,
    /// The characters that some position asks for by name.
    pub letters: Box<[char]>,
    /// Nothing but those characters leads on.
    pub closed: bool,
    /// The characters that some position takes everything but.
    pub excepted: Box<[char]>,
    next: FxHashMap<char, u32>,
}

/// One pattern with the states reached so far.
#[derive(Clone, Debug)]
pub(crate) struct Automaton {
    tokens: Box<[Token]>,
    /// For each run: the first position that it covers.
    covered: Box<[u32]>,
    /// For each position: the length of the shortest continuation.
    shortest: Box<[u32]>,
    /// From this position on, everything is a run of any characters.
    open_from: u32,
    states: Vec<State>,
    index: FxHashMap<Box<[u32]>, u32>,
}

impl Automaton {
    pub fn new(pattern: &Pattern) -> Self {
        let tokens: Box<[Token]> = pattern.tokens().into();
        let open = tokens
            .iter()
            .rev()
            .take_while(|token| **token == Token::Many(Class::Any))
            .count();
        let mut automaton = Self {
            covered: covered(&tokens),
            shortest: shortest(&tokens),
            open_from: if open == 0 {
                u32::MAX
            } else {
                (tokens.len() - open) as u32
            },
            tokens,
            states: Vec::new(),
            index: FxHashMap::default(),
        };
        automaton.intern(Vec::new());
        let mut first = Vec::new();
        automaton.reach(&mut first, 0);
        automaton.intern(first);
        automaton
    }

    /// What is known of a state; one that does not exist is dead.
    pub fn state(&self, number: u32) -> Option<&State> {
        self.states.get(number as usize)
    }

    /// The state after one more character.
    pub fn step(&mut self, from: u32, letter: char) -> u32 {
        let Some(state) = self.states.get(from as usize) else {
            return DEAD;
        };
        if let Some(known) = state.next.get(&letter) {
            return *known;
        }
        let mut reached = Vec::new();
        for position in state.positions.iter().copied() {
            match self.tokens.get(position as usize) {
                Some(token) if !token.takes(letter) => {}
                Some(Token::Many(_)) => self.reach(&mut reached, position),
                Some(_) => self.reach(&mut reached, position + 1),
                None => {}
            }
        }
        let to = self.intern(reached);
        if let Some(state) = self.states.get_mut(from as usize) {
            state.next.insert(letter, to);
        }
        to
    }

    /// Adds a position and those behind it that need no character.
    fn reach(&self, positions: &mut Vec<u32>, mut position: u32) {
        loop {
            positions.push(position);
            match self.tokens.get(position as usize) {
                Some(Token::Many(_)) => position += 1,
                _ => return,
            }
        }
    }

    fn intern(&mut self, mut positions: Vec<u32>) -> u32 {
        positions.sort_unstable();
        positions.dedup();
        let positions = self.without_covered(&positions);
        if let Some(known) = self.index.get(&positions) {
            return *known;
        }
        let number = self.states.len() as u32;
        let state = self.describe(positions.clone());
        self.states.push(state);
        self.index.insert(positions, number);
        number
    }

    fn without_covered(&self, positions: &[u32]) -> Box<[u32]> {
        let mut kept: Vec<u32> = Vec::with_capacity(positions.len());
        for &position in positions {
            let from = self
                .covered
                .get(position as usize)
                .copied()
                .unwrap_or(position);
            while kept
                .last()
                .is_some_and(|last| *last >= from && from < position)
            {
                kept.pop();
            }
            kept.push(position);
        }
        kept.into_boxed_slice()
    }

    fn describe(&self, positions: Box<[u32]>) -> State {
        let end = self.tokens.len() as u32;
        let shortest = |position: &u32| self.shortest.get(*position as usize).copied();
        State {
            accepts: positions.last() == Some(&end),
            universal: positions
                .iter()
                .any(|position| *position >= self.open_from && *position < end),
            shortest: positions
                .iter()
                .filter_map(shortest)
                .min()
                .unwrap_or(u32::MAX),
            letters: self.letters(&positions),
            closed: self.closed(&positions),
            excepted: self.excepted(&positions),
            next: FxHashMap::default(),
            positions,
        }
    }

    fn letters(&self, positions: &[u32]) -> Box<[char]> {
        let mut letters = Vec::new();
        for &position in positions {
            match self.tokens.get(position as usize) {
                Some(Token::Char(letter)) => letters.push(*letter),
                Some(Token::AnyCase(letter)) => letters.extend([*letter, swapped(*letter)]),
                _ => {}
            }
        }
        letters.into_boxed_slice()
    }

    fn closed(&self, positions: &[u32]) -> bool {
        let tokens = positions
            .iter()
            .filter_map(|position| self.tokens.get(*position as usize));
        !tokens
            .into_iter()
            .any(|token| matches!(token, Token::One(_) | Token::Many(_)))
    }

    fn excepted(&self, positions: &[u32]) -> Box<[char]> {
        let tokens = positions
            .iter()
            .filter_map(|position| self.tokens.get(*position as usize));
        let letter = |token: &Token| match token {
            Token::One(Class::Except(letter)) | Token::Many(Class::Except(letter)) => Some(*letter),
            _ => None,
        };
        tokens.filter_map(letter).collect()
    }
}

fn swapped(letter: char) -> char {
    if letter.is_ascii_lowercase() {
        letter.to_ascii_uppercase()
    } else {
        letter.to_ascii_lowercase()
    }
}

fn shortest(tokens: &[Token]) -> Box<[u32]> {
    let mut lengths = vec![0; tokens.len() + 1];
    let mut length = 0;
    for (slot, token) in lengths.iter_mut().rev().skip(1).zip(tokens.iter().rev()) {
        length += u32::from(token.run().is_none());
        *slot = length;
    }
    lengths.into_boxed_slice()
}

/// Whatever is matched from a position is matched from a later run too, if the run can consume
/// all that lies between.
fn covered(tokens: &[Token]) -> Box<[u32]> {
    let from = |(position, token): (usize, &Token)| {
        let Some(class) = token.run() else {
            return position as u32;
        };
        let before = tokens.iter().take(position).rev();
        (position - before.take_while(|earlier| earlier.within(class)).count()) as u32
    };
    tokens.iter().enumerate().map(from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Case;

    fn check(glob: &str, words: &[&str]) {
        let pattern = Pattern::glob(glob);
        let mut automaton = Automaton::new(&pattern);
        for word in words {
            let state = word
                .chars()
                .fold(START, |state, letter| automaton.step(state, letter));
            let accepts = automaton.state(state).unwrap().accepts;
            assert_eq!(
                accepts,
                pattern.accepts(word, Case::Sensitive),
                "{glob} on {word}"
            );
        }
    }

    #[test]
    fn agrees_with_the_matcher() {
        let words = [
            "", "a", "b", "ab", "ba", "aab", "aba", "abab", "bab", "abba", "babab",
        ];
        for glob in [
            "", "*", "a*", "*a", "*ab*", "a?", "?*a", "*a?b*", "*ab*ba*", "a*b*a",
        ] {
            check(glob, &words);
        }
    }

    #[test]
    fn stars_and_literals_stay_small() {
        let mut automaton = Automaton::new(&Pattern::glob("*abcd*efgh*"));
        let mut state = START;
        for letter in "abcabcdefeabcdefgefghabcdefgh".chars() {
            state = automaton.step(state, letter);
        }
        assert!(automaton.state(state).unwrap().universal);
        assert!(
            automaton.states.len() < 24,
            "{} states",
            automaton.states.len()
        );
    }
}
