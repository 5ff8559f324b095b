//! Who can do one thing, and what one principal can do: the same ways in, asked from either end.

use crate::inventory::Access;

/// Who can do one thing.
#[derive(Clone, Debug, Default)]
pub struct WhoCan {
    /// What is done: `s3:GetObject`.
    pub action: String,
    /// To what: an ARN, perhaps with wildcards, or `*`.
    pub resource: String,
    /// Keys whose use the service checks against the caller.
    pub keys: Vec<String>,
    /// Everybody who can, with the action in `can`.
    pub principals: Vec<Access>,
    /// The same for a page: where they are many, those of one account with one answer as one entry.
    pub shown: Vec<Access>,
    /// What could not be told, one sentence each.
    pub unclear: Vec<String>,
    /// How the question was understood, one sentence each.
    pub notes: Vec<String>,
}

/// What one principal can do.
#[derive(Clone, Debug, Default)]
pub struct Can {
    /// Who.
    pub principal: String,
    /// What it reaches by itself.
    pub things: Vec<Reached>,
    /// Roles whose sessions it can get.
    pub roles: Vec<Becomes>,
    /// What could not be told, one sentence each.
    pub unclear: Vec<String>,
}

/// One way to a store or a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The store or key.
    pub resource: String,
    /// Classes of actions.
    pub can: Vec<String>,
    /// From where.
    pub from: Vec<String>,
    /// Whether that is certain, or hangs on something unknown.
    pub certain: bool,
    /// Remaining conditions in words.
    pub conditions: Vec<String>,
}

/// A role whose session can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Becomes {
    /// The role's ARN.
    pub role: String,
    /// Roles that must be assumed before, in order.
    pub through: Vec<String>,
    /// From where the last step is made.
    pub from: Vec<String>,
    /// Whether that is certain, or hangs on something unknown.
    pub certain: bool,
    /// Remaining conditions of the last step in words.
    pub conditions: Vec<String>,
}
