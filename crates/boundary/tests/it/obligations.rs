//! What each obligation finds: where it holds, where it is broken, and where an unknown fact leaves
//! it undecided. Each test is a rule, and its name says which.

mod access_points;
mod archive;
mod becomes;
mod deputy;
mod forbidden;
mod key_administration;
mod key_use;
mod keys;
mod lifted;
mod names;
mod outbound;
mod outside;
mod public;
mod recorded;
mod source;
mod unapproved;
mod works;
