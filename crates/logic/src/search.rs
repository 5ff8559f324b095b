//! Finds a string that is in all of some patterns and in none of others.
//!
//! Cheap answers first: a written-out string is only tested, differing beginnings or ends are
//! disjoint, an example that fits is taken. What is left is a walk through the product of the
//! patterns' automata ([`Walk`]), shortest strings first. Answers are kept, because the same few
//! patterns are asked about again and again while lemmas are made small.

use crate::automaton::{Automaton, State};
use crate::pattern::{Case, Class, Pattern, Token};
use crate::problem::PatternId;
use crate::walk::{Letter, Walk, Walked};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Places of a word, from its end, where a readable name is tried.
const POLISHED_PLACES: usize = 8;

/// Strings kept to answer whether something is possible.
const RECENT_WORDS: usize = 12;

/// What a search came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// A string, as short as can be.
    Word(String),
    /// There is none.
    Nothing,
    /// The budget was used up first.
    OverBudget,
}

/// How many product states a search may visit, and all searches together.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Budget {
    pub each: u32,
    pub total: u64,
}

/// Numbers from here on are of patterns that a searcher added itself; smaller ones are the problem's.
const OWN: PatternId = 1 << 31;

/// A pattern with what is made of it when it is first needed.
#[derive(Debug)]
struct Held {
    pattern: Arc<Pattern>,
    automaton: Option<Box<Automaton>>,
    literal: Option<Option<String>>,
}

impl Held {
    fn new(pattern: Arc<Pattern>) -> Self {
        Self {
            pattern,
            automaton: None,
            literal: None,
        }
    }
}

/// The automata of a set of patterns, with the answers found so far.
#[derive(Debug)]
pub(crate) struct Searcher {
    held: Vec<Held>,
    own: Vec<Held>,
    known: FxHashMap<Arc<Pattern>, PatternId>,
    answers: FxHashMap<Box<[u32]>, Found>,
    /// Whether there is nothing to find, where only that was asked.
    impossible: FxHashMap<Box<[u32]>, bool>,
    /// Strings found lately: one of them often answers the next question.
    recent: VecDeque<String>,
    budget: Budget,
}

impl Searcher {
    pub fn new(patterns: &[Arc<Pattern>], budget: Budget) -> Self {
        Self {
            held: patterns.iter().cloned().map(Held::new).collect(),
            own: Vec::new(),
            known: FxHashMap::default(),
            answers: FxHashMap::default(),
            impossible: FxHashMap::default(),
            recent: VecDeque::new(),
            budget,
        }
    }

    /// The same searcher with a new budget, where the patterns are those it knows and perhaps more;
    /// otherwise a new one.
    pub fn again(mut self, patterns: &[Arc<Pattern>], budget: Budget) -> Self {
        let mut pairs = self.held.iter().zip(patterns);
        let same = pairs.all(|(held, pattern)| Arc::ptr_eq(&held.pattern, pattern));
        if !same || self.held.len() > patterns.len() {
            return Self::new(patterns, budget);
        }
        let more = patterns.iter().skip(self.held.len()).cloned();
        self.held.extend(more.map(Held::new));
        self.budget = budget;
        self
    }

    /// The number of a pattern that only this searcher needs.
    pub fn add(&mut self, pattern: Pattern) -> PatternId {
        if let Some(known) = self.known.get(&pattern) {
            return *known;
        }
        let id = OWN | self.own.len() as u32;
        let pattern = Arc::new(pattern);
        self.own.push(Held::new(pattern.clone()));
        self.known.insert(pattern, id);
        id
    }

    fn held(&self, id: PatternId) -> Option<&Held> {
        match id < OWN {
            true => self.held.get(id as usize),
            false => self.own.get((id - OWN) as usize),
        }
    }

    fn held_mut(&mut self, id: PatternId) -> Option<&mut Held> {
        match id < OWN {
            true => self.held.get_mut(id as usize),
            false => self.own.get_mut((id - OWN) as usize),
        }
    }

    pub fn pattern(&self, id: PatternId) -> Option<&Pattern> {
        self.held(id).map(|held| &*held.pattern)
    }

