//! Tiny organizations: what was worked out by hand, what brute force over all fault sets finds, and
//! what the engine answers, which must all agree.
//!
//! The engine shares closures between sets, decides through a symbolic reading and leaves out sets
//! that can say nothing new. A brute force that does none of it cannot make the same mistake, and
//! the values worked out by hand keep both honest about what AWS does.

#[cfg(test)]
mod brute;
#[cfg(test)]
mod case;
#[cfg(test)]
mod certified;
#[cfg(test)]
mod hand;
#[cfg(test)]
mod random;
#[cfg(test)]
mod suite;
