//! The edges of the catalogue: as they are shown to people, and each as the engine decides it.

#![allow(clippy::expect_used, clippy::indexing_slicing)] // a fixture that is wrong must stop its test

mod carried;
mod delegates;
mod each;
mod page;
mod traps;
mod watched;
mod world;
