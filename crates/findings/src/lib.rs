//! What a check says: verdicts, witnesses, causes, inventory rows.
//!
//! Types only. Those who find and those who show meet here, so that no format of output can
//! reach back into how a finding came about. Names in JSON are these names in snake_case
//! (contracts, section 4).

pub mod alone;
pub mod depths;
pub mod faults;
pub mod finding;
pub mod inventory;
pub mod kit;
pub mod lint;
pub mod probe;
pub mod reach;
pub mod replay;
pub mod story;
