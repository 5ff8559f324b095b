//! One file a verb: what can be said, and what is done.

pub mod can;
pub mod check;
pub mod collect;
pub mod compare;
pub mod decide;
pub mod explain;
pub mod facts;
pub mod faults;
pub mod init;
pub mod inventory;
pub mod lint;
pub mod look;
pub mod prove;
pub mod reach;
pub mod replay;
pub mod role_policy;
pub mod schema;
pub mod slice;
pub mod test;
pub mod verify;
pub mod who_can;
