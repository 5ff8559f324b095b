//! AWS itself, read through the table of operations.
//!
//! One table (`cofferdam_sources::operations`) says what is asked; generated shapes say how each
//! service spells it; one small client makes the call, waits where AWS asks to wait, and writes
//! what came of it into a snapshot, an error as an error. Nothing here decides anything, and
//! nothing here can write to AWS: there is no call but those of the table and the assumption of
//! the reader's role.

mod answer;
pub mod budget;
pub mod client;
pub mod collect;
mod earlier;
mod encode;
pub mod failure;
pub mod http;
pub mod live;
pub mod path;
mod plan;
mod remove;
pub mod replay;
mod request;
pub mod role;
mod run;
pub mod sessions;
pub mod shapes;
mod sign;
mod store;
pub mod thin;
mod xml;

pub use request::Given;
pub use run::Watch;
