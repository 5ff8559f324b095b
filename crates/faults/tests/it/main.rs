//! What faults lead to, over small organizations.

#[cfg(test)]
mod copies;
#[cfg(test)]
mod depths;
#[cfg(test)]
mod large;
#[cfg(test)]
mod obligations;
#[cfg(test)]
mod world;
