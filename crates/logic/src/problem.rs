//! A problem: attributes with domains, atoms about one attribute each, and formulas over them.
//!
//! Attributes, patterns, atoms and formulas are interned, so that what is asked twice is decided
//! once. Constructors canonicalize (complements, set algebra on finite attributes, comparisons),
//! because most of a policy question is settled before any search.

use crate::bits::Bits;
use crate::decimal::{Comparison, Decimal};
use crate::graph::{AtomId, Formula, Graph};
use crate::network::Network;
use crate::pattern::{Case, Pattern, Token};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An attribute of one [`Problem`].
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Attribute(pub(crate) u32);

/// The number of an interned pattern.
pub(crate) type PatternId = u32;

/// One piece of a concatenation in [`Problem::joined`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Part {
    /// A piece of pattern.
    Pattern(Pattern),
    /// The value of a text attribute, taken literally.
    Value(Attribute),
}

/// The values an attribute may have.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Domain {
    /// One string (or a set of strings if `many`) in the union of the shapes.
    Text {
        shapes: Box<[PatternId]>,
        case: Case,
        many: bool,
    },
    Address,
    Number {
        preferred: Decimal,
    },
    Finite {
        values: Box<[String]>,
    },
}

impl Domain {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text { many: false, .. } => "text",
            Self::Text { many: true, .. } => "set of texts",
            Self::Address => "address",
            Self::Number { .. } => "number",
            Self::Finite { .. } => "finite",
        }
    }
}

/// A test of one attribute, or a plain Boolean.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Atom {
    Flag(Box<str>),
    Match(Attribute, PatternId),
    OneOf(Attribute, Bits),
    Within(Attribute, Network),
    /// Only `Less`, `LessOrEqual` and `Equal`; the others are negations.
    Compare(Attribute, Comparison, Decimal),
    Some(Attribute, PatternId),
    Every(Attribute, PatternId),
    /// At least two patterns, in order, none of them every string.
    EveryOf(Attribute, Box<[PatternId]>),
    Joined(Attribute, Box<[Part]>),
}

impl Atom {
    /// The attribute it constrains.
    pub fn attribute(&self) -> Option<Attribute> {
        match self {
            Self::Flag(_) => None,
            Self::Match(a, _)
            | Self::OneOf(a, _)
            | Self::Within(a, _)
            | Self::Compare(a, ..)
            | Self::Some(a, _)
            | Self::Every(a, _)
            | Self::EveryOf(a, _)
            | Self::Joined(a, _) => Some(*a),
        }
    }
}

#[derive(Clone, Debug)]
struct Named {
    name: Box<str>,
    domain: Domain,
}

/// The arena of attributes and formulas that a question is asked in.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(crate) graph: Graph,
    attributes: Vec<Named>,
    by_name: FxHashMap<Box<str>, Vec<Attribute>>,
    atoms: Vec<Atom>,
    atom_index: FxHashMap<Atom, AtomId>,
    patterns: Vec<Arc<Pattern>>,
    pattern_index: FxHashMap<Arc<Pattern>, PatternId>,
    misuse: Option<String>,
}

impl Default for Problem {
    fn default() -> Self {
        Self::new()
    }
}

impl Problem {
    /// An empty problem.
    pub fn new() -> Self {
        Self {
            graph: Graph::new(),
            attributes: Vec::new(),
            by_name: FxHashMap::default(),
            atoms: Vec::new(),
            atom_index: FxHashMap::default(),
            patterns: Vec::new(),
            pattern_index: FxHashMap::default(),
            misuse: None,
        }
    }

    /// An attribute whose value is a string in the union of the shapes; no shapes: any string.
    ///
    /// Shapes are preferred for witnesses in the order given. The same name with the same domain
    /// is the same attribute.
    pub fn text(&mut self, name: &str, shapes: Vec<Pattern>, case: Case) -> Attribute {
        let shapes = self.shapes(shapes);
        self.attribute(
            name,
            Domain::Text {
                shapes,
                case,
                many: false,
            },
        )
    }

    /// An attribute whose value is a finite set of strings, each in the union of the shapes.
    pub fn texts(&mut self, name: &str, shapes: Vec<Pattern>, case: Case) -> Attribute {
        let shapes = self.shapes(shapes);
        self.attribute(
            name,
            Domain::Text {
                shapes,
                case,
                many: true,
            },
        )
    }

