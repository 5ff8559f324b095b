//! The IAM policy language: how a document is read, printed, and what one statement means.
//!
//! Meaning is written once, generic over a [`reading::Reading`]: the same expansion of a statement
//! is read over concrete values, over values with reasons, and over formulas. Nothing here knows
//! an organization, or how the text of a policy is stored.

pub mod ast;
mod condition;
pub mod deferred;
mod glob;
pub mod kind;
pub mod likeness;
pub mod lint;
pub mod matching;
mod notes;
pub mod operand;
mod operand_parse;
mod operator;
pub mod parse;
mod pattern;
mod principal;
pub mod print;
pub mod reading;
pub mod statements;
pub mod template;
pub mod values;
