//! The theory: whether the literals of an implicant can hold together, and values that make them.
//!
//! Every atom is about one attribute (relational ones aside), so literals are consistent iff those
//! of each attribute are. This stage sorts them by attribute and hands them to the procedure of
//! its kind.

use crate::cells::Cells;
use crate::graph::AtomId;
use crate::implicant::Implicant;
use crate::limits::{Limits, Reason};
use crate::model::Value;
use crate::problem::{Atom, Attribute, Domain, PatternId, Problem};
use crate::relation::{Relation, Relations, Settled};
use crate::search::{Budget, Searcher};
use crate::strings::{Checked, Test, Universal, check_set, check_string};
use std::collections::{BTreeMap, BTreeSet};

/// Literals that cannot hold together.
pub(crate) type Conflict = Vec<(AtomId, bool)>;

/// What became of an implicant.
pub(crate) enum Verdict {
    /// It is consistent, with one value per attribute.
    Consistent(Vec<Value>),
    /// It is not.
    Conflicts(Vec<Conflict>),
    /// Unknown.
    Stuck(Reason),
}

/// The procedures of all attributes of one problem.
pub(crate) struct Theory<'p> {
    problem: &'p Problem,
    pub searcher: Searcher,
    atoms: BTreeMap<Attribute, BTreeSet<AtomId>>,
    cells: BTreeMap<Attribute, Cells>,
    relation_tries: u32,
}

/// The literals of one round, by attribute and kind.
#[derive(Default)]
struct Sorted<'p> {
    tests: BTreeMap<Attribute, Vec<Test>>,
    exists: BTreeMap<Attribute, Vec<Vec<Test>>>,
    choices: BTreeMap<Attribute, Vec<Vec<Test>>>,
    points: BTreeMap<Attribute, Conflict>,
    relations: Vec<Relation<'p>>,
}

impl<'p> Sorted<'p> {
    fn new(problem: &'p Problem, implicant: &Implicant) -> Self {
        let mut sorted = Self::default();
        for (&atom, &sign) in implicant {
            if let Some(known) = problem.atom_of(atom) {
                sorted.add(atom, sign, known);
            }
        }
        sorted
    }

    fn add(&mut self, id: AtomId, sign: bool, atom: &'p Atom) {
        let test = |pattern: PatternId| Test {
            atom: id,
            sign,
            pattern,
            matches: sign,
        };
        match atom {
            Atom::Flag(_) => {}
            Atom::Match(a, p) => self.tests.entry(*a).or_default().push(test(*p)),
            Atom::Some(a, p) | Atom::Every(a, p) => {
                if matches!(atom, Atom::Every(..)) == sign {
                    self.tests.entry(*a).or_default().push(test(*p));
                } else {
                    self.exists.entry(*a).or_default().push(vec![test(*p)]);
                }
            }
            Atom::EveryOf(a, patterns) => {
                let kind = if sign {
                    &mut self.choices
                } else {
                    &mut self.exists
                };
                let tests = patterns.iter().map(|p| test(*p)).collect();
                kind.entry(*a).or_default().push(tests);
            }
            Atom::OneOf(a, _) | Atom::Within(a, _) | Atom::Compare(a, ..) => {
                self.points.entry(*a).or_default().push((id, sign));
            }
            Atom::Joined(target, parts) => {
                self.relations.push(Relation {
                    atom: id,
                    sign,
                    target: *target,
                    parts,
                });
            }
        }
    }
}

impl<'p> Theory<'p> {
    /// Begins with what an earlier searcher of the problem found out, if there is one.
    pub fn new(problem: &'p Problem, limits: &Limits, searcher: Option<Searcher>) -> Self {
        let budget = Budget {
            each: limits.product_states,
            total: limits.total_product_states,
        };
        let patterns = problem.patterns();
        Self {
            problem,
            searcher: match searcher {
                Some(searcher) => searcher.again(patterns, budget),
                None => Searcher::new(patterns, budget),
            },
            atoms: BTreeMap::new(),
            cells: BTreeMap::new(),
            relation_tries: limits.relation_tries,
        }
    }

    /// Takes note of an atom that implicants may name.
    pub fn register(&mut self, atom: AtomId) {
        if let Some(a) = self.problem.atom_of(atom).and_then(Atom::attribute)
            && self.atoms.entry(a).or_default().insert(atom)
        {
            self.cells.remove(&a);
        }
    }

