//! Which answers are possible: a case with open keys, or with a resource that stands for many, read
//! over all of them at once.

use cofferdam_logic::{Formula, Limits, Outcome as Solved, Solver};

use super::told::Question;
use crate::combine::Decided;
use crate::context::Network;
use crate::decide::Outcome;
use crate::symbolic::{Hop, Interval, Query, Slot, Wanted};

/// The answers that a case can have.
pub(super) struct Possible(Vec<(Outcome, Option<String>)>);

impl Possible {
    /// The one possible answer, if there is only one.
    pub(super) fn single(&self) -> Option<Outcome> {
        match self.0.as_slice() {
            [(outcome, _)] => Some(*outcome),
            _ => None,
        }
    }

    /// Every possible answer.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        self.0.iter().map(|(outcome, _)| *outcome).collect()
    }

    /// A resource for each possible answer, where one was found.
    pub(super) fn samples(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, sample)| sample.as_deref())
    }
}

/// Finds out which answers are possible; an answer that cannot be excluded is possible.
pub(super) fn possible(question: &Question<'_>, every_resource: bool) -> Possible {
    let request = &question.case.request;
    let mut query = Query::new();
    let hop = query.hop(Hop {
        situation: question.situation.clone(),
        networks: vec![Network::Stated],
        actions: vec![request.action.clone()],
        wanted: if every_resource {
            Wanted::Like(request.resource.clone())
        } else {
            Wanted::Exactly(request.resource.clone())
        },
        session: 0,
        given: Vec::new(),
    });
    let decided = query.decide(hop, question.layers);
    let deployed: Vec<Formula> = query.selectors().map(|(_, formula)| formula).collect();
    let mut goals = Vec::new();
    for (outcome, interval) in outcomes(&mut query, &decided) {
        let goal = query.goal(&[interval]);
        let must = query.problem.all(&[&[goal.must][..], &deployed].concat());
        let may = query.problem.all(&[&[goal.may][..], &deployed].concat());
        goals.push((outcome, Interval { must, may }));
    }
    let of = |(outcome, goal): (Outcome, Interval)| {
        let found = sample(&query, hop, goal.must).or_else(|| sample(&query, hop, goal.may))?;
        Some((outcome, found))
    };
    Possible(goals.into_iter().filter_map(of).collect())
}

/// When each answer is given, as an interval.
fn outcomes(query: &mut Query<'_>, decided: &Decided<Interval>) -> [(Outcome, Interval); 3] {
    let problem = &mut query.problem;
    let mut neither = |allowed: Formula, denied: Formula| {
        let either = problem.any(&[allowed, denied]);
        problem.not(either)
    };
    let implicit = Interval {
        must: neither(decided.allowed.may, decided.denied.may),
        may: neither(decided.allowed.must, decided.denied.must),
    };
    [
        (Outcome::Allowed, decided.allowed),
        (Outcome::ImplicitlyDenied, implicit),
        (Outcome::ExplicitlyDenied, decided.denied),
    ]
}

/// `None` if the goal cannot hold; else the resource of a model, where the solver found one.
fn sample(query: &Query<'_>, hop: usize, goal: Formula) -> Option<Option<String>> {
    match Solver::new(&query.problem, goal, Limits::default()).solve(&[]) {
        Solved::Unsatisfiable(_) => None,
        Solved::Undecided(_) => Some(None),
        Solved::Satisfiable(model) => Some(match &query.state(hop)?.resource {
            Slot::Text(_, attribute) => Some(model.text(*attribute).to_owned()),
            _ => None,
        }),
    }
}
