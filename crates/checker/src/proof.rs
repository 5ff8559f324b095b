//! Goes through a proof: each step must follow from what stands before it by unit propagation.
//!
//! A step is accepted if assuming its opposite and following clauses with a single open literal
//! runs into a contradiction. The last step is the empty clause. Two literals of each clause are
//! watched, which is all the cleverness there is.

use crate::clauses::{Clause, clause};
use crate::formula::Literal;
use crate::refused::Refused;

/// Literals looked at in one proof; a step costs a few thousand of them.
const WORK: u64 = 20_000_000_000;

/// Checks a proof and returns the number of its steps.
pub fn check(clauses: &[Clause], proof: &str, variables: usize) -> Result<usize, Refused> {
    let mut state = State::new(variables);
    clauses.iter().for_each(|clause| state.add(clause.clone()));
    let body = proof.strip_suffix('\n').unwrap_or(proof);
    let mut steps = 0;
    let mut ended = false;
    for line in body.split('\n') {
        steps += 1;
        let step = clause(line, variables);
        let step = step.map_err(|refused| refused.at(&format!("proof, line {steps}")))?;
        if !state.follows(&step)? {
            return Err(Refused::new(format!(
                "step {steps} of the proof does not follow"
            )));
        }
        ended = step.is_empty();
        state.add(step);
    }
    match ended {
        true => Ok(steps),
        false => Err(Refused::new("the proof does not end in a contradiction")),
    }
}

struct State {
    clauses: Vec<Clause>,
    /// Clauses by each literal that they watch.
    watched: Vec<Vec<usize>>,
    /// The truth of each variable, where it is settled.
    truth: Vec<Option<bool>>,
    trail: Vec<Literal>,
    /// How much of the trail was followed.
    followed: usize,
    contradiction: bool,
    work: u64,
}

impl State {
    fn new(variables: usize) -> Self {
        Self {
            clauses: Vec::new(),
            watched: vec![Vec::new(); 2 * variables + 2],
            truth: vec![None; variables + 1],
            trail: Vec::new(),
            followed: 0,
            contradiction: false,
            work: WORK,
        }
    }

    fn value(&self, literal: Literal) -> Option<bool> {
        let variable = usize::try_from(literal.unsigned_abs()).ok()?;
        let truth = self.truth.get(variable).copied().flatten()?;
        Some(truth == (literal > 0))
    }

    fn set(&mut self, literal: Literal) {
        let variable = usize::try_from(literal.unsigned_abs()).unwrap_or_default();
        if let Some(slot) = self.truth.get_mut(variable) {
            *slot = Some(literal > 0);
        }
        self.trail.push(literal);
    }

    /// Adds a clause for good, with what follows at once.
    fn add(&mut self, mut clause: Clause) {
        clause.sort_unstable();
        clause.dedup();
        // Those still open first, so that they are the ones watched.
        clause.sort_by_key(|literal| self.value(*literal) == Some(false));
        let open = clause
            .iter()
            .filter(|l| self.value(**l) != Some(false))
            .count();
        let number = self.clauses.len();
        for literal in clause.iter().take(2).copied().collect::<Vec<_>>() {
            self.watch(literal, number);
        }
        let first = clause.first().copied();
        self.clauses.push(clause);
        match first {
            None => self.contradiction = true,
            Some(_) if open == 0 => self.contradiction = true,
            Some(only) if open == 1 && self.value(only).is_none() => self.set(only),
            Some(_) => {}
        }
        self.contradiction |= self.runs_into_contradiction();
    }

    fn watch(&mut self, literal: Literal, number: usize) {
        if let Some(list) = self.watched.get_mut(place(literal)) {
            list.push(number);
        }
    }

    /// Whether a step follows from all clauses so far.
    fn follows(&mut self, step: &Clause) -> Result<bool, Refused> {
        if self.contradiction {
            return Ok(true);
        }
        let settled = self.trail.len();
        let mut clash = false;
        for literal in step {
            match self.value(*literal) {
                Some(true) => clash = true,
                Some(false) => {}
                None => self.set(-literal),
            }
        }
        let clash = clash || self.runs_into_contradiction();
        self.forget(settled);
        match self.work {
            0 => Err(Refused::new("the proof is too long to be checked")),
            _ => Ok(clash),
        }
    }

    fn forget(&mut self, settled: usize) {
        for literal in self.trail.split_off(settled) {
            let variable = usize::try_from(literal.unsigned_abs()).unwrap_or_default();
            if let Some(slot) = self.truth.get_mut(variable) {
                *slot = None;
            }
        }
        self.followed = settled;
    }

    /// Follows what is settled; whether that denies a whole clause.
    fn runs_into_contradiction(&mut self) -> bool {
        while let Some(literal) = self.trail.get(self.followed).copied() {
            self.followed += 1;
            let denied = place(-literal);
            let list = self
                .watched
                .get_mut(denied)
                .map(std::mem::take)
                .unwrap_or_default();
            let mut kept = Vec::with_capacity(list.len());
            let mut clash = false;
            for number in list {
                if clash || !self.moves(number, -literal) {
                    kept.push(number);
                }
                clash = clash || self.settle(number, -literal);
            }
            if let Some(slot) = self.watched.get_mut(denied) {
                slot.append(&mut kept);
            }
            if clash {
                return true;
            }
        }
        false
    }

    /// Lets a clause watch another literal in place of a denied one, if it has one that is not.
    fn moves(&mut self, number: usize, denied: Literal) -> bool {
        let Some(mut clause) = self.clauses.get_mut(number).map(std::mem::take) else {
            return false;
        };
        self.work = self.work.saturating_sub(clause.len() as u64);
        if clause.first() == Some(&denied) && clause.len() > 1 {
            clause.swap(0, 1);
        }
        let other = clause.first().copied();
        let satisfied = other.is_some_and(|other| self.value(other) == Some(true));
        let open = |literal: &Literal| self.value(*literal) != Some(false);
        let next = clause.iter().skip(2).position(open).filter(|_| !satisfied);
        if let Some(next) = next {
            clause.swap(1, next + 2);
            if let Some(literal) = clause.get(1).copied() {
                self.watch(literal, number);
            }
        }
        if let Some(slot) = self.clauses.get_mut(number) {
            *slot = clause;
        }
        next.is_some()
    }

    /// Settles the last open literal of a clause that still watches a denied one; whether there
    /// was none.
    fn settle(&mut self, number: usize, denied: Literal) -> bool {
        let Some(clause) = self.clauses.get(number) else {
            return false;
        };
        let watches = clause.get(1) == Some(&denied) || clause.as_slice() == [denied];
        let Some(first) = clause.first().copied().filter(|_| watches) else {
            return false;
        };
        match self.value(first) {
            Some(true) => false,
            Some(false) => true,
            None => {
                self.set(first);
                false
            }
        }
    }
}

fn place(literal: Literal) -> usize {
    let variable = usize::try_from(literal.unsigned_abs()).unwrap_or_default();
    2 * variable + usize::from(literal < 0)
}
