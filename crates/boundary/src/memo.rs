//! What was found once and serves more than one question of the same run.
//!
//! Datasets have much in common: the archive that records them, the key they lie under, the roles
//! that may reach them. A question about such a thing hangs on the declaration and the
//! organization, not on the dataset, so it is asked once. The key of an entry is everything of the
//! declaration that the question reads; the organization is the same throughout a run. Threads that
//! come at the same time may both ask, and find the same.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::ask::Answers;

/// Answers and places by what they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    answers: Kept<Answers>,
    places: Kept<Vec<usize>>,
}

type Kept<T> = Mutex<BTreeMap<String, Arc<T>>>;

impl Memo {
    /// What a question came to, asked if nobody did before.
    pub fn answers(&self, question: String, ask: impl FnOnce() -> Answers) -> Answers {
        Answers::clone(&kept(&self.answers, question, ask))
    }

    /// The places of principals for which something holds, looked for if nobody did before.
    pub fn places(&self, of: String, find: impl FnOnce() -> Vec<usize>) -> Arc<Vec<usize>> {
        kept(&self.places, of, find)
    }
}

fn kept<T>(all: &Kept<T>, key: String, make: impl FnOnce() -> T) -> Arc<T> {
    let lock = || all.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&key) {
        return Arc::clone(known);
    }
    let made = Arc::new(make());
    Arc::clone(lock().entry(key).or_insert(made))
}
