//! How AWS decides.
//!
//! *gather* goes from an organization and a request, or from a decision case, to the layers that
//! apply; *combine* says what they decide. The combination is written once and read three ways:
//! over the values of one request, over the same with reasons, and over formulas that stand for
//! all requests. Nothing here knows what a boundary declares.

pub mod access_point;
pub mod alone;
pub mod beside;
pub mod bpa;
pub mod call;
pub mod caller;
pub mod case;
pub mod coarse;
pub mod combine;
pub mod concrete;
pub mod context;
pub mod decide;
pub mod free;
pub mod gather;
pub mod held;
pub mod layers;
pub mod matching;
pub mod prepared;
pub mod reach;
pub mod rewritten;
pub mod search;
pub mod symbolic;
pub mod term;
pub mod trace;
pub mod witness;
