//! When something fails: what one compromise controls, how deep the boundary is, which evidence is
//! left.
//!
//! An attacker starts with a few principals and goes on by the edges of a catalogue: rights that
//! make one principal another, or that rewrite what guards the data. Each edge is decided by the
//! engine, never by its name, and decided again after every rewrite. From what is reached follow
//! the depths, the independence of layers and the survival of evidence. How output looks is no
//! matter of this room.

pub mod catalogue;
