//! Why a call passes or not, as one story: each request of it, what each layer said, what AWS named,
//! and the smallest change.

use crate::finding::{Missing, Reason, Step};

/// One call explained.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// What is explained: the name of a case, or who calls what.
    pub title: String,
    /// What was decided of all its requests together.
    pub decision: &'static str,
    /// What AWS answered, if that is known.
    pub aws: Option<AwsSaid>,
    /// The requests, in the order in which they are made.
    pub requests: Vec<Told>,
    /// What would let it pass: all of these together.
    pub changes: Vec<Change>,
    /// Facts that would settle an undecided answer.
    pub missing: Vec<Missing>,
    /// How the call was understood, one sentence each.
    pub notes: Vec<String>,
}

/// One request of a call.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What it is in the call: the caller's own request, the use of the key, a further permission.
    pub what: String,
    /// The request with its decision.
    pub step: Step,
    /// The place that layers and statements are shown for, if the call may have come from several.
    pub from: Option<String>,
    /// What was decided at that place.
    pub there: &'static str,
    /// Every place with its decision, if they differ.
    pub places: Vec<(String, &'static str)>,
    /// What each layer said.
    pub layers: Vec<LayerTold>,
    /// The statements that made the decision.
    pub because: Vec<Reason>,
}

/// What one layer, or one level of it, said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerTold {
    /// A layer id of the contracts.
    pub layer: &'static str,
    /// The root, unit, account or endpoint, where a layer has several.
    pub target: String,
    /// `allows`, `does_not_allow`, `denies`, `not_applicable` or `undecided`.
    pub outcome: &'static str,
}

/// What AWS answered, and whether the sources say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsSaid {
    /// In AWS's words: `refused, by an explicit deny in a service control policy`.
    pub words: String,
    /// The ARN of the policy that it names.
    pub policy: Option<String>,
    /// Whether the sources agree; `None`: they cannot tell.
    pub agrees: Option<bool>,
    /// Why, in one sentence.
    pub why: String,
}

/// One thing to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whether the caller's own account can make it; else somebody must be asked.
    pub yours: bool,
    /// Whose it is to change.
    pub owner: String,
    /// The layer, if a policy changes; `None`: the call itself.
    pub layer: Option<&'static str>,
    /// What to do.
    pub what: String,
}
