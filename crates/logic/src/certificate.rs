//! A refutation written out, so that others can check it without this crate.
//!
//! The search that found the refutation slices the goal and speaks of helper variables, both of
//! which a checker would have to understand. So a certificate is made afresh: the goal as it was
//! asked becomes clauses, each lemma is a clause over its atoms, and a Boolean solver that records
//! what it learns refutes them. What slicing decided are lemmas like any other, so the slicer is
//! not trusted. A variable of the clauses is the node of the same number of the formula.

use crate::clauses::Encoder;
use crate::export::formula_text;
use crate::graph::{AtomId, Formula, Graph};
use crate::implicant::implicant;
use crate::import::import;
use crate::limits::{Limits, Reason};
use crate::problem::Problem;
use crate::sat::{Answer, Batsat, Literal, Sat};
use crate::theory::{Conflict, Theory, Verdict};

/// A refutation that can be checked: three texts that belong together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Certificate {
    /// The question: attributes with their domains, one node a line, what is demanded and what is
    /// assumed.
    pub formula: String,
    /// Clauses that follow from the question, and lemmas that hold by the theory alone, in the
    /// DIMACS format. Variables are the numbers of nodes.
    pub clauses: String,
    /// How the clauses lead to a contradiction: a DRAT proof in its text form, additions only.
    pub proof: String,
}

/// How often a core is asked for again; each time it mostly shrinks, the first time by far most.
const CORE_PASSES: usize = 3;

/// Room in the recorder of a proof, in clauses: as many as the conflicts of a question.
const PROOF_LIMIT: usize = 1_000_000;

type Clause = Vec<Literal>;

/// What a refutation is about.
pub(crate) struct Question<'p, 'q> {
    pub problem: &'p Problem,
    /// Of each list some formula holds.
    pub demands: &'q [Vec<Formula>],
    pub assumptions: &'q [Formula],
}

/// The question in an arena of its own, with what a refutation needs.
struct Refuter<'p> {
    problem: &'p Problem,
    limits: Limits,
    graph: Graph,
    demands: Vec<Formula>,
    assumptions: Vec<Formula>,
    encoder: Encoder,
    sat: Kept,
    theory: Theory<'p>,
    lemmas: Vec<Clause>,
}

/// Writes out why the question has no model. `known` are conflicts that the search met; others are
/// found on the way.
pub(crate) fn certificate(
    question: &Question<'_, '_>,
    known: impl IntoIterator<Item = Conflict>,
    limits: Limits,
) -> Result<Certificate, Reason> {
    let mut refuter = Refuter::new(question, limits);
    known.into_iter().for_each(|clash| refuter.learn(&clash));
    refuter.refute()?;
    let kept = refuter.core();
    let proof = proof(&kept, limits.conflicts)?;
    Ok(refuter.written(&kept, &proof))
}

impl<'p> Refuter<'p> {
    fn new(question: &Question<'p, '_>, limits: Limits) -> Self {
        let mut graph = Graph::new();
        let mut own =
            |formulas: &[Formula]| import(&question.problem.graph, formulas, &mut graph, |_| None);
        let demands: Vec<Vec<Formula>> = question.demands.iter().map(|any| own(any)).collect();
        let assumptions = own(question.assumptions);
        let demands = demands.into_iter().map(|any| graph.any(any)).collect();
        let mut refuter = Self {
            problem: question.problem,
            limits,
            graph,
            demands,
            assumptions,
            encoder: Encoder::default(),
            sat: Kept::default(),
            theory: Theory::new(question.problem, &limits, None),
            lemmas: Vec::new(),
        };
        refuter.encode();
        refuter
    }

    fn roots(&self) -> Vec<Formula> {
        [self.demands.as_slice(), &self.assumptions].concat()
    }

    fn encode(&mut self) {
        for root in self.roots() {
            let literal = self.encoder.encode(&self.graph, root, &mut self.sat);
            self.sat.clause(&[literal]);
            for atom in self.graph.leaves(root) {
                self.theory.register(atom);
            }
        }
    }

    /// Adds the clause that a conflict is, if it speaks of atoms of the question only.
    fn learn(&mut self, conflict: &[(AtomId, bool)]) {
        let literal = |(atom, sign): &(AtomId, bool)| {
            let leaf = self.graph.find_leaf(*atom);
            self.graph.literal(leaf)?;
            Some(self.encoder.known(leaf)?.negated_if(*sign))
        };
        let clause: Option<Clause> = conflict.iter().map(literal).collect();
        let Some(mut clause) = clause else { return };
        clause.sort_unstable();
        clause.dedup();
        self.sat.solver.clause(&clause);
        self.lemmas.push(clause);
    }

    /// Goes on until the Boolean search alone sees the contradiction.
    fn refute(&mut self) -> Result<(), Reason> {
        let roots = self.roots();
        for _ in 0..self.limits.rounds {
            match self.sat.solver.solve(&[], self.limits.conflicts) {
                Answer::OverBudget => return Err(Reason::Conflicts),
                Answer::Unsatisfiable(_) => return Ok(()),
                Answer::Satisfiable => {}
            }
            let (graph, encoder) = (&self.graph, &self.encoder);
            let chosen = implicant(self.problem, graph, encoder, &self.sat.solver, &roots);
            match self.theory.check(&chosen) {
                Verdict::Consistent(_) => return Err(Reason::InternalDisagreement),
                Verdict::Stuck(reason) => return Err(reason),
                Verdict::Conflicts(clashes) => clashes.iter().for_each(|clash| self.learn(clash)),
            }
            if self.lemmas.len() > self.limits.lemmas as usize {
                return Err(Reason::Lemmas);
            }
        }
        Err(Reason::Rounds)
    }

