//! The clauses of a certificate, and which of them only spell out the question.
//!
//! The variable of a clause is the node of the same number. A node that is a conjunction holds if
//! and only if its parts do; each clause that says so in one direction follows from the question,
//! and so does each demand and each assumption. Everything else must be a lemma.

use crate::formula::{Formula, Literal, Node};
use crate::refused::Refused;

/// Literals of which some holds.
pub type Clause = Vec<Literal>;

/// Reads clauses in the DIMACS format; each may only name nodes of the question.
pub fn read(text: &str, formula: &Formula) -> Result<Vec<Clause>, Refused> {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let mut lines = body.split('\n');
    let count = header(lines.next().unwrap_or_default(), formula)?;
    let mut clauses = Vec::new();
    for (number, line) in (2..).zip(lines) {
        let clause = clause(line, formula.nodes.len());
        clauses.push(clause.map_err(|refused| refused.at(&format!("clauses, line {number}")))?);
    }
    match clauses.len() == count {
        true => Ok(clauses),
        false => Err(Refused::new(
            "there are more or fewer clauses than announced",
        )),
    }
}

fn header(line: &str, formula: &Formula) -> Result<usize, Refused> {
    let wrong = || Refused::new("the clauses begin without 'p cnf'");
    let (variables, count) = line
        .strip_prefix("p cnf ")
        .and_then(|rest| rest.split_once(' '))
        .ok_or_else(wrong)?;
    let variables: usize = variables.parse().map_err(|_| wrong())?;
    match variables == formula.nodes.len() {
        true => count.parse().map_err(|_| wrong()),
        false => Err(Refused::new("the clauses and the formula differ in size")),
    }
}

/// One line: literals that end with a zero.
pub fn clause(line: &str, nodes: usize) -> Result<Clause, Refused> {
    let wrong = || Refused::new("this is no clause");
    let inside = match line {
        "0" => return Ok(Clause::new()),
        _ => line.strip_suffix(" 0").ok_or_else(wrong)?,
    };
    let literal = |word: &str| {
        let literal: Literal = word.parse().map_err(|_| wrong())?;
        let named = usize::try_from(literal.unsigned_abs()).unwrap_or(usize::MAX);
        match literal != 0 && named <= nodes {
            true => Ok(literal),
            false => Err(Refused::new(format!(
                "literal {literal} is outside the formula"
            ))),
        }
    };
    inside.split(' ').map(literal).collect()
}

/// Whether the clause only spells out the question.
pub fn follows(clause: &Clause, formula: &Formula) -> bool {
    match clause.as_slice() {
        [only] if formula.demands.contains(only) || formula.assumptions.contains(only) => true,
        [only] if *only > 0 => matches!(formula.node(*only), Some(Node::True)),
        [first, second] if has_part(*first, *second, formula) => true,
        [first, second] if has_part(*second, *first, formula) => true,
        _ => clause
            .iter()
            .any(|whole| is_made_of(*whole, clause, formula)),
    }
}

/// Not the whole, or the part.
fn has_part(whole: Literal, part: Literal, formula: &Formula) -> bool {
    match formula.node(whole) {
        Some(Node::All(parts)) => whole < 0 && parts.contains(&part),
        _ => false,
    }
}

/// The whole, or not one of its parts.
fn is_made_of(whole: Literal, clause: &Clause, formula: &Formula) -> bool {
    let Some(Node::All(parts)) = formula.node(whole) else {
        return false;
    };
    let is_denied = |part: &Literal| clause.contains(&-part);
    whole > 0 && clause.len() == parts.len() + 1 && parts.iter().all(is_denied)
}
