//! Reports of a small hand-made answer, as people and programs see them.
//!
//! The answer is made by hand, so that these tests say how things look and nothing about how they
//! are found.

mod check;
mod faults;
mod formats;
mod other;
mod questions;
mod redaction;
mod sample;
mod schema;
