//! One policy document by itself: what it allows, and what another allows beyond it.
//!
//! A document taken alone allows a request if an Allow statement matches it and no Deny does.
//! Everything else is open: who asks, with which keys, from where, to what (contracts, "Comparing
//! policies" and "Asking one property of one policy"). Actions are first the real ones; only a
//! difference that none of them shows is looked for among names that AWS may add later.

mod callers;
mod sense;
mod universe;

use cofferdam_names::{AccountId, ActionName};
use cofferdam_org::fact::Known;
use cofferdam_org::model::NamedPolicy;
use cofferdam_policy::ast::{ActionPattern, Effect, PrincipalPattern};
use cofferdam_policy::kind::PolicyKind;
use cofferdam_policy::reading::{self, Reading};

use self::sense::{Sense, sensible};
use crate::beside::literal;
use crate::caller::{Caller, CallerKind, Membership};
use crate::concrete::{Asked, Concrete, Ternary};
use crate::context::{ANY_SERVICE, Network, SessionTags, Situation, Target};
use crate::held::Keys;
use crate::search::{Found, Search};
use crate::symbolic::{Hop, Interval, Query, Wanted};
use crate::witness::{Request, key};

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
    let asking = Asking {
        documents: &[document],
        question,
    };
    let answer = asking.answer(&|query, hop| {
        let allowed = allows(&mut query.reading(hop), document);
        let meant = asking.meant(query, hop);
        both(query, hop, allowed, meant)
    });
    let vacuous = matches!(answer, Answer::None) && {
        let anything = Question {
            actions: question.actions.clone(),
            services_too: true,
            ..Question::default()
        };
        let asking = Asking {
            documents: &[document],
            question: &anything,
        };
        matches!(
            asking.answer(&|query, hop| allows(&mut query.reading(hop), document)),
            Answer::None
        )
    };
    Proof { answer, vacuous }
}

/// What `new` allows beyond `old`, and the other way round.
pub fn compare(old: Document<'_>, new: Document<'_>) -> Comparison {
    let everything = Question {
        services_too: true,
        ..Question::default()
    };
    let beyond = |wide: Document<'_>, narrow: Document<'_>| {
        let documents = [wide, narrow];
        let asking = Asking {
            documents: &documents,
            question: &everything,
        };
        asking.answer(&|query, hop| {
            let by_wide = allows(&mut query.reading(hop), wide);
            let mut reading = query.reading(hop);
            let by_narrow = allows(&mut reading, narrow);
            let not_narrow = reading.not(by_narrow);
            reading.and(by_wide, not_narrow)
        })
    };
    Comparison {
        only_new: beyond(new, old),
        only_old: beyond(old, new),
    }
}

fn both(query: &mut Query<'_>, hop: usize, left: Interval, right: Interval) -> Interval {
    query.reading(hop).and(left, right)
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

/// The request of a goal's model, or what it means that there is none.
fn found(goal: &Interval, query: &Query<'_>, hop: usize) -> Result<Request, Answer> {
    match Search::new(query, *goal).find() {
        Found::Nothing(_) => Err(Answer::None),
        Found::GaveUp(why) => Err(Answer::Undecided(vec![why])),
        Found::Possible(_) => Err(Answer::Undecided(
            query.reasons().map(str::to_owned).collect(),
        )),
        Found::Certain(model) => query.request(hop, &model).ok_or_else(|| {
            Answer::Undecided(vec![
                "a witness could not be read; please report this".to_owned(),
            ])
        }),
    }
}

/// A goal over one hop.
type Goal<'g> = &'g dyn Fn(&mut Query<'_>, usize) -> Interval;

struct Asking<'q> {
    documents: &'q [Document<'q>],
    question: &'q Question,
}

