//! What each layer said, for people: outcomes by layer, and the statements that determined them.

use cofferdam_org::model::{AclGrant, Grant};
use cofferdam_policy::ast::{Effect, Statement};
use cofferdam_text::Origin;

use crate::concrete::Ternary;
use crate::layers::{LayerId, Sheet};

/// The record of one decision.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Outcomes in the order in which layers were asked.
    pub layers: Vec<LayerOutcome>,
    /// Statements, grants and ACLs that matched, or may match.
    pub statements: Vec<Determining>,
}

/// What one layer, or one level of it, came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOutcome {
    /// The layer.
    pub layer: LayerId,
    /// The node or endpoint, where a layer has several.
    pub target: Box<str>,
    /// Whether it allows.
    pub allows: Ternary,
    /// Whether it denies.
    pub denies: Ternary,
}

impl LayerOutcome {
    /// The word of the contracts.
    pub fn word(&self) -> &'static str {
        match (self.denies, self.allows) {
            (Ternary::True, _) => "denies",
            (Ternary::Unknown, _) => "undecided",
            (Ternary::False, Ternary::True) => "allows",
            (Ternary::False, Ternary::False) => "does_not_allow",
            (Ternary::False, Ternary::Unknown) => "undecided",
        }
    }
}

/// A statement that matched, or may match.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Determining {
    /// Its layer.
    pub layer: LayerId,
    /// The document's name.
    pub document: Box<str>,
    /// Position in the document, where it is a statement.
    pub statement: Option<u32>,
    /// Its own name.
    pub sid: Option<Box<str>>,
    /// Allow or Deny.
    pub effect: EffectWord,
    /// Whether the match is certain.
    pub certain: bool,
    /// Where it lies.
    pub origin: Option<Origin>,
}

/// Allow or Deny, ordered for output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EffectWord {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

impl EffectWord {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            EffectWord::Allow => "Allow",
            EffectWord::Deny => "Deny",
        }
    }
}

impl Trace {
    pub(crate) fn layer(&mut self, layer: LayerId, target: &str, allows: Ternary, denies: Ternary) {
        self.layers.push(LayerOutcome {
            layer,
            target: target.into(),
            allows,
            denies,
        });
    }

    pub(crate) fn statement(&mut self, sheet: &Sheet<'_>, statement: &Statement, matched: Ternary) {
        if matched == Ternary::False {
            return;
        }
        self.statements.push(Determining {
            layer: sheet.layer,
            document: sheet.policy.name.clone(),
            statement: Some(statement.index),
            sid: statement.sid.clone(),
            effect: match statement.effect {
                Effect::Allow => EffectWord::Allow,
                Effect::Deny => EffectWord::Deny,
            },
            certain: matched == Ternary::True,
            origin: Some(statement.origin),
        });
    }

    pub(crate) fn grant(&mut self, grant: &Grant, truth: Ternary) {
        self.beside(
            LayerId::Grant,
            format!("KMS grant {}", grant.id),
            truth,
            grant.origin,
        );
    }

    pub(crate) fn acl(&mut self, grant: &AclGrant, truth: Ternary) {
        let name = format!("ACL grant {} to {}", grant.permission, grant.grantee);
        self.beside(LayerId::Acl, name, truth, grant.origin);
    }

    fn beside(&mut self, layer: LayerId, document: String, truth: Ternary, origin: Option<Origin>) {
        if truth == Ternary::False {
            return;
        }
        self.statements.push(Determining {
            layer,
            document: document.into(),
            statement: None,
            sid: None,
            effect: EffectWord::Allow,
            certain: truth == Ternary::True,
            origin,
        });
    }
}
