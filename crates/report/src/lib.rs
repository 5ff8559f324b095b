//! What was found, for people and for programs: text, JSON and the formats of other tools, the same
//! answer in each.
//!
//! This room turns values of `findings` into strings and does nothing else: it prints nothing,
//! reads no file and asks no clock, so that every format is a function that a test can call and a
//! page or a pipeline can reuse. It alone resolves an origin to a file, a line and a pointer, since
//! only what is shown needs one.

pub mod annotations;
pub mod asff;
pub mod baseline;
pub mod decision;
pub mod faults;
mod issue;
pub mod json;
pub mod junit;
pub mod kit;
mod layout;
pub mod markdown;
mod moment;
pub mod ocsf;
pub mod redact;
mod rules;
pub mod sarif;
mod snippet;
pub mod style;
pub mod svg;
mod table;
mod tally;
pub mod text;

#[cfg(test)]
mod tests;
