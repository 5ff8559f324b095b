//! Hash-consed formulas: one node per distinct conjunction, negation as a bit of the handle.
//!
//! Constructors simplify while building (constants, duplicates, complements, flattening,
//! absorption, unit resolution), so equal meaning mostly becomes equal handles and later stages
//! see small inputs. Children always have smaller indices than their parents: every later pass is
//! a loop over indices and never recurses, so the depth of the input cannot exhaust the stack.

use rustc_hash::FxHashMap;

/// Conjunctions up to this many parts are merged into an enclosing conjunction; larger ones stay
/// nested, so that chains of conjunctions cannot grow quadratically.
const FLATTEN_LIMIT: usize = 8192;

/// Disjuncts looked at per conjunction when absorbing; beyond it the conjunction is kept as is.
const ABSORB_LIMIT: usize = 1 << 16;

/// Repetitions of the absorption pass; each one needs a literal that the one before uncovered.
const ABSORB_PASSES: usize = 4;

/// A formula of one [`Problem`](crate::Problem): a handle that includes a negation bit.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Formula(u32);

impl Formula {
    /// Holds always.
    pub const TRUE: Self = Self(0);
    /// Holds never.
    pub const FALSE: Self = Self(1);

    pub(crate) fn positive(node: u32) -> Self {
        Self(node << 1)
    }

    pub(crate) fn node(self) -> u32 {
        self.0 >> 1
    }

    /// The node as an index.
    pub(crate) fn index(self) -> usize {
        self.node() as usize
    }

    pub(crate) fn is_negated(self) -> bool {
        self.0 & 1 == 1
    }

    pub(crate) fn negated_if(self, negate: bool) -> Self {
        Self(self.0 ^ u32::from(negate))
    }
}

impl std::ops::Not for Formula {
    type Output = Self;

    /// The negation, which needs no room in the arena.
    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// The number of an atom in its problem.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct AtomId(pub u32);

/// What a handle refers to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Node {
    /// The constant that holds.
    True,
    /// One atom.
    Leaf(AtomId),
    /// All parts hold. At least two, sorted, none of them constant or each other's negation.
    All(Box<[Formula]>),
}

/// The arena.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    index: FxHashMap<Node, u32>,
}