impl Asking<'_> {
    /// Asks every kind of caller, real actions first.
    fn answer(&self, goal: Goal<'_>) -> Answer {
        let callers = callers::callers(self.documents, self.question);
        let mut actions = universe::actions(self.documents, &self.question.actions);
        let mut undecided = Vec::new();
        for real in [true, false] {
            if real && actions.is_empty() {
                continue;
            }
            let meant = std::mem::take(&mut actions);
            for caller in &callers {
                match self.of_caller(caller, if real { meant.clone() } else { Vec::new() }, goal) {
                    Answer::None => {}
                    Answer::Undecided(reasons) => undecided.extend(reasons),
                    Answer::Some(mut shown) => {
                        shown.future_action = !real;
                        return Answer::Some(shown);
                    }
                }
            }
        }
        undecided.sort();
        undecided.dedup();
        if undecided.is_empty() {
            Answer::None
        } else {
            Answer::Undecided(undecided)
        }
    }

    fn of_caller(&self, caller: &Caller, actions: Vec<ActionName>, goal: Goal<'_>) -> Answer {
        let mut query = Query::new();
        let hop = query.hop(Hop {
            situation: situation(caller, Network::Public),
            networks: networks(caller),
            actions: actions.clone(),
            wanted: Wanted::Anything,
            session: 0,
            given: Vec::new(),
        });
        let wanted = goal(&mut query, hop);
        let of_actions = if self.question.actions.is_empty() {
            query.reading(hop).known(true)
        } else {
            query.reading(hop).action(&self.question.actions)
        };
        match found(&query.goal(&[wanted, of_actions]), &query, hop) {
            Err(answer) => answer,
            Ok(any) => {
                // A request is easier to believe if its action can be asked of its resource.
                for sense in [Sense::Full, Sense::Kind] {
                    let sensible = sensible(&mut query.reading(hop), &actions, sense);
                    let goal = query.goal(&[wanted, of_actions, sensible]);
                    if let Ok(request) = found(&goal, &query, hop) {
                        return self.replayed(caller, request);
                    }
                }
                self.replayed(caller, any)
            }
        }
    }

    /// Decides the request again over the first document as it is.
    fn replayed(&self, caller: &Caller, request: Request) -> Answer {
        let concrete = callers::concrete(caller, &request);
        let situation = situation(&concrete, Network::Stated);
        let asked = Asked {
            action: &request.action,
            resource: &request.resource,
            context: &request.context,
            strict: true,
        };
        let truths: Vec<Ternary> = self
            .documents
            .iter()
            .map(|document| {
                allows(
                    &mut Concrete::new(&asked, &situation, &Keys::default()),
                    *document,
                )
            })
            .collect();
        let expected = truths.first() == Some(&Ternary::True)
            && truths.get(1).is_none_or(|other| *other == Ternary::False);
        if !expected {
            return Answer::Undecided(vec![
                "a witness did not replay; please report this as a defect".to_owned(),
            ]);
        }
        let because = self.because(&asked, &situation);
        Answer::Some(Box::new(Shown {
            request,
            because,
            future_action: false,
        }))
    }

    fn because(&self, asked: &Asked<'_>, situation: &Situation<'_>) -> Vec<u32> {
        let Some(Known::Present(policy)) = self
            .documents
            .first()
            .map(|document| &document.policy.document)
        else {
            return Vec::new();
        };
        let allows = policy
            .statements
            .iter()
            .filter(|statement| statement.effect == Effect::Allow);
        let matches = |statement: &&cofferdam_policy::ast::Statement| {
            reading::statement(
                &mut Concrete::new(asked, situation, &Keys::default()),
                statement,
            ) == Ternary::True
        };
        allows
            .filter(matches)
            .map(|statement| statement.index)
            .collect()
    }

    /// What the question says of the caller and the network.
    fn meant(&self, query: &mut Query<'_>, hop: usize) -> Interval {
        let question = self.question;
        let mut reading = query.reading(hop);
        let mut truth = reading.known(true);
        for organization in &question.outside_organizations {
            let inside = key("aws:PrincipalOrgID")
                .map(|key| reading.some_value(&key, &[literal(organization)]));
            if let Some(inside) = inside {
                let outside = reading.not(inside);
                truth = reading.and(truth, outside);
            }
        }
        for account in &question.outside_accounts {
            let inside = reading.principal(&PrincipalPattern::Account(*account));
            let outside = reading.not(inside);
            truth = reading.and(truth, outside);
        }
        let endpoints: Vec<_> = question
            .without_endpoints
            .iter()
            .map(|id| literal(id))
            .collect();
        if let (Some(key), false) = (key("aws:SourceVpce"), endpoints.is_empty()) {
            let through = reading.some_value(&key, &endpoints);
            let elsewhere = reading.not(through);
            truth = reading.and(truth, elsewhere);
        }
        truth
    }
}

/// Where a request may come from if nothing is known.
fn networks<'a>(caller: &Caller) -> Vec<Network<'a>> {
    match caller.kind {
        CallerKind::Service(_) => vec![Network::Aws],
        _ => vec![Network::Public, Network::ForeignEndpoint, Network::Aws],
    }
}

fn situation<'a>(caller: &'a Caller, network: Network<'a>) -> Situation<'a> {
    Situation {
        caller,
        caller_tags: Known::Absent,
        unique_id: Known::Unknown("the unique id of the caller is not known".into()),
        session_tags: SessionTags::Open,
        resource: Target {
            account: None,
            membership: Membership::Foreign,
            region: Known::Absent,
            tags: Known::Absent,
        },
        service: ANY_SERVICE,
        network,
        forwarded_by: None,
        organization: None,
        fixed: None,
    }
}
