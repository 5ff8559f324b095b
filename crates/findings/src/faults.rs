//! What compromises lead to: attacks step by step, depths, cut sets, independence of layers, and
//! which evidence is left ("Faults" of the contracts).

use crate::finding::{Reason, Step};

/// The answer of one look at faults.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Which faults were counted, in words.
    pub universe: String,
    /// What each principal that was asked about leads to.
    pub principals: Vec<Reached>,
    /// What faults do to each dataset.
    pub datasets: Vec<Depths>,
    /// What was taken to be beyond compromise, or is not modelled.
    pub assumptions: Vec<String>,
}

/// What a compromised principal leads to.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// Its ARN.
    pub principal: String,
    /// Whether it certainly comes to be allowed every action in its own account.
    pub administrator: bool,
    /// Whether it may.
    pub administrator_possible: bool,
    /// Principals that it becomes, the certain ones first.
    pub becomes: Vec<Becomes>,
    /// Guards that it can rewrite, evidence that it can alter, data that it can copy out.
    pub rewrites: Vec<Rewrite>,
    /// Datasets whose data leaves the boundary.
    pub leaks: Vec<Leak>,
    /// What records and watches, and what is left of it: all trails, and the log groups, alarms and
    /// detectors of the accounts that it acts in.
    pub left: Vec<Left>,
}

/// Something that records or watches, and what becomes of it.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// `trail`, `log group`, `alarm` or `detector`.
    pub kind: &'static str,
    /// Its ARN.
    pub sink: String,
    /// Whether it is certainly put out, or what it keeps is altered.
    pub lost: bool,
    /// Whether that is not certain, and may be.
    pub possible: bool,
    /// In words, with the ids of edges.
    pub how: Vec<String>,
}

/// A principal that another one becomes.
#[derive(Clone, Debug, Default)]
pub struct Becomes {
    /// Its ARN.
    pub principal: String,
    /// Whether that hangs on something unknown.
    pub possible: bool,
    /// The way there.
    pub steps: Vec<AttackStep>,
}

/// An object of a layer that a compromised principal has power over.
#[derive(Clone, Debug, Default)]
pub struct Rewrite {
    /// `organization`, `identity`, `resource`, `network`, `encryption` or `audit`.
    pub layer: &'static str,
    /// Its ARN or id.
    pub object: String,
    /// In words, what becomes of it.
    pub effect: &'static str,
    /// The id of the edge.
    pub edge: String,
    /// Whether that hangs on something unknown.
    pub possible: bool,
    /// The way there.
    pub steps: Vec<AttackStep>,
}

/// A dataset whose data leaves the boundary.
#[derive(Clone, Debug, Default)]
pub struct Leak {
    /// Its name.
    pub dataset: String,
    /// Whether that hangs on something unknown.
    pub possible: bool,
    /// The way there; the last step is the read or the copy.
    pub steps: Vec<AttackStep>,
}

/// One step of an attack: a principal uses its rights on an object, and gains something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttackStep {
    /// The id of the edge in the catalogue; `read` for the read of data.
    pub edge: String,
    /// Who does it.
    pub principal: String,
    /// The actions that it needs.
    pub actions: Vec<String>,
    /// What they act on.
    pub on: String,
    /// What is gained, in words.
    pub gains: String,
    /// The catalogue's sentence about the edge.
    pub why: String,
    /// Whether it hangs on something unknown.
    pub possible: bool,
    /// What would settle that.
    pub missing: Vec<String>,
    /// The statements that permit it.
    pub because: Vec<Reason>,
    /// The requests, each decided again.
    pub requests: Vec<Step>,
}

/// How many faults must come together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// The fewest that may suffice, if what is unknown is as bad as it can be; `None`: none of up
    /// to the size that was searched.
    pub may: Option<u32>,
    /// The fewest that certainly suffice.
    pub must: Option<u32>,
}

