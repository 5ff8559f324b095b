//! The inventory row of one resource of a dataset: what seed A asks to record.

use crate::finding::Reason;

/// One resource of a dataset with every way in.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The dataset.
    pub dataset: String,
    /// The resource's ARN.
    pub resource: String,
    /// Who can reach it.
    pub principals: Vec<Access>,
    /// Network contexts from which some approved or other principal gets through, in words.
    pub networks: Vec<String>,
    /// Endpoint ids from which it can be reached.
    pub endpoints: Vec<String>,
    /// Keys that encrypt it.
    pub keys: Vec<String>,
    /// The policy on the resource itself.
    pub resource_policy: Option<Reason>,
    /// How data events are recorded.
    pub data_events: DataEvents,
    /// Against whom the service checks the key: `caller`, `service` or `none`.
    pub encryption_key_checked_against: &'static str,
    /// What is missing or weak, one sentence each.
    pub gaps: Vec<String>,
}

/// One principal, or one class of them, that reaches a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// ARN, service host, `anonymous`, or `any principal of another account`.
    pub principal: String,
    /// Classes of actions: `read`, `write`, `delete`, `list`, `administer`.
    pub can: Vec<String>,
    /// From where: `any network`, or the names of network contexts.
    pub from: Vec<String>,
    /// Whether the boundary approves it; `None` without a boundary.
    pub approved: Option<bool>,
    /// Whether that is certain, or hangs on something unknown.
    pub certain: bool,
    /// Remaining conditions in words.
    pub conditions: Vec<String>,
}

/// Data-event coverage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataEvents {
    /// Whether reads are recorded: `Some(true)`, `Some(false)`, or unknown.
    pub read: Option<bool>,
    /// Whether writes are recorded.
    pub write: Option<bool>,
    /// Names of the trails that record them.
    pub trails: Vec<String>,
    /// Where they are delivered.
    pub archives: Vec<String>,
}
