//! Reports for people: one function a question, each from values to a page of text.
//!
//! The order on a page is the order of what a reader does next: what is broken, in full; what is not
//! known and what would settle it; what holds, in one table; then the numbers.

mod alone;
mod check;
mod decision;
mod diagnostics;
mod evidence;
mod faults;
mod finding;
mod inventory;
mod layers;
mod lint;
mod probes;
mod reach;
mod replay;
mod story;
mod summary;

pub use alone::{comparison, proof};
pub use check::check;
pub use decision::decisions;
pub use diagnostics::diagnostics;
pub use evidence::{evidence, unattested};
pub use faults::faults;
pub(crate) use finding::{sentence, spaced};
pub use inventory::inventory;
pub use lint::lints;
pub use probes::probes;
pub use reach::{can, who_can};
pub use replay::replay;
pub use story::stories;
