//! The model of an AWS Organization: facts that are present, absent or unknown, laid over each
//! other attribute by attribute, and the typed organization built from them.
//!
//! Nothing here knows where facts came from, or how a decision is made.

pub mod build;
pub mod change;
pub mod fact;
pub mod lookup;
pub mod model;
