//! Copies formulas from one arena into another, with some atoms replaced by constants.
//!
//! Rebuilding goes through the simplifying constructors bottom up, so a constant collapses
//! everything that hangs on it.

use crate::graph::{AtomId, Formula, Graph, Node};

/// The formulas as they read in `target` when `fixed` gives the truth of some atoms.
pub(crate) fn import(
    source: &Graph,
    roots: &[Formula],
    target: &mut Graph,
    fixed: impl Fn(AtomId) -> Option<bool>,
) -> Vec<Formula> {
    let marked = source.reachable(roots);
    let mut copies = vec![Formula::TRUE; source.len()];
    for (index, _) in marked.iter().enumerate().filter(|(_, reached)| **reached) {
        let copy = match source.node(index) {
            Node::True => Formula::TRUE,
            Node::Leaf(atom) => match fixed(*atom) {
                Some(value) => Formula::TRUE.negated_if(!value),
                None => target.leaf(*atom),
            },
            Node::All(parts) => {
                let parts: Vec<Formula> = parts.iter().map(|part| copied(&copies, *part)).collect();
                target.all(parts)
            }
        };
        if let Some(slot) = copies.get_mut(index) {
            *slot = copy;
        }
    }
    roots.iter().map(|root| copied(&copies, *root)).collect()
}

fn copied(copies: &[Formula], formula: Formula) -> Formula {
    let copy = copies
        .get(formula.index())
        .copied()
        .unwrap_or(Formula::TRUE);
    copy.negated_if(formula.is_negated())
}