    /// An attribute whose value is an IPv4 or IPv6 address.
    pub fn address(&mut self, name: &str) -> Attribute {
        self.attribute(name, Domain::Address)
    }

    /// An attribute whose value is an exact decimal number; an instant is its epoch seconds.
    pub fn number(&mut self, name: &str) -> Attribute {
        self.number_near(name, Decimal::default())
    }

    /// Like [`Problem::number`], with the value that witnesses should have if they may.
    pub fn number_near(&mut self, name: &str, preferred: Decimal) -> Attribute {
        self.attribute(name, Domain::Number { preferred })
    }

    /// An attribute whose value is one of the listed values, referred to by position.
    ///
    /// Values are preferred for witnesses in the order given.
    pub fn finite(&mut self, name: &str, values: Vec<String>) -> Attribute {
        self.attribute(
            name,
            Domain::Finite {
                values: values.into(),
            },
        )
    }

    /// A plain Boolean: presence, a selector, an unknown fact. The same name is the same flag.
    pub fn flag(&mut self, name: &str) -> Formula {
        self.atom(Atom::Flag(name.into()))
    }

    /// The text is in the language of the pattern.
    pub fn matches(&mut self, a: Attribute, p: &Pattern) -> Formula {
        match self.folded(a, p, false) {
            Err(misused) => misused,
            Ok(pattern) if pattern.is_anything() => Formula::TRUE,
            Ok(pattern) => {
                let id = self.pattern_id(pattern);
                self.atom(Atom::Match(a, id))
            }
        }
    }

    /// The value is one of the members, given by position; positions outside the list are nothing.
    pub fn one_of(&mut self, a: Attribute, members: impl IntoIterator<Item = u32>) -> Formula {
        let Some(Domain::Finite { values }) = self.domain(a) else {
            return self.misused(a, "listed members");
        };
        let mut bits = Bits::none(values.len());
        members
            .into_iter()
            .for_each(|member| bits.insert(member as usize));
        self.member(a, bits)
    }

    /// The address lies in the block.
    pub fn within(&mut self, a: Attribute, net: &Network) -> Formula {
        match self.domain(a) {
            Some(Domain::Address) => self.atom(Atom::Within(a, *net)),
            _ => self.misused(a, "an address block"),
        }
    }

    /// The number stands in this relation to the constant.
    pub fn compare(&mut self, a: Attribute, op: Comparison, value: Decimal) -> Formula {
        if !matches!(self.domain(a), Some(Domain::Number { .. })) {
            return self.misused(a, "a number");
        }
        let (op, negate) = match op {
            Comparison::Greater => (Comparison::LessOrEqual, true),
            Comparison::GreaterOrEqual => (Comparison::Less, true),
            Comparison::NotEqual => (Comparison::Equal, true),
            other => (other, false),
        };
        self.atom(Atom::Compare(a, op, value)).negated_if(negate)
    }

    /// Some element of the set is in the language of the pattern.
    pub fn some(&mut self, a: Attribute, p: &Pattern) -> Formula {
        match self.folded(a, p, true) {
            Err(misused) => misused,
            Ok(pattern) => {
                let id = self.pattern_id(pattern);
                self.atom(Atom::Some(a, id))
            }
        }
    }

    /// Every element of the set is in the language of the pattern; holds for the empty set.
    pub fn every(&mut self, a: Attribute, p: &Pattern) -> Formula {
        match self.folded(a, p, true) {
            Err(misused) => misused,
            Ok(pattern) if pattern.is_anything() => Formula::TRUE,
            Ok(pattern) => {
                let id = self.pattern_id(pattern);
                self.atom(Atom::Every(a, id))
            }
        }
    }

