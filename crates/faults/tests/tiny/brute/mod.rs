//! A slow and plain second opinion: every set of faults on a copy of the organization that is
//! edited as the attacker would edit it, and every request decided on that copy.
//!
//! It shares with the engine the catalogue, as data, and the decision of one concrete request. How
//! edges are taken, what is a leak, which trails record and which sets are minimal is written
//! again here from the definitions, without sharing between sets and without cleverness.

pub mod act;
pub mod data;
pub mod decide;
pub mod depth;
pub mod world;