/// What faults do to one dataset.
#[derive(Clone, Debug, Default)]
pub struct Depths {
    /// Its name.
    pub dataset: String,
    /// Faults before data leaves.
    pub leak_depth: Depth,
    /// Faults before data leaves and no evidence of it is left.
    pub breach_depth: Depth,
    /// The same, with no trace of the tampering either.
    pub silent_depth: Depth,
    /// Sets of up to this size were tried.
    pub searched_to: u32,
    /// Faults before data leaves unrecorded if the management account is among them; `None`: it
    /// does not even then.
    pub depth_if_management_falls: Option<u32>,
    /// Minimal sets of faults.
    pub cut_sets: Vec<CutSet>,
    /// Pairs of layers.
    pub independence: Vec<Independence>,
    /// What each single fault does, in the order of the faults.
    pub survival: Vec<Survival>,
    /// The layers, and whether they carry anything.
    pub layers: Vec<LayerLoad>,
    /// Faults with one cause, such as a pipeline, that would come together.
    pub common_causes: Vec<CommonCause>,
    /// Changes that raise a depth by one, if they were asked for.
    pub hardening: Vec<Hardening>,
}

/// A minimal set of faults that together open something.
#[derive(Clone, Debug, Default)]
pub struct CutSet {
    /// `compromise(ARN)`, `account(ID)`, `misconfigure(OBJECT)`.
    pub faults: Vec<String>,
    /// `leak` or `breach`.
    pub opens: &'static str,
    /// Whether that hangs on something unknown.
    pub possible: bool,
    /// The attack.
    pub steps: Vec<AttackStep>,
}

/// Whether two layers fall together.
#[derive(Clone, Debug, Default)]
pub struct Independence {
    /// The two layers.
    pub layers: (&'static str, &'static str),
    /// Faults before one attacker controls a control point of both.
    pub depth: Depth,
    /// Faults that do.
    pub cut_set: Vec<String>,
    /// How.
    pub steps: Vec<AttackStep>,
}

/// What one fault does to a dataset and to the evidence of it.
#[derive(Clone, Debug, Default)]
pub struct Survival {
    /// The fault.
    pub fault: String,
    /// Whether data leaves.
    pub leaks: bool,
    /// Whether data may leave, depending on something unknown.
    pub leaks_possible: bool,
    /// Layers of which it controls a control point.
    pub layers: Vec<&'static str>,
    /// What becomes of the evidence.
    pub evidence: Evidence,
    /// Whether evidence that survives may be lost all the same, depending on something unknown.
    pub evidence_open: bool,
    /// Why.
    pub why: String,
    /// The attack, if there is one.
    pub steps: Vec<AttackStep>,
}

/// What becomes of the evidence of an access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Nobody in reach can alter, stop or expire it.
    #[default]
    Survives,
    /// What was recorded can be altered, expired or made unreadable.
    Altered,
    /// Recording can be stopped first.
    Stopped,
    /// It is recorded by nothing.
    NeverRecorded,
}

impl Evidence {
    /// The word of the contracts.
    pub fn word(self) -> &'static str {
        match self {
            Evidence::Survives => "survives",
            Evidence::Altered => "altered",
            Evidence::Stopped => "stopped",
            Evidence::NeverRecorded => "never_recorded",
        }
    }
}

/// Whether a layer carries anything for a dataset.
#[derive(Clone, Debug, Default)]
pub struct LayerLoad {
    /// The layer.
    pub layer: &'static str,
    /// Whether a proof rests on it; if not, it is present at most.
    pub bearing: bool,
    /// Its control points: ARNs and ids.
    pub control_points: Vec<String>,
}

/// Faults that one event would bring about together.
#[derive(Clone, Debug, Default)]
pub struct CommonCause {
    /// What they share, in words: a permission set, a provider, a role that all of them trust.
    pub what: String,
    /// The faults.
    pub faults: Vec<String>,
    /// The depth if they cost one together.
    pub breach_depth: Depth,
}

/// What was found of changes that raise a depth.
#[derive(Clone, Debug)]
pub struct Hardening {
    /// Which depth: `leak` or `breach`.
    pub of: &'static str,
    /// The depth before.
    pub before: Depth,
    /// Whether changes raise it.
    pub hardened: Hardened,
}

/// Whether changes raise a depth.
#[derive(Clone, Debug)]
pub enum Hardened {
    /// These do.
    By {
        /// What to change, one sentence each.
        changes: Vec<String>,
        /// What to add: where, and its JSON.
        statements: Vec<(String, String)>,
        /// The depth after, found by looking again with the changes.
        after: Depth,
        /// Whether no fewer changes of these kinds do.
        smallest: bool,
    },
    /// None of those that were looked for, with the reason.
    Not(String),
}
