//! One policy document by itself: what it allows, and what another allows beyond it.
//!
//! A document taken alone allows a request if an Allow statement matches it and no Deny does.
//! Everything else is open: who asks, with which keys, from where, to what (contracts, "Comparing
//! policies" and "Asking one property of one policy"). Actions are first the real ones; only a
//! difference that none of them shows is looked for among names that AWS may add later.

mod asking;
mod callers;
pub mod sense;
mod universe;

use cofferdam_names::AccountId;
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::ast::{ActionPattern, Effect};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::reading::{self, Reading};

use crate::witness::Request;

pub use asking::{Asking, Part};

/// A document with its kind.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The document.
    pub policy: &'a NamedPolicy,
    /// Where it would be attached.
    pub kind: PolicyKind,
}

/// What is asked of one document: all restrictions together.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The caller is in none of these organizations.
    pub outside_organizations: Vec<String>,
    /// The caller is of none of these accounts.
    pub outside_accounts: Vec<AccountId>,
    /// The caller is anonymous.
    pub public: bool,
    /// The request comes through none of these endpoints.
    pub without_endpoints: Vec<String>,
    /// Whether AWS services acting by themselves count as outside.
    pub services_too: bool,
    /// Only these actions; all if empty.
    pub actions: Vec<ActionPattern>,
}

impl Question {
    /// Any request at all.
    pub fn everything() -> Question {
        Question {
            services_too: true,
            ..Question::default()
        }
    }
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub enum Answer {
    /// There is no such request.
    None,
    /// Here is one.
    Some(Box<Shown>),
    /// Not settled, with the reasons.
    Undecided(Vec<String>),
}

/// A request that a document allows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The request.
    pub request: Request,
    /// The Allow statements that match it, by position.
    pub because: Vec<u32>,
    /// Whether only an action that AWS may add later shows it.
    pub future_action: bool,
}

/// What a document was asked and what came of it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The answer.
    pub answer: Answer,
    /// Whether the document allows no request at all (of those actions).
    pub vacuous: bool,
}

/// What each of two documents allows beyond the other.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Allowed only by the new one.
    pub only_new: Answer,
    /// Allowed only by the old one.
    pub only_old: Answer,
}

/// Whether the document allows any request that the question means.
pub fn prove(document: Document<'_>, question: &Question) -> Proof {
    let documents = [document];
    let asking = Asking {
        documents: &documents,
        question,
    };
    let answer = asking.answer(&asking.scope());
    let vacuous = matches!(answer, Answer::None) && {
        let anything = Question {
            actions: question.actions.clone(),
            ..Question::everything()
        };
        let asking = Asking {
            documents: &documents,
            question: &anything,
        };
        matches!(asking.answer(&asking.scope()), Answer::None)
    };
    Proof { answer, vacuous }
}

/// What `new` allows beyond `old`, and the other way round.
pub fn compare(old: Document<'_>, new: Document<'_>) -> Comparison {
    let everything = Question::everything();
    let asking = |documents| Asking {
        documents,
        question: &everything,
    };
    let (forth, back) = ([new, old], [old, new]);
    let scope = asking(&forth).scope();
    Comparison {
        only_new: asking(&forth).answer(&scope),
        only_old: asking(&back).answer(&scope),
    }
}

/// Whether a document taken alone allows. RCPFullAWSAccess stands beside every resource control
/// policy; nothing stands beside a service control policy.
fn allows<R: Reading>(reading: &mut R, document: Document<'_>) -> R::Truth {
    let policy = match &document.policy.document {
        Known::Present(policy) => policy,
        Known::Absent => return reading.known(false),
        Known::Unknown(why) => return reading.unknown(why),
    };
    let of = |effect| {
        policy
            .statements
            .iter()
            .filter(move |statement| statement.effect == effect)
    };
    let allowed = if document.kind == PolicyKind::ResourceControl {
        reading.known(true)
    } else {
        reading.any(of(Effect::Allow), |reading, one| {
            reading::statement(reading, one)
        })
    };
    reading.both(allowed, |reading| {
        let denied = reading.any(of(Effect::Deny), |reading, one| {
            reading::statement(reading, one)
        });
        reading.not(denied)
    })
}