    /// The one string of the pattern's language, if it is written out.
    pub fn literal(&mut self, id: PatternId) -> Option<&str> {
        let held = self.held_mut(id)?;
        let pattern = &held.pattern;
        let literal = held.literal.get_or_insert_with(|| pattern.as_literal());
        literal.as_deref()
    }

    /// Whether the string is in the pattern's language.
    pub fn accepts(&self, id: PatternId, text: &str) -> bool {
        self.pattern(id)
            .is_some_and(|pattern| pattern.accepts(text, Case::Sensitive))
    }

    /// Whether no string can be in both, as far as written-out ends show.
    pub fn clearly_disjoint(&self, p: PatternId, q: PatternId) -> bool {
        let (p, q) = (self.pattern(p), self.pattern(q));
        p.zip(q).is_some_and(|(p, q)| p.clearly_disjoint(q))
    }

    /// A string in one of the shapes, in all of `positive`, in none of `negative`; the first shape
    /// that has one wins.
    pub fn find(
        &mut self,
        shapes: &[PatternId],
        positive: &[PatternId],
        negative: &[PatternId],
    ) -> Found {
        let key = answer_key(shapes, positive, negative);
        if let Some(known) = self.answers.get(&key) {
            return known.clone();
        }
        let found = self.find_in_shapes(shapes, positive, negative);
        if found != Found::OverBudget {
            self.answers.insert(key, found.clone());
        }
        found
    }

    /// Whether there surely is no such string; false also where the search gave up.
    pub fn is_impossible(
        &mut self,
        shapes: &[PatternId],
        positive: &[PatternId],
        negative: &[PatternId],
    ) -> bool {
        let key = answer_key(shapes, positive, negative);
        if let Some(known) = self.impossible.get(&key) {
            return *known;
        }
        let seen = |word: &String| {
            shapes.iter().any(|id| self.accepts(*id, word)) && self.fits(word, positive, negative)
        };
        let answer = if self.recent.iter().any(seen) {
            false
        } else {
            match self.find_in_shapes(shapes, positive, negative) {
                Found::OverBudget => return false,
                Found::Nothing => true,
                Found::Word(word) => self.remember(word),
            }
        };
        self.impossible.insert(key, answer);
        answer
    }

    /// Keeps a string for later questions; it shows that something is possible.
    fn remember(&mut self, word: String) -> bool {
        self.recent.push_front(word);
        self.recent.truncate(RECENT_WORDS);
        false
    }

    /// Runs something with so many states per search at most.
    pub fn limited<T>(&mut self, each: u32, run: impl FnOnce(&mut Self) -> T) -> T {
        let usual = self.budget.each;
        self.budget.each = each.min(usual);
        let result = run(self);
        self.budget.each = usual;
        result
    }

    fn find_in_shapes(
        &mut self,
        shapes: &[PatternId],
        positive: &[PatternId],
        negative: &[PatternId],
    ) -> Found {
        let mut outcome = Found::Nothing;
        for &shape in shapes {
            let mut all = vec![shape];
            all.extend(positive.iter().copied().filter(|id| *id != shape));
            match self.find_one(&all, negative) {
                Found::Nothing => {}
                Found::OverBudget => outcome = Found::OverBudget,
                word => return word,
            }
        }
        outcome
    }

    fn find_one(&mut self, positive: &[PatternId], negative: &[PatternId]) -> Found {
        if let Some(word) = positive
            .iter()
            .find_map(|id| self.literal(*id).map(str::to_owned))
        {
            return self.only(word, positive, negative);
        }
        if self.any_pair_clashes(positive) || negative.iter().any(|id| positive.contains(id)) {
            return Found::Nothing;
        }
        let negative = self.relevant(positive, negative);
        match self.example(positive, &negative) {
            Some(word) => Found::Word(word),
            None => self.walk(positive, &negative),
        }
    }

    fn only(&self, word: String, positive: &[PatternId], negative: &[PatternId]) -> Found {
        if self.fits(&word, positive, negative) {
            Found::Word(word)
        } else {
            Found::Nothing
        }
    }

