//! Consistency of relational literals: a text against a concatenation with values of other texts.
//!
//! Three steps, each exact on its own. Plain equalities merge attributes, whose constraints are
//! then met together. A concatenation is first relaxed (each value replaced by the shape or by one
//! pattern of its attribute); if even that cannot be met, the conflict is a proof. Otherwise values
//! are tried: those cut out of a string that meets the relaxed pattern, then the shortest few. A
//! full assignment is checked literally. If the tries ran over every possible value, their failure
//! is a proof as well; if not, the component is stuck.

use crate::graph::AtomId;
use crate::model::joined_pattern;
use crate::pattern::{Case, Class, Pattern, Token};
use crate::problem::{Attribute, Domain, Part, PatternId, Problem};
use crate::search::Searcher;
use crate::strings::{Checked, Test, check_string};
use crate::words::{Next, Wanted, Words};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Values enumerated per attribute, besides those cut out of relaxed solutions.
const VALUES_EACH: usize = 3;

/// Strings that are cut per concatenation.
const CUT_WORDS: usize = 12;

/// Steps of cutting one string into the parts of a concatenation.
const CUT_STEPS: u32 = 20_000;

type Assignment = BTreeMap<Attribute, String>;

/// One relational literal.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Relation<'p> {
    pub atom: AtomId,
    pub sign: bool,
    pub target: Attribute,
    pub parts: &'p [Part],
}

impl Relation<'_> {
    /// The attributes whose values it joins.
    pub fn sources(&self) -> impl Iterator<Item = Attribute> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(a) => Some(*a),
            Part::Pattern(_) => None,
        })
    }

    /// The attribute it equals, if it is nothing but an equality.
    fn equal(&self) -> Option<Attribute> {
        match self.parts {
            [Part::Value(other)] if self.sign => Some(*other),
            _ => None,
        }
    }
}

/// What became of the relational literals.
pub(crate) enum Settled {
    /// Values for every attribute involved.
    Values(BTreeMap<Attribute, String>),
    /// Literals that cannot hold together.
    Conflict(Vec<(AtomId, bool)>),
    /// Neither was found.
    Stuck,
}

/// Attributes that must have one value together.
struct Group {
    members: BTreeSet<Attribute>,
    shapes: Box<[PatternId]>,
    tests: Vec<Test>,
}

/// The relational literals of one round, with the tests of the attributes they tie together.
pub(crate) struct Relations<'a, 'p> {
    problem: &'p Problem,
    searcher: &'a mut Searcher,
    relations: Vec<Relation<'p>>,
    groups: Vec<Group>,
    tries: u32,
    complete: bool,
}

