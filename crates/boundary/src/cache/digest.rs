//! Hashing values of the model as they are: by their own `Hash`, into SHA-256.
//!
//! The standard library's `Hash` tells lengths and kinds apart, so that two different values never
//! give the same bytes; SHA-256 then makes the hash a name that nobody can give to something else.

use std::hash::{Hash, Hasher};

use sha2::{Digest as _, Sha256};

/// The name of a question: a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

/// A hash in the making.
#[derive(Clone, Default)]
pub(super) struct Digest(Sha256);

impl Digest {
    /// Takes in a value.
    pub fn add(&mut self, value: impl Hash) {
        value.hash(self);
    }

    /// The hash of all that was taken in.
    pub fn key(self) -> Key {
        Key(self.0.finalize().into())
    }
}

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Nobody asks for 64 bits: they would not be enough for a name.
    fn finish(&self) -> u64 {
        0
    }
}
