//! The boundary file, its obligations, verdicts, inventory and denied paths

pub mod exception;
pub mod file;