impl<'p> Relations<'_, 'p> {
    /// Settles all relations at once; `tests` are the other literals on each attribute.
    pub fn settle(
        problem: &'p Problem,
        searcher: &mut Searcher,
        relations: Vec<Relation<'p>>,
        tests: &BTreeMap<Attribute, Vec<Test>>,
        tries: u32,
    ) -> Settled {
        let settled = Self::together_settled(problem, searcher, &relations, tests, tries);
        if relations.len() == 1 || !matches!(settled, Settled::Stuck) {
            return settled;
        }
        // What cannot be settled together may be refuted by one relation with the equalities.
        for relation in &relations {
            let alone: Vec<Relation<'p>> = relations
                .iter()
                .filter(|other| other.atom == relation.atom || other.equal().is_some())
                .copied()
                .collect();
            let conflict = Self::together_settled(problem, searcher, &alone, tests, tries);
            if matches!(conflict, Settled::Conflict(_)) {
                return conflict;
            }
        }
        Settled::Stuck
    }

    fn together_settled(
        problem: &'p Problem,
        searcher: &mut Searcher,
        relations: &[Relation<'p>],
        tests: &BTreeMap<Attribute, Vec<Test>>,
        tries: u32,
    ) -> Settled {
        let groups = groups(problem, relations, tests);
        let mut this = Relations {
            problem,
            searcher,
            relations: relations.to_vec(),
            groups,
            tries,
            complete: true,
        };
        if let Some(conflict) = this.relaxed_conflict() {
            return Settled::Conflict(conflict);
        }
        let order = this.order();
        match this.assign(&order, Assignment::new()) {
            Some(values) => Settled::Values(values),
            None if this.complete => Settled::Conflict(this.everything()),
            None => Settled::Stuck,
        }
    }

    /// All literals that the component rests on.
    fn everything(&self) -> Vec<(AtomId, bool)> {
        let tests = self.groups.iter().flat_map(|group| &group.tests);
        let tests = tests.map(|test| (test.atom, test.sign));
        tests
            .chain(
                self.relations
                    .iter()
                    .map(|relation| (relation.atom, relation.sign)),
            )
            .collect()
    }

    fn group_of(&self, a: Attribute) -> Option<usize> {
        self.groups
            .iter()
            .position(|group| group.members.contains(&a))
    }

    /// A conflict that shows without choosing any value.
    fn relaxed_conflict(&mut self) -> Option<Vec<(AtomId, bool)>> {
        (0..self.groups.len())
            .find_map(|group| self.group_conflict(group, &[]))
            .or_else(|| self.denied_conflict())
            .or_else(|| {
                let positive: Vec<Relation<'p>> = self.positive().collect();
                positive
                    .into_iter()
                    .find_map(|relation| self.relation_conflict(relation))
            })
    }

    /// A concatenation that is denied though it follows: from equalities, or from one that holds
    /// and is part by part the same or narrower.
    fn denied_conflict(&mut self) -> Option<Vec<(AtomId, bool)>> {
        let denied: Vec<Relation<'p>> =
            self.relations.iter().copied().filter(|r| !r.sign).collect();
        for relation in denied {
            let mut conflict = self.equalities();
            conflict.push((relation.atom, relation.sign));
            if matches!(relation.parts, [Part::Value(other)] if self.together(relation.target, *other))
            {
                return Some(conflict);
            }
            let positive: Vec<Relation<'p>> = self.positive().collect();
            let holds = positive.iter().find(|held| {
                self.together(held.target, relation.target) && self.is_narrower(held, &relation)
            });
            if let Some(held) = holds {
                conflict.push((held.atom, held.sign));
                return Some(conflict);
            }
        }
        None
    }

    /// Whether two attributes have one value.
    fn together(&self, left: Attribute, right: Attribute) -> bool {
        left == right
            || self.group_of(left).is_some() && self.group_of(left) == self.group_of(right)
    }

    /// Whether every part lies within the part at its place.
    fn is_narrower(&mut self, narrow: &Relation<'p>, wide: &Relation<'p>) -> bool {
        let exact = !is_insensitive(self.problem, narrow.target)
            && !is_insensitive(self.problem, wide.target);
        let pairs = || narrow.parts.iter().zip(wide.parts);
        exact
            && narrow.parts.len() == wide.parts.len()
            && pairs().all(|pair| match pair {
                (Part::Value(own), Part::Value(other)) => self.together(*own, *other),
                (Part::Pattern(own), Part::Pattern(other)) => {
                    let (own, other) = (
                        self.searcher.add(own.clone()),
                        self.searcher.add(other.clone()),
                    );
                    self.searcher.is_impossible(&[own], &[], &[other])
                }
                _ => false,
            })
    }

    /// The relations that must hold and are more than an equality.
    fn positive(&self) -> impl Iterator<Item = Relation<'p>> {
        self.relations
            .iter()
            .copied()
            .filter(|r| r.sign && !self.is_merged(r))
    }

    fn is_merged(&self, relation: &Relation<'p>) -> bool {
        let Some(other) = relation.equal() else {
            return false;
        };
        self.group_of(relation.target).is_some()
            && self.group_of(relation.target) == self.group_of(other)
    }

    /// Why the target cannot be such a concatenation: because of one relaxed form of it, or because
    /// the few strings that all relaxed forms leave cannot be cut into possible values.
    fn relation_conflict(&mut self, relation: Relation<'p>) -> Option<Vec<(AtomId, bool)>> {
        let target = self.group_of(relation.target)?;
        let variants = self.variants(&relation);
        let one = variants.iter().find_map(|variant| {
            let test = self.relaxed_test(&relation, variant.as_ref());
            let mut conflict = self.group_conflict(target, &[test])?;
            conflict.push((relation.atom, relation.sign));
            conflict.extend(variant.map(|test| (test.atom, test.sign)));
            conflict.extend(self.equalities());
            Some(conflict)
        });
        one.or_else(|| self.cannot_be_cut(&relation).then(|| self.everything()))
    }

    /// The patterns that the values are known to match, each a way to relax the concatenation, after
    /// the way that knows their shapes only.
    fn variants(&self, relation: &Relation<'p>) -> Vec<Option<Test>> {
        let sources = relation.sources();
        let groups = sources.filter_map(|a| self.groups.get(self.group_of(a)?));
        let tests = groups.flat_map(|group| group.tests.iter().copied());
        std::iter::once(None)
            .chain(tests.filter(|test| test.matches).map(Some))
            .collect()
    }

    /// The relaxed concatenation as a test of the target.
    fn relaxed_test(&mut self, relation: &Relation<'p>, variant: Option<&Test>) -> Test {
        let pattern = self.searcher.add(self.relaxed(relation, variant));
        Test {
            atom: relation.atom,
            sign: relation.sign,
            pattern,
            matches: true,
        }
    }

    /// The strings that the target may be under all relaxed forms, shortest first.
    fn relaxed_words(&mut self, relation: &Relation<'p>) -> Option<Words> {
        let variants = self.variants(relation);
        let mut positive: Vec<PatternId> = variants
            .iter()
            .map(|v| self.relaxed_test(relation, v.as_ref()).pattern)
            .collect();
        let target = self.group_of(relation.target)?;
        let target = self.groups.get(target)?;
        let side = |m: bool| target.tests.iter().filter(move |t| t.matches == m);
        positive.extend(side(true).map(|test| test.pattern));
        let negative = side(false).map(|test| test.pattern).collect();
        let wanted = Wanted {
            shapes: target.shapes.clone(),
            positive,
            negative,
        };
        Some(Words::new(wanted, CUT_WORDS))
    }

    /// Whether every string that the target may be was tried and none can be cut. Not asked where
    /// case is disregarded: cutting is by the letter.
    fn cannot_be_cut(&mut self, relation: &Relation<'p>) -> bool {
        if is_insensitive(self.problem, relation.target) {
            return false;
        }
        let Some(mut words) = self.relaxed_words(relation) else {
            return false;
        };
        loop {
            match words.next(self.searcher) {
                Next::Word(word) => {
                    if !matches!(Cutter::new(self, relation, &word).cut(), Cut::None) {
                        return false;
                    }
                }
                Next::End => return true,
                Next::More => return false,
            }
        }
    }

    fn equalities(&self) -> Vec<(AtomId, bool)> {
        let merged = self
            .relations
            .iter()
            .filter(|relation| self.is_merged(relation));
        merged
            .map(|relation| (relation.atom, relation.sign))
            .collect()
    }

    /// Why the group has no value, if it has none.
    fn group_conflict(&mut self, group: usize, more: &[Test]) -> Option<Vec<(AtomId, bool)>> {
        let group = self.groups.get(group)?;
        let tests = [&group.tests, more].concat();
        let merged = group.members.len() > 1;
        match check_string(self.searcher, &group.shapes.clone(), &tests) {
            Checked::Conflicts(cores) => {
                let core = cores.into_iter().next().unwrap_or(tests);
                let mut core: Vec<_> = core.iter().map(|test| (test.atom, test.sign)).collect();
                core.extend(if merged {
                    self.equalities()
                } else {
                    Vec::new()
                });
                Some(core)
            }
            _ => None,
        }
    }

    /// The concatenation with each value replaced by a language that surely holds it.
    fn relaxed(&self, relation: &Relation<'p>, narrow: Option<&Test>) -> Pattern {
        let mut tokens = Vec::new();
        for part in relation.parts {
            match part {
                Part::Pattern(pattern) => tokens.extend_from_slice(pattern.tokens()),
                Part::Value(a) => tokens.extend(self.relaxed_value(*a, narrow)),
            }
        }
        let pattern = Pattern::from_tokens(tokens);
        if is_insensitive(self.problem, relation.target) {
            pattern.any_case()
        } else {
            pattern
        }
    }

    fn relaxed_value(&self, a: Attribute, narrow: Option<&Test>) -> Vec<Token> {
        let group = self.group_of(a).and_then(|group| self.groups.get(group));
        let narrowed = narrow.filter(|test| group.is_some_and(|group| group.tests.contains(test)));
        let shape = match group.map(|group| &*group.shapes) {
            Some([only]) => Some(*only),
            _ => None,
        };
        let pattern = narrowed.map(|test| test.pattern).or(shape);
        let pattern = pattern.and_then(|id| self.searcher.pattern(id));
        pattern.map_or_else(
            || vec![Token::Many(Class::Any)],
            |pattern| pattern.tokens().to_vec(),
        )
    }

    /// Groups with sources before their targets where that is possible.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        while order.len() < self.groups.len() {
            let open: Vec<usize> = (0..self.groups.len())
                .filter(|g| !order.contains(g))
                .collect();
            let ready = open.iter().copied().find(|group| {
                open.iter()
                    .all(|other| other == group || !self.feeds(*other, *group))
            });
            order.extend(ready.or(open.first().copied()));
        }
        order
    }

    /// Whether a value of one group is part of a concatenation for the other.
    fn feeds(&self, from: usize, to: usize) -> bool {
        let (Some(from), Some(to)) = (self.groups.get(from), self.groups.get(to)) else {
            return false;
        };
        self.relations.iter().any(|relation| {
            to.members.contains(&relation.target)
                && relation.sources().any(|a| from.members.contains(&a))
        })
    }

    /// Depth first over the groups in order.
    fn assign(&mut self, order: &[usize], values: Assignment) -> Option<Assignment> {
        let Some((group, rest)) = order.split_first() else {
            return self.all_hold(&values).then_some(values);
        };
        let mut candidates = self.candidates(*group, &values)?;
        while let Some(word) = candidates.next(self) {
            if self.tries == 0 {
                self.complete = false;
                return None;
            }
            self.tries -= 1;
            let mut next = values.clone();
            let members = self.groups.get(*group).map(|group| group.members.clone());
            next.extend(members.into_iter().flatten().map(|a| (a, word.clone())));
            if let Some(found) = self.assign(rest, next) {
                return Some(found);
            }
        }
        None
    }

    fn all_hold(&self, values: &Assignment) -> bool {
        self.relations.iter().all(|relation| {
            let text = values.get(&relation.target).map_or("", String::as_str);
            let pattern = self.pattern(relation, values);
            pattern.is_some_and(|pattern| pattern.accepts(text, Case::Sensitive) == relation.sign)
        })
    }

    fn pattern(&self, relation: &Relation<'p>, values: &Assignment) -> Option<Pattern> {
        let value = |a: Attribute| values.get(&a).map(String::as_str);
        joined_pattern(self.problem, relation.target, relation.parts, value)
    }

    /// Values to try for a group, given those before it.
    fn candidates(&mut self, group: usize, values: &Assignment) -> Option<Candidates<'p>> {
        let own = self.groups.get(group)?;
        let (shapes, members) = (own.shapes.clone(), own.members.clone());
        let side = |matches: bool| own.tests.iter().filter(move |t| t.matches == matches);
        let mut positive: Vec<PatternId> = side(true).map(|test| test.pattern).collect();
        let mut negative: Vec<PatternId> = side(false).map(|test| test.pattern).collect();
        for relation in self.relations.clone() {
            if members.contains(&relation.target)
                && let Some(pattern) = self.pattern(&relation, values)
            {
                let id = self.searcher.add(pattern);
                if relation.sign {
                    positive.push(id)
                } else {
                    negative.push(id)
                }
            }
        }
        let feeds = |r: &Relation<'p>| r.sources().any(|a| members.contains(&a));
        let feeding: Vec<Relation<'p>> = self.positive().filter(feeds).collect();
        let wanted = Wanted {
            shapes,
            positive,
            negative,
        };
        Some(Candidates {
            members,
            feeding: feeding.into_iter(),
            cutting: None,
            ready: VecDeque::new(),
            shortest: Words::new(wanted.clone(), VALUES_EACH),
            wanted,
            last: None,
        })
    }

    /// Whether a value is possible for an attribute as far as its own tests go.
    fn possible(&self, a: Attribute, word: &str) -> bool {
        let Some(group) = self.group_of(a).and_then(|group| self.groups.get(group)) else {
            return true;
        };
        group
            .shapes
            .iter()
            .any(|shape| self.searcher.accepts(*shape, word))
            && group
                .tests
                .iter()
                .all(|t| self.searcher.accepts(t.pattern, word) == t.matches)
    }
}

