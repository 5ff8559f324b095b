//! How AWS decides, as cases: each file under `tests/cases` is a corpus whose cases name the page
//! that their rule comes from; what a table says better is a table here.
// Helpers stop the test that calls them.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod agreement;
mod alone;
mod answers;
mod corpus;
mod naive;
mod presence;
mod principal_table;
mod properties;
mod quick;
mod random;
