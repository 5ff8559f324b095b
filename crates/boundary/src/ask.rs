//! Asking a path again and again until no way in is left, and replaying each one found.

use std::collections::BTreeSet;

use crate::command::with_command;
use cofferdam_authz::caller::{CallerKind, Crowd};
use cofferdam_authz::decide::{Decision, Outcome};
use cofferdam_authz::gather::Party;
use cofferdam_authz::layers::LayerId;
use cofferdam_authz::search::{Found, Search};
use cofferdam_authz::symbolic::{Interval, Query, Selector};
use cofferdam_authz::witness::{Request, replay};
use cofferdam_findings::finding::{Missing, Reason, Step, Witness};
use cofferdam_logic::Model;
use cofferdam_org::model::Organization;

use crate::path::{HopInfo, Path};
use crate::proof::{self, Proof};

/// How many causes one question lists at most; a finding says when there are more.
pub const CAUSES_PER_QUESTION: usize = 12;

/// How much of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Every cause, each with a request that was replayed.
    EveryCause,
    /// Whether there is anything at all: what was found is thrown away, because the question will
    /// be asked more closely.
    Anything,
}

impl Depth {
    /// A crowd that is not refused is asked again one by one.
    pub(crate) fn of(party: &Party<'_>) -> Depth {
        match party.caller.kind {
            CallerKind::Anyone(Crowd::Within(_)) => Depth::Anything,
            _ => Depth::EveryCause,
        }
    }
}

/// What one or more questions came to.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// What violates, one entry for each question and set of permits.
    pub raw: Vec<Raw>,
    /// What may violate, depending on unknown facts.
    pub possible: Vec<Raw>,
    /// Why nothing could be settled.
    pub missing: Vec<Missing>,
    /// Controls that carry the proofs.
    pub controls: Vec<Selector>,
    /// How many questions were about requests that can exist at all: a proof about none says
    /// nothing.
    pub well_formed: usize,
    /// Whether more causes exist than were listed.
    pub cut_short: bool,
    /// How many questions were asked.
    pub asked: usize,
    /// The refutations, if somebody wants them.
    pub proofs: Vec<Proof>,
}

/// One way in.
#[derive(Clone, Debug)]
pub struct Raw {
    /// Who gets in, as approvals and exceptions know them.
    pub principal: String,
    /// The statements that permit it.
    pub permits: Vec<Selector>,
    /// The requests.
    pub witness: Witness,
    /// What would close it, where the question knows better than the statements do.
    pub fix: Option<String>,
    /// What is at fault, where that is no statement: a lock, a trail, an approval.
    pub fault: Option<String>,
    /// Statements responsible that another room found, and that tell no cause from another.
    pub shown: Vec<Reason>,
}

impl Raw {
    /// Something at fault that no request has to show.
    pub fn flaw(fault: impl Into<String>, fix: impl Into<String>) -> Raw {
        Raw {
            principal: String::new(),
            permits: Vec::new(),
            witness: Witness::default(),
            fix: Some(fix.into()),
            fault: Some(fault.into()),
            shown: Vec::new(),
        }
    }
}

impl Answers {
    /// Takes in what another question came to.
    pub fn join(&mut self, other: Answers) {
        self.raw.extend(other.raw);
        self.possible.extend(other.possible);
        self.missing.extend(other.missing);
        self.controls.extend(other.controls);
        self.well_formed += other.well_formed;
        self.cut_short |= other.cut_short;
        self.asked += other.asked;
        self.proofs.extend(other.proofs);
    }

    /// A question that the declaration itself answers, with no request left to ask about.
    pub fn nothing_to_ask() -> Answers {
        Answers {
            asked: 1,
            well_formed: 1,
            ..Answers::default()
        }
    }

    /// Whether every question was answered by "no request".
    pub fn nothing(&self) -> bool {
        self.raw.is_empty() && self.possible.is_empty() && self.missing.is_empty()
    }

    /// Notes something that could not be told.
    pub fn miss(&mut self, key: impl Into<String>, why: impl Into<String>) {
        self.missing.push(Missing {
            key: key.into(),
            why: why.into(),
            origin: None,
        });
    }
}

/// Asks a path whether the goal can hold, until no cause is left.
pub fn ask(path: &mut Path<'_>, principal: &str, goal: Interval) -> Answers {
    let goal = path.query.goal(&[goal]);
    let mut answers = Answers {
        asked: 1,
        ..Answers::default()
    };
    if goal.may == cofferdam_logic::Formula::FALSE {
        answers.proofs.extend(proof::plain(path, goal));
    } else {
        exhaust(path, principal, goal, &mut answers);
    }
    let shown = !answers.raw.is_empty() || !answers.possible.is_empty();
    if path.depth == Depth::Anything && !answers.nothing() {
        return answers;
    }
    answers.well_formed = usize::from(shown || is_well_formed(path));
    answers
}

/// Looks for ways in, each time with the ones that were found blocked.
fn exhaust(path: &Path<'_>, principal: &str, goal: Interval, answers: &mut Answers) {
    let mut search = Search::new(&path.query, goal);
    if path.depth == Depth::Anything {
        return anything(path, principal, &mut search, answers);
    }
    for _ in 0..CAUSES_PER_QUESTION {
        match search.find() {
            Found::Nothing(controls) => {
                answers.proofs.extend(proof::found(path, &search));
                return answers.controls.extend(controls);
            }
            Found::GaveUp(why) => return answers.miss(principal, why),
            Found::Possible(model) => return possible(path, principal, &search, &model, answers),
            Found::Certain(model) => {
                let permits = certain(path, principal, &search, &model, answers);
                if permits.is_empty() {
                    // Nothing permits it that could be taken away, so no other way can be asked for.
                    break;
                }
                search.block(&permits);
            }
        }
    }
    answers.cut_short = true;
}

