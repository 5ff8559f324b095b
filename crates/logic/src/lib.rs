//! Formulas over attributes and their satisfiability
