//! JSON and YAML read into one tree with places, so that every later room can point at a byte.
//!
//! Policies reach us as files, as lines of files and as strings inside other documents. Every
//! parser of this workspace takes the one tree that is made here, and every statement keeps the
//! [`Origin`] of the node that it came from. Origins are opaque and small; only [`Documents`],
//! which holds the texts, can turn one into a file, a line and a pointer. Lines and pointers are
//! computed when somebody asks, since almost no origin is ever shown.
//!
//! Input is hostile until read: sizes, depths and counts are limited (see [`limits`]), and
//! whatever is wrong becomes a [`Diagnostic`], never a panic.

mod diagnostic;
mod documents;
mod escape;
mod json;
pub mod limits;
mod node;
mod origin;
mod place;
mod print;
mod reserved;
mod stable;
mod yaml;
mod yaml_scalar;

pub use diagnostic::{Diagnostic, Severity};
pub use documents::{Documents, Part};
pub use node::{Member, Node, Value};
pub use origin::{DocumentId, Origin, Span};
pub use place::{Excerpt, Place};
pub use print::Quoted;
pub use reserved::{Parsed, Reserved};
pub use stable::{StablePlace, StablePlaces};
