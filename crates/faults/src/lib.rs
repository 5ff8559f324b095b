//! When something fails: what one compromise controls, how deep the boundary is, which evidence is
//! left.
//!
//! An attacker starts with a few principals and goes on by the edges of a catalogue: rights that
//! make one principal another, or that rewrite what guards the data. Each edge is decided by the
//! engine, never by its name, and decided again after every rewrite. From what is reached follow
//! the depths, the independence of layers and the survival of evidence. How output looks is no
//! matter of this room.

pub mod alike;
pub mod answer;
mod behind;
pub mod carriers;
pub mod catalogue;
pub mod causes;
pub mod certificate;
pub mod closure;
pub mod control;
pub mod cuts;
pub mod decide;
pub mod delegates;
pub mod evidence;
pub mod fault;
pub mod harden;
pub mod leak;
mod left;
mod management;
pub mod obligations;
pub mod power;
pub mod reached;
mod remove;
mod requests;
pub mod setting;
pub mod story;
