//! One call as somebody knows it from outside: from the command line, an error message or an event.
//!
//! A call is what its caller sees, and may be several requests: copying an object reads one and
//! writes another. Which requests it is, the catalogue says; what of them is not known stays
//! unknown, since a message shows little of what AWS decided by.

mod needed;

use std::collections::BTreeMap;

use cofferdam_names::ActionName;

use crate::concrete::Context;
use crate::layers::LayerId;

pub use needed::{Needed, Wanted, needed};

/// A call, as far as it is known.
#[derive(Clone, Debug)]
pub struct Call {
    /// ARN, service host or `anonymous`; of a role's session best the session's ARN.
    pub principal: String,
    /// The call by its name: mostly that of its action, but also `s3:CopyObject`.
    pub name: ActionName,
    /// What it is made to: an ARN, or `*`; `None`: nobody said.
    pub resource: Option<String>,
    /// Condition keys that are known.
    pub context: Context,
    /// The service that made the call on the principal's behalf, by host name.
    pub forwarded_by: Option<String>,
    /// Parameters that make further permissions needed, by their names in CloudTrail.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// What AWS answered.
    pub answer: Answered,
    /// What could not be taken over from where the call was told, one sentence each.
    pub notes: Vec<String>,
}

/// What AWS answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Nobody said.
    NotTold,
    /// It passed the decision, whatever came after.
    Passed,
    /// It was refused.
    Refused(Blame),
}

/// What AWS named as the reason of a refusal ("Troubleshoot access denied error messages").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blame {
    /// The kind of policy; `None`: the message names none.
    pub kind: Option<BlamedKind>,
    /// Whether a Deny refused it, or nothing allowed it; `None`: the message does not say.
    pub explicit: Option<bool>,
    /// The ARN of the denying policy.
    pub policy: Option<String>,
}

/// The kinds of policies that AWS names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlamedKind {
    /// Service control policies.
    ServiceControl,
    /// Resource control policies.
    ResourceControl,
    /// Identity policies.
    Identity,
    /// Permissions boundaries.
    PermissionsBoundary,
    /// Session policies.
    Session,
    /// Policies on the resource, key policies among them.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// Policies of VPC endpoints.
    Endpoint,
}

/// AWS's words in messages, with what they name.
const WORDS: [(&str, BlamedKind); 8] = [
    ("service control policy", BlamedKind::ServiceControl),
    ("resource control policy", BlamedKind::ResourceControl),
    ("identity-based policy", BlamedKind::Identity),
    ("permissions boundary", BlamedKind::PermissionsBoundary),
    ("session policy", BlamedKind::Session),
    ("resource-based policy", BlamedKind::Resource),
    ("role trust policy", BlamedKind::Trust),
    ("VPC endpoint policy", BlamedKind::Endpoint),
];

impl BlamedKind {
    /// The kind that a message names.
    pub fn in_message(text: &str) -> Option<BlamedKind> {
        let text = text.to_ascii_lowercase();
        let named = |words: &str| text.contains(&words.to_ascii_lowercase());
        WORDS
            .iter()
            .find(|(words, _)| named(words))
            .map(|(_, kind)| *kind)
    }

    /// AWS's words for it.
    pub fn words(self) -> &'static str {
        WORDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(words, _)| words)
    }

    /// Whether a layer is of this kind.
    pub fn covers(self, layer: LayerId) -> bool {
        match self {
            BlamedKind::ServiceControl => layer == LayerId::ServiceControl,
            BlamedKind::ResourceControl => layer == LayerId::ResourceControl,
            BlamedKind::Identity => layer == LayerId::Identity,
            BlamedKind::PermissionsBoundary => layer == LayerId::PermissionsBoundary,
            BlamedKind::Session => layer == LayerId::Session,
            BlamedKind::Resource => matches!(
                layer,
                LayerId::Resource | LayerId::KeyPolicy | LayerId::AccessPoint | LayerId::Trust
            ),
            BlamedKind::Trust => layer == LayerId::Trust,
            BlamedKind::Endpoint => layer == LayerId::Endpoint,
        }
    }
}