    /// Every element of the set is in the language of some of the patterns; holds for the empty set.
    pub fn every_of(&mut self, a: Attribute, patterns: &[Pattern]) -> Formula {
        let mut ids = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            match self.folded(a, pattern, true) {
                Err(misused) => return misused,
                Ok(pattern) if pattern.is_anything() => return Formula::TRUE,
                Ok(pattern) => ids.push(self.pattern_id(pattern)),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        match *ids {
            [] => !self.some(a, &Pattern::anything()),
            [only] => self.atom(Atom::Every(a, only)),
            _ => self.atom(Atom::EveryOf(a, ids.into_boxed_slice())),
        }
    }

    /// The text is in the concatenation of pieces of pattern and values of other text attributes,
    /// as with policy variables. A value is taken literally, whatever characters it holds.
    ///
    /// Decided by trying values for the joined attributes; a question for which neither values nor
    /// a refutation are found is undecided, never wrong.
    pub fn joined(&mut self, a: Attribute, parts: &[Part]) -> Formula {
        let text =
            |problem: &Self, a| matches!(problem.domain(a), Some(Domain::Text { many: false, .. }));
        let related = parts.iter().all(|part| match part {
            Part::Value(other) => text(self, *other),
            Part::Pattern(_) => true,
        });
        if !text(self, a) || !related {
            return self.misused(a, "a concatenation of texts");
        }
        let parts = &*gathered(parts);
        if let Some(tokens) = pattern_only(parts) {
            return self.matches(a, &Pattern::from_tokens(tokens));
        }
        if matches!(parts, [Part::Value(same)] if *same == a) {
            return Formula::TRUE;
        }
        // An equality reads the same from both sides.
        if let [Part::Value(other)] = *parts
            && other < a
            && self.case(a) == self.case(other)
        {
            return self.atom(Atom::Joined(other, Box::new([Part::Value(a)])));
        }
        self.atom(Atom::Joined(a, parts.into()))
    }

    /// The negation.
    pub fn not(&mut self, f: Formula) -> Formula {
        !f
    }

    /// All parts hold. Give all parts at once: a conjunction grown part by part keeps every
    /// intermediate one.
    pub fn all(&mut self, parts: &[Formula]) -> Formula {
        let merged = self.merge_members(parts);
        self.graph.all(merged)
    }

    /// Some part holds.
    pub fn any(&mut self, parts: &[Formula]) -> Formula {
        let negated: Vec<Formula> = parts.iter().map(|part| !*part).collect();
        !self.all(&negated)
    }

    /// If `premise` holds, so does `conclusion`.
    pub fn implies(&mut self, premise: Formula, conclusion: Formula) -> Formula {
        self.any(&[!premise, conclusion])
    }

    /// Both hold or neither.
    pub fn iff(&mut self, left: Formula, right: Formula) -> Formula {
        let forward = self.implies(left, right);
        let backward = self.implies(right, left);
        self.all(&[forward, backward])
    }

    /// The name of an attribute.
    pub fn name(&self, a: Attribute) -> &str {
        self.attributes
            .get(a.0 as usize)
            .map_or("", |named| &named.name)
    }

    /// The values of a finite attribute, by position; empty for other kinds.
    pub fn values(&self, a: Attribute) -> &[String] {
        match self.domain(a) {
            Some(Domain::Finite { values }) => values,
            _ => &[],
        }
    }

    fn case(&self, a: Attribute) -> Option<Case> {
        match self.domain(a)? {
            Domain::Text { case, .. } => Some(*case),
            _ => None,
        }
    }

    pub(crate) fn domain(&self, a: Attribute) -> Option<&Domain> {
        self.attributes.get(a.0 as usize).map(|named| &named.domain)
    }

    pub(crate) fn atom_count(&self) -> usize {
        self.atoms.len()
    }

    pub(crate) fn attribute_count(&self) -> u32 {
        u32::try_from(self.attributes.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn atom_of(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.0 as usize)
    }

    pub(crate) fn pattern(&self, id: PatternId) -> Option<&Pattern> {
        self.patterns.get(id as usize).map(Arc::as_ref)
    }

    pub(crate) fn patterns(&self) -> &[Arc<Pattern>] {
        &self.patterns
    }

    pub(crate) fn misuse(&self) -> Option<&str> {
        self.misuse.as_deref()
    }

    /// The handle of an atom that the problem already has.
    pub(crate) fn atom_formula(&self, id: AtomId) -> Formula {
        self.graph.find_leaf(id)
    }

    fn attribute(&mut self, name: &str, domain: Domain) -> Attribute {
        let known = self.by_name.get(name).into_iter().flatten().copied();
        if let Some(same) = known.into_iter().find(|a| self.domain(*a) == Some(&domain)) {
            return same;
        }
        let attribute = Attribute(self.attribute_count());
        self.attributes.push(Named {
            name: name.into(),
            domain,
        });
        self.by_name.entry(name.into()).or_default().push(attribute);
        attribute
    }

    fn shapes(&mut self, shapes: Vec<Pattern>) -> Box<[PatternId]> {
        let shapes = if shapes.is_empty() {
            vec![Pattern::anything()]
        } else {
            shapes
        };
        shapes
            .into_iter()
            .map(|shape| self.pattern_id(shape))
            .collect()
    }

    fn pattern_id(&mut self, pattern: Pattern) -> PatternId {
        if let Some(known) = self.pattern_index.get(&pattern) {
            return *known;
        }
        let id = u32::try_from(self.patterns.len()).unwrap_or(u32::MAX);
        let pattern = Arc::new(pattern);
        self.patterns.push(pattern.clone());
        self.pattern_index.insert(pattern, id);
        id
    }

    /// The pattern as it applies to the attribute, or what stands for a misuse.
    fn folded(&mut self, a: Attribute, p: &Pattern, wants_many: bool) -> Result<Pattern, Formula> {
        match self.domain(a) {
            Some(Domain::Text { case, many, .. }) if *many == wants_many => Ok(match case {
                Case::Sensitive => p.clone(),
                Case::Insensitive => p.any_case(),
            }),
            _ => Err(self.misused(a, if wants_many { "elements" } else { "a pattern" })),
        }
    }

    fn misused(&mut self, a: Attribute, test: &str) -> Formula {
        let kind = self.domain(a).map_or("missing", Domain::kind);
        let text = format!(
            "attribute '{}' is {kind} and cannot be tested for {test}",
            self.name(a)
        );
        let flag = self.flag(&text);
        self.misuse.get_or_insert(text);
        flag
    }

    /// The smaller of a set and its complement is not unique, so the set without the first value
    /// stands for both.
    fn member(&mut self, a: Attribute, bits: Bits) -> Formula {
        if bits.is_none() {
            return Formula::FALSE;
        }
        if bits.is_all() {
            return Formula::TRUE;
        }
        if bits.contains(0) {
            return !self.atom(Atom::OneOf(a, bits.complement()));
        }
        self.atom(Atom::OneOf(a, bits))
    }

    fn atom(&mut self, atom: Atom) -> Formula {
        if let Some(known) = self.atom_index.get(&atom) {
            return self.graph.leaf(*known);
        }
        let id = AtomId(u32::try_from(self.atoms.len()).unwrap_or(u32::MAX));
        self.atoms.push(atom.clone());
        self.atom_index.insert(atom, id);
        self.graph.leaf(id)
    }

    /// Replaces the membership tests of each finite attribute in a conjunction by their meet.
    fn merge_members(&mut self, parts: &[Formula]) -> Vec<Formula> {
        let mut meets: BTreeMap<Attribute, Bits> = BTreeMap::new();
        let mut rest = Vec::with_capacity(parts.len());
        for &part in parts {
            let inner = self
                .graph
                .conjuncts(part)
                .unwrap_or(std::slice::from_ref(&part))
                .to_vec();
            for literal in inner {
                match self.membership(literal) {
                    Some((a, bits)) => meet(&mut meets, a, bits),
                    None => rest.push(literal),
                }
            }
        }
        for (a, bits) in meets {
            rest.push(self.member(a, bits));
        }
        rest
    }

    fn membership(&self, formula: Formula) -> Option<(Attribute, Bits)> {
        let (id, sign) = self.graph.literal(formula)?;
        match self.atom_of(id)? {
            Atom::OneOf(a, bits) if sign => Some((*a, bits.clone())),
            Atom::OneOf(a, bits) => Some((*a, bits.complement())),
            _ => None,
        }
    }
}

fn meet(meets: &mut BTreeMap<Attribute, Bits>, a: Attribute, bits: Bits) {
    match meets.get_mut(&a) {
        Some(known) => known.intersect(&bits),
        None => {
            meets.insert(a, bits);
        }
    }
}

/// The parts with neighbouring patterns in one, so that equal concatenations are mostly equal.
fn gathered(parts: &[Part]) -> Box<[Part]> {
    let mut gathered: Vec<Part> = Vec::with_capacity(parts.len());
    for part in parts {
        match (gathered.last_mut(), part) {
            (_, Part::Pattern(pattern)) if pattern.tokens().is_empty() => {}
            (Some(Part::Pattern(last)), Part::Pattern(next)) => {
                let tokens = [last.tokens(), next.tokens()].concat();
                *last = Pattern::from_tokens(tokens);
            }
            _ => gathered.push(part.clone()),
        }
    }
    gathered.into_boxed_slice()
}

/// The tokens of a concatenation without values.
fn pattern_only(parts: &[Part]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for part in parts {
        match part {
            Part::Pattern(pattern) => tokens.extend_from_slice(pattern.tokens()),
            Part::Value(_) => return None,
        }
    }
    Some(tokens)
}
