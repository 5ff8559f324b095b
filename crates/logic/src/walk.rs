//! One walk through the product of automata, for [`Searcher`].
//!
//! At each step it tries the characters that a positive pattern asks for by name there, plus, for
//! each set of characters that the classes in play tell apart, one character that nothing asks for
//! there: it keeps the same positives alive and the fewest negatives, so any other such character
//! is at most as good. Where a set has no such character (ten digits, all asked for) all of it is
//! tried, and characters that a negative class excludes are tried as well. That makes the walk
//! complete over all of Unicode with a handful of letters.

use crate::automaton::{DEAD, START};
use crate::pattern::Class;
use crate::problem::PatternId;
use crate::search::Searcher;
use rustc_hash::FxHashSet;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Characters for places where any will do, those that read well first.
const READABLE: &str = "xaeioutnrslmdchpkbgfvwyjqz123456789\
    0XAEIOUTNRSLMDCHPKBGFVWYJQZ-_./=@+,: !#$%&'()*;<>?[\\]^`{|}~\"";

/// Where to look for characters once the readable ones are used up.
const BEYOND: std::ops::RangeInclusive<char> = '\u{c0}'..='\u{2fff}';

/// A place in the product: one state per positive, then index and state of each live negative.
type Product = Box<[u32]>;

/// A character of a word, and whether nothing asked for it.
#[derive(Copy, Clone)]
pub(crate) struct Letter {
    pub letter: char,
    pub fresh: bool,
}

struct Step {
    product: Product,
    from: Option<(u32, Letter)>,
    depth: u32,
}

/// What a walk came to.
pub(crate) enum Walked {
    Word(Vec<Letter>),
    Nothing,
    OverBudget,
}

/// One search.
pub(crate) struct Walk<'a> {
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
    /// A walk that looks for a string in all of `positive` and in none of `negative`.
    pub fn new(
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

    /// Visits so many places at most, those on the way to the shortest strings first.
    pub fn run(&mut self, searcher: &mut Searcher, each: u64) -> Walked {
        let Some(start) = self.start(searcher) else {
            return Walked::Nothing;
        };
        self.visit(start, None, searcher);
        while let Some(number) = self.pop() {
            if self.is_goal(number, searcher) {
                return Walked::Word(self.word(number));
            }
            if self.visited() > each {
                return Walked::OverBudget;
            }
            self.expand(number, searcher);
        }
        Walked::Nothing
    }

    /// Places seen so far.
    pub fn visited(&self) -> u64 {
        self.steps.len() as u64
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
    fn visit(&mut self, product: Product, from: Option<(u32, Letter)>, searcher: &Searcher) {
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
            .filter_map(|(id, state)| Some(searcher.state(*id, *state)?.shortest))
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
            searcher.state(id, state).is_some_and(|state| state.accepts)
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

    fn word(&self, mut number: u32) -> Vec<Letter> {
        let mut letters = Vec::new();
        while let Some((from, letter)) = self.steps.get(number as usize).and_then(|s| s.from) {
            letters.push(letter);
            number = from;
        }
        letters.reverse();
        letters
    }

    fn expand(&mut self, number: u32, searcher: &mut Searcher) {
        let product = self.product(number);
        for letter in self.letters(number, &product, searcher) {
            if let Some(next) = self.successor(&product, letter.letter, searcher) {
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

    /// The characters worth trying at a place, in order of preference: a character of each block
    /// that nothing asks for, those that positives ask for, and those that negatives shun.
    fn letters(&self, number: u32, product: &[u32], searcher: &Searcher) -> Vec<Letter> {
        let (positive, negative) = product.split_at(self.positive.len().min(product.len()));
        let (mut named, mut shunned, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        for (id, state) in self.positive.iter().zip(positive) {
            let Some(state) = searcher.state(*id, *state) else {
                continue;
            };
            if state.closed {
                let named = state.letters.iter();
                return named
                    .map(|letter| Letter {
                        letter: *letter,
                        fresh: false,
                    })
                    .collect();
            }
            named.extend_from_slice(&state.letters);
            asked.extend_from_slice(&state.excepted);
        }
        for (_, id, state) in negative.chunks_exact(2).filter_map(|pair| self.live(pair)) {
            let Some(state) = searcher.state(id, state) else {
                continue;
            };
            asked.extend_from_slice(&state.letters);
            shunned.extend_from_slice(&state.excepted);
        }
        asked.extend_from_slice(&named);
        asked.extend_from_slice(&shunned);
        let wanted = self.hint.get(self.depth(number) as usize).copied();
        let blocks = self.blocks.iter();
        let fresh = blocks.flat_map(|block| self.fresh(block, &asked, wanted));
        let mut letters: Vec<Letter> = fresh
            .map(|letter| Letter {
                letter,
                fresh: true,
            })
            .collect();
        let rest = named.into_iter().chain(shunned);
        letters.extend(rest.map(|letter| Letter {
            letter,
            fresh: false,
        }));
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

fn dedup_in_order(letters: &mut Vec<Letter>) {
    let mut seen = Vec::with_capacity(letters.len());
    letters.retain(|letter| {
        let new = !seen.contains(&letter.letter);
        seen.push(letter.letter);
        new
    });
}
