//! What a question comes to: one search for each kind of caller, over the actions of today and over
//! those of tomorrow, and the replay of what it finds.
//!
//! A search is handed out as it is, so that tests, measurements and other solvers meet exactly what
//! the verdict rests on.

use cofferdam_logic::{Memory, Model};
use cofferdam_names::ActionName;
use cofferdam_org::fact::Known;
use cofferdam_policy::ast::{Effect, PrincipalPattern};
use cofferdam_policy::operand::{Operand, Template};
use cofferdam_policy::reading::{self, Reading};

use super::sense::{self, Sense};
use super::{Answer, Document, Question, Shown, allows, callers, universe};
use crate::beside::literal;
use crate::caller::{Caller, CallerKind, Membership};
use crate::concrete::{Asked, Concrete, Ternary};
use crate::context::{ANY_SERVICE, Network, SessionTags, Situation, Target};
use crate::held::Keys;
use crate::search::{Found, Search};
use crate::symbolic::{Hop, Interval, Query, Wanted};
use crate::witness::{Request, key};

/// A request that the first document allows, the others do not, and the question means.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'q> {
    /// The documents; at least one.
    pub documents: &'q [Document<'q>],
    /// Which requests are meant.
    pub question: &'q Question,
}

/// The callers and the real actions that the documents of a question can tell apart. The order of
/// the documents does not matter to it.
pub(super) struct Scope {
    callers: Vec<Caller>,
    actions: Vec<ActionName>,
}

/// One search that a question comes to: one kind of caller, real or future actions.
pub struct Part<'c> {
    asking: Asking<'c>,
    caller: &'c Caller,
    hop: usize,
    memory: Memory,
    /// The real actions that are meant; none: those that AWS may add later.
    actions: Vec<ActionName>,
    /// The formulas.
    pub query: Query<'c>,
    /// When a request is one that is looked for.
    pub wanted: Interval,
    /// The same among well-formed requests, where what is unknown of one element is unknown in the
    /// same way of an equal one.
    pub goal: Interval,
}

