//! What was found, for people and for programs: text and JSON, the same answer in each.
//!
//! This room turns values of `findings` into strings and does nothing else: it prints nothing,
//! reads no file and asks no clock, so that every format is a function that a test can call and a
//! page or a pipeline can reuse. It alone resolves an origin to a file, a line and a pointer, since
//! only what is shown needs one.

pub mod baseline;
pub mod decision;
pub mod json;
mod layout;
pub mod redact;
mod snippet;
pub mod style;
mod table;
mod tally;
pub mod text;

#[cfg(test)]
mod tests;