/// Values to try for one group: those cut out of strings that meet the concatenations it is part
/// of, then the shortest few. Each is looked for when it is asked for, because the first usually
/// does.
struct Candidates<'p> {
    members: BTreeSet<Attribute>,
    feeding: std::vec::IntoIter<Relation<'p>>,
    cutting: Option<(Relation<'p>, Words)>,
    ready: VecDeque<String>,
    wanted: Wanted,
    shortest: Words,
    last: Option<String>,
}

impl<'p> Candidates<'p> {
    fn next(&mut self, relations: &mut Relations<'_, 'p>) -> Option<String> {
        let word = loop {
            match self.next_cut(relations) {
                Some(word) if !self.wanted.fits(relations.searcher, &word) => {}
                Some(word) if self.last.as_ref() == Some(&word) => {}
                Some(word) => break word,
                None => match self.shortest.next(relations.searcher) {
                    Next::Word(word) if self.last.as_ref() == Some(&word) => {}
                    Next::Word(word) => break word,
                    Next::End => return None,
                    Next::More => {
                        relations.complete = false;
                        return None;
                    }
                },
            }
        };
        self.last = Some(word.clone());
        Some(word)
    }

    /// The next value that is cut out of a string.
    fn next_cut(&mut self, relations: &mut Relations<'_, 'p>) -> Option<String> {
        loop {
            if let Some(word) = self.ready.pop_front() {
                return Some(word);
            }
            let Some((relation, words)) = &mut self.cutting else {
                let relation = self.feeding.next()?;
                self.cutting = relations
                    .relaxed_words(&relation)
                    .map(|words| (relation, words));
                continue;
            };
            let Next::Word(text) = words.next(relations.searcher) else {
                self.cutting = None;
                continue;
            };
            if let Cut::Values(cut) = Cutter::new(relations, relation, &text).cut() {
                let own = cut.into_iter().filter(|(a, _)| self.members.contains(a));
                self.ready.extend(own.map(|(_, value)| value));
            }
        }
    }
}

