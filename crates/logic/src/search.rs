//! Finds a string that is in all of some patterns and in none of others.
//!
//! The search walks the product of the patterns' automata, shortest strings first. At each step it
//! tries the characters that a positive pattern asks for by name there, plus, for each set of
//! characters that the classes in play tell apart, one character that nothing asks for there: it
//! keeps the same positives alive and the fewest negatives, so any other such character is at most
//! as good. Where a set has no such character (ten digits, all asked for) all of it is tried.
//! That makes the search complete over all of Unicode with a handful of letters.

use crate::automaton::{Automaton, DEAD, START};
use crate::pattern::{Case, Class, Pattern, Token};
use crate::problem::PatternId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Characters for places where any will do, those that read well first.
const READABLE: &str = "xaeioutnrslmdchpkbgfvwyjqz123456789\
    0XAEIOUTNRSLMDCHPKBGFVWYJQZ-_./=@+,: !#$%&'()*;<>?[\\]^`{|}~\"";

/// Where to look for characters once the readable ones are used up.
const BEYOND: std::ops::RangeInclusive<char> = '\u{c0}'..='\u{2fff}';

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

/// The automata of a set of patterns, with the answers found so far.
#[derive(Debug)]
pub(crate) struct Searcher {
    patterns: Vec<Pattern>,
    known: FxHashMap<Pattern, PatternId>,
    automata: Vec<Option<Box<Automaton>>>,
    literals: Vec<Option<Option<String>>>,
    answers: FxHashMap<Box<[u32]>, Found>,
    budget: Budget,
}

impl Searcher {
    pub fn new(patterns: &[Pattern], budget: Budget) -> Self {
        Self {
            automata: vec![None; patterns.len()],
            literals: vec![None; patterns.len()],
            patterns: patterns.to_vec(),
            known: FxHashMap::default(),
            answers: FxHashMap::default(),
            budget,
        }
    }

    /// The number of a pattern that only this searcher needs.
    pub fn add(&mut self, pattern: Pattern) -> PatternId {
        if let Some(known) = self.known.get(&pattern) {
            return *known;
        }
        let id = self.patterns.len() as u32;
        self.patterns.push(pattern.clone());
        self.automata.push(None);
        self.literals.push(None);
        self.known.insert(pattern, id);
        id
    }

    pub fn pattern(&self, id: PatternId) -> Option<&Pattern> {
        self.patterns.get(id as usize)
    }

    /// The one string of the pattern's language, if it is written out.
    pub fn literal(&mut self, id: PatternId) -> Option<&str> {
        let pattern = self.patterns.get(id as usize)?;
        let slot = self.literals.get_mut(id as usize)?;
        slot.get_or_insert_with(|| pattern.as_literal()).as_deref()
    }

