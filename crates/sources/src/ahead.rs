//! Files read ahead of what takes them in.
//!
//! A large organization is tens of thousands of small files, and most of the time that they take
//! goes into opening and parsing them, which needs nothing of the facts. So that happens on
//! threads of its own; facts are stated on one thread, in the order of the files, so that nothing
//! that is stated or said depends on the threads.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use cofferdam_text::{Diagnostic, Documents, Parsed, Reserved};

use crate::files;
use crate::sink::Sink;

/// Files that may be read and not yet taken in: enough to hide a slow one, and little memory.
const AHEAD_MAX: usize = 256;

/// Threads that read: more only wait for each other at the disk.
const THREADS_MAX: usize = 8;

/// What was read of a file, or why it could not be.
pub(crate) type Bytes = Result<Parsed, Diagnostic>;

/// Whether a file holds one call a line.
pub(crate) fn is_lines(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "jsonl")
}

/// Reads files of JSON, those named `.jsonl` line by line, and hands each to `take` with its number,
/// in order.
pub(crate) fn each(
    sink: &mut Sink,
    files: &[&Path],
    mut take: impl FnMut(&mut Sink, usize, Bytes),
) {
    let places: Vec<(&Path, Reserved)> = files
        .iter()
        .map(|path| (*path, reserve(sink.documents, path)))
        .collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (sender, read) = sync_channel(AHEAD_MAX);
        for _ in 0..threads() {
            let (sender, places, next) = (sender.clone(), &places, &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some((path, place)) = places.get(number) else {
                        break;
                    };
                    let bytes = files::bytes(path).map(|bytes| place.read(bytes));
                    if sender.send((number, bytes)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        in_order(&read, |number, bytes| take(sink, number, bytes));
    });
}

fn reserve(documents: &mut Documents, path: &Path) -> Reserved {
    let name = path.display().to_string();
    match is_lines(path) {
        true => documents.reserve_json_lines(&name),
        false => documents.reserve_json(&name),
    }
}

fn threads() -> usize {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    processors.min(THREADS_MAX)
}

/// Hands on what comes in any order in the order of the numbers.
fn in_order<T>(read: &Receiver<(usize, T)>, mut take: impl FnMut(usize, T)) {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, one) in read {
        early.insert(number, one);
        while let Some(one) = early.remove(&next) {
            take(next, one);
            next += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_taken_in_order_whichever_was_read_first() {
        let (sender, read) = sync_channel(8);
        for number in [2, 0, 4, 1, 3] {
            sender.send((number, number * 10)).unwrap();
        }
        drop(sender);
        let mut taken = Vec::new();
        in_order(&read, |number, one| taken.push((number, one)));
        assert_eq!(taken, [(0, 0), (1, 10), (2, 20), (3, 30), (4, 40)]);
    }
}
