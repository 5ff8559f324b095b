//! One line on standard error that says how far long work is.
//!
//! It appears only on a terminal and only after a second, so that quick answers stay alone.

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Work shorter than this needs no bar.
const QUIET: Duration = Duration::from_secs(1);
/// The eye sees no more changes than this.
const PAUSE: Duration = Duration::from_millis(100);
/// Characters of the bar.
const BAR: usize = 30;

/// A line that rewrites itself; it goes when this is dropped.
pub struct Progress {
    shown: bool,
    started: Instant,
    last: Mutex<Option<Instant>>,
}

impl Progress {
    /// A bar, or one that never shows.
    pub fn new(shown: bool) -> Progress {
        Progress {
            shown,
            started: Instant::now(),
            last: Mutex::new(None),
        }
    }

    /// Says that `done` of `total` steps are done, and which comes now.
    pub fn step(&self, done: usize, total: usize, what: &str) {
        if !self.shown || self.started.elapsed() < QUIET {
            return;
        }
        let Ok(mut last) = self.last.lock() else {
            return;
        };
        if last.is_none_or(|last| last.elapsed() > PAUSE) {
            *last = Some(Instant::now());
            let _ = write!(io::stderr(), "\r\x1b[K{}", line(done, total, what));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.last.lock().is_ok_and(|last| last.is_some()) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(done: usize, total: usize, what: &str) -> String {
    let full = (done * BAR).checked_div(total).unwrap_or(0).min(BAR);
    let what: String = what
        .chars()
        .filter(|one| !one.is_control())
        .take(60)
        .collect();
    format!(
        "[{}{}] {done}/{total} {what}",
        "#".repeat(full),
        ".".repeat(BAR - full)
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bar_fills_and_never_overflows() {
        assert_eq!(
            super::line(1, 2, "x\u{1b}"),
            format!("[{}{}] 1/2 x", "#".repeat(15), ".".repeat(15))
        );
        assert_eq!(
            super::line(9, 2, "x"),
            format!("[{}] 9/2 x", "#".repeat(30))
        );
        assert_eq!(
            super::line(0, 0, "x"),
            format!("[{}] 0/0 x", ".".repeat(30))
        );
    }
}