    /// Whether the string is in the pattern's language.
    pub fn accepts(&self, id: PatternId, text: &str) -> bool {
        self.pattern(id)
            .is_some_and(|pattern| pattern.accepts(text, Case::Sensitive))
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
        self.answers.insert(key, found.clone());
        found
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

    fn automaton(&mut self, id: PatternId) -> Option<&mut Automaton> {
        let pattern = self.patterns.get(id as usize)?;
        let slot = self.automata.get_mut(id as usize)?;
        Some(slot.get_or_insert_with(|| Box::new(Automaton::new(pattern))))
    }

    fn walk(&mut self, positive: &[PatternId], negative: &[PatternId]) -> Found {
        let hint = self.hint(positive);
        let classes = self.classes(positive, negative);
        let mut walk = Walk::new(positive, negative, classes, hint);
        let Some(start) = walk.start(self) else {
            return Found::Nothing;
        };
        walk.visit(start, None, self);
        let each = u64::from(self.budget.each).min(self.budget.total);
        while let Some(number) = walk.pop() {
            if walk.is_goal(number, self) {
                self.charge(&walk);
                return Found::Word(walk.word(number));
            }
            if walk.steps.len() as u64 > each {
                self.charge(&walk);
                return Found::OverBudget;
            }
            walk.expand(number, self);
        }
        self.charge(&walk);
        Found::Nothing
    }

    fn charge(&mut self, walk: &Walk) {
        self.budget.total = self.budget.total.saturating_sub(walk.steps.len() as u64);
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

/// A place in the product: one state per positive, then index and state of each live negative.
type Product = Box<[u32]>;

struct Step {
    product: Product,
    from: Option<(u32, char)>,
    depth: u32,
}

/// One search.
struct Walk<'a> {
    positive: &'a [PatternId],
    negative: &'a [PatternId],
    /// Per set of characters that the classes tell apart, its members in order of preference.
    blocks: Vec<Vec<char>>,
    classes: Vec<Class>,
    hint: Vec<char>,
    steps: Vec<Step>,
    seen: FxHashSet<Product>,
    queue: BinaryHeap<Reverse<(u32, Reverse<u32>, u32)>>,
}

impl<'a> Walk<'a> {
    fn new(
        positive: &'a [PatternId],
        negative: &'a [PatternId],
        classes: Vec<Class>,
        hint: Vec<char>,
    ) -> Self {
        Self {
            positive,
            negative,
            blocks: blocks(&classes),
            classes,
            hint,
            steps: Vec::new(),
            seen: FxHashSet::default(),
            queue: BinaryHeap::new(),
        }
    }

    fn start(&self, searcher: &mut Searcher) -> Option<Product> {
        let mut product = vec![START; self.positive.len()];
        for (index, id) in (0u32..).zip(self.negative) {
            let automaton = searcher.automaton(*id)?;
            if automaton.state(START).is_some_and(|state| state.universal) {
                return None;
            }
            product.extend([index, START]);
        }
        for id in self.positive {
            searcher.automaton(*id)?;
        }
        Some(product.into_boxed_slice())
    }

    /// Queues a place unless it was seen, by the length of the shortest string through it.
    fn visit(&mut self, product: Product, from: Option<(u32, char)>, searcher: &Searcher) {
        if !self.seen.insert(product.clone()) {
            return;
        }
        let depth = from.map_or(0, |(number, _)| self.depth(number) + 1);
        let rest = self.shortest(&product, searcher);
        let number = self.steps.len() as u32;
        self.steps.push(Step {
            product,
            from,
            depth,
        });
        self.queue.push(Reverse((
            depth.saturating_add(rest),
            Reverse(depth),
            number,
        )));
    }

    fn depth(&self, number: u32) -> u32 {
        self.steps.get(number as usize).map_or(0, |step| step.depth)
    }

    fn shortest(&self, product: &[u32], searcher: &Searcher) -> u32 {
        let states = self.positive.iter().zip(product);
        states
            .filter_map(|(id, state)| Some(state_of(searcher, *id, *state)?.shortest))
            .max()
            .unwrap_or(0)
    }

    fn pop(&mut self) -> Option<u32> {
        self.queue.pop().map(|Reverse((_, _, number))| number)
    }

    fn product(&self, number: u32) -> Product {
        self.steps
            .get(number as usize)
            .map(|step| step.product.clone())
            .unwrap_or_default()
    }

    fn is_goal(&self, number: u32, searcher: &Searcher) -> bool {
        let product = self.product(number);
        let (positive, negative) = product.split_at(self.positive.len().min(product.len()));
        let accepts = |id: PatternId, state: u32| {
            state_of(searcher, id, state).is_some_and(|state| state.accepts)
        };
        let mut alive = negative.chunks_exact(2).filter_map(|pair| self.live(pair));
        self.positive
            .iter()
            .zip(positive)
            .all(|(id, state)| accepts(*id, *state))
            && !alive.any(|(_, id, state)| accepts(id, state))
    }

    /// Index, pattern and state of a live negative.
    fn live(&self, pair: &[u32]) -> Option<(u32, PatternId, u32)> {
        match *pair {
            [index, state] => Some((index, *self.negative.get(index as usize)?, state)),
            _ => None,
        }
    }

    fn word(&self, mut number: u32) -> String {
        let mut letters = Vec::new();
        while let Some((from, letter)) = self.steps.get(number as usize).and_then(|step| step.from)
        {
            letters.push(letter);
            number = from;
        }
        letters.iter().rev().collect()
    }

    fn expand(&mut self, number: u32, searcher: &mut Searcher) {
        let product = self.product(number);
        for letter in self.letters(number, &product, searcher) {
            if let Some(next) = self.successor(&product, letter, searcher) {
                self.visit(next, Some((number, letter)), searcher);
            }
        }
    }

    /// The place after one more character, unless no string through it can be an answer.
    fn successor(&self, product: &[u32], letter: char, searcher: &mut Searcher) -> Option<Product> {
        let (positive, negative) = product.split_at(self.positive.len().min(product.len()));
        let mut next = Vec::with_capacity(product.len());
        for (id, state) in self.positive.iter().zip(positive) {
            match searcher.automaton(*id)?.step(*state, letter) {
                DEAD => return None,
                alive => next.push(alive),
            }
        }
        for (index, id, state) in negative.chunks_exact(2).filter_map(|pair| self.live(pair)) {
            let automaton = searcher.automaton(id)?;
            match automaton.step(state, letter) {
                DEAD => {}
                alive if automaton.state(alive)?.universal => return None,
                alive => next.extend([index, alive]),
            }
        }
        Some(next.into_boxed_slice())
    }

    /// The characters worth trying at a place, in order of preference: those that positives ask
    /// for, a character of each block that nothing asks for, and those that negatives shun.
    fn letters(&self, number: u32, product: &[u32], searcher: &Searcher) -> Vec<char> {
        let (positive, negative) = product.split_at(self.positive.len().min(product.len()));
        let (mut named, mut shunned, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        for (id, state) in self.positive.iter().zip(positive) {
            let Some(state) = state_of(searcher, *id, *state) else {
                continue;
            };
            named.extend_from_slice(&state.letters);
            asked.extend_from_slice(&state.excepted);
        }
        for (_, id, state) in negative.chunks_exact(2).filter_map(|pair| self.live(pair)) {
            let Some(state) = state_of(searcher, id, state) else {
                continue;
            };
            asked.extend_from_slice(&state.letters);
            shunned.extend_from_slice(&state.excepted);
        }
        asked.extend_from_slice(&named);
        asked.extend_from_slice(&shunned);
        let wanted = self.hint.get(self.depth(number) as usize).copied();
        let fresh = self
            .blocks
            .iter()
            .flat_map(|block| self.fresh(block, &asked, wanted));
        let mut letters: Vec<char> = named.into_iter().chain(fresh).chain(shunned).collect();
        dedup_in_order(&mut letters);
        letters
    }

    /// One character of the block that nothing asks for, or all of the block.
    fn fresh(&self, block: &[char], asked: &[char], wanted: Option<char>) -> Vec<char> {
        let free = |letter: &char| !asked.contains(letter);
        if let Some(letter) = wanted.filter(|letter| free(letter) && self.in_block(*letter, block))
        {
            return vec![letter];
        }
        match block.iter().copied().find(free) {
            Some(letter) => vec![letter],
            None if self.is_open(block) => BEYOND.clone().find(free).into_iter().collect(),
            None => block.to_vec(),
        }
    }

    fn in_block(&self, letter: char, block: &[char]) -> bool {
        block
            .first()
            .is_some_and(|first| mask(&self.classes, *first) == mask(&self.classes, letter))
    }

    /// Whether the block holds characters beyond ASCII too.
    fn is_open(&self, block: &[char]) -> bool {
        self.in_block(*BEYOND.start(), block)
    }
}

fn state_of(searcher: &Searcher, id: PatternId, state: u32) -> Option<&crate::automaton::State> {
    searcher.automata.get(id as usize)?.as_ref()?.state(state)
}

fn mask(classes: &[Class], letter: char) -> u32 {
    let bit = |(index, class): (usize, &Class)| u32::from(class.contains(letter)) << index;
    classes.iter().enumerate().map(bit).sum()
}

/// The readable characters, sorted into the sets that the classes tell apart.
fn blocks(classes: &[Class]) -> Vec<Vec<char>> {
    let mut blocks: Vec<(u32, Vec<char>)> = Vec::new();
    for letter in READABLE.chars() {
        let own = mask(classes, letter);
        match blocks.iter_mut().find(|(mask, _)| *mask == own) {
            Some((_, members)) => members.push(letter),
            None => blocks.push((own, vec![letter])),
        }
    }
    blocks.into_iter().map(|(_, members)| members).collect()
}

fn dedup_in_order(letters: &mut Vec<char>) {
    let mut seen = Vec::with_capacity(letters.len());
    letters.retain(|letter| {
        let new = !seen.contains(letter);
        if new {
            seen.push(*letter);
        }
        new
    });
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut searcher = Searcher::new(&patterns, budget);
        let any = searcher.add(Pattern::anything());
        let split = positive.len() as u32;
        let (pos, neg): (Vec<u32>, Vec<u32>) =
            (0..patterns.len() as u32).partition(|id| *id < split);
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
        let mut searcher = Searcher::new(
            &patterns,
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
        let patterns = [account, Pattern::glob("9*"), Pattern::glob("?9*")];
        let mut searcher = Searcher::new(
            &patterns,
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
