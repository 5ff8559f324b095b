//! What a replay says: how often the sources agree with AWS, where not, and what contradicts a proof.

use crate::finding::Reason;

/// The answer of one replay.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The first and the last time of an event.
    pub period: Option<(String, String)>,
    /// Files that were read.
    pub files: u64,
    /// Records in them.
    pub records: u64,
    /// Copies of a record that was counted already.
    pub duplicates: u64,
    /// Copies of an event for the owner of its resource, whose caller's own copy was counted.
    pub twins: u64,
    /// Records of another dataset than the one asked about.
    pub of_other_datasets: u64,
    /// Calls that changed the configuration, and of how many the new policy is known.
    pub changes: u64,
    /// Changes whose new policy is known.
    pub moved: u64,
    /// Proofs that events were held against.
    pub proofs: u64,
    /// Kinds of calls that were decided; calls of one kind are decided once.
    pub classes: u64,
    /// Allowed events that a proof excludes.
    pub contradictions: Vec<Contradiction>,
    /// How many kinds of contradictions there are, of which some may be left out above.
    pub contradictions_in_all: u64,
    /// Rows by service, class and answer.
    pub groups: Vec<Group>,
    /// Kinds of calls that the sources decide otherwise.
    pub disagreements: Vec<Disagreement>,
    /// How many there are, of which some may be left out above.
    pub disagreements_in_all: u64,
    /// Why events could not be decided.
    pub undecided: Vec<Counted>,
    /// Records that are no requests, and calls that came to no decision.
    pub no_decisions: Vec<Counted>,
    /// Records that could not be understood.
    pub unclear: Vec<Counted>,
    /// Where text could not be read at all.
    pub broken: Vec<Broken>,
    /// How many such places there are.
    pub broken_in_all: u64,
    /// How the events were understood, one sentence each.
    pub notes: Vec<String>,
}

/// What came of comparing an event with the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The sources decide as AWS did.
    Agrees,
    /// The sources certainly decide otherwise.
    Disagrees,
    /// Something that is not known decides it.
    Undecided,
    /// AWS decided nothing.
    NoDecision,
}

impl Verdict {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Agrees => "agrees",
            Verdict::Disagrees => "disagrees",
            Verdict::Undecided => "cannot_decide",
            Verdict::NoDecision => "no_decision",
        }
    }
}

/// One event that stands for others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its id.
    pub event: String,
    /// Its time.
    pub time: String,
    /// The file that holds it.
    pub file: String,
    /// Where its record begins in the file's text.
    pub offset: u64,
    /// Who called.
    pub principal: String,
    /// What was called.
    pub action: String,
    /// On what; `None`: it is not told.
    pub resource: Option<String>,
    /// The network that it came from, as far as it is told.
    pub from: Option<String>,
}

/// An allowed event that a proof excludes.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// The id of the finding that was proved.
    pub finding: String,
    /// Its obligation.
    pub obligation: &'static str,
    /// The dataset; empty: it is about the organization.
    pub dataset: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// What was proved, in a sentence.
    pub proved: String,
    /// Why the event is outside of it.
    pub why: String,
    /// A change between the event and the sources that may explain it; it then is no contradiction.
    pub changed_since: Option<String>,
    /// What the sources decide of it.
    pub decision: &'static str,
    /// How many events of the kind there are.
    pub events: u64,
    /// The first.
    pub sample: Sample,
}

/// Events of one service, class and answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The prefix of the service.
    pub service: String,
    /// What the calls do: `read`, `write`, …
    pub class: String,
    /// `passed`, or the kind of policy that AWS named.
    pub answer: String,
    /// How many agree.
    pub agrees: u64,
    /// How many disagree.
    pub disagrees: u64,
    /// How many could not be decided.
    pub undecided: u64,
}

/// A kind of call that the sources decide otherwise than AWS did.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// What AWS said, in its words.
    pub aws: String,
    /// The policy that it named.
    pub policy: Option<String>,
    /// What the sources decide.
    pub decision: &'static str,
    /// Why both differ, as far as it can be told.
    pub why: String,
    /// What to look at first.
    pub look_at: String,
    /// The statements that made the decision.
    pub because: Vec<Reason>,
    /// Layers that refuse, where no statement does it.
    pub layers: Vec<String>,
    /// How many events of the kind there are.
    pub events: u64,
    /// The first.
    pub sample: Sample,
}

/// A reason with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// In words.
    pub why: String,
    /// How many events.
    pub events: u64,
    /// The first, by its file and offset.
    pub first: String,
}

/// A place where text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub file: String,
    /// Where in its text.
    pub offset: u64,
    /// In words.
    pub why: String,
}

impl Replay {
    /// How many events agree, disagree and could not be decided.
    pub fn totals(&self) -> (u64, u64, u64) {
        let sum = |of: fn(&Group) -> u64| self.groups.iter().map(of).sum();
        (
            sum(|group| group.agrees),
            sum(|group| group.disagrees),
            sum(|group| group.undecided),
        )
    }
}
