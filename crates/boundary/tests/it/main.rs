//! The obligations from outside: small organizations in, findings out.
//!
//! One binary, so that the room links once. Each module says one thing about the answer: what each
//! obligation finds, that every hole is named, that no decision of one request contradicts a proof,
//! and that the answer is the same on every run.

// Helpers stop the test that calls them.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

mod causes;
mod classes;
mod common;
mod later;
mod memory;
mod obligations;
mod prover;
mod same;
