//! The fewest changes that touch every attack: a smallest hitting set.
//!
//! Attacks have few steps that can be forbidden, and those who attack alike share them, so branching
//! on the attack with the fewest choices ends soon. Attacks that share nothing need a change each,
//! which bounds what is left from below.

use std::cmp::Reverse;
use std::collections::BTreeSet;

/// How many branches are tried; beyond that the best so far is taken, and not called the smallest.
const BRANCHES_MAX: usize = 200_000;

/// Changes that touch every attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fewest<T> {
    /// The changes, in order.
    pub changes: Vec<T>,
    /// Whether it is certain that no smaller set does.
    pub smallest: bool,
}

/// The fewest changes of which each attack has one; `None` if some attack has none.
pub fn fewest<T: Ord + Clone>(attacks: &[BTreeSet<T>]) -> Option<Fewest<T>> {
    if attacks.iter().any(BTreeSet::is_empty) {
        return None;
    }
    let mut search = Search {
        attacks,
        best: greedy(attacks),
        chosen: Vec::new(),
        left: BRANCHES_MAX,
    };
    search.branch();
    let mut changes = search.best;
    changes.sort();
    Some(Fewest {
        changes,
        smallest: search.left > 0,
    })
}

struct Search<'s, T> {
    attacks: &'s [BTreeSet<T>],
    best: Vec<T>,
    chosen: Vec<T>,
    left: usize,
}

impl<'s, T: Ord + Clone> Search<'s, T> {
    fn branch(&mut self) {
        let open: Vec<&'s BTreeSet<T>> = self.open().collect();
        let Some(first) = open.iter().min_by_key(|attack| attack.len()) else {
            self.best.clone_from(&self.chosen);
            return;
        };
        let least = apart(&open);
        for change in *first {
            if self.left == 0 || self.chosen.len() + least >= self.best.len() {
                return;
            }
            self.left -= 1;
            self.chosen.push(change.clone());
            self.branch();
            self.chosen.pop();
        }
    }

    /// Attacks that nothing chosen touches.
    fn open(&self) -> impl Iterator<Item = &'s BTreeSet<T>> + use<'_, 's, T> {
        let touched = |attack: &BTreeSet<T>| self.chosen.iter().any(|one| attack.contains(one));
        self.attacks.iter().filter(move |attack| !touched(attack))
    }
}

/// How many of the attacks share nothing with each other: each needs a change of its own.
fn apart<T: Ord>(attacks: &[&BTreeSet<T>]) -> usize {
    let mut seen: BTreeSet<&T> = BTreeSet::new();
    let mut count = 0;
    for attack in attacks {
        if attack.iter().all(|change| !seen.contains(change)) {
            count += 1;
            seen.extend(attack.iter());
        }
    }
    count
}

/// Always what touches most of the rest, the first of several.
fn greedy<T: Ord + Clone>(attacks: &[BTreeSet<T>]) -> Vec<T> {
    let mut chosen: Vec<T> = Vec::new();
    let mut left: Vec<&BTreeSet<T>> = attacks.iter().collect();
    let all: BTreeSet<&T> = attacks.iter().flatten().collect();
    while !left.is_empty() {
        let touches = |change: &T| left.iter().filter(|one| one.contains(change)).count();
        let Some(most) = all
            .iter()
            .max_by_key(|change| (touches(change), Reverse(**change)))
        else {
            break;
        };
        let most: T = (*most).clone();
        left.retain(|attack| !attack.contains(&most));
        chosen.push(most);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::{Fewest, fewest};
    use std::collections::BTreeSet;

    fn sets(text: &str) -> Vec<BTreeSet<char>> {
        text.split(' ').map(|word| word.chars().collect()).collect()
    }

    fn check(attacks: &str, want: &str) {
        let Fewest { changes, smallest } = fewest(&sets(attacks)).unwrap();
        assert!(smallest);
        assert_eq!(changes.into_iter().collect::<String>(), want, "{attacks}");
    }

    #[test]
    fn one_change_that_touches_all_is_enough() {
        check("ab bc bd", "b");
    }

    #[test]
    fn what_touches_most_is_not_always_among_the_fewest() {
        // `z` touches four, and leaves two that share nothing.
        check("az bz ayz bxz ay bx", "ab");
    }

    #[test]
    fn attacks_that_share_nothing_take_a_change_each() {
        check("ab cd ef", "ace");
    }

    #[test]
    fn an_attack_without_a_step_cannot_be_touched() {
        let mut attacks = sets("ab");
        attacks.push(BTreeSet::new());
        assert_eq!(fewest(&attacks), None);
    }

    /// Against all subsets, on sets made from a seed.
    #[test]
    fn no_smaller_set_exists() {
        let mut seed: u64 = 7;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) as u32
        };
        for _ in 0..300 {
            let attacks: Vec<BTreeSet<u32>> = (0..next() % 7 + 1)
                .map(|_| (0..next() % 4 + 1).map(|_| next() % 8).collect())
                .collect();
            let hits = |set: u32| {
                attacks
                    .iter()
                    .all(|one| one.iter().any(|at| set & (1 << at) != 0))
            };
            let least = (0_u32..256)
                .filter(|set| hits(*set))
                .map(u32::count_ones)
                .min();
            let found = fewest(&attacks).unwrap();
            assert_eq!(Some(found.changes.len() as u32), least, "{attacks:?}");
        }
    }
}