impl Graph {
    pub fn new() -> Self {
        let mut graph = Self {
            nodes: Vec::new(),
            index: FxHashMap::default(),
        };
        graph.intern(Node::True);
        graph
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn node(&self, index: usize) -> &Node {
        self.nodes.get(index).unwrap_or(&Node::True)
    }

    /// The parts if the formula is a conjunction that is not negated.
    pub fn conjuncts(&self, formula: Formula) -> Option<&[Formula]> {
        match self.node(formula.index()) {
            Node::All(parts) if !formula.is_negated() => Some(parts),
            _ => None,
        }
    }

    /// The atom and its sign if the formula is a literal.
    pub fn literal(&self, formula: Formula) -> Option<(AtomId, bool)> {
        match self.node(formula.index()) {
            Node::Leaf(atom) => Some((*atom, !formula.is_negated())),
            _ => None,
        }
    }

    pub fn leaf(&mut self, atom: AtomId) -> Formula {
        self.intern(Node::Leaf(atom))
    }

    /// The handle of an atom that has a leaf already; the constant that holds if it has none.
    pub fn find_leaf(&self, atom: AtomId) -> Formula {
        let known = self.index.get(&Node::Leaf(atom));
        known.map_or(Formula::TRUE, |number| Formula::positive(*number))
    }

    /// The formula that holds if some part does.
    pub fn any(&mut self, parts: impl IntoIterator<Item = Formula>) -> Formula {
        !self.all(parts.into_iter().map(|part| !part))
    }

    /// The formula that holds if all parts do.
    pub fn all(&mut self, parts: impl IntoIterator<Item = Formula>) -> Formula {
        let Some(mut parts) = self.flatten(parts) else {
            return Formula::FALSE;
        };
        for _ in 0..ABSORB_PASSES {
            match self.absorb(&parts) {
                Absorbed::Same => break,
                Absorbed::Changed(changed) => match self.flatten(changed) {
                    Some(next) => parts = next,
                    None => return Formula::FALSE,
                },
            }
        }
        match *parts {
            [] => Formula::TRUE,
            [only] => only,
            _ => self.intern(Node::All(parts.into_boxed_slice())),
        }
    }

    /// Sorted parts without constants, duplicates and nested conjunctions; nothing if they
    /// contradict each other.
    fn flatten(&self, parts: impl IntoIterator<Item = Formula>) -> Option<Vec<Formula>> {
        let mut flat = Vec::new();
        for part in parts {
            match self.conjuncts(part) {
                Some(inner) if inner.len() <= FLATTEN_LIMIT => flat.extend_from_slice(inner),
                _ => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        flat.retain(|part| *part != Formula::TRUE);
        let contradicts = |pair: &[Formula]| matches!(pair, [a, b] if *a == !*b);
        (!flat.contains(&Formula::FALSE) && !flat.windows(2).any(contradicts)).then_some(flat)
    }

    /// a ∧ (a ∨ b) is a, and a ∧ (¬a ∨ b) is a ∧ b.
    fn absorb(&mut self, parts: &[Formula]) -> Absorbed {
        let mut budget = ABSORB_LIMIT;
        let mut changed = false;
        let mut kept = Vec::with_capacity(parts.len());
        for &part in parts {
            let reduced = self.reduce(part, parts, &mut budget);
            changed |= reduced != part;
            kept.push(reduced);
        }
        if changed {
            Absorbed::Changed(kept)
        } else {
            Absorbed::Same
        }
    }

    /// A disjunction as it reads when `facts` (which may include it) hold.
    fn reduce(&mut self, part: Formula, facts: &[Formula], budget: &mut usize) -> Formula {
        let Some(denied) = self.conjuncts(!part) else {
            return part;
        };
        let Some(rest) = budget.checked_sub(denied.len()) else {
            return part;
        };
        *budget = rest;
        let known = |formula: Formula| facts.binary_search(&formula).is_ok();
        if denied.iter().any(|inner| known(!*inner)) {
            return Formula::TRUE;
        }
        if !denied.iter().any(|inner| known(*inner)) {
            return part;
        }
        let open: Vec<Formula> = denied
            .iter()
            .copied()
            .filter(|inner| !known(*inner))
            .collect();
        !self.all(open)
    }

    fn intern(&mut self, node: Node) -> Formula {
        if let Some(known) = self.index.get(&node) {
            return Formula::positive(*known);
        }
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX) & (u32::MAX >> 1);
        self.index.insert(node.clone(), number);
        self.nodes.push(node);
        Formula::positive(number)
    }

    /// Which nodes the formulas are made of, as one flag per node.
    pub fn reachable(&self, roots: &[Formula]) -> Vec<bool> {
        let mut marked = vec![false; self.nodes.len()];
        let mut work: Vec<usize> = roots.iter().map(|root| root.index()).collect();
        while let Some(index) = work.pop() {
            match marked.get_mut(index) {
                Some(mark) if !*mark => *mark = true,
                _ => continue,
            }
            if let Node::All(parts) = self.node(index) {
                work.extend(parts.iter().map(|part| part.index()));
            }
        }
        marked
    }

    /// The truth of every node the formula is made of, given the atoms; bottom up.
    pub fn evaluate(&self, root: Formula, mut atom: impl FnMut(AtomId) -> bool) -> bool {
        let marked = self.reachable(&[root]);
        let mut truth = vec![false; root.index() + 1];
        for (index, reached) in marked.iter().enumerate().take(root.index() + 1) {
            if !reached {
                continue;
            }
            let value = match self.node(index) {
                Node::True => true,
                Node::Leaf(id) => atom(*id),
                Node::All(parts) => parts.iter().all(|part| holds(&truth, *part)),
            };
            if let Some(slot) = truth.get_mut(index) {
                *slot = value;
            }
        }
        holds(&truth, root)
    }
}

enum Absorbed {
    Same,
    Changed(Vec<Formula>),
}

fn holds(truth: &[bool], formula: Formula) -> bool {
    truth.get(formula.index()).copied().unwrap_or(false) != formula.is_negated()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(graph: &mut Graph) -> [Formula; 3] {
        [0, 1, 2].map(|number| graph.leaf(AtomId(number)))
    }

    #[test]
    fn constructors_simplify() {
        let mut g = Graph::new();
        let [a, b, c] = atoms(&mut g);
        let ab = g.all([a, b]);
        assert_eq!(g.all([b, a, b, Formula::TRUE]), ab, "order and duplicates");
        assert_eq!(
            g.all([ab, !a]),
            Formula::FALSE,
            "complements through flattening"
        );
        assert_eq!(g.any([a, !a]), Formula::TRUE, "excluded middle");
        assert_eq!(g.all([]), Formula::TRUE, "empty conjunction");
        assert_eq!(g.any([]), Formula::FALSE, "empty disjunction");
        let b_or_c = g.any([b, c]);
        assert_eq!(g.all([b, b_or_c]), b, "absorption");
        let not_b_or_c = g.any([!b, c]);
        let bc = g.all([b, c]);
        assert_eq!(g.all([b, not_b_or_c]), bc, "unit resolution");
    }

    #[test]
    fn evaluation_follows_the_structure() {
        let mut g = Graph::new();
        let [a, b, c] = atoms(&mut g);
        let f = g.any([b, c]);
        let f = g.all([a, f]);
        assert!(g.evaluate(f, |atom| atom.0 != 1));
        assert!(!g.evaluate(f, |atom| atom.0 == 0));
        assert!(g.evaluate(!f, |atom| atom.0 == 1));
    }
}