    fn fits(&self, word: &str, positive: &[PatternId], negative: &[PatternId]) -> bool {
        positive.iter().all(|id| self.accepts(*id, word))
            && !negative.iter().any(|id| self.accepts(*id, word))
    }

    fn any_pair_clashes(&self, positive: &[PatternId]) -> bool {
        let patterns: Vec<&Pattern> = positive.iter().filter_map(|id| self.pattern(*id)).collect();
        let pairs = patterns
            .iter()
            .enumerate()
            .flat_map(|(i, p)| patterns.iter().skip(i + 1).map(move |q| (*p, *q)));
        pairs.into_iter().any(|(p, q)| p.clearly_disjoint(q))
    }

    /// The negatives that could exclude anything the positives leave.
    fn relevant(&self, positive: &[PatternId], negative: &[PatternId]) -> Vec<PatternId> {
        let clear = |n: &Pattern| {
            let mut patterns = positive.iter().filter_map(|id| self.pattern(*id));
            patterns.any(|p| p.clearly_disjoint(n))
        };
        let keep = |id: &PatternId| self.pattern(*id).is_some_and(|n| !clear(n));
        let mut kept: Vec<PatternId> = negative.iter().copied().filter(keep).collect();
        kept.sort_unstable();
        kept.dedup();
        kept
    }

    fn example(&self, positive: &[PatternId], negative: &[PatternId]) -> Option<String> {
        let examples = positive
            .iter()
            .filter_map(|id| self.pattern(*id)?.example());
        let mut fitting = examples.filter(|word| self.fits(word, positive, negative));
        fitting.next().map(str::to_owned)
    }

    /// The automaton of a pattern, made when it is first needed.
    pub fn automaton(&mut self, id: PatternId) -> Option<&mut Automaton> {
        let held = self.held_mut(id)?;
        let pattern = &held.pattern;
        let made = || Box::new(Automaton::new(pattern));
        Some(held.automaton.get_or_insert_with(made))
    }

    /// What is known of a state of a pattern's automaton.
    pub fn state(&self, id: PatternId, state: u32) -> Option<&State> {
        self.held(id)?.automaton.as_ref()?.state(state)
    }

    fn walk(&mut self, positive: &[PatternId], negative: &[PatternId]) -> Found {
        let (classes, hint) = (self.classes(positive, negative), self.hint(positive));
        let mut walk = Walk::new(positive, negative, classes, hint);
        let walked = walk.run(self, u64::from(self.budget.each).min(self.budget.total));
        self.budget.total = self.budget.total.saturating_sub(walk.visited());
        match walked {
            Walked::Word(word) => Found::Word(self.readable(&word, positive, negative)),
            Walked::Nothing => Found::Nothing,
            Walked::OverBudget => Found::OverBudget,
        }
    }