/// Only looks whether there is a way in.
fn anything(path: &Path<'_>, principal: &str, search: &mut Search<'_, '_>, answers: &mut Answers) {
    match search.find() {
        Found::Nothing(controls) => {
            answers.proofs.extend(proof::found(path, search));
            answers.controls.extend(controls);
        }
        Found::GaveUp(why) => answers.miss(principal, why),
        Found::Possible(_) | Found::Certain(_) => answers.miss(principal, "there is a way in"),
    }
}

/// Keeps a way in that replays, and returns the statements that it needs together.
fn certain(
    path: &Path<'_>,
    principal: &str,
    search: &Search<'_, '_>,
    model: &Model<'_>,
    answers: &mut Answers,
) -> Vec<Selector> {
    let replayed = steps(path.org, &path.query, &path.hops, model);
    let chosen = search.permits(model);
    let matched = |permit: &&Selector| replayed.matched.contains(&statement_of(permit));
    let permits: Vec<Selector> = chosen.iter().filter(matched).cloned().collect();
    let raw = Raw {
        principal: principal.to_owned(),
        permits: permits.clone(),
        witness: replayed.witness,
        fix: None,
        fault: None,
        shown: Vec::new(),
    };
    if replayed.works {
        answers.raw.push(raw);
    } else {
        answers.possible.push(raw);
        answers.miss(
            principal,
            "a witness did not replay; please report this as a defect",
        );
    }
    if permits.is_empty() { chosen } else { permits }
}

/// Keeps a way in that hangs on unknown facts, with these facts.
fn possible(
    path: &Path<'_>,
    principal: &str,
    search: &Search<'_, '_>,
    model: &Model<'_>,
    answers: &mut Answers,
) {
    answers.possible.push(Raw {
        principal: principal.to_owned(),
        permits: search.permits(model),
        witness: steps(path.org, &path.query, &path.hops, model).witness,
        fix: None,
        fault: None,
        shown: Vec::new(),
    });
    for why in path.query.reasons() {
        answers.miss(principal, why);
    }
}

/// Whether a request can exist at all, whatever is decided about it.
fn is_well_formed(path: &mut Path<'_>) -> bool {
    let anything = path.query.goal(&[]);
    if anything.may == cofferdam_logic::Formula::TRUE {
        return true;
    }
    let limits = cofferdam_logic::Limits::default();
    let mut solver = cofferdam_logic::Solver::new(&path.query.problem, anything.may, limits);
    !matches!(
        solver.solve(&[]),
        cofferdam_logic::Outcome::Unsatisfiable(_)
    )
}

/// A model's data path, decided again.
struct Replayed {
    witness: Witness,
    /// Whether every step is allowed.
    works: bool,
    /// The statements that matched on the way.
    matched: BTreeSet<Statement>,
}

/// What tells a statement from others.
type Statement = (LayerId, Box<str>, Option<u32>);

fn statement_of(selector: &Selector) -> Statement {
    (
        selector.layer,
        selector.document.clone(),
        selector.statement,
    )
}

fn steps(
    org: &Organization,
    query: &Query<'_>,
    hops: &[HopInfo<'_>],
    model: &Model<'_>,
) -> Replayed {
    let mut taken: Vec<&HopInfo<'_>> = hops.iter().filter(|hop| model.holds(hop.taken)).collect();
    taken.sort_by_key(|hop| is_later(hop));
    let mut replayed = Replayed {
        witness: Witness::default(),
        works: true,
        matched: BTreeSet::new(),
    };
    for hop in taken {
        let Some(request) = query.request(hop.number, model) else {
            replayed.works = false;
            continue;
        };
        let decision = replay(org, &request, hop.thing, hop.party);
        replayed.works &= decision.outcome == Outcome::Allowed;
        replayed.matched.extend(matched(&decision));
        replayed
            .witness
            .steps
            .push(step(&request, hop, decision.outcome));
    }
    replayed
}

fn matched(decision: &Decision) -> impl Iterator<Item = Statement> {
    let statements = decision.trace.statements.iter();
    statements.map(|statement| {
        (
            statement.layer,
            statement.document.clone(),
            statement.statement,
        )
    })
}

/// Hops that make a session come before those that use it.
fn is_later(hop: &HopInfo<'_>) -> bool {
    !matches!(hop.thing, cofferdam_authz::gather::Thing::Role(_))
}

/// A request of a path as a step that people see.
pub fn step(request: &Request, hop: &HopInfo<'_>, outcome: Outcome) -> Step {
    let context = request.context.iter().map(|(key, values)| {
        (
            key.to_string(),
            values.iter().map(ToString::to_string).collect(),
        )
    });
    let note = match (&hop.note, request.network.is_empty()) {
        (Some(note), _) => Some(note.clone()),
        (None, false) => Some(request.network.clone()),
        (None, true) => None,
    };
    with_command(Step {
        principal: request.principal.clone(),
        action: request.action.to_string(),
        resource: request.resource.clone(),
        context: context.collect(),
        decision: outcome.word(),
        note,
        command: None,
    })
}
