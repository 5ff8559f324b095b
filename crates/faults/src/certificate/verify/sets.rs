//! Whether every set of a size lies inside one of some sets.

/// How many sets are looked at before a cover counts as too large to check.
const STEPS_MAX: usize = 20_000_000;

/// A set of faults by their places.
#[derive(Clone, Debug)]
pub struct Inside {
    has: Vec<bool>,
    /// The place from which on it holds every fault.
    all_from: usize,
}

impl Inside {
    /// The empty set among so many faults.
    pub fn none(count: usize) -> Inside {
        Inside {
            has: vec![false; count],
            all_from: count,
        }
    }

    /// Adds a fault.
    pub fn add(&mut self, at: usize) {
        if let Some(has) = self.has.get_mut(at) {
            *has = true;
        }
        let last = self.has.iter().rposition(|has| !has);
        self.all_from = last.map_or(0, |last| last + 1);
    }

    /// Whether it holds a fault.
    pub fn holds(&self, at: usize) -> bool {
        self.has.get(at).copied().unwrap_or(false)
    }
}

/// A set of the size among so many faults that lies inside none, if there is one.
///
/// # Errors
/// If there are too many to look at.
pub fn uncovered(
    inside: &[Inside],
    count: usize,
    size: usize,
) -> Result<Option<Vec<usize>>, String> {
    let all: Vec<&Inside> = inside.iter().collect();
    let mut steps = 0;
    look(&all, (0, count), size, &mut steps)
}

/// Among the sets that hold what was chosen so far: whether each choice of the rest is in one.
fn look(
    inside: &[&Inside],
    (from, count): (usize, usize),
    left: usize,
    steps: &mut usize,
) -> Result<Option<Vec<usize>>, String> {
    *steps += 1;
    if *steps > STEPS_MAX {
        return Err("this cover has too many sets to check".to_owned());
    }
    if inside.is_empty() {
        return Ok(Some(Vec::new()));
    }
    if left == 0 || inside.iter().any(|one| one.all_from <= from) {
        return Ok(None);
    }
    for at in from..count {
        let with: Vec<&Inside> = inside.iter().copied().filter(|one| one.holds(at)).collect();
        if let Some(mut rest) = look(&with, (at + 1, count), left - 1, steps)? {
            rest.insert(0, at);
            return Ok(Some(rest));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: usize, places: &[usize]) -> Inside {
        let mut inside = Inside::none(count);
        places.iter().for_each(|at| inside.add(*at));
        inside
    }

    #[test]
    fn a_set_that_lies_inside_none_is_found() {
        let check = |sets: &[&[usize]], size: usize, expected: Option<Vec<usize>>| {
            let inside: Vec<Inside> = sets.iter().map(|set| of(4, set)).collect();
            assert_eq!(uncovered(&inside, 4, size), Ok(expected), "{sets:?} {size}");
        };
        check(&[], 0, Some(vec![]));
        check(&[&[]], 0, None);
        check(&[&[0, 1], &[2]], 1, Some(vec![3]));
        check(&[&[0, 1], &[2, 3]], 1, None);
        check(&[&[0, 1], &[2, 3]], 2, Some(vec![0, 2]));
        check(&[&[0, 1, 2], &[0, 3], &[1, 3], &[2, 3]], 2, None);
        check(&[&[0, 1, 2, 3]], 4, None);
    }
}
