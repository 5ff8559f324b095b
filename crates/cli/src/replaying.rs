//! A log replayed: read once, decided by kinds of calls, and told.
//!
//! A log holds millions of events and few kinds of calls. So the log is read as a stream, each event
//! is kept as a few numbers with the kind of its call, and each kind is decided once for every
//! configuration that was in force when it was called.

mod answer;
mod judge;
mod log;

pub use answer::{Asked, replay};
