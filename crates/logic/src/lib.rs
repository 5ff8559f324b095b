//! Formulas over attributes and their satisfiability.
//!
//! Access conditions look at one attribute at a time: this name matches that pattern, this address
//! lies in that block. A Boolean solver with a small theory per attribute therefore decides them
//! exactly, and much faster than a general string solver would. A [`Problem`] holds attributes and
//! formulas; a [`Solver`] says whether a goal can hold, with a [`Model`] that shows it, or with the
//! assumptions that exclude it; it never guesses, and says [`Outcome::Undecided`] at its limits.
//!
//! The crate knows no AWS: shapes and finite universes reach it as data.
//!
//! ```
//! use cofferdam_logic::{Case, Limits, Outcome, Pattern, Problem, Solver};
//!
//! let mut problem = Problem::new();
//! let name = problem.text("name", vec![], Case::Sensitive);
//! let report = problem.matches(name, &Pattern::glob("reports/*"));
//! let draft = problem.matches(name, &Pattern::glob("*.draft"));
//! let goal = problem.all(&[report, draft]);
//! match Solver::new(&problem, goal, Limits::default()).solve(&[]) {
//!     Outcome::Satisfiable(model) => assert_eq!(model.text(name), "reports/.draft"),
//!     other => unreachable!("{other:?}"),
//! }
//! ```

mod automaton;
mod bits;
mod cells;
mod certificate;
mod clauses;
mod decimal;
mod display;
mod eager;
mod export;
mod graph;
mod implicant;
mod import;
mod limits;
mod model;
mod network;
mod pattern;
mod problem;
mod relation;
mod sat;
mod search;
mod slice;
mod smt;
mod solver;
mod strings;
mod theory;
mod walk;
mod words;

pub use certificate::Certificate;
pub use decimal::{Comparison, Decimal, DecimalError, FRACTION_DIGITS};
pub use graph::Formula;
pub use limits::{Limits, Reason};
pub use model::{Model, Values};
pub use network::{Network, NetworkError};
pub use pattern::{Case, Class, Pattern, Token};
pub use problem::{Attribute, Part, Problem};
pub use smt::smt;
pub use solver::{Core, Lemma, Memory, Outcome, Solver};
