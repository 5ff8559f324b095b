//! Asking a query: a certain model, a possible one, or the controls that exclude every one.

use cofferdam_logic::{Certificate, Formula, Limits, Memory, Model, Outcome, Solver};

use crate::symbolic::{Interval, Query, Selector};

/// The answer to a question about a data path.
#[derive(Debug)]
pub enum Found<'p> {
    /// No request, whatever the unknown facts are. The controls carry the proof.
    Nothing(Vec<Selector>),
    /// A request that passes whatever the unknown facts are.
    Certain(Box<Model<'p>>),
    /// A request that passes for some completion of the unknown facts only.
    Possible(Box<Model<'p>>),
    /// A limit was reached, with the reason.
    GaveUp(String),
}

/// A question that is asked again and again, each time with what was found blocked.
pub struct Search<'q, 'a> {
    query: &'q Query<'a>,
    certain: Option<Solver<'q>>,
    possible: Solver<'q>,
    denies: Vec<(Formula, Selector)>,
    /// Which controls excluded every request, as last found.
    core: Vec<Formula>,
}

impl<'q, 'a> Search<'q, 'a> {
    /// Prepares the question whether the goal can hold among well-formed requests. The goal's
    /// formulas, and the conjunction with the constraints, must have been made in this query.
    pub fn new(query: &'q Query<'a>, goal: Interval) -> Self {
        Self::remembering(query, goal, Memory::default())
    }

    /// [`Search::new`] with what an earlier search of the query found out, which saves time.
    pub fn remembering(query: &'q Query<'a>, goal: Interval, memory: Memory) -> Self {
        let limits = Limits::default();
        let denies = query
            .selectors()
            .filter(|(selector, _)| selector.denies)
            .map(|(selector, formula)| (formula, selector.clone()))
            .collect();
        Search {
            query,
            certain: (goal.must != goal.may)
                .then(|| Solver::new(&query.problem, goal.must, limits)),
            possible: Solver::remembering(&query.problem, goal.may, limits, memory),
            denies,
            core: Vec::new(),
        }
    }

    /// What was found out, for the next search of the query.
    pub fn memory(self) -> Memory {
        self.possible.memory()
    }

    /// Asks, with every control in place.
    pub fn find(&mut self) -> Found<'q> {
        let assumptions: Vec<Formula> = self.denies.iter().map(|(formula, _)| *formula).collect();
        if let Some(certain) = &mut self.certain {
            match certain.solve(&assumptions) {
                Outcome::Satisfiable(model) => return Found::Certain(Box::new(model)),
                Outcome::Undecided(reason) => return Found::GaveUp(reason.to_string()),
                Outcome::Unsatisfiable(_) => {}
            }
        }
        match self.possible.solve(&assumptions) {
            Outcome::Satisfiable(model) if self.certain.is_some() => {
                Found::Possible(Box::new(model))
            }
            Outcome::Satisfiable(model) => Found::Certain(Box::new(model)),
            Outcome::Undecided(reason) => Found::GaveUp(reason.to_string()),
            Outcome::Unsatisfiable(core) => {
                self.core = core.assumptions().to_vec();
                Found::Nothing(self.controls(&self.core))
            }
        }
    }

    /// Writes out why there is no request, after [`Found::Nothing`] said so; else the reason why it
    /// cannot be written.
    pub fn certificate(&self) -> Result<Certificate, String> {
        self.possible
            .certificate(&self.core)
            .map_err(|reason| reason.to_string())
    }

    fn controls(&self, core: &[Formula]) -> Vec<Selector> {
        let in_core = |(formula, _): &&(Formula, Selector)| core.contains(formula);
        self.denies
            .iter()
            .filter(in_core)
            .map(|(_, selector)| selector.clone())
            .collect()
    }

    /// The permitting statements that a model rests on.
    pub fn permits(&self, model: &Model<'_>) -> Vec<Selector> {
        let used =
            |(selector, formula): &(&Selector, Formula)| !selector.denies && model.holds(*formula);
        self.query
            .selectors()
            .filter(used)
            .map(|(selector, _)| selector.clone())
            .collect()
    }

    /// Excludes every request that needs all of these statements together.
    pub fn block(&mut self, together: &[Selector]) {
        let negated: Vec<Formula> = self
            .query
            .selectors()
            .filter(|(selector, _)| together.contains(selector))
            .map(|(_, formula)| !formula)
            .collect();
        if let Some(certain) = &mut self.certain {
            certain.assert_any(&negated);
        }
        self.possible.assert_any(&negated);
    }
}

impl Query<'_> {
    /// The goal together with what makes requests well formed.
    pub fn goal(&mut self, parts: &[Interval]) -> Interval {
        let mut must: Vec<Formula> = self.constraints().to_vec();
        let mut may = must.clone();
        must.extend(parts.iter().map(|part| part.must));
        may.extend(parts.iter().map(|part| part.may));
        Interval {
            must: self.problem.all(&must),
            may: self.problem.all(&may),
        }
    }
}