    /// A variant of the word that reads better: where an example is known, its last name stands
    /// in place of a character that nothing asked for, or behind a separator at the end.
    fn readable(&self, word: &[Letter], positive: &[PatternId], negative: &[PatternId]) -> String {
        let plain: String = word.iter().map(|letter| letter.letter).collect();
        let name = self.example_name(positive);
        if name.is_empty() {
            return plain;
        }
        let fresh = word
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, letter)| letter.fresh);
        let replaced = fresh.take(POLISHED_PLACES).map(|(place, _)| {
            let letters = word.iter().map(|letter| letter.letter);
            let (before, after) = (letters.clone().take(place), letters.skip(place + 1));
            before.chain(name.chars()).chain(after).collect::<String>()
        });
        let appended = plain
            .ends_with(['/', ':', '-', '.'])
            .then(|| format!("{plain}{name}"));
        let mut variants = appended.into_iter().chain(replaced);
        let fitting = variants.find(|variant| self.fits(variant, positive, negative));
        fitting.unwrap_or(plain)
    }

    /// The last run of letters and digits of the first example.
    fn example_name(&self, positive: &[PatternId]) -> String {
        let hint = self.hint(positive);
        let name = hint.rsplit(|letter| !letter.is_ascii_alphanumeric()).next();
        name.map_or_else(String::new, |name| name.iter().collect())
    }

    /// The characters of the first example, by place.
    fn hint(&self, positive: &[PatternId]) -> Vec<char> {
        let mut examples = positive
            .iter()
            .filter_map(|id| self.pattern(*id)?.example());
        examples
            .next()
            .map_or_else(Vec::new, |word| word.chars().collect())
    }

    /// The classes that the patterns tell characters apart by.
    fn classes(&self, positive: &[PatternId], negative: &[PatternId]) -> Vec<Class> {
        let ids = positive.iter().chain(negative);
        let tokens = ids
            .filter_map(|id| self.pattern(*id))
            .flat_map(Pattern::tokens);
        let mut classes: Vec<Class> = tokens.filter_map(named_class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}

fn named_class(token: &Token) -> Option<Class> {
    match token {
        Token::One(class) | Token::Many(class) => match class {
            Class::Any | Class::Except(_) => None,
            named => Some(*named),
        },
        _ => None,
    }
}

fn answer_key(shapes: &[u32], positive: &[u32], negative: &[u32]) -> Box<[u32]> {
    let sorted = |ids: &[u32]| {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let separator = [u32::MAX];
    [
        shapes,
        &separator,
        &sorted(positive),
        &separator,
        &sorted(negative),
    ]
    .concat()
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn searcher(patterns: Vec<Pattern>, budget: Budget) -> Searcher {
        let patterns: Vec<Arc<Pattern>> = patterns.into_iter().map(Arc::new).collect();
        Searcher::new(&patterns, budget)
    }

    fn check(positive: &[&str], negative: &[&str], expected: &str) {
        let patterns: Vec<Pattern> = positive
            .iter()
            .chain(negative)
            .map(|glob| Pattern::glob(glob))
            .collect();
        let budget = Budget {
            each: 10_000,
            total: 100_000,
        };
        let count = patterns.len() as u32;
        let mut searcher = searcher(patterns, budget);
        let any = searcher.add(Pattern::anything());
        let split = positive.len() as u32;
        let (pos, neg): (Vec<u32>, Vec<u32>) = (0..count).partition(|id| *id < split);
        let found = match searcher.find(&[any], &pos, &neg) {
            Found::Word(word) => word,
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{positive:?} without {negative:?}");
    }

    #[test]
    fn shortest_strings_are_found() {
        check(&[], &[], "");
        check(&["a*", "*b"], &[], "ab");
        check(&["a*", "b*"], &[], "Nothing");
        check(&["*ab*", "*ba*"], &[], "aba");
        check(&["a*"], &["a"], "ax");
        check(&["a*"], &["a", "ax*", "?a*"], "ae");
        check(&["a?"], &["a*"], "Nothing");
        check(&["a*"], &["a", "a?*"], "Nothing");
        check(&["?"], &["x", "a"], "e");
    }

    #[test]
    fn a_full_class_tries_all_of_it() {
        let digit = Pattern::from_tokens(vec![Token::One(Class::Digit)]);
        let mut patterns = vec![digit];
        patterns.extend(
            "0123456789"
                .chars()
                .map(|c| Pattern::literal(&c.to_string())),
        );
        let mut searcher = searcher(
            patterns,
            Budget {
                each: 100,
                total: 1000,
            },
        );
        let all: Vec<u32> = (1..=10).collect();
        assert_eq!(searcher.find(&[0], &[], &all), Found::Nothing);
        assert_eq!(searcher.find(&[0], &[], &all[..8]), Found::Word("8".into()));
    }

    #[test]
    fn examples_are_preferred_where_they_fit() {
        let account = Pattern::from_tokens(vec![Token::One(Class::Digit); 12]);
        let account = account.with_example("999988887777");
        let patterns = vec![account, Pattern::glob("9*"), Pattern::glob("?9*")];
        let mut searcher = searcher(
            patterns,
            Budget {
                each: 1000,
                total: 1000,
            },
        );
        assert_eq!(
            searcher.find(&[0], &[], &[]),
            Found::Word("999988887777".into())
        );
        assert_eq!(
            searcher.find(&[0], &[], &[1]),
            Found::Word("199988887777".into())
        );
        assert_eq!(
            searcher.find(&[0], &[], &[2]),
            Found::Word("919988887777".into())
        );
    }
}
