//! Decision cases: self-contained questions that need no organization (contracts, section 1).
//!
//! A case states a request with every layer that is to count. It goes through the same gathering
//! shapes and the same combination as an organization does, so that whatever is tested by cases is
//! what boundaries are proved with. "Undecided" is said only where two completions of what was not
//! stated really differ: where the concrete reading does not know, the symbolic one is asked.

mod caller;
mod keys;
mod open;
mod point;
pub mod ready;
mod told;
mod words;
mod world;

use cofferdam_names::{AccountId, ActionName, Arn};
use cofferdam_org::fact::Known;
use cofferdam_org::model::{Grant, NamedPolicy};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_text::Origin;

use crate::caller::Caller;
use crate::concrete::{Context, NO_RESOURCE};
use crate::context::Tags;
use crate::decide::Outcome;
use crate::layers::LayerId;
use crate::trace::Determining;

pub use caller::{CallerError, caller};
pub use point::AccessPoint;

/// One question with everything that decides it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What the case is called.
    pub name: String,
    /// The request.
    pub request: Request,
    /// Who asks, from `request.principal` and the `principal` block.
    pub caller: Caller,
    /// What else the `principal` block says.
    pub principal: Side,
    /// What the `resource` block says.
    pub resource: Side,
    /// The owner of the resource, where it is stated or follows from the ARN.
    pub owner: Option<AccountId>,
    /// Whether AWS manages the key, so that RCPs do not reach it.
    pub aws_managed: bool,
    /// Identity policies; left out and empty are one.
    pub identity: Vec<NamedPolicy>,
    /// The permissions boundary.
    pub boundary: Option<NamedPolicy>,
    /// Session policies; left out and empty are one: the session has none.
    pub session: Vec<NamedPolicy>,
    /// SCPs by level, from the root to the account; `None`: no organization.
    pub service_control: Option<Vec<ControlLevel>>,
    /// RCPs by level, from the root to the account; `None`: no organization.
    pub resource_control: Option<Vec<ControlLevel>>,
    /// The policy of the resource.
    pub resource_policy: Option<NamedPolicy>,
    /// Policies of the endpoint that the request travels through.
    pub endpoints: Vec<EndpointPolicy>,
    /// Whether `RestrictPublicBuckets` is in force; `None`: the layer does not exist.
    pub restrict_public: Option<bool>,
    /// The S3 access point that the request goes through; `None`: it goes to the resource itself.
    pub access_point: Option<AccessPoint>,
    /// KMS grants on the key; `None`: the layer does not exist.
    pub grants: Option<Vec<Grant>>,
    /// Whether a key that is neither given nor derived is absent; else it is unknown.
    pub strict: bool,
    /// The decision that the writer expects.
    pub expected: Option<Outcome>,
    /// Where the case lies.
    pub origin: Option<Origin>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is to be done.
    pub action: ActionName,
    /// An ARN, perhaps with wildcards, or `*` for an action without resource.
    pub resource: String,
    /// Keys that the request states; they win over derived ones.
    pub context: Context,
}

/// What an ARN does not say of a principal or a resource.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// The organization of its account.
    pub organization: Option<Box<str>>,
    /// The paths of its account in the organization.
    pub paths: Option<Vec<Box<str>>>,
    /// Whether its account is the management account.
    pub management: bool,
    /// Its tags; `None`: not stated.
    pub tags: Option<Tags>,
}

/// What is attached to one node between the root and an account.
#[derive(Clone, Debug)]
pub struct ControlLevel {
    /// `r-…`, `ou-…` or the account's id.
    pub target: Box<str>,
    /// The attached documents.
    pub policies: Vec<NamedPolicy>,
}

/// A policy of the endpoint that the request travels through.
#[derive(Clone, Debug)]
pub struct EndpointPolicy {
    /// Whether it is a gateway endpoint; unknown if the case does not say.
    pub gateway: Known<bool>,
    /// The document, called as the endpoint is.
    pub policy: NamedPolicy,
}

/// The answer to a case.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the case is called.
    pub name: String,
    /// What was decided.
    pub outcome: Outcome,
    /// What each layer of the case said, in the order of evaluation.
    pub layers: Vec<LayerSaid>,
    /// The statements that made the decision; those that may match, if it is undecided.
    pub determining: Vec<Determining>,
    /// What would settle it, if it is undecided.
    pub missing: Vec<Missing>,
    /// The condition under which the request is allowed, if it is undecided and the condition is
    /// simple.
    pub residual: Option<String>,
    /// One resource per answer, if the request names many and they differ.
    pub split: Vec<Split>,
    /// The decision that the writer expects.
    pub expected: Option<Outcome>,
}

/// What one layer, or one level of it, said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSaid {
    /// The layer.
    pub layer: LayerId,
    /// The node or endpoint, where a layer has several.
    pub target: Box<str>,
    /// `allows`, `does_not_allow`, `denies`, `not_applicable` or `undecided`.
    pub outcome: &'static str,
}

/// A fact that the case does not state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The context key, or what else would settle it.
    pub key: String,
    /// Why it is not known.
    pub why: String,
}

/// One resource, with what is decided for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The resource's ARN.
    pub resource: String,
    /// What is decided for it.
    pub outcome: Outcome,
}

impl Answer {
    /// Whether the decision is the expected one; `None` where nothing is expected.
    pub fn as_expected(&self) -> Option<bool> {
        self.expected.map(|expected| expected == self.outcome)
    }
}

/// Decides a case.
pub fn decide(case: &Case) -> Answer {
    let said: Vec<told::Told> = world::worlds(case)
        .iter()
        .map(|world| told::decide(case, world))
        .collect();
    told::join(case, said)
}

/// The answers that cannot be excluded when a case is read over all requests that it may mean, in
/// each of its worlds. Where the concrete reading decides, this is that decision alone: tests hold
/// one reading against the other.
pub fn possible(case: &Case) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = world::worlds(case)
        .iter()
        .flat_map(|world| told::possible(case, world))
        .collect();
    outcomes.sort();
    outcomes.dedup();
    outcomes
}

/// What kind of policy the resource of a request has: a key policy, a role's trust policy, or a
/// resource policy.
pub fn resource_policy_kind(action: &ActionName, resource: &str) -> PolicyKind {
    match resource_kind(action, resource) {
        ResourceKind::Key => PolicyKind::Key,
        ResourceKind::AssumedRole | ResourceKind::ManagedRole => PolicyKind::Trust,
        ResourceKind::Other | ResourceKind::Nothing => PolicyKind::Resource,
    }
}

/// How the policy of a resource takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResourceKind {
    /// A KMS key.
    Key,
    /// A role that is asked for a session.
    AssumedRole,
    /// A role that IAM is asked to change: its trust policy says nothing of that.
    ManagedRole,
    /// Anything else with an ARN.
    Other,
    /// The action has no resource.
    Nothing,
}

fn resource_kind(action: &ActionName, resource: &str) -> ResourceKind {
    if resource == NO_RESOURCE {
        return ResourceKind::Nothing;
    }
    let Ok(arn) = Arn::parse(resource) else {
        return ResourceKind::Other;
    };
    match (arn.service(), action.service()) {
        ("kms", _) if arn.resource().starts_with("key/") => ResourceKind::Key,
        ("iam", "sts") if arn.resource().starts_with("role/") => ResourceKind::AssumedRole,
        ("iam", _) if arn.resource().starts_with("role/") => ResourceKind::ManagedRole,
        _ => ResourceKind::Other,
    }
}