fn is_insensitive(problem: &Problem, a: Attribute) -> bool {
    matches!(
        problem.domain(a),
        Some(Domain::Text {
            case: Case::Insensitive,
            ..
        })
    )
}

/// Merges attributes along equalities. Attributes that disregard case stay apart: their equality
/// is not identity, so it is handled like any other concatenation.
fn groups(
    problem: &Problem,
    relations: &[Relation<'_>],
    tests: &BTreeMap<Attribute, Vec<Test>>,
) -> Vec<Group> {
    let attributes = relations
        .iter()
        .flat_map(|r| std::iter::once(r.target).chain(r.sources()));
    let attributes: BTreeSet<Attribute> = attributes.collect();
    let mut groups: Vec<Group> = attributes
        .into_iter()
        .map(|a| single(problem, a, tests))
        .collect();
    for relation in relations {
        let Some(other) = relation.equal() else {
            continue;
        };
        if !is_insensitive(problem, relation.target) {
            merge(&mut groups, relation, other);
        }
    }
    groups
}

fn single(problem: &Problem, a: Attribute, tests: &BTreeMap<Attribute, Vec<Test>>) -> Group {
    let shapes = match problem.domain(a) {
        Some(Domain::Text { shapes, .. }) => shapes.clone(),
        _ => Box::default(),
    };
    let tests = tests.get(&a).cloned().unwrap_or_default();
    Group {
        members: BTreeSet::from([a]),
        shapes,
        tests,
    }
}

/// Merges two groups if the union of one's shapes can be kept: the other must have the same shapes
/// or a single one, which becomes one more test that the equality brings with it.
fn merge(groups: &mut Vec<Group>, equality: &Relation<'_>, other: Attribute) {
    let place = |groups: &[Group], a| groups.iter().position(|g| g.members.contains(&a));
    let (Some(l), Some(r)) = (place(groups, equality.target), place(groups, other)) else {
        return;
    };
    let shapes = |place: usize| groups.get(place).map(|group| group.shapes.clone());
    let (Some(left), Some(right)) = (shapes(l), shapes(r)) else {
        return;
    };
    let (shapes, test) = match (&*left, &*right) {
        _ if l == r => return,
        _ if left == right => (left, None),
        (_, [only]) => (left.clone(), Some(*only)),
        ([only], _) => (right, Some(*only)),
        _ => return,
    };
    let taken = groups.remove(l.max(r));
    if let Some(kept) = groups.get_mut(l.min(r)) {
        kept.shapes = shapes;
        kept.members.extend(taken.members);
        kept.tests.extend(taken.tests);
        kept.tests.extend(test.map(|pattern| Test {
            atom: equality.atom,
            sign: equality.sign,
            pattern,
            matches: true,
        }));
    }
}

/// What cutting came to.
enum Cut {
    Values(Assignment),
    None,
    Unknown,
}

/// Cuts a string into the parts of a concatenation.
struct Cutter<'c, 'a, 'p> {
    relations: &'c Relations<'a, 'p>,
    relation: &'c Relation<'p>,
    letters: Vec<char>,
    steps: u32,
}