    /// The atoms noted so far, by attribute.
    pub fn atoms(&self) -> impl Iterator<Item = (Attribute, Vec<AtomId>)> + '_ {
        self.atoms
            .iter()
            .map(|(a, atoms)| (*a, atoms.iter().copied().collect()))
    }

    /// The partition of an attribute by the atoms noted so far.
    pub fn cells(&mut self, a: Attribute) -> &Cells {
        let (problem, atoms) = (self.problem, &self.atoms);
        self.cells.entry(a).or_insert_with(|| {
            let atoms = atoms.get(&a).into_iter().flatten().copied().collect();
            Cells::new(problem, a, atoms)
        })
    }

    /// Whether the literals can hold together.
    pub fn check(&mut self, implicant: &Implicant) -> Verdict {
        let sorted = Sorted::new(self.problem, implicant);
        let mut round = Round::default();
        for number in 0..self.problem.attribute_count() {
            self.check_attribute(Attribute(number), &sorted, &mut round);
        }
        if round.conflicts.is_empty() && round.stuck.is_none() && !sorted.relations.is_empty() {
            self.check_relations(&sorted, &mut round);
        }
        round.verdict()
    }

    fn check_attribute(&mut self, a: Attribute, sorted: &Sorted<'p>, round: &mut Round) {
        let tests = sorted.tests.get(&a).map_or(&[][..], Vec::as_slice);
        match self.problem.domain(a) {
            Some(Domain::Text {
                shapes,
                many: false,
                ..
            }) => {
                round.add(check_string(&mut self.searcher, shapes, tests), Value::Text);
            }
            Some(Domain::Text {
                shapes, many: true, ..
            }) => {
                let exists = sorted.exists.get(&a).map_or(&[][..], Vec::as_slice);
                let binding = Universal {
                    tests,
                    choices: sorted.choices.get(&a).map_or(&[][..], Vec::as_slice),
                };
                round.add(
                    check_set(&mut self.searcher, shapes, exists, &binding),
                    Value::Texts,
                );
            }
            _ => {
                let literals = sorted.points.get(&a).cloned().unwrap_or_default();
                match self.cells(a).check(&literals) {
                    Ok(point) => round.values.push(Value::Point(point)),
                    Err(core) => round.conflicts.push(core),
                }
            }
        }
    }

    fn check_relations(&mut self, sorted: &Sorted<'p>, round: &mut Round) {
        for relations in components(&sorted.relations) {
            let tries = self.relation_tries;
            let settled = Relations::settle(
                self.problem,
                &mut self.searcher,
                relations,
                &sorted.tests,
                tries,
            );
            match settled {
                Settled::Conflict(core) => round.conflicts.push(core),
                Settled::Stuck => round.stuck = Some(Reason::Relation),
                Settled::Values(values) => {
                    for (a, text) in values {
                        if let Some(slot) = round.values.get_mut(a.0 as usize) {
                            *slot = Value::Text(text);
                        }
                    }
                }
            }
        }
    }
}

#[derive(Default)]
struct Round {
    values: Vec<Value>,
    conflicts: Vec<Conflict>,
    stuck: Option<Reason>,
}

impl Round {
    fn add<T>(&mut self, checked: Checked<T>, value: impl Fn(T) -> Value) {
        match checked {
            Checked::Values(values) => self.values.push(value(values)),
            Checked::OverBudget => self.stuck = Some(Reason::ProductStates),
            Checked::Conflicts(cores) => {
                let literals = |core: Vec<Test>| core.iter().map(|t| (t.atom, t.sign)).collect();
                self.conflicts.extend(cores.into_iter().map(literals));
            }
        }
    }

    fn verdict(self) -> Verdict {
        match self.stuck {
            _ if !self.conflicts.is_empty() => Verdict::Conflicts(self.conflicts),
            Some(reason) => Verdict::Stuck(reason),
            None => Verdict::Consistent(self.values),
        }
    }
}

/// Relations that share attributes, together.
fn components<'p>(relations: &[Relation<'p>]) -> Vec<Vec<Relation<'p>>> {
    let mut components: Vec<(BTreeSet<Attribute>, Vec<Relation<'p>>)> = Vec::new();
    for relation in relations {
        let mut own: BTreeSet<Attribute> = relation.sources().collect();
        own.insert(relation.target);
        let mut members = Vec::new();
        components.retain_mut(|(attributes, relations)| {
            let apart = attributes.is_disjoint(&own);
            if !apart {
                own.append(attributes);
                members.append(relations);
            }
            apart
        });
        members.push(*relation);
        components.push((own, members));
    }
    components
        .into_iter()
        .map(|(_, relations)| relations)
        .collect()
}