    /// Clauses and lemmas that contradict each other already: mostly a small part of all.
    fn core(&self) -> Core {
        let mut core = Core {
            clauses: self.sat.clauses.clone(),
            lemmas: self.lemmas.clone(),
        };
        for _ in 0..CORE_PASSES {
            let before = core.len();
            core = core.smaller(self.sat.variables, self.limits.conflicts);
            if core.len() == before {
                break;
            }
        }
        core
    }

    fn written(&self, core: &Core, proof: &[Clause]) -> Certificate {
        let numbers = self.numbers();
        let number = |literal: &Literal| {
            let number = numbers.get(literal.variable() as usize).copied();
            i64::from(number.unwrap_or_default()) * if literal.is_negated() { -1 } else { 1 }
        };
        let line = |clause: &Clause| {
            let mut literals: Vec<i64> = clause.iter().map(number).collect();
            literals.sort_unstable_by_key(|literal| (literal.abs(), *literal));
            let line: String = literals
                .iter()
                .map(|literal| format!("{literal} "))
                .collect();
            line + "0\n"
        };
        let lines = |clauses: &[Clause]| clauses.iter().map(line).collect::<String>();
        let last = numbers.iter().max().copied().unwrap_or_default();
        let header = format!("p cnf {last} {}\n", core.len());
        Certificate {
            formula: formula_text(self.problem, &self.graph, &self.demands, &self.assumptions),
            clauses: header + &lines(&core.clauses) + &lines(&core.lemmas),
            proof: lines(proof) + "0\n",
        }
    }

    /// The number of the node that each variable stands for.
    fn numbers(&self) -> Vec<u32> {
        let mut numbers = vec![0; self.sat.variables as usize];
        for (place, index) in self.graph.numbered(&self.roots()) {
            let literal = self.encoder.known(Formula::positive(index));
            let slot = literal.and_then(|own| numbers.get_mut(own.variable() as usize));
            if let Some(slot) = slot {
                *slot = place;
            }
        }
        numbers
    }
}

impl Graph {
    /// The nodes that the formulas are made of, each with its number as the certificate writes it:
    /// from one, parts before wholes.
    pub(crate) fn numbered(&self, roots: &[Formula]) -> Vec<(u32, u32)> {
        let marked = self.reachable(roots);
        let reached = (0..).zip(&marked).filter(|(_, reached)| **reached);
        (1..).zip(reached.map(|(index, _)| index)).collect()
    }
}

/// A solver with the clauses that it was given.
struct Kept {
    solver: Batsat,
    clauses: Vec<Clause>,
    variables: u32,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            solver: Batsat::new(),
            clauses: Vec::new(),
            variables: 0,
        }
    }
}

impl Sat for Kept {
    fn fresh(&mut self) -> Literal {
        self.variables += 1;
        self.solver.fresh()
    }

    fn clause(&mut self, literals: &[Literal]) {
        self.clauses.push(literals.to_vec());
        self.solver.clause(literals);
    }

    fn solve(&mut self, assumptions: &[Literal], conflicts: u64) -> Answer {
        self.solver.solve(assumptions, conflicts)
    }

    fn value(&self, literal: Literal) -> bool {
        self.solver.value(literal)
    }
}

/// Clauses without a model.
struct Core {
    clauses: Vec<Clause>,
    lemmas: Vec<Clause>,
}

impl Core {
    fn len(&self) -> usize {
        self.clauses.len() + self.lemmas.len()
    }

    /// Those that a refutation uses, found by switching each with a variable of its own.
    fn smaller(self, variables: u32, conflicts: u64) -> Core {
        let mut sat = Batsat::new();
        sat.room_for(variables);
        let all = self.clauses.iter().chain(&self.lemmas);
        let mut switches = Vec::with_capacity(self.len());
        for clause in all {
            let switch = sat.fresh();
            switches.push(switch);
            sat.clause(&[clause.as_slice(), &[!switch]].concat());
        }
        let Answer::Unsatisfiable(used) = sat.solve(&switches, conflicts) else {
            return self;
        };
        let mut used = used.into_iter().peekable();
        let mut switches = switches.into_iter();
        let mut is_used = |_: &Clause| {
            let switch = switches.next();
            switch.is_some() && used.next_if(|next| Some(*next) == switch).is_some()
        };
        let Core {
            mut clauses,
            mut lemmas,
        } = self;
        clauses.retain(&mut is_used);
        lemmas.retain(&mut is_used);
        Core { clauses, lemmas }
    }
}

/// The clauses that a fresh search learns on the way to the contradiction.
fn proof(core: &Core, conflicts: u64) -> Result<Vec<Clause>, Reason> {
    let mut sat = Batsat::recording(PROOF_LIMIT);
    let all = || core.clauses.iter().chain(&core.lemmas);
    let named = all().flatten().map(|literal| literal.variable() + 1);
    sat.room_for(named.max().unwrap_or_default());
    all().for_each(|clause| sat.clause(clause));
    match sat.solve(&[], conflicts) {
        Answer::Unsatisfiable(_) => Ok(sat.learnt()),
        Answer::Satisfiable => Err(Reason::InternalDisagreement),
        Answer::OverBudget => Err(Reason::Conflicts),
    }
}