impl Asking<'_> {
    /// Asks every kind of caller, real actions first.
    pub(super) fn answer(&self, scope: &Scope) -> Answer {
        let mut undecided = Vec::new();
        let found = self.each_part_of(scope, |mut part| match part.answer() {
            Answer::None => None,
            Answer::Undecided(reasons) => {
                undecided.extend(reasons);
                None
            }
            found @ Answer::Some(_) => Some(found),
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
    pub fn each_part<T>(&self, each: impl FnMut(Part<'_>) -> Option<T>) -> Option<T> {
        self.each_part_of(&self.scope(), each)
    }

    /// Who and what the searches are about.
    pub(super) fn scope(&self) -> Scope {
        Scope {
            callers: callers::callers(self.documents, self.question),
            actions: universe::actions(self.documents, &self.question.actions),
        }
    }

    fn each_part_of<T>(
        &self,
        scope: &Scope,
        mut each: impl FnMut(Part<'_>) -> Option<T>,
    ) -> Option<T> {
        let real = (!scope.actions.is_empty()).then(|| scope.actions.clone());
        for actions in real.into_iter().chain([Vec::new()]) {
            for caller in &scope.callers {
                if let Some(answer) = each(self.part(caller, actions.clone())) {
                    return Some(answer);
                }
            }
        }
        None
    }

    fn part<'c>(&'c self, caller: &'c Caller, actions: Vec<ActionName>) -> Part<'c> {
        let mut query = Query::new();
        let hop = query.hop(Hop {
            situation: situation(caller, Network::Public),
            networks: networks(caller),
            actions: actions.clone(),
            wanted: Wanted::Anything,
            session: 0,
            given: Vec::new(),
        });
        let wanted = self.wanted(&mut query.reading(hop));
        let mut remembered = wanted;
        if wanted.must != wanted.may {
            query.remember_unknowns(true);
            remembered.may = self.wanted(&mut query.reading(hop)).may;
        }
        let goal = query.goal(&[remembered]);
        Part {
            asking: *self,
            caller,
            hop,
            memory: Memory::default(),
            actions,
            query,
            wanted,
            goal,
        }
    }

    /// What the first document allows, the others do not, and the question means.
    fn wanted<R: Reading>(&self, reading: &mut R) -> R::Truth {
        let meant = self.meant(reading);
        reading.both(meant, |reading| {
            let documents = self.documents.iter().enumerate();
            reading.all(documents, |reading, (place, document)| {
                let allowed = allows(reading, *document);
                if place == 0 {
                    allowed
                } else {
                    reading.not(allowed)
                }
            })
        })
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

impl Part<'_> {
    fn answer(&mut self) -> Answer {
        let any = match self.found(self.goal) {
            Err(answer) => return answer,
            Ok(any) => any,
        };
        self.sensible(&any).unwrap_or_else(|| self.replayed(any))
    }

    /// A request is easier to believe if its action can be asked of its resource: another resource
    /// for the action that was found, or else another action for the resource.
    fn sensible(&mut self, any: &Request) -> Option<Answer> {
        if self.actions.is_empty() {
            return None;
        }
        for sense in [Sense::Full, Sense::Kind] {
            let kinds = sense::kinds(&any.action, sense);
            let sensible = self.about(std::slice::from_ref(&any.action), &kinds);
            if let Some(shown) = self.shown_if(sensible) {
                return Some(shown);
            }
        }
        let actions = sense::asked_of(&self.actions, &any.resource);
        let resource = sense::exactly(&any.resource)?;
        let sensible = self.about(&actions, &[resource]);
        self.shown_if(sensible)
    }

    /// That the request is one of these actions on such a resource.
    fn about(&mut self, actions: &[ActionName], resources: &[Template]) -> Interval {
        let actions = self
            .query
            .action_is(self.hop, |action| actions.contains(action));
        let mut reading = self.query.reading(self.hop);
        let resource = reading.resource(resources);
        let action = Interval {
            must: actions,
            may: actions,
        };
        reading.and(action, resource)
    }

    fn shown_if(&mut self, sensible: Interval) -> Option<Answer> {
        let goal = self.query.goal(&[self.wanted, sensible]);
        let any = self.found(goal).ok()?;
        let shown = self.replayed(any);
        matches!(shown, Answer::Some(_)).then_some(shown)
    }

    /// The request of a goal's model, or what it means that there is none.
    fn found(&mut self, goal: Interval) -> Result<Request, Answer> {
        let memory = std::mem::take(&mut self.memory);
        let mut search = Search::remembering(&self.query, goal, memory);
        let found = search.find();
        self.memory = search.memory();
        match found {
            Found::Nothing(_) => Err(Answer::None),
            Found::GaveUp(why) => Err(Answer::Undecided(vec![why])),
            Found::Possible(_) => Err(Answer::Undecided(
                self.query.reasons().map(str::to_owned).collect(),
            )),
            Found::Certain(model) => self.request(&model).ok_or_else(|| {
                Answer::Undecided(vec![
                    "a witness could not be read; please report this".to_owned(),
                ])
            }),
        }
    }

    /// The request that a model means.
    pub fn request(&self, model: &Model<'_>) -> Option<Request> {
        self.query.request(self.hop, model)
    }

    /// Whether a request is one that is looked for, decided over the documents as they are.
    pub fn decide(&self, request: &Request) -> Ternary {
        self.concretely(request, |reading| self.asking.wanted(reading))
    }

    fn concretely<T>(&self, request: &Request, read: impl FnOnce(&mut Concrete<'_>) -> T) -> T {
        let caller = callers::concrete(self.caller, request);
        let situation = situation(&caller, Network::Stated);
        let asked = Asked {
            action: &request.action,
            resource: &request.resource,
            context: &request.context,
            strict: true,
        };
        let keys = Keys::default();
        read(&mut Concrete::new(&asked, &situation, &keys))
    }

    fn replayed(&self, request: Request) -> Answer {
        if self.decide(&request) != Ternary::True {
            return Answer::Undecided(vec![
                "a witness did not replay; please report this as a defect".to_owned(),
            ]);
        }
        let because = self.because(&request);
        Answer::Some(Box::new(Shown {
            request,
            because,
            future_action: self.actions.is_empty(),
        }))
    }

    /// The Allow statements of the first document that match.
    fn because(&self, request: &Request) -> Vec<u32> {
        let first = self.asking.documents.first();
        let Some(Known::Present(policy)) = first.map(|document| &document.policy.document) else {
            return Vec::new();
        };
        let statements = policy.statements.iter();
        let allows = statements.filter(|statement| statement.effect == Effect::Allow);
        self.concretely(request, |reading| {
            allows
                .filter(|statement| reading::statement(reading, statement) == Ternary::True)
                .map(|statement| statement.index)
                .collect()
        })
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
        point: None,
        organization: None,
        fixed: None,
    }
}
