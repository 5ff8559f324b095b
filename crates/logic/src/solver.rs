//! The lazy loop: solve the Boolean skeleton, check the theory, add lemmas, until both agree.
//!
//! The theory stays outside the Boolean solver and speaks to it in ordinary clauses only, so the
//! clauses and lemmas solved afresh by any recorder give a proof that others can check.
//! Implicants that the theory could not settle are excluded under a guard: a refutation that needs
//! the guard is undecided, one that does not is a proof.

use crate::certificate::{Certificate, Question, certificate};
use crate::clauses::Encoder;
use crate::eager::Eager;
use crate::graph::{AtomId, Formula, Graph, Node};
use crate::implicant::{Implicant, implicant};
use crate::import::import;
use crate::limits::{Limits, Reason};
use crate::model::{Model, Value};
use crate::problem::Problem;
use crate::sat::{Answer, Batsat, Literal, Sat};
use crate::search::Searcher;
use crate::slice::{Fixed, slice};
use crate::theory::{Conflict, Theory, Verdict};

/// The answer to one question.
#[derive(Clone, Debug)]
pub enum Outcome<'p> {
    /// The goal, the assertions and the assumptions hold together: these values show it.
    Satisfiable(Model<'p>),
    /// They do not.
    Unsatisfiable(Core),
    /// Not settled within the limits.
    Undecided(Reason),
}

/// Assumptions that cannot hold together with the goal and the assertions, in the order given;
/// empty if these alone cannot hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Core(Vec<Formula>);

impl Core {
    /// The assumptions.
    pub fn assumptions(&self) -> &[Formula] {
        &self.0
    }

    /// Whether the assumption is part of the core.
    pub fn contains(&self, assumption: Formula) -> bool {
        self.0.contains(&assumption)
    }
}

/// A clause that holds by the theory alone: in every world some of its literals holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Lemma(Vec<Formula>);

impl Lemma {
    /// The literals, of which some holds.
    pub fn literals(&self) -> &[Formula] {
        &self.0
    }
}

/// What a solver found out about the strings of a problem, whatever its goal.
#[derive(Debug, Default)]
pub struct Memory(Option<Searcher>);

/// Answers questions about one goal, under changing assumptions.
pub struct Solver<'p> {
    problem: &'p Problem,
    limits: Limits,
    graph: Graph,
    fixed: Fixed,
    /// What every model must satisfy: of each list some formula of the problem.
    asserted: Vec<Vec<Formula>>,
    roots: Vec<Formula>,
    encoder: Encoder,
    sat: Batsat,
    theory: Theory<'p>,
    guard: Literal,
    stuck: Option<Reason>,
    lemmas: Vec<Lemma>,
    /// Implications of long lists, for certificates.
    listed: Vec<Lemma>,
}

impl<'p> Solver<'p> {
    /// Prepares the goal: slices it, writes its clauses, adds the lemmas known up front.
    pub fn new(problem: &'p Problem, goal: Formula, limits: Limits) -> Self {
        Self::remembering(problem, goal, limits, Memory::default())
    }

    /// [`Solver::new`] with what earlier solvers of the same problem, which may have grown since,
    /// found out about its strings. The answers are the same, and come sooner.
    pub fn remembering(
        problem: &'p Problem,
        goal: Formula,
        limits: Limits,
        memory: Memory,
    ) -> Self {
        let mut theory = Theory::new(problem, &limits, memory.0);
        let sliced = slice(problem, &mut theory.searcher, goal);
        let mut sat = Batsat::new();
        let guard = sat.fresh();
        let mut solver = Self {
            problem,
            limits,
            graph: sliced.graph,
            fixed: sliced.fixed,
            asserted: vec![vec![goal]],
            roots: Vec::new(),
            encoder: Encoder::default(),
            sat,
            theory,
            guard,
            stuck: None,
            lemmas: Vec::new(),
            listed: Vec::new(),
        };
        solver.require(sliced.goal);
        solver.add_eager_lemmas(&sliced.forced);
        solver
    }

    /// What was found out, for the next solver of the problem.
    pub fn memory(self) -> Memory {
        Memory(Some(self.theory.searcher))
    }

    /// Adds a formula that every later model must satisfy.
    pub fn assert(&mut self, f: Formula) {
        self.asserted.push(vec![f]);
        let own = self.import(f);
        self.require(own);
    }

    /// Adds the demand that some of the formulas holds. With the negations of what a model used,
    /// this asks for a different one.
    pub fn assert_any(&mut self, parts: &[Formula]) {
        self.asserted.push(parts.to_vec());
        let own: Vec<Formula> = parts.iter().map(|part| self.import(*part)).collect();
        let any = self.graph.any(own);
        self.require(any);
    }

