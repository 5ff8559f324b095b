//! The boundary: what is declared, what is asked of all requests, and what was found.
//!
//! The file becomes obligations, each obligation becomes questions about data paths, and each
//! answer carries a witness that was replayed or the controls that exclude every request. How
//! sources look and how output looks is no matter of this room.

pub mod ask;
pub mod cache;
pub mod can;
pub mod cast;
pub mod cause;
pub mod check;
pub mod command;
pub mod exception;
pub mod explain;
pub mod file;
pub mod granted;
pub mod inventory;
pub mod kit;
pub mod look;
mod memo;
pub mod obligations;
pub mod path;
pub mod probe_case;
pub mod probes;
pub mod proof;
pub mod reach;
pub mod recording;
pub mod replay;
pub mod scope;
mod unread;
pub mod who_can;
