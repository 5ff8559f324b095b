//! Checks certificates, and shares no code with what wrote them.
//!
//! A prover is large, fast and clever, so it may err. What it claims can be checked by something
//! small, slow and plain: this crate. It imports no other room. It reads the question and the
//! clauses, sees that each clause follows from the question or holds by itself, goes through the
//! proof one step after the other, and hashes every file. It searches for nothing.
//!
//! What it cannot see is whether the question is the right one: that the sources were read as they
//! are, and that the obligation was compiled as it means.

mod bundle;
mod clauses;
mod cover;
mod formula;
mod joined;
mod lemma;
mod lexer;
mod points;
mod proof;
mod refused;
mod smt;
mod words;

pub use bundle::{Checked, Files, INDEX, MANIFEST, SEAL, digest, finding, index, lemma_name, seal};
pub use cover::Cover;
pub use refused::Refused;

/// What a question's three texts came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// How many clauses follow from the question by the meaning of its parts.
    pub definitions: usize,
    /// How many clauses hold by themselves.
    pub lemmas: usize,
    /// How many steps the proof has.
    pub steps: usize,
    /// Whether the question is false as it was compiled, so that nothing was left to prove.
    pub is_plain: bool,
}

/// Checks that a question has no answer: every clause is a part of the question or a lemma that
/// holds, and the proof leads from them to a contradiction.
pub fn question(formula: &str, clauses: &str, proof: &str) -> Result<Question, Refused> {
    let formula = formula::read(formula)?;
    let clauses = clauses::read(clauses, &formula)?;
    let mut seen = Question {
        is_plain: formula.is_plain(),
        ..Question::default()
    };
    for clause in &clauses {
        if clauses::follows(clause, &formula) {
            seen.definitions += 1;
        } else {
            lemma::check(clause, &formula)?;
            seen.lemmas += 1;
        }
    }
    seen.steps = proof::check(&clauses, proof, formula.nodes.len())?;
    Ok(seen)
}

/// The lemmas of a question, each as an SMT-LIB 2.6 script that a solver must find unsatisfiable.
pub fn lemmas(formula: &str, clauses: &str) -> Result<Vec<String>, Refused> {
    let formula = formula::read(formula)?;
    let clauses = clauses::read(clauses, &formula)?;
    let lemmas = clauses
        .iter()
        .filter(|clause| !clauses::follows(clause, &formula));
    lemmas.map(|clause| smt::script(clause, &formula)).collect()
}
