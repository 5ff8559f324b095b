//! Tests of the text room through its public face, in one binary so that they link once.
//!
//! Each feature has one `check` function, which alone knows the API; the tests are data.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is how a test speaks"
)]

mod embedded;
mod json;
mod lines;
mod property;
mod yaml;
