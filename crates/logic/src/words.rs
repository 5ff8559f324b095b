//! The shortest strings of a kind, one after the other, looked for only when they are asked for.

use crate::pattern::Pattern;
use crate::problem::PatternId;
use crate::search::{Found, Searcher};

/// What a string must be: in one of the shapes, in all of `positive`, in none of `negative`.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub shapes: Box<[PatternId]>,
    pub positive: Vec<PatternId>,
    pub negative: Vec<PatternId>,
}

impl Wanted {
    /// Whether a string is one.
    pub fn fits(&self, searcher: &Searcher, word: &str) -> bool {
        let accepts = |id: &PatternId| searcher.accepts(*id, word);
        self.shapes.iter().any(accepts)
            && self.positive.iter().all(accepts)
            && !self.negative.iter().any(accepts)
    }
}

/// What comes next.
pub(crate) enum Next {
    /// The next string.
    Word(String),
    /// There are no others.
    End,
    /// There may be others; no more are looked for.
    More,
}

/// So many strings at most.
pub(crate) struct Words {
    wanted: Wanted,
    left: usize,
}

impl Words {
    pub fn new(wanted: Wanted, most: usize) -> Self {
        Self { wanted, left: most }
    }

    /// The next string, or why there is none.
    pub fn next(&mut self, searcher: &mut Searcher) -> Next {
        let wanted = &mut self.wanted;
        match searcher.find(&wanted.shapes, &wanted.positive, &wanted.negative) {
            Found::Nothing => Next::End,
            Found::Word(word) if self.left > 0 => {
                self.left -= 1;
                let known = searcher.add(Pattern::literal(&word));
                wanted.negative.push(known);
                Next::Word(word)
            }
            _ => Next::More,
        }
    }
}
