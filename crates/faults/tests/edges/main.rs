//! The edges of the catalogue: as they are shown to people, and each as the engine decides it.

mod page;
