//! Processor time of this thread, where the system tells it.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(2);
/// How often the clock is read: seldom enough not to be measured itself.
const BATCH: usize = 512;

/// How often a second `work` can be done, over numbers below `count` in turn.
pub fn rate<T>(count: usize, mut work: impl FnMut(usize) -> T) -> f64 {
    let mut done = 0_u32;
    let mut run = |done: &mut u32| {
        for at in (0..count).cycle().take(BATCH) {
            black_box(work(black_box(at)));
            *done += 1;
        }
    };
    run(&mut 0);
    let (wall, from) = (Instant::now(), processor());
    while wall.elapsed() < MEASURED {
        run(&mut done);
    }
    let spent = match (from, processor()) {
        (Some(from), Some(to)) => to.saturating_sub(from),
        _ => wall.elapsed(),
    };
    f64::from(done) / spent.as_secs_f64()
}

/// What this thread has used of a processor so far; Linux alone tells it in a file.
pub fn processor() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split(' ').next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