    /// The theory lemmas used so far, in the order they were added. Those of cells and of long
    /// lists of strings, which speak of auxiliary variables, are not among them.
    pub fn lemmas(&self) -> &[Lemma] {
        &self.lemmas
    }

    /// Whether goal, assertions and assumptions hold together.
    pub fn solve(&mut self, assumptions: &[Formula]) -> Outcome<'p> {
        if let Some(misuse) = self.problem.misuse() {
            return Outcome::Undecided(Reason::Misuse(misuse.to_owned()));
        }
        match self.question(assumptions) {
            Round::Core(core) => Outcome::Unsatisfiable(self.minimised(core)),
            Round::Model(model) => Outcome::Satisfiable(model),
            Round::Undecided(reason) => Outcome::Undecided(reason),
        }
    }

    /// Writes out why there is no model under these assumptions, after [`Outcome::Unsatisfiable`]
    /// said so; best with the assumptions of its core. The reason, where the limits do not suffice
    /// to find the refutation again from the goal as it was asked.
    pub fn certificate(&self, assumptions: &[Formula]) -> Result<Certificate, Reason> {
        let question = Question {
            problem: self.problem,
            demands: &self.asserted,
            assumptions,
        };
        certificate(&question, self.conflicts(), self.limits)
    }

    /// The lemmas used so far, as what they exclude.
    fn conflicts(&self) -> impl Iterator<Item = Conflict> + '_ {
        let literal = |f: &Formula| self.problem.graph.literal(!*f);
        let excluded = move |lemma: &Lemma| lemma.0.iter().filter_map(literal).collect();
        self.lemmas.iter().chain(&self.listed).map(excluded)
    }

    fn import(&mut self, f: Formula) -> Formula {
        let fixed = &self.fixed;
        let known = |atom: AtomId| fixed.get(&atom).copied();
        let copies = import(&self.problem.graph, &[f], &mut self.graph, known);
        copies.first().copied().unwrap_or(Formula::TRUE)
    }

    fn require(&mut self, own: Formula) {
        let literal = self.encode(own);
        self.sat.clause(&[literal]);
        self.roots.push(own);
    }

    fn encode(&mut self, own: Formula) -> Literal {
        let literal = self.encoder.encode(&self.graph, own, &mut self.sat);
        for atom in self.graph.leaves(own) {
            self.theory.register(atom);
        }
        literal
    }

    fn add_eager_lemmas(&mut self, forced: &Fixed) {
        let (graph, encoder) = (&self.graph, &self.encoder);
        let mut eager = Eager {
            problem: self.problem,
            sat: &mut self.sat,
            literal: |atom| encoder.known(graph.find_leaf(atom)),
            eager_atoms: self.limits.eager_atoms as usize,
            eager_cells: self.limits.eager_cells as usize,
            forced,
            lemmas: Vec::new(),
            listed: Vec::new(),
        };
        eager.run(&mut self.theory);
        let (lemmas, listed) = (eager.lemmas, eager.listed);
        self.listed = listed.iter().map(|clause| self.lemma(clause)).collect();
        lemmas.iter().for_each(|clause| self.record(clause));
    }

    fn record(&mut self, clause: &[(AtomId, bool)]) {
        let lemma = self.lemma(clause);
        self.lemmas.push(lemma);
    }

    fn lemma(&self, clause: &[(AtomId, bool)]) -> Lemma {
        let literal =
            |(atom, sign): &(AtomId, bool)| self.problem.atom_formula(*atom).negated_if(!sign);
        Lemma(clause.iter().map(literal).collect())
    }

    /// One question, without making the core small.
    fn question(&mut self, assumptions: &[Formula]) -> Round<'p> {
        let own: Vec<Formula> = assumptions.iter().map(|f| self.import(*f)).collect();
        if let Some((f, _)) = assumptions
            .iter()
            .zip(&own)
            .find(|(_, own)| **own == Formula::FALSE)
        {
            return Round::Core(vec![*f]);
        }
        let mut literals: Vec<Literal> = vec![self.guard];
        literals.extend(own.iter().map(|own| self.encode(*own)).collect::<Vec<_>>());
        for _ in 0..self.limits.rounds {
            match self.sat.solve(&literals, self.limits.conflicts) {
                Answer::OverBudget => return Round::Undecided(Reason::Conflicts),
                Answer::Unsatisfiable(used) => return self.refuted(assumptions, &literals, &used),
                Answer::Satisfiable => {}
            }
            if let Some(round) = self.check(assumptions, &own) {
                return round;
            }
            if self.lemmas.len() > self.limits.lemmas as usize {
                return Round::Undecided(Reason::Lemmas);
            }
        }
        Round::Undecided(Reason::Rounds)
    }

    fn refuted(
        &self,
        assumptions: &[Formula],
        literals: &[Literal],
        used: &[Literal],
    ) -> Round<'p> {
        if used.contains(&self.guard) {
            return Round::Undecided(self.stuck.clone().unwrap_or(Reason::Relation));
        }
        let own = literals.iter().skip(1);
        let pairs = assumptions
            .iter()
            .zip(own)
            .filter(|(_, literal)| used.contains(literal));
        Round::Core(pairs.map(|(assumption, _)| *assumption).collect())
    }

    /// Checks the assignment found; nothing if lemmas were added and the search must go on.
    fn check(&mut self, assumptions: &[Formula], own: &[Formula]) -> Option<Round<'p>> {
        let roots = [&self.roots, own].concat();
        let chosen = implicant(self.problem, &self.graph, &self.encoder, &self.sat, &roots);
        match self.theory.check(&chosen) {
            Verdict::Consistent(values) => Some(self.confirmed(values, &chosen, assumptions)),
            Verdict::Stuck(reason) => {
                self.exclude(&chosen);
                self.stuck = Some(reason);
                None
            }
            Verdict::Conflicts(conflicts) => {
                conflicts.iter().for_each(|conflict| self.learn(conflict));
                None
            }
        }
    }

    /// A model counts only if it satisfies the question when evaluated from its values.
    fn confirmed(
        &self,
        values: Vec<Value>,
        chosen: &Implicant,
        assumptions: &[Formula],
    ) -> Round<'p> {
        let mut flags = vec![false; self.problem.atom_count()];
        for (atom, sign) in chosen.iter().chain(&self.fixed) {
            if let Some(flag) = flags.get_mut(atom.0 as usize) {
                *flag = *sign;
            }
        }
        let model = Model::new(self.problem, values, flags);
        let holds = |f: &Formula| model.holds(*f);
        let demanded = self.asserted.iter().all(|any| any.iter().any(holds));
        if demanded && assumptions.iter().all(holds) {
            Round::Model(model)
        } else {
            Round::Undecided(Reason::InternalDisagreement)
        }
    }

    fn learn(&mut self, conflict: &[(AtomId, bool)]) {
        let mut clause: Vec<(AtomId, bool)> =
            conflict.iter().map(|(atom, sign)| (*atom, !sign)).collect();
        clause.sort_unstable();
        clause.dedup();
        let literals: Vec<Literal> = clause.iter().filter_map(|l| self.atom_literal(l)).collect();
        self.sat.clause(&literals);
        self.record(&clause);
    }

    /// Excludes an implicant that could not be settled, under the guard.
    fn exclude(&mut self, chosen: &Implicant) {
        let denied = chosen.iter().map(|(atom, sign)| (*atom, !sign));
        let mut literals: Vec<Literal> = denied.filter_map(|l| self.atom_literal(&l)).collect();
        literals.push(!self.guard);
        self.sat.clause(&literals);
    }

    fn atom_literal(&self, (atom, sign): &(AtomId, bool)) -> Option<Literal> {
        let literal = self.encoder.known(self.graph.find_leaf(*atom))?;
        Some(literal.negated_if(!sign))
    }

    /// Leaves out assumptions one by one while the rest is still refuted.
    fn minimised(&mut self, mut core: Vec<Formula>) -> Core {
        let mut place = 0;
        for _ in 0..self.limits.core_questions {
            if place >= core.len() {
                break;
            }
            let mut rest = core.clone();
            rest.remove(place);
            match self.question(&rest) {
                Round::Core(smaller) => core = smaller,
                _ => place += 1,
            }
        }
        Core(core)
    }
}

enum Round<'p> {
    Model(Model<'p>),
    Core(Vec<Formula>),
    Undecided(Reason),
}

impl Graph {
    /// The atoms that a formula is made of, ascending by node.
    pub(crate) fn leaves(&self, root: Formula) -> Vec<AtomId> {
        let marked = self.reachable(&[root]);
        let leaf = |(index, reached): (usize, &bool)| match self.node(index) {
            Node::Leaf(atom) if *reached => Some(*atom),
            _ => None,
        };
        marked.iter().enumerate().filter_map(leaf).collect()
    }
}
