//! Sets of small numbers as bits, for finite attributes with thousands of values.

/// A subset of `0..len`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Bits {
    len: usize,
    words: Box<[u64]>,
}

impl Bits {
    pub fn none(len: usize) -> Self {
        Self {
            len,
            words: vec![0; len.div_ceil(64)].into_boxed_slice(),
        }
    }

    /// Adds a number; one outside the range is ignored.
    pub fn insert(&mut self, number: usize) {
        if number < self.len
            && let Some(word) = self.words.get_mut(number / 64)
        {
            *word |= 1 << (number % 64);
        }
    }

    pub fn contains(&self, number: usize) -> bool {
        self.words
            .get(number / 64)
            .is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub fn is_none(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub fn is_all(&self) -> bool {
        self.complement().is_none()
    }

    pub fn complement(&self) -> Self {
        let mut words: Box<[u64]> = self.words.iter().map(|word| !word).collect();
        if let (Some(last), spare @ 1..) = (words.last_mut(), self.len % 64) {
            *last &= (1 << spare) - 1;
        }
        Self {
            len: self.len,
            words,
        }
    }

    pub fn intersect(&mut self, other: &Self) {
        self.words
            .iter_mut()
            .zip(&other.words)
            .for_each(|(own, other)| *own &= other);
    }

    /// The members of both.
    pub fn meet(&self, other: &Self) -> Self {
        let mut meet = self.clone();
        meet.intersect(other);
        meet
    }

    /// The smallest member.
    pub fn first(&self) -> Option<usize> {
        let word = self.words.iter().position(|word| *word != 0)?;
        let bits = self.words.get(word)?;
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// The members, ascending.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len).filter(|number| self.contains(*number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complement_stays_in_range() {
        let mut bits = Bits::none(70);
        bits.insert(3);
        bits.insert(69);
        bits.insert(70);
        assert_eq!(bits.members().collect::<Vec<_>>(), [3, 69]);
        assert_eq!(bits.complement().members().count(), 68);
        assert_eq!(bits.complement().complement(), bits);
        assert!(Bits::none(0).is_all());
    }
}
