//! What shows that a depth is what an answer says, so that somebody else can check it.
//!
//! An upper bound is an attack that can be replayed. A lower bound is a cover: closed states that
//! leak nothing, such that every smaller set of faults starts inside one of them. Everything is
//! named by text, since places in a model mean nothing to whoever reads the sources again.

use cofferdam_text::Origin;

/// The version of the format.
pub const FORMAT: &str = "1";

/// What the file calls itself.
pub const KIND: &str = "depths";

/// The id of a step that is in no catalogue: whoever writes a trust policy acts as the role.
pub const FOLLOWS: &str = "trust";

/// Bounds of the depths of some datasets.
#[derive(Clone, Debug, Default)]
pub struct Certificate {
    /// Which faults are counted: `compromise`, `account`, `misconfigure`.
    pub faults: Vec<String>,
    /// The hash of the edges that an attacker may take.
    pub edges: String,
    /// Bounds, dataset by dataset.
    pub datasets: Vec<Bounds>,
}

/// Bounds of one dataset.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// Its name.
    pub dataset: String,
    /// Sets of up to this many faults were tried.
    pub searched_to: u32,
    /// The bounds that the answer states.
    pub claims: Vec<Claim>,
    /// Attacks, each an upper bound.
    pub upper: Vec<Attack>,
    /// Covers, each a lower bound.
    pub lower: Vec<Cover>,
    /// Attacks and bounds of the answer that could not be written down, with the reason.
    pub unwritten: Vec<String>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// Between which bounds a depth lies by the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// Which depth.
    pub of: Of,
    /// No fewer faults than these many suffice.
    pub at_least: u32,
    /// So many certainly do; `None`: of none that was tried that is known.
    pub at_most: Option<u32>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// What is bounded: how many faults let data leave, or let it leave unrecorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Data leaves.
    #[default]
    Leak,
    /// Data leaves, and no evidence of it is left.
    Breach,
}

impl Of {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Of::Leak => "leak",
            Of::Breach => "breach",
        }
    }
}

/// These faults suffice.
#[derive(Clone, Debug, Default)]
pub struct Attack {
    /// For what.
    pub of: Of,
    /// The faults, as answers name them.
    pub faults: Vec<String>,
    /// The steps in order.
    pub steps: Vec<AttackStep>,
    /// How data leaves in the end.
    pub exit: Exit,
    /// For a breach: the powers by which recording is put out; none if the read is not recorded.
    pub defeats: Vec<String>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// One step of an attack.
#[derive(Clone, Debug, Default)]
pub struct AttackStep {
    /// The edge by its id, or [`FOLLOWS`].
    pub edge: String,
    /// Who takes it.
    pub by: String,
    /// What it is about.
    pub on: String,
    /// The powers that it gains.
    pub gains: Vec<String>,
    /// What is sent, one request for each action that the edge needs.
    pub requests: Vec<Sent>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// One request that must be allowed.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Who sends it: an ARN, or `anonymous`.
    pub principal: String,
    /// The action.
    pub action: String,
    /// An ARN, or `*`.
    pub resource: String,
    /// What the request states, in the order of the keys.
    pub context: Vec<(String, Vec<String>)>,
    /// The service that repeats it as the caller, by its host.
    pub through: Option<String>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// How data leaves.
#[derive(Clone, Debug, Default)]
pub struct Exit {
    /// Who reads: a power to act as somebody, `anonymous` or `outsider`; `None`: it is copied out.
    pub reader: Option<String>,
    /// The store, by its ARN.
    pub store: String,
    /// The door by which it is read, if the store has several.
    pub door: Option<String>,
    /// What starts the service that reads, if one does, the read, and the uses of the key.
    pub requests: Vec<Sent>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// No smaller set of faults suffices.
#[derive(Clone, Debug, Default)]
pub struct Cover {
    /// For what.
    pub of: Of,
    /// The bound: every set of one fault less starts inside one of the states.
    pub at_least: u32,
    /// States that an attacker cannot leave.
    pub states: Vec<Closed>,
    /// Where it was read.
    pub at: Option<Origin>,
}

/// Everything that an attacker holds, where no edge leads further.
#[derive(Clone, Debug, Default)]
pub struct Closed {
    /// Faults that start inside it.
    pub faults: Vec<String>,
    /// Everything that is held.
    pub holds: Vec<String>,
    /// Where it was read.
    pub at: Option<Origin>,
}
