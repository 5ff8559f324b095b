//! What other packages' benchmarks need of the project's tasks: organizations of any size.

pub mod generate;
pub mod options;
