//! The collector from outside: single calls and whole organizations, against recordings.

#[cfg(test)]
mod calls;

#[cfg(test)]
mod collections;

#[cfg(test)]
mod world;
