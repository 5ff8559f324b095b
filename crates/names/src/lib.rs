//! The names that AWS gives things, parsed once so that no later room compares raw text.
//!
//! Comparing names is where access decisions go wrong: actions and condition keys ignore case,
//! ARNs do not, account numbers begin with zeros, a role session's ARN drops the role's path. Each
//! kind of name is a type whose equality is the one that AWS uses. Nothing here knows which names
//! exist; patterns over names belong to the rooms that match them.

mod account;
mod action;
mod arn;
pub mod deferred;
mod error;
mod key;
mod organization;
mod principal;
mod region;

pub use account::AccountId;
pub use action::ActionName;
pub use arn::{ARN_BYTES_MAX, Arn};
pub use error::NameError;
pub use key::{CONTEXT_KEY_BYTES_MAX, ContextKey};
pub use organization::OrgId;
pub use principal::Principal;
pub use region::Region;