impl<'c, 'a, 'p> Cutter<'c, 'a, 'p> {
    fn new(relations: &'c Relations<'a, 'p>, relation: &'c Relation<'p>, text: &str) -> Self {
        Self {
            relations,
            relation,
            letters: text.chars().collect(),
            steps: CUT_STEPS,
        }
    }

    fn cut(mut self) -> Cut {
        match self.split(0, 0, Assignment::new()) {
            Some(values) => Cut::Values(values),
            None if self.steps == 0 => Cut::Unknown,
            None => Cut::None,
        }
    }

    fn split(&mut self, part: usize, start: usize, values: Assignment) -> Option<Assignment> {
        let Some(piece) = self.relation.parts.get(part) else {
            return (start == self.letters.len()).then_some(values);
        };
        for end in start..=self.letters.len() {
            self.steps = self.steps.checked_sub(1)?;
            let text: String = self.letters.get(start..end)?.iter().collect();
            if let Some(next) = self.take(piece, text, &values)
                && let Some(found) = self.split(part + 1, end, next)
            {
                return Some(found);
            }
        }
        None
    }

    fn take(&self, piece: &Part, text: String, values: &Assignment) -> Option<Assignment> {
        match piece {
            Part::Pattern(pattern) => pattern
                .accepts(&text, Case::Sensitive)
                .then(|| values.clone()),
            Part::Value(a) => {
                let repeated = values.get(a).is_none_or(|known| *known == text);
                let possible = repeated && self.relations.possible(*a, &text);
                possible.then(|| {
                    let mut values = values.clone();
                    values.insert(*a, text);
                    values
                })
            }
        }
    }
}
