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
use cofferdam_policy::operand::Operand;
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
    let documents = [document];
    let asking = Asking {
        documents: &documents,
        question,
    };
    let answer = asking.answer();
    let vacuous = matches!(answer, Answer::None) && {
        let anything = Question {
            actions: question.actions.clone(),
            services_too: true,
            ..Question::default()
        };
        let asking = Asking {
            documents: &documents,
            question: &anything,
        };
        matches!(asking.answer(), Answer::None)
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
        let asking = Asking {
            documents: &[wide, narrow],
            question: &everything,
        };
        asking.answer()
    };
    Comparison {
        only_new: beyond(new, old),
        only_old: beyond(old, new),
    }
}

/// One search that a question comes to: one kind of caller, real or future actions.
pub struct Part<'q> {
    /// The formulas.
    pub query: Query<'q>,
    /// When a request is one that is looked for; its constraints are in it.
    pub goal: Interval,
    /// The real actions that are meant; none: those that AWS may add later.
    actions: Vec<ActionName>,
}

/// Hands every search that proving comes to, to a measurement or another solver.
pub fn parts_of_proof(document: Document<'_>, question: &Question, each: &mut dyn FnMut(Part<'_>)) {
    let asking = Asking {
        documents: &[document],
        question,
    };
    asking.each_part(|_, _, part, _| {
        each(part);
        None::<()>
    });
}

/// Hands every search for what `wide` allows and `narrow` does not, to a measurement or another
/// solver.
pub fn parts_of_comparison(
    wide: Document<'_>,
    narrow: Document<'_>,
    each: &mut dyn FnMut(Part<'_>),
) {
    let question = Question {
        services_too: true,
        ..Question::default()
    };
    let asking = Asking {
        documents: &[wide, narrow],
        question: &question,
    };
    asking.each_part(|_, _, part, _| {
        each(part);
        None::<()>
    });
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

struct Asking<'q> {
    documents: &'q [Document<'q>],
    question: &'q Question,
}

impl Asking<'_> {
    /// Asks every kind of caller, real actions first.
    fn answer(&self) -> Answer {
        let mut undecided = Vec::new();
        let found = self.each_part(|caller, real, mut part, hop| {
            match self.of_part(caller, &mut part, hop) {
                Answer::None => None,
                Answer::Undecided(reasons) => {
                    undecided.extend(reasons);
                    None
                }
                Answer::Some(mut shown) => {
                    shown.future_action = !real;
                    Some(Answer::Some(shown))
                }
            }
        });
        undecided.sort();
        undecided.dedup();
        match found {
            Some(found) => found,
            None if undecided.is_empty() => Answer::None,
            None => Answer::Undecided(undecided),
        }
    }

    /// Makes one search after the other, until one of them is an answer.
    fn each_part<T>(
        &self,
        mut each: impl FnMut(&Caller, bool, Part<'_>, usize) -> Option<T>,
    ) -> Option<T> {
        let callers = callers::callers(self.documents, self.question);
        let actions = universe::actions(self.documents, &self.question.actions);
        let real = (!actions.is_empty()).then_some((true, actions));
        for (real, actions) in real.into_iter().chain([(false, Vec::new())]) {
            for caller in &callers {
                let (part, hop) = self.part(caller, actions.clone());
                if let Some(answer) = each(caller, real, part, hop) {
                    return Some(answer);
                }
            }
        }
        None
    }

    fn part<'c>(&self, caller: &'c Caller, actions: Vec<ActionName>) -> (Part<'c>, usize) {
        let mut query = Query::new();
        let hop = query.hop(Hop {
            situation: situation(caller, Network::Public),
            networks: networks(caller),
            actions: actions.clone(),
            wanted: Wanted::Anything,
            session: 0,
            given: Vec::new(),
        });
        let mut wanted = self.wanted(&mut query.reading(hop));
        if wanted.must != wanted.may {
            query.remember_unknowns(true);
            wanted.may = self.wanted(&mut query.reading(hop)).may;
        }
        let goal = query.goal(&[wanted]);
        let part = Part {
            query,
            goal,
            actions,
        };
        (part, hop)
    }

    /// What the first document allows, the second does not, and the question means.
    fn wanted<R: Reading>(&self, reading: &mut R) -> R::Truth {
        let meant = self.meant(reading);
        reading.both(meant, |reading| {
            reading.all(
                self.documents.iter().enumerate(),
                |reading, (place, document)| {
                    let allowed = allows(reading, *document);
                    if place == 0 {
                        allowed
                    } else {
                        reading.not(allowed)
                    }
                },
            )
        })
    }

    fn of_part(&self, caller: &Caller, part: &mut Part<'_>, hop: usize) -> Answer {
        let any = match found(&part.goal, &part.query, hop) {
            Err(answer) => return answer,
            Ok(any) => any,
        };
        // A request is easier to believe if its action can be asked of its resource.
        for sense in [Sense::Full, Sense::Kind] {
            let sensible = sensible(&mut part.query.reading(hop), &part.actions, sense);
            let goal = part.query.goal(&[part.goal, sensible]);
            if let Ok(request) = found(&goal, &part.query, hop)
                && let shown @ Answer::Some(_) = self.replayed(caller, request)
            {
                return shown;
            }
        }
        self.replayed(caller, any)
    }

    /// Decides the request again over the documents as they are.
    fn replayed(&self, caller: &Caller, request: Request) -> Answer {
        let concrete = callers::concrete(caller, &request);
        let situation = situation(&concrete, Network::Stated);
        let asked = Asked {
            action: &request.action,
            resource: &request.resource,
            context: &request.context,
            strict: true,
        };
        let keys = Keys::default();
        let expected = self.wanted(&mut Concrete::new(&asked, &situation, &keys)) == Ternary::True;
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

    /// What the question says of the caller, the network and the action.
    fn meant<R: Reading>(&self, reading: &mut R) -> R::Truth {
        let question = self.question;
        let elsewhere = self.elsewhere(reading);
        let outside = reading.both(elsewhere, |reading| {
            reading.all(&question.outside_accounts, |reading, account| {
                let inside = reading.principal(&PrincipalPattern::Account(*account));
                reading.not(inside)
            })
        });
        let outside = reading.both(outside, |reading| {
            reading.all(&question.outside_organizations, |reading, organization| {
                none_of(reading, "aws:PrincipalOrgID", &[literal(organization)])
            })
        });
        reading.both(outside, |reading| {
            if question.actions.is_empty() {
                reading.known(true)
            } else {
                reading.action(&question.actions)
            }
        })
    }

    fn elsewhere<R: Reading>(&self, reading: &mut R) -> R::Truth {
        let endpoints = self.question.without_endpoints.iter();
        let endpoints: Vec<_> = endpoints.map(|id| literal(id)).collect();
        none_of(reading, "aws:SourceVpce", &endpoints)
    }
}

/// That a key has none of the values.
fn none_of<R: Reading>(reading: &mut R, name: &str, values: &[Operand]) -> R::Truth {
    match key(name) {
        Some(key) if !values.is_empty() => {
            let some = reading.some_value(&key, values);
            reading.not(some)
        }
        _ => reading.known(true),
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
