//! Answers for programs, field by field as the contracts write them.
//!
//! Values are built by hand rather than derived, so that no type of another room becomes a format by
//! accident: a field that is renamed there changes nothing here.

mod alone;
mod check;
mod decision;
mod depths;
mod evidence;
mod faults;
mod inventory;
mod lint;
mod place;
mod probes;
mod reach;
mod replay;
mod story;

pub use alone::{comparison, proof};
pub use check::{Tool, check};
pub use decision::decisions;
pub use depths::depths;
pub use evidence::evidence;
pub use faults::faults;
pub use inventory::inventory;
pub use lint::lints;
pub use probes::probes;
pub use reach::{can, who_can};
pub use replay::replay;
pub use story::stories;

use serde_json::Value;

/// Two spaces a level, with a line break at the end.
pub(crate) fn print(value: &Value) -> String {
    format!("{value:#}\n")
}
